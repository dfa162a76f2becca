#include "chokepoint/metrics/shortfall_meter.hpp"

#include "metrics/hand_made_trial.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::DoubleEq;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double never = std::numeric_limits<double>::infinity();

HandMadeTrial::Measured measure_shortfall(const HandMadeTrial& trial)
{
    return trial.measure(*make_shortfall_meter(trial.model));
}

/// Recovery of the importer's neodymium when these shares of its need go unserved.
double recovery_months(const std::vector<double>& missing_shares)
{
    HandMadeTrial trial(static_cast<int>(missing_shares.size()));
    for (std::size_t month = 0; month < missing_shares.size(); ++month) {
        trial.disrupted.consumption[trial.at(month, neodymium, importer)] =
            10 * (1 - missing_shares[month]);
    }
    return measure_shortfall(trial).figure("recovery_months", "neodymium", "importer");
}

TEST(ShortfallMeter, IsExactlyZeroWithoutDisturbance)
{
    EXPECT_THAT(measure_shortfall(HandMadeTrial(12)).row, Each(0));
}

TEST(ShortfallMeter, CountsTonnesSharesAndMonthsByHand)
{
    HandMadeTrial trial(4);
    trial.disrupted.consumption[trial.at(1, neodymium, importer)] = 9;    // 10 % missing
    trial.disrupted.consumption[trial.at(2, neodymium, importer)] = 9.7;  // 3 % missing
    const auto measured = measure_shortfall(trial);
    const auto figure = [&](const char* metric) {
        return measured.figure(metric, "neodymium", "importer");
    };
    EXPECT_DOUBLE_EQ(figure("shortfall_total"), 1 + (10 - 9.7));
    EXPECT_DOUBLE_EQ(figure("shortfall_share"), (1 + (10 - 9.7)) / 40);
    EXPECT_DOUBLE_EQ(figure("shortfall_worst_month_share"), 0.1);
    EXPECT_EQ(figure("shortfall_months_above"), 1);
    EXPECT_THAT(measured.path("shortfall_share", "neodymium", "importer"),
                ElementsAre(0, DoubleEq(0.1), DoubleEq((10 - 9.7) / 10), 0));
}

TEST(ShortfallMeter, DoesNotNetARegionsAbundanceAgainstAnothersGap)
{
    HandMadeTrial trial(1);
    trial.disrupted.consumption[trial.at(0, neodymium, importer)] = 6;
    trial.disrupted.consumption[trial.at(0, neodymium, exporter)] = 14;
    const auto measured = measure_shortfall(trial);
    EXPECT_EQ(measured.figure("shortfall_total", "neodymium", "world"), 4);
    EXPECT_EQ(measured.figure("shortfall_share", "neodymium", "world"), 0.2);
    EXPECT_EQ(measured.figure("shortfall_share", "neodymium", "partners"), 0.4);
    EXPECT_EQ(measured.figure("shortfall_total", "neodymium", "exporter"), 0);
}

TEST(ShortfallMeter, SumsAllCommoditiesInDollarsAtRegionalReferencePrices)
{
    HandMadeTrial trial(1);
    trial.disrupted.consumption[trial.at(0, neodymium, exporter)] = 9;
    trial.disrupted.consumption[trial.at(0, neodymium, importer)] = 8;
    trial.disrupted.consumption[trial.at(0, lanthanum, importer)] = 7;
    const auto measured = measure_shortfall(trial);
    const double missing = 1 * 20e3 + 2 * 30e3 + 3 * 5e3;
    const double need = 10 * 20e3 + 10 * 30e3 + 2 * 10 * 5e3;
    EXPECT_DOUBLE_EQ(measured.figure("shortfall_total", "all", "world"), missing);
    EXPECT_DOUBLE_EQ(measured.figure("shortfall_share", "all", "world"), missing / need);
}

TEST(ShortfallMeter, GivesARegionWithoutDemandNoShareAndNoShortfall)
{
    HandMadeTrial trial(3);
    trial.disrupted.consumption[trial.at(0, neodymium, importer)] = 0;
    const auto measured = measure_shortfall(trial);
    EXPECT_EQ(measured.figure("shortfall_share", "neodymium", "idle"), 0);
    EXPECT_EQ(measured.figure("shortfall_worst_month_share", "all", "idle"), 0);
}

