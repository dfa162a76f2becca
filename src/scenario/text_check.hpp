#pragma once

#include <string>
#include <string_view>

#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

inline constexpr std::size_t largest_text = 16 * 1024 * 1024;

/// Complains about what makes a text unfit to be parsed: bytes that are no UTF-8, control
/// characters, tabs as indentation, more punctuation than a scenario can need.
///
/// \returns true if the text may be parsed.
bool check_text(std::string_view text, const std::string& file, Diagnostics& problems);

/// The length of the well-formed UTF-8 character that the text starts with; 0 if there is none.
std::size_t utf8_length(std::string_view text);

}  // namespace chokepoint
