#include "chokepoint/scenario/read_scenario.hpp"

#include <filesystem>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/complaints.hpp"

namespace chokepoint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::filesystem::path folder =
    std::filesystem::path(CHOKEPOINT_SOURCE_DIR) / "tests/scenario";

/// Of a Number or a Mark.
double value(const auto& number)
{
    EXPECT_TRUE(number.distribution.is_fixed()) << number.path;
    return number.distribution.lower();
}

Scenario every_key()
{
    return read_scenario(folder / "every_key.yaml");
}

TEST(ReadScenario, BindsTheFrame)
{
    const Scenario scenario = every_key();
    EXPECT_EQ(scenario.name, "every key");
    EXPECT_EQ(scenario.description, "a scenario that only tests read");
    EXPECT_EQ(scenario.start, (Date{2009, 1, 1}));
    EXPECT_EQ(scenario.months, 72);
    EXPECT_THAT(scenario.regions, ElementsAre("china", "japan", "usa", "australia"));
    EXPECT_THAT(scenario.stages, ElementsAre("mine", "separate", "refine"));
    EXPECT_EQ(scenario.balance, BalanceBy::supply);
    ASSERT_EQ(scenario.alliances.size(), 2U);
    EXPECT_EQ(scenario.alliances[1].name, "pacific");
    EXPECT_THAT(scenario.alliances[1].regions, ElementsAre("china", "japan"));
    EXPECT_EQ(scenario.shortfall_threshold_share, 0.1);
    EXPECT_EQ(scenario.price_threshold_ratio, 3);
    EXPECT_EQ(scenario.trials, 2000);
    EXPECT_EQ(scenario.seed, std::numeric_limits<std::uint64_t>::max());
    EXPECT_THAT(scenario.warnings, IsEmpty());
}

TEST(ParsedScenario, IsReadAnewUnderEachOverride)
{
    const std::filesystem::path file = folder / "every_key.yaml";
    const ParsedScenario parsed(file);
    const Scenario longer = parsed.read({"months=84"});
    EXPECT_EQ(longer.months, 84);
    EXPECT_EQ(longer.resolved_yaml, read_scenario(file, {"months=84"}).resolved_yaml);
    // Neither an override nor a refusal stays.
    EXPECT_THROW(parsed.read({"months=-1"}), InputError);
    EXPECT_EQ(parsed.read().resolved_yaml, every_key().resolved_yaml);
    EXPECT_THROW(ParsedScenario(folder / "nowhere.yaml"), FileError);
}

TEST(ReadScenario, BindsCommodities)
{
    const Scenario scenario = every_key();
    ASSERT_EQ(scenario.commodities.size(), 2U);
    const CommodityEntry& neodymium = scenario.commodities[0];
    EXPECT_EQ(neodymium.name, "neodymium");
    EXPECT_EQ(value(neodymium.price_usd_per_kg), 30);
    ASSERT_EQ(neodymium.regional_price_usd_per_kg.size(), 1U);
    EXPECT_EQ(neodymium.regional_price_usd_per_kg[0].first, "china");
    EXPECT_EQ(value(neodymium.regional_price_usd_per_kg[0].second), 25);
    EXPECT_EQ(to_string(neodymium.demand_elasticity_short_run.distribution),
              to_string(Distribution(Triangular{0.05, 0.12, 0.25})));
    EXPECT_EQ(value(neodymium.demand_elasticity_long_run), 0.6);
    EXPECT_EQ(value(neodymium.memory_up_per_month), 0.08);
    EXPECT_EQ(value(neodymium.memory_down_per_month), 0.04);
    EXPECT_EQ(value(neodymium.quoted_adjustment_per_month), 0.5);
    EXPECT_EQ(value(neodymium.choke_price_ratio), 40);
    EXPECT_EQ(value(neodymium.floor_price_ratio), 0.05);
}

