#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chokepoint/scenario/scenario.hpp"
#include "section.hpp"

namespace chokepoint {

/// The scenario that a tree describes. Everything wrong with it is complained about; the result
/// is of use only if nothing was.
Scenario bind_scenario(const YamlNode& root, Reading& reading);

/// Binds `standing_measures` and `hazards`; facilities and alliances are bound already.
void bind_hazards(const Section& top, Scenario& scenario);

/// Binds `hazards.price_shocks`; commodities are bound already.
void bind_price_shocks(const Section& hazards, Scenario& scenario);

// Each binds the keys that it is named after; what stands before it in bind_scenario() is
// bound.

void bind_facilities(const Section& top, Scenario& scenario);
void bind_stocks(const Section& top, Scenario& scenario);
void bind_reserves(const Section& top, Scenario& scenario);
void bind_recycling(const Section& top, Scenario& scenario);
void bind_policy_costs(const Section& top, Scenario& scenario);

/// Binds the growth of demand or of a facility. Warns of years that the scenario does not have.
GrowthEntry bind_growth(const Section& section, const Scenario& scenario);

/// Adds an entry's name to a vocabulary that later keys refer to.
void introduce(const std::string& name, const Section& entry, Vocabulary& vocabulary);

/// The regions that the name of a region or alliance stands for; nothing, after a complaint, if
/// there is none such.
std::vector<std::string> regions_called(const NameInList& name, const Scenario& scenario,
                                        Reading& reading);

/// The value of a number that is written and fixed; nothing otherwise.
std::optional<double> fixed_value(const Number& number);

/// Where the chain of a commodity ends; empty if that is not known.
std::string last_stage_of(const std::string& commodity, const Scenario& scenario);

/// True unless the chain of the commodity is known to end before the stage.
bool chain_reaches(const std::string& commodity, const std::string& stage,
                   const Scenario& scenario);

/// Complains about a key that names a stage beyond the end of the commodity's chain.
void check_chain_reaches(const Section& section, std::string_view key,
                         const std::string& commodity, const std::string& stage,
                         const Scenario& scenario);

/// True if facilities like this one put out the commodity: it is among the outputs, or the
/// facility takes the baseline's basket.
bool puts_out(const FacilityEntry& facility, const std::string& commodity,
              const Scenario& scenario);

/// True unless the facility's capacity is known to be 0.
bool has_capacity(const FacilityEntry& facility);

}  // namespace chokepoint
