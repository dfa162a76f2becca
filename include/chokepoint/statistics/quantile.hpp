#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "chokepoint/statistics/interval.hpp"

namespace chokepoint {

/// Rank, counted from 1, of the smallest of n sorted numbers that at least a share `level` of
/// them stay within: ceil(n level), between 1 and n. Rounding that lifts n level just above a
/// whole number does not move it.
///
/// \param n      At least 1.
/// \param level  Between 0 and 1, both allowed.
/// \throws std::invalid_argument if a condition above is not met.
std::size_t quantile_rank(std::size_t n, double level);

/// Smallest x with F(x) >= level, F being the share of the numbers at or below x.
///
/// \param sorted  Upwards; at least one number.
/// \throws std::invalid_argument if it is empty or the level lies outside [0, 1].
double quantile_sorted(std::span<const double> sorted, double level);

/// Moves the numbers of some ranks to where sorting would put them, the others to the right
/// side of each of these: all that quantiles need, in a fraction of the time.
///
/// \param ranks  Counted from 1, upwards, each once.
/// \throws std::invalid_argument if they are not, or one is beyond the numbers.
void select_ranks(std::span<double> values, std::span<const std::size_t> ranks);

/// Ranks, counted from 1, of the sorted numbers that bound a quantile.
struct RankInterval {
    std::size_t lower;                 ///< 0 if there are too few numbers for a lower bound.
    std::optional<std::size_t> upper;  ///< Nothing if there are too few for an upper bound.
};

/// Ranks whose numbers cover the p-quantile of the law behind n independent draws with at least
/// the given confidence (where both bounds exist), whatever that law is: the (1 - confidence) /
/// 2 and (1 + confidence) / 2 quantiles of a binomial count of n and p, the upper one plus 1.
/// [david2003]
///
/// \throws std::invalid_argument unless n >= 1, 0 < p < 1 and 0 < confidence < 1.
RankInterval order_statistic_ranks(std::size_t n, double p, double confidence = interval_level);

/// `quantile_sorted` with its 95 % interval from `order_statistic_ranks`.
///
/// \param level  Strictly between 0 and 1.
Estimate quantile_estimate(std::span<const double> sorted, double level);

}  // namespace chokepoint
