#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/attribution_runs.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/held_portfolio.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/report/page.hpp"
#include "chokepoint/results/attribution_files.hpp"

#include <chrono>
#include <csignal>

#include <fmt/format.h>

namespace chokepoint {

ExitCode attribute_command(const AttributeOptions& options)
{
    const auto start = std::chrono::steady_clock::now();
    const ScenarioModels models =
        read_models(options.run.scenario, overrides_of(options.run), options.run.policies);
    show_warnings(models.warnings);
    const Scenario* const scenario = &models.scenario;
    const std::optional<HeldPortfolio> held =
        held_portfolio(options.run, models, {&scenario, 1});
    RunSettings settings = settings_of(models.scenario, options.run.threads);
    settings.memory = options.run.memory;
    ResultFolder folder(options.run.out,
                        options.run.force ? Overwrite::replace : Overwrite::refuse);
    folder.make_last("report.html", report_page);
    Provenance provenance =
        provenance_of(models.scenario, options.run.scenario, settings, models.warnings);
    provenance.command = "attribute";
    const StopSignals signals;
    const auto all = attribute_to_hazards(models, held, settings,
                                          {.by_hazard = options.by == "hazard",
                                           .metrics = options.metrics,
                                           .quiet = options.run.quiet},
                                          signals.token());
    if (!all) {
        note("stopped: nothing kept");
        return signals.received() == SIGTERM ? ExitCode::stopped : ExitCode::interrupted;
    }
    provenance.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const Model& model = *models.model;
    write_attribution(model, *all, settings.trials, provenance, folder);
    put_out(options.run.json ? attribution_json(model, *all, settings.trials, provenance)
                             : attribution_text(model, *all, settings.trials, settings.seed)
                                   + fmt::format("\nResults: {}\n", options.run.out.string()));
    return ExitCode::done;
}

}  // namespace chokepoint
