#pragma once

#include "chokepoint/study/trial_sensitivity.hpp"

#include <string>

namespace chokepoint {

/// For the terminal: the uncertain numbers that go most with each headline metric of all
/// commodities and the world, whose intervals do not hold 0.
std::string sensitivity_text(const TrialSensitivity& sensitivity);

}  // namespace chokepoint
