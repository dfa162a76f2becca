// What an experiment says: figures over points, inputs that matter.

#include "csv_table.hpp"
#include "sections.hpp"

#include "chokepoint/statistics/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::size_t most_marks = 6000;  ///< Of one chart.

/// `es99(shortfall_share,all,world)`
std::string figure_name(const CsvRow& row)
{
    return fmt::format("{}({},{},{})", row.text("statistic"), row.text("metric"),
                       row.text("commodity"), row.text("region"));
}

/// The points of an experiment: what each input is there, as written.
struct Design {
    std::vector<std::string> inputs;
    std::map<std::string, std::vector<std::string>> points;  ///< By name of point.
};

Design design_of(const std::string& csv)
{
    Design design;
    const std::string head = csv.substr(0, csv.find('\n'));
    for (std::size_t at = head.find(','); at != head.npos;) {
        const std::size_t end = head.find(',', at + 1);
        design.inputs.push_back(head.substr(at + 1, end == head.npos ? end : end - at - 1));
        at = end;
    }
    each_csv_row(csv, [&](const CsvRow& row) {
        std::vector<std::string>& values = design.points[row.text("point")];
        for (const std::string& input : design.inputs) {
            values.push_back(row.text(input));
        }
    });
    return design;
}

/// One figure at all points.
struct FigureAtPoints {
    std::string name, unit;
    struct Point {
        std::string point;
        double value = 0, lower = 0, upper = 0;
    };
    std::vector<Point> points;
};

std::vector<FigureAtPoints> figures_of(const std::string& csv)
{
    std::vector<FigureAtPoints> figures;
    each_csv_row(csv, [&](const CsvRow& row) {
        const std::string name = figure_name(row);
        auto figure = std::ranges::find(figures, name, &FigureAtPoints::name);
        if (figure == figures.end()) {
            figures.push_back({.name = name, .unit = row.text("unit"), .points = {}});
            figure = figures.end() - 1;
        }
        if (!std::isnan(row.number("value"))) {
            figure->points.push_back({row.text("point"), row.number("value"),
                                      row.number("lower"), row.number("upper")});
        }
    });
    return figures;
}

std::string cell_of(const FigureAtPoints& figure, const FigureAtPoints::Point& at)
{
    const bool is_share = figure.unit == "share";
    return is_share
               ? fmt::format("{} (point {})", share_cell(at.value), at.point)
               : fmt::format("{} {} (point {})", number_cell(at.value), figure.unit, at.point);
}

PageSection points_section(const Design& design, const std::vector<FigureAtPoints>& figures)
{
    PageSection section{.id = "points", .title = "Over the points", .html = {}};
    HtmlTable table("Where each figure is least and largest; all points: experiment.csv.",
                    {"", "least", "largest"});
    for (const FigureAtPoints& figure : figures) {
        if (figure.points.empty()) {
            table.append({figure.name, "–", "–"});
            continue;
        }
        const auto [least, largest] =
            std::ranges::minmax_element(figure.points, {}, &FigureAtPoints::Point::value);
        table.append({figure.name, cell_of(figure, *least), cell_of(figure, *largest)});
    }
    section.html =
        paragraph(fmt::format(
            "{} points (their inputs: design.csv), {} inputs. In the charts each mark is a "
            "point, its rule the 95 % "
            "interval of its own trials; what differs at one place of an input is due to "
            "the others.",
            design.points.size(), design.inputs.size()))
        + table.html();
    return section;
}

/// A number if it is written as one, else the text.
Json value_of(const std::string& text)
{
    const Json parsed = Json::parse(text, nullptr, false);
    return parsed.is_number() ? parsed : Json(text);
}

Chart points_chart(const Design& design, const FigureAtPoints& figure)
{
    Json values = Json::array();
    bool are_numbers = true;
    for (std::size_t input = 0; input < design.inputs.size(); ++input) {
        for (const FigureAtPoints::Point& at : figure.points) {
            const auto point = design.points.find(at.point);
            if (point == design.points.end() || values.size() == most_marks) {
                continue;
            }
            const Json place = value_of(point->second.at(input));
            are_numbers = are_numbers && place.is_number();
            values.push_back({{"input", design.inputs[input]},
                              {"at", place},
                              {"value", at.value},
                              {"lower", std::isfinite(at.lower) ? Json(at.lower) : Json()},
                              {"upper", std::isfinite(at.upper) ? Json(at.upper) : Json()},
                              {"point", at.point}});
        }
    }
    const bool is_share = figure.unit == "share";
    const Json x = {{"field", "at"},
                    {"type", are_numbers ? "quantitative" : "nominal"},
                    {"title", Json()},
                    {"scale", are_numbers ? Json{{"zero", false}} : Json::object()}};
    const Json y = {{"field", "value"},
                    {"type", "quantitative"},
                    {"scale", {{"zero", false}}},
                    {"title", figure.unit},
                    {"axis", is_share ? Json{{"format", "~%"}} : Json::object()}};
    Json low = y;
    low["field"] = "lower";
    return {
        .title = figure.name,
        .alt = fmt::format("{} at every point, a panel for each input.", figure.name),
        .spec =
            {{"data", {{"values", std::move(values)}}},
             {"facet", {{"field", "input"}, {"type", "nominal"}, {"title", Json()}}},
             {"columns", 2},
             {"resolve", {{"scale", {{"x", "independent"}}}}},
             {"spec",
              {{"width", 330},
               {"height", 150},
               {"layer",
                {Json{{"mark", {{"type", "rule"}, {"opacity", 0.35}}},
                      {"encoding", {{"x", x}, {"y", low}, {"y2", {{"field", "upper"}}}}}},
                 Json{{"mark",
                       {{"type", "point"}, {"filled", true}, {"size", 25}, {"opacity", 0.7}}},
                      {"encoding", {{"x", x}, {"y", y}}}}}}}}},
        .height = 0};
}

