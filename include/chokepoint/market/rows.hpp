#pragma once

// Small loops over lanes that several files of the room need. None of the rows may overlap but
// where a function says that it changes one in place.

#include <array>
#include <cstddef>

#include "chokepoint/support/lane_array.hpp"
#include "chokepoint/support/lanes.hpp"

namespace chokepoint {

/// A row to work on, with room for the most lanes that there may be.
using Row = std::array<double, most_lanes>;

/// The numbers of an entity, one for each lane.
inline double* row(LaneArray<double>& values, std::size_t entity, std::size_t lanes)
{
    return values.data() + entity * lanes;
}
inline const double* row(const LaneArray<double>& values, std::size_t entity, std::size_t lanes)
{
    return values.data() + entity * lanes;
}

/// sum += values
void add(std::size_t lanes, const double* values, double* sum);

/// sum -= values
void subtract(std::size_t lanes, const double* values, double* sum);

/// sum += left * right
void add_product(std::size_t lanes, const double* left, const double* right, double* sum);

/// product = left * right
void multiply(std::size_t lanes, const double* left, const double* right, double* product);

/// values *= factor
void scale(std::size_t lanes, const double* factor, double* values);

}  // namespace chokepoint
