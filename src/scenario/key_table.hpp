#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The key table: every key that a scenario may hold, once. The reader's checks and their
// messages, the defaults, how `extends` merges, and the page docs/scenario-format.md come from
// it. A new key is one row here and one line in the binder.
namespace chokepoint {

/// What may be written for a key.
enum class KeyType {
    number,       ///< A number or a distribution that is drawn once per trial.
    plain,        ///< A number that may not be a distribution.
    mark,         ///< Written like a number, drawn anew for every event.
    whole,        ///< A whole number.
    flag,         ///< true or false.
    text,         ///< Any words, in one line.
    lines,        ///< Any words.
    paths,        ///< A file, or a list of files.
    values,       ///< A list of whatever may be written in a scenario.
    range,        ///< Two fixed numbers, the smaller first.
    date,         ///< YYYY-MM or YYYY-MM-DD.
    choice,       ///< One of the words in `of`.
    name,         ///< The name of an `of`.
    names,        ///< The name of an `of`, a list of them, or `all`.
    new_name,     ///< Names the entry that it stands in.
    new_names,    ///< A list of new names.
    groups,       ///< A map from new names to lists of names of `of`.
    section,      ///< A map with the keys of the section `holds`.
    section_map,  ///< A map from names (levels in `of`, `/` between them) to sections `holds`.
    number_map,   ///< A map from names of `of` (`year`: calendar years) to numbers.
    plain_table,  ///< A map from names of `of` to maps from names of `of` to fixed numbers.
    entries,      ///< A list of sections `holds`, each with a name.
    events,       ///< A list of sections that are told apart by their key `type`; where `of` is
                  ///< `file`, or the name of a table of them.
    selector,     ///< A list of names of `of`, or a section `holds`.
};

/// Where a value may lie.
struct Bounds {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    bool low_open = false;
    bool high_open = false;

    bool contains(double value) const;
    /// To be said after "must": `be positive`, `lie between 0 and 1`. Empty if there are none.
    std::string phrase() const;
};

struct KeyRow {
    std::string_view section;
    std::string_view key;
    KeyType type;
    std::string_view of = {};
    std::string_view holds = {};
    std::string_view unit = {};
    Bounds bounds = {};
    bool required = false;
    std::string_view fallback = {};   ///< The default, as it would be written.
    std::string_view otherwise = {};  ///< The default in words, where it depends on other keys.
    std::string_view needs = {};      ///< The keys (`/` between) one of which this one needs.
    std::string_view sentence;        ///< What the key means; also the hint of its errors.
};

/// A section of the format: a kind of map.
struct SectionInfo {
    std::string_view name;
    std::string_view title;
    std::string_view intro;
    std::string_view example;
    std::string_view shares = {};  ///< Sections (`/` between) whose rows hold here too.
};

std::span<const SectionInfo> all_sections();
std::span<const KeyRow> all_rows();

/// Of these, what policy files hold: in lever_rows.cpp.
std::span<const SectionInfo> policy_sections();
std::span<const KeyRow> policy_rows();

/// What portfolio files hold: in portfolio_rows.cpp.
std::span<const SectionInfo> portfolio_sections();
std::span<const KeyRow> portfolio_rows();

/// What experiment files hold: in experiment_rows.cpp.
std::span<const SectionInfo> experiment_sections();
std::span<const KeyRow> experiment_rows();

/// What scenario files hold: in key_rows.cpp.
std::span<const SectionInfo> scenario_sections();
std::span<const KeyRow> scenario_rows();
const SectionInfo& section_info(std::string_view section);

/// The rows of a section, with those that it shares, in the order of the table.
const std::vector<const KeyRow*>& rows_of(std::string_view section);

/// The row of a key; null if the section has no such key.
const KeyRow* find_row(std::string_view section, std::string_view key);

/// The words of a list with `/` between them.
std::vector<std::string> split_words(std::string_view words);

/// What is to be written for a key, e.g. `a number`.
std::string type_words(const KeyRow& row);

/// The same with unit and bounds, e.g. `a number [t/year]; must not be negative`.
std::string expected(const KeyRow& row);

/// A kind of entry of a list of KeyType::events.
struct EventKind {
    std::string_view list;  ///< The key of the list.
    std::string_view type;  ///< The value of its key `type`.
    std::string_view section;
    std::string_view name_prefix;  ///< Events without a name are called this and their number.
};

std::span<const EventKind> all_event_kinds();

/// Of these, those of scenarios, policies and portfolios, each beside its rows.
std::span<const EventKind> scripted_kinds();
std::span<const EventKind> lever_kinds();
std::span<const EventKind> position_kinds();

/// How a part of the tree is built, as far as merging and overrides need to know.
struct Shape {
    enum class Form { value, section, map, entries, events };
    Form form = Form::value;
    std::string_view section =
        {};          ///< Of a section; of what a map or list holds (empty: values).
    int levels = 0;  ///< Of a map: names to pass before `section` is reached.
};

/// The shape of a whole scenario.
Shape scenario_shape();

/// The shape of what stands below a key or name of a part with the shape `parent`.
Shape shape_below(const Shape& parent, std::string_view key);

/// `source`, `assumption`, `note`: allowed in every map.
std::span<const std::string_view> note_keys();
bool is_note(std::string_view key);

/// Words that may not be used as names, notes among them.
std::span<const std::string_view> reserved_words();
bool is_reserved(std::string_view word);

}  // namespace chokepoint
