#include "chokepoint/engine/kept_trials.hpp"

#include "chokepoint/engine/summarise.hpp"
#include "engine/small_scenario.hpp"
#include "support/complaint.hpp"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::HasSubstr;

RunResult run_within(const Model& model, std::uint64_t memory, std::uint64_t trials,
                     unsigned threads, Sampling sampling = Sampling::plain)
{
    Progress silent;
    return run(model, all_meters(model),
               {.seed = 5,
                .trials = trials,
                .sampling = sampling,
                .threads = threads,
                .memory = memory},
               silent);
}

/// Room for 16 blocks of the small model with its twins, a little more than the least.
std::uint64_t little_memory(const Model& model)
{
    Progress silent;
    const RunResult shape = run(model, all_meters(model), {.seed = 5, .trials = 64}, silent);
    return shape.columns.size() * sizeof(double) * (64 + 8) * 17 * 4 / 3;
}

TEST(TrialKeeper, KeepsAllValuesWhileThereIsRoom)
{
    const Model model = small_model();
    const RunResult result = run_within(model, default_memory, 1000, 2);
    EXPECT_EQ(result.stride, 1);
    EXPECT_TRUE(result.sketches.empty());
    EXPECT_EQ(result.values[0].size(), 1000);
}

TEST(TrialKeeper, KeepsEverySecondFourthAndEighthTrialWhenItRunsOut)
{
    const Model model = small_model();
    const RunResult all = run_within(model, default_memory, 7000, 2);
    const RunResult few = run_within(model, little_memory(model), 7000, 2);
    EXPECT_EQ(few.trials, 7000);
    ASSERT_EQ(few.stride, 8);
    for (std::size_t column = 0; column < all.values.size(); ++column) {
        ASSERT_EQ(few.values[column].size(), (7000 + 7) / 8);
        for (std::size_t place = 0; place < few.values[column].size(); ++place) {
            ASSERT_EQ(few.values[column][place], all.values[column][8 * place]);
        }
        ASSERT_EQ(few.twin_values[column], all.twin_values[column]);
    }
}

TEST(TrialKeeper, ThinsTwinsWithTheirTrials)
{
    const Model model = small_model();
    const RunResult all = run_within(model, default_memory, 20'000, 2);
    const RunResult few = run_within(model, little_memory(model), 20'000, 2);
    ASSERT_EQ(few.stride, 32);
    for (std::size_t column = 0; column < all.values.size(); ++column) {
        ASSERT_EQ(few.twin_values[column].size(), few.values[column].size());
        for (std::size_t pair = 0; pair < few.values[column].size(); ++pair) {
            ASSERT_EQ(few.twin_values[column][pair], all.twin_values[column][4 * pair]);
        }
    }
}

TEST(TrialKeeper, GivesTheSameBitsForAnyNumberOfThreads)
{
    const Model model = small_model();
    const std::uint64_t memory = little_memory(model);
    const RunSummary one = summarise(run_within(model, memory, 5000, 1), 1);
    const RunSummary three = summarise(run_within(model, memory, 5000, 3), 3);
    for (std::size_t column = 0; column < one.columns.size(); ++column) {
        for (std::size_t place = 0; place < one.columns[column].figures.size(); ++place) {
            const Estimate& left = one.columns[column].figures[place].estimate;
            const Estimate& right = three.columns[column].figures[place].estimate;
            const auto same = [](double x, double y) {
                return x == y || (std::isnan(x) && std::isnan(y));
            };
            EXPECT_TRUE(same(left.value, right.value) && same(left.lower, right.lower)
                        && same(left.upper, right.upper));
        }
    }
}

TEST(TrialKeeper, LeavesMeansAndProbabilitiesAsTheyAreAndQuantilesWithinHalfAPercent)
{
    const Model model = small_model();
    const RunSummary exact = summarise(run_within(model, default_memory, 9000, 2), 2);
    const RunSummary rough = summarise(run_within(model, little_memory(model), 9000, 2), 2);
    ASSERT_GT(rough.stride, 1);
    ASSERT_EQ(rough.columns.size(), exact.columns.size());
    for (std::size_t column = 0; column < exact.columns.size(); ++column) {
        const Column& of = exact.columns[column].column;
        for (std::size_t place = 0; place < exact.columns[column].figures.size(); ++place) {
            const Figure& left = exact.columns[column].figures[place];
            const Figure& right = rough.columns[column].figures[place];
            ASSERT_EQ(left.statistic, right.statistic);
            const std::string what = of.metric + ' ' + of.region + ' ' + left.statistic;
            if (left.statistic == "mean" || left.statistic == "sd" || left.statistic == "skew"
                || left.statistic == "restricted_mean"
                || left.statistic.starts_with("probability")) {
                EXPECT_TRUE(left.estimate.value == right.estimate.value
                            || std::isnan(left.estimate.value))
                    << what;
                EXPECT_EQ(left.n, right.n) << what;
            } else if (left.statistic.starts_with("p") || left.statistic.starts_with("var")
                       || left.statistic.starts_with("es")) {
                if (left.statistic != "parameter_share" && std::isfinite(left.estimate.value)) {
                    EXPECT_NEAR(left.estimate.value, right.estimate.value,
                                0.005 * std::abs(left.estimate.value))
                        << what;
                }
                // What the bins hide is in the intervals of quantiles.
                const bool is_mean =
                    left.statistic.starts_with("es") || left.statistic == "parameter_share";
                if (!is_mean && std::isfinite(left.estimate.upper)) {
                    const double noise = 1e-9 * std::abs(left.estimate.value);
                    EXPECT_LE(right.estimate.lower, left.estimate.lower + noise) << what;
                    EXPECT_GE(right.estimate.upper, left.estimate.upper - noise) << what;
                }
            }
        }
    }
    ASSERT_EQ(exact.exceedance.size(), rough.exceedance.size());
    for (std::size_t curve = 0; curve < exact.exceedance.size(); ++curve) {
        for (std::size_t place = 0; place < return_periods.size(); ++place) {
            const Estimate& left = exact.exceedance[curve].points[place].figure.estimate;
            const Estimate& right = rough.exceedance[curve].points[place].figure.estimate;
            if (!std::isnan(left.value) && !std::isnan(right.value)) {
                EXPECT_NEAR(left.value, right.value, 0.005 * std::abs(left.value));
                // What comes together is not known: the interval is rather too wide.
                EXPECT_LE(right.lower, left.lower + 0.01 * std::abs(left.lower));
                EXPECT_GE(right.upper, left.upper - 0.01 * std::abs(left.upper));
            }
        }
    }
}

TEST(TrialKeeper, FindsTheSameWorstTrials)
{
    const Model model = small_model();
    const RunResult exact = run_within(model, default_memory, 5000, 2);
    const RunResult rough = run_within(model, little_memory(model), 5000, 2);
    const std::size_t column = find_column(exact.columns, {.metric = "shortfall_share"});
    EXPECT_EQ(worst_trials(exact, column, 10), worst_trials(rough, column, 10));
    EXPECT_EQ(worst_trials(exact, column, 10).size(), 10);
}

TEST(TrialKeeper, SaysWhatMemoryItNeeds)
{
    const Model model = small_model();
    EXPECT_THAT(complaint<MemoryError>([&] { run_within(model, 1000, 64, 1); }),
                HasSubstr("--memory must be at least"));
    EXPECT_THAT(complaint<MemoryError>(
                    [&] { run_within(model, little_memory(model), 5000, 1, Sampling::sobol); }),
                HasSubstr("needs all values of all trials"));
}

}  // namespace
}  // namespace chokepoint
