#pragma once

// Loops over lanes that PooledMarket is made of. None of the rows may overlap but where a
// function says that it changes one in place.

#include <cstddef>

namespace chokepoint::pool {

/// The six rows of a pool's balance (Balance).
struct BalanceRows {
    double *in, *in1, *in2, *out, *out1, *out2;
};

/// The rows of a plant whose throughput is bounded.
struct BoundedPlant {
    const double *cap, *least, *most;
    double* throughput;
};

/// The rows of a region's users.
struct UserRows {
    const double *consumption, *consumption_power, *order, *order_power, *own_stock, *release,
        *stock;
    const double *supply_ration, *demand_ration;
    double *served, *rationed, *purchase, *released, *stock_after;
};

/// e^{k x}
void powers_at(std::size_t lanes, const double* exponent, const double* price, double* power);

/// e^{k x} after a step. Where that was small, it is what it was times its growth.
void set_power(std::size_t lanes, const double* exponent, const double* price,
               const double* moved, double* power);

/// The same where all steps were small.
void nudge_power(std::size_t lanes, const double* exponent, const double* moved, double* power);

/// True if one of the steps was not small.
bool any_far(std::size_t lanes, const double* exponent, const double* moved);

void begin_balance(std::size_t lanes, const double* flat, BalanceRows rows);

void add_flat_supply(std::size_t lanes, const double* available, const double* utilisation,
                     double* sum);

void add_curved_supply(std::size_t lanes, const double* available, const double* utilisation,
                       const double* exponent, const double* power, BalanceRows rows);

/// Net demand of users, who draw from their own stock first.
void add_user(std::size_t lanes, const double* consumption, const double* consumption_exponent,
              const double* consumption_power, const double* order,
              const double* order_exponent, const double* order_power, const double* own_stock,
              BalanceRows rows);

void add_purchase(std::size_t lanes, const double* coefficient, const double* exponent,
                  const double* power, BalanceRows rows);

/// One step of Halley's method on ln(in / out) in every lane that still moves, held between one
/// and two Newton steps and within floor and choke. The logarithm is taken by its Padé form,
/// which is 0 at the same place. The last step of a lane is at most `last_step` or leads
/// nowhere.
/// \param moves  1 in lanes that still move, else 0.
/// \param moved  Receives the steps.
/// \returns How many lanes still move.
std::size_t step(std::size_t lanes, BalanceRows rows, const double* log_floor,
                 const double* log_choke, double* moves, double* moved, double* price);

/// The same on the rationing coordinate (docs/model.md section 2): a lane may leave floor and
/// choke, and where nothing answers to the price, it does.
std::size_t step_beyond(std::size_t lanes, BalanceRows rows, const double* log_floor,
                        const double* log_choke, double* moves, double* price);

/// What prices on the rationing coordinate mean.
/// \param inside  Receives the price within floor and choke; \param moved its step.
/// \param supply_ration, demand_ration  Receive the shares that are sold and served.
void rations_at(std::size_t lanes, const double* price, const double* log_floor,
                const double* log_choke, double* inside, double* moved, double* supply_ration,
                double* demand_ration);

/// `add_user` and `add_purchase` of rationed demand.
void add_rationed_user(std::size_t lanes, const double* consumption,
                       const double* consumption_exponent, const double* consumption_power,
                       const double* order, const double* order_exponent,
                       const double* order_power, const double* own_stock, const double* ration,
                       BalanceRows rows);
void add_rationed_purchase(std::size_t lanes, const double* coefficient, const double* exponent,
                           const double* power, const double* ration, BalanceRows rows);

/// Rations what comes in, and stills the curves that rations stop.
void ration_supply(std::size_t lanes, const double* supply_ration, const double* demand_ration,
                   BalanceRows rows);

/// Where a price moves still, or lies at a bound, nothing holds.
void note_roots(std::size_t lanes, const double* moves, const double* price,
                const double* lower, const double* upper, double* holds);

/// What mines of one supply dig, or an entry of recycling gives back.
void supplied(std::size_t lanes, const double* available, const double* utilisation,
              const double* power, const double* ration, double* sum);

/// What plants order for their stock and draw from it.
/// \param least  Receives what they must at least pass on.
void trade_stock(std::size_t lanes, const double* order, const double* power,
                 const double* draw, const double* supply_ration, const double* demand_ration,
                 double* ordered, double* drawn, double* least);

/// The share of its plants' room that a stage passes on; where there is too little room for
/// what comes from above, or plants order more for their stocks than comes, it does not hold.
/// \param capacity  Sum over the plants; receives the share.
void pass_on(std::size_t lanes, const double* passing, double* capacity, double* holds);

/// A plant's throughput at the common share of its room; must be `least` or more. (So together
/// they take no less from above than they must.)
/// \param least  Null: anything.
void put_through(std::size_t lanes, const double* cap, const double* share, const double* least,
                 double* throughput, double* holds);

/// values = max(values, least)
void raise(std::size_t lanes, const double* least, double* values);

/// values = min(values, most)
void limit(std::size_t lanes, const double* most, double* values);

/// 1 in lanes that hold so far where a plant's throughput is not within its bounds. A stage
/// that is just full may have a hair more than its room.
void note_bounded(std::size_t lanes, const double* throughput, const double* room,
                  const double* least, const double* most, const double* holds,
                  double* is_bounded);

/// The least that plants must put through so that what they leave to others of their region's
/// output of the layer before passes its border.
/// \param net_draw  Of the plants; null: they keep no stock.
void bound_by_border(std::size_t lanes, const double* output, const double* cap,
                     const double* net_draw, double* least);

/// The most that plants may put through so that what is made of it finds takers at home or
/// passes the border.
/// \param taken_at_home  At most. \param own_supply  Of the region, beside the plants.
void bound_by_takers(std::size_t lanes, const double* taken_at_home, const double* cap,
                     const double* own_supply, double* most);

/// Begins a search for the share of their room at which bounded plants put through what they
/// have to.
/// \param least, most  Sums over the plants.
/// \param share  Where to begin; receives 0 or 1 where only the bounds are possible.
/// \param moves  Receives 1 where the share is to be sought: in bounded lanes.
void begin_share(std::size_t lanes, const double* is_bounded, const double* total,
                 const double* least, const double* most, double* share, double* moves);

/// In bounded lanes the plant's throughput at a share of its room, within its bounds.
/// \param sum, slope  Grow by it, and by how fast it rises with the share.
void put_within(std::size_t lanes, const double* is_bounded, const double* share,
                BoundedPlant plant, double* sum, double* slope);

/// One step of Newton's method in a bracket on the piecewise linear sum.
/// \returns How many lanes still move.
std::size_t step_share(std::size_t lanes, const double* total, const double* sum,
                       const double* slope, double* moves, double* lower, double* upper,
                       double* share);

/// Bounded lanes hold only if plants together put through what they have to.
void check_sum(std::size_t lanes, const double* is_bounded, const double* total,
               const double* sum, double* holds);

/// A month holds only if no more has to leave a region than is taken at home or may pass its
/// border.
void check_border(std::size_t lanes, const double* output, const double* most, double* holds);

/// Nothing holds where nothing may pass a border.
void check_open(std::size_t lanes, const double* cap, double* holds);

/// Nothing holds where nothing may pass a border behind which nothing is put out: what that
/// would be worth is left to the exact solver.
void check_not_idle(std::size_t lanes, const double* output, const double* cap, double* holds);

/// \param number  Of the border.
/// \param worst_excess, worst  Receive the excess of a quantity over the most that is possible,
///                             and the number, where it is larger.
void note_excess(std::size_t lanes, const double* quantity, const double* most, double number,
                 double* worst_excess, double* worst);

/// Equation (11) of users. None may have more from reserves than they want.
/// \param sold  Grows by what they buy.
void serve(std::size_t lanes, const UserRows& user, const double* bought_for_reserve,
           double* sold, double* holds);

/// A month holds only if something is sold, and users buy what reaches them: else the price is
/// not that of the pool.
/// \param turnover  All that leaves the pool.
void check_balance(std::size_t lanes, const double* reaching, const double* sold,
                   const double* turnover, double* holds);

/// Nothing holds where something is given and rations cut it.
void check_whole(std::size_t lanes, const double* given, const double* ration, double* holds);

/// A cap sets prices apart only if it is dearer beyond it.
void check_apart(std::size_t lanes, const double* cheap, const double* dear, double* holds);

/// sum = left + right
void sum_of(std::size_t lanes, const double* left, const double* right, double* sum);

/// excess = left - right, at least 0
void excess_of(std::size_t lanes, const double* left, const double* right, double* excess);

}  // namespace chokepoint::pool
