#include "chokepoint/trial/trial_lanes.hpp"

#include "chokepoint/engine/run.hpp"
#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/shock.hpp"
#include "chokepoint/events/timeline.hpp"
#include "shipped_models.hpp"
#include "yardstick.hpp"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace chokepoint {
namespace {

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
BENCHMARK_CAPTURE(trial_parameters, rare_earths, "rare_earths");

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
BENCHMARK_CAPTURE(trial_timeline, rare_earths, "rare_earths");

/// What happens in a month, worked out from the events of one trial: trial-months.
void month_events(benchmark::State& state, const std::string& scenario)
{
    constexpr std::uint64_t trials = 64;
    const Model& model = shipped_model(scenario);
    const Parameters parameters = nominal_parameters(model);
    std::vector<Timeline> timelines(trials);
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        sample_timeline(model, parameters, {seed, trial}, timelines[trial]);
    }
    std::vector<RunningSpan> running(model.facilities.size());
    set_running_at_start(model, parameters, running);
    ShockCursor cursor;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        for (const Timeline& timeline : timelines) {
            cursor.start(model, timeline);
            for (int month = 0; month < model.months; ++month) {
                benchmark::DoNotOptimize(&cursor.next(running));
            }
        }
    }
    stopwatch.report(state, trials * static_cast<std::size_t>(model.months));
}
BENCHMARK_CAPTURE(month_events, first_steps, "first_steps");
BENCHMARK_CAPTURE(month_events, rare_earths, "rare_earths");

/// Trials 0 … 63 side by side, both runs, nothing measured of them: one trial.
void whole_trial(benchmark::State& state, const std::string& scenario, Clearance clearance)
{
    constexpr std::size_t trials = 64;
    const Model& model = shipped_model(scenario);
    std::vector<std::uint64_t> numbers(trials);
    std::iota(numbers.begin(), numbers.end(), 0);
    TrialLanes lanes(model, seed, Sampling::plain, clearance);
    const auto run_all = [&] {
        lanes.start(numbers);
        for (int month = 0; month < model.months; ++month) {
            benchmark::DoNotOptimize(&lanes.next_month());
        }
    };
    run_all();
    const Stopwatch stopwatch;
    for (auto _ : state) {
        run_all();
    }
    stopwatch.report(state, trials);
}

/// Trials in one thread of a run, with all meters and monthly bands: one trial (and, where
/// numbers are uncertain, an eighth of a twin).
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

/// Every scenario that is shipped, so that a new one needs no line here.
bool register_trials()
{
    for (const std::string& scenario : shipped_scenarios()) {
        benchmark::RegisterBenchmark(("whole_trial/" + scenario).c_str(), whole_trial, scenario,
                                     Clearance::pooled_first)
            ->Unit(benchmark::kMillisecond);
    }
    for (const std::string scenario : {"first_steps", "rare_earths"}) {
        benchmark::RegisterBenchmark(("whole_trial_exact/" + scenario).c_str(), whole_trial,
                                     scenario, Clearance::exact)
            ->Unit(benchmark::kMillisecond);
    }
    for (const std::string& scenario : shipped_scenarios()) {
        benchmark::RegisterBenchmark(("trial_in_run/" + scenario).c_str(), trial_in_run,
                                     scenario, scenario == "first_steps" ? 2048 : 128)
            ->Unit(benchmark::kMillisecond)
            ->MeasureProcessCPUTime();
    }
    return true;
}

[[maybe_unused]] const bool trials_are_registered = register_trials();

}  // namespace
}  // namespace chokepoint
