#include "chokepoint/events/timeline.hpp"

#include <algorithm>
#include <tuple>

#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/calendar.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

/// An exponential time of the given mean.
double exponential_time(Philox& stream, double mean)
{
    return -mean * portable_log(uniform_open(stream));
}

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
    for (std::size_t index = 0; index < model.scripted_outages.size(); ++index) {
        const ScriptedOutage& script = model.scripted_outages[index];
        timeline.outages.push_back({.facility = script.facility,
                                    .cause = Cause::scripted,
                                    .hazard = static_cast<int>(index),
                                    .from = script.from,
                                    .until = script.until,
                                    .loss = parameters[script.loss_share]});
    }
}

void sample_restrictions(const RestrictionHazard& hazard, const Parameters& parameters,
                         TrialKey key, double horizon, Timeline& timeline)
{
    const double rate = parameters[hazard.rate_per_year];
    if (!(rate > 0)) {
        return;
    }
    Philox stream = make_stream(key.seed, Purpose::restriction, key.trial, hazard.stream);
    const double mean_gap = months_per_year / rate;
    const double notice = parameters[hazard.notice_days] / days_per_month;
    for (double onset = exponential_time(stream, mean_gap); onset < horizon;
         onset += exponential_time(stream, mean_gap)) {
        const double severity = hazard.severity.distribution.draw(stream);
        const double duration = hazard.duration_days.distribution.draw(stream) / days_per_month;
        timeline.restrictions.push_back({.measure = hazard.measure,
                                         .cause = Cause::sampled,
                                         .announced = onset,
                                         .from = onset + notice,
                                         .until = onset + notice + duration,
                                         .phase_in = parameters[hazard.phase_in],
                                         .phase_out = parameters[hazard.phase_out],
                                         .severity = severity});
    }
}

void sample_outages(const OutageHazard& hazard, int position, const Parameters& parameters,
                    TrialKey key, double horizon, Timeline& timeline)
{
    const double rate = parameters[hazard.rate_per_year];
    if (!(rate > 0)) {
        return;
    }
    Philox stream = make_stream(key.seed, Purpose::outage, key.trial, hazard.stream);
    const double mean_running_time = months_per_year / rate;
    double repaired = 0;
    while (true) {
        const double onset = repaired + exponential_time(stream, mean_running_time);
        if (!(onset < horizon)) {
            return;
        }
        repaired = onset + hazard.repair_days.distribution.draw(stream) / days_per_month;
        timeline.outages.push_back({.facility = hazard.facility,
                                    .cause = Cause::sampled,
                                    .hazard = position,
                                    .from = onset,
                                    .until = repaired,
                                    .loss = hazard.loss_share.distribution.draw(stream)});
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
                  return std::tie(left.from, left.cause, left.hazard, left.until)
                         < std::tie(right.from, right.cause, right.hazard, right.until);
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
    log_weight = 0;
}

void reference_timeline(const Model& model, const Parameters& parameters, Timeline& timeline)
{
    timeline.clear();
    add_standing(model, parameters, timeline);
    sort_events(timeline);
}

void sample_timeline(const Model& model, const Parameters& parameters, TrialKey key,
                     Timeline& timeline)
{
    const double horizon = model.months;
    timeline.clear();
    add_standing(model, parameters, timeline);
    add_scripted(model, parameters, timeline);
    for (const RestrictionHazard& hazard : model.restriction_hazards) {
        sample_restrictions(hazard, parameters, key, horizon, timeline);
    }
    for (std::size_t index = 0; index < model.outage_hazards.size(); ++index) {
        sample_outages(model.outage_hazards[index], static_cast<int>(index), parameters, key,
                       horizon, timeline);
    }
    sort_events(timeline);
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

}  // namespace chokepoint
