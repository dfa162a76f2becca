#include "chokepoint/metrics/policy_cost_meter.hpp"

#include "chokepoint/metrics/measure.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// What each kind costs in a trial of a market of one mine and its users, 100 t a month at 10
/// USD/kg.
std::map<std::string, double> costs(const std::string& entries)
{
    std::vector<Diagnostic> warnings;
    const Model model = build_model(read_scenario_text(R"(
schema: 1
name: costs
start: 2026-01
months: 24
regions: [here]
stages: [mine]
commodities: {metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.5, long_run: 0.5}}}
facilities:
  - {name: pit, region: here, stage: mine, capacity_t_per_year: 1200}
  - {name: later, region: here, stage: mine, capacity_t_per_year: 0, opens: 2027-01}
demand: {metal: {here: {t_per_year: 1200}}}
)" + entries),
                                    warnings);
    TrialRunner runner(model, 1);
    const auto meter = make_policy_cost_meter(model);
    const std::vector<Column> columns = meter->columns();
    std::vector<double> row(columns.size());
    measure(*meter->gauge(), runner.run(0), row, {});
    std::map<std::string, double> costs;
    for (std::size_t column = 0; column < columns.size(); ++column) {
        costs[columns[column].metric] = row[column];
    }
    return costs;
}

TEST(PolicyCostMeter, SpreadsCapitalAndCountsRunningCostsByMonths)
{
    const auto of = costs(
        "policy_costs:\n"
        "  - {name: a, kind: capital, usd: 600, from: 2026-03, until: 2026-09}\n"
        "  - {name: b, kind: capital, usd: 1000, from: 2027-07, until: 2028-07}\n"  // half of
                                                                                    // it
        "  - {name: c, kind: running, usd_per_year: 120, from: 2027-01}\n"
        "  - {name: d, kind: running, usd_per_year: 1200, until: 2026-02-15}\n");
    EXPECT_NEAR(of.at("policy_capital"), 600 + 500, 1e-9);
    EXPECT_NEAR(of.at("policy_running"), 120 + 150, 4);  // half of a February
    EXPECT_NEAR(of.at("policy_cost"), of.at("policy_capital") + of.at("policy_running"), 1e-9);
}

TEST(PolicyCostMeter, PaysPurchasesAtTheirBudget)
{
    // Purchases are a budget: 2 t at the reference price each month, whatever the price.
    const auto of = costs(
        "reserves:\n"
        "  - {name: pile, region: here, commodity: metal, tonnes: 0, capacity_t: 1000,\n"
        "     release_t_per_month: 1, refill_t_per_month: 2, trigger_price_ratio: 40, "
        "stop_price_ratio: 30}\n"
        "policy_costs: [{name: a, kind: purchases, reserve: pile}]\n");
    EXPECT_NEAR(of.at("policy_purchases"), 24 * 2 * 10'000.0, 1e-3);
}

TEST(PolicyCostMeter, EarnsWhatReservesGiveOutInACrisis)
{
    // A reserve of 20 t that gives 10 a month from the second month of an outage on.
    const auto of = costs(
        "reserves:\n"
        "  - {name: pile, region: here, commodity: metal, tonnes: 20, release_t_per_month: "
        "10,\n"
        "     trigger_price_ratio: 1.2, stop_price_ratio: 1.1}\n"
        "policy_costs: [{name: a, kind: purchases, reserve: pile}]\n"
        "hazards: {scripted: [{type: outage, facility: pit, from: 2026-03, until: 2026-06, "
        "loss_share: 0.5}]}\n");
    // 50 + 10 t come: p = 0.6^-2, twice.
    EXPECT_NEAR(of.at("policy_purchases"), -20 * 10'000 / (0.6 * 0.6), 1e-3);
}

TEST(PolicyCostMeter, PaysWhatTheQuotedPriceLacksToTheFloor)
{
    const auto of = costs(
        "policy_costs:\n"
        "  - {name: a, kind: floor_payments, facility: pit, commodity: metal, "
        "floor_usd_per_kg: 12, "
        "from: 2026-07}\n"
        "  - {name: b, kind: floor_payments, facility: later, commodity: metal, "
        "floor_usd_per_kg: "
        "99}\n");
    EXPECT_NEAR(of.at("policy_floor_payments"), 18 * 100 * 2'000.0, 1e-3);
}

}  // namespace
}  // namespace chokepoint
