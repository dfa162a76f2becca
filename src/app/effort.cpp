#include "chokepoint/app/effort.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/statistics/band_table.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>

#include <fmt/format.h>
#include <unistd.h>

namespace chokepoint {
namespace {

/// Seconds that one thread takes for a run of so many trials.
double seconds_of_run(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
                      const RunSettings& settings)
{
    using Clock = std::chrono::steady_clock;
    Progress silent;
    const Clock::time_point start = Clock::now();
    run(model, meters, settings, silent);
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Memory of a run: every trial's figures, as far as they may take it, and each thread's
/// monthly bands.
double bytes_of_run(const MeterPanel& panel, const RunSettings& settings, double rows)
{
    // From the least to the largest value of a month: some hundreds of bins after a few
    // hundred trials, more with rarer values.
    constexpr auto bytes_per_band = static_cast<double>(BandTable::bytes_per_position(1200));
    const std::uint64_t blocks = (settings.trials + trials_per_block - 1) / trials_per_block;
    const double figures = static_cast<double>(panel.columns().size()) * rows;
    const double bands =
        static_cast<double>(panel.month_values())
        * static_cast<double>(std::min<std::uint64_t>(settings.threads, blocks));
    return std::min(figures * sizeof(double), static_cast<double>(settings.memory))
           + bands * bytes_per_band;
}

}  // namespace

/// Of a long run: what setting up costs is in both of two shorter ones.
double seconds_per_trial(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
                         const RunSettings& settings)
{
    RunSettings few{
        .seed = settings.seed, .trials = trials_per_block, .sampling = settings.sampling};
    few.calm = settings.calm;
    const double one_block = seconds_of_run(model, meters, few);
    // As many blocks as take long enough for the clock and the machine's whims.
    constexpr double enough_seconds = 0.1;
    constexpr std::uint64_t most_blocks = 1024;
    for (std::uint64_t blocks = 4;; blocks *= 4) {
        few.trials = blocks * trials_per_block;
        const double all = seconds_of_run(model, meters, few);
        if (all - one_block >= enough_seconds || blocks == most_blocks) {
            // On a busy machine the longer run may seem the shorter; then the bound from above
            // must do.
            const double rest = all > one_block ? all - one_block : all;
            return rest / static_cast<double>((blocks - 1) * trials_per_block);
        }
    }
}

Effort expected_effort(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
                       const RunSettings& settings, std::uint64_t trials, double trial_seconds)
{
    const MeterPanel panel(model, meters);
    const std::uint64_t twins = model.uncertain_parameters.empty() ? 0 : twins_of(trials);
    const auto rows = static_cast<double>(trials + twins);
    const auto columns = static_cast<double>(panel.columns().size());
    // By block its moments; by part, of which there are few, counts of a few bytes.
    const double moments =
        2 * static_cast<double>(panel.month_values()) / static_cast<double>(trials_per_block);
    return {.seconds = trial_seconds * static_cast<double>(trials) / settings.threads,
            .memory = bytes_of_run(panel, settings, rows),
            .disk = sizeof(double) * (columns * rows + moments * static_cast<double>(trials))};
}

void check_effort(const RunOptions& options, const Model& model,
                  const std::vector<std::unique_ptr<Meter>>& meters,
                  const RunSettings& settings, std::uint64_t trials, std::uint64_t runs)
{
    constexpr std::uint64_t small = 5000;
    constexpr double long_seconds = 60, large_disk = 1e9;
    const bool is_limited = options.max_seconds > 0 || options.max_disk > 0;
    if (trials * runs <= small && !is_limited) {
        return;
    }
    Effort effort = expected_effort(model, meters, settings, trials,
                                    seconds_per_trial(model, meters, settings));
    effort.seconds *= static_cast<double>(runs);
    if (runs > 1) {
        effort.disk = 0;  // points of experiments keep no parts
    }
    const std::string text = fmt::format(
        "{}, {} of memory{}", duration_text(effort.seconds), memory_text(effort.memory),
        runs > 1 ? std::string()
                 : fmt::format(", {} of disk while it goes on", memory_text(effort.disk)));
    if (!options.quiet && (effort.seconds > long_seconds || effort.disk > large_disk)) {
        note("expected: " + text);
    }
    if (options.has_no_limits) {
        return;
    }
    const auto refuse = [&](const char* option) {
        throw LimitError(
            fmt::format("this would take more than {} allows: {} (--no-limits runs "
                        "it all the same)",
                        option, text));
    };
    if (options.max_seconds > 0 && effort.seconds > options.max_seconds) {
        refuse("--max-time");
    }
    if (options.max_disk > 0 && effort.disk > static_cast<double>(options.max_disk)) {
        refuse("--max-disk");
    }
}

TimeLimit::TimeLimit(double seconds)
{
    if (seconds > 0) {
        watcher_ = std::jthread([this, seconds](std::stop_token stop) {
            std::unique_lock lock(mutex_);
            wake_up_.wait_for(lock, stop, std::chrono::duration<double>(seconds),
                              [] { return false; });
            if (!stop.stop_requested()) {
                note("the time that --max-time allows is over");
                ::kill(::getpid(), SIGTERM);
            }
        });
    }
}

}  // namespace chokepoint
