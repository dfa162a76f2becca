#include "section.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "laws.hpp"
#include "messages.hpp"
#include "scalars.hpp"

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

bool is_year(const std::string& word)
{
    constexpr std::size_t digits = 4;
    return word.size() == digits && word.find_first_not_of("0123456789") == word.npos;
}

/// A word as part of a key path.
std::string in_path(const std::string& word)
{
    return is_year(word) || name_problem(word).empty() ? word : in_quotes(word);
}

std::vector<std::string> keys_of(std::string_view section)
{
    std::vector<std::string> keys;
    for (const KeyRow* row : rows_of(section)) {
        keys.emplace_back(row->key);
    }
    return keys;
}

/// The words of a default such as `[mine, refine]`.
std::vector<std::string> words_of_list(std::string_view written)
{
    std::vector<std::string> words;
    for (std::size_t begin = written.find_first_not_of("[], "); begin != written.npos;) {
        const std::size_t end = written.find_first_of("[], ", begin);
        words.emplace_back(written.substr(begin, end - begin));
        begin = written.find_first_not_of("[], ", end);
    }
    return words;
}

std::vector<std::string> event_types(std::string_view list)
{
    std::vector<std::string> types;
    for (const EventKind& kind : all_event_kinds()) {
        if (kind.list == list) {
            types.emplace_back(kind.type);
        }
    }
    return types;
}

/// The kind of event that an item says it is; null if it says nothing sound.
const EventKind* event_kind(const YamlNode& item, std::string_view list)
{
    const YamlNode* type = item.find("type");
    for (const EventKind& kind : all_event_kinds()) {
        if (kind.list == list && type != nullptr && type->is_scalar()
            && type->text == kind.type) {
            return &kind;
        }
    }
    return nullptr;
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
        hint = "a decimal comma? Write a point: numbers read 0.8, not 0,8";
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

// Numbers

Number Section::read_number(const YamlNode& node, std::string path, const KeyRow& row) const
{
    auto distribution = read_distribution(node, path, row.bounds, row.sentence, *reading_);
    if (!distribution) {
        return {Distribution(), "", node.place};
    }
    return {std::move(*distribution), std::move(path), node.place};
}

Number Section::default_number(std::string_view key) const
{
    YamlNode fallback;
    fallback.kind = YamlNode::Kind::scalar;
    fallback.text = row(key).fallback;
    const Parsed<double> value = parse_number(fallback);
    return value.value ? implied_number(key, *value.value) : Number{Distribution(), "", place_};
}

Number Section::implied_number(std::string_view key, double value) const
{
    return {Fixed{value}, path_of(key), place_};
}

std::optional<Number> Section::number_if_written(std::string_view key) const
{
    const KeyRow& row = this->row(key);
    const YamlNode* value = sound(row);
    if (value == nullptr) {
        return std::nullopt;
    }
    return read_number(*value, path_of(key), row);
}

Number Section::number(std::string_view key) const
{
    auto written = number_if_written(key);
    return written ? *std::move(written) : default_number(key);
}

Number Section::number_or(std::string_view key, const Number& fallback) const
{
    auto written = number_if_written(key);
    return written ? *std::move(written) : fallback;
}

Mark Section::mark(std::string_view key) const
{
    Number number = this->number(key);
    return {std::move(number.distribution), std::move(number.path), std::move(number.place)};
}

Mark Section::mark_or(std::string_view key, double fallback) const
{
    Number number = number_or(key, implied_number(key, fallback));
    return {std::move(number.distribution), std::move(number.path), std::move(number.place)};
}

std::vector<std::pair<std::string, Number>> Section::number_map(std::string_view key) const
{
    std::vector<std::pair<std::string, Number>> numbers;
    const KeyRow& row = this->row(key);
    const YamlNode* map = sound(row);
    if (map == nullptr) {
        return numbers;
    }
    const std::string path = path_of(key);
    if (!map->is_map()) {
        complain(*map, path, row);
        return numbers;
    }
    for (const YamlEntry& entry : map->entries) {
        if (is_note(entry.key)) {
            check_note(entry, path, *reading_);
            continue;
        }
        check_map_key(entry, path, row.of);
        numbers.emplace_back(
            entry.key, read_number(entry.value, joined_path(path, in_path(entry.key)), row));
    }
    return numbers;
}

std::vector<std::pair<int, Number>> Section::numbers_by_year(std::string_view key) const
{
    std::vector<std::pair<int, Number>> numbers;
    for (auto& [year, number] : number_map(key)) {
        if (is_year(year)) {
            numbers.emplace_back(std::stoi(year), std::move(number));
        }
    }
    return numbers;
}

double Section::read_plain(const YamlNode& node, const std::string& path,
                           const KeyRow& row) const
{
    const Number written = read_number(node, path, row);
    if (!written.distribution.is_fixed()) {
        reading_->error(
            node.place, path,
            fmt::format("must be a fixed number (got {})", to_string(written.distribution)),
            std::string(row.sentence));
    }
    return written.distribution.lower();
}

double Section::plain(std::string_view key) const
{
    const YamlNode* value = sound(key);
    return value == nullptr ? default_number(key).distribution.lower()
                            : read_plain(*value, path_of(key), row(key));
}

std::vector<PlainInTable> Section::plain_table(std::string_view key) const
{
    std::vector<PlainInTable> numbers;
    const YamlNode* table = sound(key);
    if (table == nullptr) {
        return numbers;
    }
    const auto visit_map = [&](const YamlNode& map, const std::string& path, auto visit) {
        if (map.kind == YamlNode::Kind::faulty) {
            return;
        }
        if (!map.is_map()) {
            complain(map, path, row(key));
            return;
        }
        for (const YamlEntry& entry : map.entries) {
            if (is_note(entry.key)) {
                check_note(entry, path, *reading_);
                continue;
            }
            check_map_key(entry, path, row(key).of);
            visit(entry, joined_path(path, in_path(entry.key)));
        }
    };
    visit_map(*table, path_of(key), [&](const YamlEntry& line, const std::string& line_path) {
        visit_map(line.value, line_path, [&](const YamlEntry& entry, const std::string& path) {
            numbers.push_back({line.key, entry.key, read_plain(entry.value, path, row(key)),
                               entry.value.place, path});
        });
    });
    return numbers;
}

// Other single values

std::optional<std::uint64_t> Section::whole_if_written(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    const Bounds& bounds = row(key).bounds;
    Parsed<std::uint64_t> parsed = parse_whole(*value);
    if (!parsed.value) {
        error(key, std::move(parsed.problem),
              parsed.hint.empty() ? std::string(row(key).sentence) : std::move(parsed.hint));
    } else if (!bounds.contains(static_cast<double>(*parsed.value))) {
        error(key, fmt::format("must {} (got {})", bounds.phrase(), *parsed.value),
              std::string(row(key).sentence));
        parsed.value.reset();
    }
    return parsed.value;
}

std::uint64_t Section::whole(std::string_view key) const
{
    const auto written = whole_if_written(key);
    if (written) {
        return *written;
    }
    const std::string_view fallback = row(key).fallback;
    return fallback.empty() ? 0 : std::stoull(std::string(fallback));
}

std::optional<bool> Section::flag(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    Parsed<bool> parsed = parse_flag(*value);
    if (!parsed.value) {
        error(key, std::move(parsed.problem), std::string(row(key).sentence));
    }
    return parsed.value;
}

std::string Section::text(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_scalar() || value->text.empty()) {
        complain(key);
        return {};
    }
    return value->text;
}

