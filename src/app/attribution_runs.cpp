#include "chokepoint/app/attribution_runs.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/progress_display.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/engine/stop_rule.hpp"
#include "chokepoint/model/hazard_class.hpp"
#include "chokepoint/study/attribution.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <cmath>

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

std::vector<std::string> metrics_of(const AttributionRequest& request, bool has_portfolio)
{
    if (!request.metrics.empty()) {
        return request.metrics;
    }
    if (has_portfolio) {
        return {"portfolio_loss"};
    }
    return {"shortfall_share", "price_peak", "extra_bill"};
}

/// Those whose absence makes a subset of the players, and the names of the others.
struct Subset {
    std::vector<HazardEntry> silent;
    std::vector<std::string> names;
};

Subset subset_of(const std::vector<Player>& players, std::size_t bits)
{
    Subset subset;
    for (std::size_t player = 0; player < players.size(); ++player) {
        if ((bits >> player & 1) == 0) {
            subset.silent.insert(subset.silent.end(), players[player].entries.begin(),
                                 players[player].entries.end());
        } else {
            subset.names.push_back(players[player].name);
        }
    }
    return subset;
}

std::vector<Player> checked_players(const Model& model, bool by_hazard)
{
    std::vector<Player> players = players_of(model, by_hazard);
    if (players.empty()) {
        throw NameError("the scenario has no hazards");
    }
    if (players.size() > most_players) {
        throw NameError(
            fmt::format("{} hazards make {} runs (at most {} hazards: use --by class)",
                        players.size(), std::size_t{1} << players.size(), most_players));
    }
    return players;
}

std::string cell(const Figure& figure, const std::string& unit)
{
    if (std::isnan(figure.estimate.value)) {
        return "–";
    }
    const double scale = unit == "usd" ? 1 / million : 1;
    return unit == "share"
               ? percent_with_error(figure.estimate.value, figure.standard_error)
               : with_error(scale * figure.estimate.value, scale * figure.standard_error);
}

}  // namespace

std::optional<std::vector<NamedAttribution>> attribute_to_hazards(
    const ScenarioModels& models, const std::optional<HeldPortfolio>& held,
    RunSettings settings, const AttributionRequest& request, std::stop_token stop)
{
    const Model& model = *models.model;
    if (!models.scenario.importance.figure.empty() || !models.scenario.tilt.empty()) {
        throw NameError(
            "hazards are told apart on plain trials: without run.importance and "
            "run.tilt");
    }
    const std::vector<Player> players = checked_players(model, request.by_hazard);
    settings.calm = models.calm() == nullptr ? &model : models.calm();
    const std::vector<Column> columns =
        MeterPanel(model, meters_of(models, held, settings.seed)).columns();
    std::vector<std::size_t> wanted;
    for (const std::string& text : metrics_of(request, held.has_value())) {
        wanted.push_back(find_column(columns, parse_column_name(text)));
    }
    std::vector<std::vector<std::vector<double>>> values(wanted.size());
    for (std::size_t bits = 0; bits < std::size_t{1} << players.size(); ++bits) {
        const Subset subset = subset_of(players, bits);
        if (!request.quiet) {
            note(subset.names.empty() ? "nothing:"
                                      : fmt::format("{}:", fmt::join(subset.names, " + ")));
        }
        const Model part = without_hazards(model, subset.silent);
        ProgressDisplay progress(request.quiet ? ProgressStyle::none
                                               : progress_style_of_terminal());
        std::vector<std::unique_ptr<Meter>> meters = all_meters(part);
        if (held) {
            meters.push_back(held->meter(part, *settings.calm, settings.seed));
        }
        const RunResult result = run(part, meters, settings, progress, stop);
        progress.finish();
        if (!result.complete) {
            return std::nullopt;
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
    return all;
}

std::string attribution_text(const Model& model, const std::vector<NamedAttribution>& all,
                             std::uint64_t trials, std::uint64_t seed)
{
    std::string text = fmt::format(
        "{}: {}, seed {}; what each hazard brings (Shapley shares: on average over all orders "
        "of "
        "adding\nthem), of the mean and of the worst 1 % of trials, mean ± standard error\n"
        "(–: too few trials, or part of what may be nothing)\n",
        model.name, counted(trials, "trial"), seed);
    for (const NamedAttribution& of : all) {
        const std::string& unit = of.column.unit;
        TextTable table({{unit == "share" ? ""
                          : unit == "usd" ? "M USD"
                                          : unit,
                          Align::left},
                         {"mean"},
                         {"of it"},
                         {"worst 1 %"},
                         {"of it"}});
        const Attribution& a = of.attribution;
        // Of what may as well be nothing there are no parts.
        const auto part = [](const Figure& one, const Figure& whole) {
            const double share = one.estimate.value / whole.estimate.value;
            const bool is_something = std::abs(whole.estimate.value) > 2 * whole.standard_error;
            return is_something && std::isfinite(share) ? percent(share) : std::string("–");
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

}  // namespace chokepoint
