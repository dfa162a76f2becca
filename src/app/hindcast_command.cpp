#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/replay_line.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/metrics/record_meter.hpp"
#include "chokepoint/model/observation.hpp"
#include "chokepoint/report/page.hpp"
#include "chokepoint/results/hindcast.hpp"
#include "chokepoint/results/hindcast_table.hpp"
#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/results/write_results.hpp"
#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

/// A scenario file, with the folder below --out that its results go to. One that was found in a
/// folder counts only if it has a record.
struct Input {
    fs::path file;
    fs::path results;
    bool was_found = false;
};

std::vector<Input> inputs_of(const HindcastOptions& options)
{
    std::vector<Input> inputs;
    for (const fs::path& input : options.inputs) {
        std::error_code unknown;
        if (!fs::is_directory(input, unknown)) {
            inputs.push_back({input, input.stem()});
            continue;
        }
        for (fs::path& file : scenario_files(input)) {
            fs::path results = file.lexically_relative(input).replace_extension();
            inputs.push_back({std::move(file), std::move(results), true});
        }
    }
    return inputs;
}

std::string range_text(double median, const std::array<double, 2>& range)
{
    return fmt::format("{} [{}, {}]", short_number(median), short_number(range[0]),
                       short_number(range[1]));
}

/// How many points lie in the range with a share `beyond` of the trials outside each end.
std::string count_text(std::size_t inside, double beyond, const Coverage& coverage,
                       std::uint64_t trials)
{
    return has_range(trials, beyond) ? fmt::format("{} of {}", inside, coverage.points) : "–";
}

std::string verdict(const Coverage& prices)
{
    const double ratio = prices.skill_ratio();
    if (prices.points < least_points_for_skill) {
        return "too few points";
    }
    return std::isnan(ratio) ? "not compared" : short_number(ratio);
}

TextTable score_table(const std::vector<Hindcast>& hindcasts)
{
    TextTable table({{"", Align::left},
                     {"", Align::left},
                     {"in 50 %"},
                     {"in 80 %"},
                     {"in 95 %"},
                     {"width"},
                     {"CRPS"},
                     {"no model"},
                     {"ratio"}});
    for (const Hindcast& hindcast : hindcasts) {
        std::string name = hindcast.scenario;
        const auto append = [&](const char* series, const Coverage& coverage) {
            if (coverage.points == 0) {
                return;
            }
            const bool is_price = &coverage == &hindcast.prices;
            const auto count = [&](std::size_t inside, double beyond) {
                return count_text(inside, beyond, coverage, hindcast.trials);
            };
            const std::string width =
                std::isfinite(coverage.width80) ? "x " + short_number(coverage.width80) : "–";
            table.append({name, series, count(coverage.in50, 0.25), count(coverage.in80, 0.1),
                          count(coverage.in95, 0.025), width, short_number(coverage.crps),
                          short_number(coverage.crps_no_model),
                          is_price ? verdict(coverage) : ""});
            name.clear();
        };
        append("prices", hindcast.prices);
        append("volumes", hindcast.volumes);
    }
    return table;
}

/// `2011-07`, or `2011-07 to 2011-09` of more months than one.
std::string span_text(const Date& from, const Date& until)
{
    const int months = static_cast<int>(months_between(from, until));
    const std::string first = month_label(from, 0);
    return months <= 1 ? first : first + " to " + month_label(from, months - 1);
}

/// A row that bears nothing but the name of a scenario; those below it are indented.
void append_name(const Hindcast& hindcast, TextTable& table)
{
    std::vector<std::string> cells(table.columns());
    cells.front() = hindcast.scenario;
    table.append(std::move(cells));
}

std::string indented(const std::string& name)
{
    return "  " + name;
}

TextTable peak_table(const std::vector<Hindcast>& hindcasts, const std::vector<Date>& starts)
{
    TextTable table({{"", Align::left},
                     {"", Align::left},
                     {"recorded"},
                     {"when"},
                     {"trials [80 %]"},
                     {"when [80 %]"}});
    for (std::size_t index = 0; index < hindcasts.size(); ++index) {
        if (!hindcasts[index].peaks.empty()) {
            append_name(hindcasts[index], table);
        }
        const auto month = [&](double value) {
            return std::isnan(value) ? "–"
                                     : month_label(starts[index], static_cast<int>(value));
        };
        for (const PeakScore& peak : hindcasts[index].peaks) {
            table.append(
                {indented(peak.commodity), peak.area, short_number(peak.seen),
                 span_text(peak.from, peak.until),
                 range_text(peak.height.median, peak.height.range80),
                 fmt::format("{} [{}, {}]", month(peak.month.median),
                             month(peak.month.range80[0]), month(peak.month.range80[1]))});
        }
    }
    return table;
}

