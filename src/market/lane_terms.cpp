#include "chokepoint/market/lane_terms.hpp"

#include <algorithm>
#include <array>

#include "chokepoint/market/rows.hpp"
#include "chokepoint/support/calendar.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lanes.hpp"

namespace chokepoint {
namespace {

CHOKEPOINT_LANE_LOOPS
void fill(std::size_t lanes, double value, double* __restrict row)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        row[lane] = value;
    }
}

/// What a facility could make this month. \param growth  Null: none.
CHOKEPOINT_LANE_LOOPS
void room_of(std::size_t lanes, const double* __restrict capacity,
             const double* __restrict growth, const double* __restrict availability,
             double* __restrict room)
{
    if (growth != nullptr) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            room[lane] = capacity[lane] / months_per_year * growth[lane] * availability[lane];
        }
    } else {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            room[lane] = capacity[lane] / months_per_year * availability[lane];
        }
    }
}

/// Equation (13): the share of capacity in use of a by-product facility, which follows its
/// basket slowly.
CHOKEPOINT_LANE_LOOPS
void multiply_by_use(std::size_t lanes, const double* __restrict utilisation,
                     const double* __restrict elasticity, const double* __restrict index,
                     double* __restrict room)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        room[lane] *=
            std::min(1.0, utilisation[lane] * bounded_exp(elasticity[lane] * index[lane]));
    }
}

/// (24): a curve of this exponent moved by the shift along the price axis.
CHOKEPOINT_LANE_LOOPS
void shift_along_prices(std::size_t lanes, const double* __restrict exponent,
                        const double* __restrict shift, double* __restrict coefficient)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        coefficient[lane] *= bounded_exp(-exponent[lane] * shift[lane]);
    }
}

/// \param factor  By which consumption moves.
CHOKEPOINT_LANE_LOOPS
void need_after_shift(std::size_t lanes, const double* __restrict factor,
                      double* __restrict need_factor)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        need_factor[lane] = std::min(1.0, factor[lane]);
    }
}

CHOKEPOINT_LANE_LOOPS
void factor_of_shift(std::size_t lanes, const double* __restrict exponent,
                     const double* __restrict shift, double* __restrict factor)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        factor[lane] = bounded_exp(-exponent[lane] * shift[lane]);
    }
}

/// What users would consume at the prices of month 0, grown and without what has gone over to
/// substitutes. \param growth, substituted  Null: none.
CHOKEPOINT_LANE_LOOPS
void use_wanted(std::size_t lanes, const double* __restrict use, const double* growth,
                const double* substituted, double* __restrict wanted)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        wanted[lane] = use[lane];
    }
    if (growth != nullptr) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            wanted[lane] *= growth[lane];
        }
    }
    if (substituted != nullptr) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            wanted[lane] *= 1 - substituted[lane];
        }
    }
}

/// d of equation (1): demand that remembers prices.
CHOKEPOINT_LANE_LOOPS
void remembering_demand(std::size_t lanes, const double* __restrict wanted,
                        const double* __restrict elasticity_long,
                        const double* __restrict elasticity_short,
                        const double* __restrict memory, double* __restrict demand)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double beyond = elasticity_long[lane] - elasticity_short[lane];
        demand[lane] = wanted[lane] * bounded_exp(-beyond * memory[lane]);
    }
}

/// What a holder orders this month to keep its stock at its target, and what it draws from it.
CHOKEPOINT_LANE_LOOPS
void order_and_draw(std::size_t lanes, const double* __restrict wanted,
                    const double* __restrict cover_months,
                    const double* __restrict order_months,
                    const double* __restrict trend_sensitivity,
                    const double* __restrict price_before,
                    const double* __restrict price_long_before, const double* __restrict panic,
                    const double* __restrict stock, double* __restrict order,
                    double* __restrict draw)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double trend = std::max(0.0, price_before[lane] - price_long_before[lane]);
        const double target = cover_months[lane] * wanted[lane]
                              * (1 + panic[lane] + trend_sensitivity[lane] * trend);
        order[lane] = target / order_months[lane];
        draw[lane] = stock[lane] / order_months[lane];
    }
}

