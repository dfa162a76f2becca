#include "chokepoint/results/attribution_files.hpp"

#include "chokepoint/results/json_number.hpp"
#include "csv_lines.hpp"

#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto number = json_number<Json>;

Json figure_json(const Figure& figure)
{
    return {{"value", number(figure.estimate.value)},
            {"lower", number(figure.estimate.lower)},
            {"upper", number(figure.estimate.upper)},
            {"n", figure.n}};
}

}  // namespace

std::string attribution_csv(const Model& model, const std::vector<NamedAttribution>& all)
{
    Lines lines("policy,metric,commodity,region,unit,hazard,statistic,value,lower,upper,n");
    const std::string policy = csv_text(model.policy);
    for (const NamedAttribution& of : all) {
        const auto append = [&](const std::string& hazard, const Figure& figure) {
            lines.append("{},{},{},{},{},{},{},{},{},{},{}", policy, of.column.metric,
                         of.column.commodity, of.column.region, of.column.unit, hazard,
                         figure.statistic, Cell{figure.estimate.value},
                         Cell{figure.estimate.lower}, Cell{figure.estimate.upper}, figure.n);
        };
        for (const ShareOf& share : of.attribution.shares) {
            append(share.player, share.mean);
            append(share.player, share.es);
        }
        append("all", of.attribution.mean);
        append("all", of.attribution.es);
    }
    return lines.take();
}

std::string attribution_json(const Model& model, const std::vector<NamedAttribution>& all,
                             std::uint64_t trials, const Provenance& provenance)
{
    Json metrics = Json::array();
    for (const NamedAttribution& of : all) {
        Json shares = Json::array();
        for (const ShareOf& share : of.attribution.shares) {
            shares.push_back({{"hazard", share.player},
                              {"mean", figure_json(share.mean)},
                              {"es99", figure_json(share.es)}});
        }
        metrics.push_back({{"metric", of.column.metric},
                           {"commodity", of.column.commodity},
                           {"region", of.column.region},
                           {"unit", of.column.unit},
                           {"shares", shares},
                           {"mean", figure_json(of.attribution.mean)},
                           {"es99", figure_json(of.attribution.es)}});
    }
    const Json summary = {{"schema", 1},
                          {"command", "attribute"},
                          {"scenario", model.name},
                          {"policy", model.policy},
                          {"trials", trials},
                          {"seed", provenance.seed},
                          {"metrics", metrics},
                          {"warnings", provenance.warnings}};
    return summary.dump(2) + "\n";
}

void write_attribution(const Model& model, const std::vector<NamedAttribution>& all,
                       std::uint64_t trials, const Provenance& provenance, ResultFolder& folder)
{
    folder.write("scenario.resolved.yaml", provenance.resolved_yaml);
    folder.write("attribution.csv", attribution_csv(model, all));
    folder.write("summary.json", attribution_json(model, all, trials, provenance));
    finish_folder(model, trials, provenance, folder);
}

}  // namespace chokepoint
