#pragma once

#include "chokepoint/statistics/central_moments.hpp"
#include "chokepoint/statistics/log_sketch.hpp"
#include "chokepoint/statistics/sample.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace chokepoint {

/// A trial and what it came out at.
struct RankedTrial {
    double value = 0;
    std::uint64_t trial = 0;

    /// The worse one first; of equals the earlier.
    bool operator<(const RankedTrial& other) const
    {
        return value > other.value || (value == other.value && trial < other.trial);
    }
    bool operator==(const RankedTrial&) const = default;
};

/// The outcomes of any number of trials in memory that does not grow with them: moments and
/// counts exactly, the largest values exactly, the others rounded to bins that move them by at
/// most 0.5 %.
///
/// Counts and the largest values depend only on which trials were added, not on their order
/// nor on how parts were merged. Sums do: add and merge in the order of trials.
class ColumnSketch {
public:
    /// \param largest     How many of the largest values are kept.
    /// \param thresholds  Levels; counted is how many values lie above each.
    /// \param ceiling     What larger values, infinite ones too, count as in the moments.
    ColumnSketch(std::size_t largest, std::vector<double> thresholds,
                 double ceiling = std::numeric_limits<double>::infinity());

    /// All that has been gathered: enough to go on elsewhere.
    struct State {
        CentralMoments moments;
        LogSketch positive, negative;      ///< By magnitude; zeros count as positive.
        std::uint64_t infinite = 0;        ///< Positive ones.
        std::vector<std::uint64_t> above;  ///< By threshold.
        std::vector<RankedTrial> largest;  ///< In the order of a heap.
    };
    const State& state() const { return state_; }
    /// How many of the largest values are kept.
    std::size_t room() const { return room_; }
    /// Goes on from what another sketch of the same kind gathered.
    /// \throws std::invalid_argument  if it counts other thresholds or keeps more values.
    void restore(State state);

    /// Adds a block of trials, the first of them numbered `first`, with numbers `step` apart.
    /// \throws std::invalid_argument  for NaN.
    void add(std::span<const double> values, std::uint64_t first, std::uint64_t step = 1);

    /// \throws std::invalid_argument  if the other one keeps other things.
    void merge(const ColumnSketch& other);

    std::uint64_t count() const
    {
        return state_.positive.count() + state_.negative.count() + state_.infinite;
    }
    std::uint64_t infinite() const { return state_.infinite; }
    const CentralMoments& moments() const { return state_.moments; }
    std::uint64_t count_above(std::size_t threshold) const { return state_.above[threshold]; }

    /// All outcomes: the largest as they are, the others as their bins.
    WeightedSample sample() const;

    /// The largest values, the worst first.
    std::vector<RankedTrial> largest() const;

private:
    void keep(RankedTrial trial);

    std::size_t room_;
    std::vector<double> thresholds_;
    double ceiling_;
    State state_;
    std::vector<double> capped_;  ///< Scratch.
};

}  // namespace chokepoint
