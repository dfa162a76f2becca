#include "chokepoint/app/commands.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/effort.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/resumable.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/report/page.hpp"
#include "chokepoint/results/experiment_files.hpp"
#include "chokepoint/results/write_results.hpp"
#include "chokepoint/support/version.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chokepoint {
namespace {

/// How far the whole experiment is.
class WholeProgress : public Progress {
public:
    WholeProgress(Progress& display, std::uint64_t runs, std::uint64_t trials)
        : display_(display), total_(runs * trials), trials_(trials)
    {}
    void advance(std::uint64_t done, std::uint64_t) override
    {
        display_.advance(before_ + done, total_);
    }
    void finish_run() { before_ += trials_; }
    /// One that need not be run.
    void skip() { total_ -= trials_; }

private:
    Progress& display_;
    std::uint64_t total_, trials_, before_ = 0;
};

/// An experiment at work.
class ExperimentRun {
public:
    ExperimentRun(Experiment experiment, const ExperimentOptions& options)
        : experiment_(std::move(experiment)), options_(options)
    {
        options_.run.scenario = experiment_.base;
        if (!options_.run.trials) {
            options_.run.trials = experiment_.trials;
        }
        check_figures();
        base_ = read_models(experiment_.base, overrides_of(options_.run), experiment_.policies);
        if (!base_.scenario.importance.figure.empty() || !base_.scenario.tilt.empty()) {
            throw NameError(
                "experiments draw trials plainly: the base scenario must have "
                "neither run.importance nor run.tilt");
        }
        known_columns_ = columns_of(base_);
        check_inputs();
        check_columns();
        table_.experiment = &experiment_;
    }

    const Experiment& experiment() const { return experiment_; }
    const ScenarioModels& base() const { return base_; }
    ExperimentTable& table() { return table_; }
    std::uint64_t runs() const { return points_of(experiment_) * experiment_.replicates; }
    std::uint64_t trials() const { return static_cast<std::uint64_t>(base_.scenario.trials); }

    void check_points()
    {
        constexpr std::uint64_t most = 1'000'000;
        if (runs() > most) {
            throw LimitError(
                fmt::format("the design has {} points: more than {} are no "
                            "experiment",
                            points_of(experiment_), most));
        }
        const std::vector<std::unique_ptr<Meter>> meters = all_meters(*base_.model);
        check_effort(options_.run, *base_.model, meters, settings_of_base(), trials(), runs());
        table_.design = make_design(experiment_);
    }

    /// Computes all points that the journal does not know. \returns False if stopped.
    bool run_all(PointJournal& journal, Progress& display, const StopSignals& signals)
    {
        WholeProgress progress(display, runs(), trials());
        for (std::uint64_t place = 0; place < runs(); ++place) {
            table_.seeds.push_back(seed_of(place));
            const ScenarioModels models = models_at(place);
            RunSettings settings = settings_of(models.scenario, options_.run.threads);
            settings.memory = options_.run.memory;
            settings.calm = models.calm();
            const std::string key = key_of(models, settings);
            if (const auto* known = journal.find(key)) {
                progress.skip();
                table_.values.push_back(*known);
                continue;
            }
            const std::vector<std::unique_ptr<Meter>> meters = all_meters(*models.model);
            const RunResult result =
                run(*models.model, meters, settings, progress, signals.token());
            if (!result.complete) {
                return false;
            }
            progress.finish_run();
            table_.values.push_back(values_of(result));
            journal.add(key, table_.values.back());
        }
        table_.sensitivities = sensitivities(experiment_, table_.design, outputs_of(table_));
        return true;
    }

private:
    static std::vector<Column> columns_of(const ScenarioModels& models)
    {
        return MeterPanel(*models.model, all_meters(*models.model)).columns();
    }

    RunSettings settings_of_base() const
    {
        RunSettings settings = settings_of(base_.scenario, options_.run.threads);
        settings.calm = base_.calm();
        return settings;
    }

