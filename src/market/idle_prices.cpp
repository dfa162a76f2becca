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
    const Powers& powers = known_powers_.at(network, prices_[commodity].x[at]);
    Balance wanted;
    add_demands(network, use.first_demand, use.first_purchase, 0, powers, wanted);
    // Cut off, they have the price at which they want just what they draw.
    constexpr double rounding = 1e-12;
    return wanted.out <= use.own_stock * (1 + rounding);
}

/// The node of a region's output of a stage, and where what a stage puts out is bought: the
/// entrance of the next stage, or the users.
std::uint32_t TrialMarket::origin_of(std::size_t commodity, std::size_t stage,
                                     std::size_t region) const
{
    return networks_[commodity].out_node[stage * model_->regions.size() + region];
}

std::uint32_t TrialMarket::market_of(std::size_t commodity, std::size_t stage,
                                     std::size_t region) const
{
    const bool to_users = StageId(stage) == model_->last_stage(CommodityId(commodity));
    const LayeredNetwork& layered = networks_[commodity];
    return to_users ? layered.use_node[region]
                    : layered.in_node[(stage + 1) * model_->regions.size() + region];
}

/// Notes who makes and who takes something at a layer; true if anybody does not.
bool TrialMarket::find_idle_nodes(std::size_t commodity, std::size_t stage)
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t regions = model_->regions.size();
    makes_.assign(regions, false);
    takes_.assign(regions, false);
    bool is_any_idle = false;
    for (std::size_t region = 0; region < regions; ++region) {
        const bool has_origin = origin_of(commodity, stage, region) != absent;
        const bool has_market = market_of(commodity, stage, region) != absent;
        makes_[region] = has_origin && !makes_nothing(commodity, stage, region);
        takes_[region] = has_market && !takes_nothing(commodity, stage, region);
        const std::uint32_t exports = layered.export_arc[stage * regions + region];
        is_any_idle = is_any_idle || (has_origin && !makes_[region])
                      || (has_market && !takes_[region])
                      || (exports != absent && layered.network.arcs[exports].cap == 0);
    }
    return is_any_idle;
}

/// Gives a node a neighbour's price and zone; without one it keeps what it has.
void TrialMarket::take_price(std::size_t commodity, std::uint32_t node, std::uint32_t neighbour)
{
    if (neighbour != absent) {
        ZonePrices& prices = prices_[commodity];
        prices.x[node] = prices.x[neighbour];
        prices.zone[node] = prices.zone[neighbour];
    }
}

/// The dearest market of a layer that may be reached; `absent` if there is none.
template <class MayReach>
std::uint32_t TrialMarket::dearest_market(std::size_t commodity, std::size_t stage,
                                          const MayReach& may_reach) const
{
    const std::vector<double>& x = prices_[commodity].x;
    std::uint32_t best = absent;
    for (std::size_t to = 0; to < model_->regions.size(); ++to) {
        const std::uint32_t market = market_of(commodity, stage, to);
        if (market != absent && may_reach(to) && (best == absent || x[market] > x[best])) {
            best = market;
        }
    }
    return best;
}

/// The cheapest that a market could buy from: at home, or at the border of an exporter that
/// lets out anything at all, as others pay.
std::uint32_t TrialMarket::cheapest_seller(std::size_t commodity, std::size_t stage,
                                           std::size_t region) const
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::vector<double>& x = prices_[commodity].x;
    const std::size_t regions = model_->regions.size();
    std::uint32_t best = absent;
    for (std::size_t from = 0; from < regions; ++from) {
        const std::size_t at = stage * regions + from;
        const std::uint32_t seller =
            from == region ? origin_of(commodity, stage, from) : layered.export_node[at];
        const std::uint32_t exports = layered.export_arc[at];
        const std::uint32_t trade = layered.trade_arc[at * regions + region];
        const bool sells = makes_[from]
                           && (from == region
                               || ((exports == absent || layered.network.arcs[exports].cap > 0)
                                   && (trade == absent || !is_full(commodity, trade))));
        if (sells && (best == absent || x[seller] < x[best])) {
            best = seller;
        }
    }
    return best;
}

/// Prices a layer's world market: as cheap as the cheapest that can be had there; without any,
/// as dear as the dearest market. Its node; `absent` if there is none.
std::uint32_t TrialMarket::price_world_market(std::size_t commodity, std::size_t stage)
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::vector<double>& x = prices_[commodity].x;
    const std::size_t regions = model_->regions.size();
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
        const std::uint32_t border = layered.export_node[at];
        if (makes_[region] && can_leave && (cheapest == absent || x[border] < x[cheapest])) {
            cheapest = border;
        }
    }
    if (world != absent) {
        take_price(commodity, world,
                   cheapest != absent
                       ? cheapest
                       : dearest_market(commodity, stage, [](std::size_t) { return true; }));
    }
    return world;
}

/// Prices what a region would put out or export, if it does not: as dear as the dearest market
/// within reach. \param world  The layer's world market; `absent` if there is none.
void TrialMarket::price_idle_origin(std::size_t commodity, std::size_t stage,
                                    std::size_t region, std::uint32_t world)
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t regions = model_->regions.size();
    const std::size_t at = stage * regions + region;
    const std::uint32_t exports = layered.export_arc[at];
    const bool on_world_market = layered.world_arc[at] != absent;
    const bool is_idle = !makes_[region];
    if (exports != absent && (is_idle || layered.network.arcs[exports].cap == 0)) {
        const auto lets_in = [&](std::size_t to) {
            const std::uint32_t trade = layered.trade_arc[at * regions + to];
            return to != region && (trade == absent || !is_full(commodity, trade));
        };
        take_price(commodity, layered.export_node[at],
                   on_world_market ? world : dearest_market(commodity, stage, lets_in));
    }
    if (!is_idle) {
        return;
    }
    std::uint32_t best = dearest_market(commodity, stage, [&](std::size_t to) {
        return may_ship(commodity, stage, region, to);
    });
    const std::vector<double>& x = prices_[commodity].x;
    const bool can_leave = exports == absent || !is_full(commodity, exports);
    if (on_world_market && can_leave && (best == absent || x[world] > x[best])) {
        best = world;
    }
    take_price(commodity, origin_of(commodity, stage, region), best);
}

/// Gives idle nodes of a layer their price and zone.
void TrialMarket::price_idle_nodes(std::size_t commodity, std::size_t stage)
{
    price_plants_at_rest(commodity, stage);
    if (!find_idle_nodes(commodity, stage)) {
        return;
    }
    const std::size_t regions = model_->regions.size();
    for (std::size_t region = 0; region < regions; ++region) {
        const std::uint32_t market = market_of(commodity, stage, region);
        if (market != absent && !takes_[region]) {
            take_price(commodity, market, cheapest_seller(commodity, stage, region));
        }
    }
    const std::uint32_t world = price_world_market(commodity, stage);
    for (std::size_t region = 0; region < regions; ++region) {
        if (origin_of(commodity, stage, region) != absent) {
            price_idle_origin(commodity, stage, region, world);
        }
    }
}

}  // namespace chokepoint
