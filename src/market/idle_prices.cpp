// Prices where nothing is made or bought (docs/model.md section 2, "Prices of idle nodes").
//
// Condition (2) leaves the price of a node that nothing passes open within bounds. What it
// would be worth to have something there is then the bound itself: a market without buyers, or
// whose users live on their stock, could buy at the cheapest price within its reach, plants
// that are not there could sell at the dearest.

#include <algorithm>

#include "chokepoint/market/trial_market.hpp"

namespace chokepoint {

/// True if no more can take the arc: its cap is reached.
bool TrialMarket::is_full(std::size_t commodity, std::uint32_t arc) const
{
    const double cap = networks_[commodity].network.arcs[arc].cap;
    return cap == 0
           || (cap < open_cap && between_zones(commodity, arc)
               && prices_[commodity].flow[arc] > 0);
}

/// True if one more tonne could go from a region's output of a stage to a region's market.
bool TrialMarket::may_ship(std::size_t commodity, std::size_t stage, std::size_t from,
                           std::size_t to) const
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t at = stage * model_->regions.size() + from;
    const std::uint32_t exports = layered.export_arc[at];
    const std::uint32_t trade = layered.trade_arc[at * model_->regions.size() + to];
    return from == to
           || ((exports == absent || !is_full(commodity, exports))
               && (trade == absent || !is_full(commodity, trade)));
}

/// True if the region could neither mine nor recycle anything into the stage's output.
bool TrialMarket::supplies_nothing(std::size_t commodity, std::size_t at) const
{
    const Network& network = networks_[commodity].network;
    const Node& node = network.nodes[networks_[commodity].out_node[at]];
    return std::all_of(network.supplies.begin() + node.first_supply,
                       network.supplies.begin() + node.last_supply,
                       [](const SupplyTerm& supply) { return supply.available == 0; });
}

/// True if the region could neither mine, recycle nor treat anything at the stage.
bool TrialMarket::makes_nothing(std::size_t commodity, std::size_t stage,
                                std::size_t region) const
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t at = stage * model_->regions.size() + region;
    const std::uint32_t plant = layered.plant_arc[at];
    return supplies_nothing(commodity, at)
           && (plant == absent || layered.network.arcs[plant].cap == 0);
}

/// Where plants could run, but what they would make is not worth what they take in, it costs
/// just that: at the plant, and at the border if it may leave.
void TrialMarket::price_plants_at_rest(std::size_t commodity, std::size_t stage)
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::vector<Arc>& arcs = layered.network.arcs;
    const std::size_t regions = model_->regions.size();
    ZonePrices& prices = prices_[commodity];
    for (std::size_t at = stage * regions; at < (stage + 1) * regions; ++at) {
        const std::uint32_t plant = layered.plant_arc[at];
        if (plant == absent || arcs[plant].cap == 0 || !between_zones(commodity, plant)
            || prices.flow[plant] > 0 || !supplies_nothing(commodity, at)) {
            continue;
        }
        prices.x[layered.out_node[at]] = prices.x[layered.in_node[at]];
        const std::uint32_t exports = layered.export_arc[at];
        if (exports != absent && arcs[exports].cap > 0) {
            prices.x[layered.export_node[at]] = prices.x[layered.in_node[at]];
        }
    }
}

/// True if nobody in the region takes anything of the stage's output: at any price, or, of
/// users, at theirs and all dearer ones, since they live on their stock.
bool TrialMarket::takes_nothing(std::size_t commodity, std::size_t stage, std::size_t region)
{
    const LayeredNetwork& layered = networks_[commodity];
    const Network& network = layered.network;
    if (StageId(stage) != model_->last_stage(CommodityId(commodity))) {
        const std::size_t next = (stage + 1) * model_->regions.size() + region;
        return network.arcs[layered.plant_arc[next]].cap == 0
               && !network.nodes[layered.in_node[next]].has_curve();
    }
    const std::uint32_t at = layered.use_node[region];
    const Node& use = network.nodes[at];
    if (use.fixed > 0 || network.demands[use.first_demand + refill_term].coefficient > 0) {
        return false;
    }
    const Powers& powers = powers_at(network, prices_[commodity].x[at]);
    Balance wanted;
    add_demands(network, use.first_demand, use.first_purchase, 0, powers, wanted);
    // Cut off, they have the price at which they want just what they draw.
    constexpr double rounding = 1e-12;
    return wanted.out <= use.own_stock * (1 + rounding);
}

