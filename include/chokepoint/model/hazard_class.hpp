#pragma once

#include "chokepoint/model/model.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chokepoint {

/// The classes of what may go wrong.
enum class HazardClass : std::size_t {
    restrictions,   ///< Sampled export restrictions, with what they provoke.
    outages,        ///< Failures of single facilities.
    common_causes,  ///< Shocks to several facilities.
    price_shocks,
    scripted_restrictions,  ///< Events of every trial.
    scripted_outages,
};
inline constexpr std::array<std::string_view, 6> hazard_class_names = {
    "export_restrictions", "outages", "common_causes", "price_shocks", "scripted", "scripted"};

/// An entry of the scenario that may bring something: its class, its position in the model's
/// list (of outages, in outage_sources), its name.
struct HazardEntry {
    HazardClass hazard;
    std::size_t position;
    std::string name;
};

/// All of them, class by class.
std::vector<HazardEntry> hazard_entries(const Model& model);

/// The model in which these bring nothing: thinned to nothing, so that all else is drawn as
/// before. Standing measures stay.
Model without_hazards(const Model& model, std::span<const HazardEntry> silent);

}  // namespace chokepoint
