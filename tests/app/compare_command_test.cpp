#include "app/shell.hpp"
#include "chokepoint/app/number_text.hpp"
#include "support/csv.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char* const stock_policy = R"(schema: 1
policy: a stockpile, bought
levers:
  - {name: pile, type: stockpile, regions: all, days: 60, buy_months: 12, trigger_shortfall_share: 0.1}
)";
const char* const care_policy = R"(schema: 1
policy: care
levers:
  - {type: mining_practice, outages: [mine_stops], keep_share: 0.5, running_usd_per_year: 1.0e6}
)";
/// Names the outages and keeps all of them.
const char* const idle_policy = R"(schema: 1
policy: idle
levers:
  - {type: mining_practice, outages: [mine_stops], keep_share: 1}
)";

/// Puts these policies into a shell's folder.
void put_policies(const Shell& shell)
{
    put_file(shell.folder() / "stock.yaml", stock_policy);
    put_file(shell.folder() / "care.yaml", care_policy);
    put_file(shell.folder() / "idle.yaml", idle_policy);
}

/// Rows of a table, each by its headings.
std::vector<std::map<std::string, std::string>> rows_of(const std::string& csv)
{
    std::istringstream lines(csv);
    std::string line;
    std::getline(lines, line);
    const std::vector<std::string> headings = split_csv_line(line);
    std::vector<std::map<std::string, std::string>> rows;
    while (std::getline(lines, line)) {
        const std::vector<std::string> cells = split_csv_line(line);
        EXPECT_EQ(cells.size(), headings.size()) << line;
        std::map<std::string, std::string>& row = rows.emplace_back();
        for (std::size_t at = 0; at < cells.size(); ++at) {
            row[headings[at]] = cells[at];
        }
    }
    return rows;
}

TEST(CompareCommand, SaysWhoIsHelpedAtWhatCost)
{
    const Shell shell;
    put_policies(shell);
    const Outcome run = shell.run("chokepoint compare " + first_steps
                                  + " --policy stock.yaml care.yaml idle.yaml --trials 1000 "
                                    "--out out");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("first steps: 1,000 trials, seed 1"),
                               HasSubstr("Who is helped"), HasSubstr("a stockpile, bought"),
                               HasSubstr("efficient"), HasSubstr("Least regret"),
                               HasSubstr("Results: out")));
    std::istringstream lines(run.out);
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(width_of(line), 110) << line;
    }
    EXPECT_THAT(names_in(shell.folder() / "out"),
                ElementsAre("chokepoints.csv", "events.csv", "exceedance.csv", "manifest.json",
                            "metrics.csv", "paths.csv", "policies.csv", "report.html",
                            "scenario.resolved.yaml", "summary.json"));
    const json summary = json::parse(shell.file("out/summary.json"));
    ASSERT_EQ(summary["policies"].size(), 4U);
    const json& idle = summary["policies"][3];
    EXPECT_EQ(idle["shortfall_share_difference"]["value"], 0);
    EXPECT_EQ(idle["helps"]["value"], 0);
    const json& care = summary["policies"][2];
    EXPECT_LT(care["shortfall_share_difference"]["upper"], 0);
    EXPECT_NEAR(care["policy_cost"]["value"].get<double>(), 3e6, 1);  // three years
    EXPECT_GT(care["variance_ratio"], 1);
    const json& stock = summary["policies"][1];
    EXPECT_GT(stock["policy_cost_in_calm"]["value"], 0);
    EXPECT_GT(stock["price_in_calm_first_24_months"]["value"], 1);
}

