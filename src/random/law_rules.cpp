#include "law_rules.hpp"

#include "chokepoint/support/elementary.hpp"

#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

[[noreturn]] void reject(const std::string& message)
{
    throw std::invalid_argument(message);
}

void check_finite(std::string_view name, double value)
{
    constexpr double largest = 1e100;  // leaves room for sums and products of draws
    if (!std::isfinite(value)) {
        reject(fmt::format("{} must be a finite number (got {})", name, value));
    }
    if (std::abs(value) > largest) {
        reject(fmt::format("{} must be at most {} in size (got {})", name, largest, value));
    }
}

void check_positive(std::string_view name, double value)
{
    if (!(value > 0)) {
        reject(fmt::format("{} must be positive (got {})", name, value));
    }
    check_finite(name, value);
}

void check_between(std::string_view name, double value, double least, double most)
{
    if (!(value >= least && value <= most)) {
        reject(fmt::format("{} must lie between {} and {} (got {})", name, least, most, value));
    }
}

void check(const Fixed& law)
{
    check_finite("the number", law.value);
}

void check(const Uniform& law)
{
    check_finite("low", law.low);
    check_finite("high", law.high);
    if (!(law.low < law.high)) {
        reject(fmt::format("high must be greater than low (got low {} and high {})", law.low,
                           law.high));
    }
}

void check(const Triangular& law)
{
    check_finite("low", law.low);
    check_finite("mode", law.mode);
    check_finite("high", law.high);
    if (!(law.low < law.high)) {
        reject(fmt::format("high must be greater than low (got low {} and high {})", law.low,
                           law.high));
    }
    if (!(law.low <= law.mode && law.mode <= law.high)) {
        reject(
            fmt::format("mode must lie between low and high (got low {}, mode {} and high {})",
                        law.low, law.mode, law.high));
    }
}

void check(const Normal& law)
{
    check_finite("mean", law.mean);
    check_positive("sd", law.sd);
}

void check(const Lognormal& law)
{
    constexpr double largest_sigma = 30;  // beyond, the mean leaves the range of a double
    check_positive("median", law.median);
    check_positive("sigma", law.sigma);
    if (law.sigma > largest_sigma) {
        reject(fmt::format("sigma must be at most {} (got {})", largest_sigma, law.sigma));
    }
}

void check(const Beta& law)
{
    for (const auto& [name, value] : {std::pair("a", law.a), std::pair("b", law.b)}) {
        check_positive(name, value);
        check_between(name, value, 1e-3, 1e6);  // where Boost.Math's inverse is dependable
    }
}

void check(const Exponential& law)
{
    check_positive("mean", law.mean);
}

void check(const Weibull& law)
{
    check_positive("shape", law.shape);
    check_between("shape", law.shape, 0.01,
                  1e4);  // below, the mean leaves the range of a double
    check_positive("scale", law.scale);
}

void check(const Poisson& law)
{
    check_between("mean", law.mean, 0, 1e9);
}

void check(const Bernoulli& law)
{
    check_between("probability", law.probability, 0, 1);
}

void check(const Discrete& law)
{
    if (law.values.empty()) {
        reject("values must not be empty (needs at least one)");
    }
    if (law.values.size() != law.weights.size()) {
        reject(fmt::format("values and weights must be equally many (got {} and {})",
                           law.values.size(), law.weights.size()));
    }
    for (std::size_t i = 0; i < law.values.size(); ++i) {
        check_finite(fmt::format("values[{}]", i), law.values[i]);
        check_finite(fmt::format("weights[{}]", i), law.weights[i]);
        if (law.weights[i] < 0) {
            reject(fmt::format("weights[{}] must not be negative (got {})", i, law.weights[i]));
        }
    }
    if (!(std::accumulate(law.weights.begin(), law.weights.end(), 0.0) > 0)) {
        reject("weights must not all be zero");
    }
}

void check(const Gamma& law)
{
    check_positive("shape", law.shape);
    check_between("shape", law.shape, 0.01, 1e6);  // where Boost.Math's inverse is dependable
    check_positive("scale", law.scale);
}

void check(const Pert& law)
{
    check(Triangular{law.low, law.mode, law.high});
}

