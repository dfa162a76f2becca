#include "chokepoint/model/baseline.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/scenario_builder.hpp"

namespace chokepoint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Baseline baseline_of(const Model& model)
{
    Baseline baseline;
    std::vector<BaselineProblem> problems;
    compute_baseline(model, model.nominal_values(), baseline, problems);
    EXPECT_TRUE(problems.empty());
    return baseline;
}

double flow(const Model& model, const Baseline& baseline, std::size_t layer,
            std::size_t commodity, Eigen::Index exporter, Eigen::Index importer)
{
    return baseline.trade[layer * model.commodities.size() + commodity](exporter, importer);
}

/// China mines 1200 t/year and Australia 600; China refines all; China, Japan and Australia use
/// 600, 900 and 300.
ScenarioBuilder two_stages()
{
    ScenarioBuilder builder({"china", "japan", "australia"});
    builder.commodity("neodymium");
    builder.mine("bayan_obo", "china", 1200);
    builder.mine("mount_weld", "australia", 600);
    builder.facility("baotou", "china", "refine", 2000);
    builder.demand("neodymium", "china", 600);
    builder.demand("neodymium", "japan", 900);
    builder.demand("neodymium", "australia", 300);
    return builder;
}

TEST(Baseline, PassesWhatIsMinedThroughBothStages)
{
    const Model model = two_stages().model();
    const Baseline baseline = baseline_of(model);
    EXPECT_DOUBLE_EQ(baseline.output[0](0, 0), 100);
    EXPECT_DOUBLE_EQ(baseline.output[0](0, 2), 50);
    EXPECT_DOUBLE_EQ(baseline.output[1](0, 0), 150);
    EXPECT_DOUBLE_EQ(baseline.room[1](0, 0), 2000.0 / 12);
    EXPECT_DOUBLE_EQ(baseline.stage_factor[1][0], 0.9);
    EXPECT_EQ(baseline.balance_factor, std::vector<double>{1});
    EXPECT_DOUBLE_EQ(baseline.consumption(0, 1), 75);
    // Australia sends its ore to China, China sends metal to both.
    EXPECT_DOUBLE_EQ(flow(model, baseline, 0, 0, 2, 0), 50);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 1, 0, 0, 1), 75);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 1, 0, 0, 2), 25);
    EXPECT_DOUBLE_EQ(baseline.exports(model, StageId(1), CommodityId(0), RegionId(0)), 100);
}

TEST(Baseline, TradesMineOutputDirectlyWhereThereIsOneStage)
{
    ScenarioBuilder builder({"congo", "zambia", "china"}, {"mine"});
    builder.commodity("cobalt");
    builder.mine("kolwezi", "congo", 900);
    builder.mine("kitwe", "zambia", 300);
    builder.demand("cobalt", "china", 1200);
    const Model model = builder.model();
    const Baseline baseline = baseline_of(model);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 0, 0, 0, 2), 75);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 0, 0, 1, 2), 25);
    EXPECT_EQ(baseline.trade.size(), 1U);
}

TEST(Baseline, LetsMinesAndRecyclingMeetDemandTogether)
{
    ScenarioBuilder builder = two_stages();
    // 0.2 of 900 comes back in Japan as refined metal, 0.1 of 600 in China as ore.
    builder.recycling("magnets", "neodymium", "japan", 0.2);
    builder.recycling("slag", "neodymium", "china", 0.1).stage = "mine";
    for (const BalanceBy balance : {BalanceBy::demand, BalanceBy::supply}) {
        builder.scenario.balance = balance;
        const Model model = builder.model();
        const Baseline baseline = baseline_of(model);
        const double by_demand = 1800.0 / (1800 - 180 - 60);
        const bool scales_demand = balance == BalanceBy::demand;
        const double scale = scales_demand ? by_demand : 1;
        EXPECT_NEAR(baseline.balance_factor[0], scales_demand ? by_demand : 1 / by_demand,
                    1e-14);
        EXPECT_NEAR(baseline.consumption.sum(), 150 * scale, 1e-12);
        EXPECT_NEAR(baseline.recycled[1](0, 1), 15 * scale, 1e-12);
        EXPECT_NEAR(baseline.recycled[0](0, 0), 5 * scale, 1e-12);
        EXPECT_NEAR(baseline.output[1].sum(), baseline.consumption.sum(), 1e-12);
        EXPECT_NEAR(baseline.throughput(StageId(1), CommodityId(0), RegionId(0)),
                    baseline.output[0].sum(), 1e-12);
        EXPECT_NEAR(baseline.exports(model, StageId(1), CommodityId(0), RegionId(0)),
                    (75 + 25 - 15) * scale, 1e-12);
    }
}

