#include "chokepoint/app/shell_word.hpp"

#include <algorithm>
#include <string_view>

namespace chokepoint {
namespace {

bool means_itself(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
           || (letter >= '0' && letter <= '9')
           || std::string_view("_./=,:+-@%").find(letter) != std::string_view::npos;
}

}  // namespace

std::string shell_word(const std::string& word)
{
    if (!word.empty() && std::all_of(word.begin(), word.end(), means_itself)) {
        return word;
    }
    std::string quoted = "'";
    for (const char letter : word) {
        quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    }
    return quoted + "'";
}

}  // namespace chokepoint
