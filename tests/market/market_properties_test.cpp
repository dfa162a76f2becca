#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "chokepoint/market/invariants.hpp"
#include "chokepoint/market/market.hpp"
#include "market/market_run.hpp"
#include "support/sample_scenarios.hpp"

namespace chokepoint {
namespace {

using testing::MarketRun;
using testing::month;
using Kind = CappableArc::Kind;

constexpr int longest = 36;

/// Three regions that mine, refine, make and use two metals, and a fourth that only uses and
/// recycles; recycling at every stage, stocks, a reserve, and a script full of restrictions: on
/// each region's metal all kinds of caps, on its ore a cap.
/// \param plants_keep_stock  So that whole networks have to be solved.
Model busy_model(bool plants_keep_stock = true)
{
    ScenarioBuilder builder({"north", "south", "east", "west"}, {"mine", "refine", "magnet"});
    builder.commodity("iron", 2);
    builder.commodity("nickel", 20);
    const LaneArray<double> mined{100, 60, 30};
    const LaneArray<double> refined{60, 90, 50};
    const LaneArray<double> made{40, 70, 90};
    const LaneArray<double> used{30, 70, 90};
    for (std::size_t region = 0; region < 3; ++region) {
        const std::string& name = builder.scenario.regions[region];
        for (const bool elastic : {false, true}) {
            FacilityEntry& mine =
                builder.mine(elastic ? name + " pit" : name + " mine", name,
                             6 * mined[region] / 0.9, {{"iron", 0.7}, {"nickel", 0.3}});
            mine.utilisation = builder.number("utilisation", 0.9);
            mine.supply_elasticity = builder.number("supply", elastic ? 0.3 : 0);
        }
        builder.facility(name + " refinery", name, "refine", 12 * refined[region] / 0.8)
            .utilisation = builder.number("utilisation", 0.8);
        builder.facility(name + " factory", name, "magnet", 12 * made[region] / 0.8)
            .utilisation = builder.number("utilisation", 0.8);
        builder.demand("iron", name, 12 * 0.7 * used[region]);
        builder.demand("nickel", name, 12 * 0.3 * used[region]);
        for (const char* layer : {"mine", "refine", "magnet"}) {
            RestrictionTerms terms = builder.terms(name, Instrument::quota);
            terms.layer = layer;
            terms.leakage = builder.number("leakage", 0.1);
            builder.scripted("cap", terms, month(0), month(longest));
            terms.targets = {false, {builder.scenario.regions[(region + 1) % 3]}, {}};
            builder.scripted("targeted", terms, month(0), month(longest));
            terms.shared = true;
            builder.scripted("targeted and shared", terms, month(0), month(longest));
            terms.targets = {true, {}, {}};
            builder.scripted("shared", terms, month(0), month(longest));
            RestrictionTerms duty = testing::tax(builder, name, 0.3);
            duty.layer = layer;
            builder.scripted("duty", duty, month(0), month(longest));
            for (const char* metal : {"iron", "nickel"}) {
                RestrictionTerms slack = testing::monthly_quota(builder, name, 1e9);
                slack.layer = layer;
                slack.commodities = {false, {metal}, {}};
                builder.scripted("slack", slack, month(0), month(longest));
            }
        }
    }
    builder.demand("iron", "west", 12 * 10);
    for (const auto& [stage, region, share] : {std::tuple{"mine", "east", 0.05},
                                               {"refine", "south", 0.1},
                                               {"refine", "west", 0.2},
                                               {"magnet", "west", 0.1},
                                               {"magnet", "north", 0.1}}) {
        RecyclingEntry& scrap = builder.recycling("scrap", "iron", region, share);
        scrap.stage = stage;
        scrap.price_elasticity = builder.number("recycling elasticity", 0.5);
    }
    StockEntry& stocks = builder.stocks("users", 2, 4);
    stocks.regions = {false, {"south", "east"}, {}};
    for (const auto& [stage, sensitivity] : {std::pair{"refine", 0.5}, {"magnet", 0.0}}) {
        if (!plants_keep_stock) {
            continue;
        }
        StockEntry& stage_stocks = builder.stocks(std::string(stage) + " stocks", 1.5, 2);
        stage_stocks.at = stage;
        stage_stocks.price_sensitivity = builder.number("sensitivity", sensitivity);
    }
    ReserveEntry& reserve = builder.scenario.reserves.emplace_back();
    reserve.name = "east reserve";
    reserve.region = "east";
    reserve.commodity = "nickel";
    reserve.tonnes = builder.number("tonnes", 50);
    reserve.release_t_per_month = builder.number("release", 10);
    reserve.trigger_price_ratio = builder.number("trigger", 2);
    reserve.stop_price_ratio = builder.number("stop", 1.5);
    reserve.decision_lag_months = builder.number("lag", 1);
    reserve.refill_t_per_month = builder.number("refill", 5);
    return builder.model();
}

double random_share()
{
    return *rc::gen::inRange(0, 4) == 0 ? *rc::gen::inRange(0, 2)
                                        : 0.01 * *rc::gen::inRange(0, 101);
}

/// Outages anywhere, and a state as after months of turmoil.
void shake(MarketRun& run)
{
    run.shock = run.shocks.next(run.state.running);
    run.shock.restrictions.clear();
    const int rarity = *rc::gen::element(2, 8, 30);
    for (double& availability : run.shock.availability) {
        availability = *rc::gen::inRange(0, rarity) > 0 ? 1.0 : random_share();
    }
    for (double& memory : run.state.memory) {
        memory = 0.01 * *rc::gen::inRange(-200, 200);
    }
    for (std::size_t holder = 0; holder < run.model.stock_holders(); ++holder) {
        run.state.stock[holder] *= 2 * random_share();
        run.state.panic[holder] = random_share();
    }
    run.state.reserve_active[0] = *rc::gen::inRange(0, 2) == 0;
    run.state.reserve_stock[0] *= random_share();
}

/// Puts some of the script's caps in force, each as severe as it happens, and at times one tax
/// or shared quota. (Several of these at once are sought in turn, which need not settle.)
void restrict(MarketRun& run)
{
    std::vector<std::size_t> priced;
    for (std::size_t event = 0; event < run.timeline.restrictions.size(); ++event) {
        const MeasureId measure = run.timeline.restrictions[event].measure;
        const std::string& name = run.model.measures[measure.index()].name;
        run.timeline.restrictions[event].severity = random_share();
        if (name == "duty" || name == "shared") {
            priced.push_back(event);
        }
        if ((name == "cap" || name == "targeted") && *rc::gen::inRange(0, 6) == 0) {
            const double share = std::max(0.05, random_share());
            run.shock.restrictions.push_back(
                {event, share, share * run.timeline.restrictions[event].severity});
        }
    }
    const auto chosen = *rc::gen::inRange<std::size_t>(0, 2 * priced.size());
    if (chosen < priced.size()) {
        const std::size_t event = priced[chosen];
        run.shock.restrictions.push_back({event, 1, run.timeline.restrictions[event].severity});
    }
}

/// Puts caps on all exports of some regions' ore in force.
void cap_ore(MarketRun& run)
{
    for (std::size_t event = 0; event < run.timeline.restrictions.size(); ++event) {
        const Measure& measure =
            run.model.measures[run.timeline.restrictions[event].measure.index()];
        if (measure.name == "cap" && measure.layer == StageId(0)
            && *rc::gen::inRange(0, 3) == 0) {
            run.timeline.restrictions[event].severity = 0.01 * *rc::gen::inRange(0, 101);
            run.shock.restrictions.push_back(
                {event, 1, run.timeline.restrictions[event].severity});
        }
    }
}

TEST(MarketProperties, TheQuickTestForOneZoneEqualsTheSolver)
{
    const Model model = busy_model();
    const bool held = rc::check("quick path and decomposition agree", [&] {
        MarketRun quick(model);
        shake(quick);
        if (*rc::gen::inRange(0, 2) == 0) {
            cap_ore(quick);
        }
        MarketRun general(model);
        general.shock = quick.shock;
        general.state = quick.state;
        general.timeline = quick.timeline;
        // Quotas that never bind: the quick test no longer applies.
        for (std::size_t event = 0; event < general.timeline.restrictions.size(); ++event) {
            const MeasureId measure = general.timeline.restrictions[event].measure;
            if (model.measures[measure.index()].name == "slack"
                && model.measures[measure.index()].layer != StageId(0)) {
                general.shock.restrictions.push_back({event, 1});
            }
        }
        const Clearing& one = quick.market.clear(quick.timeline, quick.shock, {}, quick.state);
        const Clearing& other =
            general.market.clear(general.timeline, general.shock, {}, general.state);
        RC_CLASSIFY(
            std::ranges::all_of(one.log_price, [&](double x) { return x == one.log_price[0]; }),
            "one zone");
        RC_CLASSIFY(!quick.shock.restrictions.empty(), "ore capped");
        const auto same = [](const LaneArray<double>& left, const LaneArray<double>& right) {
            for (std::size_t at = 0; at < left.size(); ++at) {
                RC_ASSERT(std::abs(left[at] - right[at]) <= 1e-9);
            }
        };
        same(one.log_price, other.log_price);
        same(one.consumption, other.consumption);
        same(one.purchase, other.purchase);
        same(one.stock_after, other.stock_after);
        same(one.recycled, other.recycled);
        same(one.stage_order, other.stage_order);
        same(one.stage_draw, other.stage_draw);
        for (std::size_t cell = 0; cell < model.cells(); ++cell) {
            RC_ASSERT(std::abs(one.output[cell] - other.output[cell]) <= 1e-9);
        }
    });
    EXPECT_TRUE(held);
}

/// Holds the quick ways of clearing two months against the whole networks.
bool quick_equals_whole(const Model& model)
{
    return rc::check("the quick ways and the whole networks agree", [&] {
        MarketRun quick(model);
        shake(quick);
        // A second month starts from the zones of the first.
        MarketRun exact(model, Clearance::exact);
        for (int count = 0; count < 2; ++count) {
            if (*rc::gen::inRange(0, 4) > 0) {
                restrict(quick);
            }
            exact.shock = quick.shock;
            exact.state = quick.state;
            exact.timeline = quick.timeline;
            const Clearing& one =
                quick.market.clear(quick.timeline, quick.shock, {}, quick.state);
            const Clearing& other =
                exact.market.clear(exact.timeline, exact.shock, {}, exact.state);
            const auto same = [&](LaneArray<double> Clearing::*table) {
                for (std::size_t at = 0; at < (one.*table).size(); ++at) {
                    RC_ASSERT(std::abs((one.*table)[at] - (other.*table)[at]) <= 1e-8);
                }
            };
            for (const auto table :
                 {&Clearing::log_price, &Clearing::source_price, &Clearing::consumption,
                  &Clearing::purchase, &Clearing::rationed, &Clearing::stock_after,
                  &Clearing::release, &Clearing::reserve_release, &Clearing::reserve_purchase,
                  &Clearing::recycled}) {
                same(table);
            }
            // Where taxes and quotas tie plants together flows follow from where one began.
            const bool is_priced = std::ranges::any_of(
                quick.shock.restrictions, [&](const ActiveRestriction& active) {
                    const MeasureId measure = quick.timeline.restrictions[active.event].measure;
                    const std::string& name = model.measures[measure.index()].name;
                    return name != "cap" && name != "targeted";
                });
            if (!is_priced) {
                for (const auto table :
                     {&Clearing::throughput, &Clearing::output, &Clearing::exports,
                      &Clearing::arc_gap, &Clearing::arc_flow, &Clearing::arc_tax}) {
                    same(table);
                }
            }
            RC_CLASSIFY(std::ranges::any_of(one.arc_gap, [](double gap) { return gap > 0; }),
                        "several zones");
            advance(model, quick.parameters, one, {}, quick.state);
            quick.shock.restrictions.clear();
        }
    });
}

TEST(MarketProperties, PoolsAndContractedNetworksEqualTheWholeOnes)
{
    EXPECT_TRUE(quick_equals_whole(busy_model(false)));
}

TEST(MarketProperties, PoolsEqualWholeNetworksWherePlantsKeepStocks)
{
    EXPECT_TRUE(quick_equals_whole(busy_model()));
}

/// Lays the states of single trials side by side.
MarketState side_by_side(const std::vector<std::unique_ptr<MarketRun>>& runs)
{
    MarketState all;
    const std::size_t lanes = all.lanes = runs.size();
    for (const auto table :
         {&MarketState::demand_growth, &MarketState::capacity_growth, &MarketState::memory,
          &MarketState::stock, &MarketState::substituted, &MarketState::panic,
          &MarketState::log_quoted, &MarketState::price_before, &MarketState::price_history,
          &MarketState::basket_index, &MarketState::reserve_stock,
          &MarketState::reserve_months_above, &MarketState::reserve_active}) {
        const std::size_t entities = (runs[0]->state.*table).size();
        (all.*table).resize(entities * lanes);
        for (std::size_t at = 0; at < entities * lanes; ++at) {
            (all.*table)[at] = (runs[at % lanes]->state.*table)[at / lanes];
        }
    }
    for (const auto& run : runs) {
        const MarketState& own = run->state;
        all.running.insert(all.running.end(), own.running.begin(), own.running.end());
        all.phase.insert(all.phase.end(), own.phase.begin(), own.phase.end());
        all.phase_months.insert(all.phase_months.end(), own.phase_months.begin(),
                                own.phase_months.end());
        all.quota_left.push_back(own.quota_left.front());
    }
    return all;
}

/// What a trial's market comes to does not depend on which others lie beside it, whatever caps
/// and outages these have.
void trials_are_their_own(const Model& model)
{
    constexpr std::size_t lanes = 3;
    std::vector<std::unique_ptr<MarketRun>> alone;
    std::vector<const Parameters*> parameters;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        alone.push_back(std::make_unique<MarketRun>(model));
        shake(*alone.back());
        parameters.push_back(&alone.back()->parameters);
    }
    LaneParameters lane_parameters;
    lane_parameters.set(model, parameters);
    Market market(model);
    market.start(lane_parameters);
    MarketState state = side_by_side(alone);
    for (int count = 0; count < 2; ++count) {
        std::vector<MonthEvents> events;
        for (const auto& run : alone) {
            if (*rc::gen::inRange(0, 4) > 0) {
                restrict(*run);
            }
            events.push_back({&run->timeline, &run->shock});
        }
        const Clearing& together = market.clear(events, {}, state);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            MarketRun& run = *alone[lane];
            const Clearing& own = run.market.clear(run.timeline, run.shock, {}, run.state);
            for (const auto table : {&Clearing::log_price,        &Clearing::source_price,
                                     &Clearing::consumption,      &Clearing::purchase,
                                     &Clearing::rationed,         &Clearing::stock_after,
                                     &Clearing::release,          &Clearing::reserve_release,
                                     &Clearing::reserve_purchase, &Clearing::recycled,
                                     &Clearing::stage_price,      &Clearing::stage_order,
                                     &Clearing::stage_draw,       &Clearing::throughput,
                                     &Clearing::output,           &Clearing::exports,
                                     &Clearing::arc_gap,          &Clearing::arc_flow,
                                     &Clearing::arc_tax,          &Clearing::threat,
                                     &Clearing::threat_in_force}) {
                for (std::size_t at = 0; at < (own.*table).size(); ++at) {
                    RC_ASSERT((together.*table)[at * lanes + lane] == (own.*table)[at]);
                }
            }
            advance(model, run.parameters, own, {}, run.state);
            run.shock.restrictions.clear();
        }
        advance(model, lane_parameters, together, {}, state);
    }
}

