#pragma once

#include "chokepoint/statistics/log_sketch.hpp"
#include "chokepoint/statistics/moments.hpp"
#include "chokepoint/statistics/moments_table.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace chokepoint {

/// One thread's bands of many positions (a series in a month): what LogSketch and Moments
/// gather, for many numbers at a time and in memory that does not grow with them.
///
/// Counts do not depend on order, so that sketches stay here until the end. Sums do: moments
/// are handed out block by block, to be merged in the order of blocks.
///
/// The sketches lie far apart in memory, and fetching one takes longer than adding to it.
/// Therefore bins wait side by side until there are some hundreds to count at a position.
/// Positions taken in order are fastest.
class BandTable {
public:
    /// How many numbers one call may add.
    static constexpr std::size_t most_at_once = 64;

    explicit BandTable(std::size_t positions);

    std::size_t positions() const { return places_.size(); }

    /// Adds numbers to a position.
    ///
    /// The moments go up in steps of 16 numbers, so that their bits depend on the numbers
    /// alone as long as each call but a block's last adds a multiple of 16.
    ///
    /// \returns  Which of the numbers is negative or NaN, if there is one: then none is added.
    /// \throws std::invalid_argument if there are more than `most_at_once`.
    [[nodiscard]] std::optional<std::size_t> add(std::size_t position,
                                                 std::span<const double> values);

    /// The moments of the numbers added since the last call: of a block.
    ///
    /// \throws std::logic_error if positions got different numbers of them.
    MomentsTable take_moments();

    /// The sketch of each position; leaves the table without any.
    std::vector<LogSketch> take_sketches();

    /// Memory of a position whose sketch has so many bins.
    static constexpr std::size_t bytes_per_position(std::size_t bins)
    {
        return sizeof(Place) + room * sizeof(LogSketch::Bin) + LogSketch::bytes(bins);
    }

private:
    /// How many bins may wait at a position.
    static constexpr std::size_t room = 512;

    struct Place {
        Moments block;            ///< Since moments were taken.
        std::size_t waiting = 0;  ///< Bins not in the sketch yet.
    };

    void pour(std::size_t position);

    std::vector<Place> places_;
    std::unique_ptr<LogSketch::Bin[]> bins_;  ///< [position * room + waiting]
    std::vector<LogSketch> sketches_;
};

}  // namespace chokepoint
