#include "chokepoint/report/page.hpp"

#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

using Files = std::map<std::string, std::string>;

/// The page up to the scripts at its end, which are the program's own.
std::string page_of(const Files& files)
{
    const std::string page =
        report_page([&](const std::string& name) -> std::optional<std::string> {
            const auto file = files.find(name);
            return file == files.end() ? std::nullopt : std::optional(file->second);
        });
    return page.substr(0, page.find("</footer>"));
}

json figure(double value)
{
    return {{"value", value}, {"lower", value - 0.01}, {"upper", value + 0.01}, {"n", 100}};
}

/// A run of one commodity with these names.
Files run_of(const std::string& scenario, const std::string& commodity,
             const std::string& event)
{
    json headline = json::array();
    for (const std::string& of : {std::string("all"), commodity}) {
        headline.push_back(
            {{"commodity", of},
             {"region", "world"},
             {"shortfall_share", {{"mean", figure(0.1)}, {"es95", figure(0.4)}}},
             {"price_peak", {{"p50", figure(3)}, {"probability_above_2", figure(0.5)}}}});
    }
    const json summary = {{"scenario", scenario},
                          {"policy", "none"},
                          {"start", "2026-01"},
                          {"months", 12},
                          {"trials", 100},
                          {"seed", 1},
                          {"groups", {"world"}},
                          {"headline", headline},
                          {"chokepoints", json::array()},
                          {"events",
                           {{{"name", event},
                             {"type", "outage"},
                             {"cause", "sampled"},
                             {"per_trial", 1},
                             {"duration_months", 2},
                             {"severity", 0.5}}}},
                          {"warnings", {"mind <this>"}}};
    return {{"summary.json", summary.dump()},
            {"metrics.csv",
             "policy,metric,commodity,region,unit,statistic,value,lower,upper,n\n"
             "none,shortfall_share,\""
                 + commodity + "\",world,share,p95,0.3,0.2,0.4,5\n"}};
}

TEST(Page, SaysTheHeadlineInWords)
{
    const std::string page = page_of(run_of("a case", "cobalt", "floods"));
    EXPECT_THAT(page, HasSubstr("users in world go without 10.0 % of what they need"));
    EXPECT_THAT(page, HasSubstr("In the worst 5 % of the trials it is 40.0 %."));
    EXPECT_THAT(page, HasSubstr("mind &lt;this&gt;"));
    EXPECT_THAT(page, HasSubstr("floods"));
    EXPECT_THAT(page, HasSubstr("10.0 [9.00, 11.0] %"));
}

TEST(Page, ShowsHostileNamesAsText)
{
    const std::string script = "</script><script>alert(1)</script>";
    const std::string quotes = "\"'&<img src=x onerror=alert(2)>";
    const std::string page = page_of(run_of(script, "co<b>balt", quotes));
    EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, Not(HasSubstr("<b>")));
    EXPECT_THAT(page, HasSubstr("&lt;/script&gt;&lt;script&gt;alert(1)"));
    EXPECT_THAT(page, HasSubstr("co\\u003cb\\u003ebalt"));  // in a chart's data
}

