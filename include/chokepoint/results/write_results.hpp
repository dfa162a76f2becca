#pragma once

#include "chokepoint/engine/summarise.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/results/chokepoint_table.hpp"
#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/study/portfolio_risk.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chokepoint {

/// All of a run that is worth keeping.
struct RunReport {
    RunSummary summary;
    std::vector<Chokepoint> chokepoints;
    std::optional<PortfolioRisk> portfolio = {};  ///< Of a run with one.
    std::vector<std::string> warnings;  ///< Of the scenario and of `RunSummary`.
};

/// Where a run comes from and what it took.
struct Provenance {
    std::string scenario_file;
    std::string resolved_yaml;  ///< The scenario as run.
    std::string record = {};    ///< The record that the scenario names; empty if none.
    std::string command = "run";
    std::uint64_t seed = 0;
    unsigned threads = 1;
    std::uint64_t memory = 0;             ///< For values of trials, bytes.
    std::vector<std::string> until = {};  ///< Rules to stop by, as given.
    double wall_seconds = 0;
    std::vector<std::string> warnings;  ///< Of the scenario.
};

/// The figures of a finished run.
RunReport report_of(const Model& model, const RunResult& result, const Provenance& provenance);

/// Writes scenario.resolved.yaml, record.csv where the scenario has a record, metrics.csv,
/// histograms.csv, paths.csv, chokepoints.csv, events.csv and summary.json, then manifest.json, with which the
/// folder is finished. Every file but the manifest depends on the scenario, the seed and the
/// number of trials alone.
///
/// \param more     Content of the files that the command adds, by name.
/// \param adopted  Names of files that were written during the run (`ResultFolder::adopt`).
/// \throws WriteError
void write_results(const Model& model, const RunReport& report, const Provenance& provenance,
                   ResultFolder& folder, const std::map<std::string, std::string>& more = {},
                   const std::vector<std::string>& adopted = {});

/// Writes manifest.json, with which the folder is finished.
/// \throws WriteError
void finish_folder(const Model& model, std::uint64_t trials, const Provenance& provenance,
                   ResultFolder& folder);

/// The content of summary.json: headline figures with errors, settings, warnings.
std::string summary_json(const Model& model, const RunReport& report,
                         const Provenance& provenance);

}  // namespace chokepoint
