#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chokepoint/model/baseline.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "support/sample_scenarios.hpp"
#include "support/scenario_builder.hpp"

namespace chokepoint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ScenarioBuilder small_world()
{
    ScenarioBuilder builder({"china", "japan", "usa"});
    builder.scenario.alliances = {{"partners", {"japan", "usa"}, {}}};
    builder.commodity("lanthanum");
    builder.commodity("neodymium", 30);
    builder.mine("pit", "china", 1000, {{"lanthanum", 0.6}, {"neodymium", 0.4}});
    builder.facility("refinery", "china", "refine", 1000);
    builder.facility("toll", "japan", "refine", 100, {{"neodymium", 1}});
    builder.demand("lanthanum", "japan", 600);
    builder.demand("neodymium", "usa", 400);
    return builder;
}

const ParameterInfo& info(const Model& model, Slot slot)
{
    return model.parameters[slot.index()];
}

TEST(BuildModel, TurnsNamesIntoPositionsInFileOrder)
{
    const Model model = small_world().model();
    EXPECT_EQ(model.commodities[1].name, "neodymium");
    EXPECT_EQ(model.facilities[2].region, RegionId(1));
    EXPECT_EQ(model.facilities[2].stage, StageId(1));
    EXPECT_EQ(model.facilities[2].outputs[0].commodity, CommodityId(1));
    EXPECT_EQ(info(model, model.demand[model.cell(CommodityId(1), RegionId(2))]).path,
              "demand.neodymium.usa.t_per_year");
    EXPECT_EQ(model.demand[model.cell(CommodityId(0), RegionId(2))], zero_slot);
    EXPECT_EQ(model.last_stage(CommodityId(0)), StageId(1));
}

TEST(BuildModel, GivesEveryNumberASlotWithPathPlaceAndNominalValue)
{
    ScenarioBuilder builder = small_world();
    builder.scenario.commodities[0].price_usd_per_kg =
        builder.number("commodities.lanthanum.price_usd_per_kg",
                       Distribution(Lognormal{.median = 6, .sigma = 1}));
    const Model model = builder.model();
    EXPECT_EQ(info(model, zero_slot).nominal, 0);
    EXPECT_EQ(info(model, one_slot).nominal, 1);
    const ParameterInfo& price = info(model, model.commodities[0].price);
    EXPECT_EQ(price.path, "commodities.lanthanum.price_usd_per_kg");
    EXPECT_NEAR(price.nominal, 6, 1e-12);
    EXPECT_EQ(price.stream, hash_name(price.path));
    EXPECT_EQ(price.place, builder.scenario.commodities[0].price_usd_per_kg.place);
    EXPECT_THAT(model.uncertain_parameters, ElementsAre(model.commodities[0].price));
    EXPECT_EQ(model.nominal_values()[model.commodities[1].price.index()], 30);
}

TEST(BuildModel, DrawsANumberThatStandsInForAnotherOnlyOnce)
{
    ScenarioBuilder builder = small_world();
    CommodityEntry& entry = builder.scenario.commodities[0];
    entry.memory_up_per_month = builder.number("commodities.lanthanum.memory.up_per_month",
                                               Distribution(Uniform{.low = 0.05, .high = 0.1}));
    entry.memory_down_per_month = entry.memory_up_per_month;
    const Model model = builder.model();
    EXPECT_EQ(model.commodities[0].memory_up, model.commodities[0].memory_down);
    EXPECT_EQ(model.uncertain_parameters.size(), 1U);
}

TEST(BuildModel, ListsAlliancesThenTheWorld)
{
    const Model model = small_world().model();
    ASSERT_EQ(model.groups.size(), 2U);
    EXPECT_EQ(model.groups[0].name, "partners");
    EXPECT_THAT(model.groups[0].regions, ElementsAre(RegionId(1), RegionId(2)));
    EXPECT_EQ(model.groups[1].name, "world");
    EXPECT_EQ(model.groups[1].regions.size(), 3U);
}

TEST(BuildModel, GivesAMineOfTheOnlyCommodityAllOfItsCapacity)
{
    ScenarioBuilder builder({"congo"}, {"mine"});
    builder.commodity("cobalt");
    builder.mine("kolwezi", "congo", 100);
    builder.demand("cobalt", "congo", 100);
    const Model model = builder.model();
    ASSERT_EQ(model.facilities[0].outputs.size(), 1U);
    EXPECT_EQ(model.facilities[0].outputs[0].share, one_slot);
}

