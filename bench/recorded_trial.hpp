#pragma once

#include "chokepoint/events/shock.hpp"
#include "chokepoint/market/market.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chokepoint {

/// What the market of one month is given, and what came of it.
struct RecordedMonth {
    Shock shock;
    ReferenceExports exports;
    ReferenceConsumption consumption;
    MarketState state;  ///< At the start of the month.
    Clearing clearing;
};

/// The disrupted run of one trial, taken apart into months that can be cleared again and again.
class RecordedTrial {
public:
    /// \param model  Must outlive the recording.
    RecordedTrial(const Model& model, std::uint64_t trial)
        : runner_(model, seed), record_(runner_.run(trial))
    {
        MarketState state;
        start_state(model, parameters(), timeline(), state);
        Market market(model);
        market.start(parameters());
        ShockCursor shocks;
        shocks.start(model, timeline());
        const Path& reference = *record_.reference;
        const std::size_t layers = reference.stages * reference.cells;
        for (std::size_t month = 0; month < reference.months; ++month) {
            RecordedMonth& entry = months_.emplace_back();
            entry.shock = shocks.next(state.running);
            entry.exports = {std::span(reference.exports).subspan(month * layers, layers),
                             std::span(reference.exports).first(layers)};
            entry.consumption.served = std::span(reference.consumption)
                                           .subspan(month * reference.cells, reference.cells);
            entry.state = state;
            entry.clearing = market.clear(timeline(), entry.shock, entry.exports, state);
            advance(model, parameters(), entry.clearing, entry.consumption, state);
        }
    }

    const Parameters& parameters() const { return *record_.parameters; }
    const Timeline& timeline() const { return *record_.timeline; }
    const std::vector<RecordedMonth>& months() const { return months_; }

    static constexpr std::uint64_t seed = 1;

private:
    TrialRunner runner_;
    TrialRecord record_;
    std::vector<RecordedMonth> months_;
};

}  // namespace chokepoint
