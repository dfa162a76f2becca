#pragma once

#include <string>
#include <vector>

#include "chokepoint/scenario/read_scenario.hpp"
#include "support/sample_scenarios.hpp"

namespace chokepoint {

/// The problems of a text as `line:column: key path: problem`, one per line; empty if it is
/// fine.
inline std::string complaints(const std::string& text,
                              const std::vector<std::string>& overrides = {})
{
    std::string found;
    try {
        read_scenario_text(text, "t", overrides);
    } catch (const InputError& error) {
        for (const Diagnostic& problem : error.problems()) {
            found += (problem.place.file == "t" ? "" : problem.place.file.text() + ":")
                     + std::to_string(problem.place.line) + ":"
                     + std::to_string(problem.place.column) + ": "
                     + (problem.key_path.empty() ? "" : problem.key_path + ": ")
                     + problem.problem + "\n";
        }
    }
    return found;
}

/// The hint of the first problem of a text.
inline std::string first_hint(const std::string& text,
                              const std::vector<std::string>& overrides = {})
{
    try {
        read_scenario_text(text, "t", overrides);
    } catch (const InputError& error) {
        return error.problems().front().hint;
    }
    return "(no problem)";
}

}  // namespace chokepoint
