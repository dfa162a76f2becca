#include "model_builder.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chokepoint {

Model ModelBuilder::build()
{
    model_.parameters = {{.path = "", .distribution = Distribution(Fixed{0}), .nominal = 0},
                         {.path = "", .distribution = Distribution(Fixed{1}), .nominal = 1}};
    add_names();
    add_groups();
    add_commodities();
    add_facilities();
    add_demand_and_trade();
    add_stocks();
    add_reserves();
    add_recycling();
    add_policy_costs();
    if (!scenario_.policies.empty()) {
        model_.policy = fmt::format("{}", fmt::join(scenario_.policies, " + "));
    }
    add_standing_measures();
    add_scripted_events();
    add_tensions();
    add_restriction_hazards();
    add_contagion();
    add_outage_hazards();
    add_common_causes();
    add_price_shocks();
    add_correlations();
    add_plant_arcs();
    add_export_arcs();
    sort_arcs();
    return std::move(model_);
}

Slot ModelBuilder::slot_of(const Number& number)
{
    const bool certain = number.distribution.is_fixed();
    const double nominal = number.distribution.quantile(0.5);
    if (certain && number.path.empty() && (nominal == 0 || nominal == 1)) {
        return nominal == 0 ? zero_slot : one_slot;
    }
    if (!certain) {
        // A default may refer to another key's number: one number, one draw.
        if (const auto found = drawn_.find(number.path); found != drawn_.end()) {
            return found->second;
        }
    }
    const Slot slot(model_.parameters.size());
    ParameterInfo info{.path = number.path,
                       .distribution = number.distribution,
                       .stream = hash_name(number.path),
                       .nominal = nominal,
                       .place = number.place};
    if (!certain) {
        info.stream = stream_of(Purpose::parameter, number.path, number.place);
        drawn_.emplace(number.path, slot);
        model_.uncertain_parameters.push_back(slot);
    }
    model_.parameters.push_back(std::move(info));
    return slot;
}

std::optional<Slot> ModelBuilder::slot_of(const std::optional<Number>& number)
{
    return number ? std::optional<Slot>(slot_of(*number)) : std::nullopt;
}

YearlyGrowth ModelBuilder::growth_of(const GrowthEntry& entry)
{
    const Distribution& usual = entry.per_year.distribution;
    if (usual.is_fixed() && usual.lower() == 0 && entry.by_year.empty()) {
        return {};
    }
    const int years = 1 + (scenario_.start.month - 1 + scenario_.months - 1) / months_per_year;
    YearlyGrowth growth(static_cast<std::size_t>(years), slot_of(entry.per_year));
    for (const auto& [year, rate] : entry.by_year) {
        const int position = year - scenario_.start.year;
        if (position >= 0 && position < years) {
            growth[static_cast<std::size_t>(position)] = slot_of(rate);
        }
    }
    return growth;
}

std::uint64_t ModelBuilder::stream_of(Purpose purpose, const std::string& name,
                                      const Place& place)
{
    const std::uint64_t stream = hash_name(name);
    const auto [other, is_new] = streams_.try_emplace({purpose, stream}, name);
    if (!is_new) {
        diagnostics_.error(place, name,
                           fmt::format("draws the same random numbers as \"{}\" (their names "
                                       "have one hash)",
                                       other->second),
                           "rename one of the two");
    }
    return stream;
}

void ModelBuilder::add_names()
{
    model_.name = scenario_.name;
    model_.start = scenario_.start;
    model_.months = scenario_.months;
    model_.regions = scenario_.regions;
    model_.stages = scenario_.stages;
    model_.balance = scenario_.balance;
    model_.shortfall_threshold_share = scenario_.shortfall_threshold_share;
    model_.price_threshold_ratio = scenario_.price_threshold_ratio;
    for (const std::string& region : scenario_.regions) {
        regions_.add(region);
    }
    for (const std::string& stage : scenario_.stages) {
        stages_.add(stage);
    }
    for (const CommodityEntry& commodity : scenario_.commodities) {
        commodities_.add(commodity.name);
    }
    for (const FacilityEntry& facility : scenario_.facilities) {
        facilities_.add(facility.name);
    }
}

void ModelBuilder::add_groups()
{
    for (const Group& alliance : scenario_.alliances) {
        RegionGroup group{.name = alliance.name, .regions = {}};
        for (const std::string& region : alliance.regions) {
            group.regions.push_back(regions_[region]);
        }
        model_.groups.push_back(std::move(group));
    }
    RegionGroup world{.name = "world", .regions = {}};
    for (std::size_t region = 0; region < scenario_.regions.size(); ++region) {
        world.regions.push_back(RegionId(region));
    }
    model_.groups.push_back(std::move(world));
}

bool ModelBuilder::selects(const FacilitySelector& selector, const Facility& facility) const
{
    if (!selector.names.empty()) {
        return std::find(selector.names.begin(), selector.names.end(), facility.name)
               != selector.names.end();
    }
    return (selector.stage.empty() || facility.stage == stages_[selector.stage])
           && (selector.region.empty() || facility.region == regions_[selector.region])
           && (selector.commodity.empty()
               || model_.output_of(facility, commodities_[selector.commodity]));
}

std::vector<CommodityId> ModelBuilder::commodities_of(const Names& names) const
{
    std::vector<CommodityId> ids;
    if (names.all) {
        for (std::size_t commodity = 0; commodity < scenario_.commodities.size(); ++commodity) {
            ids.push_back(CommodityId(commodity));
        }
        return ids;
    }
    for (const std::string& name : names.names) {
        const CommodityId id = commodities_[name];
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
            ids.push_back(id);
        }
    }
    return ids;
}

/// The regions of a list that may name alliances too.
std::vector<RegionId> ModelBuilder::regions_of(const Names& names) const
{
    if (names.all) {
        return model_.groups.back().regions;
    }
    std::vector<RegionId> ids;
    const auto add = [&ids](RegionId id) {
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
            ids.push_back(id);
        }
    };
    for (const std::string& name : names.names) {
        const auto group =
            std::find_if(model_.groups.begin(), model_.groups.end(),
                         [&](const RegionGroup& candidate) { return candidate.name == name; });
        if (regions_.contains(name) || group == model_.groups.end()) {
            add(regions_[name]);
        } else {
            std::for_each(group->regions.begin(), group->regions.end(), add);
        }
    }
    return ids;
}

}  // namespace chokepoint
