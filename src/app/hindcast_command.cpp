#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/replay_line.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/engine/hindcast.hpp"
#include "chokepoint/results/hindcast_table.hpp"
#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/results/write_results.hpp"
#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

/// A scenario file; `asked_for` by name, not found in a folder.
struct Input {
    fs::path file;
    bool asked_for = true;
};

std::vector<Input> inputs_of(const HindcastOptions& options)
{
    std::vector<Input> inputs;
    for (const fs::path& input : options.inputs) {
        std::error_code error;
        if (!fs::is_directory(input, error)) {
            inputs.push_back({input});
            continue;
        }
        std::vector<fs::path> files;
        for (const fs::directory_entry& entry : fs::directory_iterator(input, error)) {
            if (entry.path().extension() == ".yaml") {
                files.push_back(entry.path());
            }
        }
        if (error) {
            throw FileError(
                fmt::format("{}: cannot be opened ({})", input.string(), error.message()));
        }
        std::ranges::sort(files);
        for (fs::path& file : files) {
            inputs.push_back({std::move(file), false});
        }
    }
    return inputs;
}

std::string range_text(double median, const std::array<double, 2>& range)
{
    return fmt::format("{} [{}, {}]", short_number(median), short_number(range[0]),
                       short_number(range[1]));
}

std::string count_text(std::size_t inside, const Coverage& coverage)
{
    return fmt::format("{} of {}", inside, coverage.points);
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
            table.append(
                {name, series, count_text(coverage.in50, coverage),
                 count_text(coverage.in80, coverage), count_text(coverage.in95, coverage),
                 "x " + short_number(coverage.width80), short_number(coverage.crps),
                 short_number(coverage.crps_no_model), is_price ? verdict(coverage) : ""});
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
            return month_label(starts[index], static_cast<int>(value));
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
                          score.in95 ? "" : "miss"});
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
    if (left_out > 0) {
        text += fmt::format("\nNot compared: {}, with the reasons in hindcast.csv.\n",
                            counted(left_out, "recorded point"));
    }
    return text + fmt::format("\nResults: {}\n", out.string());
}

class HindcastRunner {
public:
    explicit HindcastRunner(const HindcastOptions& options) : options_(options) {}

    ExitCode run()
    {
        for (const Input& input : inputs_of(options_)) {
            read(input);
        }
        if (scenarios_.empty()) {
            throw FileError("no scenario with a record (`observed`) is among the files given");
        }
        claim_scores();
        const StopSignals signals;
        for (std::size_t index = 0; index < scenarios_.size(); ++index) {
            if (!run_one(index, signals)) {
                note(fmt::format(
                    "stopped: {} of {} scenarios are finished; the rest, and scores.csv, are "
                    "not there (run again with --force)",
                    index, scenarios_.size()));
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

    /// Refuses to lose the scores of an earlier hindcast; with --force removes them, so that
    /// none stand beside results that they are not of.
    void claim_scores() const
    {
        std::error_code error;
        if (!fs::exists(scores(), error)) {
            return;
        }
        if (!options_.run.force || fs::is_directory(scores(), error)) {
            throw OutputError(
                fmt::format("{} is there already; --force replaces it, --out DIR writes "
                            "elsewhere",
                            scores().string()));
        }
        fs::remove(scores(), error);
    }

    void read(const Input& input)
    {
        RunOptions options = options_.run;
        options.scenario = input.file;
        Scenario scenario = read_scenario(input.file, overrides_of(options));
        if (!scenario.observed) {
            if (input.asked_for) {
                Diagnostics problems;
                problems.error({input.file.string(), 1, 1}, "observed",
                               "is missing (a hindcast needs the record that the run is "
                               "compared with)");
                throw InputError(problems.sorted());
            }
            return;
        }
        const fs::path stem = input.file.stem();
        if (std::ranges::find(stems_, stem) != stems_.end()) {
            throw OutputError(
                fmt::format("two scenarios are called {}: their results would "
                            "lie in one folder",
                            stem.string()));
        }
        stems_.push_back(stem);
        files_.push_back(input.file);
        scenarios_.push_back(std::move(scenario));
    }

    /// False if it was stopped.
    bool run_one(std::size_t index, const StopSignals& signals)
    {
        const auto start = std::chrono::steady_clock::now();
        const Scenario& scenario = scenarios_[index];
        std::vector<Diagnostic> warnings = scenario.warnings;
        const Model model = build_model(scenario, warnings);
        show_warnings(warnings);
        ResultFolder folder(options_.run.out / stems_[index],
                            options_.run.force ? Overwrite::replace : Overwrite::refuse);
        if (!options_.run.quiet) {
            note(fmt::format("{} ({} of {})", model.name, index + 1, scenarios_.size()));
        }
        ProgressDisplay progress(options_.run.quiet ? ProgressStyle::none
                                                    : progress_style_of_terminal());
        const RunSettings settings{.seed = scenario.seed,
                                   .trials = static_cast<std::uint64_t>(scenario.trials),
                                   .sampling = scenario.sampling,
                                   .threads = options_.run.threads};
        RunResult result;
        Hindcast hindcast = hindcast_of(index, model, settings, progress, signals, result);
        progress.finish();
        if (!result.complete) {
            return false;
        }
        Provenance provenance{.scenario_file = files_[index].string(),
                              .resolved_yaml = scenario.resolved_yaml,
                              .record = scenario.observed->text,
                              .command = "hindcast",
                              .seed = settings.seed,
                              .threads = settings.threads,
                              .warnings = short_texts(warnings)};
        const RunReport report = report_of(model, result, provenance);
        provenance.wall_seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        write_results(model, report, provenance, folder,
                      {{"hindcast.csv", hindcast_csv(hindcast)}});
        if (hindcast.points.empty()) {
            note(fmt::format(
                "warning: nothing of the record of {} is compared{}", model.name,
                hindcast.left_out.empty()
                    ? " (it has no rows)"
                    : fmt::format(" (e.g. a point {})", hindcast.left_out.front().reason)));
        }
        hindcasts_.push_back(std::move(hindcast));
        starts_.push_back(model.start);
        return true;
    }

    /// The hindcast; a fault of ours comes with the line that repeats it.
    Hindcast hindcast_of(std::size_t index, const Model& model, const RunSettings& settings,
                         ProgressDisplay& progress, const StopSignals& signals,
                         RunResult& result) const
    {
        try {
            return run_hindcast(scenarios_[index], model, settings, progress, signals.token(),
                                result);
        } catch (const TrialError& error) {
            RunOptions repeat = options_.run;
            repeat.scenario = files_[index];
            throw std::logic_error(fmt::format("{}\n  repeat it with: {}", error.what(),
                                               replay_line(repeat, error.key())));
        }
    }

    const HindcastOptions& options_;
    std::vector<fs::path> stems_, files_;
    std::vector<Scenario> scenarios_;
    std::vector<Hindcast> hindcasts_;
    std::vector<Date> starts_;
};

}  // namespace

ExitCode hindcast_command(const HindcastOptions& options)
{
    return HindcastRunner(options).run();
}

}  // namespace chokepoint
