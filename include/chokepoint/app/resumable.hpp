#pragma once

#include "chokepoint/app/commands.hpp"
#include "chokepoint/app/held_portfolio.hpp"
#include "chokepoint/app/ranks.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/results/part_store.hpp"
#include "chokepoint/results/shard.hpp"
#include "chokepoint/results/write_results.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chokepoint {

/// Whether the folder of a run that is to be resumed holds its results already, the files that
/// its options ask for among them.
bool is_done_already(const RunOptions& options, const Scenario& scenario,
                     const std::optional<HeldPortfolio>& held);

/// Says that a folder holds finished results, and clears what is left of its parts.
/// \param what  `run` or `experiment`.
/// \throws InputError, FileError  if they are not as they were written; says what helps.
/// \throws OutputError            if another program is writing to the folder.
void confirm_done(const std::filesystem::path& folder, const std::string& what);

/// What trials depend on.
/// \param portfolio_yaml  The positions that trials value, as they were read; may be empty.
PartKey part_key(const ScenarioModels& models, const RunSettings& settings,
                 const std::string& portfolio_yaml = {});

/// The parts of a run in its folder: of one that is resumed, with what is there, of which it
/// tells.
/// \throws ForeignPartError
PartStore part_store(const RunOptions& options, const ScenarioModels& models,
                     const RunSettings& settings,
                     const std::vector<std::unique_ptr<Meter>>& meters,
                     const std::optional<HeldPortfolio>& held);

/// Refuses what ranks cannot share. \throws ArgumentError
void check_ranks(const Ranks& ranks, const RunOptions& options);

/// Runs the blocks of the first of several ranks, waits for the others, and finds their parts.
/// Nothing for one rank alone.
/// \returns False if one of them was stopped.
bool run_own_blocks(const Ranks& ranks, const ScenarioModels& models,
                    const std::vector<std::unique_ptr<Meter>>& meters,
                    const RunSettings& settings, PartStore& parts, Progress& progress,
                    const StopSignals& signals);

/// Runs the blocks of another rank than the first, which puts the parts of all together.
ExitCode run_other_rank(const Ranks& ranks, const RunOptions& options,
                        const ScenarioModels& models,
                        const std::vector<std::unique_ptr<Meter>>& meters, RunSettings settings,
                        const std::optional<HeldPortfolio>& held, const StopSignals& signals);

/// How many trials this process is to run: of a shard fewer than of all.
std::uint64_t trials_here(const RunOptions& options, const RunSettings& settings);

/// Tells of parts that could not be used, or were too many to be kept.
void tell_of_parts(const PartStore& parts);

/// Runs the trials of one shard, and makes its folder one.
ExitCode run_shard(const RunOptions& options, const ScenarioModels& models,
                   const std::vector<std::unique_ptr<Meter>>& meters, RunSettings settings,
                   const std::optional<HeldPortfolio>& held, const Provenance& provenance,
                   PartStore& parts, const StopSignals& signals, ResultFolder& folder);

}  // namespace chokepoint
