#include "chokepoint/metrics/episode.hpp"

#include "chokepoint/metrics/price_meter.hpp"
#include "chokepoint/metrics/shortfall_meter.hpp"
#include "metrics/hand_made_trial.hpp"

#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

std::vector<Episode> episodes_of(const HandMadeTrial& trial)
{
    EpisodeRecorder recorder(trial.model);
    const std::array<LaneTrial, 1> lanes{{{trial.record().trial, &trial.parameters}}};
    recorder.start(lanes);
    for (std::size_t month = 0; month < trial.disrupted.months; ++month) {
        recorder.add({.month = month,
                      .lanes = 1,
                      .reference = run_month(trial.reference, month),
                      .disrupted = run_month(trial.disrupted, month)});
    }
    std::vector<Episode> episodes;
    recorder.finish(1, episodes);
    return episodes;
}

std::vector<Episode> of_users(const HandMadeTrial& trial, const std::string& commodity,
                              const std::string& area)
{
    const std::vector<Users> users = users_of(trial.model);
    std::vector<Episode> chosen;
    for (const Episode& episode : episodes_of(trial)) {
        if (users[episode.users].commodity == commodity && users[episode.users].area == area) {
            chosen.push_back(episode);
        }
    }
    return chosen;
}

TEST(EpisodeRecorder, FindsNoneWithoutDisturbance)
{
    EXPECT_TRUE(episodes_of(HandMadeTrial(6)).empty());
}

TEST(EpisodeRecorder, FindsMaximalRunsOfMonthsByHand)
{
    HandMadeTrial trial(8);
    const auto miss = [&](std::size_t month, double tonnes) {
        trial.disrupted.consumption[trial.at(month, neodymium, importer)] = 10 - tonnes;
    };
    miss(1, 2);
    miss(2, 5);
    miss(4, 0.009);  // 0.09 % of need: not short
    miss(6, 0.011);  // 0.11 %
    miss(7, 1);
    trial.disrupted.log_price[trial.at(2, neodymium, importer)] = std::log(3.0);
    const std::vector<Episode> found = of_users(trial, "neodymium", "importer");
    ASSERT_EQ(found.size(), 2);
    EXPECT_EQ(found[0].first_month, 1);
    EXPECT_EQ(found[0].months, 2);
    EXPECT_FALSE(found[0].is_open);
    EXPECT_DOUBLE_EQ(found[0].shortfall, 7);
    EXPECT_DOUBLE_EQ(found[0].worst_share, 0.5);
    EXPECT_DOUBLE_EQ(found[0].price_peak, 3);
    EXPECT_EQ(found[1].first_month, 6);
    EXPECT_TRUE(found[1].is_open);
    EXPECT_DOUBLE_EQ(found[1].price_peak, 1);

    // In the world half of the need is the exporter's: 5 t of 20, and 0.055 % is no shortage.
    const std::vector<Episode> world = of_users(trial, "neodymium", "world");
    ASSERT_EQ(world.size(), 2);
    EXPECT_DOUBLE_EQ(world[0].worst_share, 0.25);
    EXPECT_DOUBLE_EQ(world[0].price_peak, 2);
    EXPECT_EQ(world[1].first_month, 7);
    // In USD at the region's price of 30 USD/kg.
    EXPECT_DOUBLE_EQ(of_users(trial, "all", "importer")[0].shortfall, 7 * 30'000);
    EXPECT_TRUE(of_users(trial, "lanthanum", "world").empty());
}

/// The figure of one year. \param year  From 1.
double of_year(const HandMadeTrial::Measured& measured, const std::string& metric,
               const std::string& area, Basis basis, int year)
{
    for (std::size_t column = 0; column < measured.columns.size(); ++column) {
        const Column& of = measured.columns[column];
        if (of.year && of.metric == metric && of.commodity == "neodymium" && of.region == area
            && of.year->basis == basis && of.year->year == year) {
            return measured.row[column];
        }
    }
    return std::nan("");
}

TEST(YearColumns, HoldTheWorstMonthAndTheSumOfEachYear)
{
    HandMadeTrial trial(30);  // two years, and half a year that is none
    const auto miss = [&](std::size_t month, std::size_t region, double tonnes) {
        trial.disrupted.consumption[trial.at(month, neodymium, region)] = 10 - tonnes;
    };
    miss(0, importer, 3);
    miss(11, importer, 4);
    miss(12, importer, 1);
    miss(12, exporter, 2);
    miss(25, importer, 9);
    const auto measured = trial.measure(*make_shortfall_meter(trial.model));
    const auto shortfall = [&](const char* area, Basis basis, int year) {
        return of_year(measured, "shortfall", area, basis, year);
    };
    EXPECT_EQ(shortfall("importer", Basis::occurrence, 1), 4);
    EXPECT_EQ(shortfall("importer", Basis::aggregate, 1), 7);
    EXPECT_EQ(shortfall("importer", Basis::occurrence, 2), 1);
    EXPECT_EQ(shortfall("importer", Basis::aggregate, 2), 1);
    EXPECT_EQ(shortfall("world", Basis::occurrence, 2), 3);
    EXPECT_TRUE(std::isnan(shortfall("importer", Basis::aggregate, 3)));
    const auto share = [&](const char* area, Basis basis, int year) {
        return of_year(measured, "shortfall_share", area, basis, year);
    };
    EXPECT_DOUBLE_EQ(share("importer", Basis::occurrence, 1), 0.4);
    EXPECT_DOUBLE_EQ(share("importer", Basis::aggregate, 1), 7.0 / 120);
    EXPECT_DOUBLE_EQ(share("world", Basis::aggregate, 2), 3.0 / 240);
}

TEST(YearColumns, HoldPriceImpactAndExtraBillOfEachYear)
{
    HandMadeTrial trial(24);
    const auto price = [&](std::size_t month, double ratio) {
        trial.disrupted.log_price[trial.at(month, neodymium, importer)] = std::log(ratio);
    };
    price(3, 2);
    price(7, 4);
    price(20, 0.5);
    const auto measured = trial.measure(*make_price_meter(trial.model));
    EXPECT_DOUBLE_EQ(of_year(measured, "price_impact", "importer", Basis::occurrence, 1), 4);
    EXPECT_DOUBLE_EQ(of_year(measured, "price_impact", "importer", Basis::occurrence, 2), 1);
    constexpr double month_bill = 10 * 30'000;  // t, USD/t
    const auto bill = [&](Basis basis, int year) {
        return of_year(measured, "extra_bill", "importer", basis, year);
    };
    EXPECT_NEAR(bill(Basis::occurrence, 1), 3 * month_bill, 1e-6);
    EXPECT_NEAR(bill(Basis::aggregate, 1), 4 * month_bill, 1e-6);
    EXPECT_NEAR(bill(Basis::occurrence, 2), 0, 1e-6);
    EXPECT_NEAR(bill(Basis::aggregate, 2), -0.5 * month_bill, 1e-6);
}

}  // namespace
}  // namespace chokepoint
