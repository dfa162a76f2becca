#pragma once

#include "chokepoint/engine/summarise.hpp"
#include "chokepoint/model/model.hpp"

#include <vector>

namespace chokepoint {

/// What a run says of one cappable arc.
struct Chokepoint {
    CappableArc arc;
    Figure binding;              ///< Share of months in which it binds, mean over trials: -+
                                 ///< 1.96 standard errors within [0, 1]; the Wilson interval
                                 ///< where all trials give 0, or all give 1.
    Figure ever_binding;         ///< Probability that it binds in some month.
    Figure marginal_value;       ///< What one more tonne of room is worth, mean, USD/t.
    Figure tail_marginal_value;  ///< The same over the worst 1 % of trials by the world's
                                 ///< shortfall of all commodities.
    Figure rent;                 ///< Price gap times flow over the horizon, mean, USD.
    Figure flow;                 ///< Mean, t/month.
    Figure tax_revenue;          ///< Of export taxes beyond standing ones, mean, USD.
};

/// Every cappable arc, the most valuable first.
///
/// \param result   Of a run with the chokepoint meter and the shortfall meter.
/// \param threads  Change the time, never a bit of the table.
std::vector<Chokepoint> chokepoint_table(const Model& model, const RunResult& result,
                                         unsigned threads = 1);

/// Whether an arc is a plant, all exports or the trade with one importer, e.g. `exports`.
const char* kind_name(CappableArc::Kind kind);

/// Where goods go over the arc: an importer, `all` for all exports, the plant's own region.
std::string arc_target(const Model& model, const CappableArc& arc);

}  // namespace chokepoint
