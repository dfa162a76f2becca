#include "chokepoint/metrics/price_meter.hpp"

#include "metrics/hand_made_trial.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

HandMadeTrial::Measured measure_price(const HandMadeTrial& trial)
{
    return trial.measure(*make_price_meter(trial.model));
}

TEST(PriceMeter, IsExactlyOneWithoutDisturbanceWhateverPricesDo)
{
    HandMadeTrial trial(7);
    for (std::size_t at = 0; at < trial.reference.log_price.size(); ++at) {
        trial.reference.log_price[at] = trial.disrupted.log_price[at] =
            0.1 * std::sin(static_cast<double>(at));
        trial.reference.log_quoted[at] = trial.disrupted.log_quoted[at] =
            0.3 * std::cos(static_cast<double>(at));
        trial.reference.consumption[at] *= 1 + 0.1 * std::sin(static_cast<double>(3 * at));
    }
    const auto measured = measure_price(trial);
    for (const char* commodity : {"neodymium", "lanthanum", "all"}) {
        for (const char* region : {"exporter", "importer", "idle", "partners", "world"}) {
            for (const char* metric :
                 {"price_peak", "price_mean", "price_end", "quoted_peak"}) {
                EXPECT_EQ(measured.figure(metric, commodity, region), 1) << metric;
            }
            for (const char* metric :
                 {"price_peak_month", "price_months_above", "extra_bill"}) {
                EXPECT_EQ(measured.figure(metric, commodity, region), 0) << metric;
            }
            EXPECT_THAT(measured.path("price_impact", commodity, region), Each(1));
        }
    }
}

TEST(PriceMeter, MeasuresPeakMeanAndEndAgainstTheReferenceRun)
{
    HandMadeTrial trial(4);
    const double reference[] = {1, 1, 0.8, 1};
    const double disrupted[] = {1, 3, 4, 1.2};
    for (std::size_t month = 0; month < 4; ++month) {
        trial.reference.log_price[trial.at(month, neodymium, importer)] =
            std::log(reference[month]);
        trial.disrupted.log_price[trial.at(month, neodymium, importer)] =
            std::log(disrupted[month]);
    }
    trial.disrupted.consumption[trial.at(2, neodymium, importer)] = 6;
    const auto measured = measure_price(trial);
    const auto figure = [&](const char* metric) {
        return measured.figure(metric, "neodymium", "importer");
    };
    EXPECT_NEAR(figure("price_peak"), 5, 1e-14);
    EXPECT_EQ(figure("price_peak_month"), 2);
    EXPECT_NEAR(figure("price_mean"), (1 + 3 + 5 + 1.2) / 4, 1e-14);
    EXPECT_EQ(figure("price_months_above"), 2);
    EXPECT_NEAR(figure("price_end"), 1.2, 1e-14);
    EXPECT_NEAR(figure("extra_bill"), 30e3 * (10 * 2 + 6 * (4 - 0.8) + 10 * 0.2), 1e-8);
    EXPECT_THAT(
        measured.path("price", "neodymium", "importer"),
        ElementsAre(1, DoubleNear(3, 1e-14), DoubleNear(4, 1e-14), DoubleNear(1.2, 1e-14)));
}

TEST(PriceMeter, WeightsGroupsByReferenceConsumptionAndAllBySpending)
{
    HandMadeTrial trial(1);
    trial.disrupted.log_price[trial.at(0, neodymium, importer)] = std::log(3.0);
    trial.disrupted.log_price[trial.at(0, neodymium, idle)] = std::log(100.0);
    trial.disrupted.consumption[trial.at(0, neodymium, importer)] = 1;  // weighs nothing
    const auto measured = measure_price(trial);
    EXPECT_NEAR(measured.figure("price_peak", "neodymium", "partners"), 3, 1e-14);
    EXPECT_NEAR(measured.figure("price_peak", "neodymium", "world"), 2, 1e-14);
    const double spending = 200 + 300 + 50 + 50;
    EXPECT_NEAR(measured.figure("price_peak", "all", "world"),
                (300 * 3 + spending - 300) / spending, 1e-14);
}

