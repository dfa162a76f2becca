// What happens month by month: bands over trials.

#include "csv_table.hpp"
#include "sections.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// A series of paths.csv as charts show it.
struct ShownSeries {
    const char* series;
    const char* title;
    const char* unit;
    bool is_log;
    bool has_zero;  ///< On its axis.
};

constexpr ShownSeries price_series = {"price_impact", "Price over that of the undisturbed run",
                                      "ratio", true, false};
constexpr ShownSeries shortfall_series = {"shortfall_share", "Need that is not served", "share",
                                          false, true};
constexpr ShownSeries consumption_series = {"consumption", "What users use", "t a month", false,
                                            true};

/// Quantiles of one commodity in one region, by statistic, month by month.
struct Bands {
    std::string commodity, region;
    std::map<std::string, std::vector<double>> of;
};

struct SeriesBands {
    std::vector<std::string> months;
    std::vector<Bands> bands;  ///< In the order of the table.
};

/// \throws std::invalid_argument  if a month of a series is missing.
SeriesBands bands_of(const std::string& paths, const ShownSeries& shown)
{
    SeriesBands all;
    std::map<std::pair<std::string, std::string>, std::size_t> places;
    each_csv_row(
        paths,
        [&](const CsvRow& row) {
            const std::string& statistic = row.text("statistic");
            if (row.text("series") != shown.series || row.text("commodity") == "all"
                || statistic == "mean") {
                return;
            }
            const auto [place, is_new] = places.try_emplace(
                {row.text("commodity"), row.text("region")}, all.bands.size());
            if (is_new) {
                all.bands.push_back({row.text("commodity"), row.text("region"), {}});
            }
            if (place->second == 0 && statistic == "p50") {
                all.months.push_back(row.text("month"));
            }
            all.bands[place->second].of[statistic].push_back(row.number("value"));
        },
        fmt::format(",{},", shown.series));
    for (const Bands& bands : all.bands) {
        for (const auto& [statistic, numbers] : bands.of) {
            if (numbers.size() != all.months.size()) {
                throw std::invalid_argument("paths.csv: months are missing");
            }
        }
    }
    return all;
}

/// What an eye can tell, in few digits.
Json in_four_digits(double value)
{
    return std::isfinite(value) ? Json(std::stod(fmt::format("{:.4g}", value))) : Json();
}

Json month_axis()
{
    return {{"field", "month"},
            {"type", "temporal"},
            {"title", Json()},
            {"axis", {{"format", "%Y"}, {"tickCount", 4}}}};
}

/// The middle 90 % and 50 % of trials, and the median.
Json fan_layers(const ShownSeries& shown)
{
    const Json scale = shown.is_log ? Json{{"type", "log"}} : Json{{"zero", shown.has_zero}};
    const auto area_of = [&](const char* low, const char* high, double opacity) {
        return Json{{"mark", {{"type", "area"}, {"opacity", opacity}}},
                    {"encoding",
                     {{"x", month_axis()},
                      {"y",
                       {{"field", low},
                        {"type", "quantitative"},
                        {"scale", scale},
                        {"title", shown.unit}}},
                      {"y2", {{"field", high}}}}}};
    };
    return {area_of("p5", "p95", 0.25), area_of("p25", "p75", 0.45),
            Json{{"mark", {{"type", "line"}, {"strokeWidth", 2}}},
                 {"encoding",
                  {{"x", month_axis()}, {"y", {{"field", "p50"}, {"type", "quantitative"}}}}}}};
}

