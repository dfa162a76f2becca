#include <algorithm>
#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chokepoint/market/invariants.hpp"
#include "market/market_run.hpp"

namespace chokepoint {
namespace {

using ::testing::HasSubstr;
using testing::MarketRun;
using testing::month;

constexpr double elasticity_of_use = 0.2;

/// x mines 100, y refines and uses them and keeps ore for two months.
ScenarioBuilder ore_keeper(double order_months)
{
    ScenarioBuilder builder({"x", "y"}, {"mine", "refine"});
    CommodityEntry& ore = builder.commodity("ore");
    ore.demand_elasticity_short_run = builder.number("short", elasticity_of_use);
    ore.demand_elasticity_long_run = builder.number("long", elasticity_of_use);
    ore.choke_price_ratio = builder.number("choke", 1e9);
    ore.floor_price_ratio = builder.number("floor", 1e-9);
    builder.mine("pit", "x", 12 * 100);
    builder.facility("plant", "y", "refine", 12 * 200);
    builder.demand("ore", "y", 12 * 100);
    StockEntry& stock = builder.stocks("ore at plants", 2, order_months);
    stock.at = "refine";
    stock.price_sensitivity = builder.number("sensitivity", elasticity_of_use);
    return builder;
}

RestrictionTerms ore_ban(ScenarioBuilder& builder)
{
    RestrictionTerms terms = builder.terms("x", Instrument::ban);
    terms.layer = "mine";
    return terms;
}

/// Position of the only stage stock of the model among the stock holders.
std::size_t holder_of(const MarketRun& run)
{
    EXPECT_EQ(run.model.stage_stocks.size(), 1U);
    return run.model.cells();
}

TEST(StageStock, StaysWhereItIsWhileNothingHappens)
{
    ScenarioBuilder builder = ore_keeper(3);
    builder.scenario.stocks[0].trend_sensitivity = builder.number("trend", 0.1);
    MarketRun run(builder);
    for (int count = 0; count < 36; ++count) {
        run.next();
        ASSERT_NEAR(run.state.stock[holder_of(run)], 200, 1e-9);
        ASSERT_NEAR(run.clearing.log_price[1], 0, 1e-12);
        ASSERT_NEAR(run.clearing.throughput[3], 100, 1e-9);
    }
}

TEST(StageStock, BridgesABanOnOreForTheMonthsThatItCovers)
{
    ScenarioBuilder builder = ore_keeper(1);
    builder.scripted("ban", ore_ban(builder), month(1), month(36), 1);
    MarketRun run(builder);
    run.clear_month(0);
    // All the stock S is offered each month, plants buy back 200 p^-0.2 of it and users
    // 100 p^-0.2: p^-0.2 = S / 300. So a third goes each month, in all 200 t: two months' use.
    double served = 0;
    double stock = 200;
    for (int count = 1; count < 36; ++count) {
        run.clear_month(count);
        ASSERT_NEAR(run.clearing.log_price[1],
                    std::min(std::log(1e9), -std::log(stock / 300) / elasticity_of_use), 1e-8);
        ASSERT_NEAR(run.clearing.stage_price[0], run.clearing.log_price[1], 1e-9);
        ASSERT_NEAR(run.clearing.consumption[1], stock / 3, 1e-8);
        served += run.clearing.consumption[1];
        stock *= 2.0 / 3;
        ASSERT_NEAR(run.state.stock[holder_of(run)], stock, 1e-8);
    }
    EXPECT_NEAR(served, 200, 200 * std::pow(2.0 / 3, 34));
}

TEST(StageStock, IsOfNoUseToOtherRegions)
{
    ScenarioBuilder builder = ore_keeper(1);
    builder.facility("other plant", "x", "refine", 12 * 200);
    builder.demand("ore", "x", 12 * 100);
    builder.mine("second pit", "x", 12 * 100);
    builder.scenario.stocks[0].regions = {false, {"y"}, {}};
    builder.scripted_outage("stop", "plant", month(1), month(2));
    MarketRun run(builder);
    run.clear_month(1);
    // y's plants stand still: x's refine all that is mined, and what y keeps stays there.
    EXPECT_NEAR(run.clearing.throughput[2], 200, 1e-8);
    EXPECT_NEAR(run.state.stock[holder_of(run)], 200, 1e-8);
    EXPECT_NEAR(run.clearing.log_price[0], 0, 1e-9);
}

TEST(StageStock, IsNotFilledFromWhatIsMadeBelowIt)
{
    ScenarioBuilder builder({"x", "y"}, {"mine", "refine"});
    builder.commodity("ore").demand_elasticity_short_run = builder.number("short", 0.5);
    builder.mine("pit", "x", 12 * 200);
    builder.facility("plant", "x", "refine", 12 * 400).utilisation =
        builder.number("utilisation", 0.5);
    builder.demand("ore", "y", 12 * 400);
    builder.recycling("scrap", "ore", "y", 0.5);
    StockEntry& stock = builder.stocks("ore at plants", 1, 1);
    stock.at = "refine";
    stock.price_sensitivity = builder.number("sensitivity", 0);
    const auto without_mine = [&](Clearance clearance) {
        MarketRun run(builder.model(), clearance);
        run.shock = run.shocks.next(run.state.running);
        run.shock.availability[0] = 0;
        run.state.stock[holder_of(run)] /= 2;
        const Clearing clearing = run.market.clear(run.timeline, run.shock, {}, run.state);
        check_month(run.model, run.shock, run.state, clearing);
        return clearing;
    };
    // Plants order 200 t and have 100 t, and no ore comes. Scrap is metal already: users have
    // these 200 t, at a price of 4, whatever plants would give for them.
    const Clearing pooled = without_mine(Clearance::pooled_first);
    const Clearing exact = without_mine(Clearance::exact);
    EXPECT_NEAR(pooled.log_price[1], std::log(4), 1e-9);
    EXPECT_NEAR(pooled.consumption[1], 200, 1e-8);
    for (const auto table :
         {&Clearing::log_price, &Clearing::consumption, &Clearing::output, &Clearing::exports,
          &Clearing::throughput, &Clearing::stage_order, &Clearing::stage_draw}) {
        ASSERT_EQ((pooled.*table).size(), (exact.*table).size());
        for (std::size_t at = 0; at < (pooled.*table).size(); ++at) {
            EXPECT_NEAR((pooled.*table)[at], (exact.*table)[at], 1e-9);
        }
    }
}

TEST(StageStock, GrowsOutOfFearForOreOnly)
{
    ScenarioBuilder builder = ore_keeper(2);
    builder.scenario.stocks[0].panic = PanicEntry{builder.number("extra", 0.5),
                                                  builder.number("build", 1),
                                                  builder.number("half-life", 6),
                                                  {}};
    builder.scripted("ban", ore_ban(builder), month(1), month(2), 1);
    MarketRun run(builder);
    run.clear_month(1);
    // All of y's ore comes from x.
    EXPECT_DOUBLE_EQ(run.clearing.threat[holder_of(run)], 1);
    EXPECT_DOUBLE_EQ(run.state.panic[holder_of(run)], 0.5);
    EXPECT_DOUBLE_EQ(run.market.terms(run.shock, run.state).of[0].stage_order[0],
                     200 * 1.5 / 2);

    ScenarioBuilder metal = ore_keeper(2);
    metal.scenario.stocks[0].panic = builder.scenario.stocks[0].panic;
    metal.demand("ore", "x", 12 * 50);
    metal.scripted("ban", metal.terms("y", Instrument::ban), month(1), month(2), 1);
    MarketRun calm(metal);
    calm.clear_month(1);
    EXPECT_NEAR(calm.clearing.threat[0], 1, 1e-12);
    EXPECT_DOUBLE_EQ(calm.clearing.threat[holder_of(calm)], 0);
}

TEST(StageStock, IsWatchedByTheChecksOfTheMonth)
{
    ScenarioBuilder builder = ore_keeper(2);
    MarketRun run(builder);
    const Shock shock = run.shocks.next(run.state.running);
    Clearing clearing = run.market.clear(run.timeline, shock, {}, run.state);
    const auto complaint = [&]() -> std::string {
        try {
            check_month(run.model, shock, run.state, clearing);
        } catch (const std::logic_error& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(complaint(), "");
    clearing.stage_draw[0] += 1;
    EXPECT_THAT(complaint(),
                HasSubstr("mass does not balance: 100 t leave mine, 99 t are taken "
                          "in (ore, month 0)"));
    clearing.stage_order[0] += 1;
    EXPECT_EQ(complaint(), "");
    clearing.stage_draw[0] = 201;
    clearing.stage_order[0] = 201;
    EXPECT_THAT(complaint(), HasSubstr("refine plants draw 201 t from a stock of 200 t and put "
                                       "201 t in (ore in y, month 0)"));
}

TEST(StageStock, NeedsAPlant)
{
    ScenarioBuilder builder = ore_keeper(2);
    builder.scenario.stocks[0].regions = {false, {"x"}, {}};
    EXPECT_THAT(builder.complaints(),
                ::testing::ElementsAre(
                    "error: stocks.ore at plants: no plant at stage \"refine\" keeps it (none "
                    "treats these commodities in these regions)"));
}

}  // namespace
}  // namespace chokepoint
