#pragma once

#include "chokepoint/metrics/meter.hpp"

#include <memory>
#include <string>

namespace chokepoint {

/// An arc binds if its price gap is above this, in price ratio units: the rest is rounding.
inline constexpr double smallest_gap = 1e-9;

/// The value of each arc that a cap may bind, and the exports of each region.
///
/// Columns per arc of `Model::cappable_arcs`, named there by `Column::arc`; the gap is the
/// price difference that an arc holds open (Path::arc_gap), P_ref the final product's reference
/// price:
///   arc_binding         share of the months with a gap over 1e-9
///   arc_marginal_value  what one more tonne of room is worth: P_ref * mean gap, USD/t
///   arc_rent            sum of P_ref * gap * flow over the horizon, USD
///   arc_flow            mean flow, t/month
///   arc_tax_revenue     sum of P_ref * what is taxed beyond standing duties * flow, USD
/// Series per commodity and region: exports, what leaves the last stage for other regions.
///
/// \param model  Must outlive the meter.
std::unique_ptr<Meter> make_chokepoint_meter(const Model& model);

/// An arc in words, e.g. `refine exports of china`, `mine from china to japan`, `refine plants
/// in china`.
std::string arc_label(const Model& model, const CappableArc& arc);

}  // namespace chokepoint
