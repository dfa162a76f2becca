#include "chokepoint/results/write_results.hpp"

#include "chokepoint/metrics/area.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/support/version.hpp"
#include "csv_tables.hpp"
#include "json_pieces.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <initializer_list>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr int indent = 2;
constexpr std::size_t chokepoints_in_summary = 10;

Json figures_json(const RunSummary& summary, const char* metric, const std::string& commodity,
                  const std::string& region, std::initializer_list<const char*> statistics)
{
    const ColumnSummary& column = summary.column(metric, commodity, region);
    Json json = {{"unit", column.column.unit}};
    for (const char* statistic : statistics) {
        json[statistic] = json_of(column.figure(statistic));
    }
    return json;
}

Json headline_json(const Model& model, const RunSummary& summary)
{
    std::vector<std::string> commodities = {"all"};
    for (const Commodity& commodity : model.commodities) {
        commodities.push_back(commodity.name);
    }
    Json headline = Json::array();
    for (const std::string& commodity : commodities) {
        for (const Area& area : areas_of(model)) {
            if (summary.find_column("shortfall_total", commodity, area.name) == nullptr) {
                continue;  // nobody there uses it
            }
            const auto figures = [&](const char* metric,
                                     std::initializer_list<const char*> statistics) {
                return figures_json(summary, metric, commodity, area.name, statistics);
            };
            headline.push_back(
                {{"commodity", commodity},
                 {"region", area.name},
                 {"shortfall_total",
                  figures("shortfall_total", {"mean", "var95", "es95", "es99"})},
                 {"shortfall_share",
                  figures("shortfall_share",
                          {"mean", "var95", "es95", "es99", "probability_above_0.05"})},
                 {"recovery_months",
                  figures("recovery_months",
                          {"restricted_mean", "p50", "probability_not_within_horizon"})},
                 {"price_peak",
                  figures("price_peak", {"mean", "p5", "p50", "p95", "probability_above_2"})},
                 {"price_mean", figures("price_mean", {"mean", "es95"})},
                 {"extra_bill", figures("extra_bill", {"mean", "es95"})}});
        }
    }
    return headline;
}

Json chokepoints_json(const Model& model, const std::vector<Chokepoint>& chokepoints)
{
    Json rows = Json::array();
    for (std::size_t rank = 0; rank < std::min(chokepoints.size(), chokepoints_in_summary);
         ++rank) {
        const Chokepoint& row = chokepoints[rank];
        rows.push_back(
            {{"commodity", model.commodities[row.arc.commodity.index()].name},
             {"layer", model.stages[row.arc.stage.index()]},
             {"kind", kind_name(row.arc.kind)},
             {"from", model.regions[row.arc.from.index()]},
             {"to", arc_target(model, row.arc)},
             {"p_binding", json_of(row.binding)},
             {"marginal_value_usd_per_t", json_of(row.marginal_value)},
             {"marginal_value_tail_usd_per_t", json_of(row.tail_marginal_value)},
             {"rent_usd", json_of(row.rent)},
             {"tax_revenue_usd", json_of(row.tax_revenue)}});
    }
    return rows;
}

Json events_json(const RunSummary& summary)
{
    Json events = Json::array();
    for (const EventTally& tally : summary.events) {
        const auto mean = [](const Moments& moments) {
            return moments.count > 0 ? Json(moments.mean) : Json();
        };
        events.push_back({{"name", tally.name},
                          {"type", tally.type},
                          {"cause", tally.cause},
                          {"per_trial", mean(tally.per_trial)},
                          {"duration_months", mean(tally.duration_months)},
                          {"severity", mean(tally.severity)}});
    }
    return events;
}

Json portfolio_json(const PortfolioRisk& risk)
{
    const auto figures = [](const ColumnSummary& loss) {
        Json json = {{"unit", loss.column.unit}};
        for (const char* statistic : {"mean", "sd", "var95", "es95", "var99", "es99"}) {
            json[statistic] = json_of(loss.figure(statistic));
        }
        if (const Figure* breach = breach_of(loss)) {
            json["limit"] = loss.column.thresholds.front();
            json["probability_of_breach"] = json_of(*breach);
        }
        return json;
    };
    Json positions = Json::array();
    for (const PartRisk* part : risk.of_kind(BookPart::Kind::position)) {
        positions.push_back({{"name", part->name},
                             {"loss", figures(part->loss)},
                             {"es95_contribution", json_of(part->contributions[0].es)}});
    }
    return {{"name", risk.portfolio},
            {"value_usd", risk.value_usd},
            {"loss", figures(risk.loss)},
            {"drawdown", figures(risk.drawdown)},
            {"positions", positions},
            {"warnings", risk.warnings}};
}

