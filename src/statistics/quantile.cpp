#include "chokepoint/statistics/quantile.hpp"

#include <algorithm>
#include <cmath>
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
