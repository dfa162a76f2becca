#include "chokepoint/metrics/area.hpp"

namespace chokepoint {

std::vector<Area> areas_of(const Model& model)
{
    std::vector<Area> areas;
    for (std::size_t region = 0; region < model.regions.size(); ++region) {
        areas.push_back({model.regions[region], {RegionId(region)}});
    }
    for (const RegionGroup& group : model.groups) {
        areas.push_back({group.name, group.regions});
    }
    return areas;
}

}  // namespace chokepoint
