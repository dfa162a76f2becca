// What each stage makes and exports by region, once prices are known. Flows inside a zone are
// not unique: its plants run at one common share of their capacity as far as caps allow, and a
// region exports what it does not take itself (docs/model.md section 2, "Flows inside a zone").

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "chokepoint/market/curves.hpp"
#include "chokepoint/market/trial_market.hpp"

namespace chokepoint {
namespace {

constexpr double flow_slack = 1e-11;  ///< Relative to what is supplied.

}  // namespace

std::size_t TrialMarket::at_layer(std::size_t commodity, std::size_t stage,
                                  std::size_t region) const
{
    return stage * model_->cells() + commodity * model_->regions.size() + region;
}

/// What a region takes in of a stage's output: for its plants of the next stage, or its users.
double TrialMarket::intake(std::size_t commodity, std::size_t stage, std::size_t region) const
{
    const std::size_t regions = model_->regions.size();
    return std::max(0.0, stage + 1 < model_->stages_of(CommodityId(commodity))
                             ? clearing_.throughput[at_layer(commodity, stage + 1, region)]
                                   - net_draw_[(stage + 1) * regions + region]
                             : clearing_.purchase[commodity * regions + region]);
}

/// What plants order for their stocks and draw from them.
void TrialMarket::read_stage_stocks(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    const Network& network = layered.network;
    const ZonePrices& prices = prices_[commodity];
    std::ranges::fill(net_draw_, 0);
    for (const LayeredNetwork::Stockpile& stockpile : layered.stockpiles) {
        const std::uint32_t entrance = layered.in_node[stockpile.at];
        const double x = prices.x[entrance];
        const bool supplied = prices.supplied[prices.zone[entrance]];
        Balance balance;
        add_node(network, network.nodes[entrance], Powers(network, x), balance);
        const double ordered = supplied ? balance.out : 0;
        clearing_.stage_price[stockpile.position] =
            std::clamp(x, network.log_floor, network.log_choke);
        clearing_.stage_order[stockpile.position] = ordered;
        clearing_.stage_draw[stockpile.position] = balance.in;
        net_draw_[stockpile.at] = balance.in - ordered;
    }
}

/// What mines and recycling supply.
void TrialMarket::read_supply(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    const Network& network = layered.network;
    const ZonePrices& prices = prices_[commodity];
    for (const LayeredNetwork::Recycler& recycler : layered.recyclers) {
        const Powers& powers = known_powers_.at(network, prices.x[recycler.node]);
        clearing_.recycled[recycler.entry] =
            network.supplies[recycler.supply].available * powers.supply_ration();
    }
    const std::size_t regions = model_->regions.size();
    for (std::size_t at = 0; at < model_->stages_of(CommodityId(commodity)) * regions; ++at) {
        const std::uint32_t node = layered.out_node[at];
        Balance made;
        if (node != absent && network.nodes[node].has_curve()) {
            add_node(network, network.nodes[node], known_powers_.at(network, prices.x[node]),
                     made);
        }
        own_supply_[at] = made.in;
    }
}

/// What all plants of each stage pass on.
void TrialMarket::sum_what_passes(std::size_t commodity)
{
    const std::size_t regions = model_->regions.size();
    double above = 0;
    for (std::size_t stage = 0; stage < model_->stages_of(CommodityId(commodity)); ++stage) {
        for (std::size_t at = stage * regions; at < (stage + 1) * regions; ++at) {
            above += net_draw_[at];
        }
        passing_[stage] = above;
        for (std::size_t at = stage * regions; at < (stage + 1) * regions; ++at) {
            above += own_supply_[at];
        }
    }
}

/// True if nothing caps what a stage puts out, nor sets its prices apart.
bool TrialMarket::layer_is_open(std::size_t commodity, std::size_t stage) const
{
    return one_zone_[commodity]
           && capped_layers_[commodity * model_->stages.size() + stage] == 0;
}

/// What a region must and what it can export of a stage's output: arcs to other price zones are
/// full or empty, arcs inside the zone take what their caps allow.
std::pair<double, double> TrialMarket::bounds_of_exports(std::size_t commodity,
                                                         std::size_t stage,
                                                         std::size_t region) const
{
    if (layer_is_open(commodity, stage)) {
        return {0, open_cap};
    }
    const LayeredNetwork& layered = networks_[commodity];
    const std::vector<Arc>& arcs = layered.network.arcs;
    const std::size_t regions = model_->regions.size();
    const std::size_t at = stage * regions + region;
    const auto bounds_of = [&](std::uint32_t arc) {
        if (arc == absent) {
            return std::pair{0.0, 0.0};
        }
        if (!between_zones(commodity, arc)) {
            return std::pair{0.0, arcs[arc].cap};
        }
        const double flow = prices_[commodity].flow[arc];
        return std::pair{flow, flow};
    };
    auto [least, most] = bounds_of(layered.world_arc[at]);
    for (std::size_t to = 0; layered.world_arc[at] == absent && to < regions; ++to) {
        const auto [least_to, most_to] = bounds_of(layered.trade_arc[at * regions + to]);
        least += least_to;
        most += most_to;
    }
    if (layered.export_arc[at] != absent) {
        const auto [least_in_all, most_in_all] = bounds_of(layered.export_arc[at]);
        least = std::max(least, least_in_all);
        most = std::min(most, most_in_all);
    }
    return {least, most};
}

/// The least and the most that a region's plants may put through so that neither what they
/// leave to others before them nor what they pass on exceeds the caps on its exports, and that
/// they use up what they draw from their stock.
std::pair<double, double> TrialMarket::bounds_of_plant(std::size_t commodity, std::size_t stage,
                                                       std::size_t region) const
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::vector<Arc>& arcs = layered.network.arcs;
    const std::size_t regions = model_->regions.size();
    const auto [must_export, can_export] = bounds_of_exports(commodity, stage, region);
    const double can_leave = bounds_of_exports(commodity, stage - 1, region).second;
    double home = intake(commodity, stage, region);
    if (stage + 1 < model_->stages_of(CommodityId(commodity))) {
        const std::size_t next = (stage + 1) * regions + region;
        home = layered.plant_arc[next] == absent
                   ? 0
                   : arcs[layered.plant_arc[next]].cap - net_draw_[next];
    }
    const std::size_t at = stage * regions + region;
    const double stays = clearing_.output[at_layer(commodity, stage - 1, region)] - can_leave;
    const double least =
        std::max(must_export - own_supply_[at], std::max(0.0, stays) + net_draw_[at]);
    const double most =
        std::min(arcs[layered.plant_arc[at]].cap, home + can_export - own_supply_[at]);
    return {std::max(0.0, least), std::max({0.0, least, most})};
}