TEST(MarketProperties, TrialsSideBySideHaveTheBitsThatTheyHaveAlone)
{
    const Model open = busy_model(false);
    const Model stocked = busy_model();
    EXPECT_TRUE(rc::check("without stocks of plants", [&] { trials_are_their_own(open); }));
    EXPECT_TRUE(rc::check("with stocks of plants", [&] { trials_are_their_own(stocked); }));
}

/// What is wrong with a month's mass balance, or nothing. What a stage makes the next takes in:
/// in all and, trade considered, in every region; users account for every tonne. \param before
/// Users' stocks at the start of the month.
std::string imbalance(const Model& model, const Clearing& clearing,
                      const LaneArray<double>& before)
{
    const std::size_t regions = model.regions.size();
    const std::size_t stages = model.stages.size();
    std::string wrong;
    const auto demand = [&wrong](bool holds, const std::string& what) {
        wrong = holds || !wrong.empty() ? wrong : what;
    };
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        double scale = 1e-6;
        for (std::size_t region = 0; region < regions; ++region) {
            scale += clearing.output[commodity * regions + region]
                     + clearing.purchase[commodity * regions + region]
                     + clearing.consumption[commodity * regions + region];
        }
        // What plants draw and order cancels to rounding, also where nothing is made.
        for (std::size_t stock = 0; stock < model.stage_stocks.size(); ++stock) {
            scale += clearing.stage_draw[stock] + clearing.stage_order[stock];
        }
        const double tolerance = 1e-9 * scale;
        for (std::size_t stage = 0; stage < stages; ++stage) {
            double made = 0;
            double taken = 0;
            double recycled = 0;
            double exported = 0;
            double imported = 0;
            for (std::size_t region = 0; region < regions; ++region) {
                const std::size_t cell = commodity * regions + region;
                const double output = clearing.output[stage * model.cells() + cell];
                const double exports = clearing.exports[stage * model.cells() + cell];
                double intake = stage + 1 < stages
                                    ? clearing.throughput[(stage + 1) * model.cells() + cell]
                                    : clearing.purchase[cell];
                for (std::size_t stock = 0; stock < model.stage_stocks.size(); ++stock) {
                    const StageStock& entry = model.stage_stocks[stock];
                    if (entry.stage == StageId(stage + 1)
                        && model.cell(entry.commodity, entry.region) == cell) {
                        intake += clearing.stage_order[stock] - clearing.stage_draw[stock];
                    }
                }
                const double imports = intake - (output - exports);
                demand(output >= 0, "output below 0");
                demand(intake >= -tolerance, "intake below 0");
                demand(exports >= 0, "exports below 0");
                demand(exports <= output + tolerance, "more exports than output");
                demand(imports >= -tolerance, "imports below 0");
                made += output;
                recycled +=
                    stage > 0 ? output - clearing.throughput[stage * model.cells() + cell] : 0;
                taken += intake;
                exported += exports;
                imported += imports;
            }
            for (std::size_t entry = 0; entry < model.recycling.size(); ++entry) {
                if (model.recycling[entry].commodity == CommodityId(commodity)
                    && model.recycling[entry].stage == StageId(stage) && stage > 0) {
                    recycled -= clearing.recycled[entry];
                }
            }
            demand(std::abs(recycled) <= tolerance, "output is neither treated nor recycled");
            demand(std::abs(made - taken) <= tolerance, "a stage takes in what was not made");
            demand(std::abs(exported - imported) <= tolerance, "imports are not exports");
        }
    }
    for (std::size_t cell = 0; cell < model.cells(); ++cell) {
        double used = clearing.consumption[cell] + clearing.stock_after[cell] - before[cell];
        for (std::size_t reserve = 0; reserve < model.reserves.size(); ++reserve) {
            if (model.cell(model.reserves[reserve].commodity, model.reserves[reserve].region)
                == cell) {
                used += clearing.reserve_purchase[reserve] - clearing.reserve_release[reserve];
            }
        }
        demand(clearing.stock_after[cell] >= 0, "stock below 0");
        demand(clearing.consumption[cell] >= 0, "consumption below 0");
        demand(clearing.rationed[cell] >= 0, "rationed below 0");
        demand(std::abs(clearing.purchase[cell] - used)
                   <= 1e-9
                          * (1e-6 + before[cell] + clearing.consumption[cell]
                             + clearing.stock_after[cell]),
               "users' tonnes do not add up");
    }
    return wrong;
}

