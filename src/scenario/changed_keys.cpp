#include "chokepoint/scenario/changed_keys.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "messages.hpp"
#include "resolved_yaml.hpp"
#include "scalars.hpp"
#include "yaml_tree.hpp"

namespace chokepoint {
namespace {

/// The name of a list's entry; empty if it has none.
std::string_view name_of(const YamlNode& entry)
{
    const YamlNode* name = entry.find("name");
    return name != nullptr && name->is_scalar() ? std::string_view(name->text) : "";
}

/// Whether every entry of a list has a name of its own.
bool is_named_list(const YamlNode& list)
{
    std::unordered_set<std::string_view> names;
    return std::all_of(list.items.begin(), list.items.end(), [&](const YamlNode& entry) {
        const std::string_view name = name_of(entry);
        return !name.empty() && names.insert(name).second;
    });
}

bool same_scalar(const YamlNode& before, const YamlNode& after)
{
    if (before.text == after.text) {
        return true;
    }
    const std::optional<std::uint64_t> whole = parse_whole(before).value;
    const std::optional<std::uint64_t> other_whole = parse_whole(after).value;
    if (whole && other_whole) {
        return whole == other_whole;  // seeds have more digits than a double
    }
    const std::optional<double> number = parse_number(before).value;
    return number && number == parse_number(after).value;
}

/// Walks two trees side by side and notes where they part.
class TreeComparison {
public:
    void compare(const std::string& path, const YamlNode& before, const YamlNode& after)
    {
        if (before.is_map() && after.is_map()) {
            compare_children(path, entries_by_key(before), entries_by_key(after));
        } else if (before.is_list() && after.is_list()) {
            const bool named = is_named_list(before) && is_named_list(after);
            named ? compare_children(path, items_by_name(before), items_by_name(after))
                  : compare_items(path, before.items, after.items);
        } else if (before.kind != after.kind
                   || (before.is_scalar() && !same_scalar(before, after))) {
            changes_.push_back({path, one_line_yaml(before), one_line_yaml(after)});
        }
    }

    std::vector<ChangedKey> take() { return std::move(changes_); }

private:
    using Child = std::pair<std::string_view, const YamlNode*>;

    static std::vector<Child> entries_by_key(const YamlNode& map)
    {
        std::vector<Child> children;
        for (const YamlEntry& entry : map.entries) {
            children.emplace_back(entry.key, &entry.value);
        }
        return children;
    }

    static std::vector<Child> items_by_name(const YamlNode& list)
    {
        std::vector<Child> children;
        for (const YamlNode& item : list.items) {
            children.emplace_back(name_of(item), &item);
        }
        return children;
    }

    void compare_children(const std::string& path, const std::vector<Child>& before,
                          const std::vector<Child>& after)
    {
        std::unordered_map<std::string_view, const YamlNode*> unmatched(after.begin(),
                                                                        after.end());
        for (const auto& [name, node] : before) {
            const std::string child_path = joined_path(path, name);
            const auto found = unmatched.find(name);
            if (found == unmatched.end()) {
                note_removed(child_path, *node);
            } else {
                compare(child_path, *node, *found->second);
                unmatched.erase(found);
            }
        }
        for (const auto& [name, node] : after) {
            if (unmatched.contains(name)) {
                note_added(joined_path(path, name), *node);
            }
        }
    }

    void compare_items(const std::string& path, const std::vector<YamlNode>& before,
                       const std::vector<YamlNode>& after)
    {
        for (std::size_t index = 0; index < std::max(before.size(), after.size()); ++index) {
            const std::string item_path = indexed_path(path, index);
            if (index >= after.size()) {
                note_removed(item_path, before[index]);
            } else if (index >= before.size()) {
                note_added(item_path, after[index]);
            } else {
                compare(item_path, before[index], after[index]);
            }
        }
    }

    void note_removed(const std::string& path, const YamlNode& node)
    {
        changes_.push_back({path, one_line_yaml(node), std::nullopt});
    }

    void note_added(const std::string& path, const YamlNode& node)
    {
        changes_.push_back({path, std::nullopt, one_line_yaml(node)});
    }

    std::vector<ChangedKey> changes_;
};

}  // namespace

std::vector<ChangedKey> changed_keys(const YamlText& before, const YamlText& after,
                                     Diagnostics& problems)
{
    Diagnostics found;
    const std::optional<YamlNode> tree_before = parse_yaml(before.text, before.file, found);
    const std::optional<YamlNode> tree_after = parse_yaml(after.text, after.file, found);
    if (found.has_errors()) {
        problems.add_source(before.file, before.text);
        problems.add_source(after.file, after.text);
        for (const Diagnostic& problem : found.sorted()) {
            problems.error(problem.place, problem.key_path, problem.problem, problem.hint);
        }
        return {};
    }
    TreeComparison comparison;
    comparison.compare("", tree_before.value(), tree_after.value());
    return comparison.take();
}

}  // namespace chokepoint
