#include "chokepoint/statistics/crps.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>
#include <boost/math/distributions/normal.hpp>

namespace chokepoint {
namespace {

/// Of a standard normal forecast, in closed form [gneiting2007].
double crps_of_normal(double seen)
{
    const boost::math::normal normal;
    return seen * (2 * cdf(normal, seen) - 1) + 2 * pdf(normal, seen)
           - 1 / std::sqrt(std::numbers::pi);
}

TEST(Crps, MatchesHandCount)
{
    // E|X - 2| = 1, and the one pair lies 2 apart: 1 - 2 / 2.
    EXPECT_DOUBLE_EQ(crps_of_sample(std::vector{1.0, 3.0}, 2), 0);
    // (1 + 2 + 4) / 3 - (1 + 2 + 3) / 3 / 2 with pairs 1, 3 and 2 apart.
    EXPECT_DOUBLE_EQ(crps_of_sample(std::vector{1.0, 2.0, 4.0}, 0), 7.0 / 3 - 1);
}

TEST(Crps, IsTheDistanceWhereAllTrialsAgree)
{
    EXPECT_DOUBLE_EQ(crps_of_sample(std::vector(50, 1e9), 1e9 + 0.25), 0.25);
}

TEST(Crps, AgreesWithTheClosedFormOfANormalForecast)
{
    // Midpoints of equal shares of the law: a sample without chance. What it lacks of the
    // spread in the tails is of order 1 / n.
    constexpr int n = 20'000;
    const boost::math::normal normal;
    std::vector<double> sample;
    for (int index = 0; index < n; ++index) {
        sample.push_back(quantile(normal, (index + 0.5) / n));
    }
    for (const double seen : {-3.0, -0.5, 0.0, 1.0, 2.5}) {
        EXPECT_NEAR(crps_of_sample(sample, seen), crps_of_normal(seen), 1e-4) << seen;
    }
}

TEST(Crps, RefusesASampleOfOne)
{
    EXPECT_THROW(crps_of_sample(std::vector{1.0}, 1), std::invalid_argument);
}

}  // namespace
}  // namespace chokepoint
