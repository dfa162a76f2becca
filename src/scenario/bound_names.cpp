// What keys may know of entries that are bound already.

#include "bind.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "messages.hpp"

namespace chokepoint {

std::vector<std::string> regions_called(const NameInList& name, const Scenario& scenario,
                                        Reading& reading)
{
    if (reading.regions.has(name.name)) {
        return {name.name};
    }
    for (const Group& alliance : scenario.alliances) {
        if (alliance.name == name.name) {
            return alliance.regions;
        }
    }
    if (reading.regions.is_complete() && reading.alliances.is_complete()) {
        reading.error(name.place, name.path, reading.unknown_area(name.name));
    }
    return {};
}

void introduce(const std::string& name, const Section& entry, Vocabulary& vocabulary)
{
    if (name.empty()) {
        vocabulary.mark_incomplete();
    } else {
        vocabulary.add(name, entry.place());
    }
}

std::optional<double> fixed_value(const Number& number)
{
    if (number.path.empty() || !number.distribution.is_fixed()) {
        return std::nullopt;
    }
    return number.distribution.lower();
}

std::string last_stage_of(const std::string& commodity, const Scenario& scenario)
{
    const auto found =
        std::ranges::find(scenario.commodities, commodity, &CommodityEntry::name);
    return found == scenario.commodities.end() ? std::string() : found->last_stage;
}

bool chain_reaches(const std::string& commodity, const std::string& stage,
                   const Scenario& scenario)
{
    const auto end = std::ranges::find(scenario.stages, last_stage_of(commodity, scenario));
    const auto found = std::ranges::find(scenario.stages, stage);
    return found == scenario.stages.end() || found <= end;
}

void check_chain_reaches(const Section& section, std::string_view key,
                         const std::string& commodity, const std::string& stage,
                         const Scenario& scenario)
{
    if (!chain_reaches(commodity, stage, scenario)) {
        section.error(key, fmt::format("lies beyond the end of the chain of {} (got {}, the "
                                       "chain ends at {})",
                                       commodity, in_quotes(stage),
                                       in_quotes(last_stage_of(commodity, scenario))));
    }
}

bool puts_out(const FacilityEntry& facility, const std::string& commodity,
              const Scenario& scenario)
{
    if (facility.outputs.empty()) {
        return chain_reaches(commodity, facility.stage, scenario);
    }
    for (const OutputEntry& output : facility.outputs) {
        if (output.commodity == commodity) {
            return true;
        }
    }
    return false;
}

bool has_capacity(const FacilityEntry& facility)
{
    const Number& capacity = facility.capacity_t_per_year;
    return capacity.path.empty() || capacity.distribution.upper() > 0;
}

}  // namespace chokepoint
