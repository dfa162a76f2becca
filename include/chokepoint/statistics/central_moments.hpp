#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "chokepoint/statistics/interval.hpp"

namespace chokepoint {

/// Count, mean and sums of powers of the deviations from it up to the sixth, gathered part by
/// part: what mean, spread and skewness need, with their errors.
///
/// Merging the same parts in the same order gives the same bits. Reference: [pebay2008].
class CentralMoments {
public:
    static constexpr std::size_t order = 6;

    CentralMoments() = default;
    /// What was gathered before. \param sums  By power; the first two are not looked at.
    CentralMoments(std::uint64_t count, double mean, const std::array<double, order + 1>& sums)
        : count_(count), mean_(mean), sums_(sums)
    {}

    /// Adds numbers; each call is one part.
    void add(std::span<const double> values);
    void merge(const CentralMoments& other);

    std::uint64_t count() const { return count_; }
    double mean() const { return mean_; }
    /// Sum of (x - mean)^power, 2 <= power <= 6.
    double sum(std::size_t power) const { return sums_[power]; }

private:
    std::uint64_t count_ = 0;
    double mean_ = 0;
    std::array<double, order + 1> sums_{};  ///< By power; the first two are not used.
};

/// Mean, standard deviation and skewness with 95 % intervals. All NaN without numbers, the
/// spread of one number and the skewness of equal ones too.
struct Shape {
    Estimate mean, sd, skew;
    double mean_error = std::numeric_limits<double>::quiet_NaN();  ///< Standard error.
};

/// Of independent numbers. The sd has the divisor n - 1; the skewness is m3 / m2^(3/2). Errors
/// are the large-sample ones: the mean squares of the influence functions (x - m),
/// ((x - m)^2 - m2) / (2 sd) and z^3 - 3 z - 3/2 g (z^2 - 1) - g with z = (x - m) / sd and g
/// the skewness, over n.
Shape shape_of(const CentralMoments& moments);

/// The same of numbers with weights w: means are sum(w x) / sum(w), squared errors
/// sum(w^2 IF^2) / sum(w)^2.
///
/// \throws std::invalid_argument if the lengths differ.
Shape shape_of(std::span<const double> values, std::span<const double> weights);

}  // namespace chokepoint
