#pragma once

#include "chokepoint/results/write_results.hpp"
#include "chokepoint/study/attribution.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chokepoint {

/// The level of the tail that attributions speak of.
inline constexpr double attribution_level = 0.99;

struct NamedAttribution {
    Column column;
    Attribution attribution;
};

/// The content of attribution.csv.
std::string attribution_csv(const Model& model, const std::vector<NamedAttribution>& all);

/// The content of summary.json of an attribution.
std::string attribution_json(const Model& model, const std::vector<NamedAttribution>& all,
                             std::uint64_t trials, const Provenance& provenance);

/// Writes scenario.resolved.yaml, attribution.csv and summary.json, and finishes the folder.
/// \throws WriteError
void write_attribution(const Model& model, const std::vector<NamedAttribution>& all,
                       std::uint64_t trials, const Provenance& provenance,
                       ResultFolder& folder);

}  // namespace chokepoint
