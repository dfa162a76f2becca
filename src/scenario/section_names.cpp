// Names and lists of names of a section.

#include "section.hpp"

#include <fmt/format.h>

#include "laws.hpp"
#include "messages.hpp"
#include "scalars.hpp"

namespace chokepoint {
namespace {

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

}  // namespace

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
                                 std::string_view expected_words, bool may_be_all) const
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
                            "\"all\" must stand alone (it stands in a list)",
                            may_be_all ? "write all" : "");
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
    return read_name_list(*value, path_of(key), type_words(row(key)),
                          row(key).type == KeyType::names);
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
            read_name_list(*value, path_of(key), type_words(row(key)), false);
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
        visit(entry,
              read_name_list(entry.value, path,
                             fmt::format("a list of at least one {}", row(key).of), false));
    }
}

}  // namespace chokepoint
