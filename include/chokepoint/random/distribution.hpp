#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "chokepoint/random/philox.hpp"

namespace chokepoint {

struct Fixed {
    double value;
};
/// Uniform on [low, high).
struct Uniform {
    double low, high;
};
struct Triangular {
    double low, mode, high;
};
struct Normal {
    double mean, sd;
};
/// median * exp(sigma * Z).
struct Lognormal {
    double median, sigma;
};
/// Beta(a, b) on [0, 1].
struct Beta {
    double a, b;
};
struct Exponential {
    double mean;
};
struct Weibull {
    double shape, scale;
};
struct Poisson {
    double mean;
};
/// 1 with the given probability, else 0.
struct Bernoulli {
    double probability;
};
/// values[i] with probability weights[i] / sum of weights.
struct Discrete {
    std::vector<double> values, weights;
};
struct Gamma {
    double shape, scale;
};
/// Beta on [low, high] with a = 1 + 4 (mode - low) / (high - low) and b = 1 + 4 (high - mode) /
/// (high - low), so that the mean is (low + 4 mode + high) / 6 [malcolm1959].
struct Pert {
    double low, mode, high;
};
/// The law of a sample: its distribution function is linear between the sorted values, and the
/// quantile at p is the value at place (n - 1) p, counted from 0 and interpolated (type 7 of
/// [hyndman1996]). Equal values carry probability; the smallest and largest value bound the
/// law. Its mean is (sum of the values - (smallest + largest) / 2) / (n - 1), which is not the
/// sample's.
struct Empirical {
    std::vector<double> values;
};
/// location + scale * T with T of Student's t law with nu > 1 degrees of freedom (without which
/// there is no mean).
struct StudentT {
    double location, scale, nu;
};

/// A lognormal law with the given 5 % and 95 % quantiles (0 < p5 < p95).
/// \throws std::invalid_argument otherwise, with a message for users.
Lognormal lognormal_from_p5_p95(double p5, double p95);

/// A beta law with the given mean m in (0, 1) and standard deviation in (0, sqrt(m (1 - m))).
/// \throws std::invalid_argument otherwise, with a message for users.
Beta beta_from_mean_sd(double mean, double sd);

/// A gamma law with the given mean and standard deviation, both positive.
/// \throws std::invalid_argument otherwise, with a message for users.
Gamma gamma_from_mean_sd(double mean, double sd);

/// A law of one real number: how it is drawn, its quantiles and its mean; a value type.
///
/// Draws use the project's own logarithm and exponential (support/elementary.hpp), so that they
/// are the same bits on every machine: normal and Poisson numbers come from Boost.Random,
/// gamma, beta, PERT and Student-t numbers from the gamma method of [marsaglia2000], the others
/// by inversion. A distribution keeps no state between draws. Truncation to [lower, upper]
/// conditions the law on the interval and is drawn by inversion. Quantiles and distribution
/// functions of the normal, lognormal, beta, PERT, gamma, Student-t and Poisson laws come from
/// Boost.Math and may differ in the last bits between C libraries, and truncated draws and
/// length-biased ones without a closed form with them.
class Distribution {
public:
    using Law =
        std::variant<Fixed, Uniform, Triangular, Normal, Lognormal, Beta, Exponential, Weibull,
                     Poisson, Bernoulli, Discrete, Gamma, Pert, Empirical, StudentT>;

    /// The fixed number 0.
    Distribution() : Distribution(Fixed{0}) {}

    /// \throws std::invalid_argument if a parameter is out of its range, with a message that
    ///         a user can read, e.g. `sigma must be positive (got -1)`.
    Distribution(Law law);  // NOLINT(google-explicit-constructor): a law is a distribution

    /// The same from one of the laws, so that `Distribution x = Normal{0, 1}` can be written.
    template <class OneLaw>
    requires(!std::is_same_v<OneLaw, Distribution> && std::is_constructible_v<Law, OneLaw>)
        Distribution(OneLaw law)  // NOLINT(google-explicit-constructor)
        : Distribution(Law(std::move(law)))
    {}

    /// The law conditioned on [lower, upper]; infinite bounds are allowed. Conditioning a
    /// truncated law again conditions it on both intervals.
    /// \throws std::invalid_argument if lower > upper or the interval has no probability.
    Distribution truncated(double lower, double upper) const;

    /// The law as it was given, without the truncation; the values of a sample upwards.
    const Law& law() const { return law_; }
    bool is_truncated() const { return truncated_; }
    double lower() const { return lower_; }  ///< Smallest possible value (-inf if none).
    double upper() const { return upper_; }  ///< Largest possible value (inf if none).

    /// True if only one value is possible.
    bool is_fixed() const { return lower_ == upper_; }

    /// One draw. Uses a number of engine calls that depends on the law and, for rejection
    /// methods, on the draws: give each entity its own stream.
    double draw(Philox& engine) const;

    /// One draw of the length-biased law, whose probability at x is x / mean times that of
    /// this law: the length of the span that a fixed date falls into if spans of this law
    /// follow each other forever [cox1962]. By closed forms for exponential, lognormal, gamma,
    /// Weibull, beta, PERT and Poisson laws, by their weights for laws on separate points, else
    /// and for truncated laws by inversion of the partial mean to the nearest double. Allocates
    /// nothing.
    /// \throws std::invalid_argument if negative values are possible, or only 0 is.
    double draw_length_biased(Philox& engine) const;

    /// Smallest x with F(x) >= p, 0 < p < 1 (p = 0 and 1 give the bounds, infinite ones too).
    /// For laws on separate points, F within a few roundings of p counts as reaching it.
    /// \throws std::invalid_argument if p lies outside [0, 1].
    double quantile(double p) const;

    /// Smallest x with P(X > x) <= q: `quantile(1 - q)` with all digits of a small q. A q below
    /// 1e-100 other than 0 counts as 1e-100.
    /// \throws std::invalid_argument if q lies outside [0, 1].
    double quantile_above(double q) const;

    /// Distribution function P(X <= x); NaN for NaN.
    double cdf(double x) const;

    /// Expected value, by exact formulas also for truncated laws.
    double mean() const;

private:
    void set_points(std::vector<double> points, std::vector<double> shares);
    bool condition_on(double lower, double upper);         ///< False if nothing is left.
    bool condition_points_on(double lower, double upper);  ///< False if nothing is left.
    bool has_separate_points() const;
    double reached(double p) const;  ///< The level that counts as reaching p.
    /// \param below, above  Probabilities of the two sides; they add up to 1.
    double point_at(double below, double above) const;
    double length_biased_point_at(double p) const;  ///< Of laws on separate points.
    double length_biased_root_at(double p) const;   ///< Of all others.

    Law law_;
    bool truncated_ = false;
    double lower_ = 0, upper_ = 0;

    // For Bernoulli and Discrete, after truncation: the possible values, upwards, the
    // probability of each, and P(X <= each).
    std::vector<double> points_, shares_, cumulative_;

    // For the others, of the law before truncation: P(X < lower), P(X > upper), and what is
    // left. Both tails are kept, since the small one of them has all digits.
    double below_ = 0, above_ = 0, mass_ = 1;
};

/// As written in a scenario, e.g. `lognormal(median 85, sigma 1.2)`; a fixed number is itself,
/// and a truncated law is followed by its interval, `normal(mean 0, sd 1) within [-1, 1]`.
std::string to_string(const Distribution& distribution);

}  // namespace chokepoint
