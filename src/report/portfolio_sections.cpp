// What a portfolio loses, why, and what would break its limit.

#include "chokepoint/support/units.hpp"
#include "csv_table.hpp"
#include "sections.hpp"

#include <cmath>
#include <map>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::size_t positions_drawn = 25;

std::string money(double usd)
{
    return number_cell(usd / million);
}

/// Figures by statistic.
using Figures = std::map<std::string, double>;

struct Part {
    std::string scope, name, desk, type;
    Figures figures;
};

std::vector<Part> parts_of(const std::string& csv)
{
    std::vector<Part> parts;
    std::string first;  // of several policies the first, which is none
    each_csv_row(csv, [&](const CsvRow& row) {
        first = first.empty() ? row.text("policy") : first;
        if (row.text("policy") != first) {
            return;
        }
        if (parts.empty() || parts.back().scope != row.text("scope")
            || parts.back().name != row.text("name")) {
            parts.push_back(
                {row.text("scope"), row.text("name"), row.text("desk"), row.text("type"), {}});
        }
        const std::string& statistic = row.text("statistic");
        parts.back().figures[statistic] = row.number("value");
        parts.back().figures[statistic + " lower"] = row.number("lower");
        parts.back().figures[statistic + " upper"] = row.number("upper");
    });
    return parts;
}

double figure(const Part& part, const std::string& statistic)
{
    const auto found = part.figures.find(statistic);
    return found == part.figures.end() ? std::nan("") : found->second;
}

/// In M USD, with its 95 % interval.
std::string money_interval(const Part& part, const std::string& statistic)
{
    const double value = figure(part, statistic);
    return std::isnan(value) ? "–"
                             : fmt::format("{} [{}, {}]", money(value),
                                           money(figure(part, statistic + " lower")),
                                           money(figure(part, statistic + " upper")));
}

double breach(const Part& part)
{
    for (const auto& [statistic, value] : part.figures) {
        if (statistic.starts_with("probability_above") && !statistic.ends_with("er")) {
            return value;
        }
    }
    return std::nan("");
}

HtmlTable risk_table(const std::vector<Part>& parts)
{
    HtmlTable table(
        "Losses (positive) and gains (negative) against the undisturbed run, M USD, with 95 % "
        "intervals.",
        {"", "kind", "mean", "VaR 95 %", "ES 95 %", "ES 99 %", "beyond its limit in"});
    for (const Part& part : parts) {
        if (part.scope.starts_with("loan_default")) {
            continue;
        }
        table.append({part.scope == "total"      ? "all"
                      : part.scope == "drawdown" ? "largest drawdown"
                                                 : part.name,
                      part.scope == "position" ? part.type : part.scope,
                      money_interval(part, "mean"), money(figure(part, "var95")),
                      money_interval(part, "es95"), money(figure(part, "es99")),
                      share_cell(breach(part))});
    }
    return table;
}

Chart contribution_chart(const std::string& csv, const std::string& scope,
                         const std::string& title)
{
    Json values = Json::array();
    std::string first;
    each_csv_row(csv, [&](const CsvRow& row) {
        first = first.empty() ? row.text("policy") : first;
        if (row.text("policy") == first && row.text("scope") == scope
            && row.text("statistic") == "es95_contribution"
            && std::isfinite(row.number("value")) && values.size() < positions_drawn) {
            values.push_back({{"name", row.text("name")},
                              {"value", row.number("value") / million},
                              {"lower", row.number("lower") / million},
                              {"upper", row.number("upper") / million}});
        }
    });
    const Json y = {
        {"field", "name"}, {"type", "nominal"}, {"sort", Json()}, {"title", Json()}};
    return {
        .title = title,
        .alt = title + ": bars with 95 % intervals; they add up to the ES of the whole.",
        .spec =
            {{"data", {{"values", values}}},
             {"layer",
              {Json{{"mark", "bar"},
                    {"encoding",
                     {{"y", y},
                      {"x",
                       {{"field", "value"}, {"type", "quantitative"}, {"title", "M USD"}}}}}},
               Json{{"mark", "rule"},
                    {"encoding",
                     {{"y", y},
                      {"x", {{"field", "lower"}, {"type", "quantitative"}}},
                      {"x2", {{"field", "upper"}}}}}}}}},
        .height = 0};
}

std::string reverse_html(const std::string& csv)
{
    std::map<std::string, Figures> events;
    std::vector<std::string> order;
    double limit = std::nan(""), beyond = std::nan("");
    HtmlTable numbers("Numbers that differ in those trials (false discovery rate 5 %).",
                      {"", "mean there", "mean in all", "difference, sd"});
    std::map<std::string, Figures> by_number;
    std::vector<std::string> number_order;
    std::string trials;
    each_csv_row(csv, [&](const CsvRow& row) {
        const std::string& kind = row.text("kind");
        const std::string& name = row.text("name");
        const std::string& statistic = row.text("statistic");
        const double value = row.number("value");
        if (kind == "limit") {
            (statistic == "loss_usd" ? limit : beyond) = value;
        } else if (kind == "event") {
            if (!events.contains(name)) {
                order.push_back(name);
            }
            events[name][statistic] = value;
        } else if (kind == "number") {
            if (!by_number.contains(name)) {
                number_order.push_back(name);
            }
            by_number[name][statistic] = value;
        } else if (statistic == "loss_usd") {
            trials += (trials.empty() ? "" : ", ") + name;
        }
    });
    HtmlTable table("Hazards that strike more or less often in them.",
                    {"", "of those trials", "of all", "times as often"});
    for (const std::string& name : order) {
        if (events[name]["is_told"] == 1) {
            table.append({name, share_cell(events[name]["probability_beyond"]),
                          share_cell(events[name]["probability"]),
                          number_cell(events[name]["lift"])});
        }
    }
    for (const std::string& name : number_order) {
        numbers.append({name, number_cell(by_number[name]["mean_beyond"]),
                        number_cell(by_number[name]["mean"]),
                        number_cell(by_number[name]["shift"])});
    }
    return paragraph(fmt::format(
               "{:.0f} trials lose {} M USD or more. Those in which the least "
               "happens, to be told with chokepoint replay --trial K --portfolio FILE: {}.",
               beyond, money(limit), trials))
           + (table.size() > 0 ? table.html()
                               : paragraph("No hazard strikes there more or less often than "
                                           "chance would have it."))
           + (numbers.size() > 0 ? numbers.html() : "");
}

