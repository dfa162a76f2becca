#include "chokepoint/market/pooled_market.hpp"

#include <algorithm>
#include <utility>

#include "chokepoint/market/curves.hpp"
#include "chokepoint/market/pool_loops.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

/// What takes more is left to the exact solver.
constexpr int most_steps = 8;
constexpr int most_rationed_steps = 12;
constexpr int most_share_steps = 40;

constexpr double binding_gap = 1e-9;  ///< Price ratio; an arc binds if its gap is larger.

/// The pools of a division.
enum : std::uint32_t { cheap_pool, dear_pool };

pool::BalanceRows rows_of(LaneArray<double>& balance, std::size_t lanes)
{
    double* first = balance.data();
    return {first,
            first + lanes,
            first + 2 * lanes,
            first + 3 * lanes,
            first + 4 * lanes,
            first + 5 * lanes};
}

void fill(double* row, std::size_t lanes, double value)
{
    std::fill_n(row, lanes, value);
}

/// What passes an arc that may be cut, by layer: plants, or a region's border (of which a
/// single importer has its share).
const LaneArray<double>& passed(CappableArc::Kind kind, const Clearing& clearing)
{
    return kind == CappableArc::Kind::plant ? clearing.throughput : clearing.exports;
}

}  // namespace

PooledMarket::PooledMarket(const Model& model, std::span<const LayeredNetwork> networks)
    : model_(&model), networks_(networks), commodities_(networks.size())
{
    for (std::size_t commodity = 0; commodity < networks.size(); ++commodity) {
        Division& whole = commodities_[commodity].whole;
        whole.pools.resize(1);
        whole.origin_pool.assign(model.stages_of(CommodityId(commodity)) * model.regions.size(),
                                 0);
        whole.market_pool = whole.origin_pool;
        list_supplies(commodity);
        list_users(commodity);
        list_places(commodity);
        list_arcs(commodity);
    }
}

/// Mines and recyclers, and the powers that prices move.
void PooledMarket::list_supplies(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    Commodity& own = commodities_[commodity];
    const auto is_flat = [&](std::uint32_t power) {
        const ParameterInfo& exponent = model_->parameters[layered.powers[power].slot.index()];
        return exponent.distribution.is_fixed() && exponent.nominal == 0;
    };
    for (std::uint32_t power = 0; power < layered.powers.size(); ++power) {
        if (!is_flat(power)) {
            own.moving_powers.push_back(power);
        }
    }
    const auto add_supply = [&](std::size_t term, std::size_t at) {
        const std::uint32_t power = layered.network.supplies[term].power;
        own.whole.pools[0].supplies.push_back({term, power, at, is_flat(power)});
    };
    for (const LayeredNetwork::Mine& mine : layered.mines) {
        add_supply(mine.supply, model_->facilities[mine.facility].region.index());
    }
    for (const LayeredNetwork::Recycler& recycler : layered.recyclers) {
        const Recycling& entry = model_->recycling[recycler.entry];
        add_supply(recycler.supply,
                   entry.stage.index() * model_->regions.size() + entry.region.index());
    }
}

/// Regions whose users draw on the market, or whose reserves buy or give there.
void PooledMarket::list_users(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    const Network& network = layered.network;
    for (std::size_t region = 0; region < model_->regions.size(); ++region) {
        const auto reserve_buys = [&](const Reserve& reserve) {
            return reserve.commodity.index() == commodity && reserve.region.index() == region;
        };
        const auto reserve_gives = [&](const Reserve& reserve) {
            return reserve.commodity.index() == commodity
                   && std::ranges::find(reserve.members, RegionId(region))
                          != reserve.members.end();
        };
        const bool buys = std::ranges::any_of(model_->reserves, reserve_buys);
        if (!model_->has_users(commodity * model_->regions.size() + region) && !buys
            && std::ranges::none_of(model_->reserves, reserve_gives)) {
            continue;
        }
        const DemandTerm* demand =
            &network.demands[network.nodes[layered.use_node[region]].first_demand];
        commodities_[commodity].whole.pools[0].users.push_back(
            {region, demand[consumption_term].power, demand[order_term].power, buys});
    }
}

/// Plants, their stocks, and where something leaves a stage.
void PooledMarket::list_places(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t regions = model_->regions.size();
    Commodity& own = commodities_[commodity];
    for (std::size_t term = 0; term < layered.stockpiles.size(); ++term) {
        const LayeredNetwork::Stockpile& stockpile = layered.stockpiles[term];
        const Node& entrance = layered.network.nodes[layered.in_node[stockpile.at]];
        own.whole.pools[0].stockpiles.push_back(
            {term, stockpile.at, stockpile.position,
             layered.network.demands[entrance.first_demand].power});
    }
    for (std::size_t at = regions; at < layered.plant_arc.size(); ++at) {
        if (layered.plant_arc[at] != absent) {
            own.plants.push_back(at);
        }
    }
    for (std::size_t at = 0; at < model_->stages_of(CommodityId(commodity)) * regions; ++at) {
        if (layered.out_node[at] != absent) {
            own.origins.push_back(at);
        }
    }
}

/// The arcs that may be capped.
void PooledMarket::list_arcs(std::size_t commodity)
{
    const LayeredNetwork& layered = networks_[commodity];
    const std::size_t regions = model_->regions.size();
    std::size_t importers = 0;
    for (std::size_t position = 0; position < model_->cappable_arcs.size(); ++position) {
        const CappableArc& arc = model_->cappable_arcs[position];
        const std::size_t at = arc.stage.index() * regions + arc.from.index();
        const std::uint32_t there = arc.kind == CappableArc::Kind::plant ? layered.plant_arc[at]
                                    : arc.kind == CappableArc::Kind::exports
                                        ? layered.export_arc[at]
                                        : layered.trade_arc[at * regions + arc.to.index()];
        if (arc.commodity.index() == commodity && there != absent) {
            commodities_[commodity].arcs.push_back(
                {position, arc.kind, at,
                 arc.kind == CappableArc::Kind::trade ? importers++ : std::size_t{0}, arc.to});
        }
    }
}

