#include "chokepoint/market/pooled_market.hpp"

#include <algorithm>
#include <cmath>

#include "chokepoint/market/rows.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lanes.hpp"

namespace chokepoint {
namespace {

constexpr double stage_slack = 1e-12;  ///< Relative; a stage that is just full counts as open.
/// Of x. The error after a step is of the third power of the step, unless it crosses a kink,
/// which the balance at its end tells (`balance_tolerance`).
constexpr double last_step = 3e-5;
/// Of what users buy: by how much it may miss what reaches them.
constexpr double balance_tolerance = 1e-12;
/// Of k x: a step so small moves e^{k x} by its factor `growth`, to rounding.
constexpr double small_step = 1e-3;
constexpr int most_steps = 8;  ///< What takes more is left to the exact solver.

/// e^y where |y| is a small step.
[[gnu::always_inline]] inline double growth(double y)
{
    return 1 + y * (1 + y * (1.0 / 2 + y * (1.0 / 6 + y * (1.0 / 24))));
}

/// The six rows of a pool's balance (Balance).
struct BalanceRows {
    double *in, *in1, *in2, *out, *out1, *out2;
};

BalanceRows rows_of(LaneArray<double>& balance, std::size_t lanes)
{
    double* first = balance.data();
    return {first,
            first + lanes,
            first + 2 * lanes,
            first + 3 * lanes,
            first + 4 * lanes,
            first + 5 * lanes};
}

/// e^{k x} after a step. Where that was small, it is what it was times its growth.
CHOKEPOINT_LANE_LOOPS
void set_power(std::size_t lanes, const double* __restrict exponent,
               const double* __restrict price, const double* __restrict moved,
               double* __restrict power)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double anew = bounded_exp(exponent[lane] * price[lane]);
        const double y = exponent[lane] * moved[lane];
        power[lane] = std::abs(y) <= small_step ? power[lane] * growth(y) : anew;
    }
}

/// The same where all steps were small.
CHOKEPOINT_LANE_LOOPS
void nudge_power(std::size_t lanes, const double* __restrict exponent,
                 const double* __restrict moved, double* __restrict power)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        power[lane] *= growth(exponent[lane] * moved[lane]);
    }
}

/// True if one of the steps was not small.
CHOKEPOINT_LANE_LOOPS
bool any_far(std::size_t lanes, const double* __restrict exponent,
             const double* __restrict moved)
{
    std::size_t far = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        far += std::abs(exponent[lane] * moved[lane]) <= small_step ? 0U : 1U;
    }
    return far > 0;
}

CHOKEPOINT_LANE_LOOPS
void begin_balance(std::size_t lanes, const double* __restrict flat, BalanceRows rows)
{
    double* __restrict in = rows.in;
    double* __restrict rest = rows.in1;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        in[lane] = flat[lane];
    }
    for (std::size_t at = 0; at < 5 * lanes; ++at) {
        rest[at] = 0;
    }
}

CHOKEPOINT_LANE_LOOPS
void add_flat_supply(std::size_t lanes, const double* __restrict available,
                     const double* __restrict utilisation, double* __restrict sum)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sum[lane] += available[lane] * std::min(1.0, utilisation[lane]);
    }
}

CHOKEPOINT_LANE_LOOPS
void add_curved_supply(std::size_t lanes, const double* __restrict available,
                       const double* __restrict utilisation, const double* __restrict exponent,
                       const double* __restrict power, BalanceRows rows)
{
    double* __restrict in = rows.in;
    double* __restrict in1 = rows.in1;
    double* __restrict in2 = rows.in2;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double use = utilisation[lane] * power[lane];
        const double quantity = available[lane] * use;
        const double slope = use < 1 ? exponent[lane] * quantity : 0.0;
        in[lane] += use < 1 ? quantity : available[lane];
        in1[lane] += slope;
        in2[lane] += exponent[lane] * slope;
    }
}

