#include "chokepoint/statistics/quantile.hpp"

#include "chokepoint/random/stream.hpp"
#include "support/complaint.hpp"
#include "support/csv.hpp"
#include "support/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <boost/math/distributions/binomial.hpp>

namespace chokepoint {
namespace {

std::vector<double> one_to(std::size_t n)
{
    std::vector<double> numbers(n);
    std::iota(numbers.begin(), numbers.end(), 1.0);
    return numbers;
}

TEST(QuantileRank, IsTheSmallestRankThatReachesTheLevel)
{
    EXPECT_EQ(quantile_rank(10, 0.8), 8u);
    EXPECT_EQ(quantile_rank(10, 0.81), 9u);
    EXPECT_EQ(quantile_rank(10, 0), 1u);
    EXPECT_EQ(quantile_rank(10, 1), 10u);
    EXPECT_EQ(quantile_rank(1, 0.5), 1u);
}

TEST(QuantileRank, IsNotMovedByRounding)
{
    // 100 * 0.07 is 7.000000000000001 in binary; the rank must still be 7, not 8.
    EXPECT_EQ(quantile_rank(100, 0.07), 7u);
    for (std::size_t rank = 1; rank <= 1000; ++rank) {
        EXPECT_EQ(quantile_rank(1000, static_cast<double>(rank) / 1000), rank);
    }
}

TEST(QuantileRank, ExplainsWhatIsWrongWithItsArguments)
{
    EXPECT_EQ(complaint([] { quantile_rank(0, 0.5); }),
              "quantile_rank: no numbers given (needs at least one)");
    EXPECT_EQ(complaint([] { quantile_rank(5, nan); }),
              "quantile_rank: level is nan (must lie between 0 and 1)");
    EXPECT_EQ(complaint([] { quantile_rank(5, 1.5); }),
              "quantile_rank: level is 1.5 (must lie between 0 and 1)");
}

RC_GTEST_PROP(QuantileSorted, IsTheSmallestNumberWithEnoughBelow, ())
{
    auto numbers = *rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(0, 20), [](int x) { return static_cast<double>(x); })));
    std::sort(numbers.begin(), numbers.end());
    const double level = *rc::gen::inRange(1, 100) / 100.0;
    const double x = quantile_sorted(numbers, level);
    const auto share_within = [&](double bound) {
        const auto within = std::upper_bound(numbers.begin(), numbers.end(), bound);
        return static_cast<double>(within - numbers.begin())
               / static_cast<double>(numbers.size());
    };
    RC_ASSERT(share_within(x) >= level - 1e-12);
    RC_ASSERT(share_within(x - 0.5) < level);
}

RC_GTEST_PROP(SelectRanks, PutsTheNumbersOfRanksWhereSortingDoes, ())
{
    const auto numbers = *rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(-20, 20), [](int x) { return 0.5 * x; }));
    std::vector<std::size_t> ranks;
    for (std::size_t rank = 1; rank <= numbers.size(); ++rank) {
        if (*rc::gen::inRange(0, 3) == 0) {
            ranks.push_back(rank);
        }
    }
    std::vector<double> selected = numbers, sorted = numbers;
    std::sort(sorted.begin(), sorted.end());
    select_ranks(selected, ranks);
    for (const std::size_t rank : ranks) {
        const auto place = selected.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
        RC_ASSERT(*place == sorted[rank - 1]);
        RC_ASSERT(std::all_of(selected.begin(), place, [&](double x) { return x <= *place; }));
        RC_ASSERT(std::all_of(place, selected.end(), [&](double x) { return x >= *place; }));
    }
    std::sort(selected.begin(), selected.end());
    RC_ASSERT(selected == sorted);
}

TEST(SelectRanks, RefusesRanksThatFallRepeatOrLieBeyondTheNumbers)
{
    const std::string refusal =
        "select_ranks: the ranks must go upwards, from 1 to the number of values";
    std::vector<double> numbers = {3, 1, 2};
    const auto said = [&](std::vector<std::size_t> ranks) {
        return complaint([&] { select_ranks(numbers, ranks); });
    };
    EXPECT_EQ(said({}), "(no complaint)");
    EXPECT_EQ(said({0}), refusal);
    EXPECT_EQ(said({4}), refusal);
    EXPECT_EQ(said({2, 1}), refusal);
    EXPECT_EQ(said({2, 2}), refusal);
}