TEST(ShortfallMeter, ReportsAreasWithUsersOnly)
{
    HandMadeTrial trial(2);
    trial.remove_users(neodymium, importer);
    const auto measured = measure_shortfall(trial);
    EXPECT_THAT(measured.areas("shortfall_total", "neodymium"),
                ElementsAre("exporter", "idle", "partners", "world"));
    trial.remove_users(neodymium, idle);
    const auto without = measure_shortfall(trial);
    EXPECT_THAT(without.areas("recovery_months", "neodymium"),
                ElementsAre("exporter", "world"));
    EXPECT_THAT(without.areas("shortfall_total", "all"),
                ElementsAre("exporter", "importer", "idle", "partners", "world"));
    EXPECT_THAT(without.path("shortfall_share", "neodymium", "importer"), IsEmpty());
    EXPECT_THAT(without.path("stock_cover", "neodymium", "importer"), IsEmpty());
}

TEST(ShortfallMeter, CountsWhatSubstitutesServeAndNotWhatASlumpTakesAway)
{
    HandMadeTrial trial(1);
    const std::size_t at = trial.at(0, 0, 1);
    trial.reference.substituted.assign(trial.model.cells(), 0);
    trial.disrupted.substituted.assign(trial.model.cells(), 0);
    // Of 8 t that are still needed 3 come; half of the need has gone over that had not before.
    trial.disrupted.need_factor[at] = 0.8;
    trial.disrupted.consumption[at] = 3;
    trial.reference.substituted[at] = 0.2;
    trial.disrupted.substituted[at] = 0.6;
    const auto measured = measure_shortfall(trial);
    EXPECT_NEAR(measured.figure("shortfall_total", "neodymium", "importer"), 1, 1e-12);
    EXPECT_NEAR(measured.figure("shortfall_share", "neodymium", "importer"), 0.125, 1e-12);
    EXPECT_NEAR(measured.figure("shortfall_total", "neodymium", "world"), 1, 1e-12);
}

TEST(ShortfallMeter, RecoversInTheFirstOfThreeCalmMonths)
{
    EXPECT_EQ(recovery_months({0, 0, 0, 0, 0}), 0);
    EXPECT_EQ(recovery_months({0, 0.2, 0, 0, 0}), 1);
    EXPECT_EQ(recovery_months({0, 0.2, 0.2, 0.01, 0.01, 0.01, 0.2}), 2);
    EXPECT_EQ(recovery_months({0.2, 0, 0, 0.2, 0, 0, 0}), 4);
}

TEST(ShortfallMeter, NeverRecoversWithoutThreeCalmMonthsInTheHorizon)
{
    EXPECT_EQ(recovery_months({0, 0, 0.2, 0, 0}), never);
    EXPECT_EQ(recovery_months({0.2, 0, 0, 0.2, 0, 0}), never);
}

TEST(ShortfallMeter, ReportsWhatUsersUse)
{
    HandMadeTrial trial(2);
    const double before = trial.disrupted.consumption[trial.at(0, neodymium, importer)];
    trial.disrupted.consumption[trial.at(1, neodymium, importer)] = 3;
    const auto measured = measure_shortfall(trial);
    EXPECT_THAT(measured.path("consumption", "neodymium", "importer"), ElementsAre(before, 3));
    const auto world = measured.path("consumption", "neodymium", "world");
    EXPECT_NEAR(world[0] - world[1], before - 3, 1e-12);
    EXPECT_THAT(measured.path("consumption", "all", "world"), IsEmpty());
}

TEST(ShortfallMeter, ReportsStockCoverWhereStocksAreKept)
{
    HandMadeTrial trial(2);
    trial.disrupted.stock[trial.at(0, neodymium, importer)] = 25;
    trial.disrupted.stock[trial.at(1, neodymium, importer)] = 5;
    const auto measured = measure_shortfall(trial);
    EXPECT_THAT(measured.path("stock_cover", "neodymium", "importer"), ElementsAre(2.5, 0.5));
    EXPECT_THAT(measured.path("stock_cover", "neodymium", "world"), ElementsAre(1.25, 0.25));
    EXPECT_THAT(measured.path("stock_cover", "neodymium", "exporter"), ElementsAre());
    EXPECT_THAT(measured.path("stock_cover", "lanthanum", "importer"), ElementsAre());
}

}  // namespace
}  // namespace chokepoint