/// Net demand of users, who draw from their own stock first.
CHOKEPOINT_LANE_LOOPS
void add_user(std::size_t lanes, const double* __restrict consumption,
              const double* __restrict consumption_exponent,
              const double* __restrict consumption_power, const double* __restrict order,
              const double* __restrict order_exponent, const double* __restrict order_power,
              const double* __restrict own_stock, BalanceRows rows)
{
    double* __restrict out = rows.out;
    double* __restrict out1 = rows.out1;
    double* __restrict out2 = rows.out2;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double consumed = consumption[lane] * consumption_power[lane];
        const double ordered = order[lane] * order_power[lane];
        const double consumed1 = consumption_exponent[lane] * consumed;
        const double ordered1 = order_exponent[lane] * ordered;
        const double net = consumed + ordered - own_stock[lane];
        const double slope = consumed1 + ordered1;
        const double curvature =
            consumption_exponent[lane] * consumed1 + order_exponent[lane] * ordered1;
        out[lane] += net > 0 ? net : 0.0;
        out1[lane] -= net > 0 ? slope : 0.0;
        out2[lane] += net > 0 ? curvature : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void add_purchase(std::size_t lanes, const double* __restrict coefficient,
                  const double* __restrict exponent, const double* __restrict power,
                  BalanceRows rows)
{
    double* __restrict out = rows.out;
    double* __restrict out1 = rows.out1;
    double* __restrict out2 = rows.out2;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double bought = coefficient[lane] * power[lane];
        const double slope = exponent[lane] * bought;
        out[lane] += bought;
        out1[lane] -= slope;
        out2[lane] += exponent[lane] * slope;
    }
}

/// One step of Halley's method on ln(in / out) in every lane that still moves, held between one
/// and two Newton steps and within floor and choke. The logarithm is taken by its Padé form,
/// which is 0 at the same place. The last step of a lane is at most `last_step` or leads nowhere.
/// \param moves  1 in lanes that still move, else 0.
/// \param moved  Receives the steps.
/// \returns How many lanes still move.
CHOKEPOINT_LANE_LOOPS
std::size_t step(std::size_t lanes, BalanceRows rows, const double* __restrict log_floor,
                 const double* __restrict log_choke, double* __restrict moves,
                 double* __restrict moved, double* __restrict price)
{
    const double* __restrict in = rows.in;
    const double* __restrict in1 = rows.in1;
    const double* __restrict in2 = rows.in2;
    const double* __restrict out = rows.out;
    const double* __restrict out1 = rows.out1;
    const double* __restrict out2 = rows.out2;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double s = in[lane];
        const double d = out[lane];
        const double product = s * d;
        const double a = in1[lane] * d;
        const double b = out1[lane] * s;
        const double first = a + b;
        const double second = (in2[lane] * d - out2[lane] * s) * product - (a - b) * first;
        const double numerator = 3 * (s - d) * (s + d);
        const double denominator = s * s + d * d + 4 * product;
        const double newton = first * first * denominator;
        const double dx = -2 * numerator * first * product
                          / std::max(2 * newton - numerator * second, newton);
        const double from = price[lane];
        const double to = std::min(std::max(from + dx, log_floor[lane]), log_choke[lane]);
        const bool is_number = dx - dx == 0;
        const bool is_last = std::abs(dx) <= last_step;
        price[lane] = moves[lane] > 0 && is_number ? to : from;
        moved[lane] = price[lane] - from;
        moves[lane] = is_last || to == from ? 0.0 : moves[lane];
    }
    std::size_t moving = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        moving += moves[lane] > 0 ? 1U : 0U;
    }
    return moving;
}

CHOKEPOINT_LANE_LOOPS
void note_roots(std::size_t lanes, const double* __restrict moves,
                const double* __restrict price, const double* __restrict log_floor,
                const double* __restrict log_choke, double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const bool inside = price[lane] > log_floor[lane] && price[lane] < log_choke[lane];
        holds[lane] = inside ? 1 - moves[lane] : 0.0;
    }
}

/// What mines of one supply dig, or an entry of recycling gives back.
CHOKEPOINT_LANE_LOOPS
void supplied(std::size_t lanes, const double* __restrict available,
              const double* __restrict utilisation, const double* __restrict power,
              double* __restrict sum)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double use = utilisation[lane] * power[lane];
        sum[lane] += use < 1 ? available[lane] * use : available[lane];
    }
}

/// What plants order for their stock and draw from it.
/// \param least  Receives what they must at least pass on.
CHOKEPOINT_LANE_LOOPS
void trade_stock(std::size_t lanes, const double* __restrict order,
                 const double* __restrict power, const double* __restrict draw,
                 double* __restrict ordered, double* __restrict drawn, double* __restrict least)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        ordered[lane] = order[lane] * power[lane];
        drawn[lane] = draw[lane];
        least[lane] = drawn[lane] - ordered[lane];
    }
}

