#include "chokepoint/app/experiment_run.hpp"

#include "chokepoint/app/effort.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/resumable.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/metrics/policy_cost_meter.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/support/version.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

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

/// Settings of the trials of a scenario at work.
RunSettings settings_of_models(const ScenarioModels& models, const RunOptions& options)
{
    RunSettings settings = settings_of(models.scenario, options.threads);
    settings.memory = options.memory;
    settings.calm = models.calm();
    settings.keeps_bands = false;  // figures are of whole trials
    return settings;
}

PointJournal::Value value_of(const std::optional<ColumnSummary>& summary,
                             const FigureName& figure)
{
    const Figure* found = summary ? summary->find(figure.statistic) : nullptr;
    return found == nullptr ? PointJournal::Value{}
                            : PointJournal::Value{found->estimate, found->n};
}

/// \throws NameError  if points of so many trials would have no such figure.
void check_enough_trials(const Column& column, const std::string& statistic,
                         std::uint64_t trials)
{
    constexpr std::uint64_t enough_for_all = 100'000;
    if (trials >= enough_for_all) {
        return;
    }
    std::vector<double> values(trials);
    std::iota(values.begin(), values.end(), 0.0);
    if (std::isnan(summarise_column(column, values).figure(statistic).estimate.value)) {
        throw NameError(fmt::format(
            "{} of {}: a point's {} leave too few in the tail for a figure (20 at least): take "
            "more (key trials, or --trials)",
            statistic, column.metric, counted(trials, "trial")));
    }
}

}  // namespace

ExperimentRun::ExperimentRun(Experiment experiment, const ExperimentOptions& options)
    : experiment_(std::move(experiment)), options_(options), parsed_(experiment_.base)
{
    options_.run.scenario = experiment_.base;
    if (!options_.run.trials) {
        options_.run.trials = experiment_.trials;
    }
    check_figures();
    base_ = read_models(parsed_, overrides_of(options_.run), experiment_.policies);
    if (!base_.scenario.importance.figure.empty() || !base_.scenario.tilt.empty()) {
        throw NameError(
            "experiments draw trials plainly: the base scenario must have "
            "neither run.importance nor run.tilt");
    }
    if (!experiment_.portfolio.empty()) {
        const Scenario* const known = &base_.scenario;
        portfolio_ = read_portfolio(experiment_.portfolio, {&known, 1});
    }
    known_columns_ = columns_of(base_);
    check_overrides();
    check_inputs();
    check_columns();
    table_.experiment = &experiment_;
}

std::optional<HeldPortfolio> ExperimentRun::held_in(const ScenarioModels& models) const
{
    return portfolio_ ? std::optional<HeldPortfolio>(std::in_place, *portfolio_, models)
                      : std::nullopt;
}

std::vector<Column> ExperimentRun::columns_of(const ScenarioModels& models) const
{
    const std::optional<HeldPortfolio> held = held_in(models);
    return MeterPanel(*models.model, meters_of(models, held, models.scenario.seed)).columns();
}

std::uint64_t ExperimentRun::runs() const
{
    return points_of(experiment_) * experiment_.replicates;
}

std::uint64_t ExperimentRun::trials() const
{
    return static_cast<std::uint64_t>(base_.scenario.trials);
}

void ExperimentRun::check_points()
{
    constexpr std::uint64_t most = 1'000'000;
    if (runs() > most) {
        throw LimitError(
            fmt::format("the design has {} points: more than {} are no "
                        "experiment",
                        points_of(experiment_), most));
    }
    const std::optional<HeldPortfolio> held = held_in(base_);
    const std::vector<std::unique_ptr<Meter>> meters =
        meters_of(base_, held, base_.scenario.seed);
    check_effort(options_.run, *base_.model, meters, settings_of_models(base_, options_.run),
                 trials(), runs());
    table_.design = make_design(experiment_);
}

ExperimentPoint ExperimentRun::point(std::uint64_t place) const
{
    ExperimentPoint point{.models = models_at(place), .settings = {}, .key = {}};
    point.settings = settings_of_models(point.models, options_.run);
    point.key = key_of(point.models, point.settings);
    return point;
}

bool ExperimentRun::run_all(PointJournal& journal, Progress& display, std::stop_token stop)
{
    WholeProgress progress(display, runs(), trials());
    for (std::uint64_t place = 0; place < runs(); ++place) {
        table_.seeds.push_back(seed_of(place));
        const ExperimentPoint point = this->point(place);
        if (const auto* known = journal.find(point.key)) {
            progress.skip();
            table_.values.push_back(*known);
            continue;
        }
        const Model& model = *point.models.model;
        const std::optional<HeldPortfolio> held = held_in(point.models);
        const RunResult result = run(model, meters_of(point.models, held, point.settings.seed),
                                     point.settings, progress, stop);
        if (!result.complete) {
            return false;
        }
        progress.finish_run();
        table_.values.push_back(values_of(result));
        journal.add(point.key, table_.values.back());
    }
    table_.sensitivities = sensitivities(experiment_, table_.design, outputs_of(table_));
    return true;
}

