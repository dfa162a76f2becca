#include "chokepoint/market/contracted_network.hpp"

#include <algorithm>


namespace chokepoint {

ContractedNetwork::ContractedNetwork(const Model& model, CommodityId commodity,
                                     const LayeredNetwork& whole,
                                     std::vector<std::uint32_t> capped)
    : capped_(std::move(capped)),
      node_of_(whole.network.nodes.size(), absent),
      arc_of_cap_(capped_.size(), absent)
{
    for (std::size_t stage = 0; stage < model.stages_of(commodity); ++stage) {
        contract_layer(model, commodity, whole, stage);
    }
    add_plants(model, commodity, whole);
    add_terms(model, whole);
    network_.link_arcs();
}

bool ContractedNetwork::is_for(std::span<const std::uint32_t> capped) const
{
    return std::ranges::equal(capped_, capped);
}

std::uint32_t ContractedNetwork::new_node()
{
    network_.nodes.emplace_back();
    return static_cast<std::uint32_t>(network_.nodes.size() - 1);
}

std::uint32_t ContractedNetwork::new_arc(std::uint32_t from, std::uint32_t to)
{
    network_.arcs.push_back({from, to, open_cap});
    return static_cast<std::uint32_t>(network_.arcs.size() - 1);
}

std::uint32_t ContractedNetwork::cap_of(std::uint32_t arc) const
{
    const auto found = std::ranges::lower_bound(capped_, arc);
    return found == capped_.end() || *found != arc
               ? absent
               : static_cast<std::uint32_t>(found - capped_.begin());
}

/// A layer of trade while it is contracted.
struct ContractedNetwork::Layer {
    const ContractedNetwork& own;
    const LayeredNetwork& whole;
    std::size_t stage, regions;
    bool to_users;
    std::vector<bool> is_capped = std::vector<bool>(regions, false);      ///< By exporter.
    std::vector<bool> is_behind_cap = std::vector<bool>(regions, false);  ///< By importer.
    bool any_single = false;  ///< Some cap holds for a single importer.
    /// The others' output, and where single importers are not told apart their markets too.
    std::uint32_t others = absent, other_markets = absent;
    std::vector<std::uint32_t> home = {};  ///< By region: the node of its market.

    /// Where what the stage puts out is bought, and a region's output, in the whole network.
    std::uint32_t market(std::size_t region) const
    {
        return to_users ? whole.use_node[region]
                        : whole.in_node[(stage + 1) * regions + region];
    }
    std::uint32_t origin(std::size_t region) const
    {
        return whole.out_node[stage * regions + region];
    }
    /// Which cap holds for all exports, or for the trade with one; `absent` if none does.
    std::uint32_t exports_cap(std::size_t region) const
    {
        const std::uint32_t arc = whole.export_arc[stage * regions + region];
        return arc == absent ? absent : own.cap_of(arc);
    }
    std::uint32_t trade_cap(std::size_t from, std::size_t to) const
    {
        const std::uint32_t arc = whole.trade_arc[(stage * regions + from) * regions + to];
        return arc == absent ? absent : own.cap_of(arc);
    }

