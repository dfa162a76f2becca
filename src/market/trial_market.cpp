#include "chokepoint/market/trial_market.hpp"

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

}  // namespace

TrialMarket::TrialMarket(const Model& model, bool contract)
    : model_(&model),
      contract_(contract),
      contractions_(model.commodities.size()),
      contracted_(model.commodities.size(), false),
      capped_(model.commodities.size(), false),
      capped_beyond_mines_(model.commodities.size(), false),
      capped_layers_(model.commodities.size() * model.stages.size(), 0),
      one_zone_(model.commodities.size(), false),
      block_(model.commodities.size(), 0),
      own_supply_(model.stages.size() * model.regions.size()),
      net_draw_(model.stages.size() * model.regions.size()),
      passing_(model.stages.size()),
      plant_bounds_(model.regions.size()),
      stock_(model.cells()),
      release_(model.reserves.size()),
      refill_(model.reserves.size()),
      part_(model.reserves.size())
{
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        networks_.push_back(build_layered_network(model, CommodityId(commodity)));
    }
    arcs_of_.resize(model.commodities.size());
    for (std::size_t position = 0; position < model.cappable_arcs.size(); ++position) {
        arcs_of_[model.cappable_arcs[position].commodity.index()].push_back(position);
    }
    clearing_.resize(model, 1);
}

void TrialMarket::start(Memory& memory) const
{
    memory.prices.resize(networks_.size());
    memory.last_cap.resize(networks_.size());
    memory.last_rent.resize(networks_.size());
    memory.contracted.resize(networks_.size());
    memory.contraction.assign(networks_.size(), nullptr);
    for (std::size_t commodity = 0; commodity < networks_.size(); ++commodity) {
        const Network& network = networks_[commodity].network;
        ZonePrices& prices = memory.prices[commodity];
        prices.single_zone = 0;
        prices.x.assign(network.nodes.size(), 0);
        // Nothing of another trial may be taken for this one's.
        prices.slope.clear();
        prices.zone.clear();
        prices.flow.clear();
        memory.last_cap[commodity].assign(network.arcs.size(), 0);
        memory.last_rent[commodity].assign(network.arcs.size(), 0);
    }
}

void TrialMarket::enter(const Parameters& parameters, const LegalCaps& legal, Memory& memory)
{
    parameters_ = &parameters;
    legal_ = &legal;
    prices_ = memory.prices;
    last_cap_ = memory.last_cap;
    last_rent_ = memory.last_rent;
    memory_ = &memory;
    // Sought caps of the month before come off.
    for (const PricedArc& priced : priced_) {
        networks_[priced.commodity].network.arcs[priced.arc].cap = open_cap;
    }
}

void TrialMarket::load(const LaneTerms& terms, const MarketState& state, std::size_t lane,
                       std::size_t commodity)
{
    const Model& model = *model_;
    terms_ = &terms;
    lanes_ = state.lanes;
    lane_ = lane;
    known_powers_.forget();  // The networks' exponents are another trial's now.
    const std::size_t lanes = state.lanes;
    const std::size_t regions = model.regions.size();
    const CommodityTerms& own = terms.of[commodity];
    LayeredNetwork& layered = networks_[commodity];
    Network& network = layered.network;
    const auto of = [&](const LaneArray<double>& rows, std::size_t entity) {
        return rows[entity * lanes + lane];
    };
    network.log_floor = own.log_floor[lane];
    network.log_choke = own.log_choke[lane];
    network.exponents.resize(layered.powers.size());
    for (std::size_t power = 0; power < layered.powers.size(); ++power) {
        network.exponents[power] = of(own.exponent, power);
    }
    for (std::size_t supply = 0; supply < network.supplies.size(); ++supply) {
        network.supplies[supply].available = of(own.available, supply);
        network.supplies[supply].utilisation = of(own.utilisation, supply);
    }
    for (std::size_t at = 0; at < layered.stockpiles.size(); ++at) {
        Node& entrance = network.nodes[layered.in_node[layered.stockpiles[at].at]];
        entrance.fixed = of(own.stage_draw, at);
        network.demands[entrance.first_demand].coefficient = of(own.stage_order, at);
    }
    load_caps(own, commodity);
    for (std::size_t region = 0; region < regions; ++region) {
        const std::size_t cell = commodity * regions + region;
        Node& use = network.nodes[layered.use_node[region]];
        DemandTerm* demand = &network.demands[use.first_demand];
        demand[consumption_term].coefficient = of(own.consumption, region);
        demand[order_term].coefficient = of(own.order, region);
        demand[refill_term].coefficient = of(own.refill, region);
        use.own_stock = of(own.own_stock, region);
        use.fixed = of(own.release, region);
        stock_[cell] = of(state.stock, cell);
    }
    for (std::size_t reserve = 0; reserve < model.reserves.size(); ++reserve) {
        if (model.reserves[reserve].commodity.index() == commodity) {
            release_[reserve] = of(terms.release, reserve);
            refill_[reserve] = of(terms.refill, reserve);
            part_[reserve].resize(model.reserves[reserve].members.size());
            for (std::size_t member = 0; member < part_[reserve].size(); ++member) {
                part_[reserve][member] = of(terms.part[reserve], member);
            }
        }
    }
}

