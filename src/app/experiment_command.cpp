#include "chokepoint/app/commands.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/effort.hpp"
#include "chokepoint/app/experiment_run.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/resumable.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/report/page.hpp"
#include "chokepoint/results/experiment_files.hpp"
#include "chokepoint/results/portfolio_files.hpp"
#include "chokepoint/results/write_results.hpp"
#include "chokepoint/statistics/sensitivity.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace chokepoint {
namespace {

std::string figure_text(const FigureName& figure)
{
    return fmt::format("{} of {} ({}, {})", figure.statistic, figure.column.metric,
                       figure.column.commodity, figure.column.region);
}

/// By figure how inputs matter, or between which values it lies.
std::string experiment_text(const ExperimentTable& table, const std::string& folder,
                            std::uint64_t trials)
{
    const Experiment& experiment = *table.experiment;
    std::string text = fmt::format(
        "{}: {} of {}, {}{}\n", experiment.name, counted(table.design.points.size(), "point"),
        design_name(experiment.design), counted(trials, "trial"),
        experiment.replicates > 1 ? fmt::format(", {} replicates", experiment.replicates) : "");
    const std::vector<std::vector<double>> outputs = outputs_of(table);
    for (std::size_t figure = 0; figure < table.figures.size(); ++figure) {
        const auto [least, most] =
            std::minmax_element(outputs[figure].begin(), outputs[figure].end());
        text += fmt::format("\n{}, {}: {} (point {}) to {} (point {})\n",
                            figure_text(table.figures[figure]), table.units[figure],
                            short_number(*least), least - outputs[figure].begin(),
                            short_number(*most), most - outputs[figure].begin());
        TextTable rows({{"input", Align::left}, {"", Align::left}, {"value"}, {"95 %"}});
        bool has_rows = false, has_gaps = false;
        for (const Sensitivity& one : table.sensitivities) {
            if (one.figure == figure) {
                has_rows = true;
                has_gaps = has_gaps || std::isnan(one.estimate.value);
                rows.append({one.input, one.index, short_number(one.estimate.value),
                             std::isnan(one.estimate.lower)
                                 ? ""
                                 : fmt::format("[{}, {}]", short_number(one.estimate.lower),
                                               short_number(one.estimate.upper))});
            }
        }
        text += has_rows ? "\n" + rows.text("  ") : "";
        text += has_gaps
                    ? fmt::format("–: too few points (a rank correlation takes {}, Sobol' "
                                  "indices {}), or all are alike\n",
                                  least_ranked_pairs, least_index_rows)
                    : "";
    }
    return text + fmt::format("\nResults: {}\n", folder);
}

}  // namespace

ExitCode experiment_command(const ExperimentOptions& options)
{
    const auto start = std::chrono::steady_clock::now();
    ExperimentRun experiment(read_experiment(options.file), options);
    const std::string portfolio = experiment.portfolio_yaml();
    const std::filesystem::path& out = options.run.out;
    RunSettings settings = settings_of(experiment.base().scenario, options.run.threads);
    settings.memory = options.run.memory;
    Provenance provenance = provenance_of(experiment.base().scenario, options.file, settings,
                                          experiment.base().warnings);
    const std::string base_yaml = provenance.resolved_yaml;
    provenance.command = "experiment";
    provenance.resolved_yaml += "\n# experiment\n" + experiment.experiment().text;
    show_warnings(experiment.base().warnings);
    if (options.run.resume && finished_scenario_sha256(out) == sha256(provenance.resolved_yaml)
        && finished_file_sha256(out, portfolio_file_name)
               == (portfolio.empty() ? "" : sha256(portfolio))) {
        confirm_done(out, "experiment");
        return ExitCode::done;
    }
    experiment.check_points();
    PointJournal journal;
    journal.read(out / points_file_name);
    journal.read(out / parts_name / points_file_name);
    ResultFolder folder(out, options.run.resume  ? Overwrite::resume
                             : options.run.force ? Overwrite::replace
                                                 : Overwrite::refuse);
    folder.make_last("report.html", report_page);
    journal.grow(out / parts_name / points_file_name);
    const std::size_t known = journal.size();
    if (known > 0) {
        note(fmt::format("{} computed before are there to be reused", counted(known, "point")));
    }
    const StopSignals signals;
    const TimeLimit time_limit(options.run.has_no_limits ? 0 : options.run.max_seconds);
    ProgressDisplay display(options.run.quiet ? ProgressStyle::none
                                              : progress_style_of_terminal());
    const bool is_complete = experiment.run_all(journal, display, signals.token());
    display.finish();
    if (!is_complete) {
        note(fmt::format("stopped: {} are kept in {}; go on with --resume",
                         counted(journal.size(), "point"), (out / parts_name).string()));
        return signals.received() == SIGTERM ? ExitCode::stopped : ExitCode::interrupted;
    }
    const ExperimentTable& table = experiment.table();
    const std::shared_ptr<const void> nc = write_experiment_nc(out / "experiment.nc", table);
    folder.write("scenario.resolved.yaml", base_yaml);
    if (!provenance.record.empty()) {
        folder.write(record_file_name, provenance.record);
    }
    if (!portfolio.empty()) {
        folder.write(portfolio_file_name, portfolio);
    }
    folder.write("experiment.yaml", experiment.experiment().text);
    folder.write("design.csv", design_csv(table));
    folder.write("experiment.csv", experiment_csv(table));
    if (!table.sensitivities.empty()) {
        folder.write(sensitivity_file_name,
                     sensitivity_csv(table.sensitivities, table.figures, table.units));
    }
    folder.write(points_file_name, journal.text());
    folder.adopt("experiment.nc");
    provenance.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    finish_folder(*experiment.base().model, experiment.trials(), provenance, folder);
    put_out(experiment_text(table, out.string(), experiment.trials()));
    return ExitCode::done;
}

}  // namespace chokepoint
