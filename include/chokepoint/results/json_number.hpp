#pragma once

#include <cmath>

namespace chokepoint {

/// A number as JSON can hold it: JSON has no infinity, and null is for numbers that do not
/// exist.
template <class Json>
Json json_number(double value)
{
    if (std::isinf(value)) {
        return value > 0 ? "inf" : "-inf";
    }
    return std::isnan(value) ? Json() : Json(value);
}

}  // namespace chokepoint
