#include "chokepoint/random/distribution.hpp"

#include "chokepoint/random/stream.hpp"
#include "support/complaint.hpp"
#include "support/count_allocations.hpp"
#include "support/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/complement.hpp>

namespace chokepoint {
namespace {

/// False alarms of each goodness-of-fit test below happen in one of a million seeds.
constexpr double false_alarm = 1e-6;

Philox test_stream(std::uint64_t trial = 0)
{
    return make_stream(20240607, Purpose::parameter, trial, hash_name("distribution_test"));
}

std::vector<double> draws(const Distribution& distribution, std::size_t count)
{
    Philox stream = test_stream();
    std::vector<double> numbers(count);
    for (double& number : numbers) {
        number = distribution.draw(stream);
    }
    return numbers;
}

/// What the constructor says to a law with wrong parameters.
std::string refusal(const Distribution::Law& law)
{
    return complaint([&] { Distribution{law}; });
}

struct Case {
    Distribution distribution;
    double mean;
    double sd;
};

double weibull_moment(double shape, int order)
{
    return std::tgamma(1 + order / shape);
}

/// Laws on an interval, with mean and standard deviation by their textbook formulas.
std::vector<Case> continuous_cases()
{
    const double log_mean = 2 * std::exp(0.5 * 0.6 * 0.6);
    const double weibull_sd =
        4 * std::sqrt(weibull_moment(1.7, 2) - std::pow(weibull_moment(1.7, 1), 2));
    return {
        {Uniform{-2, 5}, 1.5, 7 / std::sqrt(12.0)},
        {Triangular{1, 2, 6}, 3, std::sqrt((1 + 4 + 36 - 2 - 6 - 12) / 18.0)},
        {Triangular{0, 0, 1}, 1.0 / 3, std::sqrt(1 / 18.0)},
        {Triangular{0, 1, 1}, 2.0 / 3, std::sqrt(1 / 18.0)},
        {Normal{-3, 2}, -3, 2},
        {Lognormal{2, 0.6}, log_mean, log_mean * std::sqrt(std::expm1(0.6 * 0.6))},
        {Beta{2, 5}, 2.0 / 7, std::sqrt(10.0 / (49 * 8))},
        {Beta{0.3, 0.4}, 3.0 / 7, std::sqrt(0.12 / (0.49 * 1.7))},
        {Beta{0.5, 30}, 0.5 / 30.5, std::sqrt(15 / (30.5 * 30.5 * 31.5))},
        {Exponential{3}, 3, 3},
        {Weibull{1.7, 4}, 4 * weibull_moment(1.7, 1), weibull_sd},
        {Gamma{2.5, 3}, 7.5, 3 * std::sqrt(2.5)},
        {Gamma{0.4, 10}, 4, 10 * std::sqrt(0.4)},
        {Pert{1, 2, 6}, 2.5, std::sqrt(1.5 * 3.5 / 7)},
        {Pert{0, 1, 1}, 5.0 / 6, std::sqrt(5.0 / 36 / 7)},
        {Empirical{{4, 1, 9, 2}}, 11.0 / 3, std::sqrt(47.0) / 3},
        {StudentT{-1, 2, 10}, -1, 2 * std::sqrt(10.0 / 8)},
    };
}

std::vector<Distribution> truncated_cases()
{
    return {Distribution(Uniform{0, 10}).truncated(-5, 3),
            Distribution(Triangular{1, 2, 6}).truncated(1.5, 5),
            Distribution(Triangular{1, 2, 6}).truncated(3, 100),
            Distribution(Normal{0, 1}).truncated(-1, 0.5),
            Distribution(Normal{0, 1}).truncated(8, 9),
            Distribution(Normal{0, 1}).truncated(-infinity, -7),
            Distribution(Lognormal{85, 1.2}).truncated(10, 400),
            Distribution(Lognormal{85, 1.2}).truncated(5000, infinity),
            Distribution(Beta{2, 5}).truncated(0.7, 1),
            Distribution(Exponential{2}).truncated(50, infinity),
            Distribution(Exponential{2}).truncated(0, 0.1),
            Distribution(Weibull{0.7, 4}).truncated(1, 20),
            Distribution(Gamma{2.5, 3}).truncated(1, 6),
            Distribution(Gamma{0.4, 10}).truncated(60, infinity),
            Distribution(Pert{1, 2, 6}).truncated(1.5, 3),
            Distribution(Pert{1, 2, 6}).truncated(4.5, 9),
            Distribution(Empirical{{4, 1, 9, 2}}).truncated(1.5, 5),
            Distribution(StudentT{-1, 2, 10}).truncated(0, 4),
            Distribution(StudentT{-1, 2, 10}).truncated(-infinity, -9)};
}

std::vector<Distribution> count_cases()
{
    return {Poisson{0.3},
            Poisson{4.5},
            Poisson{40},
            Poisson{2500},
            Bernoulli{0.25},
            Discrete{{5, 1, 2.5, 1}, {1, 2, 3, 2}},
            Distribution(Poisson{4.5}).truncated(2, 6.5),
            Distribution(Poisson{4.5}).truncated(12, infinity),
            Distribution(Discrete{{5, 1, 2.5, 1}, {1, 2, 3, 2}}).truncated(2, 9)};
}

std::vector<Distribution> all_cases()
{
    std::vector<Distribution> all = truncated_cases();
    for (const Case& known : continuous_cases()) {
        all.push_back(known.distribution);
    }
    for (const Distribution& distribution : count_cases()) {
        all.push_back(distribution);
    }
    return all;
}

struct SampleMoments {
    double mean, sd, error_of_mean, error_of_sd;
};

SampleMoments moments_of(const std::vector<double>& sample)
{
    const auto n = static_cast<double>(sample.size());
    double mean = 0;
    for (const double x : sample) {
        mean += x / n;
    }
    double second = 0;
    double fourth = 0;
    for (const double x : sample) {
        const double square = (x - mean) * (x - mean);
        second += square / n;
        fourth += square * square / n;
    }
    const double sd = std::sqrt(second);
    return {mean, sd, sd / std::sqrt(n), std::sqrt((fourth - second * second) / n) / (2 * sd)};
}

/// Largest distance between the sample's distribution function and the law's.
double kolmogorov_distance(const Distribution& distribution, std::vector<double> sample)
{
    std::sort(sample.begin(), sample.end());
    const auto n = static_cast<double>(sample.size());
    double distance = 0;
    for (std::size_t i = 0; i < sample.size(); ++i) {
        const double share = distribution.cdf(sample[i]);
        distance = std::max({distance, share - static_cast<double>(i) / n,
                             static_cast<double>(i + 1) / n - share});
    }
    return distance;
}

TEST(Distribution, DrawsFollowTheDistributionFunction)
{
    constexpr std::size_t count = 100'000;
    // Massart's bound: P(distance > d) <= 2 exp(-2 n d^2).
    const double limit = std::sqrt(std::log(2 / false_alarm) / (2.0 * count));
    EXPECT_LT(limit, 0.01);
    for (const Case& known : continuous_cases()) {
        EXPECT_LT(kolmogorov_distance(known.distribution, draws(known.distribution, count)),
                  limit)
            << to_string(known.distribution);
    }
    for (const Distribution& distribution : truncated_cases()) {
        EXPECT_LT(kolmogorov_distance(distribution, draws(distribution, count)), limit)
            << to_string(distribution);
    }
}

TEST(Distribution, CountsFollowTheDistributionFunction)
{
    constexpr std::size_t count = 100'000;
    for (const Distribution& distribution : count_cases()) {
        std::map<double, double> observed;
        for (const double x : draws(distribution, count)) {
            observed[x] += 1;
        }
        // Neighbouring values join one cell until at least 10 draws are expected in it.
        double statistic = 0;
        double cell_count = 0;
        double share_below = 0;
        int cells = 0;
        for (const auto& [value, times] : observed) {
            cell_count += times;
            const double share = distribution.cdf(value);
            const double expected = count * (share - share_below);
            const bool last = value == observed.rbegin()->first;
            if (expected >= 10 && (last || count * (1 - share) >= 10)) {
                statistic += (cell_count - expected) * (cell_count - expected) / expected;
                cell_count = 0;
                share_below = share;
                ++cells;
            }
        }
        const double expected_rest = count * (1 - share_below);
        if (expected_rest > 1e-9) {
            statistic +=
                (cell_count - expected_rest) * (cell_count - expected_rest) / expected_rest;
            ++cells;
        }
        ASSERT_GE(cells, 2) << to_string(distribution);
        const boost::math::chi_squared law(cells - 1);
        EXPECT_LT(statistic, quantile(complement(law, false_alarm))) << to_string(distribution);
    }
}

TEST(Distribution, DrawsHaveTheTextbookMeanAndDeviation)
{
    for (const Case& known : continuous_cases()) {
        const SampleMoments sample = moments_of(draws(known.distribution, 200'000));
        EXPECT_NEAR(sample.mean, known.mean, 4 * sample.error_of_mean)
            << to_string(known.distribution);
        EXPECT_NEAR(sample.sd, known.sd, 4 * sample.error_of_sd)
            << to_string(known.distribution);
        EXPECT_LT(4 * sample.error_of_mean, 0.01 * known.sd);
        EXPECT_NEAR(known.distribution.mean(), known.mean, 1e-12 * (1 + std::abs(known.mean)));
    }
}

TEST(Distribution, DrawsHaveTheMeanThatIsPromised)
{
    for (const Distribution& distribution : all_cases()) {
        const SampleMoments sample = moments_of(draws(distribution, 100'000));
        EXPECT_NEAR(sample.mean, distribution.mean(), 4 * sample.error_of_mean)
            << to_string(distribution);
        EXPECT_LT(sample.error_of_mean, 0.0033 * sample.sd);
    }
}

TEST(Distribution, TruncatedMeanIsTheMeanOfItsQuantiles)
{
    constexpr int steps = 200'000;
    for (const Distribution& distribution : truncated_cases()) {
        double sum = 0;
        for (int i = 0; i < steps; ++i) {
            sum += distribution.quantile((i + 0.5) / steps);
        }
        // The midpoint rule misses a little of an infinite tail.
        const bool bounded = std::isfinite(distribution.upper() - distribution.lower());
        const double tolerance = bounded ? 1e-8 : 2e-4;
        EXPECT_NEAR(sum / steps / distribution.mean(), 1, tolerance) << to_string(distribution);
    }
}

TEST(Distribution, DrawsAreReproducible)
{
    for (const Distribution& distribution : all_cases()) {
        EXPECT_EQ(draws(distribution, 100), draws(distribution, 100))
            << to_string(distribution);
    }
}

TEST(Distribution, KeepsNoStateBetweenDraws)
{
    for (const Distribution& distribution : all_cases()) {
        Philox used = test_stream(1);
        distribution.draw(used);
        Philox fresh = test_stream(2);
        Philox fresh_again = test_stream(2);
        EXPECT_EQ(distribution.draw(fresh), Distribution(distribution).draw(fresh_again));
    }
}

TEST(Distribution, DrawsStayWithinTheBounds)
{
    for (const Distribution& distribution : all_cases()) {
        for (const double x : draws(distribution, 20'000)) {
            ASSERT_GE(x, distribution.lower()) << to_string(distribution);
            ASSERT_LE(x, distribution.upper()) << to_string(distribution);
            ASSERT_TRUE(std::isfinite(x)) << to_string(distribution);
        }
    }
}

TEST(Distribution, KeepsItsNumbers)
{
    // First draw of each law with seed 20240607, recorded; laws made of products, sums and the
    // project's own logarithm and exponential give these bits on every machine.
    const auto first = [](const Distribution& distribution) {
        return draws(distribution, 1)[0];
    };
    EXPECT_EQ(first(Uniform{0, 1}), 0x1.db3e6c072ea13p-1);
    EXPECT_EQ(first(Triangular{1, 2, 6}), 0x1.334ffa2ff81d4p+2);
    EXPECT_EQ(first(Normal{0, 1}), -0x1.833b3d5fc8728p+0);
    EXPECT_EQ(first(Lognormal{85, 1.2}), 0x1.bada9a03b1cb9p+3);
    EXPECT_EQ(first(Beta{2, 5}), 0x1.19ca400ea1134p-4);
    EXPECT_EQ(first(Beta{0.5, 0.5}), 0x1.d8f9308eb4d15p-1);
    EXPECT_EQ(first(Exponential{3}), 0x1.c9b50ad60491ap-3);
    EXPECT_EQ(first(Weibull{1.7, 4}), 0x1.bc8261ae653c4p-1);
    EXPECT_EQ(first(Gamma{2.5, 3}), 0x1.d8e34c929096ap+0);
    EXPECT_EQ(first(Pert{1, 2, 6}), 0x1.51dc7937549fp+0);
    EXPECT_EQ(first(Empirical{{4, 1, 9, 2}}), 0x1.fb150a8d776e3p+2);
    EXPECT_EQ(first(StudentT{-1, 2, 10}), -0x1.9fed801c1cd86p+1);
    EXPECT_EQ(first(Poisson{4.5}), 8);
    EXPECT_EQ(first(Poisson{40}), 34);
}

TEST(Distribution, QuantileUndoesTheDistributionFunction)
{
    std::vector<Distribution> distributions = truncated_cases();
    for (const Case& known : continuous_cases()) {
        distributions.push_back(known.distribution);
    }
    for (const Distribution& distribution : distributions) {
        for (const double p : {1e-9, 1e-4, 0.05, 0.3, 0.5, 0.77, 0.95, 0.9999, 1 - 1e-9}) {
            // Next to an end the law may rise by more than that from one double to the next.
            const double x = distribution.quantile(p);
            EXPECT_LE(distribution.cdf(std::nextafter(x, -infinity)), p + 1e-12)
                << to_string(distribution);
            EXPECT_GE(distribution.cdf(std::nextafter(x, infinity)), p - 1e-12)
                << to_string(distribution);
        }
    }
}

TEST(Distribution, QuantileAboveIsTheQuantileFromTheOtherEnd)
{
    std::vector<Distribution> distributions = truncated_cases();
    for (const Case& known : continuous_cases()) {
        distributions.push_back(known.distribution);
    }
    for (const Distribution& distribution : distributions) {
        for (const double q : {1 - 1e-9, 0.99, 0.5, 0.2, 1e-3}) {
            const double x = distribution.quantile(1 - q);
            EXPECT_NEAR(distribution.quantile_above(q), x, 1e-9 * (1 + std::abs(x)))
                << to_string(distribution);
        }
        double last = distribution.quantile_above(1);
        EXPECT_EQ(last, distribution.lower());
        for (double q = 0.1; q > 1e-150; q /= 3) {
            const double x = distribution.quantile_above(q);
            EXPECT_GE(x, last) << to_string(distribution) << " at " << q;
            EXPECT_LE(x, distribution.upper()) << to_string(distribution);
            last = x;
        }
        EXPECT_EQ(distribution.quantile_above(0), distribution.upper());
    }
    for (const Distribution& distribution : count_cases()) {
        for (double q = 0.0005; q < 1; q += 0.001) {
            EXPECT_EQ(distribution.quantile_above(q), distribution.quantile(1 - q))
                << to_string(distribution) << " at " << q;
        }
    }
}

TEST(Distribution, QuantileAboveKeepsTheDigitsOfRareEvents)
{
    EXPECT_NEAR(Distribution(Normal{0, 1}).quantile_above(1e-100), 21.2734535609653, 1e-12);
    EXPECT_NEAR(Distribution(Exponential{1}).quantile_above(1e-100), 100 * std::log(10.0),
                1e-11);
    EXPECT_EQ(Distribution(Poisson{1e-6}).quantile_above(1e-7), 1);
    EXPECT_EQ(Distribution(Poisson{1e-6}).quantile_above(1e-20), 3);
    EXPECT_EQ(complaint([] {
                  Distribution(Normal{0, 1}).quantile_above(1.5);
              }),
              "quantile_above: q must lie between 0 and 1 (got 1.5)");
}

TEST(Distribution, QuantileIsTheSmallestNumberThatReachesTheLevel)
{
    for (const Distribution& distribution : count_cases()) {
        for (double p = 0.0005; p < 1; p += 0.001) {
            const double x = distribution.quantile(p);
            EXPECT_GE(distribution.cdf(x), p * (1 - 2e-14)) << to_string(distribution);
            const double before = std::nextafter(x, -infinity);
            EXPECT_LT(distribution.cdf(before), p) << to_string(distribution);
        }
    }
}

TEST(Distribution, QuantileOfAReachedLevelIsThatValue)
{
    // F(x) rounded up or down must still lead back to x, not to the next value.
    for (const Distribution& distribution : count_cases()) {
        const double last = std::min(distribution.upper(), distribution.quantile(0.999));
        for (double x = distribution.lower(); x < last;
             x = distribution.quantile(std::min(1.0, distribution.cdf(x) + 1e-9))) {
            EXPECT_EQ(distribution.quantile(distribution.cdf(x)), x) << to_string(distribution);
        }
    }
    const Distribution tenths = Discrete{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, std::vector(10, 0.1)};
    for (int i = 1; i <= 10; ++i) {
        EXPECT_EQ(tenths.quantile(i / 10.0), i);
    }
}

TEST(Distribution, ReachesFarTails)
{
    const Distribution normal = Normal{0, 1};
    EXPECT_NEAR(normal.quantile(1e-300), -37.0471, 1e-4);
    EXPECT_NEAR(normal.quantile(0.975), 1.959963984540054, 1e-14);
    const Distribution tail = normal.truncated(20, infinity);
    EXPECT_NEAR(tail.mean(), 20.049753, 1e-6);  // inverse Mills ratio at 20
    EXPECT_GT(tail.quantile(0.5), 20);
    EXPECT_LT(tail.quantile(0.5), 20.05);
    const Distribution poisson = Poisson{1e9};
    EXPECT_NEAR(poisson.quantile(0.975), 1e9 + 1.96 * std::sqrt(1e9), 10);
    EXPECT_EQ(Distribution(Poisson{1e-6}).quantile(0.999), 0);
    EXPECT_EQ(Distribution(Poisson{1e-6}).quantile(1 - 1e-7), 1);
}

TEST(Distribution, QuantileAtZeroAndOneGivesTheBounds)
{
    EXPECT_EQ(Distribution(Normal{0, 1}).quantile(0), -infinity);
    EXPECT_EQ(Distribution(Normal{0, 1}).quantile(1), infinity);
    EXPECT_EQ(Distribution(Beta{2, 3}).quantile(1), 1);
    EXPECT_EQ(Distribution(Poisson{3}).quantile(0), 0);
    EXPECT_EQ(Distribution(Normal{0, 1}).truncated(-1, 2).quantile(1), 2);
    EXPECT_EQ(complaint([] {
                  Distribution(Normal{0, 1}).quantile(1.5);
              }),
              "quantile: p must lie between 0 and 1 (got 1.5)");
    EXPECT_EQ(complaint([] {
                  Distribution(Normal{0, 1}).quantile(nan);
              }),
              "quantile: p must lie between 0 and 1 (got nan)");
}

TEST(Distribution, DistributionFunctionIsZeroBelowAndOneAbove)
{
    for (const Distribution& distribution : all_cases()) {
        if (distribution.lower() > -infinity) {
            EXPECT_EQ(distribution.cdf(std::nextafter(distribution.lower(), -infinity)), 0);
        }
        EXPECT_EQ(distribution.cdf(-infinity), 0);
        EXPECT_EQ(distribution.cdf(infinity), 1);
        if (distribution.upper() < infinity) {
            EXPECT_EQ(distribution.cdf(distribution.upper()), 1);
        }
        EXPECT_TRUE(std::isnan(distribution.cdf(nan)));
    }
}

TEST(Distribution, OfAFixedNumberIsThatNumber)
{
    const Distribution fixed = Fixed{7};
    Philox stream = test_stream();
    EXPECT_TRUE(fixed.is_fixed());
    EXPECT_EQ(fixed.draw(stream), 7);
    EXPECT_EQ(stream(), test_stream()());  // no random number was used up
    EXPECT_EQ(fixed.quantile(0.3), 7);
    EXPECT_EQ(fixed.mean(), 7);
    EXPECT_EQ(fixed.cdf(6.9), 0);
    EXPECT_EQ(fixed.cdf(7), 1);
    EXPECT_EQ(Distribution().lower(), 0);
}

TEST(Distribution, KnowsWhenOnlyOneValueIsPossible)
{
    EXPECT_TRUE(Distribution(Bernoulli{1}).is_fixed());
    EXPECT_TRUE(Distribution(Bernoulli{0}).is_fixed());
    EXPECT_TRUE(Distribution(Poisson{0}).is_fixed());
    EXPECT_TRUE(Distribution(Discrete{{3, 4, 3}, {1, 0, 2}}).is_fixed());
    EXPECT_TRUE(Distribution(Poisson{3}).truncated(1.5, 2.5).is_fixed());
    EXPECT_EQ(Distribution(Poisson{3}).truncated(1.5, 2.5).mean(), 2);
    EXPECT_FALSE(Distribution(Bernoulli{0.5}).is_fixed());
    EXPECT_FALSE(Distribution(Normal{0, 1}).is_fixed());
}

TEST(Distribution, MergesEqualValuesOfADiscreteLaw)
{
    const Distribution ties = Discrete{{2, 1, 2, 9}, {1, 2, 1, 0}};
    EXPECT_EQ(ties.lower(), 1);
    EXPECT_EQ(ties.upper(), 2);
    EXPECT_EQ(ties.cdf(1), 0.5);
    EXPECT_EQ(ties.quantile(0.5), 1);
    EXPECT_EQ(ties.quantile(0.51), 2);
    EXPECT_EQ(ties.mean(), 1.5);
}

TEST(Distribution, KeepsTheDigitsOfRareEvents)
{
    EXPECT_DOUBLE_EQ(Distribution(Bernoulli{1e-12}).mean(), 1e-12);
    EXPECT_DOUBLE_EQ(Distribution(Bernoulli{0.2}).quantile(0.8), 0);
    EXPECT_DOUBLE_EQ(Distribution(Bernoulli{0.2}).quantile(0.81), 1);
}

TEST(Distribution, TruncatesTwiceToTheCommonInterval)
{
    const Distribution twice = Distribution(Normal{0, 1}).truncated(-1, 2).truncated(0, 5);
    const Distribution once = Distribution(Normal{0, 1}).truncated(0, 2);
    EXPECT_EQ(twice.lower(), 0);
    EXPECT_EQ(twice.upper(), 2);
    EXPECT_EQ(twice.quantile(0.3), once.quantile(0.3));
    EXPECT_EQ(to_string(twice), "normal(mean 0, sd 1) within [0, 2]");
}

TEST(Distribution, IsUnchangedByATruncationThatCutsNothing)
{
    const Distribution beta = Distribution(Beta{2, 5}).truncated(-1, 1);
    EXPECT_FALSE(beta.is_truncated());
    EXPECT_EQ(draws(beta, 5), draws(Beta{2, 5}, 5));
}

TEST(Distribution, RoundsTheBoundsOfCountsToPossibleValues)
{
    const Distribution poisson = Distribution(Poisson{4.5}).truncated(1.2, 6.9);
    EXPECT_EQ(poisson.lower(), 2);
    EXPECT_EQ(poisson.upper(), 6);
    const Distribution points =
        Distribution(Discrete{{1, 2, 3, 4}, {1, 1, 1, 1}}).truncated(1.5, 3);
    EXPECT_EQ(points.lower(), 2);
    EXPECT_EQ(points.upper(), 3);
    EXPECT_EQ(points.mean(), 2.5);
}

TEST(Distribution, RefusesAnEmptyTruncation)
{
    const Distribution normal = Normal{0, 1};
    EXPECT_EQ(complaint([&] { normal.truncated(3, 1); }),
              "the lower bound must not exceed the upper one (got 3 and 1)");
    EXPECT_EQ(complaint([&] { normal.truncated(nan, 1); }),
              "the lower bound must not exceed the upper one (got nan and 1)");
    EXPECT_EQ(complaint([&] { normal.truncated(50, 60); }),
              "the interval [50, 60] has no probability under normal(mean 0, sd 1)");
    EXPECT_EQ(complaint([&] { normal.truncated(1, 1); }),
              "the interval [1, 1] has no probability under normal(mean 0, sd 1)");
    EXPECT_EQ(complaint([] {
                  Distribution(Beta{1, 2}).truncated(1.5, 2);
              }),
              "the interval [1.5, 2] has no probability under beta(a 1, b 2)");
    EXPECT_EQ(complaint([] { Distribution(Poisson{2}).truncated(1.2, 1.8); }),
              "the interval [1.2, 1.8] has no probability under poisson(mean 2)");
    EXPECT_EQ(complaint([] { Distribution(Fixed{2}).truncated(3, 4); }),
              "the interval [3, 4] has no probability under 2");
    EXPECT_EQ(complaint([] { Distribution(Bernoulli{0.5}).truncated(0.2, 0.7); }),
              "the interval [0.2, 0.7] has no probability under bernoulli(probability 0.5)");
}

TEST(Distribution, ExplainsWhatIsWrongWithItsParameters)
{
    EXPECT_EQ(refusal(Fixed{nan}), "the number must be a finite number (got nan)");
    EXPECT_EQ(refusal(Uniform{2, 1}), "high must be greater than low (got low 2 and high 1)");
    EXPECT_EQ(refusal(Uniform{2, infinity}), "high must be a finite number (got inf)");
    EXPECT_EQ(refusal(Uniform{0, 1e200}), "high must be at most 1e+100 in size (got 1e+200)");
    EXPECT_EQ(refusal(Triangular{1, 5, 3}),
              "mode must lie between low and high (got low 1, mode 5 and high 3)");
    EXPECT_EQ(refusal(Triangular{1, 1, 1}),
              "high must be greater than low (got low 1 and high 1)");
    EXPECT_EQ(refusal(Normal{0, 0}), "sd must be positive (got 0)");
    EXPECT_EQ(refusal(Lognormal{85, -1}), "sigma must be positive (got -1)");
    EXPECT_EQ(refusal(Lognormal{-85, 1}), "median must be positive (got -85)");
    EXPECT_EQ(refusal(Lognormal{85, 100}), "sigma must be at most 30 (got 100)");
    EXPECT_EQ(refusal(Beta{0, 1}), "a must be positive (got 0)");
    EXPECT_EQ(refusal(Beta{1, 1e9}), "b must lie between 0.001 and 1000000 (got 1000000000)");
    EXPECT_EQ(refusal(Exponential{nan}), "mean must be positive (got nan)");
    EXPECT_EQ(refusal(Weibull{-2, 1}), "shape must be positive (got -2)");
    EXPECT_EQ(refusal(Weibull{2, 0}), "scale must be positive (got 0)");
    EXPECT_EQ(refusal(Poisson{-1}), "mean must lie between 0 and 1000000000 (got -1)");
    EXPECT_EQ(refusal(Bernoulli{1.2}), "probability must lie between 0 and 1 (got 1.2)");
    EXPECT_EQ(refusal(Discrete{{}, {}}), "values must not be empty (needs at least one)");
    EXPECT_EQ(refusal(Discrete{{1, 2}, {1}}),
              "values and weights must be equally many (got 2 and 1)");
    EXPECT_EQ(refusal(Discrete{{1, 2}, {1, -1}}), "weights[1] must not be negative (got -1)");
    EXPECT_EQ(refusal(Discrete{{1, 2}, {0, 0}}), "weights must not all be zero");
    EXPECT_EQ(refusal(Gamma{0, 1}), "shape must be positive (got 0)");
    EXPECT_EQ(refusal(Gamma{1e-3, 1}), "shape must lie between 0.01 and 1000000 (got 0.001)");
    EXPECT_EQ(refusal(Gamma{1, -1}), "scale must be positive (got -1)");
    EXPECT_EQ(refusal(Pert{1, 5, 3}),
              "mode must lie between low and high (got low 1, mode 5 and high 3)");
    EXPECT_EQ(refusal(Empirical{{1}}), "a sample needs at least 2 values (got 1)");
    EXPECT_EQ(refusal(Empirical{{1, nan}}), "values[1] must be a finite number (got nan)");
    EXPECT_EQ(refusal(StudentT{0, 0, 3}), "scale must be positive (got 0)");
    EXPECT_EQ(
        refusal(StudentT{0, 1, 1}),
        "nu must be greater than 1 (got 1): with fewer degrees of freedom there is no mean");
    EXPECT_EQ(refusal(StudentT{0, 1, 1e7}), "nu must lie between 1 and 1000000 (got 10000000)");
}

TEST(Distribution, IsWrittenAsInAScenario)
{
    EXPECT_EQ(to_string(Distribution(Fixed{0.3})), "0.3");
    EXPECT_EQ(to_string(Distribution(Lognormal{85, 1.2})), "lognormal(median 85, sigma 1.2)");
    EXPECT_EQ(to_string(Distribution(Triangular{0.05, 0.12, 0.25})),
              "triangular(low 0.05, mode 0.12, high 0.25)");
    EXPECT_EQ(to_string(Distribution(Discrete{{1, 2}, {0.4, 0.6}})),
              "discrete(values [1, 2], weights [0.4, 0.6])");
    EXPECT_EQ(to_string(Distribution(Gamma{2, 15})), "gamma(shape 2, scale 15)");
    EXPECT_EQ(to_string(Distribution(Pert{1, 2, 6})), "pert(low 1, mode 2, high 6)");
    EXPECT_EQ(to_string(Distribution(StudentT{5, 1, 4})),
              "student_t(location 5, scale 1, nu 4)");
    EXPECT_EQ(to_string(Distribution(Exponential{2}).truncated(1, infinity)),
              "exponential(mean 2) within [1, inf]");
}

TEST(Distribution, HasTheNumbersOfOtherPrograms)
{
    // mpmath 1.3 at 30 digits: regularised incomplete gamma and beta, quadrature of t's
    // density.
    EXPECT_NEAR(Distribution(Gamma{2.5, 3}).cdf(10), 0.753365847813947823, 1e-14);
    EXPECT_NEAR(Distribution(Gamma{2.5, 3}).quantile(0.99), 22.6294087040834852, 1e-12);
    EXPECT_NEAR(Distribution(Gamma{0.4, 10}).quantile(0.001) / 2.34494108476647445e-7, 1,
                1e-12);
    EXPECT_NEAR(Distribution(Pert{1, 2, 6}).cdf(3), 0.728385165505145320, 1e-14);
    EXPECT_NEAR(Distribution(Pert{1, 2, 6}).quantile(0.9), 3.72667025216790897, 1e-13);
    const Distribution t3 = StudentT{0, 1, 3};
    EXPECT_NEAR(t3.cdf(1.5), 0.884708067377588474, 1e-14);
    EXPECT_NEAR(t3.quantile(0.999), 10.2145318524073866, 1e-11);
    EXPECT_NEAR(t3.truncated(1, 5).mean(), 1.88720175312123048, 1e-13);
    EXPECT_NEAR(Distribution(StudentT{0, 1, 1.5}).truncated(2, infinity).mean(),
                6.59002576496901273, 1e-12);
}

/// All laws of spans of time.
std::vector<Distribution> span_cases()
{
    std::vector<Distribution> spans;
    for (const Distribution& distribution : all_cases()) {
        if (distribution.lower() >= 0 && distribution.upper() > 0) {
            spans.push_back(distribution);
        }
    }
    return spans;
}

std::vector<double> length_biased_draws(const Distribution& distribution, std::size_t count)
{
    Philox stream = test_stream(3);
    std::vector<double> numbers(count);
    for (double& number : numbers) {
        number = distribution.draw_length_biased(stream);
    }
    return numbers;
}

TEST(LengthBiased, DrawsFollowThePartialMean)
{
    constexpr std::size_t count = 5'000;
    const double limit = std::sqrt(std::log(2 / false_alarm) / (2.0 * count));  // Massart
    EXPECT_LT(limit, 0.04);
    EXPECT_GE(span_cases().size(), 30u);
    for (const Distribution& distribution : span_cases()) {
        std::vector<double> sample = length_biased_draws(distribution, count);
        std::sort(sample.begin(), sample.end());
        for (std::size_t i = 0; i < count; ++i) {
            if (i + 1 < count && sample[i] == sample[i + 1]) {
                continue;
            }
            const double x = sample[i];
            ASSERT_TRUE(x >= distribution.lower() && x <= distribution.upper());
            const double below = distribution.truncated(distribution.lower(), x).mean();
            const double share = distribution.cdf(x) * below / distribution.mean();
            ASSERT_NEAR(static_cast<double>(i + 1) / count, share, limit)
                << to_string(distribution) << " at " << x;
        }
    }
}

TEST(LengthBiased, MeanIsTheSecondMomentOverTheMean)
{
    for (const Case& known : continuous_cases()) {
        if (known.distribution.lower() < 0) {
            continue;
        }
        const double expected = known.mean + known.sd * known.sd / known.mean;
        const SampleMoments sample =
            moments_of(length_biased_draws(known.distribution, 100'000));
        EXPECT_NEAR(sample.mean, expected, 4 * sample.error_of_mean)
            << to_string(known.distribution);
        EXPECT_LT(4 * sample.error_of_mean, 0.05 * expected);
    }
}

TEST(LengthBiased, RateIsOneOverTheMean)
{
    // E[1 / X] of the length-biased law is 1 / mean of the law, whatever that is.
    for (const Distribution& distribution : span_cases()) {
        if (distribution.lower() == 0) {
            continue;
        }
        const double mean = distribution.mean();
        std::vector<double> rates = length_biased_draws(distribution, 10'000);
        for (double& rate : rates) {
            rate = mean / rate;
        }
        const SampleMoments sample = moments_of(rates);
        EXPECT_NEAR(sample.mean, 1, 4 * sample.error_of_mean + 1e-12)
            << to_string(distribution);
        EXPECT_LT(4 * sample.error_of_mean, 0.05);
    }
}

TEST(LengthBiased, InvertsToFullPrecision)
{
    Philox stream = test_stream(3);
    for (const double x : length_biased_draws(Uniform{1, 3}, 1000)) {
        EXPECT_DOUBLE_EQ(x, std::sqrt(1 + 8 * uniform_open(stream)));
    }
    Philox tail_stream = test_stream(3);
    // P(X > x) is (x + 2) e^(-x / 2) over its value at 50.
    for (const double x :
         length_biased_draws(Distribution(Exponential{2}).truncated(50, infinity), 1000)) {
        EXPECT_NEAR((x + 2) / 52 * std::exp(-(x - 50) / 2), 1 - uniform_open(tail_stream),
                    2e-14);
    }
    // Far beyond a mean below 0 the parts of the mean have opposite signs.
    const Distribution far = Distribution(Normal{-3, 1}).truncated(5, infinity);
    EXPECT_NEAR(moments_of(length_biased_draws(far, 50'000)).mean,
                far.mean() + std::pow(moments_of(draws(far, 50'000)).sd, 2) / far.mean(),
                0.003);
}

TEST(LengthBiased, GivesSeparatePointsTheirShareOfTheMean)
{
    const auto share_of = [](const Distribution& distribution, double value) {
        const std::vector<double> sample = length_biased_draws(distribution, 40'000);
        return static_cast<double>(std::count(sample.begin(), sample.end(), value)) / 40'000;
    };
    const double tolerance = 4 * std::sqrt(0.25 / 40'000);
    EXPECT_LE(tolerance, 0.01);
    const Distribution repair = Discrete{{0, 1, 6}, {5, 4, 1}};
    EXPECT_EQ(share_of(repair, 0), 0);
    EXPECT_NEAR(share_of(repair, 1), 0.4, tolerance);
    EXPECT_NEAR(share_of(repair, 6), 0.6, tolerance);
    EXPECT_EQ(share_of(Bernoulli{0.1}, 1), 1);
    EXPECT_EQ(share_of(Fixed{3}, 3), 1);
    // Two of the gaps of this sample lie at 3 itself.
    EXPECT_NEAR(share_of(Empirical{{3, 1, 3, 3, 5}}, 3), 6.0 / 12, tolerance);
}

TEST(LengthBiased, KeepsItsNumbers)
{
    // First draw of each closed form, recorded: the same bits on every machine.
    const auto first = [](const Distribution& distribution) {
        return length_biased_draws(distribution, 1)[0];
    };
    EXPECT_EQ(first(Exponential{3}), 0x1.2ada8ba275c9ap+2);
    EXPECT_EQ(first(Lognormal{85, 1.2}), 0x1.43176ac7d7d31p+8);
    EXPECT_EQ(first(Gamma{2.5, 3}), 0x1.2155bc0e0b922p+3);
    EXPECT_EQ(first(Weibull{1.7, 4}), 0x1.174eb0e642b6fp+2);
    EXPECT_EQ(first(Beta{2, 5}), 0x1.81be804a7f4ap-2);
    EXPECT_EQ(first(Pert{1, 2, 6}), 0x1.ebfdba97d12fbp+1);
    EXPECT_EQ(first(Poisson{4.5}), 2);
}

TEST(LengthBiased, IsFiniteForTheHeaviestTails)
{
    for (const Distribution& heavy :
         {Distribution(Lognormal{1, 30}), Distribution(Weibull{0.01, 1}),
          Distribution(StudentT{0, 1, 1.01}).truncated(0, infinity)}) {
        for (const double x : length_biased_draws(heavy, 2000)) {
            ASSERT_TRUE(x > 0 && std::isfinite(x)) << to_string(heavy);
        }
    }
}

TEST(LengthBiased, RefusesLawsThatAreNoSpans)
{
    Philox stream = test_stream();
    EXPECT_EQ(
        complaint([&] {
            Distribution(Normal{5, 1}).draw_length_biased(stream);
        }),
        "a length-biased law needs values from 0 on and some above it (got normal(mean 5, "
        "sd 1))");
    EXPECT_EQ(complaint([&] { Distribution(Fixed{0}).draw_length_biased(stream); }),
              "a length-biased law needs values from 0 on and some above it (got 0)");
}

TEST(LengthBiased, AllocatesNothing)
{
    for (const Distribution& distribution : span_cases()) {
        Philox stream = test_stream();
        const std::size_t before = allocation_count;
        for (int i = 0; i < 10; ++i) {
            distribution.draw_length_biased(stream);
        }
        EXPECT_EQ(allocation_count, before) << to_string(distribution);
    }
}

TEST(Gamma, TakesItsParametersFromMeanAndDeviation)
{
    const Gamma law = gamma_from_mean_sd(30, 20);
    EXPECT_NEAR(law.shape * law.scale, 30, 1e-13);
    EXPECT_NEAR(std::sqrt(law.shape) * law.scale, 20, 1e-13);
    EXPECT_EQ(complaint([] { gamma_from_mean_sd(-1, 2); }), "mean must be positive (got -1)");
    EXPECT_EQ(complaint([] { gamma_from_mean_sd(1, 0); }), "sd must be positive (got 0)");
    EXPECT_EQ(complaint([] { gamma_from_mean_sd(1, 20); }),
              "sd must be between 0.001 and 10 times the mean (got 20 for 1)");
}

TEST(Gamma, IsPositiveAlsoWhereDrawsUnderflow)
{
    for (const double x : draws(Gamma{0.01, 1}, 10'000)) {
        ASSERT_GT(x, 0);
    }
    EXPECT_GT(Distribution(Gamma{0.01, 1}).quantile(1e-9), 0);
    const SampleMoments sample = moments_of(draws(Gamma{0.01, 1}, 1'000'000));
    EXPECT_NEAR(sample.mean, 0.01, 4 * sample.error_of_mean);
    EXPECT_LT(4 * sample.error_of_mean, 0.0005);
}

TEST(Empirical, InterpolatesBetweenTheSortedValues)
{
    // Type 7 of Hyndman and Fan: numpy.quantile([4, 1, 9, 2], p) gives the same.
    const Distribution sample = Empirical{{4, 1, 9, 2}};
    EXPECT_DOUBLE_EQ(sample.quantile(0.2), 1.6);
    EXPECT_DOUBLE_EQ(sample.quantile(0.4), 2.4);
    EXPECT_DOUBLE_EQ(sample.quantile(0.5), 3);
    EXPECT_DOUBLE_EQ(sample.quantile(0.9), 7.5);
    EXPECT_EQ(sample.lower(), 1);
    EXPECT_EQ(sample.upper(), 9);
    EXPECT_DOUBLE_EQ(sample.cdf(3), 0.5);
    EXPECT_EQ(to_string(sample), "empirical(1, 2, 4, 9)");
}

TEST(Empirical, GivesEqualValuesTheirWeight)
{
    const Distribution sample = Empirical{{3, 1, 3, 3, 5}};
    EXPECT_EQ(sample.cdf(3), 0.75);
    EXPECT_NEAR(sample.cdf(std::nextafter(3, 0)), 0.25, 1e-15);
    EXPECT_EQ(sample.quantile(0.25), 3);
    EXPECT_EQ(sample.quantile(0.6), 3);
    EXPECT_EQ(sample.quantile(0.875), 4);
    EXPECT_DOUBLE_EQ(sample.mean(), (2 + 3 + 3 + 4) / 4.0);
    // What lies on the bound counts, from both sides.
    EXPECT_DOUBLE_EQ(sample.truncated(3, 5).mean(), (3 + 3 + 4) / 3.0);
    EXPECT_DOUBLE_EQ(sample.truncated(0, 3).mean(), (2 + 3 + 3) / 3.0);
    EXPECT_TRUE(sample.truncated(3, 3).is_fixed());
    EXPECT_TRUE(Distribution(Empirical{{2, 2}}).is_fixed());
    EXPECT_EQ(Distribution(Empirical{{2, 2}}).mean(), 2);
}

TEST(Lognormal, TakesItsParametersFromTwoQuantiles)
{
    const Lognormal law = lognormal_from_p5_p95(20, 500);
    const Distribution distribution = law;
    EXPECT_NEAR(distribution.quantile(0.05), 20, 1e-11);
    EXPECT_NEAR(distribution.quantile(0.95), 500, 1e-9);
    EXPECT_NEAR(law.median, 100, 1e-12);
    EXPECT_EQ(complaint([] { lognormal_from_p5_p95(3, 2); }),
              "p95 must be greater than p5 (got p5 3 and p95 2)");
    EXPECT_EQ(complaint([] { lognormal_from_p5_p95(0, 2); }), "p5 must be positive (got 0)");
}

TEST(Beta, TakesItsParametersFromMeanAndDeviation)
{
    const Beta law = beta_from_mean_sd(0.3, 0.1);
    EXPECT_NEAR(law.a / (law.a + law.b), 0.3, 1e-15);
    EXPECT_NEAR(std::sqrt(0.3 * 0.7 / (law.a + law.b + 1)), 0.1, 1e-15);
    EXPECT_EQ(complaint([] { beta_from_mean_sd(1.2, 0.1); }),
              "mean must lie between 0 and 1, both excluded (got 1.2)");
    EXPECT_EQ(complaint([] { beta_from_mean_sd(0.5, 0); }), "sd must be positive (got 0)");
    EXPECT_EQ(complaint([] { beta_from_mean_sd(0.25, 0.6); }),
              "sd must be less than 0.433, the largest for a mean of 0.25 (got 0.6)");
}

TEST(Beta, DrawsWhereGammaNumbersUnderflow)
{
    // With such small parameters nearly all draws are next to 0 or 1; none may be 0 / 0.
    const Distribution distribution = Beta{0.001, 0.003};
    for (const double x : draws(distribution, 10'000)) {
        ASSERT_TRUE(x > 0 && x <= 1);
    }
    EXPECT_GT(distribution.quantile(0.01), 0);
    const SampleMoments sample = moments_of(draws(distribution, 100'000));
    EXPECT_NEAR(sample.mean, 0.25, 4 * sample.error_of_mean);
}

}  // namespace
}  // namespace chokepoint
