#pragma once

#include "chokepoint/metrics/meter.hpp"

#include <memory>
#include <string_view>

namespace chokepoint {

/// What policies cost the treasury over the horizon, in USD, undiscounted (docs/model.md
/// section 8). No columns for a model without policy costs; else, of `all` commodities and
/// `world`:
///
///   policy_cost           all of the following
///   policy_capital        sums spread over their months, as far as these lie in the horizon
///   policy_running        yearly costs
///   policy_purchases      what reserves buy, at what users of their region pay (p P_ref), less
///                         what they give out, at what users of their members pay; negative for
///                         a gain. What still lies there at the end is not counted.
///   policy_floor_payments output * max(0, floor - quoted price of the facility's region)
///
/// \param model  Must outlive the meter.
std::unique_ptr<Meter> make_policy_cost_meter(const Model& model);

/// Whether a metric is one of these: 0 in every trial of a model without policy costs.
bool is_policy_cost(std::string_view metric);

}  // namespace chokepoint
