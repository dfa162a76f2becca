#include "chokepoint/engine/exceedance.hpp"

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/proportion.hpp"
#include "chokepoint/statistics/tail_risk.hpp"
#include "support/csv.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// Yearly sums (aggregate) and largest losses (occurrence) of trials of several years.
struct YearlyLosses {
    std::vector<std::vector<double>> sums, largest;  ///< [year][trial]
};

using LossesOfAYear = std::function<void(Philox&, double& sum, double& largest)>;

YearlyLosses drawn(std::size_t years, std::size_t trials, const std::string& name,
                   const LossesOfAYear& draw)
{
    YearlyLosses losses{std::vector(years, std::vector<double>(trials)),
                        std::vector(years, std::vector<double>(trials))};
    for (std::size_t trial = 0; trial < trials; ++trial) {
        Philox stream = make_stream(2010, Purpose::parameter, trial, hash_name(name));
        for (std::size_t year = 0; year < years; ++year) {
            draw(stream, losses.sums[year][trial], losses.largest[year][trial]);
        }
    }
    return losses;
}

/// A year of so many events, each of a size.
LossesOfAYear compound(std::function<std::size_t(Philox&)> count,
                       std::function<double(Philox&)> size)
{
    return [=](Philox& stream, double& sum, double& largest) {
        sum = largest = 0;
        for (std::size_t events = count(stream); events > 0; --events) {
            const double one = size(stream);
            sum += one;
            largest = std::max(largest, one);
        }
    };
}

std::function<std::size_t(Philox&)> poisson(double mean)
{
    const Distribution law(Poisson{mean});
    return [law](Philox& stream) { return static_cast<std::size_t>(law.draw(stream)); };
}

std::vector<ExceedanceCurve> curves_of(const std::vector<std::vector<double>>& years,
                                       Basis basis, const std::vector<double>& weights = {})
{
    std::vector<Column> columns(years.size());
    std::vector<ColumnTrials> trials(years.size());
    for (std::size_t year = 0; year < years.size(); ++year) {
        columns[year].metric = "loss";
        columns[year].year = YearOf{.basis = basis, .year = static_cast<int>(year + 1)};
        trials[year] = {.column = &columns[year], .values = years[year], .weights = weights};
    }
    RankTable ranks;
    return exceedance_curves(trials, ranks);
}

const Figure& at(const ExceedanceCurve& curve, double return_period)
{
    for (const ExceedancePoint& point : curve.points) {
        if (point.return_period == return_period) {
            return point.figure;
        }
    }
    throw std::invalid_argument("no such return period");
}

std::map<std::string, std::map<std::string, double>> panjer_examples()
{
    std::map<std::string, std::map<std::string, double>> cases;
    for (const CsvRow& row : read_test_table("panjer_examples.csv")) {
        cases[row.text("case")][row.text("quantity")] = row.number("value");
    }
    return cases;
}

constexpr std::size_t four_years = 4, many_trials = 100'000;