/// True if an exporter makes something at all layers of a parting, of what is before them but
/// for the first stage, and has borders there.
bool PooledMarket::reaches(std::size_t commodity, const Parting& parting) const
{
    const LayeredNetwork& layered = networks_[commodity];
    for (std::size_t layer = parting.first; layer <= parting.last; ++layer) {
        const std::size_t at = layer * model_->regions.size() + parting.exporter;
        const bool makes =
            layer == 0 ? layered.out_node[at] != absent : layered.plant_arc[at] != absent;
        if (!makes || (parting.importers == 0 && layered.export_arc[at] == absent)) {
            return false;
        }
    }
    return true;
}

PooledMarket::Division PooledMarket::divided_by(std::size_t commodity,
                                                const Parting& parting) const
{
    const Division& whole = commodities_[commodity].whole;
    const std::size_t regions = model_->regions.size();
    Division division{.pools = std::vector<Pool>(2),
                      .origin_pool = whole.origin_pool,
                      .market_pool = whole.market_pool,
                      .parting = parting,
                      .upward = {},
                      .downward = {}};
    for (std::size_t at = 0; at < division.origin_pool.size(); ++at) {
        const std::size_t layer = at / regions;
        const std::size_t region = at % regions;
        const bool is_parted = layer >= parting.first && layer <= parting.last;
        const bool puts_out_cheap =
            layer < parting.first || (is_parted && region == parting.exporter);
        const bool takes_in_cheap =
            puts_out_cheap
            || (is_parted && parting.importers != 0 && (parting.importers >> region & 1U) == 0);
        division.origin_pool[at] = puts_out_cheap ? cheap_pool : dear_pool;
        division.market_pool[at] = takes_in_cheap ? cheap_pool : dear_pool;
    }
    const auto pool_at = [&](std::uint32_t pool) -> Pool& { return division.pools[pool]; };
    for (const Supply& supply : whole.pools[0].supplies) {
        pool_at(division.origin_pool[supply.at]).supplies.push_back(supply);
    }
    for (const Stockpile& stockpile : whole.pools[0].stockpiles) {
        pool_at(division.market_pool[stockpile.at - regions]).stockpiles.push_back(stockpile);
    }
    for (const Arc& arc : commodities_[commodity].arcs) {
        const auto [from, to] = pools_of(division, arc);
        if (from == cheap_pool && to == dear_pool) {
            division.upward.push_back(arc.position);
        } else if (from == dear_pool && to == cheap_pool) {
            division.downward.push_back(arc.position);  // trade: nothing else leads down
        }
    }
    const std::size_t users = model_->last_stage(CommodityId(commodity)).index() * regions;
    for (const User& user : whole.pools[0].users) {
        pool_at(division.market_pool[users + user.region]).users.push_back(user);
    }
    return division;
}

/// The pools that an arc leads from and to. What has passed a border has the price of the
/// markets that it may go to.
std::pair<std::uint32_t, std::uint32_t> PooledMarket::pools_of(const Division& division,
                                                               const Arc& arc) const
{
    const std::size_t regions = model_->regions.size();
    const std::uint32_t origin = division.origin_pool[arc.at];
    const std::uint32_t abroad = division.crosses(arc.at, regions) ? dear_pool : origin;
    switch (arc.kind) {
        case CappableArc::Kind::plant:
            return {division.market_pool[arc.at - regions], origin};
        case CappableArc::Kind::exports:
            return {origin, abroad};
        case CappableArc::Kind::trade:
            break;
    }
    return {abroad, division.market_pool[arc.at / regions * regions + arc.to.index()]};
}

/// True if a plant takes in and puts out at one price.
bool PooledMarket::stays_in_pool(const Division& division, std::size_t plant) const
{
    return division.origin_pool[plant] == division.market_pool[plant - model_->regions.size()];
}

std::optional<std::size_t> PooledMarket::division(std::size_t commodity, const Parting& parting)
{
    std::vector<Division>& known = commodities_[commodity].divisions;
    const auto found = std::ranges::find(known, parting, &Division::parting);
    if (found != known.end()) {
        return static_cast<std::size_t>(found - known.begin());
    }
    if (!reaches(commodity, parting)) {
        return std::nullopt;
    }
    known.push_back(divided_by(commodity, parting));
    return known.size() - 1;
}

void PooledMarket::start(const LaneParameters& parameters)
{
    all_lanes_ = parameters.lanes();
    const std::size_t regions = model_->regions.size();
    const std::size_t positions = model_->stages.size() * regions;
    balance_.resize(6 * all_lanes_);
    own_supply_.resize(positions * all_lanes_);
    net_draw_.resize(positions * all_lanes_);
    bounds_.resize(2 * regions * all_lanes_);
    std::size_t most_powers = 0;
    for (std::size_t commodity = 0; commodity < commodities_.size(); ++commodity) {
        Commodity& own = commodities_[commodity];
        const std::size_t powers = networks_[commodity].powers.size();
        most_powers = std::max(most_powers, powers);
        own.prices.price.assign(all_lanes_, 0);
        own.prices.power.assign(powers * all_lanes_, 1);
        own.prices.supply_ration.assign(all_lanes_, 1);
        own.prices.demand_ration.assign(all_lanes_, 1);
        own.trade_share.clear();
        for (const Arc& arc : own.arcs) {
            if (arc.kind != CappableArc::Kind::trade) {
                continue;
            }
            const CappableArc& entry = model_->cappable_arcs[arc.position];
            for (std::size_t lane = 0; lane < all_lanes_; ++lane) {
                own.trade_share.push_back(parameters.of[lane]->baseline.share_of_exports(
                    *model_, entry.stage, entry.commodity, entry.from, entry.to));
            }
        }
    }
    for (PoolPrices& prices : divided_) {
        prices.price.resize(all_lanes_);
        prices.power.resize(most_powers * all_lanes_);
        prices.supply_ration.resize(all_lanes_);
        prices.demand_ration.resize(all_lanes_);
    }
}

