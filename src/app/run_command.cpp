#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/attribution_runs.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/effort.hpp"
#include "chokepoint/app/headline.hpp"
#include "chokepoint/app/held_portfolio.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/portfolio_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/resumable.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/app/sensitivity_text.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/app/tilt_choice.hpp"
#include "chokepoint/app/trial_files.hpp"
#include "chokepoint/app/worst_list.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/report/page.hpp"
#include "chokepoint/results/experiment_files.hpp"
#include "chokepoint/results/part_store.hpp"
#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/results/tilt_file.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/results/write_results.hpp"
#include "chokepoint/study/trial_sensitivity.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>

namespace chokepoint {
namespace {

ExitCode stop_code(int signal)
{
    return signal == SIGTERM ? ExitCode::stopped : ExitCode::interrupted;
}

/// Says where the trials are that a stopped run finished.
void tell_of_stop(const RunResult& result, const PartStore& parts, const ResultFolder& folder)
{
    note(result.trials == 0
             ? "stopped before a block of trials was finished: nothing kept"
             : fmt::format("stopped: kept the first {} in {}; the run is unfinished, go on "
                           "with it with --resume",
                           counted(parts.trials(), "trial"),
                           (folder.path() / parts_name).string()));
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

using Clock = std::chrono::steady_clock;

/// What a finished run is looked at with.
struct RunContext {
    const RunOptions& options;
    const ScenarioModels& models;
    const std::optional<HeldPortfolio>& held;
    const RunSettings& settings;
    const TiltChoice& tilt;
    std::size_t worst_column;
    Clock::time_point start;
};

/// What options ask for beside the figures of the run.
struct Extras {
    std::map<std::string, std::string> files;
    std::optional<ReverseStress> stress;
    WorstList worst;
    std::optional<std::vector<NamedAttribution>> attribution;
    std::optional<TrialSensitivity> sensitivity;
};

/// Nothing if it was stopped. \param report  Gets the portfolio's figures.
std::optional<Extras> extras_of(const RunContext& of, const RunResult& result,
                                RunReport& report, std::stop_token stop)
{
    const Model& model = *of.models.model;
    Extras extras;
    if (of.held) {
        extras.stress =
            add_portfolio(*of.held, model, result, of.settings, report, extras.files);
    }
    if (of.tilt.was_asked_for) {
        extras.files[tilt_file_name] =
            tilt_json(of.settings.tilt.value_or(Tilt{}), TiltKnobs(model));
    }
    extras.worst = worst_list(model, result, of.worst_column, of.settings);
    extras.files[worst_file_name] = worst_csv(extras.worst);
    if (of.options.attribute) {
        extras.attribution = attribute_to_hazards(
            of.models, of.held, of.settings,
            {.by_hazard = false, .metrics = {}, .quiet = of.options.quiet}, stop);
        if (!extras.attribution) {
            return std::nullopt;
        }
        extras.files["attribution.csv"] = attribution_csv(model, *extras.attribution);
    }
    if (of.options.sensitivity) {
        extras.sensitivity = trial_sensitivity(model, result, of.settings);
        extras.files[sensitivity_file_name] = sensitivity_csv(
            extras.sensitivity->rows, extras.sensitivity->figures, extras.sensitivity->units);
    }
    return extras;
}

std::string run_text(const RunOptions& options, const Model& model,
                     const std::optional<HeldPortfolio>& held, const RunReport& report,
                     const Extras& extras, const Provenance& provenance)
{
    std::string text =
        held ? portfolio_text(model, report, held->book(), extras.stress, options, provenance)
             : headline_text(model, report, provenance, options.out.string());
    if (extras.attribution) {
        text += "\n"
                + attribution_text(model, *extras.attribution, report.summary.trials,
                                   provenance.seed);
    }
    if (extras.sensitivity) {
        text += "\n" + sensitivity_text(*extras.sensitivity);
    }
    if (options.worst) {
        text += worst_text(extras.worst, options);
    }
    return text;
}

/// Before the run: what would fail after it.
void check_extras(const RunOptions& options, const ScenarioModels& models)
{
    const Scenario& scenario = models.scenario;
    const bool is_weighted =
        !scenario.importance.figure.empty() || !scenario.tilt.empty() || !options.tilt.empty();
    if (options.attribute && is_weighted) {
        throw NameError(
            "--attribute tells hazards apart on plain trials: without --importance, --tilt and "
            "the scenario's run.importance and run.tilt");
    }
    if (options.sensitivity && is_weighted) {
        throw NameError(
            "--sensitivity ranks plain trials: without --importance, --tilt and the scenario's "
            "run.importance and run.tilt");
    }
    if (options.sensitivity && models.model->uncertain_parameters.empty()) {
        throw NameError(
            "--sensitivity needs uncertain numbers, and the scenario has none (write a "
            "distribution in place of a number, or vary it by chokepoint experiment)");
    }
}

RunSettings run_settings(const RunOptions& options, const ScenarioModels& models,
                         const std::vector<Column>& columns)
{
    RunSettings settings = settings_of(models.scenario, options.threads);
    settings.memory = options.memory;
    settings.calm = models.calm();
    settings.until = stop_rules(options, columns);
    return settings;
}

/// Writes and prints what a finished run says.
ExitCode keep_results(const RunContext& of, const RunResult& result, TrialFiles& trial_files,
                      Provenance provenance, ResultFolder& folder, const StopSignals& signals)
{
    const Model& model = *of.models.model;
    check_effective_trials(result);
    const std::vector<std::string> written = trial_files.finish();
    RunReport report = report_of(model, result, provenance);
    const std::optional<Extras> extras = extras_of(of, result, report, signals.token());
    if (!extras) {
        note("stopped: nothing kept");
        return stop_code(signals.received());
    }
    provenance.wall_seconds = std::chrono::duration<double>(Clock::now() - of.start).count();
    write_results(model, report, provenance, folder, extras->files, written);
    put_out(of.options.json
                ? summary_json(model, report, provenance)
                : run_text(of.options, model, of.held, report, *extras, provenance));
    return ExitCode::done;
}

}  // namespace

ExitCode run_command(const RunOptions& options)
{
    const Clock::time_point start = Clock::now();
    const Ranks ranks;
    check_ranks(ranks, options);
    const ScenarioModels models =
        read_models(options.scenario, overrides_of(options), options.policies);
    const Scenario& scenario = models.scenario;
    const std::vector<Diagnostic>& warnings = models.warnings;
    const Model& model = *models.model;
    if (ranks.is_first()) {
        show_warnings(warnings);
    }

    check_extras(options, models);
    const Scenario* const known = &scenario;
    const std::optional<HeldPortfolio> held = held_portfolio(options, models, {&known, 1});
    const std::vector<std::unique_ptr<Meter>> meters = meters_of(models, held, scenario.seed);
    const std::vector<Column> columns = MeterPanel(model, meters).columns();
    RunSettings settings = run_settings(options, models, columns);
    const std::size_t worst_column =
        options.worst ? find_column(columns, parse_column_name(*options.worst))
                      : usual_worst_column(columns, held.has_value());

    const StopSignals signals;
    const TiltChoice tilt = choose_tilt(scenario,
                                        {.file = options.tilt,
                                         .is_figure_an_option = options.importance.has_value(),
                                         .quiet = options.quiet || !ranks.is_first()},
                                        model, meters, settings, signals.token());
    if (tilt.is_stopped) {
        note("stopped during the pilot: nothing kept");
        return stop_code(signals.received());
    }
    settings.tilt = tilt.tilt;
    if (is_done_already(options, scenario, held)) {
        if (ranks.is_first()) {
            confirm_done(options.out, "run");
        }
        return ExitCode::done;
    }
    if (ranks.is_first()) {
        check_effort(options, model, meters, settings, trials_here(options, settings));
    }
    const TimeLimit time_limit(options.has_no_limits ? 0 : options.max_seconds);
    if (!ranks.is_first()) {
        return run_other_rank(ranks, options, models, meters, settings, held, signals);
    }
    ResultFolder folder(options.out, options.resume  ? Overwrite::resume
                                     : options.force ? Overwrite::replace
                                                     : Overwrite::refuse);
    folder.make_last("report.html", report_page);
    const Provenance provenance = provenance_of(scenario, options.scenario, settings, warnings);
    TrialFiles trial_files(options, model, columns,
                           {.trials = settings.trials,
                            .seed = settings.seed,
                            .sampling = settings.sampling,
                            .scenario_sha256 = sha256(provenance.resolved_yaml)},
                           folder);
    trial_files.listen(settings);
    PartStore parts = part_store(options, models, settings, meters, held);
    settings.store = &parts;
    if (options.shard) {
        return run_shard(options, models, meters, settings, held, provenance, parts, signals,
                         folder);
    }
    ProgressDisplay progress(options.quiet ? ProgressStyle::none
                                           : progress_style_of_terminal());
    if (!run_own_blocks(ranks, models, meters, settings, parts, progress, signals)) {
        return ExitCode::stopped;
    }
    const RunResult result = run(model, meters, settings, progress, signals.token());
    settings = once_more(settings, result.trials);
    progress.finish();
    tell_of_parts(parts);
    if (!result.complete) {
        tell_of_stop(result, parts, folder);
        return stop_code(signals.received());
    }

    const RunContext context{.options = options,
                             .models = models,
                             .held = held,
                             .settings = settings,
                             .tilt = tilt,
                             .worst_column = worst_column,
                             .start = start};
    return keep_results(context, result, trial_files, provenance, folder, signals);
}

}  // namespace chokepoint