TEST(MarketProperties, MassBalancesInEveryRandomMonth)
{
    const Model model = busy_model();
    const bool held = rc::check("what is made is used", [&] {
        MarketRun run(model);
        shake(run);
        const LaneArray<double> before = run.state.stock;
        const bool restricted = *rc::gen::inRange(0, 4) > 0;
        if (restricted) {
            restrict(run);
        }
        const Clearing& clearing = run.market.clear(run.timeline, run.shock, {}, run.state);
        RC_ASSERT(imbalance(model, clearing, before) == "");
        check_month(model, run.shock, run.state, clearing);
    });
    EXPECT_TRUE(held);
}

TEST(MarketProperties, MassBalancesInTheSampleScenarios)
{
    std::vector<Model> models;
    models.push_back(testing::model_of_file("scenarios/rare_earths_2010.yaml"));
    models.push_back(testing::model_of_file("scenarios/first_steps.yaml"));
    models.push_back(testing::model_of_text(compact_scenario()));
    for (const Model& model : models) {
        for (std::uint64_t trial = 0; trial < 5; ++trial) {
            MarketRun run(model);
            draw_parameters(model, {1, trial}, run.parameters);
            sample_timeline(model, run.parameters, {1, trial}, run.timeline);
            run.start();
            for (int count = 0; count < model.months; ++count) {
                const LaneArray<double> before = run.state.stock;
                ASSERT_EQ(imbalance(model, run.next(), before), "")
                    << model.name << ", trial " << trial << ", month " << count;
            }
        }
    }
}

