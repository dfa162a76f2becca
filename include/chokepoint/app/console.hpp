#pragma once

#include <string_view>

namespace chokepoint {

/// Prints results to standard output. A reader that has gone away (`| head`) is no failure.
/// \throws WriteError if the text cannot be written, e.g. to a full disk.
void put_out(std::string_view text);

/// Prints text as it is to standard error; cannot fail.
void show(std::string_view text);

/// Prints a line for the user to standard error; cannot fail.
void note(std::string_view line);

}  // namespace chokepoint
