#pragma once

#include "chokepoint/results/write_results.hpp"

#include <string>

namespace chokepoint {

/// A run on one screen: shortfall and price impact of each commodity for the groups of regions,
/// the most valuable chokepoints, warnings, where the results lie. At most 100 columns wide.
std::string headline_text(const Model& model, const RunReport& report,
                          const Provenance& provenance, const std::string& folder);

}  // namespace chokepoint
