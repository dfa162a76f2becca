#pragma once

#include "chokepoint/engine/event_tally.hpp"
#include "chokepoint/metrics/episode.hpp"
#include "chokepoint/statistics/moments_table.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace chokepoint {

/// How many trials a block holds. Part of the contract: sums are merged block by block, so
/// another number gives other last bits.
inline constexpr std::uint64_t trials_per_block = 64;

/// Every so many trials one has a twin (`twin_of`) run beside it, where numbers are uncertain.
inline constexpr std::uint64_t trials_per_twin = 8;

/// How many twins that makes.
constexpr std::uint64_t twins_of(std::uint64_t trials)
{
    return (trials + trials_per_twin - 1) / trials_per_twin;
}

/// What one block of trials adds to a result.
struct TrialBlock {
    std::uint64_t trials = 0;
    std::vector<double> values;       ///< [column * trials + trial in block]
    std::vector<double> twin_values;  ///< [column * twins of the block + twin]
    std::vector<double> log_weights;  ///< By trial; empty if sampled plainly.
    MomentsTable band_moments{0};     ///< [series * months + month]
    std::vector<EventTally> events;
    std::vector<Episode> episodes;  ///< None unless asked for.
    std::uint64_t unsettled_months = 0;
    std::uint64_t first_unsettled_trial = 0;
    std::uint64_t short_references = 0;
    double balance_factor_low = std::numeric_limits<double>::infinity();
    double balance_factor_high = -std::numeric_limits<double>::infinity();
};

}  // namespace chokepoint
