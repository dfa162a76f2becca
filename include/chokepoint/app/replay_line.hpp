#pragma once

#include "chokepoint/app/command_line.hpp"
#include "chokepoint/events/parameters.hpp"

#include <string>

namespace chokepoint {

/// The command line that shows again a trial which a command ran, fit for a shell:
/// `chokepoint replay SCENARIO --trial K --seed S --set …`. Empty for commands that run no
/// trials.
std::string replay_line(const Command& command, TrialKey key);

}  // namespace chokepoint