std::span<double> PooledMarket::price(std::size_t commodity)
{
    return commodities_[commodity].prices.price;
}

std::size_t PooledMarket::layer_row(std::size_t commodity, std::size_t at) const
{
    const std::size_t regions = model_->regions.size();
    return at / regions * model_->cells() + commodity * regions + at % regions;
}

/// Moves the powers as the price has.
void PooledMarket::set_powers(const Task& task, std::size_t pool, const double* moved)
{
    PoolPrices& prices = task.prices[pool];
    for (const std::uint32_t at : task.commodity.moving_powers) {
        const double* exponent = row(task.own_terms.exponent, at, lanes_);
        double* power = row(prices.power, at, lanes_);
        if (pool::any_far(lanes_, exponent, moved)) {
            pool::set_power(lanes_, exponent, prices.price.data(), moved, power);
        } else {
            pool::nudge_power(lanes_, exponent, moved, power);
        }
    }
}

/// What comes into a pool at any price.
void PooledMarket::add_flat(const Task& task, std::size_t pool)
{
    const Pool& own = task.division.pools[pool];
    const CommodityTerms& terms = task.own_terms;
    fill(flat_.data(), lanes_, 0);
    for (const Supply& supply : own.supplies) {
        if (supply.is_flat) {
            pool::add_flat_supply(lanes_, row(terms.available, supply.term, lanes_),
                                  row(terms.utilisation, supply.term, lanes_), flat_.data());
        }
    }
    for (const User& user : own.users) {
        add(lanes_, row(terms.release, user.region, lanes_), flat_.data());
    }
    for (const Stockpile& stockpile : own.stockpiles) {
        add(lanes_, row(terms.stage_draw, stockpile.term, lanes_), flat_.data());
    }
}

/// The one pool's balance at the powers at hand.
void PooledMarket::add_curves(const Task& task)
{
    const Pool& own = task.division.pools[0];
    const CommodityTerms& terms = task.own_terms;
    const pool::BalanceRows rows = rows_of(balance_, lanes_);
    const auto exponent = [&](std::uint32_t power) {
        return row(terms.exponent, power, lanes_);
    };
    const auto power_at = [&](std::uint32_t power) {
        return row(task.prices[0].power, power, lanes_);
    };
    pool::begin_balance(lanes_, flat_.data(), rows);
    for (const Supply& supply : own.supplies) {
        if (!supply.is_flat) {
            pool::add_curved_supply(lanes_, row(terms.available, supply.term, lanes_),
                                    row(terms.utilisation, supply.term, lanes_),
                                    exponent(supply.power), power_at(supply.power), rows);
        }
    }
    for (const User& user : own.users) {
        pool::add_user(lanes_, row(terms.consumption, user.region, lanes_),
                       exponent(user.consumption_power), power_at(user.consumption_power),
                       row(terms.order, user.region, lanes_), exponent(user.order_power),
                       power_at(user.order_power), row(terms.own_stock, user.region, lanes_),
                       rows);
        if (user.buys_for_reserves) {
            const std::uint32_t power = networks_[task.index].refill_power;
            pool::add_purchase(lanes_, row(terms.refill, user.region, lanes_), exponent(power),
                               power_at(power), rows);
        }
    }
    for (const Stockpile& stockpile : own.stockpiles) {
        pool::add_purchase(lanes_, row(terms.stage_order, stockpile.term, lanes_),
                           exponent(stockpile.power), power_at(stockpile.power), rows);
    }
}

/// The balance of one of two pools, which may be rationed.
void PooledMarket::add_rationed_curves(const Task& task, std::size_t pool)
{
    const Pool& own = task.division.pools[pool];
    const CommodityTerms& terms = task.own_terms;
    const PoolPrices& prices = task.prices[pool];
    const double* ration = prices.demand_ration.data();
    const pool::BalanceRows rows = rows_of(balance_, lanes_);
    const auto exponent = [&](std::uint32_t power) {
        return row(terms.exponent, power, lanes_);
    };
    const auto power_at = [&](std::uint32_t power) { return row(prices.power, power, lanes_); };
    pool::begin_balance(lanes_, flat_.data(), rows);
    for (const Supply& supply : own.supplies) {
        if (!supply.is_flat) {
            pool::add_curved_supply(lanes_, row(terms.available, supply.term, lanes_),
                                    row(terms.utilisation, supply.term, lanes_),
                                    exponent(supply.power), power_at(supply.power), rows);
        }
    }
    for (const User& user : own.users) {
        pool::add_rationed_user(lanes_, row(terms.consumption, user.region, lanes_),
                                exponent(user.consumption_power),
                                power_at(user.consumption_power),
                                row(terms.order, user.region, lanes_),
                                exponent(user.order_power), power_at(user.order_power),
                                row(terms.own_stock, user.region, lanes_), ration, rows);
        if (user.buys_for_reserves) {
            const std::uint32_t power = networks_[task.index].refill_power;
            pool::add_rationed_purchase(lanes_, row(terms.refill, user.region, lanes_),
                                        exponent(power), power_at(power), ration, rows);
        }
    }
    for (const Stockpile& stockpile : own.stockpiles) {
        pool::add_rationed_purchase(lanes_, row(terms.stage_order, stockpile.term, lanes_),
                                    exponent(stockpile.power), power_at(stockpile.power),
                                    ration, rows);
    }
    pool::ration_supply(lanes_, prices.supply_ration.data(), ration, rows);
    add(lanes_, task.beyond, pool == cheap_pool ? rows.out : rows.in);
}

