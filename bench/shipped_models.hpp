#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace chokepoint {

/// The model of a scenario that comes with the program, read when first asked for.
/// \param name  The file's name without `.yaml`.
inline const Model& shipped_model(const std::string& name)
{
    static std::map<std::string, Model> models;
    const auto known = models.find(name);
    if (known != models.end()) {
        return known->second;
    }
    const std::filesystem::path folder = CHOKEPOINT_SOURCE_DIR "/scenarios";
    std::vector<Diagnostic> warnings;
    return models.emplace(name, build_model(read_scenario(folder / (name + ".yaml")), warnings))
        .first->second;
}

}  // namespace chokepoint
