#pragma once

#include <string>
#include <vector>

namespace chokepoint {

/// What stands beside a part of a scenario on where it comes from.
struct NoteOnPart {
    std::string path;  ///< Key path, entries of lists by name; empty for the whole file.
    std::string source{}, note{};
    bool is_assumption = false;  ///< Judgement.
};

/// All `source`, `assumption` and `note` of a YAML text, in its order; none of what is no YAML.
std::vector<NoteOnPart> notes_of(const std::string& yaml);

}  // namespace chokepoint
