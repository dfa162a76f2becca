#include "bind.hpp"
#include "record.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cross_check.hpp"
#include "messages.hpp"

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

GrowthEntry bind_growth(const Section& section, const Scenario& scenario)
{
    GrowthEntry growth{.per_year = section.number("growth_per_year"),
                       .by_year = section.numbers_by_year("growth_by_year")};
    warn_of_years(section, growth, scenario);
    return growth;
}

OutputEntry whole_output(const Section& section, const std::string& commodity)
{
    Number share = section.implied_number("outputs." + commodity, 1);
    return {commodity, share, share.place};
}

void check_shares(const Section& section, const std::vector<OutputEntry>& outputs)
{
    double sum = 0;
    for (const OutputEntry& output : outputs) {
        sum += output.share.path.empty() ? 0 : output.share.distribution.lower();
    }
    if (sum > 1 + 1e-9) {
        section.error("outputs",
                      fmt::format("shares add up to {:.6g} (must be at most 1)", sum),
                      "a share is tonnes of the commodity per tonne of capacity");
    }
}

std::vector<OutputEntry> bind_outputs(const Section& section, const std::string& stage,
                                      const Scenario& scenario)
{
    if (section.has("commodity") && section.has("outputs")) {
        section.error("commodity", "stands beside \"outputs\" (must be one of the two)");
    }
    std::vector<OutputEntry> outputs;
    const std::string commodity = section.name("commodity");
    for (auto& [name, share] : section.number_map("outputs")) {
        outputs.push_back({name, share, share.place});
    }
    check_shares(section, outputs);
    if (outputs.empty() && !commodity.empty()) {
        outputs.push_back(whole_output(section, commodity));
    }
    const bool says_nothing = !section.has("commodity") && !section.has("outputs");
    const bool is_mine = !stage.empty() && stage == scenario.stages.front();
    if (says_nothing && is_mine && section.reading().commodities.is_complete()) {
        if (scenario.commodities.size() == 1) {
            outputs.push_back(whole_output(section, scenario.commodities.front().name));
        } else if (scenario.commodities.size() > 1) {
            section.error_here(
                "\"outputs\" is missing (shares by commodity, or \"commodity\" for a "
                "single one)",
                "with several commodities, each facility of the first stage says what "
                "it yields");
        }
    }
    return outputs;
}

void check_first_stage_only(const Section& section, std::string_view key,
                            const std::string& stage, const Scenario& scenario)
{
    if (section.has(key) && !stage.empty() && stage != scenario.stages.front()) {
        section.error(key,
                      fmt::format("is for facilities of the first stage, {} (this one is at "
                                  "{})",
                                  in_quotes(scenario.stages.front()), in_quotes(stage)));
    }
}

ClosureEntry bind_closure(const Section& section)
{
    ClosureEntry closure{section.number("close_below"), section.number("close_after_months"),
                         section.number("reopen_above"), section.number("restart_months")};
    const Distribution& low = closure.close_below.distribution;
    const Distribution& high = closure.reopen_above.distribution;
    const bool are_sound =
        !closure.close_below.path.empty() && !closure.reopen_above.path.empty();
    if (are_sound && low.upper() >= high.lower()) {
        section.error("reopen_above", fmt::format("must be above close_below (got {} and {})",
                                                  to_string(high), to_string(low)));
    }
    return closure;
}

FacilityEntry bind_facility(const Section& s, const std::string& name, const Scenario& scenario)
{
    FacilityEntry facility;
    facility.name = name;
    facility.place = s.place();
    facility.region = s.name("region");
    facility.stage = s.name("stage");
    facility.capacity_t_per_year = s.number("capacity_t_per_year");
    facility.utilisation = s.number("utilisation");
    facility.supply_elasticity = s.number("supply_elasticity");
    facility.outputs = bind_outputs(s, facility.stage, scenario);
    facility.owner = s.text("owner");
    for (const NameInList& grade : s.name_list("grades").names) {
        s.reading().grades.add(grade.name, grade.place);
        facility.grades.push_back(grade.name);
    }
    if (s.has("by_product")) {
        const Section by_product = s.section("by_product");
        facility.by_product = {by_product.number("adjustment_per_month"),
                               by_product.number("price_elasticity")};
    }
    if (s.has("closure")) {
        facility.closure = bind_closure(s.section("closure"));
    }
    facility.opens = s.date("opens");
    if (s.has("induced")) {
        const Section induced = s.section("induced");
        facility.induced = {induced.number("trigger_price_ratio"),
                            induced.number("after_months"), induced.number("lead_months")};
        if (s.has("opens")) {
            s.error("induced", "stands beside \"opens\" (must be one of the two)");
        }
    }
    facility.delay_months = s.number("delay_months");
    facility.opening_probability = s.number("opening_probability");
    facility.ramp_months = s.number("ramp_months");
    facility.growth = bind_growth(s, scenario);
    for (const OutputEntry& output : facility.outputs) {
        check_chain_reaches(s, "stage", output.commodity, facility.stage, scenario);
    }
    check_first_stage_only(s, "supply_elasticity", facility.stage, scenario);
    check_first_stage_only(s, "by_product", facility.stage, scenario);
    if (s.has("by_product") && fixed_value(facility.supply_elasticity) != 0) {
        s.error("supply_elasticity",
                "stands beside \"by_product\", whose output does not answer "
                "within the month (must be one of the two)");
    }
    return facility;
}

