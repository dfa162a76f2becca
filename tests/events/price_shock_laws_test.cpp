// Sampled price shocks against exact laws: mean reversion [schwartz1997], jumps [merton1976],
// shot noise, and the t copula of innovations [mcneil2015].

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/math/distributions/students_t.hpp>

#include "chokepoint/statistics/correlation.hpp"
#include "support/exact_law.hpp"

namespace chokepoint {
namespace {

using testing::exact_value;
using testing::expect_exact;
using testing::for_each_trial;
using testing::model_with_hazards;
using testing::Sample;

/// One process on neodymium, with the keys in `law`.
Model one_process(const std::string& law, int months)
{
    return model_with_hazards(
        "  price_shocks:\n    processes:\n"
        "      - {name: s, commodity: neodymium, "
            + law + "}\n",
        months);
}

TEST(LawsOfPriceShocks, RevertToTheMeanAsSchwartzsProcess)
{
    // From ln 80 towards ln 50.
    const Model model = one_process(
        "start: 4.382026634673881, mean: 3.912023005428146, "
        "mean_reversion_per_year: 1.2, volatility_per_year: 0.4",
        24);
    Sample logs;
    Sample prices;
    for_each_trial(model, 100'000, [&](const Timeline& timeline) {
        logs.add(timeline.price_shocks.back());
        prices.add(std::exp(timeline.price_shocks.back()));
    });
    expect_exact("E ln S", logs.mean(), exact_value("schwartz1_OU", "E ln S"), 0.001);
    expect_exact("Var ln S", logs.variance(), exact_value("schwartz1_OU", "Var ln S"), 0.02);
    expect_exact("E S", prices.mean(), exact_value("schwartz1_OU", "E S"), 0.005);
}

TEST(LawsOfPriceShocks, AreInTheLongRunAStationaryAutoregression)
{
    // After ten years; e^{-2 1.2 10} is 4e-11.
    const Model model =
        one_process("mean_reversion_per_year: 1.2, volatility_per_year: 0.4", 122);
    Sample before;
    Sample now;
    for_each_trial(model, 80'000, [&](const Timeline& timeline) {
        before.add(timeline.price_shocks[120]);
        now.add(timeline.price_shocks[121]);
    });
    expect_exact("variance", now.variance(), exact_value("schwartz1_OU", "stationary Var ln S"),
                 0.025);
    expect_exact("autocorrelation", before.correlation(now),
                 exact_value("schwartz1_OU", "lag-1-month autocorr"), 0.004);
}

TEST(LawsOfPriceShocks, JumpAsMertonsProcess)
{
    // Drift of the logarithm: 0.05 - 0.25^2 / 2.
    const Model model = one_process(
        "drift_per_year: 0.01875, volatility_per_year: 0.25, "
        "jumps: {rate_per_year: 0.8, size: {normal: {mean: 0.1, sd: 0.3}}}",
        12);
    Sample returns;
    for_each_trial(model, 1'000'000, [&](const Timeline& timeline) {
        returns.add(timeline.price_shocks.back());
    });
    const auto exact = [](const char* quantity) { return exact_value("merton", quantity); };
    expect_exact("mean", returns.mean(), exact("mean log-return"), 0.02);
    expect_exact("variance", returns.variance(), exact("variance"), 0.01);
    expect_exact("skewness", returns.skewness(), exact("skewness"), 0.05);
    expect_exact("excess kurtosis", returns.excess_kurtosis(), exact("excess kurtosis"), 0.06);
}

TEST(LawsOfPriceShocks, OfJumpsAloneAreShotNoise)
{
    // From the stationary mean, after five years; e^{-2 3 5} is 1e-13.
    const Model model = one_process(
        "start: 0.13333333333333333, mean_reversion_per_year: 3, "
        "jumps: {rate_per_year: 0.8, size: {normal: {mean: 0.5, sd: 0.2}}}",
        60);
    Sample values;
    for_each_trial(model, 200'000,
                   [&](const Timeline& timeline) { values.add(timeline.price_shocks.back()); });
    expect_exact("mean", values.mean(), exact_value("shot_noise_OU", "stationary mean"), 0.02);
    expect_exact("variance", values.variance(),
                 exact_value("shot_noise_OU", "stationary variance"), 0.03);
}

