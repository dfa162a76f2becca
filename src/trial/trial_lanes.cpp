#include "chokepoint/trial/trial_lanes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "chokepoint/events/shock.hpp"
#include "chokepoint/market/invariants.hpp"
#include "chokepoint/market/lane_parameters.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/support/lane_array.hpp"
#include "chokepoint/support/lanes.hpp"
#include "chokepoint/trial/path.hpp"
#include "chokepoint/trial/trial.hpp"

namespace chokepoint {
namespace {

/// ln q as quoted: the state's, and the shift of the month. \param shift  Null: none.
CHOKEPOINT_LANE_LOOPS
void quote(std::size_t count, const double* __restrict log_quoted, const double* shift,
           double* __restrict quoted)
{
    for (std::size_t at = 0; at < count; ++at) {
        quoted[at] = log_quoted[at];
    }
    if (shift != nullptr) {
        for (std::size_t at = 0; at < count; ++at) {
            quoted[at] += shift[at];
        }
    }
}

/// Marks lanes in which users lack what they want at the choke price.
CHOKEPOINT_LANE_LOOPS
void note_shortage(std::size_t lanes, const double* __restrict rationed,
                   const double* __restrict consumption, double* __restrict is_short)
{
    constexpr double rounding = 1e-9;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const bool lacks = rationed[lane] > rounding * (rationed[lane] + consumption[lane]);
        is_short[lane] = lacks ? 1.0 : is_short[lane];
    }
}

/// One run of all lanes.
class Run {
public:
    Run(const Model& model, Clearance clearance) : model_(&model), market_(model, clearance) {}

    /// \param timelines  By lane; must outlive the run, as must the parameters.
    void start(const LaneParameters& parameters, std::span<const Timeline* const> timelines)
    {
        parameters_ = &parameters;
        const std::size_t lanes = parameters.lanes();
        start_state(*model_, parameters, timelines, state_);
        market_.start(parameters);
        cursors_.resize(lanes);
        events_.resize(lanes);
        shocks_.resize(lanes);
        unsettled_months.assign(lanes, 0);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            cursors_[lane].start(*model_, *timelines[lane]);
            events_[lane].timeline = timelines[lane];
        }
    }

    /// Clears the next month and moves on.
    RunMonth next(ReferenceExports reference, ReferenceConsumption consumption)
    {
        const std::size_t facilities = model_->facilities.size();
        for (std::size_t lane = 0; lane < cursors_.size(); ++lane) {
            events_[lane].shock = &cursors_[lane].next(
                std::span(state_.running).subspan(lane * facilities, facilities));
            shocks_[lane] = events_[lane].shock;
        }
        const Clearing& clearing = market_.clear(events_, reference, state_);
        check_month(*model_, shocks_, state_, clearing);
        advance(*model_, *parameters_, clearing, consumption, state_);
        for (std::size_t lane = 0; lane < cursors_.size(); ++lane) {
            unsettled_months[lane] += clearing.taxes_and_quotas_hold[lane] == 0 ? 1U : 0U;
        }
        const std::size_t users = model_->cells() * clearing.lanes;
        quoted_.resize(users);
        quote(users, state_.log_quoted.data(),
              clearing.quoted_shift.empty() ? nullptr : clearing.quoted_shift.data(),
              quoted_.data());
        return {.log_price = clearing.log_price,
                .log_quoted = quoted_,
                .consumption = clearing.consumption,
                .need_factor = clearing.need_factor,
                .substituted = clearing.substituted,
                .rationed = clearing.rationed,
                .stock = clearing.stock_after,
                .stage_stock = std::span(state_.stock).subspan(users),
                .reserve_release = clearing.release,
                .reserve_purchase = clearing.reserve_purchase,
                .reserve_sale = clearing.reserve_release,
                .room = clearing.room,
                .source_price = clearing.source_price,
                .output = clearing.output,
                .exports = clearing.exports,
                .arc_gap = clearing.arc_gap,
                .arc_flow = clearing.arc_flow,
                .arc_tax = clearing.arc_tax};
    }

    std::span<const FacilityPhase> phases(std::size_t lane) const
    {
        const std::size_t facilities = model_->facilities.size();
        return std::span(state_.phase).subspan(lane * facilities, facilities);
    }

    std::vector<std::uint64_t> unsettled_months;  ///< By lane.

private:
    const Model* model_;
    const LaneParameters* parameters_ = nullptr;
    Market market_;
    MarketState state_;
    std::vector<ShockCursor> cursors_;  ///< By lane.
    std::vector<MonthEvents> events_;
    std::vector<const Shock*> shocks_;
    LaneArray<double> quoted_;
};

/// A run that all trials share, month by month.
struct SharedRun {
    bool is_known = false;
    Path path;
    std::uint64_t unsettled_months = 0;
    std::array<LaneArray<double>, month_tables.size()> rows;  ///< Of the month at hand.