constexpr double elasticity = 0.25;
constexpr double supply_elasticity = 0.4;

/// Two metals, four regions, mines (elastic) and plants; no memory, stocks or panic.
/// \param quota   Tonnes a month that a may export of tin.
/// \param shared  Quota tonnes a month of b's tin and twice its lead.
/// \param plant   Share of c's plants that runs.
Model priced_chokepoints(double quota, double shared, double plant)
{
    ScenarioBuilder builder({"a", "b", "c", "i"}, {"mine", "refine"});
    for (const auto& [metal, price] : {std::pair{"tin", 20.0}, {"lead", 2.0}}) {
        CommodityEntry& entry = builder.commodity(metal, price);
        entry.demand_elasticity_short_run = builder.number("short", elasticity);
        entry.demand_elasticity_long_run = builder.number("long", elasticity);
        entry.choke_price_ratio = builder.number("choke", 1e9);
        entry.floor_price_ratio = builder.number("floor", 1e-9);
        for (const auto& [region, mined, used] : {std::tuple{"a", 70.0, 30.0},
                                                  {"b", 60.0, 20.0},
                                                  {"c", 50.0, 40.0},
                                                  {"i", 0.0, 90.0}}) {
            builder.demand(metal, region, 12 * used);
            if (mined > 0) {
                FacilityEntry& mine = builder.mine(std::string(metal) + " of " + region, region,
                                                   12 * 4 * mined, {{metal, 1}});
                mine.utilisation = builder.number("utilisation", 0.25);
                mine.supply_elasticity = builder.number("supply", supply_elasticity);
                builder.facility(std::string(metal) + " plant of " + region, region, "refine",
                                 12 * mined, {{metal, 1}});
            }
        }
        builder.scripted_outage("stop", std::string(metal) + " plant of c", month(0), month(1),
                                1 - plant);
    }
    RestrictionTerms ore = builder.terms("c", Instrument::ban);
    ore.layer = "mine";
    builder.scripted("ore stays", ore, month(0), month(1));
    RestrictionTerms tin = testing::monthly_quota(builder, "a", quota);
    tin.commodities = {false, {"tin"}, builder.next_place()};
    builder.scripted("tin", tin, month(0), month(1));
    RestrictionTerms both = testing::monthly_quota(builder, "b", shared);
    both.shared = true;
    both.weights.emplace_back("lead", builder.number("weight", 2));
    builder.scripted("both", both, month(0), month(1));
    return builder.model();
}

