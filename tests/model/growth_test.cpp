#include "chokepoint/model/growth.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "support/scenario_builder.hpp"

namespace chokepoint {
namespace {

/// One market from 2009-11 to 2011-02.
ScenarioBuilder two_mines()
{
    ScenarioBuilder builder({"x", "y"}, {"mine"});
    builder.scenario.start = {2009, 11, 1};
    builder.scenario.months = 16;
    builder.commodity("ore");
    builder.mine("pit", "x", 1200);
    builder.mine("shaft", "x", 1200);
    builder.demand("ore", "x", 1200);
    builder.demand("ore", "y", 1200);
    return builder;
}

Growth growth_of(const ScenarioBuilder& builder)
{
    const Model model = builder.model();
    Growth growth;
    compute_growth(model, model.nominal_values(), growth);
    return growth;
}

TEST(Growth, IsEmptyWhereNothingGrows)
{
    ScenarioBuilder builder = two_mines();
    builder.scenario.demand[0].growth.per_year = builder.number("none", 0);
    const Growth growth = growth_of(builder);
    EXPECT_FALSE(growth.demand.grows());
    EXPECT_FALSE(growth.capacity.grows());
    EXPECT_EQ(growth.demand.at(15, 1), 1);
}

TEST(Growth, TakesATwelfthOfItsYearsRateForEachMonthPassed)
{
    ScenarioBuilder builder = two_mines();
    builder.scenario.demand[1].growth.per_year = builder.number("usual", 0.06);
    builder.scenario.demand[1].growth.by_year = {{2009, builder.number("slump", -0.3)},
                                                 {2011, builder.number("boom", 1)}};
    const GrowthTable demand = growth_of(builder).demand;
    const double slump = std::pow(0.7, 2 / 12.0);
    EXPECT_EQ(demand.at(0, 1), 1);
    EXPECT_NEAR(demand.at(1, 1), std::pow(0.7, 1 / 12.0), 1e-14);
    EXPECT_NEAR(demand.at(2, 1), slump, 1e-14);  // 2010-01
    EXPECT_NEAR(demand.at(3, 1), slump * std::pow(1.06, 1 / 12.0), 1e-14);
    EXPECT_NEAR(demand.at(14, 1), slump * 1.06, 1e-14);  // 2011-01
    EXPECT_NEAR(demand.at(15, 1), slump * 1.06 * std::pow(2, 1 / 12.0), 1e-14);
    for (int month = 0; month < 16; ++month) {
        EXPECT_EQ(demand.at(month, 0), 1) << month;
    }
}

TEST(Growth, OfFacilitiesIsTheirOwn)
{
    ScenarioBuilder builder = two_mines();
    builder.scenario.facilities[0].growth.per_year = builder.number("usual", -0.5);
    const Growth growth = growth_of(builder);
    EXPECT_NEAR(growth.capacity.at(12, 0), 0.5, 1e-14);
    EXPECT_EQ(growth.capacity.at(12, 1), 1);
    EXPECT_FALSE(growth.demand.grows());
}

}  // namespace
}  // namespace chokepoint