/// The share of its plants' room that a stage passes on; where there is too little room for
/// what comes from above, or plants order more for their stocks than comes, it does not hold.
/// \param capacity  Sum over the plants; receives the share.
CHOKEPOINT_LANE_LOOPS
void pass_on(std::size_t lanes, const double* __restrict passing, double* __restrict capacity,
             double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const bool fits =
            passing[lane] >= 0 && passing[lane] <= capacity[lane] * (1 + stage_slack);
        holds[lane] = fits ? holds[lane] : 0.0;
        capacity[lane] = capacity[lane] > 0 ? passing[lane] / capacity[lane] : 0.0;
    }
}

/// A plant's throughput at the common share of its room; must be `least` or more. (So together
/// they take no less from above than they must.)
/// \param least  Null: anything.
CHOKEPOINT_LANE_LOOPS
void put_through(std::size_t lanes, const double* __restrict cap,
                 const double* __restrict share, const double* least,
                 double* __restrict throughput, double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        throughput[lane] = cap[lane] * share[lane];
    }
    if (least != nullptr) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const bool enough =
                throughput[lane] >= least[lane] && least[lane] <= cap[lane] * (1 + stage_slack);
            holds[lane] = enough ? holds[lane] : 0.0;
        }
    }
}

struct UserRows {
    const double *consumption, *consumption_power, *order, *order_power, *own_stock, *release,
        *stock;
    double *served, *rationed, *purchase, *released, *stock_after;
};

/// Equation (11) of users. None may have more from reserves than they want.
/// \param sold  Grows by what they buy.
CHOKEPOINT_LANE_LOOPS
void serve(std::size_t lanes, const UserRows& user, const double* __restrict bought_for_reserve,
           double* __restrict sold, double* __restrict holds)
{
    const double* __restrict consumption = user.consumption;
    const double* __restrict consumption_power = user.consumption_power;
    const double* __restrict order = user.order;
    const double* __restrict order_power = user.order_power;
    const double* __restrict own_stock = user.own_stock;
    const double* __restrict release = user.release;
    const double* __restrict stock = user.stock;
    double* __restrict served = user.served;
    double* __restrict rationed = user.rationed;
    double* __restrict purchase = user.purchase;
    double* __restrict released = user.released;
    double* __restrict stock_after = user.stock_after;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double wanted = consumption[lane] * consumption_power[lane];
        const double bought =
            std::max(0.0, wanted + order[lane] * order_power[lane] - own_stock[lane]);
        const double used = std::min(wanted, bought + own_stock[lane]);
        served[lane] = used;
        rationed[lane] = wanted - used;
        stock_after[lane] = std::max(0.0, stock[lane] + (bought - used));
        released[lane] = release[lane];
        purchase[lane] = bought - release[lane] + bought_for_reserve[lane];
        sold[lane] += purchase[lane];
        holds[lane] = release[lane] <= bought + bought_for_reserve[lane] ? holds[lane] : 0.0;
    }
}

/// A month holds only if users buy what reaches them: else the price is not that of the pool.
CHOKEPOINT_LANE_LOOPS
void check_balance(std::size_t lanes, const double* __restrict reaching,
             const double* __restrict sold, double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const bool is_balanced =
            std::abs(reaching[lane] - sold[lane]) <= balance_tolerance * sold[lane];
        holds[lane] = is_balanced ? holds[lane] : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void sum_of(std::size_t lanes, const double* __restrict left, const double* __restrict right,
            double* __restrict sum)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sum[lane] = left[lane] + right[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void excess_of(std::size_t lanes, const double* __restrict left, const double* __restrict right,
               double* __restrict excess)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        excess[lane] = std::max(0.0, left[lane] - right[lane]);
    }
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
        own.supplies.push_back({term, power, at, is_flat(power)});
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
        commodities_[commodity].users.push_back(
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
        own.stockpiles.push_back({term, stockpile.at, stockpile.position,
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
                 arc.kind == CappableArc::Kind::trade ? importers++ : std::size_t{0}});
        }
    }
}

