#include "chokepoint/model/describe.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include <Eigen/LU>

#include "chokepoint/model/baseline.hpp"
#include "chokepoint/model/growth.hpp"
#include "chokepoint/support/calendar.hpp"

namespace chokepoint {
namespace {

using Eigen::Index;

double share_of(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/// Month 0, and how it grows.
struct Figures {
    Baseline baseline;
    Growth growth;
};

std::vector<RegionDemand> describe_demand(const Model& model, const Figures& figures,
                                          std::size_t commodity)
{
    const Baseline& baseline = figures.baseline;
    const auto consumption = baseline.consumption.row(static_cast<Index>(commodity));
    std::vector<RegionDemand> demand;
    for (std::size_t region = 0; region < model.regions.size(); ++region) {
        const double tonnes = consumption(static_cast<Index>(region));
        if (tonnes > 0) {
            const std::size_t cell = model.cell(CommodityId(commodity), RegionId(region));
            demand.push_back(
                {.region = model.regions[region],
                 .t_per_year = tonnes * months_per_year,
                 .share = share_of(tonnes, consumption.sum()),
                 .last_t_per_year = tonnes * months_per_year
                                    * figures.growth.demand.at(model.months - 1, cell)});
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

/// By region: capacity of the facilities of month 0 in the last month, t a year.
std::vector<double> last_capacity(const Model& model, const Figures& figures, StageId stage,
                                  CommodityId commodity)
{
    std::vector<double> capacity(model.regions.size());
    for (std::size_t index = 0; index < model.facilities.size(); ++index) {
        const Facility& facility = model.facilities[index];
        if (facility.stage != stage || facility.opening) {
            continue;
        }
        const std::vector<double>& share = figures.baseline.share[index];
        for (std::size_t position = 0; position < share.size(); ++position) {
            const bool is_it = facility.outputs.empty()
                                   ? position == commodity.index()
                                   : facility.outputs[position].commodity == commodity;
            capacity[facility.region.index()] +=
                is_it ? model.parameters[facility.capacity.index()].nominal * share[position]
                            * figures.growth.capacity.at(model.months - 1, index)
                      : 0;
        }
    }
    return capacity;
}

StageDescription describe_stage(const Model& model, const Figures& figures, std::size_t stage,
                                std::size_t commodity)
{
    const Baseline& baseline = figures.baseline;
    const std::vector<double> capacity_at_end =
        last_capacity(model, figures, StageId(stage), CommodityId(commodity));
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
        const double treated =
            baseline.throughput(StageId(stage), CommodityId(commodity), RegionId(region));
        if (capacity > 0 || tonnes > 0) {
            description.regions.push_back(
                {.region = model.regions[region],
                 .output_t_per_year = tonnes * months_per_year,
                 .share = share_of(tonnes, output.sum()),
                 .capacity_t_per_year = capacity * months_per_year,
                 .use = share_of(treated, capacity),
                 .recycled_t_per_year = (tonnes - treated) * months_per_year,
                 .last_capacity_t_per_year = capacity_at_end[region]});
        }
    }
    return description;
}

CommodityDescription describe_commodity(const Model& model, const Figures& figures,
                                        std::size_t commodity)
{
    const Baseline& baseline = figures.baseline;
    const double supply = baseline.output[0].row(static_cast<Index>(commodity)).sum()
                          - baseline.recycled[0].row(static_cast<Index>(commodity)).sum();
    const double demand = baseline.consumption.row(static_cast<Index>(commodity)).sum();
    const double factor = baseline.balance_factor[commodity];
    const bool scales_demand = model.balance == BalanceBy::demand;
    CommodityDescription description{
        .name = model.commodities[commodity].name,
        .supply_t_per_year = supply * months_per_year / (scales_demand ? 1 : factor),
        .demand_t_per_year = demand * months_per_year / (scales_demand ? factor : 1),
        .balance_factor = factor,
        .demand = describe_demand(model, figures, commodity),
        .stages = {}};
    for (std::size_t stage = 0; stage < model.stages_of(CommodityId(commodity)); ++stage) {
        description.stages.push_back(describe_stage(model, figures, stage, commodity));
    }
    return description;
}

double mean_of(const Model& model, Slot slot)
{
    return model.parameters[slot.index()].distribution.mean();
}

/// Restrictions a year: what comes by itself, calm or tense, and all that it provokes in the
/// long run: the solution of r = m + N r, N the offspring.
std::vector<double> restrictions_per_year(const Model& model)
{
    const auto size = static_cast<Eigen::Index>(model.restriction_hazards.size());
    Eigen::VectorXd rate(size);
    Eigen::MatrixXd left = Eigen::MatrixXd::Identity(size, size);
    for (Eigen::Index position = 0; position < size; ++position) {
        const RestrictionHazard& hazard =
            model.restriction_hazards[static_cast<std::size_t>(position)];
        rate(position) = mean_of(model, hazard.rate_per_year);
        if (hazard.tension) {
            const Tension& tension = model.tensions[*hazard.tension];
            const double to_tense = mean_of(model, tension.becomes_tense_per_year);
            const double to_calm = mean_of(model, tension.becomes_calm_per_year);
            const double tense = to_tense / (to_tense + to_calm);
            rate(position) *= 1 + tense * (mean_of(model, hazard.tense_factor) - 1);
        }
        rate(position) *= mean_of(model, hazard.keep_share);
    }
    for (const Contagion& link : model.contagion) {
        left(static_cast<Eigen::Index>(link.to), static_cast<Eigen::Index>(link.from)) -=
            mean_of(model, link.offspring)
            * mean_of(model, model.restriction_hazards[link.to].keep_share);
    }
    const Eigen::VectorXd all = left.partialPivLu().solve(rate);
    return {all.begin(), all.end()};
}

double outages_per_year(const Model& model, const OutageHazard& hazard)
{
    constexpr double days_per_year = months_per_year * days_per_month;
    double running_days = hazard.running_days
                              ? hazard.running_days->mean
                              : days_per_year / mean_of(model, hazard.rate_per_year);
    for (const Slot factor : hazard.grade_factors) {
        running_days /= mean_of(model, factor);
    }
    double kept = 1;
    for (const Slot share : hazard.keep_shares) {
        kept *= mean_of(model, share);
    }
    return kept * days_per_year / (running_days + hazard.repair_days.mean);
}

std::vector<HazardDescription> describe_hazards(const Model& model)
{
    std::vector<HazardDescription> hazards;
    const auto add = [&](const std::string& name, HazardType type, std::size_t facilities,
                         double events_per_year) {
        hazards.push_back({.name = name,
                           .type = type,
                           .facilities = static_cast<int>(facilities),
                           .events_per_year = events_per_year});
    };
    for (const Tension& tension : model.tensions) {
        const double to_tense = mean_of(model, tension.becomes_tense_per_year);
        const double to_calm = mean_of(model, tension.becomes_calm_per_year);
        add(tension.name, HazardType::tension, 0, to_tense * to_calm / (to_tense + to_calm));
    }
    const std::vector<double> restrictions = restrictions_per_year(model);
    for (std::size_t hazard = 0; hazard < restrictions.size(); ++hazard) {
        const MeasureId measure = model.restriction_hazards[hazard].measure;
        add(model.measures[measure.index()].name, HazardType::export_restriction, 0,
            restrictions[hazard]);
    }
    std::size_t source = model.outage_sources.size();
    for (const OutageHazard& hazard : model.outage_hazards) {
        if (hazard.source != source) {  // facilities of one entry stand next to each other
            source = hazard.source;
            add(model.outage_sources[source].name, HazardType::outage, 0, 0);
        }
        hazards.back().facilities += 1;
        hazards.back().events_per_year += outages_per_year(model, hazard);
    }
    for (const CommonCause& cause : model.common_causes) {
        add(model.outage_sources[cause.source].name, HazardType::outage, cause.members.size(),
            mean_of(model, cause.rate_per_year) * mean_of(model, cause.strike_probability)
                * mean_of(model, cause.keep_share) * static_cast<double>(cause.members.size()));
    }
    for (const PriceShock& shock : model.price_shocks) {
        if (shock.jumps) {
            add(shock.name, HazardType::price_jump, 0,
                mean_of(model, shock.jumps->rate_per_year));
        }
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
    const std::vector<double> values = model.nominal_values();
    Figures figures;
    std::vector<BaselineProblem> problems;
    compute_baseline(model, values, figures.baseline, problems);
    compute_growth(model, values, figures.growth);
    if (!problems.empty()) {
        throw std::logic_error("describe: the model's month 0 does not balance");
    }
    ModelDescription description{.balance = model.balance,
                                 .demand_grows = figures.growth.demand.grows(),
                                 .capacity_grows = figures.growth.capacity.grows(),
                                 .commodities = {},
                                 .hazards = describe_hazards(model),
                                 .uncertain = describe_uncertain(model)};
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        description.commodities.push_back(describe_commodity(model, figures, commodity));
    }
    return description;
}

}  // namespace chokepoint
