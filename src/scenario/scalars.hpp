#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "yaml_tree.hpp"

// Strict readers of single values. YAML's own guesses (`010`, `yes`, `0x1f`, `1_000`, `.nan`)
// are refused with the reason.
namespace chokepoint {

/// A value, or what is wrong with it.
template <class T>
struct Parsed {
    std::optional<T> value;
    std::string problem = {};
    std::string hint = {};
};

/// A finite number in plain decimal or scientific notation.
Parsed<double> parse_number(const YamlNode& node);

/// A whole number from 0 to 2^64 - 1, digits only.
Parsed<std::uint64_t> parse_whole(const YamlNode& node);

/// `true` or `false`.
Parsed<bool> parse_flag(const YamlNode& node);

/// What keeps a word from being a name; empty if it is one: lower-case letters, digits and `_`,
/// beginning with a letter, at most 60, not reserved.
std::string name_problem(std::string_view word);

}  // namespace chokepoint