    /// The month in as many lanes as are wanted.
    RunMonth month(std::size_t number, std::size_t lanes)
    {
        const RunMonth alone = run_month(path, number);
        RunMonth side_by_side;
        for (std::size_t table = 0; table < rows.size(); ++table) {
            const std::span<const double> values = alone.*month_tables[table].month;
            rows[table].resize(values.size() * lanes);
            for (std::size_t entity = 0; entity < values.size(); ++entity) {
                std::fill_n(rows[table].begin() + static_cast<std::ptrdiff_t>(entity * lanes),
                            lanes, values[entity]);
            }
            side_by_side.*month_tables[table].month = rows[table];
        }
        return side_by_side;
    }

    std::span<const FacilityPhase> phases(std::size_t number) const
    {
        const std::size_t facilities = path.phase.size() / path.months;
        return std::span(path.phase).subspan(number * facilities, facilities);
    }
};

}  // namespace

struct TrialLanes::Work {
    const Model* model;
    const Model* calm;  ///< Of the reference run.
    std::uint64_t seed;
    std::optional<SobolPoints> points, calm_points;
    std::optional<TiltKnobs> knobs;
    Tilt tilt;
    std::vector<TiltedDraws> draws;           ///< By lane; none without a tilt.
    std::vector<Parameters> parameters;       ///< By lane.
    std::vector<Parameters> calm_parameters;  ///< The same of the reference run's own model.
    std::vector<Timeline> reference_events, events;
    LaneParameters side_by_side, calm_side_by_side;
    Run reference, disrupted;
    SharedRun shared;  ///< The reference run if nothing in it is uncertain.
    std::vector<LaneTrial> trials;
    std::vector<double> runs_short;        ///< By lane.
    LaneArray<double> no_substitutes;      ///< By cell: 0.
    std::vector<double> exports_at_start;  ///< Of the reference run, as Clearing::exports.
    LaneMonth month;
    std::size_t next = 0;
    // Scratch of `start`.
    std::vector<const Parameters*> of, calm_of;
    std::vector<const Timeline*> reference_timelines, timelines;

    Work(const Model& of_model, std::uint64_t with_seed, Sampling sampling, Clearance clearance,
         const Tilt* with_tilt, const Model* with_calm)
        : model(&of_model),
          calm(with_calm == nullptr ? &of_model : with_calm),
          seed(with_seed),
          reference(*calm, clearance),
          disrupted(of_model, clearance)
    {
        if (calm->regions != model->regions || calm->stages != model->stages
            || calm->commodities.size() != model->commodities.size()
            || calm->months != model->months) {
            throw std::invalid_argument(
                "TrialLanes: the markets of both models must be the same");
        }
        if (sampling == Sampling::sobol) {
            points = sobol_points_for(of_model);
            calm_points = sobol_points_for(*calm);
        }
        if (with_tilt != nullptr) {
            if (points) {
                throw std::invalid_argument("TrialLanes: Sobol' points cannot be tilted");
            }
            knobs.emplace(of_model);
            tilt = *with_tilt;
            draws.assign(most_lanes, TiltedDraws(*knobs, tilt));
        }
    }

    bool has_calm() const { return calm != model; }
    const Parameters& calm_parameters_of(std::size_t lane) const
    {
        return has_calm() ? calm_parameters[lane] : parameters[lane];
    }

    /// Draws numbers and events of the trial of a lane.
    void draw(std::size_t lane, TrialKey key)
    {
        TiltedDraws* const tilted = draws.empty() ? nullptr : &draws[lane];
        if (tilted != nullptr) {
            tilted->start(key);
        }
        draw_parameters(*model, key, parameters[lane], points ? &*points : nullptr, tilted);
        if (has_calm()) {
            draw_parameters(*calm, key, calm_parameters[lane],
                            calm_points ? &*calm_points : nullptr, nullptr);
        }
        reference_timeline(*calm, calm_parameters_of(lane), reference_events[lane]);
        // A twin's events are no part of what is weighted.
        sample_timeline(*model, parameters[lane], key, events[lane],
                        is_twin(key.trial) ? nullptr : tilted);
    }

    /// Runs the reference run once for all trials.
    void run_shared()
    {
        LaneParameters one;
        const Parameters* first = &calm_parameters_of(0);
        const Timeline* events_of_first = &reference_events[0];
        one.set(*calm, std::span(&first, 1));
        reference.start(one, std::span(&events_of_first, 1));
        shared.path.resize(*calm);
        for (std::size_t number = 0; number < shared.path.months; ++number) {
            keep_month(reference.next({}, {}), 0, 1, reference.phases(0), number, shared.path);
        }
        shared.unsettled_months = reference.unsettled_months[0];
        shared.is_known = true;
    }
};

