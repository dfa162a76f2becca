#include "chokepoint/market/layered_network.hpp"

#include <algorithm>
#include <span>

namespace chokepoint {
namespace {

std::uint32_t new_node(Network& network)
{
    Node node;
    node.first_supply = node.last_supply = static_cast<std::uint32_t>(network.supplies.size());
    node.first_demand = node.first_purchase = node.last_demand =
        static_cast<std::uint32_t>(network.demands.size());
    network.nodes.push_back(node);
    return static_cast<std::uint32_t>(network.nodes.size() - 1);
}

std::uint32_t new_arc(Network& network, std::uint32_t from, std::uint32_t to)
{
    network.arcs.push_back({from, to, open_cap});
    return static_cast<std::uint32_t>(network.arcs.size() - 1);
}

/// Supplies of a node are stored side by side: no other node may get one in between.
void add_supply(Network& network, std::uint32_t node)
{
    network.supplies.emplace_back();
    ++network.nodes[node].last_supply;
}

void add_recycling(const Model& model, CommodityId commodity, std::size_t stage,
                   std::size_t region, LayeredNetwork& layered)
{
    std::uint32_t& out_node = layered.out_node[stage * model.regions.size() + region];
    for (std::size_t entry = 0; entry < model.recycling.size(); ++entry) {
        const Recycling& recycling = model.recycling[entry];
        if (recycling.commodity != commodity || recycling.stage.index() != stage
            || recycling.region.index() != region) {
            continue;
        }
        if (out_node == absent) {
            out_node = new_node(layered.network);
        }
        layered.recyclers.push_back({entry, out_node, layered.network.supplies.size()});
        add_supply(layered.network, out_node);
    }
}

/// Gives the entrance of plants that keep a stock their orders.
void add_stockpile(const Model& model, CommodityId commodity, std::size_t stage,
                   std::size_t region, LayeredNetwork& layered)
{
    for (std::size_t position = 0; position < model.stage_stocks.size(); ++position) {
        const StageStock& stock = model.stage_stocks[position];
        if (stock.commodity == commodity && stock.stage.index() == stage
            && stock.region.index() == region) {
            const std::size_t at = stage * model.regions.size() + region;
            layered.network.demands.emplace_back();
            Node& entrance = layered.network.nodes[layered.in_node[at]];
            entrance.first_purchase = ++entrance.last_demand;
            layered.stockpiles.push_back({position, at});
        }
    }
}

void add_stage(const Model& model, CommodityId commodity, std::size_t stage,
               LayeredNetwork& layered)
{
    const std::size_t regions = model.regions.size();
    Network& network = layered.network;
    for (std::size_t region = 0; region < regions; ++region) {
        const std::size_t at = stage * regions + region;
        for (std::size_t facility = 0; facility < model.facilities.size(); ++facility) {
            const Facility& entry = model.facilities[facility];
            const auto output = model.output_of(entry, commodity);
            if (entry.stage.index() != stage || entry.region.index() != region || !output) {
                continue;
            }
            if (layered.out_node[at] == absent) {
                if (stage > 0) {
                    layered.in_node[at] = new_node(network);
                    add_stockpile(model, commodity, stage, region, layered);
                }
                layered.out_node[at] = new_node(network);
                if (stage > 0) {
                    layered.plant_arc[at] =
                        new_arc(network, layered.in_node[at], layered.out_node[at]);
                }
            }
            if (stage > 0) {
                layered.plants.push_back({facility, *output, layered.plant_arc[at]});
            } else {
                layered.mines.push_back({facility, network.supplies.size(), *output});
                add_supply(network, layered.out_node[at]);
            }
        }
        add_recycling(model, commodity, stage, region, layered);
    }
}

/// True if some measure of the model may cap all exports of the region at once.
bool exports_may_be_capped(const Model& model, CommodityId commodity, std::size_t stage,
                           std::size_t region)
{
    return std::ranges::any_of(model.measures, [&](const Measure& measure) {
        return measure.all_targets && measure.exporter == RegionId(region)
               && measure.layer == StageId(stage)
               && std::ranges::find(measure.commodities, commodity)
                      != measure.commodities.end();
    });
}

/// True if some measure of the model may cap what the region exports to one importer.
bool may_cap_single_importers(const Model& model, CommodityId commodity, std::size_t stage,
                              std::size_t region)
{
    return std::ranges::any_of(model.measures, [&](const Measure& measure) {
        return !measure.all_targets && measure.exporter == RegionId(region)
               && measure.layer == StageId(stage)
               && std::ranges::find(measure.commodities, commodity)
                      != measure.commodities.end();
    });
}

/// Exporters whose arcs to single importers nobody caps sell to all of them by way of one
/// node: the same prices with far fewer arcs, exporters + importers in place of their product.
class WorldMarket {
public:
    /// \param markets  Where a stage's output is wanted, by region.
    WorldMarket(std::span<const std::uint32_t> markets, LayeredNetwork& layered)
        : markets_(markets), layered_(layered)
    {}

