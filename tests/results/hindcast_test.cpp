#include "chokepoint/results/hindcast.hpp"

#include "chokepoint/metrics/record_meter.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "support/csv.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* record_header =
    "series,commodity,region,counterpart,from,until,kind,unit,value,status,source,note\n";

/// Two commodities that x sells to y; of nickel the users want what noise says, and x stops
/// half of it in the second year. Copper is left alone.
constexpr const char* scenario_text = R"(schema: 1
name: hindcast
start: 2020-01
months: 24
stages: [mine]
regions: [x, y]
alliances: {both: [x, y]}
commodities:
  nickel: {price_usd_per_kg: 10, regional_price_usd_per_kg: {x: 8}, demand_elasticity: {short_run: 0.5, long_run: 0.5}}
  copper: {price_usd_per_kg: 5, demand_elasticity: {short_run: 0.5, long_run: 0.5}}
facilities:
  - {name: x_nickel, region: x, stage: mine, capacity_t_per_year: 1200, commodity: nickel}
  - {name: x_copper, region: x, stage: mine, capacity_t_per_year: 2400, commodity: copper}
demand:
  nickel: {x: {t_per_year: 400}, y: {t_per_year: 800}}
  copper: {x: {t_per_year: 1200}, y: {t_per_year: 1200}}
hazards:
  scripted:
    - {name: stop, type: export_restriction, exporter: x, commodities: nickel, targets: y, instrument: quota,
       severity: 0.5, from: 2021-01, until: 2022-01}
  price_shocks:
    processes: [{name: noise, commodity: nickel, volatility_per_year: 0.4}]
observed:
  file: record.csv
  compare_from: 2020-02
  no_model_volatility: {nickel: 0.4}
  weights: {copper: 2}
)";

class HindcastTest : public ::testing::Test {
protected:
    HindcastTest() { fs::create_directories(folder_); }
    ~HindcastTest() override { fs::remove_all(folder_); }

    Hindcast run(const std::string& rows, std::uint64_t trials = 400,
                 std::uint64_t memory = default_memory)
    {
        std::ofstream(folder_ / "record.csv") << record_header << rows;
        std::ofstream(folder_ / "scenario.yaml") << scenario_text;
        scenario_ = read_scenario(folder_ / "scenario.yaml");
        std::vector<Diagnostic> warnings;
        const Model model = build_model(scenario_, warnings);
        Progress progress;
        const Observations observations = observations_of(scenario_, model);
        std::vector<std::unique_ptr<Meter>> meters = all_meters(model);
        meters.push_back(make_record_meter(model, observations.compared));
        result_ = chokepoint::run(model, meters,
                                  {.seed = 3, .trials = trials, .memory = memory}, progress);
        return score_hindcast(scenario_, model, observations, 3, result_);
    }

