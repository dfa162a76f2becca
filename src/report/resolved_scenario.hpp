#pragma once

#include "chokepoint/model/describe.hpp"
#include "chokepoint/report/page.hpp"
#include "chokepoint/scenario/scenario.hpp"

#include <optional>

namespace chokepoint {

/// The scenario of a folder of results, and what it means.
struct ResolvedScenario {
    Scenario scenario;
    ModelDescription model;
};

/// Without its record; of a comparison the one without policies; nothing if there is none, or
/// one that cannot be read.
std::optional<ResolvedScenario> resolved_scenario(const FileReader& read);

}  // namespace chokepoint
