#include "chokepoint/app/scenario_input.hpp"

#include "chokepoint/app/console.hpp"

namespace chokepoint {

void show_warnings(const std::vector<Diagnostic>& warnings)
{
    for (const Diagnostic& warning : warnings) {
        note(to_string(warning));
    }
}

std::vector<std::string> short_texts(const std::vector<Diagnostic>& warnings)
{
    std::vector<std::string> texts;
    for (const Diagnostic& warning : warnings) {
        texts.push_back(warning.key_path.empty() ? warning.problem
                                                 : warning.key_path + ": " + warning.problem);
    }
    return texts;
}

}  // namespace chokepoint
