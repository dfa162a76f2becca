#include "chokepoint/statistics/false_discovery.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace chokepoint {

double two_sided_p_value(double z)
{
    return std::erfc(std::abs(z) / std::numbers::sqrt2);
}

std::vector<bool> false_discovery_rejections(std::span<const double> p_values, double rate)
{
    std::vector<double> sorted(p_values.begin(), p_values.end());
    std::sort(sorted.begin(), sorted.end());
    double largest_rejected = -1;
    for (std::size_t rank = 1; rank <= sorted.size(); ++rank) {
        const double bound =
            rate * static_cast<double>(rank) / static_cast<double>(sorted.size());
        if (sorted[rank - 1] <= bound) {
            largest_rejected = sorted[rank - 1];
        }
    }
    std::vector<bool> rejected;
    for (const double p_value : p_values) {
        rejected.push_back(p_value <= largest_rejected);
    }
    return rejected;
}

}  // namespace chokepoint
