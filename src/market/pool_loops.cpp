#include "chokepoint/market/pool_loops.hpp"

#include <algorithm>
#include <cmath>

#include "chokepoint/market/curves.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lanes.hpp"

namespace chokepoint::pool {
namespace {

constexpr double stage_slack = 1e-12;  ///< Relative; a stage that is just full counts as open.
/// Of x. The error after a step is of the third power of the step, unless it crosses a kink,
/// which the balance at its end tells (`balance_tolerance`).
constexpr double last_step = 3e-5;
/// Of what leaves a pool: by how much what users buy may miss what reaches them.
constexpr double balance_tolerance = 1e-12;
/// Of x: how far a step may lead beyond floor or choke at first.
constexpr double way_beyond = 0.3;
/// Of what plants have to put through.
constexpr double share_tolerance = 1e-13;
/// Of what is put out: how much more may have to pass a border than may, for rounding.
constexpr double border_slack = 1e-12;
/// Of x: prices that are nearer to each other are left to the exact solver.
constexpr double least_gap = 1e-8;
/// Of k x: a step so small moves e^{k x} by its factor `growth`, to rounding.
constexpr double small_step = 1e-3;

/// e^y where |y| is a small step.
[[gnu::always_inline]] inline double growth(double y)
{
    return 1 + y * (1 + y * (1.0 / 2 + y * (1.0 / 6 + y * (1.0 / 24))));
}

/// Step of Halley's method on ln(s / d), held between one and two Newton steps. The logarithm
/// is taken by its Pade form, which is 0 at the same place. \param d1  Minus the derivative of
/// d.
[[gnu::always_inline]] inline double halley_step(double s, double s1, double s2, double d,
                                                 double d1, double d2)
{
    const double product = s * d;
    const double a = s1 * d;
    const double b = d1 * s;
    const double first = a + b;
    const double second = (s2 * d - d2 * s) * product - (a - b) * first;
    const double numerator = 3 * (s - d) * (s + d);
    const double denominator = s * s + d * d + 4 * product;
    const double newton = first * first * denominator;
    return -2 * numerator * first * product / std::max(2 * newton - numerator * second, newton);
}

}  // namespace

CHOKEPOINT_LANE_LOOPS
void powers_at(std::size_t lanes, const double* __restrict exponent,
               const double* __restrict price, double* __restrict power)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        power[lane] = bounded_exp(exponent[lane] * price[lane]);
    }
}

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

CHOKEPOINT_LANE_LOOPS
void nudge_power(std::size_t lanes, const double* __restrict exponent,
                 const double* __restrict moved, double* __restrict power)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        power[lane] *= growth(exponent[lane] * moved[lane]);
    }
}

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
        const double dx = halley_step(s, in1[lane], in2[lane], d, out1[lane], out2[lane]);
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
std::size_t step_beyond(std::size_t lanes, BalanceRows rows, const double* __restrict log_floor,
                        const double* __restrict log_choke, double* __restrict moves,
                        double* __restrict price)
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
        const double from = price[lane];
        // Not far beyond a bound at once: curves are others there.
        const double lower = from > log_floor[lane] ? log_floor[lane] - way_beyond
                                                    : log_floor[lane] - rationing_range;
        const double upper = from < log_choke[lane] ? log_choke[lane] + way_beyond
                                                    : log_choke[lane] + rationing_range;
        const double dx = halley_step(s, in1[lane], in2[lane], d, out1[lane], out2[lane]);
        const bool answers = in1[lane] * d + out1[lane] * s > 0;
        const double guess = answers ? from + dx : s > d ? lower : s < d ? upper : from;
        const double to = std::min(std::max(guess, lower), upper);
        const bool is_last = answers && std::abs(dx) <= last_step;
        price[lane] = moves[lane] > 0 && to - to == 0 ? to : from;
        moves[lane] = is_last || to == from ? 0.0 : moves[lane];
    }
    std::size_t moving = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        moving += moves[lane] > 0 ? 1U : 0U;
    }
    return moving;
}

