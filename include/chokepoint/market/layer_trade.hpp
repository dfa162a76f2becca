#pragma once

#include <span>

#include "chokepoint/market/legal_caps.hpp"

namespace chokepoint {

/// True if all output of a layer finds a market behind the caps on its trade: flows exist from
/// each region's output to its own market, which nothing caps, and by way of its border, where
/// its exports may be capped as a whole, to each of the others.
///
/// By max-flow min-cut, the markets that a set of exporters may reach must have room for what
/// these put out, for each set. Sets with an exporter whom nothing caps have it, as that one
/// reaches every market; so 3^n cuts are looked at, with n exporters under a cap. False also if
/// n > 4, where that would take too long.
///
/// \param caps    Of the layer alone, at most one an arc.
/// \param output  By region, t; no more in all than `intake`.
/// \param intake  By region: what its market takes, t.
bool finds_markets(std::span<const ArcCap> caps, std::span<const double> output,
                   std::span<const double> intake);

}  // namespace chokepoint
