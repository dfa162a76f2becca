#pragma once

#include <string>
#include <string_view>

namespace chokepoint {

/// A word as a cell of a table: in quotes if it must be.
inline std::string csv_text(std::string_view word)
{
    if (word.find_first_of(",\"\n\r") == word.npos) {
        return std::string(word);
    }
    std::string quoted = "\"";
    for (const char letter : word) {
        quoted += letter == '"' ? "\"\"" : std::string(1, letter);
    }
    return quoted + '"';
}

}  // namespace chokepoint