TEST(Baseline, RefusesToRecycleAllThatIsUsed)
{
    ScenarioBuilder builder = two_stages();
    builder.recycling("first", "neodymium", "japan", 0.6);
    RecyclingEntry& second = builder.recycling("second", "neodymium", "japan", 0.3);
    second.share_of_demand_end = builder.number("recycling.second.share_of_demand_end", 0.4);
    EXPECT_THAT(builder.complaints(),
                ElementsAre("error: recycling.second.share_of_demand_end: the recycled shares "
                            "of japan's demand for neodymium add up to 1 in the end (must be "
                            "below 1)"));
    builder.scenario.recycling[0].share_of_demand.distribution = Distribution(Fixed{0.7});
    EXPECT_THAT(builder.complaints(),
                ElementsAre("error: recycling.second.share_of_demand: the recycled shares of "
                            "japan's demand for neodymium add up to 1 (must be below 1)"));
}

TEST(Baseline, BalancesEveryStageOfALongChain)
{
    ScenarioBuilder builder({"a", "b", "c"}, {"mine", "separate", "magnet"});
    builder.commodity("neodymium");
    builder.mine("pit", "a", 120);
    builder.facility("separator_a", "a", "separate", 100);
    builder.facility("separator_b", "b", "separate", 300).utilisation =
        builder.number("facilities.separator_b.utilisation", 0.5);
    builder.facility("magnets", "c", "magnet", 400);
    builder.demand("neodymium", "a", 120);
    const Model model = builder.model();
    const Baseline baseline = baseline_of(model);
    // Written throughput is 100 and 150: what is mined is shared 2 : 3.
    EXPECT_DOUBLE_EQ(baseline.stage_factor[1][0], 120.0 / 250);
    EXPECT_DOUBLE_EQ(baseline.output[1](0, 0), 4);
    EXPECT_DOUBLE_EQ(baseline.output[1](0, 1), 6);
    EXPECT_DOUBLE_EQ(baseline.output[2](0, 2), 10);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 0, 0, 0, 1), 6);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 1, 0, 0, 2), 4);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 1, 0, 1, 2), 6);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 2, 0, 2, 0), 10);
}

TEST(Baseline, ScalesDemandToSupplyByDefault)
{
    ScenarioBuilder builder = two_stages();
    builder.demand("neodymium", "japan", 1500);  // now 2400 against 1800
    const Model model = builder.model();
    const Baseline baseline = baseline_of(model);
    EXPECT_DOUBLE_EQ(baseline.balance_factor[0], 0.75);
    EXPECT_DOUBLE_EQ(baseline.consumption(0, 1), 1500 / 12.0 * 0.75);
    EXPECT_DOUBLE_EQ(baseline.share[0][0], 1);
}

