#include "chokepoint/metrics/meter.hpp"

#include "chokepoint/metrics/chokepoint_meter.hpp"
#include "chokepoint/metrics/policy_cost_meter.hpp"
#include "chokepoint/metrics/price_meter.hpp"
#include "chokepoint/metrics/shortfall_meter.hpp"
#include "chokepoint/metrics/stage_stock_meter.hpp"

#include <algorithm>

namespace chokepoint {

std::vector<std::unique_ptr<Meter>> all_meters(const Model& model)
{
    std::vector<std::unique_ptr<Meter>> meters;
    meters.push_back(make_shortfall_meter(model));
    meters.push_back(make_price_meter(model));
    meters.push_back(make_chokepoint_meter(model));
    meters.push_back(make_stage_stock_meter(model));
    if (!model.policy_costs.empty()) {
        meters.push_back(make_policy_cost_meter(model));
    }
    return meters;
}

std::vector<Column> metric_catalogue()
{
    Model model;
    model.months = 12;  // a year, so that there are figures of years
    model.regions = {"region"};
    model.groups = {{"world", {RegionId(0)}}};
    model.stages = {"stage"};
    model.commodities.resize(1);
    model.demand = {one_slot};
    model.stock_policy_of = {-1};
    model.cappable_arcs.resize(1);
    model.policy_costs.resize(1);

    std::vector<Column> catalogue;
    for (const std::unique_ptr<Meter>& meter : all_meters(model)) {
        for (Column& column : meter->columns()) {
            const bool known =
                std::any_of(catalogue.begin(), catalogue.end(),
                            [&](const Column& other) { return other.metric == column.metric; });
            if (!known) {
                catalogue.push_back(std::move(column));
            }
        }
    }
    return catalogue;
}

}  // namespace chokepoint
