#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/event_text.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/metrics/measure.hpp"
#include "chokepoint/results/tilt_file.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using Json = nlohmann::ordered_json;

/// One region and commodity in one month of a trial. Prices are ratios to month 0, NaN where
/// there are no users to pay them.
struct MonthRow {
    std::string month, commodity, region;
    double price, impact, quoted, need_t, served_t, shortfall_t, stock_t, exports_t;
};

/// The events of a trial and what prices made of facilities, in order of their start.
std::vector<EventText> story_of(const Model& model, const TrialRecord& record)
{
    std::vector<EventText> texts = event_texts(model, *record.parameters, *record.timeline);
    std::ranges::move(facility_texts(model, *record.disrupted), std::back_inserter(texts));
    std::ranges::stable_sort(texts, {}, &EventText::from);
    return texts;
}

/// A trial with all that is shown of it.
struct Replay {
    const Model& model;
    std::uint64_t seed, trial;
    const Parameters& parameters;
    std::vector<EventText> events;
    std::vector<MonthRow> months;
    std::vector<Column> columns;
    std::vector<double> row;  ///< The trial's row of the run, one value per column.
};

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

std::string parameters_text(const Replay& replay)
{
    if (replay.model.uncertain_parameters.empty()) {
        return "";
    }
    std::string text = "\nParameters drawn:\n";
    for (const Slot slot : replay.model.uncertain_parameters) {
        text += fmt::format("  {} = {}\n", replay.model.parameters[slot.index()].path,
                            short_number(replay.parameters[slot]));
    }
    return text;
}

std::string events_text(const Replay& replay)
{
    if (replay.events.empty()) {
        return "\nNo events.\n";
    }
    std::string text = "\nEvents:\n";
    for (const EventText& event : replay.events) {
        text += fmt::format("  {}: {} ({}, {})\n",
                            period_text(replay.model.start, event.from, event.until),
                            event.sentence, event.name, event.cause);
    }
    return text;
}

/// What a figure is to be measured by, so that what rounding leaves of it can be told from 0.
class NaturalScales {
public:
    explicit NaturalScales(const Replay& replay) : model_(replay.model)
    {
        for (const Commodity& commodity : model_.commodities) {
            Scale& scale = scales_[commodity.name];
            scale.usd_per_t = 1000 * replay.parameters[commodity.price];
            for (const MonthRow& row : replay.months) {
                if (row.commodity == commodity.name) {
                    scale.t += row.need_t;
                }
            }
            scales_["all"].t += scale.t;
            scales_["all"].usd_per_t = std::max(scales_["all"].usd_per_t, scale.usd_per_t);
        }
    }

    /// The number as text; 0 where it is less than a billionth of the scale of its unit: 1 for
    /// shares, ratios and months, the commodity's need and price for tonnes and money.
    std::string text(double value, const std::string& commodity, const std::string& unit) const
    {
        constexpr double noise = 1e-9;
        const Scale& of = scales_.at(commodity);
        const double scale = unit == "t"             ? of.t
                             : unit == "t_per_month" ? of.t / model_.months
                             : unit == "usd"         ? of.t * of.usd_per_t
                             : unit == "usd_per_t"   ? of.usd_per_t
                                                     : 1;
        return short_number(std::abs(value) < noise * scale ? 0 : value);
    }

private:
    /// Need of all regions over the horizon, and price.
    struct Scale {
        double t = 0, usd_per_t = 0;
    };
    const Model& model_;
    std::map<std::string, Scale> scales_;  ///< By commodity, and of `all`.
};

std::string months_text(const Replay& replay, const NaturalScales& scales)
{
    TextTable table({{"month", Align::left},
                     {"commodity", Align::left},
                     {"region", Align::left},
                     {"price"},
                     {"impact"},
                     {"quoted"},
                     {"need"},
                     {"served"},
                     {"shortfall"},
                     {"stock"},
                     {"exports"}});
    for (const MonthRow& row : replay.months) {
        const auto tonnes = [&](double value) {
            return scales.text(value, row.commodity, "t_per_month");
        };
        table.append({row.month, row.commodity, row.region, short_number(row.price),
                      short_number(row.impact), short_number(row.quoted), tonnes(row.need_t),
                      tonnes(row.served_t), tonnes(row.shortfall_t), tonnes(row.stock_t),
                      tonnes(row.exports_t)});
    }
    return "\nMonths (prices over month 0, impact over the undisturbed run, tonnes a month):\n"
           + table.text("  ");
}

std::string metrics_text(const Replay& replay, const NaturalScales& scales)
{
    TextTable table({{"metric", Align::left},
                     {"commodity", Align::left},
                     {"region", Align::left},
                     {"value"},
                     {"unit", Align::left}});
    for (std::size_t column = 0; column < replay.columns.size(); ++column) {
        const Column& of = replay.columns[column];
        table.append({of.metric, of.commodity, of.region,
                      scales.text(replay.row[column], of.commodity, of.unit), of.unit});
    }
    return "\nMetrics:\n" + table.text("  ");
}

