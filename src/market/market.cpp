#include "chokepoint/market/market.hpp"

#include <algorithm>
#include <cmath>

#include "chokepoint/market/curves.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

constexpr double stage_slack = 1e-12;  ///< Relative; a stage that is just full counts as open.
constexpr double binding_gap = 1e-9;   ///< Price ratio; an arc binds if its gap is larger.

double clamped(const Network& network, double x)
{
    return std::clamp(x, network.log_floor, network.log_choke);
}

/// Equation (13): the share of capacity in use of a by-product facility, which follows its
/// basket slowly.
double by_product_use(const Parameters& parameters, const Facility& facility,
                      double basket_index)
{
    return std::min(
        1.0, parameters[facility.utilisation]
                 * portable_exp(parameters[facility.by_product->elasticity] * basket_index));
}

}  // namespace

Market::Market(const Model& model)
    : model_(&model),
      prices_(model.commodities.size()),
      capped_(model.commodities.size(), false),
      capped_beyond_mines_(model.commodities.size(), false),
      one_zone_(model.commodities.size(), false),
      rules_(model),
      last_cap_(model.commodities.size()),
      last_rent_(model.commodities.size()),
      block_(model.commodities.size(), 0),
      own_supply_(model.stages.size() * model.regions.size()),
      net_draw_(model.stages.size() * model.regions.size()),
      passing_(model.stages.size()),
      plant_bounds_(model.regions.size())
{
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        networks_.push_back(build_layered_network(model, CommodityId(commodity)));
    }
    const std::size_t cells = model.cells();
    for (auto* by_cell : {&clearing_.log_price, &clearing_.consumption, &clearing_.rationed,
                          &clearing_.stock_after, &clearing_.source_price, &clearing_.purchase,
                          &clearing_.release}) {
        by_cell->resize(cells);
    }
    clearing_.need_factor.assign(cells, 1);
    clearing_.substituted.assign(model.has_substitutes() ? cells : 0, 0);
    clearing_.reserve_release.resize(model.reserves.size());
    clearing_.reserve_purchase.resize(model.reserves.size());
    for (auto* by_stock :
         {&clearing_.stage_price, &clearing_.stage_order, &clearing_.stage_draw}) {
        by_stock->resize(model.stage_stocks.size());
    }
    clearing_.recycled.resize(model.recycling.size());
    clearing_.throughput.assign(model.stages.size() * cells, 0);
    clearing_.output.assign(model.stages.size() * cells, 0);
    clearing_.exports.assign(model.stages.size() * cells, 0);
    clearing_.arc_gap.assign(model.cappable_arcs.size(), 0);
    clearing_.arc_tax.assign(model.cappable_arcs.size(), 0);
    clearing_.arc_flow.assign(model.cappable_arcs.size(), 0);
}

void Market::start(const Parameters& parameters)
{
    parameters_ = &parameters;
    clearing_.need_factor.assign(model_->cells(), 1);
    for (std::size_t commodity = 0; commodity < networks_.size(); ++commodity) {
        LayeredNetwork& layered = networks_[commodity];
        set_elasticities(*model_, CommodityId(commodity), parameters, layered);
        for (Arc& arc : layered.network.arcs) {
            arc.cap = open_cap;
        }
        prices_[commodity].single_zone = 0;
        prices_[commodity].x.assign(layered.network.nodes.size(), 0);
        // Nothing of another trial may be taken for this one's.
        prices_[commodity].slope.clear();
        prices_[commodity].zone.clear();
        prices_[commodity].flow.clear();
        capped_[commodity] = false;
        capped_beyond_mines_[commodity] = false;
        last_cap_[commodity].assign(layered.network.arcs.size(), 0);
        last_rent_[commodity].assign(layered.network.arcs.size(), 0);
    }
}

