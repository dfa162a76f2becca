#include "chokepoint/market/state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "chokepoint/market/rows.hpp"
#include "chokepoint/support/calendar.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lanes.hpp"

namespace chokepoint {
namespace {

/// A facility's outputs in their region, weighted by their revenue at month 0: the weighted
/// mean of a figure by cell.
/// \param otherwise  The mean where they bring no revenue, and what excesses are taken over, so
///                   that the mean of values that all equal it is exactly it.
template <class Function>
double basket_mean(const Model& model, const LaneParameters& parameters, std::size_t facility,
                   std::size_t lane, double otherwise, Function figure)
{
    const Facility& entry = model.facilities[facility];
    const std::size_t outputs = parameters.of[lane]->baseline.share[facility].size();
    double excess = 0;
    for (std::size_t output = 0; output < outputs; ++output) {
        const std::size_t cell = model.cell(commodity_of(entry, output), entry.region);
        excess += parameters.revenue_of(facility, output)[lane] * (figure(cell) - otherwise);
    }
    return otherwise + excess;
}

/// A facility that has run for the month shuts after so many bad ones; one that is shut begins
/// its restart after a good one.
void advance_closure(const Model& model, const Parameters& parameters, double value,
                     std::size_t facility, std::size_t position, MarketState& state)
{
    const Closure& closure = *model.facilities[facility].closure;
    RunningSpan& running = state.running[position];
    FacilityPhase& phase = state.phase[position];
    double& months = state.phase_months[position];
    if (phase == FacilityPhase::running && running.from <= state.month) {
        months = value < parameters[closure.close_below] ? months + 1 : 0;
        if (months >= parameters[closure.close_after_months]) {
            phase = FacilityPhase::shut;
            running = {.from = std::numeric_limits<double>::infinity(), .ramp = 0};
            months = 0;
        }
    } else if (phase == FacilityPhase::shut && value > parameters[closure.reopen_above]) {
        phase = FacilityPhase::restarting;
        running.from = state.month + 1 + parameters[closure.restart_months];
    }
}

/// A project is decided on after so many months of high remembered prices.
void advance_project(const Model& model, const Parameters& parameters, bool high,
                     std::size_t facility, std::size_t position, MarketState& state)
{
    const Inducement& induced = *model.facilities[facility].opening->induced;
    double& months = state.phase_months[position];
    months = high ? months + 1 : 0;
    if (months >= parameters[induced.after_months]) {
        state.phase[position] = FacilityPhase::decided;
        state.running[position].from = state.month + 1 + parameters.lead_months[facility];
        months = 0;
    }
}

/// What was to open in the next month runs then.
void begin_running(int month, const RunningSpan& running, FacilityPhase& phase)
{
    const double end_of_next_month = month + 2;
    const bool is_coming =
        phase == FacilityPhase::restarting || phase == FacilityPhase::decided;
    if (is_coming && running.from < end_of_next_month) {
        phase = FacilityPhase::running;
    }
}

/// 1 where a log price passes a ratio, else 0.
CHOKEPOINT_LANE_LOOPS
void note_high(std::size_t lanes, const double* __restrict log_price,
               const double* __restrict ratio, double* __restrict high)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        high[lane] = log_price[lane] > portable_log(ratio[lane]) ? 1.0 : 0.0;
    }
}

/// Projects that wait for prices: what was remembered in the month decides.
void advance_projects(const Model& model, const LaneParameters& parameters, MarketState& state)
{
    const std::size_t lanes = state.lanes;
    for (std::size_t facility = 0; facility < model.facilities.size(); ++facility) {
        const Facility& entry = model.facilities[facility];
        if (!entry.opening || !entry.opening->induced) {
            continue;
        }
        Row memory, high;
        std::fill_n(memory.begin(), lanes, 0);
        for (std::size_t output = 0; output < parameters.outputs_of(facility); ++output) {
            const std::size_t cell = model.cell(commodity_of(entry, output), entry.region);
            add_product(lanes, parameters.revenue_of(facility, output),
                        state.memory.data() + cell * lanes, memory.data());
        }
        note_high(lanes, memory.data(),
                  parameters.row(entry.opening->induced->trigger_price_ratio), high.data());
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const std::size_t position = lane * model.facilities.size() + facility;
            if (state.phase[position] == FacilityPhase::awaited) {
                advance_project(model, *parameters.of[lane], high[lane] > 0, facility, position,
                                state);
            }
        }
    }
}