CHOKEPOINT_LANE_LOOPS
void rations_at(std::size_t lanes, const double* __restrict price,
                const double* __restrict log_floor, const double* __restrict log_choke,
                double* __restrict inside, double* __restrict moved,
                double* __restrict supply_ration, double* __restrict demand_ration)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double x = price[lane];
        const double clamped = std::min(std::max(x, log_floor[lane]), log_choke[lane]);
        moved[lane] = clamped - inside[lane];
        inside[lane] = clamped;
        supply_ration[lane] = bounded_exp(std::min(0.0, x - log_floor[lane]));
        demand_ration[lane] = bounded_exp(std::min(0.0, log_choke[lane] - x));
    }
}

CHOKEPOINT_LANE_LOOPS
void add_rationed_user(std::size_t lanes, const double* __restrict consumption,
                       const double* __restrict consumption_exponent,
                       const double* __restrict consumption_power,
                       const double* __restrict order, const double* __restrict order_exponent,
                       const double* __restrict order_power, const double* __restrict own_stock,
                       const double* __restrict ration, BalanceRows rows)
{
    double* __restrict out = rows.out;
    double* __restrict out1 = rows.out1;
    double* __restrict out2 = rows.out2;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double consumed = consumption[lane] * consumption_power[lane];
        const double ordered = order[lane] * order_power[lane];
        const double consumed1 = consumption_exponent[lane] * consumed;
        const double ordered1 = order_exponent[lane] * ordered;
        const double curvature =
            consumption_exponent[lane] * consumed1 + order_exponent[lane] * ordered1;
        const double wanted = (consumed + ordered) * ration[lane];
        const bool is_rationed = ration[lane] < 1;
        const bool buys = wanted > own_stock[lane];
        out[lane] += buys ? wanted - own_stock[lane] : 0.0;
        out1[lane] += !buys ? 0.0 : is_rationed ? wanted : -(consumed1 + ordered1);
        out2[lane] += !buys ? 0.0 : is_rationed ? wanted : curvature;
    }
}

CHOKEPOINT_LANE_LOOPS
void add_rationed_purchase(std::size_t lanes, const double* __restrict coefficient,
                           const double* __restrict exponent, const double* __restrict power,
                           const double* __restrict ration, BalanceRows rows)
{
    double* __restrict out = rows.out;
    double* __restrict out1 = rows.out1;
    double* __restrict out2 = rows.out2;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double bought = coefficient[lane] * power[lane] * ration[lane];
        const double slope = exponent[lane] * bought;
        const bool is_rationed = ration[lane] < 1;
        out[lane] += bought;
        out1[lane] += is_rationed ? bought : -slope;
        out2[lane] += is_rationed ? bought : exponent[lane] * slope;
    }
}

CHOKEPOINT_LANE_LOOPS
void ration_supply(std::size_t lanes, const double* __restrict supply_ration,
                   const double* __restrict demand_ration, BalanceRows rows)
{
    double* __restrict in = rows.in;
    double* __restrict in1 = rows.in1;
    double* __restrict in2 = rows.in2;
    double* __restrict out1 = rows.out1;
    double* __restrict out2 = rows.out2;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const bool is_below = supply_ration[lane] < 1;
        const bool is_above = demand_ration[lane] < 1;
        const double sold = in[lane] * supply_ration[lane];
        in[lane] = sold;
        in1[lane] = is_below ? sold : is_above ? 0.0 : in1[lane];
        in2[lane] = is_below ? sold : is_above ? 0.0 : in2[lane];
        out1[lane] = is_below ? 0.0 : out1[lane];
        out2[lane] = is_below ? 0.0 : out2[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void note_roots(std::size_t lanes, const double* __restrict moves,
                const double* __restrict price, const double* __restrict lower,
                const double* __restrict upper, double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const bool inside = price[lane] > lower[lane] && price[lane] < upper[lane];
        holds[lane] = inside && moves[lane] == 0 ? holds[lane] : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void supplied(std::size_t lanes, const double* __restrict available,
              const double* __restrict utilisation, const double* __restrict power,
              const double* __restrict ration, double* __restrict sum)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double use = utilisation[lane] * power[lane];
        sum[lane] += (use < 1 ? available[lane] * use : available[lane]) * ration[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void trade_stock(std::size_t lanes, const double* __restrict order,
                 const double* __restrict power, const double* __restrict draw,
                 const double* __restrict supply_ration, const double* __restrict demand_ration,
                 double* __restrict ordered, double* __restrict drawn, double* __restrict least)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        ordered[lane] = order[lane] * power[lane] * demand_ration[lane];
        drawn[lane] = draw[lane] * supply_ration[lane];
        least[lane] = drawn[lane] - ordered[lane];
    }
}

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

CHOKEPOINT_LANE_LOOPS
void raise(std::size_t lanes, const double* __restrict least, double* __restrict values)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        values[lane] = std::max(values[lane], least[lane]);
    }
}