TEST(BuildModel, TakesTheCommodityPriceWhereARegionHasNone)
{
    ScenarioBuilder builder = small_world();
    builder.scenario.commodities[1].regional_price_usd_per_kg = {
        {"china", builder.number("commodities.neodymium.regional_price_usd_per_kg.china", 25)}};
    const Model model = builder.model();
    const Commodity& neodymium = model.commodities[1];
    EXPECT_EQ(info(model, neodymium.regional_price[0]).nominal, 25);
    EXPECT_EQ(neodymium.regional_price[2], neodymium.price);
}

TEST(BuildModel, AssignsStockPoliciesToCommodityAndRegion)
{
    ScenarioBuilder builder = small_world();
    StockEntry& entry = builder.stocks("users", 3, 2);
    entry.regions = {.all = false, .names = {"partners"}, .place = {}};
    entry.commodities = {.all = false, .names = {"neodymium"}, .place = {}};
    const Model model = builder.model();
    EXPECT_EQ(model.stock_policies[0].name, "users");
    EXPECT_THAT(model.stock_policy_of, ElementsAre(-1, -1, -1, -1, 0, 0));
}

TEST(BuildModel, ExpandsAlliancesAmongTargetsAndLeavesOutTheExporter)
{
    ScenarioBuilder builder = small_world();
    RestrictionTerms terms = builder.terms("usa", Instrument::ban);
    terms.targets = {.all = false, .names = {"partners", "china"}, .place = {}};
    builder.scripted("stop", terms, {2010, 1, 1}, {2010, 3, 1});
    const Model model = builder.model();
    EXPECT_THAT(model.measures[0].targets, ElementsAre(RegionId(1), RegionId(0)));
}

TEST(BuildModel, SetsTheSeverityThatAnInstrumentImplies)
{
    ScenarioBuilder builder = small_world();
    const Date from{2010, 1, 1};
    const Date until{2011, 1, 1};
    builder.scripted("ban", builder.terms("china", Instrument::ban), from, until, 0.3);
    RestrictionTerms tax = builder.terms("china", Instrument::tax);
    tax.tax_rate = builder.number("hazards.scripted.tax.tax_rate", 0.2);
    builder.scripted("tax", tax, from, until, 0.3);
    RestrictionTerms quota = builder.terms("china", Instrument::quota);
    builder.scripted("relative", quota, from, until, 0.3);
    quota.quota_t = builder.number("hazards.scripted.absolute.quota_t", 500);
    builder.scripted("absolute", quota, from, until, 0.3);
    builder.restriction_hazard("bans", builder.terms("china", Instrument::ban), 0.1,
                               Uniform{.low = 0, .high = 1}, Fixed{60});
    builder.restriction_hazard("taxes", tax, 0.1, Uniform{.low = 0, .high = 1}, Fixed{60});

    const Model model = builder.model();
    std::vector<double> severities;
    for (const ScriptedRestriction& script : model.scripted_restrictions) {
        severities.push_back(info(model, script.severity).nominal);
    }
    EXPECT_THAT(severities, ElementsAre(1, 0, 0.3, 0));
    EXPECT_EQ(model.restriction_hazards[0].severity.distribution.lower(), 1);
    EXPECT_EQ(model.restriction_hazards[1].severity.distribution.upper(), 0);
}

TEST(BuildModel, RefusesADutyBelowTheStandingOne)
{
    const auto complaints = [](double rate) {
        ScenarioBuilder builder = small_world();
        RestrictionTerms duty = builder.terms("china", Instrument::tax);
        duty.tax_rate = builder.number("standing_measures.duty.tax_rate", 0.15);
        builder.standing("duty", duty);
        RestrictionTerms tax = builder.terms("china", Instrument::tax);
        tax.tax_rate = builder.number("hazards.scripted.tax.tax_rate", rate);
        builder.scripted("tax", tax, {2010, 1, 1}, {2011, 1, 1});
        return builder.complaints();
    };
    EXPECT_THAT(complaints(0.15), IsEmpty());
    EXPECT_THAT(complaints(0.1),
                ElementsAre("error: hazards.scripted.tax.tax_rate: must not be below the "
                            "standing duty \"duty\" (got 0.1, the duty is 0.15)"));
}

