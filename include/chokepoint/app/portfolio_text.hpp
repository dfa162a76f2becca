#pragma once

#include "chokepoint/app/commands.hpp"
#include "chokepoint/portfolio/book.hpp"
#include "chokepoint/results/portfolio_files.hpp"
#include "chokepoint/results/write_results.hpp"
#include "chokepoint/study/portfolio_risk.hpp"
#include "chokepoint/study/reverse_stress.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chokepoint {

/// A portfolio's risk on one screen: losses of positions and of all, what brings the tail,
/// limits, what separates the trials beyond them. At most 100 columns wide.
std::string portfolio_text(const Model& model, const RunReport& report, const Book& book,
                           const std::optional<ReverseStress>& stress,
                           const RunOptions& options, const Provenance& provenance);

/// The loss of each position in each scenario: mean and ES at 95 %.
std::string stress_text(const std::vector<StressedScenario>& scenarios);

}  // namespace chokepoint
