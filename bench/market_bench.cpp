#include "chokepoint/market/market.hpp"

#include "chokepoint/market/pooled_market.hpp"
#include "chokepoint/market/zone_solver.hpp"
#include "chokepoint/support/calendar.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lane_array.hpp"
#include "lane_run.hpp"
#include "shipped_models.hpp"
#include "yardstick.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

namespace chokepoint {
namespace {

/// One commodity's network with the numbers of month 0.
LayeredNetwork network_at_start(const Model& model, CommodityId commodity,
                                const Parameters& parameters)
{
    LayeredNetwork layered = build_layered_network(model, commodity);
    Network& network = layered.network;
    const Commodity& entry = model.commodities[commodity.index()];
    network.log_floor = portable_log(parameters[entry.floor]);
    network.log_choke = portable_log(parameters[entry.choke]);
    for (const LayeredNetwork::PowerOf& power : layered.powers) {
        network.exponents.push_back(power.factor * parameters[power.slot]);
    }
    const auto room = [&](std::size_t position, std::size_t output) {
        const Facility& facility = model.facilities[position];
        return facility.opening ? 0
                                : parameters[facility.capacity] / months_per_year
                                      * parameters.baseline.share[position][output];
    };
    for (const LayeredNetwork::Mine& mine : layered.mines) {
        network.supplies[mine.supply].available = room(mine.facility, mine.output);
        network.supplies[mine.supply].utilisation =
            parameters[model.facilities[mine.facility].utilisation];
    }
    for (const LayeredNetwork::Plant& plant : layered.plants) {
        network.arcs[plant.arc].cap = 0;
    }
    for (const LayeredNetwork::Plant& plant : layered.plants) {
        network.arcs[plant.arc].cap += room(plant.facility, plant.output);
    }
    for (std::size_t region = 0; region < model.regions.size(); ++region) {
        const Node& use = network.nodes[layered.use_node[region]];
        network.demands[use.first_demand + consumption_term].coefficient =
            parameters.baseline.consumption(static_cast<Eigen::Index>(commodity.index()),
                                            static_cast<Eigen::Index>(region));
    }
    return layered;
}

/// The price of one pool from last month's price, where supply moves by 2 % a month.
void quiet_root(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    LayeredNetwork layered = network_at_start(model, CommodityId(0), nominal_parameters(model));
    std::vector<SupplyTerm> scarce = layered.network.supplies;
    for (SupplyTerm& supply : scarce) {
        supply.available *= 0.98;
    }
    double x = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        layered.network.supplies.swap(scarce);
        x = ZoneSolver::pooled_price(layered.network, layered.curve_nodes, x);
        benchmark::DoNotOptimize(x);
    }
    stopwatch.report(state);
}
BENCHMARK_CAPTURE(quiet_root, first_steps, "first_steps");
BENCHMARK_CAPTURE(quiet_root, rare_earths, "rare_earths");

/// One commodity's network with its first region's exports halved, one per cent more and less
/// in turn.
class HalvedExports {
public:
    HalvedExports(const std::string& scenario, StageId layer)
    {
        const Model& model = shipped_model(scenario);
        const CommodityId commodity(0);
        const RegionId exporter(0);
        const Parameters parameters = nominal_parameters(model);
        layered_ = network_at_start(model, commodity, parameters);
        arc_ = layered_.export_arc[layer.index() * model.regions.size() + exporter.index()];
        const double exports = parameters.baseline.exports(model, layer, commodity, exporter);
        cap_ = 0.49 * exports;
        next_cap_ = 0.51 * exports;
    }

    const Network& next()
    {
        std::swap(cap_, next_cap_);
        layered_.network.arcs[arc_].cap = cap_;
        return layered_.network;
    }

private:
    LayeredNetwork layered_;
    std::uint32_t arc_;
    double cap_, next_cap_;
};

/// Zones and flows without knowing last month's.
void cold_solve(benchmark::State& state, const std::string& scenario, StageId layer)
{
    HalvedExports halved(scenario, layer);
    ZoneSolver solver;
    ZonePrices prices;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        std::ranges::fill(prices.x, 0);
        prices.single_zone = 0;
        prices.slope.clear();
        solver.solve(halved.next(), prices);
        benchmark::DoNotOptimize(prices.x.data());
    }
    stopwatch.report(state);
}
BENCHMARK_CAPTURE(cold_solve, first_steps, "first_steps", StageId(0));
BENCHMARK_CAPTURE(cold_solve, rare_earths, "rare_earths", StageId(2));