TEST(BuildModel, PlacesDatesInModelTime)
{
    ScenarioBuilder builder = small_world();
    ScriptedRestrictionEntry& stop = builder.scripted(
        "stop", builder.terms("china", Instrument::ban), {2010, 9, 21}, {2010, 11, 19});
    stop.announced = Date{2010, 9, 7};
    builder.scenario.standing_measures.clear();
    RestrictionTerms tax = builder.terms("china", Instrument::tax);
    tax.tax_rate = builder.number("standing_measures.duty.tax_rate", 0.2);
    builder.standing("duty", tax);
    const Model model = builder.model();
    // September 2010 is month 20; the 21st is 20 days into it.
    EXPECT_DOUBLE_EQ(model.scripted_restrictions[0].from, 20 + 20.0 / 30);
    EXPECT_DOUBLE_EQ(model.scripted_restrictions[0].until, 22 + 18.0 / 30);
    EXPECT_DOUBLE_EQ(model.scripted_restrictions[0].announced, 20 + 6.0 / 30);
    EXPECT_EQ(model.standing[0].from, -std::numeric_limits<double>::infinity());
    EXPECT_EQ(model.standing[0].until, std::numeric_limits<double>::infinity());
}

TEST(BuildModel, WeighsSharedCommoditiesByOneUnlessSaid)
{
    ScenarioBuilder builder = small_world();
    RestrictionTerms terms = builder.terms("china", Instrument::quota);
    terms.quota_t = builder.number("hazards.scripted.quota.quota_t", 500);
    terms.shared = true;
    terms.weights = {{"neodymium", builder.number("hazards.scripted.quota.weights.nd", 1.5)}};
    builder.scripted("quota", terms, {2010, 1, 1}, {2011, 1, 1});
    const Model model = builder.model();
    EXPECT_EQ(model.measures[0].weights[0], one_slot);
    EXPECT_EQ(info(model, model.measures[0].weights[1]).nominal, 1.5);
}

TEST(BuildModel, SpreadsAnOutageHazardOverTheFacilitiesItSelects)
{
    ScenarioBuilder builder = small_world();
    builder.outage_hazard("fire", {"toll", "pit"}, 0.1, Fixed{30});
    builder.outage_hazard("refining", {}, 0.1, Fixed{30}).facilities.stage = "refine";
    builder.outage_hazard("lanthanum", {}, 0.1, Fixed{30}).facilities.commodity = "lanthanum";
    OutageHazardEntry& both = builder.outage_hazard("japan_refining", {}, 0.1, Fixed{30});
    both.facilities.stage = "refine";
    both.facilities.region = "japan";
    const Model model = builder.model();
    std::vector<std::string> struck;
    for (const OutageHazard& hazard : model.outage_hazards) {
        const std::string name = model.outage_sources[hazard.source].name + "/"
                                 + model.facilities[hazard.facility.index()].name;
        EXPECT_EQ(hazard.stream, hash_name(name));
        struck.push_back(name);
    }
    // A plant without outputs handles every commodity.
    EXPECT_THAT(struck,
                ElementsAre("fire/pit", "fire/toll", "refining/refinery", "refining/toll",
                            "lanthanum/pit", "lanthanum/refinery", "japan_refining/toll"));
}

TEST(BuildModel, ListsTheArcsWhoseCapMayBindOnceAndInOrder)
{
    ScenarioBuilder builder = small_world();
    builder.facility("annex", "china", "refine", 10);  // no second arc
    RestrictionTerms targeted = builder.terms("china", Instrument::ban);
    targeted.commodities = {.all = false, .names = {"neodymium"}, .place = {}};
    targeted.targets = {.all = false, .names = {"partners"}, .place = {}};
    builder.scripted("stop", targeted, {2010, 9, 21}, {2010, 11, 19});
    builder.scripted("cut", builder.terms("china", Instrument::quota), {2010, 1, 1},
                     {2011, 1, 1}, 0.4);
    RestrictionTerms ore = builder.terms("china", Instrument::quota);
    ore.layer = "mine";
    ore.commodities = {.all = false, .names = {"lanthanum"}, .place = {}};
    builder.restriction_hazard("ore", ore, 0.1, Fixed{0.5}, Fixed{60});
    const Model model = builder.model();

    using Kind = CappableArc::Kind;
    using Row = std::tuple<Kind, std::size_t, std::size_t, std::size_t, std::size_t>;
    std::vector<Row> rows;
    for (const CappableArc& arc : model.cappable_arcs) {
        rows.emplace_back(arc.kind, arc.commodity.index(), arc.stage.index(), arc.from.index(),
                          arc.to.index());
    }
    EXPECT_THAT(rows,
                ElementsAre(Row{Kind::plant, 0, 1, 0, 0}, Row{Kind::plant, 1, 1, 0, 0},
                            Row{Kind::plant, 1, 1, 1, 1}, Row{Kind::exports, 0, 0, 0, 0},
                            Row{Kind::exports, 0, 1, 0, 0}, Row{Kind::exports, 1, 1, 0, 0},
                            Row{Kind::trade, 1, 1, 0, 1}, Row{Kind::trade, 1, 1, 0, 2}));
}