/// Gives a stage's plants inside one zone the same share of capacity, or the nearest to it that
/// their bounds allow, so that together they put through what the solver found, or in a month
/// of one zone what there is to pass on.
void TrialMarket::share_within_zone(std::size_t commodity, std::size_t stage,
                                    std::uint32_t zone)
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::vector<Arc>& arcs = layered.network.arcs;
    const std::size_t regions = model_->regions.size();
    const auto for_each_plant = [&](auto visit) {
        for (std::size_t region = 0; region < regions; ++region) {
            const std::uint32_t plant = layered.plant_arc[stage * regions + region];
            if (plant != absent && !between_zones(commodity, plant)
                && prices_[commodity].zone[arcs[plant].from] == zone) {
                visit(region, plant);
            }
        }
    };
    double total = 0;
    double capacity = 0;
    double least_in_all = 0;
    double most_in_all = 0;
    for_each_plant([&](std::size_t region, std::uint32_t plant) {
        total += one_zone_[commodity] ? 0 : prices_[commodity].flow[plant];
        capacity += arcs[plant].cap;
        plant_bounds_[region] = bounds_of_plant(commodity, stage, region);
        least_in_all += plant_bounds_[region].first;
        most_in_all += plant_bounds_[region].second;
    });
    total = one_zone_[commodity] ? passing_[stage] : total;
    // Sets throughputs; gives their sum and how fast it rises with the share.
    const auto put_through = [&](double share) {
        double sum = 0;
        double slope = 0;
        for_each_plant([&](std::size_t region, std::uint32_t plant) {
            const auto [least, most] = plant_bounds_[region];
            const double wanted = share * arcs[plant].cap;
            double& throughput = clearing_.throughput[at_layer(commodity, stage, region)];
            throughput = std::clamp(wanted, least, most);
            sum += throughput;
            slope += throughput == wanted ? arcs[plant].cap : 0;
        });
        return std::pair(sum, slope);
    };
    if (capacity == 0 || total <= least_in_all) {
        put_through(0);
        return;
    }
    if (total >= most_in_all) {
        put_through(1);
        return;
    }
    // The sum is piecewise linear in the share: Newton's method in a bracket.
    double lower = 0;
    double upper = 1;
    double share = total / capacity;
    for (int round = 0; round < 60 && upper - lower > 1e-15; ++round) {
        const auto [sum, slope] = put_through(share);
        if (std::abs(sum - total) <= flow_slack * total) {
            return;
        }
        (sum < total ? lower : upper) = share;
        const double step = slope > 0 ? share + (total - sum) / slope : upper;
        share = step > lower && step < upper ? step : 0.5 * (lower + upper);
    }
    put_through(upper);
}

