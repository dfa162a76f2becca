#include "chokepoint/engine/event_tally.hpp"

#include <map>

namespace chokepoint {

EventCounter::EventCounter(const Model& model)
    : horizon_(model.months), tally_of_measure_(model.measures.size())
{
    constexpr const char* restriction = "export_restriction";
    constexpr const char* outage = "outage";
    for (const Measure& measure : model.measures) {
        cuts_a_share_.push_back(measure.instrument != Instrument::tax && !measure.quota_t);
    }
    for (const ScriptedRestriction& entry : model.scripted_restrictions) {
        const std::size_t measure = entry.measure.index();
        tally_of_measure_[measure] =
            add_entry(model.measures[measure].name, restriction, "scripted");
    }
    for (const ScriptedOutage& entry : model.scripted_outages) {
        tally_of_scripted_outage_.push_back(add_entry(entry.name, outage, "scripted"));
    }
    for (const RestrictionHazard& hazard : model.restriction_hazards) {
        const std::size_t measure = hazard.measure.index();
        tally_of_measure_[measure] =
            add_entry(model.measures[measure].name, restriction, "sampled");
    }
    std::map<std::string, std::size_t> known;
    for (const OutageHazard& hazard : model.outage_hazards) {
        if (!known.contains(hazard.name)) {
            known[hazard.name] = add_entry(hazard.name, outage, "sampled");
        }
        tally_of_outage_hazard_.push_back(known[hazard.name]);
    }
}

std::size_t EventCounter::add_entry(const std::string& name, const char* type,
                                    const char* cause)
{
    empty_.push_back({.name = name,
                      .type = type,
                      .cause = cause,
                      .per_trial = {},
                      .duration_months = {},
                      .severity = {}});
    return empty_.size() - 1;
}

void EventCounter::add(const Timeline& timeline, std::vector<EventTally>& tallies) const
{
    std::vector<double> counts(tallies.size());
    const auto begins_within_horizon = [&](double from) {
        return from >= 0 && from < horizon_;
    };
    for (const RestrictionEvent& event : timeline.restrictions) {
        if (event.cause == Cause::standing || !begins_within_horizon(event.from)) {
            continue;
        }
        const std::size_t measure = event.measure.index();
        EventTally& tally = tallies[tally_of_measure_[measure]];
        counts[tally_of_measure_[measure]] += 1;
        tally.duration_months.add(event.until - event.from);
        if (cuts_a_share_[measure]) {
            tally.severity.add(event.severity);
        }
    }
    for (const OutageEvent& event : timeline.outages) {
        if (!begins_within_horizon(event.from)) {
            continue;
        }
        const auto hazard = static_cast<std::size_t>(event.hazard);
        const std::size_t position = event.cause == Cause::scripted
                                         ? tally_of_scripted_outage_[hazard]
                                         : tally_of_outage_hazard_[hazard];
        counts[position] += 1;
        tallies[position].duration_months.add(event.until - event.from);
        tallies[position].severity.add(event.loss);
    }
    for (std::size_t position = 0; position < tallies.size(); ++position) {
        tallies[position].per_trial.add(counts[position]);
    }
}

}  // namespace chokepoint
