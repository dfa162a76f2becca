#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "chokepoint/market/network.hpp"
#include "chokepoint/market/zone_solver.hpp"

namespace chokepoint::testing {

/// Builds networks node by node, in words.
class NetworkBuilder {
public:
    NetworkBuilder& bounds(double floor, double choke)
    {
        network_.log_floor = std::log(floor);
        network_.log_choke = std::log(choke);
        return *this;
    }

    /// A new node with a fixed inflow; later `supply` and `demand` calls add to it.
    std::uint32_t node(double fixed = 0)
    {
        Node node;
        node.first_supply = node.last_supply =
            static_cast<std::uint32_t>(network_.supplies.size());
        node.first_demand = node.first_purchase = node.last_demand =
            static_cast<std::uint32_t>(network_.demands.size());
        node.fixed = fixed;
        network_.nodes.push_back(node);
        return static_cast<std::uint32_t>(network_.nodes.size() - 1);
    }

    NetworkBuilder& supply(double available, double utilisation, double elasticity)
    {
        network_.supplies.push_back({available, utilisation, network_.power(elasticity)});
        ++network_.nodes.back().last_supply;
        return *this;
    }

    NetworkBuilder& demand(double coefficient, double elasticity)
    {
        network_.demands.push_back({coefficient, network_.power(-elasticity)});
        network_.nodes.back().first_purchase = ++network_.nodes.back().last_demand;
        return *this;
    }

    /// The position of the new arc.
    std::size_t arc(std::uint32_t from, std::uint32_t to, double cap = open_cap)
    {
        network_.arcs.push_back({from, to, cap});
        return network_.arcs.size() - 1;
    }

    Network& network()
    {
        network_.link_arcs();
        return network_;
    }

private:
    Network network_;
};

inline ZonePrices solve(const Network& network)
{
    ZonePrices prices;
    ZoneSolver().solve(network, prices);
    return prices;
}

}  // namespace chokepoint::testing
