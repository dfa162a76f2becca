#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "chokepoint/scenario/scenario.hpp"
#include "key_table.hpp"
#include "reading.hpp"
#include "yaml_tree.hpp"

namespace chokepoint {

/// A name as it stands in a list of names.
struct NameInList {
    std::string name;
    Place place;
    std::string path;  ///< e.g. `stocks.users.regions[1]`
};

struct NameList {
    bool all = false;
    std::vector<NameInList> names;
    Place place;
};

/// A number in a table by two names.
struct PlainInTable {
    std::string row, column;
    double value = 0;
    Place place;
    std::string path;
};

/// A map of the scenario, read by the rows of the key table that its section has.
///
/// The constructor complains about unknown and missing keys and about notes; each getter
/// complains if the value is not what the table asks for, and gives the default of the table
/// where nothing, or something wrong, is written. A Number that was wrong has an empty path; a
/// name, an empty text.
class Section {
public:
    /// \param path  The section's key path, empty for the top of the file.
    Section(Reading& reading, std::string_view section, const YamlNode& node, std::string path);

    std::string_view name_in_table() const { return section_; }
    const std::string& path() const { return path_; }
    const Place& place() const { return place_; }

    /// True if something is written for the key, be it right or wrong.
    bool has(std::string_view key) const;

    Number number(std::string_view key) const;
    /// The number; `fallback`, with its own path, where none is written.
    Number number_or(std::string_view key, const Number& fallback) const;
    std::optional<Number> number_if_written(std::string_view key) const;
    /// A number that is not written in this section but follows from other keys.
    Number implied_number(std::string_view key, double value) const;
    Mark mark(std::string_view key) const;
    Mark mark_or(std::string_view key, double fallback) const;

    /// A number that is no distribution.
    double plain(std::string_view key) const;
    std::uint64_t whole(std::string_view key) const;
    std::optional<std::uint64_t> whole_if_written(std::string_view key) const;
    std::optional<bool> flag(std::string_view key) const;
    std::string text(std::string_view key) const;
    std::string choice(std::string_view key) const;
    std::optional<Date> date(std::string_view key) const;

    /// A name of the row's vocabulary; empty if there is none such, or nothing written.
    std::string name(std::string_view key) const;
    /// Names of the row's vocabulary.
    Names names(std::string_view key) const;
    /// Names that are checked by the caller.
    NameList name_list(std::string_view key) const;
    /// Adds the names of a list to a vocabulary.
    void introduce_names(std::string_view key, Vocabulary& vocabulary) const;

    std::vector<std::pair<std::string, Number>> number_map(std::string_view key) const;
    /// A map of numbers whose names are calendar years.
    std::vector<std::pair<int, Number>> numbers_by_year(std::string_view key) const;
    /// The numbers of a map of maps (KeyType::plain_table).
    std::vector<PlainInTable> plain_table(std::string_view key) const;

    /// The section below a key; one of nothing but defaults if none is written.
    Section section(std::string_view key) const;

    /// The notes (`source`, `assumption`, `note`) of the section.
    std::vector<YamlEntry> notes() const;

    /// The value's node for what no other getter reads; null if nothing sound is written.
    const YamlNode* node(std::string_view key) const { return sound(key); }
    /// Complains that a key's value is not of the type that the table asks for.
    void complain(std::string_view key) const;

    /// Visits a list of sections. Their names are checked for being names and being unique;
    /// events (KeyType::events) without one get one from their position.
    using EntryVisitor = std::function<void(const Section& entry, const std::string& name)>;
    void each_entry(std::string_view key, const EntryVisitor& visit) const;

    /// Visits the named lists of a map (KeyType::groups).
    using GroupVisitor = std::function<void(const YamlEntry& group, const NameList& members)>;
    void each_group(std::string_view key, const GroupVisitor& visit) const;

    /// Visits the sections of a map by names of one or more levels.
    using MapVisitor =
        std::function<void(const Section& entry, const std::vector<std::string>& names)>;
    void each_in_map(std::string_view key, const MapVisitor& visit) const;

    /// Where a key's value is written; the section's place if it is not.
    Place place_of(std::string_view key) const;
    /// Complains about a key's value, or about the section if the key is not written.
    void error(std::string_view key, std::string problem, std::string hint = {}) const;
    /// Complains about the section as a whole.
    void error_here(std::string problem, std::string hint = {}) const;

    Reading& reading() const { return *reading_; }
    std::string path_of(std::string_view key) const;

private:
    /// The section that stands for one that is not written.
    Section(const Section& parent, const KeyRow& row);

    const KeyRow& row(std::string_view key) const;
    const YamlNode* sound(const KeyRow& row) const;
    const YamlNode* sound(std::string_view key) const { return sound(row(key)); }
    void check_keys() const;
    void check_unknown(const YamlEntry& entry) const;
    void check_needs(const KeyRow& row) const;
    void complain(const YamlNode& node, const std::string& path, const KeyRow& row) const;
    Number read_number(const YamlNode& node, std::string path, const KeyRow& row) const;
    double read_plain(const YamlNode& node, const std::string& path, const KeyRow& row) const;
    Number default_number(std::string_view key) const;
    bool check_known(const Vocabulary& vocabulary, const std::string& name, const Place& place,
                     const std::string& path) const;
    NameList read_name_list(const YamlNode& node, const std::string& path,
                            std::string_view expected_words, bool may_be_all) const;
    void visit_entry(const YamlNode& item, std::size_t position, const KeyRow& list,
                     std::unordered_map<std::string, Place>& names,
                     const EntryVisitor& visit) const;
    std::string entry_name(const YamlNode& item, const std::string& item_path,
                           std::unordered_map<std::string, Place>& names) const;
    void visit_levels(const YamlNode& node, const std::string& path, std::string_view kinds,
                      const KeyRow& row, std::vector<std::string>& names,
                      const MapVisitor& visit) const;
    void check_map_key(const YamlEntry& entry, const std::string& path,
                       std::string_view kind) const;

    Reading* reading_;
    std::string_view section_;
    const YamlNode* node_;
    Place place_;
    std::string path_;
};

}  // namespace chokepoint