/// Fills in the month's numbers: what facilities can make, what users want, what reserves do.
void Market::assemble(const Shock& shock, const MarketState& state, std::size_t commodity)
{
    const Parameters& parameters = *parameters_;
    const Model& model = *model_;
    LayeredNetwork& layered = networks_[commodity];
    Network& network = layered.network;
    const auto room = [&](std::size_t facility, std::size_t output) {
        return parameters[model.facilities[facility].capacity] / months_per_year
               * parameters.growth.capacity.at(state.month, facility)
               * parameters.baseline.share[facility][output] * shock.availability[facility];
    };
    for (const LayeredNetwork::Mine& mine : layered.mines) {
        const Facility& facility = model.facilities[mine.facility];
        SupplyTerm& supply = network.supplies[mine.supply];
        supply.available = room(mine.facility, mine.output);
        if (facility.by_product) {
            supply.available *=
                by_product_use(parameters, facility, state.basket_index[mine.facility]);
            supply.utilisation = 1;
        } else {
            supply.utilisation = parameters[facility.utilisation];
        }
        if (!shock.supply_shift.empty()) {
            const std::size_t cell = model.cell(CommodityId(commodity), facility.region);
            supply.utilisation *=
                portable_exp(-network.exponents[supply.power] * shock.supply_shift[cell]);
        }
    }
    for (const LayeredNetwork::Recycler& recycler : layered.recyclers) {
        network.supplies[recycler.supply].available =
            recycled_of(model, parameters, state, recycler.entry);
    }
    for (const LayeredNetwork::Stockpile& stockpile : layered.stockpiles) {
        const std::size_t holder = model.cells() + stockpile.position;
        Node& entrance = network.nodes[layered.in_node[stockpile.at]];
        entrance.fixed = draw_of(model, parameters, state, holder);
        network.demands[entrance.first_demand].coefficient =
            order_of(model, parameters, state, holder);
    }
    for (const LayeredNetwork::Plant& plant : layered.plants) {
        network.arcs[plant.arc].cap = 0;
    }
    for (const LayeredNetwork::Plant& plant : layered.plants) {
        network.arcs[plant.arc].cap += room(plant.facility, plant.output);
    }
    const Commodity& entry = model.commodities[commodity];
    const double long_run =
        parameters[entry.elasticity_long] - parameters[entry.elasticity_short];
    for (std::size_t region = 0; region < model.regions.size(); ++region) {
        const std::size_t cell = commodity * model.regions.size() + region;
        Node& use = network.nodes[layered.use_node[region]];
        DemandTerm* demand = &network.demands[use.first_demand];
        const double need = use_wanted(model, parameters, state, cell);
        demand[consumption_term].coefficient =
            need * portable_exp(-long_run * state.memory[cell]);
        demand[order_term].coefficient = order_of(model, parameters, state, cell);
        demand[refill_term].coefficient = 0;
        use.own_stock = draw_of(model, parameters, state, cell);
        use.fixed = 0;
        if (!shock.demand_shift.empty()) {
            // (24): every demand of the users moves by the shift along the price axis.
            for (const std::uint32_t term : {consumption_term, order_term}) {
                demand[term].coefficient *= portable_exp(-network.exponents[demand[term].power]
                                                         * shock.demand_shift[cell]);
            }
            clearing_.need_factor[cell] = std::min(
                1.0,
                portable_exp(parameters[entry.elasticity_short] * shock.demand_shift[cell]));
        }
    }
    for (std::size_t reserve = 0; reserve < model.reserves.size(); ++reserve) {
        const Reserve& kept = model.reserves[reserve];
        if (kept.commodity.index() != commodity) {
            continue;
        }
        if (const double release = release_of(model, parameters, state, reserve); release > 0) {
            for (const RegionId member : kept.members) {
                network.nodes[layered.use_node[member.index()]].fixed +=
                    release * share_of_release(model, parameters, reserve, member);
            }
        }
        const Node& buyer = network.nodes[layered.use_node[kept.region.index()]];
        network.demands[buyer.first_demand + refill_term].coefficient +=
            refill_of(model, parameters, state, reserve);
    }
}

