#include "chokepoint/trial/trial.hpp"

#include "chokepoint/engine/run.hpp"
#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/timeline.hpp"
#include "shipped_models.hpp"
#include "yardstick.hpp"

#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

namespace chokepoint {
namespace {

constexpr std::uint64_t seed = 1;

/// The numbers of one trial; where some are uncertain, month 0 is balanced anew.
void trial_parameters(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    Parameters parameters;
    std::uint64_t trial = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        draw_parameters(model, {seed, trial++}, parameters);
        benchmark::DoNotOptimize(parameters.values.data());
    }
    stopwatch.report(state);
}
BENCHMARK_CAPTURE(trial_parameters, first_steps, "first_steps");
BENCHMARK_CAPTURE(trial_parameters, rare_earths_2010, "rare_earths_2010");

/// The events of one trial.
void trial_timeline(benchmark::State& state, const std::string& scenario)
{
    const Model& model = shipped_model(scenario);
    const Parameters parameters = nominal_parameters(model);
    Timeline timeline;
    std::uint64_t trial = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        sample_timeline(model, parameters, {seed, trial++}, timeline);
        benchmark::DoNotOptimize(timeline.restrictions.data());
    }
    stopwatch.report(state);
}
BENCHMARK_CAPTURE(trial_timeline, first_steps, "first_steps");
BENCHMARK_CAPTURE(trial_timeline, rare_earths_2010, "rare_earths_2010");

/// Whole trials, always the same ones, since trials differ in length.
void whole_trial(benchmark::State& state, const std::string& scenario, std::uint64_t trials)
{
    TrialRunner runner(shipped_model(scenario), seed);
    runner.run(0);
    const Stopwatch stopwatch;
    for (auto _ : state) {
        for (std::uint64_t trial = 0; trial < trials; ++trial) {
            benchmark::DoNotOptimize(runner.run(trial));
        }
    }
    stopwatch.report(state, trials);
}
BENCHMARK_CAPTURE(whole_trial, first_steps, "first_steps", 2048)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(whole_trial, rare_earths_2010, "rare_earths_2010", 64)
    ->Unit(benchmark::kMillisecond);

/// The same trials in one thread of a run, measured by every meter and gathered into monthly
/// bands.
void trial_in_run(benchmark::State& state, const std::string& scenario, std::uint64_t trials)
{
    const Model& model = shipped_model(scenario);
    const auto meters = all_meters(model);
    const RunSettings settings{.seed = seed, .trials = trials, .threads = 1};
    Progress silent;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(run(model, meters, settings, silent));
    }
    stopwatch.report(state, trials);
}
BENCHMARK_CAPTURE(trial_in_run, first_steps, "first_steps", 2048)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();
BENCHMARK_CAPTURE(trial_in_run, rare_earths_2010, "rare_earths_2010", 64)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace chokepoint
