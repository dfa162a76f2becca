#include "chokepoint/market/market.hpp"

#include "chokepoint/market/zone_solver.hpp"
#include "chokepoint/support/calendar.hpp"
#include "recorded_trial.hpp"
#include "shipped_models.hpp"
#include "yardstick.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <stdexcept>
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
    set_elasticities(model, commodity, parameters, layered);
    Network& network = layered.network;
    const auto room = [&](std::size_t facility, std::size_t output) {
        const Facility& entry = model.facilities[facility];
        return entry.opening ? 0
                             : parameters[entry.capacity] / months_per_year
                                   * parameters.baseline.share[facility][output];
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
BENCHMARK_CAPTURE(quiet_root, rare_earths_2010, "rare_earths_2010");

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
BENCHMARK_CAPTURE(cold_solve, rare_earths_2010, "rare_earths_2010", StageId(1));

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
BENCHMARK_CAPTURE(warm_solve, rare_earths_2010, "rare_earths_2010", StageId(1));

/// Clears the months one after another, from the last to the first again; counts market-months
/// (one commodity in one month).
void clear_months(benchmark::State& state, const Model& model, const RecordedTrial& trial,
                  std::vector<RecordedMonth> months)
{
    Market market(model);
    market.start(trial.parameters());
    const auto clear_all = [&] {
        for (RecordedMonth& month : months) {
            benchmark::DoNotOptimize(
                &market.clear(trial.timeline(), month.shock, month.exports, month.state));
        }
    };
    clear_all();  // From the second time on every month has a month before it.
    const Stopwatch stopwatch;
    for (auto _ : state) {
        clear_all();
    }
    stopwatch.report(state, months.size() * model.commodities.size());
}

/// A trial of the scenario with at least a year of restrictions in force.
RecordedTrial restricted_trial(const Model& model, std::vector<RecordedMonth>& restricted)
{
    constexpr std::size_t wanted_months = 12;
    constexpr std::uint64_t trials = 1000;
    for (std::uint64_t number = 0; number < trials; ++number) {
        RecordedTrial trial(model, number);
        restricted.clear();
        std::ranges::copy_if(
            trial.months(), std::back_inserter(restricted),
            [](const RecordedMonth& month) { return !month.shock.restrictions.empty(); });
        if (restricted.size() >= wanted_months) {
            return trial;
        }
    }
    throw std::logic_error("restricted_trial: no trial has a year of restrictions");
}

/// The months of a restricted trial as if all restrictions, standing ones too, were lifted that
/// month.
void quiet_month(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    std::vector<RecordedMonth> restricted;
    const RecordedTrial trial = restricted_trial(model, restricted);
    std::vector<RecordedMonth> months = trial.months();
    for (RecordedMonth& month : months) {
        month.shock.restrictions.clear();
        month.shock.threats.clear();
    }
    clear_months(state, model, trial, std::move(months));
}
BENCHMARK_CAPTURE(quiet_month, first_steps, "first_steps");
BENCHMARK_CAPTURE(quiet_month, rare_earths_2010, "rare_earths_2010");

/// The months of a trial in which a cap on exports is in force.
void restricted_month(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    std::vector<RecordedMonth> restricted;
    const RecordedTrial trial = restricted_trial(model, restricted);
    clear_months(state, model, trial, std::move(restricted));
}
BENCHMARK_CAPTURE(restricted_month, first_steps, "first_steps");

/// Months of the 2010 case, [first, end): one tonnage for four commodities, beside a duty on
/// one.
void clear_months_of_2010(benchmark::State& state, std::size_t first, std::size_t end)
{
    const Model& model = shipped_model("rare_earths_2010");
    const RecordedTrial trial(model, 0);
    const auto months = std::span(trial.months()).subspan(first, end - first);
    clear_months(state, model, trial, {months.begin(), months.end()});
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

/// Carrying the state over to the next month; counts market-months.
void advance_state(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    const RecordedTrial trial(model, 0);
    MarketState market_state;
    start_state(model, trial.parameters(), trial.timeline(), market_state);
    const Stopwatch stopwatch;
    for (auto _ : state) {
        for (const RecordedMonth& month : trial.months()) {
            advance(model, trial.parameters(), month.clearing, month.consumption, market_state);
        }
        market_state.month = 0;
        benchmark::DoNotOptimize(market_state.stock.data());
    }
    stopwatch.report(state, trial.months().size() * model.commodities.size());
}
BENCHMARK_CAPTURE(advance_state, first_steps, "first_steps");
BENCHMARK_CAPTURE(advance_state, rare_earths_2010, "rare_earths_2010");

}  // namespace
}  // namespace chokepoint
