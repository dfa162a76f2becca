#pragma once

namespace chokepoint {

/// The program: reads the arguments, runs the command, turns every exception into a message on
/// standard error and an exit code.
int run_program(int argument_count, const char* const* arguments);

}  // namespace chokepoint