    Scenario scenario_;  // points of a hindcast refer to it
    RunResult result_;
    fs::path folder_ = fs::path(::testing::TempDir())
                       / ("chokepoint_hindcast_" + std::to_string(::getpid()) + "_"
                          + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(HindcastTest, ComparesVolumesWithWhatTheMarketDid)
{
    const Hindcast hindcast =
        run("exports,nickel,x,all,2020-02,2020-03,total,t,66,seen,s,\n"
            "exports,copper,x,all,2020-02,2020-04,total,t,200,seen,s,\n"
            "exports,all,x,all,2020-02,2020-03,total,t,266,seen,s,\n"
            "imports,nickel,y,x,2021-01,2021-03,total,t,60,seen,s,\n"
            "consumption,copper,both,,2020-02,2020-03,total,t,200,seen,s,\n");
    ASSERT_EQ(hindcast.points.size(), 5U);
    // Copper: 100 t a month to y, counted twice over all commodities. Nickel: 66.7 t, whatever
    // the users would like to pay, since both have the same noise; half of it in 2021.
    const double nickel = 800.0 / 12;
    const double expected[] = {nickel, 200, nickel + 200, nickel, 200};
    for (std::size_t point = 0; point < hindcast.points.size(); ++point) {
        EXPECT_NEAR(hindcast.points[point].forecast.median, expected[point],
                    1e-6 * expected[point]);
    }
    EXPECT_EQ(hindcast.volumes.points, 5U);
    EXPECT_EQ(hindcast.prices.points, 0U);
}

TEST_F(HindcastTest, ScoresPricesLikeTheRandomWalkThatTheyAre)
{
    // Before the stop nickel's price is the same random walk as the no-model forecast: their
    // scores differ by chance alone, and the ranges are those of a lognormal law.
    const Hindcast hindcast =
        run("price,nickel,y,,2020-12,2021-01,spot,USD/kg,12,seen,s,\n", 4000);
    ASSERT_EQ(hindcast.points.size(), 1U);
    const PointScore& score = hindcast.points.front();
    const double sd = 0.4;  // twelve steps to the month
    // 4 standard errors of an empirical quantile of 4,000 draws: 4 sd / sqrt(n) times less
    // than 2.7 at 2.5 %.
    const double tolerance = 4 * 2.7 * sd / std::sqrt(4000.0);
    EXPECT_NEAR(std::log(score.forecast.median / 10), 0, tolerance);
    EXPECT_NEAR(std::log(score.forecast.range95[1] / 10), 1.96 * sd, tolerance);
    EXPECT_NEAR(score.crps / score.crps_no_model, 1, 0.1);
    EXPECT_TRUE(score.in50);
    // Only one price: nothing may be claimed.
    EXPECT_LT(hindcast.prices.points, least_points_for_skill);
}

TEST_F(HindcastTest, KnowsPeaksAndGaps)
{
    const Hindcast hindcast =
        run("price,nickel,x,,2021-03,2021-04,spot,USD/kg,5,seen,s,\n"  // the cheap place first
            "price,nickel,y,,2021-03,2021-04,spot,USD/kg,60,seen,s,\n"
            "price,copper,y,,2021-03,2021-04,spot,USD/kg,5,seen,s,\n");
    ASSERT_EQ(hindcast.peaks.size(), 3U);
    EXPECT_EQ(hindcast.peaks[1].area, "y");
    EXPECT_EQ(hindcast.peaks[1].month.median, 14);
    EXPECT_DOUBLE_EQ(hindcast.peaks[2].height.median, 5);
    EXPECT_EQ(hindcast.peaks[2].month.median, 14);  // the only month of its record
    // Half the goods at elasticity 0.5 are four times as dear in y; x has 400 + 400 t for 400
    // t of demand and pays a quarter. At home the price was 8 for 10, so the gap is 16 * 10/8.
    ASSERT_EQ(hindcast.gaps.size(), 1U);
    EXPECT_EQ(hindcast.gaps[0].dear, "y");
    EXPECT_DOUBLE_EQ(hindcast.gaps[0].seen, 12);
    EXPECT_NEAR(hindcast.gaps[0].forecast.median, 20, 1e-6);
}

TEST_F(HindcastTest, TakesMeanAndPeakOfThePricesOfTheMonths)
{
    // Copper stays at 5; nickel's highest month lies above its mean in every trial.
    const Hindcast hindcast =
        run("price,copper,y,,2020-03,2020-09,peak,USD/kg,5,seen,s,\n"
            "price,copper,y,,2020-03,2020-09,mean,USD/kg,5,seen,s,\n"
            "price,nickel,y,,2020-03,2020-09,peak,USD/kg,14,seen,s,\n"
            "price,nickel,y,,2020-03,2020-09,mean,USD/kg,10,seen,s,\n");
    EXPECT_DOUBLE_EQ(hindcast.points[0].forecast.median, 5);
    EXPECT_DOUBLE_EQ(hindcast.points[1].forecast.median, 5);
    const Spread& peak = hindcast.points[2].forecast;
    EXPECT_GT(peak.median, 1.05 * hindcast.points[3].forecast.median);
    EXPECT_LT(peak.median, 2 * hindcast.points[3].forecast.median);
    // What the walk says of peaks lies above what it says of means, too.
    EXPECT_NEAR(hindcast.points[2].crps / hindcast.points[2].crps_no_model, 1, 0.2);
}

TEST_F(HindcastTest, SaysWhatItLeavesOut)
{
    const Hindcast hindcast =
        run("price,nickel,y,,2020-01,2020-02,spot,USD/kg,10,seen,s,\n"
            "price,nickel,y,,2019-01,2019-02,spot,USD/kg,10,seen,s,\n"
            "price,nickel,y,,2021-12,2022-02,mean,USD/kg,10,seen,s,\n"
            "imports,nickel,y,all,2020-03,2020-04,total,t,10,seen,s,\n"
            "exports,copper,x,y,2020-03,2020-04,total,t,10,seen,s,\n");
    EXPECT_TRUE(hindcast.points.empty());
    ASSERT_EQ(hindcast.left_out.size(), 5U);
    const char* reasons[] = {"before compare_from", "before the first month",
                             "after the last month", "no imports from all",
                             "those of copper from x to y"};
    for (std::size_t point = 0; point < 5; ++point) {
        EXPECT_THAT(hindcast.left_out[point].reason, HasSubstr(reasons[point]));
    }
}

TEST_F(HindcastTest, GivesNoRangeThatTooFewTrialsHold)
{
    const std::string row = "price,nickel,y,,2020-12,2021-01,spot,USD/kg,10,seen,s,\n";
    const PointScore few = run(row, 799).points.front();
    EXPECT_FALSE(std::isnan(few.forecast.range80[0]));
    EXPECT_TRUE(std::isnan(few.forecast.range95[0]));
    EXPECT_FALSE(few.in95);
    const PointScore enough = run(row, 800).points.front();
    EXPECT_FALSE(std::isnan(enough.forecast.range95[1]));
    EXPECT_TRUE(enough.in95);
}

TEST_F(HindcastTest, RestsOnTheTrialsThatThereIsRoomFor)
{
    const std::string row = "price,nickel,y,,2020-12,2021-01,spot,USD/kg,10,seen,s,\n";
    run(row, 64);
    const std::uint64_t bytes_per_trial = (result_.columns.size() + 3) * sizeof(double);
    const Hindcast hindcast = run(row, 4000, 1200 * bytes_per_trial * 4 / 3);
    EXPECT_GT(result_.stride, 1);
    EXPECT_EQ(hindcast.trials, result_.values.front().size());
    EXPECT_LT(hindcast.trials, 1200);
    EXPECT_EQ(result_.sketches.size(), result_.columns.size());
}

TEST_F(HindcastTest, WeighsTheStartOfAnAreaAsItsPrices)
{
    // x pays 8, y 10, and y uses twice as much: 28/3, where the walk of both starts too.
    const Hindcast hindcast =
        run("price,nickel,both,,2020-02,2020-03,spot,USD/kg,9.3333,seen,s,\n", 4000);
    const PointScore& score = hindcast.points.front();
    EXPECT_NEAR(score.forecast.median, 28.0 / 3, 0.1);
    EXPECT_NEAR(score.crps / score.crps_no_model, 1, 0.1);
}

TEST_F(HindcastTest, LeavesTheRunAsItIs)
{
    run("price,nickel,y,,2020-12,2021-01,spot,USD/kg,12,seen,s,\n", 64);
    std::vector<Diagnostic> warnings;
    const Model model = build_model(scenario_, warnings);
    Progress progress;
    const RunResult plain =
        chokepoint::run(model, all_meters(model), {.seed = 3, .trials = 64}, progress);
    EXPECT_EQ(result_.values, plain.values);
    EXPECT_EQ(result_.columns.size(), plain.columns.size());
}

}  // namespace
}  // namespace chokepoint
