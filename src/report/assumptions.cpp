// What the scenario takes for granted, from scenario.resolved.yaml.

#include "chokepoint/scenario/read_scenario.hpp"
#include "sections.hpp"

#include <fmt/format.h>

namespace chokepoint {
namespace {

std::string law(const Number& number)
{
    return to_string(number.distribution);
}

/// The scenario without its record, which lies in another file.
std::string without_record(const std::string& yaml)
{
    const std::size_t begin = yaml.starts_with("observed:") ? 0 : yaml.find("\nobserved:") + 1;
    if (begin == 0 && !yaml.starts_with("observed:")) {
        return yaml;
    }
    std::size_t end = yaml.find('\n', begin);
    while (end != yaml.npos && end + 1 < yaml.size() && yaml[end + 1] == ' ') {
        end = yaml.find('\n', end + 1);
    }
    return yaml.substr(0, begin) + (end == yaml.npos ? "" : yaml.substr(end + 1));
}

}  // namespace

void add_assumptions(const FileReader& read, std::vector<PageSection>& sections)
{
    const auto yaml = read("scenario.resolved.yaml");
    if (!yaml) {
        return;
    }
    Scenario scenario;
    try {
        scenario = read_scenario_text(without_record(*yaml), "scenario.resolved.yaml");
    } catch (const std::exception&) {
        return;  // several scenarios of a comparison
    }
    PageSection section{.id = "assumptions", .title = "What was assumed", .html = {}};
    HtmlTable commodities(
        "Users: how demand answers prices, when they are cut off (choke) and how low prices "
        "may "
        "fall (floor), as multiples of the start.",
        {"", "elasticity at once", "in the long run", "choke", "floor", "price, USD/kg"});
    for (const CommodityEntry& of : scenario.commodities) {
        commodities.append({of.name, law(of.demand_elasticity_short_run),
                            law(of.demand_elasticity_long_run), law(of.choke_price_ratio),
                            law(of.floor_price_ratio), law(of.price_usd_per_kg)});
    }
    HtmlTable restrictions(
        "Export restrictions that may come: how often in calm times, how much "
        "is cut for how long, what leaks out.",
        {"", "by", "a year", "cut", "days", "leaks"});
    for (const RestrictionHazardEntry& of : scenario.restriction_hazards) {
        restrictions.append({of.name, of.terms.exporter, law(of.rate_per_year),
                             to_string(of.severity.distribution),
                             to_string(of.duration_days.distribution), law(of.terms.leakage)});
    }
    section.html = paragraph(
        "Sources of each figure, and which of them are judgement, stand in "
        "scenario.resolved.yaml. Goods find their way around a restriction wherever the "
        "network "
        "lets them.");
    section.html += commodities.html();
    if (restrictions.size() > 0) {
        section.html += restrictions.html();
    }
    sections.push_back(std::move(section));
}

}  // namespace chokepoint
