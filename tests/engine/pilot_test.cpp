#include "chokepoint/engine/pilot.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chokepoint/trial/trial_lanes.hpp"
#include "engine/small_scenario.hpp"

namespace chokepoint {
namespace {

const TailTarget target{
    .metric = "shortfall_share", .commodity = "all", .region = "world", .level = 0.99};

struct WeightedValue {
    double value, weight;
};

/// The target's column in so many trials.
std::vector<WeightedValue> run_trials(const Model& model, std::uint64_t trials,
                                      const Tilt* tilt)
{
    const auto meters = all_meters(model);
    const Meter& meter = **std::ranges::find_if(meters, [](const auto& one) {
        return one->columns().front().metric.starts_with("shortfall");
    });
    const std::vector<Column> columns = meter.columns();
    const auto column = static_cast<std::size_t>(
        std::ranges::find_if(columns,
                             [](const Column& one) {
                                 return one.metric == target.metric
                                        && one.commodity == target.commodity
                                        && one.region == target.region;
                             })
        - columns.begin());
    TrialLanes lanes(model, 4, Sampling::plain, Clearance::pooled_first, tilt);
    const auto gauge = meter.gauge();
    constexpr std::size_t width = 50;
    std::vector<std::uint64_t> numbers(width);
    std::vector<double> series(meter.series().size() * width);
    std::vector<double> figures(columns.size() * width);
    std::vector<WeightedValue> values;
    for (std::uint64_t first = 0; first < trials; first += width) {
        std::iota(numbers.begin(), numbers.end(), first);
        lanes.start(numbers);
        gauge->start(lanes.trials());
        for (int month = 0; month < model.months; ++month) {
            gauge->add(lanes.next_month(), series);
        }
        gauge->finish(figures);
        for (std::size_t lane = 0; lane < width; ++lane) {
            values.push_back(
                {figures[column * width + lane], std::exp(lanes.log_weight(lane))});
        }
    }
    return values;
}

/// What trials add to the expected excess over a value: mean, and variance of one trial.
struct Excess {
    double mean = 0, variance = 0;
};

Excess excess_over(double value, const std::vector<WeightedValue>& trials)
{
    const auto n = static_cast<double>(trials.size());
    Excess excess;
    double squares = 0;
    for (const WeightedValue& trial : trials) {
        const double f = trial.weight * std::max(0.0, trial.value - value);
        excess.mean += f / n;
        squares += f * f / n;
    }
    excess.variance = squares - excess.mean * excess.mean;
    return excess;
}

/// Restrictions and an uncertain elasticity alone: all of it can be tilted.
Model tiltable_model()
{
    return small_model({"hazards.outages.breakdown.rate_per_year=0"});
}

TEST(Pilot, FindsATiltThatLeavesTheTailAsItIsAndItsErrorSmaller)
{
    const Model model = tiltable_model();
    const auto meters = all_meters(model);
    const Pilot pilot =
        find_tilt(model, meters, target, {.seed = 4, .trials_per_stage = 2048, .stages = 3});
    ASSERT_EQ(pilot.stages.size(), 3U);
    EXPECT_TRUE(pilot.complete);
    EXPECT_GT(pilot.gain, 2);
    const double value_at_risk = pilot.stages.back().value_at_risk;
    const Excess plain = excess_over(value_at_risk, run_trials(model, 20'000, nullptr));
    const Excess tilted = excess_over(value_at_risk, run_trials(model, 20'000, &pilot.tilt));
    const double error = std::sqrt((plain.variance + tilted.variance) / 20'000);
    EXPECT_NEAR(tilted.mean, plain.mean, 4 * error);
    EXPECT_LT(4 * error, plain.mean);
    // The gain that the pilot promises, to the error of a ratio of variances.
    EXPECT_NEAR(plain.variance / tilted.variance, pilot.gain, 0.35 * pilot.gain);
}

TEST(Pilot, LeavesAloneATailOfWhatCannotBeTilted)
{
    const Model model = small_model();  // outages of its only mine
    const auto meters = all_meters(model);
    const Pilot pilot =
        find_tilt(model, meters, target, {.seed = 4, .trials_per_stage = 2048, .stages = 3});
    EXPECT_TRUE(pilot.tilt.components.empty());
    EXPECT_EQ(pilot.gain, 1);
}

TEST(Pilot, EndsEarlyWhenStopped)
{
    const Model model = tiltable_model();
    const auto meters = all_meters(model);
    std::stop_source stop;
    stop.request_stop();
    const Pilot pilot = find_tilt(model, meters, target, {.seed = 4}, stop.get_token());
    EXPECT_FALSE(pilot.complete);
    EXPECT_TRUE(pilot.tilt.components.empty());
}

TEST(Pilot, TurnsWhatTheTailComesFromAndNothingElse)
{
    const Model model = tiltable_model();
    const auto meters = all_meters(model);
    const Pilot pilot =
        find_tilt(model, meters, target, {.seed = 4, .trials_per_stage = 2048, .stages = 2});
    ASSERT_EQ(pilot.tilt.components.size(), 1U);
    EXPECT_DOUBLE_EQ(pilot.tilt.components[0].share, 0.9);
    const TiltKnobs knobs(model);
    const auto factor = [&](const std::string& name) {
        const auto place = std::ranges::find(knobs.names(), name);
        return pilot.tilt.components[0].factors.at(
            static_cast<std::size_t>(place - knobs.names().begin()));
    };
    EXPECT_GT(factor("cut/onsets/1"), 1.3);
    EXPECT_LT(factor("cut/duration_days/1"), 0.9);
    EXPECT_EQ(factor("fire/loss_share"), 1);  // scripted: nothing is drawn
    EXPECT_EQ(factor("cut/notice_days/1"), 1);
}

TEST(Pilot, DoesNotDependOnThreads)
{
    const Model model = tiltable_model();
    const auto meters = all_meters(model);
    PilotSettings settings{.seed = 4, .trials_per_stage = 1000, .stages = 2};
    const Pilot one = find_tilt(model, meters, target, settings);
    settings.threads = 3;
    const Pilot three = find_tilt(model, meters, target, settings);
    EXPECT_EQ(one.tilt.components[0].factors, three.tilt.components[0].factors);
    EXPECT_EQ(one.stages[1].value_at_risk, three.stages[1].value_at_risk);
    settings.seed = 5;
    EXPECT_NE(one.tilt.components[0].factors,
              find_tilt(model, meters, target, settings).tilt.components[0].factors);
}

TEST(Pilot, RefusesWhatItCannotAimAt)
{
    const Model model = small_model();
    const auto meters = all_meters(model);
    TailTarget unknown = target;
    unknown.commodity = "gold";
    EXPECT_THROW(find_tilt(model, meters, unknown, {}), std::invalid_argument);
    TailTarget infinite = target;
    infinite.metric = "recovery_months";
    EXPECT_THROW(find_tilt(model, meters, infinite, {}), std::invalid_argument);
    // Years have tonnes short too, but of the horizon they are called otherwise.
    TailTarget of_years = target;
    of_years.metric = "shortfall";
    EXPECT_THROW(find_tilt(model, meters, of_years, {}), std::invalid_argument);
}

}  // namespace
}  // namespace chokepoint
