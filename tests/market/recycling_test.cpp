#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "market/market_run.hpp"

namespace chokepoint {
namespace {

using ::testing::ElementsAre;
using testing::MarketRun;
using testing::month;
using testing::one_stage;

/// x mines 40 and 40 and recycles a fifth of what it uses; elasticity 0.2.
ScenarioBuilder scrap_users()
{
    ScenarioBuilder builder = one_stage({{"x", 40, 100}});
    builder.mine("second", "x", 12 * 40);
    builder.recycling("scrap", "ore", "x", 0.2);
    return builder;
}

TEST(Recycling, GoesOnWhenMinesStop)
{
    ScenarioBuilder builder = scrap_users();
    builder.scripted_outage("stop", "second", month(1), month(2));
    MarketRun run(builder);
    EXPECT_NEAR(run.clear_month(0).log_price[0], 0, 1e-12);
    EXPECT_NEAR(run.clearing.output[0], 100, 1e-10);
    EXPECT_NEAR(run.clearing.recycled[0], 20, 1e-12);
    // 40 mined and 20 recycled for 100 p^-0.2.
    run.clear_month(1);
    EXPECT_NEAR(run.clearing.log_price[0], -std::log(0.6) / 0.2, 1e-10);
    EXPECT_NEAR(run.clearing.consumption[0], 60, 1e-9);
}

TEST(Recycling, FollowsTheRememberedPriceUpToItsBound)
{
    ScenarioBuilder builder = scrap_users();
    RecyclingEntry& scrap = builder.scenario.recycling[0];
    scrap.price_elasticity = builder.number("elasticity", 0.5);
    scrap.max_factor = builder.number("most", 1.5);
    MarketRun run(builder);
    for (const auto& [memory, factor] :
         {std::pair{0.4, std::exp(0.2)}, {1.0, 1.5}, {-1.0, std::exp(-0.5)}}) {
        run.state.memory[0] = memory;
        run.shock.availability.assign(run.model.facilities.size(), 1);
        const std::size_t supply = run.market.network(0).recyclers[0].supply;
        EXPECT_NEAR(run.market.terms(run.shock, run.state).of[0].available[supply], 20 * factor,
                    1e-12);
    }
}

TEST(Recycling, GoesInAStraightLineFromItsFirstShareToItsLast)
{
    ScenarioBuilder builder = scrap_users();
    RecyclingEntry& scrap = builder.scenario.recycling[0];
    scrap.share_of_demand_end = builder.number("end", 0.6);
    scrap.ramp_from = month(2);
    scrap.ramp_until = month(6);
    MarketRun run(builder);
    LaneArray<double> tonnes;
    for (int count = 0; count < 8; ++count) {
        tonnes.push_back(std::round(1e6 * run.next().recycled[0]) / 1e6);
    }
    EXPECT_THAT(tonnes, ElementsAre(20, 20, 20, 30, 40, 50, 60, 60));
}

TEST(Recycling, JoinsTheTradeOfItsStageWhereThereIsNoPlant)
{
    ScenarioBuilder builder({"x", "y"}, {"mine", "refine", "magnet"});
    builder.commodity("ore");
    builder.mine("pit", "x", 12 * 80);
    builder.facility("refinery", "x", "refine", 12 * 160);
    builder.facility("factory", "x", "magnet", 12 * 200);
    builder.demand("ore", "x", 12 * 60);
    builder.demand("ore", "y", 12 * 40);
    builder.recycling("scrap", "ore", "y", 0.5).stage = "refine";
    MarketRun run(builder);
    run.next();
    // y's 20 t are refined goods: what is mined is 80, what magnets are made of 100.
    EXPECT_THAT(run.clearing.throughput, ElementsAre(0, 0, 80, 0, 100, 0));
    EXPECT_THAT(run.clearing.output, ElementsAre(80, 0, 80, 20, 100, 0));
    EXPECT_THAT(run.clearing.exports, ElementsAre(0, 0, 0, 20, 40, 0));
    EXPECT_NEAR(run.parameters.baseline.stage_factor[1][0], 0.5, 1e-12);
    EXPECT_NEAR(run.parameters.baseline.stage_factor[2][0], 0.5, 1e-12);
}

TEST(Recycling, IsCutOffByABanOnItsExports)
{
    ScenarioBuilder builder = one_stage({{"x", 90, 50}, {"y", 0, 50}});
    builder.recycling("scrap", "ore", "y", 0.2);
    builder.scripted("ban", builder.terms("x", Instrument::ban), month(1), month(2), 1);
    MarketRun run(builder);
    run.clear_month(1);
    EXPECT_NEAR(run.clearing.consumption[1], 10, 1e-9);
    EXPECT_NEAR(run.clearing.log_price[1], std::log(5.0) / 0.2, 1e-9);
    EXPECT_NEAR(run.clearing.log_price[0], std::log(50.0 / 90) / 0.2, 1e-9);
}

}  // namespace
}  // namespace chokepoint
