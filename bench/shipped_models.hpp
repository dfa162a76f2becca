#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace chokepoint {

inline constexpr std::uint64_t seed = 1;

inline const std::filesystem::path& scenario_folder()
{
    static const std::filesystem::path folder = CHOKEPOINT_SOURCE_DIR "/scenarios";
    return folder;
}

/// Names of all scenarios that come with the program, the files' without `.yaml`, sorted.
inline std::vector<std::string> shipped_scenarios()
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(scenario_folder())) {
        if (entry.path().extension() == ".yaml") {
            names.push_back(entry.path().stem().string());
        }
    }
    std::ranges::sort(names);
    return names;
}

/// The model of a scenario that comes with the program, read when first asked for.
/// \param overrides  As `--set` has them.
inline const Model& shipped_model(const std::string& name,
                                  const std::vector<std::string>& overrides = {})
{
    using Key = std::pair<std::string, std::vector<std::string>>;
    static std::map<Key, Model> models;
    const auto known = models.find(Key{name, overrides});
    if (known != models.end()) {
        return known->second;
    }
    std::vector<Diagnostic> warnings;
    const Scenario scenario = read_scenario(scenario_folder() / (name + ".yaml"), overrides);
    return models.emplace(Key{name, overrides}, build_model(scenario, warnings)).first->second;
}

}  // namespace chokepoint