/// With every trade arc open all goods between two stages are one pool, from which a region's
/// plants may take any y − z >= 0, where z is what they draw from their own stock beyond what
/// they put in and y <= cap is what they pass on. So the month is one zone if and only if at
/// the pooled price, stage by stage, max(0, z) <= cap in every region and Σ max(0, z) <= Q <= Σ
/// cap, with Q the net supply of everything above the stage's plants, and no user region has
/// more than it wants. Much cheaper than a flow.
bool Market::clears_as_one_zone(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    const Network& network = layered.network;
    const std::size_t regions = model_->regions.size();
    ZonePrices& prices = prices_[commodity];
    const double x = ZoneSolver::pooled_price(network, layered.curve_nodes, prices.single_zone);
    prices.single_zone = x;
    const Powers powers(network, x);
    Balance above;  // all nodes above the plants at hand
    const bool is_capped = capped_[commodity];
    for (std::size_t stage = 0; stage < model_->stages_of(CommodityId(commodity)); ++stage) {
        double capacity = 0;
        double surplus = 0;
        for (std::size_t at = stage * regions; at < (stage + 1) * regions; ++at) {
            const std::uint32_t plant = layered.plant_arc[at];
            const double kept =
                stage == 1 && is_capped ? kept_at_home(commodity, at - regions, powers) : 0;
            if (plant == absent) {
                if (kept > 0) {
                    return false;
                }
                continue;
            }
            const double cap = network.arcs[plant].cap;
            capacity += cap;
            double least = kept;
            if (const Node& intake = network.nodes[layered.in_node[at]]; intake.has_curve()) {
                Balance stock;
                add_node(network, intake, powers, stock);
                least += stock.in - stock.out;
                add_node(network, intake, powers, above);
            }
            if (least > cap * (1 + stage_slack)) {
                return false;
            }
            surplus += std::max(0.0, least);
        }
        const double passing = above.in - above.out;
        if (stage > 0
            && (passing > capacity * (1 + stage_slack)
                || surplus > passing * (1 + stage_slack))) {
            return false;
        }
        for (std::size_t at = stage * regions; at < (stage + 1) * regions; ++at) {
            if (layered.out_node[at] != absent) {
                add_node(network, network.nodes[layered.out_node[at]], powers, above);
            }
        }
    }
    double slope = above.in1 + above.out1;
    double inflow = above.in;
    for (const std::uint32_t node : layered.use_node) {
        Balance use;
        add_node(network, network.nodes[node], powers, use);
        if (use.in > use.out) {
            return false;
        }
        inflow += use.in;
        slope += use.in1 + use.out1;
    }
    std::ranges::fill(prices.x, x);
    prices.zone.assign(network.nodes.size(), 0);
    prices.slope.assign(1, slope);
    prices.supplied.assign(1, inflow > 0);
    one_zone_[commodity] = true;
    return true;
}

void Market::solve(std::size_t commodity)
{
    solver_.solve(networks_[commodity].network, prices_[commodity]);
    one_zone_[commodity] = false;
}

/// Clears a commodity whose caps are all known.
void Market::solve_with_known_caps(const MarketState& state, std::size_t commodity)
{
    if (needs_solver(commodity) || !clears_as_one_zone(commodity)) {
        solve(commodity);
    }
    read_users(state, commodity);
    read_flows(commodity);
}

/// What the mines of a region dig over the cap on their exports, and so leave to its plants.
double Market::kept_at_home(std::size_t commodity, std::size_t region,
                            const Powers& powers) const
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::uint32_t exports = layered.export_arc[region];
    if (exports == absent || layered.network.arcs[exports].cap == open_cap) {
        return 0;
    }
    Balance mined;
    add_node(layered.network, layered.network.nodes[layered.out_node[region]], powers, mined);
    return std::max(0.0, mined.in - mined.out - layered.network.arcs[exports].cap);
}

/// True if the commodity has caps that the quick test for one zone does not know: on anything
/// but all exports of what mines dig.
bool Market::needs_solver(std::size_t commodity) const
{
    return capped_beyond_mines_[commodity]
           || std::ranges::any_of(priced_, [&](const PricedArc& priced) {
                  return priced.commodity == commodity
                         && networks_[commodity].network.arcs[priced.arc].cap < open_cap;
              });
}

std::uint32_t Market::arc_of(const RestrictedArc& arc) const
{
    const LayeredNetwork& layered = networks_[arc.commodity.index()];
    const std::size_t regions = model_->regions.size();
    const std::size_t at = arc.layer.index() * regions + arc.from.index();
    return arc.all_exports() ? layered.export_arc[at]
                             : layered.trade_arc[at * regions + arc.to.index()];
}

