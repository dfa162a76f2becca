#include "chokepoint/statistics/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>
#include <boost/math/distributions/binomial.hpp>

namespace chokepoint {
namespace {

void check_share(const char* function, const char* name, double share)
{
    if (!(share > 0 && share < 1)) {  // written so that NaN fails too
        throw std::invalid_argument(fmt::format(
            "{}: {} is {} (must lie between 0 and 1, both excluded)", function, name, share));
    }
}

namespace bmp = boost::math::policies;
using RealQuantile = bmp::policy<bmp::discrete_quantile<bmp::real>>;
using Binomial = boost::math::binomial_distribution<double, RealQuantile>;

/// Smallest count k with P(K <= k) >= share.
double count_quantile(const Binomial& count, double share)
{
    // The continuous solution may lie on either side of the whole number that is looked for.
    double k = std::max(0.0, std::round(quantile(count, share)));
    while (cdf(count, k) < share) {
        ++k;
    }
    while (k > 0 && cdf(count, k - 1) >= share) {
        --k;
    }
    return k;
}

/// \param before  How many smaller numbers have been parted from `values`.
void select_among(std::span<double> values, std::span<const std::size_t> ranks,
                  std::size_t before)
{
    if (ranks.empty()) {
        return;
    }
    const std::size_t half = ranks.size() / 2;
    const std::size_t place = ranks[half] - before - 1;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place),
                     values.end());
    select_among(values.first(place), ranks.first(half), before);
    select_among(values.subspan(place + 1), ranks.subspan(half + 1), ranks[half]);
}

}  // namespace

std::size_t quantile_rank(std::size_t n, double level)
{
    if (n == 0) {
        throw std::invalid_argument("quantile_rank: no numbers given (needs at least one)");
    }
    if (!(level >= 0 && level <= 1)) {
        throw std::invalid_argument(
            fmt::format("quantile_rank: level is {} (must lie between 0 and 1)", level));
    }
    const double product = static_cast<double>(n) * level;
    const double slack = 4 * std::numeric_limits<double>::epsilon() * product;
    return std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(product - slack)), 1, n);
}

double quantile_sorted(std::span<const double> sorted, double level)
{
    return sorted[quantile_rank(sorted.size(), level) - 1];
}

void select_ranks(std::span<double> values, std::span<const std::size_t> ranks)
{
    if (std::adjacent_find(ranks.begin(), ranks.end(), std::greater_equal<>()) != ranks.end()
        || (!ranks.empty() && (ranks.front() == 0 || ranks.back() > values.size()))) {
        throw std::invalid_argument(
            "select_ranks: the ranks must go upwards, from 1 to the number of values");
    }
    select_among(values, ranks, 0);
}

RankInterval order_statistic_ranks(std::size_t n, double p, double confidence)
{
    if (n == 0) {
        throw std::invalid_argument(
            "order_statistic_ranks: n is 0 (needs at least one number)");
    }
    check_share("order_statistic_ranks", "p", p);
    check_share("order_statistic_ranks", "confidence", confidence);

    const Binomial at_or_below(static_cast<double>(n), p);
    const double miss = (1 - confidence) / 2;
    const auto lower = static_cast<std::size_t>(count_quantile(at_or_below, miss));
    const auto upper = static_cast<std::size_t>(count_quantile(at_or_below, 1 - miss)) + 1;
    return {.lower = lower, .upper = upper <= n ? std::optional(upper) : std::nullopt};
}

Estimate quantile_estimate(std::span<const double> sorted, double level)
{
    Estimate estimate{.value = quantile_sorted(sorted, level)};
    const RankInterval ranks = order_statistic_ranks(sorted.size(), level);
    if (ranks.lower > 0) {
        estimate.lower = sorted[ranks.lower - 1];
    }
    if (ranks.upper) {
        estimate.upper = sorted[*ranks.upper - 1];
    }
    return estimate;
}

}  // namespace chokepoint