/// Steps from last month's price, whose powers are at hand, until no lane moves. Leaves the
/// powers at the price. Nothing holds where it did not come to rest within floor and choke.
void PooledMarket::find_root(const Task& task)
{
    const CommodityTerms& terms = task.own_terms;
    add_flat(task, 0);
    double* price = task.prices[0].price.data();
    Row moves, moved;
    fill(moves.data(), lanes_, 1);
    std::size_t moving = lanes_;
    for (int round = 0; round < most_steps && moving > 0; ++round) {
        add_curves(task);
        moving = pool::step(lanes_, rows_of(balance_, lanes_), terms.log_floor.data(),
                            terms.log_choke.data(), moves.data(), moved.data(), price);
        set_powers(task, 0, moved.data());
    }
    pool::note_roots(lanes_, moves.data(), price, terms.log_floor.data(),
                     terms.log_choke.data(), task.holds);
}

/// The same of one of two pools, on the rationing coordinate.
/// \param price  Where to start; receives the root.
void PooledMarket::find_rationed_root(const Task& task, std::size_t pool,
                                      std::span<double> price)
{
    const CommodityTerms& terms = task.own_terms;
    PoolPrices& prices = task.prices[pool];
    add_flat(task, pool);
    Row moves, moved, lower, upper;
    fill(moves.data(), lanes_, 1);
    const auto set_rations = [&] {
        pool::rations_at(lanes_, price.data(), terms.log_floor.data(), terms.log_choke.data(),
                         prices.price.data(), moved.data(), prices.supply_ration.data(),
                         prices.demand_ration.data());
    };
    fill(prices.price.data(), lanes_, 0);
    set_rations();
    fill(prices.power.data(), networks_[task.index].powers.size() * lanes_, 1);
    for (const std::uint32_t at : task.commodity.moving_powers) {
        pool::powers_at(lanes_, row(terms.exponent, at, lanes_), prices.price.data(),
                        row(prices.power, at, lanes_));
    }
    std::size_t moving = lanes_;
    for (int round = 0; round < most_rationed_steps && moving > 0; ++round) {
        add_rationed_curves(task, pool);
        moving = pool::step_beyond(lanes_, rows_of(balance_, lanes_), terms.log_floor.data(),
                                   terms.log_choke.data(), moves.data(), price.data());
        set_rations();
        set_powers(task, pool, moved.data());
    }
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
        lower[lane] = terms.log_floor[lane] - rationing_range;
        upper[lane] = terms.log_choke[lane] + rationing_range;
    }
    pool::note_roots(lanes_, moves.data(), price.data(), lower.data(), upper.data(),
                     task.holds);
}

/// What a pool's mines, recyclers and plants' stocks give, and what these order.
void PooledMarket::supply_pool(const Task& task, std::size_t pool)
{
    const Pool& own = task.division.pools[pool];
    const CommodityTerms& terms = task.own_terms;
    const LaneArray<double>& power = task.prices[pool].power;
    for (const Supply& supply : own.supplies) {
        pool::supplied(lanes_, row(terms.available, supply.term, lanes_),
                       row(terms.utilisation, supply.term, lanes_),
                       row(power, supply.power, lanes_), task.prices[pool].supply_ration.data(),
                       row(own_supply_, supply.at, lanes_));
    }
    for (const Stockpile& stockpile : own.stockpiles) {
        pool::trade_stock(
            lanes_, row(terms.stage_order, stockpile.term, lanes_),
            row(power, stockpile.power, lanes_), row(terms.stage_draw, stockpile.term, lanes_),
            task.prices[pool].supply_ration.data(), task.prices[pool].demand_ration.data(),
            row(task.clearing.stage_order, stockpile.position, lanes_),
            row(task.clearing.stage_draw, stockpile.position, lanes_),
            row(net_draw_, stockpile.at, lanes_));
    }
}

/// A border's cap, where it has one.
const PooledMarket::PlaceCap* PooledMarket::border_at(const Task& task, std::size_t at) const
{
    const auto found = std::ranges::find(task.borders, at, &PlaceCap::at);
    return found == task.borders.end() ? nullptr : &*found;
}

/// True if a border may bound what a stage's plants put through: one that what they take in or
/// what they put out passes.
bool PooledMarket::may_be_bounded(const Task& task, std::size_t stage) const
{
    return std::ranges::any_of(task.borders, [&](const PlaceCap& border) {
        const std::size_t layer = border.at / model_->regions.size();
        return layer == stage || layer + 1 == stage;
    });
}

/// What a plant draws from its stock beyond what it puts in; null if it keeps none.
const double* PooledMarket::stock_drawn(const Task& task, std::size_t plant) const
{
    const Pool& from =
        task.division.pools[task.division.market_pool[plant - model_->regions.size()]];
    const bool keeps_stock = std::ranges::any_of(
        from.stockpiles, [plant](const Stockpile& stockpile) { return stockpile.at == plant; });
    return keeps_stock ? row(net_draw_, plant, lanes_) : nullptr;
}