TEST(ReadScenario, BindsFacilities)
{
    const Scenario scenario = every_key();
    ASSERT_EQ(scenario.facilities.size(), 6U);
    const FacilityEntry& mine = scenario.facilities[0];
    EXPECT_EQ(mine.name, "bayan_obo");
    EXPECT_EQ(mine.region, "china");
    EXPECT_EQ(mine.stage, "mine");
    EXPECT_EQ(mine.capacity_t_per_year.distribution.lower(), 0);
    EXPECT_TRUE(mine.capacity_t_per_year.distribution.is_truncated());
    EXPECT_EQ(value(mine.supply_elasticity), 0);
    EXPECT_EQ(mine.owner, "baotou steel");
    ASSERT_EQ(mine.outputs.size(), 2U);
    EXPECT_EQ(mine.outputs[1].commodity, "cerium");
    EXPECT_EQ(value(mine.outputs[1].share), 0.5);
    ASSERT_TRUE(mine.by_product);
    EXPECT_EQ(value(mine.by_product->adjustment_per_month), 0.05);
    EXPECT_EQ(mine.by_product->price_elasticity.distribution.upper(), 0.3);
    EXPECT_FALSE(mine.opens);

    const FacilityEntry& project = scenario.facilities[1];
    EXPECT_EQ(project.opens, (Date{2011, 6, 1}));
    EXPECT_EQ(project.delay_months.distribution.mean(), 6);
    EXPECT_EQ(value(project.opening_probability), 0.9);
    EXPECT_EQ(value(project.ramp_months), 12);
    ASSERT_EQ(project.outputs.size(), 1U);
    EXPECT_EQ(project.outputs[0].commodity, "neodymium");
    EXPECT_EQ(value(project.outputs[0].share), 1);

    EXPECT_THAT(scenario.facilities[2].outputs, IsEmpty());
    EXPECT_FALSE(scenario.facilities[2].by_product);
}

TEST(ReadScenario, BindsGrowthClosureAndInducement)
{
    const Scenario scenario = every_key();
    const FacilityEntry& pit = scenario.facilities[5];
    EXPECT_EQ(value(pit.growth.per_year), 0.01);
    ASSERT_EQ(pit.growth.by_year.size(), 1U);
    EXPECT_EQ(pit.growth.by_year[0].first, 2010);
    EXPECT_EQ(value(pit.growth.by_year[0].second), 0.05);
    EXPECT_EQ(pit.growth.by_year[0].second.path, "facilities.deep_pit.growth_by_year.2010");
    ASSERT_TRUE(pit.induced && pit.closure);
    EXPECT_EQ(value(pit.induced->trigger_price_ratio), 2);
    EXPECT_EQ(value(pit.induced->after_months), 12);
    EXPECT_EQ(pit.induced->lead_months.distribution.upper(), 96);
    EXPECT_EQ(value(pit.closure->close_below), 0.6);
    EXPECT_EQ(value(pit.closure->close_after_months), 6);
    EXPECT_EQ(value(pit.closure->reopen_above), 0.9);
    EXPECT_EQ(value(pit.closure->restart_months), 4);
    EXPECT_EQ(value(pit.supply_elasticity), 0.2);
    EXPECT_FALSE(pit.opens);
    ASSERT_TRUE(scenario.commodities[0].substitution);
    EXPECT_EQ(value(scenario.commodities[0].substitution->rate_per_year), 0.1);
    EXPECT_FALSE(scenario.commodities[1].substitution);
}

TEST(ReadScenario, WarnsOfGrowthInYearsThatItDoesNotReach)
{
    const Scenario scenario = read_scenario(
        folder / "every_key.yaml", {"facilities.deep_pit.growth_by_year={2008: 0, 2014: 0}"});
    ASSERT_EQ(scenario.warnings.size(), 1U);
    EXPECT_EQ(scenario.warnings[0].key_path, "facilities.deep_pit.growth_by_year.2008");
    EXPECT_EQ(scenario.warnings[0].problem, "is not used (the scenario starts in 2009)");
}

