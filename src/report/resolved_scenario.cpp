#include "resolved_scenario.hpp"

#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <utility>
#include <vector>

namespace chokepoint {
namespace {

/// The scenario without its record, which lies in another file.
std::string without_record(const std::string& yaml)
{
    const std::size_t begin = yaml.starts_with("observed:") ? 0 : yaml.find("\nobserved:") + 1;
    if (begin == 0 && !yaml.starts_with("observed:")) {
        return yaml;
    }
    std::size_t end = yaml.find('\n', begin);
    while (end != yaml.npos && end + 1 < yaml.size() && yaml[end + 1] == ' ') {
        end = yaml.find('\n', end + 1);
    }
    return yaml.substr(0, begin) + (end == yaml.npos ? "" : yaml.substr(end + 1));
}

}  // namespace

std::optional<ResolvedScenario> resolved_scenario(const FileReader& read)
{
    const auto yaml = read("scenario.resolved.yaml");
    if (!yaml) {
        return std::nullopt;
    }
    try {
        // Of a comparison the first: the scenario without policies.
        const std::string first = yaml->substr(0, yaml->find("\n---\n"));
        Scenario scenario =
            read_scenario_text(without_record(first + "\n"), "scenario.resolved.yaml");
        std::vector<Diagnostic> known;
        ModelDescription model = describe(build_model(scenario, known));
        return ResolvedScenario{std::move(scenario), std::move(model)};
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace chokepoint
