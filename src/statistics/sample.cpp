#include "chokepoint/statistics/sample.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace chokepoint {
namespace {

/// Rounding must not move a mass that is a whole number of trials to the next of them.
double with_slack(double mass)
{
    return mass * (1 - 8 * std::numeric_limits<double>::epsilon());
}

std::size_t rank_at(double mass, std::size_t n)
{
    const auto rank = static_cast<std::size_t>(std::ceil(with_slack(mass)));
    return std::clamp<std::size_t>(rank, 1, n);
}

/// A whole number of trials that is not more than `count` but for rounding, at least 1.
std::size_t whole(double count)
{
    constexpr double most = 1e15, rounding = 1e-9;
    return static_cast<std::size_t>(std::clamp(count * (1 + rounding), 1.0, most));
}

}  // namespace

RankInterval RankTable::operator()(std::size_t n, double level)
{
    const auto [place, is_new] = known_.try_emplace({n, level}, RankInterval{0, std::nullopt});
    if (is_new) {
        place->second = order_statistic_ranks(n, level);
    }
    return place->second;
}

Estimate quantile_estimate(const Sample& sample, double level, double effective,
                           RankTable& ranks)
{
    const std::size_t n = whole(effective);
    const RankInterval bounds = ranks(n, level);
    const double mass_per_trial = sample.mass() / static_cast<double>(n);
    Estimate estimate{.value = sample.value_at(sample.mass() * level)};
    if (bounds.lower > 0) {
        estimate.lower = sample.value_at(mass_per_trial * static_cast<double>(bounds.lower));
    }
    if (bounds.upper) {
        estimate.upper = sample.value_at(mass_per_trial * static_cast<double>(*bounds.upper));
    }
    return estimate;
}

PlainSample::PlainSample(std::vector<double> values)
    : values_(std::move(values)), ends_{0, values_.size() + 1}, sorted_from_(values_.size() + 1)
{
    if (values_.empty()) {
        throw std::invalid_argument("PlainSample: no trials (needs at least one)");
    }
}

void PlainSample::put_in_place(std::size_t rank) const
{
    const auto above = std::lower_bound(ends_.begin(), ends_.end(), rank);
    if (rank >= sorted_from_ || *above == rank) {
        return;
    }
    // Values of ranks between two that are in place lie between them already.
    const auto place = [&](std::size_t of) {
        return values_.begin() + static_cast<std::ptrdiff_t>(of) - 1;
    };
    std::nth_element(place(*std::prev(above) + 1), place(rank), place(*above));
    ends_.insert(above, rank);
}

double PlainSample::value_at(double mass) const
{
    const std::size_t rank = rank_at(mass, values_.size());
    put_in_place(rank);
    return values_[rank - 1];
}

double PlainSample::trials_beyond(double level) const
{
    return static_cast<double>(values_.size() - rank_at(mass() * level, values_.size()));
}

std::span<const WeightedValue> PlainSample::tail(double level) const
{
    const std::size_t rank = rank_at(mass() * level, values_.size());
    if (rank < sorted_from_) {
        put_in_place(rank);
        std::sort(values_.begin() + static_cast<std::ptrdiff_t>(rank), values_.end());
        sorted_from_ = rank;
        tail_.clear();
        for (std::size_t at = rank - 1; at < values_.size(); ++at) {
            tail_.push_back({.value = values_[at]});
        }
    }
    return std::span(tail_).last(values_.size() - rank + 1);
}

WeightedSample::WeightedSample(std::span<const double> values, std::span<const double> weights)
{
    if (values.size() != weights.size() || values.empty()) {
        throw std::invalid_argument("WeightedSample: needs values, and a weight for each");
    }
    sorted_.reserve(values.size());
    for (std::size_t trial = 0; trial < values.size(); ++trial) {
        sorted_.push_back({.value = values[trial],
                           .weight = weights[trial],
                           .square = weights[trial] * weights[trial]});
    }
    // By weight too, so that the sums do not depend on the order of trials.
    std::sort(sorted_.begin(), sorted_.end(),
              [](const WeightedValue& left, const WeightedValue& right) {
                  return std::pair(left.value, left.weight)
                         < std::pair(right.value, right.weight);
              });
    add_up();
}

WeightedSample::WeightedSample(std::vector<WeightedValue> sorted) : sorted_(std::move(sorted))
{
    if (sorted_.empty()) {
        throw std::invalid_argument("WeightedSample: needs values");
    }
    add_up();
}

void WeightedSample::add_up()
{
    double mass = 0, square = 0, trials = 0;
    for (const WeightedValue& value : sorted_) {
        mass_.push_back(mass += value.weight);
        square_.push_back(square += value.square);
        trials_.push_back(trials += value.trials);
    }
}

std::size_t WeightedSample::place_at(double mass) const
{
    const auto found = std::lower_bound(mass_.begin(), mass_.end(), with_slack(mass));
    return std::min(static_cast<std::size_t>(found - mass_.begin()), mass_.size() - 1);
}

double WeightedSample::value_at(double mass) const
{
    return sorted_[place_at(mass)].value;
}

double WeightedSample::effective_count(double level) const
{
    // The outcomes at the level itself lie on both sides, in the proportion that makes F
    // exactly the level: else many equal ones would tell too much.
    const std::size_t place = place_at(mass() * level);
    const WeightedValue& at = sorted_[place];
    const double share = std::clamp(1 - (mass_[place] - mass() * level) / at.weight, 0.0, 1.0);
    const double below = square_[place] - (1 - share) * at.square;
    const double above = squared_mass() - below;
    const double variance =
        ((1 - level) * (1 - level) * below + level * level * above) / (mass() * mass());
    return level * (1 - level) / variance;
}

double WeightedSample::trials_beyond(double level) const
{
    const std::size_t place = place_at(mass() * level);
    const WeightedValue& at = sorted_[place];
    const double share = (mass_[place] - mass() * level) / at.weight;
    const double seen = trials_.back() - trials_[place] + std::max(share, 0.0) * at.trials;
    const double effective = effective_count(level) * (1 - level);
    constexpr double rounding = 1e-9;
    return std::floor(std::min(seen, effective) + rounding);
}

std::span<const WeightedValue> WeightedSample::tail(double level) const
{
    return std::span(sorted_).subspan(place_at(mass() * level));
}

double effective_sample_size(std::span<const double> weights)
{
    double mass = 0, square = 0;
    for (const double weight : weights) {
        mass += weight;
        square += weight * weight;
    }
    return mass * mass / square;
}

}  // namespace chokepoint
