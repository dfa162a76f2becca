#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "chokepoint/events/shock.hpp"
#include "chokepoint/market/invariants.hpp"
#include "chokepoint/market/market.hpp"
#include "chokepoint/market/state.hpp"

namespace chokepoint {
namespace {

/// The part of a month-by-month array that belongs to one month.
std::span<const double> month_of(const std::vector<double>& values, std::size_t month,
                                 std::size_t width)
{
    return std::span(values).subspan(month * width, width);
}

template <class Value>
void store(const std::vector<Value>& values, std::size_t month, std::vector<Value>& path)
{
    std::ranges::copy(values,
                      path.begin() + static_cast<std::ptrdiff_t>(month * values.size()));
}

void record(const Clearing& clearing, const Shock& shock, const MarketState& after,
            std::size_t month, Path& path)
{
    store(clearing.log_price, month, path.log_price);
    store(after.log_quoted, month, path.log_quoted);
    for (std::size_t cell = 0; cell < shock.quoted_shift.size(); ++cell) {
        path.log_quoted[month * path.cells + cell] += shock.quoted_shift[cell];
    }
    store(clearing.need_factor, month, path.need_factor);
    store(clearing.consumption, month, path.consumption);
    store(clearing.substituted, month, path.substituted);
    store(clearing.rationed, month, path.rationed);
    store(clearing.stock_after, month, path.stock);
    std::ranges::copy(
        std::span(after.stock).subspan(path.cells),
        path.stage_stock.begin()
            + static_cast<std::ptrdiff_t>(month * (after.stock.size() - path.cells)));
    store(clearing.output, month, path.output);
    store(clearing.exports, month, path.exports);
    store(clearing.arc_gap, month, path.arc_gap);
    store(clearing.arc_flow, month, path.arc_flow);
    store(clearing.arc_tax, month, path.arc_tax);
    path.unsettled_months += static_cast<std::size_t>(!clearing.taxes_and_quotas_hold);
    store(clearing.release, month, path.reserve_release);
    if (!path.phase.empty()) {
        store(after.phase, month, path.phase);
    }
}

}  // namespace

struct TrialRunner::Work {
    const Model* model;
    std::uint64_t seed;
    std::optional<SobolPoints> points;
    Parameters parameters;
    Timeline reference_events, events;
    Market market;
    MarketState state;
    ShockCursor shocks;
    Path reference, disrupted;
    bool has_reference = false;

    Work(const Model& of, std::uint64_t with_seed, Sampling sampling)
        : model(&of), seed(with_seed), market(of)
    {
        if (sampling == Sampling::sobol) {
            points = sobol_points_for(of);
        }
        reference.resize(of);
        disrupted.resize(of);
    }

    /// The month loop. `against` is the reference run, or null for the reference run itself.
    void run_months(const Timeline& timeline, const Path* against, Path& path)
    {
        start_state(*model, parameters, timeline, state);
        market.start(parameters);
        shocks.start(*model, timeline);
        path.unsettled_months = 0;
        const std::size_t layers = path.stages * path.cells;
        for (std::size_t month = 0; month < path.months; ++month) {
            const Shock& shock = shocks.next(state.running);
            ReferenceExports exports;
            ReferenceConsumption consumption;
            if (against != nullptr) {
                exports = {month_of(against->exports, month, layers),
                           month_of(against->exports, 0, layers)};
                consumption.served = month_of(against->consumption, month, path.cells);
                if (!against->substituted.empty()) {
                    consumption.substituted = month_of(against->substituted, month, path.cells);
                }
            }
            const Clearing& clearing = market.clear(timeline, shock, exports, state);
            check_month(*model, shock, state, clearing);
            advance(*model, parameters, clearing, consumption, state);
            record(clearing, shock, state, month, path);
        }
    }
};

TrialError::TrialError(TrialKey of, const std::string& problem)
    : std::logic_error("trial " + std::to_string(of.trial) + ": " + problem), key_(of)
{}

TrialRunner::TrialRunner(const Model& model, std::uint64_t seed, Sampling sampling)
    : work_(std::make_unique<Work>(model, seed, sampling))
{}

TrialRunner::~TrialRunner() = default;
TrialRunner::TrialRunner(TrialRunner&&) noexcept = default;
TrialRunner& TrialRunner::operator=(TrialRunner&&) noexcept = default;

TrialRecord TrialRunner::run(std::uint64_t trial)
{
    Work& work = *work_;
    const Model& model = *work.model;
    const TrialKey key{work.seed, trial};
    try {
        draw_parameters(model, key, work.parameters, work.points ? &*work.points : nullptr);
        // Nothing uncertain: one reference run serves all trials.
        if (!work.has_reference || !model.reference_is_certain()) {
            reference_timeline(model, work.parameters, work.reference_events);
            work.run_months(work.reference_events, nullptr, work.reference);
            work.has_reference = true;
        }
        sample_timeline(model, work.parameters, key, work.events);
        work.run_months(work.events, &work.reference, work.disrupted);
    } catch (const std::logic_error& error) {
        throw TrialError(key, error.what());
    }
    return {trial, &work.parameters, &work.events, &work.reference, &work.disrupted};
}

}  // namespace chokepoint
