#include "bind.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cross_check.hpp"
#include "messages.hpp"
#include "record.hpp"

namespace chokepoint {
namespace {

void bind_frame(const Section& top, Scenario& scenario)
{
    Reading& reading = top.reading();
    top.whole("schema");
    scenario.place = top.place();
    scenario.name = top.text("name");
    scenario.description = top.text("description");
    scenario.start = top.date("start").value_or(Date{});
    if (scenario.start.day != 1) {
        top.error("start",
                  fmt::format("must be the first day of a month (got {}: whole months are "
                              "simulated)",
                              to_string(scenario.start)));
    }
    scenario.months = static_cast<int>(top.whole("months"));
    constexpr int last_year = 9999;  // a date has four digits for the year
    if (scenario.start.year + (scenario.start.month + scenario.months - 2) / 12 > last_year) {
        top.error("months", fmt::format("ends after the year {} (start is {})", last_year,
                                        to_string(scenario.start)));
    }
    scenario.balance =
        top.choice("balance") == "supply" ? BalanceBy::supply : BalanceBy::demand;

    top.introduce_names("regions", reading.regions);
    scenario.regions = reading.regions.names();
    top.introduce_names("stages", reading.stages);
    scenario.stages = reading.stages.names();
}

void bind_alliances(const Section& top, Scenario& scenario)
{
    Reading& reading = top.reading();
    top.each_group("alliances", [&](const YamlEntry& group, const NameList& members) {
        if (reading.regions.has(group.key)) {
            reading.error(group.place, "alliances",
                          fmt::format("{} is the name of a region too (choose another)",
                                      in_quotes(group.key)));
        }
        reading.alliances.add(group.key, group.place);
        Group alliance{group.key, {}, group.place};
        for (const NameInList& member : members.names) {
            if (reading.regions.has(member.name)) {
                alliance.regions.push_back(member.name);
            } else if (reading.regions.is_complete()) {
                reading.error(member.place, member.path, reading.regions.unknown(member.name));
            }
        }
        scenario.alliances.push_back(std::move(alliance));
    });
    if (const YamlNode* written = top.node("alliances");
        written != nullptr && !written->is_map()) {
        reading.alliances.mark_incomplete();
    }
}

void bind_elasticity(const Section& section, CommodityEntry& commodity)
{
    commodity.demand_elasticity_short_run = section.number("short_run");
    commodity.demand_elasticity_long_run = section.number("long_run");
    const auto short_run = fixed_value(commodity.demand_elasticity_short_run);
    const auto long_run = fixed_value(commodity.demand_elasticity_long_run);
    if (short_run && long_run && *long_run < *short_run) {
        section.error("long_run", fmt::format("must not be below short_run (got {} and {})",
                                              shown(*long_run), shown(*short_run)));
    }
}

void bind_memory(const Section& section, CommodityEntry& commodity)
{
    commodity.memory_up_per_month = section.number("up_per_month");
    commodity.memory_down_per_month =
        section.number_or("down_per_month", commodity.memory_up_per_month);
    const auto up = fixed_value(commodity.memory_up_per_month);
    const auto down = fixed_value(commodity.memory_down_per_month);
    if (up && down && *down > *up) {
        section.error("down_per_month",
                      fmt::format("must not be above up_per_month (got {} and "
                                  "{})",
                                  shown(*down), shown(*up)));
    }
}

void bind_commodities(const Section& top, Scenario& scenario)
{
    Reading& reading = top.reading();
    const YamlNode* written = top.node("commodities");
    if (written == nullptr || !written->is_map()) {
        reading.commodities.mark_incomplete();
    } else if (written->entries.empty()) {
        top.error("commodities", "names no commodity (needs at least one)");
    }
    top.each_in_map(
        "commodities", [&](const Section& s, const std::vector<std::string>& names) {
            reading.commodities.add(names.front(), s.place());
            CommodityEntry commodity;
            commodity.name = names.front();
            commodity.place = s.place();
            commodity.price_usd_per_kg = s.number("price_usd_per_kg");
            commodity.regional_price_usd_per_kg = s.number_map("regional_price_usd_per_kg");
            bind_elasticity(s.section("demand_elasticity"), commodity);
            bind_memory(s.section("memory"), commodity);
            commodity.quoted_adjustment_per_month = s.number("quoted_adjustment_per_month");
            commodity.choke_price_ratio = s.number("choke_price_ratio");
            commodity.floor_price_ratio = s.number("floor_price_ratio");
            if (s.has("substitution")) {
                const Section substitution = s.section("substitution");
                commodity.substitution = {substitution.number("trigger_price_ratio"),
                                          substitution.number("rate_per_year"),
                                          substitution.number("max_share")};
            }
            commodity.last_stage = s.name("last_stage");
            if (!s.has("last_stage") && !scenario.stages.empty()) {
                commodity.last_stage = scenario.stages.back();
            }
            scenario.commodities.push_back(std::move(commodity));
        });
}

/// What years before the first month say is not used; those after the last wait for a longer
/// run.
void warn_of_years(const Section& section, const GrowthEntry& growth, const Scenario& scenario)
{
    const bool is_dated = scenario.start.year > 0;
    const int first = scenario.start.year;
    for (const auto& [year, rate] : growth.by_year) {
        if (is_dated && year < first) {
            section.reading().warning(
                rate.place, fmt::format("{}.{}", section.path_of("growth_by_year"), year),
                fmt::format("is not used (the scenario starts in {})", first));
        }
    }
}

/// True if every entry of `demand` is a map of a known commodity, whatever stands in it.
bool is_known(const YamlNode* demand, const Reading& reading)
{
    if (demand == nullptr || !demand->is_map()) {
        return false;
    }
    return std::all_of(demand->entries.begin(), demand->entries.end(), [&](const auto& entry) {
        return is_note(entry.key)
               || (entry.value.is_map() && reading.commodities.has(entry.key));
    });
}

void bind_demand_and_trade(const Section& top, Scenario& scenario)
{
    top.reading().demand_is_known = is_known(top.node("demand"), top.reading());
    top.each_in_map("demand", [&](const Section& s, const std::vector<std::string>& names) {
        scenario.demand.push_back(
            {names[0], names[1], s.number("t_per_year"), s.place(), bind_growth(s, scenario)});
    });
    top.each_in_map("trade", [&](const Section& s, const std::vector<std::string>& names) {
        if (names[2] == names[3]) {
            s.error_here(
                "exporter and importer are the same region (trade is between regions)");
        }
        if (!chain_reaches(names[1], names[0], scenario)) {
            s.error_here(fmt::format("trade of {} lies beyond the end of its chain ({})",
                                     names[1], in_quotes(last_stage_of(names[1], scenario))));
        }
        scenario.trade.push_back(
            {names[0], names[1], names[2], names[3], s.number("t_per_year"), s.place()});
    });
}

/// The folder that paths written in a file start from; the present one for what is no file.
std::filesystem::path folder_of(const std::string& file)
{
    return file.starts_with('<') ? std::filesystem::path()
                                 : std::filesystem::path(file).parent_path();
}

void bind_observed(const Section& top, Scenario& scenario)
{
    if (!top.has("observed")) {
        return;
    }
    const Section section = top.section("observed");
    const std::string written = section.text("file");
    if (written.empty()) {
        return;
    }
    const Place& place = section.node("file")->place;
    const std::filesystem::path resolved =
        (folder_of(place.file.text()) / written).lexically_normal();
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(resolved, unknown)) {
        const std::string path = in_quotes(resolved.string());
        section.error("file",
                      std::filesystem::exists(resolved, unknown) ? path + " is no plain file"
                                                                 : "there is no file " + path,
                      place.file.text().starts_with('<')
                          ? "the path is relative to the present folder"
                          : "the path is relative to the file that it is written in");
        return;
    }
    scenario.observed = {.path = written,
                         .resolved_path = resolved.string(),
                         .compare_from = section.date("compare_from"),
                         .no_model_volatility = section.number_map("no_model_volatility"),
                         .weights = section.number_map("weights"),
                         .points = {},
                         .text = {},
                         .place = place};
    try {
        scenario.observed->text = read_text(resolved);
        const std::string& text = scenario.observed->text;
        section.reading().add_source(resolved.string(), text);
        scenario.observed->points = read_record(text, resolved.string(), section.reading());
    } catch (const FileError& fault) {
        section.error("file", fault.what());
    }
}

void bind_settings(const Section& top, Scenario& scenario)
{
    const Section thresholds = top.section("thresholds");
    scenario.shortfall_threshold_share = thresholds.plain("shortfall_share");
    scenario.price_threshold_ratio = thresholds.plain("price_ratio");
    const Section run = top.section("run");
    scenario.trials = static_cast<long>(run.whole("trials"));
    scenario.seed = run.whole("seed");
    scenario.sampling = run.choice("sampling") == "sobol" ? Sampling::sobol : Sampling::plain;
    scenario.importance = {run.text("importance"), run.place_of("importance")};
    for (auto& [name, factor] : run.number_map("tilt")) {
        if (!factor.distribution.is_fixed()) {
            run.reading().error(
                factor.place, factor.path,
                fmt::format("must be a fixed number (got {})", to_string(factor.distribution)));
        }
        scenario.tilt.push_back({name, std::move(factor)});
    }
    if (!scenario.importance.figure.empty() && !scenario.tilt.empty()) {
        run.error("tilt",
                  "stands beside importance, which finds a tilt of its own (write one of "
                  "them)");
    }
}

}  // namespace

GrowthEntry bind_growth(const Section& section, const Scenario& scenario)
{
    GrowthEntry growth{.per_year = section.number("growth_per_year"),
                       .by_year = section.numbers_by_year("growth_by_year")};
    warn_of_years(section, growth, scenario);
    return growth;
}

Scenario bind_scenario(const YamlNode& root, Reading& reading)
{
    const Section top(reading, "scenario", root, "");
    Scenario scenario;
    bind_frame(top, scenario);
    bind_alliances(top, scenario);
    bind_commodities(top, scenario);
    bind_facilities(top, scenario);
    bind_demand_and_trade(top, scenario);
    bind_stocks(top, scenario);
    bind_reserves(top, scenario);
    bind_recycling(top, scenario);
    bind_policy_costs(top, scenario);
    bind_hazards(top, scenario);
    bind_observed(top, scenario);
    bind_settings(top, scenario);
    cross_check(scenario, reading);
    return scenario;
}

}  // namespace chokepoint