TEST(ExceedanceCurves, GiveTheExactQuantilesOfDiscreteYearlySums)
{
    // Levels 0.9, 0.95, 0.99 and 0.995 are return periods of 10, 20, 100 and 200 years. The
    // laws sit on whole numbers. F lies more than four of the errors of 400,000 years from the
    // levels there but for 0.995 (F(38) = 0.995307 in the first case), so that quantiles are
    // exact.
    const auto cases = panjer_examples();
    const auto one_to = [](double most) {
        return [most](Philox& stream) { return std::floor(1 + most * uniform01(stream)); };
    };
    // Sizes 1, 2, 3 with probabilities 1/2, 1/3, 1/6: their mean 5/3 and mean square 10/3, by
    // twelve events a year, are the case's mean and variance.
    const Distribution sizes(Discrete{{1, 2, 3}, {3, 2, 1}});
    ASSERT_NEAR(12 * sizes.mean(), cases.at("poisson12_discrete123").at("mean"), 1e-9);
    ASSERT_NEAR(12 * 10.0 / 3, cases.at("poisson12_discrete123").at("variance"), 1e-9);
    const auto geometric = [](Philox& stream) {
        std::size_t count = 0;  // mean 4: stops with probability 1 / 5
        while (uniform01(stream) < 0.8) {
            ++count;
        }
        return count;
    };
    const std::map<std::string, LossesOfAYear> laws = {
        {"poisson12_discrete123",
         compound(poisson(12), [&](Philox& stream) { return sizes.draw(stream); })},
        {"geometric4_uniform1to4", compound(geometric, one_to(4))}};
    for (const auto& [name, law] : laws) {
        const YearlyLosses losses = drawn(four_years, many_trials, name, law);
        const ExceedanceCurve curve = curves_of(losses.sums, Basis::aggregate).front();
        for (const auto& [period, quantity] :
             std::map<double, std::string>{{2, "VaR0.500"},
                                           {10, "VaR0.900"},
                                           {20, "VaR0.950"},
                                           {100, "VaR0.990"},
                                           {200, "VaR0.995"}}) {
            if (const auto known = cases.at(name).find(quantity);
                known != cases.at(name).end()) {
                const Estimate& estimate = at(curve, period).estimate;
                if (period < 200) {
                    EXPECT_EQ(estimate.value, known->second) << name << ' ' << quantity;
                }
                EXPECT_LE(estimate.lower, known->second) << name << ' ' << quantity;
                EXPECT_GE(estimate.upper, known->second) << name << ' ' << quantity;
                EXPECT_LE(estimate.upper - estimate.lower, 1) << name << ' ' << quantity;
            }
        }
        for (const auto& [quantity, truth] : cases.at(name)) {
            if (quantity.starts_with("P(S<=") || quantity.starts_with("F(")) {
                const double most =
                    std::stod(quantity.substr(quantity.find_first_of("0123456789")));
                double count = 0;
                for (const std::vector<double>& year : losses.sums) {
                    count += static_cast<double>(std::count_if(
                        year.begin(), year.end(), [&](double sum) { return sum <= most; }));
                }
                const double n = four_years * many_trials;
                EXPECT_NEAR(count / n, truth, 4 * std::sqrt(truth * (1 - truth) / n))
                    << name << ' ' << quantity;
            }
        }
    }
}

TEST(ExceedanceCurves, HoldTheExactQuantilesOfContinuousYearlySumsAndLargestLosses)
{
    const auto exact = panjer_examples().at("poisson2_exp1");
    const Distribution size(Exponential{1});
    const YearlyLosses losses =
        drawn(four_years, many_trials, "poisson2_exp1",
              compound(poisson(2), [&](Philox& stream) { return size.draw(stream); }));
    const ExceedanceCurve sums = curves_of(losses.sums, Basis::aggregate).front();
    const ExceedanceCurve largest = curves_of(losses.largest, Basis::occurrence).front();
    // Four standard errors are twice the half width of a 95 % interval and a little more.
    const auto expect_near = [](const Estimate& estimate, double truth) {
        const double width = estimate.upper - estimate.lower;
        EXPECT_NEAR(estimate.value, truth, 4 * width / (2 * interval_z));
        EXPECT_LT(width, 0.1 * truth);
    };
    for (const auto& [period, quantity] : std::map<double, std::string>{{10, "VaR0.900"},
                                                                        {20, "VaR0.950"},
                                                                        {100, "VaR0.990"},
                                                                        {200, "VaR0.995"},
                                                                        {1000, "VaR0.999"}}) {
        expect_near(at(sums, period).estimate, exact.at(quantity));
        // P(largest <= x) = e^(-2 e^-x).
        expect_near(at(largest, period).estimate, -std::log(-std::log(1 - 1 / period) / 2));
    }
    std::vector<double> pooled;
    for (const std::vector<double>& year : losses.sums) {
        pooled.insert(pooled.end(), year.begin(), year.end());
    }
    for (const auto& [level, quantity] : std::map<double, std::string>{{0.9, "ES0.900"},
                                                                       {0.95, "ES0.950"},
                                                                       {0.99, "ES0.990"},
                                                                       {0.995, "ES0.995"},
                                                                       {0.999, "ES0.999"}}) {
        const TailRisk risk = tail_risk(pooled, level);
        EXPECT_NEAR(risk.expected_shortfall, exact.at(quantity), 4 * risk.standard_error);
        EXPECT_LT(4 * risk.standard_error, 0.03 * exact.at(quantity));
    }
    for (const double loss : {0.0, 1.0, 2.0, 5.0, 10.0}) {
        const auto above = static_cast<std::size_t>(
            std::count_if(pooled.begin(), pooled.end(), [&](double x) { return x > loss; }));
        const Estimate share = proportion(above, pooled.size());
        EXPECT_NEAR(share.value,
                    exact.at("P(S>" + std::to_string(static_cast<int>(loss)) + ")"),
                    4 * (share.upper - share.lower) / (2 * interval_z));
    }
}