TEST(ReadScenario, BindsDemandTradeStocksAndReserves)
{
    const Scenario scenario = every_key();
    ASSERT_EQ(scenario.demand.size(), 3U);
    EXPECT_EQ(scenario.demand[1].commodity, "neodymium");
    EXPECT_EQ(scenario.demand[1].region, "japan");
    EXPECT_EQ(value(scenario.demand[1].t_per_year), 4000);

    ASSERT_EQ(scenario.trade.size(), 1U);
    EXPECT_EQ(scenario.trade[0].layer, "refine");
    EXPECT_EQ(scenario.trade[0].commodity, "neodymium");
    EXPECT_EQ(scenario.trade[0].exporter, "china");
    EXPECT_EQ(scenario.trade[0].importer, "japan");
    EXPECT_EQ(value(scenario.trade[0].t_per_year), 3500);

    ASSERT_EQ(scenario.stocks.size(), 2U);
    const StockEntry& stock = scenario.stocks[0];
    EXPECT_TRUE(stock.commodities.all);
    EXPECT_FALSE(stock.regions.all);
    EXPECT_THAT(stock.regions.names, ElementsAre("japan", "usa"));
    EXPECT_EQ(value(stock.cover_months), 2);
    EXPECT_EQ(value(stock.order_months), 3);
    EXPECT_EQ(value(stock.price_sensitivity), 0.4);
    EXPECT_EQ(value(stock.trend_sensitivity), 0.1);
    ASSERT_TRUE(stock.panic);
    EXPECT_EQ(value(stock.panic->max_extra_share), 0.5);
    ASSERT_TRUE(stock.panic->front_running_share);
    EXPECT_EQ(value(*stock.panic->front_running_share), 0.8);
    EXPECT_EQ(value(stock.panic->build_months), 3);
    EXPECT_EQ(value(stock.panic->half_life_months), 6);
    EXPECT_EQ(stock.at, "");
    EXPECT_EQ(scenario.stocks[1].at, "refine");

    ASSERT_EQ(scenario.recycling.size(), 1U);
    const RecyclingEntry& recycling = scenario.recycling[0];
    EXPECT_EQ(recycling.commodity, "neodymium");
    EXPECT_EQ(recycling.region, "japan");
    EXPECT_EQ(recycling.stage, "refine");
    EXPECT_EQ(value(recycling.share_of_demand), 0.02);
    EXPECT_EQ(recycling.share_of_demand_end.path, "recycling.magnets.share_of_demand_end");
    EXPECT_EQ(recycling.ramp_from, (Date{2010, 1, 1}));
    EXPECT_EQ(recycling.ramp_until, (Date{2013, 1, 1}));
    EXPECT_EQ(value(recycling.price_elasticity), 0.3);
    EXPECT_EQ(value(recycling.max_factor), 1.5);

    ASSERT_EQ(scenario.reserves.size(), 1U);
    const ReserveEntry& reserve = scenario.reserves[0];
    EXPECT_EQ(reserve.region, "japan");
    EXPECT_EQ(reserve.commodity, "neodymium");
    EXPECT_FALSE(reserve.members.all);
    EXPECT_THAT(reserve.members.names, ElementsAre("japan", "usa", "australia"));
    EXPECT_EQ(value(reserve.tonnes), 500);
    EXPECT_EQ(value(reserve.release_t_per_month), 60);
    EXPECT_EQ(value(reserve.trigger_price_ratio.value()), 2);
    EXPECT_EQ(value(reserve.stop_price_ratio.value()), 1.2);
    EXPECT_EQ(value(reserve.trigger_shortfall_share.value()), 0.1);
    EXPECT_EQ(value(reserve.stop_shortfall_share.value()), 0.02);
    EXPECT_EQ(value(reserve.decision_lag_months), 1);
    EXPECT_EQ(value(reserve.refill_t_per_month), 5);
}

