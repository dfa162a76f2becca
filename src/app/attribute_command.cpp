#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/app/stop_signals.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/model/hazard_class.hpp"
#include "chokepoint/results/attribution_files.hpp"
#include "chokepoint/study/attribution.hpp"
#include "chokepoint/study/comparison.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chokepoint {
namespace {

constexpr std::size_t most_players = 8;

/// One player: what is silenced without it.
struct Player {
    std::string name;
    std::vector<HazardEntry> entries;
};

std::vector<Player> players_of(const Model& model, bool by_hazard)
{
    std::vector<Player> players;
    for (const HazardEntry& entry : hazard_entries(model)) {
        const std::string name =
            by_hazard ? entry.name
                      : std::string(hazard_class_names[static_cast<std::size_t>(entry.hazard)]);
        const auto known = std::ranges::find(players, name, &Player::name);
        if (known != players.end()) {
            known->entries.push_back(entry);
        } else {
            players.push_back({name, {entry}});
        }
    }
    return players;
}

std::vector<std::string> metrics_of(const AttributeOptions& options)
{
    return options.metrics.empty()
               ? std::vector<std::string>{"shortfall_share", "price_peak", "extra_bill"}
               : options.metrics;
}

std::string cell(const Figure& figure, const std::string& unit)
{
    if (std::isnan(figure.estimate.value)) {
        return "–";
    }
    return unit == "share" ? percent_with_error(figure.estimate.value, figure.standard_error)
                           : with_error(figure.estimate.value, figure.standard_error);
}

std::string attribution_text(const Model& model, const std::vector<NamedAttribution>& all,
                             std::uint64_t trials, std::uint64_t seed)
{
    std::string text = fmt::format(
        "{}: {}, seed {}; what each hazard brings (Shapley shares: on average over all orders "
        "of "
        "adding\nthem), of the mean and of the worst 1 % of trials, mean ± standard error\n",
        model.name, counted(trials, "trial"), seed);
    for (const NamedAttribution& of : all) {
        TextTable table({{of.column.unit == "share" ? "" : of.column.unit, Align::left},
                         {"mean"},
                         {"of it"},
                         {"worst 1 %"},
                         {"of it"}});
        const Attribution& a = of.attribution;
        const auto part = [](const Figure& one, const Figure& whole) {
            const double share = one.estimate.value / whole.estimate.value;
            return std::isfinite(share) ? percent(share) : std::string("–");
        };
        for (const ShareOf& share : a.shares) {
            table.append({share.player, cell(share.mean, of.column.unit),
                          part(share.mean, a.mean), cell(share.es, of.column.unit),
                          part(share.es, a.es)});
        }
        table.append({"all", cell(a.mean, of.column.unit), "", cell(a.es, of.column.unit), ""});
        text += fmt::format("\n{} of {}, {}\n\n{}", of.column.metric, of.column.commodity,
                            of.column.region, table.text("  "));
    }
    return text;
}

}  // namespace

ExitCode attribute_command(const AttributeOptions& options)
{
    const auto start = std::chrono::steady_clock::now();
    const ScenarioModels models =
        read_models(options.run.scenario, overrides_of(options.run), options.run.policies);
    const Model& model = *models.model;
    if (!models.scenario.importance.figure.empty() || !models.scenario.tilt.empty()) {
        throw NameError(
            "hazards are told apart on plain trials: without run.importance and "
            "run.tilt");
    }
    show_warnings(models.warnings);
    const std::vector<Player> players = players_of(model, options.by == "hazard");
    if (players.empty()) {
        throw NameError("the scenario has no hazards");
    }
    if (players.size() > most_players) {
        throw NameError(
            fmt::format("{} hazards make {} runs (at most {} hazards: use --by class)",
                        players.size(), std::size_t{1} << players.size(), most_players));
    }
    RunSettings settings = settings_of(models.scenario, options.run.threads);
    settings.memory = options.run.memory;
    settings.calm = models.calm() == nullptr ? &model : models.calm();
    const std::vector<Column> columns = MeterPanel(model, all_meters(model)).columns();
    std::vector<std::size_t> wanted;
    for (const std::string& text : metrics_of(options)) {
        wanted.push_back(find_column(columns, parse_column_name(text)));
    }
    ResultFolder folder(options.run.out,
                        options.run.force ? Overwrite::replace : Overwrite::refuse);
    Provenance provenance =
        provenance_of(models.scenario, options.run.scenario, settings, models.warnings);
    provenance.command = "attribute";

    const StopSignals signals;
    std::vector<std::vector<std::vector<double>>> values(wanted.size());
    for (std::size_t subset = 0; subset < std::size_t{1} << players.size(); ++subset) {
        std::vector<HazardEntry> silent;
        std::vector<std::string> names;
        for (std::size_t player = 0; player < players.size(); ++player) {
            if ((subset >> player & 1) == 0) {
                silent.insert(silent.end(), players[player].entries.begin(),
                              players[player].entries.end());
            } else {
                names.push_back(players[player].name);
            }
        }
        if (!options.run.quiet) {
            note(names.empty() ? "nothing:" : fmt::format("{}:", fmt::join(names, " + ")));
        }
        const Model part = without_hazards(model, silent);
        ProgressDisplay progress(options.run.quiet ? ProgressStyle::none
                                                   : progress_style_of_terminal());
        const auto meters = all_meters(part);
        const RunResult result = run(part, meters, settings, progress, signals.token());
        progress.finish();
        if (!result.complete) {
            note("stopped: nothing kept");
            return signals.received() == SIGTERM ? ExitCode::stopped : ExitCode::interrupted;
        }
        if (result.stride != 1) {
            throw MemoryError(
                "attribution needs all values of all trials: fewer --trials or more "
                "--memory");
        }
        for (std::size_t at = 0; at < wanted.size(); ++at) {
            values[at].push_back(result.values[wanted[at]]);
        }
    }
    std::vector<std::string> names;
    for (const Player& player : players) {
        names.push_back(player.name);
    }
    std::vector<NamedAttribution> all;
    for (std::size_t at = 0; at < wanted.size(); ++at) {
        all.push_back({columns[wanted[at]], attribute(names, values[at], attribution_level)});
    }
    provenance.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write_attribution(model, all, settings.trials, provenance, folder);
    put_out(options.run.json ? attribution_json(model, all, settings.trials, provenance)
                             : attribution_text(model, all, settings.trials, settings.seed)
                                   + fmt::format("\nResults: {}\n", options.run.out.string()));
    return ExitCode::done;
}

}  // namespace chokepoint