/// A panel for each commodity in one area.
Chart fan_chart(const SeriesBands& all, const ShownSeries& shown, const std::string& area)
{
    Json values = Json::array();
    std::size_t panels = 0;
    for (const Bands& bands : all.bands) {
        if (bands.region != area) {
            continue;
        }
        ++panels;
        for (std::size_t month = 0; month < all.months.size(); ++month) {
            Json value = {{"commodity", bands.commodity}, {"month", all.months[month]}};
            for (const auto& [statistic, numbers] : bands.of) {
                value[statistic] = in_four_digits(numbers[month]);
            }
            values.push_back(std::move(value));
        }
    }
    const bool has_several = panels > 1;
    return {
        .title = shown.title,
        .alt = fmt::format("{} in {}, month by month: median, middle 50 % and 90 % of "
                           "trials, a panel for each commodity.",
                           shown.title, area),
        .spec = {{"data", {{"values", std::move(values)}}},
                 {"facet", {{"field", "commodity"}, {"type", "nominal"}, {"title", Json()}}},
                 {"columns", has_several ? 2 : 1},
                 {"resolve", {{"scale", {{"y", "independent"}}}}},
                 {"spec",
                  {{"width", has_several ? 330 : 680},
                   {"height", 150},
                   {"layer", fan_layers(shown)}}}},
        .height = 0};
}

template <class NameOf>
Json names_in(const SeriesBands& all, NameOf name_of)
{
    std::vector<std::string> names;
    for (const Bands& bands : all.bands) {
        if (std::ranges::find(names, name_of(bands)) == names.end()) {
            names.push_back(name_of(bands));
        }
    }
    return names;
}

/// One panel, for the region and commodity that a reader chooses.
Chart chosen_fan_chart(const SeriesBands& all, const ShownSeries& shown,
                       const std::string& area)
{
    Json values = Json::array();
    for (const Bands& bands : all.bands) {
        Json value = {{"commodity", bands.commodity}, {"region", bands.region}};
        for (const auto& [statistic, numbers] : bands.of) {
            for (const double number : numbers) {
                value[statistic].push_back(in_four_digits(number));
            }
        }
        values.push_back(std::move(value));
    }
    const Json regions = names_in(all, [](const Bands& bands) { return bands.region; });
    const Json commodities = names_in(all, [](const Bands& bands) { return bands.commodity; });
    const auto choice = [](const char* name, const char* label, const Json& names,
                           const Json& first) {
        return Json{{"name", name},
                    {"value", first},
                    {"bind", {{"input", "select"}, {"options", names}, {"name", label}}}};
    };
    const bool has_area = std::ranges::find(regions, Json(area)) != regions.end();
    return {.title = fmt::format("{}: any region and commodity", shown.title),
            .alt = fmt::format("{}, month by month: median, middle 50 % and 90 % of trials, of "
                               "the region and commodity chosen beside it.",
                               shown.title),
            .spec = {{"data", {{"values", std::move(values)}}},
                     {"params",
                      {choice("where", "Region ", regions,
                              has_area || regions.empty() ? Json(area) : regions.front()),
                       choice("what", "Commodity ", commodities,
                              commodities.empty() ? Json("") : commodities.front()),
                       Json{{"name", "months"}, {"value", all.months}}}},
                     {"transform",
                      {Json{{"filter", "datum.region === where && datum.commodity === what"}},
                       Json{{"calculate", "months"}, {"as", "month"}},
                       Json{{"flatten", {"month", "p5", "p25", "p50", "p75", "p95"}}},
                       Json{{"calculate", "toDate(datum.month)"}, {"as", "month"}}}},
                     {"layer", fan_layers(shown)}}};
}

}  // namespace

void add_month_section(const FileReader& read, const std::string& area,
                       std::vector<PageSection>& sections)
{
    const auto paths = read("paths.csv");
    if (!paths) {
        return;
    }
    PageSection section{.id = "months", .title = "Month by month", .html = {}};
    section.html = paragraph(fmt::format(
        "Bands over trials in {}: the line is the median, the darker band the middle half, the "
        "lighter one the middle 90 %, each to within 0.5 %. All numbers: paths.csv.",
        area));
    const SeriesBands prices = bands_of(*paths, price_series);
    section.charts = {
        fan_chart(prices, price_series, area),
        fan_chart(bands_of(*paths, shortfall_series), shortfall_series, area),
        chosen_fan_chart(prices, price_series, area),
        chosen_fan_chart(bands_of(*paths, consumption_series), consumption_series, area)};
    sections.push_back(std::move(section));
}

}  // namespace chokepoint
