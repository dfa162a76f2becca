#pragma once

#include "chokepoint/model/model.hpp"

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

/// Reference price of a commodity in a region in a trial, in USD per contained tonne.
inline double usd_per_tonne(const Model& model, const std::vector<double>& values,
                            CommodityId commodity, RegionId region)
{
    constexpr double kg_per_tonne = 1000;
    const Slot price = model.commodities[commodity.index()].regional_price[region.index()];
    return kg_per_tonne * values[price.index()];
}

}  // namespace chokepoint
