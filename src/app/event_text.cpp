#include "chokepoint/app/event_text.hpp"

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace chokepoint {
namespace {

std::string commodities_text(const Model& model, const Measure& measure)
{
    if (measure.commodities.size() == model.commodities.size()
        && model.commodities.size() > 1) {
        return "all commodities";
    }
    std::vector<std::string> names;
    for (const CommodityId commodity : measure.commodities) {
        names.push_back(model.commodities[commodity.index()].name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string targets_text(const Model& model, const Measure& measure)
{
    if (measure.all_targets) {
        return "";
    }
    std::vector<std::string> names;
    for (const RegionId region : measure.targets) {
        names.push_back(model.regions[region.index()]);
    }
    return fmt::format(" to {}", fmt::join(names, ", "));
}

std::string action_text(const Parameters& parameters, const Measure& measure, double severity)
{
    if (measure.instrument == Instrument::tax) {
        return fmt::format("taxed at {}", percent(parameters[measure.tax_rate]));
    }
    if (measure.quota_t) {
        const std::string period = measure.period_months == 0 ? "in all"
                                   : measure.period_months == 1
                                       ? "per month"
                                       : fmt::format("per {} months", measure.period_months);
        return fmt::format("limited to {} t {}{}", short_number(parameters[*measure.quota_t]),
                           period, measure.shared ? ", shared" : "");
    }
    return severity >= 1 ? "stopped" : fmt::format("cut by {}", percent(severity));
}

std::string notice_text(const Date& start, const RestrictionEvent& event)
{
    if (event.cause == Cause::standing || event.announced >= event.from) {
        return "";
    }
    return fmt::format("; announced {}", date_text(start, event.announced));
}

}  // namespace

std::string date_text(const Date& start, double months)
{
    // A little more, so that the first of a month does not fall on the last day before it.
    constexpr double rounding = 1e-9;
    const double whole = std::floor(months + rounding);
    const Date month = parse_date(month_label(start, static_cast<int>(whole))).value();
    const int days = days_in_month(month.year, month.month);
    const int day = 1 + static_cast<int>(std::max(months - whole, 0.0) * days + rounding);
    return to_string({month.year, month.month, std::min(day, days)});
}

std::string period_text(const Date& start, double from, double until)
{
    if (std::isinf(from) && std::isinf(until)) {
        return "throughout";
    }
    if (std::isinf(from)) {
        return "until " + date_text(start, until);
    }
    if (std::isinf(until)) {
        return "from " + date_text(start, from);
    }
    return from == until ? date_text(start, from)
                         : date_text(start, from) + " to " + date_text(start, until);
}

const char* cause_name(Cause cause)
{
    switch (cause) {
        case Cause::standing:
            return "standing";
        case Cause::scripted:
            return "scripted";
        case Cause::sampled:
            return "sampled";
    }
    return "";
}

std::string measure_text(const Model& model, const Parameters& parameters,
                         const Measure& measure, double severity)
{
    std::string text = fmt::format(
        "exports of {} from {}{} after {} are {}", commodities_text(model, measure),
        model.regions[measure.exporter.index()], targets_text(model, measure),
        model.stages[measure.layer.index()], action_text(parameters, measure, severity));
    if (const double leakage = parameters[measure.leakage]; leakage > 0) {
        text += fmt::format(", {} of the cut leaks out", percent(leakage));
    }
    return text;
}

namespace {

/// Months within the horizon.
double months_within(const Model& model, double from, double until)
{
    return std::max(0.0,
                    std::min(until, static_cast<double>(model.months)) - std::max(from, 0.0));
}

double cut_months(const Model& model, const Parameters& parameters,
                  const RestrictionEvent& event)
{
    const Measure& measure = model.measures[event.measure.index()];
    const double acute = measure.instrument == Instrument::tax ? parameters[measure.tax_rate]
                         : measure.quota_t                     ? 1
                                                               : event.severity;
    return acute * months_within(model, event.from, event.until)
           + event.structural_severity
                 * months_within(model, event.until, event.structural_until);
}

/// At reference prices, if all of a facility's capacity is used; of plants that take what
/// comes, at the mean price of the commodities.
double capacity_usd_per_year(const Model& model, const Parameters& parameters,
                             const Facility& facility)
{
    double usd_per_kg = 0;
    for (const Output& output : facility.outputs) {
        usd_per_kg += parameters[output.share]
                      * parameters[model.commodities[output.commodity.index()].price];
    }
    for (const Commodity& commodity : model.commodities) {
        usd_per_kg +=
            facility.outputs.empty()
                ? parameters[commodity.price] / static_cast<double>(model.commodities.size())
                : 0;
    }
    return kg_per_tonne * parameters[facility.capacity] * usd_per_kg;
}

EventText restriction_event_text(const Model& model, const Parameters& parameters,
                                 const RestrictionEvent& event)
{
    const Measure& measure = model.measures[event.measure.index()];
    std::string sentence = measure_text(model, parameters, measure, event.severity);
    if (event.has_structural_phase()) {
        sentence += fmt::format(", from {} cut by {}", date_text(model.start, event.until),
                                percent(event.structural_severity));
    }
    sentence += notice_text(model.start, event);
    if (event.provoked_by >= 0) {
        const RestrictionHazard& parent =
            model.restriction_hazards[static_cast<std::size_t>(event.provoked_by)];
        sentence +=
            fmt::format("; provoked by {}", model.measures[parent.measure.index()].name);
    }
    return {event.from,
            event.last_day(),
            "export_restriction",
            cause_name(event.cause),
            measure.name,
            sentence,
            cut_months(model, parameters, event)};
}

EventText outage_event_text(const Model& model, const Parameters& parameters,
                            const OutageEvent& event)
{
    const Facility& facility = model.facilities[event.facility.index()];
    return {event.from,
            event.until,
            "outage",
            cause_name(event.cause),
            model.outage_sources[event.source].name,
            fmt::format("{} in {} loses {} of its capacity", facility.name,
                        model.regions[facility.region.index()], percent(event.loss)),
            event.loss * months_within(model, event.from, event.until) / months_per_year
                * capacity_usd_per_year(model, parameters, facility)};
}

/// What has happened to a facility by the end of a month.
std::string change_text(FacilityPhase before, FacilityPhase now)
{
    switch (now) {
        case FacilityPhase::shut:
            return "shuts, since prices are low";
        case FacilityPhase::restarting:
            return "is to run again";
        case FacilityPhase::decided:
            return "is decided on, since prices are high";
        case FacilityPhase::awaited:
            break;
        case FacilityPhase::running:
            return before == FacilityPhase::shut || before == FacilityPhase::restarting
                       ? "runs again"
                       : "opens";
    }
    throw std::logic_error("change_text: nothing leads there");
}

EventText spell_text(const Model& model, const TenseSpell& spell)
{
    const Tension& tension = model.tensions[spell.tension];
    std::vector<std::string> parties;
    for (const RegionId region : tension.regions) {
        parties.push_back(model.regions[region.index()]);
    }
    return {spell.from,
            std::min(spell.until, static_cast<double>(model.months)),
            "tension",
            "sampled",
            tension.name,
            fmt::format("relations between {} are tense", fmt::join(parties, ", ")),
            months_within(model, spell.from, spell.until)};
}

EventText jump_text(const Model& model, const PriceJump& jump)
{
    const PriceShock& shock = model.price_shocks[jump.shock];
    const CommodityId commodity(shock.cells.front() / model.regions.size());
    const char* channel = shock.channel == ShockChannel::demand   ? "demand"
                          : shock.channel == ShockChannel::supply ? "the cost of supply"
                                                                  : "the quoted price";
    return {jump.time,
            jump.time,
            "price_jump",
            "sampled",
            shock.name,
            fmt::format("{} of {} jumps by {:+.0f} % (as a price)", channel,
                        model.commodities[commodity.index()].name,
                        100 * (portable_exp(jump.size) - 1)),
            std::abs(jump.size)};
}

}  // namespace

std::vector<EventText> facility_texts(const Model& model, const Path& path)
{
    std::vector<EventText> texts;
    std::vector<FacilityPhase> before;
    for (const Facility& facility : model.facilities) {
        before.push_back(facility.opening && facility.opening->induced
                             ? FacilityPhase::awaited
                             : FacilityPhase::running);
    }
    for (std::size_t at = 0; at < path.phase.size(); ++at) {
        const std::size_t position = at % before.size();
        const FacilityPhase now = path.phase[at];
        if (now == before[position]) {
            continue;
        }
        const Facility& facility = model.facilities[position];
        const auto since = static_cast<double>(at / before.size() + 1);
        texts.push_back(
            {since, since, "facility", "prices", facility.name,
             fmt::format("{} in {} {}", facility.name, model.regions[facility.region.index()],
                         change_text(before[position], now))});
        before[position] = now;
    }
    return texts;
}

std::vector<EventText> event_texts(const Model& model, const Parameters& parameters,
                                   const Timeline& timeline)
{
    std::vector<EventText> texts;
    for (const RestrictionEvent& event : timeline.restrictions) {
        texts.push_back(restriction_event_text(model, parameters, event));
    }
    for (const OutageEvent& event : timeline.outages) {
        texts.push_back(outage_event_text(model, parameters, event));
    }
    for (const TenseSpell& spell : timeline.tense_spells) {
        texts.push_back(spell_text(model, spell));
    }
    for (const PriceJump& jump : timeline.price_jumps) {
        texts.push_back(jump_text(model, jump));
    }
    std::stable_sort(
        texts.begin(), texts.end(),
        [](const EventText& one, const EventText& other) { return one.from < other.from; });
    return texts;
}

}  // namespace chokepoint