CHOKEPOINT_LANE_LOOPS
void limit(std::size_t lanes, const double* __restrict most, double* __restrict values)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        values[lane] = std::min(values[lane], most[lane]);
    }
}

CHOKEPOINT_LANE_LOOPS
void note_bounded(std::size_t lanes, const double* __restrict throughput,
                  const double* __restrict room, const double* __restrict least,
                  const double* __restrict most, const double* __restrict holds,
                  double* __restrict is_bounded)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const bool is_within =
            holds[lane] == 0
            || (throughput[lane] >= least[lane]
                && (throughput[lane] <= most[lane] || most[lane] >= room[lane]));
        is_bounded[lane] = is_within ? is_bounded[lane] : 1.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void bound_by_border(std::size_t lanes, const double* __restrict output,
                     const double* __restrict cap, const double* __restrict net_draw,
                     double* __restrict least)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double drawn = net_draw != nullptr ? net_draw[lane] : 0.0;
        least[lane] = std::max(least[lane], std::max(0.0, output[lane] - cap[lane]) + drawn);
    }
}

CHOKEPOINT_LANE_LOOPS
void bound_by_takers(std::size_t lanes, const double* __restrict taken_at_home,
                     const double* __restrict cap, const double* __restrict own_supply,
                     double* __restrict most)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        most[lane] = std::min(most[lane], taken_at_home[lane] + cap[lane] - own_supply[lane]);
    }
}

CHOKEPOINT_LANE_LOOPS
void begin_share(std::size_t lanes, const double* __restrict is_bounded,
                 const double* __restrict total, const double* __restrict least,
                 const double* __restrict most, double* __restrict share,
                 double* __restrict moves)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const bool at_least = total[lane] <= least[lane];
        const bool at_most = total[lane] >= most[lane];
        const double bound = at_least ? 0.0 : at_most ? 1.0 : share[lane];
        share[lane] = is_bounded[lane] > 0 ? bound : share[lane];
        moves[lane] = is_bounded[lane] > 0 && !at_least && !at_most ? 1.0 : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void put_within(std::size_t lanes, const double* __restrict is_bounded,
                const double* __restrict share, BoundedPlant plant, double* __restrict sum,
                double* __restrict slope)
{
    const double* __restrict cap = plant.cap;
    const double* __restrict least = plant.least;
    const double* __restrict most = plant.most;
    double* __restrict throughput = plant.throughput;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double wanted = share[lane] * cap[lane];
        const double possible = std::max(least[lane], std::min(wanted, most[lane]));
        throughput[lane] = is_bounded[lane] > 0 ? possible : throughput[lane];
        sum[lane] += possible;
        slope[lane] += possible == wanted ? cap[lane] : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
std::size_t step_share(std::size_t lanes, const double* __restrict total,
                       const double* __restrict sum, const double* __restrict slope,
                       double* __restrict moves, double* __restrict lower,
                       double* __restrict upper, double* __restrict share)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double missing = total[lane] - sum[lane];
        const bool is_there = std::abs(missing) <= share_tolerance * total[lane];
        const bool moves_on = moves[lane] > 0 && !is_there;
        const double at = share[lane];
        const double from = missing > 0 ? at : lower[lane];
        const double to = missing > 0 ? upper[lane] : at;
        const double step = slope[lane] > 0 ? at + missing / slope[lane] : to;
        const double next = step > from && step < to ? step : 0.5 * (from + to);
        lower[lane] = from;
        upper[lane] = to;
        share[lane] = moves_on ? next : at;
        moves[lane] = moves_on ? 1.0 : 0.0;
    }
    std::size_t moving = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        moving += moves[lane] > 0 ? 1U : 0U;
    }
    return moving;
}

