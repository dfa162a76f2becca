#include "chokepoint/statistics/proportion.hpp"

#include "support/complaint.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <boost/math/distributions/binomial.hpp>

namespace chokepoint {
namespace {

TEST(Proportion, GivesTheWilsonInterval)
{
    // R: prop.test(15, 50, correct = FALSE)
    const Estimate estimate = proportion(15, 50);
    EXPECT_EQ(estimate.value, 0.3);
    EXPECT_NEAR(estimate.lower, 0.1910, 5e-5);
    EXPECT_NEAR(estimate.upper, 0.4375, 5e-5);
}

TEST(Proportion, BoundsSolveTheScoreEquation)
{
    for (const std::size_t count : {1u, 7u, 500u, 999u}) {
        const Estimate estimate = proportion(count, 1000);
        for (const double bound : {estimate.lower, estimate.upper}) {
            EXPECT_NEAR(
                std::abs(estimate.value - bound) / std::sqrt(bound * (1 - bound) / 1000),
                interval_z, 1e-9);
        }
    }
}

TEST(Proportion, SaysSomethingWhereNothingOrEverythingWasCounted)
{
    const Estimate none = proportion(0, 100);
    EXPECT_EQ(none.lower, 0);
    EXPECT_NEAR(none.upper, interval_z * interval_z / (100 + interval_z * interval_z), 1e-15);
    const Estimate all = proportion(100, 100);
    EXPECT_EQ(all.upper, 1);
    EXPECT_NEAR(all.lower, 1 - none.upper, 1e-15);
}

TEST(Proportion, CoversTheTruthAboutAsOftenAsPromised)
{
    // Exact coverage, averaged over truths: the interval's own property, no random numbers.
    constexpr std::size_t n = 200;
    double covered = 0;
    int truths = 0;
    for (double truth = 0.02; truth < 0.985; truth += 0.005) {
        const boost::math::binomial count(n, truth);
        for (std::size_t k = 0; k <= n; ++k) {
            const Estimate estimate = proportion(k, n);
            if (estimate.lower <= truth && truth <= estimate.upper) {
                covered += pdf(count, k);
            }
        }
        ++truths;
    }
    EXPECT_NEAR(covered / truths, 0.95, 0.005);
}

TEST(Proportion, OfNothingDoesNotExist)
{
    EXPECT_TRUE(std::isnan(proportion(0, 0).value));
    EXPECT_TRUE(std::isnan(proportion(0, 0).lower));
    EXPECT_EQ(complaint([] { proportion(3, 2); }),
              "proportion: count is 3 (must be at most n, which is 2)");
}

}  // namespace
}  // namespace chokepoint
