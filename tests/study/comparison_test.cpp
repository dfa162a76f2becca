#include "chokepoint/study/comparison.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

/// Exponential numbers of mean 1, all from one stream.
std::vector<double> exponentials(std::size_t count, std::uint64_t seed)
{
    Philox stream = make_stream(seed, Purpose::parameter, 0, 0);
    std::vector<double> values(count);
    for (double& value : values) {
        value = -portable_log(uniform_open(stream));
    }
    return values;
}

RunResult run_of(const std::vector<std::vector<double>>& values)
{
    RunResult result;
    for (std::size_t column = 0; column < values.size(); ++column) {
        std::string name = "m";
        name += std::to_string(column);
        result.columns.push_back({.metric = std::move(name),
                                  .commodity = "all",
                                  .region = "world",
                                  .unit = "usd",
                                  .sentence = ""});
    }
    result.values = values;
    result.trials = values.front().size();
    return result;
}

TEST(PairedDifference, IsThatOfTheMeansWithTheErrorOfTheDifferences)
{
    const std::vector<double> one = {1, 2, 4, 9}, other = {2, 2, 3, 5};
    const Figure figure = paired_difference(one, other);
    EXPECT_DOUBLE_EQ(figure.estimate.value, 1);  // -1 0 1 4
    EXPECT_DOUBLE_EQ(figure.standard_error, std::sqrt(14.0 / 3 / 4));
    EXPECT_EQ(figure.n, 4U);
}

TEST(PairedEsDifference, MatchesTheClosedFormOfExponentialLosses)
{
    // ES of an exponential law of mean m at level a: m (1 - ln(1 - a)).
    const std::vector<double> one = exponentials(100'000, 3);
    std::vector<double> half = one;
    for (double& value : half) {
        value *= 0.5;
    }
    const Figure figure = paired_es_difference(half, one, 0.95);
    const double exact = -0.5 * (1 - std::log(0.05));
    EXPECT_NEAR(figure.estimate.value, exact, 4 * figure.standard_error);
    EXPECT_LT(4 * figure.standard_error, 0.05);
    EXPECT_EQ(figure.n, 5000U);
}

TEST(PairedEsDifference, HasAnErrorThatIsRight)
{
    // The scatter of the figure over repeats, beside the error that each gives itself.
    constexpr int repeats = 300;
    double sum = 0, squares = 0, errors = 0;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const auto seed = static_cast<std::uint64_t>(repeat);
        const std::vector<double> one = exponentials(4000, 2 * seed);
        const std::vector<double> noise = exponentials(4000, 2 * seed + 1);
        std::vector<double> other(one.size());
        for (std::size_t trial = 0; trial < one.size(); ++trial) {
            other[trial] = one[trial] + 0.3 * noise[trial];
        }
        const Figure figure = paired_es_difference(other, one, 0.9);
        sum += figure.estimate.value;
        squares += figure.estimate.value * figure.estimate.value;
        errors += figure.standard_error;
    }
    const double mean = sum / repeats;
    const double scatter = std::sqrt(squares / repeats - mean * mean);
    EXPECT_NEAR(scatter / (errors / repeats), 1, 0.17);  // 4 / sqrt(2 * 300)
}

TEST(PairedEsDifference, IsNotGivenOnFewTrials)
{
    const std::vector<double> values = exponentials(399, 1);  // 19 in the tail
    EXPECT_TRUE(std::isnan(paired_es_difference(values, values, 0.95).estimate.value));
}

