#include "chokepoint/random/distribution.hpp"

#include "chokepoint/random/stream.hpp"
#include "law_formulas.hpp"
#include "law_rules.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

struct Ends {
    double lower, upper;
};

/// Share by which rounding may lift a level over the probability that it is meant to equal.
constexpr double probability_slack = 64 * std::numeric_limits<double>::epsilon();

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The smallest and largest value of a law that is not given by a table of points.
struct EndsOf {
    Ends operator()(const Fixed& law) const { return {law.value, law.value}; }
    Ends operator()(const Uniform& law) const { return {law.low, law.high}; }
    Ends operator()(const Triangular& law) const { return {law.low, law.high}; }
    Ends operator()(const Normal&) const { return {-infinity, infinity}; }
    Ends operator()(const Beta&) const { return {0, 1}; }
    Ends operator()(const Pert& law) const { return {law.low, law.high}; }
    Ends operator()(const StudentT&) const { return {-infinity, infinity}; }
    Ends operator()(const Empirical& law) const
    {
        return {law.values.front(), law.values.back()};
    }
    Ends operator()(const Poisson& law) const { return {0, law.mean > 0 ? infinity : 0}; }

    template <class PositiveLaw>
    Ends operator()(const PositiveLaw&) const
    {
        return {0, infinity};
    }
};

struct Points {
    std::vector<double> values, shares;
};

/// Sorts the values upwards, merges equal ones, drops those without weight; the shares add up
/// to 1.
Points tabulate(const std::vector<double>& values, const std::vector<double>& weights)
{
    std::vector<std::pair<double, double>> pairs;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (weights[i] > 0) {
            pairs.emplace_back(values[i], weights[i]);
        }
    }
    std::sort(pairs.begin(), pairs.end());
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);

    Points points;
    for (const auto& [value, weight] : pairs) {
        if (!points.values.empty() && points.values.back() == value) {
            points.shares.back() += weight / sum;
        } else {
            points.values.push_back(value);
            points.shares.push_back(weight / sum);
        }
    }
    return points;
}

Points points_of(const Bernoulli& law)
{
    return tabulate({0, 1}, {1 - law.probability, law.probability});
}

Points points_of(const Discrete& law)
{
    return tabulate(law.values, law.weights);
}

template <class OtherLaw>
Points points_of(const OtherLaw&)
{
    return {};
}

bool is_poisson(const Distribution::Law& law)
{
    return std::holds_alternative<Poisson>(law);
}

std::string interval_text(double lower, double upper)
{
    return fmt::format("[{}, {}]", lower, upper);
}

/// Where the probabilities of what lies below a possible value are read.
double just_below(const Distribution::Law& law, double value)
{
    if (std::holds_alternative<Empirical>(law)) {
        return std::nextafter(value, -infinity);  // equal values of the sample carry weight
    }
    return is_poisson(law) ? value - 1 : value;
}

}  // namespace

Distribution::Distribution(Law law) : law_(std::move(law))
{
    check(law_);
    if (auto* sample = std::get_if<Empirical>(&law_)) {
        std::sort(sample->values.begin(), sample->values.end());
    }
    Points points = std::visit([](const auto& given) { return points_of(given); }, law_);
    if (points.values.empty()) {
        const Ends range = std::visit(EndsOf(), law_);
        lower_ = range.lower;
        upper_ = range.upper;
    } else {
        set_points(std::move(points.values), std::move(points.shares));
    }
}

void Distribution::set_points(std::vector<double> points, std::vector<double> shares)
{
    points_ = std::move(points);
    shares_ = std::move(shares);
    cumulative_.resize(shares_.size());
    std::partial_sum(shares_.begin(), shares_.end(), cumulative_.begin());
    cumulative_.back() = 1;
    lower_ = points_.front();
    upper_ = points_.back();
}

Distribution Distribution::truncated(double lower, double upper) const
{
    if (!(lower <= upper)) {
        throw std::invalid_argument(fmt::format(
            "the lower bound must not exceed the upper one (got {} and {})", lower, upper));
    }
    if (lower <= lower_ && upper_ <= upper) {
        return *this;
    }
    Distribution result = *this;
    const bool possible = points_.empty() ? result.condition_on(lower, upper)
                                          : result.condition_points_on(lower, upper);
    if (!possible) {
        throw std::invalid_argument(fmt::format("the interval {} has no probability under {}",
                                                interval_text(lower, upper), to_string(*this)));
    }
    result.truncated_ = true;
    return result;
}

bool Distribution::condition_on(double lower, double upper)
{
    lower_ = std::max(lower, lower_);
    upper_ = std::min(upper, upper_);
    if (is_poisson(law_)) {
        lower_ = std::ceil(lower_);
        upper_ = std::floor(upper_);
    }
    if (!(lower_ <= upper_) || std::holds_alternative<Fixed>(law_)) {
        return false;
    }
    const Sides at_lower = sides(law_, just_below(law_, lower_));
    const Sides at_upper = sides(law_, upper_);
    below_ = at_lower.below;
    above_ = at_upper.above;
    mass_ = below_ > 0.5 ? at_lower.above - at_upper.above : at_upper.below - at_lower.below;
    constexpr double least_mass = 1e-300;
    return mass_ > least_mass;
}

bool Distribution::condition_points_on(double lower, double upper)
{
    std::vector<double> weights = shares_;
    for (std::size_t i = 0; i < points_.size(); ++i) {
        if (points_[i] < lower || points_[i] > upper) {
            weights[i] = 0;
        }
    }
    Points points = tabulate(points_, weights);
    if (points.values.empty()) {
        return false;
    }
    set_points(std::move(points.values), std::move(points.shares));
    return true;
}

