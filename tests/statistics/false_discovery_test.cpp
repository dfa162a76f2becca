#include "chokepoint/statistics/false_discovery.hpp"

#include "chokepoint/statistics/interval.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::ElementsAre;

TEST(TwoSidedPValue, IsFivePerCentAtTheIntervalsZ)
{
    EXPECT_NEAR(two_sided_p_value(interval_z), 1 - interval_level, 1e-15);
    EXPECT_EQ(two_sided_p_value(-2.5), two_sided_p_value(2.5));
    EXPECT_EQ(two_sided_p_value(0), 1);
    EXPECT_EQ(two_sided_p_value(std::numeric_limits<double>::infinity()), 0);
}

TEST(FalseDiscoveryRejections, GivesTheExampleOfBenjaminiAndHochberg)
{
    // Section 3.2 of the paper, 15 endpoints: the four smallest are rejected at 5 %, of which
    // Bonferroni would reject three.
    const std::vector<double> p_values = {0.0001, 0.0004, 0.0019, 0.0095, 0.0201,
                                          0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
                                          0.4262, 0.5719, 0.6528, 0.7590, 1.0000};
    const std::vector<bool> rejected = false_discovery_rejections(p_values, 0.05);
    EXPECT_EQ(std::count(rejected.begin(), rejected.end(), true), 4);
    EXPECT_TRUE(rejected[3]);
}

TEST(FalseDiscoveryRejections, StepsUpOverPValuesAboveTheirOwnBound)
{
    // The bounds are 0.025 and 0.05: 0.04 fails as the smallest, yet the second is within its.
    EXPECT_THAT(false_discovery_rejections(std::vector{0.05, 0.04}, 0.05),
                ElementsAre(true, true));
    EXPECT_THAT(false_discovery_rejections(std::vector{0.04, 0.051}, 0.05),
                ElementsAre(false, false));
    EXPECT_TRUE(false_discovery_rejections({}, 0.05).empty());
}

TEST(FalseDiscoveryRejections, RejectsNothingInOneOfTwentyCasesAtMostWhereNothingMoved)
{
    std::mt19937_64 engine(7);
    int cases_with_rejections = 0;
    constexpr int cases = 4000;
    for (int one = 0; one < cases; ++one) {
        std::vector<double> p_values(50);
        for (double& p_value : p_values) {
            p_value = std::ldexp(static_cast<double>(engine() >> 11), -53);
        }
        const std::vector<bool> rejected = false_discovery_rejections(p_values, 0.05);
        cases_with_rejections += std::count(rejected.begin(), rejected.end(), true) > 0 ? 1 : 0;
    }
    // For independent p-values it is exactly 5 %.
    const double error = std::sqrt(0.05 * 0.95 / cases);
    EXPECT_NEAR(cases_with_rejections / static_cast<double>(cases), 0.05, 4 * error);
    EXPECT_LT(4 * error, 0.02);
}

}  // namespace
}  // namespace chokepoint
