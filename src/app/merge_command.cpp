#include "chokepoint/app/commands.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/headline.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/app/tilt_choice.hpp"
#include "chokepoint/app/trial_files.hpp"
#include "chokepoint/app/worst_list.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/report/page.hpp"
#include "chokepoint/results/shard.hpp"
#include "chokepoint/results/tilt_file.hpp"
#include "chokepoint/results/write_results.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

namespace chokepoint {
namespace {

/// What a run would have been asked for to write these files.
RunOptions options_of(const MergeOptions& merge, const ShardedRun& run)
{
    RunOptions options;
    options.scenario = run.scenario_file;
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

/// What the reference runs ran on; nothing if that is the scenario itself.
std::optional<Model> calm_model(const Shard& shard)
{
    if (!shard.checksums.contains(calm_file_name)) {
        return std::nullopt;
    }
    std::vector<Diagnostic> known;
    return build_model(read_scenario(shard.folder / calm_file_name), known);
}

}  // namespace

ExitCode merge_command(const MergeOptions& options)
{
    const auto start = std::chrono::steady_clock::now();
    const std::vector<Shard> shards = read_shards(options.folders);
    const ShardedRun& origin = shards.front().run;
    Scenario scenario = read_scenario(shards.front().folder / "scenario.resolved.yaml");
    scenario.policies = origin.policies;
    std::vector<Diagnostic> known = scenario.warnings;
    const Model model = build_model(scenario, known);
    const std::vector<std::unique_ptr<Meter>> meters = all_meters(model);
    ShardStore store(shards, without_trials(model, meters));

    const std::optional<Model> calm = calm_model(shards.front());
    RunSettings settings = settings_of(scenario, options.threads);
    settings.calm = calm ? &*calm : nullptr;
    settings.memory = origin.memory;
    settings.tilt = tilt_of(shards.front(), model);
    settings.store = &store;
    ResultFolder folder(options.out, options.force ? Overwrite::replace : Overwrite::refuse);
    folder.make_last("report.html", report_page);
    Provenance provenance = provenance_of(scenario, origin.scenario_file, settings, {});
    provenance.warnings = origin.warnings;
    TrialFiles trial_files(options_of(options, origin), model,
                           MeterPanel(model, meters).columns(),
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
    const RunReport report = report_of(model, result, provenance);
    std::map<std::string, std::string> more;
    more["worst.csv"] = worst_csv(
        worst_list(model, result, usual_worst_column(result.columns, false), settings));
    if (settings.tilt) {
        more[tilt_file_name] = tilt_json(*settings.tilt, TiltKnobs(model));
    }
    provenance.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write_results(model, report, provenance, folder, more, written);
    put_out(options.json ? summary_json(model, report, provenance)
                         : headline_text(model, report, provenance, options.out.string()));
    return ExitCode::done;
}

}  // namespace chokepoint
