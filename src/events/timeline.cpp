#include "chokepoint/events/timeline.hpp"

#include <algorithm>
#include <tuple>

#include "samplers.hpp"

namespace chokepoint {
namespace {

void add_standing(const Model& model, const Parameters& parameters, Timeline& timeline)
{
    for (const StandingMeasure& standing : model.standing) {
        timeline.restrictions.push_back({.measure = standing.measure,
                                         .cause = Cause::standing,
                                         .announced = standing.from,
                                         .from = standing.from,
                                         .until = standing.until,
                                         .severity = parameters[standing.severity]});
    }
}

void add_scripted(const Model& model, const Parameters& parameters, Timeline& timeline)
{
    for (const ScriptedRestriction& script : model.scripted_restrictions) {
        timeline.restrictions.push_back({.measure = script.measure,
                                         .cause = Cause::scripted,
                                         .announced = script.announced,
                                         .from = script.from,
                                         .until = script.until,
                                         .phase_in = parameters[script.phase_in],
                                         .phase_out = parameters[script.phase_out],
                                         .severity = parameters[script.severity]});
    }
    for (const ScriptedOutage& script : model.scripted_outages) {
        timeline.outages.push_back({.facility = script.facility,
                                    .cause = Cause::scripted,
                                    .source = script.source,
                                    .from = script.from,
                                    .until = script.until,
                                    .loss = parameters[script.loss_share]});
    }
}

/// Sorts by start, then by position in the model. Sorting in place, since a stable sort
/// allocates.
void sort_events(Timeline& timeline)
{
    std::sort(timeline.restrictions.begin(), timeline.restrictions.end(),
              [](const RestrictionEvent& left, const RestrictionEvent& right) {
                  return std::tie(left.from, left.measure, left.until)
                         < std::tie(right.from, right.measure, right.until);
              });
    std::sort(timeline.outages.begin(), timeline.outages.end(),
              [](const OutageEvent& left, const OutageEvent& right) {
                  return std::tie(left.from, left.source, left.facility, left.until)
                         < std::tie(right.from, right.source, right.facility, right.until);
              });
}

/// The integral over [low, high] of (t - zero) / length, counted between `begin` and `end`
/// only.
double integral_of_ramp(double begin, double end, double zero, double length, double low,
                        double high)
{
    const double from = std::max(begin, low);
    const double until = std::min(end, high);
    if (!(until > from)) {
        return 0;
    }
    return (until - from) * ((from + until) / 2 - zero) / length;
}

}  // namespace

void Timeline::clear()
{
    restrictions.clear();
    outages.clear();
    tense_spells.clear();
    price_jumps.clear();
    price_shocks.clear();
    log_weight = 0;
}

void reference_timeline(const Model& model, const Parameters& parameters, Timeline& timeline)
{
    timeline.clear();
    add_standing(model, parameters, timeline);
    sort_events(timeline);
}

void sample_timeline(const Model& model, const Parameters& parameters, TrialKey key,
                     Timeline& timeline, TiltedDraws* tilt)
{
    timeline.clear();
    add_standing(model, parameters, timeline);
    add_scripted(model, parameters, timeline);
    const Drawing drawing{model, parameters, key, timeline, tilt};
    sample_restrictions(drawing);
    sample_outages(drawing);
    sample_price_shocks(drawing);
    sort_events(timeline);
    timeline.log_weight = tilt == nullptr ? 0 : tilt->log_weight();
}

double share_in_force(const RestrictionEvent& event, int month)
{
    const double low = month;
    const double high = low + 1;
    // Where the rise ends: early if the event ends before it is fully in force. Pieces that do
    // not meet the month are not evaluated, so that infinite times do no harm.
    const double risen = std::min(event.from + event.phase_in, event.until);
    const double held = std::max(0.0, std::min(event.until, high) - std::max(risen, low));
    const double peak = event.until < event.from + event.phase_in
                            ? (event.until - event.from) / event.phase_in
                            : 1.0;
    const double rise =
        integral_of_ramp(event.from, risen, event.from, event.phase_in, low, high);
    const double fall =
        peak
        * integral_of_ramp(event.until, event.until + event.phase_out,
                           event.until + event.phase_out, -event.phase_out, low, high);
    return std::clamp(rise + peak * held + fall, 0.0, 1.0);
}

Force force_in(const RestrictionEvent& event, int month)
{
    const double acute = share_in_force(event, month);
    if (!event.has_structural_phase()) {
        return {acute, event.severity * acute};
    }
    RestrictionEvent structural;
    structural.from = event.until;
    structural.until = event.structural_until;
    structural.phase_in = structural.phase_out = event.phase_out;
    const double late = share_in_force(structural, month);
    return {std::min(1.0, acute + late),
            event.severity * acute + event.structural_severity * late};
}

}  // namespace chokepoint
