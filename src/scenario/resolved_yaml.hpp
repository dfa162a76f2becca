#pragma once

#include <string>

#include "yaml_tree.hpp"

namespace chokepoint {

/// A scenario's tree as YAML text: keys in their order, numbers as written, without `extends`;
/// the record under the name that it has beside the file (record_file_name).
/// Short lists and maps stand on one line. The text reads back as the same tree.
std::string resolved_yaml(YamlNode scenario);

/// A piece of a tree as YAML on one line, however long.
std::string one_line_yaml(const YamlNode& node);

}  // namespace chokepoint