/// Facilities that prices shut or open.
void advance_facilities_led_by_prices(const Model& model, const LaneParameters& parameters,
                                      const Clearing& clearing, MarketState& state)
{
    for (std::size_t facility = 0; facility < model.facilities.size(); ++facility) {
        if (!model.facilities[facility].is_led_by_prices()) {
            continue;
        }
        for (std::size_t lane = 0; lane < state.lanes; ++lane) {
            const std::size_t position = lane * model.facilities.size() + facility;
            if (model.facilities[facility].closure) {
                // At the prices quoted in its region, over those of month 0.
                const double value =
                    basket_mean(model, parameters, facility, lane, 1, [&](std::size_t cell) {
                        const std::size_t at = cell * state.lanes + lane;
                        const double shift =
                            clearing.quoted_shift.empty() ? 0 : clearing.quoted_shift[at];
                        return portable_exp(state.log_quoted[at] + shift);
                    });
                advance_closure(model, *parameters.of[lane], value, facility, position, state);
            }
            begin_running(state.month, state.running[position], state.phase[position]);
        }
    }
}

/// Users go over to something else while they remember a high price; nobody comes back.
CHOKEPOINT_LANE_LOOPS
void substitute(std::size_t lanes, const double* __restrict trigger_price_ratio,
                const double* __restrict rate_per_year, const double* __restrict max_share,
                const double* __restrict memory, double* __restrict substituted)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double now = substituted[lane];
        const double step = rate_per_year[lane] / months_per_year;
        const double then = std::min(max_share[lane], now + step * (1 - now));
        substituted[lane] =
            memory[lane] <= portable_log(trigger_price_ratio[lane]) ? now : then;
    }
}

/// Equations (9) and (10).
CHOKEPOINT_LANE_LOOPS
void remember(std::size_t lanes, const double* __restrict up, const double* __restrict down,
              const double* __restrict adjustment, const double* __restrict log_price,
              double* __restrict memory, double* __restrict log_quoted)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double x = log_price[lane];
        const double h = memory[lane];
        const double speed_up = up[lane];
        const double speed_down = down[lane];
        memory[lane] = h + (x > h ? speed_up : speed_down) * (x - h);
        log_quoted[lane] += adjustment[lane] * (x - log_quoted[lane]);
    }
}

/// Equation (12): panic builds up towards its target and fades by its half-life, never below
/// the target.
/// \param fading               What a month leaves of it.
/// \param front_running_share  Null: what is only announced counts like what is in force.
CHOKEPOINT_LANE_LOOPS
void panic_of(std::size_t lanes, const double* __restrict max_extra_share,
              const double* __restrict build_months, const double* __restrict fading,
              const double* __restrict front_running_share, const double* __restrict threat,
              const double* __restrict threat_in_force, double* __restrict panic)
{
    const double* announced_share =
        front_running_share != nullptr ? front_running_share : max_extra_share;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double now = panic[lane];
        const double target = max_extra_share[lane] * threat_in_force[lane]
                              + announced_share[lane] * (threat[lane] - threat_in_force[lane]);
        const double built = now + (target - now) / build_months[lane];
        const double faded = std::max(target, now * fading[lane]);
        panic[lane] = target > now ? built : faded;
    }
}

/// Equation (11) of plants.
CHOKEPOINT_LANE_LOOPS
void keep_stock(std::size_t lanes, const double* __restrict order,
                const double* __restrict draw, double* __restrict stock)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        stock[lane] = std::max(0.0, stock[lane] + (order[lane] - draw[lane]));
    }
}

/// What the prices of month 0 and of this one make of one output's revenue: its part of the
/// basket's value beyond 1.
CHOKEPOINT_LANE_LOOPS
void add_revenue(std::size_t lanes, const double* __restrict revenue,
                 const double* __restrict log_price, double* __restrict excess)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        excess[lane] += revenue[lane] * (bounded_exp(log_price[lane]) - 1);
    }
}

/// I of equation (13).
CHOKEPOINT_LANE_LOOPS
void follow_basket(std::size_t lanes, const double* __restrict adjustment,
                   const double* __restrict excess, double* __restrict index)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        index[lane] += adjustment[lane] * (portable_log(1 + excess[lane]) - index[lane]);
    }
}

