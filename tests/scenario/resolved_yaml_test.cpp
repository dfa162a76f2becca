#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "scenario/complaints.hpp"

namespace chokepoint {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const fs::path test_scenarios = fs::path(CHOKEPOINT_SOURCE_DIR) / "tests/scenario";

void append(std::string& text, const Number& number)
{
    text += number.path + "=" + to_string(number.distribution) + "\n";
}

/// What a scenario says, apart from places: enough to tell two of them apart.
std::string digest(const Scenario& scenario)
{
    std::string text = scenario.name + scenario.description + to_string(scenario.start)
                       + std::to_string(scenario.months) + std::to_string(scenario.seed) + "\n";
    for (const CommodityEntry& entry : scenario.commodities) {
        append(text, entry.price_usd_per_kg);
        append(text, entry.demand_elasticity_short_run);
        append(text, entry.memory_down_per_month);
        append(text, entry.floor_price_ratio);
    }
    for (const FacilityEntry& entry : scenario.facilities) {
        text += entry.name + entry.owner + (entry.opens ? to_string(*entry.opens) : "");
        append(text, entry.capacity_t_per_year);
        append(text, entry.delay_months);
        for (const OutputEntry& output : entry.outputs) {
            append(text, output.share);
        }
    }
    for (const DemandEntry& entry : scenario.demand) {
        append(text, entry.t_per_year);
    }
    for (const ScriptedRestrictionEntry& entry : scenario.scripted_restrictions) {
        text += entry.name + to_string(entry.from) + to_string(entry.until);
        append(text, entry.terms.leakage);
        for (const std::string& target : entry.terms.targets.names) {
            text += target + " ";
        }
    }
    for (const RestrictionHazardEntry& entry : scenario.restriction_hazards) {
        append(text, entry.rate_per_year);
        text += to_string(entry.duration_days.distribution) + "\n";
    }
    for (const OutageHazardEntry& entry : scenario.outage_hazards) {
        text += to_string(entry.repair_days.distribution) + entry.facilities.stage + "\n";
    }
    return text;
}

/// Reads a resolved scenario back as from a folder of results, where its record lies beside it.
Scenario reread(const Scenario& scenario)
{
    const fs::path results =
        fs::path(::testing::TempDir()) / ("chokepoint_resolved_" + std::to_string(::getpid()));
    fs::create_directories(results);
    if (scenario.observed) {
        std::ofstream(results / record_file_name) << scenario.observed->text;
    }
    std::ofstream(results / "scenario.resolved.yaml") << scenario.resolved_yaml;
    Scenario again = read_scenario(results / "scenario.resolved.yaml");
    fs::remove_all(results);
    return again;
}

TEST(ResolvedYaml, ReadsBackAsTheSameScenario)
{
    const Scenario scenario = read_scenario(test_scenarios / "every_key.yaml");
    const Scenario again = reread(scenario);
    EXPECT_EQ(digest(again), digest(scenario));
    EXPECT_EQ(again.resolved_yaml, scenario.resolved_yaml);
}

TEST(ResolvedYaml, OfAShippedScenarioReadsBackAsTheSameScenario)
{
    const fs::path shipped = fs::path(CHOKEPOINT_SOURCE_DIR) / "scenarios";
    for (const auto& entry : fs::directory_iterator(shipped)) {
        if (entry.path().extension() != ".yaml") {
            continue;
        }
        const Scenario scenario = read_scenario(entry.path());
        EXPECT_EQ(digest(reread(scenario)), digest(scenario)) << entry.path();
    }
}

TEST(ResolvedYaml, HoldsOverridesAndBaseButNoExtends)
{
    const std::string text =
        "extends: " + (test_scenarios / "every_key.yaml").string()
        + "\nname: laid over\ndemand: {cerium: {japan: {t_per_year: 1}}}\n";
    const Scenario scenario =
        read_scenario_text(text, "t", {"facilities.baotou.capacity_t_per_year=1.50e4"});
    const std::string& resolved = scenario.resolved_yaml;
    EXPECT_THAT(resolved, Not(HasSubstr("extends")));
    EXPECT_THAT(resolved, HasSubstr("name: laid over\n"));
    EXPECT_THAT(resolved, HasSubstr("capacity_t_per_year: 1.50e4}"));
    EXPECT_THAT(resolved, HasSubstr("japan: {t_per_year: 1}"));
    EXPECT_THAT(resolved, HasSubstr("observed:\n  file: record.csv\n"));
    EXPECT_EQ(reread(scenario).name, "laid over");
}

TEST(ResolvedYaml, KeepsTheOrderOfKeysAndNumbersAsWritten)
{
    const std::string text = replaced(compact_scenario(), "utilisation: 0.9\n",
                                      "utilisation: 0.90\n    owner: \"a: b # c\"\n");
    EXPECT_THAT(read_scenario_text(text).resolved_yaml,
                HasSubstr("  - name: baotou\n"
                          "    region: china\n"
                          "    stage: refine\n"
                          "    capacity_t_per_year: 30000\n"
                          "    utilisation: 0.90\n"
                          "    owner: \"a: b # c\"\n"));
}

TEST(ResolvedYaml, KeepsTextsThatYamlWouldMisread)
{
    for (const std::string name : {"\"3\"",
                                   "'null'",
                                   "\"true\"",
                                   "\"\\\"q\\\" \\\\\"",
                                   "\" lead\"",
                                   "a, b",
                                   "x [y] {z}",
                                   "\"- item\"",
                                   "\"---\"",
                                   "'...'",
                                   "\"\\u00e4\"",
                                   "Kaffee \xC3\xBC"
                                   "berall",
                                   "a:b",
                                   "\"a: b\"",
                                   "it's",
                                   "\"#no\"",
                                   "-.5",
                                   "'-'",
                                   "\"*x\"",
                                   "\"&x\"",
                                   "\"!x\"",
                                   "\"%x\"",
                                   "\"@x\"",
                                   "\"`x\"",
                                   "x#y"}) {
        const std::string text =
            replaced(compact_scenario(), "name: compact\n", "name: " + name + "\n");
        const Scenario scenario = read_scenario_text(text);
        const Scenario again = read_scenario_text(scenario.resolved_yaml);
        EXPECT_EQ(again.name, scenario.name) << name;
        EXPECT_EQ(again.resolved_yaml, scenario.resolved_yaml) << name;
    }
}

TEST(ResolvedYaml, KeepsTextsOfSeveralLines)
{
    for (const std::string description :
         {"\"a\\nb\\tc\"", "|\n  two\n  lines\n", ">\n  folded\n  text\n"}) {
        const Scenario scenario =
            read_scenario_text(compact_scenario() + "description: " + description + "\n");
        const Scenario again = read_scenario_text(scenario.resolved_yaml);
        EXPECT_NE(scenario.description.find('\n'), std::string::npos);
        EXPECT_EQ(again.description, scenario.description);
    }
}

}  // namespace
}  // namespace chokepoint
