#include "resolved_yaml.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include "chokepoint/scenario/scenario.hpp"

namespace chokepoint {
namespace {

constexpr std::size_t line_width = 96;

bool is_plain_letter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
           || (letter >= '0' && letter <= '9') || letter == '_' || letter == '.'
           || letter == '/' || letter == '+' || letter == '-' || letter == ' ';
}

/// True if the text, written without quotes, reads back as itself everywhere.
bool is_plain(const std::string& text)
{
    if (text.empty() || text.front() == ' ' || text.back() == ' '
        || !std::all_of(text.begin(), text.end(), is_plain_letter)) {
        return false;
    }
    if (text == "null" || text == "Null" || text == "NULL") {
        return false;
    }
    // A sign or point begins a number or nothing: `-`, `---` and `...` mean something to YAML.
    const std::size_t start = text.find_first_not_of("+-.");
    return start == 0 || (start != text.npos && text[start] >= '0' && text[start] <= '9');
}

std::string in_double_quotes(const std::string& text)
{
    std::string result = "\"";
    for (const char letter : text) {
        switch (letter) {
            case '"':
                result += "\\\"";
                break;
            case '\\':
                result += "\\\\";
                break;
            case '\n':
                result += "\\n";
                break;
            case '\t':
                result += "\\t";
                break;
            case '\r':
                result += "\\r";
                break;
            default:
                // Quoted text may hold escaped control characters, which the file itself must
                // not.
                if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F) {
                    result += fmt::format("\\x{:02x}", static_cast<unsigned char>(letter));
                } else {
                    result += letter;
                }
        }
    }
    return result + '"';
}

std::string scalar(const YamlNode& node)
{
    if (node.kind == YamlNode::Kind::empty) {
        return "null";
    }
    return node.quoted || !is_plain(node.text) ? in_double_quotes(node.text) : node.text;
}

std::string key_text(const std::string& key)
{
    return is_plain(key) ? key : in_double_quotes(key);
}

/// The node on one line; false as soon as it is longer than `room`.
bool write_in_line(const YamlNode& node, std::size_t room, std::string& text)
{
    if (!node.is_list() && !node.is_map()) {
        text += scalar(node);
        return text.size() <= room;
    }
    text += node.is_list() ? '[' : '{';
    bool first = true;
    for (const YamlNode& item : node.items) {
        text += std::exchange(first, false) ? "" : ", ";
        if (!write_in_line(item, room, text)) {
            return false;
        }
    }
    for (const YamlEntry& entry : node.entries) {
        text += std::exchange(first, false) ? "" : ", ";
        text += key_text(entry.key) + ": ";
        if (!write_in_line(entry.value, room, text)) {
            return false;
        }
    }
    text += node.is_list() ? ']' : '}';
    return text.size() <= room;
}

/// True for what must stand on one line: single values, empty lists and maps.
bool is_atom(const YamlNode& node)
{
    return node.items.empty() && node.entries.empty();
}

void write_block(const YamlNode& node, std::size_t indent, bool begins_line, std::string& text);

/// The value behind `key:` or `-`, on the same line if it fits, else as a block below.
void write_value(const YamlNode& node, std::size_t indent, std::size_t column, bool after_dash,
                 std::string& text)
{
    std::string line;
    const std::size_t room = is_atom(node)             ? line.max_size()
                             : column + 1 < line_width ? line_width - column - 1
                                                       : 0;
    if (write_in_line(node, room, line)) {
        text += (after_dash ? "" : " ") + line + "\n";
    } else if (after_dash) {
        write_block(node, indent + 2, false, text);
    } else {
        text += '\n';
        write_block(node, indent + 2, true, text);
    }
}

/// The entries of a list or map, one below the other. The first one's indentation is left out
/// if it goes on behind a dash.
void write_block(const YamlNode& node, std::size_t indent, bool begins_line, std::string& text)
{
    const std::string margin(indent, ' ');
    for (const YamlNode& item : node.items) {
        text += (std::exchange(begins_line, true) ? margin : "") + "- ";
        write_value(item, indent, indent + 2, true, text);
    }
    for (const YamlEntry& entry : node.entries) {
        const std::string key = key_text(entry.key) + ":";
        text += (std::exchange(begins_line, true) ? margin : "") + key;
        write_value(entry.value, indent, indent + key.size(), false, text);
    }
}

}  // namespace

std::string resolved_yaml(YamlNode scenario)
{
    std::erase_if(scenario.entries,
                  [](const YamlEntry& entry) { return entry.key == "extends"; });
    if (YamlNode* observed = scenario.find("observed")) {
        if (YamlNode* file = observed->find("file"); file != nullptr && file->is_scalar()) {
            file->text = record_file_name;
        }
    }
    std::string text;
    write_block(scenario, 0, true, text);
    return text;
}

std::string one_line_yaml(const YamlNode& node)
{
    std::string line;
    write_in_line(node, line.max_size(), line);
    return line;
}

}  // namespace chokepoint
