#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "chokepoint/events/timeline.hpp"

namespace chokepoint {

/// One restriction in one month.
struct ActiveRestriction {
    std::size_t event = 0;  ///< Position in the timeline's restrictions.
    double share = 0;       ///< Share of the month in force, in (0, 1].
    double cut = 0;         ///< Share of the free flow that is cut.
};

/// One restriction that buyers fear.
struct Threat {
    std::size_t event = 0;  ///< Position in the timeline's restrictions.
    double severity = 0;    ///< Share cut in the phase that it is in, fully in force.
    bool in_force = false;  ///< False while it is only announced.

    bool operator==(const Threat&) const = default;
};

/// What happens to the market in one month.
struct Shock {
    /// By facility: share of capacity that exists and is not lost: the exact time average over
    /// the month of a project's ramp (0 before it opens) times the product of (1 - loss) over
    /// the outages.
    std::vector<double> availability;
    std::vector<ActiveRestriction>
        restrictions;  ///< Those with a share above 0, timeline order.
    /// Restrictions announced or in force in this month, standing ones left out: they cause
    /// panic.
    std::vector<Threat> threats;
    /// By cell: what price shocks of each channel add up to, ln ratios; empty if there are
    /// none of that channel.
    std::vector<double> demand_shift, supply_shift, quoted_shift;
    bool quiet = true;  ///< No outage, no restriction (standing ones too), no threat.
};

/// When a facility begins to run, for the first time or again, and over how many months it
/// then comes up to its capacity in a straight line.
struct RunningSpan {
    double from = 0;  ///< -inf: from the start; inf: never.
    double ramp = 0;
};

/// By facility, as the parameters have it: what prices decide is still to come.
void set_running_at_start(const Model& model, const Parameters& parameters,
                          std::span<RunningSpan> running);

/// The time average over [from, until] of the share of its capacity that a facility has come up
/// to.
double ramp_average(const RunningSpan& running, double from, double until);

/// The months of a timeline, one after another, without allocation once warm.
class ShockCursor {
public:
    /// Starts before month 0. The arguments must outlive the cursor's use.
    void start(const Model& model, const Timeline& timeline);

    /// The shock of the next month; valid until the next call.
    /// \param running  By facility, as it is known at the month's beginning.
    const Shock& next(std::span<const RunningSpan> running);

private:
    void admit_events();
    void retire_events();
    void set_restrictions();
    void set_price_shocks();
    std::vector<double>& shift_of(ShockChannel channel);
    void set_availability(std::span<const RunningSpan> running);
    /// Equation (22).
    double average_under_outages(std::size_t facility, const RunningSpan& running);

    const Model* model_ = nullptr;
    const Timeline* timeline_ = nullptr;
    int month_ = -1;
    // Positions in the timeline's lists, in timeline order, but for `announced_`.
    std::vector<std::size_t> announced_;     ///< All restrictions, by announcement.
    std::size_t next_restriction_ = 0;       ///< In `announced_`: the first not yet admitted.
    std::vector<std::size_t> restrictions_;  ///< Announced and not over.
    std::size_t next_outage_ = 0;            ///< The first not yet admitted.
    std::vector<std::size_t> outages_;       ///< Begun and not over.
    std::vector<std::size_t> changing_;      ///< Facilities that open or shut by date or price.
    std::vector<std::size_t> struck_;        ///< Facilities with an outage in the month.
    std::vector<double> breaks_;             ///< Scratch: where a month changes.
    Shock shock_;
};

}  // namespace chokepoint
