#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "bind.hpp"
#include "messages.hpp"

namespace chokepoint {
namespace {

/// A section with the keys of a restriction, and what has been bound so far.
struct Terms {
    const Section& section;
    const Scenario& scenario;
    bool is_sampled;
    bool may_cap_imports = false;
};

void check_excluded(const Section& section, std::initializer_list<std::string_view> keys,
                    std::string_view reason)
{
    for (const std::string_view key : keys) {
        if (section.has(key)) {
            section.error(key, fmt::format("cannot stand here ({})", reason));
        }
    }
}

void check_quota(const Terms& terms)
{
    const Section& section = terms.section;
    check_excluded(section, {"tax_rate"}, "only a tax has it, and this is a quota");
    if (terms.is_sampled) {
        check_excluded(section, {"quota_t"},
                       "a sampled restriction cuts a share: use severity");
        if (!section.has("severity")) {
            section.error_here("\"severity\" is missing (the share that the quota cuts)");
        }
    } else if (section.has("quota_t") && section.has("severity")) {
        section.error("severity", "stands beside \"quota_t\" (must be one of the two)");
    } else if (!section.has("quota_t") && !section.has("severity")
               && !(terms.may_cap_imports && section.has("max_import_share"))) {
        section.error_here(
            "\"quota_t\" or \"severity\" is missing (a quota needs one of the two)");
    }
}

void check_licensing(const Terms& terms)
{
    const Section& section = terms.section;
    check_excluded(section, {"tax_rate", "quota_t"}, "licensing cuts a share: use severity");
    if (!section.has("severity")) {
        section.error_here("\"severity\" is missing (the share that licensing cuts at first)");
    }
    if (terms.is_sampled && !section.has("structural")) {
        section.error_here(
            "\"structural\" is missing (licences stay when the first stop is over)");
    }
}

/// Which keys go with which instrument.
void check_instrument(const Terms& terms, const std::string& instrument)
{
    const Section& section = terms.section;
    if (instrument == "quota") {
        check_quota(terms);
    } else if (instrument == "ban") {
        check_excluded(section, {"quota_t", "severity", "shared"},
                       "a ban cuts the whole flow; for less, use a quota");
        check_excluded(section, {"tax_rate"}, "only a tax has it, and this is a ban");
    } else if (instrument == "licensing") {
        check_licensing(terms);
    } else if (instrument == "tax") {
        check_excluded(section, {"quota_t", "severity", "shared", "leakage"},
                       "a tax has its rate only");
        if (!section.has("tax_rate")) {
            section.error_here("\"tax_rate\" is missing (a tax needs it)");
        }
    }
}

Instrument instrument_of(const std::string& word)
{
    return word == "tax"         ? Instrument::tax
           : word == "ban"       ? Instrument::ban
           : word == "licensing" ? Instrument::licensing
                                 : Instrument::quota;
}

/// The importers that a target stands for.
std::vector<std::string> target_regions(const NameInList& target, const std::string& exporter,
                                        const Terms& terms)
{
    Reading& reading = terms.section.reading();
    std::vector<std::string> regions = regions_called(target, terms.scenario, reading);
    if (reading.regions.has(target.name) && target.name == exporter) {
        reading.error(
            target.place, target.path,
            fmt::format("{} is the exporter itself (name importers)", in_quotes(target.name)));
    } else {
        std::erase(regions, exporter);
    }
    return regions;
}

Names bind_targets(const Terms& terms, const std::string& exporter)
{
    const NameList written = terms.section.name_list("targets");
    Names targets;
    targets.all = written.all;
    targets.place = written.place;
    bool only_alliances = !written.names.empty();
    for (const NameInList& name : written.names) {
        only_alliances = only_alliances && terms.section.reading().alliances.has(name.name);
        for (std::string& region : target_regions(name, exporter, terms)) {
            if (std::find(targets.names.begin(), targets.names.end(), region)
                == targets.names.end()) {
                targets.names.push_back(std::move(region));
            }
        }
    }
    if (only_alliances && targets.names.empty() && !exporter.empty()
        && terms.section.reading().regions.is_complete()) {
        terms.section.error("targets",
                            fmt::format("no importer is left (the exporter, {}, is the only "
                                        "member)",
                                        in_quotes(exporter)));
    }
    return targets;
}

std::vector<std::string> bind_exempt(const Terms& terms)
{
    std::vector<std::string> exempt;
    for (const NameInList& name : terms.section.name_list("exempt").names) {
        for (std::string& region :
             regions_called(name, terms.scenario, terms.section.reading())) {
            if (std::ranges::find(exempt, region) == exempt.end()) {
                exempt.push_back(std::move(region));
            }
        }
    }
    return exempt;
}

std::vector<std::string> covered(const Names& names, const std::vector<std::string>& every)
{
    return names.all ? every : names.names;
}

void check_weights(const Terms& terms, const RestrictionTerms& bound,
                   const std::vector<std::string>& commodities)
{
    if (terms.section.has("weights") && !bound.shared) {
        terms.section.error("weights", "means nothing without a shared quota");
    }
    for (const auto& [commodity, weight] : bound.weights) {
        const bool is_covered =
            std::find(commodities.begin(), commodities.end(), commodity) != commodities.end();
        if (!is_covered && terms.section.reading().commodities.has(commodity)) {
            terms.section.reading().error(
                weight.place, terms.section.path_of("weights." + commodity),
                "is not among the commodities of this restriction (it has no effect)");
        }
    }
}

/// A restriction of what its exporter does not make reaches nothing.
void check_reach(const Terms& terms, const RestrictionTerms& bound,
                 const std::vector<std::string>& commodities)
{
    const Reading& reading = terms.section.reading();
    if (bound.exporter.empty() || bound.layer.empty() || commodities.empty()
        || !reading.facilities.is_complete()) {
        return;
    }
    std::vector<const FacilityEntry*> makers;
    bool stage_is_empty = true;
    for (const FacilityEntry& facility : terms.scenario.facilities) {
        if (facility.region.empty() || facility.stage.empty()) {
            return;  // where it belongs is unknown, and complained about already
        }
        stage_is_empty = stage_is_empty && facility.stage != bound.layer;
        if (facility.region == bound.exporter && facility.stage == bound.layer
            && has_capacity(facility)) {
            makers.push_back(&facility);
        }
    }
    if (stage_is_empty) {
        return;  // every commodity is complained about
    }
    std::vector<std::string> unreached;
    for (const std::string& commodity : commodities) {
        if (std::none_of(makers.begin(), makers.end(), [&](const auto* maker) {
                return puts_out(*maker, commodity, terms.scenario);
            })) {
            unreached.push_back(commodity);
        }
    }
    const bool reaches_some = bound.commodities.all && unreached.size() < commodities.size();
    if (!unreached.empty() && !reaches_some) {
        terms.section.error(
            "exporter",
            fmt::format(
                "no facility in {} at stage {} makes {}, so that the restriction reaches "
                "nothing",
                in_quotes(bound.exporter), in_quotes(bound.layer),
                bound.commodities.all ? "anything" : in_quotes(unreached.front())));
    }
}

/// Where the chains of the restricted goods end, all at one stage.
std::string end_of_chains(const Terms& terms, const std::vector<std::string>& commodities)
{
    std::string layer;
    std::string first;
    for (const std::string& commodity : commodities) {
        const std::string end = last_stage_of(commodity, terms.scenario);
        if (!layer.empty() && !end.empty() && end != layer) {
            terms.section.error_here(
                fmt::format(
                    "\"layer\" is missing (the chain of {} ends at {}, that of {} at {})",
                    first, in_quotes(layer), commodity, in_quotes(end)),
                "name the stage whose output may not leave");
            return {};
        }
        if (layer.empty()) {
            layer = end;
            first = commodity;
        }
    }
    return layer;
}

RestrictionTerms bind_terms(const Terms& terms)
{
    const Section& section = terms.section;
    const std::string instrument = section.choice("instrument");
    check_instrument(terms, instrument);

    RestrictionTerms bound;
    bound.exporter = section.name("exporter");
    bound.commodities = section.names("commodities");
    bound.instrument = instrument_of(instrument);
    bound.targets = bind_targets(terms, bound.exporter);
    bound.exempt = bind_exempt(terms);
    bound.quota_t = section.number_if_written("quota_t");
    bound.tax_rate = section.number_if_written("tax_rate");
    const std::vector<std::string> commodities =
        covered(bound.commodities, section.reading().commodities.names());
    bound.layer =
        section.has("layer") ? section.name("layer") : end_of_chains(terms, commodities);
    bound.shared = section.flag("shared").value_or(bound.quota_t && commodities.size() > 1);
    if (bound.quota_t && !bound.shared && commodities.size() > 1) {
        section.error("shared",
                      "must be true where one quota covers several commodities "
                      "(for a quota each, write one entry per commodity)");
    }
    bound.weights = section.number_map("weights");
    if (const auto period = section.whole_if_written("period_months")) {
        bound.period_months = static_cast<int>(*period);
    }
    bound.front_loading = section.number("front_loading");
    bound.leakage = section.number("leakage");
    check_weights(terms, bound, commodities);
    check_reach(terms, bound, commodities);
    return bound;
}

/// The dates of an event in order, and the event within the horizon.
void check_dates(const Section& section, const Scenario& scenario,
                 const std::optional<Date>& from, const std::optional<Date>& until)
{
    if (from && until && *until <= *from) {
        section.error("until", fmt::format("must lie after from (got {}, from is {})",
                                           to_string(*until), to_string(*from)));
        return;
    }
    if (scenario.start.year == 0 || scenario.months == 0) {
        return;
    }
    const std::string horizon =
        fmt::format("the horizon is {} to {}", month_label(scenario.start, 0),
                    month_label(scenario.start, scenario.months - 1));
    if (from && months_between(scenario.start, *from) >= scenario.months) {
        section.error("from", fmt::format("begins after the last month (got {}; {})",
                                          to_string(*from), horizon));
    }
    if (until && months_between(scenario.start, *until) <= 0) {
        section.error("until", fmt::format("ends before the first month (got {}; {})",
                                           to_string(*until), horizon));
    }
}

/// A cap on imports is a quota for named importers, and nothing else.
void check_import_cap(const Section& section, const RestrictionTerms& terms,
                      const Scenario& scenario)
{
    const std::optional<Date> from = section.date("from");
    if (!section.has("from")
        || (from && scenario.start.year != 0 && months_between(scenario.start, *from) < 1)) {
        section.error(
            "from",
            "must lie a month after the start at least (month 0 is balanced without the "
            "cap on imports)");
    }
    check_excluded(section, {"severity", "quota_t", "shared", "leakage"},
                   "a cap on imports has its share only");
    if (terms.instrument != Instrument::quota) {
        section.error("max_import_share", "needs instrument: quota");
    }
    if (terms.targets.all) {
        section.error("max_import_share", "needs targets (the importers that set the cap)");
    }
}

void bind_standing_measure(const Section& section, const std::string& name, Scenario& scenario)
{
    StandingMeasureEntry measure;
    measure.name = name;
    measure.place = section.place();
    measure.terms = bind_terms({section, scenario, false, true});
    measure.severity = section.number_or("severity", section.implied_number("severity", 1));
    measure.max_import_share = section.number_if_written("max_import_share");
    if (measure.max_import_share) {
        check_import_cap(section, measure.terms, scenario);
    }
    measure.from = section.date("from");
    measure.until = section.date("until");
    check_dates(section, scenario, measure.from, measure.until);
    if (measure.terms.instrument == Instrument::tax) {
        // Prices at month 0 hold with it, so that only a change can be felt.
        check_excluded(section, {"from", "until"},
                       "a standing tax holds for the whole horizon; for a change, script one");
    }
    scenario.standing_measures.push_back(std::move(measure));
}

void bind_scripted_restriction(const Section& section, const std::string& name,
                               Scenario& scenario)
{
    ScriptedRestrictionEntry event;
    event.name = name;
    event.place = section.place();
    event.terms = bind_terms({section, scenario, false});
    event.severity = section.number_or("severity", section.implied_number("severity", 1));
    const auto from = section.date("from");
    const auto until = section.date("until");
    check_dates(section, scenario, from, until);
    event.from = from.value_or(Date{});
    event.until = until.value_or(Date{});
    event.announced = section.date("announced");
    if (event.announced && from && *event.announced > *from) {
        section.error("announced", fmt::format("must not lie after from (got {}, from is {})",
                                               to_string(*event.announced), to_string(*from)));
    }
    event.phase_in_months = section.number("phase_in_months");
    event.phase_out_months = section.number("phase_out_months");
    scenario.scripted_restrictions.push_back(std::move(event));
}

void bind_scripted_outage(const Section& section, const std::string& name, Scenario& scenario)
{
    ScriptedOutageEntry event;
    event.name = name;
    event.place = section.place();
    event.facility = section.name("facility");
    const auto from = section.date("from");
    const auto until = section.date("until");
    check_dates(section, scenario, from, until);
    event.from = from.value_or(Date{});
    event.until = until.value_or(Date{});
    event.loss_share = section.number("loss_share");
    scenario.scripted_outages.push_back(std::move(event));
}

/// The tension that a restriction depends on; its exporter must be a party to it.
void bind_tension_of(const Section& section, const Scenario& scenario,
                     RestrictionHazardEntry& hazard)
{
    hazard.tension = section.name("tension");
    hazard.tense_factor = section.number("tense_factor");
    if (section.has("tension") && !section.has("tense_factor")) {
        section.error_here("\"tense_factor\" is missing (\"tension\" needs it)");
    }
    const auto tension = std::ranges::find_if(
        scenario.tensions,
        [&](const TensionEntry& entry) { return entry.name == hazard.tension; });
    if (tension == scenario.tensions.end() || tension->regions.empty()
        || hazard.terms.exporter.empty()) {
        return;
    }
    if (std::ranges::find(tension->regions, hazard.terms.exporter) == tension->regions.end()) {
        section.error("tension",
                      fmt::format("the exporter, {}, is no party to {}",
                                  in_quotes(hazard.terms.exporter), in_quotes(hazard.tension)));
    }
}

std::optional<StructuralPhaseEntry> bind_structural(const Section& hazard,
                                                    Instrument instrument)
{
    if (!hazard.has("structural")) {
        return std::nullopt;
    }
    if (instrument == Instrument::tax) {
        hazard.error("structural", "cannot stand here (a tax has one phase)");
    }
    const Section section = hazard.section("structural");
    const bool is_certain = instrument == Instrument::licensing;
    if (is_certain && section.has("probability")) {
        section.error("probability", "cannot stand here (licensing always passes into it)");
    } else if (!is_certain && !section.has("probability")) {
        section.error_here("\"probability\" is missing (that the acute phase passes into it)");
    }
    return StructuralPhaseEntry{.probability = section.number_or(
                                    "probability", section.implied_number("probability", 1)),
                                .severity = section.mark("severity"),
                                .duration_days = section.mark("duration_days")};
}

void bind_restriction_hazard(const Section& section, const std::string& name,
                             Scenario& scenario)
{
    introduce(name, section, section.reading().restrictions);
    RestrictionHazardEntry hazard;
    hazard.name = name;
    hazard.place = section.place();
    hazard.terms = bind_terms({section, scenario, true});
    hazard.rate_per_year = section.number("rate_per_year");
    bind_tension_of(section, scenario, hazard);
    hazard.keep_share = section.number("keep_share");
    hazard.severity = section.mark_or("severity", 1);
    hazard.duration_days = section.mark("duration_days");
    hazard.structural = bind_structural(section, hazard.terms.instrument);
    hazard.targeted_probability = section.number("targeted_probability");
    if (section.has("targeted_probability") && section.has("targets")
        && hazard.terms.targets.all) {
        section.error("targeted_probability", "means nothing where all importers are hit");
    }
    hazard.notice_days = section.mark("notice_days");
    hazard.phase_in_months = section.number("phase_in_months");
    hazard.phase_out_months = section.number("phase_out_months");
    scenario.restriction_hazards.push_back(std::move(hazard));
}

/// True if a condition holds, or one side is unknown.
bool agree(const std::string& wanted, const std::string& found)
{
    return wanted.empty() || found.empty() || wanted == found;
}

/// True if the facility meets every condition of the selector, as far as is known.
bool meets(const FacilityEntry& facility, const FacilitySelector& selector,
           const Scenario& scenario)
{
    return agree(selector.stage, facility.stage) && agree(selector.region, facility.region)
           && (selector.commodity.empty() || puts_out(facility, selector.commodity, scenario));
}

void bind_tension(const Section& section, const std::string& name, Scenario& scenario)
{
    introduce(name, section, section.reading().tensions);
    TensionEntry tension;
    tension.name = name;
    tension.place = section.place();
    const NameList parties = section.name_list("between");
    for (const NameInList& party : parties.names) {
        for (const std::string& region : regions_called(party, scenario, section.reading())) {
            if (std::ranges::find(tension.regions, region) == tension.regions.end()) {
                tension.regions.push_back(region);
            }
        }
    }
    if (parties.all) {
        tension.regions = scenario.regions;
    }
    if (tension.regions.size() == 1 && parties.names.size() == 1) {
        section.error("between", "names one region only (a relation needs two parties)");
    }
    tension.becomes_tense_per_year = section.number("becomes_tense_per_year");
    tension.becomes_calm_per_year = section.number("becomes_calm_per_year");
    scenario.tensions.push_back(std::move(tension));
}

void bind_contagion(const Section& section, const std::string& name, Scenario& scenario)
{
    ContagionEntry contagion;
    contagion.name = name;
    contagion.place = section.place();
    contagion.from = section.names("from");
    contagion.to = section.names("to");
    contagion.offspring = section.number("offspring");
    contagion.mean_delay_days = section.number("mean_delay_days");
    scenario.contagion.push_back(std::move(contagion));
}

FacilitySelector bind_conditions(const Section& outage, const Scenario& scenario)
{
    const Section section = outage.section("facilities");
    FacilitySelector selector;
    selector.place = section.place();
    selector.stage = section.name("stage");
    selector.region = section.name("region");
    selector.commodity = section.name("commodity");
    int written = 0;
    int understood = 0;
    for (const auto& [key, condition] :
         {std::pair("stage", selector.stage), std::pair("region", selector.region),
          std::pair("commodity", selector.commodity)}) {
        written += section.has(key) ? 1 : 0;
        understood += condition.empty() ? 0 : 1;
    }
    if (written == 0) {
        section.error_here("gives no condition (needs stage, region or commodity)");
    } else if (written == understood && outage.reading().facilities.is_complete()
               && std::none_of(
                   scenario.facilities.begin(), scenario.facilities.end(),
                   [&](const auto& facility) { return meets(facility, selector, scenario); })) {
        section.error_here(
            "no facility meets the conditions, so that the hazard reaches nothing");
    }
    return selector;
}

FacilitySelector bind_selector(const Section& outage, const Scenario& scenario)
{
    const YamlNode* written = outage.node("facilities");
    FacilitySelector selector;
    selector.place = outage.place();
    if (written == nullptr) {
        return selector;
    }
    if (written->is_map()) {
        return bind_conditions(outage, scenario);
    }
    if (!written->is_list() && !written->is_scalar()) {
        outage.complain("facilities");
        return selector;
    }
    selector.place = written->place;
    selector.names = outage.names("facilities").names;
    return selector;
}

void bind_outage_hazard(const Section& section, const std::string& name, Scenario& scenario)
{
    introduce(name, section, section.reading().outages);
    OutageHazardEntry hazard;
    hazard.name = name;
    hazard.place = section.place();
    hazard.facilities = bind_selector(section, scenario);
    hazard.rate_per_year = section.number_if_written("rate_per_year");
    if (section.has("running_days")) {
        hazard.running_days = section.mark("running_days");
    }
    if (section.has("rate_per_year") == section.has("running_days")) {
        section.error_here(
            section.has("rate_per_year")
                ? "has both \"rate_per_year\" and \"running_days\" (must be one of "
                  "the two)"
                : "\"rate_per_year\" or \"running_days\" is missing (a failure "
                  "process needs one of the two)");
    }
    hazard.grade_factors = section.number_map("grade_factors");
    hazard.keep_share = section.number("keep_share");
    hazard.keep_share_by_grade = section.number_map("keep_share_by_grade");
    hazard.starts_running = section.choice("start") == "running";
    hazard.repair_days = section.mark("repair_days");
    hazard.loss_share = section.mark("loss_share");
    scenario.outage_hazards.push_back(std::move(hazard));
}

void bind_common_cause(const Section& section, const std::string& name, Scenario& scenario)
{
    introduce(name, section, section.reading().common_causes);
    CommonCauseEntry cause;
    cause.name = name;
    cause.place = section.place();
    cause.facilities = bind_selector(section, scenario);
    cause.rate_per_year = section.number("rate_per_year");
    cause.strike_probability = section.number("strike_probability");
    cause.keep_share = section.number("keep_share");
    cause.repair_days = section.mark("repair_days");
    cause.loss_share = section.mark("loss_share");
    scenario.common_causes.push_back(std::move(cause));
}

}  // namespace

void bind_hazards(const Section& top, Scenario& scenario)
{
    top.each_entry("standing_measures", [&](const Section& section, const std::string& name) {
        bind_standing_measure(section, name, scenario);
    });
    const Section hazards = top.section("hazards");
    hazards.each_entry("scripted", [&](const Section& section, const std::string& name) {
        if (section.name_in_table() == "scripted_outage") {
            bind_scripted_outage(section, name, scenario);
        } else {
            bind_scripted_restriction(section, name, scenario);
        }
    });
    const auto incomplete_if_no_list = [&](std::string_view key, Vocabulary& names) {
        if (const YamlNode* written = hazards.node(key);
            hazards.has(key) && (written == nullptr || !written->is_list())) {
            names.mark_incomplete();
        }
    };
    incomplete_if_no_list("tensions", hazards.reading().tensions);
    hazards.each_entry("tensions", [&](const Section& section, const std::string& name) {
        bind_tension(section, name, scenario);
    });
    incomplete_if_no_list("export_restrictions", hazards.reading().restrictions);
    hazards.each_entry("export_restrictions",
                       [&](const Section& section, const std::string& name) {
                           bind_restriction_hazard(section, name, scenario);
                       });
    hazards.each_entry("contagion", [&](const Section& section, const std::string& name) {
        bind_contagion(section, name, scenario);
    });
    hazards.each_entry("outages", [&](const Section& section, const std::string& name) {
        bind_outage_hazard(section, name, scenario);
    });
    hazards.each_entry("common_causes", [&](const Section& section, const std::string& name) {
        bind_common_cause(section, name, scenario);
    });
    bind_price_shocks(hazards, scenario);
}

}  // namespace chokepoint
