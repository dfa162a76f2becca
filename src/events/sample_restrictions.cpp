// Export restrictions (docs/model.md section 4): a Poisson process per hazard whose rate a
// tense relation may raise, and what its events provoke.

#include <algorithm>

#include "chokepoint/support/calendar.hpp"
#include "samplers.hpp"

namespace chokepoint {
namespace {

/// Equation (17): the spells of one relation within [0, horizon): calm and tense times
/// alternate, exponential, from a start in the stationary law.
void sample_tension(const Model& model, std::size_t position, const Parameters& parameters,
                    TrialKey key, Timeline& timeline)
{
    const Tension& tension = model.tensions[position];
    const double to_tense = parameters[tension.becomes_tense_per_year];
    const double to_calm = parameters[tension.becomes_calm_per_year];
    Philox stream = make_stream(key.seed, Purpose::tension, key.trial, tension.stream);
    bool is_tense = uniform01(stream) < to_tense / (to_tense + to_calm);
    for (double from = 0; from < model.months; is_tense = !is_tense) {
        const double until =
            from + exponential_time(stream, months_per_year / (is_tense ? to_calm : to_tense));
        if (is_tense) {
            timeline.tense_spells.push_back({position, from, until});
        }
        from = until;
    }
}

/// The time at which a Poisson process of one event per calm `mean_gap` has used up another
/// `gap` of calm time, when time runs `factor` times as fast during spells: exact, since the
/// rate is constant between the ends of spells.
double onset_after(double from, double gap, double factor, const Timeline& timeline,
                   std::size_t tension)
{
    for (const TenseSpell& spell : timeline.tense_spells) {
        if (spell.tension != tension || spell.until <= from) {
            continue;
        }
        const double calm = std::max(0.0, spell.from - from);
        if (gap < calm) {
            break;
        }
        gap -= calm;
        from += calm;
        const double tense = (spell.until - from) * factor;
        if (gap < tense) {
            return from + gap / factor;
        }
        gap -= tense;
        from = spell.until;
    }
    return from + gap;
}

/// Equation (19): draws the marks of an event from its own stream, so that no event moves
/// another's, and adds it to the timeline.
void add_event(const Model& model, std::size_t position, const Parameters& parameters,
               TrialKey trial, double onset, const RestrictionEvent& origin, Timeline& timeline)
{
    const RestrictionHazard& hazard = model.restriction_hazards[position];
    Philox stream = make_stream(trial.seed, Purpose::event, trial.trial, origin.key);
    RestrictionEvent event = origin;
    event.measure = hazard.measure;
    event.cause = Cause::sampled;
    event.hazard = static_cast<int>(position);
    event.severity = hazard.severity.distribution.draw(stream);
    const double duration = hazard.duration_days.distribution.draw(stream) / days_per_month;
    const double notice = hazard.notice_days.distribution.draw(stream) / days_per_month;
    event.announced = onset;
    event.from = onset + notice;
    event.until = event.from + duration;
    event.phase_in = parameters[hazard.phase_in];
    event.phase_out = parameters[hazard.phase_out];
    if (hazard.untargeted && uniform01(stream) >= parameters[hazard.targeted_probability]) {
        event.measure = *hazard.untargeted;
    }
    if (hazard.structural && uniform01(stream) < parameters[hazard.structural->probability]) {
        event.structural_severity = hazard.structural->severity.distribution.draw(stream);
        event.structural_until =
            event.until
            + hazard.structural->duration_days.distribution.draw(stream) / days_per_month;
    }
    timeline.restrictions.push_back(event);
}

/// The events of one hazard that nothing in the model provokes.
void sample_immigrants(const Model& model, std::size_t position, const Parameters& parameters,
                       TrialKey key, Timeline& timeline)
{
    const RestrictionHazard& hazard = model.restriction_hazards[position];
    const double rate = parameters[hazard.rate_per_year];
    if (!(rate > 0)) {
        return;
    }
    const double mean_gap = months_per_year / rate;
    Philox stream = make_stream(key.seed, Purpose::restriction, key.trial, hazard.stream);
    double onset = 0;
    for (std::uint64_t number = 0;; ++number) {
        const double gap = exponential_time(stream, mean_gap);
        onset = hazard.tension ? onset_after(onset, gap, parameters[hazard.tense_factor],
                                             timeline, *hazard.tension)
                               : onset + gap;
        if (!(onset < model.months)) {
            return;
        }
        RestrictionEvent origin;
        origin.key = origin.wave = hash_part(hazard.stream, number);
        add_event(model, position, parameters, key, onset, origin, timeline);
    }
}

/// Equation (18): what one event provokes over one link: a Poisson process of intensity n b
/// e^{-b t} after it, whose events lie at t = -ln(1 - s / n) / b for arrivals s < n of a unit
/// process.
void sample_offspring(const Model& model, const Contagion& link, const Parameters& parameters,
                      TrialKey key, const RestrictionEvent& parent, Timeline& timeline)
{
    const double offspring = parameters[link.offspring];
    const double mean_delay = parameters[link.mean_delay_days] / days_per_month;
    const std::uint64_t entity = hash_part(link.stream, parent.key);
    Philox stream = make_stream(key.seed, Purpose::contagion, key.trial, entity);
    double arrival = 0;
    for (std::uint64_t number = 0;; ++number) {
        arrival += exponential_time(stream, 1);
        if (!(arrival < offspring)) {
            return;
        }
        const double onset =
            parent.announced - mean_delay * portable_log(1 - arrival / offspring);
        if (!(onset < model.months)) {
            return;
        }
        RestrictionEvent origin;
        origin.provoked_by = parent.hazard;
        origin.key = hash_part(entity, number);
        origin.wave = parent.wave;
        add_event(model, link.to, parameters, key, onset, origin, timeline);
    }
}

}  // namespace

void sample_restrictions(const Model& model, const Parameters& parameters, TrialKey key,
                         Timeline& timeline)
{
    for (std::size_t tension = 0; tension < model.tensions.size(); ++tension) {
        sample_tension(model, tension, parameters, key, timeline);
    }
    const std::size_t first = timeline.restrictions.size();
    for (std::size_t hazard = 0; hazard < model.restriction_hazards.size(); ++hazard) {
        sample_immigrants(model, hazard, parameters, key, timeline);
    }
    if (model.contagion.empty()) {
        return;
    }
    // The list grows while it is gone through: the provoked provoke in their turn.
    for (std::size_t parent = first; parent < timeline.restrictions.size(); ++parent) {
        const RestrictionEvent event = timeline.restrictions[parent];
        for (const Contagion& link : model.contagion) {
            if (static_cast<int>(link.from) == event.hazard) {
                sample_offspring(model, link, parameters, key, event, timeline);
            }
        }
    }
}

}  // namespace chokepoint
