// Where the network binds, and what a tonne of room there is worth.

#include "csv_table.hpp"
#include "network_drawing.hpp"
#include "sections.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::size_t chokepoints_shown = 15;
constexpr std::size_t most_of_each = 4;
constexpr std::size_t drawings_open = 3;  ///< The others a reader unfolds.

/// The chain of each commodity.
std::string drawings(const ModelDescription& model,
                     const std::map<std::string, std::vector<DrawnChokepoint>>& chokepoints)
{
    std::string html =
        "<h3>The network</h3>\n"
        + paragraph(
            "Month 0: lines are flows, as wide as their share of what leaves the stage, "
            "circles what a region makes or uses. Coloured: what binds in some trial, the "
            "stronger the more often; numbers are those of the table. Flows below 0.5 % are "
            "left out. Point at a line or circle for its figures.");
    std::size_t count = 0;
    for (const CommodityDescription& commodity : model.commodities) {
        const auto of_it = chokepoints.find(commodity.name);
        html += fmt::format("<details{}><summary>{}</summary>\n{}</details>\n",
                            count++ < drawings_open ? " open" : "", html_text(commodity.name),
                            network_drawing(commodity, of_it == chokepoints.end()
                                                           ? std::vector<DrawnChokepoint>()
                                                           : of_it->second));
    }
    return html;
}

/// What chokepoints.csv says, for a table, a chart and drawings.
struct Listed {
    HtmlTable table{
        "The most valuable arcs, at most four of a commodity: share of months in which they "
        "bind, what one more tonne of room is worth, and what scarcity earns there.",
        {"", "stage", "from", "to", "binds in", "USD a tonne", "worst 1 %", "rent, M USD"}};
    Json values = Json::array();
    std::map<std::string, std::vector<DrawnChokepoint>> drawn;  ///< By commodity.
    std::map<std::string, std::size_t> shown;                   ///< In the table, by commodity.
};

std::string with_interval(const CsvRow& row, const char* value, const std::string& bounds,
                          double scale)
{
    return fmt::format("{} [{}, {}]", number_cell(scale * row.number(value)),
                       number_cell(scale * row.number(bounds + "_lower")),
                       number_cell(scale * row.number(bounds + "_upper")));
}

void list_row(const CsvRow& row, Listed& listed)
{
    const std::string& commodity = row.text("commodity");
    const double binds = row.number("p_binding");
    const double value = row.number("marginal_value_usd_per_t");
    DrawnChokepoint& drawn =
        listed.drawn[commodity].emplace_back(DrawnChokepoint{.layer = row.text("layer"),
                                                             .kind = row.text("kind"),
                                                             .from = row.text("from"),
                                                             .to = row.text("to"),
                                                             .binds = binds,
                                                             .usd_per_t = value});
    if (listed.table.size() == chokepoints_shown || listed.shown[commodity] == most_of_each
        || !(binds > 0) || !(row.number("flow_t_per_month") > 0)) {
        return;
    }
    ++listed.shown[commodity];
    drawn.number = static_cast<int>(listed.table.size()) + 1;
    const std::string stage = drawn.layer + ", " + drawn.kind;
    listed.table.append({fmt::format("{}. {}", drawn.number, commodity), stage, drawn.from,
                         drawn.to, with_interval(row, "p_binding", "p_binding", 100) + " %",
                         with_interval(row, "marginal_value_usd_per_t", "marginal_value", 1),
                         number_cell(row.number("marginal_value_tail_usd_per_t")),
                         number_cell(row.number("rent_usd") / 1e6)});
    listed.values.push_back(
        {{"arc", fmt::format("{}: {} → {} ({})", commodity, drawn.from, drawn.to, stage)},
         {"binds", binds},
         {"value", std::max(1.0, value)}});
}

Chart binding_chart(Json values)
{
    return {.title = "How often chokepoints bind, and what a tonne there is worth",
            .alt =
                "One mark for each chokepoint: share of months in which it binds; its colour "
                "says what one more tonne of room is worth.",
            .spec = {{"width", 460},
                     {"data", {{"values", std::move(values)}}},
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
                         {"legend", {{"format", ".2~s"}, {"tickCount", 3}}},
                         {"title", "USD a tonne"}}}}}},
            .height = 0};
}

}  // namespace

void add_chokepoint_section(const FileReader& read,
                            const std::optional<ResolvedScenario>& scenario,
                            std::vector<PageSection>& sections)
{
    const auto csv = read("chokepoints.csv");
    if (!csv) {
        return;
    }
    Listed listed;
    each_csv_row(*csv, [&](const CsvRow& row) { list_row(row, listed); });
    PageSection section{.id = "chokepoints", .title = "Chokepoints", .html = {}};
    if (listed.table.size() > 0) {
        section.html = listed.table.html();
        section.charts.push_back(binding_chart(std::move(listed.values)));
    } else {
        section.html = paragraph("No chokepoint ever binds.");
    }
    section.after = scenario ? drawings(scenario->model, listed.drawn) : "";
    sections.push_back(std::move(section));
}

}  // namespace chokepoint