/// P(Y > q | X > q) of t numbers with correlation `rho`, q being exceeded with probability
/// `tail`: given X = x, Y is a t number with nu + 1 degrees of freedom, location rho x and
/// squared scale (nu + x^2) (1 - rho^2) / (nu + 1). By the midpoint rule over the tail.
double joint_exceedance(double nu, double rho, double tail)
{
    using boost::math::complement;
    const boost::math::students_t law(nu);
    const boost::math::students_t conditional(nu + 1);
    const double q = quantile(complement(law, tail));
    constexpr int steps = 4000;
    double sum = 0;
    for (int step = 0; step < steps; ++step) {
        const double x = quantile(complement(law, tail * (step + 0.5) / steps));
        const double scale = std::sqrt((nu + x * x) * (1 - rho * rho) / (nu + 1));
        sum += cdf(complement(conditional, (q - rho * x) / scale));
    }
    return sum / steps;
}

/// Two random walks whose monthly steps are t numbers, scaled to a variance of 1.
Model two_walks(double nu, double rho, int months)
{
    return model_with_hazards(
        "  price_shocks:\n    processes:\n"
        "      - {name: s, commodity: neodymium, volatility_per_year: 3.4641016151377544}\n"
        "      - {name: q, commodity: cerium, volatility_per_year: 3.4641016151377544}\n"
        "    correlations: {s: {q: "
            + std::to_string(rho) + "}}\n    dependence: student_t\n    degrees_of_freedom: "
            + std::to_string(nu) + "\n",
        months);
}

TEST(LawsOfPriceShocks, HaveInnovationsWithATCopula)
{
    // With two degrees of freedom innovations have no variance: these rows are refused.
    constexpr int months = 1200;
    constexpr double tail = 0.02;
    for (const CsvRow& row : read_test_table("t_copula_reference.csv")) {
        const double nu = row.number("nu");
        const double rho = row.number("rho");
        const std::string name = "nu " + row.text("nu") + ", rho " + row.text("rho");
        if (nu <= 2) {
            EXPECT_THROW(two_walks(nu, rho, 12), InputError) << name;
            continue;
        }
        const boost::math::students_t law(nu);
        const double q =
            quantile(boost::math::complement(law, tail)) * std::sqrt((nu - 2) / nu);
        Sample tau;
        Sample squares;
        Sample exceedance;
        for_each_trial(two_walks(nu, rho, months), 250, [&](const Timeline& timeline) {
            std::vector<double> s;
            std::vector<double> t;
            double both = 0;
            double square = 0;
            for (std::size_t month = 0; month < months; ++month) {
                const double* now = &timeline.price_shocks[2 * month];
                s.push_back(month == 0 ? now[0] : now[0] - now[-2]);
                t.push_back(month == 0 ? now[1] : now[1] - now[-1]);
                both += std::min(s.back(), t.back()) > q ? 1 : 0;
                both += std::max(s.back(), t.back()) < -q ? 1 : 0;
                square += s.back() * s.back();
            }
            tau.add(kendall_tau(s, t));
            squares.add(square / months);
            exceedance.add(both / (2 * tail * months));
        });
        EXPECT_NEAR(tau.mean().value, row.number("kendall_tau"), 4 * tau.mean().error) << name;
        EXPECT_LT(4 * tau.mean().error, 0.01) << name;
        EXPECT_NEAR(exceedance.mean().value, joint_exceedance(nu, rho, tail),
                    4 * exceedance.mean().error)
            << name;
        EXPECT_LT(4 * exceedance.mean().error, 0.035) << name;
        // The tail dependence is the limit of what was just measured.
        EXPECT_NEAR(joint_exceedance(nu, rho, 1e-60), row.number("tail_dependence"), 1e-4)
            << name;
        if (nu == 10) {  // With four the squares have no variance.
            expect_exact(name, squares.mean(), 1, 0.02);
        }
    }
}

}  // namespace
}  // namespace chokepoint
