#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/headline.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/results/part_file.hpp"
#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/results/trials_file.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/results/write_results.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// Keeps the trials that a stopped run finished, and says where.
ExitCode keep_finished_trials(const RunResult& result, const Provenance& provenance, int signal,
                              ResultFolder& folder)
{
    if (result.trials == 0) {
        note("stopped before a block of trials was finished: nothing kept");
    } else {
        const PartKey key{sha256(provenance.resolved_yaml), provenance.seed};
        const std::filesystem::path part =
            folder.write_part(part_file_name(result.trials), part_file_content(result, key));
        note(
            fmt::format("stopped: kept the first {} in {}; the run is unfinished, there is "
                        "no manifest.json",
                        counted(result.trials, "trial"), part.string()));
    }
    return signal == SIGTERM ? ExitCode::stopped : ExitCode::interrupted;
}

/// The file that takes the trials of a run; none if they are not to be kept.
std::unique_ptr<TrialsFile> open_trials_file(const RunOptions& options,
                                             const Scenario& scenario, const Model& model,
                                             const std::vector<std::unique_ptr<Meter>>& meters,
                                             const ResultFolder& folder)
{
    if (options.keep_trials == KeepTrials::none) {
        return nullptr;
    }
    const TrialsOrigin origin{.trials = static_cast<std::uint64_t>(scenario.trials),
                              .seed = scenario.seed,
                              .sampling = scenario.sampling,
                              .scenario_sha256 = sha256(scenario.resolved_yaml)};
    return std::make_unique<TrialsFile>(folder.path() / trials_file_name, model,
                                        MeterPanel(model, meters).columns(), origin);
}

}  // namespace

ExitCode run_command(const RunOptions& options)
{
    const auto start = std::chrono::steady_clock::now();
    const Scenario scenario = read_scenario(options.scenario, overrides_of(options));
    std::vector<Diagnostic> warnings = scenario.warnings;
    const Model model = build_model(scenario, warnings);
    show_warnings(warnings);

    ResultFolder folder(options.out, options.force ? Overwrite::replace : Overwrite::refuse);
    const StopSignals signals;
    ProgressDisplay progress(options.quiet ? ProgressStyle::none
                                           : progress_style_of_terminal());
    RunSettings settings = settings_of(scenario, options.threads);
    const std::vector<std::unique_ptr<Meter>> meters = all_meters(model);
    const std::unique_ptr<TrialsFile> trials =
        open_trials_file(options, scenario, model, meters, folder);
    if (trials) {
        settings.sinks.push_back(trials.get());
    }
    const RunResult result = run(model, meters, settings, progress, signals.token());
    progress.finish();

    Provenance provenance = provenance_of(scenario, options.scenario, settings, warnings);
    if (!result.complete) {
        return keep_finished_trials(result, provenance, signals.received(), folder);
    }
    std::vector<std::string> written;
    if (trials) {
        trials->finish();
        written.push_back(trials_file_name);
    }
    const RunReport report = report_of(model, result, provenance);
    provenance.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write_results(model, report, provenance, folder, {}, written);
    put_out(options.json ? summary_json(model, report, provenance)
                         : headline_text(model, report, provenance, options.out.string()));
    return ExitCode::done;
}

}  // namespace chokepoint
