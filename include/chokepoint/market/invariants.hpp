#pragma once

#include <span>

#include "chokepoint/events/shock.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// Checks what must hold in every month that has cleared, whatever the scenario: what is made
/// is used up, stage by stage and in all; stocks account for every tonne and are never below 0;
/// what is served lies between 0 and what is wanted; shares lie between 0 and 1. Relative
/// tolerance 1e-9.
///
/// Cheap: a few sums over cells, and no memory unless something is wrong.
///
/// \param shocks  By lane.
/// \param before  The state that the month was cleared from.
/// \throws LaneError  with what is wrong, the commodity, the region if it is of one, and the
///                    month, in the first lane in which it is.
void check_month(const Model& model, std::span<const Shock* const> shocks,
                 const MarketState& before, const Clearing& clearing);

}  // namespace chokepoint
