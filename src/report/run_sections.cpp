// What a run says: shortfall and price, months, tails, chokepoints, events, worst trials.

#include "csv_table.hpp"
#include "sections.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::size_t chokepoints_shown = 15;
constexpr std::size_t most_of_each = 4;

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

std::vector<std::string> commodities_of(const Json& summary)
{
    std::vector<std::string> names;
    for (const Json& entry : summary.at("headline")) {
        const std::string name = entry.at("commodity").get<std::string>();
        if (std::ranges::find(names, name) == names.end()) {
            names.push_back(name);
        }
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

PageSection headline_section(const Json& summary, const std::string& area)
{
    PageSection section{.id = "headline", .title = "What happens", .html = {}};
    section.html = paragraph(headline_sentence(summary, area));
    HtmlTable table(
        "Shortfall: need that is not served, over need. Price peak: highest month over the "
        "undisturbed run. Estimates with 95 % intervals.",
        {"", "where", "shortfall, mean", "ES 95 %", "price peak, median", "P(peak > 2)"});
    for (const std::string& commodity : commodities_of(summary)) {
        for (const std::string& where : {area, std::string("world")}) {
            const Json* const entry = headline_of(summary, commodity, where);
            if (entry == nullptr) {
                continue;
            }
            const Json& share = entry->at("shortfall_share");
            const Json& peak = entry->at("price_peak");
            table.append({commodity, where, share_interval_cell(share.at("mean")),
                          share_interval_cell(share.at("es95")), interval_cell(peak.at("p50")),
                          share_interval_cell(peak.at("probability_above_2"))});
            if (area == "world") {
                break;
            }
        }
    }
    section.html += table.html();
    return section;
}

/// Monthly bands of a series in an area, one chart with a panel for each commodity.
Chart fan_chart(const std::string& paths, const std::string& series, const std::string& area,
                const std::string& title, const std::string& unit, bool is_log)
{
    std::map<std::string, std::map<std::string, std::map<std::string, double>>> bands;
    std::vector<std::string> order;
    each_csv_row(
        paths,
        [&](const CsvRow& row) {
            if (row.text("series") != series || row.text("region") != area
                || row.text("commodity") == "all" || row.text("statistic") == "mean") {
                return;
            }
            const std::string& commodity = row.text("commodity");
            if (!bands.contains(commodity)) {
                order.push_back(commodity);
            }
            bands[commodity][row.text("month")][row.text("statistic")] = row.number("value");
        },
        "," + area + ",");
    Json values = Json::array();
    for (const std::string& commodity : order) {
        for (const auto& [month, of] : bands[commodity]) {
            Json value = {{"commodity", commodity}, {"month", month}};
            for (const auto& [statistic, number] : of) {
                value[statistic] = std::isfinite(number) ? Json(number) : Json();
            }
            values.push_back(std::move(value));
        }
    }
    const Json x = {{"field", "month"},
                    {"type", "temporal"},
                    {"title", Json()},
                    {"axis", {{"format", "%Y"}, {"tickCount", 4}}}};
    const auto area_of = [&](const char* low, const char* high, double opacity) {
        return Json{{"mark", {{"type", "area"}, {"opacity", opacity}}},
                    {"encoding",
                     {{"x", x},
                      {"y",
                       {{"field", low},
                        {"type", "quantitative"},
                        {"scale", {{"type", is_log ? "log" : "linear"}}},
                        {"title", unit}}},
                      {"y2", {{"field", high}}}}}};
    };
    Json spec = {
        {"data", {{"values", values}}},
        {"facet", {{"field", "commodity"}, {"type", "nominal"}, {"title", Json()}}},
        {"columns", order.size() > 1 ? 2 : 1},
        {"resolve", {{"scale", {{"y", "independent"}}}}},
        {"spec",
         {{"width", order.size() > 1 ? 330 : 680},
          {"height", 150},
          {"layer",
           {area_of("p5", "p95", 0.25), area_of("p25", "p75", 0.45),
            Json{{"mark", {{"type", "line"}, {"strokeWidth", 2}}},
                 {"encoding",
                  {{"x", x}, {"y", {{"field", "p50"}, {"type", "quantitative"}}}}}}}}}}};
    return {.title = title,
            .alt = fmt::format("{} in {}, month by month: median, middle 50 % and 90 % of "
                               "trials, a panel for each of {} commodities.",
                               title, area, order.size()),
            .spec = std::move(spec),
            .height = 0};
}

PageSection months_section(const std::string& paths, const std::string& area)
{
    PageSection section{.id = "months", .title = "Month by month", .html = {}};
    section.html = paragraph(fmt::format(
        "Bands over trials in {}: the line is the median, the darker band the middle half, the "
        "lighter one the middle 90 %. All numbers: paths.csv.",
        area));
    section.charts.push_back(fan_chart(
        paths, "price_impact", area, "Price over that of the undisturbed run", "ratio", true));
    section.charts.push_back(
        fan_chart(paths, "shortfall_share", area, "Need that is not served", "share", false));
    return section;
}

/// How likely it is to be worse, from quantiles.
Chart tail_chart(const std::string& metrics, const std::string& metric, const std::string& area,
                 const std::string& title)
{
    Json values = Json::array();
    each_csv_row(
        metrics,
        [&](const CsvRow& row) {
            const std::string& statistic = row.text("statistic");
            if (row.text("metric") != metric || row.text("region") != area
                || !statistic.starts_with("p") || statistic.starts_with("pr")
                || statistic.starts_with("pa") || !std::isfinite(row.number("value"))) {
                return;
            }
            const double beyond = 1 - std::stod(statistic.substr(1)) / 100;
            const auto bound = [&](const char* which) {
                return std::isfinite(row.number(which)) ? Json(row.number(which)) : Json();
            };
            values.push_back({{"commodity", row.text("commodity")},
                              {"value", row.number("value")},
                              {"lower", bound("lower")},
                              {"upper", bound("upper")},
                              {"beyond", beyond}});
        },
        "," + area + ",");
    const Json y = {{"field", "beyond"},
                    {"type", "quantitative"},
                    {"scale", {{"type", "log"}, {"domainMin", 0.001}}},
                    {"title", "share of trials that are worse"},
                    {"axis", {{"format", "~%"}}}};
    Json spec = {
        {"data", {{"values", values}}},
        {"layer",
         {Json{{"mark", {{"type", "rule"}, {"opacity", 0.5}}},
               {"encoding",
                {{"x", {{"field", "lower"}, {"type", "quantitative"}, {"title", title}}},
                 {"x2", {{"field", "upper"}}},
                 {"y", y},
                 {"color", {{"field", "commodity"}, {"type", "nominal"}, {"title", Json()}}}}}},
          Json{{"mark", {{"type", "line"}, {"point", true}}},
               {"encoding",
                {{"x", {{"field", "value"}, {"type", "quantitative"}}},
                 {"y", y},
                 {"order", {{"field", "value"}}},
                 {"color", {{"field", "commodity"}, {"type", "nominal"}, {"title", Json()}}},
                 {"strokeDash",
                  {{"field", "commodity"}, {"type", "nominal"}, {"legend", Json()}}}}}}}}};
    return {.title = "How likely is worse? " + title,
            .alt = fmt::format("Share of trials, on a logarithmic axis, in which {} in {} is "
                               "larger than a value, with 95 % intervals.",
                               title, area),
            .spec = std::move(spec)};
}

Chart return_chart(const std::string& exceedance, const std::string& area)
{
    Json values = Json::array();
    each_csv_row(
        exceedance,
        [&](const CsvRow& row) {
            if (row.text("metric") != "shortfall_share" || row.text("commodity") != "all"
                || row.text("region") != area || row.text("year") != "all"
                || !std::isfinite(row.number("value"))) {
                return;
            }
            const auto bound = [&](const char* which) {
                return std::isfinite(row.number(which)) ? Json(row.number(which)) : Json();
            };
            values.push_back(
                {{"basis", row.text("basis") == "OEP" ? "worst month of a year" : "whole year"},
                 {"years", row.number("return_period")},
                 {"value", row.number("value")},
                 {"lower", bound("lower")},
                 {"upper", bound("upper")}});
        },
        ",all," + area + ",");
    const Json color = {{"field", "basis"}, {"type", "nominal"}, {"title", Json()}};
    const Json x = {{"field", "years"},
                    {"type", "quantitative"},
                    {"scale", {{"type", "log"}}},
                    {"title", "return period, years"}};
    Json spec = {
        {"data", {{"values", values}}},
        {"layer",
         {Json{{"mark", {{"type", "area"}, {"opacity", 0.25}}},
               {"encoding",
                {{"x", x},
                 {"y",
                  {{"field", "lower"},
                   {"type", "quantitative"},
                   {"title", "shortfall share"},
                   {"axis", {{"format", "~%"}}}}},
                 {"y2", {{"field", "upper"}}},
                 {"color", color}}}},
          Json{{"mark", {{"type", "line"}, {"point", true}}},
               {"encoding",
                {{"x", x},
                 {"y", {{"field", "value"}, {"type", "quantitative"}}},
                 {"strokeDash", {{"field", "basis"}, {"type", "nominal"}, {"legend", Json()}}},
                 {"color", color}}}}}}};
    return {.title = "Shortfall by return period, all commodities",
            .alt = fmt::format("Share of need of a year, and of its worst month, that is not "
                               "served in {} once in so many years, with 95 % bands.",
                               area),
            .spec = std::move(spec)};
}

PageSection tail_section(const FileReader& read, const std::string& area)
{
    PageSection section{.id = "tails", .title = "Tails", .html = {}};
    const std::string metrics = read("metrics.csv").value_or("");
    section.html = paragraph(
        "Levels that too few trials pass are left out. Marks are quantiles, rules their 95 % "
        "intervals.");
    section.charts.push_back(tail_chart(metrics, "shortfall_share", area, "shortfall share"));
    section.charts.push_back(tail_chart(metrics, "price_peak", area, "price peak, ratio"));
    if (const auto exceedance = read("exceedance.csv")) {
        section.charts.push_back(return_chart(*exceedance, area));
    }
    return section;
}

PageSection chokepoint_section(const std::string& csv)
{
    PageSection section{.id = "chokepoints", .title = "Chokepoints", .html = {}};
    HtmlTable table(
        "The most valuable arcs, at most four of a commodity: share of months in which they "
        "bind, what one more tonne of room is worth, and what scarcity earns there.",
        {"", "stage", "from", "to", "binds in", "USD a tonne", "worst 1 %", "rent, M USD"});
    Json values = Json::array();
    std::map<std::string, std::size_t> of_commodity;
    each_csv_row(csv, [&](const CsvRow& row) {
        std::size_t& of_it = of_commodity[row.text("commodity")];
        const double binds = row.number("p_binding");
        if (table.size() == chokepoints_shown || of_it == most_of_each || !(binds > 0)
            || !(row.number("flow_t_per_month") > 0)) {
            return;
        }
        ++of_it;
        const std::string stage = row.text("layer") + ", " + row.text("kind");
        const double value = row.number("marginal_value_usd_per_t");
        table.append({row.text("commodity"), stage, row.text("from"), row.text("to"),
                      fmt::format("{} [{}, {}] %", number_cell(100 * binds),
                                  number_cell(100 * row.number("p_binding_lower")),
                                  number_cell(100 * row.number("p_binding_upper"))),
                      fmt::format("{} [{}, {}]", number_cell(value),
                                  number_cell(row.number("marginal_value_lower")),
                                  number_cell(row.number("marginal_value_upper"))),
                      number_cell(row.number("marginal_value_tail_usd_per_t")),
                      number_cell(row.number("rent_usd") / 1e6)});
        values.push_back({{"arc", fmt::format("{}: {} → {} ({})", row.text("commodity"),
                                              row.text("from"), row.text("to"), stage)},
                          {"binds", binds},
                          {"value", std::max(1.0, value)}});
    });
    section.html = table.size() > 0 ? table.html() : paragraph("No chokepoint ever binds.");
    if (table.size() > 0) {
        section.charts.push_back(
            {.title = "How often chokepoints bind, and what a tonne there is worth",
             .alt =
                 "One mark for each chokepoint: share of months in which it binds; its colour "
                 "says what one more tonne of room is worth.",
             .spec = {{"data", {{"values", values}}},
                      {"mark", {{"type", "point"}, {"filled", true}, {"size", 90}}},
                      {"encoding",
                       {{"x",
                         {{"field", "binds"},
                          {"type", "quantitative"},
                          {"title", "share of months"},
                          {"axis", {{"format", "~%"}, {"tickCount", 6}}}}},
                        {"y",
                         {{"field", "arc"},
                          {"type", "nominal"},
                          {"sort", Json()},
                          {"title", Json()},
                          {"axis", {{"labelLimit", 320}}}}},
                        {"color",
                         {{"field", "value"},
                          {"type", "quantitative"},
                          {"scale", {{"type", "log"}, {"scheme", "viridis"}}},
                          {"title", "USD a tonne"}}}}}},
             .height = 0});
    }
    return section;
}

PageSection event_section(const FileReader& read, const Json& summary)
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
    if (const auto worst = read("worst.csv")) {
        HtmlTable trials("Worst trials: to be told with chokepoint replay --trial K.",
                         {"trial", "value", "sampled events"});
        each_csv_row(*worst, [&](const CsvRow& row) {
            trials.append(
                {row.text("trial"), number_cell(row.number("value")), row.text("events")});
        });
        section.html += trials.html();
    }
    return section;
}

}  // namespace

void add_run_sections(const FileReader& read, const Json& summary,
                      std::vector<PageSection>& sections)
{
    const std::string area = main_area(summary);
    sections.push_back(headline_section(summary, area));
    add_portfolio_sections(read, sections);
    add_hindcast_section(read, sections);
    if (const auto paths = read("paths.csv")) {
        sections.push_back(months_section(*paths, area));
    }
    sections.push_back(tail_section(read, area));
    if (const auto chokepoints = read("chokepoints.csv")) {
        sections.push_back(chokepoint_section(*chokepoints));
    }
    add_attribution_section(read, sections);
    sections.push_back(event_section(read, summary));
}

}  // namespace chokepoint
