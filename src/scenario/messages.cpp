#include "messages.hpp"

#include <fmt/format.h>

#include "scalars.hpp"

namespace chokepoint {

std::string in_quotes(std::string_view text)
{
    constexpr std::size_t longest = 60;
    if (text.size() <= longest) {
        return fmt::format("\"{}\"", text);
    }
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;  // a character is not cut in two
    }
    return fmt::format("\"{}...\"", text.substr(0, end));
}

std::string found(const YamlNode& node)
{
    switch (node.kind) {
        case YamlNode::Kind::list:
            return "a list";
        case YamlNode::Kind::map:
            return "a map";
        case YamlNode::Kind::scalar:
            return fmt::format("{}{}", node.quoted ? "the quoted text " : "",
                               in_quotes(node.text));
        default:
            return "nothing";
    }
}

std::string shown(const Place& place)
{
    return fmt::format("{}:{}:{}", place.file.text(), place.line, place.column);
}

std::string one_of(const std::vector<std::string>& words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        text += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

std::string shown(double value)
{
    return fmt::format("{}", value);
}

std::string joined_path(const std::string& path, std::string_view key)
{
    std::string joined;
    joined.reserve(path.size() + 1 + key.size());
    joined += path;
    joined += path.empty() ? "" : ".";
    joined += key;
    return joined;
}

std::string indexed_path(const std::string& path, std::size_t index)
{
    return path + '[' + std::to_string(index) + ']';
}

bool is_year(const std::string& word)
{
    constexpr std::size_t digits = 4;
    return word.size() == digits && word.find_first_not_of("0123456789") == word.npos;
}

std::string in_path(const std::string& word)
{
    return is_year(word) || name_problem(word).empty() ? word : in_quotes(word);
}

}  // namespace chokepoint
