#include "merge.hpp"

#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>

namespace chokepoint {
namespace {

void merge_maps(YamlNode& base, YamlNode&& over, const Shape& shape)
{
    std::unordered_map<std::string, std::size_t> position;
    for (std::size_t i = 0; i < base.entries.size(); ++i) {
        position.emplace(base.entries[i].key, i);
    }
    for (YamlEntry& entry : over.entries) {
        const auto found = position.find(entry.key);
        if (found == position.end()) {
            base.entries.push_back(std::move(entry));
        } else {
            YamlEntry& below = base.entries[found->second];
            below.place = entry.place;
            lay_over(below.value, std::move(entry.value), shape_below(shape, entry.key));
        }
    }
    base.place = over.place;
}

/// The name of a list's entry; empty if it has none.
std::string name_of(const YamlNode& entry)
{
    const YamlNode* name = entry.find("name");
    return name != nullptr && name->is_scalar() ? name->text : std::string();
}

void merge_named(YamlNode& base, YamlNode&& over, const Shape& shape)
{
    std::unordered_map<std::string, std::size_t> position;
    for (std::size_t i = 0; i < base.items.size(); ++i) {
        position.emplace(name_of(base.items[i]), i);
    }
    const std::size_t inherited = base.items.size();
    for (YamlNode& entry : over.items) {
        const auto found = position.find(name_of(entry));
        if (found == position.end() || found->first.empty() || found->second >= inherited) {
            base.items.push_back(std::move(entry));
        } else {
            lay_over(base.items[found->second], std::move(entry),
                     shape_below(shape, found->first));
        }
    }
    base.place = over.place;
}

}  // namespace

void lay_over(YamlNode& base, YamlNode&& over, const Shape& shape)
{
    using Form = Shape::Form;
    const bool by_key = shape.form == Form::section || shape.form == Form::map;
    const bool empties = over.is_list() && over.items.empty();
    if (by_key && base.is_map() && over.is_map()) {
        merge_maps(base, std::move(over), shape);
    } else if (empties) {
        base = std::move(over);
    } else if (shape.form == Form::entries && base.is_list() && over.is_list()) {
        merge_named(base, std::move(over), shape);
    } else if (shape.form == Form::events && base.is_list() && over.is_list()) {
        base.items.insert(base.items.end(), std::make_move_iterator(over.items.begin()),
                          std::make_move_iterator(over.items.end()));
        base.place = over.place;
    } else {
        base = std::move(over);
    }
}

}  // namespace chokepoint
