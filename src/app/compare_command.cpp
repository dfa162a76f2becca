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
#include "chokepoint/report/page.hpp"
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
std::optional<RunResult> run_model(const Model& model, RunSettings settings,
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
                                                    const Model& model, const RunResult& result,
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

/// What is compared, as its files say.
struct Contestants {
    ScenarioModels none;
    std::vector<ScenarioModels> policies;
    std::optional<HeldPortfolio> held;      ///< Without a policy.
    std::vector<HeldPortfolio> held_under;  ///< The same under each policy.
};

std::vector<ScenarioModels> read_policies(const CompareOptions& options)
{
    std::vector<ScenarioModels> policies;
    std::vector<std::string> names = {"none"};
    for (const std::filesystem::path& file : options.run.policies) {
        policies.push_back(
            read_models(options.run.scenario, overrides_of(options.run), {file}));
        const std::string& name = policies.back().model->policy;
        if (std::ranges::find(names, name) != names.end()) {
            throw NameError(
                fmt::format("two policies are called \"{}\" ({})", name, file.string()));
        }
        names.push_back(name);
    }
    return policies;
}

/// \param into  Must stay where it is: portfolios point to its models.
void read_contestants(const CompareOptions& options, Contestants& into)
{
    if (options.run.policies.empty() && options.chokepoints == 0) {
        throw NameError("nothing to compare: name --policy FILE..., or --chokepoints N");
    }
    into.none = read_models(options.run.scenario, overrides_of(options.run), {});
    if (!into.none.scenario.importance.figure.empty() || !into.none.scenario.tilt.empty()) {
        throw NameError(
            "policies are compared on plain trials: without run.importance and run.tilt");
    }
    show_warnings(into.none.warnings);
    into.policies = read_policies(options);
    std::vector<const Scenario*> scenarios = {&into.none.scenario};
    for (const ScenarioModels& policy : into.policies) {
        scenarios.push_back(&policy.scenario);
    }
    into.held = held_portfolio(options.run, into.none, scenarios);
    for (const ScenarioModels& policy : into.policies) {
        if (into.held) {
            into.held_under.emplace_back(into.held->portfolio(), policy);
        }
    }
}

/// The runs of a comparison, one after another, and what is kept of each.
class Comparison {
public:
    Comparison(const CompareOptions& options, const Contestants& of, std::stop_token stop)
        : options_(options),
          of_(of),
          stop_(std::move(stop)),
          region_(region_of(options, *of.none.model)),
          settings_(settings_of(of.none.scenario, options.run.threads)),
          provenance_(provenance_of(of.none.scenario, options.run.scenario, settings_,
                                    of.none.warnings))
    {
        settings_.memory = options.run.memory;
        provenance_.command = "compare";
    }

    // Each step is false if it was stopped.

    bool run_without_policy()
    {
        const Model& model = *of_.none.model;
        without_ =
            run(model, of_.held ? of_.held->meter(model, model, settings_.seed) : nullptr,
                "no policy");
        if (!without_) {
            return false;
        }
        check_memory(*without_, settings_.trials);
        if (!find_metric(*without_, "shortfall_share", "all", region_)) {
            throw NameError(fmt::format("nobody in {} uses any of this", region_));
        }
        maker_.emplace(*without_, region_);
        report_ = report_of(model, *without_, provenance_);
        tables_.add(
            model, report_, of_.none.scenario.resolved_yaml,
            portfolio_tables(of_.held ? &*of_.held : nullptr, model, *without_, report_));
        settings_.calm = &model;
        return true;
    }

    bool run_policy(std::size_t at)
    {
        const Model& none = *of_.none.model;
        const Model& model = *of_.policies[at].model;
        const HeldPortfolio* const held = of_.held ? &of_.held_under[at] : nullptr;
        const std::optional<RunResult> with =
            run(model, held == nullptr ? nullptr : held->meter(model, none, settings_.seed),
                model.policy);
        if (!with) {
            return false;
        }
        check_memory(*with, settings_.trials);
        maker_->add(model.policy, *with, run_calm(model, none, settings_, model.months),
                    run_calm(model, none, settings_, early_months));
        RunReport report = report_of(model, *with, provenance_);
        const auto more = portfolio_tables(held, model, *with, report);
        tables_.add(model, report, of_.policies[at].scenario.resolved_yaml, more);
        return true;
    }

    bool widen_chokepoints()
    {
        for (const auto& [arc, room] :
             arcs_to_widen(*of_.none.model, report_, options_.chokepoints)) {
            Model wider = *of_.none.model;
            wider.extra_room.assign(wider.cappable_arcs.size(), 0);
            wider.extra_room[arc] = room;
            const std::optional<RunResult> with =
                run(wider, nullptr, "more room: " + arc_label(wider, wider.cappable_arcs[arc]));
            if (!with) {
                return false;
            }
            rooms_.push_back(room_value(wider, arc, room, *with, *without_));
        }
        return true;
    }

    /// Writes the results; what is to be said of them.
    std::string finish(ResultFolder& folder, double seconds)
    {
        const PolicyStudy study = maker_->finish();
        const Model& none = *of_.none.model;
        provenance_.wall_seconds = seconds;
        std::map<std::string, std::string> more;
        if (of_.held) {
            more[portfolio_file_name] = of_.held->portfolio().resolved_yaml;
        }
        write_comparison(none, study, rooms_, tables_, provenance_, folder, more);
        return options_.run.json
                   ? comparison_json(none, study, provenance_)
                   : compare_text(none, study, rooms_,
                                  report_.portfolio ? &*report_.portfolio : nullptr,
                                  provenance_.seed, options_.run.out.string());
    }

private:
    std::optional<RunResult> run(const Model& model, std::unique_ptr<Meter> portfolio,
                                 const std::string& name) const
    {
        return run_model(model, settings_, std::move(portfolio), name, options_.run.quiet,
                         options_.chokepoints > 0, stop_);
    }

    const CompareOptions& options_;
    const Contestants& of_;
    std::stop_token stop_;
    std::string region_;  ///< Whose users count.
    RunSettings settings_;
    Provenance provenance_;
    std::optional<RunResult> without_;
    std::optional<PolicyStudyMaker> maker_;
    RunReport report_;  ///< Without a policy.
    PolicyTables tables_;
    std::vector<RoomValue> rooms_;
};

}  // namespace

ExitCode compare_command(const CompareOptions& options)
{
    const auto start = std::chrono::steady_clock::now();
    Contestants contestants;
    read_contestants(options, contestants);
    const StopSignals signals;
    Comparison comparison(options, contestants, signals.token());
    ResultFolder folder(options.run.out,
                        options.run.force ? Overwrite::replace : Overwrite::refuse);
    folder.make_last("report.html", report_page);
    bool goes_on = comparison.run_without_policy();
    for (std::size_t at = 0; goes_on && at < contestants.policies.size(); ++at) {
        goes_on = comparison.run_policy(at);
    }
    goes_on = goes_on && comparison.widen_chokepoints();
    if (!goes_on) {
        note("stopped: nothing kept");
        return signals.received() == SIGTERM ? ExitCode::stopped : ExitCode::interrupted;
    }
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    put_out(comparison.finish(folder, taken.count()));
    return ExitCode::done;
}

}  // namespace chokepoint
