#include "chokepoint/statistics/sample.hpp"

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/tail_risk.hpp"
#include "chokepoint/support/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace chokepoint {
namespace {

RC_GTEST_PROP(PlainSample, ReadsInAnyOrderWhatSortingWouldGive, ())
{
    const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(-30, 30), [](int x) { return 0.5 * x; })));
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const PlainSample sample(values);
    const auto questions = *rc::gen::container<std::vector<int>>(
        rc::gen::inRange(1, static_cast<int>(values.size()) + 1));
    for (const int rank : questions) {
        RC_ASSERT(sample.value_at(rank) == sorted[static_cast<std::size_t>(rank) - 1]);
        const double level = (rank - 0.5) / static_cast<double>(values.size());
        const auto tail = sample.tail(level);
        RC_ASSERT(tail.size() == values.size() - static_cast<std::size_t>(rank) + 1);
        for (std::size_t place = 0; place < tail.size(); ++place) {
            RC_ASSERT(tail[place].value == sorted[static_cast<std::size_t>(rank) - 1 + place]);
        }
    }
}

TEST(PlainSample, FindsItsPlacesAmongManyNumbersOfEitherSignAndSize)
{
    Philox stream = make_stream(1, Purpose::parameter, 0, hash_name("many"));
    const Distribution size(Lognormal{1, 9});
    std::vector<double> values(30'000);
    for (std::size_t at = 0; at < values.size(); ++at) {
        const double u = uniform01(stream);
        values[at] = u < 0.1   ? 0
                     : u < 0.3 ? -size.draw(stream)
                     : u < 0.5 ? 7
                     : u < 0.6 ? std::numeric_limits<double>::infinity()
                               : size.draw(stream);
    }
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const PlainSample sample(values);
    for (std::size_t rank = 1; rank <= values.size(); rank += 97) {
        ASSERT_EQ(sample.value_at(static_cast<double>(rank)), sorted[rank - 1]) << rank;
    }
    for (const double level : {0.995, 0.7, 0.2}) {
        const auto tail = sample.tail(level);
        for (std::size_t place = 0; place < tail.size(); ++place) {
            ASSERT_EQ(tail[place].value, sorted[sorted.size() - tail.size() + place]);
        }
    }
    for (std::size_t rank = 1; rank <= values.size(); rank += 89) {
        ASSERT_EQ(sample.value_at(static_cast<double>(rank)), sorted[rank - 1]) << rank;
    }
}

RC_GTEST_PROP(WeightedSample, IsThePlainOneWhereAllWeightsAreAlike, ())
{
    const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(-30, 30), [](int x) { return 0.5 * x; })));
    const std::vector<double> weights(values.size(), 0.25);
    const WeightedSample weighted(values, weights);
    const PlainSample plain(values);
    RankTable ranks;
    for (const double level : {0.05, 0.3, 0.5, 0.9, 0.99}) {
        RC_ASSERT(weighted.value_at(weighted.mass() * level)
                  == plain.value_at(plain.mass() * level));
        RC_ASSERT(std::abs(weighted.effective_count(level) / plain.mass() - 1) < 1e-9);
        RC_ASSERT(weighted.trials_beyond(level)
                  == std::floor(plain.mass() * (1 - level) + 1e-9));
        const Estimate one =
            quantile_estimate(weighted, level, weighted.effective_count(level), ranks);
        const Estimate other = quantile_estimate(plain, level, plain.mass(), ranks);
        RC_ASSERT(one.value == other.value);
        RC_ASSERT(one.lower == other.lower
                  || (std::isnan(one.lower) && std::isnan(other.lower)));
        RC_ASSERT(one.upper == other.upper
                  || (std::isnan(one.upper) && std::isnan(other.upper)));
    }
}

TEST(WeightedSample, TakesTheSmallestValueThatTheWeightsReachTheLevelAt)
{
    const WeightedSample sample(std::vector<double>{3, 1, 2}, std::vector<double>{1, 2, 5});
    EXPECT_EQ(sample.mass(), 8);
    EXPECT_EQ(sample.value_at(2), 1);
    EXPECT_EQ(sample.value_at(2.01), 2);
    EXPECT_EQ(sample.value_at(7), 2);
    EXPECT_EQ(sample.value_at(8), 3);
}