TEST(RatioOfMeans, HasTheErrorOfTheDeltaMethod)
{
    const std::vector<double> b = exponentials(10'000, 5);
    std::vector<double> a = b;
    for (double& value : a) {
        value *= 3;
    }
    const Figure exact = ratio_of_means(a, b);
    EXPECT_NEAR(exact.estimate.value, 3, 1e-12);
    EXPECT_NEAR(exact.standard_error, 0, 1e-12);  // the same in each trial

    const Figure apart = ratio_of_means(exponentials(10'000, 6), b);
    EXPECT_NEAR(apart.estimate.value, 1, 4 * apart.standard_error);
    EXPECT_NEAR(apart.standard_error, std::sqrt(2.0 / 10'000), 2e-3);
}

TEST(RatioOfMeans, IsNotGivenOverWhatCannotBeToldFromZero)
{
    const std::vector<double> a = {1, 2, 3, 4}, b = {1, -1, 1, -1};
    EXPECT_TRUE(std::isnan(ratio_of_means(a, b).estimate.value));
}

TEST(CompareRuns, FindsNoDifferenceBetweenEqualRuns)
{
    const RunResult run = run_of({exponentials(1000, 1), exponentials(1000, 2)});
    const std::vector<ColumnComparison> all = compare_runs(run, run);
    ASSERT_EQ(all.size(), 2U);
    for (const ColumnComparison& of : all) {
        EXPECT_EQ(of.difference.estimate.value, 0);
        EXPECT_EQ(of.difference.standard_error, 0);
        EXPECT_EQ(of.es_difference.estimate.value, 0);
        EXPECT_EQ(of.lower.estimate.value, 0);
        EXPECT_EQ(of.higher.estimate.value, 0);
    }
}

TEST(CompareRuns, TakesRoundingForNoDifference)
{
    const std::vector<double> one = exponentials(1000, 1);
    std::vector<double> other = one;
    for (double& value : other) {
        value *= 1 + 1e-14;
    }
    const ColumnComparison of = compare_runs(run_of({other}), run_of({one})).front();
    EXPECT_EQ(of.lower.estimate.value, 0);
    EXPECT_EQ(of.higher.estimate.value, 0);
}

TEST(CompareRuns, SaysWhatPairingIsWorth)
{
    const std::vector<double> one = exponentials(10'000, 1);
    const std::vector<double> noise = exponentials(10'000, 2);
    std::vector<double> other(one.size());
    for (std::size_t trial = 0; trial < one.size(); ++trial) {
        other[trial] = one[trial] - 0.1 * noise[trial];
    }
    const ColumnComparison of = compare_runs(run_of({other}), run_of({one})).front();
    // Variances: 1 + 1.01 apart, 0.01 together.
    EXPECT_NEAR(of.variance_ratio, 201, 20);
    EXPECT_EQ(of.lower.estimate.value, 1);
    EXPECT_NEAR(of.difference.estimate.value, -0.1, 4 * of.difference.standard_error);
}

TEST(CompareRuns, RefusesTrialsThatAreNotTheSame)
{
    const RunResult run = run_of({exponentials(1000, 1)});
    EXPECT_THROW(compare_runs(run, run_of({exponentials(999, 1)})), std::invalid_argument);
    RunResult strided = run;
    strided.stride = 2;
    EXPECT_THROW(compare_runs(strided, run), std::invalid_argument);
    RunResult weighted = run;
    weighted.weights.assign(1000, 1);
    EXPECT_THROW(compare_runs(run, weighted), std::invalid_argument);
}

TEST(Contest, CountsWhoHasLessAndWhatOneWouldRegret)
{
    const Contest contest = contest_of({{1, 2, 3, 4}, {2, 1, 3, 0}});
    EXPECT_DOUBLE_EQ(contest.beats[0][1].estimate.value, 0.25);
    EXPECT_DOUBLE_EQ(contest.beats[1][0].estimate.value, 0.5);
    EXPECT_DOUBLE_EQ(contest.beats[0][0].estimate.value, 0);
    EXPECT_DOUBLE_EQ(contest.regret[0].estimate.value, 1.25);  // 0 1 0 4
    EXPECT_DOUBLE_EQ(contest.regret[1].estimate.value, 0.25);
}

TEST(Efficient, LeavesOutWhoIsBeatenOnBoth)
{
    const std::vector<double> costs = {0, 1, 2, 3, 3};
    const std::vector<double> losses = {9, 5, 6, 4, 4};
    EXPECT_EQ(efficient(costs, losses), (std::vector<bool>{true, true, false, true, true}));
}

}  // namespace
}  // namespace chokepoint