/// The most that a region's next plants can take in of a layer, or what its users do.
const double* PooledMarket::taken_at_home(const Task& task, std::size_t at)
{
    const std::size_t regions = model_->regions.size();
    if (at / regions + 1 == model_->stages_of(CommodityId(task.index))) {
        return row(task.clearing.purchase, task.index * regions + at % regions, lanes_);
    }
    const std::size_t next = at + regions;
    if (networks_[task.index].plant_arc[next] == absent) {
        fill(intake_.data(), lanes_, 0);
        return intake_.data();
    }
    const double* room = row(task.own_terms.cap, next, lanes_);
    if (const double* drawn = stock_drawn(task, next)) {
        std::copy_n(room, lanes_, intake_.data());
        subtract(lanes_, drawn, intake_.data());
        return intake_.data();
    }
    return room;
}

/// What a plant may put through: from what it draws from its stock to its room, or as borders
/// of its region let it.
void PooledMarket::bound_plant(const Task& task, std::size_t plant, double* least, double* most)
{
    const std::size_t regions = model_->regions.size();
    const double* room = row(task.own_terms.cap, plant, lanes_);
    const double* drawn = stock_drawn(task, plant);
    fill(least, lanes_, 0);
    fill(most, lanes_, open_cap);
    if (drawn != nullptr) {
        pool::raise(lanes_, drawn, least);
    }
    if (const PlaceCap* before = border_at(task, plant - regions)) {
        const std::size_t layer = layer_row(task.index, plant - regions);
        pool::bound_by_border(lanes_, row(task.clearing.output, layer, lanes_), before->cap,
                              drawn, least);
    }
    if (const PlaceCap* after = border_at(task, plant)) {
        pool::bound_by_takers(lanes_, taken_at_home(task, plant), after->cap,
                              row(own_supply_, plant, lanes_), most);
        pool::note_excess(
            lanes_, row(task.clearing.throughput, layer_row(task.index, plant), lanes_), most,
            static_cast<double>(plant), worst_excess_.data(), worst_.data());
    }
    pool::limit(lanes_, room, most);
    // Where that is too much, a border has to let too much pass, which is seen there.
    pool::limit(lanes_, room, least);
    pool::raise(lanes_, least, most);
}

/// Where borders do not let a stage's plants inside a pool put through one share of their room,
/// they put through the nearest to it that borders allow.
/// \param total  What they have to put through. \param share  Without bounds; changed.
void PooledMarket::bound_plants(const Task& task, std::size_t stage, std::size_t pool,
                                const Row& total, Row& share)
{
    const std::size_t regions = model_->regions.size();
    const auto for_each_plant = [&](auto visit) {
        for (const std::size_t at : task.commodity.plants) {
            if (at / regions == stage && stays_in_pool(task.division, at)
                && task.division.origin_pool[at] == pool) {
                double* least = row(bounds_, 2 * (at % regions), lanes_);
                visit(at, row(task.clearing.throughput, layer_row(task.index, at), lanes_),
                      least, least + lanes_);
            }
        }
    };
    const auto is_at_border = [&](std::size_t at) {
        return border_at(task, at) != nullptr || border_at(task, at - regions) != nullptr;
    };
    Row is_bounded;
    fill(is_bounded.data(), lanes_, 0);
    for_each_plant([&](std::size_t at, double* throughput, double* least, double* most) {
        if (is_at_border(at)) {
            bound_plant(task, at, least, most);
            pool::note_bounded(lanes_, throughput, row(task.own_terms.cap, at, lanes_), least,
                               most, task.holds, is_bounded.data());
        }
    });
    if (std::count(is_bounded.begin(), is_bounded.begin() + lanes_, 0.0)
        == static_cast<std::ptrdiff_t>(lanes_)) {
        return;
    }
    Row least_in_all, most_in_all, moves, lower, upper, sum, slope;
    fill(least_in_all.data(), lanes_, 0);
    fill(most_in_all.data(), lanes_, 0);
    for_each_plant([&](std::size_t at, double*, double* least, double* most) {
        if (!is_at_border(at)) {
            bound_plant(task, at, least, most);
        }
        add(lanes_, least, least_in_all.data());
        add(lanes_, most, most_in_all.data());
    });
    pool::begin_share(lanes_, is_bounded.data(), total.data(), least_in_all.data(),
                      most_in_all.data(), share.data(), moves.data());
    fill(lower.data(), lanes_, 0);
    fill(upper.data(), lanes_, 1);
    std::size_t moving = lanes_;
    for (int round = 0; round < most_share_steps && moving > 0; ++round) {
        fill(sum.data(), lanes_, 0);
        fill(slope.data(), lanes_, 0);
        for_each_plant([&](std::size_t at, double* throughput, double* least, double* most) {
            pool::put_within(lanes_, is_bounded.data(), share.data(),
                             {.cap = row(task.own_terms.cap, at, lanes_),
                              .least = least,
                              .most = most,
                              .throughput = throughput},
                             sum.data(), slope.data());
        });
        moving = pool::step_share(lanes_, total.data(), sum.data(), slope.data(), moves.data(),
                                  lower.data(), upper.data(), share.data());
    }
    pool::check_sum(lanes_, is_bounded.data(), total.data(), sum.data(), task.holds);
}

