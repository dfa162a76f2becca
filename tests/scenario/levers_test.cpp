#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chokepoint/scenario/read_scenario.hpp"

namespace chokepoint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string base = R"(
schema: 1
name: levers
start: 2026-01
months: 60
regions: [east, west, south]
alliances: {friends: [west, south]}
commodities:
  metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.1, long_run: 0.5}}
  salt: {price_usd_per_kg: 1, demand_elasticity: {short_run: 0.1, long_run: 0.5}}
facilities:
  - {name: mine, region: east, stage: mine, capacity_t_per_year: 1000, grades: [old],
     outputs: {metal: 0.5, salt: 0.5},
     closure: {close_below: 0.5, close_after_months: 6, reopen_above: 0.8, restart_months: 6}}
  - {name: plant, region: east, stage: refine, capacity_t_per_year: 2000}
  - {name: new_mine, region: south, stage: mine, commodity: metal, capacity_t_per_year: 100,
     opens: 2028-06, opening_probability: 0.5}
  - {name: late_mine, region: west, stage: mine, commodity: metal, capacity_t_per_year: 100,
     induced: {trigger_price_ratio: 2, lead_months: 60}}
demand:
  metal: {west: {t_per_year: 365.25}, south: {t_per_year: 100}}
  salt: {west: {t_per_year: 400}}
hazards:
  export_restrictions:
    - {name: ban, exporter: east, instrument: ban, rate_per_year: 0.1, duration_days: 90}
    - {name: spat, exporter: south, layer: mine, commodities: [metal], instrument: ban, rate_per_year: 0.1, duration_days: 90}
  outages:
    - {name: failures, facilities: [mine], rate_per_year: 1, repair_days: 10, keep_share: 0.5}
)";

/// Scenario and policy in files of one folder.
class Files {
public:
    Files()
    {
        std::string name = ::testing::TempDir() + "levers-XXXXXX";
        folder_ = mkdtemp(name.data());
        std::ofstream(folder_ / "scenario.yaml") << base;
    }
    ~Files() { std::filesystem::remove_all(folder_); }
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;

    std::filesystem::path policy(const std::string& levers, const std::string& file = "p.yaml")
    {
        std::ofstream(folder_ / file)
            << "schema: 1\npolicy: " << std::filesystem::path(file).stem().string()
            << "\nlevers:\n"
            << levers;
        return folder_ / file;
    }
    Scenario read(const std::vector<std::filesystem::path>& policies) const
    {
        return read_scenario(folder_ / "scenario.yaml", {}, policies);
    }
    /// What is wrong with a policy, one line each.
    std::string complaints(const std::string& levers)
    {
        try {
            read({policy(levers)});
        } catch (const InputError& error) {
            std::string text;
            for (const Diagnostic& problem : error.problems()) {
                text += problem.key_path + ": " + problem.problem + "\n";
            }
            return text;
        }
        return "";
    }

private:
    std::filesystem::path folder_;
};

template <class Entry>
const Entry& named(const std::vector<Entry>& entries, const std::string& name)
{
    const auto found = std::ranges::find(entries, name, &Entry::name);
    if (found == entries.end()) {
        throw std::runtime_error("no entry " + name);
    }
    return *found;
}

double value(const Number& number)
{
    return number.distribution.lower();
}