TextTable gap_table(const std::vector<Hindcast>& hindcasts)
{
    TextTable table({{"", Align::left},
                     {"dear over cheap", Align::left},
                     {"when"},
                     {"recorded"},
                     {"trials [80 %]"}});
    for (const Hindcast& hindcast : hindcasts) {
        if (!hindcast.gaps.empty()) {
            append_name(hindcast, table);
        }
        for (const GapScore& gap : hindcast.gaps) {
            table.append({indented(gap.commodity), gap.dear + " / " + gap.cheap,
                          month_label(gap.from, 0), short_number(gap.seen),
                          range_text(gap.forecast.median, gap.forecast.range80)});
        }
    }
    return table;
}

/// The points of records too short for a verdict, one by one.
TextTable point_table(const std::vector<Hindcast>& hindcasts)
{
    TextTable table({{"", Align::left},
                     {"", Align::left},
                     {"from"},
                     {"recorded"},
                     {"trials [95 %]"},
                     {"", Align::left}});
    for (const Hindcast& hindcast : hindcasts) {
        bool named = false;
        for (const PointScore& score : hindcast.points) {
            const bool is_price = score.point->series == RecordSeries::price;
            if (is_price && hindcast.prices.points >= least_points_for_skill) {
                continue;
            }
            if (!named) {
                append_name(hindcast, table);
                named = true;
            }
            const std::string area =
                score.point->counterpart.empty()
                    ? score.point->region
                    : score.point->region + " / " + score.point->counterpart;
            table.append({indented(score.point->commodity), area,
                          span_text(score.point->from, score.point->until),
                          short_number(score.seen) + (is_price ? "" : " t"),
                          range_text(score.forecast.median, score.forecast.range95),
                          score.in95 || !has_range(hindcast.trials, 0.025) ? "" : "miss"});
        }
    }
    return table;
}

std::string report_text(const std::vector<Hindcast>& hindcasts, const std::vector<Date>& starts,
                        const fs::path& out)
{
    std::string text =
        "Recorded points inside the trials' central ranges; width: upper over lower end of "
        "the\n"
        "80 % range; CRPS of ln price (smaller is better), that of a random walk without a\n"
        "model, and their ratio (below 1 the model knows something). Points of one episode go\n"
        "together: they are fewer than they seem.\n\n";
    text += score_table(hindcasts).text("  ");
    if (const TextTable peaks = peak_table(hindcasts, starts); peaks.size() > 0) {
        text +=
            "\nHighest recorded prices, USD/kg, and the quoted peaks of the trials in the "
            "months of the\nrecord:\n\n"
            + peaks.text("  ");
    }
    if (const TextTable gaps = gap_table(hindcasts); gaps.size() > 0) {
        text += "\nPrices in two places at one time, ratio:\n\n" + gaps.text("  ");
    }
    if (const TextTable points = point_table(hindcasts); points.size() > 0) {
        text += fmt::format(
                    "\nVolumes, and prices of records of fewer than {} (too few to claim "
                    "skill):\n\n",
                    least_points_for_skill)
                + points.text("  ");
    }
    std::size_t left_out = 0;
    for (const Hindcast& hindcast : hindcasts) {
        left_out += hindcast.left_out.size();
    }
    if (std::ranges::any_of(hindcasts, [](const Hindcast& hindcast) {
            return !has_range(hindcast.trials, 0.025);
        })) {
        text += fmt::format(
            "\nwarning: a range with fewer than {} trials beyond each end is not given (95 %: "
            "at least 800 trials)\n",
            least_trials_beyond);
    }
    if (left_out > 0) {
        text += fmt::format("\nNot compared: {}, with the reasons in hindcast.csv.\n",
                            counted(left_out, "recorded point"));
    }
    return text + fmt::format("\nResults: {}\n", out.string());
}

/// A scenario with a record, ready to be run.
struct Episode {
    Input input;
    Scenario scenario;
    std::vector<Diagnostic> warnings;
    Model model;
};

class HindcastRunner {
public:
    explicit HindcastRunner(const HindcastOptions& options) : options_(options) {}

    ExitCode run()
    {
        // Whatever may be wrong with files or folders is found before the first trial.
        for (const Input& input : inputs_of(options_)) {
            prepare(input);
        }
        if (episodes_.empty()) {
            throw FileError("no scenario with a record (`observed`) is among the files given");
        }
        claim_folders();
        const StopSignals signals;
        for (std::size_t index = 0; index < episodes_.size(); ++index) {
            if (!options_.run.quiet) {
                note(fmt::format("{} ({} of {})", episodes_[index].model.name, index + 1,
                                 episodes_.size()));
            }
            if (!run_one(episodes_[index], folders_[index], signals)) {
                note(
                    fmt::format("stopped: {} of {} scenarios are finished; of the rest, and "
                                "for scores.csv, "
                                "nothing was written (run again with --force)",
                                index, episodes_.size()));
                return signals.received() == SIGTERM ? ExitCode::stopped
                                                     : ExitCode::interrupted;
            }
        }
        write_file(scores(), scores_csv(hindcasts_));
        put_out(report_text(hindcasts_, starts_, options_.run.out));
        return ExitCode::done;
    }

private:
    fs::path scores() const { return options_.run.out / "scores.csv"; }