TEST(ReadScenario, BindsRestrictions)
{
    const Scenario scenario = every_key();
    ASSERT_EQ(scenario.standing_measures.size(), 3U);
    const StandingMeasureEntry& duty = scenario.standing_measures[0];
    EXPECT_EQ(duty.terms.instrument, Instrument::tax);
    EXPECT_EQ(value(duty.terms.tax_rate.value()), 0.15);
    EXPECT_EQ(duty.terms.layer, "refine");
    EXPECT_TRUE(duty.terms.targets.all);
    EXPECT_FALSE(duty.from);
    EXPECT_FALSE(duty.until);
    EXPECT_EQ(value(scenario.standing_measures[1].severity), 0.1);
    EXPECT_EQ(scenario.standing_measures[1].until, (Date{2015, 1, 1}));

    ASSERT_EQ(scenario.scripted_restrictions.size(), 1U);
    const ScriptedRestrictionEntry& quota = scenario.scripted_restrictions[0];
    EXPECT_EQ(quota.name, "quota_h2_2010");
    EXPECT_EQ(quota.terms.instrument, Instrument::quota);
    EXPECT_THAT(quota.terms.commodities.names, ElementsAre("neodymium", "cerium"));
    EXPECT_EQ(value(quota.terms.quota_t.value()), 7976);
    EXPECT_TRUE(quota.terms.shared);
    ASSERT_EQ(quota.terms.weights.size(), 1U);
    EXPECT_EQ(quota.terms.weights[0].first, "cerium");
    EXPECT_EQ(value(quota.terms.weights[0].second), 1.2);
    EXPECT_EQ(quota.terms.period_months, 6);
    EXPECT_EQ(value(quota.terms.front_loading), 0.5);
    EXPECT_EQ(value(quota.terms.leakage), 0.3);
    EXPECT_EQ(quota.from, (Date{2010, 7, 1}));
    EXPECT_EQ(quota.until, (Date{2011, 1, 1}));
    EXPECT_EQ(quota.announced, (Date{2010, 6, 15}));
    EXPECT_EQ(value(quota.phase_in_months), 1);
    EXPECT_EQ(value(quota.phase_out_months), 2);

    ASSERT_EQ(scenario.restriction_hazards.size(), 3U);
    const RestrictionHazardEntry& ban = scenario.restriction_hazards[0];
    EXPECT_EQ(ban.terms.instrument, Instrument::ban);
    EXPECT_EQ(ban.severity.distribution.lower(), 1);
    EXPECT_EQ(ban.rate_per_year.distribution.mean(), 0.1);
    EXPECT_EQ(to_string(ban.duration_days.distribution),
              to_string(Distribution(Lognormal{85, 1.2})));
    EXPECT_EQ(value(ban.notice_days), 30);
    EXPECT_FALSE(ban.structural);
    EXPECT_EQ(value(ban.targeted_probability), 1);
    const RestrictionHazardEntry& squeeze = scenario.restriction_hazards[1];
    EXPECT_EQ(squeeze.severity.distribution.mean(), 0.6);
    EXPECT_EQ(squeeze.tension, "rivals");
    EXPECT_EQ(value(squeeze.tense_factor), 5);
    EXPECT_EQ(value(squeeze.targeted_probability), 0.7);
    ASSERT_TRUE(squeeze.structural);
    EXPECT_EQ(value(squeeze.structural->probability), 0.4);
    EXPECT_EQ(value(squeeze.structural->severity), 0.2);
    EXPECT_EQ(value(squeeze.structural->duration_days), 700);
    // Licensing always passes into its long phase.
    const RestrictionHazardEntry& permits = scenario.restriction_hazards[2];
    EXPECT_EQ(permits.terms.instrument, Instrument::licensing);
    ASSERT_TRUE(permits.structural);
    EXPECT_EQ(value(permits.structural->probability), 1);
}

TEST(ReadScenario, BindsTensionsAndContagion)
{
    const Scenario scenario = every_key();
    ASSERT_EQ(scenario.tensions.size(), 1U);
    EXPECT_EQ(scenario.tensions[0].name, "rivals");
    EXPECT_THAT(scenario.tensions[0].regions,
                ElementsAre("china", "japan", "usa", "australia"));
    EXPECT_EQ(value(scenario.tensions[0].becomes_tense_per_year), 0.2);
    ASSERT_EQ(scenario.contagion.size(), 1U);
    EXPECT_THAT(scenario.contagion[0].from.names, ElementsAre("cut", "squeeze"));
    EXPECT_TRUE(scenario.contagion[0].to.all);
    EXPECT_EQ(value(scenario.contagion[0].offspring), 0.2);
    EXPECT_EQ(value(scenario.contagion[0].mean_delay_days), 240);
}