TEST(PriceMeter, WeightsASingleCommodityBySpendingTooWhereItStandsForAll)
{
    HandMadeTrial trial(1);
    trial.model.commodities.resize(1);
    for (Path* path : {&trial.reference, &trial.disrupted}) {
        path->cells = trial.model.cells();
        for (std::vector<double>* table : {&path->log_price, &path->log_quoted}) {
            table->assign(path->cells, 0);
        }
        path->consumption = {10, 10, 0};
    }
    trial.disrupted.log_price[1] = std::log(3.0);
    const auto measured = measure_price(trial);
    EXPECT_NEAR(measured.figure("price_peak", "neodymium", "world"), 2, 1e-14);
    EXPECT_NEAR(measured.figure("price_peak", "all", "world"), (300 * 3 + 200) / 500.0, 1e-14);
}

TEST(PriceMeter, ReportsThePriceOfARegionThatConsumesNothing)
{
    HandMadeTrial trial(1);
    trial.disrupted.log_price[trial.at(0, neodymium, idle)] = std::log(4.0);
    const auto measured = measure_price(trial);
    EXPECT_NEAR(measured.figure("price_peak", "neodymium", "idle"), 4, 1e-14);
    EXPECT_NEAR(measured.figure("price_peak", "all", "idle"), (4 + 1) / 2.0, 1e-14);
}

TEST(PriceMeter, ReportsAreasWithUsersOnly)
{
    HandMadeTrial trial(1);
    trial.remove_users(neodymium, idle);
    trial.remove_users(lanthanum, idle);
    trial.disrupted.log_price[trial.at(0, neodymium, idle)] = std::log(100.0);
    trial.disrupted.log_price[trial.at(0, lanthanum, importer)] = std::log(2.0);
    const auto measured = measure_price(trial);
    for (const char* commodity : {"neodymium", "all"}) {
        EXPECT_THAT(measured.areas("price_peak", commodity),
                    ElementsAre("exporter", "importer", "partners", "world"));
    }
    EXPECT_THAT(measured.path("price", "neodymium", "idle"), IsEmpty());
    EXPECT_THAT(measured.path("price_impact", "all", "idle"), IsEmpty());
    EXPECT_THAT(measured.path("price_impact", "lanthanum", "partners"),
                ElementsAre(DoubleNear(2, 1e-14)));
    EXPECT_THAT(measured.path("quoted_price", "lanthanum", "world"), ElementsAre(5));
}

TEST(PriceMeter, GivesQuotedPricesInDollarsOfTheRegion)
{
    HandMadeTrial trial(2);
    trial.disrupted.log_quoted[trial.at(1, neodymium, importer)] = std::log(2.0);
    trial.disrupted.log_quoted[trial.at(1, neodymium, exporter)] = std::log(1.5);
    const auto measured = measure_price(trial);
    EXPECT_NEAR(measured.figure("quoted_peak", "neodymium", "importer"), 2, 1e-14);
    EXPECT_THAT(measured.path("quoted_price", "neodymium", "importer"),
                ElementsAre(30, DoubleNear(60, 1e-12)));
    EXPECT_THAT(measured.path("quoted_price", "neodymium", "exporter"),
                ElementsAre(20, DoubleNear(30, 1e-12)));
    EXPECT_THAT(measured.path("quoted_price", "neodymium", "world"),
                ElementsAre(DoubleNear(25, 1e-12), DoubleNear(45, 1e-12)));
}

TEST(PriceMeter, ReportsASavingAsANegativeBill)
{
    HandMadeTrial trial(1);
    trial.disrupted.log_price[trial.at(0, lanthanum, exporter)] = std::log(0.5);
    EXPECT_NEAR(measure_price(trial).figure("extra_bill", "all", "world"), -0.5 * 10 * 5e3, 1e-9);
}

}  // namespace
}  // namespace chokepoint
