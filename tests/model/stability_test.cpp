#include "chokepoint/model/stability.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scenario_builder.hpp"

namespace chokepoint {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// One commodity with short-run elasticity 0.2 and long-run elasticity 0.6, two regions.
ScenarioBuilder balanced()
{
    ScenarioBuilder builder({"congo", "china"}, {"mine"});
    builder.commodity("cobalt");
    builder.mine("kolwezi", "congo", 1200);
    builder.demand("cobalt", "congo", 200);
    builder.demand("cobalt", "china", 1000);
    return builder;
}

void set_memory(ScenarioBuilder& builder, double up, double down)
{
    CommodityEntry& entry = builder.scenario.commodities[0];
    entry.memory_up_per_month = builder.number("commodities.cobalt.memory.up_per_month", up);
    entry.memory_down_per_month =
        builder.number("commodities.cobalt.memory.down_per_month", down);
}

TEST(Stability, WarnsOfMemoryThatZigzagsAndRefusesMemoryThatSwings)
{
    // Without stocks E = 0.2, so that kappa (1 + 0.4 / 0.2) is 3 kappa.
    ScenarioBuilder builder = balanced();
    set_memory(builder, 0.33, 0.33);
    EXPECT_TRUE(builder.complaints().empty());

    set_memory(builder, 0.34, 0.33);
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre("warning: commodities.cobalt.memory.up_per_month: makes prices "
                    "zig-zag (kappa (1 + (eps_long - eps_short) / E) reaches 1.02 for "
                    "cobalt users without stocks at the edge of the parameters; must stay "
                    "below 1)"));

    set_memory(builder, 0.66, 0.32);
    EXPECT_THAT(builder.complaints(), ElementsAre(StartsWith("warning: ")));
    set_memory(builder, 0.67, 0.32);
    EXPECT_THAT(builder.complaints(),
                ElementsAre(AllOf(StartsWith("error: commodities.cobalt.memory.up_per_month: "
                                             "makes prices unstable"),
                                  HasSubstr("reaches 2.01"), HasSubstr("must stay below 2"))));
}

TEST(Stability, ChecksMemoryUpAndDownApart)
{
    ScenarioBuilder builder = balanced();
    set_memory(builder, 0.7, 0.68);
    EXPECT_THAT(builder.complaints(),
                ElementsAre(StartsWith("error: commodities.cobalt.memory.up_per_month: "),
                            StartsWith("error: commodities.cobalt.memory.down_per_month: ")));
}

TEST(Stability, CountsThePriceSensitivityOfStocks)
{
    // E = 0.2 + 4 * 0.5 / 2 = 1.2 where there are stocks: kappa (1 + 0.4 / 1.2).
    ScenarioBuilder builder = balanced();
    set_memory(builder, 0.7, 0.3);
    builder.stocks("users", 4, 2);
    EXPECT_TRUE(builder.complaints().empty());
    set_memory(builder, 0.8, 0.3);
    EXPECT_THAT(builder.complaints(),
                ElementsAre(AllOf(StartsWith("warning: "), HasSubstr("reaches 1.067"),
                                  HasSubstr("cobalt users with stocks users"))));
    // A region without stocks keeps the whole swing.
    builder.scenario.stocks[0].regions = {.all = false, .names = {"china"}, .place = {}};
    EXPECT_THAT(builder.complaints(),
                ElementsAre(AllOf(StartsWith("error: "), HasSubstr("reaches 2.4 "),
                                  HasSubstr("cobalt users without stocks"))));
}

TEST(Stability, CountsRecyclingThatFollowsTheMemory)
{
    // kappa (1 + (0.4 + 0.25 * 0.8) / 0.2) is 4 kappa.
    ScenarioBuilder builder = balanced();
    builder.recycling("scrap", "cobalt", "china", 0.25).price_elasticity =
        builder.number("recycling.scrap.price_elasticity", 0.8);
    set_memory(builder, 0.24, 0.24);
    EXPECT_THAT(builder.complaints(), Not(Contains(HasSubstr("zig-zag"))));
    set_memory(builder, 0.26, 0.24);
    EXPECT_THAT(builder.complaints(),
                Contains(HasSubstr("zig-zag (kappa (1 + (eps_long - eps_short + share eta_R) / "
                                   "E) reaches 1.04 for")));
}

TEST(Stability, RefusesTrendsThatPlantsRunAfter)
{
    // 2 * gamma / 2 / (0.2 + 2 * 0.1 / 2)
    ScenarioBuilder builder = balanced();
    builder.scenario.stages.emplace_back("refine");
    builder.facility("plant", "china", "refine", 1200);
    StockEntry& stock = builder.stocks("ore", 2, 2);
    stock.at = "refine";
    stock.price_sensitivity = builder.number("sensitivity", 0.1);
    stock.trend_sensitivity = builder.number("stocks.ore.trend_sensitivity", 0.17);
    EXPECT_TRUE(builder.complaints().empty());
    builder.scenario.stocks[0].trend_sensitivity =
        builder.number("stocks.ore.trend_sensitivity", 0.19);
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre(AllOf(StartsWith("error: stocks.ore.trend_sensitivity: makes prices "
                                     "run away"),
                          HasSubstr("reaches 0.6333 for cobalt"))));
}

