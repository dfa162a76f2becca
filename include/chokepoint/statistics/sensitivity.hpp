#pragma once

#include "chokepoint/statistics/interval.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chokepoint {

inline constexpr std::size_t least_ranked_pairs = 10;  ///< For a rank correlation.
inline constexpr std::size_t least_index_rows = 20;    ///< Of each design, for Sobol' indices.

/// How much an output moves with one input, from elementary effects [morris1991].
struct MorrisFigures {
    Estimate mu_star;  ///< Mean of the effects' sizes [campolongo2007], in the output's unit.
    double mu = 0;     ///< Mean of the effects: smaller than mu_star where they change sign.
    double sigma = 0;  ///< Standard deviation of the effects: curvature and interaction.
};

/// \param effects  Changes of the output by the change of the input, which is scaled to [0, 1];
///                 one of each trajectory. The interval of mu_star is that of a mean of so many
///                 (Student's t), cut off at 0. NaN from fewer than two.
MorrisFigures morris_figures(std::span<const double> effects);

/// Sobol' indices of one input: the share of the output's variance that it explains alone, and
/// the share that goes with it, interactions included.
struct SobolIndices {
    Estimate first, total;
};

/// From the outputs at the rows of two independent designs A and B and at those of A with one
/// input taken from B [saltelli2010]. The first-order index is that of `closed_sobol_index` of
/// the pairs (B, AB), which share that input and nothing else; the total one is
/// mean((a - ab)^2) / 2 over the variance of A and B together [jansen1999].
///
/// Intervals: percentiles of bootstrap samples of the rows. Rows of a Sobol' sequence are
/// more even than that, so that the intervals are rather too wide. All NaN for fewer than 20
/// rows, or if all outputs are equal or one is infinite or NaN.
///
/// \param a, b, ab  By row.
/// \param seed      Of the bootstrap. \param samples  Of it; 0: no interval.
/// \throws std::invalid_argument if the lengths differ.
SobolIndices sobol_indices(std::span<const double> a, std::span<const double> b,
                           std::span<const double> ab, std::uint64_t seed,
                           std::size_t samples = 1000);

/// Spearman's rank correlation (ties get their mean rank) with its interval by Fisher's z, the
/// standard error of which is sqrt(1.06 / (n - 3)) [fieller1957]. NaN if one of the variables
/// has only one value or there are fewer than 10 pairs.
///
/// \throws std::invalid_argument if the lengths differ or a number is NaN.
Estimate rank_correlation(std::span<const double> x, std::span<const double> y);

/// Ranks from 1; equal values, infinite ones too, get the mean of theirs.
/// \throws std::invalid_argument if a number is NaN.
std::vector<double> ranks_of(std::span<const double> values);

/// `rank_correlation` of variables whose ranks are known: for many pairs of them.
/// \throws std::invalid_argument if the lengths differ.
Estimate correlation_of_ranks(std::span<const double> rank_x, std::span<const double> rank_y);

}  // namespace chokepoint