/// Zones and flows where last month's zones still hold.
void warm_solve(benchmark::State& state, const std::string& scenario, StageId layer)
{
    HalvedExports halved(scenario, layer);
    ZoneSolver solver;
    ZonePrices prices;
    solver.solve(halved.next(), prices);
    const Stopwatch stopwatch;
    for (auto _ : state) {
        solver.solve(halved.next(), prices);
        benchmark::DoNotOptimize(prices.x.data());
    }
    stopwatch.report(state);
    if (prices.slope.size() < 2) {
        state.SkipWithError("the cap does not bind");
    }
}
BENCHMARK_CAPTURE(warm_solve, first_steps, "first_steps", StageId(0));
BENCHMARK_CAPTURE(warm_solve, rare_earths, "rare_earths", StageId(2));

constexpr std::size_t side_by_side = 64;

/// What the curves of a month are made of, all commodities of all lanes: capacities, demands,
/// orders, reserves. Counts market-months (one commodity in one month of one trial).
void month_terms(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    LaneRun run(model, side_by_side, Befalls::all_but_restrictions);
    const Market market(model);
    const auto networks = market.last_trial().networks();
    const Clearing cleared = run.clear();
    LaneArray<double> need_factor = cleared.need_factor;
    LaneTerms terms;
    start_terms(model, networks, run.parameters(), terms);
    const Stopwatch stopwatch;
    for (auto _ : state) {
        set_terms(model, networks, run.parameters(), run.shocks(), run.state(), terms,
                  need_factor);
        benchmark::ClobberMemory();
    }
    stopwatch.report(state, side_by_side * model.commodities.size());
}
BENCHMARK_CAPTURE(month_terms, first_steps, "first_steps");
BENCHMARK_CAPTURE(month_terms, rare_earths, "rare_earths");

/// Price, flows and stocks of a commodity that is one pool, in all lanes at once, where supply
/// moves by 2 % a month. Counts market-months.
void pooled_clear(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    LaneRun run(model, side_by_side, Befalls::all_but_restrictions);
    const Market market(model);
    const auto networks = market.last_trial().networks();
    Clearing clearing = run.clear();
    std::array<LaneTerms, 2> terms;
    for (LaneTerms& version : terms) {
        start_terms(model, networks, run.parameters(), version);
        set_terms(model, networks, run.parameters(), run.shocks(), run.state(), version,
                  clearing.need_factor);
    }
    for (double& available : terms[1].of[0].available) {
        available *= 0.98;
    }
    PooledMarket pooled(model, networks);
    pooled.start(run.parameters());
    std::vector<double> holds(side_by_side), worst(side_by_side);
    std::size_t version = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        pooled.clear(0, terms[version], run.state().stock, {}, clearing, holds, worst);
        version = 1 - version;
        benchmark::ClobberMemory();
    }
    stopwatch.report(state, side_by_side);
    if (std::ranges::count(holds, 1) != side_by_side) {
        state.SkipWithError("not all lanes are one pool");
    }
}
BENCHMARK_CAPTURE(pooled_clear, first_steps, "first_steps");
BENCHMARK_CAPTURE(pooled_clear, rare_earths, "rare_earths");

/// Whole months, one after another as in a run: cleared, checked and carried over. Their events
/// and the reference run are known beforehand. Counts market-months.
void whole_months(benchmark::State& state, const Model& model, std::size_t lanes,
                  Befalls befalls, Clearance clearance)
{
    LaneRun run(model, lanes, befalls, clearance);
    Stopwatch stopwatch;
    for (auto _ : state) {
        for (std::size_t month = 0; month < run.months(); ++month) {
            run.clear();
            run.check();
            run.advance();
        }
        stopwatch.pause();
        run.restart();
        stopwatch.resume();
    }
    stopwatch.report(state, run.months() * lanes * model.commodities.size());
}

/// Months without any restriction.
void quiet_month(benchmark::State& state, const std::string& scenario, std::size_t lanes,
                 Clearance clearance)
{
    whole_months(state, shipped_model(scenario), lanes, Befalls::all_but_restrictions,
                 clearance);
}
BENCHMARK_CAPTURE(quiet_month, first_steps, "first_steps", side_by_side,
                  Clearance::pooled_first);
BENCHMARK_CAPTURE(quiet_month, first_steps_alone, "first_steps", 1, Clearance::pooled_first);
BENCHMARK_CAPTURE(quiet_month, first_steps_exact, "first_steps", side_by_side,
                  Clearance::exact);
BENCHMARK_CAPTURE(quiet_month, rare_earths, "rare_earths", side_by_side,
                  Clearance::pooled_first);