/// Users' and miners' surplus of a month in USD, less that of month 0: what consumption is
/// worth to users less what mining costs, each the integral of its curve from month 0.
double total_surplus(const MarketRun& run)
{
    const auto integral = [](double quantity, double at_start, double exponent) {
        return at_start * (std::pow(quantity / at_start, exponent + 1) - 1) / (exponent + 1);
    };
    double surplus = 0;
    for (std::size_t cell = 0; cell < run.model.cells(); ++cell) {
        const std::size_t commodity = cell / run.model.regions.size();
        const double price = 1000 * run.parameters[run.model.commodities[commodity].price];
        const auto row = static_cast<Eigen::Index>(commodity);
        const auto column = static_cast<Eigen::Index>(cell % run.model.regions.size());
        surplus +=
            price
            * integral(run.clearing.consumption[cell],
                       run.parameters.baseline.consumption(row, column), -1 / elasticity);
        const double mined = run.parameters.baseline.output[0](row, column);
        if (mined > 0) {
            surplus -=
                price * integral(run.clearing.output[cell], mined, 1 / supply_elasticity);
        }
    }
    return surplus;
}

TEST(MarginalValue, OfEveryCapIsTheChangeOfTotalSurplus)
{
    constexpr double quota = 30;
    constexpr double shared = 100;
    constexpr double plant = 0.8;
    MarketRun run(priced_chokepoints(quota, shared, plant));
    run.next();
    const auto slope = [](double step, auto model_with) {
        MarketRun more(model_with(step));
        MarketRun less(model_with(-step));
        more.next();
        less.next();
        return (total_surplus(more) - total_surplus(less)) / (2 * step);
    };
    const double of_quota = 20000 * run.gap(Kind::exports, "tin", "a", "a");
    EXPECT_GT(of_quota, 1000);
    EXPECT_NEAR(
        slope(1e-3,
              [&](double step) { return priced_chokepoints(quota + step, shared, plant); }),
        of_quota, 1e-6 * of_quota);
    const double of_shared = run.market.quota_rents()[0];
    EXPECT_GT(of_shared, 100);
    EXPECT_NEAR(
        slope(1e-3,
              [&](double step) { return priced_chokepoints(quota, shared + step, plant); }),
        of_shared, 1e-6 * of_shared);
    // A step of the share is 50 times as many tonnes of room, of tin and of lead.
    const double of_plants = 50
                             * (20000 * run.gap(Kind::plant, "tin", "c", "c")
                                + 2000 * run.gap(Kind::plant, "lead", "c", "c"));
    EXPECT_GT(of_plants, 1000);
    EXPECT_NEAR(
        slope(1e-5,
              [&](double step) { return priced_chokepoints(quota, shared, plant + step); }),
        of_plants, 1e-6 * of_plants);
}

