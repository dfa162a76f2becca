#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/held_portfolio.hpp"
#include "chokepoint/app/replay.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/app/tilt_choice.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/metrics/measure.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <iterator>
#include <limits>

namespace chokepoint {
namespace {

/// The events of a trial and what prices made of facilities, in order of their start.
std::vector<EventText> events_of(const Model& model, const TrialRecord& record)
{
    std::vector<EventText> texts = event_texts(model, *record.parameters, *record.timeline);
    std::ranges::move(facility_texts(model, *record.disrupted), std::back_inserter(texts));
    std::ranges::stable_sort(texts, {}, &EventText::from);
    return texts;
}

std::vector<MonthRow> month_rows(const Model& model, const TrialRecord& record)
{
    const Path& reference = *record.reference;
    const Path& disrupted = *record.disrupted;
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    std::vector<MonthRow> rows;
    for (std::size_t at = 0; at < disrupted.log_price.size(); ++at) {
        const std::size_t month = at / disrupted.cells;
        const std::size_t cell = at % disrupted.cells;
        const CommodityId commodity(cell / model.regions.size());
        const std::size_t last_layer =
            (month * disrupted.stages + model.last_stage(commodity).index()) * disrupted.cells
            + cell;
        const bool has_users = model.demand[cell] != zero_slot;
        const double log_impact = disrupted.log_price[at] - reference.log_price[at];
        rows.push_back({.month = month_label(model.start, static_cast<int>(month)),
                        .commodity = model.commodities[commodity.index()].name,
                        .region = model.regions[cell % model.regions.size()],
                        .price = has_users ? portable_exp(disrupted.log_price[at]) : none,
                        .impact = has_users ? portable_exp(log_impact) : none,
                        .quoted = has_users ? portable_exp(disrupted.log_quoted[at]) : none,
                        .need_t = need(reference, disrupted, at),
                        .served_t = served(reference, disrupted, at),
                        .shortfall_t = shortfall(reference, disrupted, at),
                        .stock_t = disrupted.stock[at],
                        .exports_t = disrupted.exports[last_layer]});
    }
    return rows;
}

/// What is shown of a trial's row: not years, which are for exceedance curves and bear the
/// names of other metrics. Parts of a portfolio are told by their names.
std::pair<std::vector<Column>, std::vector<double>> shown_columns(
    const MeterPanel& panel, const std::vector<double>& row,
    const std::optional<HeldPortfolio>& held)
{
    std::vector<Column> columns;
    std::vector<double> figures;
    for (std::size_t column = 0; column < row.size(); ++column) {
        if (panel.columns()[column].year) {
            continue;
        }
        columns.push_back(panel.columns()[column]);
        if (const auto part = columns.back().part) {
            columns.back().region = held->book().name_of(held->book().parts[*part]);
        }
        figures.push_back(row[column]);
    }
    return {std::move(columns), std::move(figures)};
}

}  // namespace

ExitCode replay_command(const ReplayOptions& options)
{
    std::vector<std::string> overrides = options.overrides;
    if (options.sampling) {
        overrides.push_back("run.sampling=" + *options.sampling);
    }
    const ScenarioModels models = read_models(options.scenario, overrides, options.policies);
    const Scenario& scenario = models.scenario;
    const Model& model = *models.model;
    const std::uint64_t seed = options.seed.value_or(scenario.seed);

    const std::optional<Tilt> tilt = written_tilt(scenario, options.tilt, TiltKnobs(model));
    if (options.tilt.empty() && !scenario.importance.figure.empty()) {
        throw NameError(
            "the trials of this scenario are drawn by importance: give the tilt.json of "
            "the run (--tilt)");
    }
    TrialRunner runner(model, seed, scenario.sampling, Clearance::pooled_first,
                       tilt ? &*tilt : nullptr, models.calm());
    const TrialRecord record = runner.run(options.trial);
    RunOptions run;
    run.portfolio = options.portfolio;
    const Scenario* const known = &scenario;
    const std::optional<HeldPortfolio> held = held_portfolio(run, models, {&known, 1});
    const auto meters = meters_of(models, held, seed);
    const MeterPanel panel(model, meters);
    std::vector<double> row(panel.columns().size()), series(panel.month_values());
    measure(*panel.gauge(), record, row, series);

    auto [columns, figures] = shown_columns(panel, row, held);
    const Replay replay{.model = model,
                        .seed = seed,
                        .trial = options.trial,
                        .parameters = *record.parameters,
                        .timeline = *record.timeline,
                        .events = events_of(model, record),
                        .spells = binding_spells(model, record),
                        .accounts = price_accounts(model, record),
                        .months = month_rows(model, record),
                        .columns = std::move(columns),
                        .row = std::move(figures),
                        .series = panel.series(),
                        .series_values = series};
    switch (options.format) {
        case Format::text:
            put_out(options.full ? replay_in_full(replay) : replay_summary(replay));
            break;
        case Format::csv:
            put_out(replay_csv(replay));
            break;
        case Format::json:
            put_out(replay_json(replay));
            break;
    }
    return ExitCode::done;
}

}  // namespace chokepoint
