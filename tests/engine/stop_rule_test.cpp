#include "chokepoint/engine/stop_rule.hpp"

#include "chokepoint/engine/run.hpp"
#include "engine/small_scenario.hpp"
#include "support/complaint.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::HasSubstr;

const std::string none = "(no complaint)";

TEST(StopRule, ReadsStatisticColumnAndPrecision)
{
    const StopRule rule = parse_stop_rule("  es99 ( shortfall_share , neodymium,world ) < 2% ");
    EXPECT_EQ(rule.figure.statistic, "es99");
    EXPECT_EQ(rule.figure.column.metric, "shortfall_share");
    EXPECT_EQ(rule.figure.column.commodity, "neodymium");
    EXPECT_EQ(rule.figure.column.region, "world");
    EXPECT_EQ(rule.target, 0.02);
    EXPECT_TRUE(rule.is_relative);
    EXPECT_EQ(rule.text, "es99 ( shortfall_share , neodymium,world ) < 2%");

    const StopRule plain = parse_stop_rule("mean(price_peak)<0.5");
    EXPECT_EQ(plain.figure.column.commodity, "all");
    EXPECT_EQ(plain.figure.column.region, "world");
    EXPECT_EQ(plain.target, 0.5);
    EXPECT_FALSE(plain.is_relative);
}

TEST(StopRule, SaysWhatARuleShouldLookLike)
{
    for (const char* text :
         {"", "es99", "es99 < 2%", "es99() < 2%", "es99(a,b) < 2%", "es99(a,b,c,d) < 2%",
          "(a) < 2%", "es99(a,,c) < 2%", "es99(a)", "es99(a > 2%"}) {
        EXPECT_NE(complaint<NameError>([&] { parse_stop_rule(text); }), none) << text;
    }
    for (const char* precision : {"", "%", "0", "-1", "0%", "nan", "inf", "2%%", "2 %x"}) {
        EXPECT_THAT(complaint<NameError>(
                        [&] { parse_stop_rule(std::string("es99(a) < ") + precision); }),
                    HasSubstr("is no precision"))
            << precision;
    }
    EXPECT_EQ(parse_column_name("a( b , c d )").commodity, "b");
    EXPECT_EQ(parse_column_name("a( b , c d )").region, "c d");
    EXPECT_NE(complaint<NameError>([] { parse_column_name("a(b"); }), none);
    EXPECT_NE(complaint<NameError>([] { parse_column_name("a(b)"); }), none);
}

TEST(StopRule, NamesTheNearestWhereAColumnOrStatisticIsUnknown)
{
    Column column;
    column.metric = "shortfall_share";
    column.commodity = "all";
    column.region = "world";
    const std::vector<Column> columns = {column};
    EXPECT_EQ(find_column(columns, parse_column_name("shortfall_share")), 0);
    const auto said = [&](const char* rule) {
        return complaint<NameError>([&] { check_rule(parse_stop_rule(rule), columns); });
    };
    EXPECT_EQ(said("es99(shortfall_share) < 2%"), none);
    EXPECT_THAT(said("es98(shortfall_share) < 2%"), HasSubstr("did you mean \"es9"));
    EXPECT_THAT(said("es99(shortfal_share) < 2%"),
                HasSubstr("did you mean \"shortfall_share\""));
    EXPECT_THAT(said("es99(shortfall_share,al,world) < 2%"), HasSubstr("no commodity"));
    EXPECT_THAT(said("es99(shortfall_share,all,word) < 2%"), HasSubstr("no region"));
    EXPECT_THAT(
        said("es99(shortfall_share,all,congo) < 2%"),
        HasSubstr("no region or group with users is called \"congo\" (there are world)"));
}