TEST(ReadScenario, BindsCommonCausesAndPriceShocks)
{
    const Scenario scenario = every_key();
    ASSERT_EQ(scenario.common_causes.size(), 1U);
    EXPECT_EQ(scenario.common_causes[0].facilities.region, "china");
    EXPECT_EQ(value(scenario.common_causes[0].strike_probability), 0.6);
    const PriceShocksEntry& shocks = scenario.price_shocks;
    ASSERT_EQ(shocks.processes.size(), 2U);
    EXPECT_EQ(shocks.processes[0].commodity, "neodymium");
    EXPECT_THAT(shocks.processes[0].regions.names, ElementsAre("japan", "usa"));
    EXPECT_EQ(shocks.processes[0].channel, ShockChannel::demand);
    EXPECT_EQ(value(shocks.processes[0].start), 0.1);
    EXPECT_EQ(value(shocks.processes[0].mean), 0.05);
    EXPECT_EQ(value(shocks.processes[0].mean_reversion_per_year), 1.2);
    EXPECT_EQ(value(shocks.processes[0].volatility_per_year), 0.35);
    ASSERT_TRUE(shocks.processes[0].jumps);
    EXPECT_EQ(value(shocks.processes[0].jumps->rate_per_year), 0.2);
    EXPECT_EQ(shocks.processes[1].channel, ShockChannel::quoted);
    EXPECT_EQ(value(shocks.processes[1].drift_per_year), -0.02);
    ASSERT_EQ(shocks.correlations.size(), 1U);
    EXPECT_EQ(shocks.correlations[0].value, 0.4);
    EXPECT_EQ(shocks.dependence, Dependence::student_t);
    EXPECT_EQ(value(shocks.degrees_of_freedom), 5);
}

TEST(ReadScenario, TakesBansAndTaxesForFullyInForce)
{
    const Scenario scenario = read_scenario_text(replaced(
        compact_scenario(), "hazards:\n",
        "standing_measures: [{name: duty, exporter: china, instrument: tax, tax_rate: "
        "0.1}]\n"
        "hazards:\n"
        "  scripted: [{type: export_restriction, exporter: china, instrument: ban, from: "
        "2009-03, until: 2009-06}]\n"));
    EXPECT_EQ(value(scenario.scripted_restrictions[0].severity), 1);
    EXPECT_EQ(scenario.scripted_restrictions[0].name, "restriction_1");
    EXPECT_FALSE(scenario.scripted_restrictions[0].announced);
    EXPECT_EQ(value(scenario.standing_measures[0].severity), 1);
}

TEST(ReadScenario, BindsOutagesAndTheRecord)
{
    const Scenario scenario = every_key();
    ASSERT_EQ(scenario.scripted_outages.size(), 1U);
    const ScriptedOutageEntry& scripted = scenario.scripted_outages[0];
    EXPECT_EQ(scripted.name, "outage_2");
    EXPECT_EQ(scripted.facility, "baotou");
    EXPECT_EQ(scripted.from, (Date{2011, 3, 1}));
    EXPECT_EQ(scripted.until, (Date{2011, 6, 15}));
    EXPECT_EQ(value(scripted.loss_share), 0.5);

    ASSERT_EQ(scenario.outage_hazards.size(), 2U);
    const OutageHazardEntry& breakdown = scenario.outage_hazards[0];
    EXPECT_THAT(breakdown.facilities.names, IsEmpty());
    EXPECT_EQ(breakdown.facilities.stage, "mine");
    EXPECT_EQ(breakdown.facilities.region, "china");
    EXPECT_EQ(breakdown.facilities.commodity, "neodymium");
    EXPECT_EQ(value(*breakdown.rate_per_year), 0.3);
    EXPECT_EQ(breakdown.loss_share.distribution.lower(), 0.2);
    EXPECT_EQ(value(breakdown.grade_factors.at(1).second), 1.5);
    EXPECT_FALSE(breakdown.starts_running);
    EXPECT_THAT(scenario.facilities[0].grades, ElementsAre("old_tailings_dam", "deep"));
    EXPECT_THAT(scenario.outage_hazards[1].facilities.names, ElementsAre("bayan_obo", "plant"));
    EXPECT_FALSE(scenario.outage_hazards[1].rate_per_year);
    EXPECT_TRUE(scenario.outage_hazards[1].running_days);
    EXPECT_TRUE(scenario.outage_hazards[1].starts_running);
    EXPECT_EQ(scenario.outage_hazards[1].loss_share.distribution.lower(), 1);

    ASSERT_TRUE(scenario.observed);
    EXPECT_EQ(scenario.observed->path, "observed.csv");
    EXPECT_EQ(scenario.observed->resolved_path, (folder / "observed.csv").string());
}

TEST(ReadScenario, ExpandsAlliancesThatAreTargetsWithoutTheExporter)
{
    const Scenario scenario = every_key();
    EXPECT_THAT(scenario.restriction_hazards[0].terms.targets.names,
                ElementsAre("japan", "usa", "australia"));
    EXPECT_THAT(scenario.scripted_restrictions[0].terms.targets.names,
                ElementsAre("usa", "japan"));
}

