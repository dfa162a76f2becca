#include "chokepoint/statistics/column_sketch.hpp"

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/tail_risk.hpp"
#include "support/complaint.hpp"
#include "support/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// Losses and gains of any size, some of them 0.
std::vector<double> outcomes(std::size_t n)
{
    Philox stream = make_stream(3, Purpose::parameter, 0, hash_name("sketch"));
    const Distribution size(Lognormal{1e6, 2});
    std::vector<double> values(n);
    for (double& value : values) {
        const double u = uniform01(stream);
        value = u < 0.2 ? 0 : u < 0.4 ? -size.draw(stream) : size.draw(stream);
    }
    return values;
}

ColumnSketch sketch_of(const std::vector<double>& values, std::size_t largest,
                       std::size_t block = 64)
{
    ColumnSketch sketch(largest, {0, 1e6});
    for (std::size_t first = 0; first < values.size(); first += block) {
        sketch.add(std::span(values).subspan(first, std::min(block, values.size() - first)),
                   first);
    }
    return sketch;
}

TEST(ColumnSketch, GivesQuantilesWithinHalfAPercentAndTheTailExactly)
{
    const std::vector<double> values = outcomes(50'000);
    const ColumnSketch sketch = sketch_of(values, 1000);
    const WeightedSample sample = sketch.sample();
    const PlainSample exact(values);
    EXPECT_EQ(sample.mass(), 50'000);
    for (const double level : {0.01, 0.1, 0.2, 0.39, 0.5, 0.9, 0.97, 0.99, 0.999}) {
        const double truth = exact.value_at(exact.mass() * level);
        const double read = sample.value_at(sample.mass() * level);
        EXPECT_LE(std::abs(read - truth), level < 0.98 ? 0.005 * std::abs(truth) : 0) << level;
        EXPECT_NEAR(sample.effective_count(level), 50'000, 1e-3) << level;
        EXPECT_EQ(sample.trials_beyond(level), exact.trials_beyond(level)) << level;
    }
    for (const double level : {0.99, 0.999}) {
        const TailRisk one = tail_risk(sample, level), other = tail_risk(exact, level);
        EXPECT_NEAR(one.expected_shortfall / other.expected_shortfall, 1, 1e-12);
        EXPECT_NEAR(one.standard_error / other.standard_error, 1, 1e-9);
    }
    const TailRisk one = tail_risk(sample, 0.9), other = tail_risk(exact, 0.9);
    EXPECT_NEAR(one.expected_shortfall / other.expected_shortfall, 1, 0.005);
}

TEST(ColumnSketch, CountsWhatPassesItsThresholds)
{
    const std::vector<double> values = outcomes(10'000);
    const ColumnSketch sketch = sketch_of(values, 10);
    const auto above = [&](double threshold) {
        return std::count_if(values.begin(), values.end(),
                             [&](double value) { return value > threshold; });
    };
    EXPECT_EQ(sketch.count_above(0), above(0));
    EXPECT_EQ(sketch.count_above(1), above(1e6));
}

TEST(ColumnSketch, MergesToWhatOneSketchWouldHold)
{
    const std::vector<double> values = outcomes(6400);
    const ColumnSketch whole = sketch_of(values, 50);
    ColumnSketch late(50, {0, 1e6}), merged(50, {0, 1e6});
    late.add(std::span(values).subspan(3200), 3200);
    merged.add(std::span(values).first(3200), 0);
    merged.merge(late);
    EXPECT_EQ(merged.count(), whole.count());
    EXPECT_EQ(merged.largest(), whole.largest());
    EXPECT_EQ(merged.count_above(1), whole.count_above(1));
    for (const double level : {0.1, 0.5, 0.995}) {
        EXPECT_EQ(merged.sample().value_at(6400 * level),
                  whole.sample().value_at(6400 * level));
    }
    EXPECT_NEAR(merged.moments().mean() / whole.moments().mean(), 1, 1e-12);
    EXPECT_EQ(complaint([&] {
                  merged.merge(ColumnSketch(49, {0, 1e6}));
              }),
              "ColumnSketch: the sketches keep different things");
}

TEST(ColumnSketch, NamesTheLargestTrialsTheEarlierOfEqualsFirst)
{
    ColumnSketch sketch(3, {});
    sketch.add(std::vector<double>{5, 7, 5, 7, 1}, 10, 2);
    const std::vector<RankedTrial> expected = {{7, 12}, {7, 16}, {5, 10}};
    EXPECT_EQ(sketch.largest(), expected);
}

TEST(ColumnSketch, KeepsInfiniteValuesApartAndCountsTheCeilingInItsMoments)
{
    ColumnSketch sketch(2, {}, 36);
    sketch.add(std::vector<double>{0, 12, infinity, infinity, infinity}, 0);
    EXPECT_EQ(sketch.infinite(), 3);
    EXPECT_EQ(sketch.count(), 5);
    EXPECT_DOUBLE_EQ(sketch.moments().mean(), (12 + 3 * 36) / 5.0);
    const WeightedSample sample = sketch.sample();
    EXPECT_EQ(sample.value_at(1), 0);
    EXPECT_NEAR(sample.value_at(2), 12, 0.06);
    EXPECT_EQ(sample.value_at(3), infinity);
    EXPECT_EQ(complaint([&] { sketch.add(std::vector<double>{std::nan("")}, 5); }),
              "ColumnSketch: NaN cannot be added");
}

}  // namespace
}  // namespace chokepoint
