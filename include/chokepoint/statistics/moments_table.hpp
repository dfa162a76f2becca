#pragma once

#include "chokepoint/statistics/moments.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chokepoint {

/// Moments of many positions that hold equally many numbers each.
struct MomentsTable {
    explicit MomentsTable(std::size_t positions) : mean(positions), m2(positions) {}

    std::uint64_t count = 0;  ///< Of the numbers at each position.
    std::vector<double> mean, m2;

    Moments at(std::size_t position) const
    {
        return {.count = count, .mean = mean[position], .m2 = m2[position]};
    }

    /// Merges position by position: the bits of Moments::merge.
    ///
    /// \throws std::invalid_argument if `other` has another number of positions.
    void merge(const MomentsTable& other);
};

}  // namespace chokepoint
