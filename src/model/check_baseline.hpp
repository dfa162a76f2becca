#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/scenario.hpp"
#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

/// Complains about what has no balance at month 0; warns of what had to be scaled by more than
/// 5 % for it, and of written trade that it leaves no room for.
void check_baseline(const Model& model, const Scenario& scenario, Diagnostics& diagnostics);

}  // namespace chokepoint
