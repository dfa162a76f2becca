#pragma once

namespace chokepoint {

/// What the program returns to the shell (docs: README, "Exit codes").
enum class ExitCode : int {
    done = 0,
    wrong_arguments = 64,
    bad_input = 65,       ///< An input file has errors.
    missing_input = 66,   ///< An input cannot be opened.
    over_limit = 69,      ///< More memory than there is.
    internal_error = 70,  ///< A bug.
    bad_output = 73,      ///< Output exists or cannot be created.
    write_failed = 74,    ///< E.g. the disk is full.
    stopped = 75,         ///< By SIGTERM.
    interrupted = 130,    ///< By SIGINT.
};

}  // namespace chokepoint
