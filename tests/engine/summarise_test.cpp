#include "chokepoint/engine/summarise.hpp"

#include "chokepoint/statistics/quantile.hpp"
#include "chokepoint/statistics/tail_risk.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsNan;

constexpr double never = std::numeric_limits<double>::infinity();

/// 1, 2, … n in no particular order.
std::vector<double> shuffled(std::size_t n)
{
    std::vector<double> values(n);
    std::iota(values.begin(), values.end(), 1.0);
    std::mt19937 engine(1);
    std::shuffle(values.begin(), values.end(), engine);
    return values;
}

TEST(SummariseColumn, GivesMeanQuantilesAndTailByHand)
{
    const ColumnSummary summary = summarise_column({}, shuffled(10'000));
    EXPECT_NEAR(summary.figure("mean").estimate.value, 5000.5, 1e-9);
    EXPECT_NEAR(summary.figure("sd").estimate.value, std::sqrt(10'000 * 10'001 / 12.0), 1e-6);
    EXPECT_EQ(summary.figure("p50").estimate.value, 5000);
    EXPECT_EQ(summary.figure("p50").estimate.lower, 4902);
    EXPECT_EQ(summary.figure("p50").estimate.upper, 5099);
    EXPECT_EQ(summary.figure("p99").estimate.value, 9900);
    EXPECT_EQ(summary.figure("var99").estimate.value, 9900);
    EXPECT_EQ(summary.figure("es99").estimate.value, 9950.5);
    EXPECT_EQ(summary.figure("es99").n, 100);
    EXPECT_EQ(summary.figure("p50").n, 10'000);
}

TEST(SummariseColumn, GivesNoFigureOfATailOfFewerThanTwentyTrials)
{
    const ColumnSummary few = summarise_column({}, shuffled(199));
    for (const char* statistic : {"p5", "p90", "p95", "p99.9", "var90", "es90", "es99"}) {
        EXPECT_THAT(few.figure(statistic).estimate.value, IsNan()) << statistic;
    }
    EXPECT_EQ(few.figure("p75").estimate.value, 150);
    const ColumnSummary enough = summarise_column({}, shuffled(200));
    EXPECT_EQ(enough.figure("var90").estimate.value, 180);
    EXPECT_EQ(enough.figure("es90").estimate.value, 190.5);
    EXPECT_EQ(enough.figure("es90").n, 20);
    EXPECT_THAT(enough.figure("p95").estimate.value, IsNan());
}

TEST(SummariseColumn, TakesTheTailIndexFromTheSameShareOfAnyNumberOfTrials)
{
    for (const std::size_t trials : {2000U, 20'000U}) {
        const std::vector<double> losses = shuffled(trials);
        EXPECT_EQ(summarise_column(Column{}, losses).figure("tail_index").n, trials / 20);
    }
    const std::vector<double> few = shuffled(1999);
    EXPECT_THAT(summarise_column(Column{}, few).figure("tail_index").estimate.value, IsNan());
}

TEST(SummariseColumn, CountsHowOftenThresholdsArePassedNotReached)
{
    Column column;
    column.thresholds = {0.05, 3};
    const ColumnSummary summary = summarise_column(column, std::vector<double>{3, 1, 4, 3});
    EXPECT_EQ(summary.figure("probability_above_0.05").estimate.value, 1);
    EXPECT_EQ(summary.figure("probability_above_3").estimate.value, 0.25);
    EXPECT_GT(summary.figure("probability_above_0.05").estimate.upper, 0.99);
    EXPECT_LT(summary.figure("probability_above_0.05").estimate.lower, 0.6);
}

TEST(SummariseColumn, SaysHowManyTrialsDoNotRecoverAndCountsTheHorizonForThem)
{
    Column column;
    column.horizon = 36;
    const std::vector<double> months = {0, 6, never, 12};
    const ColumnSummary summary = summarise_column(column, months);
    EXPECT_EQ(summary.figure("probability_not_within_horizon").estimate.value, 0.25);
    EXPECT_EQ(summary.figure("restricted_mean").estimate.value, (0 + 6 + 36 + 12) / 4.0);
    EXPECT_EQ(summary.figure("p50").estimate.value, 6);
    EXPECT_THROW(summary.figure("mean"), std::logic_error);
    EXPECT_THROW(summary.figure("es99"), std::logic_error);
}

TEST(SummariseColumn, GivesAnInfiniteQuantileWhereTooManyNeverRecover)
{
    Column column;
    column.horizon = 36;
    const ColumnSummary summary =
        summarise_column(column, std::vector<double>{1, 2, never, never});
    EXPECT_EQ(summary.figure("p50").estimate.value, 2);
    EXPECT_EQ(summary.figure("p75").estimate.value, never);
}

TEST(SummariseColumn, LeavesErrorsOutForASingleTrial)
{
    const ColumnSummary summary = summarise_column({}, std::vector<double>{7});
    EXPECT_EQ(summary.figure("mean").estimate.value, 7);
    EXPECT_THAT(summary.figure("mean").estimate.lower, IsNan());
    EXPECT_THAT(summary.figure("sd").estimate.value, IsNan());
}

TEST(MeanFigure, CoversTheTrueMeanAsOftenAsItSays)
{
    std::mt19937_64 engine(20240607);
    int covered = 0;
    constexpr int repeats = 2000;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        std::vector<double> values(200);
        for (double& value : values) {
            value = std::ldexp(static_cast<double>(engine() >> 11), -53);
        }
        const Estimate mean = mean_figure(values).estimate;
        covered += mean.lower <= 0.5 && 0.5 <= mean.upper ? 1 : 0;
    }
    const double error = std::sqrt(0.95 * 0.05 / repeats);
    EXPECT_NEAR(covered / static_cast<double>(repeats), 0.95, 4 * error);
    EXPECT_LT(4 * error, 0.02);
}

TEST(WorstTrials, AveragesOverTheWorstTrialsOfAnotherColumn)
{
    const std::vector<double> losses = shuffled(2000);
    std::vector<double> values(losses.size());
    std::transform(losses.begin(), losses.end(), values.begin(),
                   [](double loss) { return loss > 1980 ? loss : -1e6; });
    const Figure tail = WorstTrials(losses, {}, 0.99).mean_of(values);
    EXPECT_NEAR(tail.estimate.value, 1990.5, 1e-9);
    EXPECT_EQ(tail.n, 20);
}

TEST(WorstTrials, AreUncertainAsTheExpectedShortfallIs)
{
    std::mt19937_64 engine(11);
    std::exponential_distribution<double> draw;
    std::vector<double> losses(20000), weights(losses.size());
    for (std::size_t trial = 0; trial < losses.size(); ++trial) {
        losses[trial] = draw(engine);
        weights[trial] = 0.5 + draw(engine);
    }
    const Figure plain = WorstTrials(losses, {}, 0.99).mean_of(losses);
    const TailRisk risk = tail_risk(losses, 0.99);
    EXPECT_NEAR(plain.standard_error, risk.standard_error, 0.01 * risk.standard_error);
    const Figure weighted = WorstTrials(losses, weights, 0.99).mean_of(losses);
    const TailRisk of_weighted = tail_risk(WeightedSample(losses, weights), 0.99);
    EXPECT_NEAR(weighted.estimate.value, of_weighted.expected_shortfall, 1e-9);
    EXPECT_NEAR(weighted.standard_error, of_weighted.standard_error,
                0.01 * of_weighted.standard_error);
}

TEST(WorstTrials, HaveAnIntervalThatCoversTheTruth)
{
    // Of the sum of two normal variates each brings half its ES, φ(z) / (1 − α) √2.
    constexpr double level = 0.95;
    constexpr double truth = 0.10313564037537139 / (1 - level) / std::numbers::sqrt2;
    std::mt19937_64 engine(12);
    std::normal_distribution<double> draw;
    int covered = 0;
    constexpr int repeats = 2000;
    std::vector<double> losses(2000), values(losses.size());
    for (int repeat = 0; repeat < repeats; ++repeat) {
        for (std::size_t trial = 0; trial < losses.size(); ++trial) {
            values[trial] = draw(engine);
            losses[trial] = values[trial] + draw(engine);
        }
        const Estimate tail = WorstTrials(losses, {}, level).mean_of(values).estimate;
        covered += tail.lower <= truth && truth <= tail.upper ? 1 : 0;
    }
    // A tail of 100 trials, whose skew costs up to one per cent.
    const double error = std::sqrt(level * (1 - level) / repeats);
    EXPECT_NEAR(covered / static_cast<double>(repeats), 0.95, 0.01 + 3 * error);
}

TEST(WorstTrials, SharesTheBoundaryAmongTiedTrials)
{
    // Ten trials are worse than the boundary; thirty tie for the ten places that are left.
    std::vector<double> losses(2000, 0), values(2000, 0);
    for (std::size_t trial = 0; trial < 40; ++trial) {
        losses[trial] = trial < 10 ? 2 : 1;
        values[trial] = trial < 10 ? 0 : static_cast<double>(trial);
    }
    const double tied_mean = (10 + 39) / 2.0;
    const double expected = 0.5 * 0 + 0.5 * tied_mean;
    EXPECT_NEAR(WorstTrials(losses, {}, 0.99).mean_of(values).estimate.value, expected, 1e-9);
    std::reverse(losses.begin(), losses.end());
    std::reverse(values.begin(), values.end());
    EXPECT_NEAR(WorstTrials(losses, {}, 0.99).mean_of(values).estimate.value, expected, 1e-9);
}

TEST(WorstTrials, IsMissingOnFewerThanTwentyTrials)
{
    const std::vector<double> losses = shuffled(1999);
    EXPECT_THAT(WorstTrials(losses, {}, 0.99).mean_of(losses).estimate.value, IsNan());
}

void expect_same(const Estimate& one, const Estimate& other)
{
    const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
    EXPECT_EQ(bits(one.value), bits(other.value));
    EXPECT_EQ(bits(one.lower), bits(other.lower));
    EXPECT_EQ(bits(one.upper), bits(other.upper));
}

TEST(SummariseColumn, GivesTheFiguresOfTheSortedColumn)
{
    for (const std::size_t n : {1U, 20U, 199U, 200U, 399U, 400U, 1999U, 5000U, 20'000U}) {
        std::vector<double> values = shuffled(n);
        for (double& value : values) {
            value = std::round(0.7 * value) / 3;  // with ties
        }
        const ColumnSummary summary = summarise_column({}, values);
        std::sort(values.begin(), values.end());
        for (const auto& [level, name] : {std::pair{0.05, "p5"},
                                          {0.25, "p25"},
                                          {0.5, "p50"},
                                          {0.75, "p75"},
                                          {0.9, "p90"},
                                          {0.9, "var90"},
                                          {0.99, "p99"},
                                          {0.99, "var99"},
                                          {0.999, "p99.9"}}) {
            const Estimate estimate = summary.figure(name).estimate;
            if (!std::isnan(estimate.value)) {
                expect_same(estimate, quantile_estimate(values, level));
            }
            const double beyond = static_cast<double>(n) * (1 - std::max(level, 1 - level));
            EXPECT_EQ(std::isnan(estimate.value),
                      std::max(level, 1 - level) > 0.89 && beyond < 20 - 1e-9)
                << name << " of " << n;
        }
        for (const auto& [level, name] :
             {std::pair{0.9, "es90"}, {0.95, "es95"}, {0.99, "es99"}}) {
            const Figure& figure = summary.figure(name);
            if (static_cast<double>(n) * (1 - level) > 20 - 1e-9) {
                const TailRisk risk = tail_risk(values, level);
                expect_same(figure.estimate, expected_shortfall(risk));
                EXPECT_EQ(figure.standard_error, risk.standard_error);
            } else {
                EXPECT_THAT(figure.estimate.value, IsNan());
            }
        }
    }
}

/// A run of n trials with one column, one of an arc, and one series over two months.
RunResult small_result(std::size_t n)
{
    RunResult result;
    result.trials = n;
    result.columns = {{"shortfall_share", "all", "world", "share", ""},
                      {"arc_rent", "neodymium", "china > all", "usd", ""}};
    result.columns[1].arc = 0;
    result.values = {shuffled(n), shuffled(n)};
    result.series = {{"price", "all", "world", "ratio", ""}};
    result.bands.resize(2);
    result.band_moments.resize(2);
    for (const double value : shuffled(n)) {
        for (const std::size_t month : {0U, 1U}) {
            result.bands[month].add(month == 0 ? 1 : value);
            result.band_moments[month].add(month == 0 ? 1 : value);
        }
    }
    return result;
}

TEST(Summarise, LeavesColumnsOfArcsToTheChokepointTable)
{
    const RunSummary summary = summarise(small_result(400));
    EXPECT_EQ(summary.columns.size(), 1);
    EXPECT_EQ(summary.column("shortfall_share", "all", "world").figure("p50").estimate.value,
              200);
    EXPECT_THROW(summary.column("arc_rent", "neodymium", "china > all"), std::logic_error);
}

TEST(Summarise, GivesBandsByMonthWithinTheSketchsPrecision)
{
    const RunSummary summary = summarise(small_result(400));
    ASSERT_EQ(summary.bands.size(), 2);
    std::vector<std::string> statistics;
    for (const Figure& figure : summary.bands[1].figures) {
        statistics.push_back(figure.statistic);
    }
    EXPECT_THAT(statistics, ElementsAre("mean", "p5", "p25", "p50", "p75", "p95"));
    for (const Figure& figure : summary.bands[0].figures) {
        EXPECT_EQ(figure.estimate.value, 1) << figure.statistic;
    }
    EXPECT_EQ(summary.bands[1].month, 1);
    EXPECT_NEAR(summary.bands[1].figures[0].estimate.value, 200.5, 1e-9);
    EXPECT_NEAR(summary.bands[1].figures[5].estimate.value, 380, 0.005 * 380);
    EXPECT_THAT(summarise(small_result(399)).bands[1].figures[5].estimate.value, IsNan());
}

TEST(Summarise, GivesTheSameBitsForAnyNumberOfThreads)
{
    RunResult result = small_result(500);
    for (std::size_t column = 0; column < 40; ++column) {
        result.columns.push_back({"metric" + std::to_string(column), "all", "world", "", ""});
        result.values.push_back(shuffled(500));
        std::rotate(result.values.back().begin(),
                    result.values.back().begin() + static_cast<std::ptrdiff_t>(column),
                    result.values.back().end());
    }
    for (std::size_t position = 2; position < 2000; ++position) {
        LogSketch sketch;
        Moments moments;
        for (std::size_t trial = 0; trial < 500; ++trial) {
            sketch.add(result.values[0][trial] + static_cast<double>(position));
            moments.add(result.values[0][trial] + static_cast<double>(position));
        }
        result.bands.push_back(sketch);
        result.band_moments.push_back(moments);
    }
    const RunSummary one = summarise(result);
    for (const unsigned threads : {2U, 7U}) {
        const RunSummary other = summarise(result, threads);
        ASSERT_EQ(other.columns.size(), 41);
        ASSERT_EQ(other.bands.size(), 2000);
        for (std::size_t column = 0; column < one.columns.size(); ++column) {
            EXPECT_EQ(other.columns[column].column.metric, one.columns[column].column.metric);
            for (std::size_t at = 0; at < one.columns[column].figures.size(); ++at) {
                expect_same(other.columns[column].figures[at].estimate,
                            one.columns[column].figures[at].estimate);
            }
        }
        for (std::size_t position = 0; position < one.bands.size(); ++position) {
            EXPECT_EQ(other.bands[position].month, one.bands[position].month);
            for (std::size_t at = 0; at < one.bands[position].figures.size(); ++at) {
                expect_same(other.bands[position].figures[at].estimate,
                            one.bands[position].figures[at].estimate);
            }
        }
    }
}

/// Trials of which every second counts three times, and the others, of weight 1/4, by chance.
RunResult weighted_result(std::size_t trials)
{
    RunResult result = small_result(trials);
    result.bands.assign(2, LogSketch());
    result.band_moments.assign(2, Moments());
    for (std::size_t trial = 0; trial < trials; ++trial) {
        result.weights.push_back(trial % 2 == 0 ? 3 : 0.25);
        const int copies = trial % 2 == 0 ? 3 : trial % 8 == 1 ? 1 : 0;
        for (int copy = 0; copy < copies; ++copy) {
            for (std::size_t month = 0; month < 2; ++month) {
                result.bands[month].add(static_cast<double>(trial + 1));
                result.band_moments[month].add(static_cast<double>(trial + 1));
            }
        }
    }
    return result;
}

TEST(Summarise, TakesCopiesOfATrialForOne)
{
    // Of eight trials 13 copies: (4 x 3 + 1)^2 / (4 x 9 + 1) independent ones.
    const RunResult result = weighted_result(8000);
    const RunSummary summary = summarise(result);
    const double worth = 13.0 / 37;
    EXPECT_NEAR(summary.worth_of_copies, worth, 1e-12);
    const Figure& mean = summary.bands[0].figures[0];
    EXPECT_EQ(mean.n, 13'000);
    EXPECT_NEAR(mean.standard_error, result.band_moments[0].standard_error() / std::sqrt(worth),
                1e-9);
    const Figure& median = summary.bands[0].figures[3];
    const double independent = 13'000 * worth;
    EXPECT_EQ(median.n, std::round(independent));
    // The median's error, in ranks, of as many independent ones; 8,000 is the range.
    const double half = interval_z * 0.5 / std::sqrt(independent) * 8000;
    EXPECT_NEAR((median.estimate.upper - median.estimate.lower) / (2 * half), 1,
                0.2);  // bins of 1 %
}

TEST(Summarise, GivesNoBandsWhereNoTrialCounts)
{
    RunResult result = small_result(100);
    result.weights.assign(100, 0.001);
    result.bands.assign(2, LogSketch());
    result.band_moments.assign(2, Moments());
    for (const BandSummary& band : summarise(result).bands) {
        for (const Figure& figure : band.figures) {
            EXPECT_THAT(figure.estimate.value, IsNan());
            EXPECT_EQ(figure.n, 0);
        }
    }
}

TEST(Summarise, GivesMeansOfSeriesNoBoundBelowZero)
{
    RunResult result = small_result(100);
    result.band_moments.assign(2, Moments());
    for (int trial = 0; trial < 100; ++trial) {
        result.band_moments[0].add(trial == 0 ? 1 : 0);
    }
    EXPECT_EQ(summarise(result).bands[0].figures[0].estimate.lower, 0);
}

TEST(Summarise, WarnsOfTailsWithTooFewTrials)
{
    EXPECT_THAT(summarise(small_result(1000)).warnings,
                ElementsAre(HasSubstr("too narrow (worst 10 %: 100, 5 %: 50)"),
                            HasSubstr("no figures of it (worst 1 %: 10, 0.5 %: 5, 0.1 %: 1)")));
    EXPECT_THAT(summarise(small_result(400'000)).warnings, IsEmpty());
}

TEST(Summarise, WarnsOfMonthsAndTrialsThatAreNotWhatTheySeem)
{
    RunResult result = small_result(400'000);
    result.short_references = 3;
    result.unsettled_months = 5;
    result.first_unsettled_trial = 17;
    EXPECT_THAT(
        summarise(result).warnings,
        ElementsAre(HasSubstr("in 3 of 400000 trials users go short"),
                    HasSubstr("in 5 of the months of all trials taxes and shared quotas "
                              "did not settle (the first such trial is 17)")));
}

}  // namespace
}  // namespace chokepoint
