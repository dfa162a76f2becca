#pragma once

#include <cstddef>
#include <string>

namespace chokepoint {

/// How many columns a text for people may take.
inline constexpr std::size_t text_width = 100;

/// A text in lines of at most `text_width` columns, broken at spaces but not before a
/// per cent sign; the first begins with `indent`, the others with `hanging`, and each ends with
/// a line break. A word that is too long stands alone.
std::string wrapped(const std::string& text, const std::string& indent,
                    const std::string& hanging);

}  // namespace chokepoint
