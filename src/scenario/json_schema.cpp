#include "chokepoint/scenario/json_schema.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "key_table.hpp"
#include "laws.hpp"

namespace chokepoint {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* name_pattern = "^[a-z][a-z0-9_]{0,59}$";

/// A pattern for keys of maps by name: what follows, but no note.
std::string key_pattern(std::string_view name = "[a-z][a-z0-9_]{0,59}$")
{
    return fmt::format("^(?!({})$){}", fmt::join(note_keys(), "|"), name);
}

Json reference(std::string_view definition)
{
    return {{"$ref", fmt::format("#/definitions/{}", definition)}};
}

Json list_of(Json item, std::size_t shortest)
{
    return {{"type", "array"}, {"items", std::move(item)}, {"minItems", shortest}};
}

Json either(Json one, Json other)
{
    return {{"anyOf", {std::move(one), std::move(other)}}};
}

Json any_text()
{
    return {{"type", {"string", "number", "boolean"}}};
}

void allow_notes(Json& properties)
{
    properties["source"] = reference("text");
    properties["assumption"] = {{"type", "boolean"}};
    properties["note"] = reference("text");
}

/// A map whose names have a pattern, and that may have notes.
Json map_by_name(const std::string& pattern, const Json& value)
{
    Json map = {{"type", "object"}, {"additionalProperties", false}};
    allow_notes(map["properties"]);
    map["patternProperties"] = {{pattern, value}};
    return map;
}

/// The form of a law's parameters, from the way in which it is shown: `[low, high]`, `{mean:
/// 5}`.
Json form_of(const YamlNode& shown)
{
    if (shown.is_scalar()) {
        return {{"type", "number"}};
    }
    if (shown.is_list()) {
        Json list = list_of({{"type", "number"}}, shown.items.size());
        const bool is_sample = std::isdigit(shown.items.front().text.front()) != 0;
        list[is_sample ? "minItems" : "maxItems"] = is_sample ? 1 : shown.items.size();
        return list;
    }
    Json map = {{"type", "object"}, {"additionalProperties", false}};
    for (const YamlEntry& entry : shown.entries) {
        map["properties"][entry.key] = form_of(entry.value);
        map["required"].push_back(entry.key);
    }
    return map;
}

YamlNode as_written(std::string_view written)
{
    Diagnostics none;
    return parse_yaml(std::string(written), "law", none).value();
}

Json law_schema()
{
    Json law = {{"type", "object"},
                {"description", "a distribution: one law, and perhaps `truncate`"}};
    Json& properties = law["properties"];
    for (const LawInfo& info : all_laws()) {
        Json form = form_of(as_written(info.written).entries.front().value);
        if (!info.also.empty()) {
            form = either(std::move(form), form_of(as_written(info.also)));
        }
        form["description"] = info.meaning;
        properties[std::string(info.name)] = std::move(form);
        law["oneOf"].push_back({{"required", {info.name}}});
    }
    properties["truncate"] = list_of({{"type", {"number", "null"}}}, 2);
    properties["truncate"]["maxItems"] = 2;
    properties["truncate"]["description"] =
        "[lowest, highest]: conditions the law; null: no end";
    allow_notes(properties);
    law["additionalProperties"] = false;
    return law;
}

Json bounded_number(const char* type, const Bounds& bounds)
{
    Json number = {{"type", type}};
    if (std::isfinite(bounds.low)) {
        number[bounds.low_open ? "exclusiveMinimum" : "minimum"] = bounds.low;
    }
    if (std::isfinite(bounds.high)) {
        number[bounds.high_open ? "exclusiveMaximum" : "maximum"] = bounds.high;
    }
    return number;
}

/// A number with notes, as a map.
Json fixed_number(const Bounds& bounds)
{
    Json map = {{"type", "object"}, {"required", {"fixed"}}, {"additionalProperties", false}};
    map["properties"]["fixed"] = bounded_number("number", bounds);
    allow_notes(map["properties"]);
    return map;
}

/// Names; `all` only by itself.
Json names_schema()
{
    return either(reference("name"),
                  list_of({{"allOf", {reference("name")}}, {"not", {{"const", "all"}}}}, 1));
}

/// Writes definitions of the sections that it meets.
class SchemaWriter {
public:
    Json write(std::string_view section, const std::string& title)
    {
        Json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                       {"title", title},
                       {"type", "object"}};
        if (find_row(section, "extends") == nullptr) {
            schema["allOf"].push_back(section_reference(section, true));
        } else {
            schema["if"] = {{"required", {"extends"}}};
            schema["then"] = section_reference(section, false);
            schema["else"] = section_reference(section, true);
        }
        definitions_["text"] = any_text();
        definitions_["name"] = {{"type", "string"}, {"pattern", name_pattern}};
        definitions_["new_name"] = {{"allOf", {reference("name")}},
                                    {"not", {{"enum", reserved_words()}}}};
        definitions_["date"] = {{"type", "string"},
                                {"pattern", "^[0-9]{4}-(0[1-9]|1[0-2])(-[0-3][0-9])?$"}};
        definitions_["law"] = law_schema();
        schema["definitions"] = std::move(definitions_);
        return schema;
    }

private:
    Json definitions_ = Json::object();

    /// \param is_whole  Whether required keys must be there: not where a file is laid over
    /// another.
    Json section_reference(std::string_view section, bool is_whole)
    {
        const std::string name = fmt::format("{}{}", section, is_whole ? "" : "_overlay");
        if (!definitions_.contains(name)) {
            definitions_[name] = Json::object();  // sections may hold one another
            definitions_[name] = section_schema(section, is_whole);
        }
        return reference(name);
    }

