#pragma once

#include "key_table.hpp"
#include "yaml_tree.hpp"

namespace chokepoint {

/// Lays a tree over a base, as `extends` does: maps merge by key, lists of named entries by
/// name, `hazards.scripted` appends, everything else is replaced; an empty list replaces any.
/// Every node keeps its own place.
void lay_over(YamlNode& base, YamlNode&& over, const Shape& shape);

}  // namespace chokepoint