TEST(Levers, JointInvestmentBuildsAFacilityOrBringsAProjectForward)
{
    Files files;
    const Scenario scenario = files.read({files.policy(
        "  - {type: joint_investment, name: fund, region: west, stage: mine, commodity: "
        "metal,\n"
        "     capacity_t_per_year: {uniform: [50, 70]}, opens: 2027-03, capital_usd: 5.0e6,\n"
        "     capital_from: 2026-06, capital_until: 2027-06, running_usd_per_year: 1000}\n"
        "  - {type: joint_investment, project: new_mine, months_earlier: 6, "
        "opening_probability: 0.9}\n")});
    const FacilityEntry& made = named(scenario.facilities, "fund");
    EXPECT_EQ(made.capacity_t_per_year.distribution.upper(), 70);
    EXPECT_EQ(made.capacity_t_per_year.path, "facilities.fund.capacity_t_per_year");
    EXPECT_EQ(to_string(*made.opens), "2027-03-01");
    const FacilityEntry& helped = named(scenario.facilities, "new_mine");
    EXPECT_EQ(to_string(*helped.opens), "2027-12-01");
    EXPECT_EQ(value(helped.opening_probability), 0.9);
    ASSERT_EQ(scenario.policy_costs.size(), 2U);
    EXPECT_EQ(scenario.policy_costs[0].name, "fund_capital");
    EXPECT_EQ(scenario.policy_costs[0].kind, CostKind::capital);
    EXPECT_EQ(value(scenario.policy_costs[0].usd), 5e6);
    EXPECT_EQ(to_string(*scenario.policy_costs[0].until), "2027-06-01");
    EXPECT_EQ(scenario.policy_costs[1].kind, CostKind::running);
    EXPECT_THAT(scenario.policies, ElementsAre("p"));
    EXPECT_THAT(scenario.resolved_yaml, HasSubstr("fund_capital"));
}

TEST(Levers, DiversifyCapsWhatImportersTakeFromASupplier)
{
    Files files;
    const Scenario scenario =
        files.read({files.policy("  - {type: diversify, name: cap, importers: [friends], "
                                 "suppliers: [east], max_share: 0.65,\n"
                                 "     from: 2028-01}\n")});
    ASSERT_EQ(scenario.standing_measures.size(), 1U);
    const StandingMeasureEntry& measure = scenario.standing_measures[0];
    EXPECT_EQ(measure.name, "cap_east_refine");
    EXPECT_THAT(measure.terms.targets.names, ElementsAre("west", "south"));
    EXPECT_THAT(measure.terms.commodities.names, ElementsAre("metal", "salt"));
    EXPECT_EQ(value(*measure.max_import_share), 0.65);
}

TEST(Levers, GuaranteeKeepsFacilitiesOpenAndPays)
{
    Files files;
    const Scenario scenario = files.read({files.policy(
        "  - {type: guarantee, name: floor, facilities: [mine, new_mine], commodity: metal,\n"
        "     floor_usd_per_kg: 9, from: 2027-01, opening_probability: 1}\n")});
    EXPECT_FALSE(named(scenario.facilities, "mine").closure);
    EXPECT_EQ(value(named(scenario.facilities, "new_mine").opening_probability), 1);
    const PolicyCostEntry& cost = named(scenario.policy_costs, "floor_mine_floor");
    EXPECT_EQ(cost.kind, CostKind::floor_payments);
    EXPECT_EQ(cost.facility, "mine");
    EXPECT_EQ(value(cost.floor_usd_per_kg), 9);
}

TEST(Levers, ThinningMultipliesWhatIsThinnedAlready)
{
    Files files;
    const Scenario scenario = files.read(
        {files.policy("  - {type: esg_standard, outages: [failures], keep_share: 0.8,\n"
                      "     keep_share_by_grade: {old: 0.5}}\n"
                      "  - {type: mining_practice, outages: all, keep_share: 0.5, projects: "
                      "[late_mine], lead_months: 36}\n")});
    EXPECT_DOUBLE_EQ(value(scenario.outage_hazards[0].keep_share), 0.5 * 0.8 * 0.5);
    EXPECT_EQ(value(scenario.outage_hazards[0].keep_share_by_grade[0].second), 0.5);
    EXPECT_EQ(value(named(scenario.facilities, "late_mine").induced->lead_months), 36);
}

TEST(Levers, EsgStandardBringsInvestmentAndExcludesSuppliers)
{
    Files files;
    const Scenario scenario = files.read(
        {files.policy("  - {type: esg_standard, name: esg, projects: [new_mine], "
                      "investment_factor: 1.3,\n     importers: [west], exclude: [east], "
                      "commodities: [salt], from: 2028-01}\n")});
    EXPECT_NEAR(value(named(scenario.facilities, "esg_new_mine").capacity_t_per_year), 30,
                1e-9);
    const StandingMeasureEntry& measure = named(scenario.standing_measures, "esg_east_refine");
    EXPECT_THAT(measure.terms.commodities.names, ElementsAre("salt"));
    EXPECT_EQ(value(*measure.max_import_share), 0);
}

