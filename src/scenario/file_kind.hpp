#pragma once

#include "chokepoint/scenario/read_scenario.hpp"
#include "yaml_tree.hpp"

namespace chokepoint {

/// Told by the keys at the top of a file.
FileKind kind_of(const YamlNode& root);

/// True for a map that may be of the kind; complains otherwise, once.
bool check_kind(const YamlNode& root, FileKind kind, Diagnostics& problems);

}  // namespace chokepoint