std::string text_of(const Replay& replay)
{
    const NaturalScales scales(replay);
    return fmt::format("{}: trial {}, seed {}\n", replay.model.name, replay.trial, replay.seed)
           + parameters_text(replay) + events_text(replay) + months_text(replay, scales)
           + metrics_text(replay, scales);
}

/// A ratio in full precision; nothing where there is none.
std::string csv_cell(double ratio)
{
    return std::isnan(ratio) ? "" : fmt::format("{}", ratio);
}

std::string csv_of(const Replay& replay)
{
    std::string text =
        "month,commodity,region,price_ratio,price_impact,quoted_ratio,need_t,served_t,"
        "shortfall_t,"
        "stock_t,exports_t\n";
    for (const MonthRow& row : replay.months) {
        fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{},{},{},{},{}\n",
                       row.month, row.commodity, row.region, csv_cell(row.price),
                       csv_cell(row.impact), csv_cell(row.quoted), row.need_t, row.served_t,
                       row.shortfall_t, row.stock_t, row.exports_t);
    }
    return text;
}

Json number(double value)
{
    return std::isfinite(value) ? Json(value) : Json(value > 0 ? "inf" : "-inf");
}

std::string json_of(const Replay& replay)
{
    Json parameters = Json::object(), events = Json::array(), months = Json::array(),
         metrics = Json::array();
    for (const Slot slot : replay.model.uncertain_parameters) {
        parameters[replay.model.parameters[slot.index()].path] = replay.parameters[slot];
    }
    for (const EventText& event : replay.events) {
        events.push_back({{"from_month", number(event.from)},
                          {"until_month", number(event.until)},
                          {"period", period_text(replay.model.start, event.from, event.until)},
                          {"type", event.type},
                          {"cause", event.cause},
                          {"name", event.name},
                          {"sentence", event.sentence}});
    }
    for (const MonthRow& row : replay.months) {
        months.push_back({{"month", row.month},
                          {"commodity", row.commodity},
                          {"region", row.region},
                          {"price_ratio", row.price},
                          {"price_impact", row.impact},
                          {"quoted_ratio", row.quoted},
                          {"need_t", row.need_t},
                          {"served_t", row.served_t},
                          {"shortfall_t", row.shortfall_t},
                          {"stock_t", row.stock_t},
                          {"exports_t", row.exports_t}});
    }
    for (std::size_t column = 0; column < replay.columns.size(); ++column) {
        const Column& of = replay.columns[column];
        metrics.push_back({{"metric", of.metric},
                           {"commodity", of.commodity},
                           {"region", of.region},
                           {"unit", of.unit},
                           {"value", number(replay.row[column])}});
    }
    const Json json = {{"scenario", replay.model.name},
                       {"trial", replay.trial},
                       {"seed", replay.seed},
                       {"parameters", parameters},
                       {"events", events},
                       {"months", months},
                       {"metrics", metrics}};
    return json.dump(2) + "\n";
}

}  // namespace

ExitCode replay_command(const ReplayOptions& options)
{
    std::vector<std::string> overrides = options.overrides;
    if (options.sampling) {
        overrides.push_back("run.sampling=" + *options.sampling);
    }
    const Scenario scenario = read_scenario(options.scenario, overrides);
    std::vector<Diagnostic> warnings;
    const Model model = build_model(scenario, warnings);
    const std::uint64_t seed = options.seed.value_or(scenario.seed);

    std::optional<Tilt> tilt;
    if (!options.tilt.empty()) {
        tilt = read_tilt_file(options.tilt, TiltKnobs(model));
    }
    TrialRunner runner(model, seed, scenario.sampling, Clearance::pooled_first,
                       tilt ? &*tilt : nullptr);
    const TrialRecord record = runner.run(options.trial);
    const auto meters = all_meters(model);
    const MeterPanel panel(model, meters);
    std::vector<double> row(panel.columns().size()), months(panel.month_values());
    measure(*panel.gauge(), record, row, months);

    // Years are for exceedance curves; their names are those of other metrics.
    std::vector<Column> columns;
    std::vector<double> figures;
    for (std::size_t column = 0; column < row.size(); ++column) {
        if (!panel.columns()[column].year) {
            columns.push_back(panel.columns()[column]);
            figures.push_back(row[column]);
        }
    }
    const Replay replay{.model = model,
                        .seed = seed,
                        .trial = options.trial,
                        .parameters = *record.parameters,
                        .events = story_of(model, record),
                        .months = month_rows(model, record),
                        .columns = std::move(columns),
                        .row = std::move(figures)};
    switch (options.format) {
        case Format::text:
            put_out(text_of(replay));
            break;
        case Format::csv:
            put_out(csv_of(replay));
            break;
        case Format::json:
            put_out(json_of(replay));
            break;
    }
    return ExitCode::done;
}

}  // namespace chokepoint
