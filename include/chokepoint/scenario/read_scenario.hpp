#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "chokepoint/scenario/scenario.hpp"

namespace chokepoint {

/// Reads a scenario: the file, what it `extends`, then each override `path.to.key=value`.
///
/// \throws InputError  with every problem of the files and overrides at once.
/// \throws FileError   if a file cannot be opened.
Scenario read_scenario(const std::filesystem::path& file,
                       const std::vector<std::string>& overrides = {});

/// As above from text; `extends` is resolved against the current folder.
Scenario read_scenario_text(const std::string& text, const std::string& file_name = "<text>",
                            const std::vector<std::string>& overrides = {});

/// The format page docs/scenario-format.md, from the key table.
std::string scenario_format_page();

}  // namespace chokepoint
