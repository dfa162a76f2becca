#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "chokepoint/market/network.hpp"
#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// Stands for a node or arc that the commodity does not need.
inline constexpr std::uint32_t absent = std::numeric_limits<std::uint32_t>::max();

/// One commodity's network of stages: for each region mine → plants → use, where the output of
/// each stage reaches the home market directly and other regions through one *export node*, so
/// that a cap on all exports is one arc and a cap on one importer another. No region
/// re-exports. Where no measure of the model caps all exports, trade leaves the stage directly.
/// Exporters that no measure may cap towards single importers share one node of the *world
/// market*, whose arcs are all open.
///
/// Recycling joins the output of its stage, also in regions without facilities there.
///
/// Positions are [stage * regions + region]; of trade arcs [(stage * regions + from) * regions
/// + to]. Regions with neither facilities nor recycling at a stage have no nodes there.
struct LayeredNetwork {
    /// One facility's output of the commodity at the first stage.
    struct Mine {
        std::size_t facility = 0;
        std::size_t supply = 0;  ///< Position in network.supplies.
        std::size_t output = 0;  ///< Position in baseline.share[facility].
    };
    /// One entry of `recycling`.
    struct Recycler {
        std::size_t entry = 0;  ///< Position in model.recycling.
        std::uint32_t node = 0;
        std::size_t supply = 0;  ///< Position in network.supplies.
    };
    /// One entry of model.stage_stocks.
    struct Stockpile {
        std::size_t position = 0;  ///< In model.stage_stocks.
        std::size_t at = 0;        ///< stage * regions + region.
    };
    /// One facility's room for the commodity at a later stage.
    struct Plant {
        std::size_t facility = 0;
        std::size_t output = 0;  ///< Position in baseline.share[facility].
        std::uint32_t arc = absent;
    };
    /// An exponent of the network: factor times a number of the trial.
    struct PowerOf {
        Slot slot;
        double factor = 1;
    };

    Network network;
    std::vector<PowerOf> powers;                       ///< By position in network.exponents.
    std::vector<std::uint32_t> out_node, export_node;  ///< [stage * regions + region]
    std::vector<std::uint32_t> in_node;                ///< same; stage 0 has none
    std::vector<std::uint32_t> use_node;               ///< [region]
    std::vector<std::uint32_t> export_arc, plant_arc;  ///< [stage * regions + region]
    std::vector<std::uint32_t> world_arc;  ///< same; to the node of the world market
    std::vector<std::uint32_t> trade_arc;  ///< Of exporters that are not on the world market.
    std::vector<std::uint32_t> cappable_arcs;  ///< Every export and trade arc there is.
    std::vector<Mine> mines;
    std::vector<Plant> plants;
    std::vector<Recycler> recyclers;
    std::vector<Stockpile> stockpiles;
    std::uint32_t refill_power = 0;          ///< Of what reserves buy.
    std::vector<std::uint32_t> curve_nodes;  ///< Nodes that supply or demand.
};

/// Positions of a use node's demand terms.
enum UseTerm : std::uint32_t { consumption_term, order_term, refill_term, use_terms };

/// The network's shape, and which exponent each term has; the numbers are a month's
/// (`TrialMarket::load`). Numbers that are the same in all trials share an exponent if they are
/// equal.
LayeredNetwork build_layered_network(const Model& model, CommodityId commodity);

}  // namespace chokepoint
