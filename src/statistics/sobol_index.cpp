#include "chokepoint/statistics/sobol_index.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace chokepoint {
namespace {

/// Mean of both columns. Counted from the first number, so that equal numbers have their own
/// value as mean, without rounding.
double pooled_mean(std::span<const double> y, std::span<const double> y_shared,
                   std::span<const double> weights, double mass)
{
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double weight = weights.empty() ? 1 : weights[i];
        sum += weight * (0.5 * (y[i] - y[0]) + 0.5 * (y_shared[i] - y[0]));
    }
    return y[0] + sum / mass;
}

}  // namespace

SobolIndex closed_sobol_index(std::span<const double> y, std::span<const double> y_shared,
                              std::span<const double> weights)
{
    if (y.size() != y_shared.size() || (!weights.empty() && weights.size() != y.size())) {
        throw std::invalid_argument("closed_sobol_index: the columns differ in length");
    }
    constexpr std::size_t least_pairs = 20;
    if (y.size() < least_pairs) {
        return {};
    }
    const auto weight = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
    double mass = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        mass += weight(i);
    }
    const double m = pooled_mean(y, y_shared, weights, mass);
    double covariance = 0;
    double variance = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double u = y[i] - m;
        const double v = y_shared[i] - m;
        covariance += weight(i) * u * v / mass;
        variance += weight(i) * 0.5 * (u * u + v * v) / mass;
    }
    if (!(variance > 0 && std::isfinite(variance))) {
        return {};
    }

    const double index = covariance / variance;
    double squared_influence = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const double u = y[i] - m;
        const double v = y_shared[i] - m;
        const double influence =
            weight(i) * (u * v - index * 0.5 * (u * u + v * v)) / variance;
        squared_influence += influence * influence;
    }
    const auto n = static_cast<double>(y.size());
    const double standard_error = std::sqrt(squared_influence * n / (n - 1)) / mass;
    SobolIndex result{.index = normal_estimate(index, standard_error),
                      .standard_error = standard_error};
    result.index.lower = std::clamp(result.index.lower, 0.0, 1.0);
    result.index.upper = std::clamp(result.index.upper, 0.0, 1.0);
    return result;
}

}  // namespace chokepoint
