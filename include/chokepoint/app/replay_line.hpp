#pragma once

#include "chokepoint/app/command_line.hpp"
#include "chokepoint/events/parameters.hpp"

#include <string>

namespace chokepoint {

/// The command line that shows again a trial which a command ran, fit for a shell:
/// `chokepoint replay SCENARIO --trial K --seed S --set …`. Empty for commands that run no
/// trials, or none that `replay` could draw alone: of `compare`, `attribute`, `hindcast`, and
/// of a run whose pilot has yet to find the laws it draws from.
std::string replay_line(const Command& command, TrialKey key);

}  // namespace chokepoint