std::string Section::choice(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return std::string(row(key).fallback);
    }
    const std::string_view words = row(key).of;
    for (std::size_t begin = 0; value->is_scalar() && begin < words.size();) {
        const std::size_t end = std::min(words.find('/', begin), words.size());
        if (words.substr(begin, end - begin) == value->text) {
            return value->text;
        }
        begin = end + 1;
    }
    complain(key);
    return {};
}

std::optional<Date> Section::date(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto date = value->is_scalar() ? parse_date(value->text) : std::nullopt;
    if (!date) {
        complain(key);
    }
    return date;
}

// Names

bool Section::check_known(const Vocabulary& vocabulary, const std::string& name,
                          const Place& place, const std::string& path) const
{
    if (vocabulary.has(name)) {
        return true;
    }
    if (vocabulary.is_complete()) {
        reading_->error(place, path, vocabulary.unknown(name));
    }
    return false;
}

std::string Section::name(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_scalar()) {
        complain(key);
        return {};
    }
    const Vocabulary& vocabulary = reading_->vocabulary(row(key).of);
    return check_known(vocabulary, value->text, value->place, path_of(key)) ? value->text : "";
}

NameList Section::read_name_list(const YamlNode& node, const std::string& path,
                                 std::string_view expected_words) const
{
    NameList list;
    list.place = node.place;
    if (node.kind == YamlNode::Kind::faulty) {
        return list;
    }
    if (!node.is_list() || node.items.empty()) {
        reading_->error(node.place, path,
                        fmt::format("must be {} (got {})", expected_words,
                                    node.is_list() ? "an empty list" : found(node)));
        return list;
    }
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const YamlNode& item = node.items[i];
        const std::string item_path = indexed_path(path, i);
        if (item.kind == YamlNode::Kind::faulty) {
            continue;
        }
        if (!item.is_scalar()) {
            reading_->error(item.place, item_path,
                            fmt::format("must be a name (got {})", found(item)));
        } else if (item.text == "all") {
            reading_->error(item.place, item_path,
                            "\"all\" must stand alone (it stands in a list)", "write all");
        } else if (!seen.emplace(item.text, i).second) {
            reading_->error(item.place, item_path,
                            fmt::format("{} is named twice", in_quotes(item.text)));
        } else {
            list.names.push_back({item.text, item.place, item_path});
        }
    }
    return list;
}

