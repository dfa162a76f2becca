#include "chokepoint/trial/trial_lanes.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <set>

#include <gtest/gtest.h>

#include "chokepoint/trial/trial.hpp"
#include "market/market_run.hpp"
#include "support/sample_scenarios.hpp"

namespace chokepoint {
namespace {

using testing::model_of_file;
using testing::model_of_text;

/// What each scenario brings: certain numbers and one shared reference run; projects, stocks of
/// plants, closures, price shocks, reserves; quotas shared by several metals; standing bans on
/// ore of one or two regions; caps on arcs to single importers.
std::vector<Model> models()
{
    std::vector<Model> models;
    models.push_back(model_of_text(compact_scenario()));
    for (const char* name : {"first_steps", "rare_earths", "cobalt", "rare_earths_2010",
                             "lithium", "nickel", "gallium_germanium"}) {
        models.push_back(model_of_file("scenarios/" + std::string(name) + ".yaml"));
        models.back().months = std::min(models.back().months, 30);
    }
    return models;
}

/// All that the months of both runs hold of one lane.
std::vector<double> months_of_lane(const Model& model, TrialLanes& lanes,
                                   std::span<const std::uint64_t> trials, std::size_t lane)
{
    std::vector<double> values;
    lanes.start(trials);
    for (int month = 0; month < model.months; ++month) {
        const LaneMonth& cleared = lanes.next_month();
        for (const RunMonth* run : {&cleared.reference, &cleared.disrupted}) {
            for (const MonthTable& table : month_tables) {
                const std::span<const double> rows = run->*table.month;
                for (std::size_t at = lane; at < rows.size(); at += trials.size()) {
                    values.push_back(rows[at]);
                }
            }
        }
    }
    return values;
}

TEST(TrialLanes, GiveEachTrialTheBitsThatItHasAlone)
{
    for (const Model& model : models()) {
        TrialLanes alone(model, 3);
        const std::uint64_t wanted = 11;
        const auto expected = months_of_lane(model, alone, std::span(&wanted, 1), 0);
        TrialLanes lanes(model, 3);
        for (const auto& [width, lane] :
             {std::pair{3U, 1U}, {8U, 7U}, {64U, 0U}, {72U, 71U}, {2U, 0U}}) {
            std::vector<std::uint64_t> trials(width);
            for (std::size_t at = 0; at < width; ++at) {
                trials[at] = 100 + at;
            }
            trials[lane] = wanted;
            EXPECT_EQ(months_of_lane(model, lanes, trials, lane), expected)
                << model.name << ": lane " << lane << " of " << width;
        }
    }
}

TEST(TrialLanes, EqualTheScalarReferenceOfWholeNetworks)
{
    for (const Model& model : models()) {
        TrialRunner quick(model, 2);
        TrialRunner exact(model, 2, Sampling::plain, Clearance::exact);
        for (std::uint64_t trial = 0; trial < 4; ++trial) {
            const TrialRecord one = quick.run(trial);
            const TrialRecord other = exact.run(trial);
            for (const MonthTable& table : month_tables) {
                const std::vector<double>& left = one.disrupted->*table.path;
                const std::vector<double>& right = other.disrupted->*table.path;
                ASSERT_EQ(left.size(), right.size());
                double scale = 0;
                double error = 0;
                for (std::size_t at = 0; at < left.size(); ++at) {
                    scale = std::max(scale, std::abs(right[at]));
                    error = std::max(error, std::abs(left[at] - right[at]));
                }
                EXPECT_LE(error, 1e-10 * std::max(scale, 1e-3))
                    << model.name << ", trial " << trial;
            }
        }
    }
}

/// Longer and more frequent restrictions, and another demand elasticity.
Tilt tilt_of(const Model& model)
{
    const TiltKnobs knobs(model);
    Tilt tilt{{{.share = 0.85, .factors = std::vector<double>(knobs.size(), 1)}}};
    for (std::size_t knob = 0; knob < knobs.size(); ++knob) {
        const std::string& name = knobs.names()[knob];
        if (name.find("onsets") != std::string::npos) {
            tilt.components[0].factors[knob] = 1.5;
        } else if (name.find("duration_days") != std::string::npos
                   || name.find("short_run") != std::string::npos) {
            tilt.components[0].factors[knob] = 0.7;
        }
    }
    return tilt;
}

TEST(TrialLanes, UnderATiltGiveEachTrialTheBitsAndTheWeightThatItHasAlone)
{
    const Model model = std::move(models()[2]);
    const Tilt tilt = tilt_of(model);
    TrialLanes lanes(model, 3, Sampling::plain, Clearance::pooled_first, &tilt);
    TrialRunner runner(model, 3, Sampling::plain, Clearance::pooled_first, &tilt);
    std::vector<std::uint64_t> trials(16);
    std::iota(trials.begin(), trials.end(), 40);
    lanes.start(trials);
    std::vector<double> last_prices;
    for (int month = 0; month < model.months; ++month) {
        const LaneMonth& cleared = lanes.next_month();
        last_prices.assign(cleared.disrupted.log_price.begin(),
                           cleared.disrupted.log_price.end());
    }
    std::set<double> weights;
    for (std::size_t lane = 0; lane < trials.size(); ++lane) {
        const TrialRecord alone = runner.run(trials[lane]);
        EXPECT_EQ(alone.timeline->log_weight, lanes.log_weight(lane));
        EXPECT_EQ(
            alone.disrupted->log_price[(alone.disrupted->months - 1) * alone.disrupted->cells],
            last_prices[lane]);
        EXPECT_EQ(lanes.knob_sums(lane).size(), TiltKnobs(model).size());
        weights.insert(lanes.log_weight(lane));
    }
    EXPECT_EQ(weights.size(), trials.size());
    EXPECT_LE(*weights.rbegin(), -std::log(0.15) + 1e-12);
}

TEST(TrialLanes, KeepEachLanesOwnStandingMeasures)
{
    std::vector<Diagnostic> warnings;
    const Model model = build_model(read_scenario_text(R"(
schema: 1
name: standing
start: 2026-01
months: 6
regions: [digs, user]
stages: [mine]
commodities: {metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.5, long_run: 0.5}}}
facilities:
  - {name: pit, region: digs, stage: mine, capacity_t_per_year: 1200}
demand: {metal: {user: {t_per_year: 1200}}}
standing_measures:
  - {name: allotment, exporter: digs, instrument: quota, severity: {uniform: [0.1, 0.6]}, from: 2026-03}
)"),
                                    warnings);
    const std::vector<std::uint64_t> trials = {0, 1, 2, 3, 4};
    TrialLanes lanes(model, 5);
    lanes.start(trials);
    for (int month = 0; month < 3; ++month) {
        lanes.next_month();
    }
    const LaneMonth& cleared = lanes.next_month();
    std::set<double> prices;
    for (std::size_t lane = 0; lane < trials.size(); ++lane) {
        TrialRunner runner(model, 5);
        const TrialRecord record = runner.run(trials[lane]);
        const double price = cleared.reference.log_price[1 * trials.size() + lane];
        EXPECT_EQ(price, record.reference->log_price[3 * model.cells() + 1]);
        EXPECT_GT(price, 0.1);
        prices.insert(price);
    }
    EXPECT_EQ(prices.size(), trials.size());
}

