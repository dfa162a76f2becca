#include "chokepoint/market/market.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "chokepoint/support/calendar.hpp"
#include "market/market_run.hpp"
#include "support/sample_scenarios.hpp"

namespace chokepoint {
namespace {

using testing::closed_form;
using testing::commodity_named;
using testing::MarketRun;
using testing::month;
using testing::monthly_quota;
using testing::one_stage;
using testing::RegionFlows;
using testing::tax;
using Kind = CappableArc::Kind;

void expect_relative(double value, double expected, double tolerance = 1e-9)
{
    EXPECT_NEAR(value, expected, tolerance * std::abs(expected));
}

/// C3 and C4: exporter x mines 130 and uses 80, the rest w mines 5 and uses 55.
ScenarioBuilder exporter_and_rest()
{
    return one_stage({{"x", 130, 80}, {"w", 5, 55}});
}

TEST(MarketClosedForms, AnOutageRaisesThePriceOfOneMarket)  // C1
{
    for (const auto& [left, text] : {std::pair{0.95, "supply 0.95"},
                                     {0.8, "supply 0.8"},
                                     {0.5, "supply 0.5"},
                                     {0.1, "supply 0.1"}}) {
        ScenarioBuilder builder = one_stage({{"x", 0, 1}}, 0.15);
        FacilityEntry& mine = builder.mine("mine", "x", 12e6);
        mine.utilisation = builder.number("utilisation", 1e-6);
        mine.supply_elasticity = builder.number("supply", 0.1);
        builder.scripted_outage("stop", "mine", month(0), month(1), 1 - left);
        MarketRun run(builder);
        run.next();
        expect_relative(run.price("x"), closed_form("C1", text, "price_ratio"));
        expect_relative(run.clearing.consumption[0], closed_form("C1", text, "quantity_ratio"));
    }
}

TEST(MarketClosedForms, MinesStopAtTheirCapacity)  // C2
{
    for (const auto& [demand, text] : {std::pair{8.925, "8.925"}, {11.05, "11.05"}}) {
        ScenarioBuilder builder = one_stage({{"x", 0, demand}}, 0.15);
        FacilityEntry& stays = builder.mine("stays", "x", 120);
        stays.utilisation = builder.number("utilisation", 0.85);
        stays.supply_elasticity = builder.number("supply", 0.1);
        builder.mine("stops", "x", 12 * (demand - 8.5));
        builder.scripted_outage("stop", "stops", month(0), month(1));
        MarketRun run(builder);
        run.next();
        expect_relative(run.price("x"), closed_form("C2", text, "price_ratio"));
    }
}

TEST(MarketClosedForms, AQuotaSplitsPrices)  // C3
{
    for (const auto& [quota, text] :
         {std::pair{60.0, "at 60"}, {45.0, "at 45"}, {30.0, "at 30"}, {10.0, "at 10"}}) {
        ScenarioBuilder builder = exporter_and_rest();
        builder.scripted("quota", monthly_quota(builder, "x", quota), month(0), month(1));
        MarketRun run(builder);
        run.next();
        expect_relative(run.price("x"), closed_form("C3", text, "price_X"));
        expect_relative(run.price("w"), closed_form("C3", text, "price_W"));
        expect_relative(run.exports("ore", "x"), std::min(quota, 50.0));
        expect_relative(run.clearing.consumption[1], 5 + std::min(quota, 50.0));
    }
}

TEST(MarketClosedForms, AnExportTaxIsAPriceGap)  // C4
{
    for (const auto& [rate, text] : {std::pair{0.15, "tax 0.15"}, {0.25, "tax 0.25"}}) {
        ScenarioBuilder builder = exporter_and_rest();
        builder.scripted("duty", tax(builder, "x", rate), month(0), month(1));
        MarketRun run(builder);
        run.next();
        expect_relative(run.price("x"), closed_form("C4", text, "price_X"));
        expect_relative(run.price("w"), closed_form("C4", text, "price_W"));
        // The duty takes the whole gap: no rent is left, so the arc is no chokepoint.
        EXPECT_EQ(run.gap(Kind::exports, "ore", "x", "x"), 0);
        // The treasury's part of the price in x, on every tonne that leaves.
        const std::size_t arc = run.arc(Kind::exports, "ore", run.last_stage("ore"), "x", "x");
        EXPECT_NEAR(run.clearing.arc_tax[arc], rate * run.price("x"), 1e-9);
        EXPECT_NEAR(run.clearing.arc_flow[arc], run.exports("ore", "x"), 1e-6);
    }
}

/// C5: x mines 130 and uses 80; o and g use 25 and 30; w mines `other` and uses nothing.
ScenarioBuilder exporter_and_two_importers(double other)
{
    return other > 0 ? one_stage({{"x", 130, 80}, {"o", 0, 25}, {"g", 0, 30}, {"w", other, 0}})
                     : one_stage({{"x", 135, 80}, {"o", 0, 25}, {"g", 0, 30}});
}

RestrictionTerms aimed_at(ScenarioBuilder& builder, Instrument instrument,
                          const std::vector<std::string>& targets)
{
    RestrictionTerms terms = builder.terms("x", instrument);
    terms.targets = {false, targets, builder.next_place()};
    return terms;
}

TEST(MarketClosedForms, GoodsAreTrackedByOrigin)  // C5b
{
    ScenarioBuilder builder = exporter_and_two_importers(5);
    RestrictionTerms terms = aimed_at(builder, Instrument::ban, {"g"});
    const double free = 50.0 * 30 / 55;
    terms.leakage = builder.number("leakage", 10 / free);
    builder.scripted("ban", terms, month(0), month(1));
    MarketRun run(builder);
    run.next();
    expect_relative(run.price("g"), closed_form("C5b", "", "price_g"));
    expect_relative(run.price("x"), closed_form("C5b", "", "price_X"));
    expect_relative(run.price("o"), closed_form("C5b", "", "price_X"));
}

TEST(MarketClosedForms, ATargetedQuotaCutsOneImporterOff)  // C5c, C6
{
    // The table's x mines 130 for 135 of demand: five tonnes are out here.
    ScenarioBuilder builder = exporter_and_two_importers(0);
    builder.scripted_outage("stop", "mine_x", month(0), month(2), 5.0 / 135);
    RestrictionTerms quota = aimed_at(builder, Instrument::quota, {"g"});
    quota.quota_t = builder.number("quota", 10);
    quota.period_months = 1;
    builder.scripted("quota", quota, month(0), month(1));
    builder.scripted("ban", aimed_at(builder, Instrument::ban, {"g"}), month(1), month(2));
    for (CommodityEntry& ore : builder.scenario.commodities) {
        ore.choke_price_ratio = builder.number("choke", 1e6);
    }
    MarketRun run(builder);
    run.next();
    expect_relative(run.price("g"), closed_form("C5c", "", "price_g"));
    expect_relative(run.price("x"), closed_form("C5c", "", "price_X"));

    builder.scenario.commodities[0].choke_price_ratio = builder.number("choke", 50);
    MarketRun choked(builder);
    choked.clear_month(1);
    expect_relative(choked.price("g"), closed_form("C6", "", "price_g"));
    expect_relative(choked.clearing.rationed[2], closed_form("C6", "", "unserved_g"));
    EXPECT_EQ(choked.clearing.consumption[2], 0);
}

TEST(MarketClosedForms, APlantLimitsAChain)  // C7
{
    ScenarioBuilder builder = one_stage({{"x", 0, 9}}, 0.25);
    builder.scenario.stages = {"mine", "refine"};
    FacilityEntry& mine = builder.mine("mine", "x", 120);
    mine.utilisation = builder.number("utilisation", 0.9);
    builder.facility("plant", "x", "refine", 120);
    builder.scripted_outage("stop", "plant", month(0), month(1), 0.3);
    MarketRun run(builder);
    run.next();
    expect_relative(run.price("x"), closed_form("C7", "", "price_use"));
    for (std::size_t stage = 0; stage < 2; ++stage) {
        expect_relative(run.clearing.output[stage], closed_form("C7", "", "flow"));
    }
    expect_relative(run.gap(Kind::plant, "ore", "x", "x"),
                    closed_form("C7", "", "price_use") - 1e-9);
    expect_relative(run.clearing.arc_flow[run.arc(Kind::plant, "ore", StageId(1), "x", "x")],
                    7);
}

TEST(MarketClosedForms, TwoExportersAreHeldApart)  // C8
{
    ScenarioBuilder builder = one_stage({{"a", 60, 20}, {"b", 40, 10}, {"importers", 0, 70}});
    builder.scripted("a", monthly_quota(builder, "a", 10), month(0), month(1));
    builder.scripted("b", monthly_quota(builder, "b", 20), month(0), month(1));
    MarketRun run(builder);
    run.next();
    expect_relative(run.price("importers"), closed_form("C8", "", "price_importers"));
    expect_relative(run.price("a"), closed_form("C8", "", "price_A"));
    expect_relative(run.price("b"), closed_form("C8", "", "price_B"));
}

TEST(Market, StartsAtPriceRatiosOfOne)
{
    for (const char* file : {"scenarios/rare_earths_2010.yaml", "scenarios/first_steps.yaml"}) {
        MarketRun run(testing::model_of_file(file));
        run.next();
        for (std::size_t cell = 0; cell < run.model.cells(); ++cell) {
            EXPECT_NEAR(run.clearing.log_price[cell], 0, 1e-12);
        }
    }
}

TEST(Market, ObeysTheTighterOfTwoRestrictions)
{
    ScenarioBuilder builder = exporter_and_rest();
    builder.scripted("loose", monthly_quota(builder, "x", 45), month(0), month(3));
    builder.scripted("tight", monthly_quota(builder, "x", 30), month(1), month(4));
    builder.scripted("loose again", monthly_quota(builder, "x", 40), month(2), month(5));
    MarketRun run(builder);
    for (const double quota : {45.0, 30.0, 30.0, 30.0, 40.0, 50.0}) {
        run.next();
        expect_relative(run.exports("ore", "x"), quota);
    }
    expect_relative(run.price("w"), 1);
}

TEST(Market, LetsAShareOfWhatIsCutLeakOut)
{
    ScenarioBuilder builder = exporter_and_rest();
    RestrictionTerms ban = builder.terms("x", Instrument::ban);
    ban.leakage = builder.number("leakage", 0.2);
    RestrictionTerms cut = builder.terms("x", Instrument::quota);
    cut.leakage = builder.number("leakage", 0.2);
    RestrictionTerms quota = monthly_quota(builder, "x", 30);
    quota.leakage = builder.number("leakage", 0.2);
    builder.scripted("ban", ban, month(0), month(1));
    builder.scripted("cut", cut, month(1), month(2), 0.6);
    builder.scripted("quota", quota, month(2), month(3));
    MarketRun run(builder);
    for (const double exports : {0.2 * 50, 20 + 0.2 * 30, 30 + 0.2 * 20}) {
        run.next();
        expect_relative(run.exports("ore", "x"), exports);
    }
}

TEST(Market, ChangesNoBitForASlackQuota)
{
    const auto run_with = [](bool restricted) {
        ScenarioBuilder builder = exporter_and_rest();
        builder.scripted_outage("stop", "mine_x", month(1), month(2), 0.1);
        if (restricted) {
            RestrictionTerms quota = monthly_quota(builder, "x", 60);
            quota.leakage = builder.number("leakage", 0.3);
            builder.scripted("quota", quota, month(0), month(3));
        }
        MarketRun run(builder);
        std::vector<Clearing> months;
        for (int count = 0; count < 4; ++count) {
            months.push_back(run.next());
        }
        return months;
    };
    const std::vector<Clearing> open = run_with(false);
    const std::vector<Clearing> slack = run_with(true);
    for (std::size_t at = 0; at < open.size(); ++at) {
        EXPECT_EQ(open[at].log_price, slack[at].log_price);
        EXPECT_EQ(open[at].consumption, slack[at].consumption);
        EXPECT_EQ(open[at].exports, slack[at].exports);
        EXPECT_EQ(open[at].stock_after, slack[at].stock_after);
    }
}

TEST(Market, CapsAllThatLeavesARegionWhoseUsersBuyElsewhere)
{
    // Closed to x, g would take all that o mines, while o's users buy from x: but no more may
    // leave o than its own quota lets.
    ScenarioBuilder builder = one_stage({{"x", 120, 60}, {"o", 40, 30}, {"g", 0, 70}}, 1);
    builder.scripted("ban", aimed_at(builder, Instrument::ban, {"g"}), month(0), month(1), 1);
    builder.scripted("cap", builder.terms("o", Instrument::quota), month(0), month(1), 0.5);
    for (const Clearance clearance : {Clearance::pooled_first, Clearance::exact}) {
        MarketRun run(builder.model(), clearance);
        run.clear_month(0);
        EXPECT_NEAR(run.exports("ore", "o"), 5, 1e-9);
        EXPECT_NEAR(run.price("g"), 70.0 / 5, 1e-9);
        EXPECT_NEAR(run.price("x"), 90.0 / 155, 1e-9);
        EXPECT_NEAR(run.price("o"), 90.0 / 155, 1e-9);
    }
}

/// What a month sends from one region to another.
double flow(const MarketRun& run, RegionId from, RegionId to)
{
    for (std::size_t arc = 0; arc < run.model.cappable_arcs.size(); ++arc) {
        const CappableArc& entry = run.model.cappable_arcs[arc];
        if (entry.kind == CappableArc::Kind::trade && entry.from == from && entry.to == to) {
            return run.clearing.arc_flow[arc];
        }
    }
    throw std::out_of_range("no such arc");
}

TEST(Market, FillsArcsToTheImportersThatPricesPart)
{
    ScenarioBuilder builder =
        one_stage({{"x", 120, 60}, {"g", 0, 30}, {"h", 0, 40}, {"w", 10, 0}}, 1);
    const double free_to_g = 60.0 * 30 / 70;
    const double free_to_h = 60.0 * 40 / 70;
    builder.scripted("first", aimed_at(builder, Instrument::quota, {"g"}), month(0), month(1),
                     1 - 10 / free_to_g);
    builder.scripted("second", aimed_at(builder, Instrument::quota, {"h"}), month(0), month(1),
                     1 - 20 / free_to_h);
    for (const Clearance clearance : {Clearance::pooled_first, Clearance::exact}) {
        MarketRun run(builder.model(), clearance);
        run.clear_month(0);
        EXPECT_NEAR(flow(run, RegionId(0), RegionId(1)), 10, 1e-9);
        EXPECT_NEAR(flow(run, RegionId(0), RegionId(2)), 20, 1e-9);
        EXPECT_NEAR(run.price("x"), 60.0 / 90, 1e-9);
        EXPECT_NEAR(run.price("g"), 70.0 / 40, 1e-9);  // as of h: w sells to both
        EXPECT_NEAR(run.price("h"), 70.0 / 40, 1e-9);
    }
}

TEST(Market, PartsAnImporterThatWantsMoreOnlyWhereItIsCheap)
{
    // At one price h takes in just what it may; once g is closed x is cheaper, and h wants
    // more.
    ScenarioBuilder builder = one_stage({{"x", 120, 60}, {"g", 0, 30}, {"h", 0, 30}}, 1);
    builder.scripted("first", aimed_at(builder, Instrument::quota, {"g"}), month(0), month(1),
                     2.0 / 3);
    builder.scripted("second", aimed_at(builder, Instrument::quota, {"h"}), month(0), month(1),
                     1e-9);
    for (const Clearance clearance : {Clearance::pooled_first, Clearance::exact}) {
        MarketRun run(builder.model(), clearance);
        run.clear_month(0);
        EXPECT_NEAR(run.price("g"), 3, 1e-6);
        EXPECT_NEAR(run.price("h"), 1, 1e-6);
        EXPECT_NEAR(run.price("x"), 60.0 / 80, 1e-6);
    }
}

TEST(Market, CountsWhatComesByAFullArcBeforeWhatIsMadeAtHome)
{
    // 10 t come to r from x; so of its 40 t it can use no more than it wants besides.
    ScenarioBuilder builder = one_stage({{"x", 100, 40}, {"r", 40, 30}, {"g", 0, 70}}, 1);
    const auto quota = [&](const char* name, RestrictionTerms terms, double tonnes) {
        terms.quota_t = builder.number(name, tonnes);
        terms.period_months = 1;
        builder.scripted(name, terms, month(0), month(1));
    };
    quota("to r", aimed_at(builder, Instrument::quota, {"r"}), 10);
    quota("to g", aimed_at(builder, Instrument::quota, {"g"}), 20);
    quota("of r", builder.terms("r", Instrument::quota), 22);
    for (const Clearance clearance : {Clearance::pooled_first, Clearance::exact}) {
        MarketRun run(builder.model(), clearance);
        run.clear_month(0);
        EXPECT_NEAR(run.price("g"), 70.0 / 42, 1e-9);
        EXPECT_NEAR(run.price("r"), 30.0 / 28, 1e-9);
        EXPECT_NEAR(run.price("x"), 40.0 / 70, 1e-9);
    }
}

TEST(Market, LetsUsersLiveOnTheirStockWhereNothingComes)
{
    // y has 120 t, wants 60 p^-0.5 and 120 p^-0.5 in stock: at 2.25 just what it has.
    ScenarioBuilder builder = one_stage({{"x", 100, 40}, {"y", 0, 60}}, 0.5);
    StockEntry& stocks = builder.stocks("stocks", 2, 1);
    stocks.regions = {false, {"y"}, {}};
    stocks.price_sensitivity = builder.number("sensitivity", 0.5);
    builder.scripted("ban", builder.terms("x", Instrument::ban), month(0), month(1), 1);
    for (const Clearance clearance : {Clearance::pooled_first, Clearance::exact}) {
        MarketRun run(builder.model(), clearance);
        run.clear_month(0);
        EXPECT_NEAR(run.price("y"), 2.25, 1e-9);
        EXPECT_NEAR(run.clearing.consumption[1], 40, 1e-9);
    }
}

TEST(Market, SendsNothingFromDearToCheapMarkets)
{
    // Closed to x, g buys all that w mines, and o, which shared it before, all from x.
    ScenarioBuilder builder =
        one_stage({{"x", 110, 60}, {"w", 20, 0}, {"o", 0, 30}, {"g", 0, 40}}, 1);
    builder.scripted("ban", aimed_at(builder, Instrument::ban, {"g"}), month(0), month(1), 1);
    RestrictionTerms later = builder.terms("w", Instrument::quota);
    later.targets = {false, {"o"}, builder.next_place()};
    builder.scripted("later", later, month(5), month(6), 0.5);
    for (const Clearance clearance : {Clearance::pooled_first, Clearance::exact}) {
        MarketRun run(builder.model(), clearance);
        run.clear_month(0);
        EXPECT_NEAR(run.price("g"), 2, 1e-9);
        EXPECT_NEAR(run.price("o"), 90.0 / 110, 1e-9);
        EXPECT_NEAR(flow(run, RegionId(1), RegionId(2)), 0, 1e-9);
        EXPECT_NEAR(flow(run, RegionId(0), RegionId(3)), 0, 1e-9);
    }
}

TEST(Market, GivesUsersWhoLiveOnTheirStockThePriceThatTheyCouldBuyAt)
{
    ScenarioBuilder builder = one_stage({{"x", 100, 40}, {"y", 0, 60}}, 0.5);
    builder.stocks("stocks", 10, 1).regions = {false, {"y"}, {}};
    RestrictionTerms ban = builder.terms("x", Instrument::ban);
    ban.targets = {false, {"y"}, {}};
    builder.scripted("ban", ban, month(0), month(1), 1);
    // A cap that leaves room: the market of one trial starts from the zones of the ban.
    builder.scripted("cap", builder.terms("x", Instrument::quota), month(1), month(2), 0.1);
    builder.scripted_outage("stop", "mine_x", month(1), month(2), 0.8);
    for (const Clearance clearance : {Clearance::pooled_first, Clearance::exact}) {
        MarketRun run(builder.model(), clearance);
        run.clear_month(1);
        // x has 20 t for users who want 40 p^-0.5, and y's stock is still plenty.
        EXPECT_NEAR(run.price("x"), 4, 1e-9);
        EXPECT_NEAR(run.price("y"), 4, 1e-9);
        EXPECT_NEAR(run.clearing.purchase[1], 0, 1e-9);
        EXPECT_NEAR(run.clearing.consumption[1], 60 / std::sqrt(4), 1e-9);
    }
}

TEST(Market, GivesPlantsAtRestThePriceOfWhatTheyTakeIn)
{
    ScenarioBuilder builder({"x", "y"});
    builder.commodity("ore").demand_elasticity_short_run = builder.number("short", 0.5);
    builder.mine("pit", "y", 12 * 100);
    builder.facility("plant of x", "x", "refine", 12 * 100);
    builder.facility("plant of y", "y", "refine", 12 * 100);
    builder.demand("ore", "x", 12 * 40);
    builder.demand("ore", "y", 12 * 60);
    builder.scripted("ban", builder.terms("x", Instrument::ban), month(0), month(1), 1);
    builder.scripted_outage("stop", "pit", month(0), month(1), 0.8);
    ReserveEntry& reserve = builder.scenario.reserves.emplace_back();
    reserve.name = "reserve";
    reserve.region = "x";
    reserve.commodity = "ore";
    reserve.tonnes = builder.number("tonnes", 1000);
    reserve.release_t_per_month = builder.number("release", 30);
    reserve.trigger_price_ratio = builder.number("trigger", 2);
    reserve.stop_price_ratio = builder.number("stop", 1.5);
    reserve.decision_lag_months = builder.number("lag", 1);
    reserve.refill_t_per_month = builder.number("refill", 0);
    for (const Clearance clearance : {Clearance::pooled_first, Clearance::exact}) {
        MarketRun run(builder.model(), clearance);
        run.state.reserve_active[0] = 1;
        run.next();
        // x lives on 30 t of its reserve, y on the 20 t of ore that are left: too dear for x.
        EXPECT_NEAR(run.price("x"), std::pow(40.0 / 30, 2), 1e-9);
        EXPECT_NEAR(run.price("y"), std::pow(60.0 / 20, 2), 1e-9);
        EXPECT_NEAR(run.clearing.throughput[2], 0, 1e-9);
        EXPECT_NEAR(run.gap(Kind::exports, "ore", "x", "x"), 0, 1e-9);
    }
}

TEST(Market, LetsTheSmallerOfTaxAndQuotaBind)
{
    // At 25 % duty 48.55 t leave without a quota.
    const double taxed = 130 - 80 * std::pow(closed_form("C4", "tax 0.25", "price_X"), -0.2);
    for (const double quota : {60.0, 49.0, 48.0, 30.0}) {
        ScenarioBuilder builder = exporter_and_rest();
        builder.scripted("duty", tax(builder, "x", 0.25), month(0), month(1));
        builder.scripted("quota", monthly_quota(builder, "x", quota), month(0), month(1));
        MarketRun run(builder);
        run.next();
        expect_relative(run.exports("ore", "x"), std::min(taxed, quota));
        expect_relative(run.price("x"), std::pow(80 / (130 - std::min(taxed, quota)), 5));
        expect_relative(run.price("w"), std::pow(55 / (5 + std::min(taxed, quota)), 5));
        // What the duty leaves of the gap is the quota's rent.
        EXPECT_NEAR(run.gap(Kind::exports, "ore", "x", "x"),
                    quota < taxed ? run.price("w") - 1.25 * run.price("x") : 0, 1e-9);
    }
}

TEST(Market, TakesAStandingTaxForGranted)
{
    ScenarioBuilder builder = exporter_and_rest();
    builder.standing("duty", tax(builder, "x", 0.15));
    builder.scripted("same", tax(builder, "x", 0.15), month(1), month(2));
    builder.scripted("higher", tax(builder, "x", 1.15 * 1.25 - 1), month(2), month(3));
    MarketRun run(builder);
    for (int count = 0; count < 2; ++count) {
        run.next();
        EXPECT_NEAR(run.price("x"), 1, 1e-12);
        EXPECT_NEAR(run.price("w"), 1, 1e-12);
    }
    run.next();  // Only the step from the standing tax counts.
    expect_relative(run.price("x"), closed_form("C4", "tax 0.25", "price_X"));
    expect_relative(run.price("w"), closed_form("C4", "tax 0.25", "price_W"));
}

TEST(Market, LowersATaxAgain)
{
    ScenarioBuilder builder = exporter_and_rest();
    builder.scripted("high", tax(builder, "x", 0.25), month(0), month(1));
    builder.scripted("low", tax(builder, "x", 0.15), month(1), month(2));
    builder.scripted("again", tax(builder, "x", 0.15), month(3), month(4));
    MarketRun run(builder);
    run.next();
    expect_relative(run.price("w"), closed_form("C4", "tax 0.25", "price_W"));
    run.next();
    expect_relative(run.price("w"), closed_form("C4", "tax 0.15", "price_W"));
    run.next();
    expect_relative(run.price("w"), 1);
    run.next();
    expect_relative(run.price("w"), closed_form("C4", "tax 0.15", "price_W"));
}

TEST(Market, LetsATaxStopTradeThatIsNotWorthIt)
{
    // Without trade, w's price would be 1.2: no use in paying 30 %.
    ScenarioBuilder builder = one_stage({{"x", 105, 100}, {"w", 45, 50}});
    const double alone = std::pow(50.0 / 45, 5) / std::pow(100.0 / 105, 5);
    builder.scripted("duty", tax(builder, "x", alone - 1 + 0.01), month(0), month(1));
    builder.scripted("less", tax(builder, "x", alone - 1 - 0.01), month(1), month(2));
    MarketRun run(builder);
    run.next();
    EXPECT_EQ(run.exports("ore", "x"), 0);
    expect_relative(run.price("w"), std::pow(50.0 / 45, 5));
    run.next();
    EXPECT_GT(run.exports("ore", "x"), 0);
    expect_relative(run.price("w"), (alone - 0.01) * run.price("x"));
}

TEST(Market, TaxesGoodsForAnImporterWhoBoughtNothingAtTheStart)
{
    // g mines what it needs, until its mine stops: then it must buy from x and pay the duty.
    ScenarioBuilder builder = one_stage({{"x", 130, 80}, {"g", 30, 30}, {"o", 0, 50}});
    builder.scripted_outage("stop", "mine_g", month(1), month(2));
    RestrictionTerms duty = tax(builder, "x", 0.25);
    duty.targets = {false, {"g"}, builder.next_place()};
    builder.scripted("duty", duty, month(0), month(3));
    MarketRun run(builder);
    run.next();
    expect_relative(run.price("g"), 1);
    run.next();
    expect_relative(run.price("g"), 1.25 * run.price("x"));
    expect_relative(run.price("o"), run.price("x"));
    expect_relative(
        run.clearing.consumption[0] + run.clearing.consumption[1] + run.clearing.consumption[2],
        130);
}

TEST(Market, SettlesTaxesOfTwoExporters)
{
    ScenarioBuilder builder = one_stage({{"a", 60, 20}, {"b", 40, 10}, {"importers", 0, 70}});
    builder.scripted("a", tax(builder, "a", 0.2), month(0), month(1));
    builder.scripted("b", tax(builder, "b", 0.4), month(0), month(1));
    MarketRun run(builder);
    run.next();
    expect_relative(run.price("importers"), 1.2 * run.price("a"));
    expect_relative(run.price("importers"), 1.4 * run.price("b"));
    double used = 0;
    for (const double consumption : run.clearing.consumption) {
        used += consumption;
    }
    expect_relative(used, 100);
}

TEST(Market, LetsAnExporterWithoutHomeMarketBearItsTax)
{
    // a's mine yields the same at any price and has no other buyer, so a's price gives way.
    ScenarioBuilder builder = one_stage({{"a", 40, 0}, {"importers", 10, 50}});
    builder.scripted("a", tax(builder, "a", 0.4), month(0), month(1));
    MarketRun run(builder);
    run.next();
    EXPECT_NEAR(run.price("importers"), 1, 1e-9);
    EXPECT_NEAR(run.exports("ore", "a"), 40, 1e-9);
    EXPECT_EQ(run.gap(Kind::exports, "ore", "a", "a"), 0);
}

/// What one region makes and wants of one commodity.
struct Curves {
    double available = 0, utilisation = 1, supply_elasticity = 0;
    double wanted = 0, elasticity = 0.2;

