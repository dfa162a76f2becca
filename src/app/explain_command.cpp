#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/effort.hpp"
#include "chokepoint/app/event_text.hpp"
#include "chokepoint/app/mechanism_text.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/describe.hpp"
#include "chokepoint/model/observation.hpp"

#include <algorithm>
#include <memory>
#include <thread>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// `  pile_capital: 200 M USD from 2027-01`
std::string cost_text(const Model& model, const PolicyCost& cost)
{
    const std::vector<double> values = model.nominal_values();
    const auto number = [&](Slot slot) { return short_number(values[slot.index()]); };
    const std::string from = month_label(model.start, static_cast<int>(cost.from));
    switch (cost.kind) {
        case CostKind::capital:
            return fmt::format("  {}: {} USD from {}\n", cost.name, number(cost.usd), from);
        case CostKind::running:
            return fmt::format("  {}: {} USD a year from {}\n", cost.name, number(cost.usd),
                               from);
        case CostKind::purchases:
            return fmt::format("  {}: up to {} t at the price of the month\n", cost.name,
                               number(model.reserves[cost.reserve].capacity.value_or(
                                   model.reserves[cost.reserve].tonnes)));
        case CostKind::floor_payments:
            return fmt::format("  {}: what the price of {} lacks to {} USD/kg from {}\n",
                               cost.name, model.commodities[cost.commodity.index()].name,
                               number(cost.floor_usd_per_kg), from);
    }
    return "";
}

std::string overview_text(const Scenario& scenario, const Model& model)
{
    std::string text = fmt::format(
        "{}: {} from {}, {}, seed {}\n", model.name,
        counted(static_cast<std::uint64_t>(model.months), "month"), month_label(model.start, 0),
        counted(static_cast<std::uint64_t>(scenario.trials), "trial"), scenario.seed);
    text += fmt::format("Regions: {}\n", fmt::join(model.regions, ", "));
    for (const RegionGroup& group : model.groups) {
        std::vector<std::string> names;
        for (const RegionId region : group.regions) {
            names.push_back(model.regions[region.index()]);
        }
        text += fmt::format("Group {}: {}\n", group.name, fmt::join(names, ", "));
    }
    text += fmt::format("Stages: {}\n", fmt::join(model.stages, " > "));
    if (!scenario.policies.empty()) {
        text += fmt::format("Policies: {}\n", model.policy);
        for (const PolicyCost& cost : model.policy_costs) {
            text += cost_text(model, cost);
        }
    }
    if (scenario.observed) {
        const Observations observations = observations_of(scenario, model);
        text += fmt::format("Record: {}, {}, {} of them compared by chokepoint hindcast\n",
                            scenario.observed->path,
                            counted(scenario.observed->points.size(), "point"),
                            observations.compared.size());
    }
    return text;
}

/// A table whose last column is what growth makes of a figure by the last month, if it grows.
TextTable growing_table(std::vector<TextTable::Heading> headings, bool grows)
{
    if (grows) {
        headings.push_back({"last month t/yr"});
    }
    return TextTable(std::move(headings));
}

void append_row(TextTable& table, std::vector<std::string> cells, bool grows, double last)
{
    if (grows) {
        cells.push_back(short_number(last));
    }
    table.append(std::move(cells));
}

std::string stage_text(const StageDescription& stage, bool grows)
{
    TextTable regions = growing_table(
        {{stage.stage, Align::left}, {"output t/yr"}, {"share"}, {"capacity t/yr"}, {"in use"}},
        grows);
    for (const RegionStage& region : stage.regions) {
        append_row(
            regions,
            {region.region, short_number(region.output_t_per_year), percent(region.share),
             short_number(region.capacity_t_per_year), percent(region.use)},
            grows, region.last_capacity_t_per_year);
    }
    std::string text = regions.text("  ");
    if (stage.throughput_factor != 1) {
        text += fmt::format("  throughput is scaled by {} to pass on what is mined\n",
                            short_number(stage.throughput_factor));
    }
    for (const RegionStage& region : stage.regions) {
        if (region.recycled_t_per_year > 0) {
            text += fmt::format("  recycling in {}: {} t/yr of the output\n", region.region,
                                short_number(region.recycled_t_per_year));
        }
    }
    for (const TradeFlow& flow : stage.trade) {
        text += fmt::format("  {} > {}: {} t/yr\n", flow.exporter, flow.importer,
                            short_number(flow.t_per_year));
    }
    return text;
}