TEST(ReadScenario, FillsInTheDefaultsOfTheTable)
{
    const std::string text = replaced(
        quiet_scenario(), "    memory: {up_per_month: 0.08, down_per_month: 0.04}\n", "");
    const Scenario scenario = read_scenario_text(
        replaced(replaced(text, "thresholds: {shortfall_share: 0.05, price_ratio: 2}\n", ""),
                 "run: {trials: 200, seed: 7}\n", ""));
    EXPECT_THAT(scenario.stages, ElementsAre("mine", "refine"));
    EXPECT_EQ(scenario.balance, BalanceBy::demand);
    EXPECT_EQ(scenario.trials, 10000);
    EXPECT_EQ(scenario.seed, 1U);
    EXPECT_EQ(scenario.shortfall_threshold_share, 0.05);
    EXPECT_EQ(scenario.price_threshold_ratio, 2);
    EXPECT_FALSE(scenario.observed);

    const CommodityEntry& commodity = scenario.commodities[0];
    EXPECT_EQ(value(commodity.memory_up_per_month), 0.08);
    EXPECT_EQ(value(commodity.memory_down_per_month), 0.08);
    EXPECT_EQ(value(commodity.quoted_adjustment_per_month), 1);
    EXPECT_EQ(value(commodity.choke_price_ratio), 50);
    EXPECT_EQ(value(commodity.floor_price_ratio), 0.02);

    const FacilityEntry& plant = scenario.facilities[3];
    EXPECT_EQ(value(plant.supply_elasticity), 0);
    EXPECT_EQ(value(plant.delay_months), 0);
    EXPECT_EQ(value(plant.opening_probability), 1);
    EXPECT_EQ(value(plant.ramp_months), 0);
    EXPECT_EQ(plant.ramp_months.path, "facilities.kitakyushu.ramp_months");

    EXPECT_EQ(value(scenario.stocks[0].price_sensitivity), 0.5);
    EXPECT_EQ(value(scenario.stocks[0].trend_sensitivity), 0);
    EXPECT_TRUE(scenario.stocks[0].regions.all);
}

TEST(ReadScenario, GivesAMineTheOneCommodity)
{
    const Scenario scenario = read_scenario_text(quiet_scenario());
    ASSERT_EQ(scenario.facilities[0].outputs.size(), 1U);
    EXPECT_EQ(scenario.facilities[0].outputs[0].commodity, "neodymium");
    EXPECT_EQ(scenario.facilities[0].outputs[0].share.path,
              "facilities.bayan_obo.outputs.neodymium");
    EXPECT_THAT(scenario.facilities[2].outputs, IsEmpty());
}

TEST(ReadScenario, MemoryFallsWithTheSameDrawsAsItRisesUnlessItsPaceIsGiven)
{
    const Scenario scenario = read_scenario_text(
        replaced(quiet_scenario(), "{up_per_month: 0.08, down_per_month: 0.04}",
                 "{up_per_month: {uniform: [0.05, 0.1]}}"));
    const CommodityEntry& commodity = scenario.commodities[0];
    EXPECT_EQ(commodity.memory_down_per_month.path,
              "commodities.neodymium.memory.up_per_month");
    EXPECT_EQ(commodity.memory_down_per_month.distribution.upper(), 0.1);
}