void check(const Empirical& law)
{
    if (law.values.size() < 2) {
        reject(fmt::format("a sample needs at least 2 values (got {})", law.values.size()));
    }
    for (std::size_t i = 0; i < law.values.size(); ++i) {
        check_finite(fmt::format("values[{}]", i), law.values[i]);
    }
}

void check(const StudentT& law)
{
    check_finite("location", law.location);
    check_positive("scale", law.scale);
    if (!(law.nu > 1)) {
        reject(
            fmt::format("nu must be greater than 1 (got {}): with fewer degrees of freedom "
                        "there is no mean",
                        law.nu));
    }
    check_between("nu", law.nu, 1, 1e6);  // beyond, the law is normal
}

std::string text(const Fixed& law)
{
    return fmt::format("{}", law.value);
}

std::string text(const Uniform& law)
{
    return fmt::format("uniform(low {}, high {})", law.low, law.high);
}

std::string text(const Triangular& law)
{
    return fmt::format("triangular(low {}, mode {}, high {})", law.low, law.mode, law.high);
}

std::string text(const Normal& law)
{
    return fmt::format("normal(mean {}, sd {})", law.mean, law.sd);
}

std::string text(const Lognormal& law)
{
    return fmt::format("lognormal(median {}, sigma {})", law.median, law.sigma);
}

std::string text(const Beta& law)
{
    return fmt::format("beta(a {}, b {})", law.a, law.b);
}

std::string text(const Exponential& law)
{
    return fmt::format("exponential(mean {})", law.mean);
}

std::string text(const Weibull& law)
{
    return fmt::format("weibull(shape {}, scale {})", law.shape, law.scale);
}

std::string text(const Poisson& law)
{
    return fmt::format("poisson(mean {})", law.mean);
}

std::string text(const Bernoulli& law)
{
    return fmt::format("bernoulli(probability {})", law.probability);
}

std::string text(const Discrete& law)
{
    return fmt::format("discrete(values [{}], weights [{}])", fmt::join(law.values, ", "),
                       fmt::join(law.weights, ", "));
}

std::string text(const Gamma& law)
{
    return fmt::format("gamma(shape {}, scale {})", law.shape, law.scale);
}

std::string text(const Pert& law)
{
    return fmt::format("pert(low {}, mode {}, high {})", law.low, law.mode, law.high);
}

std::string text(const Empirical& law)
{
    return fmt::format("empirical({})", fmt::join(law.values, ", "));
}

std::string text(const StudentT& law)
{
    return fmt::format("student_t(location {}, scale {}, nu {})", law.location, law.scale,
                       law.nu);
}

}  // namespace

void check(const Distribution::Law& law)
{
    std::visit([](const auto& given) { check(given); }, law);
}

std::string to_string(const Distribution::Law& law)
{
    return std::visit([](const auto& given) { return text(given); }, law);
}

Lognormal lognormal_from_p5_p95(double p5, double p95)
{
    constexpr double z95 = 1.6448536269514722;
    check_positive("p5", p5);
    check_finite("p95", p95);
    if (!(p95 > p5)) {
        reject(fmt::format("p95 must be greater than p5 (got p5 {} and p95 {})", p5, p95));
    }
    return {.median = std::sqrt(p5) * std::sqrt(p95),
            .sigma = portable_log(p95 / p5) / (2 * z95)};
}

Beta beta_from_mean_sd(double mean, double sd)
{
    if (!(mean > 0 && mean < 1)) {
        reject(fmt::format("mean must lie between 0 and 1, both excluded (got {})", mean));
    }
    check_positive("sd", sd);
    const double largest_sd = std::sqrt(mean * (1 - mean));
    if (!(sd < largest_sd)) {
        reject(fmt::format("sd must be less than {:.4g}, the largest for a mean of {} (got {})",
                           largest_sd, mean, sd));
    }
    const double total = (largest_sd / sd) * (largest_sd / sd) - 1;
    return {.a = mean * total, .b = (1 - mean) * total};
}

Gamma gamma_from_mean_sd(double mean, double sd)
{
    check_positive("mean", mean);
    check_positive("sd", sd);
    if (!(sd >= 1e-3 * mean && sd <= 10 * mean)) {  // the shapes that a gamma law may have
        reject(fmt::format("sd must be between 0.001 and 10 times the mean (got {} for {})", sd,
                           mean));
    }
    return {.shape = (mean / sd) * (mean / sd), .scale = sd * (sd / mean)};
}

}  // namespace chokepoint