TEST(StopRule, TellsFiguresOfYearsAndArcsFromThoseOfTrials)
{
    std::vector<Column> columns(3);
    columns[0].metric = "shortfall_share";
    columns[1].metric = "shortfall";
    columns[1].year = YearOf{};
    columns[2].metric = "arc_rent";
    columns[2].arc = 0;
    const auto said = [&](const char* metric) {
        return complaint<NameError>([&] { find_column(columns, {.metric = metric}); });
    };
    EXPECT_THAT(said("shortfall"), HasSubstr("shortfall is measured of single years alone"));
    EXPECT_THAT(said("arc_rent"), HasSubstr("arc_rent is measured of single arcs alone"));
}

TEST(Precision, IsHalfTheIntervalAndTellsHowManyTrialsWouldDo)
{
    Column column;
    std::vector<double> values(1000);
    std::iota(values.begin(), values.end(), 1.0);
    const ColumnTrials trials{.column = &column, .values = values, .weights = {}};
    const double error = std::sqrt((1e6 + 1000) / 12 / 1000);  // of the mean 500.5
    const Precision absolute = precision_of(parse_stop_rule("mean(x) < 10"), trials);
    EXPECT_NEAR(absolute.half_width, interval_z * error, 1e-2);
    EXPECT_FALSE(absolute.is_met);
    EXPECT_NEAR(static_cast<double>(absolute.trials_needed),
                1000 * std::pow(interval_z * error / 10, 2), 10);
    const Precision relative = precision_of(parse_stop_rule("mean(x) < 4%"), trials);
    EXPECT_NEAR(relative.half_width, interval_z * error / 500.5, 1e-4);
    EXPECT_TRUE(relative.is_met);
    // No figure on ten trials in the tail, and none of trials that do not differ.
    EXPECT_FALSE(precision_of(parse_stop_rule("es99(x) < 1000%"), trials).is_met);
    const std::vector<double> alike(1000, 0);
    EXPECT_FALSE(precision_of(parse_stop_rule("mean(x) < 1"),
                              {.column = &column, .values = alike, .weights = {}})
                     .is_met);
}

TEST(NextCheck, ComesAfterTwentyBlocksAndThenWithEachTenth)
{
    EXPECT_EQ(next_check(0), 1280);
    EXPECT_EQ(next_check(1280), 1280 + 128);
    EXPECT_EQ(next_check(64'000), 64'000 + 6400);
}

RunResult run_until(const char* rule, std::uint64_t most, unsigned threads)
{
    const Model model = small_model();
    Progress silent;
    return run(
        model, all_meters(model),
        {.seed = 5, .trials = most, .threads = threads, .until = {parse_stop_rule(rule)}},
        silent);
}

TEST(Run, EndsWhenItsRuleIsMetWithAnyNumberOfThreads)
{
    const RunResult one = run_until("mean(shortfall_share) < 5%", 100'000, 1);
    EXPECT_TRUE(one.complete);
    EXPECT_TRUE(one.until.at(0).is_met);
    EXPECT_LT(one.trials, 50'000);
    EXPECT_GE(one.trials, 1280);
    const RunResult three = run_until("mean(shortfall_share) < 5%", 100'000, 3);
    EXPECT_EQ(three.trials, one.trials);
    EXPECT_EQ(three.values, one.values);
    EXPECT_EQ(three.bands, one.bands);

    // The same trials as of a run that was told their number.
    const Model model = small_model();
    Progress silent;
    const RunResult told =
        run(model, all_meters(model), {.seed = 5, .trials = one.trials, .threads = 2}, silent);
    EXPECT_EQ(told.values, one.values);
    EXPECT_EQ(told.bands, one.bands);
}

TEST(Run, EndsAtItsCapWhereItsRuleIsNotMet)
{
    const RunResult result = run_until("mean(shortfall_share) < 0.01%", 3000, 2);
    EXPECT_TRUE(result.complete);
    EXPECT_EQ(result.trials, 3000);
    EXPECT_FALSE(result.until.at(0).is_met);
    EXPECT_GT(result.until.at(0).trials_needed, 100'000);
}

}  // namespace
}  // namespace chokepoint