/// What a stage takes over, puts through and supplies itself.
/// \param above  What each pool holds before and after it.
void PooledMarket::pass_stage(const Task& task, std::size_t stage, PoolRows& above)
{
    const Division& division = task.division;
    const CommodityTerms& terms = task.own_terms;
    const std::size_t regions = model_->regions.size();
    const std::size_t first = stage * regions;
    const auto is_here = [&](std::size_t at) { return at >= first && at < first + regions; };
    PoolRows share;  // first the room of all plants within a pool
    Row whole;
    fill(whole.data(), lanes_, 1);
    for (std::size_t pool = 0; pool < division.pools.size(); ++pool) {
        fill(share[pool].data(), lanes_, 0);
        for (const Stockpile& stockpile : division.pools[pool].stockpiles) {
            if (is_here(stockpile.at)) {
                add(lanes_, row(net_draw_, stockpile.at, lanes_), above[pool].data());
            }
        }
    }
    for (const std::size_t at : task.commodity.plants) {
        if (is_here(at)) {
            const std::uint32_t from = division.market_pool[at - regions];
            if (stays_in_pool(division, at)) {
                add(lanes_, row(terms.cap, at, lanes_), share[from].data());
            } else {
                subtract(lanes_, row(terms.cap, at, lanes_), above[from].data());
            }
        }
    }
    // Behind its last border the cheap pool has no plants; what is left there is rounding.
    const bool is_behind = !division.is_one_pool() && stage > division.parting.last;
    const std::size_t first_pool = is_behind ? std::size_t{dear_pool} : 0;
    for (std::size_t pool = first_pool; stage > 0 && pool < division.pools.size(); ++pool) {
        pool::pass_on(lanes_, above[pool].data(), share[pool].data(), task.holds);
    }
    for (const std::size_t at : task.commodity.plants) {
        if (is_here(at)) {
            const Row& own =
                stays_in_pool(division, at) ? share[division.origin_pool[at]] : whole;
            pool::put_through(
                lanes_, row(terms.cap, at, lanes_), own.data(), stock_drawn(task, at),
                row(task.clearing.throughput, layer_row(task.index, at), lanes_), task.holds);
        }
    }
    for (std::size_t pool = first_pool; stage > 0 && pool < division.pools.size(); ++pool) {
        if (may_be_bounded(task, stage)) {
            bound_plants(task, stage, pool, above[pool], share[pool]);
        }
    }
    for (const std::size_t at : task.commodity.plants) {
        if (is_here(at) && !stays_in_pool(division, at)) {
            add(lanes_, row(terms.cap, at, lanes_), above[division.origin_pool[at]].data());
        }
    }
    for (const std::size_t at : task.commodity.origins) {
        if (is_here(at)) {
            const std::size_t layer = layer_row(task.index, at);
            pool::sum_of(lanes_, row(task.clearing.throughput, layer, lanes_),
                         row(own_supply_, at, lanes_),
                         row(task.clearing.output, layer, lanes_));
            add(lanes_, row(own_supply_, at, lanes_), above[division.origin_pool[at]].data());
        }
    }
    for (const PlaceCap& border : task.between) {
        if (is_here(border.at)) {
            subtract(lanes_, border.cap, above[cheap_pool].data());
            add(lanes_, border.cap, above[dear_pool].data());
        }
    }
}

/// Nothing holds where a border has to let more pass than it may; notes the worst.
void PooledMarket::check_borders(const Task& task)
{
    for (const PlaceCap& border : task.borders) {
        Row most;
        std::copy_n(border.cap, lanes_, most.data());
        const std::uint32_t origin = task.division.origin_pool[border.at];
        const std::uint32_t market = task.division.market_pool[border.at];
        if (origin == market) {
            add(lanes_, intake(task, border.at), most.data());
        } else {
            // Who makes for the dear pool sells nothing to a cheap market at home; who may not
            // export at all is left to the exact solver.
            pool::check_open(lanes_, border.cap, task.holds);
        }
        const auto filled = std::ranges::find(task.to_importers, border.at, &PlaceCap::at);
        if (market == dear_pool && filled != task.to_importers.end()) {
            subtract(lanes_, filled->cap, most.data());  // what comes by the full arc
        }
        const double* output =
            row(task.clearing.output, layer_row(task.index, border.at), lanes_);
        pool::check_border(lanes_, output, most.data(), task.holds);
        if (!task.division.is_one_pool() && origin == cheap_pool) {
            pool::check_not_idle(lanes_, output, border.cap, task.holds);
        }
        pool::note_excess(lanes_, output, most.data(), static_cast<double>(border.at),
                          worst_excess_.data(), worst_.data());
    }
    if (task.worst != nullptr) {
        std::copy_n(worst_.data(), lanes_, task.worst);
    }
}

/// Holds arcs to importers to what they may carry: full ones are no more than their markets
/// take in, and where no other exporter sells, markets take in no more than theirs.
void PooledMarket::check_importers(const Task& task)
{
    for (const PlaceCap& arc : task.to_importers) {
        const double* taken = intake(task, arc.at);
        const bool is_full = task.division.market_pool[arc.at] == dear_pool;
        pool::check_border(lanes_, is_full ? arc.cap : taken, is_full ? taken : arc.cap,
                           task.holds);
    }
}

/// Prices of users, where it is mined, and of plants' stocks.
void PooledMarket::set_prices(const Task& task) const
{
    const std::size_t regions = model_->regions.size();
    const LayeredNetwork& layered = networks_[task.index];
    const std::size_t last = model_->last_stage(CommodityId(task.index)).index() * regions;
    const auto copy = [&](std::uint32_t pool, LaneArray<double>& to, std::size_t entity) {
        std::copy_n(task.prices[pool].price.begin(), lanes_, row(to, entity, lanes_));
    };
    for (std::size_t region = 0; region < regions; ++region) {
        const std::size_t cell = task.index * regions + region;
        const std::uint32_t users = task.division.market_pool[last + region];
        copy(users, task.clearing.log_price, cell);
        copy(layered.out_node[region] == absent ? users : task.division.origin_pool[region],
             task.clearing.source_price, cell);
    }
    for (std::uint32_t pool = 0; pool < task.division.pools.size(); ++pool) {
        for (const Stockpile& stockpile : task.division.pools[pool].stockpiles) {
            copy(pool, task.clearing.stage_price, stockpile.position);
        }
    }
}

