#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cstddef>
#include <vector>

namespace chokepoint {

/// Months in succession in which an arc holds a wider price gap than in the reference run. Gaps
/// (Path::arc_gap) are in price ratio units: times the commodity's reference price they are
/// USD/kg.
struct BindingSpell {
    std::size_t arc = 0;                          ///< Position in Model::cappable_arcs.
    std::size_t first_month = 0, last_month = 0;  ///< Both belong to it.
    double largest_gap = 0;
    double undisturbed_gap = 0;  ///< Of the reference run in the month of the largest gap.
    double flow = 0, undisturbed_flow = 0;  ///< Means over its months, t/month.
    double rent = 0;                        ///< Sum of P_ref * gap * flow, USD.
    /// Sum of P_ref * (gap - undisturbed gap) * the larger flow of the two runs, USD: what the
    /// widening is worth on all that passes or would have passed.
    double worth = 0;

    std::size_t months() const { return last_month - first_month + 1; }
};

/// What bound in a trial that did not bind as hard in its reference run: each maximal spell, in
/// falling order of worth.
std::vector<BindingSpell> binding_spells(const Model& model, const TrialRecord& record);

}  // namespace chokepoint
