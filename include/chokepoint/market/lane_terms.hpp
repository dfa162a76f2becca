#pragma once

#include <span>
#include <vector>

#include "chokepoint/events/shock.hpp"
#include "chokepoint/market/lane_parameters.hpp"
#include "chokepoint/market/layered_network.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/support/lane_array.hpp"

namespace chokepoint {

/// What the curves of one commodity's network are made of in one month, of trials side by side:
/// [entity * lanes + lane], tonnes a month at price ratio 1.
struct CommodityTerms {
    LaneArray<double> exponent;                    ///< By power of the network.
    LaneArray<double> log_floor, log_choke;        ///< One row each.
    LaneArray<double> available, utilisation;      ///< By supply of the network.
    LaneArray<double> cap;                         ///< By stage * regions + region: its plants.
    LaneArray<double> stage_order, stage_draw;     ///< By stockpile of the network.
    LaneArray<double> consumption, order, refill;  ///< By region: demands of its users.
    LaneArray<double> own_stock;  ///< By region: what they draw from their own stock.
    LaneArray<double> release;    ///< By region: what reserves give them.
};

/// The same for all commodities, and what reserves do.
struct LaneTerms {
    std::vector<CommodityTerms> of;       ///< By commodity.
    LaneArray<double> release, refill;    ///< By reserve, t.
    std::vector<LaneArray<double>> part;  ///< By reserve, [member * lanes + lane]: of
                                          ///< its release, by consumption at month 0.
    LaneArray<double> availability;       ///< By facility: the share of capacity it has.
    LaneArray<double> room;               ///< Same: what it could make.
    LaneArray<double> demand_shift, supply_shift, quoted_shift;  ///< By cell; empty: none.
};

/// Makes room, and sets what does not change within a run.
void start_terms(const Model& model, std::span<const LayeredNetwork> networks,
                 const LaneParameters& parameters, LaneTerms& terms);

/// What facilities can make this month, what users want, what reserves do.
/// \param shocks       By lane.
/// \param need_factor  Receives Clearing::need_factor.
void set_terms(const Model& model, std::span<const LayeredNetwork> networks,
               const LaneParameters& parameters, std::span<const Shock* const> shocks,
               const MarketState& state, LaneTerms& terms, LaneArray<double>& need_factor);

}  // namespace chokepoint
