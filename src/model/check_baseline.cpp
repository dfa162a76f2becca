#include "check_baseline.hpp"

#include <cmath>

#include <fmt/format.h>

#include "chokepoint/model/baseline.hpp"

namespace chokepoint {
namespace {

constexpr double notable_imbalance = 0.05;

void warn_of_imbalance(const Model& model, const Scenario& scenario,
                       const std::vector<double>& values, const Baseline& baseline,
                       Diagnostics& diagnostics)
{
    const bool scales_demand = model.balance == BalanceBy::demand;
    for (std::size_t index = 0; index < model.commodities.size(); ++index) {
        const double factor = baseline.balance_factor[index];
        if (std::abs(factor - 1) <= notable_imbalance) {
            continue;
        }
        double demand = 0;
        for (std::size_t region = 0; region < model.regions.size(); ++region) {
            const RegionId id(region);
            demand += values[model.demand[model.cell(CommodityId(index), id)].index()]
                      * (1 - recycled_share(model, values, CommodityId(index), id));
        }
        const double supply = scales_demand ? demand * factor : demand / factor;
        const CommodityEntry& entry = scenario.commodities[index];
        diagnostics.warning(
            entry.place, "commodities." + entry.name,
            fmt::format(
                "{} of {} is scaled by {:.4g} to balance month 0 (supply {:.6g} t/year, "
                "demand {:.6g} t/year{})",
                scales_demand ? "demand" : "supply", entry.name, factor, supply, demand,
                model.recycling.empty() ? "" : " less recycling"),
            "make the figures of mines and users agree within 5 %");
    }
}

/// Warns of written trade that plays no part, and of traders that written trade leaves out.
void warn_of_trade(const Model& model, const Scenario& scenario, const Baseline& baseline,
                   Diagnostics& diagnostics)
{
    for (std::size_t index = 0; index < model.trade.size(); ++index) {
        const KnownTrade& known = model.trade[index];
        const TradeTable& table = baseline.trade[known.layer.index() * model.commodities.size()
                                                 + known.commodity.index()];
        const double exports =
            table.row(static_cast<Eigen::Index>(known.exporter.index())).sum();
        const double imports =
            table.col(static_cast<Eigen::Index>(known.importer.index())).sum();
        if (exports > 0 && imports > 0) {
            continue;
        }
        const TradeEntry& entry = scenario.trade[index];
        diagnostics.warning(
            entry.place,
            fmt::format("trade.{}.{}.{}.{}", entry.layer, entry.commodity, entry.exporter,
                        entry.importer),
            exports > 0 ? fmt::format("is not used ({} is no net importer of {} from {} at "
                                      "month 0)",
                                      entry.importer, entry.commodity, entry.layer)
                        : fmt::format("is not used ({} is no net exporter of {} from {} at "
                                      "month 0)",
                                      entry.exporter, entry.commodity, entry.layer));
    }
}

}  // namespace

void check_baseline(const Model& model, const Scenario& scenario, Diagnostics& diagnostics)
{
    const std::vector<double> values = model.nominal_values();
    Baseline baseline;
    std::vector<BaselineProblem> problems;
    compute_baseline(model, values, baseline, problems);
    for (const BaselineProblem& problem : problems) {
        const ParameterInfo& info = model.parameters[problem.slot.index()];
        diagnostics.error(info.place, info.path, problem.problem);
    }
    if (problems.empty()) {
        warn_of_imbalance(model, scenario, values, baseline, diagnostics);
        warn_of_trade(model, scenario, baseline, diagnostics);
    }
}

}  // namespace chokepoint
