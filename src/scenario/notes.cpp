#include "chokepoint/scenario/notes.hpp"

#include <algorithm>

#include "key_table.hpp"
#include "messages.hpp"
#include "yaml_tree.hpp"

namespace chokepoint {
namespace {

void gather(const YamlNode& node, const std::string& path, std::vector<NoteOnPart>& notes)
{
    if (node.is_list()) {
        for (std::size_t at = 0; at < node.items.size(); ++at) {
            const YamlNode& item = node.items[at];
            const YamlNode* const name = item.find("name");
            gather(item,
                   name != nullptr && name->is_scalar() ? joined_path(path, name->text)
                                                        : indexed_path(path, at),
                   notes);
        }
        return;
    }
    NoteOnPart here{.path = path};
    for (const YamlEntry& entry : node.entries) {
        if (entry.key == "source") {
            here.source = entry.value.text;
        } else if (entry.key == "note") {
            here.note = entry.value.text;
        } else if (entry.key == "assumption") {
            here.is_assumption = entry.value.text == "true";
        }
    }
    if (!here.source.empty() || !here.note.empty() || here.is_assumption) {
        notes.push_back(here);
    }
    for (const YamlEntry& entry : node.entries) {
        if (!is_note(entry.key)) {
            gather(entry.value, joined_path(path, entry.key), notes);
        }
    }
}

}  // namespace

std::vector<NoteOnPart> notes_of(const std::string& yaml)
{
    Diagnostics problems;
    const std::optional<YamlNode> tree = parse_yaml(yaml, "text", problems);
    std::vector<NoteOnPart> notes;
    if (tree) {
        gather(*tree, "", notes);
    }
    return notes;
}

}  // namespace chokepoint
