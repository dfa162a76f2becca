#include "chokepoint/metrics/area.hpp"

namespace chokepoint {
namespace {

void append_cells(const Model& model, CommodityId commodity, const Area& area,
                  std::vector<std::size_t>& cells)
{
    for (const RegionId region : area.regions) {
        const std::size_t cell = model.cell(commodity, region);
        if (model.demand[cell] != zero_slot) {
            cells.push_back(cell);
        }
    }
}

}  // namespace

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

std::vector<Users> users_of(const Model& model)
{
    const std::vector<Area> areas = areas_of(model);
    std::vector<Users> of_all;
    for (const Area& area : areas) {
        of_all.push_back({"all", area.name, {}, true});
    }
    std::vector<Users> users;
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        for (std::size_t area = 0; area < areas.size(); ++area) {
            Users group{model.commodities[commodity].name, areas[area].name, {}};
            append_cells(model, CommodityId(commodity), areas[area], group.cells);
            append_cells(model, CommodityId(commodity), areas[area], of_all[area].cells);
            users.push_back(std::move(group));
        }
    }
    users.insert(users.end(), of_all.begin(), of_all.end());
    std::erase_if(users, [](const Users& group) { return group.cells.empty(); });
    return users;
}

}  // namespace chokepoint
