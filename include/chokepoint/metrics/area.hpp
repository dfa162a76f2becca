#pragma once

#include "chokepoint/model/model.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace chokepoint {

/// What figures are reported for: a region, or a group of regions.
struct Area {
    std::string name;
    std::vector<RegionId> regions;
};

/// The regions in file order, then the groups: alliances, `world`.
std::vector<Area> areas_of(const Model& model);

/// The users of one commodity, or of all, in an area.
struct Users {
    std::string commodity;  ///< its name, or `all`
    std::string area;
    std::vector<std::size_t> cells;  ///< Where demand is written, in the order of Model::cell.
    bool use_all = false;            ///< Of all commodities, which only money can add up.
};

/// Those of each commodity in file order, then those of all, by area; none of areas without.
/// Who is a user rests on the scenario alone, so that all trials report the same.
std::vector<Users> users_of(const Model& model);

/// Reference price of a commodity in a region in a trial, in USD per contained tonne.
inline double usd_per_tonne(const Model& model, const std::vector<double>& values,
                            CommodityId commodity, RegionId region)
{
    constexpr double kg_per_tonne = 1000;
    const Slot price = model.commodities[commodity.index()].regional_price[region.index()];
    return kg_per_tonne * values[price.index()];
}

}  // namespace chokepoint
