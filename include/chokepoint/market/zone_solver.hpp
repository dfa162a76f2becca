#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "chokepoint/market/curves.hpp"
#include "chokepoint/market/network.hpp"

namespace chokepoint {

/// Prices and flows that clear a network.
///
/// Prices are log ratios on the *rationing coordinate*: beyond ln(choke) demand is scaled by
/// e^{−(x − ln choke)}, below ln(floor) supply by e^{x − ln floor}. Clamp them to report a
/// price.
struct ZonePrices {
    std::vector<double> x;            ///< By node. In: where to start; out: the price.
    std::vector<std::uint32_t> zone;  ///< By node: nodes of one zone share a price.
    std::vector<double> flow;         ///< By arc; inside a zone one of many possible.
    std::vector<double> slope;        ///< By zone: d(net supply)/dx >= 0.
    std::vector<bool> supplied;       ///< By zone: false if nothing at all comes in.
    double single_zone = 0;           ///< In and out: the price if every cap were open.
};

/// What a node buys and sells at a price.
struct NodeTrade {
    double supply = 0;  ///< Own supply and fixed inflow, rationed below the floor.
    double demand = 0;  ///< Net demand served, rationed above the choke.
};

/// Splits networks into price zones: exact equilibrium, condition (2) of docs/model.md, by the
/// decomposition algorithm for separable convex flows. A zone's common price is the root of its
/// net supply; a minimum cut tells whether flows inside it are feasible, and splits it if not.
/// Keeps its work arrays between calls; nothing else.
///
/// References: [fujishige1980], [groenevelt1991].
class ZoneSolver {
public:
    /// \param prices  In: a start; `x` and `single_zone` are tried where finite, `zone` and
    /// `flow` if
    ///                they are of this network: zones that still satisfy (2) need no new cuts.
    ///                Out: the answer.
    void solve(const Network& network, ZonePrices& prices);

    /// The price at which the nodes would clear as one pool, from a starting point.
    static double pooled_price(const Network& network, std::span<const std::uint32_t> nodes,
                               double start);

    /// What a node does at price x (rationing coordinate).
    static NodeTrade trade_at(const Network& network, const Node& node, double x);

private:
    struct Zone {
        std::uint32_t first, last;  ///< Range of `order_`.
        double parent_price;
    };

    struct Pool;

    /// A zone's price and what flows at it.
    struct Cleared {
        double x = 0;
        Balance balance;
    };

    static Cleared price(const Pool& pool, double start, Powers& powers);
    Cleared clear(const Pool& pool, double start);
    Pool pool_of(const Network& network, const Zone& zone) const;
    void prepare(const Network& network);
    bool keep_zones(const Network& network, ZonePrices& prices);
    bool group_by_zone(const Network& network, const ZonePrices& prices);
    void decompose(const Network& network, ZonePrices& prices);
    void accept(const Zone& zone, const Cleared& cleared, ZonePrices& prices) const;
    bool route(const Network& network, const Zone& zone);
    bool label_from_surplus(const Network& network, const Zone& zone);
    double push(const Network& network, std::uint32_t node, double amount);
    Zone split(const Network& network, Zone& zone);

    std::vector<std::uint32_t> order_;  ///< Nodes, those of one zone side by side.
    std::vector<std::uint32_t> owner_;  ///< By node: first position of its zone in `order_`.
    std::vector<double> inflow_;        ///< By node: net over saturated arcs.
    std::vector<double> net_;           ///< By node: of its own curves, at its zone's price.
    std::vector<double> excess_;
    std::vector<double> flow_;
    std::vector<std::int32_t> level_;
    std::vector<std::uint32_t> next_link_;
    std::vector<std::uint32_t> queue_;
    std::vector<Zone> pending_;
    std::vector<std::uint32_t> zone_end_;  ///< Scratch of `group_by_zone`.
    std::vector<Cleared> cleared_;         ///< Scratch of `keep_zones`, by zone.
    double tolerance_ = 0;
};

}  // namespace chokepoint
