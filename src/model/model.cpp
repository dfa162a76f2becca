#include "chokepoint/model/model.hpp"

#include <algorithm>

namespace chokepoint {

std::vector<double> Model::nominal_values() const
{
    std::vector<double> values;
    values.reserve(parameters.size());
    for (const ParameterInfo& parameter : parameters) {
        values.push_back(parameter.nominal);
    }
    return values;
}

bool Model::reference_is_certain() const
{
    const auto left_to_chance = [this](const Facility& facility) {
        if (!facility.opening) {
            return false;
        }
        const double probability = parameters[facility.opening->probability.index()].nominal;
        return probability > 0 && probability < 1;
    };
    return uncertain_parameters.empty()
           && std::none_of(facilities.begin(), facilities.end(), left_to_chance);
}

std::optional<std::size_t> Model::output_of(const Facility& facility,
                                            CommodityId commodity) const
{
    if (facility.outputs.empty()) {
        return facility.stage.index() < stages_of(commodity) ? std::optional(commodity.index())
                                                             : std::nullopt;
    }
    const auto found = std::ranges::find(facility.outputs, commodity, &Output::commodity);
    return found == facility.outputs.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - facility.outputs.begin()));
}

bool Model::has_reserve(std::size_t cell) const
{
    const CommodityId commodity(cell / regions.size());
    const RegionId region(cell % regions.size());
    return std::ranges::any_of(reserves, [&](const Reserve& reserve) {
        return reserve.commodity == commodity
               && (reserve.region == region
                   || std::ranges::find(reserve.members, region) != reserve.members.end());
    });
}

double Model::extra_room_of(CappableArc::Kind kind, CommodityId commodity, StageId stage,
                            RegionId from, RegionId to) const
{
    double room = 0;
    for (std::size_t at = 0; at < extra_room.size(); ++at) {
        const CappableArc& arc = cappable_arcs[at];
        if (arc.kind == kind && arc.commodity == commodity && arc.stage == stage
            && arc.from == from && arc.to == to) {
            room += extra_room[at];
        }
    }
    return room;
}

bool Model::has_facilities_led_by_prices() const
{
    return std::any_of(facilities.begin(), facilities.end(),
                       [](const Facility& entry) { return entry.is_led_by_prices(); });
}

bool Model::has_substitutes() const
{
    return std::any_of(commodities.begin(), commodities.end(),
                       [](const Commodity& entry) { return entry.substitution.has_value(); });
}

}  // namespace chokepoint
