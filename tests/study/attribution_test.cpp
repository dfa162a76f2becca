#include "chokepoint/study/attribution.hpp"

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace chokepoint {
namespace {

TEST(ShapleyValues, AreThoseOfTheGloveGame)
{
    // Player 0 has a left glove, 1 and 2 a right one each; a pair is worth 1 [shapley1953's
    // textbook example]: 2/3, 1/6, 1/6.
    const std::vector<double> values = {0, 0, 0, 1, 0, 1, 0, 1};
    const std::vector<double> shares = shapley_values(values);
    EXPECT_NEAR(shares[0], 2.0 / 3, 1e-15);
    EXPECT_NEAR(shares[1], 1.0 / 6, 1e-15);
    EXPECT_NEAR(shares[2], 1.0 / 6, 1e-15);
}

TEST(ShapleyValues, AreThoseOfIshigamisFunction)
{
    // Main effects and interactions of three players: each interaction is shared evenly.
    // v = 1 for {0}, 2 for {1}, 0.5 more for {0, 2} together.
    const std::vector<double> values = {0, 1, 2, 3, 0, 1.5, 2, 3.5};
    const std::vector<double> shares = shapley_values(values);
    EXPECT_NEAR(shares[0], 1.25, 1e-15);
    EXPECT_NEAR(shares[1], 2, 1e-15);
    EXPECT_NEAR(shares[2], 0.25, 1e-15);
}

TEST(ShapleyValues, RefuseWhatIsNoPowerOfTwo)
{
    EXPECT_THROW(shapley_values(std::vector<double>(3, 0)), std::invalid_argument);
}

RC_GTEST_PROP(ShapleyProperties, SumToTheWholeAndGiveNothingToWhoBringsNothing, ())
{
    const std::size_t players = *rc::gen::inRange<std::size_t>(1, 7);
    std::vector<double> values(std::size_t{1} << players);
    for (double& value : values) {
        value = *rc::gen::inRange(-1000, 1000) / 7.0;
    }
    const std::vector<double> shares = shapley_values(values);
    const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    RC_ASSERT(std::abs(sum - (values.back() - values.front())) < 1e-9);

    // The last player joins in vain.
    std::vector<double> with_idler = values;
    with_idler.insert(with_idler.end(), values.begin(), values.end());
    const std::vector<double> again = shapley_values(with_idler);
    RC_ASSERT(std::abs(again.back()) < 1e-9);
    for (std::size_t player = 0; player < players; ++player) {
        RC_ASSERT(std::abs(again[player] - shares[player]) < 1e-9);
    }
}

TEST(Attribution, SumsToTheWholeInTheMeanAndInTheTail)
{
    // Two players whose effects multiply in half of the trials.
    constexpr std::size_t trials = 4000;
    std::vector<std::vector<double>> values(4, std::vector<double>(trials, 0));
    for (std::size_t trial = 0; trial < trials; ++trial) {
        const auto x = static_cast<double>(trial % 97);
        const auto y = static_cast<double>(trial % 89);
        values[1][trial] = x;
        values[2][trial] = 2 * y;
        values[3][trial] = x + 2 * y + (trial % 2 == 0 ? x * y : 0);
    }
    const Attribution all = attribute({"one", "two"}, values, 0.99);
    double mean = 0, es = 0;
    for (const ShareOf& share : all.shares) {
        mean += share.mean.estimate.value;
        es += share.es.estimate.value;
    }
    EXPECT_NEAR(mean / all.mean.estimate.value, 1, 1e-12);
    EXPECT_NEAR(es / all.es.estimate.value, 1, 1e-12);
    EXPECT_GT(all.es.estimate.value, all.mean.estimate.value);
    EXPECT_EQ(all.es.n, 40U);
    EXPECT_THROW(attribute({"one"}, values, 0.99), std::invalid_argument);
}

}  // namespace
}  // namespace chokepoint