BENCHMARK_CAPTURE(quiet_month, rare_earths_alone, "rare_earths", 1, Clearance::pooled_first);
BENCHMARK_CAPTURE(quiet_month, rare_earths_exact, "rare_earths", side_by_side,
                  Clearance::exact);

/// The same where mines answer to prices, as in reference_numpy.py.
void quiet_month_of_elastic_mines(benchmark::State& state)
{
    const Model& model =
        shipped_model("first_steps", {"facilities.congo_mines.supply_elasticity=0.2",
                                      "facilities.other_mines.supply_elasticity=0.2"});
    whole_months(state, model, side_by_side, Befalls::all_but_restrictions,
                 Clearance::pooled_first);
}
BENCHMARK(quiet_month_of_elastic_mines)->Name("quiet_month/first_steps_elastic");

/// Clears a year's months again and again from the states that they had in their run; counts
/// `markets` markets in each.
void clear_months(benchmark::State& state, LaneRun& run, std::size_t first, std::size_t end,
                  std::size_t markets)
{
    std::vector<MarketState> states = run.states(first, end);
    const Stopwatch stopwatch;
    for (auto _ : state) {
        for (MarketState& month : states) {
            run.clear(month);
        }
        benchmark::ClobberMemory();
    }
    stopwatch.report(state, states.size() * run.lanes() * markets);
}

/// Months of the second year under a cap on exports: `Market::clear` alone. Counts the markets
/// that the cap is on; the others, if there are any, are cleared beside them.
void restricted_month(benchmark::State& state, const std::string& scenario, std::size_t lanes,
                      Clearance clearance)
{
    const Model& model = shipped_model(scenario);
    const Measure& measure = model.measures[model.restriction_hazards.front().measure.index()];
    LaneRun run(model, lanes, Befalls::one_restriction, clearance);
    clear_months(state, run, 12, 24, measure.commodities.size());
}
BENCHMARK_CAPTURE(restricted_month, first_steps, "first_steps", side_by_side,
                  Clearance::pooled_first);
BENCHMARK_CAPTURE(restricted_month, first_steps_alone, "first_steps", 1,
                  Clearance::pooled_first);
BENCHMARK_CAPTURE(restricted_month, first_steps_exact, "first_steps", side_by_side,
                  Clearance::exact);
BENCHMARK_CAPTURE(restricted_month, rare_earths, "rare_earths", side_by_side,
                  Clearance::pooled_first);
BENCHMARK_CAPTURE(restricted_month, rare_earths_exact, "rare_earths", side_by_side,
                  Clearance::exact);

/// Months of the 2010 case, [first, end), of one trial: one tonnage for four commodities,
/// beside a duty on one. Counts market-months.
void clear_months_of_2010(benchmark::State& state, std::size_t first, std::size_t end)
{
    const Model& model = shipped_model("rare_earths_2010");
    LaneRun run(model, 1, Befalls::as_sampled);
    clear_months(state, run, first, end, model.commodities.size());
}

/// Before July 2010: the quota of 2009 is in force but leaves room.
void slack_quota_month(benchmark::State& state)
{
    clear_months_of_2010(state, 0, 18);
}
BENCHMARK(slack_quota_month)->Name("slack_quota_month/rare_earths_2010");

/// The year from July 2010: the quota binds, and the stop to Japan falls into it.
void shared_quota_month(benchmark::State& state)
{
    clear_months_of_2010(state, 18, 30);
}
BENCHMARK(shared_quota_month)->Name("shared_quota_month/rare_earths_2010");

/// Carrying the state over to the next month, always from the same one. Counts market-months.
void advance_state(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    LaneRun run(model, side_by_side, Befalls::as_sampled);
    run.clear();
    const Stopwatch stopwatch;
    for (auto _ : state) {
        run.advance();
        run.state().month = 0;
        benchmark::ClobberMemory();
    }
    stopwatch.report(state, side_by_side * model.commodities.size());
}
BENCHMARK_CAPTURE(advance_state, first_steps, "first_steps");
BENCHMARK_CAPTURE(advance_state, rare_earths, "rare_earths");

/// Holding a month that has cleared to the books. Counts market-months.
void check_cleared(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    LaneRun run(model, side_by_side, Befalls::as_sampled);
    run.clear();
    const Stopwatch stopwatch;
    for (auto _ : state) {
        run.check();
        benchmark::ClobberMemory();
    }
    stopwatch.report(state, side_by_side * model.commodities.size());
}
BENCHMARK_CAPTURE(check_cleared, first_steps, "first_steps");
BENCHMARK_CAPTURE(check_cleared, rare_earths, "rare_earths");

}  // namespace
}  // namespace chokepoint
