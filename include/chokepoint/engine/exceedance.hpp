#pragma once

#include "chokepoint/engine/column_summary.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chokepoint {

/// Return periods in years.
inline constexpr std::array return_periods = {
    2.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0, 200.0, 250.0, 500.0, 1000.0, 5000.0, 10000.0};

/// What is reached or passed once in so many years on average.
struct ExceedancePoint {
    double return_period = 0;
    Figure figure;
};

/// An exceedance curve of one metric of users: the loss of a year's worst month (occurrence
/// exceedance, OEP) or of the whole year (aggregate exceedance, AEP) by return period T, the
/// quantile of yearly losses at 1 - 1/T.
struct ExceedanceCurve {
    std::string metric, commodity, region, unit;
    Basis basis = Basis::occurrence;
    std::optional<int> year;              ///< From 1; nothing: all years of all trials alike.
    std::vector<ExceedancePoint> points;  ///< By `return_periods`.
};

/// The curves of one metric: of all trial-years, then of each year by itself.
///
/// Years of a trial belong together, so that the interval of the first kind takes the trial-
/// years for so many independent ones as give the share beyond the quantile the error that it
/// has between trials (the cluster variance): fewer than there are where bad years come
/// together. Of a sketch, which does not know what comes together, for as many as there are
/// trials.
///
/// \param years  The columns of the years of one metric and basis, in order.
std::vector<ExceedanceCurve> exceedance_curves(std::span<const ColumnTrials> years,
                                               RankTable& ranks);

/// `OEP` or `AEP`.
const char* basis_name(Basis basis);

}  // namespace chokepoint
