#include "chokepoint/results/comparison_files.hpp"

#include "csv_lines.hpp"
#include "csv_tables.hpp"
#include "json_pieces.hpp"

namespace chokepoint {
namespace {

/// What the study says of a policy, by name and unit.
struct StudyFigure {
    const char* metric;
    const char* unit;
    const Figure* figure;
};

std::vector<StudyFigure> figures_of(const PolicyOutcome& outcome)
{
    return {{"policy_cost", "usd", &outcome.cost},
            {"policy_cost_in_calm", "usd", &outcome.calm_cost},
            {"price_in_calm_first_24_months", "ratio", &outcome.calm_price},
            {"tonnes_avoided", "t", &outcome.tonnes_avoided},
            {"usd_per_tonne_avoided", "usd_per_t", &outcome.usd_per_tonne},
            {"usd_per_usd_avoided", "usd_per_usd", &outcome.usd_per_usd},
            {"usd_per_es95_point", "usd", &outcome.usd_per_es_point},
            {"regret_of_shortfall_share", "share", &outcome.regret}};
}

}  // namespace

void PolicyTables::add(const Model& model, const RunReport& report,
                       const std::string& resolved_yaml,
                       const std::map<std::string, std::string>& more)
{
    std::vector<Table> all = {{"metrics.csv", metrics_csv(report.summary)},
                         {"paths.csv", paths_csv(model, report.summary)},
                         {"exceedance.csv", exceedance_csv(report.summary)},
                         {"chokepoints.csv", chokepoints_csv(model, report.chokepoints)},
                         {"events.csv", events_csv(report.summary)}};
    for (const auto& [name, text] : more) {
        all.push_back({name, text});
    }
    const bool is_first = tables_.empty();
    for (std::size_t table = 0; table < all.size(); ++table) {
        const std::string& text = all[table].text;
        if (is_first) {
            tables_.push_back(all[table]);
        } else {
            tables_[table].text += text.substr(text.find('\n') + 1);  // without the header
        }
    }
    if (!is_first) {
        resolved_ += "---\n";
    }
    resolved_ += resolved_yaml;
}

void PolicyTables::write(ResultFolder& folder) const
{
    folder.write("scenario.resolved.yaml", resolved_);
    for (const Table& table : tables_) {
        folder.write(table.name, table.text);
    }
}

std::string policies_csv(const PolicyStudy& study)
{
    Lines lines("policy,against,metric,commodity,region,unit,statistic,value,lower,upper,n");
    const auto append = [&](const std::string& policy, const std::string& against,
                            const std::string& metric, const std::string& commodity,
                            const std::string& region, const std::string& unit,
                            const std::string& statistic, const Figure& figure) {
        lines.append("{},{},{},{},{},{},{},{},{},{},{}", csv_text(policy), csv_text(against),
                     metric, commodity, region, unit, statistic, Cell{figure.estimate.value},
                     Cell{figure.estimate.lower}, Cell{figure.estimate.upper}, figure.n);
    };
    const std::string none = study.outcomes.front().policy;
    for (const PolicyOutcome& outcome : study.outcomes) {
        for (const StudyFigure& named : figures_of(outcome)) {
            append(outcome.policy, none, named.metric, "all", study.region, named.unit, "mean",
                   *named.figure);
        }
        Figure on_frontier{.statistic = "is_efficient", .estimate = {}};
        on_frontier.estimate.value = outcome.is_efficient ? 1 : 0;
        on_frontier.n = study.trials;
        append(outcome.policy, none, "frontier", "all", study.region, "1", "is_efficient",
               on_frontier);
    }
    for (std::size_t one = 0; one < study.outcomes.size(); ++one) {
        for (std::size_t other = 0; other < study.outcomes.size(); ++other) {
            if (one != other) {
                append(study.outcomes[one].policy, study.outcomes[other].policy,
                       "shortfall_share", "all", study.region, "share", "probability_beats",
                       study.beats[one][other]);
            }
        }
    }
    for (const PolicyOutcome& outcome : study.outcomes) {
        if (&outcome == &study.outcomes.front()) {
            continue;
        }
        for (const ColumnComparison& of : outcome.columns) {
            const auto row = [&](const std::string& unit, const std::string& statistic,
                                 const Figure& figure) {
                append(outcome.policy, none, of.column.metric, of.column.commodity,
                       of.column.region, unit, statistic, figure);
            };
            row(of.column.unit, "difference", of.difference);
            row(of.column.unit, of.es_difference.statistic, of.es_difference);
            row("share", "probability_lower", of.lower);
            row("share", "probability_higher", of.higher);
            Figure ratio{.statistic = "variance_ratio", .estimate = {}};
            ratio.estimate.value = of.variance_ratio;
            ratio.n = study.trials;
            row("1", "variance_ratio", ratio);
        }
    }
    return lines.take();
}

std::string comparison_json(const Model& model, const PolicyStudy& study,
                            const Provenance& provenance)
{
    Json policies = Json::array();
    for (const PolicyOutcome& outcome : study.outcomes) {
        Json entry = {{"policy", outcome.policy},
                      {"shortfall_share", json_of(outcome.shortfall_share)},
                      {"shortfall_share_es95", json_of(outcome.es_shortfall_share)}};
        for (const StudyFigure& named : figures_of(outcome)) {
            entry[named.metric] = json_of(*named.figure);
        }
        entry["is_efficient"] = outcome.is_efficient;
        for (const ColumnComparison& of : outcome.columns) {
            if (of.column.metric == "shortfall_share" && of.column.commodity == "all"
                && of.column.region == study.region) {
                entry["shortfall_share_difference"] = json_of(of.difference);
                entry["shortfall_share_es95_difference"] = json_of(of.es_difference);
                entry["helps"] = json_of(of.lower);
                entry["harms"] = json_of(of.higher);
                entry["variance_ratio"] = json_number<Json>(of.variance_ratio);
            }
        }
        entry["users_bill_difference"] = json_of(outcome.users_bill);
        entry["other_bill_difference"] = json_of(outcome.other_bill);
        entry["world_bill_difference"] = json_of(outcome.world_bill);
        policies.push_back(std::move(entry));
    }
    const Json summary = {{"schema", 1},
                          {"command", "compare"},
                          {"scenario", model.name},
                          {"trials", study.trials},
                          {"seed", provenance.seed},
                          {"region", study.region},
                          {"policies", policies},
                          {"warnings", provenance.warnings}};
    return summary.dump(2) + "\n";
}

std::string chokepoint_values_csv(const Model& model, const std::vector<RoomValue>& rooms)
{
    Lines lines("commodity,layer,kind,from,to,room_t_per_month,figure,unit,value,lower,upper,n");
    for (const RoomValue& room : rooms) {
        const CappableArc& arc = model.cappable_arcs[room.arc];
        const auto append = [&](const char* name, const char* unit, const Figure& figure) {
            lines.append("{},{},{},{},{},{},{},{},{},{},{},{}",
                         model.commodities[arc.commodity.index()].name,
                         model.stages[arc.stage.index()], kind_name(arc.kind),
                         model.regions[arc.from.index()], arc_target(model, arc),
                         room.room_t_per_month, name, unit, Cell{figure.estimate.value},
                         Cell{figure.estimate.lower}, Cell{figure.estimate.upper}, figure.n);
        };
        append("marginal_value", "usd_per_t", room.marginal_value);
        append("marginal_value_left", "usd_per_t", room.left_value);
        append("shortfall_avoided", "t_per_t", room.shortfall_avoided);
        append("bill_saved", "usd_per_t", room.bill_saved);
        append("users_surplus", "usd_per_t", room.surplus);
    }
    return lines.take();
}

void write_comparison(const Model& model, const PolicyStudy& study,
                      const std::vector<RoomValue>& rooms, const PolicyTables& tables,
                      const Provenance& provenance, ResultFolder& folder,
                      const std::map<std::string, std::string>& more)
{
    tables.write(folder);
    for (const auto& [name, content] : more) {
        folder.write(name, content);
    }
    folder.write("policies.csv", policies_csv(study));
    if (!rooms.empty()) {
        folder.write("chokepoint_values.csv", chokepoint_values_csv(model, rooms));
    }
    folder.write("summary.json", comparison_json(model, study, provenance));
    finish_folder(model, study.trials, provenance, folder);
}

}  // namespace chokepoint
