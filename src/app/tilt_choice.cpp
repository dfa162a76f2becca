#include "chokepoint/app/tilt_choice.hpp"

#include "chokepoint/app/command_line.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/engine/pilot.hpp"
#include "chokepoint/engine/stop_rule.hpp"
#include "chokepoint/results/tilt_file.hpp"
#include "chokepoint/statistics/sample.hpp"
#include "chokepoint/support/diagnostic.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// Fewest plain trials that weighted ones must be worth for any figure to be trusted.
constexpr double least_effective_trials = 100;

/// Fewer trials cannot be worth enough, whatever their weights.
void check_trials(const RunSettings& settings)
{
    if (static_cast<double>(settings.trials) < least_effective_trials) {
        throw ArgumentError(
            fmt::format("importance sampling needs at least {} trials ({} are asked for)",
                        least_effective_trials, settings.trials));
    }
}

/// What a pilot run shall find laws for. \throws NameError  if that is no figure of a tail.
TailTarget target_of(const std::string& text, const std::vector<Column>& columns)
{
    const FigureName figure = parse_figure_name(text);
    const Column& column = columns[find_column(columns, figure.column)];
    for (const double level : tail_levels) {
        const std::string percent = percent_name(level);
        const bool is_of_level = figure.statistic == "es" + percent
                                 || figure.statistic == "var" + percent
                                 || figure.statistic == "p" + percent;
        if (!column.horizon && is_of_level) {
            return {.metric = column.metric,
                    .commodity = column.commodity,
                    .region = column.region,
                    .level = level};
        }
    }
    throw NameError(
        fmt::format("{} of {} is no figure of a tail (var, p or es at 90, 95, 99, 99.5 or 99.9 "
                    "of a metric that "
                    "is always finite)",
                    figure.statistic, figure.column.metric));
}

Tilt tilt_of(const std::vector<TiltEntry>& entries, const TiltKnobs& knobs)
{
    Tilt tilt{{{1 - least_plain_share, std::vector(knobs.size(), 1.0)}}};
    Diagnostics problems;
    for (const TiltEntry& entry : entries) {
        const auto known = std::ranges::find(knobs.names(), entry.name);
        if (known == knobs.names().end()) {
            problems.error(entry.factor.place, entry.factor.path,
                           "the scenario draws nothing of this name"
                               + did_you_mean(entry.name, knobs.names()));
        } else {
            tilt.components[0]
                .factors[static_cast<std::size_t>(known - knobs.names().begin())] =
                entry.factor.distribution.lower();
        }
    }
    if (problems.has_errors()) {
        throw InputError(problems.sorted());
    }
    return tilt;
}

/// Sobol' points are even only as long as nobody draws some of them more often.
void check_sampling(const Scenario& scenario)
{
    if (scenario.sampling == Sampling::sobol) {
        throw ArgumentError(
            "importance sampling needs plain sampling: Sobol' points cannot be "
            "drawn from other laws (--sampling plain, or none of --importance "
            "and --tilt)");
    }
}

std::string story_of(const Pilot& pilot, const std::string& figure, double seconds)
{
    std::string story = fmt::format("pilot: {} stages in {}; the {} is near {}",
                                    pilot.stages.size(), duration_text(seconds), figure,
                                    short_number(pilot.stages.back().value_at_risk));
    if (pilot.tilt.components.empty()) {
        return story
               + "; its tail comes mostly from what cannot be drawn more often (such as failures of "
                 "single facilities): trials are drawn plainly";
    }
    return story
           + fmt::format("; for its tail a trial tells as much as {:.1f} plain ones",
                         pilot.gain);
}

}  // namespace

std::optional<Tilt> written_tilt(const Scenario& scenario, const std::filesystem::path& file,
                                 const TiltKnobs& knobs)
{
    std::optional<Tilt> tilt;
    if (!file.empty()) {
        tilt = read_tilt_file(file, knobs);
    } else if (!scenario.tilt.empty()) {
        tilt = tilt_of(scenario.tilt, knobs);
    }
    if (!tilt || tilt->components.empty()) {
        return std::nullopt;
    }
    check_sampling(scenario);
    return tilt;
}

void check_effective_trials(const RunResult& result)
{
    if (result.weights.empty()) {
        return;
    }
    const double effective = effective_sample_size(result.weights);
    if (effective < least_effective_trials) {
        throw ArgumentError(fmt::format(
            "{} trials drawn by importance tell only as much as {:.0f} plain ones (at least {} "
            "are needed): more --trials, or none of --importance and --tilt",
            result.trials, effective, least_effective_trials));
    }
}

TiltChoice choose_tilt(const Scenario& scenario, const TiltOptions& options, const Model& model,
                       const std::vector<std::unique_ptr<Meter>>& meters,
                       const RunSettings& settings, std::stop_token stop)
{
    const TiltKnobs knobs(model);
    const std::string& figure = scenario.importance.figure;
    if (!options.file.empty() || figure.empty()) {
        const std::optional<Tilt> tilt = written_tilt(scenario, options.file, knobs);
        if (tilt) {
            check_trials(settings);
        }
        return {.was_asked_for = !options.file.empty() || !scenario.tilt.empty(), .tilt = tilt};
    }
    TailTarget target;
    try {
        target = target_of(figure, MeterPanel(model, meters).columns());
    } catch (const NameError& fault) {
        if (options.is_figure_an_option) {
            throw NameError(std::string("--importance: ") + fault.what());
        }
        Diagnostics problems;
        problems.error(scenario.importance.place, "run.importance", fault.what());
        throw InputError(problems.sorted());
    }
    check_sampling(scenario);
    check_trials(settings);
    const auto start = std::chrono::steady_clock::now();
    const Pilot pilot = find_tilt(model, meters, target,
                                  {.seed = settings.seed, .threads = settings.threads}, stop);
    if (!pilot.complete) {
        return {.was_asked_for = true, .tilt = std::nullopt, .is_stopped = true};
    }
    if (!options.quiet) {
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        note(story_of(pilot, figure, time.count()));
    }
    return {.was_asked_for = true,
            .tilt = pilot.tilt.components.empty() ? std::nullopt : std::optional(pilot.tilt)};
}

}  // namespace chokepoint