    void find_caps()
    {
        for (std::size_t from = 0; from < regions; ++from) {
            is_capped[from] = exports_cap(from) != absent;
            for (std::size_t to = 0; to < regions; ++to) {
                if (trade_cap(from, to) != absent) {
                    is_capped[from] = is_behind_cap[to] = any_single = true;
                }
            }
        }
    }
};

/// The nodes of a layer of trade and the arcs between them.
void ContractedNetwork::contract_layer(const Model& model, CommodityId commodity,
                                       const LayeredNetwork& whole, std::size_t stage)
{
    Layer layer{.own = *this,
                .whole = whole,
                .stage = stage,
                .regions = model.regions.size(),
                .to_users = StageId(stage) == model.last_stage(commodity)};
    layer.find_caps();
    add_markets(layer);
    for (std::size_t from = 0; from < layer.regions; ++from) {
        if (layer.origin(from) != absent) {
            add_exporter(layer, from);
        }
    }
    for (std::size_t at = stage * layer.regions; at < (stage + 1) * layer.regions; ++at) {
        if (whole.world_arc[at] != absent) {
            node_of_[whole.network.arcs[whole.world_arc[at]].to] = layer.others;
        }
    }
}

/// The markets that a cap tells from the others, and the others' way to them.
void ContractedNetwork::add_markets(Layer& layer)
{
    layer.others = new_node();
    layer.other_markets = layer.any_single ? new_node() : layer.others;
    layer.home.assign(layer.regions, layer.other_markets);
    for (std::size_t region = 0; region < layer.regions; ++region) {
        if (layer.market(region) == absent) {
            continue;
        }
        if (layer.is_behind_cap[region] || layer.exports_cap(region) != absent) {
            layer.home[region] = new_node();
        }
        node_of_[layer.market(region)] = layer.home[region];
    }
    if (layer.any_single) {
        new_arc(layer.others, layer.other_markets);
    }
    for (std::size_t region = 0; region < layer.regions; ++region) {
        if (layer.market(region) != absent && layer.home[region] != layer.other_markets) {
            new_arc(layer.others, layer.home[region]);
        }
    }
}

/// A region's output, its way out and to its own market.
void ContractedNetwork::add_exporter(const Layer& layer, std::size_t from)
{
    const std::size_t at = layer.stage * layer.regions + from;
    const std::uint32_t total = layer.exports_cap(from);
    const bool has_market = layer.market(from) != absent;
    // One whose exports are only capped as a whole shares a node with its home market.
    const bool is_with_market = layer.is_capped[from] && !layer.any_single && has_market;
    const std::uint32_t own = !layer.is_capped[from] ? layer.others
                              : is_with_market       ? layer.home[from]
                                                     : new_node();
    node_of_[layer.origin(from)] = own;
    std::uint32_t exit = own;
    if (total != absent) {
        exit = layer.any_single ? new_node() : layer.others;
        arc_of_cap_[total] = new_arc(own, exit);
    }
    node_of_[layer.whole.export_node[at]] = exit;
    if (!layer.is_capped[from]) {
        return;
    }
    if (has_market && layer.home[from] != own) {
        new_arc(own, layer.home[from]);
    }
    if (!layer.any_single) {
        return;
    }
    if (exit != own || layer.home[from] != layer.other_markets || !has_market) {
        new_arc(exit, layer.other_markets);
    }
    for (std::size_t to = 0; to < layer.regions; ++to) {
        if (to == from || layer.market(to) == absent || layer.home[to] == layer.other_markets) {
            continue;
        }
        const std::uint32_t arc = new_arc(exit, layer.home[to]);
        if (const std::uint32_t cap = layer.trade_cap(from, to); cap != absent) {
            arc_of_cap_[cap] = arc;
        }
    }
}

void ContractedNetwork::add_plants(const Model& model, CommodityId commodity,
                                   const LayeredNetwork& whole)
{
    const std::size_t regions = model.regions.size();
    const std::size_t first = network_.arcs.size();
    for (std::size_t at = regions; at < model.stages_of(commodity) * regions; ++at) {
        const std::uint32_t arc = whole.plant_arc[at];
        if (arc == absent) {
            continue;
        }
        const std::uint32_t from = node_of_[whole.network.arcs[arc].from];
        const std::uint32_t to = node_of_[whole.network.arcs[arc].to];
        const auto known = std::find_if(
            network_.arcs.begin() + static_cast<std::ptrdiff_t>(first), network_.arcs.end(),
            [&](const Arc& other) { return other.from == from && other.to == to; });
        const std::uint32_t own =
            known == network_.arcs.end()
                ? new_arc(from, to)
                : static_cast<std::uint32_t>(known - network_.arcs.begin());
        plants_.push_back({static_cast<std::uint32_t>(at), arc, own});
    }
}

void ContractedNetwork::add_terms(const Model& model, const LayeredNetwork& whole)
{
    network_.exponents.resize(whole.powers.size());
    for (std::uint32_t node = 0; node < network_.nodes.size(); ++node) {
        add_supplies(model, whole, node);
        add_demands(model, whole, node);
    }
}

/// What is mined and recycled at a node; what does not answer to prices stands apart.
void ContractedNetwork::add_supplies(const Model& model, const LayeredNetwork& whole,
                                     std::uint32_t node)
{
    const auto is_flat = [&](std::uint32_t power) {
        const ParameterInfo& info = model.parameters[whole.powers[power].slot.index()];
        return info.distribution.is_fixed() && info.nominal == 0;
    };
    Node& own = network_.nodes[node];
    own.first_supply = own.last_supply = static_cast<std::uint32_t>(network_.supplies.size());
    for (std::uint32_t other = 0; other < whole.network.nodes.size(); ++other) {
        const Node& part = whole.network.nodes[other];
        for (std::uint32_t term = part.first_supply;
             node_of_[other] == node && term < part.last_supply; ++term) {
            const std::uint32_t power = whole.network.supplies[term].power;
            if (is_flat(power)) {
                flat_.push_back({term, node, absent});
                continue;
            }
            curved_.push_back({term, node, own.last_supply++});
            network_.supplies.push_back({0, 1, power});
        }
    }
}

/// The users at a node: one exponent of consumption and of what reserves buy, and one of
/// orders for each stock policy.
void ContractedNetwork::add_demands(const Model& model, const LayeredNetwork& whole,
                                    std::uint32_t node)
{
    Node& own = network_.nodes[node];
    own.first_demand = own.first_purchase = own.last_demand =
        static_cast<std::uint32_t>(network_.demands.size());
    const std::size_t first_user = users_.size();
    const auto term_of = [&](std::uint32_t power, std::uint32_t last) {
        for (std::uint32_t term = own.first_demand; term < last; ++term) {
            if (network_.demands[term].power == power) {
                return term;
            }
        }
        network_.demands.push_back({0, power});
        return static_cast<std::uint32_t>(network_.demands.size() - 1);
    };
    for (std::uint32_t region = 0; region < model.regions.size(); ++region) {
        const std::uint32_t use = whole.use_node[region];
        if (node_of_[use] != node) {
            continue;
        }
        const DemandTerm* demand =
            &whole.network.demands[whole.network.nodes[use].first_demand];
        User user{.region = region,
                  .node = node,
                  .consumption = 0,
                  .order = 0,
                  .refill = 0,
                  .consumption_power = demand[consumption_term].power,
                  .order_power = demand[order_term].power};
        user.consumption = term_of(user.consumption_power,
                                   static_cast<std::uint32_t>(network_.demands.size()));
        user.order =
            term_of(user.order_power, static_cast<std::uint32_t>(network_.demands.size()));
        users_.push_back(user);
    }
    own.first_purchase = static_cast<std::uint32_t>(network_.demands.size());
    if (users_.size() > first_user) {
        network_.demands.push_back({0, whole.refill_power});
        for (std::size_t user = first_user; user < users_.size(); ++user) {
            users_[user].refill = own.first_purchase;
        }
    }
    own.last_demand = static_cast<std::uint32_t>(network_.demands.size());
}

void ContractedNetwork::load(const CommodityTerms& terms, std::size_t lanes, std::size_t lane,
                             std::span<const double> caps)
{
    const auto of = [&](const LaneArray<double>& rows, std::size_t entity) {
        return rows[entity * lanes + lane];
    };
    network_.log_floor = terms.log_floor[lane];
    network_.log_choke = terms.log_choke[lane];
    for (std::size_t power = 0; power < network_.exponents.size(); ++power) {
        network_.exponents[power] = of(terms.exponent, power);
    }
    for (Node& node : network_.nodes) {
        node.fixed = node.own_stock = 0;
    }
    for (DemandTerm& demand : network_.demands) {
        demand.coefficient = 0;
    }
    for (const Supply& supply : flat_) {
        network_.nodes[supply.node].fixed +=
            of(terms.available, supply.term)
            * std::min(1.0, of(terms.utilisation, supply.term));
    }
    for (const Supply& supply : curved_) {
        network_.supplies[supply.to].available = of(terms.available, supply.term);
        network_.supplies[supply.to].utilisation = of(terms.utilisation, supply.term);
    }
    for (const User& user : users_) {
        network_.demands[user.consumption].coefficient += of(terms.consumption, user.region);
        network_.demands[user.order].coefficient += of(terms.order, user.region);
        network_.demands[user.refill].coefficient += of(terms.refill, user.region);
        network_.nodes[user.node].own_stock += of(terms.own_stock, user.region);
        network_.nodes[user.node].fixed += of(terms.release, user.region);
    }
    for (const Plant& plant : plants_) {
        network_.arcs[plant.to].cap = 0;
    }
    for (const Plant& plant : plants_) {
        network_.arcs[plant.to].cap += of(terms.cap, plant.at);
    }
    for (std::size_t cap = 0; cap < caps.size(); ++cap) {
        if (arc_of_cap_[cap] != absent) {
            network_.arcs[arc_of_cap_[cap]].cap = caps[cap];
        }
    }
}

bool ContractedNetwork::users_buy(const CommodityTerms& terms, std::size_t lanes,
                                  std::size_t lane, const ZonePrices& prices,
                                  const Network& whole, KnownPowers& known) const
{
    const auto of = [&](const LaneArray<double>& rows, std::size_t entity) {
        return rows[entity * lanes + lane];
    };
    return std::ranges::all_of(users_, [&](const User& user) {
        const Powers& powers = known.at(whole, prices.x[user.node]);
        const double wanted =
            (of(terms.consumption, user.region) * powers[user.consumption_power]
             + of(terms.order, user.region) * powers[user.order_power])
            * powers.demand_ration();
        // What reserves buy there is left out of account: that makes the test a little
        // stricter.
        return wanted - of(terms.own_stock, user.region) >= of(terms.release, user.region);
    });
}

void ContractedNetwork::spread(const ZonePrices& prices, const Network& network,
                               ZonePrices& whole) const
{
    whole.x.resize(node_of_.size());
    whole.zone.resize(node_of_.size());
    for (std::size_t node = 0; node < node_of_.size(); ++node) {
        whole.x[node] = prices.x[node_of_[node]];
        whole.zone[node] = prices.zone[node_of_[node]];
    }
    whole.slope = prices.slope;
    whole.supplied = prices.supplied;
    whole.single_zone = prices.single_zone;
    whole.flow.assign(network.arcs.size(), 0);
    for (std::size_t cap = 0; cap < capped_.size(); ++cap) {
        if (arc_of_cap_[cap] != absent) {
            whole.flow[capped_[cap]] = prices.flow[arc_of_cap_[cap]];
        }
    }
    for (const Plant& plant : plants_) {
        const double room = network_.arcs[plant.to].cap;
        whole.flow[plant.arc] =
            room > 0 ? prices.flow[plant.to] * (network.arcs[plant.arc].cap / room) : 0;
    }
}

}  // namespace chokepoint