TEST(OrderStatisticRanks, EqualTheTable)
{
    for (const CsvRow& row : read_test_table("quantile_order_stat_ci.csv")) {
        const RankInterval ranks =
            order_statistic_ranks(row.count("n"), row.number("p"), row.number("level"));
        EXPECT_EQ(ranks.lower, row.count("rank_lo_1based"));
        const bool unbounded = row.text("rank_hi_1based") == "inf";
        EXPECT_EQ(ranks.upper.has_value(), !unbounded);
        if (!unbounded) {
            EXPECT_EQ(ranks.upper, row.count("rank_hi_1based"));
        }
        // x_(lower) <= q < x_(upper) holds if from lower to upper - 1 numbers lie at or below
        // q.
        const boost::math::binomial count(row.number("n"), row.number("p"));
        const double above_lower = cdf(complement(count, static_cast<double>(ranks.lower) - 1));
        const double beyond =
            unbounded ? 0 : cdf(complement(count, static_cast<double>(*ranks.upper) - 1));
        EXPECT_NEAR(above_lower - beyond, row.number("exact_coverage"), 1e-6);
    }
}

TEST(OrderStatisticRanks, AreTheBinomialQuantilesForEverySmallSample)
{
    for (std::size_t n = 1; n <= 60; ++n) {
        for (const double p : {0.001, 0.05, 0.3, 0.5, 0.77, 0.95, 0.999}) {
            const boost::math::binomial count(static_cast<double>(n), p);
            std::size_t lower = 0;
            while (cdf(count, static_cast<double>(lower)) < 0.025) {
                ++lower;
            }
            std::size_t upper = lower;
            while (cdf(count, static_cast<double>(upper)) < 0.975) {
                ++upper;
            }
            ++upper;
            const RankInterval ranks = order_statistic_ranks(n, p);
            EXPECT_EQ(ranks.lower, lower) << n << ' ' << p;
            EXPECT_EQ(ranks.upper.value_or(n + 1), upper) << n << ' ' << p;
        }
    }
}

TEST(OrderStatisticRanks, ExplainWhatIsWrongWithTheirArguments)
{
    EXPECT_EQ(complaint([] { order_statistic_ranks(0, 0.5); }),
              "order_statistic_ranks: n is 0 (needs at least one number)");
    EXPECT_EQ(complaint([] { order_statistic_ranks(10, 1); }),
              "order_statistic_ranks: p is 1 (must lie between 0 and 1, both excluded)");
    EXPECT_EQ(
        complaint([] { order_statistic_ranks(10, 0.5, nan); }),
        "order_statistic_ranks: confidence is nan (must lie between 0 and 1, both excluded)");
}

TEST(QuantileEstimate, TakesItsBoundsFromTheSample)
{
    const Estimate median = quantile_estimate(one_to(1000), 0.5);
    EXPECT_EQ(median.value, 500);
    EXPECT_EQ(median.lower, 469);
    EXPECT_EQ(median.upper, 532);
}

TEST(QuantileEstimate, HasNoBoundWhereTheSampleIsTooSmallForOne)
{
    const Estimate high = quantile_estimate(one_to(100), 0.99);
    EXPECT_EQ(high.value, 99);
    EXPECT_EQ(high.lower, 97);
    EXPECT_TRUE(std::isnan(high.upper));
    const Estimate low = quantile_estimate(one_to(100), 0.01);
    EXPECT_EQ(low.value, 1);
    EXPECT_TRUE(std::isnan(low.lower));
    EXPECT_EQ(low.upper, 4);
}

TEST(QuantileEstimateSlow, CoversTheQuantileAsOftenAsTheTableSays)
{
    constexpr int repeats = 1000;
    std::map<std::size_t, std::vector<CsvRow>> rows_by_size;
    for (const CsvRow& row : read_test_table("quantile_order_stat_ci.csv")) {
        rows_by_size[row.count("n")].push_back(row);
    }
    for (const auto& [n, rows] : rows_by_size) {
        std::vector<int> covered(rows.size());
        for (int repeat = 0; repeat < repeats; ++repeat) {
            Philox stream =
                make_stream(5, Purpose::parameter, static_cast<std::uint64_t>(repeat),
                            hash_name("quantile_test"));
            std::vector<double> sample(n);
            for (double& u : sample) {
                u = uniform_open(stream);
            }
            std::sort(sample.begin(), sample.end());
            for (std::size_t i = 0; i < rows.size(); ++i) {
                // The p-quantile of a uniform law is p itself.
                const double p = rows[i].number("p");
                const Estimate estimate = quantile_estimate(sample, p);
                covered[i] += estimate.lower <= p && !(estimate.upper <= p);
            }
        }
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const double expected = rows[i].number("exact_coverage");
            const double error = std::sqrt(expected * (1 - expected) / repeats);
            EXPECT_NEAR(static_cast<double>(covered[i]) / repeats, expected, 3 * error)
                << n << ' ' << rows[i].text("p");
            EXPECT_LT(3 * error, 0.025);
        }
    }
}

}  // namespace
}  // namespace chokepoint
