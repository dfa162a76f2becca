#include "chokepoint/model/hazard_class.hpp"

#include <algorithm>
#include <set>

namespace chokepoint {

std::vector<HazardEntry> hazard_entries(const Model& model)
{
    std::vector<HazardEntry> entries;
    for (std::size_t at = 0; at < model.restriction_hazards.size(); ++at) {
        const MeasureId measure = model.restriction_hazards[at].measure;
        entries.push_back(
            {HazardClass::restrictions, at, model.measures[measure.index()].name});
    }
    for (std::size_t source = 0; source < model.outage_sources.size(); ++source) {
        const auto is_it = [source](const auto& hazard) { return hazard.source == source; };
        const std::string& name = model.outage_sources[source].name;
        if (std::ranges::any_of(model.outage_hazards, is_it)) {
            entries.push_back({HazardClass::outages, source, name});
        } else if (std::ranges::any_of(model.common_causes, is_it)) {
            entries.push_back({HazardClass::common_causes, source, name});
        } else if (std::ranges::any_of(model.scripted_outages, is_it)) {
            entries.push_back({HazardClass::scripted_outages, source, name});
        }
    }
    for (std::size_t at = 0; at < model.price_shocks.size(); ++at) {
        entries.push_back({HazardClass::price_shocks, at, model.price_shocks[at].name});
    }
    for (std::size_t at = 0; at < model.scripted_restrictions.size(); ++at) {
        const MeasureId measure = model.scripted_restrictions[at].measure;
        entries.push_back(
            {HazardClass::scripted_restrictions, at, model.measures[measure.index()].name});
    }
    std::ranges::stable_sort(entries, {}, &HazardEntry::hazard);
    return entries;
}

Model without_hazards(const Model& model, std::span<const HazardEntry> silent)
{
    Model part = model;
    std::set<std::size_t> sources, scripted;
    for (const HazardEntry& entry : silent) {
        switch (entry.hazard) {
            case HazardClass::restrictions:
                part.restriction_hazards[entry.position].keep_share = zero_slot;
                break;
            case HazardClass::price_shocks:
                part.price_shocks[entry.position].cells.clear();
                break;
            case HazardClass::scripted_restrictions:
                scripted.insert(entry.position);
                break;
            case HazardClass::outages:
            case HazardClass::common_causes:
            case HazardClass::scripted_outages:
                sources.insert(entry.position);
                break;
        }
    }
    for (OutageHazard& hazard : part.outage_hazards) {
        if (sources.contains(hazard.source)) {
            hazard.keep_shares = {zero_slot};
        }
    }
    for (CommonCause& cause : part.common_causes) {
        if (sources.contains(cause.source)) {
            cause.keep_share = zero_slot;
        }
    }
    std::erase_if(part.scripted_outages, [&](const ScriptedOutage& outage) {
        return sources.contains(outage.source);
    });
    part.scripted_restrictions.clear();
    for (std::size_t at = 0; at < model.scripted_restrictions.size(); ++at) {
        if (!scripted.contains(at)) {
            part.scripted_restrictions.push_back(model.scripted_restrictions[at]);
        }
    }
    return part;
}

}  // namespace chokepoint