PageSection sensitivity_section(const std::string& csv)
{
    PageSection section{.id = "sensitivity", .title = "Which inputs matter", .html = {}};
    HtmlTable table("Sensitivity of each figure to each input, with 95 % intervals.",
                    {"", "of", "index", "value"});
    std::vector<std::pair<std::string, Json>> by_figure;
    each_csv_row(csv, [&](const CsvRow& row) {
        const std::string figure = figure_name(row);
        const double value = row.number("value");
        table.append({row.text("input"), figure, row.text("index"),
                      std::isnan(row.number("lower"))
                          ? number_cell(value)
                          : fmt::format("{} [{}, {}]", number_cell(value),
                                        number_cell(row.number("lower")),
                                        number_cell(row.number("upper")))});
        if (std::isnan(value)) {
            return;
        }
        if (by_figure.empty() || by_figure.back().first != figure) {
            by_figure.emplace_back(figure, Json::array());
        }
        by_figure.back().second.push_back(
            {{"input", row.text("input")},
             {"index", row.text("index")},
             {"value", value},
             {"lower", std::isnan(row.number("lower")) ? Json() : Json(row.number("lower"))},
             {"upper", std::isnan(row.number("upper")) ? Json() : Json(row.number("upper"))}});
    });
    for (auto& [figure, values] : by_figure) {
        const Json y = {
            {"field", "input"}, {"type", "nominal"}, {"title", Json()}, {"sort", "-x"}};
        const Json offset = {{"field", "index"}};
        const Json color = {{"field", "index"}, {"type", "nominal"}, {"title", Json()}};
        section.charts.push_back(
            {.title = "Sensitivity of " + figure,
             .alt =
                 fmt::format("How much {} depends on each input, with 95 % intervals.", figure),
             .spec =
                 {{"width", 460},
                  {"data", {{"values", std::move(values)}}},
                  {"layer",
                   {Json{{"mark", "rule"},
                         {"encoding",
                          {{"y", y},
                           {"yOffset", offset},
                           {"color", color},
                           {"x",
                            {{"field", "lower"}, {"type", "quantitative"}, {"title", "index"}}},
                           {"x2", {{"field", "upper"}}}}}},
                    Json{{"mark", {{"type", "point"}, {"filled", true}, {"size", 60}}},
                         {"encoding",
                          {{"y", y},
                           {"yOffset", offset},
                           {"color", color},
                           {"shape",
                            {{"field", "index"}, {"type", "nominal"}, {"title", Json()}}},
                           {"x", {{"field", "value"}, {"type", "quantitative"}}}}}}}}},
             .height = 0});
    }
    section.html = paragraph(fmt::format(
        "mu_star: mean size of the effect of a step of the input, in the figure's unit; mu: "
        "with its sign; sigma: how unevenly. first_order: share of the figure's variance that "
        "the input brings by itself; total_order: with all that it does together with others. "
        "rank_correlation: of the input with the figure over the points. Only those of this "
        "design are given; – stands where there are too few points for them (a rank "
        "correlation takes {}, first_order and total_order {}), or where all are alike.",
        least_ranked_pairs, least_index_rows));
    section.after = table.html();
    return section;
}

}  // namespace

void add_experiment_sections(const FileReader& read, std::vector<PageSection>& sections)
{
    const auto points = read("experiment.csv");
    const auto design_csv = read("design.csv");
    if (!points || !design_csv) {
        return;
    }
    const Design design = design_of(*design_csv);
    const std::vector<FigureAtPoints> figures = figures_of(*points);
    if (const auto sensitivity = read("sensitivity.csv")) {
        sections.push_back(sensitivity_section(*sensitivity));
    }
    PageSection section = points_section(design, figures);
    for (const FigureAtPoints& figure : figures) {
        section.charts.push_back(points_chart(design, figure));
    }
    if (const auto file = read("experiment.yaml")) {
        section.after = folded("The experiment file: inputs, design, seeds",
                               "<pre>" + html_text(*file) + "</pre>\n");
    }
    sections.push_back(std::move(section));
}

}  // namespace chokepoint
