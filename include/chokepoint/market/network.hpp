#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace chokepoint {

/// Supply that rises with the price up to a capacity: available * min(1, utilisation * e^{k
/// x}).
struct SupplyTerm {
    double available = 0;     ///< Tonnes a month at full use, >= 0.
    double utilisation = 1;   ///< Share in use at price ratio 1, > 0.
    std::uint32_t power = 0;  ///< Position of its exponent k >= 0 in Network::exponents.
};

/// Isoelastic demand: coefficient * e^{k x} with k <= 0.
struct DemandTerm {
    double coefficient = 0;  ///< Tonnes a month at price ratio 1, >= 0.
    std::uint32_t power = 0;
};

/// Where goods are made, passed on or used. Its net supply at log price ratio x is equation (1)
/// of docs/model.md:
///
///     z(x) = Σ A min(1, u e^{ηx}) + fixed − max(0, Σ_k d_k e^{−ε_k x} − own_stock) − Σ_j r_j
///     e^{−ρ_j x}
///
/// with the demands k before and the purchases j after `first_purchase`.
struct Node {
    std::uint32_t first_supply = 0, last_supply = 0;
    std::uint32_t first_demand = 0, first_purchase = 0, last_demand = 0;
    double fixed = 0;      ///< Inflow at any price, tonnes a month, >= 0.
    double own_stock = 0;  ///< What the node's users draw from their own stock, >= 0.

    bool has_curve() const
    {
        return first_supply < last_supply || first_demand < last_demand || fixed > 0;
    }
};

inline constexpr double open_cap = std::numeric_limits<double>::infinity();

struct Arc {
    std::uint32_t from = 0, to = 0;
    double cap = open_cap;  ///< Tonnes a month, >= 0.
};

/// An arc as seen from one of its ends.
struct Link {
    std::uint32_t arc = 0;
    std::uint32_t other = 0;  ///< The node at the other end.
    bool forward = true;      ///< True if the arc leaves the node.
};

/// A capacitated network that clears once. Supplies and demands are stored node by node.
struct Network {
    std::vector<double> exponents;
    std::vector<SupplyTerm> supplies;
    std::vector<DemandTerm> demands;
    std::vector<Node> nodes;
    std::vector<Arc> arcs;
    double log_floor = -3.912023005428146;  ///< ln 0.02
    double log_choke = 3.912023005428146;   ///< ln 50

    std::vector<std::uint32_t>
        first_link;  ///< By node, one more for the end: range of `links`.
    std::vector<Link> links;

    /// Lists the arcs at each node; to be called once all nodes and arcs are there.
    void link_arcs();

    /// The position of an exponent, added if it is new.
    std::uint32_t power(double exponent);
};

}  // namespace chokepoint
