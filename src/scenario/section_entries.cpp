// Lists and maps of sections below a section.

#include "section.hpp"

#include <fmt/format.h>

#include "laws.hpp"
#include "messages.hpp"
#include "scalars.hpp"

namespace chokepoint {
namespace {

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
                                : fmt::format("must be {} (got {}){}", types, found(*type),
                                              did_you_mean(type->text, event_types(list.key))));
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
