#pragma once

#include "chokepoint/app/commands.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/results/write_results.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace chokepoint {

/// The `--set` of a run, with `--trials`, `--seed`, `--sampling` and `--importance`, which are
/// keys of the scenario too: the resolved scenario is to show them.
std::vector<std::string> overrides_of(const RunOptions& options);

/// How a scenario says that it is to be run.
RunSettings settings_of(const Scenario& scenario, unsigned threads);

/// Where the results of a run of a scenario come from; the time it took is not known yet.
Provenance provenance_of(const Scenario& scenario, const std::filesystem::path& file,
                         const RunSettings& settings, const std::vector<Diagnostic>& warnings);

/// The scenario files (`*.yaml`) of a folder and of those in it, sorted.
/// \throws FileError if it cannot be opened.
std::vector<std::filesystem::path> scenario_files(const std::filesystem::path& folder);

/// Shows warnings on input files on standard error.
void show_warnings(const std::vector<Diagnostic>& warnings);

/// Each warning as `<key path>: <problem>`, for result files.
std::vector<std::string> short_texts(const std::vector<Diagnostic>& warnings);

}  // namespace chokepoint
