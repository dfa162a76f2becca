// How trials are spread, and how likely worse is.

#include "csv_table.hpp"
#include "sections.hpp"

#include <cmath>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// How trials are spread, a panel for each commodity.
Chart histogram_chart(const std::string& histograms, const std::string& metric,
                      const std::string& area, const std::string& title, bool is_log)
{
    Json values = Json::array();
    std::size_t commodities = 0;
    std::string last;
    each_csv_row(
        histograms,
        [&](const CsvRow& row) {
            if (row.text("metric") != metric || row.text("region") != area) {
                return;
            }
            if (row.text("commodity") != last) {
                last = row.text("commodity");
                ++commodities;
            }
            values.push_back({{"commodity", last},
                              {"from", row.number("from")},
                              {"to", row.number("to")},
                              {"share", row.number("share")},
                              {"lower", row.number("lower")},
                              {"upper", row.number("upper")}});
        },
        "," + area + ",");
    const Json x = {{"field", "from"},
                    {"type", "quantitative"},
                    {"scale", {{"type", is_log ? "log" : "linear"}, {"nice", false}}},
                    {"title", Json()}};
    const auto y = [](const char* field) {
        return Json{{"field", field},
                    {"type", "quantitative"},
                    {"title", "share of trials"},
                    {"axis", {{"format", "~%"}, {"tickCount", 4}}}};
    };
    const Json bar = {
        {"mark", {{"type", "rect"}, {"opacity", 0.75}}},
        {"encoding",
         {{"x", x}, {"x2", {{"field", "to"}}}, {"y", y("share")}, {"y2", {{"datum", 0}}}}}};
    const bool has_several = commodities > 1;
    return {
        .title = title,
        .alt = fmt::format("Histograms of trials in {}: {}, a panel for each "
                           "commodity{}.",
                           area, title, is_log ? ", on a logarithmic axis" : ""),
        .spec = {{"data", {{"values", std::move(values)}}},
                 {"facet", {{"field", "commodity"}, {"type", "nominal"}, {"title", Json()}}},
                 {"columns", has_several ? 2 : 1},
                 {"resolve", {{"scale", {{"x", "independent"}, {"y", "independent"}}}}},
                 {"spec",
                  {{"width", has_several ? 330 : 680}, {"height", 120}, {"layer", {bar}}}}},
        .height = 0};
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

}  // namespace

void add_tail_section(const FileReader& read, const std::string& area,
                      std::vector<PageSection>& sections)
{
    PageSection section{.id = "tails", .title = "How bad, how likely", .html = {}};
    const std::string metrics = read("metrics.csv").value_or("");
    section.html = paragraph(
        "Histograms count trials; their intervals are in histograms.csv. Below them, marks are "
        "quantiles and rules their 95 % intervals; levels that too few trials pass are left "
        "out.");
    if (const auto histograms = read("histograms.csv")) {
        section.charts.push_back(histogram_chart(*histograms, "shortfall_share", area,
                                                 "Shortfall over need of the whole horizon",
                                                 false));
        section.charts.push_back(
            histogram_chart(*histograms, "price_peak", area,
                            "Highest monthly price over the undisturbed run", true));
    }
    section.charts.push_back(tail_chart(metrics, "shortfall_share", area, "shortfall share"));
    section.charts.push_back(tail_chart(metrics, "price_peak", area, "price peak, ratio"));
    if (const auto exceedance = read("exceedance.csv")) {
        section.charts.push_back(return_chart(*exceedance, area));
    }
    sections.push_back(std::move(section));
}

}  // namespace chokepoint