    Json section_schema(std::string_view section, bool is_whole)
    {
        Json schema = {{"type", "object"}, {"description", section_info(section).intro}};
        Json required = Json::array();
        Json needs = Json::object();
        for (const KeyRow* row : rows_of(section)) {
            schema["properties"][std::string(row->key)] = key_schema(*row, is_whole);
            if (row->required && (is_whole || row->type == KeyType::new_name)) {
                required.push_back(row->key);
            }
            for (const std::string& other :
                 is_whole ? split_words(row->needs) : std::vector<std::string>{}) {
                needs[std::string(row->key)]["anyOf"].push_back({{"required", {other}}});
            }
        }
        allow_notes(schema["properties"]);
        schema["additionalProperties"] = false;
        if (!required.empty()) {
            schema["required"] = std::move(required);
        }
        if (!needs.empty()) {
            schema["dependencies"] = std::move(needs);
        }
        return schema;
    }

    /// The value's schema with what the key means, which editors show.
    Json key_schema(const KeyRow& row, bool is_whole)
    {
        Json schema = value_schema(row, is_whole);
        if (schema.contains("$ref")) {  // beside which draft 7 sees nothing else
            schema = {{"allOf", {std::move(schema)}}};
        }
        std::string words(row.sentence);
        if (!row.unit.empty()) {
            words += fmt::format(" [{}]", row.unit);
        }
        if (!row.fallback.empty() || !row.otherwise.empty()) {
            words += fmt::format("; default: {}",
                                 row.fallback.empty() ? row.otherwise : row.fallback);
        }
        schema["description"] = std::move(words);
        return schema;
    }

    Json value_schema(const KeyRow& row, bool is_whole)
    {
        switch (row.type) {
            case KeyType::number:
            case KeyType::mark:
                return either(bounded_number("number", row.bounds), reference("law"));
            case KeyType::plain:
                return either(bounded_number("number", row.bounds), fixed_number(row.bounds));
            case KeyType::whole:
                return bounded_number("integer", row.bounds);
            case KeyType::flag:
                return {{"type", "boolean"}};
            case KeyType::text:
            case KeyType::lines:
                return reference("text");
            case KeyType::paths:
                return either(reference("text"), list_of(reference("text"), 1));
            case KeyType::values:
                return {{"type", "array"}, {"minItems", 1}};
            case KeyType::range: {
                Json range = list_of({{"type", "number"}}, 2);
                range["maxItems"] = 2;
                return range;
            }
            case KeyType::date:
                return reference("date");
            case KeyType::choice:
                return {{"enum", split_words(row.of)}};
            case KeyType::name:
                return reference("name");
            case KeyType::new_name:
                return reference("new_name");
            case KeyType::names:
                return names_schema();
            case KeyType::new_names:
                return either(reference("new_name"), list_of(reference("new_name"), 1));
            case KeyType::groups:
                return map_by_name(key_pattern(), names_schema());
            case KeyType::section:
                return section_reference(row.holds, is_whole);
            case KeyType::selector:
                return {{"anyOf",
                         {reference("name"), list_of(reference("name"), 1),
                          section_reference(row.holds, is_whole)}}};
            case KeyType::section_map:
                return nested_maps(row, is_whole);
            case KeyType::number_map:
                return map_by_name(
                    row.of == "year"   ? "^[0-9]{4}$"
                    : row.of == "draw" ? key_pattern("[a-z]")
                                       : key_pattern(),
                    either(bounded_number("number", row.bounds), reference("law")));
            case KeyType::plain_table:
                return map_by_name(
                    key_pattern(),
                    map_by_name(key_pattern(), bounded_number("number", row.bounds)));
            case KeyType::entries:
                return list_of(section_reference(row.holds, is_whole), 0);
            case KeyType::events:
                return row.of == "file" ? either(reference("text"), events_schema(row.key))
                                        : events_schema(row.key);
        }
        throw std::logic_error("value_schema: unknown type");
    }

    Json nested_maps(const KeyRow& row, bool is_whole)
    {
        Json schema = section_reference(row.holds, is_whole);
        for (auto levels = std::count(row.of.begin(), row.of.end(), '/') + 1; levels > 0;
             --levels) {
            schema = map_by_name(key_pattern(), schema);
        }
        return schema;
    }

    /// A list whose items are told apart by their type; nothing is laid over one item.
    Json events_schema(std::string_view list)
    {
        Json item = {{"type", "object"}, {"required", {"type"}}};
        for (const EventKind& kind : all_event_kinds()) {
            if (kind.list == list) {
                item["properties"]["type"]["enum"].push_back(kind.type);
                item["allOf"].push_back(
                    {{"if", {{"properties", {{"type", {{"const", kind.type}}}}}}},
                     {"then", section_reference(kind.section, true)}});
            }
        }
        return list_of(std::move(item), 0);
    }
};

}  // namespace

std::string json_schema(FileKind kind)
{
    switch (kind) {
        case FileKind::scenario:
            return SchemaWriter().write("scenario", "Chokepoint scenario").dump(1) + "\n";
        case FileKind::policy:
            return SchemaWriter().write("policy", "Chokepoint policy").dump(1) + "\n";
        case FileKind::portfolio:
            return SchemaWriter().write("portfolio", "Chokepoint portfolio").dump(1) + "\n";
        case FileKind::experiment:
            return SchemaWriter().write("experiment", "Chokepoint experiment").dump(1) + "\n";
    }
    throw std::logic_error("json_schema: unknown kind");
}

}  // namespace chokepoint
