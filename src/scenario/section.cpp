#include "section.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "laws.hpp"
#include "messages.hpp"

namespace chokepoint {
namespace {

const YamlNode& empty_map()
{
    static const YamlNode node = [] {
        YamlNode map;
        map.kind = YamlNode::Kind::map;
        return map;
    }();
    return node;
}

std::vector<std::string> keys_of(std::string_view section)
{
    std::vector<std::string> keys;
    for (const KeyRow* row : rows_of(section)) {
        keys.emplace_back(row->key);
    }
    return keys;
}

}  // namespace

Section::Section(Reading& reading, std::string_view section, const YamlNode& node,
                 std::string path)
    : reading_(&reading),
      section_(section),
      node_(&node),
      place_(node.place),
      path_(std::move(path))
{
    if (node.is_map()) {
        check_keys();
    } else if (node.kind != YamlNode::Kind::faulty) {
        reading.error(place_, path_, fmt::format("must be a map (got {})", found(node)));
    }
}

Section::Section(const Section& parent, const KeyRow& row)
    : reading_(parent.reading_),
      section_(row.holds),
      node_(&empty_map()),
      place_(parent.place_),
      path_(parent.path_of(row.key))
{}

void Section::check_keys() const
{
    for (const YamlEntry& entry : node_->entries) {
        if (is_note(entry.key)) {
            check_note(entry, path_, *reading_);
        } else if (find_row(section_, entry.key) == nullptr) {
            check_unknown(entry);
        }
    }
    for (const KeyRow* row : rows_of(section_)) {
        if (row->required && !has(row->key)) {
            reading_->error(place_, path_,
                            fmt::format("\"{}\" is missing ({})", row->key, expected(*row)),
                            fmt::format("{}: {}", row->key, row->sentence));
        }
        check_needs(*row);
    }
}

void Section::check_unknown(const YamlEntry& entry) const
{
    const std::vector<std::string> keys = keys_of(section_);
    std::string suggestion = did_you_mean(entry.key, keys);
    std::string hint;
    if (suggestion.empty()) {
        hint = fmt::format("the keys here are {}", fmt::join(keys, ", "));
    }
    // Braces and brackets end a value at a comma: `{utilisation: 0,8}`.
    if (std::ranges::all_of(entry.key, [](char c) { return c >= '0' && c <= '9'; })) {
        hint = entry.key.size() == 3
                   ? "commas between thousands? Write none: numbers read 1500000, not 1,500,000"
                   : "a decimal comma? Write a point: numbers read 0.8, not 0,8";
    }
    reading_->error(entry.place, path_,
                    fmt::format("unknown key {}{}", in_quotes(entry.key), suggestion),
                    std::move(hint));
}

void Section::check_needs(const KeyRow& row) const
{
    if (row.needs.empty() || !has(row.key)) {
        return;
    }
    std::vector<std::string> needed = split_words(row.needs);
    if (std::any_of(needed.begin(), needed.end(),
                    [this](const std::string& key) { return has(key); })) {
        return;
    }
    for (std::string& key : needed) {
        key = in_quotes(key);
    }
    error(row.key, "means nothing without " + one_of(needed), std::string(row.sentence));
}

bool Section::has(std::string_view key) const
{
    return node_->find(key) != nullptr;
}

const KeyRow& Section::row(std::string_view key) const
{
    const KeyRow* found = find_row(section_, key);
    if (found == nullptr) {
        throw std::logic_error(fmt::format("Section: {} has no key {}", section_, key));
    }
    return *found;
}

const YamlNode* Section::sound(const KeyRow& row) const
{
    const YamlNode* value = node_->find(row.key);
    return value == nullptr || value->kind == YamlNode::Kind::faulty ? nullptr : value;
}

std::string Section::path_of(std::string_view key) const
{
    return joined_path(path_, key);
}

std::vector<YamlEntry> Section::notes() const
{
    std::vector<YamlEntry> notes;
    std::ranges::copy_if(node_->entries, std::back_inserter(notes),
                         [](const YamlEntry& entry) { return is_note(entry.key); });
    return notes;
}

Place Section::place_of(std::string_view key) const
{
    const YamlNode* value = node_->find(key);
    return value == nullptr ? place_ : value->place;
}

void Section::error(std::string_view key, std::string problem, std::string hint) const
{
    reading_->error(place_of(key), path_of(key), std::move(problem), std::move(hint));
}

void Section::error_here(std::string problem, std::string hint) const
{
    reading_->error(place_, path_, std::move(problem), std::move(hint));
}

void Section::complain(const YamlNode& node, const std::string& path, const KeyRow& row) const
{
    reading_->error(node.place, path,
                    fmt::format("must be {} (got {})", type_words(row), found(node)),
                    std::string(row.sentence));
}

void Section::complain(std::string_view key) const
{
    if (const YamlNode* value = sound(key)) {
        complain(*value, path_of(key), row(key));
    }
}

Section Section::section(std::string_view key) const
{
    const YamlNode* value = sound(key);
    return value == nullptr ? Section(*this, row(key))
                            : Section(*reading_, row(key).holds, *value, path_of(key));
}

}  // namespace chokepoint
