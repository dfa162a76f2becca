#pragma once

#include "chokepoint/metrics/meter.hpp"

#include <memory>

namespace chokepoint {

/// Physical shortfall: what users of the reference run consume and those of the disrupted run
/// do not get.
///
/// Per commodity and region and month, need is the consumption of the reference run, served
/// that of the disrupted run, and shortfall = max(0, need - served) in tonnes. Groups are sums
/// over their regions without netting: a region's abundance fills no other's gap. The commodity
/// `all` sums in USD at the trial's reference prices. Where nobody needs anything, shares are
/// 0.
///
/// Columns per commodity (and `all`) and area with users (`users_of`):
///   shortfall_total              sum over the horizon
///   shortfall_share              of the need over the horizon
///   shortfall_worst_month_share  largest share of a month's need
///   shortfall_months_above       months whose share passes `thresholds.shortfall_share`
///   recovery_months              from the first such month to the first of three successive
///   months
///                                that do not pass it; infinity if there are none within the
///                                horizon; 0 if no month passes it
/// Series: shortfall_share; stock_cover, users' stock over the month's need, where stocks are
/// kept.
///
/// \param model  Must outlive the meter.
std::unique_ptr<Meter> make_shortfall_meter(const Model& model);

}  // namespace chokepoint
