#include "stretch_runner.hpp"

#include "chokepoint/engine/ordered_blocks.hpp"

#include <algorithm>
#include <utility>

namespace chokepoint {
namespace {

BlockStore& store_of(const RunSettings& settings)
{
    static BlockStore none;  // without state
    return settings.store != nullptr ? *settings.store : none;
}

std::uint64_t bytes_of(const TrialBlock& block)
{
    return sizeof(double)
           * (block.values.size() + block.twin_values.size()
              + 2 * block.band_moments.mean.size());
}

}  // namespace

void add_bands(std::vector<LogSketch>&& others, std::vector<LogSketch>& bands)
{
    if (bands.empty()) {
        bands = std::move(others);
        return;
    }
    for (std::size_t position = 0; position < others.size(); ++position) {
        bands[position].merge(others[position]);
    }
}

StretchRunner::StretchRunner(const Model& model, const MeterPanel& panel,
                             const EventCounter& counter, const RunSettings& settings)
    : model_(model),
      panel_(panel),
      counter_(counter),
      settings_(settings),
      store_(store_of(settings)),
      keeps_(store_.is_keeping())
{}

std::uint64_t StretchRunner::run(std::uint64_t first, std::uint64_t end, const HandOn& hand_on,
                                 std::stop_token stop)
{
    while (first < end && !stop.stop_requested()) {
        const std::uint64_t stretch_end =
            keeps_ ? std::min(first + trials_at_once(), end) : end;
        first = run_some(first, stretch_end, hand_on, stop);
        if (is_due()) {
            begin_to_keep();
        }
    }
    return first;
}

std::uint64_t StretchRunner::run_some(std::uint64_t first, std::uint64_t end,
                                      const HandOn& hand_on, std::stop_token stop)
{
    const std::uint64_t blocks = (end - first + trials_per_block - 1) / trials_per_block;
    while (runners_.size() < settings_.threads && runners_.size() < blocks) {
        runners_.emplace_back(model_, panel_, counter_, settings_);
    }
    if (pending_.blocks.empty()) {
        pending_.first = first;
    }
    const Clock::time_point start = Clock::now();
    std::uint64_t done = first;
    const std::uint64_t handed_on = OrderedBlocks<TrialBlock>::run(
        blocks, settings_.threads,
        [&](unsigned thread, std::uint64_t block) {
            const std::uint64_t begin = first + block * trials_per_block;
            return runners_[thread].run(begin, std::min(begin + trials_per_block, end));
        },
        [&](std::uint64_t, TrialBlock&& block) {
            done += block.trials;
            hand_on(block);
            if (keeps_) {
                pending_bytes_ += bytes_of(block);
                pending_.blocks.push_back(std::move(block));
            }
        },
        std::move(stop));
    const std::chrono::duration<double> time = Clock::now() - start;
    seconds_per_block_ =
        time.count() / static_cast<double>(std::max<std::uint64_t>(handed_on, 1));
    return done;
}

/// Half a second's worth, so that threads that wait for the last of a stretch lose little.
std::uint64_t StretchRunner::trials_at_once() const
{
    constexpr double seconds = 0.5;
    constexpr double most_blocks = 1 << 20;
    const double blocks =
        seconds_per_block_ > 0 ? std::min(seconds / seconds_per_block_, most_blocks) : 0;
    return trials_per_block
           * std::max(static_cast<std::uint64_t>(blocks), std::uint64_t{8} * settings_.threads);
}

/// Every second at first, then after a twentieth of the time so far, up to a minute: what
/// a kill loses is little, and so is what keeping takes.
bool StretchRunner::is_due() const
{
    constexpr double least_seconds = 1, most_seconds = 60, share = 0.05;
    constexpr std::uint64_t most_bytes = 64'000'000;
    if (pending_.blocks.empty()) {
        return false;
    }
    const std::chrono::duration<double> since = Clock::now() - last_kept_;
    const std::chrono::duration<double> elapsed = Clock::now() - start_;
    return pending_bytes_ >= most_bytes
           || since.count() >= std::clamp(share * elapsed.count(), least_seconds, most_seconds);
}

void StretchRunner::flush()
{
    begin_to_keep();
    finish_keeping();
}

void StretchRunner::begin_to_keep()
{
    finish_keeping();
    if (pending_.blocks.empty()) {
        return;
    }
    for (BlockRunner& runner : runners_) {
        add_bands(runner.take_bands(), pending_.bands);
    }
    under_way_ = std::exchange(pending_, {});
    pending_bytes_ = 0;
    keeping_ = std::async(std::launch::async, [this] { store_.keep(under_way_); });
    last_kept_ = Clock::now();
}

void StretchRunner::finish_keeping()
{
    if (keeping_.valid()) {
        keeping_.get();
        add_bands(std::move(under_way_.bands), kept_bands_);
        under_way_ = {};
        keeps_ = store_.is_keeping();
    }
}

std::vector<LogSketch> StretchRunner::take_bands()
{
    finish_keeping();
    std::vector<LogSketch> bands = std::exchange(kept_bands_, {});
    for (BlockRunner& runner : runners_) {
        add_bands(runner.take_bands(), bands);
    }
    return bands;
}

}  // namespace chokepoint