double Distribution::draw(Philox& engine) const
{
    if (is_fixed()) {
        return lower_;
    }
    if (truncated_ || !points_.empty()) {
        const double p = reached(uniform_open(engine));
        return point_at(p, 1 - p);
    }
    return draw_from(law_, engine);
}

double Distribution::draw_length_biased(Philox& engine) const
{
    if (lower_ < 0 || upper_ <= 0) {
        throw std::invalid_argument(
            fmt::format("a length-biased law needs values from 0 on and some above it (got {})",
                        to_string(*this)));
    }
    if (is_fixed()) {
        return lower_;
    }
    if (!points_.empty()) {
        return length_biased_point_at(uniform_open(engine));
    }
    if (!truncated_) {
        if (const auto drawn = draw_length_biased_from(law_, engine)) {
            return *drawn;
        }
    }
    return length_biased_root_at(uniform_open(engine));
}

double Distribution::quantile(double p) const
{
    if (!(p >= 0 && p <= 1)) {
        throw std::invalid_argument(
            fmt::format("quantile: p must lie between 0 and 1 (got {})", p));
    }
    if (p == 0 || is_fixed()) {
        return lower_;
    }
    if (p == 1) {
        return upper_;
    }
    p = reached(p);
    return point_at(p, 1 - p);
}

double Distribution::quantile_above(double q) const
{
    if (!(q >= 0 && q <= 1)) {
        throw std::invalid_argument(
            fmt::format("quantile_above: q must lie between 0 and 1 (got {})", q));
    }
    if (q == 1 || is_fixed()) {
        return lower_;
    }
    if (q == 0) {
        return upper_;
    }
    constexpr double least_q = 1e-100;  // Boost.Math's inversions fail from 1e-114 on
    q = std::max(q, least_q);
    if (has_separate_points()) {
        q = std::min(1.0, q + q * probability_slack);
    }
    return point_at(1 - q, q);
}

bool Distribution::has_separate_points() const
{
    return !points_.empty() || is_poisson(law_);
}

double Distribution::reached(double p) const
{
    return has_separate_points() ? p - p * probability_slack : p;
}

double Distribution::point_at(double below, double above) const
{
    if (!points_.empty()) {
        const auto place = std::lower_bound(cumulative_.begin(), cumulative_.end(), below);
        return points_[static_cast<std::size_t>(place - cumulative_.begin())];
    }
    const Sides target{below_ + below * mass_, above_ + above * mass_};
    return std::clamp(point(law_, target), lower_, upper_);
}

double Distribution::length_biased_point_at(double p) const
{
    double rest = p * mean();
    for (std::size_t i = 0; i < points_.size(); ++i) {
        rest -= points_[i] * shares_[i];
        if (rest <= 0) {
            return points_[i];
        }
    }
    return points_.back();
}

double Distribution::length_biased_root_at(double p) const
{
    const Sides low = mean_parts(law_, just_below(law_, lower_));
    const Sides high = mean_parts(law_, upper_);
    const Sides target{low.below + p * (high.below - low.below),
                       high.above + (1 - p) * (low.above - high.above)};
    // What lies beyond the truncation drowns the digits on one side, and may be negative there.
    const bool from_below = std::abs(target.below) <= std::abs(target.above);
    const auto reaches = [&](double x) {
        const Sides at = mean_parts(law_, x);
        return from_below ? at.below >= target.below : at.above <= target.above;
    };
    // Doubles from 0 on are ordered as their bits are: halving these needs at most 63 steps,
    // whatever the range, and ends at the smallest double, also where the law jumps.
    auto first = std::bit_cast<std::uint64_t>(std::abs(lower_));  // -0 becomes 0
    auto last =
        std::bit_cast<std::uint64_t>(std::min(upper_, std::numeric_limits<double>::max()));
    while (first < last) {
        const std::uint64_t middle = first + (last - first) / 2;
        if (reaches(std::bit_cast<double>(middle))) {
            last = middle;
        } else {
            first = middle + 1;
        }
    }
    return std::bit_cast<double>(last);
}

double Distribution::cdf(double x) const
{
    if (std::isnan(x)) {
        return x;
    }
    if (x < lower_ || x >= upper_) {
        return x < lower_ ? 0 : 1;
    }
    if (!points_.empty()) {
        const auto above = std::upper_bound(points_.begin(), points_.end(), x);
        return cumulative_[static_cast<std::size_t>(above - points_.begin()) - 1];
    }
    const Sides at = sides(law_, x);
    const double share =
        below_ > 0.5 ? 1 - (at.above - above_) / mass_ : (at.below - below_) / mass_;
    return std::clamp(share, 0.0, 1.0);
}

double Distribution::mean() const
{
    if (is_fixed()) {
        return lower_;
    }
    if (!points_.empty()) {
        return std::inner_product(points_.begin(), points_.end(), shares_.begin(), 0.0);
    }
    if (!truncated_) {
        return mean_of(law_);
    }
    const Sides low = mean_parts(law_, just_below(law_, lower_));
    const Sides high = mean_parts(law_, upper_);
    const double part = below_ > 0.5 ? low.above - high.above : high.below - low.below;
    return std::clamp(part / mass_, lower_, upper_);
}

std::string to_string(const Distribution& distribution)
{
    std::string written = to_string(distribution.law());
    if (distribution.is_truncated()) {
        written += " within " + interval_text(distribution.lower(), distribution.upper());
    }
    return written;
}

}  // namespace chokepoint
