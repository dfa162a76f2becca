#include "chokepoint/statistics/band_table.hpp"

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"
#include "support/complaint.hpp"
#include "support/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// Numbers over many decades, a fifth of them zero.
std::vector<double> sample_of(std::size_t count, std::uint64_t seed)
{
    const Distribution law = Lognormal{1, 3};
    Philox stream = make_stream(seed, Purpose::parameter, 0, hash_name("band_table_test"));
    std::vector<double> sample(count);
    for (double& x : sample) {
        x = uniform01(stream) < 0.2 ? 0 : law.draw(stream);
    }
    return sample;
}

/// Adds a block to a position, so many numbers at a time.
void add_block(BandTable& table, std::size_t position, std::span<const double> block,
               std::size_t lanes)
{
    while (!block.empty()) {
        const std::size_t count = std::min(lanes, block.size());
        ASSERT_EQ(table.add(position, block.first(count)), std::nullopt);
        block = block.subspan(count);
    }
}

LogSketch sketch_of_all(std::span<const double> numbers)
{
    LogSketch sketch;
    for (const double x : numbers) {
        sketch.add(x);
    }
    return sketch;
}

Moments moments_of(std::span<const double> numbers)
{
    Moments moments;
    for (const double x : numbers) {
        moments.add(x);
    }
    return moments;
}

void expect_same(const MomentsTable& one, const MomentsTable& other)
{
    EXPECT_EQ(one.count, other.count);
    EXPECT_EQ(one.mean, other.mean);
    EXPECT_EQ(one.m2, other.m2);
}

TEST(BandTable, CountsWhatSketchesCount)
{
    BandTable table(3);
    std::vector<std::vector<double>> all(3);
    for (std::uint64_t block = 0; block < 40;
         ++block) {  // so that bins are poured several times
        for (std::size_t position = 0; position < 3; ++position) {
            const std::vector<double> numbers = sample_of(64, 3 * block + position);
            add_block(table, position, numbers, 64);
            all[position].insert(all[position].end(), numbers.begin(), numbers.end());
        }
    }
    const std::vector<LogSketch> sketches = table.take_sketches();
    ASSERT_EQ(sketches.size(), 3u);
    for (std::size_t position = 0; position < 3; ++position) {
        EXPECT_EQ(sketches[position], sketch_of_all(all[position])) << position;
    }
}

TEST(BandTable, GivesTheMomentsOfEachBlock)
{
    BandTable table(2);
    for (const std::size_t trials : {64u, 50u, 7u, 1u}) {
        const std::vector<double> one = sample_of(trials, 1), other = sample_of(trials, 2);
        add_block(table, 0, one, 64);
        add_block(table, 1, other, 64);
        const MomentsTable moments = table.take_moments();
        EXPECT_EQ(moments.count, trials);
        for (std::size_t position = 0; position < 2; ++position) {
            const Moments expected = moments_of(position == 0 ? one : other);
            EXPECT_NEAR(moments.mean[position], expected.mean, 1e-14 * expected.mean);
            EXPECT_NEAR(moments.m2[position], expected.m2, 1e-13 * expected.m2);
        }
    }
    EXPECT_EQ(table.take_moments().count, 0u);
}

TEST(BandTable, LosesNoDigitsOfNumbersFarFromZero)
{
    BandTable table(1);
    std::vector<double> numbers(64);
    for (std::size_t lane = 0; lane < 64; ++lane) {
        numbers[lane] = 1e9 + static_cast<double>(lane % 2);
    }
    add_block(table, 0, numbers, 64);
    const MomentsTable moments = table.take_moments();
    EXPECT_EQ(moments.mean[0], 1e9 + 0.5);
    EXPECT_EQ(moments.m2[0], 16);
}

TEST(BandTable, GivesEqualNumbersTheirValueAndNoSpread)
{
    for (const std::size_t trials : {64u, 37u, 3u}) {
        BandTable table(1);
        add_block(table, 0, std::vector<double>(trials, 0.1), 64);
        const MomentsTable moments = table.take_moments();
        EXPECT_EQ(moments.mean[0], 0.1);
        EXPECT_EQ(moments.m2[0], 0);
        EXPECT_EQ(table.take_sketches()[0].count(), trials);
    }
}