TEST(Stability, LooksAtTheEdgesOfUncertainParameters)
{
    ScenarioBuilder builder = balanced();
    set_memory(builder, 0.4, 0.3);
    builder.scenario.commodities[0].demand_elasticity_short_run =
        builder.number("commodities.cobalt.demand_elasticity.short_run",
                       Distribution(Uniform{.low = 0.1, .high = 0.5}));
    builder.scenario.commodities[0].demand_elasticity_long_run =
        builder.number("commodities.cobalt.demand_elasticity.long_run",
                       Distribution(Uniform{.low = 0.6, .high = 0.9}));
    // The 0.1 % and 99.9 % quantiles are 0.1004 and 0.8997: 0.4 * 0.8997 / 0.1004.
    EXPECT_THAT(builder.complaints(),
                ElementsAre(AllOf(StartsWith("error: "), HasSubstr("reaches 3.584")),
                            AllOf(StartsWith("error: "), HasSubstr("reaches 2.688"))));
}

TEST(Stability, RefusesOrdersFilledWithinAMonth)
{
    ScenarioBuilder builder = balanced();
    builder.stocks("users", 3, 1);
    EXPECT_TRUE(builder.complaints().empty());
    builder.scenario.stocks[0].order_months = builder.number(
        "stocks.users.order_months", Distribution(Uniform{.low = 0.9, .high = 3}));
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre("error: stocks.users.order_months: must be at least 1 (got 0.9021 at "
                    "the edge of the parameters)"));
}

TEST(Stability, LimitsHowStocksFollowTheTrend)
{
    // (m gamma / tau) / E = (4 gamma / 2) / 1.2, 0.6 at gamma = 0.36.
    ScenarioBuilder builder = balanced();
    StockEntry& stocks = builder.stocks("users", 4, 2);
    stocks.trend_sensitivity = builder.number("stocks.users.trend_sensitivity", 0.359);
    EXPECT_TRUE(builder.complaints().empty());
    stocks.trend_sensitivity = builder.number("stocks.users.trend_sensitivity", 0.361);
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre("error: stocks.users.trend_sensitivity: makes prices run away "
                    "(cover_months * trend_sensitivity / order_months / E reaches 0.6017 "
                    "for cobalt at the edge of the parameters; must stay below 0.6)"));
}

TEST(Stability, LimitsTheAdjustmentOfByProducts)
{
    // kappa_u (1 + eta_u / E) with E = 0.2 and eta_u = 0.6 is 4 kappa_u.
    ScenarioBuilder builder = balanced();
    FacilityEntry& mine = builder.scenario.facilities[0];
    const std::string path = "facilities.kolwezi.by_product.";
    const auto set = [&](double adjustment) {
        mine.by_product = {builder.number(path + "adjustment_per_month", adjustment),
                           builder.number(path + "price_elasticity", 0.6)};
    };
    set(0.25);
    EXPECT_TRUE(builder.complaints().empty());
    set(0.3);
    EXPECT_THAT(builder.complaints(),
                ElementsAre(AllOf(StartsWith("warning: facilities.kolwezi.by_product."
                                             "adjustment_per_month: makes prices zig-zag"),
                                  HasSubstr("reaches 1.2 "))));
    set(0.51);
    EXPECT_THAT(builder.complaints(),
                ElementsAre(AllOf(StartsWith("error: facilities.kolwezi.by_product."
                                             "adjustment_per_month: makes prices unstable"),
                                  HasSubstr("reaches 2.04 "))));
}

TEST(Stability, RefusesAShortRunElasticityThatMayExceedTheLongRun)
{
    ScenarioBuilder builder = balanced();
    builder.scenario.commodities[0].demand_elasticity_short_run =
        builder.number("commodities.cobalt.demand_elasticity.short_run",
                       Distribution(Uniform{.low = 0.2, .high = 0.7}));
    EXPECT_THAT(
        builder.complaints(),
        Contains("error: commodities.cobalt.demand_elasticity.short_run: may exceed the "
                 "long-run elasticity (0.6995 against 0.6 at the edge of the "
                 "parameters)"));
}

TEST(Stability, RefusesMemoryThatFadesFasterThanItForms)
{
    ScenarioBuilder builder = balanced();
    set_memory(builder, 0.08, 0.09);
    EXPECT_THAT(builder.complaints(),
                ElementsAre("error: commodities.cobalt.memory.down_per_month: may exceed "
                            "memory.up_per_month (0.09 against 0.08 at the edge of the "
                            "parameters)"));
}

TEST(Stability, TakesMemoryThatIsOneUncertainNumberForItself)
{
    ScenarioBuilder builder = balanced();
    CommodityEntry& entry = builder.scenario.commodities[0];
    entry.memory_up_per_month =
        builder.number("commodities.cobalt.memory.up_per_month",
                       Distribution(Uniform{.low = 0.05, .high = 0.15}));
    entry.memory_down_per_month = entry.memory_up_per_month;
    EXPECT_TRUE(builder.complaints().empty());
}

}  // namespace
}  // namespace chokepoint
