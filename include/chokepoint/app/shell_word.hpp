#pragma once

#include <string>

namespace chokepoint {

/// A word as a shell takes it for one, in quotes where it needs them.
std::string shell_word(const std::string& word);

}  // namespace chokepoint