TEST(TrialLanes, DrawTheEventsOfATwinPlainly)
{
    const Model model = std::move(models()[2]);
    const Tilt tilt = tilt_of(model);
    TrialLanes tilted(model, 3, Sampling::plain, Clearance::pooled_first, &tilt);
    TrialLanes plain(model, 3);
    const std::vector<std::uint64_t> pair = {8, twin_of(8)};
    tilted.start(pair);
    plain.start(pair);
    EXPECT_EQ(tilted.trials()[0].parameters->values, tilted.trials()[1].parameters->values);
    EXPECT_NE(tilted.trials()[0].parameters->values, plain.trials()[0].parameters->values);
    EXPECT_NE(tilted.log_weight(0), 0);
    EXPECT_EQ(tilted.log_weight(1), 0);
    EXPECT_TRUE(plain.knob_sums(0).empty());
    // Only numbers differ from the twin of a plain trial: what they do not rule is the same.
    const std::vector<double>& shocks = plain.timeline(1).price_shocks;
    EXPECT_EQ(tilted.timeline(1).innovations, plain.timeline(1).innovations);
    EXPECT_FALSE(shocks.empty());
}

TEST(TrialLanes, DoNotTiltSobolPoints)
{
    const Model model = model_of_text(compact_scenario());
    const Tilt tilt;
    EXPECT_THROW(TrialLanes(model, 1, Sampling::sobol, Clearance::pooled_first, &tilt),
                 std::invalid_argument);
}

TEST(TrialLanes, RefuseNoTrialAndTooMany)
{
    const Model model = model_of_text(compact_scenario());
    TrialLanes lanes(model, 1);
    EXPECT_THROW(lanes.start({}), std::invalid_argument);
    const std::vector<std::uint64_t> many(73);
    EXPECT_THROW(lanes.start(many), std::invalid_argument);
}

}  // namespace
}  // namespace chokepoint
