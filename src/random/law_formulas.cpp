#include "law_formulas.hpp"

#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/random/normal_distribution.hpp>
#include <boost/random/poisson_distribution.hpp>

namespace chokepoint {
namespace {

namespace bmp = boost::math::policies;

/// Boost.Math without exceptions: what is out of range comes back as infinity or NaN.
using Quiet =
    bmp::policy<bmp::domain_error<bmp::ignore_error>, bmp::pole_error<bmp::ignore_error>,
                bmp::overflow_error<bmp::ignore_error>, bmp::underflow_error<bmp::ignore_error>,
                bmp::denorm_error<bmp::ignore_error>, bmp::evaluation_error<bmp::ignore_error>,
                bmp::indeterminate_result_error<bmp::ignore_error>, bmp::promote_double<false>>;

constexpr double infinity = std::numeric_limits<double>::infinity();

Sides sides_of_unit_normal(double z)
{
    const boost::math::normal_distribution<double, Quiet> unit;
    return {cdf(unit, z), cdf(complement(unit, z))};
}

double unit_normal_density(double z)
{
    constexpr double root_of_two_pi = 2.5066282746310002;
    return portable_exp(-0.5 * z * z) / root_of_two_pi;
}

Sides sides(const Uniform& law, double x)
{
    const double width = law.high - law.low;
    return {(x - law.low) / width, (law.high - x) / width};
}

Sides sides(const Triangular& law, double x)
{
    const double width = law.high - law.low;
    if (x <= law.mode) {
        const double rise = x - law.low;
        const double below = rise > 0 ? rise / width * (rise / (law.mode - law.low)) : 0;
        return {below, 1 - below};
    }
    const double fall = law.high - x;
    const double above = fall / width * (fall / (law.high - law.mode));
    return {1 - above, above};
}

Sides sides(const Normal& law, double x)
{
    return sides_of_unit_normal((x - law.mean) / law.sd);
}

double normal_score(const Lognormal& law, double x)
{
    return portable_log(x / law.median) / law.sigma;
}

Sides sides(const Lognormal& law, double x)
{
    return sides_of_unit_normal(normal_score(law, x));
}

Sides sides(const Beta& law, double x)
{
    return {boost::math::ibeta(law.a, law.b, x, Quiet()),
            boost::math::ibetac(law.a, law.b, x, Quiet())};
}

Sides sides(const Gamma& law, double x)
{
    const double t = x / law.scale;
    if (t == infinity) {
        return {1, 0};
    }
    return {boost::math::gamma_p(law.shape, t, Quiet()),
            boost::math::gamma_q(law.shape, t, Quiet())};
}

/// The beta law that a PERT law is on [0, 1].
Beta as_beta(const Pert& law)
{
    const double width = law.high - law.low;
    return {.a = 1 + 4 * ((law.mode - law.low) / width),
            .b = 1 + 4 * ((law.high - law.mode) / width)};
}

double share_of_width(const Pert& law, double x)
{
    return std::clamp((x - law.low) / (law.high - law.low), 0.0, 1.0);
}

Sides sides(const Pert& law, double x)
{
    return sides(as_beta(law), share_of_width(law, x));
}

/// Where a number lies in a sorted sample: this place, and the share of the way to the next.
struct SamplePlace {
    std::size_t index;
    double share;
};

SamplePlace place_in(const Empirical& law, double x)
{
    const auto above = std::upper_bound(law.values.begin(), law.values.end(), x);
    if (above == law.values.begin() || above == law.values.end()) {
        return {above == law.values.begin() ? 0 : law.values.size() - 1, 0};
    }
    return {static_cast<std::size_t>(above - law.values.begin()) - 1,
            (x - *(above - 1)) / (*above - *(above - 1))};
}

Sides sides(const Empirical& law, double x)
{
    const auto last = static_cast<double>(law.values.size() - 1);
    const SamplePlace place = place_in(law, x);
    const auto index = static_cast<double>(place.index);
    return {(index + place.share) / last, (last - index - place.share) / last};
}

Sides sides(const StudentT& law, double x)
{
    const double t = (x - law.location) / law.scale;
    if (std::isinf(t)) {
        return {t < 0 ? 0.0 : 1.0, t < 0 ? 1.0 : 0.0};
    }
    const boost::math::students_t_distribution<double, Quiet> unit(law.nu);
    return {cdf(unit, t), cdf(complement(unit, t))};
}

/// -ln P(X > x), which is exponential with mean 1 as a function of the draw.
double hazard(const Weibull& law, double x)
{
    return portable_exp(law.shape * portable_log(x / law.scale));
}

Sides sides(const Weibull& law, double x)
{
    const double t = hazard(law, x);
    return {-std::expm1(-t), portable_exp(-t)};
}

Weibull as_weibull(const Exponential& law)
{
    return {.shape = 1, .scale = law.mean};
}

Sides sides(const Exponential& law, double x)
{
    return sides(as_weibull(law), x);
}

Sides sides(const Poisson& law, double x)
{
    const double count = std::floor(x);
    if (count < 0) {
        return {0, 1};
    }
    if (count == infinity) {
        return {1, 0};
    }
    return {boost::math::gamma_q(count + 1, law.mean, Quiet()),
            boost::math::gamma_p(count + 1, law.mean, Quiet())};
}

bool lower_half(Sides target)
{
    return target.below <= target.above;
}

double unit_normal_point(Sides target)
{
    const boost::math::normal_distribution<double, Quiet> unit;
    return lower_half(target) ? quantile(unit, target.below) : -quantile(unit, target.above);
}

double point(const Uniform& law, Sides target)
{
    const double width = law.high - law.low;
    return lower_half(target) ? law.low + width * target.below
                              : law.high - width * target.above;
}

double point(const Triangular& law, Sides target)
{
    const double width = law.high - law.low;
    const double rise = law.mode - law.low;
    if (target.below * width <= rise) {
        return law.low + std::sqrt(target.below * width) * std::sqrt(rise);
    }
    return law.high - std::sqrt(target.above * width) * std::sqrt(law.high - law.mode);
}

double point(const Normal& law, Sides target)
{
    return law.mean + law.sd * unit_normal_point(target);
}

double point(const Lognormal& law, Sides target)
{
    return law.median * portable_exp(law.sigma * unit_normal_point(target));
}

/// A draw that only rounding makes 0.
double positive(double x)
{
    return std::max(x, std::numeric_limits<double>::min());
}

double point(const Beta& law, Sides target)
{
    return positive(lower_half(target)
                        ? boost::math::ibeta_inv(law.a, law.b, target.below, Quiet())
                        : boost::math::ibetac_inv(law.a, law.b, target.above, Quiet()));
}

double point(const Weibull& law, Sides target)
{
    const double t =
        lower_half(target) ? -std::log1p(-target.below) : -portable_log(target.above);
    return law.scale * portable_exp(portable_log(t) / law.shape);
}

double point(const Exponential& law, Sides target)
{
    return point(as_weibull(law), target);
}

double point(const Poisson& law, Sides target)
{
    const auto reaches = [&](double count) {
        const Sides at = sides(law, count);
        return lower_half(target) ? at.below >= target.below : at.above <= target.above;
    };
    // Two terms of Cornish and Fisher land within a few counts of the answer.
    const double z = unit_normal_point(target);
    const double guess = law.mean + std::sqrt(law.mean) * z + (z * z - 1) / 6;
    double count = std::max(0.0, std::floor(guess));
    while (!reaches(count)) {
        ++count;
    }
    while (count > 0 && reaches(count - 1)) {
        --count;
    }
    return count;
}

double point(const Gamma& law, Sides target)
{
    const double t = lower_half(target)
                         ? boost::math::gamma_p_inv(law.shape, target.below, Quiet())
                         : boost::math::gamma_q_inv(law.shape, target.above, Quiet());
    return positive(law.scale * t);
}

double point(const Pert& law, Sides target)
{
    return law.low + (law.high - law.low) * point(as_beta(law), target);
}

double point(const Empirical& law, Sides target)
{
    const std::size_t last = law.values.size() - 1;
    const auto steps = static_cast<double>(last);
    const double place =
        lower_half(target) ? target.below * steps : steps - target.above * steps;
    const auto index = static_cast<std::size_t>(std::clamp(place, 0.0, steps));
    if (index == last) {
        return law.values[last];
    }
    const double gap = law.values[index + 1] - law.values[index];
    return law.values[index] + (place - static_cast<double>(index)) * gap;
}

double point(const StudentT& law, Sides target)
{
    const boost::math::students_t_distribution<double, Quiet> unit(law.nu);
    const double t =
        lower_half(target) ? quantile(unit, target.below) : -quantile(unit, target.above);
    return law.location + law.scale * t;
}

double mean_of(const Uniform& law)
{
    return law.low + (law.high - law.low) / 2;
}
double mean_of(const Triangular& law)
{
    return law.low / 3 + law.mode / 3 + law.high / 3;
}
double mean_of(const Normal& law)
{
    return law.mean;
}
double mean_of(const Beta& law)
{
    return law.a / (law.a + law.b);
}
double mean_of(const Exponential& law)
{
    return law.mean;
}
double mean_of(const Weibull& law)
{
    return law.scale * std::tgamma(1 + 1 / law.shape);
}
double mean_of(const Poisson& law)
{
    return law.mean;
}

double mean_of(const Gamma& law)
{
    return law.shape * law.scale;
}
double mean_of(const Pert& law)
{
    return law.low / 6 + law.mode * (4.0 / 6) + law.high / 6;
}
double mean_of(const StudentT& law)
{
    return law.location;
}

/// The sum over the gaps of the sample, which are equally likely, of their midpoints.
double mean_of(const Empirical& law)
{
    double sum = 0;
    for (std::size_t i = 1; i < law.values.size(); ++i) {
        sum += 0.5 * law.values[i - 1] + 0.5 * law.values[i];
    }
    return sum / static_cast<double>(law.values.size() - 1);
}

double mean_of(const Lognormal& law)
{
    return law.median * portable_exp(0.5 * law.sigma * law.sigma);
}

Sides mean_parts(const Uniform& law, double x)
{
    const Sides at = sides(law, x);
    return {at.below * (law.low + (x - law.low) / 2), at.above * (x + (law.high - x) / 2)};
}

Sides mean_parts(const Triangular& law, double x)
{
    const Sides at = sides(law, x);
    const double mean = mean_of(law);
    if (x <= law.mode) {
        const double below = at.below * (law.low + 2 * (x - law.low) / 3);
        return {below, mean - below};
    }
    const double above = at.above * (law.high - 2 * (law.high - x) / 3);
    return {mean - above, above};
}

Sides mean_parts(const Normal& law, double x)
{
    const double z = (x - law.mean) / law.sd;
    const Sides at = sides_of_unit_normal(z);
    const double shift = law.sd * unit_normal_density(z);
    return {law.mean * at.below - shift, law.mean * at.above + shift};
}

Sides mean_parts(const Lognormal& law, double x)
{
    const Sides weighted = sides_of_unit_normal(normal_score(law, x) - law.sigma);
    return {mean_of(law) * weighted.below, mean_of(law) * weighted.above};
}

Sides mean_parts(const Beta& law, double x)
{
    const Sides weighted = sides(Beta{law.a + 1, law.b}, x);
    return {mean_of(law) * weighted.below, mean_of(law) * weighted.above};
}

Sides mean_parts(const Weibull& law, double x)
{
    const double mean = mean_of(law);
    const double t = hazard(law, x);
    if (t == infinity) {
        return {mean, 0};
    }
    const double order = 1 + 1 / law.shape;
    return {mean * boost::math::gamma_p(order, t, Quiet()),
            mean * boost::math::gamma_q(order, t, Quiet())};
}

Sides mean_parts(const Exponential& law, double x)
{
    return mean_parts(as_weibull(law), x);
}

Sides mean_parts(const Poisson& law, double x)
{
    const Sides weighted = sides(law, std::floor(x) - 1);
    return {law.mean * weighted.below, law.mean * weighted.above};
}

Sides mean_parts(const Gamma& law, double x)
{
    const Sides weighted = sides(Gamma{law.shape + 1, law.scale}, x);
    return {mean_of(law) * weighted.below, mean_of(law) * weighted.above};
}

Sides mean_parts(const Pert& law, double x)
{
    const Sides at = sides(law, x);
    const Sides share = mean_parts(as_beta(law), share_of_width(law, x));
    const double width = law.high - law.low;
    return {law.low * at.below + width * share.below, law.low * at.above + width * share.above};
}

Sides mean_parts(const Empirical& law, double x)
{
    const auto gaps = static_cast<double>(law.values.size() - 1);
    const SamplePlace place = place_in(law, x);
    double below = 0;
    for (std::size_t i = 1; i <= place.index; ++i) {
        below += 0.5 * law.values[i - 1] + 0.5 * law.values[i];
    }
    if (place.share > 0) {
        below += place.share * (0.5 * law.values[place.index] + 0.5 * x);
    }
    return {below / gaps, mean_of(law) - below / gaps};
}

/// (nu + t^2) / (nu - 1) f(t): what lies above t adds to the mean of the unit law.
double upper_part_of_unit_t(double nu, double t)
{
    if (std::isinf(t)) {
        return 0;
    }
    const double size = std::abs(t) / std::sqrt(nu);
    const double log_term = size < 1e100 ? std::log1p(size * size) : 2 * portable_log(size);
    return std::sqrt(nu) / (nu - 1) / boost::math::beta(0.5, 0.5 * nu, Quiet())
           * portable_exp(-0.5 * (nu - 1) * log_term);
}

Sides mean_parts(const StudentT& law, double x)
{
    const Sides at = sides(law, x);
    const double shift =
        law.scale * upper_part_of_unit_t(law.nu, (x - law.location) / law.scale);
    return {law.location * at.below - shift, law.location * at.above + shift};
}

double draw_unit_normal(Philox& engine)
{
    return boost::random::normal_distribution<double>()(engine);
}

/// Logarithm of a gamma number with scale 1, which may be too small to be a number itself.
/// Rejection from a cubed normal; a shape below 1 is lifted by 1 first [marsaglia2000].
double draw_log_gamma(double shape, Philox& engine)
{
    if (shape < 1) {
        const double lift = portable_log(uniform_open(engine)) / shape;
        return draw_log_gamma(shape + 1, engine) + lift;
    }
    const double d = shape - 1.0 / 3;
    const double c = 1 / std::sqrt(9 * d);
    while (true) {
        const double z = draw_unit_normal(engine);
        const double root = 1 + c * z;
        const double u = uniform_open(engine);
        if (root <= 0) {
            continue;
        }
        const double v = root * root * root;
        const double log_v = portable_log(v);
        if (portable_log(u) < 0.5 * z * z + d * (1 - v + log_v)) {
            return portable_log(d) + log_v;
        }
    }
}

double draw_from(const Uniform& law, Philox& engine)
{
    const double x = law.low + (law.high - law.low) * uniform01(engine);
    return x < law.high ? x : std::nextafter(law.high, law.low);  // rounding may reach high
}

double draw_from(const Triangular& law, Philox& engine)
{
    const double u = uniform_open(engine);
    return point(law, {u, 1 - u});
}

double draw_from(const Normal& law, Philox& engine)
{
    return law.mean + law.sd * draw_unit_normal(engine);
}

double draw_from(const Lognormal& law, Philox& engine)
{
    return law.median * portable_exp(law.sigma * draw_unit_normal(engine));
}

double draw_from(const Beta& law, Philox& engine)
{
    const double log_x = draw_log_gamma(law.a, engine);
    const double log_y = draw_log_gamma(law.b, engine);
    return positive(1 / (1 + portable_exp(log_y - log_x)));
}

double draw_from(const Exponential& law, Philox& engine)
{
    return -law.mean * portable_log(uniform_open(engine));
}

double draw_from(const Weibull& law, Philox& engine)
{
    const double t = -portable_log(uniform_open(engine));
    return law.scale * portable_exp(portable_log(t) / law.shape);
}

double draw_from(const Poisson& law, Philox& engine)
{
    boost::random::poisson_distribution<std::int64_t, double> poisson(law.mean);
    return static_cast<double>(poisson(engine));
}

double draw_from(const Gamma& law, Philox& engine)
{
    return positive(law.scale * portable_exp(draw_log_gamma(law.shape, engine)));
}

double draw_from(const Pert& law, Philox& engine)
{
    const double x = law.low + (law.high - law.low) * draw_from(as_beta(law), engine);
    return std::min(x, law.high);  // rounding may pass high
}

double draw_from(const Empirical& law, Philox& engine)
{
    const double u = uniform_open(engine);
    return point(law, {u, 1 - u});
}

double draw_from(const StudentT& law, Philox& engine)
{
    const double z = draw_unit_normal(engine);
    const double log_mixing = draw_log_gamma(0.5 * law.nu, engine) - portable_log(0.5 * law.nu);
    return law.location + law.scale * (z * portable_exp(-0.5 * log_mixing));
}

/// A draw of a law so wide that it may pass the largest double.
double finite(double x)
{
    return std::min(x, std::numeric_limits<double>::max());
}

double draw_length_biased(const Exponential& law, Philox& engine)
{
    return draw_from(Gamma{.shape = 2, .scale = law.mean}, engine);
}

double draw_length_biased(const Gamma& law, Philox& engine)
{
    return draw_from(Gamma{law.shape + 1, law.scale}, engine);
}

/// -ln P(X > x) of the draw is a gamma number.
double draw_length_biased(const Weibull& law, Philox& engine)
{
    const double log_t = draw_log_gamma(1 + 1 / law.shape, engine);
    return finite(law.scale * portable_exp(log_t / law.shape));
}

double draw_length_biased(const Lognormal& law, Philox& engine)
{
    const double z = law.sigma + draw_unit_normal(engine);
    return finite(law.median * portable_exp(law.sigma * z));
}

double draw_length_biased(const Beta& law, Philox& engine)
{
    return draw_from(Beta{law.a + 1, law.b}, engine);
}

/// x f(x) is low f(x) + (x - low) f(x): the law itself, or its length-biased beta law.
double draw_length_biased(const Pert& law, Philox& engine)
{
    if (uniform_open(engine) * mean_of(law) < law.low) {
        return draw_from(law, engine);
    }
    const double share = draw_length_biased(as_beta(law), engine);
    return std::min(law.low + (law.high - law.low) * share, law.high);
}

double draw_length_biased(const Poisson& law, Philox& engine)
{
    return 1 + draw_from(law, engine);
}

/// Calls `function` with the law if it has formulas.
template <class Function>
auto with_formulas(const Distribution::Law& law, Function function)
{
    using Answer = std::invoke_result_t<Function, const Normal&>;
    return std::visit(
        [&]<class Given>(const Given& given) -> Answer {
            if constexpr (
                std::is_same_v<
                    Given,
                    Fixed> || std::is_same_v<Given, Bernoulli> || std::is_same_v<Given, Discrete>) {
                throw std::logic_error("a law of separate points has no formulas");
            } else {
                return function(given);
            }
        },
        law);
}

}  // namespace

Sides sides(const Distribution::Law& law, double x)
{
    return with_formulas(law, [&](const auto& given) { return sides(given, x); });
}

double point(const Distribution::Law& law, Sides target)
{
    return with_formulas(law, [&](const auto& given) { return point(given, target); });
}

double mean_of(const Distribution::Law& law)
{
    return with_formulas(law, [](const auto& given) { return mean_of(given); });
}

Sides mean_parts(const Distribution::Law& law, double x)
{
    return with_formulas(law, [&](const auto& given) { return mean_parts(given, x); });
}

double draw_from(const Distribution::Law& law, Philox& engine)
{
    return with_formulas(law, [&](const auto& given) { return draw_from(given, engine); });
}

std::optional<double> draw_length_biased_from(const Distribution::Law& law, Philox& engine)
{
    return with_formulas(law, [&](const auto& given) -> std::optional<double> {
        if constexpr (requires { draw_length_biased(given, engine); }) {
            return draw_length_biased(given, engine);
        } else {
            return std::nullopt;
        }
    });
}

}  // namespace chokepoint
