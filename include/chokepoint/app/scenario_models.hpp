#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace chokepoint {

/// A scenario under policies, and what it means with and without them.
struct ScenarioModels {
    Scenario scenario;
    std::vector<Diagnostic> warnings;  ///< Of reading and of building.
    std::unique_ptr<const Model> model;
    std::unique_ptr<const Model> without;  ///< Null if there are no policies.

    std::string without_yaml;  ///< The scenario without policies; empty if there are none.

    /// For the reference run (RunSettings::calm).
    const Model* calm() const { return without.get(); }
};

/// Reads a scenario with policies over it.
/// \throws InputError, FileError
/// \throws NameError  for policies where uncertain numbers are Sobol' points: a policy's own
///                    numbers would move those of others.
ScenarioModels read_models(const std::filesystem::path& file,
                           const std::vector<std::string>& overrides,
                           const std::vector<std::filesystem::path>& policies);

/// The same of a scenario that is read more than once.
ScenarioModels read_models(const ParsedScenario& parsed,
                           const std::vector<std::string>& overrides,
                           const std::vector<std::filesystem::path>& policies);

}  // namespace chokepoint
