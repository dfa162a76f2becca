#include "chokepoint/app/resumable.hpp"

#include "chokepoint/app/command_line.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/worst_list.hpp"
#include "chokepoint/engine/stop_rule.hpp"
#include "chokepoint/results/experiment_files.hpp"
#include "chokepoint/results/finished_run.hpp"
#include "chokepoint/results/folder_lock.hpp"
#include "chokepoint/results/portfolio_files.hpp"
#include "chokepoint/results/tilt_file.hpp"
#include "chokepoint/results/trial_table.hpp"
#include "chokepoint/results/trials_file.hpp"
#include "chokepoint/results/write_file.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chokepoint {
namespace {

/// Of a run without a limit no more than is soon written, and no more than half of what is
/// free, so that parts never fill a disk; a shard needs all of its own.
std::uint64_t room_for_parts(const RunOptions& options)
{
    const std::filesystem::path& folder = options.out;
    if (options.max_disk > 0 && !options.has_no_limits) {
        return options.max_disk;
    }
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(folder, error);
    constexpr std::uint64_t unknown = 10'000'000'000;
    const std::uint64_t half = error ? unknown : space.available / 2;
    constexpr std::uint64_t usual = 4'000'000'000;
    return options.shard || options.has_no_limits ? half : std::min(half, usual);
}

TrialRange range_of_rank(const Ranks& ranks, const RunSettings& settings)
{
    return shard_range(settings.trials, static_cast<std::uint64_t>(ranks.rank()) + 1,
                       static_cast<std::uint64_t>(ranks.count()));
}

std::vector<std::string> tables_of(const RunOptions& options)
{
    std::vector<std::string> tables;
    if (options.keep_trials != KeepTrials::none) {
        tables.emplace_back(trials_file_name);
    }
    for (const Table table : options.tables) {
        tables.emplace_back(table == Table::years ? years_file_name : episodes_file_name);
    }
    std::sort(tables.begin(), tables.end());
    return tables;
}

std::vector<std::string> texts_of(const std::vector<std::filesystem::path>& files)
{
    std::vector<std::string> texts;
    for (const std::filesystem::path& file : files) {
        texts.push_back(file.string());
    }
    return texts;
}

/// Files that a run has only if it is asked for them.
std::vector<std::string> files_asked_for(const RunOptions& options)
{
    std::vector<std::string> files = tables_of(options);
    if (options.attribute) {
        files.emplace_back("attribution.csv");
    }
    if (options.sensitivity) {
        files.emplace_back(sensitivity_file_name);
    }
    return files;
}

/// Whether a folder's worst.csv is by the metric that is asked for, if one is.
bool has_worst_asked_for(const RunOptions& options)
{
    if (!options.worst) {
        return true;
    }
    std::ifstream file(options.out / worst_file_name);
    std::string header, first;
    std::getline(file, header);
    std::getline(file, first);
    const ColumnName name = parse_column_name(*options.worst);
    return first.find(fmt::format(",{},{},{},", name.metric, name.commodity, name.region))
           != first.npos;
}

/// Of a portfolio as it was read, its tables included; empty without one.
std::string yaml_of(const std::optional<HeldPortfolio>& held)
{
    return held ? held->portfolio().resolved_yaml : "";
}

}  // namespace

void confirm_done(const std::filesystem::path& folder, const std::string& what)
{
    const FolderLock lock(folder);  // Parts there may be those of a later run at work.
    try {
        check_finished_run(folder);
    } catch (const std::exception&) {
        note(
            fmt::format("{} holds a finished {} that is damaged: run it again with --force in "
                        "place of --resume",
                        folder.string(), what));
        throw;
    }
    remove_parts(folder);
    note(fmt::format("{} holds the finished results of this {}: nothing left to do",
                     folder.string(), what));
}

bool is_done_already(const RunOptions& options, const Scenario& scenario,
                     const std::optional<HeldPortfolio>& held)
{
    const std::string positions = held ? sha256(yaml_of(held)) : "";
    const std::vector<std::string> files = files_asked_for(options);
    return options.resume
           && finished_scenario_sha256(options.out) == sha256(scenario.resolved_yaml)
           && finished_file_sha256(options.out, portfolio_file_name) == positions
           && std::ranges::none_of(files,
                                   [&](const std::string& name) {
                                       return finished_file_sha256(options.out, name).empty();
                                   })
           && has_worst_asked_for(options);
}

PartKey part_key(const ScenarioModels& models, const RunSettings& settings,
                 const std::string& portfolio_yaml)
{
    std::vector<std::string> until;
    for (const StopRule& rule : settings.until) {
        until.push_back(rule.text);
    }
    const std::string tilt =
        settings.tilt ? tilt_json(*settings.tilt, TiltKnobs(*models.model)) : "none";
    const std::string positions = portfolio_yaml.empty() ? "none" : sha256(portfolio_yaml);
    return {.scenario_sha256 = sha256(models.scenario.resolved_yaml),
            .settings_sha256 = sha256(fmt::format(
                "policies {}\nwithout them {}\ntilt {}\nepisodes {}\nuntil {}\nportfolio {}\n",
                fmt::join(models.scenario.policies, " + "), sha256(models.without_yaml), tilt,
                settings.records_episodes, fmt::join(until, " and "), positions))};
}

PartStore part_store(const RunOptions& options, const ScenarioModels& models,
                     const RunSettings& settings,
                     const std::vector<std::unique_ptr<Meter>>& meters,
                     const std::optional<HeldPortfolio>& held)
{
    PartStore parts(options.out / parts_name, part_key(models, settings, yaml_of(held)),
                    without_trials(*models.model, meters), room_for_parts(options));
    if (options.resume) {
        parts.find_parts();
        note(fmt::format("resumed: {} of {} are there", parts.trials(),
                         counted(settings.trials, "trial")));
    }
    return parts;
}

