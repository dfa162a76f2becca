#include "chokepoint/statistics/log_sketch.hpp"

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/quantile.hpp"
#include "chokepoint/support/elementary.hpp"
#include "support/complaint.hpp"
#include "support/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace chokepoint {
namespace {

LogSketch sketch_of(const std::vector<double>& numbers)
{
    LogSketch sketch;
    for (const double x : numbers) {
        sketch.add(x);
    }
    return sketch;
}

std::string bytes_of(const LogSketch& sketch)
{
    std::string bytes;
    sketch.append_to(bytes);
    return bytes;
}

std::vector<double> lognormal_sample(std::size_t n)
{
    const Distribution law = Lognormal{2, 1.5};
    Philox stream = make_stream(1, Purpose::parameter, 0, hash_name("log_sketch_test"));
    std::vector<double> sample(n);
    for (double& x : sample) {
        x = uniform01(stream) < 0.2 ? 0 : law.draw(stream);
    }
    return sample;
}

TEST(LogSketch, GivesQuantilesWithinHalfAPercent)
{
    std::vector<double> sample = lognormal_sample(50'000);
    const LogSketch sketch = sketch_of(sample);
    std::sort(sample.begin(), sample.end());
    for (double level = 0; level <= 1; level += 0.001) {
        const double exact = quantile_sorted(sample, level);
        EXPECT_NEAR(sketch.quantile(level), exact, 0.005 * exact) << level;
    }
    EXPECT_EQ(sketch.count(), 50'000u);
}

TEST(LogSketch, ReportsOneAndZeroExactly)
{
    const LogSketch sketch = sketch_of({0, 0, 0, 1, 1, 1, 1, 3});
    EXPECT_EQ(sketch.quantile(0.3), 0);
    EXPECT_EQ(sketch.quantile(0.375), 0);
    EXPECT_EQ(sketch.quantile(0.376), 1);
    EXPECT_EQ(sketch.quantile(0.8), 1);
    EXPECT_NEAR(sketch.quantile(1), 3, 0.015);
    EXPECT_EQ(sketch.zeros(), 3u);
}

TEST(LogSketch, RoundsEveryValueByLessThanHalfAPercent)
{
    for (double x = 1.01e-12; x < 1e15; x *= 1.00137) {
        EXPECT_NEAR(sketch_of({x}).quantile(0.5) / x, 1, 0.005) << x;
    }
}

TEST(LogSketch, HasItsBoundsHalfWayBetweenPowersOfGamma)
{
    for (int index = -2776; index < 2776; index += 7) {
        const double bound = std::pow(LogSketch::gamma, index + 0.5);
        EXPECT_EQ(LogSketch::bin_of(bound * (1 - 1e-5)), index);
        EXPECT_EQ(LogSketch::bin_of(bound * (1 + 1e-5)), index + 1);
    }
}

TEST(LogSketch, FindsBinsThatNeverFallAsNumbersRise)
{
    LogSketch::Bin before = LogSketch::bin_of(1e-13);
    EXPECT_EQ(before, -2777);
    for (double x = 1e-13; x < 1e16; x *= 1.00037) {
        EXPECT_GE(LogSketch::bin_of(x), before) << x;
        before = LogSketch::bin_of(x);
    }
    EXPECT_EQ(before, 3471);
}

TEST(LogSketch, CountsManyBinsLikeEachOfThem)
{
    const std::vector<double> sample = lognormal_sample(5000);
    std::vector<LogSketch::Bin> bins;
    for (const double x : sample) {
        bins.push_back(LogSketch::bin_of(x));
    }
    LogSketch sketch;
    sketch.add_all(std::span(bins).first(1));
    sketch.add_all(std::span(bins).subspan(1, 17));
    sketch.add_all(std::span(bins).subspan(18));
    EXPECT_EQ(sketch, sketch_of(sample));
    sketch.add_all({});
    EXPECT_EQ(sketch, sketch_of(sample));

    LogSketch zeros;
    zeros.add_all(std::vector<LogSketch::Bin>(100'000, LogSketch::zero_bin));
    EXPECT_EQ(zeros.zeros(), 100'000u);
    zeros.add_all({});
    EXPECT_EQ(zeros.count(), 100'000u);
    EXPECT_EQ(zeros.quantile(1), 0);
}

TEST(LogSketch, CountsWhatIsOutOfRangeAtTheNearerBound)
{
    EXPECT_NEAR(sketch_of({1e-300}).quantile(0.5) / LogSketch::least, 1, 0.005);
    EXPECT_NEAR(sketch_of({1e300}).quantile(0.5) / LogSketch::most, 1, 0.005);
    EXPECT_NEAR(sketch_of({infinity}).quantile(0.5) / LogSketch::most, 1, 0.005);
}

TEST(LogSketch, TakesLogarithmsToo)
{
    LogSketch by_log;
    const std::vector<double> sample = lognormal_sample(1000);
    for (const double x : sample) {
        by_log.add_log(portable_log(x));
    }
    EXPECT_EQ(by_log, sketch_of(sample));
}

RC_GTEST_PROP(LogSketch, DependsNeitherOnOrderNorOnMerging, ())
{
    const auto numbers = *rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(0, 2000),
                     [](int x) { return x < 100 ? 0 : portable_exp(0.02 * x - 20); }));
    const auto cut = *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(numbers) + 1);
    const LogSketch whole = sketch_of(numbers);
    const LogSketch first = sketch_of({numbers.begin(), numbers.begin() + cut});
    const LogSketch second = sketch_of({numbers.begin() + cut, numbers.end()});
    LogSketch forward = first;
    forward.merge(second);
    LogSketch backward = second;
    backward.merge(first);
    RC_ASSERT(forward == whole);
    RC_ASSERT(backward == whole);
    RC_ASSERT(bytes_of(forward) == bytes_of(whole));
    RC_ASSERT(sketch_of({numbers.rbegin(), numbers.rend()}) == whole);
}

RC_GTEST_PROP(LogSketch, ComesBackFromItsBytes, (std::vector<std::uint32_t> numbers))
{
    LogSketch sketch;
    for (const std::uint32_t x : numbers) {
        sketch.add(x * 1e-6);
    }
    const std::string bytes = bytes_of(sketch) + "more";
    std::string_view rest = bytes;
    RC_ASSERT(LogSketch::take_from(rest) == sketch);
    RC_ASSERT(rest == "more");
}

TEST(LogSketch, WritesBytesThatAreTheSameOnEveryMachine)
{
    // Two zeros; first bin 0; one bin; three ones.
    EXPECT_EQ(bytes_of(sketch_of({0, 1, 1, 0, 1})), std::string("\2\0\1\3", 4));
    // 200 numbers in bin -1, none in the next three, one in bin 3.
    std::vector<double> numbers(200, 1 / LogSketch::gamma);
    numbers.push_back(std::pow(LogSketch::gamma, 3));
    EXPECT_EQ(bytes_of(sketch_of(numbers)), std::string("\0\1\5\310\1\0\3\1", 8));
}

TEST(LogSketch, RefusesBytesThatAreNotASketch)
{
    const std::string refusal = "LogSketch: the bytes are not those of a sketch";
    const auto said = [](std::string_view bytes) {
        return complaint([&] { LogSketch::take_from(bytes); });
    };
    // Zeros; first bin -2; five bins: one number, three empty ones, two numbers.
    const std::string good("\1\3\5\1\0\3\2", 7);
    EXPECT_EQ(said(good), "(no complaint)");
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_EQ(said({good.data(), length}), refusal) << length;
    }
    const auto with = [&](std::size_t place, char byte) {
        std::string bad = good;
        bad[place] = byte;
        return said(bad);
    };
    EXPECT_EQ(with(3, '\0'), refusal) << "a run of no empty bins first";
    EXPECT_EQ(with(5, '\0'), refusal) << "a run of no empty bins";
    EXPECT_EQ(with(5, '\5'), refusal) << "a run that is too long";
    EXPECT_EQ(with(6, '\0'), refusal) << "an empty bin at the end";
    EXPECT_EQ(said(std::string("\1\3\2\0\1\1", 6)), refusal) << "an empty bin first";
    EXPECT_EQ(said(std::string("\1\3\0", 3)), refusal) << "a first bin of none";
    EXPECT_EQ(said("\1\3\377\377\3\1"), refusal) << "more bins than there are";
    EXPECT_EQ(said("\1\240\66\1\1"), refusal) << "bin 3472";
    EXPECT_EQ(said("\1\263\53\1\1"), refusal) << "bin -2778";
    EXPECT_EQ(said(std::string(11, '\377')), refusal) << "a number without end";
}

TEST(LogSketch, RefusesMoreNumbersThanItCanCount)
{
    const auto with_zeros = [](std::string_view zeros) {
        std::string bytes(zeros);
        bytes += std::string("\0\1\1", 3);  // one 1
        std::string_view rest = bytes;
        return LogSketch::take_from(rest);
    };
    EXPECT_THROW(with_zeros("\377\377\377\377\17"), std::invalid_argument);
    LogSketch full = with_zeros("\376\377\377\377\17");
    EXPECT_EQ(full.count(), 0xffff'ffffu);
    EXPECT_THROW(full.add(1), std::overflow_error);
    EXPECT_THROW(full.add_all(std::vector<LogSketch::Bin>(1)), std::overflow_error);
    EXPECT_THROW(full.merge(sketch_of({1})), std::overflow_error);
    EXPECT_EQ(full.count(), 0xffff'ffffu);
}

TEST(LogSketch, TakesItsIntervalFromTheOrderStatistics)
{
    std::vector<double> sample = lognormal_sample(1000);
    const LogSketch sketch = sketch_of(sample);
    std::sort(sample.begin(), sample.end());
    for (const double level : {0.05, 0.5, 0.9, 0.95}) {
        const Estimate exact = quantile_estimate(sample, level);
        const Estimate estimate = sketch.quantile_estimate(level);
        EXPECT_NEAR(estimate.value, exact.value, 0.005 * exact.value);
        EXPECT_NEAR(estimate.lower, exact.lower, 0.005 * exact.lower);
        EXPECT_NEAR(estimate.upper, exact.upper, 0.005 * exact.upper);
    }
    EXPECT_TRUE(std::isnan(sketch_of({1, 2, 3}).quantile_estimate(0.95).upper));
}

TEST(LogSketch, GivesTheNumbersOfManyRanksInOneWalk)
{
    std::vector<double> sample = lognormal_sample(1000);
    const LogSketch sketch = sketch_of(sample);
    std::sort(sample.begin(), sample.end());
    const std::vector<std::size_t> ranks = {
        1, 5, sketch.zeros(), sketch.zeros() + 1, 500, 500, 900, 1000};
    std::vector<double> values(ranks.size());
    sketch.values_at(ranks, values);
    for (std::size_t at = 0; at < ranks.size(); ++at) {
        EXPECT_EQ(values[at], sketch.quantile(static_cast<double>(ranks[at]) / 1000));
        EXPECT_NEAR(values[at], sample[ranks[at] - 1], 0.005 * sample[ranks[at] - 1]);
    }
    const std::string refusal =
        "LogSketch: the ranks must go upwards, from 1 to the number of values";
    const auto said = [&](std::vector<std::size_t> bad) {
        return complaint([&] { sketch.values_at(bad, values); });
    };
    EXPECT_EQ(said({}), "(no complaint)");
    EXPECT_EQ(said({0, 1}), refusal);
    EXPECT_EQ(said({1000, 1001}), refusal);
    EXPECT_EQ(said({3, 2}), refusal);
}

TEST(LogSketch, HasNoQuantilesWhenEmpty)
{
    EXPECT_TRUE(std::isnan(LogSketch().quantile(0.5)));
    EXPECT_TRUE(std::isnan(LogSketch().quantile_estimate(0.5).value));
    LogSketch merged;
    merged.merge(LogSketch());
    EXPECT_EQ(merged, LogSketch());
}

TEST(LogSketch, RefusesNegativeNumbersAndNaN)
{
    LogSketch sketch;
    EXPECT_EQ(complaint([&] { sketch.add(-1); }),
              "LogSketch: negative values and NaN cannot be added");
    EXPECT_EQ(complaint([&] { sketch.add(nan); }),
              "LogSketch: negative values and NaN cannot be added");
    EXPECT_EQ(complaint([&] { sketch.add_log(nan); }),
              "LogSketch: the logarithm of a value is NaN");
    EXPECT_EQ(sketch.count(), 0u);
}

}  // namespace
}  // namespace chokepoint
