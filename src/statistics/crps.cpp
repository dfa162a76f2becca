#include "chokepoint/statistics/crps.hpp"

#include <cmath>
#include <cstddef>
#include <stdexcept>

namespace chokepoint {

double crps_of_sample(std::span<const double> sorted, double seen)
{
    if (sorted.size() < 2) {
        throw std::invalid_argument("crps_of_sample: fewer than two numbers");
    }
    const auto n = static_cast<double>(sorted.size());
    double distance = 0;
    double spread = 0;  // sum over pairs i < k of x_k - x_i
    for (std::size_t index = 0; index < sorted.size(); ++index) {
        distance += std::abs(sorted[index] - seen);
        // Centred on what was seen, so that large values far from 0 lose no digits.
        spread += (2 * static_cast<double>(index) - (n - 1)) * (sorted[index] - seen);
    }
    return distance / n - spread / (n * (n - 1));
}

}  // namespace chokepoint