/// \param way  How far along the ramp from the first share to the last.
CHOKEPOINT_LANE_LOOPS
void recycled(std::size_t lanes, double way, const double* __restrict share,
              const double* __restrict share_end, const double* __restrict elasticity,
              const double* __restrict max_factor, const double* __restrict memory,
              const double* __restrict use, const double* growth, double* __restrict tonnes)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double now = share[lane] + way * (share_end[lane] - share[lane]);
        const double factor =
            std::min(max_factor[lane], bounded_exp(elasticity[lane] * memory[lane]));
        tonnes[lane] = now * use[lane] * factor;
    }
    if (growth != nullptr) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            tonnes[lane] *= growth[lane];
        }
    }
}

/// What a reserve gives out if it is active, and what it would buy at price ratio 1 if not: its
/// refill rate, until it is full.
CHOKEPOINT_LANE_LOOPS
void release_and_refill(std::size_t lanes, const double* __restrict active,
                        const double* __restrict stock, const double* __restrict full,
                        const double* __restrict release_rate,
                        const double* __restrict refill_rate,
                        const double* __restrict price_before, double* __restrict release,
                        double* __restrict refill)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double given = std::min(stock[lane], release_rate[lane]);
        // A budget buys more where it is cheap: what is left to fill counts at last month's
        // price.
        const double cheap = bounded_exp(std::min(price_before[lane], 0.0));
        const double bought =
            std::min(std::max(full[lane] - stock[lane], 0.0) * cheap, refill_rate[lane]);
        release[lane] = active[lane] > 0 ? given : 0.0;
        refill[lane] = active[lane] > 0 ? 0.0 : bought;
    }
}

/// Null if there are none.
const double* row_if_any(const LaneArray<double>& values, std::size_t entity, std::size_t lanes)
{
    return values.empty() ? nullptr : row(values, entity, lanes);
}

/// Lays one table of each trial's shock side by side; nothing if they have none.
void lay_side_by_side(std::span<const Shock* const> shocks, std::vector<double> Shock::*table,
                      LaneArray<double>& rows)
{
    constexpr std::size_t at_once = 8;  // a cache line of a row
    const std::size_t entities = (shocks[0]->*table).size();
    const std::size_t lanes = shocks.size();
    rows.resize(entities * lanes);
    for (std::size_t first = 0; first < lanes; first += at_once) {
        const std::size_t width = std::min(at_once, lanes - first);
        std::array<const double*, at_once> own;
        for (std::size_t lane = 0; lane < width; ++lane) {
            own[lane] = (shocks[first + lane]->*table).data();
        }
        for (std::size_t entity = 0; entity < entities; ++entity) {
            for (std::size_t lane = 0; lane < width; ++lane) {
                rows[entity * lanes + first + lane] = own[lane][entity];
            }
        }
    }
}

/// One month's numbers, room by room.
class Terms {
public:
    Terms(const Model& model, const LaneParameters& parameters, const MarketState& state,
          LaneTerms& terms)
        : model_(model),
          parameters_(parameters),
          state_(state),
          terms_(terms),
          lanes_(parameters.lanes())
    {}

    void set_rooms(std::span<const Shock* const> shocks);
    void set_supplies(const LayeredNetwork& layered, std::size_t commodity);
    void set_plants(const LayeredNetwork& layered, std::size_t commodity);
    void set_users(const LayeredNetwork& layered, std::size_t commodity,
                   LaneArray<double>& need_factor);
    void set_reserves();

private:
    void set_holder(std::size_t holder, const double* wanted, double* order, double* draw);
    const double* shift_factor(const CommodityTerms& own, std::uint32_t power,
                               const double* shift, std::size_t cell);

    const Model& model_;
    const LaneParameters& parameters_;
    const MarketState& state_;
    LaneTerms& terms_;
    std::size_t lanes_;
    /// Factors by which shifts move demand: most users of a commodity share them.
    struct KnownFactor {
        const CommodityTerms* of = nullptr;
        std::uint32_t power = 0;
        std::size_t cell = 0;  ///< Whose shift it is.
        Row factor;
    };
    std::array<KnownFactor, 4> known_;
    std::size_t next_known_ = 0;
};

