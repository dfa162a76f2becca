#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "chokepoint/market/zone_solver.hpp"

namespace chokepoint::testing {

/// True if the node makes or wants anything at all: else it has no price of its own.
inline bool trades(const Network& network, const Node& node)
{
    double sum = node.fixed;
    for (std::uint32_t term = node.first_supply; term < node.last_supply; ++term) {
        sum += network.supplies[term].available;
    }
    for (std::uint32_t term = node.first_demand; term < node.last_demand; ++term) {
        sum += network.demands[term].coefficient;
    }
    return sum > 0;
}

inline double clamped_price(const Network& network, double x)
{
    return std::exp(std::clamp(x, network.log_floor, network.log_choke));
}

/// How prices and flows break condition (2) of docs/model.md, a cap or the balance of a node,
/// to 1e-9 of what is traded; empty if they do not.
inline std::string disequilibrium(const Network& network, const ZonePrices& prices)
{
    double turnover = 1e-3;
    std::vector<double> balance(network.nodes.size());
    for (std::size_t node = 0; node < network.nodes.size(); ++node) {
        const NodeTrade trade =
            ZoneSolver::trade_at(network, network.nodes[node], prices.x[node]);
        balance[node] = trade.supply - trade.demand;
        turnover += trade.demand + trade.supply;
    }
    for (std::size_t arc = 0; arc < network.arcs.size(); ++arc) {
        const Arc& ends = network.arcs[arc];
        const double flow = prices.flow[arc];
        const std::string name = "arc " + std::to_string(arc);
        if (!(flow >= 0 && flow <= ends.cap * (1 + 1e-12))) {
            return name + " carries more than its cap, or less than nothing";
        }
        balance[ends.from] -= flow;
        balance[ends.to] += flow;
        if (flow > 1e-9 * turnover && !(prices.x[ends.to] - prices.x[ends.from] >= -1e-9)) {
            return name + " carries goods to a lower price";
        }
        if (flow < ends.cap - 1e-9 * turnover && trades(network, network.nodes[ends.to])
            && trades(network, network.nodes[ends.from])
            && !(clamped_price(network, prices.x[ends.to])
                 <= clamped_price(network, prices.x[ends.from]) * (1 + 1e-9))) {
            return name + " has room towards a higher price";
        }
    }
    for (std::size_t node = 0; node < network.nodes.size(); ++node) {
        if (!(std::abs(balance[node]) <= 1e-9 * turnover)) {
            return "node " + std::to_string(node) + " is out of balance";
        }
    }
    return {};
}

}  // namespace chokepoint::testing
