// What is due to numbers that nobody knows, and what to events.

#include "chokepoint/engine/run.hpp"
#include "chokepoint/engine/summarise.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

constexpr double sd_of_number = 0.3;
constexpr double sd_of_event = 0.4;

/// One month whose quoted price is e^{A + B}: A an uncertain number, B an event, both normal.
Model one_month(const std::string& start, double sd_of_b)
{
    std::vector<Diagnostic> warnings;
    return build_model(read_scenario_text(R"(schema: 1
name: one month
start: 2026-01
months: 1
regions: [here]
commodities:
  cobalt: {price_usd_per_kg: 30, demand_elasticity: {short_run: 0.2, long_run: 0.5}}
facilities:
  - {name: pit, region: here, stage: mine, capacity_t_per_year: 1200}
  - {name: works, region: here, stage: refine, capacity_t_per_year: 1200}
demand: {cobalt: {here: {t_per_year: 1200}}}
hazards:
  price_shocks:
    processes:
      - name: quotes
        commodity: cobalt
        channel: quoted
        start: )" + start + R"(
        volatility_per_year: )" + std::to_string(sd_of_b * std::sqrt(12.0))
                                          + "\n"),
                       warnings);
}

const std::string uncertain = "{normal: {mean: 0, sd: 0.3}, truncate: [-5, 5]}";

RunResult run_of(const Model& model, std::uint64_t trials, Sampling sampling,
                 unsigned threads = 1)
{
    Progress silent;
    return run(model, all_meters(model),
               {.seed = 5, .trials = trials, .sampling = sampling, .threads = threads}, silent);
}

Figure figure_of(const RunResult& result, const char* statistic)
{
    return summarise(result).column("quoted_peak", "cobalt", "here").figure(statistic);
}

TEST(ParameterUncertainty, ExplainsItsShareOfTheVariance)
{
    // Var(E[Y | A]) / Var(Y) of Y = e^{A + B}.
    const double a = std::expm1(sd_of_number * sd_of_number);
    const double b = std::expm1(sd_of_number * sd_of_number + sd_of_event * sd_of_event);
    for (const Sampling sampling : {Sampling::plain, Sampling::sobol}) {
        const Figure share = figure_of(
            run_of(one_month(uncertain, sd_of_event), 64'000, sampling), "parameter_share");
        EXPECT_EQ(share.n, 8'000U);
        EXPECT_NEAR(share.estimate.value, a / b, 4 * share.standard_error);
        EXPECT_LT(4 * share.standard_error, 0.1);
    }
}

TEST(ParameterUncertainty, ExplainsAllWithoutEventsAndHasNoFigureWithoutIt)
{
    const Figure share =
        figure_of(run_of(one_month(uncertain, 0), 640, Sampling::plain), "parameter_share");
    EXPECT_EQ(share.estimate.value, 1);
    EXPECT_EQ(share.standard_error, 0);
    const RunResult certain = run_of(one_month("0.1", sd_of_event), 640, Sampling::plain);
    EXPECT_TRUE(certain.twin_values.empty());
    EXPECT_THROW(figure_of(certain, "parameter_share"), std::logic_error);
}

TEST(ParameterUncertainty, LeavesTwinsTheNumbersAndNothingElse)
{
    for (const Sampling sampling : {Sampling::plain, Sampling::sobol}) {
        const Model model = one_month(uncertain, sd_of_event);
        TrialRunner runner(model, 5, sampling);
        for (const std::uint64_t trial : std::initializer_list<std::uint64_t>{0, 8, 4711}) {
            const TrialRecord one = runner.run(trial);
            const std::vector<double> values = one.parameters->values;
            const double price = one.disrupted->log_quoted[0];
            const TrialRecord twin = runner.run(twin_of(trial));
            EXPECT_EQ(twin.parameters->values, values);
            EXPECT_NE(twin.disrupted->log_quoted[0], price);
        }
    }
}

TEST(SobolSampling, SpreadsNumbersEvenlyAndKnowsItsSmallerError)
{
    // Without events, E e^A over 128 points in each of 32 scrambles.
    const Model model = one_month(uncertain, 0);
    const Figure plain = figure_of(run_of(model, 4096, Sampling::plain), "mean");
    const Figure even = figure_of(run_of(model, 4096, Sampling::sobol), "mean");
    const double exact = std::exp(sd_of_number * sd_of_number / 2);
    EXPECT_NEAR(plain.estimate.value, exact, 4 * plain.standard_error);
    EXPECT_NEAR(even.estimate.value, exact, 4 * even.standard_error);
    EXPECT_LT(even.standard_error, plain.standard_error / 5);
    EXPECT_LT(4 * even.standard_error, 0.005);
}

TEST(SobolSampling, HasProbabilitiesWithTheErrorOfTheirScrambles)
{
    // P(e^{A + B} > 1.5) and > 1e9.
    const RunResult result = run_of(one_month(uncertain, sd_of_event), 32'000, Sampling::sobol);
    Column column;
    column.thresholds = {1.5, 1e9};
    const auto values = [&] {
        for (std::size_t position = 0; position < result.columns.size(); ++position) {
            if (result.columns[position].metric == "quoted_peak"
                && result.columns[position].region == "here"
                && result.columns[position].commodity == "cobalt") {
                return result.values[position];
            }
        }
        return std::vector<double>{};
    }();
    const ColumnSummary summary = summarise_column(column, values, Sampling::sobol);
    const Estimate above = summary.figure("probability_above_1.5").estimate;
    const double sd = std::hypot(sd_of_number, sd_of_event);
    const double exact = 0.5 * std::erfc(std::log(1.5) / sd / std::sqrt(2.0));
    const double half_width = (above.upper - above.lower) / 2;  // 2.04 standard errors
    EXPECT_NEAR(above.value, exact, 2 * half_width);
    EXPECT_LT(half_width, 0.005);
    // Where no trial counts the bound is Wilson's.
    const Estimate never = summary.figure("probability_above_1000000000").estimate;
    EXPECT_EQ(never.value, 0);
    EXPECT_GT(never.upper, 1e-5);
}

TEST(SobolSampling, GivesTheSameBytesForAnyThreadsAndAnyLength)
{
    const Model model = one_month(uncertain, sd_of_event);
    const RunResult one = run_of(model, 1000, Sampling::sobol, 1);
    const RunResult seven = run_of(model, 1000, Sampling::sobol, 7);
    const RunResult longer = run_of(model, 2000, Sampling::sobol, 2);
    EXPECT_EQ(one.values, seven.values);
    EXPECT_EQ(one.twin_values, seven.twin_values);
    for (std::size_t column = 0; column < one.values.size(); ++column) {
        EXPECT_TRUE(std::equal(one.values[column].begin(), one.values[column].end(),
                               longer.values[column].begin()));
        EXPECT_TRUE(std::equal(one.twin_values[column].begin(), one.twin_values[column].end(),
                               longer.twin_values[column].begin()));
    }
}

}  // namespace
}  // namespace chokepoint