TEST(Page, BearsLongAndRightToLeftNames)
{
    const std::string name(10'000, 'x');
    EXPECT_THAT(page_of(run_of(name, "cobalt", name)), HasSubstr(name));
    const std::string arabic = "\xd9\x83\xd9\x88\xd8\xa8\xd8\xa7\xd9\x84\xd8\xaa";
    EXPECT_THAT(page_of(run_of(arabic, "cobalt", arabic)),
                HasSubstr("<bdi>" + arabic + "</bdi>"));
}

TEST(Page, LoadsNothingFromTheNetwork)
{
    const std::string page = page_of(run_of("a case", "cobalt", "floods"));
    EXPECT_THAT(page, Not(HasSubstr("src=")));
    EXPECT_THAT(page, Not(HasSubstr("<link")));
    EXPECT_THAT(page, Not(HasSubstr("@import")));
}

TEST(Page, RefusesFilesThatAreNone)
{
    EXPECT_THROW(page_of({}), std::invalid_argument);
    EXPECT_THROW(page_of({{"summary.json", "{"}}), std::invalid_argument);
    EXPECT_THROW(page_of({{"summary.json", "[]"}}), std::invalid_argument);
    EXPECT_THROW(page_of({{"stress.csv", "scenario,scope\na,b,c\n"}}), std::invalid_argument);
}

TEST(Page, OfAStressTestHasAFieldForEachPosition)
{
    const std::string page =
        page_of({{"stress.csv",
                  "scenario,scope,name,desk,type,unit,statistic,value,lower,upper,n,missing\n"
                  "ban,position,miner,,equity,usd,mean,2000000,,,100,\n"
                  "ban,position,miner,,equity,usd,es95,9000000,,,100,\n"
                  "flood,position,miner,,equity,usd,mean,0,,,100,commodity nickel\n"}});
    EXPECT_THAT(page, HasSubstr("ban: mean loss"));
    EXPECT_THAT(page, HasSubstr("2.00"));
    EXPECT_THAT(page, HasSubstr("–"));
}

/// A run of the first shipped scenario, with one chokepoint.
Files run_with_scenario()
{
    Files files = run_of("first steps", "cobalt", "floods");
    std::ifstream scenario(CHOKEPOINT_SOURCE_DIR "/scenarios/first_steps.yaml");
    files["scenario.resolved.yaml"] = std::string(std::istreambuf_iterator(scenario), {});
    files["chokepoints.csv"] =
        "policy,commodity,layer,from,to,p_binding,marginal_value_usd_per_t,"
        "marginal_value_tail_usd_per_t,rent_usd,kind,flow_t_per_month,p_binding_lower,"
        "p_binding_upper,marginal_value_lower,marginal_value_upper\n"
        "none,cobalt,mine,congo,all,0.08,10300,,2e9,exports,14000,0.07,0.09,9000,11000\n";
    return files;
}

TEST(Page, DrawsTheNetworkWithWhatBinds)
{
    const std::string page = page_of(run_with_scenario());
    EXPECT_THAT(page, HasSubstr("<svg class=\"network\""));
    EXPECT_THAT(page, HasSubstr("mine of cobalt, congo to china: "));
    EXPECT_THAT(page, HasSubstr("binds in 8.00 % of months; one more tonne of room is worth "
                                "10,300 USD"));
    EXPECT_THAT(page, HasSubstr("<path class=\"bound\""));
    EXPECT_THAT(page, HasSubstr("<path class=\"flow\""));
    EXPECT_THAT(page, HasSubstr("1. cobalt"));
}

TEST(Page, LeavesTheNetworkOutWhereTheScenarioCannotBeRead)
{
    Files files = run_with_scenario();
    files["scenario.resolved.yaml"] = "several: scenarios";
    EXPECT_THAT(page_of(files), Not(HasSubstr("<svg class=\"network\"")));
}

TEST(Page, TellsWhereFiguresComeFromAndWhichAreJudgement)
{
    const std::string page = page_of(run_with_scenario());
    EXPECT_THAT(page, HasSubstr("<bdi>judgement</bdi>"));
    EXPECT_THAT(page, HasSubstr("the whole scenario"));
    EXPECT_THAT(page, HasSubstr("lognormal(median 85, sigma 1.2)"));
}

TEST(Page, TellsWorstTrialsWithTheirStories)
{
    Files files = run_of("a case", "cobalt", "floods");
    files["worst.csv"] =
        "policy,metric,commodity,region,unit,rank,trial,value,events,story\n"
        "none,shortfall_share,all,world,share,1,77,0.5,\"ban, floods x2\",\"cobalt, <all>: "
        "up\"\n";
    const std::string page = page_of(files);
    EXPECT_THAT(page, HasSubstr("Trial 77: 50.0 %."));
    EXPECT_THAT(page, HasSubstr("ban, floods x2.<br>cobalt, &lt;all&gt;: up"));
}

TEST(Page, TellsHowMuchOfTheSpreadIsNotKnowing)
{
    Files files = run_of("a case", "cobalt", "floods");
    files["metrics.csv"] +=
        "none,shortfall_share,all,world,share,parameter_share,0.25,0.2,0.3,5\n";
    EXPECT_THAT(page_of(files),
                HasSubstr("of the variance of the shortfall 25.0 % [20.0 %, 30.0 %]"));
    files = run_of("a case", "cobalt", "floods");
    files["metrics.csv"] +=
        "none,shortfall_share,all,world,share,parameter_share,-0.04,0,0.2,5\n";
    EXPECT_THAT(page_of(files), HasSubstr("of the variance of the shortfall 0 % [0 %, 20.0 %]"));
}

TEST(Page, ShowsHistogramsAndConsumptionOfAnyRegion)
{
    Files files = run_of("a case", "cobalt", "floods");
    files["histograms.csv"] =
        "policy,metric,commodity,region,unit,from,to,share,lower,upper\n"
        "none,shortfall_share,cobalt,world,share,0,0.01,0.75,0.7,0.8\n";
    files["paths.csv"] =
        "policy,series,commodity,region,month,unit,statistic,value,lower,upper\n";
    for (const char* statistic : {"mean", "p5", "p25", "p50", "p75", "p95"}) {
        files["paths.csv"] += std::string("none,consumption,cobalt,inland,2026-01,t_per_month,")
                              + statistic + ",123.456,,\n";
    }
    const std::string page = page_of(files);
    EXPECT_THAT(page, HasSubstr("\"share\":0.75"));
    EXPECT_THAT(page, HasSubstr("\"p50\":[123.5]"));
    EXPECT_THAT(page, HasSubstr("\"options\":[\"inland\"]"));
}

TEST(Page, RefusesSeriesThatLackMonths)
{
    Files files = run_of("a case", "cobalt", "floods");
    files["paths.csv"] =
        "policy,series,commodity,region,month,unit,statistic,value,lower,upper\n"
        "none,consumption,cobalt,inland,2026-01,t_per_month,p50,1,,\n"
        "none,consumption,cobalt,inland,2026-01,t_per_month,p95,1,,\n"
        "none,consumption,cobalt,inland,2026-02,t_per_month,p95,1,,\n";
    EXPECT_THROW(page_of(files), std::invalid_argument);
}

TEST(Page, OfAnExperimentShowsPointsAndInputs)
{
    const std::string page = page_of(
        {{"experiment.yaml", "schema: 1\nexperiment: a <sweep>\n"},
         {"design.csv", "point,elasticity\n0,0.1\n1,0.4\n"},
         {"experiment.csv",
          "point,replicate,seed,metric,commodity,region,unit,statistic,value,lower,upper,n\n"
          "0,0,1,shortfall_share,all,world,share,mean,0.05,0.04,0.06,100\n"
          "1,0,1,shortfall_share,all,world,share,mean,0.08,0.07,0.09,100\n"},
         {"sensitivity.csv",
          "input,index,metric,commodity,region,unit,statistic,value,lower,upper\n"
          "elasticity,total_order,shortfall_share,all,world,share,mean,0.9,0.8,1.0\n"}});
    EXPECT_THAT(page, HasSubstr("a &lt;sweep&gt;"));
    EXPECT_THAT(page, HasSubstr("5.00 % (point 0)"));
    EXPECT_THAT(page, HasSubstr("8.00 % (point 1)"));
    EXPECT_THAT(page, HasSubstr("0.900 [0.800, 1.00]"));
    EXPECT_THAT(page, HasSubstr("\"at\":0.4"));
}

}  // namespace
}  // namespace chokepoint
