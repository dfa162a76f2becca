#include "chokepoint/statistics/replicates.hpp"

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

TEST(ReplicateMean, GivesStudentsInterval)
{
    // Mean 3, sd sqrt(2.5), R = 5; t(0.975; 4) = 2.776445 (tables of Student's law).
    const std::vector<double> values{1, 2, 3, 4, 5};
    const ReplicateMean result = replicate_mean(values);
    EXPECT_EQ(result.mean.value, 3);
    EXPECT_NEAR(result.standard_error, std::sqrt(0.5), 1e-15);
    EXPECT_NEAR(result.mean.upper, 3 + 2.776445 * std::sqrt(0.5), 1e-6);
    EXPECT_NEAR(result.mean.lower, 3 - 2.776445 * std::sqrt(0.5), 1e-6);
}

TEST(ReplicateMean, IntervalCoversTheTruthAsOftenAsPromised)
{
    // Exact for normal values, however few: of 4000 repeats 95 % within 4 standard errors.
    constexpr int repeats = 4000;
    const Distribution law = Normal{2, 3};
    for (const std::size_t count : {2u, 5u, 32u}) {
        Philox stream =
            make_stream(11, Purpose::parameter, count, hash_name("replicates_test"));
        double covered = 0;
        for (int repeat = 0; repeat < repeats; ++repeat) {
            std::vector<double> values(count);
            for (double& value : values) {
                value = law.draw(stream);
            }
            const Estimate mean = replicate_mean(values).mean;
            covered += mean.lower <= 2 && 2 <= mean.upper ? 1.0 / repeats : 0.0;
        }
        const double error = std::sqrt(0.95 * 0.05 / repeats);
        ASSERT_LT(4 * error, 0.014);
        EXPECT_NEAR(covered, 0.95, 4 * error) << count;
    }
}

TEST(ReplicateMean, OfOneHasNoErrorAndOfNoneDoesNotExist)
{
    const std::vector<double> one{7};
    EXPECT_EQ(replicate_mean(one).mean.value, 7);
    EXPECT_TRUE(std::isnan(replicate_mean(one).standard_error));
    EXPECT_TRUE(std::isnan(replicate_mean(one).mean.lower));
    EXPECT_TRUE(std::isnan(replicate_mean({}).mean.value));
    const std::vector<double> infinite{1, 2, std::numeric_limits<double>::infinity()};
    EXPECT_TRUE(std::isnan(replicate_mean(infinite).standard_error));
}

}  // namespace
}  // namespace chokepoint
