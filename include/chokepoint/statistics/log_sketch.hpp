#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chokepoint/statistics/interval.hpp"

namespace chokepoint {

/// Quantiles of many non-negative numbers in little memory: counts in bins of equal width in
/// the logarithm, after [masson2019].
///
/// Zeros are counted apart and exactly. Other values are rounded to a power of `gamma`, which
/// moves them by at most 0.5 % (1 stays 1); those outside [1e-12, 1e15] count as the nearer
/// bound. The state depends only on which numbers were added: not on their order, nor on how
/// parts were merged. It holds fewer than 2^32 numbers.
class LogSketch {
public:
    static constexpr double gamma = 1.01;
    static constexpr double least = 1e-12;
    static constexpr double most = 1e15;

    /// Where a number is counted: the index of its bin, from -2777 to 3471, or `zero_bin`.
    /// Found in single precision, which moves the bounds between bins by less than 1e-5 of a
    /// value.
    using Bin = std::int16_t;
    static constexpr Bin least_bin = -2777, largest_bin = 3471;
    static constexpr Bin zero_bin = std::numeric_limits<Bin>::min();

    /// \throws std::invalid_argument if x is negative or NaN.
    static Bin bin_of(double x);

    /// Adds a number whose bin was found before, by `bin_of`.
    /// \throws std::overflow_error if that is one too many; so do all that add.
    void add_to(Bin index);

    /// The same for many numbers at a time.
    void add_all(std::span<const Bin> bins);

    /// \throws std::invalid_argument if x is negative or NaN.
    void add(double x) { add_to(bin_of(x)); }

    /// Adds the number whose logarithm is `log_x`; -infinity adds a zero.
    /// \throws std::invalid_argument if it is NaN.
    void add_log(double log_x);

    void merge(const LogSketch& other);

    /// How many numbers were added.
    std::uint64_t count() const { return count_; }
    std::uint64_t zeros() const { return zeros_; }

    /// How many numbers lie in each bin that holds some, upwards.
    std::map<Bin, std::uint64_t> counts() const;

    /// What the numbers of a bin count as.
    static double value_of(Bin index);

    /// Smallest value with F(value) >= level, by the rule of `quantile_rank`; NaN if empty.
    /// \throws std::invalid_argument if the level lies outside [0, 1].
    double quantile(double level) const;

    /// The numbers of some ranks, counted from 1 and upwards, in one walk over the bins.
    /// \throws std::invalid_argument if the ranks fall or one is beyond the numbers added.
    void values_at(std::span<const std::size_t> ranks, std::span<double> values) const;

    /// `quantile` with the 95 % interval by `order_statistic_ranks`; the rounding to bins comes
    /// on top. All NaN when empty.
    ///
    /// \param level  Strictly between 0 and 1.
    Estimate quantile_estimate(double level) const;

    /// Appends the state, in bytes that are the same on every machine: zeros, index of the first
    /// bin, number of bins and the count of each, in numbers of seven bits a byte; a run of empty
    /// bins as 0 and its length.
    void append_to(std::string& bytes) const;

    /// Takes a state off the front of such bytes.
    /// \throws std::invalid_argument if they do not begin with one.
    static LogSketch take_from(std::string_view& bytes);

    /// Memory of a sketch with so many bins from the smallest to the largest value.
    static constexpr std::size_t bytes(std::size_t bins)
    {
        return sizeof(LogSketch) + bins * sizeof(Count);
    }

    bool operator==(const LogSketch&) const = default;

private:
    using Count = std::uint32_t;  // half the memory of 64 bits, and half of what is fetched
    static constexpr std::uint64_t most_numbers = std::numeric_limits<Count>::max();

    /// Counts so many numbers more in all.
    void grow(std::uint64_t numbers);
    Count& bin(std::int64_t index);
    double value_at_rank(std::uint64_t rank) const;

    std::uint64_t count_ = 0;
    Count zeros_ = 0;
    std::int64_t first_ = 0;   ///< Index of bins_[0]; 0 if there are no bins.
    std::vector<Count> bins_;  ///< From the smallest to the largest value seen.
};

}  // namespace chokepoint