TEST(Baseline, ScalesOutputsNotCapacitiesWhenSupplyIsBalanced)
{
    ScenarioBuilder builder({"china", "japan"});
    builder.scenario.balance = BalanceBy::supply;
    builder.commodity("lanthanum");
    builder.commodity("neodymium");
    builder.mine("pit", "china", 1000, {{"lanthanum", 0.6}, {"neodymium", 0.2}});
    builder.mine("project", "japan", 500, {{"lanthanum", 0.5}}).opens = Date{2010, 1, 1};
    builder.facility("plant", "china", "refine", 2000,
                     {{"lanthanum", 0.5}, {"neodymium", 0.5}});
    builder.demand("lanthanum", "japan", 720);
    builder.demand("neodymium", "japan", 180);
    const Model model = builder.model();
    const Baseline baseline = baseline_of(model);
    EXPECT_THAT(baseline.balance_factor,
                ElementsAre(::testing::DoubleEq(1.2), ::testing::DoubleEq(0.9)));
    EXPECT_THAT(baseline.share[0],
                ElementsAre(::testing::DoubleEq(0.72), ::testing::DoubleEq(0.18)));
    EXPECT_EQ(baseline.share[1], std::vector<double>{0.5});
    EXPECT_EQ(baseline.share[2], (std::vector<double>{0.5, 0.5}));
    EXPECT_DOUBLE_EQ(baseline.room[0](0, 0), 60);
    EXPECT_DOUBLE_EQ(baseline.room[1](0, 0), 1000.0 / 12);
    EXPECT_DOUBLE_EQ(baseline.consumption(0, 1), 60);
    EXPECT_DOUBLE_EQ(baseline.output[1](1, 0), 15);
}

TEST(Baseline, FillsPlantsWithoutOutputsWithTheBasketThatIsMined)
{
    ScenarioBuilder builder({"china", "usa"});
    builder.commodity("lanthanum");
    builder.commodity("neodymium");
    builder.mine("bayan_obo", "china", 1000, {{"lanthanum", 0.3}, {"neodymium", 0.1}});
    builder.mine("mountain_pass", "usa", 500, {{"lanthanum", 0.4}, {"neodymium", 0}});
    builder.facility("refinery", "china", "refine", 900);
    builder.demand("lanthanum", "usa", 500);
    builder.demand("neodymium", "usa", 100);
    const Model model = builder.model();
    const Baseline baseline = baseline_of(model);
    // 500 t of lanthanum and 100 t of neodymium are mined.
    EXPECT_THAT(baseline.share[2],
                ElementsAre(::testing::DoubleEq(5.0 / 6), ::testing::DoubleEq(1.0 / 6)));
    EXPECT_DOUBLE_EQ(baseline.room[1](0, 0), 900.0 / 12 * 5 / 6);
    EXPECT_DOUBLE_EQ(baseline.stage_factor[1][0], 600.0 / 900);
    EXPECT_DOUBLE_EQ(baseline.stage_factor[1][1], 600.0 / 900);
}

TEST(Baseline, LeavesOutFacilitiesWithAnOpeningDate)
{
    ScenarioBuilder builder = two_stages();
    builder.mine("mountain_pass", "japan", 5000).opens = Date{2012, 7, 1};
    const Baseline baseline = baseline_of(builder.model());
    EXPECT_DOUBLE_EQ(baseline.output[0](0, 1), 0);
    EXPECT_DOUBLE_EQ(baseline.room[0](0, 1), 0);
}

/// Two exporters and two importers with no use of their own.
ScenarioBuilder two_by_two(double first, double second, double third, double fourth)
{
    ScenarioBuilder builder({"a", "b", "c", "d"}, {"mine"});
    builder.commodity("cobalt");
    builder.mine("pit_a", "a", first);
    builder.mine("pit_b", "b", second);
    builder.demand("cobalt", "c", third);
    builder.demand("cobalt", "d", fourth);
    return builder;
}

TEST(Baseline, SharesExportsInProportionToImportsWhereNoTradeIsWritten)
{
    const Model model = two_by_two(360, 240, 120, 480).model();
    const Baseline baseline = baseline_of(model);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 0, 0, 0, 2), 6);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 0, 0, 0, 3), 24);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 0, 0, 1, 2), 4);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 0, 0, 1, 3), 16);
}