/// Quantities and stocks of a pool's users.
/// \param sold  Receives what they buy in all.
void PooledMarket::serve_users(const Task& task, std::size_t pool, Row& sold)
{
    const CommodityTerms& terms = task.own_terms;
    const PoolPrices& prices = task.prices[pool];
    const LaneArray<double>& power = prices.power;
    fill(sold.data(), lanes_, 0);
    for (const User& user : task.division.pools[pool].users) {
        const std::size_t cell = task.index * model_->regions.size() + user.region;
        Row bought;
        if (user.buys_for_reserves) {
            multiply(lanes_, row(terms.refill, user.region, lanes_),
                     row(power, networks_[task.index].refill_power, lanes_), bought.data());
            scale(lanes_, prices.demand_ration.data(), bought.data());
        } else {
            fill(bought.data(), lanes_, 0);
        }
        pool::serve(lanes_,
                    {.consumption = row(terms.consumption, user.region, lanes_),
                     .consumption_power = row(power, user.consumption_power, lanes_),
                     .order = row(terms.order, user.region, lanes_),
                     .order_power = row(power, user.order_power, lanes_),
                     .own_stock = row(terms.own_stock, user.region, lanes_),
                     .release = row(terms.release, user.region, lanes_),
                     .stock = row(task.stock, cell, lanes_),
                     .supply_ration = prices.supply_ration.data(),
                     .demand_ration = prices.demand_ration.data(),
                     .served = row(task.clearing.consumption, cell, lanes_),
                     .rationed = row(task.clearing.rationed, cell, lanes_),
                     .purchase = row(task.clearing.purchase, cell, lanes_),
                     .released = row(task.clearing.release, cell, lanes_),
                     .stock_after = row(task.clearing.stock_after, cell, lanes_)},
                    bought.data(), sold.data(), task.holds);
    }
}

/// What reserves give and buy. Releases that are rationed are left to the exact solver.
void PooledMarket::fill_reserves(const Task& task)
{
    const std::size_t last =
        model_->last_stage(CommodityId(task.index)).index() * model_->regions.size();
    for (std::size_t reserve = 0; reserve < model_->reserves.size(); ++reserve) {
        const Reserve& entry = model_->reserves[reserve];
        if (entry.commodity.index() != task.index) {
            continue;
        }
        const PoolPrices& buyer =
            task.prices[task.division.market_pool[last + entry.region.index()]];
        const double* given = row(task.terms.release, reserve, lanes_);
        double* bought = row(task.clearing.reserve_purchase, reserve, lanes_);
        std::copy_n(given, lanes_, row(task.clearing.reserve_release, reserve, lanes_));
        multiply(lanes_, row(task.terms.refill, reserve, lanes_),
                 row(buyer.power, networks_[task.index].refill_power, lanes_), bought);
        if (!task.division.is_one_pool()) {
            scale(lanes_, buyer.demand_ration.data(), bought);
            for (const PoolPrices& prices : task.prices) {
                pool::check_whole(lanes_, given, prices.supply_ration.data(), task.holds);
            }
        }
    }
}

/// What a region takes in of a stage's output: for its plants of the next stage, or its users.
const double* PooledMarket::intake(const Task& task, std::size_t at)
{
    const std::size_t regions = model_->regions.size();
    if (at / regions + 1 == model_->stages_of(CommodityId(task.index))) {
        return row(task.clearing.purchase, task.index * regions + at % regions, lanes_);
    }
    const std::size_t next = at + regions;
    const double* throughput =
        row(task.clearing.throughput, layer_row(task.index, next), lanes_);
    const double* drawn =
        networks_[task.index].plant_arc[next] == absent ? nullptr : stock_drawn(task, next);
    if (drawn == nullptr) {
        return throughput;
    }
    pool::excess_of(lanes_, throughput, drawn, intake_.data());
    return intake_.data();
}

/// What regions export of each layer: what they do not take in themselves, and of the border
/// between two pools what may pass it.
void PooledMarket::read_exports(const Task& task)
{
    for (const std::size_t at : task.commodity.origins) {
        const std::size_t layer = layer_row(task.index, at);
        double* exports = row(task.clearing.exports, layer, lanes_);
        if (task.division.crosses(at, model_->regions.size())) {
            const auto full = std::ranges::find(task.between, at, &PlaceCap::at);
            std::copy_n(full->cap, lanes_, exports);
        } else {
            pool::excess_of(lanes_, row(task.clearing.output, layer, lanes_), intake(task, at),
                            exports);
        }
    }
}