/// What stress.csv says, by scenario and position.
struct StressTable {
    std::vector<std::string> scenarios, positions;
    std::map<std::pair<std::string, std::string>, Figures> losses;
    std::map<std::pair<std::string, std::string>, bool> is_missing;
};

StressTable stress_table_of(const std::string& csv)
{
    StressTable all;
    const auto add_name = [](const std::string& name, std::vector<std::string>& names) {
        if (std::ranges::find(names, name) == names.end()) {
            names.push_back(name);
        }
    };
    each_csv_row(csv, [&](const CsvRow& row) {
        const std::string& scope = row.text("scope");
        if (scope != "position" && scope != "total" && scope != "drawdown") {
            return;
        }
        const std::string name = scope == "total"      ? "all"
                                 : scope == "drawdown" ? "largest drawdown"
                                                       : row.text("name");
        const std::string& scenario = row.text("scenario");
        add_name(scenario, all.scenarios);
        add_name(name, all.positions);
        all.losses[{scenario, name}][row.text("statistic")] = row.number("value");
        all.is_missing[{scenario, name}] = !row.text("missing").empty();
    });
    return all;
}

Chart stress_chart(Json values)
{
    return {.title = "Mean loss by scenario and position",
            .alt =
                "A field for each scenario and position, coloured by the mean loss: orange for "
                "a loss, blue for a gain.",
            .spec = {{"data", {{"values", std::move(values)}}},
                     {"mark", "rect"},
                     {"encoding",
                      {{"x",
                        {{"field", "scenario"},
                         {"type", "nominal"},
                         {"title", Json()},
                         {"sort", Json()},
                         {"axis", {{"labelAngle", -25}}}}},
                       {"y",
                        {{"field", "position"},
                         {"type", "nominal"},
                         {"title", Json()},
                         {"sort", Json()}}},
                       {"color",
                        {{"field", "loss"},
                         {"type", "quantitative"},
                         {"title", "M USD"},
                         {"scale", {{"scheme", "blueorange"}, {"domainMid", 0}}}}}}}},
            .height = 0};
}

}  // namespace

void add_portfolio_sections(const FileReader& read, std::vector<PageSection>& sections)
{
    const auto table = read("portfolio.csv");
    const auto contributions = read("contributions.csv");
    if (!table || !contributions) {
        return;
    }
    std::vector<Part> parts;
    for (Part& part : parts_of(*table)) {
        parts.push_back(std::move(part));
    }
    PageSection section{.id = "portfolio", .title = "The portfolio", .html = {}};
    section.html = risk_table(parts).html();
    section.charts.push_back(contribution_chart(*contributions, "position",
                                                "What positions bring to the ES at 95 %"));
    section.charts.push_back(contribution_chart(*contributions, "commodity",
                                                "What commodities bring to the ES at 95 %"));
    sections.push_back(std::move(section));
    if (const auto reverse = read("reverse_stress.csv")) {
        sections.push_back({.id = "reverse",
                            .title = "What separates the bad trials",
                            .html = reverse_html(*reverse)});
    }
}

void add_stress_section(const FileReader& read, std::vector<PageSection>& sections)
{
    const auto stress = read("stress.csv");
    if (!stress) {
        return;
    }
    StressTable all = stress_table_of(*stress);
    std::vector<std::string> headings = {""};
    for (const std::string& scenario : all.scenarios) {
        headings.push_back(scenario + ": mean loss");
        headings.push_back("ES 95 %");
    }
    HtmlTable table(
        "Losses (positive) against the undisturbed run of each scenario, M USD. –: the "
        "scenario has nothing of it, and all is of the others; few: too few trials in the "
        "tail.",
        headings);
    Json values = Json::array();
    for (const std::string& position : all.positions) {
        std::vector<std::string> cells = {position};
        for (const std::string& scenario : all.scenarios) {
            Figures& of = all.losses[{scenario, position}];
            const bool is_nothing = all.is_missing[{scenario, position}] && of["mean"] == 0;
            cells.push_back(is_nothing ? "–" : money(of["mean"]));
            cells.push_back(is_nothing               ? "–"
                            : std::isnan(of["es95"]) ? "few"
                                                     : money(of["es95"]));
            values.push_back({{"position", position},
                              {"scenario", scenario},
                              {"loss", of["mean"] / million}});
        }
        table.append(cells);
    }
    PageSection section{.id = "stress", .title = "Scenario by position", .html = table.html()};
    section.charts.push_back(stress_chart(std::move(values)));
    sections.push_back(std::move(section));
}

}  // namespace chokepoint
