#include "chokepoint/random/stream.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

constexpr Purpose all_purposes[] = {Purpose::parameter, Purpose::restriction, Purpose::outage,
                                    Purpose::project,   Purpose::scramble,    Purpose::tilt};

TEST(HashName, NeverChanges)
{
    // Recorded: a change here would change every result of every scenario.
    EXPECT_EQ(hash_name(""), 0xf52a15e9a9b5e89bu);
    EXPECT_EQ(hash_name("bayan_obo"), 0x331c4ef0a32cabb0u);
    EXPECT_EQ(hash_of(Purpose::parameter), 0xc665d196edc6df4eu);
    EXPECT_EQ(hash_of(Purpose::restriction), 0x3f3c0afc8a9b2e90u);
    EXPECT_EQ(hash_of(Purpose::outage), 0xda4f02000615915bu);
    EXPECT_EQ(hash_of(Purpose::project), 0xb17495d82b74791fu);
    EXPECT_EQ(hash_of(Purpose::scramble), 0x28dbf3f1aa8817b0u);
}

TEST(HashName, IsKnownToTheCompiler)
{
    static_assert(hash_name("mine") != hash_name("mint"));
    static_assert(hash_of(Purpose::outage) == hash_name("outage"));
}

TEST(HashName, TellsShortNamesApartInEveryBit)
{
    std::set<std::uint64_t> hashes;
    int high_bits_set = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::uint64_t hash = hash_name("mine_" + std::to_string(i));
        hashes.insert(hash);
        high_bits_set += static_cast<int>(hash >> 63);
    }
    EXPECT_EQ(hashes.size(), 10'000u);
    EXPECT_NEAR(high_bits_set, 5'000, 4 * 50);  // 4 standard errors of a fair bit
}

TEST(MakeStream, IsAPureFunctionOfItsArguments)
{
    Philox once = make_stream(1, Purpose::outage, 4711, hash_name("lynas"));
    Philox again = make_stream(1, Purpose::outage, 4711, hash_name("lynas"));
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(once(), again());
    }
}

TEST(MakeStream, KeysAndCountsAsDocumented)
{
    const std::uint64_t entity = hash_name("lynas");
    Philox stream = make_stream(9, Purpose::project, 12, entity);
    const Philox::Block first = Philox::block({9, hash_name("project")}, {0, 12, entity, 0});
    for (const std::uint64_t number : first) {
        EXPECT_EQ(stream(), number);
    }
    EXPECT_EQ(stream(), Philox::block({9, hash_name("project")}, {1, 12, entity, 0})[0]);
}

TEST(MakeStream, DiffersInSeedPurposeTrialAndEntity)
{
    std::set<std::uint64_t> firsts;
    for (const std::uint64_t seed : {1u, 2u}) {
        for (const Purpose purpose : all_purposes) {
            for (const std::uint64_t trial : {0u, 1u, 2u}) {
                for (const std::uint64_t entity : {5u, 6u}) {
                    firsts.insert(make_stream(seed, purpose, trial, entity)());
                }
            }
        }
    }
    EXPECT_EQ(firsts.size(), 2u * 6u * 3u * 2u);
}

TEST(Uniform, StaysInsideItsInterval)
{
    Philox stream = make_stream(3, Purpose::parameter, 0, 0);
    double least = 1;
    double most = 0;
    double sum = 0;
    constexpr int draws = 1'000'000;
    for (int i = 0; i < draws; ++i) {
        const double u = uniform01(stream);
        const double open = uniform_open(stream);
        least = std::min({least, u, open});
        most = std::max({most, u, open});
        sum += u + open;
    }
    EXPECT_GE(least, 0);
    EXPECT_LT(most, 1);
    EXPECT_LT(least, 1e-5);
    EXPECT_GT(most, 1 - 1e-5);
    const double standard_error = std::sqrt(1.0 / 12 / (2.0 * draws));
    EXPECT_NEAR(sum / (2.0 * draws), 0.5, 4 * standard_error);
    EXPECT_LT(4 * standard_error, 0.001);
}

TEST(Uniform, ReachesNeitherEndWhereItIsOpen)
{
    // The smallest and largest number that 52 bits can make.
    EXPECT_GT((0.0 + 0.5) * 0x1p-52, 0);
    EXPECT_LT((0x1p52 - 1 + 0.5) * 0x1p-52, 1);
}

}  // namespace
}  // namespace chokepoint
