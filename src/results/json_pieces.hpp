#pragma once

#include "chokepoint/engine/column_summary.hpp"
#include "chokepoint/results/json_number.hpp"

#include <nlohmann/json.hpp>

namespace chokepoint {

using Json = nlohmann::ordered_json;

/// A figure and its interval.
inline Json json_of(const Figure& figure)
{
    return {{"value", json_number<Json>(figure.estimate.value)},
            {"lower", json_number<Json>(figure.estimate.lower)},
            {"upper", json_number<Json>(figure.estimate.upper)},
            {"n", figure.n}};
}

}  // namespace chokepoint