/// Takes over what a commodity's plants have room for, and what the law lets through.
void TrialMarket::load_caps(const CommodityTerms& terms, std::size_t commodity)
{
    impose_caps(commodity);
    LayeredNetwork& layered = networks_[commodity];
    for (std::size_t at = model_->regions.size(); at < layered.plant_arc.size(); ++at) {
        if (layered.plant_arc[at] != absent) {
            layered.network.arcs[layered.plant_arc[at]].cap = terms.cap[at * lanes_ + lane_];
        }
    }
}

/// True if a stage's plants can pass on what comes from above in one zone.
/// \param above  Balance of all nodes above its plants; receives their stocks'.
bool TrialMarket::stage_passes(std::size_t commodity, std::size_t stage, const Powers& powers,
                               Balance& above) const
{
    const LayeredNetwork& layered = networks_[commodity];
    const Network& network = layered.network;
    const std::size_t regions = model_->regions.size();
    const bool is_capped = capped_[commodity];
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
    return stage == 0
           || (passing <= capacity * (1 + stage_slack)
               && surplus <= passing * (1 + stage_slack));
}

/// With every trade arc open all goods between two stages are one pool, from which a region's
/// plants may take any y − z >= 0, where z is what they draw from their own stock beyond what
/// they put in and y <= cap is what they pass on. So the month is one zone if and only if at
/// the pooled price, stage by stage, max(0, z) <= cap in every region and Σ max(0, z) <= Q <= Σ
/// cap, with Q the net supply of everything above the stage's plants, and no user region has
/// more than it wants. Much cheaper than a flow.
bool TrialMarket::clears_as_one_zone(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    const Network& network = layered.network;
    const std::size_t regions = model_->regions.size();
    ZonePrices& prices = prices_[commodity];
    const double x = ZoneSolver::pooled_price(network, layered.curve_nodes, prices.single_zone);
    prices.single_zone = x;
    const Powers powers(network, x);
    Balance above;  // all nodes above the plants at hand
    for (std::size_t stage = 0; stage < model_->stages_of(CommodityId(commodity)); ++stage) {
        if (!stage_passes(commodity, stage, powers, above)) {
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
    prices.x.assign(network.nodes.size(), x);
    prices.zone.assign(network.nodes.size(), 0);
    prices.slope.assign(1, slope);
    prices.supplied.assign(1, inflow > 0);
    one_zone_[commodity] = true;
    return true;
}

void TrialMarket::solve(std::size_t commodity)
{
    contracted_[commodity] = false;
    solver_.solve(networks_[commodity].network, prices_[commodity]);
    one_zone_[commodity] = false;
}

/// The contracted network for what is capped of a commodity this month.
ContractedNetwork& TrialMarket::contraction(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    capped_arcs_.clear();
    for (const std::uint32_t arc : layered.cappable_arcs) {
        if (layered.network.arcs[arc].cap < open_cap) {
            capped_arcs_.push_back(arc);
        }
    }
    std::ranges::sort(capped_arcs_);
    caps_.clear();
    for (const std::uint32_t arc : capped_arcs_) {
        caps_.push_back(layered.network.arcs[arc].cap);
    }
    auto& known = contractions_[commodity];
    const auto found = std::ranges::find_if(
        known, [this](const auto& other) { return other->is_for(capped_arcs_); });
    if (found != known.end()) {
        return **found;
    }
    return *known.emplace_back(std::make_unique<ContractedNetwork>(
        *model_, CommodityId(commodity), layered, capped_arcs_));
}

/// Clears a commodity by its contracted network; false where that may not be.
bool TrialMarket::solve_contracted(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    if (!contract_ || !layered.stockpiles.empty()) {
        return false;
    }
    ContractedNetwork& small = contraction(commodity);
    small.load(terms_->of[commodity], lanes_, lane_, caps_);
    ZonePrices& prices = memory_->contracted[commodity];
    if (memory_->contraction[commodity] != &small) {
        memory_->contraction[commodity] = &small;
        prices.x.clear();
        prices.zone.clear();
        prices.flow.clear();
        prices.slope.clear();
    }
    prices.single_zone = prices_[commodity].single_zone;
    solver_.solve(small.network(), prices);
    if (!small.users_buy(terms_->of[commodity], lanes_, lane_, prices, layered.network,
                         known_powers_)) {
        return false;
    }
    small.spread(prices, layered.network, prices_[commodity]);
    one_zone_[commodity] = false;
    contracted_[commodity] = true;
    return true;
}

/// Clears a commodity whose caps are all known.
void TrialMarket::solve_with_known_caps(std::size_t commodity)
{
    contracted_[commodity] = false;
    if (is_priced(commodity) || !solve_contracted(commodity)) {
        if (needs_solver(commodity) || !clears_as_one_zone(commodity)) {
            solve(commodity);
        }
    }
    read_users(commodity);
    read_flows(commodity);
}

/// What the mines of a region dig over the cap on their exports, and so leave to its plants.
double TrialMarket::kept_at_home(std::size_t commodity, std::size_t region,
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
bool TrialMarket::needs_solver(std::size_t commodity) const
{
    return capped_beyond_mines_[commodity]
           || std::ranges::any_of(priced_, [&](const PricedArc& priced) {
                  return priced.commodity == commodity
                         && networks_[commodity].network.arcs[priced.arc].cap < open_cap;
              });
}

std::uint32_t TrialMarket::arc_of(const RestrictedArc& arc) const
{
    const LayeredNetwork& layered = networks_[arc.commodity.index()];
    const std::size_t regions = model_->regions.size();
    const std::size_t at = arc.layer.index() * regions + arc.from.index();
    return arc.all_exports() ? layered.export_arc[at]
                             : layered.trade_arc[at * regions + arc.to.index()];
}

/// Puts the month's fixed caps on a commodity's trade arcs and takes the last ones off.
void TrialMarket::impose_caps(std::size_t commodity)
{
    LayeredNetwork& layered = networks_[commodity];
    const std::size_t first_layer = commodity * model_->stages.size();
    if (capped_[commodity]) {
        for (const std::uint32_t arc : layered.cappable_arcs) {
            layered.network.arcs[arc].cap = open_cap;
        }
        capped_[commodity] = false;
        capped_beyond_mines_[commodity] = false;
        std::fill_n(capped_layers_.begin() + static_cast<std::ptrdiff_t>(first_layer),
                    model_->stages.size(), 0);
    }
    for (const ArcCap& capped : legal_->caps) {
        const std::uint32_t arc =
            capped.arc.commodity.index() == commodity ? arc_of(capped.arc) : absent;
        if (arc == absent) {
            continue;
        }
        layered.network.arcs[arc].cap = capped.cap;
        capped_[commodity] = true;
        capped_layers_[first_layer + capped.arc.layer.index()] = 1;
        if (!capped.arc.all_exports() || capped.arc.layer != StageId(0)
            || model_->stages_of(capped.arc.commodity) == 1) {
            capped_beyond_mines_[commodity] = true;
        }
    }
}

/// Equation (11) of users: prices, quantities and stocks, once the month's caps are settled.
void TrialMarket::read_users(std::size_t commodity)
{
    // Taxes and shared quotas hold by the prices that settled them.
    const bool may_move = !one_zone_[commodity] && !is_priced(commodity);
    for (std::size_t stage = 0; may_move && stage < model_->stages_of(CommodityId(commodity));
         ++stage) {
        price_idle_nodes(commodity, stage);
    }
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
        const Powers& powers = known_powers_.at(network, x);
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
        clearing_.stock_after[cell] = std::max(0.0, stock_[cell] + (purchase - served));
        clearing_.release[cell] = use.fixed * powers.supply_ration();
        clearing_.purchase[cell] = purchase - clearing_.release[cell];
        const std::uint32_t mine = layered.out_node[region];
        clearing_.source_price[cell] =
            mine == absent ? clearing_.log_price[cell] : clamped(network, prices.x[mine]);
    }
    for (std::size_t reserve = 0; reserve < model.reserves.size(); ++reserve) {
        if (model.reserves[reserve].commodity.index() == commodity) {
            read_reserve(reserve);
        }
    }
}

/// What a reserve gives its members, each rationed at its own price, and what it buys.
void TrialMarket::read_reserve(std::size_t reserve)
{
    const Reserve& entry = model_->reserves[reserve];
    const std::size_t commodity = entry.commodity.index();
    const LayeredNetwork& layered = networks_[commodity];
    const ZonePrices& prices = prices_[commodity];
    double& released = clearing_.reserve_release[reserve];
    released = 0;
    for (std::size_t member = 0; release_[reserve] > 0 && member < entry.members.size();
         ++member) {
        const std::size_t region = entry.members[member].index();
        const Powers powers(layered.network, prices.x[layered.use_node[region]]);
        released += release_[reserve] * part_[reserve][member] * powers.supply_ration();
    }
    released = std::min(released, release_[reserve]);  // the parts may add up to a hair more
    double& filled = clearing_.reserve_purchase[reserve];
    filled = 0;
    const std::uint32_t buyer = layered.use_node[entry.region.index()];
    const double wanted = refill_[reserve];
    if (wanted > 0 && prices.supplied[prices.zone[buyer]]) {
        const Powers powers(layered.network, prices.x[buyer]);
        const DemandTerm& refill =
            layered.network.demands[layered.network.nodes[buyer].first_demand + refill_term];
        filled = wanted * powers[refill.power] * powers.demand_ration();
    }
    clearing_.purchase[model_->cell(entry.commodity, entry.region)] += filled;
}

bool TrialMarket::between_zones(std::size_t commodity, std::uint32_t arc) const
{
    if (one_zone_[commodity]) {
        return false;
    }
    const Arc& ends = networks_[commodity].network.arcs[arc];
    return prices_[commodity].zone[ends.from] != prices_[commodity].zone[ends.to];
}

/// Equation (8): price gap and flow of every arc of a commodity that chokepoints.csv lists.
void TrialMarket::read_arcs(std::size_t commodity)
{
    const std::size_t regions = model_->regions.size();
    const LayeredNetwork& layered = networks_[commodity];
    for (const std::size_t position : arcs_of_[commodity]) {
        const CappableArc& entry = model_->cappable_arcs[position];
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

double TrialMarket::tax_factor(const RestrictedArc& arc) const
{
    const auto taxed = std::ranges::find_if(
        legal_->taxes, [&arc](const ArcTax& entry) { return entry.arc == arc; });
    return taxed == legal_->taxes.end() ? 1.0 : taxed->factor;
}

/// Tonnes on a restricted arc. To one importer of a zone shared with others: its share of the
/// exporter's trade at month 0.
double TrialMarket::flow_of(const RestrictedArc& arc) const
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
    const double share = parameters_->baseline.share_of_exports(
        *model_, arc.layer, arc.commodity, arc.from, arc.to);
    return std::min(share * exported, networks_[commodity].network.arcs[position].cap);
}

const Clearing& TrialMarket::clear(std::span<const std::size_t> commodities)
{
    list_priced_arcs();
    for (const std::size_t commodity : commodities) {
        if (!is_priced(commodity)) {
            solve_with_known_caps(commodity);
        }
    }
    settle_taxes_and_quotas();
    for (const std::size_t commodity : commodities) {
        read_arcs(commodity);
    }
    return clearing_;
}

}  // namespace chokepoint
