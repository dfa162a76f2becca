#pragma once

#include <vector>

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// Why an event happens; scripted and sampled events do not touch the reference run.
enum class Cause { standing, scripted, sampled };

/// A restriction in model time (months). Its force rises linearly from 0 at `from` to 1 at
/// `from + phase_in`, holds until `until`, and falls to 0 at `until + phase_out`. One that ends
/// before it is fully in force falls from where it got to.
struct RestrictionEvent {
    MeasureId measure;
    Cause cause = Cause::scripted;
    double announced = 0, from = 0, until = 0;
    double phase_in = 0, phase_out = 0;
    double severity = 0;  ///< Share cut, 0 to 1; 0 for taxes and absolute quotas.
};

struct OutageEvent {
    FacilityId facility;
    Cause cause = Cause::scripted;
    int hazard = -1;  ///< Position in outage_hazards (sampled) or scripted_outages (scripted).
    double from = 0, until = 0;
    double loss = 0;  ///< Share of capacity lost, 0 to 1.
};

/// All that happens in one run of a trial, sorted by start time, then by position in the model.
struct Timeline {
    std::vector<RestrictionEvent> restrictions;
    std::vector<OutageEvent> outages;
    double log_weight = 0;  ///< ln of the importance weight; 0 when sampled plainly.

    void clear();
};

/// The timeline of the reference run: standing measures only.
void reference_timeline(const Model& model, const Parameters& parameters, Timeline& timeline);

/// The timeline of the disrupted run: standing measures, scripted events, and what each
/// hazard's stream brings within the horizon: onsets in [0, months).
///
/// Restrictions come by a Poisson process of `rate_per_year`: an onset is the announcement, the
/// restriction starts `notice_days` later (also past the horizon). The stream is drawn event by
/// event: gap, severity, duration. Outages alternate: exponential running time of mean 12 /
/// `rate_per_year`, then repair with its loss share (drawn in this order); a facility runs at
/// the start.
void sample_timeline(const Model& model, const Parameters& parameters, TrialKey key,
                     Timeline& timeline);

/// Share of month `month` (0-based) for which the restriction is in force, weighted by its
/// ramps: the exact integral of its force over the month.
double share_in_force(const RestrictionEvent& event, int month);

}  // namespace chokepoint
