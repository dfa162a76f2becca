#include "chokepoint/statistics/tail_risk.hpp"

#include "chokepoint/statistics/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>

namespace chokepoint {
namespace {

void check(std::span<const double> losses, double level)
{
    if (losses.empty()) {
        throw std::invalid_argument("tail_risk: no losses given (needs at least one trial)");
    }
    if (!(level > 0 && level < 1)) {  // written so that NaN fails too
        throw std::invalid_argument(fmt::format(
            "tail_risk: level is {} (must lie between 0 and 1, both excluded)", level));
    }
    for (std::size_t trial = 0; trial < losses.size(); ++trial) {
        if (!std::isfinite(losses[trial])) {
            throw std::invalid_argument(
                fmt::format("tail_risk: loss of trial {} is not finite", trial));
        }
    }
}

/// \param tail  The largest of `trials` losses, from VaR on at least.
TailRisk risk_of(std::span<const double> tail, std::size_t trials, double level)
{
    const auto n = static_cast<double>(trials);
    const std::size_t k = quantile_rank(trials, level);
    const std::span<const double> from_threshold = tail.last(trials - k + 1);
    const double threshold = from_threshold.front();

    // Sum excesses over the threshold rather than losses: they are small where losses are
    // large, and a constant sample then gives ES == VaR exactly.
    double excess = 0;
    double squared_excess = 0;
    for (const double loss : from_threshold.subspan(1)) {
        const double x = loss - threshold;
        excess += x;
        squared_excess += x * x;
    }
    const double share = n * (1 - level);
    const double es_over_var = excess / share;

    const auto tail_count = static_cast<double>(from_threshold.size());
    const double tail_mean = excess / tail_count;
    const double tail_variance =
        std::max(squared_excess / tail_count - tail_mean * tail_mean, 0.0);

    return {.level = level,
            .value_at_risk = threshold,
            .expected_shortfall = threshold + es_over_var,
            .standard_error =
                std::sqrt((tail_variance + level * es_over_var * es_over_var) / share)};
}

}  // namespace

TailRisk tail_risk(std::span<const double> losses, double level)
{
    check(losses, level);
    std::vector<double> sorted(losses.begin(), losses.end());
    std::sort(sorted.begin(), sorted.end());
    return risk_of(sorted, sorted.size(), level);
}

TailRisk tail_risk_sorted(std::span<const double> sorted, double level)
{
    return tail_risk_of_tail(sorted, sorted.size(), level);
}

TailRisk tail_risk_of_tail(std::span<const double> tail, std::size_t trials, double level)
{
    check(tail, level);
    if (!std::is_sorted(tail.begin(), tail.end())) {
        throw std::invalid_argument("tail_risk: the losses are not sorted upwards");
    }
    if (tail.size() > trials || tail.size() <= trials - quantile_rank(trials, level)) {
        throw std::invalid_argument("tail_risk: the losses are not those from VaR on");
    }
    return risk_of(tail, trials, level);
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

TailSample tail_sample(std::size_t trials, double level)
{
    return tail_sample(static_cast<double>(trials - quantile_rank(trials, level)));
}

}  // namespace chokepoint