TEST(Levers, RecyclingSubstitutionAndStockpileAddTheirEntries)
{
    Files files;
    const Scenario scenario = files.read({files.policy(
        "  - {type: recycling, name: again, regions: [friends], commodities: [metal],\n"
        "     share_of_demand_end: 0.2, ramp_until: 2028-01}\n"
        "  - {type: substitution, commodities: [metal], rate_per_year: 0.05, max_share: 0.3}\n"
        "  - {type: stockpile, name: pile, regions: [friends], days: 60, buy_months: 24,\n"
        "     release_months: 4, trigger_shortfall_share: 0.1}\n")});
    EXPECT_EQ(scenario.recycling.size(), 2U);
    EXPECT_EQ(value(named(scenario.recycling, "again_south_metal").share_of_demand), 0);
    ASSERT_TRUE(scenario.commodities[0].substitution);
    EXPECT_LT(value(scenario.commodities[0].substitution->trigger_price_ratio), 1e-3);
    // Nobody in the south uses salt: no pile of it there.
    ASSERT_EQ(scenario.reserves.size(), 3U);
    const ReserveEntry& pile = named(scenario.reserves, "pile_west_metal");
    EXPECT_EQ(value(pile.tonnes), 0);
    EXPECT_NEAR(value(*pile.capacity_t), 60, 1e-9);
    EXPECT_NEAR(value(pile.refill_t_per_month), 2.5, 1e-9);
    EXPECT_NEAR(value(pile.release_t_per_month), 15, 1e-9);
    EXPECT_EQ(value(*pile.stop_shortfall_share), 0.05);
    EXPECT_EQ(named(scenario.policy_costs, "pile_west_metal_purchases").reserve,
              "pile_west_metal");
}

TEST(Levers, AllianceSparesItsMembersAndPoolsWhatAnEarlierLeverPiledUp)
{
    Files files;
    const Scenario scenario = files.read({files.policy(
        "  - {type: stockpile, name: pile, regions: [west], commodities: [metal], tonnes: 50,\n"
        "     buy_months: 12, trigger_shortfall_share: 0.1}\n"
        "  - {type: alliance, members: [friends], pooled_reserves: [pile_west_metal],\n"
        "     trigger_shortfall_share: 0.2, restrictions: [ban], keep_share: 0.7}\n")});
    EXPECT_THAT(named(scenario.restriction_hazards, "spat").terms.exempt, ElementsAre("west"));
    EXPECT_THAT(named(scenario.restriction_hazards, "ban").terms.exempt, IsEmpty());
    EXPECT_EQ(value(named(scenario.restriction_hazards, "ban").keep_share), 0.7);
    EXPECT_THAT(named(scenario.reserves, "pile_west_metal").members.names,
                ElementsAre("west", "south"));
    EXPECT_EQ(value(*named(scenario.reserves, "pile_west_metal").trigger_shortfall_share), 0.2);
}

TEST(Levers, SeveralPoliciesGoOnTopOfOneAnother)
{
    Files files;
    const std::string thin = "  - {type: mining_practice, outages: all, keep_share: 0.5}\n";
    const Scenario scenario =
        files.read({files.policy(thin, "one.yaml"), files.policy(thin, "two.yaml")});
    EXPECT_DOUBLE_EQ(value(scenario.outage_hazards[0].keep_share), 0.125);
    EXPECT_THAT(scenario.policies, ElementsAre("one", "two"));
}

