#pragma once

#include "chokepoint/app/commands.hpp"
#include "chokepoint/app/held_portfolio.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/engine/column_summary.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/engine/stop_rule.hpp"
#include "chokepoint/results/experiment_files.hpp"
#include "chokepoint/scenario/experiment.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace chokepoint {

/// A point of an experiment, with one of its seeds, before its trials.
struct ExperimentPoint {
    ScenarioModels models;
    RunSettings settings;  ///< Points into `models`.
    std::string key;       ///< SHA-256 of all that its figures depend on.
};

/// An experiment at work: its points are numbered [point * replicates + replicate].
class ExperimentRun {
public:
    /// Reads the base scenario, and once more with each input at its ends.
    /// \throws InputError  with every input and figure that cannot be run.
    /// \throws FileError, NameError
    ExperimentRun(Experiment experiment, const ExperimentOptions& options);
    ExperimentRun(const ExperimentRun&) = delete;  // its table points to its experiment
    ExperimentRun& operator=(const ExperimentRun&) = delete;

    const Experiment& experiment() const { return experiment_; }
    const ScenarioModels& base() const { return base_; }
    /// The portfolio as read; empty without one.
    std::string portfolio_yaml() const { return portfolio_ ? portfolio_->resolved_yaml : ""; }
    const ExperimentTable& table() const { return table_; }
    /// How many points there are, each seed counted.
    std::uint64_t runs() const;
    /// Of each point.
    std::uint64_t trials() const;

    /// Makes the design. \throws LimitError  if it is too big.
    void check_points();

    ExperimentPoint point(std::uint64_t place) const;

    /// The figures that are kept of the trials of a point.
    std::vector<PointJournal::Value> values_of(const RunResult& result) const;

    /// Computes all points that the journal does not know, then what they tell of the inputs.
    /// \returns False if stopped.
    bool run_all(PointJournal& journal, Progress& display, std::stop_token stop);

private:
    /// The experiment's portfolio in a point's models; nothing without one.
    std::optional<HeldPortfolio> held_in(const ScenarioModels& models) const;
    std::vector<Column> columns_of(const ScenarioModels& models) const;
    void check_figures();
    void check_overrides() const;
    void check_columns();
    void check_inputs();
    std::vector<std::filesystem::path> policies_with(const VariedInput& input, double u) const;
    std::uint64_t seed_of(std::uint64_t place) const;
    ScenarioModels models_at(std::uint64_t place) const;
    std::string key_of(const ScenarioModels& models, const RunSettings& settings) const;
    std::optional<ColumnSummary> summary_of(const RunResult& result, const ColumnName& name,
                                            RankTable& ranks) const;

    Experiment experiment_;
    std::optional<Portfolio> portfolio_;
    ExperimentOptions options_;
    ParsedScenario parsed_;              ///< The base.
    std::vector<Column> known_columns_;  ///< Of the base, and of it with policies.
    ScenarioModels base_;
    ExperimentTable table_;
};

}  // namespace chokepoint
