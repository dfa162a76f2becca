#include "chokepoint/results/diff.hpp"

#include "chokepoint/results/tilt_file.hpp"
#include "chokepoint/statistics/false_discovery.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr const char* scenario_file = "scenario.resolved.yaml";
constexpr const char* record_file = "record.csv";

/// Quantiles of whole months give z in whole multiples of the interval's own z: a bound rounded
/// up keeps them from falling to either side by their last bit.
constexpr double outside_z = 1.96;

/// Relative error of a figure that is rounding and nothing else.
constexpr double rounding = 1e-12;

/// Half the width of an interval on the side towards another figure; NaN if it has no bound
/// there. Of whole months, say, a quantile may coincide with its bound: then it is the half on
/// the other side, since what shows there is a lump and no certainty.
double half_width_towards(double other, const Estimate& estimate)
{
    const double above = estimate.upper - estimate.value;
    const double below = estimate.value - estimate.lower;
    const double facing = other > estimate.value ? above : below;
    const double averted = other > estimate.value ? below : above;
    return facing <= 0 ? std::fmax(0, averted) : facing;
}

double error_of_shift(const Estimate& before, const Estimate& after)
{
    const double error = std::hypot(half_width_towards(after.value, before),
                                    half_width_towards(before.value, after))
                         / interval_z;
    const double noise = rounding * std::max(std::abs(before.value), std::abs(after.value));
    return error < noise ? noise : error;
}

/// True of a quantile whose interval is a point: a lump of the law, as of counts of months, and
/// no certainty.
bool is_lump(const FigureKey& name, const Estimate& estimate)
{
    const std::string& statistic = name.statistic;
    const bool is_quantile = statistic.starts_with("var") || statistic.starts_with("OEP ")
                             || statistic.starts_with("AEP ")
                             || (statistic.size() > 1 && statistic[0] == 'p'
                                 && std::isdigit(static_cast<unsigned char>(statistic[1])));
    return is_quantile && estimate.lower == estimate.value && estimate.upper == estimate.value;
}

FigureMove move_of(const FigureKey& name, const Estimate& before, const Estimate& after)
{
    FigureMove move = {.name = name, .before = before, .after = after};
    if (before.value == after.value) {
        return move;
    }
    move.verdict = Verdict::no_error;
    const double error = error_of_shift(before, after);
    const bool are_lumps = is_lump(name, before) && is_lump(name, after);
    if (std::isfinite(error) && std::isfinite(move.shift()) && !are_lumps) {
        move.verdict = Verdict::within;
        move.standard_error = error;
        move.z = move.shift() / error;
    }
    return move;
}

/// Turns `within` to `beyond` where chance is no explanation.
void judge(std::vector<FigureMove>& moves)
{
    std::vector<FigureMove*> tested;
    std::vector<double> p_values;
    for (FigureMove& move : moves) {
        if (move.verdict == Verdict::within) {
            tested.push_back(&move);
            p_values.push_back(two_sided_p_value(move.z));
        }
    }
    const std::vector<bool> rejected =
        false_discovery_rejections(p_values, false_discovery_rate);
    for (std::size_t index = 0; index < tested.size(); ++index) {
        if (rejected[index]) {
            tested[index]->verdict = Verdict::beyond;
        }
    }
}

/// Largest first; of those that are equal but for rounding, in the order of the files.
void sort_by_size(std::vector<FigureMove>& moves)
{
    const auto size = [](const FigureMove& move) {
        return std::isnan(move.z) ? -1.0F : static_cast<float>(std::abs(move.z));
    };
    std::stable_sort(moves.begin(), moves.end(),
                     [&](const auto& a, const auto& b) { return size(a) > size(b); });
}

/// What a manifest says of how its run was done, in the order told.
std::vector<std::pair<std::string, std::string>> settings_of(const FinishedRun& run)
{
    const auto checksum_of = [&](const char* file) {
        const auto found = run.checksums.find(file);
        return found == run.checksums.end() ? "" : found->second;
    };
    return {{"command", run.command},
            {"seed", std::to_string(run.seed)},
            {"trials", std::to_string(run.trials)},
            {"--until", run.until},
            {"--memory", run.memory == 0 ? "" : std::to_string(run.memory)},
            {"tilt (SHA-256)", checksum_of(tilt_file_name)},
            {"program version", run.version},
            {"program commit", run.commit},
            {"record (SHA-256)", checksum_of(record_file)}};
}

std::vector<ChangedKey> changed_settings(const FinishedRun& before, const FinishedRun& after)
{
    const auto settings_before = settings_of(before);
    const auto settings_after = settings_of(after);
    const auto given = [](const std::string& value) {
        return value.empty() ? std::nullopt : std::optional(value);
    };
    std::vector<ChangedKey> changes;
    for (std::size_t index = 0; index < settings_before.size(); ++index) {
        const auto& [name, value] = settings_before[index];
        const std::string& other = settings_after[index].second;
        if (value != other) {
            changes.push_back({name, given(value), given(other)});
        }
    }
    return changes;
}

std::vector<ChangedKey> changed_scenario(const FinishedRun& before, const FinishedRun& after,
                                         Diagnostics& problems)
{
    const auto text_of = [](const FinishedRun& run) {
        return YamlText{(run.folder / scenario_file).string(), run.text(scenario_file)};
    };
    std::vector<ChangedKey> keys = changed_keys(text_of(before), text_of(after), problems);
    std::erase_if(keys, [](const ChangedKey& key) {
        return key.path == "run.seed" || key.path == "run.trials";  // settings tell them
    });
    return keys;
}