    void check_figures()
    {
        Diagnostics problems;
        problems.add_source(options_.file.string(), experiment_.text);
        for (const std::string& text : experiment_.metrics) {
            try {
                table_.figures.push_back(parse_figure_name(text));
            } catch (const NameError& error) {
                problems.error(experiment_.place_of_metrics, "metrics", error.what());
            }
        }
        if (problems.has_errors()) {
            throw InputError(problems.sorted());
        }
    }

    void check_columns()
    {
        Diagnostics problems;
        problems.add_source(options_.file.string(), experiment_.text);
        for (const FigureName& figure : table_.figures) {
            try {
                const Column& column =
                    known_columns_[find_column(known_columns_, figure.column)];
                table_.units.push_back(column.unit);
                // Enough values for every figure of the column to have its name.
                std::vector<double> values(256);
                for (std::size_t place = 0; place < values.size(); ++place) {
                    values[place] = static_cast<double>(place);
                }
                if (summarise_column(column, values).find(figure.statistic) == nullptr) {
                    throw NameError(fmt::format("{} has no statistic \"{}\"",
                                                figure.column.metric, figure.statistic));
                }
            } catch (const NameError& error) {
                problems.error(experiment_.place_of_metrics, "metrics", error.what());
            }
        }
        if (problems.has_errors()) {
            throw InputError(problems.sorted());
        }
    }

    /// Reads the scenario with each input at its ends, or at each value of a list.
    void check_inputs()
    {
        Diagnostics problems;
        problems.add_source(options_.file.string(), experiment_.text);
        constexpr double tail = 0.05;
        for (const VariedInput& input : experiment_.inputs) {
            std::vector<double> places = {tail, 1 - tail};
            if (std::holds_alternative<ValueRange>(input.values)) {
                places = {0, 1};
            } else if (!input.is_continuous()) {
                places.clear();
                for (std::size_t step = 0; step < input.steps(); ++step) {
                    places.push_back((static_cast<double>(step) + 0.5)
                                     / static_cast<double>(input.steps()));
                }
            }
            for (const double u : places) {
                try {
                    std::vector<std::string> overrides = overrides_of(options_.run);
                    for (std::string& text : input.overrides_at(u)) {
                        overrides.push_back(std::move(text));
                    }
                    const ScenarioModels models =
                        read_models(experiment_.base, overrides, policies_with(input, u));
                    if (!input.policies_at(u).empty()) {
                        const std::vector<Column> more = columns_of(models);
                        known_columns_.insert(known_columns_.end(), more.begin(), more.end());
                    }
                } catch (const InputError& error) {
                    const Diagnostic& first = error.problems().front();
                    problems.error(input.place, "vary." + input.name,
                                   fmt::format("{} cannot be run: {}: {}", input.label_at(u),
                                               first.key_path, first.problem));
                } catch (const FileError& error) {
                    problems.error(input.place, "vary." + input.name, error.what());
                }
            }
        }
        if (problems.has_errors()) {
            throw InputError(problems.sorted());
        }
    }

    std::vector<std::filesystem::path> policies_with(const VariedInput& input, double u) const
    {
        std::vector<std::filesystem::path> policies = experiment_.policies;
        const auto more = input.policies_at(u);
        policies.insert(policies.end(), more.begin(), more.end());
        return policies;
    }

    std::uint64_t seed_of(std::uint64_t place) const
    {
        const std::uint64_t replicate = place % experiment_.replicates;
        return base_.scenario.seed + (experiment_.has_common_numbers ? replicate : place);
    }

    ScenarioModels models_at(std::uint64_t place) const
    {
        const std::vector<double>& point = table_.design.points[place / experiment_.replicates];
        RunOptions options = options_.run;
        options.seed = seed_of(place);
        std::vector<std::filesystem::path> policies = experiment_.policies;
        for (std::size_t position = 0; position < point.size(); ++position) {
            const VariedInput& input = experiment_.inputs[position];
            if (std::isnan(point[position])) {
                continue;
            }
            for (std::string& text : input.overrides_at(point[position])) {
                options.overrides.push_back(std::move(text));
            }
            const auto more = input.policies_at(point[position]);
            policies.insert(policies.end(), more.begin(), more.end());
        }
        return read_models(experiment_.base, overrides_of(options), policies);
    }

