#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/headline.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/app/trial_files.hpp"
#include "chokepoint/app/worst_list.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/engine/pilot.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/results/part_file.hpp"
#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/results/tilt_file.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/results/write_results.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>

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

/// Reads the rules to stop by. \throws NameError  if one names no figure of the run.
std::vector<StopRule> stop_rules(const RunOptions& options, const std::vector<Column>& columns)
{
    std::vector<StopRule> rules;
    for (const std::string& text : options.until) {
        rules.push_back(parse_stop_rule(text));
        check_rule(rules.back(), columns);
    }
    return rules;
}

/// What a pilot run shall find laws for. \throws NameError  if that is no figure of a tail.
TailTarget target_of(const FigureName& figure, const std::vector<Column>& columns)
{
    const Column& column = columns[find_column(columns, figure.column)];
    TailTarget target{.metric = column.metric,
                      .commodity = column.commodity,
                      .region = column.region};
    for (const double level : tail_levels) {
        const std::string percent = percent_name(level);
        const bool is_of_level = figure.statistic == "es" + percent
                                 || figure.statistic == "var" + percent
                                 || figure.statistic == "p" + percent;
        if (column.horizon || !is_of_level) {
            continue;
        }
        target.level = level;
        return target;
    }
    throw NameError(fmt::format(
        "--importance: {} of {} is no figure of a tail (var, p or es at 90, 95, 99, 99.5 or 99.9 "
        "of a metric that is always finite)",
        figure.statistic, figure.column.metric));
}

/// The laws that trials are to be drawn from in place of the scenario's own, if there are any.
std::optional<Tilt> tilt_of(const RunOptions& options, const Model& model,
                            const std::vector<std::unique_ptr<Meter>>& meters,
                            const std::vector<Column>& columns, const RunSettings& settings)
{
    if (!options.tilt.empty()) {
        return read_tilt_file(options.tilt, TiltKnobs(model));
    }
    if (!options.importance) {
        return std::nullopt;
    }
    const TailTarget target = target_of(parse_figure_name(*options.importance), columns);
    const auto start = std::chrono::steady_clock::now();
    const Pilot pilot =
        find_tilt(model, meters, target, {.seed = settings.seed, .threads = settings.threads});
    if (!options.quiet) {
        note(fmt::format("pilot: {} stages in {}; the {} is near {}", pilot.stages.size(),
                         duration_text(std::chrono::duration<double>(
                                           std::chrono::steady_clock::now() - start)
                                           .count()),
                         *options.importance, short_number(pilot.stages.back().value_at_risk)));
    }
    return pilot.tilt;
}

/// Too few trials carry most of the weight for any figure to be trusted.
void refuse_few_effective(const RunSummary& summary)
{
    constexpr double least = 100;
    if (summary.effective_trials < least && summary.effective_trials < summary.trials) {
        throw NameError(fmt::format(
            "{} trials drawn by importance tell only as much as {:.0f} plain ones (at least {} "
            "are needed): more --trials, or none of --importance and --tilt",
            summary.trials, summary.effective_trials, least));
    }
}

}  // namespace

ExitCode run_command(const RunOptions& options)
{
    const auto start = std::chrono::steady_clock::now();
    const Scenario scenario = read_scenario(options.scenario, overrides_of(options));
    std::vector<Diagnostic> warnings = scenario.warnings;
    const Model model = build_model(scenario, warnings);
    show_warnings(warnings);

    const std::vector<std::unique_ptr<Meter>> meters = all_meters(model);
    const std::vector<Column> columns = MeterPanel(model, meters).columns();
    RunSettings settings = settings_of(scenario, options.threads);
    settings.memory = options.memory;
    settings.until = stop_rules(options, columns);
    const std::optional<std::size_t> worst_column =
        options.worst ? std::optional(find_column(columns, parse_column_name(*options.worst)))
                      : std::nullopt;

    settings.tilt = tilt_of(options, model, meters, columns, settings);
    ResultFolder folder(options.out, options.force ? Overwrite::replace : Overwrite::refuse);
    Provenance provenance = provenance_of(scenario, options.scenario, settings, warnings);
    TrialFiles trial_files(options, model, columns,
                           {.trials = settings.trials,
                            .seed = settings.seed,
                            .sampling = settings.sampling,
                            .scenario_sha256 = sha256(provenance.resolved_yaml)},
                           folder);
    trial_files.listen(settings);
    const StopSignals signals;
    ProgressDisplay progress(options.quiet ? ProgressStyle::none
                                           : progress_style_of_terminal());
    const RunResult result = run(model, meters, settings, progress, signals.token());
    progress.finish();
    if (!result.complete) {
        return keep_finished_trials(result, provenance, signals.received(), folder);
    }

    const std::vector<std::string> written = trial_files.finish();
    const RunReport report = report_of(model, result, provenance);
    refuse_few_effective(report.summary);
    std::map<std::string, std::string> more;
    if (settings.tilt) {
        more[tilt_file_name] = tilt_json(*settings.tilt, TiltKnobs(model));
    }
    std::optional<WorstList> worst;
    if (worst_column) {
        worst = worst_list(model, result, *worst_column, settings);
        more["worst.csv"] = worst_csv(*worst);
    }
    provenance.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write_results(model, report, provenance, folder, more, written);
    if (options.json) {
        put_out(summary_json(model, report, provenance));
        return ExitCode::done;
    }
    put_out(headline_text(model, report, provenance, options.out.string()));
    if (worst) {
        put_out(worst_text(*worst, options));
    }
    return ExitCode::done;
}

}  // namespace chokepoint
