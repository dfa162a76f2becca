#include "chokepoint/engine/run.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/portfolio/portfolio_meter.hpp"
#include "chokepoint/scenario/portfolio.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "shipped_models.hpp"
#include "yardstick.hpp"

#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

namespace chokepoint {
namespace {

constexpr std::uint64_t trials = 256;

/// A trial of rare_earths in one thread of `run`, with all meters, and with fifty positions
/// without noise or without them.
void trial_with_portfolio(benchmark::State& state, bool is_held)
{
    std::vector<Diagnostic> warnings;
    const Scenario scenario = read_scenario(scenario_folder() / "rare_earths.yaml");
    const Scenario* const known = &scenario;
    const Model& model = shipped_model("rare_earths");
    const Book book = build_book(
        read_portfolio(CHOKEPOINT_SOURCE_DIR "/bench/data/fifty_positions.yaml", {&known, 1}),
        model);
    std::vector<std::unique_ptr<Meter>> meters = all_meters(model);
    if (is_held) {
        meters.push_back(make_portfolio_meter(model, model, book, 1));
    }
    Progress progress;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(run(model, meters, {.seed = 1, .trials = trials}, progress));
    }
    stopwatch.report(state, trials);
}
BENCHMARK_CAPTURE(trial_with_portfolio, without, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(trial_with_portfolio, fifty_positions, true)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace chokepoint
