// Stockpiles.

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "chokepoint/support/units.hpp"
#include "lever.hpp"
#include "messages.hpp"

namespace chokepoint {

void Lever::stockpile()
{
    if (keys_.has("days") == keys_.has("tonnes")) {
        keys_.error_here(keys_.has("days")
                             ? "has both \"days\" and \"tonnes\" (must be one of the two)"
                             : "\"days\" or \"tonnes\" is missing (a stockpile needs a size)");
        return;
    }
    if (!keys_.has("trigger_price_ratio") && !keys_.has("trigger_shortfall_share")) {
        keys_.error_here(
            "has no trigger (needs trigger_price_ratio or trigger_shortfall_share)");
    }
    const bool names_commodities = keys_.has("commodities") && !keys_.names("commodities").all;
    const std::vector<std::string> of = commodities("commodities");
    const std::vector<std::string> members =
        keys_.has("members") ? regions("members") : std::vector<std::string>();
    const StockPace pace{.buy_months = keys_.has("buy_months") ? keys_.plain("buy_months") : 1,
                         .release_months = keys_.plain("release_months"),
                         .filled_share = keys_.plain("filled_share")};
    bool reaches = false;
    for (const std::string& region : regions("regions")) {
        for (const std::string& commodity : of) {
            const double per_year = demand_of(commodity, region);
            constexpr double days_per_year = 365.25;
            const double tonnes = keys_.has("days")
                                      ? per_year * keys_.plain("days") / days_per_year
                                      : keys_.plain("tonnes");
            if (per_year == 0 && !names_commodities) {
                continue;
            }
            if (!(tonnes > 0)) {
                keys_.error_here(fmt::format("reaches nothing: nobody uses {} in {}",
                                             in_quotes(commodity), in_quotes(region)));
                continue;
            }
            reaches = true;
            add_reserve(commodity, region, tonnes, pace, members);
        }
    }
    if (!reaches) {
        keys_.error_here("reaches nothing: nobody in these regions uses this");
    }
}

/// What users of a commodity in a region need a year at month 0, its median; 0 without users.
double Lever::demand_of(const std::string& commodity, const std::string& region) const
{
    const auto demand = std::ranges::find_if(base_.demand, [&](const DemandEntry& entry) {
        return entry.region == region && entry.commodity == commodity;
    });
    return demand == base_.demand.end() ? 0 : demand->t_per_year.distribution.quantile(0.5);
}

/// A reserve of so many tonnes, and what it costs to fill.
void Lever::add_reserve(const std::string& commodity, const std::string& region, double tonnes,
                        const StockPace& pace, const std::vector<std::string>& members)
{
    const double at_start = pace.filled_share * tonnes;
    const std::string name = name_ + "_" + region + "_" + commodity;
    YamlNode& made = add("reserves", name);
    set(made, "region", scalar(region, place()));
    set(made, "commodity", scalar(commodity, place()));
    set(made, "tonnes", number(at_start, place()));
    set(made, "capacity_t", number(tonnes, place()));
    set(made, "release_t_per_month", number(tonnes / pace.release_months, place()));
    set(made, "refill_t_per_month", number(tonnes / pace.buy_months, place()));
    if (!members.empty()) {
        set(made, "members", list_of(members, place()));
    }
    copy({"trigger_price_ratio", "stop_price_ratio", "trigger_shortfall_share",
          "stop_shortfall_share", "decision_lag_months"},
         made);
    stop_halfway("trigger_shortfall_share", "stop_shortfall_share", 0, made);
    stop_halfway("trigger_price_ratio", "stop_price_ratio", 1, made);
    reading().reserves.add(name, place());
    if (at_start > 0) {  // what lies there at once is paid for at the reference price
        const auto of_metal =
            std::ranges::find(base_.commodities, commodity, &CommodityEntry::name);
        YamlNode& fill = add("policy_costs", name + "_first_fill");
        set(fill, "kind", scalar("capital", place()));
        set(fill, "usd",
            number(
                at_start * kg_per_tonne * of_metal->price_usd_per_kg.distribution.quantile(0.5),
                place()));
    }
    YamlNode& cost = add("policy_costs", name + "_purchases");
    set(cost, "kind", scalar("purchases", place()));
    set(cost, "reserve", scalar(name, place()));
}

/// Where a release is to end if the lever does not say: halfway from the trigger to rest.
void Lever::stop_halfway(std::string_view trigger, std::string_view stop, double rest,
                         YamlNode& reserve) const
{
    if (!keys_.has(trigger) || keys_.has(stop)) {
        return;
    }
    const std::optional<double> at = fixed_value(keys_.number(trigger));
    if (at && *at > rest) {
        set(reserve, stop, number((*at + rest) / 2, place()));
    } else {
        keys_.error_here(fmt::format(
            "\"{}\" is missing (the trigger is no fixed number above {})", stop, shown(rest)));
    }
}

}  // namespace chokepoint
