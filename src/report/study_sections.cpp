// What several runs say: policies against none, hazards one by one, a record beside its bands.

#include "chokepoint/support/units.hpp"
#include "csv_table.hpp"
#include "sections.hpp"

#include <cmath>

#include <fmt/format.h>

namespace chokepoint {
namespace {

std::string points_cell(const Json& estimate)
{
    return interval_cell(estimate, 100);
}

Chart record_chart(const Json& values)
{
    const Json x = {{"field", "month"}, {"type", "temporal"}, {"title", Json()}};
    return {
        .title = "Recorded prices beside the trials",
        .alt =
            "For each price: recorded points over the median and the middle 80 % of the "
            "trials, on a logarithmic axis.",
        .spec =
            {{"data", {{"values", values}}},
             {"facet", {{"field", "price"}, {"type", "nominal"}, {"title", Json()}}},
             {"columns", 2},
             {"resolve", {{"scale", {{"y", "independent"}}}}},
             {"spec",
              {{"width", 320},
               {"height", 160},
               {"layer",
                {Json{{"mark", {{"type", "rule"}, {"strokeWidth", 5}, {"opacity", 0.4}}},
                      {"encoding",
                       {{"x", x},
                        {"y",
                         {{"field", "low"},
                          {"type", "quantitative"},
                          {"scale", {{"type", "log"}}},
                          {"title", "USD/kg"}}},
                        {"y2", {{"field", "high"}}}}}},
                 Json{{"mark", {{"type", "tick"}, {"thickness", 2}}},
                      {"encoding",
                       {{"x", x}, {"y", {{"field", "median"}, {"type", "quantitative"}}}}}},
                 Json{{"mark",
                       {{"type", "point"},
                        {"filled", true},
                        {"size", 60},
                        {"color", "#d55e00"}}},
                      {"encoding",
                       {{"x", x}, {"y", {{"field", "seen"}, {"type", "quantitative"}}}}}}}}}}},
        .height = 0};
}

/// An estimate of a policy, in a fraction of its unit; a dash for what none has.
std::string estimate_of(const Json& policy, const char* key, double scale)
{
    const auto found = policy.find(key);
    return found == policy.end() || !found->is_object() ? "–" : interval_cell(*found, scale);
}

/// What each policy costs, and per what it brings.
std::string cost_table(const Json& policies)
{
    HtmlTable table(
        "Cost to the treasury over the horizon, M USD, undiscounted (negative: a gain), and if "
        "nothing goes wrong; USD per USD of shortfall avoided (negative: it harms), M USD per "
        "percentage point off the ES.",
        {"", "cost", "in calm", "USD a USD", "a point of ES", "prices in calm"});
    for (const Json& policy : policies) {
        table.append({policy.at("policy").get<std::string>(),
                      estimate_of(policy, "policy_cost", 1 / million),
                      estimate_of(policy, "policy_cost_in_calm", 1 / million),
                      estimate_of(policy, "usd_per_usd_avoided", 1),
                      estimate_of(policy, "usd_per_es95_point", 1 / million),
                      estimate_of(policy, "price_in_calm_first_24_months", 1)});
    }
    return table.html();
}

/// Who pays more or less with each policy than without.
std::string payer_table(const Json& policies, const std::string& region)
{
    HtmlTable table(
        "What users pay more (negative: less) than without it for what they get, M "
        "USD; suppliers get what all pay.",
        {"", "users in " + region, "other users", "all"});
    for (const Json& policy : policies) {
        if (policy.contains("users_bill_difference")) {
            table.append({policy.at("policy").get<std::string>(),
                          estimate_of(policy, "users_bill_difference", 1 / million),
                          estimate_of(policy, "other_bill_difference", 1 / million),
                          estimate_of(policy, "world_bill_difference", 1 / million)});
        }
    }
    return table.size() > 0 ? table.html() : "";
}

}  // namespace

void add_comparison_sections(const FileReader& read, const Json& summary,
                             std::vector<PageSection>& sections)
{
    const std::string region = summary.at("region").get<std::string>();
    PageSection section{.id = "policies", .title = "Policies against none", .html = {}};
    HtmlTable table(
        fmt::format("Shortfall share of {}, all commodities; differences in percentage points "
                    "on the same trials, with 95 % intervals.",
                    region),
        {"", "mean", "change", "of ES 95 %", "helps in", "harms in", "cost, M USD"});
    Json values = Json::array();
    for (const Json& policy : summary.at("policies")) {
        const std::string name = policy.at("policy").get<std::string>();
        const auto cell = [&](const char* key, auto show) {
            const auto found = policy.find(key);
            return found == policy.end() || name == "none" ? std::string("–") : show(*found);
        };
        table.append({name, share_interval_cell(policy.at("shortfall_share")),
                      cell("shortfall_share_difference", points_cell),
                      cell("shortfall_share_es95_difference", points_cell),
                      cell("helps", share_interval_cell), cell("harms", share_interval_cell),
                      name == "none" ? "0" : interval_cell(policy.at("policy_cost"), 1e-6)});
        const double loss = value_in(policy.at("shortfall_share_es95"));
        if (std::isfinite(loss)) {
            values.push_back({{"policy", name},
                              {"cost", value_in(policy.at("policy_cost")) / million},
                              {"loss", loss},
                              {"lower", value_in(policy.at("shortfall_share_es95"), "lower")},
                              {"upper", value_in(policy.at("shortfall_share_es95"), "upper")},
                              {"frontier", policy.at("is_efficient").get<bool>()
                                               ? "efficient"
                                               : "costs more or leaves more"}});
        }
    }
    section.html = table.html();
    section.after =
        cost_table(summary.at("policies")) + payer_table(summary.at("policies"), region);
    const Json x = {{"field", "cost"}, {"type", "quantitative"}, {"title", "cost, M USD"}};
    const Json color = {{"field", "frontier"},
                        {"type", "nominal"},
                        {"title", Json()},
                        {"scale", {{"domain", {"efficient", "costs more or leaves more"}}}}};
    section.charts.push_back(
        {.title = "What policies cost and what shortfall they leave",
         .alt = "One mark for each policy: mean cost against the shortfall share in the worst "
                "5 % of trials, with 95 % intervals.",
         .spec = {
             {"data", {{"values", values}}},
             {"layer",
              {Json{{"mark", "rule"},
                    {"encoding",
                     {{"x", x},
                      {"y",
                       {{"field", "lower"},
                        {"type", "quantitative"},
                        {"title", "ES 95 % of the shortfall share"},
                        {"scale", {{"zero", false}}},
                        {"axis", {{"format", "~%"}}}}},
                      {"y2", {{"field", "upper"}}},
                      {"color", color}}}},
               Json{{"mark", {{"type", "point"}, {"filled", true}, {"size", 80}}},
                    {"encoding",
                     {{"x", x},
                      {"y", {{"field", "loss"}, {"type", "quantitative"}}},
                      {"shape",
                       {{"field", "frontier"}, {"type", "nominal"}, {"legend", Json()}}},
                      {"color", color}}}},
               Json{{"mark", {{"type", "text"}, {"align", "left"}, {"dx", 8}, {"limit", 180}}},
                    {"encoding",
                     {{"x", x},
                      {"y", {{"field", "loss"}, {"type", "quantitative"}}},
                      {"text", {{"field", "policy"}}}}}}}}}});
    sections.push_back(std::move(section));
    add_portfolio_sections(read, sections);
}

void add_attribution_section(const FileReader& read, std::vector<PageSection>& sections)
{
    const auto csv = read("attribution.csv");
    if (!csv) {
        return;
    }
    PageSection section{.id = "hazards", .title = "Which hazard brings it", .html = {}};
    HtmlTable table("Shapley shares of each hazard, with 95 % intervals.",
                    {"", "of", "figure", "share", "lower", "upper"});
    Json values = Json::array();
    each_csv_row(*csv, [&](const CsvRow& row) {
        const std::string what = fmt::format("{} ({}, {})", row.text("metric"),
                                             row.text("commodity"), row.text("region"));
        table.append({row.text("hazard"), what, row.text("statistic"),
                      number_cell(row.number("value")), number_cell(row.number("lower")),
                      number_cell(row.number("upper"))});
        if (row.text("hazard") != "all" && std::isfinite(row.number("value"))) {
            values.push_back({{"hazard", row.text("hazard")},
                              {"metric", what},
                              {"figure", row.text("statistic")},
                              {"value", row.number("value")}});
        }
    });
    section.html = paragraph(
        "On average over all orders of adding the hazards; they add up to what all of them "
        "bring, less what uncertain numbers bring without any.");
    section.charts.push_back(
        {.title = "What each hazard brings",
         .alt =
             "Bars: the share of each hazard in the mean and in the worst trials, a panel for "
             "each metric.",
         .spec = {{"data", {{"values", values}}},
                  {"facet", {{"field", "metric"}, {"type", "nominal"}, {"title", Json()}}},
                  {"columns", 1},
                  {"resolve", {{"scale", {{"x", "independent"}}}}},
                  {"spec",
                   {{"width", 520},
                    {"mark", "bar"},
                    {"encoding",
                     {{"y", {{"field", "hazard"}, {"type", "nominal"}, {"title", Json()}}},
                      {"yOffset", {{"field", "figure"}}},
                      {"x", {{"field", "value"}, {"type", "quantitative"}, {"title", Json()}}},
                      {"color",
                       {{"field", "figure"}, {"type", "nominal"}, {"title", Json()}}}}}}}},
         .height = 0});
    section.after = table.html();
    sections.push_back(std::move(section));
}

void add_hindcast_section(const FileReader& read, std::vector<PageSection>& sections)
{
    const auto csv = read("hindcast.csv");
    if (!csv) {
        return;
    }
    PageSection section{.id = "record", .title = "Beside the record", .html = {}};
    Json values = Json::array();
    std::size_t points = 0, inside = 0;
    each_csv_row(*csv, [&](const CsvRow& row) {
        const double seen = row.number("seen");
        if (row.text("series") != "price" || !row.text("left_out").empty()
            || !std::isfinite(seen) || row.text("from").empty()
            || !std::isfinite(row.number("median"))) {
            return;
        }
        const double low = row.number("p10"), high = row.number("p90");
        if (std::isfinite(low) && std::isfinite(high)) {
            ++points;
            inside += seen >= low && seen <= high ? 1 : 0;
        }
        const auto json_of = [](double value) {
            return std::isfinite(value) ? Json(value) : Json();
        };
        values.push_back({{"price", row.text("commodity") + ", " + row.text("region")},
                          {"month", row.text("from")},
                          {"seen", seen},
                          {"median", json_of(row.number("median"))},
                          {"low", json_of(low)},
                          {"high", json_of(high)}});
    });
    section.html = paragraph(fmt::format(
        "{} of {} recorded prices lie in the middle 80 % of the trials; a model that knows its "
        "own errors would have eight in ten there. Misses are misses.",
        inside, points));
    if (!values.empty()) {
        section.charts.push_back(record_chart(values));
    }
    sections.push_back(std::move(section));
}

}  // namespace chokepoint
