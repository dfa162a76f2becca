#pragma once

#include <string>

#include "chokepoint/support/diagnostic.hpp"
#include "yaml_tree.hpp"

namespace chokepoint {

/// Sets one value of a scenario's tree: `path.to.key=value`, where entries of lists are
/// addressed by name and the value is YAML. Missing maps on the way are made.
///
/// \param file  What the override is called in messages, e.g. `<--set 1>`.
void apply_override(YamlNode& root, const std::string& text, const std::string& file,
                    Diagnostics& problems);

}  // namespace chokepoint
