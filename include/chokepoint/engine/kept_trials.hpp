#pragma once

#include "chokepoint/engine/run.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace chokepoint {

/// Takes the values of finished blocks into a result: all of them while memory allows, then
/// sketches of all trials and the values of every second, fourth, eighth … one.
///
/// What is kept depends on the trials, the columns and the memory alone.
class TrialKeeper {
public:
    /// \param result  Gets its columns' vectors; must outlive the keeper.
    /// \param memory  For values and sketches, bytes.
    /// \throws MemoryError  if it does not suffice for 16 blocks.
    TrialKeeper(RunResult& result, bool has_twins, std::uint64_t memory);

    /// Adds the block that begins with trial `result.trials`.
    /// \param values  [column * count + trial]  \param twins  [column * twins + twin]
    void add(std::uint64_t count, std::span<const double> values,
             std::span<const double> twins);

    /// How many trials fit with all their values.
    std::uint64_t room() const { return room_; }

private:
    void start_sketches();
    void add_to_sketches(std::uint64_t count, std::span<const double> values);
    void keep_every_second();

    RunResult& result_;
    std::size_t largest_;  ///< How many of the largest values of a column a sketch keeps.
    std::uint64_t room_;   ///< How many trials' values are kept at most.
};

/// An empty sketch of a column. \param largest  How many of the largest values it keeps.
ColumnSketch sketch_for(const Column& column, std::size_t largest);

}  // namespace chokepoint
