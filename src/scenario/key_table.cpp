#include "key_table.hpp"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include <fmt/format.h>

namespace chokepoint {
namespace {

using enum KeyType;

/// Look-ups by section and by key, made once.
struct Index {
    std::unordered_map<std::string_view, std::vector<const KeyRow*>> by_section;
    std::unordered_map<std::string_view, std::unordered_map<std::string_view, const KeyRow*>>
        by_key;

    Index()
    {
        for (const SectionInfo& section : all_sections()) {
            add(section.name, section.name);
            for (const std::string& shared : split_words(section.shares)) {
                add(section.name, section_info(shared).name);
            }
        }
    }

    void add(std::string_view section, std::string_view source)
    {
        for (const KeyRow& row : all_rows()) {
            if (row.section == source && !source.empty()) {
                by_section[section].push_back(&row);
                by_key[section].emplace(row.key, &row);
            }
        }
    }
};

const Index& table()
{
    static const Index index;
    return index;
}

/// `a, b or c` for `a/b/c`.
std::string alternatives(std::string_view words)
{
    std::string text(words);
    const std::size_t last = text.rfind('/');
    for (std::size_t at = text.size(); at-- > 0;) {
        if (text[at] == '/') {
            text.replace(at, 1, at == last ? " or " : ", ");
        }
    }
    return text;
}

}  // namespace

std::span<const SectionInfo> all_sections()
{
    static const std::vector<SectionInfo> all = [] {
        std::vector<SectionInfo> sections;
        for (const auto& part : {scenario_sections(), policy_sections(), portfolio_sections(),
                                 experiment_sections()}) {
            sections.insert(sections.end(), part.begin(), part.end());
        }
        return sections;
    }();
    return all;
}

std::span<const KeyRow> all_rows()
{
    static const std::vector<KeyRow> all = [] {
        std::vector<KeyRow> rows;
        for (const auto& part : {scenario_rows(), policy_rows(), portfolio_rows(), experiment_rows()}) {
            rows.insert(rows.end(), part.begin(), part.end());
        }
        return rows;
    }();
    return all;
}

std::span<const EventKind> all_event_kinds()
{
    static const std::vector<EventKind> all = [] {
        std::vector<EventKind> kinds;
        for (const auto& part : {scripted_kinds(), lever_kinds(), position_kinds()}) {
            kinds.insert(kinds.end(), part.begin(), part.end());
        }
        return kinds;
    }();
    return all;
}

bool Bounds::contains(double value) const
{
    return (low_open ? value > low : value >= low)
           && (high_open ? value < high : value <= high);
}

std::string Bounds::phrase() const
{
    const bool has_low = low > -std::numeric_limits<double>::infinity();
    const bool has_high = high < std::numeric_limits<double>::infinity();
    if (has_low && has_high) {
        if (low == high) {
            return fmt::format("be {}", low);
        }
        if (low_open == high_open) {
            return fmt::format("lie between {} and {}{}", low, high,
                               low_open ? ", both excluded" : "");
        }
        return fmt::format("be {} {} and {} {}", low_open ? "above" : "at least", low,
                           high_open ? "below" : "at most", high);
    }
    if (has_low) {
        if (low == 0) {
            return low_open ? "be positive" : "not be negative";
        }
        return fmt::format("be {} {}", low_open ? "above" : "at least", low);
    }
    return has_high ? fmt::format("be {} {}", high_open ? "below" : "at most", high) : "";
}

const SectionInfo& section_info(std::string_view section)
{
    for (const SectionInfo& info : all_sections()) {
        if (info.name == section) {
            return info;
        }
    }
    throw std::logic_error(fmt::format("section_info: no section {}", section));
}

const std::vector<const KeyRow*>& rows_of(std::string_view section)
{
    return table().by_section.at(section);
}

const KeyRow* find_row(std::string_view section, std::string_view key)
{
    const auto keys = table().by_key.find(section);
    if (keys == table().by_key.end()) {
        return nullptr;
    }
    const auto found = keys->second.find(key);
    return found == keys->second.end() ? nullptr : found->second;
}

std::vector<std::string> split_words(std::string_view words)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin < words.size();) {
        const std::size_t end = std::min(words.find('/', begin), words.size());
        parts.emplace_back(words.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::string type_words(const KeyRow& row)
{
    switch (row.type) {
        case number:
            return "a number";
        case plain:
            return "a fixed number";
        case mark:
            return "a number, drawn for every event";
        case whole:
            return "a whole number";
        case flag:
            return "true or false";
        case text:
        case lines:
            return "a text";
        case paths:
            return "a text, or a list of texts";
        case values:
            return "a list of values";
        case range:
            return "[low, high]";
        case date:
            return "a date, YYYY-MM or YYYY-MM-DD";
        case choice:
            return alternatives(row.of);
        case name:
            return fmt::format("the name of a {}", row.of);
        case names:
            return fmt::format("the name of a {}, a list of them, or all", row.of);
        case new_name:
            return "a name";
        case new_names:
            return "a list of names";
        case groups:
            return "a map of names to lists of regions";
        case section:
            return "a map";
        case section_map:
            return "a map by name";
        case number_map:
            return fmt::format("a map of numbers by {}", row.of);
        case plain_table:
            return fmt::format("a map by {} of maps of fixed numbers by {}", row.of, row.of);
        case entries:
            return "a list of maps";
        case events:
            return row.of == "file" ? "a list of maps, or a file" : "a list of maps";
        case selector:
            return "a list of names of facilities, or a map of conditions";
    }
    throw std::logic_error("type_words: unknown type");
}

std::string expected(const KeyRow& row)
{
    std::string words = type_words(row);
    if (!row.unit.empty()) {
        words += fmt::format(" [{}]", row.unit);
    }
    const std::string bounds = row.bounds.phrase();
    return bounds.empty() ? words : words + "; must " + bounds;
}

Shape scenario_shape()
{
    return {.form = Shape::Form::section, .section = "scenario"};
}

Shape shape_below(const Shape& parent, std::string_view key)
{
    switch (parent.form) {
        case Shape::Form::entries:
        case Shape::Form::events:
            return {.form = Shape::Form::section, .section = parent.section};
        case Shape::Form::map:
            if (parent.levels > 1) {
                return {Shape::Form::map, parent.section, parent.levels - 1};
            }
            return parent.section.empty() ? Shape{}
                                          : Shape{Shape::Form::section, parent.section, 0};
        case Shape::Form::value:
            return {};
        case Shape::Form::section:
            break;
    }
    const KeyRow* row = find_row(parent.section, key);
    if (row == nullptr) {
        return {};
    }
    switch (row->type) {
        case section:
        case selector:
            return {Shape::Form::section, row->holds, 0};
        case section_map: {
            const auto slashes = std::count(row->of.begin(), row->of.end(), '/');
            return {Shape::Form::map, row->holds, static_cast<int>(slashes) + 1};
        }
        case number_map:
        case groups:
            return {Shape::Form::map, {}, 1};
        case plain_table:
            return {Shape::Form::map, {}, 2};
        case entries:
            return {Shape::Form::entries, row->holds, 0};
        case events:
            return {Shape::Form::events, "scripted_restriction", 0};
        default:
            return {};
    }
}

std::span<const std::string_view> reserved_words()
{
    static constexpr std::string_view words[] = {"source", "assumption", "note",
                                                 "all",    "world",      "use"};
    return words;
}

std::span<const std::string_view> note_keys()
{
    return reserved_words().first(3);
}

bool is_note(std::string_view key)
{
    return std::ranges::find(note_keys(), key) != note_keys().end();
}

bool is_reserved(std::string_view word)
{
    return std::ranges::find(reserved_words(), word) != reserved_words().end();
}

}  // namespace chokepoint