TEST(CompareCommand, WritesTheTablesOfAllPoliciesAndTheirDifferences)
{
    const Shell shell;
    put_policies(shell);
    ASSERT_EQ(
        shell
            .run("chokepoint compare " + first_steps
                 + " --policy care.yaml --policy stock.yaml --trials 640 --quiet --out out")
            .code,
        0);
    ASSERT_EQ(shell
                  .run("chokepoint run " + first_steps
                       + " --policy care.yaml --trials 640 --quiet --out alone")
                  .code,
              0);
    ASSERT_EQ(
        shell.run("chokepoint run " + first_steps + " --trials 640 --quiet --out none").code,
        0);

    // The parts are the tables of the runs alone, one below the other.
    const std::string together = shell.file("out/metrics.csv");
    const std::string alone = shell.file("alone/metrics.csv");
    const std::string none = shell.file("none/metrics.csv");
    EXPECT_TRUE(together.starts_with(none));
    EXPECT_THAT(together, HasSubstr(alone.substr(alone.find('\n') + 1)));

    // Differences of means are those of the printed means.
    std::map<std::string, double> means;
    const auto key = [](const std::map<std::string, std::string>& row) {
        return row.at("policy") + "/" + row.at("metric") + "/" + row.at("commodity") + "/"
               + row.at("region");
    };
    for (const auto& row : rows_of(together)) {
        if (row.at("statistic") == "mean") {
            means[key(row)] = std::stod(row.at("value"));
        }
    }
    std::size_t compared = 0;
    for (const auto& row : rows_of(shell.file("out/policies.csv"))) {
        if (row.at("statistic") != "difference") {
            continue;
        }
        auto of_none = row;
        of_none["policy"] = "none";
        const double expected = means.at(key(row)) - means.at(key(of_none));
        const double scale = std::abs(means.at(key(row))) + std::abs(means.at(key(of_none)));
        EXPECT_NEAR(std::stod(row.at("value")), expected, 1e-9 * scale + 1e-12) << key(row);
        ++compared;
    }
    EXPECT_GT(compared, 50U);
}

TEST(CompareCommand, GivesChokepointsMoreRoom)
{
    const Shell shell;
    const Outcome run = shell.run("chokepoint compare " + first_steps
                                  + " --chokepoints 2 --trials 640 --quiet --out out");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("More room at a chokepoint"),
                               HasSubstr("mine exports of congo")));
    const auto rows = rows_of(shell.file("out/chokepoint_values.csv"));
    ASSERT_GE(rows.size(), 4U);
    EXPECT_EQ(rows[0].at("figure"), "marginal_value");
    EXPECT_EQ(rows[4].at("figure"), "users_surplus");
    EXPECT_GT(std::stod(rows[4].at("value")), 0);
    EXPECT_GT(std::stod(rows[0].at("value")), 0);
}

TEST(CompareCommand, DoesNotDependOnThreads)
{
    const Shell shell;
    put_policies(shell);
    const std::string command = "chokepoint compare " + first_steps
                                + " --policy care.yaml stock.yaml --trials 500 --quiet --out ";
    ASSERT_EQ(shell.run(command + "one --threads 1").code, 0);
    ASSERT_EQ(shell.run(command + "two --threads 2").code, 0);
    for (const char* name : {"metrics.csv", "policies.csv", "summary.json", "paths.csv"}) {
        EXPECT_TRUE(shell.file(std::string("one/") + name)
                    == shell.file(std::string("two/") + name))
            << name;
    }
}

TEST(CompareCommand, RefusesWhatCannotBeCompared)
{
    const Shell shell;
    put_policies(shell);
    const std::string compare = "chokepoint compare " + first_steps + " --quiet --trials 64 ";
    EXPECT_THAT(shell.run(compare).err, HasSubstr("nothing to compare"));
    EXPECT_EQ(shell.run(compare + "--policy none.yaml").code, 66);
    const Outcome twice = shell.run(compare + "--policy care.yaml care.yaml");
    EXPECT_EQ(twice.code, 64);
    EXPECT_THAT(twice.err, HasSubstr("two policies are called \"care\""));
    const Outcome nowhere = shell.run(compare + "--policy care.yaml --region mars");
    EXPECT_EQ(nowhere.code, 64);
    EXPECT_THAT(nowhere.err, HasSubstr("no region or group is called \"mars\""));
    EXPECT_EQ(shell.run(compare + "--policy care.yaml --sampling sobol").code, 64);
    EXPECT_EQ(
        shell.run(compare + "--policy care.yaml --set 'run.importance=es99(shortfall_share)'")
            .code,
        64);
}

