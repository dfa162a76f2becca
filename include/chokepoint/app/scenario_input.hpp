#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <string>
#include <vector>

namespace chokepoint {

/// Shows warnings on input files on standard error.
void show_warnings(const std::vector<Diagnostic>& warnings);

/// Each warning as `<key path>: <problem>`, for result files.
std::vector<std::string> short_texts(const std::vector<Diagnostic>& warnings);

}  // namespace chokepoint
