#include "chokepoint/market/state.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "market/market_run.hpp"

namespace chokepoint {
namespace {

using testing::closed_form;
using testing::MarketRun;
using testing::month;
using testing::one_stage;

/// Moves the state on by a month whose log price is the same everywhere.
void advance_at(MarketRun& run, double log_price)
{
    run.clearing =
        run.market.clear(run.timeline, run.shocks.next(run.state.running), {}, run.state);
    std::ranges::fill(run.clearing.log_price, log_price);
    std::ranges::fill(run.clearing.source_price, log_price);
    advance(run.model, run.parameters, run.clearing, {}, run.state);
}

/// x mines and uses 100; elasticities 0.1 and 0.6, memory 0.1 up and 0.04 down.
ScenarioBuilder one_market()
{
    ScenarioBuilder builder = one_stage({{"x", 100, 100}}, 0.1);
    CommodityEntry& ore = builder.scenario.commodities[0];
    ore.demand_elasticity_long_run = builder.number("long", 0.6);
    ore.memory_up_per_month = builder.number("up", 0.1);
    ore.memory_down_per_month = builder.number("down", 0.04);
    ore.quoted_adjustment_per_month = builder.number("quoted", 0.2);
    return builder;
}

TEST(Memory, BringsDemandToItsLongRunAnswer)  // C9
{
    MarketRun run(one_market());
    for (int count = 0; count <= 60; ++count) {
        for (const auto& [after, text] : {std::pair{1, "after 1 months"},
                                          {12, "after 12 months"},
                                          {60, "after 60 months"}}) {
            if (count == after) {
                // d/d_ref e^{-0.1 x} at x = 1 with the coefficient that the memory gives.
                EXPECT_NEAR(-0.5 * run.state.memory[0] - 0.1,
                            closed_form("C9", text, "ln_demand_ratio"), 1e-9);
            }
        }
        advance_at(run, 1);
    }
}

TEST(Memory, FollowsTheClosedFormOfKoyck)
{
    ScenarioBuilder builder = one_market();
    CommodityEntry& ore = builder.scenario.commodities[0];
    ore.demand_elasticity_short_run = builder.number("short", 0.08);
    ore.demand_elasticity_long_run = builder.number("long", 0.8);
    MarketRun run(builder);
    int checked = 0;
    for (const CsvRow& row : read_test_table("stochastic_process_closed_forms.csv")) {
        if (row.text("process") != "koyck") {
            continue;
        }
        const std::string& quantity = row.text("quantity");  // ln D_n/D_0 at n=...
        const int month = std::stoi(quantity.substr(quantity.find("n=") + 2)) - 1;
        while (run.state.month < month) {
            advance_at(run, std::log(2));
        }
        EXPECT_NEAR(-(0.8 - 0.08) * run.state.memory[0] - 0.08 * std::log(2),
                    row.number("closed_form"), 1e-9)
            << quantity;
        ++checked;
    }
    EXPECT_EQ(checked, 6);
}

TEST(Memory, ShiftsTheDemandThatTheMarketClears)
{
    MarketRun run(one_market());
    run.state.memory[0] = 0.7;
    run.next();
    // 100 t are used whatever the price: demand 100 e^{-0.5 · 0.7} p^{-0.1}.
    EXPECT_NEAR(std::log(run.price("x")), -0.5 * 0.7 / 0.1, 1e-9);
}

TEST(Memory, FadesMoreSlowlyThanItBuildsUp)
{
    MarketRun run(one_market());
    advance_at(run, 1);
    EXPECT_NEAR(run.state.memory[0], 0.1, 1e-14);
    advance_at(run, 0);
    EXPECT_NEAR(run.state.memory[0], 0.1 * (1 - 0.04), 1e-14);
}

/// As `one_market`: from twice the price on, 5 % of what is left go over a month, 30 % at most.
ScenarioBuilder replacing_market()
{
    ScenarioBuilder builder = one_market();
    builder.scenario.commodities[0].substitution = SubstitutionEntry{
        builder.number("trigger", 2), builder.number("rate", 0.6), builder.number("most", 0.3)};
    return builder;
}

TEST(Substitution, TakesATwelfthOfItsRateAMonthUpToItsCapAndNothingBack)
{
    MarketRun run(replacing_market());
    run.state.memory[0] = std::log(3);
    for (int count = 1; count <= 12; ++count) {
        advance_at(run, std::log(3));
        EXPECT_NEAR(run.state.substituted[0], std::min(0.3, 1 - std::pow(0.95, count)), 1e-14);
    }
    run.state.memory[0] = 0;
    advance_at(run, 0);
    EXPECT_EQ(run.state.substituted[0], 0.3);
}

TEST(Substitution, WaitsForTheRememberedPrice)
{
    MarketRun run(replacing_market());
    run.state.memory[0] = std::log(2) - 1e-9;
    advance_at(run, 3);
    EXPECT_EQ(run.state.substituted[0], 0);
    advance_at(run, 3);
    EXPECT_NEAR(run.state.substituted[0], 0.05, 1e-14);
}

TEST(Substitution, LowersTheDemandThatTheMarketClears)
{
    MarketRun run(replacing_market());
    run.state.substituted[0] = 0.2;
    run.next();
    EXPECT_NEAR(run.clearing.log_price[0], std::log(0.8) / 0.1, 1e-9);
    EXPECT_EQ(run.clearing.substituted[0], 0.2);
}

TEST(QuotedPrice, FollowsByAShareOfTheDistance)
{
    MarketRun run(one_market());
    for (int count = 1; count <= 10; ++count) {
        advance_at(run, 2);
        EXPECT_NEAR(run.state.log_quoted[0], 2 * (1 - std::pow(0.8, count)), 1e-12);
    }
}

/// As `one_market`, with stocks for two months, ordered over four.
ScenarioBuilder stock_keepers()
{
    ScenarioBuilder builder = one_market();
    builder.mine("second", "x", 12 * 50);
    builder.demand("ore", "x", 12 * 150);
    builder.scenario.demand.erase(builder.scenario.demand.begin());
    builder.stocks("users", 2, 4);
    return builder;
}

TEST(Stocks, StayWhereTheyAreWhileNothingHappens)
{
    ScenarioBuilder builder = stock_keepers();
    builder.scenario.months = 240;
    builder.scenario.stocks[0].trend_sensitivity = builder.number("trend", 0.1);
    MarketRun run(builder);
    for (int count = 0; count < 240; ++count) {
        run.next();
        ASSERT_NEAR(run.state.stock[0], 300, 300 * 1e-12) << count;
        ASSERT_NEAR(run.clearing.log_price[0], 0, 1e-12) << count;
        ASSERT_NEAR(run.state.memory[0], 0, 1e-12) << count;
    }
}

TEST(Stocks, CloseTheGapToTheirTargetOverTheOrderTime)
{
    ScenarioBuilder builder = stock_keepers();
    builder.scripted_outage("stop", "second", month(0), month(3));
    MarketRun run(builder);
    for (int count = 0; count < 6; ++count) {
        const double stock = run.state.stock[0];
        const double memory = run.state.memory[0];
        run.next();
        const double x = run.clearing.log_price[0];
        const double consumption = 150 * std::exp(-0.5 * memory - 0.1 * x);
        const double order = (2 * 150 * std::exp(-0.5 * x) - stock) / 4;
        EXPECT_NEAR(run.clearing.consumption[0], consumption, 1e-9);
        EXPECT_NEAR(run.clearing.purchase[0], consumption + order, 1e-9);
        EXPECT_NEAR(run.state.stock[0], stock + run.clearing.purchase[0] - consumption, 1e-9);
        EXPECT_NEAR(run.clearing.purchase[0], count < 3 ? 100 : 150, 1e-9);
    }
}

TEST(Stocks, AreOnlyKeptOfWhatIsNotReplaced)
{
    ScenarioBuilder builder = stock_keepers();
    builder.scenario.commodities[0].substitution =
        replacing_market().scenario.commodities[0].substitution;
    MarketRun run(builder);
    run.state.substituted[0] = 0.2;
    run.next();
    const double x = run.clearing.log_price[0];
    EXPECT_NEAR(run.clearing.consumption[0], 0.8 * 150 * std::exp(-0.1 * x), 1e-9);
    EXPECT_NEAR(run.clearing.purchase[0],
                run.clearing.consumption[0] + (2 * 0.8 * 150 * std::exp(-0.5 * x) - 300) / 4,
                1e-9);
}

TEST(Stocks, RunDryButNeverBelowNothing)
{
    ScenarioBuilder builder = stock_keepers();
    builder.scenario.months = 120;
    builder.scenario.commodities[0].choke_price_ratio = builder.number("choke", 50);
    builder.scenario.commodities[0].floor_price_ratio = builder.number("floor", 0.02);
    builder.scripted_outage("first", "mine_x", month(1), month(100));
    builder.scripted_outage("second", "second", month(1), month(100));
    MarketRun run(builder);
    run.next();
    double stock = run.state.stock[0];
    for (int count = 1; count < 100; ++count) {
        run.next();
        EXPECT_GE(run.state.stock[0], 0);
        EXPECT_GE(run.clearing.rationed[0], 0);
        EXPECT_LE(run.clearing.log_price[0], std::log(50) * (1 + 1e-12));
        // All that is used comes out of the stock, a quarter of it a month at most.
        EXPECT_NEAR(run.state.stock[0], stock - run.clearing.consumption[0], 1e-9);
        EXPECT_LE(run.clearing.consumption[0], stock / 4 + 1e-9);
        stock = run.state.stock[0];
    }
    EXPECT_LT(stock, 1e-6);
}

TEST(Stocks, OrderMoreWhilePricesRise)
{
    ScenarioBuilder builder = stock_keepers();
    builder.scenario.stocks[0].trend_sensitivity = builder.number("trend", 0.3);
    MarketRun run(builder);
    run.state.price_before[0] = 0.5;
    run.state.price_history = {0.4, 0.3, 0.2};
    run.next();
    const double x = run.clearing.log_price[0];
    const double target = 300 * (1 + 0.3 * (0.5 - 0.2)) * std::exp(-0.5 * x);
    EXPECT_NEAR(150 * std::exp(-0.1 * x) + (target - 300) / 4, 150, 1e-9);
    EXPECT_EQ(run.state.price_before[0], x);
    EXPECT_EQ(run.state.price_history, (LaneArray<double>{0.5, 0.4, 0.3}));
}

TEST(Panic, BuildsUpWithTheThreatAndFadesByItsHalfLife)
{
    ScenarioBuilder builder = one_stage({{"x", 100, 50}, {"w", 0, 50}});
    StockEntry& stocks = builder.stocks("users", 2, 4);
    stocks.panic = PanicEntry{builder.number("extra", 0.8),
                              builder.number("build", 4),
                              builder.number("half", 5),
                              {}};
    // Announced from the start, never to come within these months.
    ScriptedRestrictionEntry& cut = builder.scripted(
        "cut", builder.terms("x", Instrument::quota), month(30), month(31), 0.5);
    cut.announced = month(0);
    MarketRun run(builder);
    double panic = 0;
    for (int count = 0; count < 12; ++count) {
        run.next();
        panic += (0.8 * 0.5 - panic) / 4;
        EXPECT_NEAR(run.state.panic[1], panic, 1e-12);
        EXPECT_EQ(run.state.panic[0], 0);  // x does not fear its own cut.
    }
    EXPECT_GT(run.price("w"), 1.01);
    run.timeline.restrictions.clear();
    run.shocks.start(run.model, run.timeline);
    run.state.quota_left[0].clear();
    for (int count = 0; count < 5; ++count) {
        run.next();
    }
    EXPECT_NEAR(run.state.panic[1], panic / 2, 1e-12);
}

TEST(Panic, FrontRunsWhatIsOnlyAnnounced)
{
    ScenarioBuilder builder = one_stage({{"x", 100, 50}, {"w", 0, 50}});
    StockEntry& stocks = builder.stocks("users", 2, 4);
    stocks.panic = PanicEntry{builder.number("extra", 0.4), builder.number("build", 4),
                              builder.number("half", 5), builder.number("front", 0.9)};
    ScriptedRestrictionEntry& cut = builder.scripted(
        "cut", builder.terms("x", Instrument::quota), month(3), month(31), 0.5);
    cut.announced = month(0);
    MarketRun run(builder);
    double panic = 0;
    for (int count = 0; count < 6; ++count) {
        run.next();
        const double target = (count < 3 ? 0.9 : 0.4) * 0.5;
        panic = target > panic ? panic + (target - panic) / 4
                               : std::max(target, panic * std::exp2(-1.0 / 5));
        EXPECT_NEAR(run.state.panic[1], panic, 1e-12);
    }
}

TEST(ByProducts, FollowTheWorthOfTheirBasketSlowly)
{
    ScenarioBuilder builder({"x"}, {"mine"});
    builder.commodity("main", 30);
    builder.commodity("side", 10);
    FacilityEntry& mine = builder.mine("mine", "x", 1200, {{"main", 0.5}, {"side", 0.5}});
    mine.utilisation = builder.number("utilisation", 0.8);
    mine.by_product =
        ByProductEntry{builder.number("adjustment", 0.1), builder.number("eta", 0.4)};
    builder.demand("main", "x", 480);
    builder.demand("side", "x", 480);
    MarketRun run(builder);
    run.clearing =
        run.market.clear(run.timeline, run.shocks.next(run.state.running), {}, run.state);
    run.clearing.source_price = {std::log(3.0), std::log(1.0)};
    advance(run.model, run.parameters, run.clearing, {}, run.state);
    // Revenue shares 0.75 and 0.25 at reference: the basket is worth 0.75 · 3 + 0.25.
    const double index = 0.1 * std::log(2.5);
    EXPECT_NEAR(run.state.basket_index[0], index, 1e-12);
    run.next();
    EXPECT_NEAR(run.clearing.output[0], 50 * 0.8 * std::exp(0.4 * index), 1e-9);
    run.state.basket_index[0] = 5;
    run.next();
    EXPECT_NEAR(run.clearing.output[0], 50, 1e-9);  // Never more than all of its capacity.
}

/// One market with a reserve of 30 t; it gives 20 t a month and takes back 4.
ScenarioBuilder reserve_keeper()
{
    ScenarioBuilder builder = one_stage({{"x", 100, 100}});
    ReserveEntry& reserve = builder.scenario.reserves.emplace_back();
    reserve.name = "reserve";
    reserve.region = "x";
    reserve.commodity = "ore";
    reserve.tonnes = builder.number("tonnes", 30);
    reserve.release_t_per_month = builder.number("release", 20);
    reserve.trigger_price_ratio = builder.number("trigger", 2);
    reserve.stop_price_ratio = builder.number("stop", 1.5);
    reserve.decision_lag_months = builder.number("lag", 3);
    reserve.refill_t_per_month = builder.number("refill", 4);
    return builder;
}

TEST(Reserve, OpensOnceThePriceStoodAboveItsTriggerForTheLag)
{
    ScenarioBuilder builder = reserve_keeper();
    builder.scripted_outage("stop", "mine_x", month(2), month(20), 0.3);
    MarketRun run(builder);
    // Above 2 in months 2, 3 and 4; open from month 5 for one month and a half's worth.
    const LaneArray<double> releases{0, 0, 0, 0, 0, 20, 10, 0};
    for (const double release : releases) {
        run.next();
        EXPECT_NEAR(run.clearing.reserve_release[0], release, 1e-12) << run.state.month;
        EXPECT_NEAR(run.clearing.consumption[0], (run.state.month > 2 ? 70 : 100) + release,
                    1e-9);
    }
    EXPECT_NEAR(run.state.reserve_stock[0], 0, 1e-12);
}

TEST(Reserve, ClosesBelowItsStopAndFillsUpAgain)
{
    ScenarioBuilder builder = reserve_keeper();
    builder.scripted_outage("stop", "mine_x", month(0), month(4), 0.3);
    MarketRun run(builder);
    run.clear_month(3);  // Gave 20 t in month 3, opened by months 0 to 2.
    EXPECT_NEAR(run.state.reserve_stock[0], 10, 1e-12);
    run.next();  // Calm: a last release, which ends it.
    EXPECT_NEAR(run.clearing.reserve_release[0], 10, 1e-12);
    EXPECT_FALSE(run.state.reserve_active[0]);
    double stock = 0;
    for (int count = 0; count < 12; ++count) {
        const double wanted = std::min(4.0, 30 - stock);
        run.next();
        EXPECT_NEAR(run.clearing.reserve_purchase[0], wanted / run.price("x"), 1e-9);
        EXPECT_NEAR(run.clearing.consumption[0] + run.clearing.reserve_purchase[0], 100, 1e-9);
        stock += run.clearing.reserve_purchase[0];
        EXPECT_NEAR(run.state.reserve_stock[0], stock, 1e-9);
    }
    EXPECT_LE(stock, 30);
}

TEST(Reserve, AnswersAShortfallAgainstTheReference)
{
    ScenarioBuilder builder = reserve_keeper();
    ReserveEntry& reserve = builder.scenario.reserves[0];
    reserve.trigger_price_ratio = reserve.stop_price_ratio = std::nullopt;
    reserve.trigger_shortfall_share = builder.number("trigger", 0.1);
    reserve.stop_shortfall_share = builder.number("stop", 0.05);
    reserve.decision_lag_months = builder.number("lag", 1);
    MarketRun run(builder);
    run.clearing =
        run.market.clear(run.timeline, run.shocks.next(run.state.running), {}, run.state);
    const LaneArray<double> reference{100};
    for (const auto& [served, active] :
         {std::pair{92.0, false}, {85.0, true}, {93.0, true}, {96.0, false}}) {
        run.clearing.consumption[0] = served;
        advance(run.model, run.parameters, run.clearing,
                {.served = reference, .substituted = {}}, run.state);
        EXPECT_EQ(run.state.reserve_active[0], active) << served;
    }
}

TEST(Reserve, CountsSubstitutesAsServed)
{
    ScenarioBuilder builder = reserve_keeper();
    builder.scenario.commodities[0].substitution =
        replacing_market().scenario.commodities[0].substitution;
    ReserveEntry& reserve = builder.scenario.reserves[0];
    reserve.trigger_price_ratio = reserve.stop_price_ratio = std::nullopt;
    reserve.trigger_shortfall_share = builder.number("trigger", 0.1);
    reserve.stop_shortfall_share = builder.number("stop", 0.05);
    reserve.decision_lag_months = builder.number("lag", 1);
    const LaneArray<double> reference{100}, replaced_there{0.2};
    // 100 t are what is left of 125 t: of these, 5 t more are replaced here, or none.
    for (const auto& [replaced, active] : {std::pair{0.24, false}, {0.2, true}}) {
        MarketRun run(builder);
        run.next();
        run.clearing.consumption[0] = 86;
        run.clearing.substituted[0] = replaced;
        advance(run.model, run.parameters, run.clearing,
                {.served = reference, .substituted = replaced_there}, run.state);
        EXPECT_EQ(run.state.reserve_active[0], active) << replaced;
    }
}

/// `one_market` with a second mine for a tenth of what is used, that shuts after three months
/// below 0.6 and, once above 0.9, is back after so many months.
ScenarioBuilder mine_that_may_shut(double restart_months)
{
    ScenarioBuilder builder = one_market();
    builder.scenario.facilities[0].capacity_t_per_year = builder.number("less", 12 * 90);
    builder.mine("second", "x", 12 * 10).closure =
        ClosureEntry{builder.number("close", 0.6), builder.number("after", 3),
                     builder.number("reopen", 0.9), builder.number("restart", restart_months)};
    return builder;
}

/// The second mine's availability in the next month, in which these prices hold.
double availability_at(MarketRun& run, double log_price)
{
    run.shock = run.shocks.next(run.state.running);
    run.clearing = run.market.clear(run.timeline, run.shock, {}, run.state);
    std::ranges::fill(run.clearing.log_price, log_price);
    advance(run.model, run.parameters, run.clearing, {}, run.state);
    return run.shock.availability[1];
}

TEST(Closure, ComesAfterSoManyMonthsOfLowQuotedPricesInSuccession)
{
    ScenarioBuilder builder = mine_that_may_shut(0);
    MarketRun run(builder);
    // q falls by a fifth of the way a month: below 0.6 from the end of month 3 on.
    for (int month = 0; month <= 5; ++month) {
        EXPECT_EQ(availability_at(run, -1), 1) << month;
        EXPECT_EQ(std::exp(run.state.log_quoted[0]) < 0.6, month >= 3) << month;
    }
    EXPECT_EQ(run.state.phase[1], FacilityPhase::shut);
    EXPECT_EQ(availability_at(run, -1), 0);
    EXPECT_EQ(run.shock.availability[0], 1);
    EXPECT_NEAR(run.clearing.output[0], 90, 1e-9);
}

TEST(Closure, ForgetsBadMonthsAfterAGoodOne)
{
    MarketRun run(mine_that_may_shut(0));
    for (int month = 0; month < 30; ++month) {
        run.state.log_quoted[0] = 0;
        // q at the end of the month: a fifth of the price.
        EXPECT_EQ(availability_at(run, month % 3 == 2 ? 0 : 5 * std::log(0.5)), 1) << month;
    }
}

TEST(Closure, EndsAboveItsOtherLimitAfterTheRestart)
{
    for (const double restart_months : {0.0, 2.0, 2.25}) {
        MarketRun run(mine_that_may_shut(restart_months));
        for (int month = 0; month <= 5; ++month) {
            availability_at(run, -1);
        }
        run.state.log_quoted[0] = std::log(0.89);
        EXPECT_EQ(availability_at(run, std::log(0.89)), 0);
        EXPECT_EQ(run.state.phase[1], FacilityPhase::shut);
        run.state.log_quoted[0] = std::log(0.91);
        EXPECT_EQ(availability_at(run, std::log(0.91)), 0);
        int idle = 0;
        while (availability_at(run, 0) == 0 && idle < 10) {
            ++idle;
        }
        EXPECT_EQ(idle, std::floor(restart_months));
        EXPECT_NEAR(run.shock.availability[1], 1 - (restart_months - idle), 1e-12);
        EXPECT_EQ(run.state.phase[1], FacilityPhase::running);
        EXPECT_EQ(availability_at(run, 0), 1);
    }
}

TEST(Closure, WeighsOutputsByRevenueAndFillsPlantsWithTheBasket)
{
    ScenarioBuilder builder({"x"}, {"mine", "refine"});
    builder.commodity("dear", 30);
    builder.commodity("cheap", 10);
    builder.mine("pit", "x", 1200, {{"dear", 0.5}, {"cheap", 0.5}});
    builder.facility("plant", "x", "refine", 1200).closure =
        ClosureEntry{builder.number("close", 0.65), builder.number("after", 1),
                     builder.number("reopen", 0.9), builder.number("restart", 0)};
    builder.demand("dear", "x", 600);
    builder.demand("cheap", "x", 600);
    for (const auto& [dear, shuts] : {std::pair{0.54, false}, {0.53, true}}) {
        MarketRun run(builder);
        run.clearing =
            run.market.clear(run.timeline, run.shocks.next(run.state.running), {}, run.state);
        run.clearing.log_price = {std::log(dear), 0};  // q follows at once: 0.75 dear + 0.25
        advance(run.model, run.parameters, run.clearing, {}, run.state);
        EXPECT_EQ(run.state.phase[1] == FacilityPhase::shut, shuts) << dear;
    }
}

/// `one_market` with a project that is decided on after four months above 2.
ScenarioBuilder project_market(double lead_months, double ramp_months)
{
    ScenarioBuilder builder = one_market();
    FacilityEntry& project = builder.mine("project", "x", 12 * 10);
    project.induced = InducedEntry{builder.number("trigger", 2), builder.number("after", 4),
                                   builder.number("lead", lead_months)};
    project.ramp_months = builder.number("ramp", ramp_months);
    return builder;
}

TEST(InducedProject, OpensAfterItsLeadOnceTheMemoryHasBeenHighForLong)
{
    ScenarioBuilder builder = project_market(5.5, 2);
    builder.scripted_outage("strike", "project", month(14), month(15), 0.5);
    MarketRun run(builder);
    // The memory stands above ln 2 in months 1 to 4: decided at the end of month 4, opens at
    // 10.5, full at 12.5, out by half in month 14.
    const LaneArray<double> shares{0.0625, 0.5, 1 - 0.0625, 1, 0.5, 1};
    for (int month = 0; month < 16; ++month) {
        run.state.memory[0] = month == 0 ? 0 : std::log(2.1);
        EXPECT_NEAR(availability_at(run, month > 4 ? 0 : 1),
                    month < 10 ? 0 : shares[static_cast<std::size_t>(month - 10)], 1e-12)
            << month;
        EXPECT_EQ(run.state.phase[1], month < 4   ? FacilityPhase::awaited
                                      : month < 9 ? FacilityPhase::decided
                                                  : FacilityPhase::running)
            << month;
    }
}

TEST(InducedProject, IsNotInducedByShortPeaks)
{
    MarketRun run(project_market(0, 0));
    for (int month = 0; month < 30; ++month) {
        run.state.memory[0] = month % 4 == 0 ? std::log(1.9) : std::log(4);
        EXPECT_EQ(availability_at(run, 0), 0) << month;
    }
}

TEST(InducedProject, NeverOpensIfItFails)
{
    ScenarioBuilder builder = project_market(0, 0);
    builder.scenario.facilities.back().opening_probability = builder.number("unlikely", 0.4);
    MarketRun run(builder);
    for (int month = 0; month < 30; ++month) {
        run.state.memory[0] = std::log(4);
        EXPECT_EQ(availability_at(run, 0), 0) << month;
    }
    EXPECT_EQ(run.state.phase[1], FacilityPhase::decided);
}

TEST(InducedProject, IsNotThereAtMonth0)
{
    MarketRun run(project_market(0, 0));
    EXPECT_NEAR(run.parameters.baseline.consumption(0, 0), 100, 1e-12);
    EXPECT_EQ(run.parameters.baseline.balance_factor[0], 1);
    run.clear_month(20);
    EXPECT_NEAR(run.clearing.log_price[0], 0, 1e-12);
}

/// Two markets kept apart by a ban, with a reserve in `home` of 60 t that both share.
ScenarioBuilder shared_reserve()
{
    ScenarioBuilder builder = one_stage({{"home", 100, 100}, {"ally", 50, 50}});
    ReserveEntry& reserve = builder.scenario.reserves.emplace_back();
    reserve.name = "reserve";
    reserve.region = "home";
    reserve.commodity = "ore";
    reserve.members.names = {"home", "ally"};
    reserve.tonnes = builder.number("tonnes", 60);
    reserve.release_t_per_month = builder.number("release", 12);
    reserve.trigger_price_ratio = builder.number("trigger", 2);
    reserve.stop_price_ratio = builder.number("stop", 1.5);
    reserve.decision_lag_months = builder.number("lag", 1);
    reserve.refill_t_per_month = builder.number("refill", 4);
    builder.scripted("ban home", builder.terms("home", Instrument::ban), month(0), month(36),
                     1);
    builder.scripted("ban ally", builder.terms("ally", Instrument::ban), month(0), month(36),
                     1);
    return builder;
}

TEST(Reserve, OfAnAllianceOpensForAMemberInNeedAndServesAllByTheirConsumption)
{
    ScenarioBuilder builder = shared_reserve();
    builder.scripted_outage("stop", "mine_ally", month(0), month(2), 0.3);
    MarketRun run(builder);
    run.next();
    EXPECT_NEAR(run.price("ally"), std::pow(0.7, -1 / 0.2), 1e-9);  // 5.9: above its trigger
    EXPECT_NEAR(run.price("home"), 1, 1e-9);
    EXPECT_TRUE(run.state.reserve_active[0]);
    run.next();
    EXPECT_NEAR(run.clearing.release[0], 8, 1e-9);  // 12 t in the proportion 100 : 50
    EXPECT_NEAR(run.clearing.release[1], 4, 1e-9);
    EXPECT_NEAR(run.clearing.reserve_release[0], 12, 1e-9);
    EXPECT_NEAR(run.clearing.consumption[0], 108, 1e-9);
    EXPECT_NEAR(run.clearing.consumption[1], 39, 1e-9);
    EXPECT_NEAR(run.state.reserve_stock[0], 48, 1e-9);
    // Calm everywhere once ally's mine runs again and both have their part.
    run.next();
    EXPECT_FALSE(run.state.reserve_active[0]);
    EXPECT_NEAR(run.state.reserve_stock[0], 36, 1e-9);
    run.next();
    EXPECT_NEAR(run.clearing.reserve_purchase[0], 4 / run.price("home"), 1e-9);
    EXPECT_LT(run.clearing.consumption[0], 100);  // It buys at home alone.
    EXPECT_NEAR(run.clearing.consumption[1], 50, 1e-9);
}

TEST(Reserve, OfOneRegionMayServeAnother)
{
    ScenarioBuilder builder = shared_reserve();
    builder.scenario.reserves[0].members.names = {"ally"};
    builder.scripted_outage("stop", "mine_home", month(0), month(4), 0.3);
    MarketRun run(builder);
    run.clear_month(2);
    EXPECT_EQ(run.clearing.reserve_release[0], 0);  // Home's own need opens nothing.
    run.state.reserve_active[0] = true;
    run.next();
    EXPECT_NEAR(run.clearing.release[1], 12, 1e-9);
    EXPECT_EQ(run.clearing.release[0], 0);
}

TEST(Reserve, KeepsWhatNobodyWants)
{
    ScenarioBuilder builder = reserve_keeper();
    builder.scenario.commodities[0].floor_price_ratio = builder.number("floor", 0.5);
    builder.scenario.reserves[0].tonnes = builder.number("tonnes", 500);
    builder.scenario.reserves[0].release_t_per_month = builder.number("release", 300);
    MarketRun run(builder);
    run.state.reserve_active[0] = true;
    run.next();
    // At the floor no more than 100 · 0.5^-0.2 t are taken; supply is rationed alike.
    EXPECT_NEAR(run.clearing.consumption[0], 100 * std::pow(0.5, -0.2), 1e-9);
    EXPECT_NEAR(run.clearing.output[0] + run.clearing.reserve_release[0],
                run.clearing.consumption[0], 1e-9);
    EXPECT_NEAR(run.state.reserve_stock[0], 500 - run.clearing.reserve_release[0], 1e-9);
    EXPECT_GE(run.clearing.purchase[0], 0);
}

}  // namespace
}  // namespace chokepoint