    /// Supply less demand at a log price.
    double surplus(double x) const
    {
        return available * std::min(1.0, utilisation * std::exp(supply_elasticity * x))
               - wanted * std::exp(-elasticity * x);
    }
};

/// The root of a function that rises from below 0 to above 0.
template <class Function>
double bisect(double lower, double upper, Function rising)
{
    for (int round = 0; round < 70; ++round) {
        const double middle = 0.5 * (lower + upper);
        (rising(middle) >= 0 ? upper : lower) = middle;
    }
    return 0.5 * (lower + upper);
}

constexpr double log_choke = 46;

/// One commodity between an exporter x and the rest w.
struct TradedCommodity {
    std::string name;
    Curves x, w;
    double price = 10;  ///< USD/kg
    double weight = 1;
    double tax_factor = 1;

    struct Split {
        double exports = 0, log_x = 0, log_w = 0;
    };
    /// The two prices at a rent in USD per quota tonne.
    Split at_rent(double rent) const
    {
        const double claim = rent * weight / (1000 * price);
        const auto at_w = [&](double log_x) {
            return std::log(tax_factor * std::exp(log_x) + claim);
        };
        Split split;
        split.log_x = bisect(-log_choke, log_choke, [&](double log_x) {
            return x.surplus(log_x) + w.surplus(at_w(log_x));
        });
        split.log_w = at_w(split.log_x);
        split.exports = x.surplus(split.log_x);
        if (split.exports <= 0) {
            const auto alone = [](const Curves& curves) {
                return bisect(-log_choke, log_choke,
                              [&](double log_price) { return curves.surplus(log_price); });
            };
            return {0, alone(x), alone(w)};
        }
        return split;
    }
};

/// The rent at which the weighted exports meet the limit; 0 if they fit anyway.
double brute_force_rent(const std::vector<TradedCommodity>& commodities, double limit)
{
    const auto excess = [&](double rent) {
        double sum = -limit;
        for (const TradedCommodity& commodity : commodities) {
            sum += commodity.weight * commodity.at_rent(rent).exports;
        }
        return sum;
    };
    if (excess(0) <= 0) {
        return 0;
    }
    return std::exp(
        bisect(-20, 50, [&](double log_rent) { return -excess(std::exp(log_rent)); }));
}

/// x and w with the commodities, each mined on its own; one elasticity by commodity.
ScenarioBuilder exporter_of(const std::vector<TradedCommodity>& commodities)
{
    ScenarioBuilder builder({"x", "w"}, {"mine"});
    for (const TradedCommodity& entry : commodities) {
        CommodityEntry& commodity = builder.commodity(entry.name, entry.price);
        commodity.demand_elasticity_short_run = builder.number("short", entry.x.elasticity);
        commodity.demand_elasticity_long_run = builder.number("long", entry.x.elasticity);
        commodity.choke_price_ratio = builder.number("choke", std::exp(log_choke));
        commodity.floor_price_ratio = builder.number("floor", std::exp(-log_choke));
        for (const auto& [region, curves] : {std::pair{"x", &entry.x}, {"w", &entry.w}}) {
            if (curves->available > 0) {
                FacilityEntry& mine = builder.mine(entry.name + "_" + region, region,
                                                   12 * curves->available, {{entry.name, 1}});
                mine.utilisation = builder.number("utilisation", curves->utilisation);
                mine.supply_elasticity = builder.number("supply", curves->supply_elasticity);
            }
            builder.demand(entry.name, region, 12 * curves->wanted);
        }
    }
    return builder;
}

RestrictionTerms shared_quota(ScenarioBuilder& builder,
                              const std::vector<TradedCommodity>& commodities, double tonnes)
{
    RestrictionTerms terms = monthly_quota(builder, "x", tonnes);
    terms.shared = true;
    terms.commodities = {};
    for (const TradedCommodity& entry : commodities) {
        terms.commodities.names.push_back(entry.name);
        terms.weights.emplace_back(entry.name, builder.number("weight", entry.weight));
    }
    return terms;
}

void raise_taxes(ScenarioBuilder& builder, const std::vector<TradedCommodity>& commodities,
                 int months)
{
    for (const TradedCommodity& entry : commodities) {
        if (entry.tax_factor > 1) {
            RestrictionTerms duty = tax(builder, "x", entry.tax_factor - 1);
            duty.commodities = {false, {entry.name}, builder.next_place()};
            builder.scripted("duty_" + entry.name, duty, month(0), month(months));
        }
    }
}

/// (p_dst − t · p_src) · P / weight of each commodity with exports: equal to the rent; where
/// there are none, at most the rent. Σ weight · exports = limit if the rent is above 0.
void expect_one_rent(const MarketRun& run, const std::vector<TradedCommodity>& commodities,
                     double limit)
{
    const double rent = run.market.quota_rents()[0];
    double tonnage = 0;
    for (const TradedCommodity& entry : commodities) {
        const double exports = run.exports(entry.name, "x");
        const double claimed =
            (run.price(entry.name, "w") - entry.tax_factor * run.price(entry.name, "x")) * 1000
            * entry.price / entry.weight;
        const double scale =
            std::max(rent, run.price(entry.name, "w") * 1000 * entry.price / entry.weight);
        tonnage += entry.weight * exports;
        if (exports > 1e-9) {
            EXPECT_NEAR(claimed, rent, 1e-9 * scale) << entry.name;
        } else {
            EXPECT_LE(claimed, rent + 1e-9 * scale) << entry.name;
        }
    }
    if (rent > 0) {
        expect_relative(tonnage, limit);
    } else {
        EXPECT_LE(tonnage, limit * (1 + 1e-9));
    }
}

/// Like 2010: cheap and dear elements that x exports in bulk.
std::vector<TradedCommodity> four_elements()
{
    return {{"lanthanum", {100, 1, 0, 60}, {5, 1, 0, 45}, 4.88, 0.95},
            {"cerium", {140, 1, 0, 90}, {5, 1, 0, 55}, 3.88, 1.21},
            {"neodymium", {80, 1, 0, 60}, {4, 1, 0, 24}, 19.12, 0.78},
            {"dysprosium", {8, 1, 0, 5}, {0, 1, 0, 3}, 115.67, 0.82}};
}

TEST(SharedQuota, PaysOneRentForEveryTonne)
{
    const std::vector<TradedCommodity> elements = four_elements();
    // Exports without the quota: 0.95 · 40 + 1.21 · 50 + 0.78 · 20 + 0.82 · 3 = 116.56 t.
    for (const double limit : {115.0, 90.0, 60.0, 20.0}) {
        ScenarioBuilder builder = exporter_of(elements);
        builder.scripted("quota", shared_quota(builder, elements, limit), month(0), month(1));
        MarketRun run(builder);
        run.next();
        EXPECT_GT(run.market.quota_rents()[0], 0);
        expect_one_rent(run, elements, limit);
    }
}

TEST(SharedQuota, RaisesCheapElementsMost)
{
    const std::vector<TradedCommodity> elements = four_elements();
    ScenarioBuilder builder = exporter_of(elements);
    builder.scripted("quota", shared_quota(builder, elements, 60), month(0), month(1));
    MarketRun run(builder);
    run.next();
    EXPECT_GT(run.price("cerium", "w"), 1.2 * run.price("lanthanum", "w"));
    EXPECT_GT(run.price("lanthanum", "w"), 2 * run.price("neodymium", "w"));
    EXPECT_GT(run.price("neodymium", "w"), 1.5 * run.price("dysprosium", "w"));
}

TEST(SharedQuota, CostsNothingIfAllFits)
{
    const std::vector<TradedCommodity> elements = four_elements();
    ScenarioBuilder builder = exporter_of(elements);
    builder.scripted("quota", shared_quota(builder, elements, 117), month(0), month(1));
    MarketRun run(builder);
    run.next();
    EXPECT_EQ(run.market.quota_rents()[0], 0);
    for (std::size_t cell = 0; cell < run.model.cells(); ++cell) {
        EXPECT_NEAR(run.clearing.log_price[cell], 0, 1e-12);
    }
}

TEST(SharedQuota, TightensAndLoosensFromMonthToMonth)
{
    const std::vector<TradedCommodity> elements = four_elements();
    ScenarioBuilder builder = exporter_of(elements);
    const std::vector<double> limits{90, 30, 60, 200, 100, 0, 80};
    for (std::size_t at = 0; at < limits.size(); ++at) {
        const int number = static_cast<int>(at);
        builder.scripted("quota", shared_quota(builder, elements, limits[at]), month(number),
                         month(number + 1));
    }
    MarketRun run(builder.model(), Clearance::exact);
    for (const double limit : limits) {
        run.next();
        expect_one_rent(run, elements, limit);
    }
    run.next();
    EXPECT_TRUE(run.market.quota_rents().empty());
    EXPECT_NEAR(run.price("cerium", "w"), 1, 1e-12);
}

TEST(SharedQuota, LetsNothingOutIfNothingIsAllowed)
{
    const std::vector<TradedCommodity> elements = four_elements();
    ScenarioBuilder builder = exporter_of(elements);
    RestrictionTerms ban = builder.terms("x", Instrument::ban);
    ban.shared = true;
    builder.scripted("ban", ban, month(0), month(1));
    MarketRun run(builder);
    run.next();
    for (const TradedCommodity& element : elements) {
        EXPECT_EQ(run.exports(element.name, "x"), 0);
        expect_relative(run.price(element.name, "x"),
                        std::pow(element.x.wanted / element.x.available, 5));
    }
}

TEST(SharedQuota, DropsWhatIsNotWorthItsTonnage)
{
    // Without exports of straw, w would pay a little more than x: not worth a tonne of the
    // quota.
    std::vector<TradedCommodity> goods{{"gold", {100, 1, 0, 60}, {0, 1, 0, 40}, 50},
                                       {"straw", {101, 1, 0, 100}, {99, 1, 0, 100}, 0.1}};
    ScenarioBuilder builder = exporter_of(goods);
    builder.scripted("quota", shared_quota(builder, goods, 30), month(0), month(2));
    MarketRun run(builder);
    for (int count = 0; count < 2; ++count) {
        run.next();
        EXPECT_EQ(run.exports("straw", "x"), 0);
        expect_relative(run.exports("gold", "x"), 30);
        expect_one_rent(run, goods, 30);
    }
}

TEST(SharedQuota, AgreesWithBisectionOfTheTwoZones)
{
    const bool held = rc::check("prices to 1e-9 of two nested bisections", [] {
        const auto number = [](int low, int high) {
            return 0.01 * *rc::gen::inRange(low, high + 1);
        };
        std::vector<TradedCommodity> goods;
        const int count = *rc::gen::inRange(2, 5);
        double free = 0;
        for (int at = 0; at < count; ++at) {
            TradedCommodity entry;
            entry.name =
                std::vector{"tin", "lead", "zinc", "gold"}[static_cast<std::size_t>(at)];
            entry.price = number(50, 15000);
            entry.weight = number(20, 200);
            entry.tax_factor = *rc::gen::inRange(0, 3) == 0 ? 1 + number(5, 40) : 1;
            const double exports = number(100, 5000);
            entry.x.elasticity = entry.w.elasticity = number(10, 50);
            entry.x.wanted = number(500, 20000);
            entry.w.wanted = exports + number(0, 1000);
            for (Curves* curves : {&entry.x, &entry.w}) {
                curves->utilisation = number(50, 100);
                curves->supply_elasticity = number(0, 50);
            }
            entry.x.available = (entry.x.wanted + exports) / entry.x.utilisation;
            entry.w.available = (entry.w.wanted - exports) / entry.w.utilisation;
            free += entry.weight * exports;
            goods.push_back(entry);
        }
        const double limit = free * number(10, 110);
        ScenarioBuilder builder = exporter_of(goods);
        builder.scripted("quota", shared_quota(builder, goods, limit), month(0), month(1));
        raise_taxes(builder, goods, 1);
        MarketRun run(builder);
        run.next();
        const double rent = brute_force_rent(goods, limit);
        for (const TradedCommodity& entry : goods) {
            const auto [exports, log_x, log_w] = entry.at_rent(rent);
            RC_ASSERT(std::abs(run.exports(entry.name, "x") - exports) <= 1e-9 * free);
            RC_ASSERT(std::abs(std::log(run.price(entry.name, "x")) - log_x) <= 1e-9);
            RC_ASSERT(std::abs(std::log(run.price(entry.name, "w")) - log_w) <= 1e-9);
        }
    });
    EXPECT_TRUE(held);
}

/// Two exporters a and b of one good each and one both export; i imports all.
ScenarioBuilder two_exporters()
{
    ScenarioBuilder builder({"a", "b", "i"}, {"mine"});
    for (const char* name : {"ours", "both", "theirs"}) {
        CommodityEntry& entry = builder.commodity(name);
        entry.demand_elasticity_long_run = builder.number("long", 0.2);
        entry.choke_price_ratio = builder.number("choke", 1e9);
        entry.floor_price_ratio = builder.number("floor", 1e-9);
        builder.demand(name, "i", 12 * 50);
    }
    builder.mine("a_mine", "a", 12 * 90, {{"ours", 70.0 / 90}, {"both", 40.0 / 90}});
    builder.mine("b_mine", "b", 12 * 90, {{"theirs", 70.0 / 90}, {"both", 40.0 / 90}});
    for (const auto& [name, region, used] : {std::tuple{"ours", "a", 20.0},
                                             {"both", "a", 15.0},
                                             {"both", "b", 15.0},
                                             {"theirs", "b", 20.0}}) {
        builder.demand(name, region, 12 * used);
    }
    return builder;
}

RestrictionTerms shared_by(ScenarioBuilder& builder, const std::string& exporter,
                           const std::vector<std::string>& commodities, double tonnes)
{
    RestrictionTerms terms = monthly_quota(builder, exporter, tonnes);
    terms.shared = true;
    terms.commodities = {false, commodities, builder.next_place()};
    return terms;
}

/// What one quota tonne pays over an exporter's arc at weight 1, USD.
double rent_paid(const MarketRun& run, const std::string& commodity, const std::string& from)
{
    return run.gap(Kind::exports, commodity, from, from) * 10 * 1000;
}

TEST(SharedQuota, BindsBesideASlackQuotaOfAnotherExporter)
{
    for (const bool slack_first : {false, true}) {
        ScenarioBuilder builder = two_exporters();
        const auto slack = [&] {
            builder.scripted("slack", shared_by(builder, "b", {"both", "theirs"}, 100),
                             month(0), month(1));
        };
        if (slack_first) {
            slack();
        }
        builder.scripted("tight", shared_by(builder, "a", {"ours", "both"}, 40), month(0),
                         month(1));
        if (!slack_first) {
            slack();
        }
        MarketRun run(builder);
        run.next();
        expect_relative(run.exports("ours", "a") + run.exports("both", "a"), 40);
        expect_relative(rent_paid(run, "ours", "a"), rent_paid(run, "both", "a"), 1e-8);
        EXPECT_GT(run.price("both", "i"), 1.05);
        EXPECT_EQ(rent_paid(run, "both", "b"), 0);
    }
}

TEST(SharedQuota, SettlesTwoExportersAgainstEachOther)
{
    ScenarioBuilder builder = two_exporters();
    builder.scripted("a", shared_by(builder, "a", {"ours", "both"}, 50), month(0), month(1));
    builder.scripted("b", shared_by(builder, "b", {"both", "theirs"}, 35), month(0), month(1));
    MarketRun run(builder);
    run.next();
    expect_relative(run.exports("ours", "a") + run.exports("both", "a"), 50);
    expect_relative(run.exports("both", "b") + run.exports("theirs", "b"), 35);
    expect_relative(rent_paid(run, "ours", "a"), rent_paid(run, "both", "a"), 1e-8);
    expect_relative(rent_paid(run, "theirs", "b"), rent_paid(run, "both", "b"), 1e-8);
}

TEST(SharedQuota, SettlesTaxesOfTwoExportersUnderSlackQuotas)
{
    const auto prices = [](bool with_quotas) {
        ScenarioBuilder builder = two_exporters();
        builder.scripted("duty_a", tax(builder, "a", 0.2), month(0), month(1));
        builder.scripted("duty_b", tax(builder, "b", 0.4), month(0), month(1));
        if (with_quotas) {
            builder.scripted("a", shared_by(builder, "a", {"ours", "both"}, 100), month(0),
                             month(1));
            builder.scripted("b", shared_by(builder, "b", {"both", "theirs"}, 100), month(0),
                             month(1));
        }
        MarketRun run(builder);
        run.next();
        expect_relative(run.price("both", "i"), 1.2 * run.price("both", "a"));
        expect_relative(run.price("both", "i"), 1.4 * run.price("both", "b"));
        expect_relative(run.price("theirs", "i"), 1.4 * run.price("theirs", "b"));
        return run.clearing.log_price;
    };
    const auto without = prices(false);
    const auto with = prices(true);
    for (std::size_t cell = 0; cell < with.size(); ++cell) {
        EXPECT_NEAR(with[cell], without[cell], 1e-9);
    }
}

TEST(SharedQuota, AddsUpRentsWhereQuotasOverlap)
{
    // A tonne of `both` needs leave under both quotas.
    ScenarioBuilder builder = two_exporters();
    builder.mine("third", "a", 12 * 30, {{"theirs", 1}});
    builder.demand("theirs", "i", 12 * 30);
    builder.scripted("one", shared_by(builder, "a", {"both", "ours"}, 55), month(0), month(1));
    builder.scripted("two", shared_by(builder, "a", {"both", "theirs"}, 35), month(0),
                     month(1));
    MarketRun run(builder);
    run.next();
    expect_relative(run.exports("ours", "a") + run.exports("both", "a"), 55);
    expect_relative(run.exports("both", "a") + run.exports("theirs", "a"), 35);
    EXPECT_GT(rent_paid(run, "theirs", "a"), 100);
    EXPECT_GT(rent_paid(run, "ours", "a"), 100);
    expect_relative(rent_paid(run, "both", "a"),
                    rent_paid(run, "ours", "a") + rent_paid(run, "theirs", "a"), 1e-8);
}

/// x exports two goods to o and g; w supplies some of both.
ScenarioBuilder exporter_and_targets()
{
    ScenarioBuilder builder({"x", "o", "g", "w"}, {"mine"});
    for (const auto& [name, price] : {std::pair{"tin", 20.0}, {"lead", 2.0}}) {
        CommodityEntry& entry = builder.commodity(name, price);
        entry.demand_elasticity_long_run = builder.number("long", 0.2);
        entry.choke_price_ratio = builder.number("choke", 1e9);
        entry.floor_price_ratio = builder.number("floor", 1e-9);
        builder.mine(std::string(name) + "_x", "x", 12 * 130, {{name, 1}});
        builder.mine(std::string(name) + "_w", "w", 12 * 20, {{name, 1}});
        builder.demand(name, "x", 12 * 75);
        builder.demand(name, "o", 12 * 35);
        builder.demand(name, "g", 12 * 40);
    }
    return builder;
}

TEST(SharedQuota, CoversSeveralTargetsOfOneCommodity)
{
    ScenarioBuilder builder = exporter_and_targets();
    RestrictionTerms terms = shared_by(builder, "x", {"tin", "lead"}, 50);
    terms.targets = {false, {"o", "g"}, builder.next_place()};
    builder.scripted("quota", terms, month(0), month(2));
    MarketRun run(builder);
    for (int count = 0; count < 2; ++count) {
        run.next();
        double tonnage = 0;
        for (const auto& [name, price] : {std::pair{"tin", 20.0}, {"lead", 2.0}}) {
            // o and g pay the same, since w serves either; all of x's tonnes are charged.
            expect_relative(run.price(name, "o"), run.price(name, "g"));
            expect_relative((run.price(name, "o") - run.price(name, "x")) * 1000 * price,
                            run.market.quota_rents()[0], 1e-8);
            tonnage += 130 - run.clearing.consumption[run.cell(name, "x")];
        }
        expect_relative(tonnage, 50);
    }
}

TEST(SharedQuota, StandsBesideATargetedCapOnOneOfItsArcs)
{
    ScenarioBuilder builder = exporter_and_targets();
    builder.scripted("quota", shared_by(builder, "x", {"tin", "lead"}, 80), month(0), month(1));
    RestrictionTerms ban = builder.terms("x", Instrument::ban);
    ban.targets = {false, {"g"}, builder.next_place()};
    ban.commodities = {false, {"tin"}, builder.next_place()};
    builder.scripted("ban", ban, month(0), month(1));
    MarketRun run(builder);
    run.next();
    const double rent = run.market.quota_rents()[0];
    // g gets w's tin only, o gets x's only.
    expect_relative(run.price("tin", "g"), 32);
    expect_relative((run.price("tin", "o") - run.price("tin", "x")) * 20000, rent, 1e-8);
    expect_relative((run.price("lead", "o") - run.price("lead", "x")) * 2000, rent, 1e-8);
    expect_relative(run.exports("tin", "x") + run.exports("lead", "x"), 80);
    EXPECT_EQ(run.clearing.arc_flow[run.arc(Kind::trade, "tin", StageId(0), "x", "g")], 0);
}

TEST(Market, GrowsWithItsDemandAndCapacity)
{
    // Demand grows by 10 % a year in 2009 and not at all after, capacity by 10 % in 2010 only.
    ScenarioBuilder builder = one_stage({{"x", 100, 100}});
    builder.stocks("users", 2, 2);
    builder.scenario.stocks[0].price_sensitivity = builder.number("psi", 0);
    builder.scenario.demand[0].growth.by_year = {{2009, builder.number("demand", 0.1)}};
    builder.scenario.facilities[0].growth.by_year = {{2010, builder.number("capacity", 0.1)}};
    MarketRun run(builder);
    run.next();
    EXPECT_NEAR(run.clearing.log_price[0], 0, 1e-12);
    run.clear_month(11);
    EXPECT_NEAR(run.clearing.output[0], 100, 1e-9);
    EXPECT_GT(run.clearing.log_price[0], 0.1);
    run.clear_month(24);
    EXPECT_NEAR(run.clearing.output[0], 110, 1e-9);
    run.clear_month(35);
    // The stock has grown with the consumption that it covers.
    EXPECT_NEAR(run.state.stock[0], 2 * 110, 1e-3);
    EXPECT_NEAR(run.clearing.log_price[0], 0, 1e-3);
}

TEST(Market, GrowsAlongTheDemandCurve)
{
    ScenarioBuilder builder = one_stage({{"x", 100, 100}});
    builder.scenario.demand[0].growth.per_year = builder.number("growth", 0.1);
    MarketRun run(builder);
    for (int month = 0; month < 30; ++month) {
        run.next();
        // 100 t are used whatever the price: 1.1^{t/12} p^{-0.2} = 1.
        EXPECT_NEAR(run.clearing.log_price[0], std::log(1.1) * month / 12 / 0.2, 1e-9);
    }
}

}  // namespace
}  // namespace chokepoint
