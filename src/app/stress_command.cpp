#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/held_portfolio.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/portfolio_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/report/page.hpp"
#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/results/write_file.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <system_error>

#include <fmt/format.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

/// A scenario and where its results go, below --out.
struct Stressed {
    fs::path file;
    std::string folder;
    ScenarioModels models;
};

std::vector<Stressed> read_all(const StressOptions& options)
{
    std::vector<Stressed> all;
    std::vector<fs::path> files;
    for (const fs::path& input : options.scenarios) {
        std::error_code unknown;
        if (fs::is_directory(input, unknown)) {
            const std::vector<fs::path> found = scenario_files(input);
            files.insert(files.end(), found.begin(), found.end());
        } else {
            files.push_back(input);
        }
    }
    for (const fs::path& file : files) {
        const std::string folder = file.stem().string();
        if (std::ranges::find(all, folder, &Stressed::folder) != all.end()) {
            throw NameError(
                fmt::format("two scenarios are called {}: their results would lie in "
                            "one folder ({})",
                            folder, file.string()));
        }
        all.push_back(
            {file, folder, read_models(file, overrides_of(options.run), options.run.policies)});
        if (!all.back().models.scenario.importance.figure.empty()
            || !all.back().models.scenario.tilt.empty()) {
            throw NameError(fmt::format(
                "stress tests run plain trials: without run.importance and run.tilt ({})",
                file.string()));
        }
    }
    if (all.empty()) {
        throw NameError("no scenario is named (--scenario FILE...)");
    }
    return all;
}

/// One scenario's run, with its folder of results; nothing if it was stopped.
std::optional<StressedScenario> stress(const Stressed& of, const HeldPortfolio& held,
                                       const StressOptions& options, std::stop_token stop)
{
    const auto start = std::chrono::steady_clock::now();
    const ScenarioModels& models = of.models;
    RunSettings settings = settings_of(models.scenario, options.run.threads);
    settings.memory = options.run.memory;
    settings.calm = models.calm();
    ResultFolder folder(options.run.out / of.folder,
                        options.run.force ? Overwrite::replace : Overwrite::refuse);
    folder.make_last("report.html", report_page);
    Provenance provenance = provenance_of(models.scenario, of.file, settings, models.warnings);
    provenance.command = "stress";
    if (!options.run.quiet) {
        note(models.model->name + ":");
    }
    ProgressDisplay progress(options.run.quiet ? ProgressStyle::none
                                               : progress_style_of_terminal());
    const RunResult result =
        run(*models.model, held.meters(settings.seed), settings, progress, stop);
    progress.finish();
    if (!result.complete) {
        return std::nullopt;
    }
    RunReport report = report_of(*models.model, result, provenance);
    std::map<std::string, std::string> files;
    add_portfolio(held, *models.model, result, settings, report, files);
    provenance.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write_results(*models.model, report, provenance, folder, files);
    return StressedScenario{models.model->name, held.book(), std::move(*report.portfolio)};
}

}  // namespace

ExitCode stress_command(const StressOptions& options)
{
    const std::vector<Stressed> all = read_all(options);
    std::vector<const Scenario*> scenarios;
    for (const Stressed& of : all) {
        scenarios.push_back(&of.models.scenario);
    }
    const HeldPortfolio first(options.portfolio, all.front().models, scenarios);
    // Before the first run: what does not fit the last scenario is to be known now.
    std::vector<HeldPortfolio> held;
    for (const Stressed& of : all) {
        show_warnings(of.models.warnings);
        held.emplace_back(first.portfolio(), of.models);
    }
    fs::create_directories(options.run.out);
    const fs::path table = options.run.out / "stress.csv";
    if (fs::exists(table) && !options.run.force) {
        throw OutputError(fmt::format("{} exists (--force replaces it)", table.string()));
    }
    const StopSignals signals;
    std::vector<StressedScenario> stressed;
    for (std::size_t at = 0; at < all.size(); ++at) {
        auto one = stress(all[at], held[at], options, signals.token());
        if (!one) {
            note(fmt::format("stopped: {} done, in {}", counted(stressed.size(), "scenario"),
                             options.run.out.string()));
            return signals.received() == SIGTERM ? ExitCode::stopped : ExitCode::interrupted;
        }
        stressed.push_back(std::move(*one));
    }
    const std::string content = stress_csv(stressed);
    write_file(table, content);
    write_file(options.run.out / "report.html",
               report_page([&](const std::string& name) -> std::optional<std::string> {
                   return name == "stress.csv" ? std::optional(content) : std::nullopt;
               }));
    put_out(fmt::format("{}\n\n{}\nResults: {}\n", first.portfolio().name,
                        stress_text(stressed), options.run.out.string()));
    return ExitCode::done;
}

}  // namespace chokepoint
