#include "chokepoint/report/page.hpp"

#include <map>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

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

}  // namespace
}  // namespace chokepoint
