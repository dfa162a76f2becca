#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/compare_text.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/held_portfolio.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/metrics/area.hpp"
#include "chokepoint/metrics/chokepoint_meter.hpp"
#include "chokepoint/metrics/exposure_meter.hpp"
#include "chokepoint/results/comparison_files.hpp"
#include "chokepoint/results/portfolio_files.hpp"
#include "chokepoint/study/policy_study.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include <csignal>
#include <optional>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// The region or group whose users count. \throws NameError  if there is none such.
std::string region_of(const CompareOptions& options, const Model& model)
{
    if (options.region.empty()) {
        return model.groups.front().name;
    }
    std::vector<std::string> known;
    for (const Area& area : areas_of(model)) {
        known.push_back(area.name);
    }
    if (std::ranges::find(known, options.region) == known.end()) {
        throw NameError(fmt::format("no region or group is called \"{}\"{}", options.region,
                                    did_you_mean(options.region, known)));
    }
    return options.region;
}

/// A run of all trials; nothing if it was stopped.
std::optional<RunResult> run_policy(const Model& model, RunSettings settings,
                                    std::unique_ptr<Meter> portfolio, const std::string& name,
                                    bool quiet, bool with_surplus, std::stop_token stop)
{
    if (!quiet) {
        note(name + ":");
    }
    ProgressDisplay progress(quiet ? ProgressStyle::none : progress_style_of_terminal());
    auto meters = all_meters(model);
    if (with_surplus) {
        meters.push_back(make_exposure_meter(model));
    }
    if (portfolio) {
        meters.push_back(std::move(portfolio));
    }
    RunResult result = run(model, meters, settings, progress, stop);
    progress.finish();
    return result.complete ? std::optional(std::move(result)) : std::nullopt;
}

/// All values of all trials are needed. \throws MemoryError
void check_memory(const RunResult& result, std::uint64_t trials)
{
    if (result.stride != 1) {
        throw MemoryError(fmt::format(
            "a comparison needs all values of all {} trials: fewer --trials or more --memory",
            trials));
    }
}

/// The tables of a portfolio, whose figures the report gets.
std::map<std::string, std::string> portfolio_tables(const HeldPortfolio* held,
                                                    const Model& model,
                                                    const RunResult& result,
                                                    RunReport& report)
{
    if (held == nullptr) {
        return {};
    }
    report.portfolio = portfolio_risk(held->book(), result, report.summary.columns);
    return {{"portfolio.csv", portfolio_csv(held->book(), *report.portfolio, model.policy)},
            {"contributions.csv",
             contributions_csv(held->book(), *report.portfolio, model.policy)}};
}

/// Room given to a chokepoint, over the mean flow.
constexpr double room_share = 0.05;

/// Arcs that bind at times and carry something, the most valuable first but not all of one
/// commodity, and the room for each.
std::vector<std::pair<std::size_t, double>> arcs_to_widen(const Model& model,
                                                          const RunReport& report,
                                                          std::size_t count)
{
    std::vector<std::pair<std::size_t, double>> arcs;
    std::vector<std::size_t> of_commodity(model.commodities.size(), 0);
    const std::size_t most_of_each =
        (count + model.commodities.size() - 1) / model.commodities.size();
    for (const Chokepoint& row : report.chokepoints) {
        if (arcs.size() == count || of_commodity[row.arc.commodity.index()] == most_of_each) {
            continue;
        }
        const double room = room_share * row.flow.estimate.value;
        const auto is_it = [&](const CappableArc& arc) {
            return arc.kind == row.arc.kind && arc.commodity == row.arc.commodity
                   && arc.stage == row.arc.stage && arc.from == row.arc.from
                   && arc.to == row.arc.to;
        };
        if (room > 0 && row.binding.estimate.value > 0) {
            const auto place = std::ranges::find_if(model.cappable_arcs, is_it);
            ++of_commodity[row.arc.commodity.index()];
            arcs.emplace_back(static_cast<std::size_t>(place - model.cappable_arcs.begin()),
                              room);
        }
    }
    return arcs;
}

}  // namespace

