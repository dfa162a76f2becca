#include "chokepoint/engine/event_tally.hpp"

namespace chokepoint {

EventCounter::EventCounter(const Model& model)
    : horizon_(model.months),
      tally_of_measure_(model.measures.size()),
      tally_of_outage_source_(model.outage_sources.size())
{
    for (const Measure& measure : model.measures) {
        cuts_a_share_.push_back(measure.instrument != Instrument::tax && !measure.quota_t);
    }
    const auto add_restriction = [&](MeasureId measure, const char* cause) {
        tally_of_measure_[measure.index()] =
            add_entry(model.measures[measure.index()].name, "export_restriction", cause);
    };
    const auto add_outages = [&](bool scripted) {
        for (std::size_t source = 0; source < model.outage_sources.size(); ++source) {
            const OutageSource& entry = model.outage_sources[source];
            if (entry.is_scripted == scripted) {
                tally_of_outage_source_[source] =
                    add_entry(entry.name, "outage", scripted ? "scripted" : "sampled");
            }
        }
    };
    for (const ScriptedRestriction& entry : model.scripted_restrictions) {
        add_restriction(entry.measure, "scripted");
    }
    add_outages(true);
    for (const RestrictionHazard& hazard : model.restriction_hazards) {
        add_restriction(hazard.measure, "sampled");
        if (hazard.untargeted) {
            tally_of_measure_[hazard.untargeted->index()] =
                tally_of_measure_[hazard.measure.index()];
        }
    }
    add_outages(false);
    for (const Tension& tension : model.tensions) {
        tally_of_tension_.push_back(add_entry(tension.name, "tension", "sampled"));
    }
    for (const PriceShock& shock : model.price_shocks) {
        tally_of_price_shock_.push_back(
            shock.jumps ? add_entry(shock.name, "price_jump", "sampled") : empty_.size());
    }
}

std::size_t EventCounter::add_entry(const std::string& name, const char* type,
                                    const char* cause)
{
    empty_.push_back({.name = name,
                      .type = type,
                      .cause = cause,
                      .per_trial = {},
                      .duration_months = {},
                      .severity = {}});
    return empty_.size() - 1;
}

void EventCounter::add(const Timeline& timeline, std::vector<EventTally>& tallies) const
{
    std::vector<double> counts(tallies.size());
    const auto begins_within_horizon = [&](double from) {
        return from >= 0 && from < horizon_;
    };
    for (const RestrictionEvent& event : timeline.restrictions) {
        if (event.cause == Cause::standing || !begins_within_horizon(event.from)) {
            continue;
        }
        const std::size_t measure = event.measure.index();
        EventTally& tally = tallies[tally_of_measure_[measure]];
        counts[tally_of_measure_[measure]] += 1;
        tally.duration_months.add(event.last_day() - event.from);
        if (cuts_a_share_[measure]) {
            tally.severity.add(event.severity);
        }
    }
    for (const OutageEvent& event : timeline.outages) {
        if (!begins_within_horizon(event.from)) {
            continue;
        }
        const std::size_t position = tally_of_outage_source_[event.source];
        counts[position] += 1;
        tallies[position].duration_months.add(event.until - event.from);
        tallies[position].severity.add(event.loss);
    }
    for (const TenseSpell& spell : timeline.tense_spells) {
        if (spell.from > 0) {  // one under way at the start is cut there
            counts[tally_of_tension_[spell.tension]] += 1;
            tallies[tally_of_tension_[spell.tension]].duration_months.add(spell.until
                                                                          - spell.from);
        }
    }
    for (const PriceJump& jump : timeline.price_jumps) {
        counts[tally_of_price_shock_[jump.shock]] += 1;
        tallies[tally_of_price_shock_[jump.shock]].severity.add(jump.size);
    }
    for (std::size_t position = 0; position < tallies.size(); ++position) {
        tallies[position].per_trial.add(counts[position]);
    }
}

}  // namespace chokepoint