std::string commodity_text(const Model& model, const CommodityDescription& commodity,
                           const ModelDescription& description)
{
    std::string text = fmt::format(
        "\n{}: supply {} t/yr, demand {} t/yr; {} is scaled by {} to balance\n", commodity.name,
        short_number(commodity.supply_t_per_year), short_number(commodity.demand_t_per_year),
        description.balance == BalanceBy::demand ? "demand" : "supply",
        fmt::format("{:.4f}", commodity.balance_factor));
    for (const StageDescription& stage : commodity.stages) {
        text += stage_text(stage, description.capacity_grows);
    }
    TextTable demand = growing_table({{"consumption", Align::left}, {"t/yr"}, {"share"}},
                                     description.demand_grows);
    for (const RegionDemand& region : commodity.demand) {
        append_row(demand,
                   {region.region, short_number(region.t_per_year), percent(region.share)},
                   description.demand_grows, region.last_t_per_year);
    }
    text += demand.text("  ");

    const auto entry =
        std::find_if(model.commodities.begin(), model.commodities.end(),
                     [&](const Commodity& other) { return other.name == commodity.name; });
    const auto nominal = [&](Slot slot) { return model.parameters[slot.index()].nominal; };
    return text
           + fmt::format(
               "  assumption: a price stays between {} and {} times that of month 0; "
               "beyond them goods are rationed\n",
               nominal(entry->floor), nominal(entry->choke));
}

const char* hazard_word(HazardType type)
{
    switch (type) {
        case HazardType::export_restriction:
            return "restrictions";
        case HazardType::outage:
            return "outages";
        case HazardType::tension:
            return "tense times";
        case HazardType::price_jump:
            return "price jumps";
    }
    return "";
}

std::string events_text(const Model& model, const ModelDescription& description)
{
    const Parameters nominal = nominal_parameters(model);
    std::string text = "\nStanding measures and scripted events:\n";
    Timeline timeline;
    reference_timeline(model, nominal, timeline);
    for (const ScriptedRestriction& scripted : model.scripted_restrictions) {
        timeline.restrictions.push_back({.measure = scripted.measure,
                                         .cause = Cause::scripted,
                                         .announced = scripted.announced,
                                         .from = scripted.from,
                                         .until = scripted.until,
                                         .severity = nominal[scripted.severity]});
    }
    for (const ScriptedOutage& scripted : model.scripted_outages) {
        timeline.outages.push_back({.facility = scripted.facility,
                                    .cause = Cause::scripted,
                                    .source = scripted.source,
                                    .from = scripted.from,
                                    .until = scripted.until,
                                    .loss = nominal[scripted.loss_share]});
    }
    const std::vector<EventText> events = event_texts(model, nominal, timeline);
    for (const EventText& event : events) {
        text += fmt::format("  {}: {} ({}, {})\n",
                            period_text(model.start, event.from, event.until), event.sentence,
                            event.name, event.cause);
    }
    text += events.empty() ? "  none\n" : "";

    text += "\nSampled events:\n";
    for (const HazardDescription& hazard : description.hazards) {
        text += fmt::format("  {}: {} {} a year", hazard.name,
                            short_number(hazard.events_per_year), hazard_word(hazard.type));
        text += hazard.facilities > 0
                    ? fmt::format(" at {} {}\n", hazard.facilities,
                                  hazard.facilities == 1 ? "facility" : "facilities")
                    : "\n";
    }
    return text + (description.hazards.empty() ? "  none\n" : "");
}

std::string uncertain_text(const ModelDescription& description)
{
    if (description.uncertain.empty()) {
        return "\nUncertain parameters: none\n";
    }
    TextTable table({{"drawn once per trial", Align::left},
                     {"law", Align::left},
                     {"5 %"},
                     {"median"},
                     {"95 %"}});
    for (const UncertainParameter& parameter : description.uncertain) {
        table.append({parameter.path, parameter.law, short_number(parameter.p5),
                      short_number(parameter.median), short_number(parameter.p95)});
    }
    return "\nUncertain parameters:\n" + table.text("  ");
}

std::string effort_text(const Scenario& scenario, const Model& model)
{
    const auto meters = all_meters(model);
    RunSettings settings =
        settings_of(scenario, std::max(std::thread::hardware_concurrency(), 1U));
    const double seconds = seconds_per_trial(model, meters, settings);
    const Effort effort = expected_effort(model, meters, settings, settings.trials, seconds);
    return fmt::format("\nExpected for {} on {}: {} ({} ms a trial and thread), {} of memory\n",
                       counted(settings.trials, "trial"), counted(settings.threads, "thread"),
                       duration_text(effort.seconds), short_number(1000 * seconds),
                       memory_text(effort.memory));
}

}  // namespace

ExitCode explain_command(const ExplainOptions& options)
{
    const Scenario scenario =
        read_scenario(options.scenario, options.overrides, options.policies);
    std::vector<Diagnostic> warnings = scenario.warnings;
    const Model model = build_model(scenario, warnings);
    show_warnings(warnings);

    const ModelDescription description = describe(model);
    std::string text = overview_text(scenario, model);
    for (const CommodityDescription& commodity : description.commodities) {
        text += commodity_text(model, commodity, description);
    }
    text += events_text(model, description);
    text += mechanism_text(model);
    text += uncertain_text(description);
    text += effort_text(scenario, model);
    put_out(text);
    return ExitCode::done;
}

}  // namespace chokepoint
