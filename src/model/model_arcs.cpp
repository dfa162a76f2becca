// Where a model can be cut: plants, and exports that measures name.

#include <algorithm>
#include <tuple>

#include "model_builder.hpp"

namespace chokepoint {

void ModelBuilder::add_plant_arcs()
{
    for (const Facility& facility : model_.facilities) {
        if (facility.stage == StageId(0)) {
            continue;
        }
        const auto add = [&](CommodityId commodity) {
            model_.cappable_arcs.push_back({.kind = CappableArc::Kind::plant,
                                            .commodity = commodity,
                                            .stage = facility.stage,
                                            .from = facility.region,
                                            .to = facility.region});
        };
        for (std::size_t index = 0; index < model_.commodities.size(); ++index) {
            if (model_.output_of(facility, CommodityId(index))) {
                add(CommodityId(index));
            }
        }
    }
}

void ModelBuilder::add_export_arcs()
{
    for (const Measure& measure : model_.measures) {
        for (const CommodityId commodity : measure.commodities) {
            if (measure.all_targets) {
                model_.cappable_arcs.push_back({.kind = CappableArc::Kind::exports,
                                                .commodity = commodity,
                                                .stage = measure.layer,
                                                .from = measure.exporter,
                                                .to = measure.exporter});
            }
            for (const RegionId target : measure.targets) {
                model_.cappable_arcs.push_back({.kind = CappableArc::Kind::trade,
                                                .commodity = commodity,
                                                .stage = measure.layer,
                                                .from = measure.exporter,
                                                .to = target});
            }
        }
    }
}

void ModelBuilder::sort_arcs()
{
    const auto key = [](const CappableArc& arc) {
        return std::tuple(arc.kind, arc.commodity, arc.stage, arc.from, arc.to);
    };
    std::vector<CappableArc>& arcs = model_.cappable_arcs;
    std::sort(arcs.begin(), arcs.end(), [&](const CappableArc& left, const CappableArc& right) {
        return key(left) < key(right);
    });
    const auto same = [&](const CappableArc& left, const CappableArc& right) {
        return key(left) == key(right);
    };
    arcs.erase(std::unique(arcs.begin(), arcs.end(), same), arcs.end());
}

}  // namespace chokepoint
