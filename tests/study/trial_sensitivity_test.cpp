#include "chokepoint/study/trial_sensitivity.hpp"

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// The first scenario with two uncertain numbers.
const Model& uncertain_model()
{
    static const Model model = [] {
        std::vector<Diagnostic> warnings;
        return build_model(
            read_scenario(
                CHOKEPOINT_SOURCE_DIR "/scenarios/first_steps.yaml",
                {"commodities.cobalt.demand_elasticity.short_run={uniform: [0.1, 0.4]}",
                 "stocks.users.cover_months={uniform: [1, 4]}"}),
            warnings);
    }();
    return model;
}

/// The k-th uncertain number of a trial.
double number_of(std::uint64_t trial, std::size_t number)
{
    const Model& model = uncertain_model();
    static Parameters parameters;
    draw_parameters(model, {7, trial}, parameters);
    return parameters[model.uncertain_parameters[number]];
}

/// A run whose one headline metric rises with the first number, and falls with it by e^-x.
RunResult made_up_run(std::uint64_t trials, std::uint64_t stride)
{
    RunResult result;
    result.trials = trials;
    result.stride = stride;
    result.columns = {{"shortfall_share", "all", "world", "share", ""},
                      {"extra_bill", "all", "world", "usd", ""},
                      {"price_peak", "all", "world", "ratio", ""}};
    result.values.resize(3);
    for (std::uint64_t trial = 0; trial < trials; trial += stride) {
        const double number = number_of(trial, 0);
        result.values[0].push_back(number);
        result.values[1].push_back(0);
        result.values[2].push_back(std::exp(-number));
    }
    return result;
}

const Estimate& estimate_of(const TrialSensitivity& all, std::size_t figure, std::size_t number)
{
    const Model& model = uncertain_model();
    const std::string& path = model.parameters[model.uncertain_parameters[number].index()].path;
    return std::ranges::find_if(all.rows,
                                [&](const Sensitivity& row) {
                                    return row.figure == figure && row.input == path;
                                })
        ->estimate;
}

TEST(TrialSensitivity, FindsTheNumbersThatTrialsDrew)
{
    // Also where only every fourth trial is kept, and on any number of threads.
    for (const auto& [trials, stride, threads] :
         {std::tuple(1500U, 1U, 1U), std::tuple(1501U, 1U, 2U), std::tuple(4001U, 4U, 2U)}) {
        const TrialSensitivity all = trial_sensitivity(
            uncertain_model(), made_up_run(trials, stride), {.seed = 7, .threads = threads});
        ASSERT_EQ(all.figures.size(), 2U);
        EXPECT_EQ(all.figures[1].column.metric, "price_peak");
        EXPECT_EQ(all.units[0], "share");
        EXPECT_EQ(all.rows.size(), 2 * uncertain_model().uncertain_parameters.size());
        EXPECT_EQ(all.trials, (trials + stride - 1) / stride);
        EXPECT_DOUBLE_EQ(estimate_of(all, 0, 0).value, 1);
        EXPECT_DOUBLE_EQ(estimate_of(all, 1, 0).value, -1);
        // The other number has nothing to do with it: four standard errors.
        EXPECT_LT(std::abs(estimate_of(all, 0, 1).value), 4 / std::sqrt(1000.0));
    }
}

TEST(TrialSensitivity, OfAnotherSeedIsNone)
{
    const TrialSensitivity all =
        trial_sensitivity(uncertain_model(), made_up_run(1500, 1), {.seed = 8});
    EXPECT_LT(std::abs(estimate_of(all, 0, 0).value), 4 / std::sqrt(1500.0));
}

TEST(TrialSensitivity, RefusesTrialsWithWeights)
{
    RunResult result = made_up_run(20, 1);
    result.weights.assign(20, 1.0);
    EXPECT_THROW(trial_sensitivity(uncertain_model(), result, {.seed = 7}),
                 std::invalid_argument);
}

}  // namespace
}  // namespace chokepoint