/// Where a reserve with a limit stands above it in a member's cell.
CHOKEPOINT_LANE_LOOPS
void note_shortfall(std::size_t lanes, const double* __restrict limit,
                    const double* __restrict served_in_reference,
                    const double* __restrict need_factor, const double* __restrict consumption,
                    const double* __restrict substituted,
                    const double* __restrict substituted_in_reference, double* __restrict above)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double need = served_in_reference[lane] * need_factor[lane];
        double replaced = 0;
        if (substituted_in_reference != nullptr) {
            replaced = replaced_share(substituted[lane], substituted_in_reference[lane]);
        }
        const double missing = 1 - consumption[lane] / need - replaced;
        const double shortfall = need > 0 ? std::max(0.0, missing) : 0.0;
        above[lane] = shortfall > limit[lane] ? 1.0 : above[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void note_price(std::size_t lanes, const double* __restrict limit,
                const double* __restrict log_price, double* __restrict above)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        above[lane] = bounded_exp(log_price[lane]) > limit[lane] ? 1.0 : above[lane];
    }
}

/// Begins or ends to give out, and keeps account of its stock.
/// \param above  1 where a trigger is exceeded. \param restless  1 where a stop is.
CHOKEPOINT_LANE_LOOPS
void decide(std::size_t lanes, const double* __restrict above,
            const double* __restrict restless, const double* __restrict decision_lag_months,
            const double* __restrict purchase, const double* __restrict release,
            double* __restrict months_above, double* __restrict active,
            double* __restrict stock)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double months = above[lane] > 0 ? months_above[lane] + 1 : 0.0;
        const double begins = months >= decision_lag_months[lane] ? above[lane] : 0.0;
        active[lane] = active[lane] > 0 ? restless[lane] : begins;
        months_above[lane] = months;
        stock[lane] += purchase[lane] - release[lane];
    }
}

/// Stocks, panic, and the prices that a trend is taken from.
void advance_stocks(const Model& model, const LaneParameters& parameters,
                    const Clearing& clearing, MarketState& state)
{
    const std::size_t lanes = state.lanes;
    for (std::size_t holder = 0; holder < model.stock_holders(); ++holder) {
        const int position = model.stock_policy_of[holder];
        const bool is_user = holder < model.cells();
        if (position < 0 || (is_user && !model.has_users(holder))) {
            continue;
        }
        const std::size_t at = is_user ? holder : holder - model.cells();
        double* history = row(state.price_history, 3 * holder, lanes);
        std::copy_backward(history, history + 2 * lanes, history + 3 * lanes);
        double* before = row(state.price_before, holder, lanes);
        std::copy_n(before, lanes, history);
        std::copy_n(row(is_user ? clearing.log_price : clearing.stage_price, at, lanes), lanes,
                    before);
        double* stock = row(state.stock, holder, lanes);
        if (is_user) {
            std::copy_n(row(clearing.stock_after, at, lanes), lanes, stock);
        } else {
            keep_stock(lanes, row(clearing.stage_order, at, lanes),
                       row(clearing.stage_draw, at, lanes), stock);
        }
        const StockPolicy& policy = model.stock_policies[static_cast<std::size_t>(position)];
        if (const std::optional<Panic>& panic = policy.panic) {
            panic_of(lanes, parameters.row(panic->max_extra_share),
                     parameters.row(panic->build_months),
                     row(parameters.panic_fading, static_cast<std::size_t>(position), lanes),
                     panic->front_running_share ? parameters.row(*panic->front_running_share)
                                                : nullptr,
                     row(clearing.threat, holder, lanes),
                     row(clearing.threat_in_force, holder, lanes),
                     row(state.panic, holder, lanes));
        }
    }
}

void advance_by_products(const Model& model, const LaneParameters& parameters,
                         const Clearing& clearing, MarketState& state)
{
    const std::size_t lanes = state.lanes;
    Row excess;
    for (std::size_t facility = 0; facility < model.facilities.size(); ++facility) {
        const Facility& entry = model.facilities[facility];
        if (!entry.by_product) {
            continue;
        }
        std::fill_n(excess.begin(), lanes, 0);
        for (std::size_t output = 0; output < entry.outputs.size(); ++output) {
            const std::size_t cell = model.cell(entry.outputs[output].commodity, entry.region);
            add_revenue(lanes, parameters.revenue_of(facility, output),
                        row(clearing.source_price, cell, lanes), excess.data());
        }
        follow_basket(lanes, parameters.row(entry.by_product->adjustment), excess.data(),
                      row(state.basket_index, facility, lanes));
    }
}