/// e^{-k shift}: the factor of a demand with exponent k, in lanes.
const double* Terms::shift_factor(const CommodityTerms& own, std::uint32_t power,
                                  const double* shift, std::size_t cell)
{
    for (const KnownFactor& known : known_) {
        if (known.of == &own && known.power == power
            && std::equal(shift, shift + lanes_,
                          row(terms_.demand_shift, known.cell, lanes_))) {
            return known.factor.data();
        }
    }
    KnownFactor& next = known_[next_known_];
    next_known_ = (next_known_ + 1) % known_.size();
    next.of = &own;
    next.power = power;
    next.cell = cell;
    factor_of_shift(lanes_, row(own.exponent, power, lanes_), shift, next.factor.data());
    return next.factor.data();
}

void Terms::set_rooms(std::span<const Shock* const> shocks)
{
    lay_side_by_side(shocks, &Shock::availability, terms_.availability);
    terms_.room.resize(terms_.availability.size());
    for (std::size_t facility = 0; facility < model_.facilities.size(); ++facility) {
        const Facility& entry = model_.facilities[facility];
        double* room = row(terms_.room, facility, lanes_);
        room_of(lanes_, parameters_.row(entry.capacity),
                row_if_any(state_.capacity_growth, facility, lanes_),
                row(terms_.availability, facility, lanes_), room);
        if (entry.by_product) {
            multiply_by_use(lanes_, parameters_.row(entry.utilisation),
                            parameters_.row(entry.by_product->elasticity),
                            row(state_.basket_index, facility, lanes_), room);
        }
    }
}

void Terms::set_supplies(const LayeredNetwork& layered, std::size_t commodity)
{
    CommodityTerms& own = terms_.of[commodity];
    for (const LayeredNetwork::Mine& mine : layered.mines) {
        const Facility& facility = model_.facilities[mine.facility];
        multiply(lanes_, row(terms_.room, mine.facility, lanes_),
                 parameters_.share_of(mine.facility, mine.output),
                 row(own.available, mine.supply, lanes_));
        double* utilisation = row(own.utilisation, mine.supply, lanes_);
        if (facility.by_product) {
            fill(lanes_, 1, utilisation);
        } else {
            std::copy_n(parameters_.row(facility.utilisation), lanes_, utilisation);
        }
        if (!terms_.supply_shift.empty()) {
            const std::size_t cell = model_.cell(CommodityId(commodity), facility.region);
            const std::uint32_t power = layered.network.supplies[mine.supply].power;
            shift_along_prices(lanes_, row(own.exponent, power, lanes_),
                               row(terms_.supply_shift, cell, lanes_), utilisation);
        }
    }
    for (const LayeredNetwork::Recycler& recycler : layered.recyclers) {
        const Recycling& entry = model_.recycling[recycler.entry];
        const std::size_t cell = model_.cell(entry.commodity, entry.region);
        const double length = entry.ramp_until - entry.ramp_from;
        const double way =
            length > 0 ? std::clamp((state_.month - entry.ramp_from) / length, 0.0, 1.0) : 0;
        recycled(lanes_, way, parameters_.row(entry.share), parameters_.row(entry.share_end),
                 parameters_.row(entry.price_elasticity), parameters_.row(entry.max_factor),
                 row(state_.memory, cell, lanes_), row(parameters_.use, cell, lanes_),
                 row_if_any(state_.demand_growth, cell, lanes_),
                 row(own.available, recycler.supply, lanes_));
        fill(lanes_, 1, row(own.utilisation, recycler.supply, lanes_));
    }
}