TEST(WeightedSample, KnowsATailFullOfSmallWeightsBetterThanPlainTrialsWould)
{
    // Half of the trials lie beyond the level of 99 %, each standing for little.
    std::vector<double> values(2000), weights(2000);
    std::iota(values.begin(), values.end(), 0.0);
    for (std::size_t trial = 0; trial < values.size(); ++trial) {
        weights[trial] = trial < 1000 ? 0.99 : 0.01;
    }
    const WeightedSample sample(values, weights);
    // The variance of F there: (0.01^2 * 1000 * 0.99^2 + 0.99^2 * 1000 * 0.01^2) / 1000^2.
    EXPECT_NEAR(sample.effective_count(0.99),
                0.99 * 0.01 / (2 * 0.01 * 0.01 * 0.99 * 0.99 / 1000), 1e-6 * 5e4);
    EXPECT_EQ(sample.trials_beyond(0.99), 505);  // 50505 effective trials, 1 % of them
    // Far fewer lie beyond than count, if their weights do not tell.
    EXPECT_LE(sample.trials_beyond(0.999), 100);
}

TEST(EffectiveSampleSize, IsTheNumberOfTrialsWhereWeightsAreAlike)
{
    EXPECT_DOUBLE_EQ(effective_sample_size(std::vector<double>(7, 0.3)), 7);
    EXPECT_DOUBLE_EQ(effective_sample_size(std::vector<double>{3, 1}), 16.0 / 10);
}

/// Exponential losses of mean 1 drawn from one of mean 3 in four of five trials, with their
/// weights 1 / (a + (1 - a) q / p).
void draw_tilted(std::size_t n, std::uint64_t repeat, std::vector<double>& values,
                 std::vector<double>& weights)
{
    constexpr double plain_share = 0.2, mean = 3;
    Philox stream = make_stream(42, Purpose::parameter, repeat, hash_name("tilted"));
    values.resize(n);
    weights.resize(n);
    for (std::size_t trial = 0; trial < n; ++trial) {
        const double scale = uniform01(stream) < plain_share ? 1 : mean;
        values[trial] = -scale * portable_log(uniform_open(stream));
        const double ratio = std::exp(values[trial] * (1 - 1 / mean)) / mean;
        weights[trial] = 1 / (plain_share + (1 - plain_share) * ratio);
    }
}

TEST(WeightedSampleSlow, IntervalsOfImportanceSampledFiguresCoverTheTruth)
{
    constexpr int repeats = 1000;
    constexpr std::size_t n = 20'000;
    RankTable ranks;
    for (const double level : {0.9, 0.99, 0.999}) {
        int var_covered = 0, es_covered = 0;
        double es_error = 0, es_sum = 0;
        const double var = -std::log(1 - level), es = var + 1;
        for (int repeat = 0; repeat < repeats; ++repeat) {
            std::vector<double> values, weights;
            draw_tilted(n, static_cast<std::uint64_t>(repeat), values, weights);
            const WeightedSample sample(values, weights);
            const Estimate quantile =
                quantile_estimate(sample, level, sample.effective_count(level), ranks);
            const TailRisk risk = tail_risk(sample, level);
            const Estimate shortfall = expected_shortfall(risk);
            var_covered += quantile.lower <= var && var <= quantile.upper ? 1 : 0;
            es_covered += shortfall.lower <= es && es <= shortfall.upper ? 1 : 0;
            es_error += risk.standard_error / repeats;
            es_sum += risk.expected_shortfall / repeats;
            ASSERT_GE(sample.trials_beyond(level), 400) << level;
        }
        std::printf("[ coverage ] level %.3f: VaR %.3f, ES %.3f\n", level,
                    var_covered / static_cast<double>(repeats),
                    es_covered / static_cast<double>(repeats));
        EXPECT_NEAR(var_covered / static_cast<double>(repeats), 0.95, 0.02) << level;
        EXPECT_NEAR(es_covered / static_cast<double>(repeats), 0.95, 0.02) << level;
        EXPECT_NEAR(es_sum, es, 4 * es_error / std::sqrt(repeats)) << level;
        // Plain trials would leave an error of sqrt((1 + level) / (1 - level) / n).
        EXPECT_LT(es_error, std::sqrt((1 + level) / (1 - level) / n)) << level;
    }
}

}  // namespace
}  // namespace chokepoint
