#include "chokepoint/market/zone_solver.hpp"

#include <algorithm>
#include <cmath>

#include "chokepoint/market/curves.hpp"

namespace chokepoint {
namespace {

/// Flows and excesses below this share of a zone's turnover count as nothing.
constexpr double flow_tolerance = 1e-12;
constexpr double price_tolerance = 1e-14;
constexpr double small_gap = 1e-6;  ///< Between in and out where a small step is the last.

}  // namespace

/// A set of nodes as one pool, with a fixed net inflow over saturated arcs.
struct ZoneSolver::Pool {
    const Network* network;
    std::span<const std::uint32_t> nodes;
    double inflow;

    Balance at(double x, Powers& powers) const
    {
        powers.set(*network, x);
        Balance balance;
        for (const std::uint32_t node : nodes) {
            if (network->nodes[node].has_curve()) {
                add_node(*network, network->nodes[node], powers, balance);
            }
        }
        (inflow > 0 ? balance.in : balance.out) += std::abs(inflow);
        return balance;
    }

    /// The first node whose curves have a say in the price; `nodes.end()` if there is none.
    auto first_with_curve() const
    {
        return std::ranges::find_if(
            nodes, [this](std::uint32_t node) { return network->nodes[node].has_curve(); });
    }

    bool is_idle() const;
};

/// True if nothing is for sale and nobody buys at any price: such a zone keeps the price at
/// which it was cut off.
bool ZoneSolver::Pool::is_idle() const
{
    const auto idle = [this](std::uint32_t position) {
        const Node& node = network->nodes[position];
        const auto supplies =
            std::span(network->supplies)
                .subspan(node.first_supply, node.last_supply - node.first_supply);
        const auto demands =
            std::span(network->demands)
                .subspan(node.first_demand, node.last_demand - node.first_demand);
        return node.fixed == 0
               && std::ranges::all_of(supplies,
                                      [](const SupplyTerm& s) { return s.available == 0; })
               && std::ranges::all_of(demands,
                                      [](const DemandTerm& d) { return d.coefficient == 0; });
    };
    return inflow == 0 && std::ranges::all_of(nodes, idle);
}

namespace {

/// Step of Halley's method on ln(in / out), held between one and two Newton steps: the
/// logarithm is nearly a straight line in x, and without the guard wild starts walk to the
/// wrong bound.
double halley_step(const Balance& balance)
{
    const double in1 = balance.in1 / balance.in;
    const double out1 = balance.out1 / balance.out;
    const double value = portable_log(balance.in / balance.out);
    const double first = in1 + out1;
    const double second =
        balance.in2 / balance.in - in1 * in1 - balance.out2 / balance.out + out1 * out1;
    return -2 * value * first / std::max(2 * first * first - value * second, first * first);
}

}  // namespace

/// Smallest x at which at least as much flows in as out, and what flows there.
/// \param powers  Receives those at x.
ZoneSolver::Cleared ZoneSolver::price(const Pool& pool, double start, Powers& powers)
{
    const Network& network = *pool.network;
    double lower = network.log_floor - rationing_range;
    double upper = network.log_choke + rationing_range;
    double x = std::isfinite(start) ? std::clamp(start, lower, upper) : 0.0;
    Balance balance = pool.at(x, powers);
    for (int round = 0; round < 200; ++round) {
        if (balance.in == balance.out && balance.out > 0) {
            break;
        }
        (balance.in >= balance.out ? upper : lower) = x;
        double next = 0.5 * (lower + upper);
        if (balance.in > 0 && balance.out > 0 && balance.in1 + balance.out1 > 0
            && (round < 20 || round % 2 == 0)) {
            const double step = halley_step(balance);
            const bool is_small =
                std::abs(step) <= price_tolerance * std::max(1.0, std::abs(x));
            // Where users want hardly more than their stock, any step is small.
            if (is_small
                && std::abs(balance.in - balance.out)
                       <= small_gap * (balance.in + balance.out)) {
                break;
            }
            if (!is_small && x + step > lower && x + step < upper) {
                next = x + step;
            }
        }
        if (next <= lower || next >= upper) {
            next = upper;  // The bracket is down to neighbouring numbers.
        }
        if (next == x) {
            break;
        }
        x = next;
        balance = pool.at(x, powers);
    }
    return {x, balance};
}

/// Prices a zone, and notes what each of its nodes brings there.
ZoneSolver::Cleared ZoneSolver::clear(const Pool& pool, double start)
{
    Powers powers;
    const Cleared cleared = price(pool, start, powers);
    for (const std::uint32_t node : pool.nodes) {
        Balance own;
        if (pool.network->nodes[node].has_curve()) {
            add_node(*pool.network, pool.network->nodes[node], powers, own);
        }
        net_[node] = own.in - own.out;
    }
    return cleared;
}

void ZoneSolver::prepare(const Network& network)
{
    const std::size_t node_count = network.nodes.size();
    order_.resize(node_count);
    for (std::uint32_t node = 0; node < node_count; ++node) {
        order_[node] = node;
    }
    owner_.assign(node_count, 0);
    inflow_.assign(node_count, 0);
    net_.resize(node_count);
    excess_.resize(node_count);
    next_link_.resize(node_count);
    level_.resize(node_count);
    queue_.resize(node_count);
    flow_.assign(network.arcs.size(), 0);
    pending_.clear();
}

/// Levels of the residual network from all nodes with a surplus at once; true if a node in want
/// is reached. What is not reached keeps level -1: the far side of the minimum cut nearest the
/// surplus.
bool ZoneSolver::label_from_surplus(const Network& network, const Zone& zone)
{
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    for (std::uint32_t position = zone.first; position < zone.last; ++position) {
        const std::uint32_t node = order_[position];
        level_[node] = -1;
        if (excess_[node] > tolerance_) {
            level_[node] = 0;
            queue_[end++] = node;
        }
    }
    bool reached_want = false;
    while (begin < end) {
        const std::uint32_t node = queue_[begin++];
        reached_want = reached_want || excess_[node] < -tolerance_;
        for (std::uint32_t at = network.first_link[node]; at < network.first_link[node + 1];
             ++at) {
            const Link& link = network.links[at];
            if (owner_[link.other] != zone.first || level_[link.other] >= 0) {
                continue;
            }
            const double room =
                link.forward ? network.arcs[link.arc].cap - flow_[link.arc] : flow_[link.arc];
            if (room > tolerance_) {
                level_[link.other] = level_[node] + 1;
                queue_[end++] = link.other;
            }
        }
    }
    return reached_want;
}

/// Sends up to `amount` from the node along rising levels to nodes in want; gives back what
/// went.
double ZoneSolver::push(const Network& network, std::uint32_t node, double amount)
{
    double sent = 0;
    if (excess_[node] < 0) {
        sent = std::min(amount, -excess_[node]);
        excess_[node] += sent;
    }
    for (std::uint32_t& at = next_link_[node]; at < network.first_link[node + 1]; ++at) {
        if (amount - sent <= tolerance_) {
            return sent;
        }
        const Link& link = network.links[at];
        if (level_[link.other] != level_[node] + 1 || owner_[link.other] != owner_[node]) {
            continue;
        }
        const double room =
            link.forward ? network.arcs[link.arc].cap - flow_[link.arc] : flow_[link.arc];
        if (room > tolerance_) {
            const double moved = push(network, link.other, std::min(room, amount - sent));
            flow_[link.arc] += link.forward ? moved : -moved;
            sent += moved;
        }
    }
    return sent;
}

/// Looks for flows inside the zone that serve every node at the zone's price, at which `net_`
/// was taken (Dinic's maximum flow); true if there are some. If not, the labels mark the
/// minimum cut.
bool ZoneSolver::route(const Network& network, const Zone& zone)
{
    double turnover = 0;
    for (std::uint32_t position = zone.first; position < zone.last; ++position) {
        const std::uint32_t node = order_[position];
        excess_[node] = inflow_[node] + net_[node];
        turnover += std::abs(excess_[node]);
        for (std::uint32_t at = network.first_link[node]; at < network.first_link[node + 1];
             ++at) {
            if (owner_[network.links[at].other] == zone.first) {
                flow_[network.links[at].arc] = 0;
            }
        }
    }
    tolerance_ = flow_tolerance * turnover;

    while (label_from_surplus(network, zone)) {
        for (std::uint32_t position = zone.first; position < zone.last; ++position) {
            const std::uint32_t node = order_[position];
            next_link_[node] = network.first_link[node];
        }
        for (std::uint32_t position = zone.first; position < zone.last; ++position) {
            const std::uint32_t node = order_[position];
            if (level_[node] == 0) {
                excess_[node] -= push(network, node, excess_[node]);
            }
        }
    }
    bool surplus_left = false;
    bool want_left = false;
    for (std::uint32_t position = zone.first; position < zone.last; ++position) {
        const std::uint32_t node = order_[position];
        surplus_left = surplus_left || level_[node] >= 0;
        want_left = want_left || level_[node] < 0;
    }
    return !(surplus_left && want_left);
}

/// Splits the zone along the labelled cut: what was reached (locked in) keeps the front of the
/// range and becomes `zone`; the rest (starved) is given back. Arcs from front to rest are
/// full, arcs back are empty.
ZoneSolver::Zone ZoneSolver::split(const Network& network, Zone& zone)
{
    const auto begin = order_.begin() + zone.first;
    const auto end = order_.begin() + zone.last;
    const auto middle =
        std::partition(begin, end, [this](std::uint32_t node) { return level_[node] >= 0; });
    const auto first_starved = static_cast<std::uint32_t>(middle - order_.begin());
    for (auto node = middle; node != end; ++node) {
        owner_[*node] = first_starved;
    }
    for (auto node = begin; node != middle; ++node) {
        for (std::uint32_t at = network.first_link[*node]; at < network.first_link[*node + 1];
             ++at) {
            const Link& link = network.links[at];
            if (owner_[link.other] != first_starved) {
                continue;
            }
            flow_[link.arc] = link.forward ? network.arcs[link.arc].cap : 0;
            inflow_[*node] -= flow_[link.arc];
            inflow_[link.other] += flow_[link.arc];
        }
    }
    const Zone starved{first_starved, zone.last, zone.parent_price};
    zone.last = first_starved;
    return starved;
}

/// Lays the nodes of each known zone side by side in `order_` and fills or empties the arcs
/// between zones as they were; false if a full arc has no cap any more.
bool ZoneSolver::group_by_zone(const Network& network, const ZonePrices& prices)
{
    const std::size_t zones = prices.slope.size();
    zone_end_.assign(zones + 1, 0);
    for (const std::uint32_t zone : prices.zone) {
        ++zone_end_[zone + 1];
    }
    for (std::size_t zone = 0; zone < zones; ++zone) {
        zone_end_[zone + 1] += zone_end_[zone];
        pending_.push_back({zone_end_[zone], zone_end_[zone + 1], 0});
    }
    for (std::uint32_t node = 0; node < network.nodes.size(); ++node) {
        const Zone& zone = pending_[prices.zone[node]];
        owner_[node] = zone.first;
        order_[zone_end_[prices.zone[node]]++] = node;
    }
    for (std::uint32_t arc = 0; arc < network.arcs.size(); ++arc) {
        const Arc& ends = network.arcs[arc];
        if (owner_[ends.from] != owner_[ends.to] && prices.flow[arc] > 0) {
            if (ends.cap == open_cap) {
                return false;
            }
            flow_[arc] = ends.cap;
            inflow_[ends.from] -= ends.cap;
            inflow_[ends.to] += ends.cap;
        }
    }
    return true;
}

/// Tries last time's zones: if prices rise along full arcs, fall along empty ones, and flows
/// inside each zone exist, they satisfy (2), which has one solution. False: nothing was
/// changed.
bool ZoneSolver::keep_zones(const Network& network, ZonePrices& prices)
{
    if (prices.slope.size() < 2 || prices.zone.size() != network.nodes.size()
        || prices.flow.size() != network.arcs.size() || !group_by_zone(network, prices)) {
        return false;
    }
    cleared_.clear();
    for (const Zone& zone : pending_) {
        const Pool pool = pool_of(network, zone);
        const auto with_curve = pool.first_with_curve();
        if (with_curve == pool.nodes.end() || pool.is_idle()) {
            return false;
        }
        cleared_.push_back(clear(pool, prices.x[*with_curve]));
    }
    for (std::uint32_t arc = 0; arc < network.arcs.size(); ++arc) {
        const Arc& ends = network.arcs[arc];
        const double rise =
            cleared_[prices.zone[ends.to]].x - cleared_[prices.zone[ends.from]].x;
        if (ends.cap > 0 && (prices.flow[arc] > 0 ? rise < 0 : rise > 0)
            && owner_[ends.from] != owner_[ends.to]) {
            return false;
        }
    }
    for (const Zone& zone : pending_) {
        if (!route(network, zone)) {
            return false;
        }
    }
    prices.slope.clear();
    prices.supplied.clear();
    for (std::size_t zone = 0; zone < pending_.size(); ++zone) {
        accept(pending_[zone], cleared_[zone], prices);
    }
    return true;
}

ZoneSolver::Pool ZoneSolver::pool_of(const Network& network, const Zone& zone) const
{
    Pool pool{&network, std::span(order_).subspan(zone.first, zone.last - zone.first), 0};
    for (const std::uint32_t node : pool.nodes) {
        pool.inflow += inflow_[node];
    }
    return pool;
}

/// Writes down a zone that holds together.
void ZoneSolver::accept(const Zone& zone, const Cleared& cleared, ZonePrices& prices) const
{
    const auto number = static_cast<std::uint32_t>(prices.slope.size());
    for (std::uint32_t position = zone.first; position < zone.last; ++position) {
        prices.x[order_[position]] = cleared.x;
        prices.zone[order_[position]] = number;
    }
    prices.slope.push_back(cleared.balance.in1 + cleared.balance.out1);
    prices.supplied.push_back(cleared.balance.in > 0);
}

/// Splits zones until flows exist inside each.
void ZoneSolver::decompose(const Network& network, ZonePrices& prices)
{
    const auto node_count = static_cast<std::uint32_t>(network.nodes.size());
    prices.x.resize(node_count);
    prices.zone.resize(node_count);
    prices.slope.clear();
    prices.supplied.clear();
    pending_.push_back({0, node_count, 0});
    bool whole = true;
    while (!pending_.empty()) {
        Zone zone = pending_.back();
        pending_.pop_back();
        const Pool pool = pool_of(network, zone);
        const auto with_curve = pool.first_with_curve();
        Cleared cleared{zone.parent_price, {}};
        if (with_curve != pool.nodes.end() && !pool.is_idle()) {
            cleared = clear(pool, whole ? prices.single_zone : prices.x[*with_curve]);
        } else {
            for (const std::uint32_t node : pool.nodes) {
                net_[node] = 0;
            }
        }
        if (whole) {
            prices.single_zone = cleared.x;
            whole = false;
        }
        if (route(network, zone)) {
            accept(zone, cleared, prices);
        } else {
            zone.parent_price = cleared.x;
            const Zone starved = split(network, zone);
            pending_.push_back(starved);
            pending_.push_back(zone);
        }
    }
}

void ZoneSolver::solve(const Network& network, ZonePrices& prices)
{
    prepare(network);
    if (!keep_zones(network, prices)) {
        prepare(network);
        decompose(network, prices);
    }
    prices.flow = flow_;
}

double ZoneSolver::pooled_price(const Network& network, std::span<const std::uint32_t> nodes,
                                double start)
{
    Powers powers;
    return price({&network, nodes, 0}, start, powers).x;
}

NodeTrade ZoneSolver::trade_at(const Network& network, const Node& node, double x)
{
    Balance balance;
    add_node(network, node, Powers(network, x), balance);
    return {balance.in, balance.out};
}

}  // namespace chokepoint
