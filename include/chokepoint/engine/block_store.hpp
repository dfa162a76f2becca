#pragma once

#include "chokepoint/engine/trial_block.hpp"
#include "chokepoint/statistics/log_sketch.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace chokepoint {

/// Finished blocks in a row, and the bands of all their trials.
struct FinishedStretch {
    std::uint64_t first = 0;  ///< Number of the first trial, a multiple of `trials_per_block`.
    std::vector<TrialBlock> blocks;
    std::vector<LogSketch> bands;  ///< [series * months + month]

    std::uint64_t trials() const
    {
        std::uint64_t trials = 0;
        for (const TrialBlock& block : blocks) {
            trials += block.trials;
        }
        return trials;
    }
};

/// Where finished blocks are kept, so that they need not be run again. This one keeps nothing.
class BlockStore {
public:
    virtual ~BlockStore() = default;

    /// Whether it is worth handing blocks to it.
    virtual bool is_keeping() const { return false; }

    /// The stretch that is kept from this trial on, if there is one.
    virtual std::optional<FinishedStretch> take(std::uint64_t first)
    {
        (void)first;
        return std::nullopt;
    }

    /// The first trial from this one on with which a kept stretch begins; the largest number if
    /// none does.
    virtual std::uint64_t next(std::uint64_t first) const
    {
        (void)first;
        return std::numeric_limits<std::uint64_t>::max();
    }

    /// Keeps a stretch for good: once this returns, killing the program does not lose it.
    virtual void keep(const FinishedStretch& stretch) { (void)stretch; }
};

}  // namespace chokepoint
