#pragma once

#include "chokepoint/scenario/scenario.hpp"
#include "reading.hpp"
#include "yaml_tree.hpp"

namespace chokepoint {

/// Lays a policy's levers over a scenario's tree, each in its turn (docs/policy-format.md): what
/// they write is read with the rest. Everything wrong with the policy is complained about, also a
/// lever that reaches nothing.
///
/// \param policy    The policy file's tree.
/// \param base      What the scenario says without policies.
/// \param reading   Of the base: its names are known. Receives those that levers add.
/// \param scenario  Changed.
void apply_levers(const YamlNode& policy, const Scenario& base, Reading& reading,
                  YamlNode& scenario);

}  // namespace chokepoint