TEST(BuildModel, KnowsWhetherAllTrialsShareOneReference)
{
    ScenarioBuilder builder = small_world();
    EXPECT_TRUE(builder.model().reference_is_certain());
    FacilityEntry& project = builder.mine("project", "usa", 10, {{"lanthanum", 1}});
    project.opens = Date{2010, 6, 1};
    EXPECT_TRUE(builder.model().reference_is_certain());
    project.opening_probability = builder.number("facilities.project.opening_probability", 0.5);
    EXPECT_FALSE(builder.model().reference_is_certain());
    project.opening_probability = builder.number("facilities.project.opening_probability", 0);
    EXPECT_TRUE(builder.model().reference_is_certain());
    project.delay_months =
        builder.number("facilities.project.delay_months", Distribution(Exponential{.mean = 6}));
    EXPECT_FALSE(builder.model().reference_is_certain());
}

TEST(BuildModel, WarnsOfAProjectThatOpensAtOnce)
{
    ScenarioBuilder builder = small_world();
    builder.mine("project", "usa", 10, {{"lanthanum", 1}}).opens = Date{2008, 6, 1};
    EXPECT_THAT(builder.complaints(),
                ElementsAre(HasSubstr("warning: facilities.project.opens: lies before")));
}

TEST(BuildModel, RefusesTwoEntitiesThatWouldDrawTheSameNumbers)
{
    ScenarioBuilder builder = small_world();
    const RestrictionTerms terms = builder.terms("china", Instrument::ban);
    builder.restriction_hazard("bans", terms, 0.1, Fixed{1}, Fixed{60});
    builder.restriction_hazard("bans", terms, 0.1, Fixed{1}, Fixed{60});
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre("error: bans: draws the same random numbers as \"bans\" (their names "
                    "have one hash)"));
}

TEST(BuildModel, ReportsAllProblemsAtOnceWithTheirPlaces)
{
    ScenarioBuilder builder = small_world();
    builder.scenario.facilities[1].capacity_t_per_year =
        builder.number("facilities.refinery.capacity_t_per_year", 500);
    builder.scenario.commodities[1].memory_up_per_month =
        builder.number("commodities.neodymium.memory.up_per_month", 1);
    try {
        builder.model();
        FAIL() << "built a model that is unstable and unbalanced";
    } catch (const InputError& error) {
        std::vector<Place> places;
        for (const Diagnostic& problem : error.problems()) {
            places.push_back(problem.place);
        }
        const Place capacity = builder.scenario.facilities[1].capacity_t_per_year.place;
        const Place memory = builder.scenario.commodities[1].memory_up_per_month.place;
        EXPECT_THAT(places, ::testing::IsSupersetOf({capacity, memory}));
    }
}

TEST(BuildModel, BalancesTheSampleScenarioAsItSays)
{
    std::vector<Diagnostic> warnings;
    const Model model = build_model(read_scenario_text(compact_scenario()), warnings);
    EXPECT_TRUE(warnings.empty());
    Baseline baseline;
    std::vector<BaselineProblem> problems;
    compute_baseline(model, model.nominal_values(), baseline, problems);
    EXPECT_TRUE(problems.empty());
    const CommodityId neodymium(0);
    EXPECT_NEAR(baseline.balance_factor[0], 1, 1e-12);
    EXPECT_NEAR(baseline.stage_factor[1][0], 1, 1e-12);
    EXPECT_NEAR(baseline.exports(model, StageId(0), neodymium, RegionId(2)), 500, 1e-9);
    EXPECT_NEAR(baseline.exports(model, StageId(1), neodymium, RegionId(0)), 1250, 1e-9);
    EXPECT_NEAR(baseline.trade[1](0, 1), 750, 1e-9);
    EXPECT_EQ(model.stock_policy_of, (std::vector<int>{0, 0, 0}));
    EXPECT_EQ(model.outage_hazards.size(), 2U);
    EXPECT_EQ(info(model, model.restriction_hazards[0].rate_per_year).path,
              "hazards.export_restrictions.quota_cut.rate_per_year");
}