TEST(RunCommand, LaysPoliciesOverTheScenario)
{
    const Shell shell;
    put_policies(shell);
    const std::string policies = first_steps + " --policy care.yaml --policy stock.yaml ";
    ASSERT_EQ(shell
                  .run("chokepoint run " + policies
                       + "--trials 300 --quiet --out out --worst shortfall_share")
                  .code,
              0);
    EXPECT_THAT(shell.file("out/metrics.csv"),
                HasSubstr("\n\"care + a stockpile, bought\",policy_cost,all,world,usd,mean,"));
    EXPECT_THAT(shell.file("out/scenario.resolved.yaml"), HasSubstr("keep_share: 0.5"));
    EXPECT_EQ(json::parse(shell.file("out/summary.json"))["policy"],
              "care + a stockpile, bought");
    // A trial alone is the trial of the run.
    const auto worst = rows_of(shell.file("out/worst.csv"));
    const Outcome replay = shell.run("chokepoint replay " + policies + "--format json --trial "
                                     + worst.at(0).at("trial"));
    ASSERT_EQ(replay.code, 0) << replay.err;
    const json trial = json::parse(replay.out);
    const auto metric = std::ranges::find_if(trial["metrics"], [](const json& of) {
        return of["metric"] == "shortfall_share" && of["commodity"] == "all"
               && of["region"] == "world";
    });
    ASSERT_NE(metric, trial["metrics"].end());
    EXPECT_EQ((*metric)["value"].get<double>(), std::stod(worst.at(0).at("value")));
    EXPECT_EQ(shell.run("chokepoint validate " + policies).code, 0);
    EXPECT_THAT(
        shell.run("chokepoint explain " + policies).out,
        AllOf(HasSubstr("Policies: care + a stockpile, bought"),
              HasSubstr("mine_stops: 0.886 outages a year"),
              HasSubstr("mining_practice_1_running: 1,000,000 USD a year from 2026-01")));
    EXPECT_THAT(shell.run("chokepoint list levers").out, HasSubstr("stockpile"));
}

TEST(AttributeCommand, SharesAddUpToTheWhole)
{
    const Shell shell;
    for (const std::string by : {"class", "hazard"}) {
        const Outcome run = shell.run("chokepoint attribute " + first_steps
                                      + " --trials 2000 --quiet --force --out out --by " + by);
        ASSERT_EQ(run.code, 0) << run.err;
        EXPECT_THAT(run.out, AllOf(HasSubstr("Shapley"), HasSubstr("shortfall_share of all")));
        std::map<std::string, double> sums, wholes;
        for (const auto& row : rows_of(shell.file("out/attribution.csv"))) {
            const std::string key = row.at("metric") + row.at("statistic");
            (row.at("hazard") == "all" ? wholes : sums)[key] += std::stod(row.at("value"));
        }
        ASSERT_EQ(wholes.size(), 6U);
        for (const auto& [key, whole] : wholes) {
            EXPECT_NEAR(sums.at(key) / whole, 1, 1e-9) << key;
        }
    }
    // All hazards together less none of them is the run itself: nothing happens without.
    ASSERT_EQ(
        shell.run("chokepoint run " + first_steps + " --trials 2000 --quiet --out whole").code,
        0);
    double mean = 0;
    for (const auto& row : rows_of(shell.file("whole/metrics.csv"))) {
        if (row.at("metric") == "shortfall_share" && row.at("commodity") == "all"
            && row.at("region") == "world" && row.at("statistic") == "mean") {
            mean = std::stod(row.at("value"));
        }
    }
    for (const auto& row : rows_of(shell.file("out/attribution.csv"))) {
        if (row.at("metric") == "shortfall_share" && row.at("hazard") == "all"
            && row.at("statistic") == "mean") {
            EXPECT_NEAR(std::stod(row.at("value")) / mean, 1, 1e-9);
        }
    }
}

TEST(AttributeCommand, RefusesWhatItCannotShare)
{
    const Shell shell;
    EXPECT_EQ(shell
                  .run("chokepoint attribute " + first_steps
                       + " --quiet --set hazards.export_restrictions=[] --set "
                         "hazards.outages=[]")
                  .code,
              64);
    EXPECT_EQ(
        shell.run("chokepoint attribute " + first_steps + " --quiet --metric wealth").code, 64);
}

}  // namespace
}  // namespace chokepoint
