#include "chokepoint/statistics/sobol_index.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace chokepoint {
namespace {

/// Mean of both columns. Counted from the first number, so that equal numbers have their own
/// value as mean, without rounding.
double pooled_mean(std::span<const double> y, std::span<const double> y_shared)
{
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        sum += 0.5 * (y[i] - y[0]) + 0.5 * (y_shared[i] - y[0]);
    }
    return y[0] + sum / static_cast<double>(y.size());
}

}  // namespace

SobolIndex closed_sobol_index(std::span<const double> y, std::span<const double> y_shared)
{
    if (y.size() != y_shared.size()) {
        throw std::invalid_argument("closed_sobol_index: the two columns differ in length");
    }
    constexpr std::size_t least_pairs = 20;
    if (y.size() < least_pairs) {
        return {};
    }
    const auto n = static_cast<double>(y.size());
    const double m = pooled_mean(y, y_shared);
    double covariance = 0;
    double variance = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double u = y[i] - m;
        const double v = y_shared[i] - m;
        covariance += u * v / n;
        variance += 0.5 * (u * u + v * v) / n;
    }
    if (!(variance > 0 && std::isfinite(variance))) {
        return {};
    }

    const double index = covariance / variance;
    double squared_influence = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double u = y[i] - m;
        const double v = y_shared[i] - m;
        const double influence = (u * v - index * 0.5 * (u * u + v * v)) / variance;
        squared_influence += influence * influence;
    }
    const double standard_error = std::sqrt(squared_influence / (n * (n - 1)));
    SobolIndex result{.index = normal_estimate(index, standard_error),
                      .standard_error = standard_error};
    result.index.lower = std::clamp(result.index.lower, 0.0, 1.0);
    result.index.upper = std::clamp(result.index.upper, 0.0, 1.0);
    return result;
}

}  // namespace chokepoint
