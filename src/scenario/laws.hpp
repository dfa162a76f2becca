#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chokepoint/random/distribution.hpp"
#include "key_table.hpp"
#include "reading.hpp"
#include "yaml_tree.hpp"

namespace chokepoint {

/// A way to write a distribution.
struct LawInfo {
    std::string_view name;
    std::string_view written;  ///< e.g. `{uniform: [low, high]}`
    std::string_view meaning;
    std::string_view also = {};  ///< Another way to write its parameters.
    std::string_view also_meaning = {};
};

std::span<const LawInfo> all_laws();

/// The number or distribution at a node, checked against the bounds over its whole support.
/// Problems are reported below `path`; nothing is given back then.
///
/// \param hint  What the number means, for problems of range.
std::optional<Distribution> read_distribution(const YamlNode& node, const std::string& path,
                                              const Bounds& bounds, std::string_view hint,
                                              Reading& reading);

/// Complains about notes (`source`, `assumption`, `note`) that are not what they should be.
void check_note(const YamlEntry& entry, const std::string& path, Reading& reading);

}  // namespace chokepoint
