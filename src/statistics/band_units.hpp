#pragma once

#include "chokepoint/statistics/log_sketch.hpp"
#include "chokepoint/statistics/moments.hpp"

#include <cstddef>

namespace chokepoint {

/// How many numbers share one step of the moments.
inline constexpr std::size_t band_unit = 16;

/// Finds the bins of some numbers, and the moments of each unit of 16 of them (the last may be
/// incomplete). The sums of a unit run in an order of their own, the same on every machine, and
/// are exact where all numbers are equal.
///
/// \param bins   Receives `count` bins, those of LogSketch::bin_of.
/// \param units  Receives the moments of each unit.
/// \returns False, and writes nothing, if a number is negative or NaN.
bool bins_and_moments(const double* values, std::size_t count, LogSketch::Bin* bins,
                      Moments* units);

/// What bins there are among some: how many are `zero_bin`, and the smallest and largest of the
/// others, which mean nothing if there are none.
struct BinRange {
    std::size_t zeros;
    LogSketch::Bin first, last;
};

BinRange range_of(const LogSketch::Bin* bins, std::size_t count);

}  // namespace chokepoint