void ExperimentRun::check_figures()
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

void ExperimentRun::check_overrides() const
{
    for (const std::string& assignment : options_.run.overrides) {
        const std::string key = assignment.substr(0, assignment.find('='));
        for (const VariedInput& input : experiment_.inputs) {
            if (std::ranges::find(input.paths, key) != input.paths.end()) {
                throw NameError(fmt::format("--set {}: the experiment varies this key ({})",
                                            assignment, input.name));
            }
        }
    }
}

void ExperimentRun::check_columns()
{
    Diagnostics problems;
    problems.add_source(options_.file.string(), experiment_.text);
    for (const FigureName& figure : table_.figures) {
        try {
            const Column& column = known_columns_[find_column(known_columns_, figure.column)];
            table_.units.push_back(column.unit);
            // Enough values for every figure of the column to have its name.
            std::vector<double> values(256);
            for (std::size_t place = 0; place < values.size(); ++place) {
                values[place] = static_cast<double>(place);
            }
            const ColumnSummary summary = summarise_column(column, values);
            if (summary.find(figure.statistic) == nullptr) {
                std::vector<std::string> known;
                std::ranges::transform(summary.figures, std::back_inserter(known),
                                       &Figure::statistic);
                throw NameError(fmt::format("{} has no statistic \"{}\" (there are {})",
                                            figure.column.metric, figure.statistic,
                                            fmt::join(known, ", ")));
            }
            check_enough_trials(column, figure.statistic, trials());
        } catch (const NameError& error) {
            problems.error(experiment_.place_of_metrics, "metrics", error.what());
        }
    }
    if (problems.has_errors()) {
        throw InputError(problems.sorted());
    }
}

/// Reads the scenario with each input at its ends, or at each value of a list.
void ExperimentRun::check_inputs()
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
                    read_models(parsed_, overrides, policies_with(input, u));
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

std::vector<std::filesystem::path> ExperimentRun::policies_with(const VariedInput& input,
                                                                double u) const
{
    std::vector<std::filesystem::path> policies = experiment_.policies;
    const auto more = input.policies_at(u);
    policies.insert(policies.end(), more.begin(), more.end());
    return policies;
}

std::uint64_t ExperimentRun::seed_of(std::uint64_t place) const
{
    const std::uint64_t replicate = place % experiment_.replicates;
    return base_.scenario.seed + (experiment_.has_common_numbers ? replicate : place);
}

ScenarioModels ExperimentRun::models_at(std::uint64_t place) const
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
    return read_models(parsed_, overrides_of(options), policies);
}

std::string ExperimentRun::key_of(const ScenarioModels& models,
                                  const RunSettings& settings) const
{
    const PartKey key = part_key(models, settings, portfolio_yaml());
    const BuildInfo info = build_info();
    return sha256(fmt::format("{} {} {} {} {} {}", info.version, info.commit,
                              key.scenario_sha256, key.settings_sha256, settings.memory,
                              fmt::join(experiment_.metrics, " ")));
}

std::vector<PointJournal::Value> ExperimentRun::values_of(const RunResult& result) const
{
    std::vector<PointJournal::Value> values;
    RankTable ranks;
    for (const FigureName& figure : table_.figures) {
        values.push_back(value_of(summary_of(result, figure.column, ranks), figure));
    }
    return values;
}

/// Nothing where a point has no such column. Costs are 0 without a policy.
std::optional<ColumnSummary> ExperimentRun::summary_of(const RunResult& result,
                                                       const ColumnName& name,
                                                       RankTable& ranks) const
{
    const auto column = std::ranges::find_if(result.columns, [&](const Column& of) {
        return of.is_metric() && of.metric == name.metric && of.commodity == name.commodity
               && of.region == name.region;
    });
    if (column != result.columns.end()) {
        const auto position = static_cast<std::size_t>(column - result.columns.begin());
        return summarise_column(column_trials(result, position), ranks);
    }
    if (is_policy_cost(name.metric)) {
        const std::vector<double> zeros(result.values.front().size());
        return summarise_column(known_columns_[find_column(known_columns_, name)], zeros);
    }
    return std::nullopt;
}

}  // namespace chokepoint
