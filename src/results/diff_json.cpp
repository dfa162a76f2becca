#include "chokepoint/results/diff.hpp"

#include "json_pieces.hpp"

namespace chokepoint {
namespace {

constexpr int indent = 2;

Json text_or_null(const std::optional<std::string>& text)
{
    return text ? Json(*text) : Json();
}

const char* verdict_name(Verdict verdict)
{
    switch (verdict) {
        case Verdict::same:
            return "same";
        case Verdict::within:
            return "within_error";
        case Verdict::beyond:
            return "beyond_error";
        case Verdict::no_error:
            return "no_error_known";
    }
    return "";
}

Json run_json(const FinishedRun& run)
{
    return {{"folder", run.folder.string()}, {"scenario", run.scenario},
            {"command", run.command},        {"seed", run.seed},
            {"trials", run.trials},          {"version", run.version},
            {"commit", run.commit}};
}

Json changes_json(const std::vector<ChangedKey>& changes)
{
    Json rows = Json::array();
    for (const ChangedKey& change : changes) {
        rows.push_back({{"key", change.path},
                        {"before", text_or_null(change.before)},
                        {"after", text_or_null(change.after)}});
    }
    return rows;
}

Json files_json(const std::vector<FileComparison>& files)
{
    Json rows = Json::array();
    for (const FileComparison& file : files) {
        rows.push_back({{"name", file.name},
                        {"in_before", file.in_before},
                        {"in_after", file.in_after},
                        {"same_bytes", file.same_bytes},
                        {"compared_by_figure", file.by_figure}});
    }
    return rows;
}

Json name_json(const FigureKey& name)
{
    return {{"file", name.file},           {"policy", name.policy}, {"metric", name.metric},
            {"commodity", name.commodity}, {"region", name.region}, {"unit", name.unit},
            {"statistic", name.statistic}};
}

Json names_json(const std::vector<FigureKey>& names)
{
    Json rows = Json::array();
    for (const FigureKey& name : names) {
        rows.push_back(name_json(name));
    }
    return rows;
}

Json estimate_json(const Estimate& estimate)
{
    return {{"value", json_number<Json>(estimate.value)},
            {"lower", json_number<Json>(estimate.lower)},
            {"upper", json_number<Json>(estimate.upper)}};
}

Json moves_json(const std::vector<FigureMove>& moves)
{
    Json rows = Json::array();
    for (const FigureMove& move : moves) {
        Json row = name_json(move.name);
        row["before"] = estimate_json(move.before);
        row["after"] = estimate_json(move.after);
        row["shift"] = json_number<Json>(move.shift());
        row["standard_error"] = json_number<Json>(move.standard_error);
        row["z"] = json_number<Json>(move.z);
        row["verdict"] = verdict_name(move.verdict);
        rows.push_back(std::move(row));
    }
    return rows;
}

Json counts_json(const FigureComparison& figures)
{
    return {{"compared", figures.moves.size()},
            {"same", figures.count(Verdict::same)},
            {"within_error", figures.count(Verdict::within)},
            {"beyond_error", figures.count(Verdict::beyond)},
            {"no_error_known", figures.count(Verdict::no_error)},
            {"outside_1.96_errors", figures.outside_interval()},
            {"outside_1.96_errors_by_chance",
             (1 - interval_level) * static_cast<double>(figures.tested())},
            {"only_before", figures.only_before.size()},
            {"only_after", figures.only_after.size()}};
}

}  // namespace

std::string diff_json(const RunDiff& diff)
{
    const Json json = {{"schema", 1},
                       {"before", run_json(diff.before)},
                       {"after", run_json(diff.after)},
                       {"same_inputs", diff.same_inputs()},
                       {"same_results", diff.same_results()},
                       {"settings", changes_json(diff.settings)},
                       {"scenario_keys", changes_json(diff.keys)},
                       {"files", files_json(diff.files)},
                       {"false_discovery_rate", false_discovery_rate},
                       {"counts", counts_json(diff.figures)},
                       {"only_before", names_json(diff.figures.only_before)},
                       {"only_after", names_json(diff.figures.only_after)},
                       {"figures", moves_json(diff.figures.moves)}};
    // Tables may hold any bytes; what is no UTF-8 is replaced.
    return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace chokepoint
