#include "chokepoint/random/philox.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

constexpr std::uint64_t ones = Philox::max();

struct KnownBlock {
    Philox::Key key;
    Philox::Block counter;
    Philox::Block numbers;
};

/// The lines `philox4x64 10` of Random123's kat_vectors [salmon2011].
constexpr KnownBlock published[] = {
    {{0, 0},
     {0, 0, 0, 0},
     {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
    {{ones, ones},
     {ones, ones, ones, ones},
     {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}},
    {{0x452821e638d01377, 0xbe5466cf34e90c6c},  // digits of pi
     {0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
     {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}}};

constexpr std::size_t run_length = 6;  // crosses from one block into the next

struct KnownRun {
    Philox::Key key;
    Philox::Block counter;
    std::array<std::uint64_t, run_length> numbers;
};

/// What NumPy 1.24 draws from `Philox(key=key, counter=counter - 1).random_raw(6)`.
constexpr KnownRun numpy_runs[] = {
    {{0x0, 0x0},
     {0x0, 0x0, 0x0, 0x0},
     {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b,
      0x2f4ba6408e4d89b, 0x3dd62b0b9ca8c5b2}},
    {{0x2a, 0x7},
     {0x0, 0x3, 0x5, 0x0},
     {0x85aca878ecee0924, 0x7866caadea5f0f01, 0x5acb4e87a9a5ec4d, 0xc65df62b478ced8c,
      0xfd64e6b4dffb33c1, 0xe05db656e8cd4853}},
    {{0x123456789abcdef, 0xfedcba9876543210},
     {ones, 0x0, 0x9, 0x0},
     {0xde4c9a1ecca12f85, 0xe13e3f16c13152e8, 0x80c48cc3563b2a4f, 0xb5ca9dc0cd7cd5e8,
      0x85e9f4910410d95a, 0xa0b5db905a565bc6}},
    {{0x134d8df, 0x1},
     {ones, ones, ones, 0x1},
     {0xce5a4c97a8da8a66, 0x98006bd7a596e7d6, 0x6fbaa88e4b259850, 0xcde355ffe8ae8d8b,
      0x7d351cfff4742fd0, 0x983dfbe88a42f8a2}}};

std::vector<std::uint64_t> first_numbers(Philox engine, std::size_t count)
{
    std::vector<std::uint64_t> numbers(count);
    for (std::uint64_t& number : numbers) {
        number = engine();
    }
    return numbers;
}

/// What a command writes to its standard output.
std::string output_of(const std::string& command)
{
    std::string output;
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) {
        return output;
    }
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
        output += buffer.data();
    }
    pclose(pipe);
    return output;
}

TEST(Philox, GivesThePublishedBlocks)
{
    for (const KnownBlock& known : published) {
        EXPECT_EQ(Philox::block(known.key, known.counter), known.numbers);
    }
}

TEST(Philox, IsAConstantExpression)
{
    static_assert(Philox::block({0, 0}, {0, 0, 0, 0})[0] == 0x16554d9eca36314c);
}

TEST(Philox, DrawsTheStoredNumbersOfNumPy)
{
    for (const KnownRun& known : numpy_runs) {
        const std::vector<std::uint64_t> expected(known.numbers.begin(), known.numbers.end());
        EXPECT_EQ(first_numbers(Philox(known.key, known.counter), run_length), expected);
    }
}

TEST(Philox, DrawsTheSameNumbersAsNumPyNow)
{
    const std::string python = "/usr/bin/python3";
    if (!std::filesystem::exists(python)
        || output_of(python + " -c 'import numpy; print(1)' 2>/dev/null") != "1\n") {
        GTEST_SKIP() << "needs " << python << " with NumPy";
    }
    // NumPy increments its counter before the first block.
    std::istringstream drawn(
        output_of(python
                  + " -c 'import numpy; key = 2024 + (77 << 64); "
                    "counter = (2**64 - 3) + (4711 << 64) + (13 << 128) - 1; "
                    "print(*numpy.random.Philox(key=key, counter=counter).random_raw(1000))'"));
    const Philox engine({2024, 77}, {ones - 2, 4711, 13, 0});
    std::size_t compared = 0;
    for (const std::uint64_t expected : first_numbers(engine, 1000)) {
        std::uint64_t number = 0;
        drawn >> number;
        ASSERT_EQ(number, expected) << "number " << compared;
        ++compared;
    }
    EXPECT_TRUE(drawn.good());
}

TEST(Philox, StartsAnywhereInItsOwnSequence)
{
    const Philox::Key key{1, 2};
    const std::vector<std::uint64_t> all = first_numbers(Philox(key, {0, 5, 6, 0}), 40);
    const std::vector<std::uint64_t> tail(all.begin() + 28, all.end());
    EXPECT_EQ(first_numbers(Philox(key, {7, 5, 6, 0}), 12), tail);
}

TEST(Philox, CarriesIntoTheHigherWordsOfItsCounter)
{
    const Philox::Key key{3, 4};
    const Philox::Block after_carry = Philox::block(key, {0, 0, 8, 0});
    const std::vector<std::uint64_t> numbers =
        first_numbers(Philox(key, {ones, ones, 7, 0}), 8);
    EXPECT_EQ(std::vector(numbers.begin() + 4, numbers.end()),
              std::vector(after_carry.begin(), after_carry.end()));
}

}  // namespace
}  // namespace chokepoint