TEST(Baseline, FitsWrittenTradeToTheSumsAndKeepsItsOddsRatio)
{
    ScenarioBuilder builder = two_by_two(360, 240, 240, 360);
    builder.trade("mine", "cobalt", "a", "c", 400);
    builder.trade("mine", "cobalt", "a", "d", 100);
    builder.trade("mine", "cobalt", "b", "c", 100);
    builder.trade("mine", "cobalt", "b", "d", 100);
    const Model model = builder.model();
    const Baseline baseline = baseline_of(model);
    const double ac = flow(model, baseline, 0, 0, 0, 2);
    const double ad = flow(model, baseline, 0, 0, 0, 3);
    const double bc = flow(model, baseline, 0, 0, 1, 2);
    const double bd = flow(model, baseline, 0, 0, 1, 3);
    // By hand: x^2 / ((30 - x) (20 - x)) = 4 for x = ac.
    const double x = (200 - std::sqrt(200.0 * 200 - 4 * 3 * 2400)) / 6;
    EXPECT_NEAR(ac, x, 1e-10);
    EXPECT_NEAR(ac * bd / (ad * bc), 4, 1e-9);
    EXPECT_NEAR(ac + ad, 30, 1e-11);
    EXPECT_NEAR(bc + bd, 20, 1e-11);
    EXPECT_NEAR(ac + bc, 20, 1e-11);
    EXPECT_NEAR(ad + bd, 30, 1e-11);
}

TEST(Baseline, KeepsAWrittenMatrixThatAlreadyFits)
{
    ScenarioBuilder builder = two_by_two(360, 240, 240, 360);
    builder.trade("mine", "cobalt", "a", "d", 360);
    builder.trade("mine", "cobalt", "b", "c", 240);
    const Model model = builder.model();
    const Baseline baseline = baseline_of(model);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 0, 0, 0, 3), 30);
    EXPECT_DOUBLE_EQ(flow(model, baseline, 0, 0, 1, 2), 20);
    EXPECT_EQ(flow(model, baseline, 0, 0, 0, 2), 0);
}

TEST(Baseline, LetsTradersThatWrittenTradeLeavesOutTradeInProportion)
{
    // b and d are not written: b serves both in proportion, d is served by both.
    ScenarioBuilder builder = two_by_two(360, 240, 240, 360);
    builder.trade("mine", "cobalt", "a", "c", 1);
    const Model model = builder.model();
    const Baseline baseline = baseline_of(model);
    for (Eigen::Index exporter = 0; exporter < 2; ++exporter) {
        for (Eigen::Index importer = 2; importer < 4; ++importer) {
            EXPECT_GT(flow(model, baseline, 0, 0, exporter, importer), 0);
        }
    }
    EXPECT_NEAR(baseline.trade[0].col(3).sum(), 30, 1e-11);
}

TEST(Baseline, RefusesATradePatternThatCannotBeMet)
{
    // c needs 40 t a month but may buy from a alone, which has 30.
    ScenarioBuilder builder = two_by_two(360, 240, 480, 120);
    builder.trade("mine", "cobalt", "a", "c", 1);
    builder.trade("mine", "cobalt", "a", "d", 1);
    builder.trade("mine", "cobalt", "b", "d", 1);
    EXPECT_THAT(builder.complaints(),
                ElementsAre(HasSubstr("error: trade.mine.cobalt.a.c.t_per_year: the mine trade "
                                      "written for cobalt cannot add up")));
}

TEST(Baseline, WarnsOfWrittenTradeThatPlaysNoPart)
{
    ScenarioBuilder builder = two_by_two(360, 240, 240, 360);
    builder.trade("mine", "cobalt", "c", "d", 5);
    builder.trade("mine", "cobalt", "a", "b", 5);
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre("warning: trade.mine.cobalt.c.d: is not used (c is no net exporter of "
                    "cobalt from mine at month 0)",
                    "warning: trade.mine.cobalt.a.b: is not used (b is no net importer of "
                    "cobalt from mine at month 0)"));
}

