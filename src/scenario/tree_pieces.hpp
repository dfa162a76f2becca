#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yaml_tree.hpp"

namespace chokepoint {

// Pieces of a scenario's tree, as if they were written at a place.

YamlNode scalar(std::string text, const Place& place);
YamlNode number(double value, const Place& place);
YamlNode list_of(const std::vector<std::string>& words, const Place& place);
/// Nothing in a list or a map yet.
YamlNode empty(YamlNode::Kind kind, const Place& place);

/// Writes a value below a key, in place of what stands there.
void set(YamlNode& map, std::string_view key, YamlNode value);

/// What stands below a key; made if nothing does.
YamlNode& below(YamlNode& map, std::string_view key, YamlNode::Kind kind);

/// A number that is no distribution: `0.8`, or `{fixed: 0.8}` with notes.
std::optional<double> fixed_number(const YamlNode& node);

}  // namespace chokepoint
