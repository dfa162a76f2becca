#pragma once

#include "block_runner.hpp"
#include "chokepoint/engine/block_store.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <stop_token>
#include <vector>

namespace chokepoint {

/// Runs blocks over threads, in stretches that it keeps in the settings' store now and then.
class StretchRunner {
public:
    /// Takes a finished block; called in order, one thread at a time.
    using HandOn = std::function<void(const TrialBlock& block)>;

    /// All must outlive the runner.
    StretchRunner(const Model& model, const MeterPanel& panel, const EventCounter& counter,
                  const RunSettings& settings);

    /// Runs trials first … end - 1, which are whole blocks but for a last one.
    /// \returns  The first trial that is not done: before `end` only if stopped.
    std::uint64_t run(std::uint64_t first, std::uint64_t end, const HandOn& hand_on,
                      std::stop_token stop);

    /// Keeps what is finished and not kept yet; done once this returns.
    void flush();

    /// Waits until what is being kept is. \throws what keeping threw
    void finish_keeping();

    /// The bands of all trials run since they were last taken; nothing if there are none.
    std::vector<LogSketch> take_bands();

private:
    using Clock = std::chrono::steady_clock;

    std::uint64_t run_some(std::uint64_t first, std::uint64_t end, const HandOn& hand_on,
                           std::stop_token stop);
    std::uint64_t trials_at_once() const;
    bool is_due() const;
    /// Begins to keep what is finished, beside the blocks that follow.
    void begin_to_keep();

    const Model& model_;
    const MeterPanel& panel_;
    const EventCounter& counter_;
    const RunSettings& settings_;
    BlockStore& store_;
    std::vector<BlockRunner> runners_;  ///< By thread; made when first needed.
    FinishedStretch pending_;           ///< Not kept yet; its bands are still in the runners.
    std::uint64_t pending_bytes_ = 0;
    bool keeps_;                 ///< Whether blocks are worth keeping.
    FinishedStretch under_way_;  ///< Being kept.
    std::future<void> keeping_;
    std::vector<LogSketch> kept_bands_;  ///< Of what was kept since bands were last taken.
    Clock::time_point start_ = Clock::now(), last_kept_ = start_;
    double seconds_per_block_ = 0;  ///< Of all threads together; 0: not known yet.
};

/// Adds the bands of some trials to those of others.
/// \param bands  Empty: of no trial.
void add_bands(std::vector<LogSketch>&& others, std::vector<LogSketch>& bands);

}  // namespace chokepoint
