#pragma once

#include <span>
#include <vector>

#include "chokepoint/events/shock.hpp"
#include "chokepoint/market/lane_parameters.hpp"
#include "chokepoint/market/layered_network.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// What the curves of one commodity's network are made of in one month, of trials side by side:
/// [entity * lanes + lane], tonnes a month at price ratio 1.
struct CommodityTerms {
    std::vector<double> exponent;                 ///< By power of the network.
    std::vector<double> log_floor, log_choke;     ///< One row each.
    std::vector<double> available, utilisation;   ///< By supply of the network.
    std::vector<double> cap;                      ///< By stage * regions + region: its plants.
    std::vector<double> stage_order, stage_draw;  ///< By stockpile of the network.
    std::vector<double> consumption, order, refill;  ///< By region: demands of its users.
    std::vector<double> own_stock;  ///< By region: what they draw from their own stock.
    std::vector<double> release;    ///< By region: what reserves give them.
};

/// The same for all commodities, and what reserves do.
struct LaneTerms {
    std::vector<CommodityTerms> of;         ///< By commodity.
    std::vector<double> release, refill;    ///< By reserve, t.
    std::vector<std::vector<double>> part;  ///< By reserve, [member * lanes + lane]: of
                                            ///< its release, by consumption at month 0.
    std::vector<double> room;               ///< By facility: what it could make.
    std::vector<double> demand_shift, supply_shift, quoted_shift;  ///< By cell; empty: none.
};

/// Makes room, and sets what does not change within a run.
void start_terms(const Model& model, std::span<const LayeredNetwork> networks,
                 const LaneParameters& parameters, LaneTerms& terms);

/// What facilities can make this month, what users want, what reserves do.
/// \param shocks       By lane.
/// \param need_factor  Receives Clearing::need_factor.
void set_terms(const Model& model, std::span<const LayeredNetwork> networks,
               const LaneParameters& parameters, std::span<const Shock* const> shocks,
               const MarketState& state, LaneTerms& terms, std::vector<double>& need_factor);

}  // namespace chokepoint