TEST(ReadScenario, NamesNumbersByEntriesAndKeepsTheirPlaces)
{
    const Scenario scenario = every_key();
    EXPECT_EQ(scenario.facilities[0].capacity_t_per_year.path,
              "facilities.bayan_obo.capacity_t_per_year");
    EXPECT_EQ(scenario.facilities[0].capacity_t_per_year.place.line, 29);
    EXPECT_EQ(scenario.facilities[0].capacity_t_per_year.place.column, 26);
    EXPECT_EQ(scenario.facilities[0].place.line, 26);
    EXPECT_EQ(scenario.facilities[0].by_product->price_elasticity.path,
              "facilities.bayan_obo.by_product.price_elasticity");
    EXPECT_EQ(scenario.commodities[0].regional_price_usd_per_kg[0].second.path,
              "commodities.neodymium.regional_price_usd_per_kg.china");
    EXPECT_EQ(scenario.demand[1].t_per_year.path, "demand.neodymium.japan.t_per_year");
    EXPECT_EQ(scenario.trade[0].t_per_year.path,
              "trade.refine.neodymium.china.japan.t_per_year");
    EXPECT_EQ(scenario.stocks[0].panic->build_months.path, "stocks.users.panic.build_months");
    EXPECT_EQ(scenario.restriction_hazards[0].rate_per_year.path,
              "hazards.export_restrictions.cut.rate_per_year");
    EXPECT_EQ(scenario.outage_hazards[0].repair_days.path,
              "hazards.outages.breakdown.repair_days");
    EXPECT_EQ(scenario.scripted_outages[0].loss_share.path,
              "hazards.scripted.outage_2.loss_share");
    EXPECT_EQ(scenario.place.file.text(), (folder / "every_key.yaml").string());
}

TEST(ReadScenario, SharesATonnageOverSeveralCommodities)
{
    const auto last = [](const std::string& terms) {
        const std::string text =
            "extends: " + (folder / "every_key.yaml").string()
            + "\nstanding_measures: [{name: new, exporter: china, instrument: quota, " + terms
            + "}]\n";
        return read_scenario_text(text).standing_measures.back().terms.shared;
    };
    EXPECT_TRUE(last("quota_t: 5"));
    EXPECT_TRUE(last("quota_t: 5, commodities: [neodymium, cerium]"));
    EXPECT_FALSE(last("quota_t: 5, commodities: cerium"));
    EXPECT_FALSE(last("severity: 0.5"));
    EXPECT_TRUE(last("severity: 0.5, shared: true"));
}

TEST(ReadScenario, WarnsOfARegionWithoutAnything)
{
    const Scenario scenario =
        read_scenario_text(replaced(quiet_scenario(), "[china, japan, usa]\nalliances",
                                    "[china, japan, usa, chile]\nalliances"),
                           "t");
    ASSERT_EQ(scenario.warnings.size(), 1U);
    EXPECT_EQ(scenario.warnings[0].severity, Severity::warning);
    EXPECT_EQ(scenario.warnings[0].place.line, 5);
    EXPECT_THAT(scenario.warnings[0].problem, HasSubstr("\"chile\" neither produces"));
}

TEST(ReadScenario, ThrowsAFileErrorWhenThereIsNoFile)
{
    EXPECT_THROW(read_scenario(folder / "nowhere.yaml"), FileError);
    EXPECT_THROW(read_scenario(folder), FileError);
}

TEST(ReadScenario, QuotesTheLineAndGivesAHint)
{
    try {
        read_scenario_text(replaced(compact_scenario(), "trials: 200", "trials: 1e5"),
                           "c.yaml");
        FAIL() << "read";
    } catch (const InputError& error) {
        EXPECT_STREQ(error.what(),
                     "c.yaml:62:15: error: run.trials: must be a whole number (got "
                     "\"1e5\")\n"
                     "  62 | run: {trials: 1e5, seed: 7}\n"
                     "     |               ^\n"
                     "  hint: write 100000");
    }
}

TEST(ReadScenario, KnowsADecimalCommaInBraces)
{
    EXPECT_EQ(
        first_hint(replaced(compact_scenario(), "run: {trials: 200", "run: {trials: 200, 8")),
        "a decimal comma? Write a point: numbers read 0.8, not 0,8");
}

TEST(ReadScenario, CountsWholeMonths)
{
    EXPECT_NO_THROW(read_scenario_text(
        replaced(compact_scenario(), "start: 2009-01\n", "start: 2009-01-01\n"), "c.yaml"));
    try {
        read_scenario_text(
            replaced(compact_scenario(), "start: 2009-01\n", "start: 2009-01-15\n"), "c.yaml");
        FAIL() << "read";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(),
                    ::testing::HasSubstr("start: must be the first day of a month"));
    }
}