    /// All that the figures of a point depend on.
    std::string key_of(const ScenarioModels& models, const RunSettings& settings) const
    {
        const PartKey key = part_key(models, settings);
        const BuildInfo info = build_info();
        return sha256(fmt::format("{} {} {} {} {} {}", info.version, info.commit,
                                  key.scenario_sha256, key.settings_sha256, settings.memory,
                                  fmt::join(experiment_.metrics, " ")));
    }

    std::vector<PointJournal::Value> values_of(const RunResult& result) const
    {
        std::vector<PointJournal::Value> values;
        RankTable ranks;
        for (const FigureName& figure : table_.figures) {
            values.push_back(value_of(result, figure, ranks));
        }
        return values;
    }

    /// Nothing where a point has no such figure: costs, without a policy.
    static PointJournal::Value value_of(const RunResult& result, const FigureName& figure,
                                        RankTable& ranks)
    {
        const auto column = std::ranges::find_if(result.columns, [&](const Column& of) {
            return of.is_metric() && of.metric == figure.column.metric
                   && of.commodity == figure.column.commodity
                   && of.region == figure.column.region;
        });
        if (column == result.columns.end()) {
            return {};
        }
        const auto position = static_cast<std::size_t>(column - result.columns.begin());
        const ColumnSummary summary = summarise_column(column_trials(result, position), ranks);
        const Figure* found = summary.find(figure.statistic);
        return found == nullptr ? PointJournal::Value{}
                                : PointJournal::Value{found->estimate, found->n};
    }

    Experiment experiment_;
    ExperimentOptions options_;
    std::vector<Column> known_columns_;  ///< Of the base, and of it with policies.
    ScenarioModels base_;
    ExperimentTable table_;
};

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
        bool has_rows = false;
        for (const Sensitivity& one : table.sensitivities) {
            if (one.figure == figure) {
                has_rows = true;
                rows.append({one.input, one.index, short_number(one.estimate.value),
                             std::isnan(one.estimate.lower)
                                 ? ""
                                 : fmt::format("[{}, {}]", short_number(one.estimate.lower),
                                               short_number(one.estimate.upper))});
            }
        }
        text += has_rows ? "\n" + rows.text("  ") : "";
    }
    return text + fmt::format("\nResults: {}\n", folder);
}

}  // namespace

ExitCode experiment_command(const ExperimentOptions& options)
{
    const auto start = std::chrono::steady_clock::now();
    ExperimentRun experiment(read_experiment(options.file), options);
    const std::filesystem::path& out = options.run.out;
    RunSettings settings = settings_of(experiment.base().scenario, options.run.threads);
    settings.memory = options.run.memory;
    Provenance provenance = provenance_of(experiment.base().scenario, options.file, settings,
                                          experiment.base().warnings);
    const std::string base_yaml = provenance.resolved_yaml;
    provenance.command = "experiment";
    provenance.resolved_yaml += "\n# experiment\n" + experiment.experiment().text;
    show_warnings(experiment.base().warnings);
    if (options.run.resume
        && finished_scenario_sha256(out) == sha256(provenance.resolved_yaml)) {
        remove_parts(out);
        note(fmt::format("{} holds the finished results of this experiment: nothing left to do",
                         out.string()));
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
    const bool is_complete = experiment.run_all(journal, display, signals);
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
    folder.write("experiment.yaml", experiment.experiment().text);
    folder.write("design.csv", design_csv(table));
    folder.write("experiment.csv", experiment_csv(table));
    if (!table.sensitivities.empty()) {
        folder.write("sensitivity.csv", sensitivity_csv(table));
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
