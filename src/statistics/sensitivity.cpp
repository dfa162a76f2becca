#include "chokepoint/statistics/sensitivity.hpp"

#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/moments.hpp"
#include "chokepoint/statistics/replicates.hpp"
#include "chokepoint/statistics/sobol_index.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace chokepoint {
namespace {


/// Sums from which both indices follow; of centred outputs.
struct RowSums {
    double a = 0, b = 0, ab = 0, a_squared = 0, b_squared = 0, ab_squared = 0, b_times_ab = 0,
           a_times_ab = 0;
    double count = 0;

    void add(double of_a, double of_b, double of_ab)
    {
        a += of_a;
        b += of_b;
        ab += of_ab;
        a_squared += of_a * of_a;
        b_squared += of_b * of_b;
        ab_squared += of_ab * of_ab;
        b_times_ab += of_b * of_ab;
        a_times_ab += of_a * of_ab;
        ++count;
    }
    /// Estimator T of [janon2014].
    double first() const
    {
        const double mean = (b + ab) / (2 * count);
        const double variance = (b_squared + ab_squared) / (2 * count) - mean * mean;
        return (b_times_ab / count - mean * mean) / variance;
    }
    double total() const
    {
        const double mean = (a + b) / (2 * count);
        const double variance = (a_squared + b_squared) / (2 * count) - mean * mean;
        return (a_squared + ab_squared - 2 * a_times_ab) / (2 * count) / variance;
    }
};

/// The middle 95 % of some numbers.
void set_interval(std::vector<double>& samples, Estimate& estimate)
{
    std::sort(samples.begin(), samples.end());
    const auto place = [&](double level) {
        return samples[static_cast<std::size_t>(level
                                                * static_cast<double>(samples.size() - 1))];
    };
    estimate.lower = place((1 - interval_level) / 2);
    estimate.upper = place((1 + interval_level) / 2);
}

}  // namespace

MorrisFigures morris_figures(std::span<const double> effects)
{
    std::vector<double> sizes;
    Moments moments;
    for (const double effect : effects) {
        sizes.push_back(std::abs(effect));
        moments.add(effect);
    }
    Estimate mu_star = replicate_mean(sizes).mean;
    mu_star.lower = std::max(mu_star.lower, 0.0);  // as no size is below; NaN stays
    return {.mu_star = mu_star, .mu = moments.mean, .sigma = moments.sd()};
}

SobolIndices sobol_indices(std::span<const double> a, std::span<const double> b,
                           std::span<const double> ab, std::uint64_t seed, std::size_t samples)
{
    if (a.size() != b.size() || a.size() != ab.size()) {
        throw std::invalid_argument(
            "sobol_indices: the designs have different numbers of rows");
    }
    const auto is_finite = [](double value) { return std::isfinite(value); };
    if (a.size() < least_index_rows || !std::all_of(a.begin(), a.end(), is_finite)
        || !std::all_of(b.begin(), b.end(), is_finite)
        || !std::all_of(ab.begin(), ab.end(), is_finite)) {
        return {};
    }
    const auto n = static_cast<double>(a.size());
    const double centre =
        (std::accumulate(a.begin(), a.end(), 0.0) + std::accumulate(b.begin(), b.end(), 0.0))
        / (2 * n);
    RowSums all;
    for (std::size_t row = 0; row < a.size(); ++row) {
        all.add(a[row] - centre, b[row] - centre, ab[row] - centre);
    }
    if (!(all.a_squared + all.b_squared > 0)) {
        return {};
    }
    SobolIndices indices;
    indices.first.value = closed_sobol_index(b, ab).index.value;
    indices.total.value = all.total();
    std::vector<double> firsts, totals;
    for (std::size_t sample = 0; sample < samples; ++sample) {
        Philox stream({seed, hash_name("bootstrap")}, {0, sample, 0, 0});
        RowSums sums;
        for (std::size_t drawn = 0; drawn < a.size(); ++drawn) {
            const auto row = static_cast<std::size_t>(uniform01(stream) * n);
            sums.add(a[row] - centre, b[row] - centre, ab[row] - centre);
        }
        firsts.push_back(sums.first());
        totals.push_back(sums.total());
    }
    if (samples > 0) {
        set_interval(firsts, indices.first);
        set_interval(totals, indices.total);
    }
    return indices;
}

std::vector<double> ranks_of(std::span<const double> values)
{
    if (std::any_of(values.begin(), values.end(),
                    [](double value) { return std::isnan(value); })) {
        throw std::invalid_argument("ranks_of: a number is NaN");
    }
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](std::size_t one, std::size_t other) { return values[one] < values[other]; });
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t end = first;
        while (end < order.size() && values[order[end]] == values[order[first]]) {
            ++end;
        }
        for (std::size_t place = first; place < end; ++place) {
            ranks[order[place]] = 0.5 * static_cast<double>(first + 1 + end);
        }
        first = end;
    }
    return ranks;
}

Estimate rank_correlation(std::span<const double> x, std::span<const double> y)
{
    return correlation_of_ranks(ranks_of(x), ranks_of(y));
}

Estimate correlation_of_ranks(std::span<const double> rank_x, std::span<const double> rank_y)
{
    if (rank_x.size() != rank_y.size()) {
        throw std::invalid_argument("rank_correlation: the variables have different lengths");
    }
    if (rank_x.size() < least_ranked_pairs) {
        return {};
    }
    const auto n = static_cast<double>(rank_x.size());
    const double mean = (n + 1) / 2;
    double xx = 0, yy = 0, xy = 0;
    for (std::size_t pair = 0; pair < rank_x.size(); ++pair) {
        xx += (rank_x[pair] - mean) * (rank_x[pair] - mean);
        yy += (rank_y[pair] - mean) * (rank_y[pair] - mean);
        xy += (rank_x[pair] - mean) * (rank_y[pair] - mean);
    }
    if (!(xx > 0 && yy > 0)) {
        return {};
    }
    const double correlation = xy / std::sqrt(xx * yy);
    const double half = interval_z * std::sqrt(1.06 / (n - 3));
    const double z = std::atanh(std::clamp(correlation, -1.0, 1.0));
    return {.value = correlation, .lower = std::tanh(z - half), .upper = std::tanh(z + half)};
}

}  // namespace chokepoint