/// Events of every kind that a user may think of, at once: total bans, all mines out, taxes,
/// quotas.
Model turmoil()
{
    ScenarioBuilder builder({"north", "south", "idle"}, {"mine", "refine"});
    builder.scenario.months = 72;
    for (const char* metal : {"tin", "lead"}) {
        builder.commodity(metal);
        builder.demand(metal, "north", 12 * 40);
        builder.demand(metal, "south", 12 * 60);
    }
    for (const auto& [region, mined, refined] :
         {std::tuple{"north", 140.0, 130.0}, {"south", 60.0, 70.0}}) {
        builder.mine(std::string(region) + " mine", region, 12 * mined,
                     {{"tin", 0.5}, {"lead", 0.5}});
        builder.facility(std::string(region) + " plant", region, "refine", 15 * refined)
            .utilisation = builder.number("utilisation", 0.8);
        builder.scripted_outage("all out", std::string(region) + " mine", month(0), month(72));
        builder.scripted_outage("plant out", std::string(region) + " plant", month(0),
                                month(72));
        for (const char* layer : {"mine", "refine"}) {
            RestrictionTerms ban = builder.terms(region, Instrument::ban);
            ban.layer = layer;
            builder.scripted("ban", ban, month(0), month(72));
            ban.shared = true;
            builder.scripted("shared ban", ban, month(0), month(72));
        }
        RestrictionTerms quota = builder.terms(region, Instrument::quota);
        quota.quota_t = builder.number("quota", 120);
        quota.period_months = 6;
        quota.shared = true;
        quota.leakage = builder.number("leakage", 0.1);
        builder.scripted("quota", quota, month(0), month(72));
        builder.scripted("duty", testing::tax(builder, region, 0.25), month(0), month(72));
    }
    builder.stocks("users", 2, 3).panic = PanicEntry{
        builder.number("extra", 1), builder.number("build", 3), builder.number("half", 6), {}};
    return builder.model();
}

