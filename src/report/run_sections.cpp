// What a run says first, shortfall and price, and last, events and worst trials.

#include "csv_table.hpp"
#include "sections.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// The first group of regions that a summary speaks of: groups stand after the regions, the
/// world last.
std::string main_area(const Json& summary)
{
    std::vector<std::string> areas;
    for (const Json& entry : summary.at("headline")) {
        const std::string area = entry.at("region").get<std::string>();
        if (entry.at("commodity") == "all" && std::ranges::find(areas, area) == areas.end()) {
            areas.push_back(area);
        }
    }
    if (const auto groups = summary.find("groups"); groups != summary.end()) {
        for (const Json& group : *groups) {
            if (std::ranges::find(areas, group.get<std::string>()) != areas.end()) {
                return group.get<std::string>();
            }
        }
    }
    return areas.empty() ? "world" : areas.back();
}

const Json* headline_of(const Json& summary, const std::string& commodity,
                        const std::string& area)
{
    for (const Json& entry : summary.at("headline")) {
        if (entry.at("commodity") == commodity && entry.at("region") == area) {
            return &entry;
        }
    }
    return nullptr;
}

/// Those of the headline; `all` only where there are several.
std::vector<std::string> commodities_of(const Json& summary)
{
    std::vector<std::string> names;
    for (const Json& entry : summary.at("headline")) {
        const std::string name = entry.at("commodity").get<std::string>();
        if (std::ranges::find(names, name) == names.end()) {
            names.push_back(name);
        }
    }
    if (names.size() == 2) {
        std::erase(names, "all");
    }
    return names;
}

std::string headline_sentence(const Json& summary, const std::string& area)
{
    const Json* const all = headline_of(summary, "all", area);
    if (all == nullptr) {
        return "";
    }
    const Json& share = all->at("shortfall_share");
    const Json& peak = all->at("price_peak");
    std::string text = fmt::format(
        "Over {} months from {} users in {} go without {} of what they need on average (95 % "
        "interval {} to {}).",
        summary.at("months").get<int>(), summary.at("start").get<std::string>(), area,
        share_cell(value_in(share.at("mean"))), share_cell(value_in(share.at("mean"), "lower")),
        share_cell(value_in(share.at("mean"), "upper")));
    if (!std::isnan(value_in(share.at("es95")))) {
        text += fmt::format(" In the worst 5 % of the trials it is {}.",
                            share_cell(value_in(share.at("es95"))));
    }
    return text
           + fmt::format(
               " The highest monthly price is {} times that of the undisturbed run in the "
               "middle trial, and more than twice as high in {} of the trials.",
               number_cell(value_in(peak.at("p50"))),
               share_cell(value_in(peak.at("probability_above_2"))));
}

/// How much of the spread comes from numbers that nobody knows, the rest being chance.
std::string uncertainty_sentence(const FileReader& read, const std::string& area)
{
    std::string text;
    each_csv_row(
        read("metrics.csv").value_or("metric\n"),
        [&](const CsvRow& row) {
            if (row.text("metric") == "shortfall_share" && row.text("commodity") == "all"
                && row.text("region") == area && !std::isnan(row.number("value"))) {
                text = fmt::format(
                    "Trials differ because events come by chance and because numbers are not "
                    "known: of the variance of the shortfall {} [{}, {}] comes from the "
                    "latter. More trials shrink the intervals on this page; only better "
                    "knowledge shrinks that part.",
                    // An estimate of few trials may come out below 0.
                    share_cell(std::max(0.0, row.number("value"))),
                    share_cell(row.number("lower")), share_cell(row.number("upper")));
            }
        },
        ",parameter_share,");
    return text;
}

/// A row of an entry of the headline, and what its columns are.
const std::vector<std::string> headline_headings = {
    "", "where", "shortfall, mean", "ES 95 %", "price peak, median", "P(peak > 2)"};

void append_headline(const Json& entry, HtmlTable& table)
{
    const Json& share = entry.at("shortfall_share");
    const Json& peak = entry.at("price_peak");
    table.append({entry.at("commodity").get<std::string>(),
                  entry.at("region").get<std::string>(), share_interval_cell(share.at("mean")),
                  share_interval_cell(share.at("es95")), interval_cell(peak.at("p50")),
                  share_interval_cell(peak.at("probability_above_2"))});
}