    /// The arc by which the exporter reaches it.
    std::uint32_t add_exporter(std::uint32_t node)
    {
        Network& network = layered_.network;
        if (node_ == absent) {
            node_ = new_node(network);
            for (const std::uint32_t market : markets_) {
                if (market != absent) {
                    new_arc(network, node_, market);
                }
            }
        }
        return new_arc(network, node, node_);
    }

private:
    std::span<const std::uint32_t> markets_;
    LayeredNetwork& layered_;
    std::uint32_t node_ = absent;
};

void add_trade(const Model& model, CommodityId commodity, std::size_t stage,
               LayeredNetwork& layered)
{
    const std::size_t regions = model.regions.size();
    Network& network = layered.network;
    const bool to_users = StageId(stage) == model.last_stage(commodity);
    const std::span<const std::uint32_t> markets =
        to_users ? std::span<const std::uint32_t>(layered.use_node)
                 : std::span<const std::uint32_t>(layered.in_node)
                       .subspan((stage + 1) * regions, regions);
    WorldMarket world(markets, layered);
    for (std::size_t from = 0; from < regions; ++from) {
        const std::size_t at = stage * regions + from;
        if (layered.out_node[at] == absent) {
            continue;
        }
        if (markets[from] != absent) {
            new_arc(network, layered.out_node[at], markets[from]);
        }
        layered.export_node[at] = layered.out_node[at];
        if (exports_may_be_capped(model, commodity, stage, from)) {
            layered.export_node[at] = new_node(network);
            layered.export_arc[at] =
                new_arc(network, layered.out_node[at], layered.export_node[at]);
            layered.cappable_arcs.push_back(layered.export_arc[at]);
        }
        if (!may_cap_single_importers(model, commodity, stage, from)) {
            layered.world_arc[at] = world.add_exporter(layered.export_node[at]);
            continue;
        }
        for (std::size_t to = 0; to < regions; ++to) {
            if (to != from && markets[to] != absent) {
                layered.trade_arc[at * regions + to] =
                    new_arc(network, layered.export_node[at], markets[to]);
                layered.cappable_arcs.push_back(layered.trade_arc[at * regions + to]);
            }
        }
    }
}

/// The position of an exponent, added if it is new.
std::uint32_t power_of(const Model& model, Slot slot, double factor, LayeredNetwork& layered)
{
    const ParameterInfo& info = model.parameters[slot.index()];
    for (std::uint32_t known = 0; known < layered.powers.size(); ++known) {
        const LayeredNetwork::PowerOf& power = layered.powers[known];
        const ParameterInfo& other = model.parameters[power.slot.index()];
        const bool is_same = power.slot == slot
                             || (info.distribution.is_fixed() && other.distribution.is_fixed()
                                 && info.nominal == other.nominal);
        if (is_same && power.factor == factor) {
            return known;
        }
    }
    layered.powers.push_back({slot, factor});
    return static_cast<std::uint32_t>(layered.powers.size() - 1);
}

/// Gives every term its exponent.
void assign_powers(const Model& model, CommodityId commodity, LayeredNetwork& layered)
{
    Network& network = layered.network;
    const auto power = [&](Slot slot, double factor) {
        return power_of(model, slot, factor, layered);
    };
    for (const LayeredNetwork::Mine& mine : layered.mines) {
        const Facility& facility = model.facilities[mine.facility];
        network.supplies[mine.supply].power =
            power(facility.by_product ? zero_slot : facility.supply_elasticity, 1);
    }
    for (const LayeredNetwork::Recycler& recycler : layered.recyclers) {
        network.supplies[recycler.supply].power = power(zero_slot, 1);
    }
    const auto order_power = [&](std::size_t holder) {
        const int policy = model.stock_policy_of[holder];
        return policy < 0
                   ? power(zero_slot, 1)
                   : power(
                       model.stock_policies[static_cast<std::size_t>(policy)].price_sensitivity,
                       -1);
    };
    const std::uint32_t consumption =
        power(model.commodities[commodity.index()].elasticity_short, -1);
    layered.refill_power = power(one_slot, -1);
    for (std::size_t region = 0; region < model.regions.size(); ++region) {
        const std::uint32_t first = network.nodes[layered.use_node[region]].first_demand;
        network.demands[first + consumption_term].power = consumption;
        network.demands[first + order_term].power =
            order_power(model.cell(commodity, RegionId(region)));
        network.demands[first + refill_term].power = layered.refill_power;
    }
    for (const LayeredNetwork::Stockpile& stockpile : layered.stockpiles) {
        const Node& entrance = network.nodes[layered.in_node[stockpile.at]];
        network.demands[entrance.first_demand].power =
            order_power(model.cells() + stockpile.position);
    }
}

}  // namespace

LayeredNetwork build_layered_network(const Model& model, CommodityId commodity)
{
    const std::size_t regions = model.regions.size();
    const std::size_t positions = model.stages.size() * regions;
    LayeredNetwork layered;
    layered.out_node.assign(positions, absent);
    layered.in_node.assign(positions, absent);
    layered.export_node.assign(positions, absent);
    layered.export_arc.assign(positions, absent);
    layered.plant_arc.assign(positions, absent);
    layered.world_arc.assign(positions, absent);
    layered.trade_arc.assign(positions * regions, absent);
    for (std::size_t stage = 0; stage < model.stages_of(commodity); ++stage) {
        add_stage(model, commodity, stage, layered);
    }
    Network& network = layered.network;
    for (std::size_t region = 0; region < regions; ++region) {
        layered.use_node.push_back(new_node(network));
        network.demands.resize(network.demands.size() + use_terms);
        Node& use = network.nodes.back();
        use.first_purchase = use.first_demand + refill_term;
        use.last_demand = use.first_demand + use_terms;
    }
    for (std::size_t stage = 0; stage < model.stages_of(commodity); ++stage) {
        add_trade(model, commodity, stage, layered);
    }
    for (std::uint32_t node = 0; node < network.nodes.size(); ++node) {
        if (network.nodes[node].has_curve()) {
            layered.curve_nodes.push_back(node);
        }
    }
    network.link_arcs();
    assign_powers(model, commodity, layered);
    return layered;
}

}  // namespace chokepoint
