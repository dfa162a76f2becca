#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "chokepoint/market/curves.hpp"
#include "chokepoint/market/lane_terms.hpp"
#include "chokepoint/market/layered_network.hpp"
#include "chokepoint/market/network.hpp"
#include "chokepoint/market/zone_solver.hpp"
#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// A commodity's network of a month in which only these trade arcs are capped: nodes that open
/// arcs make one market are one node, so a handful is left of some fifty.
///
/// Of a layer without capped arcs, all that its exporters offer and its importers take is one
/// pool. Where all exports of some are capped, each of these keeps a node for its output and
/// its home market, and the rest is another. Where arcs to single importers are capped,
/// exporters under a cap, the others, importers behind a cap and the others are nodes, so that
/// none ships on what another may not have. Plants between the same two nodes add up.
///
/// Equal to the whole network as long as users buy, that is want more than they have in their
/// stock and get from reserves; `users_buy` tells. Not for commodities whose plants keep
/// stocks.
class ContractedNetwork {
public:
    /// \param capped  Positions of arcs of the whole network, upwards.
    ContractedNetwork(const Model& model, CommodityId commodity, const LayeredNetwork& whole,
                      std::vector<std::uint32_t> capped);

    /// True if it is for these caps.
    bool is_for(std::span<const std::uint32_t> capped) const;

    /// Takes over the month's numbers.
    /// \param caps  In the order of the capped arcs.
    void load(const CommodityTerms& terms, std::size_t lanes, std::size_t lane,
              std::span<const double> caps);

    const Network& network() const { return network_; }

    /// False if some user would sell at these prices, so that they mean nothing.
    ///
    /// \param whole  The whole network, whose powers are the same, and are wanted again.
    bool users_buy(const CommodityTerms& terms, std::size_t lanes, std::size_t lane,
                   const ZonePrices& prices, const Network& whole, KnownPowers& known) const;

    /// Prices and flows of the whole network: between zones exactly, within one in proportion
    /// to the plants' room. \param network  The whole, with this month's caps.
    void spread(const ZonePrices& prices, const Network& network, ZonePrices& whole) const;

private:
    struct Supply {
        std::uint32_t term;  ///< Row of CommodityTerms::available.
        std::uint32_t node;
        std::uint32_t to;  ///< Of those that answer to prices: position in network_.supplies.
    };
    struct User {
        std::uint32_t region, node;
        std::uint32_t consumption, order, refill;  ///< Positions in network_.demands.
        std::uint32_t consumption_power, order_power;
    };
    struct Plant {
        std::uint32_t at;   ///< stage * regions + region
        std::uint32_t arc;  ///< In the whole network.
        std::uint32_t to;   ///< In network_.
    };

    void contract_layer(const Model& model, CommodityId commodity, const LayeredNetwork& whole,
                        std::size_t stage);
    struct Layer;
    void add_markets(Layer& layer);
    void add_exporter(const Layer& layer, std::size_t from);
    void add_terms(const Model& model, const LayeredNetwork& whole);
    void add_supplies(const Model& model, const LayeredNetwork& whole, std::uint32_t node);
    void add_demands(const Model& model, const LayeredNetwork& whole, std::uint32_t node);
    void add_plants(const Model& model, CommodityId commodity, const LayeredNetwork& whole);
    std::uint32_t new_node();
    std::uint32_t new_arc(std::uint32_t from, std::uint32_t to);
    /// Where a capped arc of the whole network stands in `capped_`; `absent` if it is open.
    std::uint32_t cap_of(std::uint32_t arc) const;

    std::vector<std::uint32_t> capped_;
    Network network_;
    std::vector<std::uint32_t> node_of_;     ///< By node of the whole network.
    std::vector<std::uint32_t> arc_of_cap_;  ///< By capped arc: in network_.
    std::vector<Supply> flat_, curved_;
    std::vector<User> users_;
    std::vector<Plant> plants_;
};

}  // namespace chokepoint
