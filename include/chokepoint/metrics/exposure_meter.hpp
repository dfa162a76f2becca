#pragma once

#include "chokepoint/metrics/meter.hpp"

#include <memory>

namespace chokepoint {

/// What users lose by prices and rationing against the reference run, in USD at reference
/// prices: the fall of their surplus along the month's demand curve (docs/model.md section 8,
/// "More room").
///
/// Column per commodity and area, and of all commodities: users_loss, positive for a loss. With
/// p and p0 the price ratios of both runs, C the consumption served, e the elasticity within
/// the month, X what is rationed at the choke price p_c, summed over months,
///
///     P_ref [ C p^e (p^{1-e} - p0^{1-e}) / (1 - e) + (p_c - p0) X ]
///
/// \param model  Must outlive the meter.
std::unique_ptr<Meter> make_exposure_meter(const Model& model);

}  // namespace chokepoint