std::uint64_t trials_here(const RunOptions& options, const RunSettings& settings)
{
    if (!options.shard) {
        return settings.trials;
    }
    const TrialRange range =
        shard_range(settings.trials, options.shard->shard, options.shard->shards);
    return range.end - range.first;
}

void check_ranks(const Ranks& ranks, const RunOptions& options)
{
    if (ranks.count() > 1 && (!options.until.empty() || options.shard)) {
        throw ArgumentError(
            "--until and --shard are for one process alone, not for the ranks "
            "of mpirun");
    }
}

bool run_own_blocks(const Ranks& ranks, const ScenarioModels& models,
                    const std::vector<std::unique_ptr<Meter>>& meters,
                    const RunSettings& settings, PartStore& parts, Progress& progress,
                    const StopSignals& signals)
{
    if (ranks.count() == 1) {
        return true;
    }
    ranks.all(true);  // the folder is there
    const bool is_complete =
        run_blocks(*models.model, meters, settings, range_of_rank(ranks, settings), progress,
                   signals.token());
    if (!ranks.all(is_complete && parts.is_keeping())) {
        note(
            "stopped: the ranks keep their finished trials in the folder's parts/; go on with "
            "--resume");
        return false;
    }
    parts.find_parts();
    return true;
}

ExitCode run_other_rank(const Ranks& ranks, const RunOptions& options,
                        const ScenarioModels& models,
                        const std::vector<std::unique_ptr<Meter>>& meters, RunSettings settings,
                        const std::optional<HeldPortfolio>& held, const StopSignals& signals)
{
    ranks.all(true);
    settings.records_episodes =
        std::count(options.tables.begin(), options.tables.end(), Table::episodes) > 0;
    PartStore parts(options.out / parts_name, part_key(models, settings, yaml_of(held)),
                    without_trials(*models.model, meters), room_for_parts(options));
    parts.find_parts();
    settings.store = &parts;
    Progress silent;
    const bool is_complete =
        run_blocks(*models.model, meters, settings, range_of_rank(ranks, settings), silent,
                   signals.token());
    return ranks.all(is_complete && parts.is_keeping()) ? ExitCode::done : ExitCode::stopped;
}

void tell_of_parts(const PartStore& parts)
{
    for (const std::string& problem : parts.damaged()) {
        note(fmt::format("warning: {}: its trials are run again", problem));
    }
    if (!parts.is_keeping()) {
        note(
            "warning: parts/ takes all that it may (4 GB, or half of what was free; --max-disk "
            "and --no-limits allow more): from there on trials are not kept while the run goes "
            "on");
    }
}

ExitCode run_shard(const RunOptions& options, const ScenarioModels& models,
                   const std::vector<std::unique_ptr<Meter>>& meters, RunSettings settings,
                   const std::optional<HeldPortfolio>& held, const Provenance& provenance,
                   PartStore& parts, const StopSignals& signals, ResultFolder& folder)
{
    const TrialRange range =
        shard_range(settings.trials, options.shard->shard, options.shard->shards);
    const ShardedRun run{.key = part_key(models, settings, yaml_of(held)),
                         .trials = settings.trials,
                         .seed = settings.seed,
                         .memory = settings.memory,
                         .scenario_file = provenance.scenario_file,
                         .portfolio_file = options.portfolio.string(),
                         .policy_files = texts_of(options.policies),
                         .policies = models.scenario.policies,
                         .warnings = provenance.warnings,
                         .tables = tables_of(options)};
    const auto known = options.resume ? finished_shard(folder.path()) : std::nullopt;
    if (known && (known->run != run || known->range != range)) {
        throw OutputError(
            fmt::format("{}: holds another finished shard\n  hint: give each shard a folder of "
                        "its own with "
                        "--out",
                        folder.path().string()));
    }
    ProgressDisplay progress(options.quiet ? ProgressStyle::none
                                           : progress_style_of_terminal());
    const bool is_complete =
        run_blocks(*models.model, meters, settings, range, progress, signals.token());
    progress.finish();
    tell_of_parts(parts);
    if (!parts.is_keeping()) {
        throw WriteError(fmt::format("{}: there is no room for all parts of the shard",
                                     (folder.path() / parts_name).string()));
    }
    if (!is_complete) {
        note(fmt::format("stopped: {} of the shard are kept in {}; go on with --resume",
                         counted(parts.trials(), "trial"),
                         (folder.path() / parts_name).string()));
        return signals.received() == SIGINT ? ExitCode::interrupted : ExitCode::stopped;
    }
    folder.write("scenario.resolved.yaml", provenance.resolved_yaml);
    if (!provenance.record.empty()) {
        folder.write(record_file_name, provenance.record);
    }
    if (models.calm() != nullptr) {
        folder.write(calm_file_name, models.without_yaml);
    }
    if (held) {
        folder.write(portfolio_file_name, held->portfolio().resolved_yaml);
    }
    if (settings.tilt) {
        folder.write(tilt_file_name, tilt_json(*settings.tilt, TiltKnobs(*models.model)));
    }
    folder.finish_shard(shard_json(run, range, folder, parts));
    put_out(fmt::format("Shard {} of {}: {} in {}\n", options.shard->shard,
                        options.shard->shards, counted(range.end - range.first, "trial"),
                        folder.path().string()));
    return ExitCode::done;
}

}  // namespace chokepoint
