#pragma once

#include <cstdint>
#include <vector>

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// Why an event happens; scripted and sampled events do not touch the reference run.
enum class Cause { standing, scripted, sampled };

/// A restriction in model time (months). Its force rises linearly from 0 at `from` to 1 at
/// `from + phase_in`, holds until `until`, and falls to 0 at `until + phase_out`. One that ends
/// before it is fully in force falls from where it got to.
///
/// A structural phase may follow: it comes into force while the acute one falls, holds until
/// `structural_until`, and falls in its turn over `phase_out`.
struct RestrictionEvent {
    MeasureId measure;
    Cause cause = Cause::scripted;
    double announced = 0, from = 0, until = 0;
    double phase_in = 0, phase_out = 0;
    double severity = 0;             ///< Share cut, 0 to 1; 0 for taxes and absolute quotas.
    double structural_until = 0;     ///< Not after `until`: no such phase.
    double structural_severity = 0;  ///< Share cut in it.

    int hazard = -1;        ///< Position in restriction_hazards; -1 unless sampled.
    int provoked_by = -1;   ///< The hazard of the event that provoked it; -1: by none.
    std::uint64_t key = 0;  ///< From which its marks, and what it provokes, are drawn.
    std::uint64_t wave =
        0;  ///< Key of the event, itself provoked by none, that it goes back to.

    bool has_structural_phase() const { return structural_until > until; }
    /// When it begins to be lifted for good, and when it is over.
    double last_day() const { return has_structural_phase() ? structural_until : until; }
    double end() const { return last_day() + phase_out; }
};

struct OutageEvent {
    FacilityId facility;
    Cause cause = Cause::scripted;
    std::size_t source = 0;  ///< Position in outage_sources.
    double from = 0, until = 0;
    double loss = 0;  ///< Share of capacity lost, 0 to 1.
};

/// A time in which a relation is tense; it may have begun before the start and last beyond the
/// horizon.
struct TenseSpell {
    std::size_t tension = 0;  ///< Position in tensions.
    double from = 0, until = 0;
};

/// A jump of a price shock.
struct PriceJump {
    std::size_t shock = 0;  ///< Position in price_shocks.
    double time = 0;
    double size = 0;  ///< Of ln price.
};

/// All that happens in one run of a trial. Restrictions and outages are sorted by start time,
/// then by position in the model; spells and jumps stand by position, then time.
struct Timeline {
    std::vector<RestrictionEvent> restrictions;
    std::vector<OutageEvent> outages;
    std::vector<TenseSpell> tense_spells;
    std::vector<PriceJump> price_jumps;
    /// ln price ratio at the end of each month: [month * shocks + shock]; empty if there are
    /// none.
    std::vector<double> price_shocks;
    std::vector<double> innovations;  ///< Scratch of their sampler.
    /// ln of the weight of the trial, its parameters included; 0 when sampled plainly.
    double log_weight = 0;

    void clear();
};

/// The timeline of the reference run: standing measures only.
void reference_timeline(const Model& model, const Parameters& parameters, Timeline& timeline);

/// The timeline of the disrupted run: standing measures, scripted events, and what each
/// hazard's streams bring within the horizon: onsets in [0, months) (docs/model.md, sections 4
/// to 6).
///
/// \param tilt  If given, the law that immigrants and marks are drawn from, after parameters
///              were drawn with it.
void sample_timeline(const Model& model, const Parameters& parameters, TrialKey key,
                     Timeline& timeline, TiltedDraws* tilt = nullptr);

/// Share of month `month` (0-based) for which the acute phase of a restriction is in force,
/// weighted by its ramps: the exact integral of its force over the month.
double share_in_force(const RestrictionEvent& event, int month);

/// What a restriction with its phases does in one month.
struct Force {
    double share = 0;  ///< Of the month in force, in either phase.
    double cut = 0;    ///< Share of the free flow that is cut.
};

/// Equation (20): exact integrals over the month of the force and of severity times force.
Force force_in(const RestrictionEvent& event, int month);

}  // namespace chokepoint
