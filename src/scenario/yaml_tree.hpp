#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

struct YamlEntry;

/// A piece of a YAML document as written: scalars keep their text, and everything its place.
struct YamlNode {
    enum class Kind {
        empty,  ///< Nothing, `~` or `null`.
        scalar,
        list,
        map,
        faulty,  ///< Already complained about; readers take it for a missing value.
    };

    Kind kind = Kind::empty;
    bool quoted = false;  ///< A scalar in quotes, or a text block.
    std::string text;     ///< Of a scalar.
    Place place;
    std::vector<YamlNode> items;     ///< Of a list.
    std::vector<YamlEntry> entries;  ///< Of a map, in the order written; every key once.

    bool is_map() const { return kind == Kind::map; }
    bool is_list() const { return kind == Kind::list; }
    bool is_scalar() const { return kind == Kind::scalar; }

    /// The value of a key; null if there is none, or if this is no map.
    const YamlNode* find(std::string_view key) const;
    YamlNode* find(std::string_view key);
};

struct YamlEntry {
    std::string key;
    Place place;  ///< Of the key.
    YamlNode value;
};

/// The text of a file.
/// \throws FileError  if it cannot be opened or read, or is a folder.
/// \throws InputError if it is too large to be a scenario.
std::string read_text(const std::filesystem::path& file);

/// The one document of a YAML text, an empty node if there is none; nothing if the text is no
/// YAML at all, after a complaint.
///
/// What YAML allows and a scenario does not is complained about and left out of the tree: a
/// second document, a key used twice, an alias of anything but a scalar, `<<`, tags, keys that
/// are no scalars. Depth, number of nodes and size are limited, so that no text exhausts the
/// machine.
std::optional<YamlNode> parse_yaml(const std::string& text, const std::string& file,
                                   Diagnostics& problems);

}  // namespace chokepoint
