// Stocks, reserves and recycling.

#include "bind.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "messages.hpp"

namespace chokepoint {
namespace {

/// The stage whose plants keep a stock; empty for users.
std::string bind_keeper(const Section& section, const Scenario& scenario)
{
    const YamlNode* written = section.node("at");
    if (written == nullptr || (written->is_scalar() && written->text == "use")) {
        return {};
    }
    const std::string stage = section.name("at");
    if (!stage.empty() && stage == scenario.stages.front()) {
        section.error("at", fmt::format("the first stage takes nothing in to keep (got {})",
                                        in_quotes(stage)));
    }
    return written->text;  // also of a stage that there is not: no stock of the users
}

/// A trigger needs its stop, and the stop lies below it.
void check_trigger(const Section& section, std::string_view trigger_key,
                   std::string_view stop_key, const std::optional<Number>& trigger,
                   const std::optional<Number>& stop)
{
    if (section.has(trigger_key) && !section.has(stop_key)) {
        section.error_here(
            fmt::format("\"{}\" is missing (\"{}\" needs it)", stop_key, trigger_key));
    }
    if (!trigger || !stop) {
        return;
    }
    const double on = trigger->distribution.lower();
    const double off = stop->distribution.upper();
    if (off >= on) {
        section.error(stop_key, fmt::format("must be below {} (got {} and {})", trigger_key,
                                            shown(off), shown(on)));
    }
}

/// The regions that share a reserve, each once.
Names bind_members(const Section& section, const Scenario& scenario)
{
    const NameList written = section.name_list("members");
    Names members{.all = written.all, .names = {}, .place = written.place};
    for (const NameInList& name : written.names) {
        for (std::string& region : regions_called(name, scenario, section.reading())) {
            if (std::ranges::find(members.names, region) == members.names.end()) {
                members.names.push_back(std::move(region));
            }
        }
    }
    return members;
}

/// A ramp begins within the scenario, since its first month is balanced, and takes some time.
void check_ramp(const Section& section, const Scenario& scenario,
                const RecyclingEntry& recycling)
{
    if (recycling.ramp_from && months_between(scenario.start, *recycling.ramp_from) < 0) {
        section.error("ramp_from",
                      fmt::format("lies before the first month (got {}, the start "
                                  "is {})",
                                  to_string(*recycling.ramp_from), to_string(scenario.start)));
        return;
    }
    const Date from = recycling.ramp_from.value_or(scenario.start);
    if (recycling.ramp_until && *recycling.ramp_until <= from) {
        section.error("ramp_until", fmt::format("must lie after {} (got {}, {} is {})",
                                                recycling.ramp_from ? "ramp_from" : "the start",
                                                to_string(*recycling.ramp_until),
                                                recycling.ramp_from ? "ramp_from" : "the start",
                                                to_string(from)));
    }
}

}  // namespace

void bind_stocks(const Section& top, Scenario& scenario)
{
    top.each_entry("stocks", [&](const Section& s, const std::string& name) {
        StockEntry stock;
        stock.name = name;
        stock.place = s.place();
        stock.commodities = s.names("commodities");
        stock.regions = s.names("regions");
        stock.at = bind_keeper(s, scenario);
        stock.cover_months = s.number("cover_months");
        stock.order_months = s.number("order_months");
        stock.price_sensitivity = s.number("price_sensitivity");
        stock.trend_sensitivity = s.number("trend_sensitivity");
        if (s.has("panic")) {
            const Section panic = s.section("panic");
            stock.panic = {panic.number("max_extra_share"), panic.number("build_months"),
                           panic.number("half_life_months"),
                           panic.number_if_written("front_running_share")};
        }
        scenario.stocks.push_back(std::move(stock));
    });
}

void bind_reserves(const Section& top, Scenario& scenario)
{
    top.each_entry("reserves", [&](const Section& s, const std::string& name) {
        introduce(name, s, s.reading().reserves);
        ReserveEntry reserve;
        reserve.name = name;
        reserve.place = s.place();
        reserve.region = s.name("region");
        reserve.commodity = s.name("commodity");
        reserve.members = bind_members(s, scenario);
        reserve.tonnes = s.number("tonnes");
        reserve.capacity_t = s.number_if_written("capacity_t");
        reserve.release_t_per_month = s.number("release_t_per_month");
        reserve.trigger_price_ratio = s.number_if_written("trigger_price_ratio");
        reserve.stop_price_ratio = s.number_if_written("stop_price_ratio");
        reserve.trigger_shortfall_share = s.number_if_written("trigger_shortfall_share");
        reserve.stop_shortfall_share = s.number_if_written("stop_shortfall_share");
        reserve.decision_lag_months = s.number("decision_lag_months");
        reserve.refill_t_per_month = s.number("refill_t_per_month");
        check_trigger(s, "trigger_price_ratio", "stop_price_ratio", reserve.trigger_price_ratio,
                      reserve.stop_price_ratio);
        check_trigger(s, "trigger_shortfall_share", "stop_shortfall_share",
                      reserve.trigger_shortfall_share, reserve.stop_shortfall_share);
        if (!s.has("trigger_price_ratio") && !s.has("trigger_shortfall_share")) {
            s.error_here(
                "has no trigger (needs trigger_price_ratio or trigger_shortfall_share)");
        }
        scenario.reserves.push_back(std::move(reserve));
    });
}

void bind_recycling(const Section& top, Scenario& scenario)
{
    top.each_entry("recycling", [&](const Section& s, const std::string& name) {
        RecyclingEntry recycling;
        recycling.name = name;
        recycling.place = s.place();
        recycling.commodity = s.name("commodity");
        recycling.region = s.name("region");
        recycling.stage =
            s.has("stage") ? s.name("stage") : last_stage_of(recycling.commodity, scenario);
        check_chain_reaches(s, "stage", recycling.commodity, recycling.stage, scenario);
        recycling.share_of_demand = s.number("share_of_demand");
        recycling.share_of_demand_end =
            s.number_or("share_of_demand_end", recycling.share_of_demand);
        recycling.ramp_from = s.date("ramp_from");
        recycling.ramp_until = s.date("ramp_until");
        recycling.price_elasticity = s.number("price_elasticity");
        recycling.max_factor = s.number("max_factor");
        check_ramp(s, scenario, recycling);
        scenario.recycling.push_back(std::move(recycling));
    });
}

}  // namespace chokepoint
