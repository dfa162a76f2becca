// All taxes and shared quotas of a month at once, where settling them in turn fails
// (docs/model.md section 2, "Entangled taxes and quotas").

#include <algorithm>
#include <cstdint>

#include "chokepoint/market/curves.hpp"
#include "chokepoint/market/trial_market.hpp"

namespace chokepoint {

/// Lets the interior-point method find prices, flows and rents of all priced commodities. False
/// if it does not arrive: then the caps are as before.
bool TrialMarket::settle_at_once()
{
    state_problem();
    if (!interior_.solve()) {
        for (const PricedArc& priced : priced_) {
            networks_[priced.commodity].network.arcs[priced.arc].cap = priced.cap;
        }
        for (std::size_t commodity = 0; commodity < networks_.size(); ++commodity) {
            if (is_priced(commodity)) {
                solve(commodity);
            }
        }
        return false;
    }
    for (PricedArc& priced : priced_) {
        priced.cap = interior_.flow(block_[priced.commodity], priced.arc);
        networks_[priced.commodity].network.arcs[priced.arc].cap = priced.cap;
    }
    for (std::size_t commodity = 0; commodity < networks_.size(); ++commodity) {
        if (is_priced(commodity)) {
            take_prices(commodity);
        }
    }
    for (std::size_t quota = 0; quota < legal_->quota_count; ++quota) {
        rent_[quota] = interior_.rent(quota);
    }
    for (std::size_t quota = 0; quota < legal_->quota_count; ++quota) {
        const PricedArcs members = members_of(quota);
        if (members.empty()) {
            continue;
        }
        last_rent_[members[0].commodity][members[0].arc] = rent_[quota];
        if (is_ban(quota)) {
            note_other_rents(quota);
            rent_[quota] = rent_of_ban(members);
        }
    }
    return true;
}

/// Tells the interior-point method of the month's networks, taxes and quotas.
void TrialMarket::state_problem()
{
    interior_.clear();
    for (PricedArc& priced : priced_) {
        lift_cap(priced);
    }
    for (std::size_t quota = 0; quota < legal_->quota_count; ++quota) {
        for (const PricedArc& member : members_of(quota)) {
            if (is_ban(quota)) {
                networks_[member.commodity].network.arcs[member.arc].cap = 0;
            }
        }
    }
    for (std::size_t commodity = 0; commodity < networks_.size(); ++commodity) {
        if (is_priced(commodity)) {
            block_[commodity] =
                interior_.add_network(networks_[commodity].network, consumption_of(commodity));
        }
    }
    for (const PricedArc& priced : priced_) {
        interior_.set_tax(block_[priced.commodity], priced.arc, priced.factor);
    }
    for (std::size_t quota = 0; quota < legal_->quota_count; ++quota) {
        interior_.add_quota(legal_->quotas[quota].limit);
        for (const PricedArc& member : members_of(quota)) {
            interior_.add_claim(block_[member.commodity], member.arc, member.weight,
                                member.rent_share);
        }
    }
}

/// Takes prices and flows over from the interior-point method: nodes joined by arcs that are
/// neither empty nor full are one zone.
void TrialMarket::take_prices(std::size_t commodity)
{
    const Network& network = networks_[commodity].network;
    const std::size_t block = block_[commodity];
    ZonePrices& prices = prices_[commodity];
    const std::span<const double> x = interior_.prices(block);
    prices.x.assign(x.begin(), x.end());
    prices.flow.resize(network.arcs.size());
    prices.zone.assign(network.nodes.size(), absent);
    for (std::uint32_t arc = 0; arc < network.arcs.size(); ++arc) {
        prices.flow[arc] = interior_.flow(block, arc);
    }
    std::uint32_t zones = 0;
    for (std::uint32_t node = 0; node < network.nodes.size(); ++node) {
        if (prices.zone[node] == absent) {
            join_zone(network, node, zones++, prices);
        }
    }
    prices.slope.assign(zones, 0);
    prices.supplied.assign(zones, false);
    for (std::uint32_t node = 0; node < network.nodes.size(); ++node) {
        Balance balance;
        add_node(network, network.nodes[node], Powers(network, x[node]), balance);
        prices.slope[prices.zone[node]] += balance.in1 + balance.out1;
        if (balance.in > 0) {
            prices.supplied[prices.zone[node]] = true;
        }
    }
    for (std::uint32_t arc = 0; arc < network.arcs.size(); ++arc) {
        if (prices.flow[arc] > 0) {
            prices.supplied[prices.zone[network.arcs[arc].to]] = true;
        }
    }
    one_zone_[commodity] = false;
}

/// Gives a node and all that hang together with it the zone's number.
void TrialMarket::join_zone(const Network& network, std::uint32_t node, std::uint32_t zone,
                            ZonePrices& prices)
{
    prices.zone[node] = zone;
    for (std::uint32_t at = network.first_link[node]; at < network.first_link[node + 1]; ++at) {
        const Link& link = network.links[at];
        const double flow = prices.flow[link.arc];
        if (prices.zone[link.other] == absent && flow > 0
            && flow < network.arcs[link.arc].cap) {
            join_zone(network, link.other, zone, prices);
        }
    }
}

}  // namespace chokepoint
