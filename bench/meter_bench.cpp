#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/metrics/chokepoint_meter.hpp"
#include "chokepoint/metrics/price_meter.hpp"
#include "chokepoint/metrics/shortfall_meter.hpp"
#include "chokepoint/metrics/stage_stock_meter.hpp"
#include "chokepoint/support/lane_array.hpp"
#include "metrics/gathered_trials.hpp"
#include "shipped_models.hpp"
#include "yardstick.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace chokepoint {
namespace {

constexpr std::size_t lanes = 64;
using Meters = std::vector<std::unique_ptr<Meter>>;

/// Trials of a scenario that comes with the program, run when first asked for.
GatheredTrials& gathered_trials(const std::string& scenario)
{
    static std::map<std::string, GatheredTrials> gathered;
    return gathered.try_emplace(scenario, shipped_model(scenario), seed, 0, lanes)
        .first->second;
}

/// A month of trials side by side, always the same one.
void add_month(benchmark::State& state, const std::string& scenario, const Meters& meters)
{
    constexpr std::size_t month = 24;
    const MeterPanel panel(shipped_model(scenario), meters);
    GatheredTrials& trials = gathered_trials(scenario);
    const LaneMonth gathered = trials.month(month);
    LaneArray<double> series(panel.series().size() * lanes);
    const auto gauge = panel.gauge();
    gauge->start(trials.trials());
    const Stopwatch stopwatch;
    for (auto _ : state) {
        gauge->add(gathered, series);
        benchmark::ClobberMemory();
    }
    stopwatch.report(state, lanes);
}

void meters(benchmark::State& state, const std::string& scenario)
{
    add_month(state, scenario, all_meters(shipped_model(scenario)));
}
BENCHMARK_CAPTURE(meters, first_steps, "first_steps");
BENCHMARK_CAPTURE(meters, rare_earths, "rare_earths");

void one_meter(benchmark::State& state, std::unique_ptr<Meter> (*make)(const Model&))
{
    Meters meters;
    meters.push_back(make(shipped_model("rare_earths")));
    add_month(state, "rare_earths", meters);
}
BENCHMARK_CAPTURE(one_meter, shortfall, make_shortfall_meter);
BENCHMARK_CAPTURE(one_meter, price, make_price_meter);
BENCHMARK_CAPTURE(one_meter, chokepoint, make_chokepoint_meter);
BENCHMARK_CAPTURE(one_meter, stage_stock, make_stage_stock_meter);

/// What meters do besides months: once in a trial.
void start_and_finish(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    const Meters meters = all_meters(model);
    const MeterPanel panel(model, meters);
    GatheredTrials& trials = gathered_trials(scenario);
    LaneArray<double> figures(panel.columns().size() * lanes);
    const auto gauge = panel.gauge();
    const Stopwatch stopwatch;
    for (auto _ : state) {
        gauge->start(trials.trials());
        gauge->finish(figures);
        benchmark::ClobberMemory();
    }
    stopwatch.report(state, lanes);
}
BENCHMARK_CAPTURE(start_and_finish, rare_earths, "rare_earths");

}  // namespace
}  // namespace chokepoint
