#pragma once

#include "chokepoint/scenario/scenario.hpp"
#include "reading.hpp"

namespace chokepoint {

/// Checks what no entry shows alone: that every commodity is mined, treated at every stage and
/// demanded, and that stocks do not overlap.
void cross_check(const Scenario& scenario, Reading& reading);

}  // namespace chokepoint
