#pragma once

#include "chokepoint/support/lane_array.hpp"

#include <cstddef>

namespace chokepoint {

/// Rows of numbers by lane, e.g. one row for each area.
template <class Number>
class RowsByLane {
public:
    /// All become `value`. Keeps its memory.
    void reset(std::size_t rows, std::size_t lanes, Number value = 0)
    {
        lanes_ = lanes;
        values_.assign(rows * lanes, value);
    }

    Number* operator[](std::size_t row) { return values_.data() + row * lanes_; }
    const Number* operator[](std::size_t row) const { return values_.data() + row * lanes_; }

private:
    std::size_t lanes_ = 0;
    LaneArray<Number> values_;
};

using LaneRows = RowsByLane<double>;

}  // namespace chokepoint