void TrialMarket::share_among_plants(std::size_t commodity, std::size_t stage)
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::vector<Arc>& arcs = layered.network.arcs;
    const std::size_t regions = model_->regions.size();
    double capacity = 0;
    bool keep_stock = false;
    for (std::size_t region = 0; region < regions; ++region) {
        const std::uint32_t plant = layered.plant_arc[stage * regions + region];
        capacity += plant == absent ? 0 : arcs[plant].cap;
        keep_stock = keep_stock || net_draw_[stage * regions + region] != 0;
    }
    for (std::size_t region = 0; region < regions; ++region) {
        const std::uint32_t plant = layered.plant_arc[stage * regions + region];
        double& throughput = clearing_.throughput[at_layer(commodity, stage, region)];
        throughput = 0;
        if (plant != absent && one_zone_[commodity]) {
            throughput = capacity > 0 ? arcs[plant].cap * (passing_[stage] / capacity) : 0;
        } else if (plant != absent && between_zones(commodity, plant)) {
            throughput = prices_[commodity].flow[plant];
        }
    }
    if (keep_stock || !layer_is_open(commodity, stage)
        || !layer_is_open(commodity, stage - 1)) {
        for (std::uint32_t zone = 0; zone < prices_[commodity].slope.size(); ++zone) {
            share_within_zone(commodity, stage, zone);
        }
    }
}

/// What leaves a stage: what its plants pass on, and what is mined or recycled there.
void TrialMarket::read_output(std::size_t commodity, std::size_t stage)
{
    const std::size_t regions = model_->regions.size();
    for (std::size_t region = 0; region < regions; ++region) {
        const std::size_t at = at_layer(commodity, stage, region);
        clearing_.output[at] = clearing_.throughput[at] + own_supply_[stage * regions + region];
    }
}

void TrialMarket::read_exports(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t regions = model_->regions.size();
    for (std::size_t stage = 0; stage < model_->stages_of(CommodityId(commodity)); ++stage) {
        for (std::size_t region = 0; region < regions; ++region) {
            const std::size_t at = at_layer(commodity, stage, region);
            const std::uint32_t arc = layered.export_arc[stage * regions + region];
            clearing_.exports[at] =
                arc != absent && !one_zone_[commodity] && between_zones(commodity, arc)
                    ? prices_[commodity].flow[arc]
                    : std::max(0.0, clearing_.output[at] - intake(commodity, stage, region));
        }
    }
}

/// True if no region exports more than its cap, and none less than it must to get rid of its
/// output.
bool TrialMarket::flows_are_possible(std::size_t commodity, double supply) const
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t regions = model_->regions.size();
    const double slack = flow_slack * supply;
    for (std::size_t stage = 0; stage < model_->stages_of(CommodityId(commodity)); ++stage) {
        double passed_on = 0;
        for (std::size_t region = 0; region < regions; ++region) {
            const std::size_t at = at_layer(commodity, stage, region);
            const std::uint32_t arc = layered.export_arc[stage * regions + region];
            const double output = clearing_.output[at];
            const double exported = clearing_.exports[at];
            passed_on += clearing_.throughput[at];
            if (exported > output + slack
                || output - exported > intake(commodity, stage, region) + slack
                || (arc != absent && exported > layered.network.arcs[arc].cap + slack)) {
                return false;
            }
        }
        if (stage > 0 && std::abs(passed_on - passing_[stage]) > slack) {
            return false;
        }
    }
    return true;
}

