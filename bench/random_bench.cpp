#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/elementary.hpp"
#include "shipped_models.hpp"
#include "yardstick.hpp"

#include <cstdint>
#include <limits>

#include <benchmark/benchmark.h>

namespace chokepoint {
namespace {

void philox_block(benchmark::State& state)
{
    std::uint64_t number = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(Philox::block({seed, 0}, {number++, 0, 0, 0}));
    }
    stopwatch.report(state);
}
BENCHMARK(philox_block);

/// What every entity costs in every trial.
void stream_and_uniform(benchmark::State& state)
{
    const std::uint64_t entity = hash_name("congo_quota");
    std::uint64_t trial = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        Philox stream = make_stream(seed, Purpose::restriction, trial++, entity);
        benchmark::DoNotOptimize(uniform01(stream));
    }
    stopwatch.report(state);
}
BENCHMARK(stream_and_uniform);

/// The same up to a first exponential number.
void stream_and_exponential(benchmark::State& state)
{
    const std::uint64_t entity = hash_name("congo_quota");
    std::uint64_t trial = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        Philox stream = make_stream(seed, Purpose::restriction, trial++, entity);
        benchmark::DoNotOptimize(-portable_log(uniform_open(stream)));
    }
    stopwatch.report(state);
}
BENCHMARK(stream_and_exponential);

/// The same by a law of a scenario, which may be any.
void stream_and_first_wait(benchmark::State& state)
{
    const std::uint64_t entity = hash_name("congo_quota");
    const Distribution wait = Exponential{60};
    std::uint64_t trial = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        Philox stream = make_stream(seed, Purpose::restriction, trial++, entity);
        benchmark::DoNotOptimize(wait.draw(stream));
    }
    stopwatch.report(state);
}
BENCHMARK(stream_and_first_wait);

/// One number after another from one stream.
void draw(benchmark::State& state, const Distribution& distribution)
{
    Philox stream = make_stream(seed, Purpose::parameter, 0, hash_name("bench"));
    const Stopwatch stopwatch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(distribution.draw(stream));
    }
    stopwatch.report(state);
}
BENCHMARK_CAPTURE(draw, uniform, Uniform{0.1, 0.5});
BENCHMARK_CAPTURE(draw, triangular, Triangular{0.05, 0.10, 0.20});
BENCHMARK_CAPTURE(draw, normal, Normal{0, 1});
BENCHMARK_CAPTURE(draw, lognormal, Lognormal{85, 1.2});
BENCHMARK_CAPTURE(draw, beta, beta_from_mean_sd(0.7, 0.15));
BENCHMARK_CAPTURE(draw, exponential, Exponential{60});
BENCHMARK_CAPTURE(draw, weibull, Weibull{0.8, 30});
BENCHMARK_CAPTURE(draw, poisson_3, Poisson{3});
BENCHMARK_CAPTURE(draw, poisson_300, Poisson{300});
BENCHMARK_CAPTURE(draw, bernoulli, Bernoulli{0.2});
BENCHMARK_CAPTURE(draw, discrete, Discrete{{1, 2, 5, 10}, {0.4, 0.3, 0.2, 0.1}});
BENCHMARK_CAPTURE(
    draw, truncated_normal,
    Distribution(Normal{0, 1}).truncated(0, std::numeric_limits<double>::infinity()));
BENCHMARK_CAPTURE(draw, truncated_lognormal,
                  Distribution(Lognormal{85, 1.2}).truncated(1, 1500));

}  // namespace
}  // namespace chokepoint
