#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <limits>
#include <span>

#include <benchmark/benchmark.h>

namespace chokepoint {

/// Processor time that this process has used, nanoseconds. Moves in steps of a microsecond.
inline double processor_nanoseconds()
{
    return static_cast<double>(std::clock()) * (1e9 / CLOCKS_PER_SEC);
}

/// The numbers that the yardstick takes the exponential of: log price ratios between e^-2 and
/// e^2.
inline std::span<const double> exp_arguments()
{
    static const auto arguments = [] {
        std::array<double, 1024> values;
        for (std::size_t i = 0; i < values.size(); ++i) {
            // Steps of the golden ratio: in no order that a branch predictor could learn.
            values[i] = 4 * std::fmod(0.6180339887498949 * static_cast<double>(i), 1.0) - 2;
        }
        return values;
    }();
    return arguments;
}

/// One scalar std::exp after another. Never inlined, so that it is the same code wherever it is
/// timed.
[[gnu::noinline]] inline double sum_of_exp(std::span<const double> arguments)
{
    double sum = 0;
    for (const double x : arguments) {
        sum += std::exp(x);
    }
    return sum;
}

/// Time of one scalar std::exp on this machine, nanoseconds: the unit in which figures of
/// different machines can be compared. Measured once a process, when first asked for: the least
/// of many rounds.
inline double exp_nanoseconds()
{
    static const double nanoseconds = [] {
        constexpr int rounds = 50;
        constexpr int passes = 200;  // a round takes about a millisecond
        double least = std::numeric_limits<double>::infinity();
        for (int round = 0; round < rounds; ++round) {
            const double start = processor_nanoseconds();
            for (int pass = 0; pass < passes; ++pass) {
                benchmark::DoNotOptimize(sum_of_exp(exp_arguments()));
            }
            least = std::min(least, processor_nanoseconds() - start);
        }
        return least / (passes * static_cast<double>(exp_arguments().size()));
    }();
    return nanoseconds;
}

/// Runs from where it is made to `report`: begin it just before the benchmark's loop.
class Stopwatch {
public:
    /// Leaves out what happens until `resume`. Not for less than some 100 microseconds between
    /// pauses: reading the clock takes time too.
    void pause() { paused_at_ = processor_nanoseconds(); }
    void resume() { start_ += processor_nanoseconds() - paused_at_; }

    /// Gives the benchmark its two counters: `ns`, time of one item, and `in_exp`, the same as
    /// a multiple of one std::exp timed in this process. \param items  How many items one pass
    /// of the loop handles.
    void report(benchmark::State& state, std::size_t items = 1) const
    {
        const double elapsed = processor_nanoseconds() - start_;
        const double per_item =
            elapsed / (static_cast<double>(state.iterations()) * static_cast<double>(items));
        state.counters["ns"] = per_item;
        state.counters["in_exp"] = per_item / exp_;
    }

private:
    double exp_ = exp_nanoseconds();  // first, so that measuring it is not measured
    double start_ = processor_nanoseconds();
    double paused_at_ = 0;
};

}  // namespace chokepoint
