// Sampled outages against exact laws: alternating renewal in the steady state, and shocks that
// strike several facilities at once.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "support/exact_law.hpp"

namespace chokepoint {
namespace {

using testing::exact_value;
using testing::expect_exact;
using testing::for_each_trial;
using testing::model_with_hazards;
using testing::Sample;

/// Outages of mine `a`.
std::string outages(const std::string& laws)
{
    return "  outages:\n    - {name: fires, facilities: [a], " + laws + "}\n";
}

/// True if an outage lasts over the date, in months.
bool is_down(const Timeline& timeline, double date)
{
    return std::ranges::any_of(timeline.outages, [date](const OutageEvent& outage) {
        return outage.from <= date && date < outage.until;
    });
}

/// Fails 0.25 times a year of running time, repaired within half a year on average.
constexpr const char* exponential_laws =
    "rate_per_year: 0.25, repair_days: {exponential: {mean: 182.625}}";

TEST(LawsOfOutages, InTheSteadyStateAreTheStationaryAlternatingRenewalProcess)
{
    const Model model = model_with_hazards(outages(exponential_laws), 60);
    Sample downtime;
    std::array<Sample, 3> up;
    constexpr std::array<double, 3> dates = {0, 8.4, 60};
    for_each_trial(model, 400'000, [&](const Timeline& timeline) {
        double months = 0;
        for (const OutageEvent& outage : timeline.outages) {
            months += std::min(outage.until, 60.0) - std::max(outage.from, 0.0);
        }
        downtime.add(months / 12);
        for (std::size_t i = 0; i < dates.size(); ++i) {
            up.at(i).add(is_down(timeline, dates.at(i)) ? 0 : 1);
        }
    });
    const auto exact = [](const char* quantity) {
        return exact_value("alternating_renewal_exp", quantity);
    };
    expect_exact("mean", downtime.mean(), exact("E downtime in [0;T] stationary = U T"), 0.01);
    expect_exact("variance", downtime.variance(), exact("Var downtime stationary"), 0.02);
    for (const Sample& sample : up) {
        expect_exact("availability", sample.mean(), exact("steady availability"), 0.005);
    }
}

TEST(LawsOfOutages, OfAFacilityThatRunsAtTheStartComeLater)
{
    const Model model =
        model_with_hazards(outages(std::string(exponential_laws) + ", start: running"), 60);
    Sample up;
    for_each_trial(model, 400'000, [&](const Timeline& timeline) {
        up.add(is_down(timeline, 0.7 * 12) ? 0 : 1);
    });
    expect_exact("availability", up.mean(), exact_value("alternating_renewal_exp", "A(t)"),
                 0.003);
}

TEST(LawsOfOutages, OfLognormalRepairsFindTheStartInALongOne)
{
    // Half a year on average, with a log standard deviation of 1.
    const Model model = model_with_hazards(
        outages(
            "rate_per_year: 0.25, repair_days: {lognormal: {median: 110.76766173, sigma: 1}}"),
        60);
    std::array<Sample, 3> up;
    constexpr std::array<double, 3> dates = {0, 30, 60};
    Sample age;
    Sample to_come;
    for_each_trial(model, 400'000, [&](const Timeline& timeline) {
        for (std::size_t i = 0; i < dates.size(); ++i) {
            up.at(i).add(is_down(timeline, dates.at(i)) ? 0 : 1);
        }
        if (is_down(timeline, 0)) {
            age.add(-timeline.outages.front().from);
            to_come.add(timeline.outages.front().until);
        }
    });
    for (const Sample& sample : up) {
        expect_exact(
            "availability", sample.mean(),
            exact_value("alternating_renewal_general", "steady availability MTBF/(MTBF+MTTR)"),
            0.005);
    }
    // E[R^2] / (2 E R) of R with mean 6 months.
    const double residual = 6 * std::exp(1.0) / 2;
    expect_exact("age", age.mean(), residual, 0.07);
    expect_exact("residual", to_come.mean(), residual, 0.07);
}

