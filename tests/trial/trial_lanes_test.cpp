#include "chokepoint/trial/trial_lanes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chokepoint/trial/trial.hpp"
#include "market/market_run.hpp"
#include "support/sample_scenarios.hpp"

namespace chokepoint {
namespace {

using testing::model_of_file;
using testing::model_of_text;

/// What each scenario brings: certain numbers and one shared reference run; projects, stocks of
/// plants, closures, price shocks, reserves; quotas shared by several metals.
std::vector<Model> models()
{
    std::vector<Model> models;
    models.push_back(model_of_text(compact_scenario()));
    for (const char* name : {"first_steps", "rare_earths", "cobalt", "rare_earths_2010"}) {
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
