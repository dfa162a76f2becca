#include "chokepoint/support/elementary.hpp"

#include "yardstick.hpp"

#include <benchmark/benchmark.h>

namespace chokepoint {
namespace {

/// The yardstick once more, among the others: `in_exp` is 1 if the machine kept its speed.
void standard_exp(benchmark::State& state)
{
    const Stopwatch stopwatch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(sum_of_exp(exp_arguments()));
    }
    stopwatch.report(state, exp_arguments().size());
}
BENCHMARK(standard_exp);

void own_exp(benchmark::State& state)
{
    const Stopwatch stopwatch;
    for (auto _ : state) {
        for (const double x : exp_arguments()) {
            benchmark::DoNotOptimize(portable_exp(x));
        }
    }
    stopwatch.report(state, exp_arguments().size());
}
BENCHMARK(own_exp);

void own_log(benchmark::State& state)
{
    const Stopwatch stopwatch;
    for (auto _ : state) {
        for (const double x : exp_arguments()) {
            benchmark::DoNotOptimize(portable_log(3 + x));
        }
    }
    stopwatch.report(state, exp_arguments().size());
}
BENCHMARK(own_log);

}  // namespace
}  // namespace chokepoint
