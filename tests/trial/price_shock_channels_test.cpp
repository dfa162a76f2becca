// What price shocks do in the month in which they come, equation (24), in closed form.

#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

constexpr double eps = 0.2;  // demand elasticity
constexpr double eta = 0.3;  // supply elasticity
constexpr double use = 500;  // t/month

/// One metal, a mine at half its capacity, and a shock of a fixed size from the first month on.
Model shocked(const std::string& channel, double size, const std::string& stocks = "")
{
    std::vector<Diagnostic> warnings;
    return build_model(
        read_scenario_text(R"(
schema: 1
name: shocked
start: 2026-01
months: 3
regions: [here]
stages: [mine]
commodities:
  metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.2, long_run: 0.2}}
facilities:
  - {name: pit, region: here, stage: mine, capacity_t_per_year: 12000, utilisation: 0.5,
     supply_elasticity: 0.3}
demand: {metal: {here: {t_per_year: 6000}}}
)" + stocks + R"(
hazards:
  price_shocks:
    processes:
      - {name: s, commodity: metal, channel: )"
                           + channel + ", start: " + std::to_string(size) + "}\n"),
        warnings);
}

TEST(PriceShockChannels, OfDemandRaisesThePriceByAShareOfItself)
{
    // d e^{eps s} e^{-eps x} = u e^{eta x}
    const Model model = shocked("demand", 0.4);
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    const double x = eps * 0.4 / (eps + eta);
    EXPECT_NEAR(record.disrupted->log_price[0], x, 1e-9);
    EXPECT_NEAR(record.disrupted->consumption[0], use * std::exp(eps * (0.4 - x)), 1e-6);
    EXPECT_EQ(record.disrupted->need_factor[0], 1);  // more is wanted, but no more was needed
}

TEST(PriceShockChannels, OfDemandLowerTheNeedInASlump)
{
    const Model model = shocked("demand", -0.5);
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    EXPECT_NEAR(record.disrupted->need_factor[0], std::exp(-0.5 * eps), 1e-12);
    EXPECT_NEAR(record.disrupted->log_price[0], -0.5 * eps / (eps + eta), 1e-9);
    EXPECT_EQ(shortfall(*record.reference, *record.disrupted, 0), 0);
}

TEST(PriceShockChannels, OfSupplyRaisesThePriceAndLowersUse)
{
    // d e^{-eps x} = u e^{-eta s} e^{eta x}
    const Model model = shocked("supply", 0.4);
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    const double x = eta * 0.4 / (eps + eta);
    EXPECT_NEAR(record.disrupted->log_price[0], x, 1e-9);
    EXPECT_NEAR(record.disrupted->consumption[0], use * std::exp(-eps * x), 1e-6);
    EXPECT_NEAR(shortfall(*record.reference, *record.disrupted, 0),
                use * (1 - std::exp(-eps * x)), 1e-6);
}

TEST(PriceShockChannels, OfDemandMovesWhatIsOrderedForStocksToo)
{
    // Users with stock S = 2 d, tau = 4, psi = 0.7: they take d e^{eps (s - x)} - S / tau for
    // use and order (S / tau) e^{psi (s - x)}.
    const Model model = shocked(
        "demand", 0.3,
        "stocks: [{name: users, cover_months: 2, order_months: 4, price_sensitivity: 0.7}]");
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    const double x = record.disrupted->log_price[0];
    constexpr double order = 2 * use / 4;
    const double demand =
        use * std::exp(eps * (0.3 - x)) + order * std::exp(0.7 * (0.3 - x)) - order;
    EXPECT_NEAR(demand, use * std::exp(eta * x), 1e-6);
    EXPECT_GT(x, 0.05);
}

TEST(PriceShockChannels, OfQuotesLeavesTheBalanceAlone)
{
    const Model model = shocked("quoted", 0.4);
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    EXPECT_EQ(record.disrupted->log_price[0], 0);
    EXPECT_EQ(record.disrupted->consumption[0], record.reference->consumption[0]);
    EXPECT_NEAR(record.disrupted->log_quoted[0], 0.4, 1e-12);
}

}  // namespace
}  // namespace chokepoint