/// Shares what each stage passes on; true if that is possible.
bool TrialMarket::share_flows(std::size_t commodity)
{
    sum_what_passes(commodity);
    read_output(commodity, 0);
    for (std::size_t stage = 1; stage < model_->stages_of(CommodityId(commodity)); ++stage) {
        share_among_plants(commodity, stage);
        read_output(commodity, stage);
    }
    read_exports(commodity);
    const double supply = std::accumulate(own_supply_.begin(), own_supply_.end(), 0.0);
    return flows_are_possible(commodity, supply) && plants_can_run(commodity, supply);
}

void TrialMarket::read_flows(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    read_stage_stocks(commodity);
    read_supply(commodity);
    if (share_flows(commodity) || one_zone_[commodity]) {
        return;
    }
    if (contracted_[commodity]) {
        // What stands for several plants or markets cannot tell how they share.
        solve(commodity);
        read_users(commodity);
        read_flows(commodity);
        return;
    }
    // Caps tie the plants in ways that bounds one by one do not tell: the solver's flows are
    // possible ones.
    for (std::size_t stage = 1; stage < model_->stages_of(CommodityId(commodity)); ++stage) {
        for (std::size_t region = 0; region < model_->regions.size(); ++region) {
            const std::uint32_t plant =
                layered.plant_arc[stage * model_->regions.size() + region];
            clearing_.throughput[at_layer(commodity, stage, region)] =
                plant == absent ? 0 : prices_[commodity].flow[plant];
        }
        read_output(commodity, stage);
    }
    read_exports(commodity);
}

/// True if every plant has room for what it puts through, and uses up what it draws from its
/// own stock, which nobody else can.
bool TrialMarket::plants_can_run(std::size_t commodity, double supply) const
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t regions = model_->regions.size();
    const double slack = flow_slack * supply;
    for (std::size_t at = regions; at < model_->stages_of(CommodityId(commodity)) * regions;
         ++at) {
        const std::uint32_t plant = layered.plant_arc[at];
        const double throughput =
            clearing_.throughput[at_layer(commodity, at / regions, at % regions)];
        if (plant != absent
            && (throughput > layered.network.arcs[plant].cap + slack
                || net_draw_[at] > throughput + slack)) {
            return false;
        }
    }
    return true;
}

/// Takes over what a pooled month came to: what is bought, supplied and drawn from stocks.
void TrialMarket::take_pooled(std::size_t commodity, const Clearing& pooled)
{
    const auto of = [this](const LaneArray<double>& rows, std::size_t entity) {
        return rows[entity * lanes_ + lane_];
    };
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t regions = model_->regions.size();
    for (std::size_t cell = commodity * regions; cell < (commodity + 1) * regions; ++cell) {
        clearing_.purchase[cell] = of(pooled.purchase, cell);
    }
    std::ranges::fill(own_supply_, 0);
    for (std::size_t region = 0; region < regions; ++region) {
        if (layered.out_node[region] != absent) {
            own_supply_[region] = of(pooled.output, at_layer(commodity, 0, region));
        }
    }
    for (const LayeredNetwork::Recycler& recycler : layered.recyclers) {
        const Recycling& entry = model_->recycling[recycler.entry];
        if (entry.stage != StageId(0)) {
            own_supply_[entry.stage.index() * regions + entry.region.index()] +=
                of(pooled.recycled, recycler.entry);
        }
    }
    std::ranges::fill(net_draw_, 0);
    for (const LayeredNetwork::Stockpile& stockpile : layered.stockpiles) {
        net_draw_[stockpile.at] = of(pooled.stage_draw, stockpile.position)
                                  - of(pooled.stage_order, stockpile.position);
    }
}

bool TrialMarket::share_at_one_price(const LaneTerms& terms, const Clearing& pooled,
                                     std::size_t lane, std::size_t commodity)
{
    lanes_ = pooled.lanes;
    lane_ = lane;
    take_pooled(commodity, pooled);
    load_caps(terms.of[commodity], commodity);
    ZonePrices& prices = prices_[commodity];
    prices.zone.assign(networks_[commodity].network.nodes.size(), 0);
    prices.slope.assign(1, 0);
    contracted_[commodity] = false;
    one_zone_[commodity] = true;
    return share_flows(commodity);
}

}  // namespace chokepoint
