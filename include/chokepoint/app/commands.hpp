#pragma once

#include "chokepoint/app/exit_code.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace chokepoint {

/// What a run writes of its single trials.
enum class KeepTrials { none, metrics };

enum class Table { years, episodes };

/// One of several parts of a run. \see shard_range
struct ShardChoice {
    std::uint64_t shard = 1, shards = 1;  ///< Shards count from 1.
};

struct RunOptions {
    std::filesystem::path scenario;
    std::vector<std::filesystem::path> policies = {};  ///< Laid over it, in this order.
    std::filesystem::path portfolio = {};              ///< Valued in every trial; empty: none.
    std::vector<std::string> overrides;                ///< `path.to.key=value`
    std::optional<std::uint64_t> trials, seed;
    std::optional<std::string> sampling;
    unsigned threads = 1;
    std::filesystem::path out;
    KeepTrials keep_trials = KeepTrials::none;
    bool force = false;
    bool quiet = false;
    bool json = false;
    std::uint64_t memory = default_memory;
    std::vector<std::string> until = {};         ///< Rules to stop by.
    std::vector<Table> tables = {};              ///< Of single trials.
    std::optional<std::string> importance = {};  ///< The figure that trials are drawn for.
    std::filesystem::path tilt = {};             ///< Laws to draw from, of an earlier run.
    std::optional<std::string> worst = {};       ///< The metric whose worst trials are listed.
    bool attribute = false;                      ///< Also say what hazards bring of the losses.
    bool sensitivity = false;  ///< Also say what goes with the uncertain numbers.
    bool resume = false;       ///< Go on with what the folder holds.
    std::optional<ShardChoice> shard = {};
    double max_seconds = 0;      ///< That a run may take; 0: no limit.
    std::uint64_t max_disk = 0;  ///< Bytes that its part files may take; 0: no limit.
    bool has_no_limits = false;  ///< It is begun all the same.
};

struct CompareOptions {
    RunOptions run;               ///< Its policies are held against one another.
    std::string region;           ///< Whose users count; empty: the first group's.
    std::size_t chokepoints = 0;  ///< How many are given more room.
};

struct AttributeOptions {
    RunOptions run;
    std::string by = "class";  ///< `class` or `hazard`
    std::vector<std::string> metrics = {};
};

struct StressOptions {
    std::filesystem::path portfolio;
    std::vector<std::filesystem::path> scenarios;  ///< Files, and folders of them.
    RunOptions run;  ///< Of each scenario; `out` holds a folder each, and stress.csv.
};

struct HindcastOptions {
    std::vector<std::filesystem::path> inputs;  ///< Scenario files, and folders of them.
    RunOptions run;  ///< Of each scenario; `scenario` is filled in, `out` holds a folder each.
};

struct ValidateOptions {
    std::vector<std::filesystem::path> files;
    std::vector<std::filesystem::path> policies = {};
    std::vector<std::string> overrides;  ///< Of each file.
};

struct ExplainOptions {
    std::filesystem::path scenario;
    std::vector<std::filesystem::path> policies = {};
    std::vector<std::string> overrides;
};

enum class Format { text, csv, json };

struct ReplayOptions {
    std::filesystem::path scenario;
    std::vector<std::filesystem::path> policies = {};
    std::vector<std::string> overrides;
    std::uint64_t trial = 0;
    std::optional<std::uint64_t> seed;
    std::optional<std::string> sampling;
    std::filesystem::path portfolio = {};
    Format format = Format::text;
    std::filesystem::path tilt = {};  ///< Of the run that the trial belongs to.
    bool full = false;                ///< Of the text: every draw, event, month and metric.
};

enum class Listing { scenarios, distributions, metrics, hazards, levers };

struct ListOptions {
    Listing what = Listing::scenarios;
    std::filesystem::path folder = "scenarios";
};

struct SchemaOptions {
    FileKind kind = FileKind::scenario;
};

struct NewOptions {
    std::string name;  ///< Of the scenario; its file, `<name>.yaml`, is made in the present folder.
};

struct ReportOptions {
    std::filesystem::path folder;  ///< Of a finished command.
};

struct MergeOptions {
    std::vector<std::filesystem::path> folders;  ///< Of shards, in any order.
    std::filesystem::path out;
    unsigned threads = 1;
    bool force = false;
    bool quiet = false;
    bool json = false;
};

struct ExperimentOptions {
    std::filesystem::path file;
    RunOptions run;  ///< Of each point; `scenario` and `policies` are the experiment's.
};

struct DiffOptions {
    std::filesystem::path before, after;  ///< Folders of finished runs.
    std::string metric;                   ///< The only one to compare; all if empty.
    bool all = false;
    bool json = false;
};

// Each command prints to standard output and returns, or throws what `run_program` turns into a
// message and an exit code.

/// One Monte Carlo run into a result folder.
ExitCode run_command(const RunOptions& options);

/// Scenarios beside their records: coverage, CRPS, peaks, gaps.
ExitCode compare_command(const CompareOptions& options);
ExitCode attribute_command(const AttributeOptions& options);
/// A portfolio in several scenarios: scenario x position.
ExitCode stress_command(const StressOptions& options);
ExitCode hindcast_command(const HindcastOptions& options);

/// All problems of scenario files.
ExitCode validate_command(const ValidateOptions& options);

/// What a scenario says before anything is drawn.
ExitCode explain_command(const ExplainOptions& options);

/// One trial: what came of it, its events, what bound, why prices moved, its months.
ExitCode replay_command(const ReplayOptions& options);

/// (Re)writes report.html from a folder of results.
ExitCode report_command(const ReportOptions& options);

/// The shards of a run as one folder of results.
ExitCode merge_command(const MergeOptions& options);

/// One scenario at many points: sweeps, designs, sensitivity.
ExitCode experiment_command(const ExperimentOptions& options);

/// Two runs side by side: inputs that differ, figures that moved.
ExitCode diff_command(const DiffOptions& options);

/// The JSON Schema of a kind of file, for editors.
ExitCode schema_command(const SchemaOptions& options);

/// Writes a commented scenario to start from.
ExitCode new_command(const NewOptions& options);

/// What there is, one line each.
ExitCode list_command(const ListOptions& options);

}  // namespace chokepoint
