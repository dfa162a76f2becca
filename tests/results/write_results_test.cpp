#include "chokepoint/results/write_results.hpp"

#include "chokepoint/metrics/meter.hpp"
#include "results/temporary_folder.hpp"

#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// One metal in one region with two arcs.
Model tiny_model()
{
    Model model;
    model.name = "tiny";
    model.start = {2009, 1, 1};
    model.months = 2;
    model.regions = {"china"};
    model.groups = {{"world", {RegionId(0)}}};
    model.stages = {"mine", "refine"};
    model.commodities.resize(1);
    model.commodities[0].name = "cerium";
    model.demand = {one_slot};
    model.stock_policy_of = {-1};
    model.cappable_arcs = {
        {CappableArc::Kind::plant, CommodityId(0), StageId(1), RegionId(0), RegionId(0)},
        {CappableArc::Kind::exports, CommodityId(0), StageId(0), RegionId(0), RegionId(0)}};
    return model;
}

/// A result with the columns of all meters; every value of trial t is t, but shortfall_total
/// falls from trial to trial, and no trial with an odd number recovers.
RunResult tiny_result(const Model& model, std::uint64_t trials)
{
    RunResult result;
    result.trials = trials;
    result.complete = true;
    result.balance_factor_low = result.balance_factor_high = 1;
    for (const auto& meter : all_meters(model)) {
        for (Column& column : meter->columns()) {
            std::vector<double> values;
            for (std::uint64_t trial = 0; trial < trials; ++trial) {
                const auto number = static_cast<double>(trial);
                const bool never = column.horizon && trial % 2 == 1;
                values.push_back(never ? std::numeric_limits<double>::infinity()
                                 : column.metric == "shortfall_total"
                                     ? static_cast<double>(trials) - number
                                     : number + (column.arc == 1U ? 10 : 0));
            }
            result.values.push_back(std::move(values));
            result.columns.push_back(std::move(column));
        }
    }
    result.series = {{"price", "cerium", "china", "ratio", ""}};
    result.bands.resize(2);
    result.band_moments.resize(2);
    for (std::size_t month = 0; month < 2; ++month) {
        for (std::uint64_t trial = 0; trial < trials; ++trial) {
            result.bands[month].add(1);
            result.band_moments[month].add(1);
        }
    }
    result.events.push_back({"cut", "export_restriction", "sampled", {}, {}, {}});
    result.events[0].per_trial.add(2);
    result.events[0].per_trial.add(4);
    return result;
}

/// The folder that a run of so many trials leaves.
class WrittenRun {
public:
    explicit WrittenRun(std::uint64_t trials)
    {
        const Provenance provenance{.scenario_file = "tiny.yaml",
                                    .resolved_yaml = "name: tiny\n",
                                    .seed = 11,
                                    .threads = 3,
                                    .wall_seconds = 1.5,
                                    .warnings = {"demand: is scaled by 1.1"}};
        ResultFolder folder(folder_ / "out", Overwrite::refuse);
        write_results(model_, report_of(model_, tiny_result(model_, trials), provenance),
                      provenance, folder);
    }

    std::string file(const std::string& name) const
    {
        return content_of(folder_ / ("out/" + name));
    }

    std::vector<std::string> lines(const std::string& name) const
    {
        std::vector<std::string> lines;
        std::istringstream text(file(name));
        for (std::string line; std::getline(text, line);) {
            lines.push_back(line);
        }
        return lines;
    }

private:
    TemporaryFolder folder_;
    Model model_ = tiny_model();
};

TEST(MetricsCsv, HasOneTidyRowPerFigure)
{
    const std::vector<std::string> lines = WrittenRun(1000).lines("metrics.csv");
    EXPECT_EQ(lines[0], "policy,metric,commodity,region,unit,statistic,value,lower,upper,n");
    EXPECT_THAT(lines, Contains(StartsWith("none,price_peak,cerium,china,ratio,mean,499.5,")));
    EXPECT_THAT(lines, Contains("none,price_peak,cerium,china,ratio,p50,499,468,531,1000"));
    EXPECT_THAT(lines, Contains(StartsWith(
                           "none,price_peak,cerium,china,share,probability_above_1.5,0.998,")));
    EXPECT_THAT(lines, ::testing::Not(Contains(HasSubstr("arc_rent"))));
}

TEST(MetricsCsv, LeavesFiguresOutThatFewTrialsCannotGive)
{
    EXPECT_THAT(WrittenRun(1000).lines("metrics.csv"),
                Contains("none,price_peak,cerium,china,ratio,es99,,,,10"));
}

TEST(MetricsCsv, WritesInfinityForWhatIsNotWithinTheHorizon)
{
    const std::vector<std::string> lines = WrittenRun(1000).lines("metrics.csv");
    EXPECT_THAT(lines, Contains("none,recovery_months,all,world,months,p75,inf,inf,inf,1000"));
    EXPECT_THAT(lines,
                Contains(StartsWith("none,recovery_months,all,world,share,probability_not_"
                                    "within_horizon,0.5,")));
}

TEST(PathsCsv, NamesMonthsByTheirDate)
{
    const std::vector<std::string> lines = WrittenRun(1000).lines("paths.csv");
    EXPECT_EQ(lines[0],
              "policy,series,commodity,region,month,unit,statistic,value,lower,upper");
    EXPECT_EQ(lines.size(), 1 + 2 * 6);
    EXPECT_EQ(lines[1], "none,price,cerium,china,2009-01,ratio,mean,1,1,1");
    // The interval holds the bin of the sketch.
    EXPECT_EQ(lines[12],
              "none,price,cerium,china,2009-02,ratio,p95,1,0.9950248756218906,1.0049751243781095");
}

