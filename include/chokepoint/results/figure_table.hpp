#pragma once

#include "chokepoint/statistics/interval.hpp"
#include "chokepoint/support/diagnostic.hpp"

#include <compare>
#include <string>
#include <vector>

namespace chokepoint {

/// What a figure in a result folder is of: two runs' figures of one name can be compared.
struct FigureKey {
    std::string file;    ///< e.g. `metrics.csv`
    std::string policy;  ///< `none` of a run without policies
    std::string metric;
    std::string commodity;  ///< Of events their type.
    std::string region;     ///< Of chokepoints the arc, of events the hazard.
    std::string statistic;
    std::string unit;

    auto operator<=>(const FigureKey&) const = default;
};

struct NamedFigure {
    FigureKey name;
    Estimate estimate;  ///< Bounds are NaN where the file gives none.
};

/// The result files that `read_figures` can read: metrics.csv, exceedance.csv, chokepoints.csv
/// and events.csv.
const std::vector<std::string>& figure_files();

/// The figures of a CSV file of a result folder, in its order; those that are empty, for lack
/// of trials, are left out. Columns are found by their names, so that files of other versions
/// can be read; a column of figures that is not there holds none.
///
/// \param name      One of `figure_files`.
/// \param path      Under which problems are reported.
/// \param problems  Takes up what is wrong with the file, at most some problems of each.
std::vector<NamedFigure> read_figures(const std::string& name, const std::string& path,
                                      const std::string& text, Diagnostics& problems);

}  // namespace chokepoint