/// All but the flows of single arcs, once there are prices.
void PooledMarket::clear_goods(const Task& task)
{
    for (const LayeredNetwork::Recycler& recycler : networks_[task.index].recyclers) {
        const std::size_t regions = model_->regions.size();
        const Recycling& entry = model_->recycling[recycler.entry];
        const std::size_t at = entry.stage.index() * regions + entry.region.index();
        multiply(lanes_, row(task.own_terms.available, recycler.supply, lanes_),
                 task.prices[task.division.origin_pool[at]].supply_ration.data(),
                 row(task.clearing.recycled, recycler.entry, lanes_));
    }
    set_prices(task);
    for (const std::size_t at : task.commodity.origins) {
        fill(row(own_supply_, at, lanes_), lanes_, 0);
    }
    fill(worst_excess_.data(), lanes_, 0);
    fill(worst_.data(), lanes_, -1);
    PoolRows above, sold;
    for (std::size_t pool = 0; pool < task.division.pools.size(); ++pool) {
        supply_pool(task, pool);
        serve_users(task, pool, sold[pool]);
        fill(above[pool].data(), lanes_, 0);
    }
    for (std::size_t stage = 0; stage < model_->stages_of(CommodityId(task.index)); ++stage) {
        pass_stage(task, stage, above);
    }
    for (std::size_t pool = 0; pool < task.division.pools.size(); ++pool) {
        const double* turnover = sold[pool].data();
        Row with_beyond;
        if (!task.division.is_one_pool() && pool == cheap_pool) {
            pool::sum_of(lanes_, turnover, task.beyond, with_beyond.data());
            turnover = with_beyond.data();
        }
        pool::check_balance(lanes_, above[pool].data(), sold[pool].data(), turnover,
                            task.holds);
    }
    fill_reserves(task);
    read_exports(task);
    check_borders(task);
    check_importers(task);
}

void PooledMarket::read_arcs(std::size_t commodity, std::size_t lane, Clearing& clearing) const
{
    const Commodity& own = commodities_[commodity];
    for (const Arc& arc : own.arcs) {
        const double through =
            passed(arc.kind, clearing)[layer_row(commodity, arc.at) * all_lanes_ + lane];
        clearing.arc_flow[arc.position * all_lanes_ + lane] =
            arc.kind == CappableArc::Kind::trade
                ? own.trade_share[arc.share * all_lanes_ + lane] * through
                : through;
    }
}

void PooledMarket::read_arcs(std::size_t commodity, std::size_t division, std::size_t lane,
                             double cheap, double dear, Clearing& clearing) const
{
    read_arcs(commodity, lane, clearing);
    const Division& own = commodities_[commodity].divisions[division];
    const double difference = portable_exp(dear) - portable_exp(cheap);
    const double gap = difference > binding_gap ? difference : 0;
    for (const std::size_t arc : own.upward) {
        clearing.arc_gap[arc * all_lanes_ + lane] = gap;
    }
    for (const std::size_t arc : own.downward) {
        clearing.arc_flow[arc * all_lanes_ + lane] = 0;
    }
}

void PooledMarket::clear(std::size_t commodity, const LaneTerms& terms,
                         const LaneArray<double>& stock, std::span<const PlaceCap> borders,
                         Clearing& clearing, std::span<double> holds, std::span<double> worst)
{
    lanes_ = all_lanes_;
    Commodity& own = commodities_[commodity];
    const Task task{.index = commodity,
                    .commodity = own,
                    .terms = terms,
                    .own_terms = terms.of[commodity],
                    .stock = stock,
                    .division = own.whole,
                    .prices = {&own.prices, 1},
                    .between = {},
                    .borders = borders,
                    .to_importers = {},
                    .beyond = nullptr,
                    .clearing = clearing,
                    .holds = holds.data(),
                    .worst = worst.data()};
    fill(task.holds, lanes_, 1);
    find_root(task);
    clear_goods(task);
    for (const Arc& arc : own.arcs) {
        const double* through =
            row(passed(arc.kind, clearing), layer_row(commodity, arc.at), lanes_);
        double* flow = row(clearing.arc_flow, arc.position, lanes_);
        if (arc.kind == CappableArc::Kind::trade) {
            multiply(lanes_, row(own.trade_share, arc.share, lanes_), through, flow);
        } else {
            std::copy_n(through, lanes_, flow);
        }
    }
}

void PooledMarket::clear_divided(std::size_t commodity, std::size_t division,
                                 std::span<const PlaceCap> between,
                                 std::span<const PlaceCap> others,
                                 std::span<const PlaceCap> to_importers,
                                 std::span<double> cheap, std::span<double> dear,
                                 const LaneTerms& terms, const LaneArray<double>& stock,
                                 Clearing& clearing, std::span<double> holds)
{
    lanes_ = clearing.lanes;
    const Commodity& own = commodities_[commodity];
    const std::size_t regions = model_->regions.size();
    Row beyond;
    const Task task{.index = commodity,
                    .commodity = own,
                    .terms = terms,
                    .own_terms = terms.of[commodity],
                    .stock = stock,
                    .division = own.divisions[division],
                    .prices = divided_,
                    .between = between,
                    .borders = others,
                    .to_importers = to_importers,
                    .beyond = beyond.data(),
                    .clearing = clearing,
                    .holds = holds.data(),
                    .worst = nullptr};
    fill(beyond.data(), lanes_, 0);
    for (const PlaceCap& border : between) {
        add(lanes_, border.cap, beyond.data());
    }
    for (const std::size_t plant : own.plants) {
        if (!stays_in_pool(task.division, plant)) {
            add(lanes_, row(task.own_terms.cap, plant, lanes_), beyond.data());
        }
    }
    // Rows that nothing below writes: in such regions nobody puts anything through or buys.
    for (std::size_t at = 0; at < task.division.origin_pool.size(); ++at) {
        fill(row(clearing.throughput, layer_row(commodity, at), lanes_), lanes_, 0);
    }
    for (std::size_t region = 0; region < regions; ++region) {
        fill(row(clearing.purchase, commodity * regions + region, lanes_), lanes_, 0);
    }
    fill(task.holds, lanes_, 1);
    find_rationed_root(task, cheap_pool, cheap);
    find_rationed_root(task, dear_pool, dear);
    pool::check_apart(lanes_, cheap.data(), dear.data(), task.holds);
    clear_goods(task);
}

}  // namespace chokepoint