void Terms::set_plants(const LayeredNetwork& layered, std::size_t commodity)
{
    CommodityTerms& own = terms_.of[commodity];
    const std::size_t regions = model_.regions.size();
    for (const LayeredNetwork::Plant& plant : layered.plants) {
        const Facility& facility = model_.facilities[plant.facility];
        fill(lanes_, 0,
             row(own.cap, facility.stage.index() * regions + facility.region.index(), lanes_));
    }
    for (const LayeredNetwork::Plant& plant : layered.plants) {
        const Facility& facility = model_.facilities[plant.facility];
        add_product(
            lanes_, row(terms_.room, plant.facility, lanes_),
            parameters_.share_of(plant.facility, plant.output),
            row(own.cap, facility.stage.index() * regions + facility.region.index(), lanes_));
    }
    for (std::size_t arc = 0; arc < model_.extra_room.size(); ++arc) {
        const CappableArc& entry = model_.cappable_arcs[arc];
        if (entry.kind == CappableArc::Kind::plant && entry.commodity.index() == commodity) {
            double* cap =
                row(own.cap, entry.stage.index() * regions + entry.from.index(), lanes_);
            for (std::size_t lane = 0; lane < lanes_; ++lane) {
                cap[lane] += model_.extra_room[arc];
            }
        }
    }
    for (std::size_t at = 0; at < layered.stockpiles.size(); ++at) {
        const std::size_t holder = model_.cells() + layered.stockpiles[at].position;
        set_holder(holder, row(parameters_.use, holder, lanes_),
                   row(own.stage_order, at, lanes_), row(own.stage_draw, at, lanes_));
    }
}

/// Orders and draws of a holder; none without a stock policy.
void Terms::set_holder(std::size_t holder, const double* wanted, double* order, double* draw)
{
    const int position = model_.stock_policy_of[holder];
    if (position < 0) {
        fill(lanes_, 0, order);
        fill(lanes_, 0, draw);
        return;
    }
    const StockPolicy& policy = model_.stock_policies[static_cast<std::size_t>(position)];
    order_and_draw(
        lanes_, wanted, parameters_.row(policy.cover_months),
        parameters_.row(policy.order_months), parameters_.row(policy.trend_sensitivity),
        row(state_.price_before, holder, lanes_),
        row(state_.price_history, 3 * holder + 2, lanes_), row(state_.panic, holder, lanes_),
        row(state_.stock, holder, lanes_), order, draw);
}

void Terms::set_users(const LayeredNetwork& layered, std::size_t commodity,
                      LaneArray<double>& need_factor)
{
    CommodityTerms& own = terms_.of[commodity];
    const Commodity& entry = model_.commodities[commodity];
    const Network& network = layered.network;
    for (std::size_t region = 0; region < model_.regions.size(); ++region) {
        const std::size_t cell = commodity * model_.regions.size() + region;
        if (!model_.has_users(cell)) {
            continue;
        }
        Row wanted;
        use_wanted(lanes_, row(parameters_.use, cell, lanes_),
                   row_if_any(state_.demand_growth, cell, lanes_),
                   entry.substitution ? row(state_.substituted, cell, lanes_) : nullptr,
                   wanted.data());
        double* consumption = row(own.consumption, region, lanes_);
        double* order = row(own.order, region, lanes_);
        remembering_demand(lanes_, wanted.data(), parameters_.row(entry.elasticity_long),
                           parameters_.row(entry.elasticity_short),
                           row(state_.memory, cell, lanes_), consumption);
        set_holder(cell, wanted.data(), order, row(own.own_stock, region, lanes_));
        if (!terms_.demand_shift.empty()) {
            // Every demand of the users moves.
            const double* shift = row(terms_.demand_shift, cell, lanes_);
            const DemandTerm* demand =
                &network.demands[network.nodes[layered.use_node[region]].first_demand];
            scale(lanes_, shift_factor(own, demand[consumption_term].power, shift, cell),
                  consumption);
            scale(lanes_, shift_factor(own, demand[order_term].power, shift, cell), order);
            need_after_shift(lanes_,
                             shift_factor(own, demand[consumption_term].power, shift, cell),
                             row(need_factor, cell, lanes_));
        }
    }
}

void Terms::set_reserves()
{
    for (const Reserve& reserve : model_.reserves) {
        CommodityTerms& own = terms_.of[reserve.commodity.index()];
        fill(lanes_, 0, row(own.refill, reserve.region.index(), lanes_));
        for (const RegionId member : reserve.members) {
            fill(lanes_, 0, row(own.release, member.index(), lanes_));
        }
    }
    for (std::size_t reserve = 0; reserve < model_.reserves.size(); ++reserve) {
        const Reserve& entry = model_.reserves[reserve];
        CommodityTerms& own = terms_.of[entry.commodity.index()];
        double* release = row(terms_.release, reserve, lanes_);
        double* refill = row(terms_.refill, reserve, lanes_);
        release_and_refill(
            lanes_, row(state_.reserve_active, reserve, lanes_),
            row(state_.reserve_stock, reserve, lanes_),
            parameters_.row(entry.capacity.value_or(entry.tonnes)),
            parameters_.row(entry.release_t_per_month),
            parameters_.row(entry.refill_t_per_month),
            row(state_.price_before, model_.cell(entry.commodity, entry.region), lanes_),
            release, refill);
        for (std::size_t member = 0; member < entry.members.size(); ++member) {
            add_product(lanes_, release, row(terms_.part[reserve], member, lanes_),
                        row(own.release, entry.members[member].index(), lanes_));
        }
        add(lanes_, refill, row(own.refill, entry.region.index(), lanes_));
    }
}

}  // namespace

