// What the scenario takes for granted, how sure it is of it, and from where it has it.

#include "chokepoint/scenario/notes.hpp"
#include "sections.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chokepoint {
namespace {

/// A law in words, its long numbers cut to three digits.
std::string law_text(const Distribution& distribution)
{
    const std::string exact = to_string(distribution);
    std::string text;
    for (std::size_t at = 0; at < exact.size();) {
        const std::size_t end =
            std::min(exact.find_first_not_of("0123456789.", at), exact.size());
        const std::string number = exact.substr(at, end - at);
        constexpr std::size_t longest = 6;
        text += number.size() > longest && number.find('.') != number.npos
                    ? fmt::format("{:.3g}", std::stod(number))
                    : number;
        text += exact.substr(end, end < exact.size() ? 1 : 0);
        at = end + 1;
    }
    return text;
}

std::string law(const Number& number)
{
    return law_text(number.distribution);
}

std::string names_text(const Names& names)
{
    return names.all ? "all" : fmt::format("{}", fmt::join(names.names, ", "));
}

/// Whom a restriction hits, and who is spared.
std::string against(const RestrictionTerms& terms)
{
    return names_text(terms.targets)
           + (terms.exempt.empty() ? ""
                                   : fmt::format(", not {}", fmt::join(terms.exempt, ", ")));
}

/// What stands on a part of the scenario, on what is below it and on what holds it, each text
/// once.
std::string sources_below(const std::vector<NoteOnPart>& notes, const std::string& path)
{
    std::vector<std::string> texts;
    const auto add = [&](const std::string& text) {
        if (!text.empty() && std::ranges::find(texts, text) == texts.end()) {
            texts.push_back(text);
        }
    };
    bool is_judgement = false;
    for (const NoteOnPart& of : notes) {
        const bool holds_it = of.path.empty() || path.starts_with(of.path + ".");
        if (of.path == path || of.path.starts_with(path + ".") || holds_it) {
            add(of.source);
            is_judgement = is_judgement || of.is_assumption;
        }
    }
    if (is_judgement) {
        add(texts.empty() ? "judgement" : "in part judgement");
    }
    return texts.empty() ? "none given" : fmt::format("{}", fmt::join(texts, "; "));
}

std::string commodity_table(const Scenario& scenario)
{
    HtmlTable table(
        "Users: how demand answers prices, when they are cut off (choke) and how low prices "
        "may fall (floor), as multiples of the start.",
        {"", "elasticity at once", "in the long run", "choke", "floor", "price, USD/kg"});
    for (const CommodityEntry& of : scenario.commodities) {
        table.append({of.name, law(of.demand_elasticity_short_run),
                      law(of.demand_elasticity_long_run), law(of.choke_price_ratio),
                      law(of.floor_price_ratio), law(of.price_usd_per_kg)});
    }
    return table.html();
}

std::string restriction_table(const Scenario& scenario, const std::vector<NoteOnPart>& notes)
{
    HtmlTable table(
        "Export restrictions that may come: how often in calm times, whom they hit, how much "
        "is cut for how many days, at first and in the milder phase that may follow, what "
        "leaks out.",
        {"", "by", "against", "a year", "cut", "days", "then", "leaks"});
    HtmlTable sources("Where these figures come from.", {"", "source"});
    for (const RestrictionHazardEntry& of : scenario.restriction_hazards) {
        const std::string then =
            of.structural ? fmt::format("with probability {} {} for {} days",
                                        law(of.structural->probability),
                                        law_text(of.structural->severity.distribution),
                                        law_text(of.structural->duration_days.distribution))
                          : "–";
        table.append({of.name, of.terms.exporter, against(of.terms), law(of.rate_per_year),
                      law_text(of.severity.distribution),
                      law_text(of.duration_days.distribution), then, law(of.terms.leakage)});
        sources.append(
            {of.name, sources_below(notes, "hazards.export_restrictions." + of.name)});
    }
    return table.size() > 0 ? table.html() + sources.html() : "";
}

std::string scripted_table(const Scenario& scenario)
{
    HtmlTable table("Events that are certain.", {"", "what", "from", "until", "cut"});
    for (const ScriptedRestrictionEntry& of : scenario.scripted_restrictions) {
        table.append({of.name, "restriction by " + of.terms.exporter, to_string(of.from),
                      to_string(of.until), law(of.severity)});
    }
    for (const ScriptedOutageEntry& of : scenario.scripted_outages) {
        table.append({of.name, "outage of " + of.facility, to_string(of.from),
                      to_string(of.until), law(of.loss_share)});
    }
    return table.size() > 0 ? table.html() : "";
}

std::string selected(const FacilitySelector& facilities)
{
    if (!facilities.names.empty()) {
        return fmt::format("{}", fmt::join(facilities.names, ", "));
    }
    std::string text;
    for (const std::string* of :
         {&facilities.stage, &facilities.region, &facilities.commodity}) {
        text += of->empty() ? "" : (text.empty() ? "" : ", ") + *of;
    }
    return text;
}

std::string outage_table(const Scenario& scenario)
{
    HtmlTable table("Outages that may come: of each facility by itself, or of several at once.",
                    {"", "strikes", "a year", "days", "capacity lost"});
    for (const OutageHazardEntry& of : scenario.outage_hazards) {
        const std::string rate =
            of.rate_per_year
                ? law(*of.rate_per_year)
                : fmt::format("every {} days", law_text(of.running_days->distribution));
        table.append({of.name, selected(of.facilities), rate,
                      law_text(of.repair_days.distribution),
                      law_text(of.loss_share.distribution)});
    }
    for (const CommonCauseEntry& of : scenario.common_causes) {
        table.append({of.name,
                      fmt::format("{}, each with probability {}", selected(of.facilities),
                                  law(of.strike_probability)),
                      law(of.rate_per_year), law_text(of.repair_days.distribution),
                      law_text(of.loss_share.distribution)});
    }
    return table.size() > 0 ? table.html() : "";
}

std::string channel_text(ShockChannel channel)
{
    switch (channel) {
        case ShockChannel::demand:
            return "demand";
        case ShockChannel::supply:
            return "supply";
        case ShockChannel::quoted:
            return "quotes";
    }
    return "";
}

std::string price_shock_table(const Scenario& scenario)
{
    HtmlTable table(
        "Price shocks from outside: logarithms of price ratios.",
        {"", "moves", "of", "volatility a year", "goes back, a year", "jumps a year"});
    for (const PriceShockEntry& of : scenario.price_shocks.processes) {
        table.append({of.name, channel_text(of.channel), of.commodity,
                      law(of.volatility_per_year), law(of.mean_reversion_per_year),
                      of.jumps ? law(of.jumps->rate_per_year) : "–"});
    }
    return table.size() > 0 ? table.html() : "";
}

std::string stock_table(const Scenario& scenario)
{
    HtmlTable table("Stocks that users and plants keep, and strategic reserves.",
                    {"", "of", "where", "how much"});
    for (const StockEntry& of : scenario.stocks) {
        table.append({of.name, names_text(of.commodities), names_text(of.regions),
                      fmt::format("{} months of {}", law(of.cover_months),
                                  of.at.empty() ? "use" : "throughput of " + of.at)});
    }
    for (const ReserveEntry& of : scenario.reserves) {
        table.append({of.name, of.commodity, of.region, law(of.tonnes) + " t"});
    }
    return table.size() > 0 ? table.html() : "";
}

std::string uncertain_table(const ModelDescription& model)
{
    HtmlTable table("Numbers that are drawn anew in every trial, because nobody knows them.",
                    {"", "law", "5 %", "median", "95 %"});
    for (const UncertainParameter& of : model.uncertain) {
        table.append(
            {of.path, of.law, number_cell(of.p5), number_cell(of.median), number_cell(of.p95)});
    }
    return table.size() > 0 ? folded(
               fmt::format("{} uncertain number{}", table.size(), table.size() == 1 ? "" : "s"),
               table.html())
                            : "";
}

std::string source_table(const std::vector<NoteOnPart>& notes)
{
    HtmlTable table("What stands beside the scenario's figures.",
                    {"", "source", "judgement", "note"});
    std::size_t judgements = 0;
    for (const NoteOnPart& of : notes) {
        judgements += of.is_assumption ? 1U : 0U;
        table.append({of.path.empty() ? "the whole scenario" : of.path, of.source,
                      of.is_assumption ? "yes" : "", of.note});
    }
    return table.size() > 0 ? folded(
               fmt::format(
                   "Sources: notes on parts of the scenario, {} in all, {} of them judgement",
                   table.size(), judgements),
               table.html())
                            : "";
}

}  // namespace

void add_assumptions(const std::optional<ResolvedScenario>& resolved,
                     std::vector<PageSection>& sections)
{
    if (!resolved) {
        return;
    }
    const Scenario& scenario = resolved->scenario;
    const std::vector<NoteOnPart> notes = notes_of(scenario.resolved_yaml);
    PageSection section{.id = "assumptions", .title = "What was assumed", .html = {}};
    section.html = paragraph(
        "Goods find their way around a restriction wherever the network lets them: those that "
        "it does not hit go on buying, and may sell on.");
    section.html += commodity_table(scenario) + stock_table(scenario) + scripted_table(scenario)
                    + restriction_table(scenario, notes) + outage_table(scenario)
                    + price_shock_table(scenario) + uncertain_table(resolved->model)
                    + source_table(notes);
    sections.push_back(std::move(section));
}

}  // namespace chokepoint
