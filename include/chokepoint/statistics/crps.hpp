#pragma once

#include <span>

namespace chokepoint {

/// Continuous ranked probability score of a forecast given as a sample: the distance between
/// its distribution function F and what was seen, in the unit of the values; 0 is perfect,
/// smaller is better.
///
///     CRPS = integral of (F(x) - 1{x >= seen})^2 dx = E|X - seen| - E|X - X'| / 2
///
/// The second mean is over pairs of different members, so that the score does not favour large
/// samples ("fair" [ferro2014]; [gneiting2007]).
///
/// \param sorted  Upwards; at least two numbers.
/// \throws std::invalid_argument if there are fewer.
double crps_of_sample(std::span<const double> sorted, double seen);

}  // namespace chokepoint
