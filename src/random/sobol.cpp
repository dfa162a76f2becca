#include "chokepoint/random/sobol.hpp"

#include "chokepoint/random/stream.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <boost/random/sobol.hpp>

namespace chokepoint {
namespace {

using BoostSobol = boost::random::sobol_engine<std::uint32_t, 32>;

/// The numbers of SplitMix64 [steele2014], any of them at once: number `place` under `key`.
std::uint64_t split_mix(std::uint64_t key, std::uint64_t place)
{
    std::uint64_t hash = key + place * 0x9e3779b97f4a7c15;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
    return hash ^ (hash >> 31);
}

}  // namespace

std::uint64_t scramble_key(std::uint64_t seed, std::uint64_t entity, std::uint64_t scramble)
{
    return make_stream(seed, Purpose::scramble, scramble, entity)();
}

SobolPoints::SobolPoints(std::size_t dimensions)
{
    if (dimensions > most_dimensions) {
        throw std::invalid_argument(fmt::format(
            "Sobol' points have at most {} dimensions (got {})", most_dimensions, dimensions));
    }
    if (dimensions == 0) {
        return;
    }
    directions_.resize(dimensions);
    BoostSobol engine(dimensions);
    for (std::size_t digit = 0; digit < digit_count; ++digit) {
        // Point 2^(digit + 1) - 1 has that digit alone in its Gray code. Boost leaves out the
        // origin: its points count from 1.
        const std::uint64_t place = (std::uint64_t{2} << digit) - 1;
        engine.seed(static_cast<std::uint32_t>(place - 1));
        for (Directions& directions : directions_) {
            directions[digit] = engine();
        }
    }
}

std::uint32_t SobolPoints::digits(std::size_t dimension, std::uint32_t n) const
{
    const Directions& directions = directions_[dimension];
    std::uint32_t sum = 0;
    std::uint32_t code = n ^ (n >> 1);
    for (std::size_t digit = 0; code != 0; ++digit, code >>= 1) {
        sum ^= directions[digit] & (0 - (code & 1));
    }
    return sum;
}

double SobolPoints::scrambled(std::size_t dimension, std::uint32_t n, std::uint64_t key) const
{
    // The digits lead down a binary tree whose nodes are numbered 1; 2, 3; 4, 5, 6, 7; ...:
    // each node has a fair bit that flips the digit that leaves it. One hash has the bits of a
    // node and the 14 nodes up to three digits below it, under their numbers in the tree of
    // these.
    constexpr std::size_t digits_per_hash = 4;
    const std::uint64_t plain = digits(dimension, n);
    const std::uint64_t leaf = (std::uint64_t{1} << digit_count) | plain;
    std::uint64_t flips = 0;
    for (std::size_t depth = 0; depth < digit_count; depth += digits_per_hash) {
        const std::uint64_t fair_bits = split_mix(key, leaf >> (digit_count - depth));
        std::uint64_t node = 1;
        for (std::size_t digit = depth; digit < depth + digits_per_hash; ++digit) {
            flips = (flips << 1) | ((fair_bits >> node) & 1);
            node = (node << 1) | ((plain >> (digit_count - 1 - digit)) & 1);
        }
    }
    // No two points share a leaf: below it all digits are fair and free, 20 of them here.
    const std::uint64_t rest = split_mix(key, leaf) >> 44;
    return (static_cast<double>(((plain ^ flips) << 20) | rest) + 0.5) * 0x1p-52;
}

}  // namespace chokepoint