void PooledMarket::start(const LaneParameters& parameters)
{
    lanes_ = parameters.lanes();
    const std::size_t regions = model_->regions.size();
    const std::size_t positions = model_->stages.size() * regions;
    flat_.resize(lanes_);
    intake_.resize(lanes_);
    balance_.resize(6 * lanes_);
    own_supply_.resize(positions * lanes_);
    net_draw_.resize(positions * lanes_);
    for (std::size_t commodity = 0; commodity < commodities_.size(); ++commodity) {
        Commodity& own = commodities_[commodity];
        own.price.assign(lanes_, 0);
        own.power.assign(networks_[commodity].powers.size() * lanes_, 1);
        own.trade_share.clear();
        for (const Arc& arc : own.arcs) {
            if (arc.kind != CappableArc::Kind::trade) {
                continue;
            }
            const CappableArc& entry = model_->cappable_arcs[arc.position];
            for (std::size_t lane = 0; lane < lanes_; ++lane) {
                own.trade_share.push_back(parameters.of[lane]->baseline.share_of_exports(
                    *model_, entry.stage, entry.commodity, entry.from, entry.to));
            }
        }
    }
}

std::span<double> PooledMarket::price(std::size_t commodity)
{
    return commodities_[commodity].price;
}

std::size_t PooledMarket::layer_row(std::size_t commodity, std::size_t at) const
{
    const std::size_t regions = model_->regions.size();
    return at / regions * model_->cells() + commodity * regions + at % regions;
}

/// Moves the powers as the price has.
void PooledMarket::set_powers(std::size_t commodity, const CommodityTerms& terms,
                              const double* moved)
{
    Commodity& own = commodities_[commodity];
    for (const std::uint32_t at : own.moving_powers) {
        const double* exponent = row(terms.exponent, at, lanes_);
        double* power = row(own.power, at, lanes_);
        if (any_far(lanes_, exponent, moved)) {
            set_power(lanes_, exponent, own.price.data(), moved, power);
        } else {
            nudge_power(lanes_, exponent, moved, power);
        }
    }
}

/// The pool's balance at the powers at hand.
void PooledMarket::add_curves(std::size_t commodity, const CommodityTerms& terms)
{
    const Commodity& own = commodities_[commodity];
    const BalanceRows rows = rows_of(balance_, lanes_);
    const auto exponent = [&](std::uint32_t power) {
        return row(terms.exponent, power, lanes_);
    };
    const auto power_at = [&](std::uint32_t power) { return row(own.power, power, lanes_); };
    begin_balance(lanes_, flat_.data(), rows);
    for (const Supply& supply : own.supplies) {
        if (!supply.is_flat) {
            add_curved_supply(lanes_, row(terms.available, supply.term, lanes_),
                              row(terms.utilisation, supply.term, lanes_),
                              exponent(supply.power), power_at(supply.power), rows);
        }
    }
    for (const User& user : own.users) {
        add_user(lanes_, row(terms.consumption, user.region, lanes_),
                 exponent(user.consumption_power), power_at(user.consumption_power),
                 row(terms.order, user.region, lanes_), exponent(user.order_power),
                 power_at(user.order_power), row(terms.own_stock, user.region, lanes_), rows);
        if (user.buys_for_reserves) {
            const std::uint32_t power = networks_[commodity].refill_power;
            add_purchase(lanes_, row(terms.refill, user.region, lanes_), exponent(power),
                         power_at(power), rows);
        }
    }
    for (const Stockpile& stockpile : own.stockpiles) {
        add_purchase(lanes_, row(terms.stage_order, stockpile.term, lanes_),
                     exponent(stockpile.power), power_at(stockpile.power), rows);
    }
}

/// Steps from last month's price, whose powers are at hand, until no lane moves. Leaves the
/// powers at the price. \param holds  Receives 1 where the price came to rest within floor and
/// choke, else 0.
void PooledMarket::find_root(std::size_t commodity, const CommodityTerms& terms, double* holds)
{
    Commodity& own = commodities_[commodity];
    std::fill(flat_.begin(), flat_.end(), 0);
    for (const Supply& supply : own.supplies) {
        if (supply.is_flat) {
            add_flat_supply(lanes_, row(terms.available, supply.term, lanes_),
                            row(terms.utilisation, supply.term, lanes_), flat_.data());
        }
    }
    for (const User& user : own.users) {
        add(lanes_, row(terms.release, user.region, lanes_), flat_.data());
    }
    for (const Stockpile& stockpile : own.stockpiles) {
        add(lanes_, row(terms.stage_draw, stockpile.term, lanes_), flat_.data());
    }
    Row moves, moved;
    moves.fill(1);
    std::size_t moving = lanes_;
    for (int round = 0; round < most_steps && moving > 0; ++round) {
        add_curves(commodity, terms);
        moving = step(lanes_, rows_of(balance_, lanes_), terms.log_floor.data(),
                      terms.log_choke.data(), moves.data(), moved.data(), own.price.data());
        set_powers(commodity, terms, moved.data());
    }
    note_roots(lanes_, moves.data(), own.price.data(), terms.log_floor.data(),
               terms.log_choke.data(), holds);
}

