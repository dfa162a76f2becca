#include "chokepoint/study/comparison.hpp"

#include "chokepoint/statistics/moments.hpp"
#include "chokepoint/statistics/tail_risk.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace chokepoint {
namespace {

Figure mean_of(std::string statistic, const Moments& moments)
{
    const double error = moments.count > 1 ? moments.standard_error() : 0;
    return {.statistic = std::move(statistic),
            .estimate = normal_estimate(moments.mean, error),
            .n = moments.count,
            .standard_error = error};
}

Moments moments_of(std::span<const double> values)
{
    Moments moments;
    for (const double value : values) {
        moments.add(value);
    }
    return moments;
}

Moments moments_of_difference(std::span<const double> one, std::span<const double> other)
{
    Moments moments;
    for (std::size_t trial = 0; trial < one.size(); ++trial) {
        moments.add(one[trial] - other[trial]);
    }
    return moments;
}

Figure share_below(std::string statistic, std::span<const double> one,
                   std::span<const double> other)
{
    // What differs by rounding alone is no difference.
    constexpr double rounding = 1e-9;
    std::vector<double> holds(one.size());
    for (std::size_t trial = 0; trial < one.size(); ++trial) {
        const double scale = std::abs(one[trial]) + std::abs(other[trial]);
        holds[trial] = other[trial] - one[trial] > rounding * scale ? 1 : 0;
    }
    return share_figure(std::move(statistic), holds);
}

void check_same_trials(const RunResult& one, const RunResult& other)
{
    if (one.trials != other.trials || one.stride != 1 || other.stride != 1
        || !one.weights.empty() || !other.weights.empty()) {
        throw std::invalid_argument(
            "compare_runs: needs all values of the same trials, drawn plainly");
    }
}

}  // namespace

Figure paired_difference(std::span<const double> one, std::span<const double> other)
{
    return mean_of("difference", moments_of_difference(one, other));
}

Figure paired_es_difference(std::span<const double> one, std::span<const double> other,
                            double level)
{
    Figure figure{.statistic = "es" + percent_name(level) + "_difference", .estimate = {}};
    const double in_tail = (1 - level) * static_cast<double>(one.size());
    figure.n = static_cast<std::uint64_t>(in_tail);
    if (tail_sample(in_tail) == TailSample::too_few) {
        return figure;
    }
    const TailRisk own = tail_risk(one, level);
    const TailRisk others = tail_risk(other, level);
    const auto counted = [level](double x, const TailRisk& risk) {
        return risk.value_at_risk + std::max(0.0, x - risk.value_at_risk) / (1 - level);
    };
    Moments moments;
    for (std::size_t trial = 0; trial < one.size(); ++trial) {
        moments.add(counted(one[trial], own) - counted(other[trial], others));
    }
    figure.standard_error = moments.standard_error();
    figure.estimate = normal_estimate(own.expected_shortfall - others.expected_shortfall,
                                      figure.standard_error);
    return figure;
}

Figure ratio_of_means(std::span<const double> a, std::span<const double> b)
{
    Figure figure{.statistic = "ratio", .estimate = {}, .n = a.size()};
    const Moments of_b = moments_of(b);
    if (of_b.count < 2 || !(std::abs(of_b.mean) > interval_z * of_b.standard_error())) {
        return figure;
    }
    const double ratio = moments_of(a).mean / of_b.mean;
    Moments residual;
    for (std::size_t trial = 0; trial < a.size(); ++trial) {
        residual.add((a[trial] - ratio * b[trial]) / of_b.mean);
    }
    figure.standard_error = residual.standard_error();
    figure.estimate = normal_estimate(ratio, figure.standard_error);
    return figure;
}

std::optional<std::size_t> find_metric(const RunResult& result, std::string_view metric,
                                       std::string_view commodity, std::string_view region)
{
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
        const Column& of = result.columns[column];
        if (of.is_metric() && of.metric == metric && of.commodity == commodity
            && of.region == region) {
            return column;
        }
    }
    return std::nullopt;
}

std::vector<ColumnComparison> compare_runs(const RunResult& policy, const RunResult& against)
{
    check_same_trials(policy, against);
    std::vector<ColumnComparison> all;
    for (std::size_t column = 0; column < policy.columns.size(); ++column) {
        const Column& of = policy.columns[column];
        if (!of.is_metric() || of.horizon) {
            continue;
        }
        const auto place = find_metric(against, of.metric, of.commodity, of.region);
        if (!place) {
            continue;
        }
        const std::span<const double> own = policy.values[column];
        const std::span<const double> others = against.values[*place];
        const Moments paired = moments_of_difference(own, others);
        ColumnComparison comparison{
            .column = of,
            .difference = mean_of("difference", paired),
            .es_difference = paired_es_difference(own, others, comparison_level),
            .variance_ratio = 1,
            .lower = share_below("probability_lower", own, others),
            .higher = share_below("probability_higher", others, own)};
        if (paired.count > 1) {
            const double apart = moments_of(own).variance() + moments_of(others).variance();
            const double together = paired.variance();
            comparison.variance_ratio = together > 0 ? apart / together
                                        : apart > 0  ? std::numeric_limits<double>::infinity()
                                                     : 1;
        }
        all.push_back(std::move(comparison));
    }
    return all;
}

Contest contest_of(const std::vector<std::vector<double>>& values)
{
    Contest contest;
    const std::size_t trials = values.empty() ? 0 : values.front().size();
    std::vector<double> least(trials, std::numeric_limits<double>::infinity());
    for (const std::vector<double>& of_policy : values) {
        for (std::size_t trial = 0; trial < trials; ++trial) {
            least[trial] = std::min(least[trial], of_policy[trial]);
        }
    }
    for (const std::vector<double>& one : values) {
        Figure regret = paired_difference(one, least);
        regret.statistic = "regret";
        contest.regret.push_back(std::move(regret));
        std::vector<Figure>& row = contest.beats.emplace_back();
        for (const std::vector<double>& other : values) {
            row.push_back(share_below("probability_beats", one, other));
        }
    }
    return contest;
}

std::vector<bool> efficient(std::span<const double> costs, std::span<const double> losses)
{
    std::vector<bool> is_efficient;
    for (std::size_t one = 0; one < costs.size(); ++one) {
        bool is_dominated = false;
        for (std::size_t other = 0; other < costs.size(); ++other) {
            is_dominated = is_dominated
                           || (costs[other] <= costs[one] && losses[other] <= losses[one]
                               && (costs[other] < costs[one] || losses[other] < losses[one]));
        }
        is_efficient.push_back(!is_dominated);
    }
    return is_efficient;
}

}  // namespace chokepoint
