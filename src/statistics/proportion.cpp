#include "chokepoint/statistics/proportion.hpp"

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace chokepoint {

Estimate proportion(std::size_t count, std::size_t n)
{
    if (count > n) {
        throw std::invalid_argument(
            fmt::format("proportion: count is {} (must be at most n, which is {})", count, n));
    }
    if (n == 0) {
        return {};
    }
    const auto trials = static_cast<double>(n);
    return wilson_interval(static_cast<double>(count) / trials, trials);
}

Estimate wilson_interval(double share, double n)
{
    constexpr double z2 = interval_z * interval_z;
    const double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
    const double half_width =
        interval_z / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
    // The bounds at the ends are exact in the formula, but not after rounding.
    return {.value = share,
            .lower = share <= 0 ? 0 : centre - half_width,
            .upper = share >= 1 ? 1 : centre + half_width};
}

}  // namespace chokepoint