/// Every region and group, hardest hit first, for a reader who unfolds it.
std::string all_regions(const Json& summary)
{
    const auto shortfall = [](const Json* entry) {
        const double mean = value_in(entry->at("shortfall_share").at("mean"));
        return std::isnan(mean) ? -1 : mean;
    };
    std::vector<const Json*> entries;
    for (const Json& entry : summary.at("headline")) {
        entries.push_back(&entry);
    }
    if (entries.empty()) {
        return "";
    }
    std::ranges::stable_sort(entries, std::ranges::greater{}, shortfall);
    HtmlTable table("Every region and commodity, hardest hit first.", headline_headings);
    for (const Json* entry : entries) {
        append_headline(*entry, table);
    }
    const Json& first = *entries.front();
    return paragraph(fmt::format("Hardest hit: {} in {}, {} on average.",
                                 first.at("commodity").get<std::string>(),
                                 first.at("region").get<std::string>(),
                                 share_cell(value_in(first.at("shortfall_share").at("mean")))))
           + folded("All regions", table.html());
}

PageSection headline_section(const FileReader& read, const Json& summary,
                             const std::string& area)
{
    PageSection section{.id = "headline", .title = "What happens", .html = {}};
    section.html = paragraph(headline_sentence(summary, area));
    if (const std::string uncertainty = uncertainty_sentence(read, area);
        !uncertainty.empty()) {
        section.html += paragraph(uncertainty);
    }
    HtmlTable table(
        "Shortfall: need that is not served, over need. Price peak: highest month over the "
        "undisturbed run. Estimates with 95 % intervals.",
        headline_headings);
    for (const std::string& commodity : commodities_of(summary)) {
        for (const std::string& where : {area, std::string("world")}) {
            if (const Json* const entry = headline_of(summary, commodity, where)) {
                append_headline(*entry, table);
            }
            if (area == "world") {
                break;
            }
        }
    }
    section.html += table.html() + all_regions(summary);
    return section;
}

PageSection event_section(const Json& summary)
{
    PageSection section{.id = "events", .title = "What was drawn", .html = {}};
    HtmlTable table("Events by the entry of the scenario that they come from, means.",
                    {"", "kind", "in a trial", "months", "severity"});
    for (const Json& event : summary.at("events")) {
        table.append(
            {event.at("name").get<std::string>(),
             event.at("type").get<std::string>() + ", " + event.at("cause").get<std::string>(),
             number_cell(value_in(event, "per_trial")),
             number_cell(value_in(event, "duration_months")),
             number_cell(value_in(event, "severity"))});
    }
    section.html = table.html();
    return section;
}

/// The worst trials, each with what happened and why prices moved.
void add_worst_section(const FileReader& read, std::vector<PageSection>& sections)
{
    const auto worst = read("worst.csv");
    if (!worst) {
        return;
    }
    PageSection section{.id = "worst", .title = "The worst trials", .html = {}};
    std::string list, metric;
    each_csv_row(*worst, [&](const CsvRow& row) {
        metric = fmt::format("{}, {}, {}", row.text("metric"), row.text("commodity"),
                             row.text("region"));
        const std::string value = row.text("unit") == "share" ? share_cell(row.number("value"))
                                                              : number_cell(row.number("value"))
                                                                    + " " + row.text("unit");
        list += fmt::format("<li><b>Trial {}: {}.</b> {}", html_text(row.text("trial")),
                            html_text(value), html_text(row.text("events")));
        if (!row.text("story").empty()) {
            list += ".<br>" + html_text(row.text("story"));
        }
        list += "</li>\n";
    });
    section.html =
        paragraph(fmt::format(
            "By {}, the worst first: what was drawn, then why the price moved that cost "
            "users most, in the month in which it was farthest from the undisturbed run. "
            "chokepoint replay --trial K tells all of one.",
            metric))
        + "<ol>\n" + list + "</ol>\n";
    sections.push_back(std::move(section));
}

}  // namespace

void add_run_sections(const FileReader& read, const Json& summary,
                      const std::optional<ResolvedScenario>& scenario,
                      std::vector<PageSection>& sections)
{
    const std::string area = main_area(summary);
    sections.push_back(headline_section(read, summary, area));
    add_portfolio_sections(read, sections);
    add_hindcast_section(read, sections);
    add_month_section(read, area, sections);
    add_tail_section(read, area, sections);
    add_chokepoint_section(read, scenario, sections);
    add_attribution_section(read, sections);
    sections.push_back(event_section(summary));
    add_worst_section(read, sections);
}

}  // namespace chokepoint
