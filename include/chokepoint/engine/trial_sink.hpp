#pragma once

#include <cstdint>
#include <span>

namespace chokepoint {

/// Finished trials of one block, in order.
struct FinishedTrials {
    std::uint64_t first = 0;  ///< Number of the first.
    std::uint64_t count = 0;
    std::span<const double> values;       ///< [column * count + trial - first]
    std::span<const double> log_weights;  ///< By trial; empty if sampled plainly.
};

/// Takes the trials of a run as they are finished: every block once, in the order of trials,
/// one thread at a time.
class TrialSink {
public:
    virtual ~TrialSink() = default;
    virtual void take(const FinishedTrials& trials) = 0;
};

}  // namespace chokepoint