TEST(ExceedanceCurves, HaveOneForAllYearsAndOneForEach)
{
    const std::vector<std::vector<double>> years = {std::vector<double>(1000, 1),
                                                    std::vector<double>(1000, 2)};
    const std::vector<ExceedanceCurve> curves = curves_of(years, Basis::occurrence);
    ASSERT_EQ(curves.size(), 3);
    EXPECT_FALSE(curves[0].year);
    EXPECT_EQ(curves[1].year, 1);
    EXPECT_EQ(curves[2].year, 2);
    EXPECT_EQ(at(curves[0], 2).estimate.value, 1);
    EXPECT_EQ(at(curves[0], 5).estimate.value, 2);
    EXPECT_EQ(at(curves[1], 5).estimate.value, 1);
    EXPECT_EQ(at(curves[2], 5).estimate.value, 2);
    EXPECT_EQ(at(curves[0], 100).n, 20);  // of 2,000 trial-years
    EXPECT_TRUE(std::isnan(at(curves[0], 200).estimate.value));
    EXPECT_TRUE(std::isnan(at(curves[1], 100).estimate.value));
}

TEST(ExceedanceCurves, TakeYearsThatGoTogetherForOne)
{
    // Every trial has the same loss in each of four years: as good as its first year alone.
    const Distribution size(Exponential{1});
    const YearlyLosses alone =
        drawn(1, 20'000, "alone",
              [&](Philox& stream, double& sum, double&) { sum = size.draw(stream); });
    const std::vector<std::vector<double>> together(four_years, alone.sums[0]);
    const ExceedanceCurve one = curves_of(alone.sums, Basis::aggregate).front();
    const ExceedanceCurve four = curves_of(together, Basis::aggregate).front();
    for (const double period : {2.0, 10.0, 100.0, 500.0}) {
        EXPECT_EQ(at(four, period).estimate.value, at(one, period).estimate.value);
        const auto width = [&](const ExceedanceCurve& curve) {
            return at(curve, period).estimate.upper - at(curve, period).estimate.lower;
        };
        EXPECT_NEAR(width(four) / width(one), 1, 0.1) << period;
        EXPECT_NEAR(
            static_cast<double>(at(four, period).n) / static_cast<double>(at(one, period).n), 1,
            0.02);
    }
}

TEST(ExceedanceCurves, AreAsSureAsAllTrialYearsWhereEveryTrialHasOneBadYear)
{
    // The share beyond the quantile does not differ between trials, so that clusters take
    // nothing away. The errors of rounding make 73 trials worse than 74.
    const Distribution size(Exponential{1});
    for (const std::size_t trials : {73U, 74U, 96U, 101U}) {
        std::vector<std::vector<double>> years(5, std::vector<double>(trials));
        years[4] = drawn(1, trials, "bad", [&](Philox& stream, double& sum, double&) {
                       sum = size.draw(stream);
                   }).sums[0];
        const Figure figure = at(curves_of(years, Basis::aggregate).front(), 5);
        EXPECT_EQ(figure.n, 5 * trials);
    }
}