TEST(BandTable, GivesTheSameBitsHoweverManyNumbersComeAtOnce)
{
    for (const std::size_t trials : {64u, 48u, 61u, 5u}) {
        const std::vector<double> numbers = sample_of(trials, 4);
        BandTable wide(1);
        add_block(wide, 0, numbers, 64);
        const MomentsTable moments = wide.take_moments();
        const std::vector<LogSketch> sketches = wide.take_sketches();
        for (const std::size_t lanes : {16u, 32u, 48u}) {
            BandTable table(1);
            add_block(table, 0, numbers, lanes);
            expect_same(table.take_moments(), moments);
            EXPECT_EQ(table.take_sketches(), sketches);
        }
    }
}

TEST(BandTable, GivesTheSameBitsForPositionsInAnyOrder)
{
    const std::vector<double> one = sample_of(64, 5), other = sample_of(64, 6);
    BandTable forward(2), backward(2);
    add_block(forward, 0, one, 16);
    add_block(forward, 1, other, 16);
    for (std::size_t step = 0; step < 4; ++step) {
        ASSERT_FALSE(backward.add(1, std::span(other).subspan(16 * step, 16)));
        ASSERT_FALSE(backward.add(0, std::span(one).subspan(16 * step, 16)));
    }
    expect_same(backward.take_moments(), forward.take_moments());
    EXPECT_EQ(backward.take_sketches(), forward.take_sketches());
}

TEST(BandTable, GivesTheSameBitsWhicheverTableTookABlock)
{
    constexpr std::size_t blocks = 30;
    BandTable all(1);
    std::vector<BandTable> tables;
    tables.emplace_back(1);
    tables.emplace_back(1);
    MomentsTable moments(1), moments_of_two(1);
    for (std::size_t block = 0; block < blocks; ++block) {
        const std::vector<double> numbers =
            sample_of(block + 1 < blocks ? 64 : 21, 100 + block);
        BandTable& either = tables[block * block % 3 == 1 ? 1 : 0];
        add_block(all, 0, numbers, 64);
        add_block(either, 0, numbers, 16);
        moments.merge(all.take_moments());
        moments_of_two.merge(either.take_moments());
    }
    expect_same(moments_of_two, moments);
    LogSketch merged = tables[1].take_sketches()[0];
    merged.merge(tables[0].take_sketches()[0]);
    EXPECT_EQ(merged, all.take_sketches()[0]);
}

TEST(BandTable, CountsZerosApartAndInfinityAtTheBound)
{
    BandTable table(2);
    std::vector<double> numbers = {0, -0.0, 1e-300, infinity, 1, 0, 1e13, 1e-13};
    add_block(table, 0, numbers, 64);
    add_block(table, 1, std::vector<double>(8, 0), 64);
    const std::vector<LogSketch> sketches = table.take_sketches();
    EXPECT_EQ(sketches[0].zeros(), 3u);
    EXPECT_EQ(sketches[0], sketch_of_all(numbers));
    EXPECT_EQ(sketches[1].zeros(), 8u);
    EXPECT_EQ(sketches[1].count(), 8u);
}

TEST(BandTable, SaysWhichNumberItRefusesAndAddsNone)
{
    for (const double bad : {-1.0, nan, -infinity, -1e-300}) {
        for (const std::size_t place : {0u, 13u, 16u, 40u}) {
            BandTable table(1);
            std::vector<double> numbers = sample_of(41, 7);
            numbers[place] = bad;
            numbers[40] = bad;
            EXPECT_EQ(table.add(0, numbers), place);
            EXPECT_EQ(table.take_moments().count, 0u);
            EXPECT_EQ(table.take_sketches()[0], LogSketch());
        }
    }
}

TEST(BandTable, RefusesTooManyNumbersAndPositionsThatGotDifferentNumbersOfThem)
{
    BandTable table(2);
    const std::vector<double> numbers = sample_of(65, 8);
    EXPECT_EQ(complaint([&] { static_cast<void>(table.add(0, numbers)); }),
              "BandTable: too many numbers at once (at most 64)");
    ASSERT_FALSE(table.add(0, std::span(numbers).first(32)));
    ASSERT_FALSE(table.add(1, std::span(numbers).first(16)));
    EXPECT_THROW(table.take_moments(), std::logic_error);
}

TEST(BandTable, BeginsAnewOnceItsSketchesAreTaken)
{
    BandTable table(1);
    add_block(table, 0, sample_of(64, 9), 64);
    table.take_sketches();
    add_block(table, 0, std::vector<double>{1, 2}, 64);
    EXPECT_EQ(table.take_sketches()[0], sketch_of_all(std::vector<double>{1, 2}));
}

}  // namespace
}  // namespace chokepoint
