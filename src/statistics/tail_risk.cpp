#include "chokepoint/statistics/tail_risk.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

namespace chokepoint {
namespace {

void check_level(double level)
{
    if (!(level > 0 && level < 1)) {  // written so that NaN fails too
        throw std::invalid_argument(fmt::format(
            "tail_risk: level is {} (must lie between 0 and 1, both excluded)", level));
    }
}

void check(std::span<const double> losses, double level)
{
    if (losses.empty()) {
        throw std::invalid_argument("tail_risk: no losses given (needs at least one trial)");
    }
    check_level(level);
    for (std::size_t trial = 0; trial < losses.size(); ++trial) {
        if (!std::isfinite(losses[trial])) {
            throw std::invalid_argument(
                fmt::format("tail_risk: loss of trial {} is not finite", trial));
        }
    }
}

}  // namespace

TailRisk tail_risk(const Sample& sample, double level)
{
    check_level(level);
    const std::span<const WeightedValue> tail = sample.tail(level);
    const double threshold = tail.front().value;
    // Excesses over the threshold rather than losses: they are small where losses are large,
    // and a constant sample then gives ES == VaR exactly.
    double excess = 0, squared_by_excess = 0, squared_by_square = 0;
    for (const WeightedValue& loss : tail) {
        const double x = loss.value - threshold;
        if (!std::isfinite(x)) {
            throw std::invalid_argument("tail_risk: a loss in the tail is not finite");
        }
        excess += loss.weight * x;
        squared_by_excess += loss.square * x;
        squared_by_square += loss.square * x * x;
    }
    const double share = sample.mass() * (1 - level);
    const double es_over_var = excess / share;
    const double squared_influence = squared_by_square / ((1 - level) * (1 - level))
                                     - 2 * es_over_var * squared_by_excess / (1 - level)
                                     + es_over_var * es_over_var * sample.squared_mass();
    return {.level = level,
            .value_at_risk = threshold,
            .expected_shortfall = threshold + es_over_var,
            .standard_error = std::sqrt(std::max(squared_influence, 0.0)) / sample.mass()};
}

TailRisk tail_risk(std::span<const double> losses, double level)
{
    check(losses, level);
    return tail_risk(PlainSample(losses), level);
}

Estimate expected_shortfall(const TailRisk& risk)
{
    return normal_estimate(risk.expected_shortfall, risk.standard_error);
}

TailSample tail_sample(double trials_in_tail)
{
    constexpr double least = 20;
    constexpr double ample = 400;
    if (!(trials_in_tail >= least)) {
        return TailSample::too_few;
    }
    return trials_in_tail < ample ? TailSample::thin : TailSample::enough;
}

}  // namespace chokepoint