TEST(ExceedanceCurves, WeighTrials)
{
    // Weights of 1 change nothing; doubling the weight of some is having them twice.
    const Distribution size(Exponential{1});
    const YearlyLosses losses =
        drawn(2, 2000, "weighted",
              [&](Philox& stream, double& sum, double&) { sum = size.draw(stream); });
    const ExceedanceCurve plain = curves_of(losses.sums, Basis::aggregate).front();
    const ExceedanceCurve ones =
        curves_of(losses.sums, Basis::aggregate, std::vector<double>(2000, 1)).front();
    std::vector<double> weights(2000, 1);
    std::vector<std::vector<double>> repeated = losses.sums;
    for (std::size_t trial = 0; trial < 500; ++trial) {
        weights[trial] = 2;
        for (std::size_t year = 0; year < 2; ++year) {
            repeated[year].push_back(losses.sums[year][trial]);
        }
    }
    const ExceedanceCurve weighted = curves_of(losses.sums, Basis::aggregate, weights).front();
    const ExceedanceCurve twice = curves_of(repeated, Basis::aggregate).front();
    for (const double period : {2.0, 10.0, 100.0}) {
        EXPECT_EQ(at(ones, period).estimate.value, at(plain, period).estimate.value);
        EXPECT_EQ(at(weighted, period).estimate.value, at(twice, period).estimate.value);
        EXPECT_LT(at(weighted, period).n, at(twice, period).n + 1);
    }
}

TEST(ExceedanceCurvesSlow, CoverTheTruthThoughBadYearsComeTogether)
{
    // A trial's rate is uncertain, so its years go together: intervals that took them for
    // independent would cover too seldom.
    constexpr int repeats = 1000;
    constexpr std::size_t trials = 4000, years = 5;
    std::map<double, int> covered;
    // P(loss > x) = P(high rate) e^(-x / 3) + P(low rate) e^-x.
    const auto beyond = [](double x) { return 0.2 * std::exp(-x / 3) + 0.8 * std::exp(-x); };
    std::map<double, double> quantile;
    for (const double period : {10.0, 100.0}) {
        double low = 0, high = 100;
        for (int step = 0; step < 200; ++step) {
            const double middle = 0.5 * (low + high);
            (beyond(middle) > 1 / period ? low : high) = middle;
        }
        quantile[period] = low;
    }
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const Distribution size(Exponential{1});
        std::vector<std::vector<double>> losses(years, std::vector<double>(trials));
        for (std::size_t trial = 0; trial < trials; ++trial) {
            Philox stream = make_stream(static_cast<std::uint64_t>(repeat), Purpose::parameter,
                                        trial, hash_name("together"));
            const double scale = uniform01(stream) < 0.2 ? 3 : 1;
            for (std::size_t year = 0; year < years; ++year) {
                losses[year][trial] = scale * size.draw(stream);
            }
        }
        const ExceedanceCurve curve = curves_of(losses, Basis::aggregate).front();
        for (const auto& [period, exact] : quantile) {
            const Estimate& estimate = at(curve, period).estimate;
            covered[period] += estimate.lower <= exact && exact <= estimate.upper ? 1 : 0;
        }
    }
    for (const auto& [period, count] : covered) {
        std::printf("[ coverage ] return period %.0f: %.3f\n", period, count / 1000.0);
        // Order statistics promise 95 % at least, and give a little more.
        EXPECT_GE(count / 1000.0, 0.93) << period;
        EXPECT_LE(count / 1000.0, 0.98) << period;
    }
}

}  // namespace
}  // namespace chokepoint
