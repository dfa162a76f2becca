#include "band_units.hpp"

#include "chokepoint/support/lanes.hpp"
#include "log_bin.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

// A loop of 16 must not be unrolled wholly before the compiler comes to turn it into vectors.
#if defined(__GNUC__) && !defined(__clang__)
#define CHOKEPOINT_KEEP_LOOP _Pragma("GCC unroll 1")
#else
#define CHOKEPOINT_KEEP_LOOP
#endif

namespace chokepoint {
namespace {

[[gnu::always_inline]] inline void find_bins(const double* __restrict values,
                                             LogSketch::Bin* __restrict bins)
{
    float rounded[band_unit];
    CHOKEPOINT_KEEP_LOOP
    for (std::size_t lane = 0; lane < band_unit; ++lane) {
        rounded[lane] = narrowed(values[lane]);
    }
    std::int32_t wide[band_unit];
    CHOKEPOINT_KEEP_LOOP
    for (std::size_t lane = 0; lane < band_unit; ++lane) {
        wide[lane] = bin_of_narrowed(rounded[lane]);
    }
    CHOKEPOINT_KEEP_LOOP
    for (std::size_t lane = 0; lane < band_unit; ++lane) {
        bins[lane] = static_cast<LogSketch::Bin>(wide[lane]);
    }
}

/// Sum of 16 numbers by halves: the order that suits vectors of any width.
[[gnu::always_inline]] inline double sum_of_unit(const double* __restrict x)
{
    double eight[8];
    CHOKEPOINT_KEEP_LOOP
    for (std::size_t lane = 0; lane < 8; ++lane) {
        eight[lane] = x[lane] + x[lane + 8];
    }
    double four[4];
    CHOKEPOINT_KEEP_LOOP
    for (std::size_t lane = 0; lane < 4; ++lane) {
        four[lane] = eight[lane] + eight[lane + 4];
    }
    return (four[0] + four[2]) + (four[1] + four[3]);
}

/// Moments of the first `count` of 16 numbers; the others count for nothing.
[[gnu::always_inline]] inline Moments moments_of_unit(const double* __restrict values,
                                                      std::size_t count)
{
    // Sums count from the first number, so that equal numbers have their own value as mean.
    const double first = values[0];
    double parts[band_unit];
    CHOKEPOINT_KEEP_LOOP
    for (std::size_t lane = 0; lane < band_unit; ++lane) {
        parts[lane] = lane < count ? values[lane] - first : 0.0;
    }
    const double mean = first + sum_of_unit(parts) / static_cast<double>(count);
    CHOKEPOINT_KEEP_LOOP
    for (std::size_t lane = 0; lane < band_unit; ++lane) {
        const double deviation = values[lane] - mean;
        parts[lane] = lane < count ? deviation * deviation : 0.0;
    }
    return {.count = count, .mean = mean, .m2 = sum_of_unit(parts)};
}

}  // namespace

CHOKEPOINT_LANE_LOOPS
bool bins_and_moments(const double* __restrict values, std::size_t count,
                      LogSketch::Bin* __restrict bins, Moments* __restrict units)
{
    int refused = 0;
    for (std::size_t lane = 0; lane < count; ++lane) {
        refused |= static_cast<int>(!(values[lane] >= 0));
    }
    if (refused != 0) {
        return false;
    }
    const std::size_t whole = count / band_unit;
    for (std::size_t unit = 0; unit < whole; ++unit) {
        find_bins(values + unit * band_unit, bins + unit * band_unit);
        units[unit] = moments_of_unit(values + unit * band_unit, band_unit);
    }
    if (const std::size_t rest = count - whole * band_unit; rest > 0) {
        double padded[band_unit] = {};
        LogSketch::Bin bins_of_padded[band_unit];
        std::copy_n(values + whole * band_unit, rest, padded);
        find_bins(padded, bins_of_padded);
        std::copy_n(bins_of_padded, rest, bins + whole * band_unit);
        units[whole] = moments_of_unit(padded, rest);
    }
    return true;
}

CHOKEPOINT_LANE_LOOPS
BinRange range_of(const LogSketch::Bin* bins, std::size_t count)
{
    // One step below the smallest number lies the largest: zero_bin comes behind all others.
    constexpr auto step = std::numeric_limits<LogSketch::Bin>::max();
    std::uint16_t first = std::numeric_limits<std::uint16_t>::max();
    LogSketch::Bin last = LogSketch::zero_bin;
    std::uint32_t zeros = 0;
    for (std::size_t lane = 0; lane < count; ++lane) {
        const LogSketch::Bin bin = bins[lane];
        const auto turned = static_cast<std::uint16_t>(bin + step);
        zeros += bin == LogSketch::zero_bin ? 1 : 0;
        first = std::min(first, turned);
        last = std::max(last, bin);
    }
    return {.zeros = zeros, .first = static_cast<LogSketch::Bin>(first - step), .last = last};
}

}  // namespace chokepoint