ExitCode compare_command(const CompareOptions& options)
{
    const auto start = std::chrono::steady_clock::now();
    if (options.run.policies.empty() && options.chokepoints == 0) {
        throw NameError("nothing to compare: name --policy FILE..., or --chokepoints N");
    }
    const std::vector<std::string> overrides = overrides_of(options.run);
    const ScenarioModels none = read_models(options.run.scenario, overrides, {});
    if (!none.scenario.importance.figure.empty() || !none.scenario.tilt.empty()) {
        throw NameError(
            "policies are compared on plain trials: without run.importance and run.tilt");
    }
    show_warnings(none.warnings);
    std::vector<ScenarioModels> policies;
    std::vector<std::string> names = {"none"};
    for (const std::filesystem::path& file : options.run.policies) {
        policies.push_back(read_models(options.run.scenario, overrides, {file}));
        const std::string& name = policies.back().model->policy;
        if (std::ranges::find(names, name) != names.end()) {
            throw NameError(
                fmt::format("two policies are called \"{}\" ({})", name, file.string()));
        }
        names.push_back(name);
    }
    const std::string region = region_of(options, *none.model);
    std::vector<const Scenario*> scenarios = {&none.scenario};
    for (const ScenarioModels& policy : policies) {
        scenarios.push_back(&policy.scenario);
    }
    const std::optional<HeldPortfolio> held = held_portfolio(options.run, none, scenarios);
    std::vector<HeldPortfolio> held_under;  // the same under each policy
    for (const ScenarioModels& policy : policies) {
        if (held) {
            held_under.emplace_back(held->portfolio(), policy);
        }
    }
    RunSettings settings = settings_of(none.scenario, options.run.threads);
    settings.memory = options.run.memory;
    ResultFolder folder(options.run.out,
                        options.run.force ? Overwrite::replace : Overwrite::refuse);
    Provenance provenance =
        provenance_of(none.scenario, options.run.scenario, settings, none.warnings);
    provenance.command = "compare";

    const StopSignals signals;
    const auto stopped = [&] {
        note("stopped: nothing kept");
        return signals.received() == SIGTERM ? ExitCode::stopped : ExitCode::interrupted;
    };
    const std::optional<RunResult> without =
        run_policy(*none.model, settings,
                   held ? held->meter(*none.model, *none.model, settings.seed) : nullptr,
                   "no policy", options.run.quiet,
                   options.chokepoints > 0, signals.token());
    if (!without) {
        return stopped();
    }
    check_memory(*without, settings.trials);
    if (!find_metric(*without, "shortfall_share", "all", region)) {
        throw NameError(fmt::format("nobody in {} uses any of this", region));
    }
    PolicyStudyMaker maker(*without, region);
    PolicyTables tables;
    RunReport report = report_of(*none.model, *without, provenance);
    tables.add(*none.model, report, none.scenario.resolved_yaml,
               portfolio_tables(held ? &*held : nullptr, *none.model, *without, report));
    settings.calm = none.model.get();
    for (std::size_t at = 0; at < policies.size(); ++at) {
        const ScenarioModels& policy = policies[at];
        const Model& model = *policy.model;
        std::unique_ptr<Meter> meter;
        if (held) {
            meter = held_under[at].meter(model, *none.model, settings.seed);
        }
        const std::optional<RunResult> with =
            run_policy(model, settings, std::move(meter), model.policy, options.run.quiet,
                       options.chokepoints > 0, signals.token());
        if (!with) {
            return stopped();
        }
        check_memory(*with, settings.trials);
        maker.add(model.policy, *with, run_calm(model, *none.model, settings, model.months),
                  run_calm(model, *none.model, settings, early_months));
        RunReport of_policy = report_of(model, *with, provenance);
        const auto more = held ? portfolio_tables(&held_under[at], model, *with, of_policy)
                               : std::map<std::string, std::string>();
        tables.add(model, of_policy, policy.scenario.resolved_yaml, more);
    }
    std::vector<RoomValue> rooms;
    for (const auto& [arc, room] : arcs_to_widen(*none.model, report, options.chokepoints)) {
        Model wider = *none.model;
        wider.extra_room.assign(wider.cappable_arcs.size(), 0);
        wider.extra_room[arc] = room;
        const std::optional<RunResult> with = run_policy(
            wider, settings, nullptr, "more room: " + arc_label(wider, wider.cappable_arcs[arc]),
            options.run.quiet, options.chokepoints > 0, signals.token());
        if (!with) {
            return stopped();
        }
        rooms.push_back(room_value(wider, arc, room, *with, *without));
    }
    const PolicyStudy study = maker.finish();
    provenance.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::map<std::string, std::string> more;
    if (held) {
        more["portfolio.resolved.yaml"] = held->portfolio().resolved_yaml;
    }
    write_comparison(*none.model, study, rooms, tables, provenance, folder, more);
    put_out(options.run.json ? comparison_json(*none.model, study, provenance)
                             : compare_text(*none.model, study, rooms,
                                            report.portfolio ? &*report.portfolio : nullptr,
                                            provenance.seed, options.run.out.string()));
    return ExitCode::done;
}

}  // namespace chokepoint
