#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "chokepoint/market/lane_parameters.hpp"
#include "chokepoint/market/lane_terms.hpp"
#include "chokepoint/market/layered_network.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/support/lane_array.hpp"

namespace chokepoint {

/// Clears the months in which a commodity is one price zone, of trials side by side
/// (docs/model.md section 2): with every trade arc open all goods between two stages are one
/// pool, so a price, sums by stage and shares by capacity say all. Each lane's result is its
/// own: no bit of it depends on its neighbours, nor on how many there are.
class PooledMarket {
public:
    /// \param model, networks  Must outlive the market.
    PooledMarket(const Model& model, std::span<const LayeredNetwork> networks);

    /// Begins a run with prices of month 0.
    void start(const LaneParameters& parameters);

    /// Clears a commodity as if nothing were capped but its plants.
    ///
    /// \param clearing  Receives the commodity's part, in all lanes.
    /// \param holds     By lane: 1 where that is an equilibrium within floor and choke; else 0,
    ///                  and what was written there means nothing.
    void clear(std::size_t commodity, const LaneTerms& terms, const MarketState& state,
               Clearing& clearing, std::span<double> holds);

    /// Reads the flows of the commodity's arcs anew in a lane, from what plants put through and
    /// regions export there.
    void read_arcs(std::size_t commodity, std::size_t lane, Clearing& clearing) const;

    /// By lane: the root of `clear`, where the next month's search begins.
    std::span<double> price(std::size_t commodity);

private:
    /// A supply term, a user region or a stock of plants, and the rows that they are made of.
    struct Supply {
        std::size_t term;  ///< Row of CommodityTerms::available.
        std::uint32_t power;
        std::size_t at;  ///< stage * regions + region
        bool is_flat;    ///< The same at any price.
    };
    struct User {
        std::size_t region;
        std::uint32_t consumption_power, order_power;
        bool buys_for_reserves;
    };
    struct Stockpile {
        std::size_t term;  ///< Row of CommodityTerms::stage_order.
        std::size_t at;
        std::size_t position;  ///< In model.stage_stocks.
        std::uint32_t power;
    };
    struct Arc {
        std::size_t position;  ///< In model.cappable_arcs.
        CappableArc::Kind kind;
        std::size_t at;     ///< stage * regions + region of the exporter
        std::size_t share;  ///< Of those to one importer: row of `trade_share`.
    };
    struct Commodity {
        std::vector<Supply> supplies;
        std::vector<User> users;
        std::vector<Stockpile> stockpiles;
        std::vector<Arc> arcs;
        std::vector<std::size_t> origins;  ///< stage * regions + region where something leaves.
        std::vector<std::size_t> plants;   ///< stage * regions + region, in order.
        std::vector<std::uint32_t> moving_powers;  ///< Those that are not 1 at any price.
        LaneArray<double> price;                   ///< By lane.
        LaneArray<double> power;                   ///< By power of the network: e^{k x}.
        LaneArray<double> trade_share;  ///< By importer's arc: of the exporter's trade.
    };

    void list_supplies(std::size_t commodity);
    void list_users(std::size_t commodity);
    void list_places(std::size_t commodity);
    void list_arcs(std::size_t commodity);
    void find_root(std::size_t commodity, const CommodityTerms& terms, double* holds);
    void add_curves(std::size_t commodity, const CommodityTerms& terms);
    void set_powers(std::size_t commodity, const CommodityTerms& terms, const double* moved);
    void pass_stages(std::size_t commodity, const CommodityTerms& terms, Clearing& clearing,
                     double* above, double* holds);
    void serve_users(std::size_t commodity, const CommodityTerms& terms,
                     const MarketState& state, const double* reaching, Clearing& clearing,
                     double* holds);
    void fill_reserves(std::size_t commodity, const LaneTerms& terms, Clearing& clearing);
    void read_flows(std::size_t commodity, Clearing& clearing);
    const double* intake(std::size_t commodity, std::size_t stage, std::size_t region,
                         const Clearing& clearing);
    std::size_t layer_row(std::size_t commodity, std::size_t at) const;

    const Model* model_;
    std::span<const LayeredNetwork> networks_;
    std::size_t lanes_ = 0;
    std::vector<Commodity> commodities_;
    // Rows of the commodity at hand.
    LaneArray<double> flat_;        ///< One row: what comes in at any price.
    LaneArray<double> balance_;     ///< Six rows: in, out and their derivatives.
    LaneArray<double> own_supply_;  ///< By stage * regions + region: mined or recycled, t.
    LaneArray<double> net_draw_;    ///< Same: drawn from plants' stocks less put in.
    LaneArray<double> intake_;      ///< One row.
};

}  // namespace chokepoint
