#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/complaints.hpp"

namespace chokepoint {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A folder that holds the compact scenario as base.yaml, removed afterwards.
class Extends : public ::testing::Test {
protected:
    Extends()
    {
        fs::create_directories(folder_);
        write("base.yaml", compact_scenario());
    }
    ~Extends() override { fs::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) const
    {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }

    Scenario over_base(const std::string& text) const
    {
        write("over.yaml", "extends: base.yaml\n" + text);
        return read_scenario(folder_ / "over.yaml");
    }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    fs::path folder_ = fs::path(::testing::TempDir())
                       / ("chokepoint_" + std::to_string(::getpid()) + "_"
                          + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(Extends, MergesMapsByKey)
{
    const Scenario scenario = over_base(
        "months: 12\n"
        "commodities: {neodymium: {demand_elasticity: {long_run: 0.9}}}\n"
        "demand: {neodymium: {usa: {t_per_year: 7000}}}\n");
    EXPECT_EQ(scenario.months, 12);
    EXPECT_EQ(scenario.name, "compact");
    EXPECT_EQ(scenario.commodities[0].demand_elasticity_long_run.distribution.lower(), 0.9);
    EXPECT_EQ(scenario.commodities[0].demand_elasticity_short_run.distribution.lower(), 0.1);
    ASSERT_EQ(scenario.demand.size(), 3U);
    EXPECT_EQ(scenario.demand[2].t_per_year.distribution.lower(), 7000);
}

TEST_F(Extends, MergesNamedEntriesByName)
{
    const Scenario scenario = over_base(
        "facilities:\n"
        "  - {name: mount_weld, region: usa, stage: mine, capacity_t_per_year: 5}\n"
        "  - {name: baotou, utilisation: 0.5}\n"
        "hazards: {outages: [{name: breakdown, rate_per_year: 2}]}\n");
    ASSERT_EQ(scenario.facilities.size(), 5U);
    EXPECT_EQ(scenario.facilities[2].name, "baotou");
    EXPECT_EQ(scenario.facilities[2].utilisation.distribution.lower(), 0.5);
    EXPECT_EQ(scenario.facilities[2].capacity_t_per_year.distribution.lower(), 30000);
    EXPECT_EQ(scenario.facilities[4].name, "mount_weld");
    ASSERT_EQ(scenario.outage_hazards.size(), 1U);
    EXPECT_EQ(scenario.outage_hazards[0].rate_per_year->distribution.lower(), 2);
    EXPECT_EQ(scenario.restriction_hazards.size(), 1U);
}

TEST_F(Extends, ReplacesNumbersAndOtherListsAsAWhole)
{
    const Scenario scenario = over_base(
        "regions: [usa, china, japan]\n"
        "alliances: {partners: [usa]}\n"
        "hazards: {export_restrictions: [{name: quota_cut, duration_days: {uniform: "
        "[10, 20]}}]}\n");
    EXPECT_THAT(scenario.regions, ElementsAre("usa", "china", "japan"));
    EXPECT_THAT(scenario.alliances[0].regions, ElementsAre("usa"));
    EXPECT_EQ(scenario.restriction_hazards[0].duration_days.distribution.upper(), 20);
}

TEST_F(Extends, AppendsScriptedEvents)
{
    write("middle.yaml",
          "extends: base.yaml\n"
          "hazards: {scripted: [{type: outage, facility: baotou, from: 2009-03, until: "
          "2009-04}]}\n");
    write("over.yaml",
          "extends: middle.yaml\n"
          "hazards: {scripted: [{type: outage, facility: bayan_obo, from: 2009-05, until: "
          "2009-06}]}\n");
    const Scenario scenario = read_scenario(folder_ / "over.yaml");
    ASSERT_EQ(scenario.scripted_outages.size(), 2U);
    EXPECT_EQ(scenario.scripted_outages[0].facility, "baotou");
    EXPECT_EQ(scenario.scripted_outages[1].facility, "bayan_obo");
    EXPECT_EQ(scenario.scripted_outages[1].name, "outage_2");
}

TEST_F(Extends, EmptiesAListByAnEmptyOne)
{
    const Scenario base = read_scenario(folder_ / "base.yaml");
    ASSERT_GT(base.outage_hazards.size(), 0U);
    ASSERT_GT(base.stocks.size(), 0U);
    write("middle.yaml",
          "extends: base.yaml\n"
          "hazards: {scripted: [{type: outage, facility: baotou, from: 2009-03, until: "
          "2009-04}]}\n");
    ASSERT_EQ(read_scenario(folder_ / "middle.yaml").scripted_outages.size(), 1U);
    write("over.yaml",
          "extends: middle.yaml\nstocks: []\nhazards: {scripted: [], outages: []}\n");
    const Scenario scenario = read_scenario(folder_ / "over.yaml");
    EXPECT_EQ(scenario.stocks.size(), 0U);
    EXPECT_EQ(scenario.scripted_outages.size(), 0U);
    EXPECT_EQ(scenario.outage_hazards.size(), 0U);
    EXPECT_EQ(scenario.restriction_hazards.size(), base.restriction_hazards.size());
}

TEST_F(Extends, KeepsThePlaceInTheFileThatEachValueComesFrom)
{
    const Scenario scenario = over_base("facilities:\n  - {name: baotou, utilisation: 0.5}\n");
    EXPECT_EQ(scenario.facilities[2].utilisation.place.file.text(), path("over.yaml"));
    EXPECT_EQ(scenario.facilities[2].utilisation.place.line, 3);
    EXPECT_EQ(scenario.facilities[2].capacity_t_per_year.place.file.text(), path("base.yaml"));
}

TEST_F(Extends, BlamesTheFileThatWroteAKeyLast)
{
    write("base.yaml", "foo: 1\nbar: 2\n" + compact_scenario());
    try {
        over_base("foo: 3\n");
        FAIL() << "read";
    } catch (const InputError& error) {
        ASSERT_EQ(error.problems().size(), 2U);
        EXPECT_EQ(error.problems()[0].place, (Place{path("over.yaml"), 2, 1}));
        EXPECT_EQ(error.problems()[1].place, (Place{path("base.yaml"), 2, 1}));
    }
}

TEST_F(Extends, IgnoresAByteOrderMark)
{
    write("over.yaml",
          "\xEF\xBB\xBF"
          "months: 0\nextends: base.yaml\n");
    try {
        read_scenario(folder_ / "over.yaml");
        FAIL() << "read";
    } catch (const InputError& error) {
        EXPECT_EQ(error.problems()[0].place, (Place{path("over.yaml"), 1, 9}));
        EXPECT_EQ(error.problems()[0].source_line, "months: 0");
    }
}

TEST_F(Extends, ResolvesPathsFromTheFileTheyAreWrittenIn)
{
    write(
        "data/prices.csv",
        "series,commodity,region,counterpart,from,until,kind,unit,value,status,source,note\n");
    write("data/with_record.yaml", "extends: ../base.yaml\nobserved: {file: prices.csv}\n");
    write("over.yaml", "extends: data/with_record.yaml\n");
    const Scenario scenario = read_scenario(folder_ / "over.yaml");
    EXPECT_EQ(scenario.observed->path, "prices.csv");
    EXPECT_EQ(scenario.observed->resolved_path, path("data/prices.csv"));
}

TEST_F(Extends, LaysSeveralFilesOverOneAnother)
{
    write("one.yaml",
          "extends: base.yaml\nmonths: 12\ndemand: {neodymium: {usa: {t_per_year: 1}}}\n");
    write("two.yaml",
          "months: 24\nfacilities: [{name: extra, region: usa, stage: mine, "
          "capacity_t_per_year: 5, commodity: neodymium}]\n");
    write("both.yaml", "extends: [one.yaml, two.yaml]\nname: both\n");
    const Scenario scenario = read_scenario(folder_ / "both.yaml");
    EXPECT_EQ(scenario.name, "both");
    EXPECT_EQ(scenario.months, 24);
    EXPECT_EQ(scenario.demand.back().t_per_year.distribution.lower(), 1);
    EXPECT_EQ(scenario.facilities.back().name, "extra");
}

TEST_F(Extends, LaysAFileThatSeveralExtendOnce)
{
    // If the second story laid the base again, it would undo what the first one changed.
    write("one.yaml", "extends: base.yaml\nmonths: 12\n");
    write("two.yaml", "extends: base.yaml\ndemand: {neodymium: {usa: {t_per_year: 1}}}\n");
    write("both.yaml", "extends: [one.yaml, two.yaml]\n");
    const Scenario scenario = read_scenario(folder_ / "both.yaml");
    EXPECT_EQ(scenario.months, 12);
    EXPECT_EQ(scenario.demand.back().t_per_year.distribution.lower(), 1);
}

TEST_F(Extends, ReadsAFileThatIsNamedTimeAndAgainOnce)
{
    // Each file names the next twice: 2^7 files if each naming counted.
    std::string below = "base.yaml";
    for (const std::string name :
         {"d1.yaml", "d2.yaml", "d3.yaml", "d4.yaml", "d5.yaml", "d6.yaml", "d7.yaml"}) {
        write(name, "extends: [" + below + ", " + below + "]\n");
        below = name;
    }
    EXPECT_EQ(read_scenario(folder_ / "d7.yaml").name, "compact");
}

TEST_F(Extends, RefusesMoreFilesThanAnyoneWrites)
{
    std::string files = "base.yaml";
    for (int number = 0; number < 64; ++number) {
        const std::string name =
            std::string("f").append(std::to_string(number)).append(".yaml");
        write(name, "months: 12\n");
        files += ", " + name;
    }
    write("all.yaml", "extends: [" + files + "]\n");
    try {
        read_scenario(folder_ / "all.yaml");
        FAIL();
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr("too many files in all (more than 64)"));
    }
}

TEST_F(Extends, RefusesCyclesAndLongChains)
{
    write("a.yaml", "extends: b.yaml\n");
    write("b.yaml", "extends: ./a.yaml\n");
    std::string below = "base.yaml";
    for (const std::string name : {"c1.yaml", "c2.yaml", "c3.yaml", "c4.yaml", "c5.yaml",
                                   "c6.yaml", "c7.yaml", "c8.yaml", "c9.yaml"}) {
        write(name, "extends: " + below + "\n");
        below = name;
    }
    const auto problem = [&](const std::string& name) -> std::string {
        try {
            read_scenario(folder_ / name);
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_THAT(problem("a.yaml"), HasSubstr("extends itself"));
    EXPECT_EQ(problem("c8.yaml"), "");
    EXPECT_THAT(problem("c9.yaml"),
                HasSubstr("too many files extend one another (more than 8)"));
}

}  // namespace
}  // namespace chokepoint