/// Notes where a price or a shortfall passes a limit in the cell of a member.
void note(const LaneParameters& parameters, const std::optional<Slot>& price_limit,
          const std::optional<Slot>& shortfall_limit, const Clearing& clearing,
          ReferenceConsumption reference, std::size_t cell, double* above)
{
    const std::size_t lanes = clearing.lanes;
    if (price_limit) {
        note_price(lanes, parameters.row(*price_limit), row(clearing.log_price, cell, lanes),
                   above);
    }
    if (shortfall_limit && !reference.served.empty()) {
        const bool substitutes = !reference.substituted.empty();
        note_shortfall(
            lanes, parameters.row(*shortfall_limit), reference.served.data() + cell * lanes,
            row(clearing.need_factor, cell, lanes), row(clearing.consumption, cell, lanes),
            substitutes ? row(clearing.substituted, cell, lanes) : nullptr,
            substitutes ? reference.substituted.data() + cell * lanes : nullptr, above);
    }
}

void advance_reserves(const Model& model, const LaneParameters& parameters,
                      const Clearing& clearing, ReferenceConsumption reference,
                      MarketState& state)
{
    const std::size_t lanes = state.lanes;
    Row above, restless;
    for (std::size_t position = 0; position < model.reserves.size(); ++position) {
        const Reserve& reserve = model.reserves[position];
        std::fill_n(above.begin(), lanes, 0);
        std::fill_n(restless.begin(), lanes, 0);
        for (const RegionId member : reserve.members) {
            const std::size_t cell = model.cell(reserve.commodity, member);
            note(parameters, reserve.trigger_price_ratio, reserve.trigger_shortfall_share,
                 clearing, reference, cell, above.data());
            note(parameters, reserve.stop_price_ratio, reserve.stop_shortfall_share, clearing,
                 reference, cell, restless.data());
        }
        decide(lanes, above.data(), restless.data(),
               parameters.row(reserve.decision_lag_months),
               row(clearing.reserve_purchase, position, lanes),
               row(clearing.reserve_release, position, lanes),
               row(state.reserve_months_above, position, lanes),
               row(state.reserve_active, position, lanes),
               row(state.reserve_stock, position, lanes));
    }
}

/// Multiplies what has grown up to a month by that month's growth.
/// \param table  Of any of the trials.
void grow(const GrowthTable& table, const LaneArray<double>& monthly, int month,
          std::size_t lanes, LaneArray<double>& grown)
{
    for (std::size_t position = 0; position * lanes < grown.size(); ++position) {
        scale(lanes, row(monthly, table.year_of(month) * table.width + position, lanes),
              row(grown, position, lanes));
    }
}

}  // namespace

void Clearing::resize(const Model& model, std::size_t width)
{
    lanes = width;
    const std::size_t cells = model.cells() * lanes;
    for (auto* by_cell : {&log_price, &consumption, &rationed, &stock_after, &source_price,
                          &purchase, &release}) {
        by_cell->assign(cells, 0);
    }
    need_factor.assign(cells, 1);
    substituted.assign(model.has_substitutes() ? cells : 0, 0);
    for (auto* by_reserve : {&reserve_release, &reserve_purchase}) {
        by_reserve->assign(model.reserves.size() * lanes, 0);
    }
    for (auto* by_stock : {&stage_price, &stage_order, &stage_draw}) {
        by_stock->assign(model.stage_stocks.size() * lanes, 0);
    }
    recycled.assign(model.recycling.size() * lanes, 0);
    for (auto* by_layer : {&throughput, &output, &exports}) {
        by_layer->assign(model.stages.size() * cells, 0);
    }
    for (auto* by_arc : {&arc_gap, &arc_tax, &arc_flow}) {
        by_arc->assign(model.cappable_arcs.size() * lanes, 0);
    }
    for (auto* by_holder : {&threat, &threat_in_force}) {
        by_holder->assign(model.stock_holders() * lanes, 0);
    }
    taxes_and_quotas_hold.assign(lanes, 1);
    quota_used.resize(lanes);
    for (std::vector<double>& used : quota_used) {
        used.clear();
    }
}