CHOKEPOINT_LANE_LOOPS
void check_sum(std::size_t lanes, const double* __restrict is_bounded,
               const double* __restrict total, const double* __restrict sum,
               double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const bool fits = std::abs(sum[lane] - total[lane]) <= balance_tolerance * total[lane];
        holds[lane] = fits || is_bounded[lane] == 0 ? holds[lane] : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void check_border(std::size_t lanes, const double* __restrict output,
                  const double* __restrict most, double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double excess = output[lane] - most[lane];
        holds[lane] = excess <= border_slack * output[lane] ? holds[lane] : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void check_open(std::size_t lanes, const double* __restrict cap, double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        holds[lane] = cap[lane] > 0 ? holds[lane] : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void check_not_idle(std::size_t lanes, const double* __restrict output,
                    const double* __restrict cap, double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        holds[lane] = cap[lane] > 0 || output[lane] > 0 ? holds[lane] : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void note_excess(std::size_t lanes, const double* __restrict quantity,
                 const double* __restrict most, double number, double* __restrict worst_excess,
                 double* __restrict worst)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double excess = quantity[lane] - most[lane];
        const bool is_worst = excess > worst_excess[lane];
        worst_excess[lane] = is_worst ? excess : worst_excess[lane];
        worst[lane] = is_worst ? number : worst[lane];
    }
}

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
    const double* __restrict supply_ration = user.supply_ration;
    const double* __restrict demand_ration = user.demand_ration;
    double* __restrict served = user.served;
    double* __restrict rationed = user.rationed;
    double* __restrict purchase = user.purchase;
    double* __restrict released = user.released;
    double* __restrict stock_after = user.stock_after;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double wanted = consumption[lane] * consumption_power[lane];
        const double ordered = (wanted + order[lane] * order_power[lane]) * demand_ration[lane];
        const double bought = std::max(0.0, ordered - own_stock[lane]);
        const double given = release[lane] * supply_ration[lane];
        const double used = std::min(wanted, bought + own_stock[lane]);
        served[lane] = used;
        rationed[lane] = wanted - used;
        stock_after[lane] = std::max(0.0, stock[lane] + (bought - used));
        released[lane] = given;
        purchase[lane] = bought - given + bought_for_reserve[lane];
        sold[lane] += purchase[lane];
        holds[lane] = given <= bought + bought_for_reserve[lane] ? holds[lane] : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void check_balance(std::size_t lanes, const double* __restrict reaching,
                   const double* __restrict sold, const double* __restrict turnover,
                   double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const bool is_balanced =
            turnover[lane] > 0
            && std::abs(reaching[lane] - sold[lane]) <= balance_tolerance * turnover[lane];
        holds[lane] = is_balanced ? holds[lane] : 0.0;
    }
}

CHOKEPOINT_LANE_LOOPS
void check_whole(std::size_t lanes, const double* __restrict given,
                 const double* __restrict ration, double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        holds[lane] = given[lane] > 0 && ration[lane] < 1 ? 0.0 : holds[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void check_apart(std::size_t lanes, const double* __restrict cheap,
                 const double* __restrict dear, double* __restrict holds)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        holds[lane] = dear[lane] - cheap[lane] > least_gap ? holds[lane] : 0.0;
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

}  // namespace chokepoint::pool
