#pragma once

#include "chokepoint/app/held_portfolio.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/results/attribution_files.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace chokepoint {

/// What is attributed to hazards, and how.
struct AttributionRequest {
    bool by_hazard = false;            ///< Each entry, at most eight; else by class.
    std::vector<std::string> metrics;  ///< None: the portfolio's loss, or the usual ones.
    bool quiet = false;
};

/// Runs every combination of the hazards on the same random numbers and takes the metrics
/// apart; nothing if it was stopped.
///
/// \throws NameError    if there are no hazards or too many, a metric is not known, or the
///                      scenario's trials are not drawn plainly.
/// \throws MemoryError  if not all values fit.
std::optional<std::vector<NamedAttribution>> attribute_to_hazards(
    const ScenarioModels& models, const std::optional<HeldPortfolio>& held,
    RunSettings settings, const AttributionRequest& request, std::stop_token stop);

/// Tables for a terminal.
std::string attribution_text(const Model& model, const std::vector<NamedAttribution>& all,
                             std::uint64_t trials, std::uint64_t seed);

}  // namespace chokepoint
