#include "chokepoint/app/wrapped_text.hpp"

#include "chokepoint/app/number_text.hpp"

#include <sstream>
#include <vector>

namespace chokepoint {
namespace {

/// What stands between spaces; a per cent sign stays with its number.
std::vector<std::string> words_of(const std::string& text)
{
    std::vector<std::string> words;
    std::istringstream stream(text);
    for (std::string word; stream >> word;) {
        if (word.starts_with('%') && !words.empty()) {
            words.back() += ' ' + word;
        } else {
            words.push_back(word);
        }
    }
    return words;
}

}  // namespace

std::string wrapped(const std::string& text, const std::string& indent,
                    const std::string& hanging)
{
    std::string lines;
    std::string line = indent;
    bool is_empty = true;
    for (const std::string& word : words_of(text)) {
        if (!is_empty && width_of(line) + 1 + width_of(word) > text_width) {
            lines += line + '\n';
            line = hanging;
            is_empty = true;
        }
        line += (is_empty ? "" : " ") + word;
        is_empty = false;
    }
    return lines + line + '\n';
}

}  // namespace chokepoint