TEST(Levers, RefuseWhatReachesNothing)
{
    Files files;
    EXPECT_THAT(files.complaints("  - {type: alliance, members: [west]}\n"),
                HasSubstr("levers.alliance_1: reaches nothing"));
    EXPECT_THAT(files.complaints("  - {type: diversify, importers: [west], suppliers: [south], "
                                 "max_share: 0.5, from: 2027-01}\n"),
                HasSubstr("reaches nothing: \"south\" puts out none"));
    EXPECT_THAT(files.complaints("  - {type: joint_investment, project: new_mine}\n"),
                HasSubstr("reaches nothing"));
    EXPECT_THAT(files.complaints("  - {type: joint_investment, project: mine, "
                                 "opening_probability: 1}\n"),
                HasSubstr("\"mine\" is no project"));
    EXPECT_THAT(files.complaints("  - {type: esg_standard}\n"), HasSubstr("reaches nothing"));
    EXPECT_THAT(files.complaints("  - {type: mining_practice}\n"),
                HasSubstr("reaches nothing"));
    EXPECT_THAT(files.complaints("  - {type: mining_practice, common_causes: all, keep_share: "
                                 "0.5}\n"),
                HasSubstr("reaches nothing: there are no such hazards"));
    EXPECT_THAT(files.complaints("  - {type: mining_practice, projects: [new_mine]}\n"),
                HasSubstr("needs months_earlier or lead_months"));
    EXPECT_THAT(files.complaints("  - {type: esg_standard, projects: all}\n"),
                HasSubstr("needs opening_probability"));
    EXPECT_THAT(files.complaints("  - {type: recycling, regions: [east], commodities: [metal], "
                                 "share_of_demand_end: 0.1, ramp_until: 2028-01}\n"),
                HasSubstr("nobody in these regions uses this"));
    EXPECT_THAT(files.complaints("  - {type: stockpile, regions: [east], days: 30, buy_months: "
                                 "12, trigger_shortfall_share: 0.1}\n"),
                HasSubstr("nobody in these regions uses this"));
}

TEST(Levers, NameAllThatIsWrongAtOnce)
{
    Files files;
    const std::string all = files.complaints(
        "  - {type: guarantee, facilities: [mien], commodity: metal, floor_usd_per_kg: -1}\n"
        "  - {type: processing_hub, region: west, stage: mine, capacity_t_per_year: 5, opens: "
        "2028-01, colour: red}\n"
        "  - {type: subsidy}\n"
        "  - {type: stockpile, regions: [west], buy_months: 12}\n");
    EXPECT_THAT(all, HasSubstr("no facility is called \"mien\" (did you mean \"mine\"?)"));
    EXPECT_THAT(all, HasSubstr("must lie beyond the mines"));
    EXPECT_THAT(all, HasSubstr("unknown key \"colour\""));
    EXPECT_THAT(all, HasSubstr("must be joint_investment, diversify, guarantee"));
    EXPECT_THAT(all, HasSubstr("\"days\" or \"tonnes\" is missing"));
}

TEST(Levers, AreNotToTakeANameOfTheScenario)
{
    Files files;
    EXPECT_THAT(
        files.complaints("  - {type: joint_investment, name: mine, region: west, stage: "
                         "mine, commodity: metal, capacity_t_per_year: 5, opens: 2028-01}\n"),
        HasSubstr("the scenario has \"mine\" among its facilities already"));
}

TEST(Levers, PayForWhatLiesInAStockpileAtOnce)
{
    Files files;
    const Scenario scenario = files.read({files.policy(
        "  - {type: stockpile, name: pile, regions: [west], commodities: [metal], tonnes: 50,\n"
        "     buy_months: 12, filled_share: 0.4, trigger_shortfall_share: 0.1}\n")});
    EXPECT_DOUBLE_EQ(value(named(scenario.policy_costs, "pile_west_metal_first_fill").usd),
                     20 * 1000 * 10.0);
}

TEST(PolicyFiles, HaveNamesThatTablesCanHold)
{
    Files files;
    const std::filesystem::path file = files.policy("");
    for (const std::string& name :
         {std::string("none"), std::string("\"a\\nb\""), std::string(101, 'x')}) {
        std::ofstream(file)
            << "schema: 1\npolicy: " << name
            << "\nlevers: [{type: mining_practice, outages: all, keep_share: 0.5}]\n";
        EXPECT_THROW(files.read({file}), InputError) << name;
    }
}

TEST(PolicyFiles, AreRefusedWithTheirPlace)
{
    Files files;
    const std::filesystem::path file = files.policy("");
    for (const char* text :
         {"", "- a list\n", "levers: [\n", "schema: 2\npolicy: x\nlevers: []\n",
          "schema: 1\npolicy: x\n", "schema: 1\nlevers: 5\npolicy: [x]\n"}) {
        std::ofstream(file) << text;
        EXPECT_THROW(files.read({file}), InputError) << text;
    }
    EXPECT_THROW(files.read({file.parent_path() / "none.yaml"}), FileError);
}

}  // namespace
}  // namespace chokepoint