/// Puts the month's fixed caps on trade arcs and takes last month's off, fixed and sought ones.
void Market::impose_caps()
{
    for (const PricedArc& priced : priced_) {
        networks_[priced.commodity].network.arcs[priced.arc].cap = open_cap;
    }
    for (std::size_t commodity = 0; commodity < networks_.size(); ++commodity) {
        if (capped_[commodity]) {
            for (const std::uint32_t arc : networks_[commodity].cappable_arcs) {
                networks_[commodity].network.arcs[arc].cap = open_cap;
            }
            capped_[commodity] = false;
            capped_beyond_mines_[commodity] = false;
        }
    }
    for (const ArcCap& capped : legal_.caps) {
        const std::uint32_t arc = arc_of(capped.arc);
        if (arc != absent) {
            networks_[capped.arc.commodity.index()].network.arcs[arc].cap = capped.cap;
            const CommodityId commodity = capped.arc.commodity;
            capped_[commodity.index()] = true;
            if (!capped.arc.all_exports() || capped.arc.layer != StageId(0)
                || model_->stages_of(commodity) == 1) {
                capped_beyond_mines_[commodity.index()] = true;
            }
        }
    }
}

/// Equation (11) of users: prices, quantities and stocks, once the month's caps are settled.
void Market::read_users(const MarketState& state, std::size_t commodity)
{
    const Model& model = *model_;
    const LayeredNetwork& layered = networks_[commodity];
    const Network& network = layered.network;
    const ZonePrices& prices = prices_[commodity];
    const std::size_t regions = model.regions.size();
    for (std::size_t region = 0; region < regions; ++region) {
        const std::size_t cell = commodity * regions + region;
        const std::uint32_t at = layered.use_node[region];
        const Node& use = network.nodes[at];
        const double x = prices.x[at];
        const bool supplied = prices.supplied[prices.zone[at]];
        const Powers powers(network, x);
        const DemandTerm& consumption = network.demands[use.first_demand + consumption_term];
        const double wanted = consumption.coefficient * powers[consumption.power];
        Balance bought;
        add_demands(network, use.first_demand, use.first_purchase, use.own_stock, powers,
                    bought);
        const double purchase = supplied ? bought.out : 0;
        const double served = std::min(wanted, purchase + use.own_stock);
        clearing_.log_price[cell] = clamped(network, x);
        clearing_.consumption[cell] = served;
        clearing_.rationed[cell] = wanted - served;
        clearing_.stock_after[cell] = std::max(0.0, state.stock[cell] + (purchase - served));
        clearing_.release[cell] = use.fixed * powers.supply_ration();
        clearing_.purchase[cell] = purchase - clearing_.release[cell];
        const std::uint32_t mine = layered.out_node[region];
        clearing_.source_price[cell] =
            mine == absent ? clearing_.log_price[cell] : clamped(network, prices.x[mine]);
    }
    for (std::size_t reserve = 0; reserve < model.reserves.size(); ++reserve) {
        if (model.reserves[reserve].commodity.index() == commodity) {
            read_reserve(state, reserve);
        }
    }
}

/// What a reserve gives its members, each rationed at its own price, and what it buys.
void Market::read_reserve(const MarketState& state, std::size_t reserve)
{
    const Reserve& entry = model_->reserves[reserve];
    const std::size_t commodity = entry.commodity.index();
    const LayeredNetwork& layered = networks_[commodity];
    const ZonePrices& prices = prices_[commodity];
    double& released = clearing_.reserve_release[reserve];
    released = 0;
    if (const double release = release_of(*model_, *parameters_, state, reserve); release > 0) {
        for (const RegionId member : entry.members) {
            const Powers powers(layered.network, prices.x[layered.use_node[member.index()]]);
            released += release * share_of_release(*model_, *parameters_, reserve, member)
                        * powers.supply_ration();
        }
    }
    double& filled = clearing_.reserve_purchase[reserve];
    filled = 0;
    const std::uint32_t buyer = layered.use_node[entry.region.index()];
    const double wanted = refill_of(*model_, *parameters_, state, reserve);
    if (wanted > 0 && prices.supplied[prices.zone[buyer]]) {
        const Powers powers(layered.network, prices.x[buyer]);
        const DemandTerm& refill =
            layered.network.demands[layered.network.nodes[buyer].first_demand + refill_term];
        filled = wanted * powers[refill.power] * powers.demand_ration();
    }
    clearing_.purchase[model_->cell(entry.commodity, entry.region)] += filled;
}

bool Market::between_zones(std::size_t commodity, std::uint32_t arc) const
{
    const Arc& ends = networks_[commodity].network.arcs[arc];
    return prices_[commodity].zone[ends.from] != prices_[commodity].zone[ends.to];
}