std::vector<FileComparison> compare_files(const FinishedRun& before, const FinishedRun& after)
{
    std::map<std::string, FileComparison> files;
    for (const auto& [name, checksum] : before.checksums) {
        files[name].in_before = true;
    }
    for (const auto& [name, checksum] : after.checksums) {
        files[name].in_after = true;
    }
    std::vector<FileComparison> list;
    for (auto& [name, file] : files) {
        const auto& known = figure_files();
        file.name = name;
        file.same_bytes = file.in_before && file.in_after
                          && before.checksums.at(name) == after.checksums.at(name);
        file.by_figure = std::find(known.begin(), known.end(), name) != known.end();
        list.push_back(file);
    }
    return list;
}

std::vector<std::string> metrics_of(const std::vector<NamedFigure>& before,
                                    const std::vector<NamedFigure>& after)
{
    std::set<std::string> metrics;
    for (const auto* figures : {&before, &after}) {
        for (const NamedFigure& figure : *figures) {
            metrics.insert(figure.name.metric);
        }
    }
    return {metrics.begin(), metrics.end()};
}

void keep_metric(const std::string& metric, std::vector<NamedFigure>& figures)
{
    std::erase_if(figures,
                  [&](const NamedFigure& figure) { return figure.name.metric != metric; });
}

/// A run with its figures.
struct RunFigures {
    FinishedRun run;
    std::vector<NamedFigure> figures;
};

std::vector<NamedFigure> figures_of(const FinishedRun& run, Diagnostics& problems)
{
    std::vector<NamedFigure> figures;
    for (const std::string& file : figure_files()) {
        if (run.texts.contains(file)) {
            const std::vector<NamedFigure> read =
                read_figures(file, (run.folder / file).string(), run.text(file), problems);
            figures.insert(figures.end(), read.begin(), read.end());
        }
    }
    return figures;
}

std::optional<RunFigures> read_run(const std::filesystem::path& folder,
                                   FolderProblems& problems)
{
    std::vector<std::string> wanted = figure_files();
    wanted.emplace_back(scenario_file);
    std::optional<FinishedRun> run = read_finished_run(folder, wanted, problems);
    if (!run) {
        return std::nullopt;
    }
    // Folders of hindcasts and stress tests are those of runs, too.
    if (run->command == "compare" || run->command == "attribute"
        || run->command == "experiment") {
        problems.errors().error(
            {folder.string(), 0, 0}, "",
            fmt::format("holds the results of {}, and diff is between runs", run->command),
            run->command == "compare"
                ? "compare runs policies on the same trials already: see policies.csv"
                : "");
        return std::nullopt;
    }
    for (const char* name : {scenario_file, "metrics.csv"}) {
        if (!run->texts.contains(name)) {
            problems.errors().error({(folder / manifest_name).string(), 0, 0}, "sha256",
                                    fmt::format("{} is missing (every run writes it)", name));
        }
    }
    std::vector<NamedFigure> figures = figures_of(*run, problems.errors());
    return RunFigures{std::move(*run), std::move(figures)};
}

}  // namespace

std::size_t FigureComparison::count(Verdict verdict) const
{
    return static_cast<std::size_t>(
        std::count_if(moves.begin(), moves.end(),
                      [&](const FigureMove& move) { return move.verdict == verdict; }));
}

std::size_t FigureComparison::outside_interval() const
{
    return static_cast<std::size_t>(
        std::count_if(moves.begin(), moves.end(),
                      [](const FigureMove& move) { return std::abs(move.z) > outside_z; }));
}

FigureComparison compare_figures(const std::vector<NamedFigure>& before,
                                 const std::vector<NamedFigure>& after)
{
    std::map<FigureKey, Estimate> unmatched;
    for (const NamedFigure& figure : after) {
        unmatched.emplace(figure.name, figure.estimate);
    }
    FigureComparison comparison;
    for (const NamedFigure& figure : before) {
        const auto found = unmatched.find(figure.name);
        if (found == unmatched.end()) {
            comparison.only_before.push_back(figure.name);
        } else {
            comparison.moves.push_back(move_of(figure.name, figure.estimate, found->second));
            unmatched.erase(found);
        }
    }
    for (const NamedFigure& figure : after) {
        if (unmatched.contains(figure.name)) {
            comparison.only_after.push_back(figure.name);
        }
    }
    judge(comparison.moves);
    sort_by_size(comparison.moves);
    return comparison;
}

bool RunDiff::same_results() const
{
    return std::all_of(files.begin(), files.end(),
                       [](const FileComparison& file) { return file.same_bytes; });
}

RunDiff diff_runs(const std::filesystem::path& before_folder,
                  const std::filesystem::path& after_folder, const std::string& metric)
{
    FolderProblems problems;
    std::optional<RunFigures> before = read_run(before_folder, problems);
    std::optional<RunFigures> after = read_run(after_folder, problems);
    std::vector<ChangedKey> keys;
    if (before && after) {
        keys = changed_scenario(before->run, after->run, problems.errors());
    }
    problems.throw_if_any();

    RunDiff diff;
    diff.metrics = metrics_of(before->figures, after->figures);
    diff.metric = metric;
    if (!metric.empty()) {
        keep_metric(metric, before->figures);
        keep_metric(metric, after->figures);
    }
    diff.figures = compare_figures(before->figures, after->figures);
    diff.before = std::move(before->run);
    diff.after = std::move(after->run);
    diff.settings = changed_settings(diff.before, diff.after);
    diff.keys = std::move(keys);
    diff.same_scenario_text = diff.before.text(scenario_file) == diff.after.text(scenario_file);
    diff.files = compare_files(diff.before, diff.after);
    return diff;
}

}  // namespace chokepoint
