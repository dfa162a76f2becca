#include "chokepoint/market/curves.hpp"

namespace chokepoint {
namespace {

void add_supply(const Network& network, const Node& node, const Powers& powers,
                Balance& balance)
{
    double level = node.fixed;
    double slope = 0;
    double curvature = 0;
    for (std::uint32_t term = node.first_supply; term < node.last_supply; ++term) {
        const SupplyTerm& supply = network.supplies[term];
        const double use = supply.utilisation * powers[supply.power];
        if (use < 1) {
            const double exponent = network.exponents[supply.power];
            const double quantity = supply.available * use;
            level += quantity;
            slope += exponent * quantity;
            curvature += exponent * exponent * quantity;
        } else {
            level += supply.available;
        }
    }
    if (powers.below_floor()) {
        level *= powers.supply_ration();
        slope = curvature = level;
    } else if (powers.above_choke()) {
        slope = curvature = 0;
    }
    balance.in += level;
    balance.in1 += slope;
    balance.in2 += curvature;
}

}  // namespace

const Powers& KnownPowers::at(const Network& network, double x)
{
    for (const Entry& known : entries_) {
        if (known.network == &network && known.x == x) {
            return known.powers;
        }
    }
    Entry& next = entries_[next_];
    next_ = (next_ + 1) % entries_.size();
    next.network = &network;
    next.x = x;
    next.powers.set(network, x);
    return next.powers;
}

void KnownPowers::forget()
{
    for (Entry& known : entries_) {
        known.network = nullptr;
    }
}

void add_demands(const Network& network, std::uint32_t first, std::uint32_t last,
                 double own_stock, const Powers& powers, Balance& balance)
{
    double level = 0;
    double slope = 0;
    double curvature = 0;
    for (std::uint32_t term = first; term < last; ++term) {
        const DemandTerm& demand = network.demands[term];
        const double exponent = network.exponents[demand.power];
        const double quantity = demand.coefficient * powers[demand.power];
        level += quantity;
        slope -= exponent * quantity;
        curvature += exponent * exponent * quantity;
    }
    if (powers.above_choke()) {
        level *= powers.demand_ration();
        slope = curvature = level;
    } else if (powers.below_floor()) {
        slope = curvature = 0;
    }
    if (level > own_stock) {
        balance.out += level - own_stock;
        balance.out1 += slope;
        balance.out2 += curvature;
    }
}

void add_node(const Network& network, const Node& node, const Powers& powers, Balance& balance)
{
    add_supply(network, node, powers, balance);
    add_demands(network, node.first_demand, node.first_purchase, node.own_stock, powers,
                balance);
    add_demands(network, node.first_purchase, node.last_demand, 0, powers, balance);
}

}  // namespace chokepoint