TEST(Baseline, RefusesThroughputOverAPlantsCapacity)
{
    ScenarioBuilder builder = two_stages();
    builder.scenario.facilities[2].capacity_t_per_year =
        builder.number("facilities.baotou.capacity_t_per_year", 1700);
    EXPECT_THAT(builder.complaints(),
                ElementsAre("error: facilities.baotou.capacity_t_per_year: month 0 needs more "
                            "refine of neodymium in china than its plants have room for (1800 "
                            "t/year needed, room for 1700: what is mined sets the scale, so lower "
                            "the mines' utilisation or raise this capacity)"));
}

TEST(Baseline, AllowsThroughputEqualToCapacity)
{
    ScenarioBuilder builder = two_stages();
    builder.scenario.facilities[2].capacity_t_per_year =
        builder.number("facilities.baotou.capacity_t_per_year", 1800 * (1 - 1e-10));
    EXPECT_TRUE(builder.complaints().empty());
}

TEST(Baseline, RefusesDemandThatNothingSupplies)
{
    ScenarioBuilder builder = two_stages();
    for (FacilityEntry& facility : builder.scenario.facilities) {
        facility.opens = Date{2010, 1, 1};
    }
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre("error: demand.neodymium.china.t_per_year: nothing supplies the "
                    "demand for neodymium at month 0 (no mine of it runs; projects do "
                    "not count)"));
}

TEST(Baseline, RefusesSupplyThatNobodyDemands)
{
    ScenarioBuilder builder = two_stages();
    builder.scenario.demand.clear();
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre("error: facilities.bayan_obo.capacity_t_per_year: nobody demands the "
                    "neodymium mined at month 0 (1800 t/year)"));
}

TEST(Baseline, RefusesAStageWithoutPlants)
{
    ScenarioBuilder builder = two_stages();
    builder.scenario.facilities.pop_back();
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre("error: facilities.bayan_obo.capacity_t_per_year: no plant at stage "
                    "refine takes the neodymium mined at month 0 (1800 t/year)"));
}

TEST(Baseline, WarnsWhenFiguresAreFurtherApartThanFivePercent)
{
    ScenarioBuilder builder = two_stages();
    builder.scenario.demand[1].t_per_year =
        builder.number("demand.neodymium.japan.t_per_year", 990);  // 1890 against 1800
    EXPECT_TRUE(builder.complaints().empty());
    builder.scenario.demand[1].t_per_year =
        builder.number("demand.neodymium.japan.t_per_year", 1100);
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre("warning: commodities.neodymium: demand of neodymium is scaled by 0.9 "
                    "to balance month 0 (supply 1800 t/year, demand 2000 t/year)"));
    builder.scenario.balance = BalanceBy::supply;
    EXPECT_THAT(builder.complaints(),
                ElementsAre(HasSubstr("supply of neodymium is scaled by 1.111")));
}

// China's exports of the two-stage case are 100 t a month: 75 to Japan, 25 to Australia.
RestrictionTerms quota_of(ScenarioBuilder& builder, double tonnes)
{
    RestrictionTerms terms = builder.terms("china", Instrument::quota);
    terms.quota_t = builder.number("standing_measures.quota.quota_t", tonnes);
    return terms;
}

TEST(StandingMeasure, MayEqualTheExportsOfMonthZero)
{
    ScenarioBuilder builder = two_stages();
    RestrictionTerms terms = quota_of(builder, 1200);
    terms.period_months = 12;
    builder.standing("quota", terms);
    EXPECT_TRUE(builder.complaints().empty());
}