/// What every stage supplies and passes on.
/// \param above  Receives what reaches the users.
void PooledMarket::pass_stages(std::size_t commodity, const CommodityTerms& terms,
                               Clearing& clearing, double* above, double* holds)
{
    const Commodity& own = commodities_[commodity];
    const std::size_t regions = model_->regions.size();
    const std::size_t stages = model_->stages_of(CommodityId(commodity));
    for (const std::size_t at : own.origins) {
        std::fill_n(row(own_supply_, at, lanes_), lanes_, 0);
    }
    for (const Supply& supply : own.supplies) {
        supplied(lanes_, row(terms.available, supply.term, lanes_),
                 row(terms.utilisation, supply.term, lanes_),
                 row(own.power, supply.power, lanes_), row(own_supply_, supply.at, lanes_));
    }
    for (const Stockpile& stockpile : own.stockpiles) {
        trade_stock(lanes_, row(terms.stage_order, stockpile.term, lanes_),
                    row(own.power, stockpile.power, lanes_),
                    row(terms.stage_draw, stockpile.term, lanes_),
                    row(clearing.stage_order, stockpile.position, lanes_),
                    row(clearing.stage_draw, stockpile.position, lanes_),
                    row(net_draw_, stockpile.at, lanes_));
    }
    std::fill_n(above, lanes_, 0);
    for (std::size_t stage = 0; stage < stages; ++stage) {
        const std::size_t first = stage * regions;
        const std::size_t last = first + regions;
        const auto is_here = [&](std::size_t at) { return at >= first && at < last; };
        Row share{};
        for (const Stockpile& stockpile : own.stockpiles) {
            if (is_here(stockpile.at)) {
                add(lanes_, row(net_draw_, stockpile.at, lanes_), above);
            }
        }
        if (stage > 0) {
            for (const std::size_t at : own.plants) {
                if (is_here(at)) {
                    add(lanes_, row(terms.cap, at, lanes_), share.data());
                }
            }
            pass_on(lanes_, above, share.data(), holds);
        }
        for (const std::size_t at : own.plants) {
            if (is_here(at)) {
                const bool keeps_stock = std::ranges::any_of(
                    own.stockpiles,
                    [at](const Stockpile& stockpile) { return stockpile.at == at; });
                put_through(lanes_, row(terms.cap, at, lanes_), share.data(),
                            keeps_stock ? row(net_draw_, at, lanes_) : nullptr,
                            row(clearing.throughput, layer_row(commodity, at), lanes_), holds);
            }
        }
        for (const std::size_t at : own.origins) {
            if (is_here(at)) {
                const std::size_t layer = layer_row(commodity, at);
                sum_of(lanes_, row(clearing.throughput, layer, lanes_),
                       row(own_supply_, at, lanes_), row(clearing.output, layer, lanes_));
                add(lanes_, row(own_supply_, at, lanes_), above);
            }
        }
    }
}

/// Prices, quantities and stocks of the users.
/// \param reaching  What reaches them.
void PooledMarket::serve_users(std::size_t commodity, const CommodityTerms& terms,
                               const MarketState& state, const double* reaching,
                               Clearing& clearing, double* holds)
{
    const Commodity& own = commodities_[commodity];
    const std::size_t regions = model_->regions.size();
    for (std::size_t region = 0; region < regions; ++region) {
        const std::size_t cell = commodity * regions + region;
        for (auto* price : {&clearing.log_price, &clearing.source_price}) {
            std::copy_n(own.price.begin(), lanes_,
                        price->begin() + static_cast<std::ptrdiff_t>(cell * lanes_));
        }
    }
    for (const Stockpile& stockpile : own.stockpiles) {
        std::copy_n(own.price.begin(), lanes_,
                    row(clearing.stage_price, stockpile.position, lanes_));
    }
    Row sold{};
    for (const User& user : own.users) {
        const std::size_t cell = commodity * regions + user.region;
        Row bought{};
        if (user.buys_for_reserves) {
            multiply(
                lanes_, row(terms.refill, user.region, lanes_),
                row(commodities_[commodity].power, networks_[commodity].refill_power, lanes_),
                bought.data());
        }
        serve(lanes_,
              {.consumption = row(terms.consumption, user.region, lanes_),
               .consumption_power = row(own.power, user.consumption_power, lanes_),
               .order = row(terms.order, user.region, lanes_),
               .order_power = row(own.power, user.order_power, lanes_),
               .own_stock = row(terms.own_stock, user.region, lanes_),
               .release = row(terms.release, user.region, lanes_),
               .stock = row(state.stock, cell, lanes_),
               .served = row(clearing.consumption, cell, lanes_),
               .rationed = row(clearing.rationed, cell, lanes_),
               .purchase = row(clearing.purchase, cell, lanes_),
               .released = row(clearing.release, cell, lanes_),
               .stock_after = row(clearing.stock_after, cell, lanes_)},
              bought.data(), sold.data(), holds);
    }
    check_balance(lanes_, reaching, sold.data(), holds);
}