    /// Refuses to lose the results of an earlier hindcast without --force.
    void claim_folders()
    {
        std::error_code error;
        const bool is_there = fs::exists(scores(), error);
        if (is_there && (!options_.run.force || fs::is_directory(scores(), error))) {
            throw OutputError(
                fmt::format("{} is there already; --force replaces it, --out DIR writes "
                            "elsewhere",
                            scores().string()));
        }
        for (const Episode& episode : episodes_) {
            folders_.emplace_back(options_.run.out / episode.input.results,
                                  options_.run.force ? Overwrite::replace : Overwrite::refuse);
            folders_.back().make_last("report.html", report_page);
        }
    }

    void prepare(const Input& input)
    {
        RunOptions options = options_.run;
        options.scenario = input.file;
        Scenario scenario = read_scenario(input.file, overrides_of(options));
        if (!scenario.observed && input.was_found) {
            return;
        }
        if (!scenario.observed) {
            Diagnostics problems;
            problems.error({input.file.string(), 1, 1}, "observed",
                           "is missing (a hindcast needs the record that the run is compared "
                           "with)");
            throw InputError(problems.sorted());
        }
        for (const Episode& other : episodes_) {
            if (other.input.results == input.results) {
                throw OutputError(
                    fmt::format("{} and {} would have their results in one folder",
                                other.input.file.string(), input.file.string()));
            }
        }
        std::vector<Diagnostic> warnings = scenario.warnings;
        Model model = build_model(scenario, warnings);
        show_warnings(warnings);
        episodes_.push_back(
            {input, std::move(scenario), std::move(warnings), std::move(model)});
    }

    /// False if it was stopped.
    bool run_one(const Episode& episode, ResultFolder& folder, const StopSignals& signals)
    {
        const auto start = std::chrono::steady_clock::now();
        ProgressDisplay progress(options_.run.quiet ? ProgressStyle::none
                                                    : progress_style_of_terminal());
        RunSettings settings = settings_of(episode.scenario, options_.run.threads);
        settings.memory = options_.run.memory;
        const Observations observations = observations_of(episode.scenario, episode.model);
        RunResult result = run_episode(episode, observations, settings, progress, signals);
        progress.finish();
        if (!result.complete) {
            return false;
        }
        const Hindcast hindcast = score_hindcast(episode.scenario, episode.model, observations,
                                                 settings.seed, result);
        Provenance provenance =
            provenance_of(episode.scenario, episode.input.file, settings, episode.warnings);
        provenance.command = "hindcast";
        const RunReport report = report_of(episode.model, result, provenance);
        provenance.wall_seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        // No scores may stand beside results that they are not of.
        std::error_code error;
        fs::remove(scores(), error);
        write_results(episode.model, report, provenance, folder,
                      {{"hindcast.csv", hindcast_csv(hindcast)}});
        if (hindcast.points.empty()) {
            note(fmt::format(
                "warning: nothing of the record of {} is compared{}", episode.model.name,
                hindcast.left_out.empty()
                    ? " (it has no rows)"
                    : fmt::format(" (e.g. a point {})", hindcast.left_out.front().reason)));
        }
        hindcasts_.push_back(hindcast);
        starts_.push_back(episode.model.start);
        return true;
    }

    /// The run, its record measured too; a fault of ours comes with the line that repeats it.
    RunResult run_episode(const Episode& episode, const Observations& observations,
                          const RunSettings& settings, ProgressDisplay& progress,
                          const StopSignals& signals) const
    {
        std::vector<std::unique_ptr<Meter>> meters = all_meters(episode.model);
        meters.push_back(make_record_meter(episode.model, observations.compared));
        try {
            return chokepoint::run(episode.model, meters, settings, progress, signals.token());
        } catch (const TrialError& error) {
            RunOptions repeat = options_.run;
            repeat.scenario = episode.input.file;
            throw std::logic_error(fmt::format("{}\n  repeat it with: {}", error.what(),
                                               replay_line(repeat, error.key())));
        }
    }

    const HindcastOptions& options_;
    std::vector<Episode> episodes_;
    std::vector<ResultFolder> folders_;  ///< Of each episode.
    std::vector<Hindcast> hindcasts_;    ///< Their points lie in the episodes' scenarios.
    std::vector<Date> starts_;
};

}  // namespace

ExitCode hindcast_command(const HindcastOptions& options)
{
    return HindcastRunner(options).run();
}

}  // namespace chokepoint
