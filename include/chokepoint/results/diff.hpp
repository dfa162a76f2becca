#pragma once

#include "chokepoint/results/figure_table.hpp"
#include "chokepoint/results/finished_run.hpp"
#include "chokepoint/scenario/changed_keys.hpp"
#include "chokepoint/statistics/interval.hpp"

#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace chokepoint {

/// Share of the figures called moved that, on average, chance alone has moved.
inline constexpr double false_discovery_rate = 0.05;

/// What became of a figure from one run to another.
enum class Verdict {
    same,      ///< The same number; its interval may be another.
    within,    ///< Another number, but by no more than sampling error explains.
    beyond,    ///< Moved by more than sampling error.
    no_error,  ///< Another number, but no interval, or two points, to hold it against.
};

/// One figure in two runs.
struct FigureMove {
    FigureKey name;
    Estimate before, after;
    /// Of the shift, the runs taken for independent; NaN where one of them gives no interval,
    /// or both are points of a quantile.
    double standard_error = std::numeric_limits<double>::quiet_NaN();
    double z = std::numeric_limits<double>::quiet_NaN();  ///< Shift over its standard error.
    Verdict verdict = Verdict::same;

    double shift() const { return after.value - before.value; }
};

/// The figures of two runs side by side.
struct FigureComparison {
    /// Largest |z| first; then those without z.
    std::vector<FigureMove> moves;
    /// What one run gives and the other does not.
    std::vector<FigureKey> only_before, only_after;

    std::size_t count(Verdict verdict) const;
    /// Moved figures with a known error.
    std::size_t tested() const { return count(Verdict::within) + count(Verdict::beyond); }
    /// Of these, how many are more than 1.96 standard errors apart; by chance it would be 5 %.
    std::size_t outside_interval() const;
};

/// Joins the figures of two runs by name and judges each shift.
///
/// The standard error of each run is half the width of its 95 % interval over 1.96, on the side
/// towards the other run's figure (where it has none there, on the other side); z is the shift
/// over the root of the sum of their squares.
/// `beyond` are those that stay when the false discovery rate over all moved figures is held to
/// 5 % (false_discovery_rejections). An error below 1e-12 of the figure is rounding, and taken
/// for that much; but a quantile that is nothing but a point in both runs, as of whole months,
/// is a lump of its law, which says nothing of an error.
FigureComparison compare_figures(const std::vector<NamedFigure>& before,
                                 const std::vector<NamedFigure>& after);

/// A result file besides the manifest, in two folders.
struct FileComparison {
    std::string name;
    bool in_before = false, in_after = false;
    bool same_bytes = false;
    bool by_figure = false;  ///< Its figures are among those compared.
};

/// Two finished runs side by side.
struct RunDiff {
    FinishedRun before, after;
    std::vector<ChangedKey> settings;  ///< Command, seed, trials, rules, program, ….
    std::vector<ChangedKey> keys;      ///< Of the scenario as run, without seed and trials.
    bool same_scenario_text = false;
    std::vector<FileComparison> files;
    std::vector<std::string> metrics;  ///< Every metric that either run gives, sorted.
    std::string metric;                ///< The only one that is compared; all if empty.
    FigureComparison figures;

    bool same_inputs() const { return settings.empty() && keys.empty(); }
    /// Whether every file but the manifest is the same byte for byte.
    bool same_results() const;
};

/// Reads two result folders and says in what their inputs and figures differ.
///
/// \param metric  Compare figures of this metric alone; all if empty.
/// \throws InputError, FileError  with all problems of both folders.
RunDiff diff_runs(const std::filesystem::path& before, const std::filesystem::path& after,
                  const std::string& metric = "");

/// All of a diff in full precision as JSON: settings and keys that differ, files, counts, every
/// figure with its verdict, largest |z| first.
std::string diff_json(const RunDiff& diff);

}  // namespace chokepoint
