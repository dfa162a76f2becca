// Export restrictions (docs/model.md section 4): a Poisson process per hazard whose rate a
// tense relation may raise, and what its events provoke.

#include <algorithm>

#include "chokepoint/support/calendar.hpp"
#include "samplers.hpp"

namespace chokepoint {
namespace {

/// Equation (17): the spells of one relation within [0, horizon): calm and tense times
/// alternate, exponential, from a start in the stationary law.
void sample_tension(const Drawing& drawing, std::size_t position)
{
    const Tension& tension = drawing.model.tensions[position];
    const double to_tense = drawing.parameters[tension.becomes_tense_per_year];
    const double to_calm = drawing.parameters[tension.becomes_calm_per_year];
    Philox stream = drawing.stream(Purpose::tension, tension.stream);
    bool is_tense = uniform01(stream) < to_tense / (to_tense + to_calm);
    for (double from = 0; from < drawing.model.months; is_tense = !is_tense) {
        const double until =
            from + exponential_time(stream, months_per_year / (is_tense ? to_calm : to_tense));
        if (is_tense) {
            drawing.timeline.tense_spells.push_back({position, from, until});
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
void add_event(const Drawing& drawing, std::size_t position, double onset,
               const RestrictionEvent& origin)
{
    const RestrictionHazard& hazard = drawing.model.restriction_hazards[position];
    const Parameters& parameters = drawing.parameters;
    if (!drawing.keeps(parameters[hazard.keep_share], origin.key)) {
        return;  // nor does it provoke any
    }
    Philox stream = drawing.stream(Purpose::event, origin.key);
    RestrictionEvent event = origin;
    event.measure = hazard.measure;
    event.cause = Cause::sampled;
    event.hazard = static_cast<int>(position);
    const std::size_t entry = entry_at(position, onset, drawing.model.months);
    event.severity = drawing.mark(hazard.severity, stream, Knob::severity, entry);
    const double duration =
        drawing.mark(hazard.duration_days, stream, Knob::duration, entry) / days_per_month;
    const double notice =
        drawing.mark(hazard.notice_days, stream, Knob::notice, entry) / days_per_month;
    event.announced = onset;
    event.from = onset + notice;
    event.until = event.from + duration;
    event.phase_in = parameters[hazard.phase_in];
    event.phase_out = parameters[hazard.phase_out];
    if (hazard.untargeted
        && !drawing.decide(parameters[hazard.targeted_probability], stream, Knob::targeted,
                           entry)) {
        event.measure = *hazard.untargeted;
    }
    if (hazard.structural
        && drawing.decide(parameters[hazard.structural->probability], stream, Knob::structural,
                          entry)) {
        event.structural_severity =
            drawing.mark(hazard.structural->severity, stream, Knob::structural_severity, entry);
        event.structural_until = event.until
                                 + drawing.mark(hazard.structural->duration_days, stream,
                                                Knob::structural_duration, entry)
                                       / days_per_month;
    }
    drawing.timeline.restrictions.push_back(event);
}

/// The onsets of one hazard that nothing in the model provokes, from one stream.
class Immigrants {
public:
    Immigrants(const Drawing& drawing, std::size_t position)
        : drawing_(drawing),
          position_(position),
          hazard_(drawing.model.restriction_hazards[position]),
          rate_(drawing.parameters[hazard_.rate_per_year]),
          tense_factor_(drawing.parameters[hazard_.tense_factor]),
          stream_(drawing.stream(Purpose::restriction, hazard_.stream))
    {}

    void run()
    {
        if (!(rate_ > 0)) {
            return;
        }
        if (drawing_.tilt == nullptr) {
            add_within(0, drawing_.model.months, 1);
            return;
        }
        // A Poisson process has no memory, so it may start anew in each part of the horizon.
        const double length = static_cast<double>(drawing_.model.months) / horizon_parts;
        for (std::size_t part = 0; part < horizon_parts; ++part) {
            const double from = static_cast<double>(part) * length;
            const std::size_t entry = position_ * horizon_parts + part;
            const std::uint64_t before = number_;
            add_within(from, from + length, drawing_.tilt->factor(Knob::onsets, entry));
            drawing_.tilt->note(Knob::onsets, entry, static_cast<double>(number_ - before),
                                expected_within(from, from + length));
        }
    }

private:
    /// Onsets in [from, until), so many times as often as written.
    void add_within(double from, double until, double factor)
    {
        const double mean_gap = months_per_year / (rate_ * factor);
        for (double onset = from;; ++number_) {
            const double gap = exponential_time(stream_, mean_gap);
            onset = hazard_.tension ? onset_after(onset, gap, tense_factor_, drawing_.timeline,
                                                  *hazard_.tension)
                                    : onset + gap;
            if (!(onset < until)) {
                return;
            }
            RestrictionEvent origin;
            origin.key = origin.wave = hash_part(hazard_.stream, number_);
            add_event(drawing_, position_, onset, origin);
        }
    }

    /// How many onsets are to be expected as written, with the trial's tense spells: the
    /// integral of (17).
    double expected_within(double from, double until) const
    {
        double clock = until - from;
        for (const TenseSpell& spell : drawing_.timeline.tense_spells) {
            if (hazard_.tension && spell.tension == *hazard_.tension) {
                const double tense = std::min(spell.until, until) - std::max(spell.from, from);
                clock += (tense_factor_ - 1) * std::max(0.0, tense);
            }
        }
        return rate_ * clock / months_per_year;
    }

    const Drawing& drawing_;
    std::size_t position_;
    const RestrictionHazard& hazard_;
    double rate_, tense_factor_;
    Philox stream_;
    std::uint64_t number_ = 0;  ///< Of the next one.
};

/// Equation (18): what one event provokes over one link: a Poisson process of intensity n b
/// e^{-b t} after it, whose events lie at t = -ln(1 - s / n) / b for arrivals s < n of a unit
/// process.
void sample_offspring(const Drawing& drawing, const Contagion& link,
                      const RestrictionEvent& parent)
{
    const double offspring = drawing.parameters[link.offspring];
    const double mean_delay = drawing.parameters[link.mean_delay_days] / days_per_month;
    const std::uint64_t entity = hash_part(link.stream, parent.key);
    Philox stream = drawing.stream(Purpose::contagion, entity);
    double arrival = 0;
    for (std::uint64_t number = 0;; ++number) {
        arrival += exponential_time(stream, 1);
        if (!(arrival < offspring)) {
            return;
        }
        const double onset =
            parent.announced - mean_delay * portable_log(1 - arrival / offspring);
        if (!(onset < drawing.model.months)) {
            return;
        }
        RestrictionEvent origin;
        origin.provoked_by = parent.hazard;
        origin.key = hash_part(entity, number);
        origin.wave = parent.wave;
        add_event(drawing, link.to, onset, origin);
    }
}

}  // namespace

void sample_restrictions(const Drawing& drawing)
{
    const Model& model = drawing.model;
    const Timeline& timeline = drawing.timeline;
    for (std::size_t tension = 0; tension < model.tensions.size(); ++tension) {
        sample_tension(drawing, tension);
    }
    const std::size_t first = timeline.restrictions.size();
    for (std::size_t hazard = 0; hazard < model.restriction_hazards.size(); ++hazard) {
        Immigrants(drawing, hazard).run();
    }
    if (model.contagion.empty()) {
        return;
    }
    // The list grows while it is gone through: the provoked provoke in their turn.
    for (std::size_t parent = first; parent < timeline.restrictions.size(); ++parent) {
        const RestrictionEvent event = timeline.restrictions[parent];
        for (const Contagion& link : model.contagion) {
            if (static_cast<int>(link.from) == event.hazard) {
                sample_offspring(drawing, link, event);
            }
        }
    }
}

}  // namespace chokepoint
