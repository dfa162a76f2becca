#include "chokepoint/metrics/stage_stock_meter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/hand_made_trial.hpp"

namespace chokepoint {
namespace {

using ::testing::ElementsAre;

TEST(StageStockMeter, GivesTheMonthsThatPlantsStocksWouldLast)
{
    HandMadeTrial trial(3);
    trial.model.stage_stocks = {{StageId(1), CommodityId(0), RegionId(1)},
                                {StageId(1), CommodityId(1), RegionId(0)}};
    trial.disrupted.stage_stock = {8, 1, 4, 1, 0, 1};
    CommodityRegionTable none(2, 3);
    none.setZero();
    trial.parameters.baseline.output = {none, none};
    trial.parameters.baseline.recycled = {none, none};
    // Of what leaves the stage 1 t is recycled: plants take in 4.
    trial.parameters.baseline.output[1](0, 1) = 5;
    trial.parameters.baseline.recycled[1](0, 1) = 1;
    const auto measured = trial.measure(*make_stage_stock_meter(trial.model));
    EXPECT_TRUE(measured.columns.empty());
    EXPECT_THAT(measured.path("stock_cover_refine", "neodymium", "importer"),
                ElementsAre(2, 1, 0));
    EXPECT_THAT(measured.path("stock_cover_refine", "lanthanum", "exporter"),
                ElementsAre(0, 0, 0));
}

TEST(StageStockMeter, SaysNothingWherePlantsKeepNoStock)
{
    HandMadeTrial trial(3);
    EXPECT_TRUE(make_stage_stock_meter(trial.model)->series().empty());
}

}  // namespace
}  // namespace chokepoint
