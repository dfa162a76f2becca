#pragma once

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/shock.hpp"
#include "chokepoint/events/timeline.hpp"
#include "chokepoint/market/invariants.hpp"
#include "chokepoint/market/lane_parameters.hpp"
#include "chokepoint/market/market.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/support/lane_array.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace chokepoint {

/// What befalls the trials of a `LaneRun`.
enum class Befalls {
    as_sampled,
    all_but_restrictions,  ///< As if all restrictions, standing ones too, were lifted.
    /// The same, but for one restriction of the scenario's first hazard from the first day to
    /// the last, which cuts between half and nine tenths of the exports, another share in each
    /// lane.
    one_restriction,
};

/// The disrupted run of trials 0, 1, 2 … side by side, taken apart into what is timed: events
/// and the reference run are worked out beforehand.
class LaneRun {
public:
    static constexpr std::uint64_t seed = 1;

    /// \param model  Must outlive the run.
    LaneRun(const Model& model, std::size_t lanes, Befalls befalls,
            Clearance clearance = Clearance::pooled_first)
        : model_(&model), market_(model, clearance), parameters_(lanes), timelines_(lanes)
    {
        std::vector<Timeline> reference(lanes);
        std::vector<const Parameters*> of;
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const TrialKey key{seed, lane};
            draw_parameters(model, key, parameters_[lane]);
            reference_timeline(model, parameters_[lane], reference[lane]);
            sample_timeline(model, parameters_[lane], key, timelines_[lane]);
            if (befalls != Befalls::as_sampled) {
                timelines_[lane].restrictions.clear();
            }
            if (befalls == Befalls::one_restriction) {
                timelines_[lane].restrictions.push_back(restriction(lane));
            }
            of.push_back(&parameters_[lane]);
        }
        side_by_side_.set(model, of);
        foresee(reference, true);
        foresee(timelines_, false);
        restart();
    }
    LaneRun(const LaneRun&) = delete;
    LaneRun& operator=(const LaneRun&) = delete;

    /// Back to month 0.
    void restart() { start(timelines_); }

    /// The three parts of a month, to be called in this order.
    const Clearing& clear()
    {
        set_events();
        clearing_ = &market_.clear(events_, exports(), state_);
        return *clearing_;
    }
    void check() const { check_month(*model_, shocks_, state_, *clearing_); }
    void advance()
    {
        chokepoint::advance(*model_, side_by_side_, *clearing_, consumption(), state_);
    }

    /// The states in which these months begin. Leaves the run at `end`.
    std::vector<MarketState> states(std::size_t first, std::size_t end)
    {
        std::vector<MarketState> states;
        restart();
        for (std::size_t month = 0; month < end; ++month) {
            if (month >= first) {
                states.push_back(state_);
            }
            clear();
            advance();
        }
        return states;
    }

    /// Clears the month of the state, and no more.
    void clear(MarketState& state)
    {
        state_.month = state.month;
        set_events();
        market_.clear(events_, exports(), state);
    }

    std::size_t months() const { return static_cast<std::size_t>(model_->months); }
    std::size_t lanes() const { return timelines_.size(); }
    MarketState& state() { return state_; }
    const LaneParameters& parameters() const { return side_by_side_; }
    /// By lane, of the month cleared last.
    std::span<const Shock* const> shocks() const { return shocks_; }

private:
    /// What the disrupted run has to know of the reference run's month.
    struct Reference {
        LaneArray<double> exports, consumption, substituted;
    };

    RestrictionEvent restriction(std::size_t lane) const
    {
        return {
            .measure = model_->restriction_hazards.front().measure,
            .cause = Cause::scripted,
            .until = static_cast<double>(model_->months),
            .severity =
                0.5 + 0.4 * static_cast<double>(lane) / static_cast<double>(timelines_.size())};
    }

    void start(const std::vector<Timeline>& timelines)
    {
        std::vector<const Timeline*> of;
        for (const Timeline& timeline : timelines) {
            of.push_back(&timeline);
        }
        start_state(*model_, side_by_side_, of, state_);
        market_.start(side_by_side_);
        events_.resize(timelines.size());
        shocks_.resize(timelines.size());
    }

    /// Runs a run once and keeps what the measured one needs of it.
    void foresee(const std::vector<Timeline>& timelines, bool is_reference)
    {
        start(timelines);
        std::vector<ShockCursor> cursors(timelines.size());
        for (std::size_t lane = 0; lane < cursors.size(); ++lane) {
            cursors[lane].start(*model_, timelines[lane]);
        }
        const std::size_t facilities = model_->facilities.size();
        for (std::size_t month = 0; month < months(); ++month) {
            std::vector<Shock> shocks(cursors.size());
            for (std::size_t lane = 0; lane < cursors.size(); ++lane) {
                shocks[lane] = cursors[lane].next(
                    std::span(state_.running).subspan(lane * facilities, facilities));
                events_[lane] = {&timelines[lane], &shocks[lane]};
            }
            clearing_ =
                &market_.clear(events_, is_reference ? ReferenceExports{} : exports(), state_);
            chokepoint::advance(*model_, side_by_side_, *clearing_,
                                is_reference ? ReferenceConsumption{} : consumption(), state_);
            if (is_reference) {
                reference_.push_back(
                    {clearing_->exports, clearing_->consumption, clearing_->substituted});
            } else {
                shocks_of_month_.push_back(std::move(shocks));
            }
        }
    }

    void set_events()
    {
        const auto month = static_cast<std::size_t>(state_.month);
        for (std::size_t lane = 0; lane < timelines_.size(); ++lane) {
            shocks_[lane] = &shocks_of_month_[month][lane];
            events_[lane] = {&timelines_[lane], shocks_[lane]};
        }
    }

    ReferenceExports exports() const
    {
        return {.now = reference_[static_cast<std::size_t>(state_.month)].exports,
                .at_start = reference_.front().exports};
    }

    ReferenceConsumption consumption() const
    {
        const Reference& month = reference_[static_cast<std::size_t>(state_.month)];
        return {.served = month.consumption, .substituted = month.substituted};
    }

    const Model* model_;
    Market market_;
    std::vector<Parameters> parameters_;  ///< By lane.
    LaneParameters side_by_side_;
    std::vector<Timeline> timelines_;                  ///< By lane.
    std::vector<Reference> reference_;                 ///< By month.
    std::vector<std::vector<Shock>> shocks_of_month_;  ///< By month and lane.
    MarketState state_;
    std::vector<MonthEvents> events_;
    std::vector<const Shock*> shocks_;
    const Clearing* clearing_ = nullptr;
};

}  // namespace chokepoint
