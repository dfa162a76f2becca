#include "tree_pieces.hpp"

#include <utility>

#include "messages.hpp"
#include "scalars.hpp"

namespace chokepoint {

YamlNode scalar(std::string text, const Place& place)
{
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.text = std::move(text);
    node.place = place;
    return node;
}

YamlNode number(double value, const Place& place)
{
    return scalar(shown(value), place);
}

YamlNode empty(YamlNode::Kind kind, const Place& place)
{
    YamlNode node;
    node.kind = kind;
    node.place = place;
    return node;
}

YamlNode list_of(const std::vector<std::string>& words, const Place& place)
{
    YamlNode list = empty(YamlNode::Kind::list, place);
    for (const std::string& word : words) {
        list.items.push_back(scalar(word, place));
    }
    return list;
}

void set(YamlNode& map, std::string_view key, YamlNode value)
{
    if (YamlNode* known = map.find(key)) {
        *known = std::move(value);
    } else {
        const Place place = value.place;
        map.entries.push_back({std::string(key), place, std::move(value)});
    }
}

YamlNode& below(YamlNode& map, std::string_view key, YamlNode::Kind kind)
{
    if (YamlNode* known = map.find(key)) {
        return *known;
    }
    map.entries.push_back({std::string(key), map.place, empty(kind, map.place)});
    return map.entries.back().value;
}

std::optional<double> fixed_number(const YamlNode& node)
{
    const YamlNode* fixed = node.find("fixed");
    const YamlNode& written = fixed == nullptr ? node : *fixed;
    return written.is_scalar() ? parse_number(written).value : std::nullopt;
}

}  // namespace chokepoint