void PooledMarket::fill_reserves(std::size_t commodity, const LaneTerms& terms,
                                 Clearing& clearing)
{
    for (std::size_t reserve = 0; reserve < model_->reserves.size(); ++reserve) {
        if (model_->reserves[reserve].commodity.index() == commodity) {
            std::copy_n(row(terms.release, reserve, lanes_), lanes_,
                        row(clearing.reserve_release, reserve, lanes_));
            multiply(
                lanes_, row(terms.refill, reserve, lanes_),
                row(commodities_[commodity].power, networks_[commodity].refill_power, lanes_),
                row(clearing.reserve_purchase, reserve, lanes_));
        }
    }
}

/// What a region takes in of a stage's output: for its plants of the next stage, or its users.
const double* PooledMarket::intake(std::size_t commodity, std::size_t stage, std::size_t region,
                                   const Clearing& clearing)
{
    const std::size_t regions = model_->regions.size();
    if (stage + 1 == model_->stages_of(CommodityId(commodity))) {
        return row(clearing.purchase, commodity * regions + region, lanes_);
    }
    const std::size_t next = (stage + 1) * regions + region;
    const double* throughput = row(clearing.throughput, layer_row(commodity, next), lanes_);
    const bool keeps_stock =
        std::ranges::any_of(commodities_[commodity].stockpiles,
                            [&](const Stockpile& stockpile) { return stockpile.at == next; });
    if (!keeps_stock) {
        return throughput;
    }
    excess_of(lanes_, throughput, row(net_draw_, next, lanes_), intake_.data());
    return intake_.data();
}

void PooledMarket::read_flows(std::size_t commodity, Clearing& clearing)
{
    const Commodity& own = commodities_[commodity];
    const std::size_t regions = model_->regions.size();
    for (const std::size_t at : own.origins) {
        const std::size_t layer = layer_row(commodity, at);
        excess_of(lanes_, row(clearing.output, layer, lanes_),
                  intake(commodity, at / regions, at % regions, clearing),
                  row(clearing.exports, layer, lanes_));
    }
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

void PooledMarket::read_arcs(std::size_t commodity, std::size_t lane, Clearing& clearing) const
{
    const Commodity& own = commodities_[commodity];
    for (const Arc& arc : own.arcs) {
        const double through =
            passed(arc.kind, clearing)[layer_row(commodity, arc.at) * lanes_ + lane];
        clearing.arc_flow[arc.position * lanes_ + lane] =
            arc.kind == CappableArc::Kind::trade
                ? own.trade_share[arc.share * lanes_ + lane] * through
                : through;
    }
}

void PooledMarket::clear(std::size_t commodity, const LaneTerms& terms,
                         const MarketState& state, Clearing& clearing, std::span<double> holds)
{
    const CommodityTerms& own = terms.of[commodity];
    find_root(commodity, own, holds.data());
    for (const LayeredNetwork::Recycler& recycler : networks_[commodity].recyclers) {
        std::copy_n(row(own.available, recycler.supply, lanes_), lanes_,
                    row(clearing.recycled, recycler.entry, lanes_));
    }
    Row reaching;
    pass_stages(commodity, own, clearing, reaching.data(), holds.data());
    serve_users(commodity, own, state, reaching.data(), clearing, holds.data());
    fill_reserves(commodity, terms, clearing);
    read_flows(commodity, clearing);
}

}  // namespace chokepoint