TEST(ChokepointsCsv, RanksArcsByWhatATonneIsWorth)
{
    const std::vector<std::string> lines = WrittenRun(1000).lines("chokepoints.csv");
    EXPECT_THAT(lines[0], StartsWith("policy,commodity,layer,from,to,p_binding,"
                                     "marginal_value_usd_per_t,marginal_value_tail_usd_per_t,"
                                     "rent_usd,"));
    ASSERT_EQ(lines.size(), 3);
    EXPECT_THAT(lines[1],
                StartsWith("none,cerium,mine,china,all,509.5,509.5,,509.5,exports,1,"));
    EXPECT_THAT(lines[2],
                StartsWith("none,cerium,refine,china,china,499.5,499.5,,499.5,plant,0.999,"));
}

TEST(ChokepointsCsv, TakesTheTailFromTheTrialsWithTheWorstShortfall)
{
    // Shortfall falls from trial to trial, so the worst 1 % are trials 0 to 19.
    const std::vector<std::string> lines = WrittenRun(2000).lines("chokepoints.csv");
    std::istringstream cells(lines[2]);
    std::string cell;
    for (int position = 0; position < 8; ++position) {
        std::getline(cells, cell, ',');
    }
    EXPECT_NEAR(std::stod(cell), 9.5, 1e-9);
}

/// The share of months of the first arc when each trial gives one of these in turn.
Figure binding_of(const std::vector<double>& shares, std::uint64_t trials)
{
    const Model model = tiny_model();
    RunResult result = tiny_result(model, trials);
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
        if (result.columns[column].metric == "arc_binding") {
            for (std::uint64_t trial = 0; trial < trials; ++trial) {
                result.values[column][trial] = shares[trial % shares.size()];
            }
        }
    }
    return chokepoint_table(model, result).front().binding;
}

TEST(ChokepointTable, KeepsTheIntervalOfAShareBetweenZeroAndOne)
{
    const Figure rare = binding_of({0, 0, 0, 0, 0, 0, 0, 0.5}, 8);
    EXPECT_EQ(rare.estimate.value, 0.0625);
    EXPECT_EQ(rare.estimate.lower, 0);  // uncut: -0.06
    EXPECT_NEAR(rare.estimate.upper, 0.0625 + 1.96 * 0.0625, 1e-5);
    const Figure often = binding_of({1, 1, 1, 1, 1, 1, 1, 0.5}, 8);
    EXPECT_NEAR(often.estimate.lower, 0.9375 - 1.96 * 0.0625, 1e-5);
    EXPECT_EQ(often.estimate.upper, 1);
}

TEST(ChokepointTable, LeavesRoomForWhatNoTrialShowed)
{
    constexpr double z2 = interval_z * interval_z;  // Wilson's bound of 0 in n is z2 / (n + z2)
    const Figure never = binding_of({0}, 100);
    EXPECT_EQ(never.estimate.value, 0);
    EXPECT_EQ(never.estimate.lower, 0);
    EXPECT_NEAR(never.estimate.upper, z2 / (100 + z2), 1e-12);
    const Figure always = binding_of({1}, 100);
    EXPECT_NEAR(always.estimate.lower, 100 / (100 + z2), 1e-12);
    EXPECT_EQ(always.estimate.upper, 1);
    EXPECT_EQ(binding_of({0.25}, 100).estimate.upper, 0.25);  // the same in all trials
}

TEST(EventsCsv, GivesWhatWasSampledByEntry)
{
    const std::vector<std::string> lines = WrittenRun(100).lines("events.csv");
    EXPECT_EQ(lines[0], "policy,type,cause,name,figure,unit,statistic,value,lower,upper,n");
    ASSERT_EQ(lines.size(), 3);
    EXPECT_THAT(
        lines[1],
        StartsWith("none,export_restriction,sampled,cut,events_per_trial,events,mean,3,"));
    EXPECT_EQ(lines[2],
              "none,export_restriction,sampled,cut,events_per_trial,events,sd,"
              "1.4142135623730951,,,2");
}

TEST(SummaryJson, HoldsHeadlineSettingsAndWarnings)
{
    const json summary = json::parse(WrittenRun(1000).file("summary.json"));
    EXPECT_EQ(summary["seed"], 11);
    EXPECT_EQ(summary["start"], "2009-01");
    EXPECT_EQ(summary["headline"].size(), 2 * 2);
    const json& first = summary["headline"][0];
    EXPECT_EQ(first["commodity"], "all");
    EXPECT_EQ(first["shortfall_share"]["mean"]["value"], 499.5);
    EXPECT_TRUE(first["shortfall_share"]["es99"]["value"].is_null());
    EXPECT_EQ(first["recovery_months"]["p50"]["upper"], "inf");
    EXPECT_EQ(summary["chokepoints"][0]["kind"], "exports");
    EXPECT_EQ(summary["warnings"][0], "demand: is scaled by 1.1");
    EXPECT_FALSE(summary.contains("threads"));
}

TEST(ManifestJson, TellsWhereTheResultsComeFrom)
{
    const json manifest = json::parse(WrittenRun(100).file("manifest.json"));
    EXPECT_EQ(manifest["scenario"]["file"], "tiny.yaml");
    EXPECT_EQ(manifest["threads"], 3);
    EXPECT_EQ(manifest["trial_ranges"][0]["last"], 99);
    EXPECT_EQ(manifest["program"]["libraries"].size(), 8);
    EXPECT_EQ(manifest["sha256"].size(), 8);
}

}  // namespace
}  // namespace chokepoint
