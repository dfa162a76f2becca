#include "bind.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "messages.hpp"

namespace chokepoint {
namespace {

/// Complains about a key that a kind of cost needs.
void check_needed(const Section& cost, std::string_view key)
{
    if (!cost.has(key)) {
        cost.error_here(fmt::format("{} is missing ({} needs it)", in_quotes(std::string(key)),
                                    cost.choice("kind")));
    }
}

}  // namespace

void bind_policy_costs(const Section& top, Scenario& scenario)
{
    top.each_entry("policy_costs", [&](const Section& section, const std::string& name) {
        PolicyCostEntry cost;
        cost.name = name;
        cost.place = section.place();
        const std::string kind = section.choice("kind");
        cost.usd = section.number("usd");
        cost.usd_per_year = section.number("usd_per_year");
        cost.from = section.date("from");
        cost.until = section.date("until");
        if (cost.from && cost.until && *cost.until <= *cost.from) {
            section.error("until", "must lie after from");
        }
        cost.reserve = section.name("reserve");
        cost.facility = section.name("facility");
        cost.commodity = section.name("commodity");
        cost.floor_usd_per_kg = section.number("floor_usd_per_kg");
        if (kind == "capital") {
            cost.kind = CostKind::capital;
            check_needed(section, "usd");
        } else if (kind == "running") {
            cost.kind = CostKind::running;
            check_needed(section, "usd_per_year");
        } else if (kind == "purchases") {
            cost.kind = CostKind::purchases;
            check_needed(section, "reserve");
        } else if (kind == "floor_payments") {
            cost.kind = CostKind::floor_payments;
            check_needed(section, "facility");
            check_needed(section, "commodity");
            check_needed(section, "floor_usd_per_kg");
            const auto of =
                std::ranges::find(scenario.facilities, cost.facility, &FacilityEntry::name);
            if (of != scenario.facilities.end() && !cost.commodity.empty()
                && !puts_out(*of, cost.commodity, scenario)) {
                section.error("commodity", fmt::format("{} makes no {}", in_quotes(of->name),
                                                       cost.commodity));
            }
        }
        scenario.policy_costs.push_back(std::move(cost));
    });
}

}  // namespace chokepoint