void start_terms(const Model& model, std::span<const LayeredNetwork> networks,
                 const LaneParameters& parameters, LaneTerms& terms)
{
    const std::size_t lanes = parameters.lanes();
    const std::size_t regions = model.regions.size();
    terms.of.resize(networks.size());
    for (std::size_t commodity = 0; commodity < networks.size(); ++commodity) {
        const LayeredNetwork& layered = networks[commodity];
        const Commodity& entry = model.commodities[commodity];
        CommodityTerms& own = terms.of[commodity];
        own.exponent.resize(layered.powers.size() * lanes);
        own.log_floor.resize(lanes);
        own.log_choke.resize(lanes);
        for (auto* by_supply : {&own.available, &own.utilisation}) {
            by_supply->assign(layered.network.supplies.size() * lanes, 0);
        }
        own.cap.assign(model.stages.size() * regions * lanes, 0);
        for (auto* by_stock : {&own.stage_order, &own.stage_draw}) {
            by_stock->assign(layered.stockpiles.size() * lanes, 0);
        }
        for (auto* by_region :
             {&own.consumption, &own.order, &own.refill, &own.own_stock, &own.release}) {
            by_region->assign(regions * lanes, 0);
        }
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            for (std::size_t power = 0; power < layered.powers.size(); ++power) {
                own.exponent[power * lanes + lane] =
                    layered.powers[power].factor
                    * parameters.row(layered.powers[power].slot)[lane];
            }
            own.log_floor[lane] = portable_log(parameters.row(entry.floor)[lane]);
            own.log_choke[lane] = portable_log(parameters.row(entry.choke)[lane]);
        }
    }
    terms.release.assign(model.reserves.size() * lanes, 0);
    terms.refill.assign(model.reserves.size() * lanes, 0);
    terms.part.resize(model.reserves.size());
    for (std::size_t reserve = 0; reserve < model.reserves.size(); ++reserve) {
        const Reserve& entry = model.reserves[reserve];
        const auto members = entry.members.size();
        terms.part[reserve].resize(members * lanes);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const auto need_of = [&](RegionId region) {
                return parameters.use[model.cell(entry.commodity, region) * lanes + lane];
            };
            double all = 0;
            for (const RegionId region : entry.members) {
                all += need_of(region);
            }
            for (std::size_t member = 0; member < members; ++member) {
                // Equal parts where none of them consumes.
                terms.part[reserve][member * lanes + lane] =
                    all > 0 ? need_of(entry.members[member]) / all
                            : 1 / static_cast<double>(members);
            }
        }
    }
}

void set_terms(const Model& model, std::span<const LayeredNetwork> networks,
               const LaneParameters& parameters, std::span<const Shock* const> shocks,
               const MarketState& state, LaneTerms& terms, LaneArray<double>& need_factor)
{
    lay_side_by_side(shocks, &Shock::demand_shift, terms.demand_shift);
    lay_side_by_side(shocks, &Shock::supply_shift, terms.supply_shift);
    lay_side_by_side(shocks, &Shock::quoted_shift, terms.quoted_shift);
    Terms month(model, parameters, state, terms);
    month.set_rooms(shocks);
    month.set_reserves();
    for (std::size_t commodity = 0; commodity < networks.size(); ++commodity) {
        month.set_supplies(networks[commodity], commodity);
        month.set_plants(networks[commodity], commodity);
        month.set_users(networks[commodity], commodity, need_factor);
    }
}

}  // namespace chokepoint
