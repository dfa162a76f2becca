#include "chokepoint/engine/summarise.hpp"
#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/band_table.hpp"
#include "chokepoint/statistics/log_sketch.hpp"
#include "chokepoint/support/memory.hpp"
#include "yardstick.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include <benchmark/benchmark.h>

namespace chokepoint {
namespace {

std::vector<double> lognormal_values(std::size_t count)
{
    const Distribution law = Lognormal{1, 1};
    Philox stream = make_stream(1, Purpose::parameter, 0, hash_name("bench"));
    std::vector<double> values(count);
    std::ranges::generate(values, [&] { return law.draw(stream); });
    return values;
}

/// Every figure of one metric; counts values.
void summary(benchmark::State& state)
{
    keep_freed_memory();  // as the program does
    const auto values = lognormal_values(static_cast<std::size_t>(state.range(0)));
    const Column column{.metric = "price_peak",
                        .commodity = "cobalt",
                        .region = "world",
                        .unit = "ratio",
                        .sentence = "Highest monthly price.",
                        .thresholds = {1.5, 2, 5}};
    const Stopwatch stopwatch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(summarise_column(column, values));
    }
    stopwatch.report(state, values.size());
}
BENCHMARK(summary)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

/// All that is told of one metric of so many trials of five years: its figures, and the curves
/// of the worst month and of the year, pooled and year by year; counts trials.
void whole_metric(benchmark::State& state)
{
    keep_freed_memory();
    constexpr std::size_t years = 5;
    const auto trials = static_cast<std::size_t>(state.range(0));
    const auto values = lognormal_values(trials);
    std::array<std::vector<std::vector<double>>, 2> losses;
    std::array<std::vector<Column>, 2> columns;
    std::array<std::vector<ColumnTrials>, 2> of_years;
    for (std::size_t basis = 0; basis < 2; ++basis) {
        columns[basis].resize(years);
        for (std::size_t year = 0; year < years; ++year) {
            losses[basis].push_back(values);
            // Each year and basis in an order of its own.
            std::rotate(losses[basis][year].begin(),
                        losses[basis][year].begin()
                            + static_cast<std::ptrdiff_t>((7 * year + 3 * basis) * trials / 50),
                        losses[basis][year].end());
            columns[basis][year].year =
                YearOf{.basis = static_cast<Basis>(basis), .year = static_cast<int>(year + 1)};
        }
        for (std::size_t year = 0; year < years; ++year) {
            of_years[basis].push_back({.column = &columns[basis][year],
                                       .values = losses[basis][year],
                                       .weights = {}});
        }
    }
    const Column column{.metric = "shortfall_share",
                        .commodity = "cobalt",
                        .region = "world",
                        .unit = "share",
                        .sentence = "",
                        .thresholds = {0.01, 0.05, 0.1, 0.2}};
    const Stopwatch stopwatch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(summarise_column(column, values));
        RankTable ranks;
        for (const std::vector<ColumnTrials>& basis : of_years) {
            benchmark::DoNotOptimize(exceedance_curves(basis, ranks));
        }
    }
    stopwatch.report(state, trials);
}
BENCHMARK(whole_metric)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

/// What a single quantile would cost: the yardstick for `summary`.
void one_quantile(benchmark::State& state)
{
    const auto values = lognormal_values(static_cast<std::size_t>(state.range(0)));
    std::vector<double> copy;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        copy = values;
        const auto place = copy.begin() + static_cast<std::ptrdiff_t>(copy.size() / 20 * 19);
        std::nth_element(copy.begin(), place, copy.end());
        benchmark::DoNotOptimize(*place);
    }
    stopwatch.report(state, values.size());
}
BENCHMARK(one_quantile)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

/// One value into a monthly band.
void sketch_add(benchmark::State& state)
{
    const auto values = lognormal_values(10'000);
    LogSketch sketch;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        for (const double value : values) {
            sketch.add(value);
        }
        benchmark::DoNotOptimize(sketch);
    }
    stopwatch.report(state, values.size());
}
BENCHMARK(sketch_add);

/// Monthly bands of a large scenario, filled as a run does: blocks of 64 trials at each
/// position.
void band_add(benchmark::State& state)
{
    constexpr std::size_t lanes = 64;
    const auto positions = static_cast<std::size_t>(state.range(0));
    const auto values = lognormal_values(100 * lanes);
    BandTable bands(positions);
    MomentsTable moments(positions);
    const Stopwatch stopwatch;
    for (auto _ : state) {
        for (std::size_t position = 0; position < positions; ++position) {
            const auto row = std::span(values).subspan(position % 100 * lanes, lanes);
            benchmark::DoNotOptimize(bands.add(position, row));
        }
        moments.merge(bands.take_moments());
    }
    benchmark::DoNotOptimize(moments);
    stopwatch.report(state, positions * lanes);
}
BENCHMARK(band_add)->Arg(100)->Arg(20'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace chokepoint
