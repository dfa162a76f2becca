#pragma once

#include "chokepoint/statistics/log_sketch.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

// The bin of a number in single precision and in two steps, for loops over lanes: a step on
// numbers of one width each becomes vector code of full width.
namespace chokepoint {

/// A number as `bin_of_narrowed` wants it: rounded, and below 0 if it is 0.
[[gnu::always_inline]] inline float narrowed(double x)
{
    return static_cast<float>(x == 0 ? -1.0 : x);
}

/// The bin of the number behind `narrowed`, which is not negative.
[[gnu::always_inline]] inline std::int32_t bin_of_narrowed(float x)
{
    // Floats that are not negative have the order of their bits.
    constexpr auto least = std::bit_cast<std::int32_t>(static_cast<float>(LogSketch::least));
    constexpr auto most = std::bit_cast<std::int32_t>(static_cast<float>(LogSketch::most));
    const auto sign_and_bits = std::bit_cast<std::int32_t>(x);
    const std::int32_t bits = std::min(std::max(sign_and_bits, least), most);

    // x = 2^(field - 127) (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), as in portable_log.
    constexpr std::int32_t one = 0x3f80'0000;
    constexpr std::int32_t root_half = 0x3f35'04f3;
    const std::int32_t field = (bits + (one - root_half)) >> 23;
    const float f = std::bit_cast<float>(bits - (field << 23) + one) - 1.0F;

    // ln(1 + f) / ln(gamma), to 1.5e-4 of a bin: minimax on that interval.
    constexpr float bins_per_octave = 69.66071F;
    float series = 22.441538F - f * 14.391332F;
    series = f * series - 25.599615F;
    series = f * series + 33.391727F;
    series = f * series - 50.234562F;
    series = f * series + 100.50046F;
    const float index = static_cast<float>(field - 127) * bins_per_octave + f * series;

    // Adding 1.5 * 2^23 rounds to a whole number, which then stands in the low bits.
    constexpr float to_whole = 0x1.8p23F;
    const std::int32_t bin =
        std::bit_cast<std::int32_t>(index + to_whole) - std::bit_cast<std::int32_t>(to_whole);
    return sign_and_bits < 0 ? LogSketch::zero_bin : bin;
}

}  // namespace chokepoint
