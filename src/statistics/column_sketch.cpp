#include "chokepoint/statistics/column_sketch.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

namespace chokepoint {

ColumnSketch::ColumnSketch(std::size_t largest, std::vector<double> thresholds, double ceiling)
    : room_(largest), thresholds_(std::move(thresholds)), ceiling_(ceiling)
{
    state_.above.resize(thresholds_.size());
}

void ColumnSketch::restore(State state)
{
    if (state.above.size() != thresholds_.size() || state.largest.size() > room_) {
        throw std::invalid_argument("ColumnSketch: the state is of another kind of sketch");
    }
    state_ = std::move(state);
    std::make_heap(state_.largest.begin(), state_.largest.end());
}

void ColumnSketch::add(std::span<const double> values, std::uint64_t first, std::uint64_t step)
{
    capped_.assign(values.begin(), values.end());
    for (std::size_t place = 0; place < values.size(); ++place) {
        const double value = values[place];
        if (std::isnan(value)) {
            throw std::invalid_argument("ColumnSketch: NaN cannot be added");
        }
        if (std::isinf(value)) {
            ++state_.infinite;
        } else {
            (value < 0 ? state_.negative : state_.positive).add(std::abs(value));
        }
        capped_[place] = std::min(value, ceiling_);
        keep({value, first + place * step});
    }
    for (std::size_t level = 0; level < thresholds_.size(); ++level) {
        state_.above[level] += static_cast<std::uint64_t>(
            std::count_if(values.begin(), values.end(),
                          [&](double value) { return value > thresholds_[level]; }));
    }
    state_.moments.add(capped_);
}

void ColumnSketch::merge(const ColumnSketch& other)
{
    if (room_ != other.room_ || thresholds_ != other.thresholds_
        || ceiling_ != other.ceiling_) {
        throw std::invalid_argument("ColumnSketch: the sketches keep different things");
    }
    state_.moments.merge(other.state_.moments);
    state_.positive.merge(other.state_.positive);
    state_.negative.merge(other.state_.negative);
    state_.infinite += other.state_.infinite;
    for (std::size_t level = 0; level < state_.above.size(); ++level) {
        state_.above[level] += other.state_.above[level];
    }
    for (const RankedTrial& trial : other.state_.largest) {
        keep(trial);
    }
}

void ColumnSketch::keep(RankedTrial trial)
{
    if (state_.largest.size() < room_) {
        state_.largest.push_back(trial);
        std::push_heap(state_.largest.begin(), state_.largest.end());
    } else if (room_ > 0 && trial < state_.largest.front()) {
        std::pop_heap(state_.largest.begin(), state_.largest.end());
        state_.largest.back() = trial;
        std::push_heap(state_.largest.begin(), state_.largest.end());
    }
}

std::vector<RankedTrial> ColumnSketch::largest() const
{
    std::vector<RankedTrial> sorted = state_.largest;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

WeightedSample ColumnSketch::sample() const
{
    const std::vector<RankedTrial> exact = largest();
    // What the bins hold beside the values that are known exactly. By bin of the magnitude;
    // zeros of either sign have the lowest one.
    std::map<LogSketch::Bin, std::uint64_t> positive = state_.positive.counts();
    std::map<LogSketch::Bin, std::uint64_t> negative = state_.negative.counts();
    for (const RankedTrial& trial : exact) {
        if (!std::isinf(trial.value)) {
            --(trial.value < 0 ? negative : positive)[LogSketch::bin_of(std::abs(trial.value))];
        }
    }
    const double least_exact =
        exact.empty() ? std::numeric_limits<double>::infinity() : exact.back().value;
    std::vector<WeightedValue> sorted;
    const auto append = [&](double value, std::uint64_t trials) {
        if (trials > 0) {
            const auto count = static_cast<double>(trials);
            sorted.push_back({std::min(value, least_exact), count, count, count});
        }
    };
    for (auto bin = negative.rbegin(); bin != negative.rend(); ++bin) {
        append(-LogSketch::value_of(bin->first), bin->second);
    }
    for (const auto& [bin, trials] : positive) {
        append(LogSketch::value_of(bin), trials);
    }
    const auto known_infinite = static_cast<std::uint64_t>(std::count_if(
        exact.begin(), exact.end(), [](const auto& trial) { return std::isinf(trial.value); }));
    append(std::numeric_limits<double>::infinity(), state_.infinite - known_infinite);
    for (auto trial = exact.rbegin(); trial != exact.rend(); ++trial) {
        sorted.push_back({.value = trial->value});
    }
    return WeightedSample(std::move(sorted));
}

}  // namespace chokepoint
