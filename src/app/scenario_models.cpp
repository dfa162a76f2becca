#include "chokepoint/app/scenario_models.hpp"

#include "chokepoint/engine/stop_rule.hpp"

#include <utility>

namespace chokepoint {

ScenarioModels read_models(const std::filesystem::path& file,
                           const std::vector<std::string>& overrides,
                           const std::vector<std::filesystem::path>& policies)
{
    return read_models(ParsedScenario(file), overrides, policies);
}

ScenarioModels read_models(const ParsedScenario& parsed,
                           const std::vector<std::string>& overrides,
                           const std::vector<std::filesystem::path>& policies)
{
    ScenarioModels models;
    models.scenario = parsed.read(overrides, policies);
    models.warnings = models.scenario.warnings;
    models.model = std::make_unique<const Model>(build_model(models.scenario, models.warnings));
    if (policies.empty()) {
        return models;
    }
    if (models.scenario.sampling == Sampling::sobol) {
        throw NameError(
            "policies need plain sampling: Sobol' points of their own numbers would "
            "move those of others (--sampling plain)");
    }
    std::vector<Diagnostic> known;
    const Scenario without = parsed.read(overrides);
    models.without = std::make_unique<const Model>(build_model(without, known));
    models.without_yaml = without.resolved_yaml;
    return models;
}

}  // namespace chokepoint
