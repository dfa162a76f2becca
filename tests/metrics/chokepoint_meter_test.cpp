#include "chokepoint/metrics/chokepoint_meter.hpp"

#include "metrics/hand_made_trial.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::ElementsAre;

HandMadeTrial::Measured measure_chokepoints(const HandMadeTrial& trial)
{
    return trial.measure(*make_chokepoint_meter(trial.model));
}

TEST(ChokepointMeter, ValuesAnArcByItsGapAndRentByGapTimesFlow)
{
    HandMadeTrial trial(4);
    trial.disrupted.arc_gap[0 * 2 + 0] = 2;
    trial.disrupted.arc_gap[2 * 2 + 0] = 1e-12;  // too small to bind
    trial.disrupted.arc_gap[3 * 2 + 0] = 4;
    for (std::size_t month = 0; month < 4; ++month) {
        trial.disrupted.arc_flow[month * 2 + 0] = 1 + static_cast<double>(month);
        trial.disrupted.arc_tax[month * 2 + 0] = month < 2 ? 0.5 : 0;
    }
    const auto measured = measure_chokepoints(trial);
    const auto figure = [&](const char* metric) {
        return measured.figure(metric, "neodymium", "refine exports of exporter");
    };
    EXPECT_EQ(figure("arc_binding"), 0.5);
    EXPECT_NEAR(figure("arc_marginal_value"), 30e3 * (2 + 4) / 4, 1e-6);
    EXPECT_NEAR(figure("arc_rent"), 30e3 * (2 * 1 + 4 * 4), 1e-6);
    EXPECT_EQ(figure("arc_flow"), 2.5);
    EXPECT_NEAR(figure("arc_tax_revenue"), 30e3 * 0.5 * (1 + 2), 1e-6);
}

TEST(ChokepointMeter, PricesEachArcAtItsOwnCommodity)
{
    HandMadeTrial trial(1);
    trial.disrupted.arc_gap[1] = 3;
    const auto measured = measure_chokepoints(trial);
    EXPECT_EQ(
        measured.figure("arc_marginal_value", "lanthanum", "refine from exporter to importer"),
        3 * 5e3);
    EXPECT_EQ(measured.figure("arc_marginal_value", "neodymium", "refine exports of exporter"),
              0);
}

TEST(ChokepointMeter, TellsWhichArcAColumnBelongsTo)
{
    const HandMadeTrial trial(1);
    const std::vector<Column> columns = make_chokepoint_meter(trial.model)->columns();
    ASSERT_EQ(columns.size(), 10);
    EXPECT_EQ(columns.front().arc, 0);
    EXPECT_EQ(columns.back().arc, 1);
}

TEST(ChokepointMeter, ReportsExportsOfTheLastStage)
{
    HandMadeTrial trial(2);
    const std::size_t cells = trial.model.cells();
    trial.disrupted.exports[(0 * 2 + 0) * cells] = 99;  // ore
    trial.disrupted.exports[(0 * 2 + 1) * cells] = 7;
    trial.disrupted.exports[(1 * 2 + 1) * cells] = 8;
    EXPECT_THAT(measure_chokepoints(trial).path("exports", "neodymium", "exporter"), ElementsAre(7, 8));
}

}  // namespace
}  // namespace chokepoint