TEST(LawsOfOutages, OfWeibullRunningTimesComeAtOneRateFromTheStart)
{
    // A start in running order would bring next to no failure at first: the shape is 3. Repairs
    // take 60 days on average.
    const Model model = model_with_hazards(
        outages("running_days: {weibull: {shape: 3, scale: 400}}, "
                "repair_days: {lognormal: {median: 43.56894222, sigma: 0.8}}"),
        60);
    Sample all;
    Sample first_quarter;
    Sample last_quarter;
    Sample down_at_start;
    for_each_trial(model, 100'000, [&](const Timeline& timeline) {
        const auto begun = [&timeline](double from, double until) {
            return static_cast<double>(
                std::ranges::count_if(timeline.outages, [=](const OutageEvent& outage) {
                    return outage.from >= from && outage.from < until;
                }));
        };
        all.add(begun(0, 60));
        first_quarter.add(begun(0, 3));
        last_quarter.add(begun(57, 60));
        down_at_start.add(is_down(timeline, 0) ? 1 : 0);
    });
    const double running = 400 * std::tgamma(1 + 1.0 / 3);
    const double cycle = (running + 60) * 12 / 365.25;
    expect_exact("all", all.mean(), 60 / cycle, 0.005);
    expect_exact("first quarter", first_quarter.mean(), 3 / cycle, 0.03);
    expect_exact("last quarter", last_quarter.mean(), 3 / cycle, 0.03);
    expect_exact("down", down_at_start.mean(), 60 / (running + 60), 0.04);
}

/// When the first outage of each of two mines begins, in years.
struct FirstOutages {
    double a = std::numeric_limits<double>::infinity(), b = a;
};

FirstOutages first_outages(const Timeline& timeline)
{
    FirstOutages first;
    for (const OutageEvent& outage : timeline.outages) {
        double& time = outage.facility == FacilityId(0) ? first.a : first.b;
        time = std::min(time, outage.from / 12);
    }
    return first;
}

TEST(LawsOfCommonCauses, AreThoseOfMarshallAndOlkin)
{
    // 25 years: both times lie within them but for a chance of 5e-8.
    const Model model = model_with_hazards(R"(
  common_causes:
    - {name: of_a, facilities: [a], rate_per_year: 0.2, strike_probability: 1, repair_days: 9}
    - {name: of_b, facilities: [b], rate_per_year: 0.3, strike_probability: 1, repair_days: 9}
    - {name: of_both, facilities: [a, b], rate_per_year: 0.5, strike_probability: 1,
       repair_days: 9}
)",
                                           300);
    Sample at_once;
    Sample beyond;
    Sample earlier;
    Sample product;
    Sample of_a;
    Sample of_b;
    for_each_trial(model, 100'000, [&](const Timeline& timeline) {
        const FirstOutages first = first_outages(timeline);
        at_once.add(first.a == first.b ? 1 : 0);
        beyond.add(first.a > 1 && first.b > 2 ? 1 : 0);
        earlier.add(std::min(first.a, first.b));
        product.add(first.a * first.b);
        of_a.add(first.a);
        of_b.add(first.b);
    });
    const auto exact = [](const char* quantity) {
        return exact_value("marshall_olkin", quantity);
    };
    expect_exact("P(X=Y)", at_once.mean(), exact("P(X=Y)"), 0.015);
    expect_exact("P(X>1;Y>2)", beyond.mean(), exact("P(X>1;Y>2)"), 0.03);
    expect_exact("E min", earlier.mean(), exact("E min"), 0.015);
    expect_exact("E[XY]", product.mean(), exact("E[XY]"), 0.03);
    expect_exact("corr", of_a.correlation(of_b), exact("corr(X;Y)"), 0.035);
}

TEST(LawsOfCommonCauses, StrikeEachFacilityByItselfWithTheProbability)
{
    // Of Poisson shocks with mean 10 each mine is struck with probability 0.3.
    const Model model = model_with_hazards(R"(
  common_causes:
    - {name: quakes, facilities: {stage: mine}, rate_per_year: 1, strike_probability: 0.3,
       repair_days: 9}
)",
                                           120);
    Sample strikes;
    Sample product;
    for_each_trial(model, 200'000, [&](const Timeline& timeline) {
        double a = 0;
        double b = 0;
        for (const OutageEvent& outage : timeline.outages) {
            (outage.facility == FacilityId(0) ? a : b) += 1;
        }
        strikes.add(a);
        product.add((a - 3) * (b - 3));
    });
    expect_exact("mean", strikes.mean(), 3, 0.01);
    expect_exact("variance", strikes.variance(), 3, 0.02);
    expect_exact("covariance", product.mean(), 10 * 0.3 * 0.3, 0.04);
}

}  // namespace
}  // namespace chokepoint
