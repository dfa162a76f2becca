#include "chokepoint/report/page.hpp"

#include "assets.hpp"
#include "sections.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr int chart_width = 680;

std::string chart_html(const Chart& chart, const std::string& id)
{
    Json spec = {{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"}};
    const bool is_faceted = chart.spec.contains("facet");
    if (!is_faceted) {
        spec["width"] = chart_width;
        if (chart.height > 0) {
            spec["height"] = chart.height;
        }
    }
    spec.update(chart.spec);
    return fmt::format(
        "<h3>{}</h3>\n<figure data-chart=\"{}\" role=\"img\" aria-label=\"{}\">"
        "<div class=\"canvas\"></div><figcaption>{}</figcaption>"
        "<script type=\"application/json\">{}</script></figure>\n",
        html_text(chart.title), id, html_text(chart.alt), html_text(chart.alt),
        script_json(spec));
}

std::string section_html(const PageSection& section)
{
    std::string html = fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}", section.id,
                                   html_text(section.title), section.html);
    for (std::size_t at = 0; at < section.charts.size(); ++at) {
        if (section.charts[at].spec.at("data").at("values").empty()) {
            continue;  // too few trials for any of its figures
        }
        html += chart_html(section.charts[at], fmt::format("{}-{}", section.id, at + 1));
    }
    return html + section.after + "</section>\n";
}

std::string warnings_html(const Json& summary)
{
    std::string html;
    if (const auto warnings = summary.find("warnings"); warnings != summary.end()) {
        for (const Json& warning : *warnings) {
            html += "<p class=\"warning\">" + html_text(warning.get<std::string>()) + "</p>\n";
        }
    }
    return html;
}

/// With commas between thousands.
std::string grouped(std::uint64_t number)
{
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

/// How sure it is: sampling, and what is not known of the numbers.
std::string certainty(const Json& summary)
{
    std::string text = fmt::format(
        "{} trials, seed {}. Intervals are 95 % and speak of sampling alone: how far another "
        "set of as many trials may give another figure. What the scenario takes for certain is "
        "in no interval.",
        grouped(summary.at("trials").get<std::uint64_t>()),
        summary.at("seed").get<std::uint64_t>());
    return paragraph(text);
}

std::vector<PageSection> sections_of(const FileReader& read, const Json& summary)
{
    std::vector<PageSection> sections;
    const std::optional<ResolvedScenario> scenario = resolved_scenario(read);
    if (summary.contains("policies")) {
        add_comparison_sections(read, summary, sections);
    } else if (summary.contains("headline")) {
        add_run_sections(read, summary, scenario, sections);
    } else {
        add_attribution_section(read, sections);
    }
    add_assumptions(scenario, sections);
    return sections;
}

std::string page_of(const std::string& title, const std::string& under_title,
                    const std::vector<PageSection>& sections, const std::string& warnings)
{
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<title>{}</title>\n<style>\n{}</style></head>\n<body>\n<header><h1><bdi>{}</bdi></"
        "h1>\n"
        "{}<nav aria-label=\"Parts of this page\">",
        html_text(title), page_style(), html_text(title), under_title);
    for (const PageSection& section : sections) {
        html += fmt::format("<a href=\"#{}\">{}</a>", section.id, html_text(section.title));
    }
    html +=
        "</nav></header>\n<main>\n<noscript><p class=\"warning\">Charts, and their data as "
        "CSV, "
        "need JavaScript. All figures are in the tables and in the CSV files beside this "
        "page.</p></noscript>\n"
        + warnings;
    for (const PageSection& section : sections) {
        html += section_html(section);
    }
    html +=
        "</main>\n<footer>Made by Chokepoint from the files beside it; this page needs no "
        "network.";
    html += has_charts() ? ""
                         : " It was made without charts: the program was built without "
                           "their library.";
    html += "</footer>\n";
    html += fmt::format("<script>{}</script>\n<script>{}</script>\n", chart_library(),
                        page_script());
    return html + "</body></html>\n";
}

/// The text after a key at the top of a YAML file of ours, or the other one.
std::string text_of_key(const std::string& yaml, const std::string& key,
                        const std::string& other)
{
    const std::size_t begin = yaml.find("\n" + key + ":");
    if (begin == yaml.npos) {
        return other;
    }
    const std::size_t first = begin + key.size() + 2;
    std::string text = yaml.substr(first, yaml.find('\n', first) - first);
    text.erase(0, text.find_first_not_of(" \"'"));
    text.erase(text.find_last_not_of(" \"'\r") + 1);
    return text;
}

std::string page_without_summary(const FileReader& read)
{
    std::vector<PageSection> sections;
    add_stress_section(read, sections);
    if (!sections.empty()) {
        return page_of("Stress test", "", sections, "");
    }
    add_experiment_sections(read, sections);
    if (sections.empty()) {
        throw std::invalid_argument(
            "there is neither summary.json nor stress.csv nor experiment.csv");
    }
    add_assumptions(resolved_scenario(read), sections);
    return page_of(
        text_of_key(read("experiment.yaml").value_or(""), "experiment", "Experiment"), "",
        sections, "");
}

}  // namespace

bool has_charts()
{
    return !chart_library().empty();
}

std::string report_page(const FileReader& read)
{
    const auto text = read("summary.json");
    if (!text) {
        return page_without_summary(read);
    }
    try {
        const Json summary = Json::parse(*text);
        const std::string scenario = summary.at("scenario").get<std::string>();
        const std::string policy = summary.value("policy", std::string("none"));
        std::string title = scenario + (policy == "none" ? "" : " – " + policy);
        if (const auto portfolio = read("portfolio.resolved.yaml")) {
            title += " – " + text_of_key("\n" + *portfolio, "portfolio", "portfolio");
        }
        return page_of(title, certainty(summary), sections_of(read, summary),
                       warnings_html(summary));
    } catch (const Json::exception& fault) {
        throw std::invalid_argument(std::string("summary.json: ") + fault.what());
    }
}

}  // namespace chokepoint
