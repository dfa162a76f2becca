#include "chokepoint/model/describe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/scenario_builder.hpp"

namespace chokepoint {
namespace {

ScenarioBuilder example()
{
    ScenarioBuilder builder({"china", "japan", "australia"});
    builder.commodity("neodymium");
    builder.mine("bayan_obo", "china", 1200);
    builder.mine("mount_weld", "australia", 600);
    builder.facility("baotou", "china", "refine", 2000);
    builder.demand("neodymium", "china", 500);
    builder.demand("neodymium", "japan", 1500);
    return builder;
}

TEST(Describe, GivesSupplyDemandAndBalanceFactor)
{
    const ModelDescription description = describe(example().model());
    ASSERT_EQ(description.commodities.size(), 1U);
    const CommodityDescription& neodymium = description.commodities[0];
    EXPECT_DOUBLE_EQ(neodymium.supply_t_per_year, 1800);
    EXPECT_DOUBLE_EQ(neodymium.demand_t_per_year, 2000);
    EXPECT_DOUBLE_EQ(neodymium.balance_factor, 0.9);
    ASSERT_EQ(neodymium.demand.size(), 2U);
    EXPECT_EQ(neodymium.demand[1].region, "japan");
    EXPECT_DOUBLE_EQ(neodymium.demand[1].t_per_year, 1350);
    EXPECT_DOUBLE_EQ(neodymium.demand[1].share, 0.75);
}

TEST(Describe, GivesSupplyAsWrittenWhenSupplyIsScaled)
{
    ScenarioBuilder builder = example();
    builder.scenario.balance = BalanceBy::supply;
    builder.scenario.facilities[2].capacity_t_per_year =
        builder.number("facilities.baotou.capacity_t_per_year", 2500);
    const ModelDescription description = describe(builder.model());
    EXPECT_EQ(description.balance, BalanceBy::supply);
    EXPECT_DOUBLE_EQ(description.commodities[0].supply_t_per_year, 1800);
    EXPECT_DOUBLE_EQ(description.commodities[0].demand_t_per_year, 2000);
}

TEST(Describe, GivesWhatGrowthMakesOfDemandAndCapacityByTheLastMonth)
{
    EXPECT_FALSE(describe(example().model()).demand_grows);
    ScenarioBuilder builder = example();
    builder.scenario.months = 13;
    builder.scenario.demand[1].growth.per_year = builder.number("growth", 0.1);
    builder.scenario.facilities[2].growth.by_year = {{2009, builder.number("more", 0.5)}};
    const ModelDescription description = describe(builder.model());
    EXPECT_TRUE(description.demand_grows && description.capacity_grows);
    const CommodityDescription& neodymium = description.commodities[0];
    EXPECT_DOUBLE_EQ(neodymium.demand[0].last_t_per_year, 450);
    EXPECT_NEAR(neodymium.demand[1].last_t_per_year, 1350 * 1.1, 1e-9);
    EXPECT_NEAR(neodymium.stages[1].regions[0].last_capacity_t_per_year, 3000, 1e-9);
    EXPECT_DOUBLE_EQ(neodymium.stages[0].regions[0].last_capacity_t_per_year, 1200);
}

TEST(Describe, GivesOutputCapacityUseAndTradeOfEachStage)
{
    const ModelDescription description = describe(example().model());
    const std::vector<StageDescription>& stages = description.commodities[0].stages;
    ASSERT_EQ(stages.size(), 2U);
    EXPECT_EQ(stages[0].stage, "mine");
    ASSERT_EQ(stages[0].regions.size(), 2U);
    EXPECT_EQ(stages[0].regions[1].region, "australia");
    EXPECT_DOUBLE_EQ(stages[0].regions[1].share, 1.0 / 3);
    ASSERT_EQ(stages[0].trade.size(), 1U);
    EXPECT_EQ(stages[0].trade[0].exporter, "australia");
    EXPECT_DOUBLE_EQ(stages[0].trade[0].t_per_year, 600);

    EXPECT_DOUBLE_EQ(stages[1].throughput_factor, 0.9);
    ASSERT_EQ(stages[1].regions.size(), 1U);
    EXPECT_DOUBLE_EQ(stages[1].regions[0].output_t_per_year, 1800);
    EXPECT_DOUBLE_EQ(stages[1].regions[0].capacity_t_per_year, 2000);
    EXPECT_DOUBLE_EQ(stages[1].regions[0].use, 0.9);
    ASSERT_EQ(stages[1].trade.size(), 1U);
    EXPECT_EQ(stages[1].trade[0].importer, "japan");
    EXPECT_DOUBLE_EQ(stages[1].trade[0].t_per_year, 1350);
}

TEST(Describe, ExpectsRateTimesFacilitiesEventsAYear)
{
    ScenarioBuilder builder = example();
    builder.restriction_hazard("bans", builder.terms("china", Instrument::ban), 0.1, Fixed{1},
                               Fixed{60});
    builder.scenario.restriction_hazards[0].rate_per_year =
        builder.number("hazards.export_restrictions.bans.rate_per_year",
                       Distribution(Exponential{.mean = 0.1}));
    builder.outage_hazard("fires", {"bayan_obo", "baotou"}, 0.2, Fixed{30});
    builder.outage_hazard("floods", {"bayan_obo"}, 0.5, Fixed{30});
    const ModelDescription description = describe(builder.model());
    ASSERT_EQ(description.hazards.size(), 3U);
    EXPECT_EQ(description.hazards[0].type, HazardType::export_restriction);
    EXPECT_DOUBLE_EQ(description.hazards[0].events_per_year, 0.1);
    EXPECT_EQ(description.hazards[1].name, "fires");
    EXPECT_EQ(description.hazards[1].facilities, 2);
    // In the long run; a facility under repair does not fail.
    EXPECT_DOUBLE_EQ(description.hazards[1].events_per_year, 2 * 0.2 / (1 + 0.2 * 30 / 365.25));
    EXPECT_EQ(description.hazards[2].facilities, 1);
}

TEST(Describe, ListsUncertainNumbersWithTheirRange)
{
    ScenarioBuilder builder = example();
    builder.scenario.commodities[0].price_usd_per_kg = builder.number(
        "commodities.neodymium.price_usd_per_kg", Distribution(Uniform{.low = 10, .high = 20}));
    const ModelDescription description = describe(builder.model());
    ASSERT_EQ(description.uncertain.size(), 1U);
    EXPECT_EQ(description.uncertain[0].path, "commodities.neodymium.price_usd_per_kg");
    EXPECT_NEAR(description.uncertain[0].p5, 10.5, 1e-12);
    EXPECT_NEAR(description.uncertain[0].median, 15, 1e-12);
    EXPECT_NEAR(description.uncertain[0].p95, 19.5, 1e-12);
    EXPECT_THAT(description.uncertain[0].law, ::testing::HasSubstr("uniform"));
}

}  // namespace
}  // namespace chokepoint