void bind_facilities(const Section& top, Scenario& scenario)
{
    Vocabulary& facilities = top.reading().facilities;
    const YamlNode* written = top.node("facilities");
    if (written == nullptr || !written->is_list()) {
        facilities.mark_incomplete();
    }
    top.each_entry("facilities", [&](const Section& section, const std::string& name) {
        if (name.empty() || !facilities.add(name, section.place())) {
            facilities.mark_incomplete();
        }
        scenario.facilities.push_back(bind_facility(section, name, scenario));
    });
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

/// Complains about a key that a kind of cost needs.
void check_needed(const Section& cost, std::string_view key)
{
    if (!cost.has(key)) {
        cost.error_here(fmt::format("{} is missing ({} needs it)", in_quotes(std::string(key)),
                                    cost.choice("kind")));
    }
}

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

std::vector<std::string> regions_called(const NameInList& name, const Scenario& scenario,
                                        Reading& reading)
{
    if (reading.regions.has(name.name)) {
        return {name.name};
    }
    for (const Group& alliance : scenario.alliances) {
        if (alliance.name == name.name) {
            return alliance.regions;
        }
    }
    if (reading.regions.is_complete() && reading.alliances.is_complete()) {
        std::vector<std::string> known = reading.regions.names();
        known.insert(known.end(), reading.alliances.names().begin(),
                     reading.alliances.names().end());
        reading.error(name.place, name.path,
                      fmt::format("no region or alliance is called {}{}", in_quotes(name.name),
                                  did_you_mean(name.name, known)));
    }
    return {};
}

void introduce(const std::string& name, const Section& entry, Vocabulary& vocabulary)
{
    if (name.empty()) {
        vocabulary.mark_incomplete();
    } else {
        vocabulary.add(name, entry.place());
    }
}

std::optional<double> fixed_value(const Number& number)
{
    if (number.path.empty() || !number.distribution.is_fixed()) {
        return std::nullopt;
    }
    return number.distribution.lower();
}

std::string last_stage_of(const std::string& commodity, const Scenario& scenario)
{
    const auto found =
        std::ranges::find(scenario.commodities, commodity, &CommodityEntry::name);
    return found == scenario.commodities.end() ? std::string() : found->last_stage;
}

bool chain_reaches(const std::string& commodity, const std::string& stage,
                   const Scenario& scenario)
{
    const auto end = std::ranges::find(scenario.stages, last_stage_of(commodity, scenario));
    const auto found = std::ranges::find(scenario.stages, stage);
    return found == scenario.stages.end() || found <= end;
}

void check_chain_reaches(const Section& section, std::string_view key,
                         const std::string& commodity, const std::string& stage,
                         const Scenario& scenario)
{
    if (!chain_reaches(commodity, stage, scenario)) {
        section.error(key, fmt::format("lies beyond the end of the chain of {} (got {}, the "
                                       "chain ends at {})",
                                       commodity, in_quotes(stage),
                                       in_quotes(last_stage_of(commodity, scenario))));
    }
}

bool puts_out(const FacilityEntry& facility, const std::string& commodity,
              const Scenario& scenario)
{
    if (facility.outputs.empty()) {
        return chain_reaches(commodity, facility.stage, scenario);
    }
    for (const OutputEntry& output : facility.outputs) {
        if (output.commodity == commodity) {
            return true;
        }
    }
    return false;
}

bool has_capacity(const FacilityEntry& facility)
{
    const Number& capacity = facility.capacity_t_per_year;
    return capacity.path.empty() || capacity.distribution.upper() > 0;
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