TEST(StandingMeasure, MustNotBeExceededAtMonthZero)
{
    ScenarioBuilder builder = two_stages();
    RestrictionTerms terms = quota_of(builder, 1199);
    terms.period_months = 12;
    builder.standing("quota", terms);
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre("error: standing_measures.quota.quota_t: china's exports of neodymium "
                    "in the first month need more than this standing measure allows (100 "
                    "t needed, 99.9167 t allowed)"));
}

TEST(StandingMeasure, WithoutPeriodIsSpreadOverTheTimeInForce)
{
    ScenarioBuilder builder = two_stages();
    builder.standing("quota", quota_of(builder, 3600));  // 36 months
    EXPECT_TRUE(builder.complaints().empty());
    builder.scenario.standing_measures[0].until = Date{2011, 1, 1};
    EXPECT_TRUE(builder.complaints().empty());
    builder.scenario.months = 37;
    builder.scenario.standing_measures[0].until.reset();
    EXPECT_THAT(builder.complaints(), ElementsAre(HasSubstr("97.2973 t allowed")));
}

TEST(StandingMeasure, AllowsMoreInTheFirstMonthWhenFrontLoaded)
{
    ScenarioBuilder builder = two_stages();
    RestrictionTerms terms = quota_of(builder, 199);
    terms.period_months = 2;
    builder.standing("quota", terms);
    EXPECT_EQ(builder.complaints().size(), 1U);
    // The first of two months has 1 / (1 + e^-0.05) of 199 t, 102 t.
    builder.scenario.standing_measures[0].terms.front_loading =
        builder.number("standing_measures.quota.front_loading", 0.1);
    EXPECT_TRUE(builder.complaints().empty());
}

TEST(StandingMeasure, CountsWithWhatLeaksPastIt)
{
    ScenarioBuilder builder = two_stages();
    RestrictionTerms terms = builder.terms("china", Instrument::ban);
    terms.leakage = builder.number("standing_measures.ban.leakage", 0.4);
    builder.standing("ban", terms);
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre(HasSubstr("error: standing_measures.ban: china's exports of neodymium "
                              "in the first month need more than this standing measure "
                              "allows (100 t needed, 40 t allowed)")));
    builder.scenario.standing_measures[0].terms.leakage =
        builder.number("standing_measures.ban.leakage", 1);
    EXPECT_TRUE(builder.complaints().empty());
}

TEST(StandingMeasure, MayCutLaterThanMonthZero)
{
    ScenarioBuilder builder = two_stages();
    builder.standing("cut", builder.terms("china", Instrument::quota), 0.3);
    EXPECT_THAT(builder.complaints(),
                ElementsAre(HasSubstr("error: standing_measures.cut.severity: ")));
    builder.scenario.standing_measures[0].from = Date{2009, 2, 1};
    EXPECT_TRUE(builder.complaints().empty());
}

TEST(StandingMeasure, AgainstNamedTargetsCountsTheirImportsOnly)
{
    ScenarioBuilder builder = two_stages();
    RestrictionTerms terms = quota_of(builder, 80 * 12);
    terms.period_months = 12;
    terms.targets = {.all = false, .names = {"japan"}, .place = {}};
    builder.standing("quota", terms);
    EXPECT_TRUE(builder.complaints().empty());
    builder.scenario.standing_measures[0].terms.quota_t =
        builder.number("standing_measures.quota.quota_t", 70 * 12);
    EXPECT_THAT(builder.complaints(),
                ElementsAre(HasSubstr("china's exports of neodymium to japan")));
}