void start_state(const Model& model, const LaneParameters& parameters,
                 std::span<const Timeline* const> timelines, MarketState& state)
{
    const std::size_t lanes = parameters.lanes();
    const std::size_t facilities = model.facilities.size();
    state.lanes = lanes;
    state.month = 0;
    for (auto* by_cell : {&state.memory, &state.substituted, &state.log_quoted}) {
        by_cell->assign(model.cells() * lanes, 0);
    }
    state.demand_growth.assign(
        parameters.of[0]->growth.demand.grows() ? model.cells() * lanes : 0, 1);
    state.capacity_growth.assign(
        parameters.of[0]->growth.capacity.grows() ? facilities * lanes : 0, 1);
    const std::size_t holders = model.stock_holders();
    for (auto* by_holder : {&state.panic, &state.price_before, &state.stock}) {
        by_holder->assign(holders * lanes, 0);
    }
    state.price_history.assign(3 * holders * lanes, 0);
    for (std::size_t holder = 0; holder < holders; ++holder) {
        if (const int policy = model.stock_policy_of[holder]; policy >= 0) {
            double* stock = row(state.stock, holder, lanes);
            std::copy_n(row(parameters.use, holder, lanes), lanes, stock);
            scale(lanes,
                  parameters.row(
                      model.stock_policies[static_cast<std::size_t>(policy)].cover_months),
                  stock);
        }
    }
    state.basket_index.assign(facilities * lanes, 0);
    state.running.resize(facilities * lanes);
    state.phase.assign(facilities * lanes, FacilityPhase::running);
    state.phase_months.assign(facilities * lanes, 0);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        set_running_at_start(model, *parameters.of[lane],
                             std::span(state.running).subspan(lane * facilities, facilities));
    }
    for (std::size_t facility = 0; facility < facilities; ++facility) {
        const std::optional<Opening>& opening = model.facilities[facility].opening;
        for (std::size_t lane = 0; opening && opening->induced && lane < lanes; ++lane) {
            state.phase[lane * facilities + facility] = FacilityPhase::awaited;
        }
    }
    state.reserve_stock.resize(model.reserves.size() * lanes);
    for (std::size_t reserve = 0; reserve < model.reserves.size(); ++reserve) {
        std::copy_n(parameters.row(model.reserves[reserve].tonnes), lanes,
                    row(state.reserve_stock, reserve, lanes));
    }
    state.reserve_months_above.assign(model.reserves.size() * lanes, 0);
    state.reserve_active.assign(model.reserves.size() * lanes, 0);
    state.quota_left.resize(lanes);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        state.quota_left[lane].assign(timelines[lane]->restrictions.size(), 0);
    }
}

void advance(const Model& model, const LaneParameters& parameters, const Clearing& clearing,
             ReferenceConsumption reference, MarketState& state)
{
    const std::size_t lanes = state.lanes;
    // Before the memory moves on: what was remembered in the month decides.
    advance_projects(model, parameters, state);
    for (std::size_t cell = 0; cell < model.cells(); ++cell) {
        const Commodity& commodity = model.commodities[cell / model.regions.size()];
        double* memory = row(state.memory, cell, lanes);
        if (const std::optional<Substitution>& substitution = commodity.substitution) {
            substitute(lanes, parameters.row(substitution->trigger_price_ratio),
                       parameters.row(substitution->rate_per_year),
                       parameters.row(substitution->max_share), memory,
                       row(state.substituted, cell, lanes));
        }
        remember(
            lanes, parameters.row(commodity.memory_up), parameters.row(commodity.memory_down),
            parameters.row(commodity.quoted_adjustment), row(clearing.log_price, cell, lanes),
            memory, row(state.log_quoted, cell, lanes));
    }
    advance_stocks(model, parameters, clearing, state);
    advance_by_products(model, parameters, clearing, state);
    advance_facilities_led_by_prices(model, parameters, clearing, state);
    advance_reserves(model, parameters, clearing, reference, state);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        std::vector<double>& left = state.quota_left[lane];
        for (std::size_t event = 0; event < left.size(); ++event) {
            left[event] -= clearing.quota_used[lane][event];
        }
    }
    const Growth& growth = parameters.of[0]->growth;
    grow(growth.demand, parameters.demand_growth, state.month, lanes, state.demand_growth);
    grow(growth.capacity, parameters.capacity_growth, state.month, lanes,
         state.capacity_growth);
    ++state.month;
}

}  // namespace chokepoint