TEST(BuildModel, RefusesHazardsWithMoreEventsThanATrialCanHold)
{
    // 36 months: 10,000 events are 3333.3 a year in all.
    ScenarioBuilder builder = small_world();
    const std::string mine = builder.scenario.facilities.front().name;
    const RestrictionTerms ban =
        builder.terms(builder.scenario.facilities.front().region, Instrument::ban);
    builder.restriction_hazard("cuts", ban, 3333, Fixed{1}, Fixed{1});
    builder.outage_hazard("trips", {mine}, 3333, Fixed{1});
    builder.outage_hazard("long_stops", {mine}, 1e6, Fixed{300});  // little time to fail in
    EXPECT_THAT(builder.complaints(),
                ::testing::Each(::testing::Not(::testing::HasSubstr("events in a trial"))));
    builder.restriction_hazard("more_cuts", ban, 3334, Fixed{1}, Fixed{1});
    builder.outage_hazard("more_trips", {mine}, 1e7, Fixed{0.001});  // a minute and a half
    EXPECT_THAT(
        builder.complaints(),
        ::testing::IsSupersetOf(
            {"error: hazards.export_restrictions.more_cuts.rate_per_year: brings up to "
             "1e+04 events in a trial (must be at most 10000)",
             "error: hazards.outages.more_trips.rate_per_year: brings up to 1.057e+06 events in a "
             "trial (must be at most 10000)"}));
}

TEST(BuildModel, CountsWhatRestrictionsProvoke)
{
    // 36 months and a tenth of an event for each: 3,000 a year become 3,333.3 and 10,000 in
    // all.
    const auto complaints = [](double rate, double offspring) {
        ScenarioBuilder builder = small_world();
        builder.restriction_hazard(
            "cuts", builder.terms(builder.scenario.facilities.front().region, Instrument::ban),
            rate, Fixed{1}, Fixed{1});
        ContagionEntry& link = builder.scenario.contagion.emplace_back();
        link.name = "more";
        link.from.all = link.to.all = true;
        link.offspring = builder.number("hazards.contagion.more.offspring", offspring);
        link.mean_delay_days = builder.number("hazards.contagion.more.mean_delay_days", 30);
        return builder.complaints();
    };
    const auto of_counts = ::testing::HasSubstr("events in a trial");
    const auto of_waves = ::testing::HasSubstr("waves of restrictions would never end");
    EXPECT_THAT(complaints(2999, 0.1), ::testing::Each(::testing::Not(of_counts)));
    EXPECT_THAT(complaints(3001, 0.1), ::testing::Contains(of_counts));
    EXPECT_THAT(complaints(0.1, 0.999), ::testing::Each(::testing::Not(of_waves)));
    EXPECT_THAT(complaints(0.1, 1),
                ::testing::Contains(::testing::HasSubstr(
                    "hazards.contagion: waves of restrictions would never end (the largest "
                    "eigenvalue of the offspring is 1; must be below 1)")));
}