TEST(StandingMeasure, SharedByCommoditiesCountsWeightedTonnes)
{
    ScenarioBuilder builder({"china", "japan"}, {"mine"});
    builder.commodity("lanthanum");
    builder.commodity("neodymium");
    builder.mine("pit", "china", 1200, {{"lanthanum", 0.6}, {"neodymium", 0.4}});
    builder.demand("lanthanum", "japan", 720);
    builder.demand("neodymium", "japan", 480);
    RestrictionTerms terms = quota_of(builder, 60 + 2 * 40);
    terms.period_months = 1;
    terms.shared = true;
    terms.weights = {{"neodymium", builder.number("standing_measures.quota.weights.nd", 2)}};
    builder.standing("quota", terms);
    EXPECT_TRUE(builder.complaints().empty());
    builder.scenario.standing_measures[0].terms.quota_t =
        builder.number("standing_measures.quota.quota_t", 139);
    EXPECT_THAT(
        builder.complaints(),
        ElementsAre(HasSubstr("china's exports under the quota in the first month need "
                              "more than this standing measure allows (140 t needed, 139 "
                              "t allowed)")));
}

TEST(StandingMeasure, OfTaxKindIsPartOfMonthZero)
{
    ScenarioBuilder builder = two_stages();
    RestrictionTerms terms = builder.terms("china", Instrument::tax);
    terms.tax_rate = builder.number("standing_measures.duty.tax_rate", 0.15);
    builder.standing("duty", terms);
    EXPECT_TRUE(builder.complaints().empty());
}

RC_GTEST_PROP(BaselineProperties, EveryRegionAndLayerIsInBalance, ())
{
    const auto positive = [] { return *rc::gen::inRange(1, 1000); };
    ScenarioBuilder builder({"a", "b", "c", "d"});
    builder.commodity("first");
    builder.commodity("second");
    for (const std::string& region : builder.scenario.regions) {
        const double share = positive() / 2000.0;
        builder.mine("mine_" + region, region, positive(),
                     {{"first", share}, {"second", 1 - share}});
        builder.facility("plant_" + region, region, "refine", 4000 + positive()).utilisation =
            builder.number("facilities.plant_" + region + ".utilisation", 0.2);
        builder.demand("first", region, positive());
        builder.demand("second", region, positive());
    }
    for (const std::string& exporter : builder.scenario.regions) {
        for (const std::string& importer : builder.scenario.regions) {
            if (exporter != importer) {
                builder.trade("refine", "second", exporter, importer, positive());
            }
        }
    }
    builder.scenario.balance = *rc::gen::element(BalanceBy::demand, BalanceBy::supply);
    std::vector<Diagnostic> warnings;
    const Model model = build_model(builder.scenario, warnings);
    const Baseline baseline = baseline_of(model);

    for (Eigen::Index commodity = 0; commodity < 2; ++commodity) {
        const double total = baseline.output[0].row(commodity).sum();
        for (std::size_t layer = 0; layer < 2; ++layer) {
            const TradeTable& trade =
                baseline.trade[layer * 2 + static_cast<std::size_t>(commodity)];
            const CommodityRegionTable& use =
                layer == 1 ? baseline.consumption : baseline.output[1];
            RC_ASSERT((trade >= 0).all());
            for (Eigen::Index region = 0; region < 4; ++region) {
                const double surplus = baseline.output[layer](commodity, region)
                                       + trade.col(region).sum() - trade.row(region).sum()
                                       - use(commodity, region);
                RC_ASSERT(std::abs(surplus) < 1e-9 * total);
                RC_ASSERT(trade(region, region) == 0);
            }
        }
    }
}

TEST(Baseline, KeepsItsMemoryFromTrialToTrial)
{
    const Model model = two_stages().model();
    Baseline baseline = baseline_of(model);
    const double* output = baseline.output[1].data();
    const double* trade = baseline.trade[1].data();
    std::vector<BaselineProblem> problems;
    compute_baseline(model, model.nominal_values(), baseline, problems);
    EXPECT_EQ(baseline.output[1].data(), output);
    EXPECT_EQ(baseline.trade[1].data(), trade);
    EXPECT_DOUBLE_EQ(baseline.trade[1](0, 1), 75);
}

}  // namespace
}  // namespace chokepoint
