#include "chokepoint/model/describe.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include "chokepoint/model/baseline.hpp"

namespace chokepoint {
namespace {

using Eigen::Index;

double share_of(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

std::vector<RegionDemand> describe_demand(const Model& model, const Baseline& baseline,
                                          std::size_t commodity)
{
    const auto consumption = baseline.consumption.row(static_cast<Index>(commodity));
    std::vector<RegionDemand> demand;
    for (std::size_t region = 0; region < model.regions.size(); ++region) {
        const double tonnes = consumption(static_cast<Index>(region));
        if (tonnes > 0) {
            demand.push_back({.region = model.regions[region],
                              .t_per_year = tonnes * months_per_year,
                              .share = share_of(tonnes, consumption.sum())});
        }
    }
    return demand;
}

std::vector<TradeFlow> describe_trade(const Model& model, const TradeTable& table)
{
    std::vector<TradeFlow> flows;
    for (std::size_t exporter = 0; exporter < model.regions.size(); ++exporter) {
        for (std::size_t importer = 0; importer < model.regions.size(); ++importer) {
            const double tonnes =
                table(static_cast<Index>(exporter), static_cast<Index>(importer));
            if (tonnes > 0) {
                flows.push_back({.exporter = model.regions[exporter],
                                 .importer = model.regions[importer],
                                 .t_per_year = tonnes * months_per_year});
            }
        }
    }
    return flows;
}

StageDescription describe_stage(const Model& model, const Baseline& baseline, std::size_t stage,
                                std::size_t commodity)
{
    StageDescription description{
        .stage = model.stages[stage],
        .throughput_factor = baseline.stage_factor[stage][commodity],
        .regions = {},
        .trade = describe_trade(model,
                                baseline.trade[stage * model.commodities.size() + commodity])};
    const auto output = baseline.output[stage].row(static_cast<Index>(commodity));
    const auto room = baseline.room[stage].row(static_cast<Index>(commodity));
    for (std::size_t region = 0; region < model.regions.size(); ++region) {
        const double tonnes = output(static_cast<Index>(region));
        const double capacity = room(static_cast<Index>(region));
        if (capacity > 0) {
            description.regions.push_back({.region = model.regions[region],
                                           .output_t_per_year = tonnes * months_per_year,
                                           .share = share_of(tonnes, output.sum()),
                                           .capacity_t_per_year = capacity * months_per_year,
                                           .use = share_of(tonnes, capacity)});
        }
    }
    return description;
}

CommodityDescription describe_commodity(const Model& model, const Baseline& baseline,
                                        std::size_t commodity)
{
    const double supply = baseline.output[0].row(static_cast<Index>(commodity)).sum();
    const double demand = baseline.consumption.row(static_cast<Index>(commodity)).sum();
    const double factor = baseline.balance_factor[commodity];
    const bool scales_demand = model.balance == BalanceBy::demand;
    CommodityDescription description{
        .name = model.commodities[commodity].name,
        .supply_t_per_year = supply * months_per_year / (scales_demand ? 1 : factor),
        .demand_t_per_year = demand * months_per_year / (scales_demand ? factor : 1),
        .balance_factor = factor,
        .demand = describe_demand(model, baseline, commodity),
        .stages = {}};
    for (std::size_t stage = 0; stage < model.stages.size(); ++stage) {
        description.stages.push_back(describe_stage(model, baseline, stage, commodity));
    }
    return description;
}

std::vector<HazardDescription> describe_hazards(const Model& model)
{
    const auto mean_rate = [&model](Slot slot) {
        return model.parameters[slot.index()].distribution.mean();
    };
    std::vector<HazardDescription> hazards;
    for (const RestrictionHazard& hazard : model.restriction_hazards) {
        hazards.push_back({.name = model.measures[hazard.measure.index()].name,
                           .type = HazardType::export_restriction,
                           .facilities = 0,
                           .events_per_year = mean_rate(hazard.rate_per_year)});
    }
    for (const OutageHazard& hazard : model.outage_hazards) {
        // Facilities of one entry stand next to each other.
        const bool same_entry = !hazards.empty() && hazards.back().type == HazardType::outage
                                && hazards.back().name == hazard.name;
        if (!same_entry) {
            hazards.push_back({.name = hazard.name,
                               .type = HazardType::outage,
                               .facilities = 0,
                               .events_per_year = 0});
        }
        hazards.back().facilities += 1;
        hazards.back().events_per_year += mean_rate(hazard.rate_per_year);
    }
    return hazards;
}

std::vector<UncertainParameter> describe_uncertain(const Model& model)
{
    std::vector<UncertainParameter> uncertain;
    for (const Slot slot : model.uncertain_parameters) {
        const ParameterInfo& info = model.parameters[slot.index()];
        uncertain.push_back({.path = info.path,
                             .law = to_string(info.distribution),
                             .p5 = info.distribution.quantile(0.05),
                             .median = info.distribution.quantile(0.5),
                             .p95 = info.distribution.quantile(0.95)});
    }
    return uncertain;
}

}  // namespace

ModelDescription describe(const Model& model)
{
    Baseline baseline;
    std::vector<BaselineProblem> problems;
    compute_baseline(model, model.nominal_values(), baseline, problems);
    if (!problems.empty()) {
        throw std::logic_error("describe: the model's month 0 does not balance");
    }
    ModelDescription description{.balance = model.balance,
                                 .commodities = {},
                                 .hazards = describe_hazards(model),
                                 .uncertain = describe_uncertain(model)};
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        description.commodities.push_back(describe_commodity(model, baseline, commodity));
    }
    return description;
}

}  // namespace chokepoint
