#include "chokepoint/random/sobol.hpp"

#include "chokepoint/random/stream.hpp"
#include "support/complaint.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <boost/random/sobol.hpp>

namespace chokepoint {
namespace {

constexpr std::uint64_t seed = 20240607;

std::uint64_t key_of(std::size_t dimension, std::uint64_t scramble)
{
    return scramble_key(seed, hash_name(fmt::format("parameter_{}", dimension)), scramble);
}

TEST(SobolPoints, StartWithThePublishedPoints)
{
    // The first eight points in three dimensions, in eighths, as the program of [joe2008]
    // prints them for its file new-joe-kuo-6.
    constexpr std::uint32_t published[8][3] = {{0, 0, 0}, {4, 4, 4}, {6, 2, 2}, {2, 6, 6},
                                               {3, 3, 5}, {7, 7, 1}, {5, 1, 7}, {1, 5, 3}};
    const SobolPoints points(3);
    for (std::uint32_t n = 0; n < 8; ++n) {
        for (std::size_t dimension = 0; dimension < 3; ++dimension) {
            EXPECT_EQ(points.digits(dimension, n), published[n][dimension] << 29) << n;
        }
    }
}

TEST(SobolPoints, AreBoostsInAnyOrder)
{
    const SobolPoints points(SobolPoints::most_dimensions);
    boost::random::sobol_engine<std::uint32_t, 32> boost_points(SobolPoints::most_dimensions);
    for (const std::uint32_t n : {4711u, 1u, 2u, 3u, 1u << 20, 0xfffffffeu, 0x9e3779b9u}) {
        boost_points.seed(n - 1);
        for (std::size_t dimension = 0; dimension < points.dimensions(); ++dimension) {
            ASSERT_EQ(points.digits(dimension, n), boost_points()) << n << ' ' << dimension;
        }
    }
}

TEST(SobolPoints, HaveABoundOnDimensions)
{
    EXPECT_EQ(SobolPoints(0).dimensions(), 0u);
    EXPECT_EQ(complaint([] { SobolPoints{3668}; }),
              "Sobol' points have at most 3667 dimensions (got 3668)");
}

TEST(SobolPoints, StayOneInEachCellWhateverTheScramble)
{
    const SobolPoints points(40);
    constexpr std::uint32_t count = 256;
    for (std::size_t dimension = 0; dimension < points.dimensions(); ++dimension) {
        for (std::uint64_t scramble = 0; scramble < 32; ++scramble) {
            const std::uint64_t key = key_of(dimension, scramble);
            for (const std::uint32_t first : {0u, 7 * count}) {
                std::set<int> cells;
                for (std::uint32_t n = first; n < first + count; ++n) {
                    const double u = points.scrambled(dimension, n, key);
                    ASSERT_TRUE(u > 0 && u < 1);
                    cells.insert(static_cast<int>(u * count));
                }
                ASSERT_EQ(cells.size(), count) << dimension << ' ' << scramble;
            }
        }
    }
}

TEST(SobolPoints, StayOneInEachRectangleOfTheFirstTwoDimensions)
{
    // The first two dimensions are a (0, 2)-sequence: 2^k points lie one in each rectangle of
    // area 2^-k with sides of powers of 2.
    const SobolPoints points(2);
    constexpr int k = 8;
    for (std::uint64_t scramble = 0; scramble < 32; ++scramble) {
        for (int split = 0; split <= k; ++split) {
            std::set<std::pair<int, int>> rectangles;
            for (std::uint32_t n = 0; n < (1u << k); ++n) {
                const double u = points.scrambled(0, n, key_of(0, scramble));
                const double v = points.scrambled(1, n, key_of(1, scramble));
                rectangles.emplace(static_cast<int>(std::ldexp(u, split)),
                                   static_cast<int>(std::ldexp(v, k - split)));
            }
            ASSERT_EQ(rectangles.size(), 1u << k) << scramble << ' ' << split;
        }
    }
}

TEST(SobolPoints, AreEachUniformOverScrambles)
{
    constexpr std::size_t count = 50'000;
    const double limit = std::sqrt(std::log(2 / 1e-6) / (2.0 * count));  // Massart's bound
    EXPECT_LT(limit, 0.013);
    const SobolPoints points(5);
    for (const std::uint32_t n : {0u, 1u, 1000u}) {
        std::vector<double> sample(count);
        for (std::size_t scramble = 0; scramble < count; ++scramble) {
            sample[scramble] = points.scrambled(4, n, key_of(4, scramble));
        }
        std::sort(sample.begin(), sample.end());
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_NEAR(sample[i], (static_cast<double>(i) + 0.5) / count, limit);
        }
    }
}

/// Correlation, times sqrt(n), of two coordinates over scrambles of what lies below their first
/// `depth` digits: a standard normal number if these parts are independent.
double score_below(int depth, std::uint32_t n, std::uint32_t other, bool same_name)
{
    constexpr int count = 40'000;
    const SobolPoints points(2);
    double sum = 0;
    for (std::uint64_t scramble = 0; scramble < count; ++scramble) {
        const auto rest = [&](std::uint32_t point, std::uint64_t key) {
            const double lifted = std::ldexp(points.scrambled(1, point, key), depth);
            return lifted - std::floor(lifted) - 0.5;
        };
        sum += rest(n, key_of(1, scramble))
               * rest(other, same_name ? key_of(1, scramble) : key_of(0, scramble));
    }
    return sum * 12 / std::sqrt(count);
}

TEST(SobolPoints, AreScrambledIndependentlyBelowTheDigitsTheyShare)
{
    // Two points that part at digit d move freely in their cells of width 2^-d: the difference
    // between nested scrambling and a shift. 4.9 is passed in one of a million seeds.
    const SobolPoints points(2);
    for (const std::uint32_t other : {1u, 2u, 3u, 37u, 1000u}) {
        const int shared = std::countl_zero(points.digits(1, 0) ^ points.digits(1, other));
        EXPECT_LT(std::abs(score_below(shared + 1, 0, other, true)), 4.9) << other;
        EXPECT_LT(std::abs(score_below(0, 0, other, false)), 4.9) << other;
    }
    EXPECT_GT(std::abs(score_below(0, 0, 1, true)), 50);  // in opposite halves
}

TEST(SobolPoints, AreScrambledBySeedNameAndNumber)
{
    const std::uint64_t mine = hash_name("mine");
    std::set<std::uint64_t> keys;
    for (const std::uint64_t one_seed : {1u, 2u}) {
        for (const std::uint64_t entity : {mine, hash_name("mint")}) {
            for (std::uint64_t scramble = 0; scramble < 32; ++scramble) {
                keys.insert(scramble_key(one_seed, entity, scramble));
            }
        }
    }
    EXPECT_EQ(keys.size(), 2u * 2u * 32u);
    EXPECT_EQ(scramble_key(1, mine, 5), make_stream(1, Purpose::scramble, 5, mine)());
}

TEST(SobolPoints, KeepTheirNumbers)
{
    // A change here would change every result with Sobol' points. The first two also come from
    // an independent program in Python that walks the tree digit by digit; the third is
    // recorded.
    const SobolPoints points(100);
    const std::uint64_t key = scramble_key(seed, hash_name("lynas"), 3);
    EXPECT_EQ(points.scrambled(0, 0, key), 0x1.de21fa57dcbd0p-5);
    EXPECT_EQ(points.scrambled(0, 1, key), 0x1.e6b0c1e5bcaa3p-1);
    EXPECT_EQ(points.scrambled(99, 4711, key), 0x1.4c96b3c1f490ep-2);
}

/// Root mean square error over 32 scrambles of the mean of prod (1 + (u_j - 1/2)) over 2^k
/// points; the mean is 1. And the mean of the errors.
struct MeanErrors {
    double root_mean_square, mean;
};

MeanErrors mean_errors_of_a_product(const SobolPoints& points, int k)
{
    constexpr int scrambles = 32;
    MeanErrors errors{0, 0};
    for (std::uint64_t scramble = 0; scramble < scrambles; ++scramble) {
        std::vector<std::uint64_t> keys;
        for (std::size_t dimension = 0; dimension < points.dimensions(); ++dimension) {
            keys.push_back(key_of(dimension, scramble));
        }
        double sum = 0;
        for (std::uint32_t n = 0; n < (1u << k); ++n) {
            double product = 1;
            for (std::size_t dimension = 0; dimension < keys.size(); ++dimension) {
                product *= 0.5 + points.scrambled(dimension, n, keys[dimension]);
            }
            sum += product;
        }
        const double error = std::ldexp(sum, -k) - 1;
        errors.mean += error / scrambles;
        errors.root_mean_square += error * error / scrambles;
    }
    errors.root_mean_square = std::sqrt(errors.root_mean_square);
    return errors;
}

TEST(SobolPoints, AverageSmoothFunctionsFasterThanChance)
{
    const SobolPoints points(6);
    const double sd = std::sqrt(std::pow(1 + 1.0 / 12, 6) - 1);
    const MeanErrors few = mean_errors_of_a_product(points, 6);
    const MeanErrors many = mean_errors_of_a_product(points, 14);
    EXPECT_LT(few.root_mean_square, 0.5 * sd / std::sqrt(1 << 6));
    EXPECT_LT(many.root_mean_square, 0.02 * sd / std::sqrt(1 << 14));
    const double rate = std::log2(few.root_mean_square / many.root_mean_square) / (14 - 6);
    EXPECT_GT(rate, 1.1);  // independent draws: 0.5
    // Unbiased: the mean of the scrambles is within four of its standard errors.
    EXPECT_LT(std::abs(many.mean), 4 * many.root_mean_square / std::sqrt(32));
}

}  // namespace
}  // namespace chokepoint
