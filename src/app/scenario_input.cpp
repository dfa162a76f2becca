#include "chokepoint/app/scenario_input.hpp"

#include "chokepoint/app/console.hpp"

#include <fmt/format.h>

namespace chokepoint {

std::vector<std::string> overrides_of(const RunOptions& options)
{
    std::vector<std::string> overrides = options.overrides;
    if (options.trials) {
        overrides.push_back(fmt::format("run.trials={}", *options.trials));
    }
    if (options.seed) {
        overrides.push_back(fmt::format("run.seed={}", *options.seed));
    }
    if (options.sampling) {
        overrides.push_back("run.sampling=" + *options.sampling);
    }
    return overrides;
}

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
