#pragma once

#include "chokepoint/metrics/measure.hpp"
#include "chokepoint/portfolio/portfolio_meter.hpp"
#include "chokepoint/scenario/portfolio.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/trial/trial.hpp"
#include "chokepoint/trial/trial_lanes.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace chokepoint {

/// Two mines, 50 t a month each, at 10 USD/kg; users with an elasticity of 0.5. Half of the
/// supply makes the price four times as high, and it is quoted at once.
inline const std::string two_mines = R"(
schema: 1
name: two mines
start: 2026-01
months: 12
regions: [here]
stages: [mine]
commodities:
  metal: {price_usd_per_kg: 10, quoted_adjustment_per_month: 1,
          demand_elasticity: {short_run: 0.5, long_run: 0.5}}
facilities:
  - {name: north, region: here, stage: mine, capacity_t_per_year: 600}
  - {name: south, region: here, stage: mine, capacity_t_per_year: 600}
demand: {metal: {here: {t_per_year: 1200}}}
)";

/// The north is out from March to May: months 2, 3 and 4 of twelve.
inline const std::string north_is_out =
    "hazards: {scripted: [{type: outage, facility: north, from: 2026-03, until: 2026-06}]}\n";

inline std::string portfolio_of(const std::string& positions, const std::string& more = "")
{
    return "schema: 1\nportfolio: test\nprice_region: here\n" + more + "positions:\n"
           + positions;
}

/// What a portfolio loses in trial 0, by the names of its parts: positions and desks by their
/// name, commodities as `of <name>`, defaults as `default of <name>`; `all` and `drawdown`.
inline std::map<std::string, double> losses(
    const std::string& market, const std::string& portfolio,
    const std::vector<std::filesystem::path>& policies = {})
{
    std::vector<Diagnostic> warnings;
    const Scenario scenario = read_scenario_text(market, "market", {}, policies);
    const Scenario without = read_scenario_text(market, "market");
    const Model model = build_model(scenario, warnings);
    const Model calm = build_model(without, warnings);
    const Scenario* const known = &scenario;
    const Book book = build_book(read_portfolio_text(portfolio, "book", {&known, 1}), model);
    const auto meter = make_portfolio_meter(model, calm, book, 1);
    TrialRunner runner(model, 1, Sampling::plain, Clearance::pooled_first, nullptr, &calm);
    const std::vector<Column> columns = meter->columns();
    std::vector<double> row(columns.size());
    measure(*meter->gauge(), runner.run(0), row, {});
    std::map<std::string, double> losses = {{"all", row[0]}, {"drawdown", row[1]}};
    for (std::size_t column = 2; column < row.size(); ++column) {
        const BookPart& part = book.parts[*columns[column].part];
        const bool is_commodity = part.kind == BookPart::Kind::commodity;
        const bool is_default = part.kind == BookPart::Kind::loan_default;
        const bool is_calm = part.kind == BookPart::Kind::calm_default;
        losses[(is_commodity ? "of "
                : is_default ? "default of "
                : is_calm    ? "calm default of "
                             : "")
               + book.name_of(part)] = row[column];
    }
    return losses;
}

}  // namespace chokepoint