Json until_json(const RunSummary& summary)
{
    Json rules = Json::array();
    for (const Precision& precision : summary.until) {
        rules.push_back({{"rule", precision.rule.text},
                         {"met", precision.is_met},
                         {"half_width", json_number<Json>(precision.half_width)},
                         {"relative", precision.rule.is_relative},
                         {"trials_needed", precision.trials_needed},
                         {"figure", json_of(precision.figure)}});
    }
    return rules;
}

Json program_json()
{
    const BuildInfo info = build_info();
    Json libraries = Json::object();
    for (const LibraryVersion& library : info.libraries) {
        libraries[library.name] = library.version;
    }
    return {{"name", "chokepoint"},          {"version", info.version},
            {"commit", info.commit},         {"compiler", info.compiler},
            {"build_type", info.build_type}, {"libraries", libraries}};
}

std::string manifest_json(const Model& model, std::uint64_t trials,
                          const Provenance& provenance, const ResultFolder& folder)
{
    const Json manifest = {
        {"schema", 1},
        {"command", provenance.command},
        {"program", program_json()},
        {"scenario",
         {{"name", model.name},
          {"file", provenance.scenario_file},
          {"resolved_sha256", sha256(provenance.resolved_yaml)}}},
        {"seed", provenance.seed},
        {"trials", trials},
        {"until", provenance.until},
        {"memory_bytes", provenance.memory},
        {"trial_ranges", Json::array({{{"first", 0}, {"last", trials - 1}}})},
        {"threads", provenance.threads},
        {"wall_seconds", provenance.wall_seconds},
        {"finished_at", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)))},
        {"sha256", folder.checksums()}};
    return manifest.dump(indent) + "\n";
}

}  // namespace

RunReport report_of(const Model& model, const RunResult& result, const Provenance& provenance)
{
    RunReport report{.summary = summarise(result, provenance.threads),
                     .chokepoints = chokepoint_table(model, result, provenance.threads),
                     .warnings = provenance.warnings};
    report.summary.policy = model.policy;
    report.warnings.insert(report.warnings.end(), report.summary.warnings.begin(),
                           report.summary.warnings.end());
    return report;
}

namespace {

/// Groups of regions with users, the one that a reader cares most for first.
std::vector<std::string> group_names(const Model& model, const RunSummary& summary)
{
    std::vector<std::string> names;
    for (const RegionGroup& group : model.groups) {
        if (summary.find_column("shortfall_total", "all", group.name) != nullptr) {
            names.push_back(group.name);
        }
    }
    return names;
}

}  // namespace

std::string summary_json(const Model& model, const RunReport& report,
                         const Provenance& provenance)
{
    Json summary = {{"schema", 1},
                          {"scenario", model.name},
                          {"policy", model.policy},
                          {"start", month_label(model.start, 0)},
                          {"months", model.months},
                          {"groups", group_names(model, report.summary)},
                          {"trials", report.summary.trials},
                          {"seed", provenance.seed},
                          {"thresholds",
                           {{"shortfall_share", model.shortfall_threshold_share},
                            {"price_ratio", model.price_threshold_ratio}}},
                          {"until", until_json(report.summary)},
                          {"kept_every", report.summary.stride},
                          {"effective_trials", json_number<Json>(report.summary.effective_trials)},
                          {"balance_factor",
                           {{"low", report.summary.balance_factor_low},
                            {"high", report.summary.balance_factor_high}}},
                          {"headline", headline_json(model, report.summary)},
                          {"chokepoints", chokepoints_json(model, report.chokepoints)},
                          {"events", events_json(report.summary)},
                          {"warnings", report.warnings}};
    if (report.portfolio) {
        summary["portfolio"] = portfolio_json(*report.portfolio);
    }
    return summary.dump(indent) + "\n";
}

void write_results(const Model& model, const RunReport& report, const Provenance& provenance,
                   ResultFolder& folder, const std::map<std::string, std::string>& more,
                   const std::vector<std::string>& adopted)
{
    folder.write("scenario.resolved.yaml", provenance.resolved_yaml);
    if (!provenance.record.empty()) {
        folder.write(record_file_name, provenance.record);
    }
    folder.write("metrics.csv", metrics_csv(report.summary));
    folder.write("histograms.csv", histograms_csv(report.summary));
    folder.write("exceedance.csv", exceedance_csv(report.summary));
    folder.write("paths.csv", paths_csv(model, report.summary));
    folder.write("chokepoints.csv", chokepoints_csv(model, report.chokepoints));
    folder.write("events.csv", events_csv(report.summary));
    folder.write("summary.json", summary_json(model, report, provenance));
    for (const auto& [name, content] : more) {
        folder.write(name, content);
    }
    for (const std::string& name : adopted) {
        folder.adopt(name);
    }
    finish_folder(model, report.summary.trials, provenance, folder);
}

void finish_folder(const Model& model, std::uint64_t trials, const Provenance& provenance,
                   ResultFolder& folder)
{
    folder.write_last();
    folder.finish(manifest_json(model, trials, provenance, folder));
}

}  // namespace chokepoint
