#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/complaints.hpp"

namespace chokepoint {
namespace {

using ::testing::ElementsAre;

Scenario with(const std::vector<std::string>& overrides)
{
    return read_scenario_text(compact_scenario(), "t", overrides);
}

std::string wrong(const std::string& override_text)
{
    return complaints(compact_scenario(), {override_text});
}

TEST(Overrides, SetKeysOfMapsAndOfNamedEntries)
{
    const Scenario scenario = with({"months=12", "facilities.baotou.capacity_t_per_year=1e4",
                                    "demand.neodymium.usa.t_per_year=7000",
                                    "hazards.outages.breakdown.rate_per_year=2"});
    EXPECT_EQ(scenario.months, 12);
    EXPECT_EQ(scenario.facilities[2].capacity_t_per_year.distribution.lower(), 1e4);
    EXPECT_EQ(scenario.demand[2].t_per_year.distribution.lower(), 7000);
    EXPECT_EQ(scenario.outage_hazards[0].rate_per_year->distribution.lower(), 2);
}

TEST(Overrides, TakeAnyYamlValue)
{
    const Scenario scenario =
        with({"name=a = b", "alliances.partners=[usa]",
              "commodities.neodymium.price_usd_per_kg={uniform: [20, 40]}"});
    EXPECT_EQ(scenario.name, "a = b");
    EXPECT_THAT(scenario.alliances[0].regions, ElementsAre("usa"));
    EXPECT_EQ(scenario.commodities[0].price_usd_per_kg.distribution.upper(), 40);
}

TEST(Overrides, MakeKeysAndMapsThatAreNotThere)
{
    const Scenario scenario = with({"facilities.bayan_obo.by_product.adjustment_per_month=0.1",
                                    "facilities.bayan_obo.by_product.price_elasticity=0.2",
                                    "facilities.bayan_obo.supply_elasticity=0",
                                    "commodities.neodymium.choke_price_ratio=20"});
    EXPECT_EQ(scenario.facilities[0].by_product->adjustment_per_month.distribution.lower(),
              0.1);
    EXPECT_EQ(scenario.commodities[0].choke_price_ratio.distribution.lower(), 20);
}

TEST(Overrides, ReachIntoALawAndTheLastOneWins)
{
    const Scenario scenario =
        with({"hazards.export_restrictions.quota_cut.duration_days.lognormal.median=300",
              "months=12", "months=24"});
    EXPECT_EQ(to_string(scenario.restriction_hazards[0].duration_days.distribution),
              to_string(Distribution(Lognormal{300, 0.7})));
    EXPECT_EQ(scenario.months, 24);
}

TEST(Overrides, AddressScriptedEventsByName)
{
    const std::string text = replaced(
        compact_scenario(), "hazards:\n",
        "hazards:\n  scripted: [{type: outage, name: fire, facility: baotou, from: 2009-03, "
        "until: 2009-06}]\n");
    const Scenario scenario =
        read_scenario_text(text, "t", {"hazards.scripted.fire.loss_share=0.25"});
    EXPECT_EQ(scenario.scripted_outages[0].loss_share.distribution.lower(), 0.25);
}

TEST(Overrides, ComplainAtTheirOwnPlaces)
{
    EXPECT_EQ(wrong("months=0"),
              "<--set 1>:1:8: months: must lie between 1 and 1200 (got 0)\n");
    EXPECT_EQ(wrong("facilities.baotou.capacity=1"),
              "<--set 1>:1:19: facilities.baotou: unknown key \"capacity\"\n");
    EXPECT_EQ(wrong("facilities.baotu.owner=me"),
              "<--set 1>:1:12: facilities: no entry is called \"baotu\" (did you mean "
              "\"baotou\"?)\n");
    EXPECT_EQ(
        wrong("demand.neodymium.peru.t_per_year=3"),
        "<--set 1>:1:18: demand.neodymium: no region is called \"peru\" (known: china, japan, "
        "usa)\n");
    EXPECT_EQ(complaints(compact_scenario(), {"months=12", "run.trials=[1]"}),
              "<--set 2>:1:12: run.trials: must be a whole number (got a list)\n");
}

TEST(Overrides, ComplainAboutTheirForm)
{
    EXPECT_EQ(wrong("months"), "<--set 1>:1:1: must be path.to.key=value (got \"months\")\n");
    EXPECT_EQ(wrong(""), "<--set 1>:1:1: must be path.to.key=value (got \"\")\n");
    EXPECT_EQ(wrong("=3"), "<--set 1>:1:1: must be path.to.key=value (got \"=3\")\n");
    EXPECT_EQ(wrong("run..seed=3"),
              "<--set 1>:1:5: a word is missing in the path (got \"run..seed\")\n");
    EXPECT_EQ(wrong("months="), "<--set 1>:1:8: months: has no value behind the =\n");
    EXPECT_EQ(wrong("months=# 3"), "<--set 1>:1:8: months: has no value behind the =\n");
    EXPECT_EQ(wrong("extends=a.yaml"),
              "<--set 1>:1:1: extends: cannot be set (write it in the file)\n");
    EXPECT_EQ(wrong("regions=[a"),
              "<--set 1>:1:9: this is not YAML (end of sequence flow not found)\n");
}

TEST(Overrides, ComplainAboutWhatCannotBeReached)
{
    EXPECT_EQ(wrong("months.first=3"),
              "<--set 1>:1:8: months: \"first\" cannot be set in it (it is \"36\"; set it as a "
              "whole)\n");
    EXPECT_EQ(
        wrong("facilities.baotou={name: x}"),
        "<--set 1>:1:12: facilities: a whole entry cannot be set (name a key behind it)\n");
    EXPECT_EQ(
        wrong("reserves.mine.tonnes=3"),
        "<--set 1>:1:10: reserves: no entry is called \"mine\" (only entries that have a name "
        "can be set)\n");
}

}  // namespace
}  // namespace chokepoint
