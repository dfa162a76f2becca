#pragma once

#include "chokepoint/metrics/meter.hpp"

#include <memory>

namespace chokepoint {

/// Price impact: prices of the disrupted run over those of the reference run in the same
/// region.
///
/// With p and p0 the month's price ratios of the two runs, impact = p / p0, computed as e^(x -
/// x0) so that equal prices give exactly 1. A group's impact is the mean weighted by reference
/// consumption, that of the commodity `all` by reference spending; users that consume nothing
/// take the plain mean.
///
/// Columns per commodity (and `all`) and area with users (`users_of`):
///   price_peak          largest impact of a month
///   price_peak_month    the first month (0 is the scenario's first) with that impact
///   price_mean          mean impact over the months
///   price_months_above  months whose impact passes `thresholds.price_ratio`
///   price_end           impact in the last month
///   quoted_peak         largest impact on the assessed and contract price
///   extra_bill          sum of served consumption * P_ref (p - p0), USD; negative for a saving
/// Series: price_impact; price, the ratio p itself; quoted_price, in USD/kg.
///
/// \param model  Must outlive the meter.
std::unique_ptr<Meter> make_price_meter(const Model& model);

}  // namespace chokepoint
