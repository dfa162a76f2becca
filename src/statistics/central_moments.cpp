#include "chokepoint/statistics/central_moments.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace chokepoint {
namespace {

using Powers = std::array<double, CentralMoments::order + 1>;

/// Binomial coefficients, [n][k].
constexpr double binomial[CentralMoments::order + 1][CentralMoments::order + 1] = {
    {1},
    {1, 1},
    {1, 2, 1},
    {1, 3, 3, 1},
    {1, 4, 6, 4, 1},
    {1, 5, 10, 10, 5, 1},
    {1, 6, 15, 20, 15, 6, 1}};

Powers powers_of(double x)
{
    Powers powers{1};
    for (std::size_t power = 1; power < powers.size(); ++power) {
        powers[power] = powers[power - 1] * x;
    }
    return powers;
}

/// The mean square of the influence function of the skewness, from standardised moments.
double skew_spread(double s3, double s4, double s5, double s6)
{
    return s6 + 9 - 6 * s4 - 3 * s3 * s5 + s3 * s3 * (2.25 * s4 + 8.75);
}

Estimate spread_estimate(double sd, double error)
{
    Estimate estimate = normal_estimate(sd, error);
    estimate.lower = std::max(estimate.lower, 0.0);
    return estimate;
}

}  // namespace

void CentralMoments::add(std::span<const double> values)
{
    if (values.empty()) {
        return;
    }
    CentralMoments part;
    part.count_ = values.size();
    const auto n = static_cast<double>(values.size());
    // Counted from the first number, so that equal numbers have their own value as mean.
    double excess = 0;
    for (const double x : values) {
        excess += x - values[0];
    }
    part.mean_ = values[0] + excess / n;
    for (const double x : values) {
        // Not each power from the one before: products that do not wait for each other.
        const double d = x - part.mean_;
        const double d2 = d * d, d3 = d2 * d, d4 = d2 * d2;
        part.sums_[2] += d2;
        part.sums_[3] += d3;
        part.sums_[4] += d4;
        part.sums_[5] += d3 * d2;
        part.sums_[6] += d4 * d2;
    }
    merge(part);
}

void CentralMoments::merge(const CentralMoments& other)
{
    if (count_ == 0 || other.count_ == 0) {
        *this = count_ == 0 ? other : *this;
        return;
    }
    // About the common mean each part's deviations shift by a constant; the binomial theorem
    // gives the shifted sums. The first powers sum to 0.
    const auto own = static_cast<double>(count_);
    const auto others = static_cast<double>(other.count_);
    const double gap = other.mean_ - mean_;
    const Powers own_shift = powers_of(-gap * (others / (own + others)));
    const Powers other_shift = powers_of(gap * (own / (own + others)));
    Powers merged{};
    for (std::size_t p = 2; p <= order; ++p) {
        merged[p] = own * own_shift[p] + others * other_shift[p];
        for (std::size_t k = 2; k <= p; ++k) {
            merged[p] += binomial[p][k]
                         * (sums_[k] * own_shift[p - k] + other.sums_[k] * other_shift[p - k]);
        }
    }
    mean_ += gap * (others / (own + others));
    count_ += other.count_;
    sums_ = merged;
}

Shape shape_of(const CentralMoments& moments)
{
    Shape shape;
    if (moments.count() == 0) {
        return shape;
    }
    const auto n = static_cast<double>(moments.count());
    const double m2 = moments.sum(2) / n;
    const double sd = std::sqrt(moments.sum(2) / (n - 1));  // not a number for one
    shape.mean_error = sd / std::sqrt(n);
    shape.mean = normal_estimate(moments.mean(), shape.mean_error);
    if (!(m2 > 0)) {
        shape.sd = {.value = sd, .lower = sd, .upper = sd};
        return shape;
    }
    const auto standardised = [&](std::size_t power) {
        return moments.sum(power) / n / std::pow(m2, static_cast<double>(power) / 2);
    };
    const double s3 = standardised(3), s4 = standardised(4);
    shape.sd = spread_estimate(sd, sd / 2 * std::sqrt(std::max(s4 - 1, 0.0) / n));
    const double spread = skew_spread(s3, s4, standardised(5), standardised(6));
    shape.skew = normal_estimate(s3, std::sqrt(std::max(spread, 0.0) / n));
    return shape;
}

Shape shape_of(std::span<const double> values, std::span<const double> weights)
{
    if (values.size() != weights.size()) {
        throw std::invalid_argument("shape_of: values and weights differ in length");
    }
    Shape shape;
    double mass = 0, excess = 0, m2 = 0, m3 = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        mass += weights[i];
        excess += weights[i] * (values[i] - values[0]);
    }
    if (!(mass > 0)) {
        return shape;
    }
    const double mean = values[0] + excess / mass;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double d = values[i] - mean;
        m2 += weights[i] * d * d / mass;
        m3 += weights[i] * d * d * d / mass;
    }
    const double sd = std::sqrt(m2);
    const double skew = m3 / (m2 * sd);
    double mean_square = 0, sd_square = 0, skew_square = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double share = weights[i] / mass;
        const double d = values[i] - mean;
        const double z = d / sd;
        const double of_mean = share * d;
        const double of_sd = share * (d * d - m2) / (2 * sd);
        const double of_skew = share * (z * z * z - 3 * z - 1.5 * skew * (z * z - 1) - skew);
        mean_square += of_mean * of_mean;
        sd_square += of_sd * of_sd;
        skew_square += of_skew * of_skew;
    }
    shape.mean_error = std::sqrt(mean_square);
    shape.mean = normal_estimate(mean, shape.mean_error);
    shape.sd = m2 > 0 ? spread_estimate(sd, std::sqrt(sd_square))
                      : Estimate{.value = 0, .lower = 0, .upper = 0};
    if (m2 > 0) {
        shape.skew = normal_estimate(skew, std::sqrt(skew_square));
    }
    return shape;
}

}  // namespace chokepoint
