#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

/// The text of a YAML file and the name that its problems are reported under.
struct YamlText {
    std::string file;
    std::string text;
};

/// A key that two scenarios do not have the same value of.
struct ChangedKey {
    std::string path;  ///< e.g. `facilities.congo_mines.utilisation`, `regions[2]`
    /// The values as YAML on one line; nothing where the key is not there.
    std::optional<std::string> before, after;

    bool operator==(const ChangedKey&) const = default;
};

/// The keys in which two resolved scenarios differ, in the order of the first, then those that
/// only the second has. Lists of named entries are compared by `name`, other lists by position;
/// numbers by value, so that `0.9` is `0.90`. What is there in one only is one change, however
/// much hangs below it.
///
/// \param problems  Takes up what is no YAML; no changes are told then.
std::vector<ChangedKey> changed_keys(const YamlText& before, const YamlText& after,
                                     Diagnostics& problems);

}  // namespace chokepoint