NameList Section::name_list(std::string_view key) const
{
    const YamlNode* value = sound(key);
    NameList list;
    list.place = place_;
    if (value == nullptr) {
        list.all = !has(key) && row(key).fallback == "all";
        return list;
    }
    if (value->is_scalar()) {
        list.place = value->place;
        list.all = value->text == "all" && row(key).type == KeyType::names;
        if (!list.all) {
            list.names.push_back({value->text, value->place, path_of(key)});
        }
        return list;
    }
    return read_name_list(*value, path_of(key), type_words(row(key)));
}

Names Section::names(std::string_view key) const
{
    const NameList list = name_list(key);
    Names names;
    names.all = list.all;
    names.place = list.place;
    const Vocabulary& vocabulary = reading_->vocabulary(row(key).of);
    for (const NameInList& name : list.names) {
        if (check_known(vocabulary, name.name, name.place, name.path)) {
            names.names.push_back(name.name);
        }
    }
    return names;
}

void Section::introduce_names(std::string_view key, Vocabulary& vocabulary) const
{
    if (!has(key)) {
        for (const std::string& word : words_of_list(row(key).fallback)) {
            vocabulary.add(word, place_);
        }
    }
    const YamlNode* value = sound(key);
    if (value == nullptr && !vocabulary.names().empty()) {
        return;
    }
    if (value == nullptr || !value->is_list() || value->items.empty()) {
        vocabulary.mark_incomplete();
        if (value != nullptr) {
            read_name_list(*value, path_of(key), type_words(row(key)));
        }
        return;
    }
    for (std::size_t i = 0; i < value->items.size(); ++i) {
        const YamlNode& item = value->items[i];
        const std::string path = indexed_path(path_of(key), i);
        const std::string problem = item.is_scalar()
                                        ? name_problem(item.text)
                                        : fmt::format("must be a name (got {})", found(item));
        if (item.kind == YamlNode::Kind::faulty || !problem.empty()) {
            vocabulary.mark_incomplete();
        }
        if (item.kind == YamlNode::Kind::faulty) {
            continue;
        }
        if (!problem.empty()) {
            reading_->error(item.place, path, problem);
        } else if (!vocabulary.add(item.text, item.place)) {
            reading_->error(
                item.place, path,
                fmt::format("{} is used twice (first used at {})", in_quotes(item.text),
                            shown(vocabulary.first_place(item.text))));
        }
    }
}

void Section::each_group(std::string_view key, const GroupVisitor& visit) const
{
    const YamlNode* map = sound(key);
    if (map == nullptr) {
        return;
    }
    if (!map->is_map()) {
        complain(key);
        return;
    }
    for (const YamlEntry& entry : map->entries) {
        if (is_note(entry.key)) {
            check_note(entry, path_of(key), *reading_);
            continue;
        }
        check_map_key(entry, path_of(key), "new");
        const std::string path = joined_path(path_of(key), in_path(entry.key));
        visit(entry, read_name_list(entry.value, path,
                                    fmt::format("a list of at least one {}", row(key).of)));
    }
}

// Sections below

Section Section::section(std::string_view key) const
{
    const YamlNode* value = sound(key);
    return value == nullptr ? Section(*this, row(key))
                            : Section(*reading_, row(key).holds, *value, path_of(key));
}

void Section::each_entry(std::string_view key, const EntryVisitor& visit) const
{
    const YamlNode* list = sound(key);
    if (list == nullptr) {
        return;
    }
    if (!list->is_list()) {
        complain(key);
        return;
    }
    std::unordered_map<std::string, Place> names;
    for (std::size_t i = 0; i < list->items.size(); ++i) {
        visit_entry(list->items[i], i, row(key), names, visit);
    }
}

