#include "chokepoint/statistics/tail_index.hpp"

#include "chokepoint/support/elementary.hpp"

#include <cmath>

namespace chokepoint {

Estimate tail_index(std::span<const WeightedValue> tail)
{
    if (tail.empty() || !(tail.front().value > 0) || !std::isfinite(tail.back().value)
        || !(tail.back().value > tail.front().value)) {
        return {};
    }
    const double threshold = tail.front().value;
    double mass = 0, square = 0, logs = 0;
    for (const WeightedValue& loss : tail.subspan(1)) {
        mass += loss.weight;
        square += loss.square;
        logs += loss.weight * portable_log(loss.value / threshold);
    }
    const double index = logs / mass;
    return normal_estimate(index, index * std::sqrt(square) / mass);
}

}  // namespace chokepoint
