#include "chokepoint/results/attribution_files.hpp"

#include "csv_lines.hpp"
#include "json_pieces.hpp"

namespace chokepoint {
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
                              {"mean", json_of(share.mean)},
                              {"es99", json_of(share.es)}});
        }
        metrics.push_back({{"metric", of.column.metric},
                           {"commodity", of.column.commodity},
                           {"region", of.column.region},
                           {"unit", of.column.unit},
                           {"shares", shares},
                           {"mean", json_of(of.attribution.mean)},
                           {"es99", json_of(of.attribution.es)}});
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