TEST(BuildModel, RefusesCorrelationsThatCannotHoldTogetherAndNamesTheNearest)
{
    const auto complaints = [](double last) {
        ScenarioBuilder builder = small_world();
        PriceShocksEntry& shocks = builder.scenario.price_shocks;
        for (const char* name : {"one", "two", "three"}) {
            PriceShockEntry& shock = shocks.processes.emplace_back();
            const std::string path = std::string("hazards.price_shocks.processes.") + name;
            shock.name = name;
            shock.commodity = builder.scenario.commodities.front().name;
            shock.regions.all = true;
            shock.start = builder.number(path + ".start", 0.0);
            shock.mean = builder.number(path + ".mean", 0.0);
            shock.mean_reversion_per_year = builder.number(path + ".kappa", 0.0);
            shock.drift_per_year = builder.number(path + ".drift", 0.0);
            shock.volatility_per_year = builder.number(path + ".sigma", 0.1);
        }
        const auto correlate = [&](const char* one, const char* other, double value) {
            CorrelationEntry& entry = shocks.correlations.emplace_back();
            entry.one = one;
            entry.other = other;
            entry.value = value;
        };
        correlate("one", "two", 0.9);
        correlate("one", "three", 0.9);
        correlate("two", "three", last);
        shocks.degrees_of_freedom = builder.number("hazards.price_shocks.nu", 4.0);
        return builder.complaints();
    };
    EXPECT_THAT(complaints(0.7), ::testing::IsEmpty());
    EXPECT_THAT(complaints(0.6),
                ::testing::ElementsAre(::testing::HasSubstr(
                    "hazards.price_shocks.correlations: these cannot all hold at once (the "
                    "matrix is not positive definite)")));
}

TEST(BuildModel, TakesAnUnknownNameForABug)
{
    ScenarioBuilder builder = small_world();
    builder.demand("cobalt", "japan", 1);
    EXPECT_THROW(builder.model(), std::logic_error);
}

TEST(BuildModel, WarnsOfAClosureAtThePricesOfMonth0)
{
    ScenarioBuilder builder({"x"}, {"mine"});
    builder.commodity("ore");
    builder.mine("pit", "x", 1200).closure =
        ClosureEntry{builder.number("facilities.pit.closure.close_below",
                                    Distribution(Uniform{.low = 0.5, .high = 1.1})),
                     builder.number("after", 1), builder.number("reopen", 1.2),
                     builder.number("restart", 0)};
    builder.demand("ore", "x", 1200);
    EXPECT_EQ(builder.complaints(),
              std::vector<std::string>{
                  "warning: facilities.pit.closure.close_below: may shut pit at the prices of "
                  "month 0 (got uniform(low 0.5, high 1.1), and they count as 1)"});
}

TEST(BuildModel, WarnsOfWhatCanHaveNoEffect)
{
    const Scenario scenario = read_scenario_text(
        "schema: 1\nname: idle\nstart: 2020-01\nmonths: 12\nregions: [x]\nstages: [mine]\n"
        "commodities:\n"
        "  ore: {price_usd_per_kg: 1, demand_elasticity: {short_run: 0.5, long_run: 0.5}, "
        "choke_price_ratio: 10,\n"
        "        substitution: {trigger_price_ratio: 10, rate_per_year: 0.1, max_share: 0.5}}\n"
        "facilities:\n"
        "  - {name: pit, region: x, stage: mine, capacity_t_per_year: 100,\n"
        "     closure: {close_below: 0.01, close_after_months: 1, reopen_above: 0.5, "
        "restart_months: 1}}\n"
        "  - {name: later, region: x, stage: mine, capacity_t_per_year: 100,\n"
        "     induced: {trigger_price_ratio: {uniform: [10, 20]}, lead_months: 12}}\n"
        "demand: {ore: {x: {t_per_year: 100}}}\n"
        "reserves:\n"
        "  - {name: heap, region: x, commodity: ore, tonnes: 5, release_t_per_month: 1,\n"
        "     trigger_price_ratio: 30, stop_price_ratio: 2}\n"
        "hazards: {price_shocks: {processes: [{name: costs, commodity: ore, channel: supply,\n"
        "                                      volatility_per_year: 0.1}]}}\n");
    std::vector<Diagnostic> warnings = scenario.warnings;
    build_model(scenario, warnings);
    std::vector<std::string> texts;
    for (const Diagnostic& warning : warnings) {
        texts.push_back(warning.key_path + ": " + warning.problem);
    }
    EXPECT_THAT(
        texts,
        ::testing::UnorderedElementsAre(
            HasSubstr("commodities.ore.substitution.trigger_price_ratio: is never passed"),
            HasSubstr("facilities.pit.closure.close_below: never shuts it"),
            HasSubstr("facilities.later.induced.trigger_price_ratio: is never passed"),
            HasSubstr(
                "reserves.heap.trigger_price_ratio: is never passed: no price rises above "
                "10 times"),
            HasSubstr("price_shocks.processes.costs.volatility_per_year: moves nothing")));
}

}  // namespace
}  // namespace chokepoint
