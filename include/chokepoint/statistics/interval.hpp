#pragma once

#include <limits>

namespace chokepoint {

/// The level of every interval in the results, and the normal quantile that goes with it.
inline constexpr double interval_level = 0.95;
inline constexpr double interval_z = 1.959963984540054;

/// A figure with its 95 % interval. NaN stands for a figure or a bound that does not exist,
/// such as the upper bound of a quantile far in the tail of few trials.
struct Estimate {
    double value = std::numeric_limits<double>::quiet_NaN();
    double lower = std::numeric_limits<double>::quiet_NaN();
    double upper = std::numeric_limits<double>::quiet_NaN();
};

/// A figure whose error is close to normal: value -+ 1.96 standard errors.
inline Estimate normal_estimate(double value, double standard_error)
{
    return {.value = value,
            .lower = value - interval_z * standard_error,
            .upper = value + interval_z * standard_error};
}

}  // namespace chokepoint