/// Gives idle nodes of a layer their price and zone.
void TrialMarket::price_idle_nodes(std::size_t commodity, std::size_t stage)
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t regions = model_->regions.size();
    const bool to_users = StageId(stage) == model_->last_stage(CommodityId(commodity));
    ZonePrices& prices = prices_[commodity];
    const auto market = [&](std::size_t region) {
        return to_users ? layered.use_node[region]
                        : layered.in_node[(stage + 1) * regions + region];
    };
    const auto origin = [&](std::size_t region) {
        return layered.out_node[stage * regions + region];
    };
    price_plants_at_rest(commodity, stage);
    makes_.assign(regions, false);
    takes_.assign(regions, false);
    bool is_any_idle = false;
    for (std::size_t region = 0; region < regions; ++region) {
        makes_[region] = origin(region) != absent && !makes_nothing(commodity, stage, region);
        takes_[region] = market(region) != absent && !takes_nothing(commodity, stage, region);
        const std::uint32_t exports = layered.export_arc[stage * regions + region];
        is_any_idle = is_any_idle || (origin(region) != absent && !makes_[region])
                      || (market(region) != absent && !takes_[region])
                      || (exports != absent && layered.network.arcs[exports].cap == 0);
    }
    if (!is_any_idle) {
        return;
    }
    // The neighbour whose price it takes; none: it keeps what it has.
    const auto take_price = [&](std::uint32_t node, std::uint32_t neighbour) {
        if (neighbour != absent) {
            prices.x[node] = prices.x[neighbour];
            prices.zone[node] = prices.zone[neighbour];
        }
    };
    const auto dearest_market = [&](std::size_t from, bool abroad_only, auto may_reach) {
        std::uint32_t best = absent;
        for (std::size_t to = 0; to < regions; ++to) {
            if (market(to) != absent && (to != from || !abroad_only) && may_reach(to)
                && (best == absent || prices.x[market(to)] > prices.x[best])) {
                best = market(to);
            }
        }
        return best;
    };
    for (std::size_t region = 0; region < regions; ++region) {
        if (market(region) != absent && !takes_[region]) {
            std::uint32_t best = absent;
            for (std::size_t from = 0; from < regions; ++from) {
                // Who would buy takes what others pay: at the exporter's border, if it lets out
                // anything at all.
                const std::size_t at = stage * regions + from;
                const std::uint32_t seller =
                    from == region ? origin(from) : layered.export_node[at];
                const std::uint32_t exports = layered.export_arc[at];
                const std::uint32_t trade = layered.trade_arc[at * regions + region];
                const bool sells =
                    makes_[from]
                    && (from == region
                        || ((exports == absent || layered.network.arcs[exports].cap > 0)
                            && (trade == absent || !is_full(commodity, trade))));
                if (sells && (best == absent || prices.x[seller] < prices.x[best])) {
                    best = seller;
                }
            }
            take_price(market(region), best);
        }
    }
    // The world market: as cheap as the cheapest that can be had there.
    std::uint32_t world = absent;
    std::uint32_t cheapest = absent;
    for (std::size_t region = 0; region < regions; ++region) {
        const std::size_t at = stage * regions + region;
        if (layered.world_arc[at] == absent) {
            continue;
        }
        world = layered.network.arcs[layered.world_arc[at]].to;
        const std::uint32_t exports = layered.export_arc[at];
        const bool can_leave = exports == absent || layered.network.arcs[exports].cap > 0;
        if (makes_[region] && can_leave
            && (cheapest == absent || prices.x[layered.export_node[at]] < prices.x[cheapest])) {
            cheapest = layered.export_node[at];
        }
    }
    if (world != absent) {
        take_price(world, cheapest != absent ? cheapest
                                             : dearest_market(regions, false, [](std::size_t) {
                                                   return true;
                                               }));
    }
    for (std::size_t region = 0; region < regions; ++region) {
        const std::size_t at = stage * regions + region;
        if (origin(region) == absent) {
            continue;
        }
        const std::uint32_t exports = layered.export_arc[at];
        const bool on_world_market = layered.world_arc[at] != absent;
        const bool is_idle = !makes_[region];
        if (exports != absent && (is_idle || layered.network.arcs[exports].cap == 0)) {
            take_price(
                layered.export_node[at],
                on_world_market ? world : dearest_market(region, true, [&](std::size_t to) {
                    const std::uint32_t trade = layered.trade_arc[at * regions + to];
                    return trade == absent || !is_full(commodity, trade);
                }));
        }
        if (is_idle) {
            std::uint32_t best = dearest_market(region, false, [&](std::size_t to) {
                return may_ship(commodity, stage, region, to);
            });
            const bool can_leave = exports == absent || !is_full(commodity, exports);
            if (on_world_market && can_leave
                && (best == absent || prices.x[world] > prices.x[best])) {
                best = world;
            }
            take_price(origin(region), best);
        }
    }
}

}  // namespace chokepoint
