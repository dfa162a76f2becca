#include "chokepoint/statistics/central_moments.hpp"

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"

#include <cmath>
#include <cstdio>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace chokepoint {
namespace {

std::vector<double> drawn(const Distribution& law, std::size_t n, std::uint64_t repeat)
{
    Philox stream = make_stream(7, Purpose::parameter, repeat, hash_name("moments"));
    std::vector<double> values(n);
    for (double& value : values) {
        value = law.draw(stream);
    }
    return values;
}

CentralMoments in_parts(const std::vector<double>& values, std::size_t length)
{
    CentralMoments moments;
    for (std::size_t first = 0; first < values.size(); first += length) {
        moments.add(std::span(values).subspan(first, std::min(length, values.size() - first)));
    }
    return moments;
}

RC_GTEST_PROP(CentralMoments, OfPartsAreThoseOfTheWhole, ())
{
    const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(-100, 1000), [](int x) { return 0.1 * x; })));
    const auto length =
        static_cast<std::size_t>(*rc::gen::inRange(1, static_cast<int>(values.size()) + 1));
    const CentralMoments whole = in_parts(values, values.size());
    const CentralMoments parts = in_parts(values, length);
    RC_ASSERT(parts.count() == whole.count());
    RC_ASSERT(std::abs(parts.mean() - whole.mean()) < 1e-10 * (1 + std::abs(whole.mean())));
    for (std::size_t power = 2; power <= CentralMoments::order; ++power) {
        double scale = 0;
        for (const double x : values) {
            scale += std::pow(std::abs(x - whole.mean()), static_cast<double>(power));
        }
        RC_ASSERT(std::abs(parts.sum(power) - whole.sum(power)) <= 1e-10 * scale + 1e-300);
    }
}

TEST(CentralMoments, MatchHandCountedSums)
{
    CentralMoments moments;
    moments.add(std::vector<double>{1, 2});
    moments.add(std::vector<double>{6});
    EXPECT_EQ(moments.mean(), 3);
    EXPECT_DOUBLE_EQ(moments.sum(2), 4 + 1 + 9);
    EXPECT_DOUBLE_EQ(moments.sum(3), -8 - 1 + 27);
    EXPECT_DOUBLE_EQ(moments.sum(4), 16 + 1 + 81);
    EXPECT_DOUBLE_EQ(moments.sum(6), 64 + 1 + 729);
}

TEST(Shape, OfEqualNumbersHasNoSpreadAndNoSkewness)
{
    CentralMoments moments;
    moments.add(std::vector<double>(100, 0.1));
    const Shape shape = shape_of(moments);
    EXPECT_EQ(shape.mean.value, 0.1);
    EXPECT_EQ(shape.mean.lower, 0.1);
    EXPECT_EQ(shape.sd.value, 0);
    EXPECT_TRUE(std::isnan(shape.skew.value));
    EXPECT_TRUE(std::isnan(shape_of(CentralMoments()).mean.value));
}

TEST(Shape, HasTheKnownErrorsOfNormalNumbers)
{
    // Standard errors sd / sqrt(n), sd / sqrt(2 n) and sqrt(6 / n).
    constexpr std::size_t n = 100'000;
    const Shape shape = shape_of(in_parts(drawn(Normal{3, 2}, n, 0), 64));
    const auto error = [](const Estimate& estimate) {
        return (estimate.upper - estimate.lower) / (2 * interval_z);
    };
    EXPECT_NEAR(error(shape.mean) / (2 / std::sqrt(n)), 1, 0.02);
    EXPECT_NEAR(error(shape.sd) / (2 / std::sqrt(2.0 * n)), 1, 0.03);
    EXPECT_NEAR(error(shape.skew) / std::sqrt(6.0 / n), 1, 0.05);
    EXPECT_NEAR(shape.skew.value, 0, 4 * std::sqrt(6.0 / n));
}

TEST(Shape, OfWeightedNumbersIsThatOfNumbersThatCameAsOften)
{
    const std::vector<double> values = {1, 4, 2, 8}, weights = {2, 1, 3, 1};
    std::vector<double> repeated;
    for (std::size_t i = 0; i < values.size(); ++i) {
        repeated.insert(repeated.end(), static_cast<std::size_t>(weights[i]), values[i]);
    }
    const Shape weighted = shape_of(values, weights);
    const Shape plain = shape_of(in_parts(repeated, 64));
    EXPECT_NEAR(weighted.mean.value, plain.mean.value, 1e-12);
    EXPECT_NEAR(weighted.skew.value, plain.skew.value, 1e-12);
    EXPECT_NEAR(weighted.sd.value, plain.sd.value * std::sqrt(6.0 / 7), 1e-12);
    // Of weights that are alike also the errors are the plain ones.
    const std::vector<double> many = drawn(Lognormal{1, 0.5}, 5000, 1);
    const Shape alike = shape_of(many, std::vector<double>(many.size(), 0.7));
    const Shape none = shape_of(in_parts(many, 64));
    EXPECT_NEAR(alike.mean.upper, none.mean.upper, 1e-3 * none.mean_error);
    EXPECT_NEAR(alike.sd.upper / none.sd.upper, 1, 1e-3);
    EXPECT_NEAR(alike.skew.upper / none.skew.upper, 1, 1e-6);
}

TEST(ShapeSlow, IntervalsCoverMeanSpreadAndSkewness)
{
    // Gamma with shape 4: mean 4, sd 2, skewness 1.
    constexpr int repeats = 1000;
    int mean = 0, sd = 0, skew = 0;
    const auto holds = [](const Estimate& estimate, double truth) {
        return estimate.lower <= truth && truth <= estimate.upper ? 1 : 0;
    };
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const Shape shape = shape_of(
            in_parts(drawn(Gamma{4, 1}, 20'000, 10 + static_cast<std::uint64_t>(repeat)), 64));
        mean += holds(shape.mean, 4);
        sd += holds(shape.sd, 2);
        skew += holds(shape.skew, 1);
    }
    std::printf("[ coverage ] mean %.3f, sd %.3f, skew %.3f\n", mean / 1000.0, sd / 1000.0,
                skew / 1000.0);
    EXPECT_NEAR(mean / 1000.0, 0.95, 0.02);
    EXPECT_NEAR(sd / 1000.0, 0.95, 0.02);
    EXPECT_NEAR(skew / 1000.0, 0.95, 0.025);  // its own limit comes slowly
}

}  // namespace
}  // namespace chokepoint
