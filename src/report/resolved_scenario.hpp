#pragma once

#include "chokepoint/report/page.hpp"
#include "chokepoint/scenario/scenario.hpp"

#include <optional>

namespace chokepoint {

/// The scenario of a folder of results, without its record; of a comparison the one without
/// policies; nothing if there is none, or one that cannot be read.
std::optional<Scenario> resolved_scenario(const FileReader& read);

}  // namespace chokepoint
