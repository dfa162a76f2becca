#include "chokepoint/statistics/sobol_index.hpp"

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/sobol.hpp"
#include "chokepoint/random/stream.hpp"
#include "support/csv.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

struct Pairs {
    std::vector<double> y, y_shared;
};

Philox test_stream(std::uint64_t trial)
{
    return make_stream(20240607, Purpose::parameter, trial, hash_name("sobol_index_test"));
}

/// Y = a A + b B with independent normal A (shared) and B: the index of A is a^2 / (a^2 + b^2).
Pairs gaussian_pairs(double share, std::size_t count, std::uint64_t trial)
{
    const Distribution unit = Normal{0, 1};
    Philox stream = test_stream(trial);
    Pairs pairs;
    for (std::size_t i = 0; i < count; ++i) {
        const double shared = std::sqrt(share) * unit.draw(stream);
        pairs.y.push_back(40 + shared + std::sqrt(1 - share) * unit.draw(stream));
        pairs.y_shared.push_back(40 + shared + std::sqrt(1 - share) * unit.draw(stream));
    }
    return pairs;
}

TEST(ClosedSobolIndex, IntervalCoversTheTruthAsOftenAsPromised)
{
    constexpr int repeats = 1000;
    for (const double share : {0.2, 0.5, 0.8}) {
        int covered = 0;
        for (int repeat = 0; repeat < repeats; ++repeat) {
            const Pairs pairs = gaussian_pairs(share, 400, static_cast<std::uint64_t>(repeat));
            const Estimate index = closed_sobol_index(pairs.y, pairs.y_shared).index;
            covered += index.lower <= share && share <= index.upper ? 1 : 0;
        }
        EXPECT_GE(covered, 930) << share;
        EXPECT_LE(covered, 970) << share;
    }
}