TEST(MarketProperties, StandsWhateverHappens)
{
    const Model model = turmoil();
    const bool held =
        rc::check("no exception, finite numbers, prices between floor and choke", [&] {
            MarketRun run(model);
            // Each event comes at some time for some time, or never.
            const auto time = [&](double& from, double& until) {
                from = 0.25 * *rc::gen::inRange(0, 4 * model.months);
                until = from + 0.25 * *rc::gen::inRange(1, 80);
            };
            for (RestrictionEvent& event : run.timeline.restrictions) {
                time(event.from, event.until);
                event.announced = event.from;
            }
            for (OutageEvent& event : run.timeline.outages) {
                time(event.from, event.until);
            }
            const auto by_start = [](const auto& left, const auto& right) {
                return left.from < right.from;
            };
            std::ranges::sort(run.timeline.restrictions, by_start);
            std::ranges::sort(run.timeline.outages, by_start);
            run.start();
            for (int count = 0; count < model.months; ++count) {
                const LaneArray<double> before = run.state.stock;
                const Clearing& clearing = run.next();
                RC_ASSERT(imbalance(model, clearing, before) == "");
                const MarketState& state = run.state;
                for (const auto* numbers :
                     {&clearing.log_price, &clearing.consumption, &clearing.stock_after,
                      &clearing.arc_gap, &clearing.arc_flow, &clearing.threat, &state.memory,
                      &state.panic, &state.log_quoted}) {
                    RC_ASSERT(std::ranges::all_of(
                        *numbers, [](double number) { return std::isfinite(number); }));
                }
                for (const double x : clearing.log_price) {
                    RC_ASSERT(std::abs(x) <= std::log(50) * (1 + 1e-12));
                }
                for (const double gap : clearing.arc_gap) {
                    RC_ASSERT(gap >= 0);
                }
            }
        });
    EXPECT_TRUE(held);
}

}  // namespace
}  // namespace chokepoint
