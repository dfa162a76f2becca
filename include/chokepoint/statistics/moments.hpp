#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace chokepoint {

/// Count, mean and spread of numbers, gathered one by one or merged from parts, without the
/// loss of digits of "mean square minus squared mean".
///
/// References: [welford1962] for `add`, [chan1983] for `merge`.
struct Moments {
    std::uint64_t count = 0;
    double mean = 0;
    double m2 = 0;  ///< Sum of squared deviations from the mean.

    void add(double x)
    {
        ++count;
        const double step = x - mean;
        mean += step / static_cast<double>(count);
        m2 += step * (x - mean);
    }

    /// Adds the numbers behind `other`. Merging the same parts in the same order gives the same
    /// bits.
    void merge(const Moments& other)
    {
        if (count == 0 || other.count == 0) {
            *this = count == 0 ? other : *this;
            return;
        }
        const auto own = static_cast<double>(count);
        const auto others = static_cast<double>(other.count);
        const double gap = other.mean - mean;
        count += other.count;
        mean += gap * (others / (own + others));
        m2 += other.m2 + gap * gap * (own * others / (own + others));
    }

    /// Unbiased variance, with divisor count - 1; NaN for fewer than two numbers.
    double variance() const
    {
        return count > 1 ? m2 / static_cast<double>(count - 1)
                         : std::numeric_limits<double>::quiet_NaN();
    }

    double sd() const { return std::sqrt(variance()); }

    /// Standard error of `mean`.
    double standard_error() const { return std::sqrt(variance() / static_cast<double>(count)); }
};

}  // namespace chokepoint