TEST(ClosedSobolIndex, HasTheTextbookErrorOfACorrelation)
{
    // For Gaussian pairs the index is the correlation: large-sample error (1 - rho^2) /
    // sqrt(n).
    const Pairs pairs = gaussian_pairs(0.5, 100'000, 0);
    const SobolIndex index = closed_sobol_index(pairs.y, pairs.y_shared);
    EXPECT_NEAR(index.standard_error, 0.75 / std::sqrt(1e5), 0.02 * 0.75 / std::sqrt(1e5));
    EXPECT_NEAR(index.index.value, 0.5, 4 * index.standard_error);
    EXPECT_EQ(index.index.lower, index.index.value - interval_z * index.standard_error);
}

double ishigami(const double* x)
{
    return std::sin(x[0]) + 7 * std::sin(x[1]) * std::sin(x[1])
           + 0.1 * std::pow(x[2], 4) * std::sin(x[0]);
}

/// Pairs of Ishigami's function that share the inputs named in `shared`.
Pairs ishigami_pairs(const std::vector<bool>& shared, std::size_t count)
{
    const Distribution law = Uniform{-std::numbers::pi, std::numbers::pi};
    Philox stream = test_stream(77);
    Pairs pairs;
    for (std::size_t i = 0; i < count; ++i) {
        double x[3];
        double other[3];
        for (std::size_t k = 0; k < 3; ++k) {
            x[k] = law.draw(stream);
            other[k] = shared[k] ? x[k] : law.draw(stream);
        }
        pairs.y.push_back(ishigami(x));
        pairs.y_shared.push_back(ishigami(other));
    }
    return pairs;
}

double reference(const std::string& index)
{
    for (const CsvRow& row : read_test_table("sobol_reference.csv")) {
        if (row.text("function") == "ishigami" && row.text("index") == index) {
            return row.number("value");
        }
    }
    throw std::runtime_error("no such index: " + index);
}

TEST(ClosedSobolIndex, OfGroupsOfIshigamisFunctionAreTheReference)
{
    const double s1 = reference("S1");
    const double s2 = reference("S2");
    const double s3 = reference("S3");
    const double s13 = s1 + s3 + reference("S13");  // closed: with the interaction
    for (const auto& [shared, expected] : {std::pair(std::vector{true, false, false}, s1),
                                           {{false, true, false}, s2},
                                           {{false, false, true}, s3},
                                           {{true, true, false}, s1 + s2},
                                           {{true, false, true}, s13},
                                           {{true, true, true}, 1.0}}) {
        const Pairs pairs = ishigami_pairs(shared, 50'000);
        const SobolIndex index = closed_sobol_index(pairs.y, pairs.y_shared);
        ASSERT_LT(4 * index.standard_error, 0.025);
        EXPECT_NEAR(index.index.value, expected, 4 * index.standard_error + 1e-12);
    }
}

/// The same from one scramble of Sobol' points; the two runs have columns of their own.
Pairs ishigami_pairs_on_points(const std::vector<bool>& shared, std::uint32_t count,
                               std::uint64_t scramble)
{
    const SobolPoints points(6);
    const auto angle = [&](std::size_t column, std::uint32_t n) {
        const std::uint64_t key =
            scramble_key(20240607, hash_name(fmt::format("x{}", column)), scramble);
        return std::numbers::pi * (2 * points.scrambled(column, n, key) - 1);
    };
    Pairs pairs;
    for (std::uint32_t n = 0; n < count; ++n) {
        double x[3];
        double other[3];
        for (std::size_t k = 0; k < 3; ++k) {
            x[k] = angle(k, n);
            other[k] = shared[k] ? x[k] : angle(3 + k, n);
        }
        pairs.y.push_back(ishigami(x));
        pairs.y_shared.push_back(ishigami(other));
    }
    return pairs;
}

TEST(ClosedSobolIndex, OfIshigamisFunctionIsSharperOnSobolPoints)
{
    for (std::size_t input = 0; input < 3; ++input) {
        const double expected = reference(fmt::format("S{}", input + 1));
        std::vector<bool> shared(3, false);
        shared[input] = true;
        std::vector<double> errors;
        for (std::uint64_t scramble = 0; scramble < 32; ++scramble) {
            const Pairs pairs = ishigami_pairs_on_points(shared, 4096, scramble);
            errors.push_back(closed_sobol_index(pairs.y, pairs.y_shared).index.value
                             - expected);
            EXPECT_NEAR(errors.back(), 0, 0.03) << input << ' ' << scramble;
        }
        std::sort(errors.begin(), errors.end());
        EXPECT_NEAR((errors[15] + errors[16]) / 2, 0, 0.005) << input;
    }
}

TEST(ClosedSobolIndex, IsExactWherePairsAreBalanced)
{
    // Y = A + B on all combinations of A in {0, 3} and B, B' in {0, 1}: variances 9/4 and 1/4.
    Pairs pairs;
    for (int repeat = 0; repeat < 4; ++repeat) {
        for (const double a : {0.0, 3.0}) {
            for (const double b : {0.0, 1.0}) {
                for (const double other : {0.0, 1.0}) {
                    pairs.y.push_back(1e6 + a + b);
                    pairs.y_shared.push_back(1e6 + a + other);
                }
            }
        }
    }
    EXPECT_NEAR(closed_sobol_index(pairs.y, pairs.y_shared).index.value, 0.9, 1e-14);
    EXPECT_NEAR(closed_sobol_index(pairs.y, pairs.y).index.value, 1, 1e-15);
}

TEST(ClosedSobolIndex, IntervalStaysWithinZeroAndOne)
{
    const Pairs none = gaussian_pairs(0, 50, 3);
    const Estimate index = closed_sobol_index(none.y, none.y_shared).index;
    EXPECT_GE(index.lower, 0);
    EXPECT_LE(index.upper, 1);
}

TEST(ClosedSobolIndex, DoesNotExistWithoutVarianceOrEnoughFiniteNumbers)
{
    const std::vector<double> constant(50, 0.1);
    EXPECT_TRUE(std::isnan(closed_sobol_index(constant, constant).index.value));
    EXPECT_TRUE(std::isnan(closed_sobol_index(constant, constant).standard_error));
    Pairs pairs = gaussian_pairs(0.5, 20, 0);
    EXPECT_FALSE(std::isnan(closed_sobol_index(pairs.y, pairs.y_shared).index.value));
    EXPECT_TRUE(std::isnan(
        closed_sobol_index(std::span(pairs.y).first(19), std::span(pairs.y_shared).first(19))
            .index.value));
    for (const double bad : {std::numeric_limits<double>::infinity(), std::nan(""), 1e300}) {
        for (const std::size_t place : {std::size_t{0}, std::size_t{7}}) {
            pairs.y[place] = bad;
            EXPECT_TRUE(std::isnan(closed_sobol_index(pairs.y, pairs.y_shared).index.lower));
            pairs.y[place] = 1;
        }
    }
    EXPECT_THROW(closed_sobol_index(std::span(pairs.y).first(19), pairs.y_shared),
                 std::invalid_argument);
}

}  // namespace
}  // namespace chokepoint
