#include "chokepoint/app/commands.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/headline.hpp"
#include "chokepoint/app/held_portfolio.hpp"
#include "chokepoint/app/portfolio_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/app/tilt_choice.hpp"
#include "chokepoint/app/trial_files.hpp"
#include "chokepoint/app/worst_list.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/report/page.hpp"
#include "chokepoint/results/portfolio_files.hpp"
#include "chokepoint/results/shard.hpp"
#include "chokepoint/results/tilt_file.hpp"
#include "chokepoint/results/write_results.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// What a run would have been asked for to write these files.
RunOptions options_of(const MergeOptions& merge, const ShardedRun& run)
{
    RunOptions options;
    options.scenario = run.scenario_file;
    options.portfolio = run.portfolio_file;
    options.policies = {run.policy_files.begin(), run.policy_files.end()};
    options.out = merge.out;
    for (const std::string& table : run.tables) {
        if (table == trials_file_name) {
            options.keep_trials = KeepTrials::metrics;
        } else {
            options.tables.push_back(table == years_file_name ? Table::years : Table::episodes);
        }
    }
    return options;
}

/// The laws that trials were drawn from, if they were not the scenario's own.
std::optional<Tilt> tilt_of(const Shard& shard, const Model& model)
{
    return shard.checksums.contains(tilt_file_name)
               ? std::optional(read_tilt_file(shard.folder / tilt_file_name, TiltKnobs(model)))
               : std::nullopt;
}

/// What the shards ran, and what their reference runs ran on.
ScenarioModels models_of(const Shard& shard)
{
    ScenarioModels models;
    models.scenario = read_scenario(shard.folder / "scenario.resolved.yaml");
    models.scenario.policies = shard.run.policies;
    std::vector<Diagnostic> known;
    models.model = std::make_unique<const Model>(build_model(models.scenario, known));
    if (shard.checksums.contains(calm_file_name)) {
        const Scenario calm = read_scenario(shard.folder / calm_file_name);
        models.without = std::make_unique<const Model>(build_model(calm, known));
        models.without_yaml = calm.resolved_yaml;
    }
    return models;
}

/// What trials hold; nothing if they hold nothing.
std::optional<HeldPortfolio> portfolio_of(const Shard& shard, const ScenarioModels& models)
{
    const Scenario* const known = &models.scenario;
    return shard.checksums.contains(portfolio_file_name) ? std::optional<HeldPortfolio>(
               std::in_place, shard.folder / portfolio_file_name, models, std::span(&known, 1))
                                                         : std::nullopt;
}

/// Refuses a folder whose trials are to be merged: results would take their place.
void check_is_no_shard(const std::filesystem::path& folder, const std::vector<Shard>& shards)
{
    for (const Shard& shard : shards) {
        std::error_code error;
        if (std::filesystem::equivalent(folder, shard.folder, error)) {
            throw OutputError(
                fmt::format("{}: is one of the shards to merge\n  hint: choose "
                            "another folder with --out",
                            folder.string()));
        }
    }
}

}  // namespace

ExitCode merge_command(const MergeOptions& options)
{
    const auto start = std::chrono::steady_clock::now();
    const std::vector<Shard> shards = read_shards(options.folders);
    const ShardedRun& origin = shards.front().run;
    const ScenarioModels models = models_of(shards.front());
    const Scenario& scenario = models.scenario;
    const Model& model = *models.model;
    const std::optional<HeldPortfolio> held = portfolio_of(shards.front(), models);
    const std::vector<std::unique_ptr<Meter>> meters = meters_of(models, held, scenario.seed);
    ShardStore store(shards, without_trials(model, meters));

    check_is_no_shard(options.out, shards);
    RunSettings settings = settings_of(scenario, options.threads);
    settings.calm = models.calm();
    settings.memory = origin.memory;
    settings.tilt = tilt_of(shards.front(), model);
    settings.store = &store;
    ResultFolder folder(options.out, options.force ? Overwrite::replace : Overwrite::refuse);
    folder.make_last("report.html", report_page);
    Provenance provenance = provenance_of(scenario, origin.scenario_file, settings, {});
    provenance.warnings = origin.warnings;
    const RunOptions run_options = options_of(options, origin);
    TrialFiles trial_files(run_options, model, MeterPanel(model, meters).columns(),
                           {.trials = settings.trials,
                            .seed = settings.seed,
                            .sampling = settings.sampling,
                            .scenario_sha256 = origin.key.scenario_sha256},
                           folder);
    trial_files.listen(settings);

    const StopSignals signals;
    ProgressDisplay progress(options.quiet ? ProgressStyle::none
                                           : progress_style_of_terminal());
    const RunResult result = run(model, meters, settings, progress, signals.token());
    progress.finish();
    if (!result.complete) {
        note("stopped: nothing is merged; the shards are as they were");
        return signals.received() == SIGTERM ? ExitCode::stopped : ExitCode::interrupted;
    }
    check_effective_trials(result);
    const std::vector<std::string> written = trial_files.finish();
    settings = once_more(settings, result.trials);
    RunReport report = report_of(model, result, provenance);
    std::map<std::string, std::string> more;
    std::optional<ReverseStress> stress;
    if (held) {
        stress = add_portfolio(*held, model, result, settings, report, more);
    }
    more[worst_file_name] = worst_csv(worst_list(
        model, result, usual_worst_column(result.columns, held.has_value()), settings));
    if (settings.tilt) {
        more[tilt_file_name] = tilt_json(*settings.tilt, TiltKnobs(model));
    }
    provenance.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write_results(model, report, provenance, folder, more, written);
    put_out(options.json ? summary_json(model, report, provenance)
            : held
                ? portfolio_text(model, report, held->book(), stress, run_options, provenance)
                : headline_text(model, report, provenance, options.out.string()));
    return ExitCode::done;
}

}  // namespace chokepoint