TEST(ReadScenario, HintsAtWhatTheAuthorMeant)
{
    const auto hint = [](const std::string& number) {
        return first_hint(replaced(compact_scenario(), "utilisation: 0.9\n",
                                   "utilisation: " + number + "\n"));
    };
    EXPECT_EQ(hint("90%"), "write 0.9");
    EXPECT_EQ(hint("1_000"), "write 1000");
    EXPECT_EQ(hint("+0.9"), "write 0.9");
    EXPECT_EQ(hint("1,000"), "write 1000");
    EXPECT_EQ(hint("12,000,000"), "write 12000000");
    EXPECT_EQ(hint("0,9"), "write 0.9");
    EXPECT_EQ(hint("1,5"), "write 1.5");
    EXPECT_EQ(hint("0,125"), "write 0.125");
    EXPECT_EQ(hint("2,5%"), "write 0.025");
    EXPECT_EQ(hint("\"0.9\""), "leave the quotes away");
    EXPECT_EQ(hint("much"), "share of the capacity in use at month 0");
    EXPECT_EQ(hint("7"), "share of the capacity in use at month 0");
    EXPECT_EQ(hint("{normal: {mean: 0.5, sd: 0.1}}"), "add for example truncate: [0.01, 1]");
    EXPECT_EQ(hint("{exponential: {mean: 0.5}}"), "add for example truncate: [null, 1]");
    EXPECT_EQ(first_hint("{}\n"), "schema: the version of this format");
}

TEST(ReadScenario, FollowsItsOwnAdviceOnTruncation)
{
    EXPECT_EQ(
        complaints(replaced(compact_scenario(), "utilisation: 0.9\n",
                            "utilisation: {normal: {mean: 0.5, sd: 0.1}, truncate: [0.01, "
                            "1]}\n")),
        "");
}

TEST(ReadScenario, LetsOpenLawsTouchAnOpenBound)
{
    const auto price = [](const std::string& law) {
        return complaints(
            replaced(compact_scenario(), "price_usd_per_kg: 30", "price_usd_per_kg: " + law));
    };
    EXPECT_EQ(price("{lognormal: {median: 30, sigma: 0.2}}"), "");
    EXPECT_EQ(price("{weibull: {shape: 2, scale: 30}}"), "");
    EXPECT_EQ(price("{exponential: {mean: 30}}"), "");
    EXPECT_EQ(price("{gamma: {mean: 30, sd: 20}}"), "");
    EXPECT_NE(price("{student_t: {location: 30, scale: 1, nu: 3}}"), "");
    EXPECT_EQ(price("{beta: {a: 2, b: 2}}"), "");
    EXPECT_NE(price("{uniform: [0, 30]}"), "");
    EXPECT_NE(price("{poisson: {mean: 30}}"), "");
    EXPECT_NE(price("{normal: {mean: 30, sd: 1}, truncate: [0, null]}"), "");
}

TEST(ReadScenario, ReadsScalarAliases)
{
    const std::string text =
        replaced(replaced(quiet_scenario(), "price_usd_per_kg: 30", "price_usd_per_kg: &p 30"),
                 "cover_months: 2\n", "cover_months: *p\n");
    EXPECT_EQ(value(read_scenario_text(text).stocks[0].cover_months), 30);
}

TEST(ReadScenario, ReadsWindowsLineEndsAndAByteOrderMark)
{
    std::string text = compact_scenario();
    for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 2) {
        text.replace(at, 1, "\r\n");
    }
    EXPECT_EQ(complaints(text), "");
    EXPECT_EQ(complaints("\xEF\xBB\xBF" + text), "");
    EXPECT_EQ(complaints(replaced(text, "months: 36\r\n", "months: 0\r\n")),
              "4:9: months: must lie between 1 and 1200 (got 0)\n");
}

TEST(ReadScenario, ReadsTheShippedScenarios)
{
    const std::filesystem::path shipped =
        std::filesystem::path(CHOKEPOINT_SOURCE_DIR) / "scenarios";
    for (const auto& entry : std::filesystem::directory_iterator(shipped)) {
        if (entry.path().extension() == ".yaml") {
            EXPECT_NO_THROW(read_scenario(entry.path())) << entry.path();
        }
    }
}

TEST(ReadScenario, AdvisesAllOnlyWhereAllMayBeWritten)
{
    EXPECT_EQ(first_hint(replaced(compact_scenario(), "    cover_months: 2",
                                  "    regions: [all, japan]\n    cover_months: 2")),
              "write all");
    EXPECT_EQ(
        first_hint(replaced(compact_scenario(), "partners: [japan, usa]", "partners: [all]")),
        "");
}

}  // namespace
}  // namespace chokepoint