void Section::visit_entry(const YamlNode& item, std::size_t position, const KeyRow& list,
                          std::unordered_map<std::string, Place>& names,
                          const EntryVisitor& visit) const
{
    const std::string item_path = indexed_path(path_of(list.key), position);
    std::string_view section = list.holds;
    std::string implied_name;
    if (list.type == KeyType::events && item.is_map()) {
        const EventKind* kind = event_kind(item, list.key);
        if (kind == nullptr) {
            const YamlNode* type = item.find("type");
            const std::string types = one_of(event_types(list.key));
            reading_->error(type == nullptr ? item.place : type->place,
                            type == nullptr ? item_path : item_path + ".type",
                            type == nullptr
                                ? fmt::format("\"type\" is missing ({})", types)
                                : fmt::format("must be {} (got {})", types, found(*type)));
            return;
        }
        section = kind->section;
        implied_name = fmt::format("{}{}", kind->name_prefix, position + 1);
    }
    if (!item.is_map()) {
        if (item.kind != YamlNode::Kind::faulty) {
            reading_->error(item.place, item_path,
                            fmt::format("must be a map (got {})", found(item)));
        }
        return;
    }
    std::string name = entry_name(item, item_path, names);
    if (!implied_name.empty() && item.find("name") == nullptr) {
        const auto [first, is_new] = names.emplace(implied_name, item.place);
        if (is_new) {
            name = implied_name;
        } else {
            reading_->error(
                item.place, item_path,
                fmt::format("\"name\" is missing, and {} is used already (first used "
                            "at {})",
                            in_quotes(implied_name), shown(first->second)));
        }
    }
    visit(Section(*reading_, section, item,
                  name.empty() ? item_path : joined_path(path_of(list.key), name)),
          name);
}

/// The name of an entry; empty if it has none, or one that cannot stand for it.
std::string Section::entry_name(const YamlNode& item, const std::string& item_path,
                                std::unordered_map<std::string, Place>& names) const
{
    const YamlNode* name = item.find("name");
    if (name == nullptr || name->kind == YamlNode::Kind::faulty) {
        return {};
    }
    const std::string path = item_path + ".name";
    const std::string problem = name->is_scalar()
                                    ? name_problem(name->text)
                                    : fmt::format("must be a name (got {})", found(*name));
    if (!problem.empty()) {
        reading_->error(name->place, path, problem);
        return {};
    }
    const auto [first, is_new] = names.emplace(name->text, name->place);
    if (!is_new) {
        reading_->error(name->place, path,
                        fmt::format("{} is used twice (first used at {})",
                                    in_quotes(name->text), shown(first->second)));
        return {};
    }
    return name->text;
}

void Section::each_in_map(std::string_view key, const MapVisitor& visit) const
{
    const YamlNode* map = sound(key);
    if (map == nullptr) {
        return;
    }
    std::vector<std::string> names;
    visit_levels(*map, path_of(key), row(key).of, row(key), names, visit);
}

void Section::visit_levels(const YamlNode& node, const std::string& path,
                           std::string_view kinds, const KeyRow& row,
                           std::vector<std::string>& names, const MapVisitor& visit) const
{
    if (kinds.empty()) {
        visit(Section(*reading_, row.holds, node, path), names);
        return;
    }
    if (node.kind == YamlNode::Kind::faulty) {
        return;
    }
    const std::size_t slash = kinds.find('/');
    const std::string_view kind = kinds.substr(0, slash);
    const std::string_view rest = slash == kinds.npos ? "" : kinds.substr(slash + 1);
    if (!node.is_map()) {
        reading_->error(node.place, path,
                        fmt::format("must be a map by {} (got {})",
                                    kind == "new" ? "name" : kind, found(node)),
                        std::string(row.sentence));
        return;
    }
    for (const YamlEntry& entry : node.entries) {
        if (is_note(entry.key)) {
            check_note(entry, path, *reading_);
            continue;
        }
        check_map_key(entry, path, kind);
        names.push_back(entry.key);
        visit_levels(entry.value, joined_path(path, in_path(entry.key)), rest, row, names,
                     visit);
        names.pop_back();
    }
}

void Section::check_map_key(const YamlEntry& entry, const std::string& path,
                            std::string_view kind) const
{
    if (kind == "year") {
        if (!is_year(entry.key)) {
            reading_->error(entry.place, path,
                            fmt::format("each key must be a calendar year of four digits (got "
                                        "{})",
                                        in_quotes(entry.key)));
        }
        return;
    }
    if (kind == "draw") {
        return;  // the names of draws follow from the model
    }
    if (kind != "new") {
        check_known(reading_->vocabulary(kind), entry.key, entry.place, path);
        return;
    }
    const std::string problem = name_problem(entry.key);
    if (!problem.empty()) {
        reading_->error(entry.place, path, "each key " + problem);
    }
}

}  // namespace chokepoint
