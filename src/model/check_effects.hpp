#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

/// Warns of what is written and can have no effect: triggers that no price can pass, shocks to
/// the cost of mines of which none answers to the price.
void warn_of_no_effect(const Model& model, Diagnostics& diagnostics);

}  // namespace chokepoint
