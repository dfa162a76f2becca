#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chokepoint/support/diagnostic.hpp"
#include "yaml_tree.hpp"

// The words that problems of a scenario share.
namespace chokepoint {

/// The text in double quotes, cut to 60 bytes.
std::string in_quotes(std::string_view text);

/// What stands at a node, to be said after "got": `"1e5"`, `.nan`, `a list`, `nothing`.
std::string found(const YamlNode& node);

/// `file:line:column`.
std::string shown(const Place& place);

/// `a`, `a or b`, `a, b or c`.
std::string one_of(const std::vector<std::string>& words);

/// A number in its shortest form that reads back as itself.
std::string shown(double value);

/// `path.key`, or the key alone at the top.
std::string joined_path(const std::string& path, std::string_view key);

/// `path[index]`.
std::string indexed_path(const std::string& path, std::size_t index);

/// A word as part of a key path: in quotes unless it is a name or a year.
std::string in_path(const std::string& word);

/// True of four digits.
bool is_year(const std::string& word);

}  // namespace chokepoint
