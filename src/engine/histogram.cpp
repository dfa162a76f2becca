#include "chokepoint/engine/histogram.hpp"

#include "chokepoint/statistics/proportion.hpp"
#include "chokepoint/support/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

namespace chokepoint {
namespace {

constexpr double bins_to_octave = 8;
constexpr double ln_2 = std::numbers::ln2;
constexpr double least_bins = 20;

/// Visits the outcomes with their weights, in any order. \param sample  Of trials in a sketch.
template <class Visit>
void each_outcome(const ColumnTrials& trials, const std::optional<WeightedSample>& sample,
                  const Visit& visit)
{
    if (sample) {
        for (const WeightedValue& outcome : sample->tail(0)) {
            visit(outcome.value, outcome.weight, outcome.square);
        }
        return;
    }
    for (std::size_t trial = 0; trial < trials.values.size(); ++trial) {
        const double weight = trials.weights.empty() ? 1 : trials.weights[trial];
        visit(trials.values[trial], weight, weight * weight);
    }
}

/// Of 1, 2 or 5 times a power of ten the largest that makes at least so many steps of a range.
double round_step(double range)
{
    const double most = range / least_bins;
    const double power = std::pow(10, std::floor(std::log10(most)));
    const double factor = most / power;
    return power * (factor >= 5 ? 5 : factor >= 2 ? 2 : 1);
}

/// Where a value lies on the axis whose whole numbers part the bins, and back.
struct Scale {
    bool is_logarithmic = false;
    double step = 1;

    double place(double value) const
    {
        return is_logarithmic ? bins_to_octave * portable_log(value) / ln_2 : value / step;
    }
    double value(double place) const
    {
        return is_logarithmic ? portable_exp(place * ln_2 / bins_to_octave) : place * step;
    }
};

}  // namespace

Histogram histogram_of(const ColumnTrials& trials)
{
    Histogram histogram{.column = *trials.column, .bins = {}};
    const auto sample =
        trials.sketch == nullptr ? std::optional<WeightedSample>() : trials.sketch->sample();
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest, mass = 0, square = 0;
    each_outcome(trials, sample, [&](double value, double weight, double squared_weight) {
        mass += weight;
        square += squared_weight;
        if (std::isfinite(value)) {
            lowest = std::min(lowest, value);
            highest = std::max(highest, value);
        }
    });
    histogram.n = mass * mass / square;
    if (!(lowest <= highest)) {
        return histogram;
    }
    Scale scale{.is_logarithmic = trials.column->unit == "ratio" && lowest > 0};
    if (!scale.is_logarithmic) {
        const double range = std::max(highest, 0.0) - std::min(lowest, 0.0);
        scale.step = range > 0 ? round_step(range) : 1;
    }
    const double first = std::floor(scale.place(lowest));
    const auto count = static_cast<std::size_t>(std::floor(scale.place(highest)) - first) + 1;
    std::vector<double> masses(count);
    each_outcome(trials, sample, [&](double value, double weight, double) {
        if (std::isfinite(value)) {
            const double place = std::floor(scale.place(value)) - first;
            masses[std::min(static_cast<std::size_t>(std::max(place, 0.0)), count - 1)] +=
                weight;
        }
    });
    for (std::size_t bin = 0; bin < count; ++bin) {
        const double place = first + static_cast<double>(bin);
        histogram.bins.push_back({.from = scale.value(place),
                                  .to = scale.value(place + 1),
                                  .share = wilson_interval(masses[bin] / mass, histogram.n)});
    }
    return histogram;
}

}  // namespace chokepoint
