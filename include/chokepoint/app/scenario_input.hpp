#pragma once

#include "chokepoint/app/commands.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <string>
#include <vector>

namespace chokepoint {

/// The `--set` of a run, with `--trials`, `--seed` and `--sampling`, which are keys of the
/// scenario too: the resolved scenario is to show them.
std::vector<std::string> overrides_of(const RunOptions& options);

/// Shows warnings on input files on standard error.
void show_warnings(const std::vector<Diagnostic>& warnings);

/// Each warning as `<key path>: <problem>`, for result files.
std::vector<std::string> short_texts(const std::vector<Diagnostic>& warnings);

}  // namespace chokepoint