TrialLanes::TrialLanes(const Model& model, std::uint64_t seed, Sampling sampling,
                       Clearance clearance, const Tilt* tilt, const Model* calm)
    : work_(std::make_unique<Work>(model, seed, sampling, clearance, tilt, calm))
{}

TrialLanes::~TrialLanes() = default;
TrialLanes::TrialLanes(TrialLanes&&) noexcept = default;
TrialLanes& TrialLanes::operator=(TrialLanes&&) noexcept = default;

void TrialLanes::start(std::span<const std::uint64_t> trials)
{
    if (trials.empty() || trials.size() > most_lanes) {
        throw std::invalid_argument("TrialLanes: 1 to " + std::to_string(most_lanes)
                                    + " trials go side by side");
    }
    Work& work = *work_;
    const Model& model = *work.model;
    const std::size_t lanes = trials.size();
    if (work.parameters.size() < lanes) {
        work.parameters.resize(lanes);
        work.calm_parameters.resize(work.has_calm() ? lanes : 0);
        work.reference_events.resize(lanes);
        work.events.resize(lanes);
    }
    work.trials.clear();
    work.of.clear();
    work.calm_of.clear();
    work.reference_timelines.clear();
    work.timelines.clear();
    work.runs_short.assign(lanes, 0);
    work.next = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const TrialKey key{work.seed, trials[lane]};
        try {
            work.draw(lane, key);
        } catch (const std::logic_error& error) {
            throw TrialError(key, error.what());
        }
        work.trials.push_back({trials[lane], &work.parameters[lane],
                               work.has_calm() ? &work.calm_parameters[lane] : nullptr});
        work.of.push_back(&work.parameters[lane]);
        work.calm_of.push_back(&work.calm_parameters_of(lane));
        work.reference_timelines.push_back(&work.reference_events[lane]);
        work.timelines.push_back(&work.events[lane]);
    }
    work.side_by_side.set(model, work.of);
    try {
        if (!work.calm->reference_is_certain()) {
            if (work.has_calm()) {
                work.calm_side_by_side.set(*work.calm, work.calm_of);
            }
            work.reference.start(work.has_calm() ? work.calm_side_by_side : work.side_by_side,
                                 work.reference_timelines);
        } else if (!work.shared.is_known) {
            work.run_shared();
        }
    } catch (const LaneError& error) {
        throw TrialError({work.seed, trials[error.lane]}, error.what());
    }
    work.disrupted.start(work.side_by_side, work.timelines);
}

const LaneMonth& TrialLanes::next_month()
{
    Work& work = *work_;
    const std::size_t lanes = work.trials.size();
    LaneMonth& month = work.month;
    month.month = work.next;
    month.lanes = lanes;
    try {
        month.reference = work.shared.is_known ? work.shared.month(work.next, lanes)
                                               : work.reference.next({}, {});
        if (work.model->has_substitutes() && month.reference.substituted.empty()) {
            work.no_substitutes.assign(work.model->cells() * lanes,
                                       0);  // only a policy has them
            month.reference.substituted = work.no_substitutes;
        }
        if (work.next == 0) {
            work.exports_at_start.assign(month.reference.exports.begin(),
                                         month.reference.exports.end());
        }
        month.disrupted = work.disrupted.next(
            {.now = month.reference.exports, .at_start = work.exports_at_start},
            {.served = month.reference.consumption,
             .substituted = month.reference.substituted});
    } catch (const LaneError& error) {
        throw TrialError({work.seed, work.trials[error.lane].trial}, error.what());
    }
    for (std::size_t at = 0; at < month.reference.rationed.size(); at += lanes) {
        note_shortage(lanes, month.reference.rationed.data() + at,
                      month.reference.consumption.data() + at, work.runs_short.data());
    }
    ++work.next;
    return month;
}

std::span<const LaneTrial> TrialLanes::trials() const
{
    return work_->trials;
}

const Timeline& TrialLanes::timeline(std::size_t lane) const
{
    return work_->events[lane];
}

std::span<const KnobSum> TrialLanes::knob_sums(std::size_t lane) const
{
    return work_->draws.empty() ? std::span<const KnobSum>() : work_->draws[lane].sums();
}

std::uint64_t TrialLanes::unsettled_months(std::size_t lane) const
{
    return work_->disrupted.unsettled_months[lane]
           + (work_->shared.is_known ? work_->shared.unsettled_months
                                     : work_->reference.unsettled_months[lane]);
}

bool TrialLanes::reference_runs_short(std::size_t lane) const
{
    return work_->runs_short[lane] > 0;
}

std::span<const FacilityPhase> TrialLanes::reference_phases(std::size_t lane) const
{
    return work_->shared.is_known ? work_->shared.phases(work_->next - 1)
                                  : work_->reference.phases(lane);
}

std::span<const FacilityPhase> TrialLanes::phases(std::size_t lane) const
{
    return work_->disrupted.phases(lane);
}

}  // namespace chokepoint