/// Equation (8): price gap and flow of every arc that chokepoints.csv lists.
void Market::read_arcs()
{
    const std::size_t regions = model_->regions.size();
    for (std::size_t position = 0; position < model_->cappable_arcs.size(); ++position) {
        const CappableArc& entry = model_->cappable_arcs[position];
        const std::size_t commodity = entry.commodity.index();
        const LayeredNetwork& layered = networks_[commodity];
        const std::size_t at = entry.stage.index() * regions + entry.from.index();
        const RestrictedArc restricted{entry.commodity, entry.stage, entry.from, entry.to};
        const bool is_plant = entry.kind == CappableArc::Kind::plant;
        const std::uint32_t arc = is_plant ? layered.plant_arc[at] : arc_of(restricted);
        clearing_.arc_gap[position] = 0;
        clearing_.arc_flow[position] = 0;
        clearing_.arc_tax[position] = 0;
        if (arc == absent) {
            continue;
        }
        clearing_.arc_flow[position] =
            is_plant ? clearing_.throughput[entry.stage.index() * model_->cells()
                                            + commodity * regions + entry.from.index()]
                     : flow_of(restricted);
        if (one_zone_[commodity] || !between_zones(commodity, arc)) {
            continue;
        }
        const Network& network = layered.network;
        const Arc& ends = network.arcs[arc];
        const double factor = is_plant ? 1.0 : tax_factor(restricted);
        const double sold_at = portable_exp(clamped(network, prices_[commodity].x[ends.from]));
        const double gap =
            portable_exp(clamped(network, prices_[commodity].x[ends.to])) - factor * sold_at;
        clearing_.arc_gap[position] = gap > binding_gap ? gap : 0;
        clearing_.arc_tax[position] = (factor - 1) * sold_at;
    }
}

double Market::tax_factor(const RestrictedArc& arc) const
{
    const auto taxed = std::ranges::find_if(
        legal_.taxes, [&arc](const ArcTax& entry) { return entry.arc == arc; });
    return taxed == legal_.taxes.end() ? 1.0 : taxed->factor;
}

/// Tonnes on a restricted arc. To one importer of a zone shared with others: its share of the
/// exporter's trade at month 0.
double Market::flow_of(const RestrictedArc& arc) const
{
    const std::size_t commodity = arc.commodity.index();
    const double exported = clearing_.exports[arc.layer.index() * model_->cells()
                                              + model_->cell(arc.commodity, arc.from)];
    if (arc.all_exports()) {
        return exported;
    }
    const std::uint32_t position = arc_of(arc);
    if (position == absent) {
        return 0;
    }
    if (!one_zone_[commodity] && between_zones(commodity, position)) {
        return prices_[commodity].flow[position];
    }
    const TradeTable& trade =
        parameters_->baseline.trade[arc.layer.index() * networks_.size() + commodity];
    const auto row = trade.row(static_cast<Eigen::Index>(arc.from.index()));
    const double all = row.sum();
    const double share = all > 0 ? row(static_cast<Eigen::Index>(arc.to.index())) / all : 0;
    return std::min(share * exported, networks_[commodity].network.arcs[position].cap);
}

const Clearing& Market::clear(const Timeline& timeline, const Shock& shock,
                              ReferenceExports reference, MarketState& state)
{
    rules_.apply(*parameters_, timeline, shock, reference, state, legal_);
    impose_caps();
    for (std::size_t commodity = 0; commodity < networks_.size(); ++commodity) {
        assemble(shock, state, commodity);
    }
    list_priced_arcs();
    for (std::size_t commodity = 0; commodity < networks_.size(); ++commodity) {
        if (!is_priced(commodity)) {
            solve_with_known_caps(state, commodity);
        }
    }
    settle_taxes_and_quotas(state);
    read_arcs();
    rules_.charge(
        timeline, shock, *parameters_, legal_,
        [this](const RestrictedArc& arc) { return flow_of(arc); }, clearing_.quota_used);
    clearing_.threat = legal_.threat;
    clearing_.threat_in_force = legal_.threat_in_force;
    clearing_.quoted_shift = shock.quoted_shift;
    std::copy_n(state.substituted.begin(), clearing_.substituted.size(),
                clearing_.substituted.begin());
    return clearing_;
}

}  // namespace chokepoint
