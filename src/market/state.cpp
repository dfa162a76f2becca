#include "chokepoint/market/state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

const StockPolicy* stock_policy(const Model& model, std::size_t holder)
{
    const int policy = model.stock_policy_of[holder];
    return policy < 0 ? nullptr : &model.stock_policies[static_cast<std::size_t>(policy)];
}

/// Users go over to something else while they remember a high price; nobody comes back.
double next_substituted(const Parameters& parameters, const Substitution& substitution,
                        double now, double memory)
{
    if (memory <= portable_log(parameters[substitution.trigger_price_ratio])) {
        return now;
    }
    const double step = parameters[substitution.rate_per_year] / months_per_year;
    return std::min(parameters[substitution.max_share], now + step * (1 - now));
}

/// Equation (12): panic builds up towards its target and fades by its half-life, never below
/// the target.
double next_panic(const Parameters& parameters, const Panic& panic, double now, double threat,
                  double threat_in_force)
{
    const double target =
        panic.front_running_share
            ? parameters[panic.max_extra_share] * threat_in_force
                  + parameters[*panic.front_running_share] * (threat - threat_in_force)
            : parameters[panic.max_extra_share] * threat;
    if (target > now) {
        return now + (target - now) / parameters[panic.build_months];
    }
    constexpr double ln_2 = 0.6931471805599453;
    return std::max(target, now * portable_exp(-ln_2 / parameters[panic.half_life_months]));
}

/// The mean over the facility's outputs, weighted by their revenue at month 0, of a figure of
/// the cell of each in its region.
/// \param otherwise  The mean of a facility without revenue.
template <class Function>
double basket_mean(const Model& model, const Parameters& parameters, std::size_t facility,
                   double otherwise, Function figure)
{
    const Facility& entry = model.facilities[facility];
    const std::vector<double>& share = parameters.baseline.share[facility];
    double now = 0;
    double before = 0;
    for (std::size_t output = 0; output < share.size(); ++output) {
        const CommodityId commodity =
            entry.outputs.empty() ? CommodityId(output) : entry.outputs[output].commodity;
        const Slot price =
            model.commodities[commodity.index()].regional_price[entry.region.index()];
        const double revenue = share[output] * parameters[price];
        const std::size_t cell = model.cell(commodity, entry.region);
        before += revenue;
        now += revenue * figure(cell);
    }
    return before > 0 ? now / before : otherwise;
}

/// The value of its outputs at the prices quoted in its region, over that of month 0.
double quoted_value(const Model& model, const Parameters& parameters, const Clearing& clearing,
                    const MarketState& state, std::size_t facility)
{
    return basket_mean(model, parameters, facility, 1, [&](std::size_t cell) {
        const double shift = clearing.quoted_shift.empty() ? 0 : clearing.quoted_shift[cell];
        return portable_exp(state.log_quoted[cell] + shift);
    });
}

/// A facility that has run for the month shuts after so many bad ones; one that is shut begins
/// its restart after a good one.
void advance_closure(const Model& model, const Parameters& parameters, const Clearing& clearing,
                     std::size_t facility, MarketState& state)
{
    const Closure& closure = *model.facilities[facility].closure;
    const double value = quoted_value(model, parameters, clearing, state, facility);
    RunningSpan& running = state.running[facility];
    FacilityPhase& phase = state.phase[facility];
    double& months = state.phase_months[facility];
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
void advance_project(const Model& model, const Parameters& parameters, std::size_t facility,
                     MarketState& state)
{
    const Inducement& induced = *model.facilities[facility].opening->induced;
    const double memory = basket_mean(model, parameters, facility, 0,
                                      [&](std::size_t cell) { return state.memory[cell]; });
    const bool high = memory > portable_log(parameters[induced.trigger_price_ratio]);
    double& months = state.phase_months[facility];
    months = high ? months + 1 : 0;
    if (months >= parameters[induced.after_months]) {
        state.phase[facility] = FacilityPhase::decided;
        state.running[facility].from = state.month + 1 + parameters.lead_months[facility];
        months = 0;
    }
}

/// What was to open in the next month runs then.
void begin_running(const MarketState& state, const RunningSpan& running, FacilityPhase& phase)
{
    const double end_of_next_month = state.month + 2;
    const bool is_coming =
        phase == FacilityPhase::restarting || phase == FacilityPhase::decided;
    if (is_coming && running.from < end_of_next_month) {
        phase = FacilityPhase::running;
    }
}

bool exceeds(const Parameters& parameters, const std::optional<Slot>& limit, double value)
{
    return limit && value > parameters[*limit];
}

/// Equations (11) of plants and (12): a holder's stock, panic, and the prices that its trend is
/// taken from.
void advance_stock(const Model& model, const Parameters& parameters, const Clearing& clearing,
                   std::size_t holder, MarketState& state)
{
    const bool is_user = holder < model.cells();
    const std::size_t position = is_user ? holder : holder - model.cells();
    double* history = &state.price_history[3 * holder];
    history[2] = history[1];
    history[1] = history[0];
    history[0] = state.price_before[holder];
    state.price_before[holder] =
        is_user ? clearing.log_price[position] : clearing.stage_price[position];
    state.stock[holder] = is_user ? clearing.stock_after[position]
                                  : std::max(0.0, state.stock[holder]
                                                      + (clearing.stage_order[position]
                                                         - clearing.stage_draw[position]));
    const StockPolicy* policy = stock_policy(model, holder);
    if (policy != nullptr && policy->panic) {
        state.panic[holder] =
            next_panic(parameters, *policy->panic, state.panic[holder], clearing.threat[holder],
                       clearing.threat_in_force[holder]);
    }
}

void advance_reserve(const Model& model, const Parameters& parameters, const Clearing& clearing,
                     ReferenceConsumption reference, std::size_t position, MarketState& state)
{
    const Reserve& reserve = model.reserves[position];
    bool above = false;
    bool calm = true;
    for (const RegionId member : reserve.members) {
        const std::size_t cell = model.cell(reserve.commodity, member);
        const double price = portable_exp(clearing.log_price[cell]);
        double shortfall = 0;
        if (!reference.served.empty() && reference.served[cell] > 0) {
            const double need = reference.served[cell] * clearing.need_factor[cell];
            const double replaced =
                reference.substituted.empty()
                    ? 0
                    : replaced_share(clearing.substituted[cell], reference.substituted[cell]);
            shortfall = std::max(0.0, 1 - clearing.consumption[cell] / need - replaced);
        }
        above = above || exceeds(parameters, reserve.trigger_price_ratio, price)
                || exceeds(parameters, reserve.trigger_shortfall_share, shortfall);
        calm = calm && !exceeds(parameters, reserve.stop_price_ratio, price)
               && !exceeds(parameters, reserve.stop_shortfall_share, shortfall);
    }
    double& months_above = state.reserve_months_above[position];
    months_above = above ? months_above + 1 : 0;
    if (state.reserve_active[position]) {
        state.reserve_active[position] = !calm;
    } else {
        state.reserve_active[position] =
            above && months_above >= parameters[reserve.decision_lag_months];
    }
    state.reserve_stock[position] +=
        clearing.reserve_purchase[position] - clearing.reserve_release[position];
}

}  // namespace

double reference_demand(const Model& model, const Parameters& parameters, std::size_t cell)
{
    const auto regions = model.regions.size();
    return parameters.baseline.consumption(static_cast<Eigen::Index>(cell / regions),
                                           static_cast<Eigen::Index>(cell % regions));
}

double reference_use(const Model& model, const Parameters& parameters, std::size_t holder)
{
    if (holder < model.cells()) {
        return reference_demand(model, parameters, holder);
    }
    const StageStock& stock = model.stage_stocks[holder - model.cells()];
    return parameters.baseline.throughput(stock.stage, stock.commodity, stock.region);
}

double use_wanted(const Model& model, const Parameters& parameters, const MarketState& state,
                  std::size_t holder)
{
    if (holder >= model.cells()) {
        return reference_use(model, parameters, holder);
    }
    return reference_demand(model, parameters, holder)
           * parameters.growth.demand.at(state.month, holder) * (1 - state.substituted[holder]);
}

double order_of(const Model& model, const Parameters& parameters, const MarketState& state,
                std::size_t holder)
{
    const StockPolicy* policy = stock_policy(model, holder);
    if (policy == nullptr) {
        return 0;
    }
    const double trend =
        std::max(0.0, state.price_before[holder] - state.price_history[3 * holder + 2]);
    const double target =
        parameters[policy->cover_months] * use_wanted(model, parameters, state, holder)
        * (1 + state.panic[holder] + parameters[policy->trend_sensitivity] * trend);
    return target / parameters[policy->order_months];
}

double draw_of(const Model& model, const Parameters& parameters, const MarketState& state,
               std::size_t holder)
{
    const StockPolicy* policy = stock_policy(model, holder);
    return policy == nullptr ? 0 : state.stock[holder] / parameters[policy->order_months];
}

void start_state(const Model& model, const Parameters& parameters, const Timeline& timeline,
                 MarketState& state)
{
    const std::size_t cells = model.cells();
    state.month = 0;
    state.memory.assign(cells, 0);
    state.substituted.assign(cells, 0);
    state.log_quoted.assign(cells, 0);
    const std::size_t holders = model.stock_holders();
    state.panic.assign(holders, 0);
    state.price_before.assign(holders, 0);
    state.price_history.assign(3 * holders, 0);
    state.stock.assign(holders, 0);
    for (std::size_t holder = 0; holder < holders; ++holder) {
        if (const StockPolicy* policy = stock_policy(model, holder)) {
            state.stock[holder] =
                parameters[policy->cover_months] * reference_use(model, parameters, holder);
        }
    }
    state.basket_index.assign(model.facilities.size(), 0);
    set_running_at_start(model, parameters, state.running);
    state.phase.assign(model.facilities.size(), FacilityPhase::running);
    state.phase_months.assign(model.facilities.size(), 0);
    for (std::size_t facility = 0; facility < model.facilities.size(); ++facility) {
        const std::optional<Opening>& opening = model.facilities[facility].opening;
        if (opening && opening->induced) {
            state.phase[facility] = FacilityPhase::awaited;
        }
    }
    state.reserve_stock.resize(model.reserves.size());
    for (std::size_t reserve = 0; reserve < model.reserves.size(); ++reserve) {
        state.reserve_stock[reserve] = parameters[model.reserves[reserve].tonnes];
    }
    state.reserve_months_above.assign(model.reserves.size(), 0);
    state.reserve_active.assign(model.reserves.size(), false);
    state.quota_left.assign(timeline.restrictions.size(), 0);
}

double recycled_of(const Model& model, const Parameters& parameters, const MarketState& state,
                   std::size_t entry)
{
    const Recycling& recycling = model.recycling[entry];
    const double start = parameters[recycling.share];
    const double passed = state.month - recycling.ramp_from;
    const double length = recycling.ramp_until - recycling.ramp_from;
    const double way = length > 0 ? std::clamp(passed / length, 0.0, 1.0) : 0;
    const double share = start + way * (parameters[recycling.share_end] - start);
    const std::size_t cell = model.cell(recycling.commodity, recycling.region);
    const double factor =
        portable_exp(parameters[recycling.price_elasticity] * state.memory[cell]);
    return share * reference_demand(model, parameters, cell)
           * parameters.growth.demand.at(state.month, cell)
           * std::min(parameters[recycling.max_factor], factor);
}

double release_of(const Model& model, const Parameters& parameters, const MarketState& state,
                  std::size_t reserve)
{
    return state.reserve_active[reserve]
               ? std::min(state.reserve_stock[reserve],
                          parameters[model.reserves[reserve].release_t_per_month])
               : 0;
}

double share_of_release(const Model& model, const Parameters& parameters, std::size_t reserve,
                        RegionId member)
{
    const Reserve& entry = model.reserves[reserve];
    const auto need_of = [&](RegionId region) {
        return reference_demand(model, parameters, model.cell(entry.commodity, region));
    };
    double all = 0;
    for (const RegionId region : entry.members) {
        all += need_of(region);
    }
    return all > 0 ? need_of(member) / all : 1 / static_cast<double>(entry.members.size());
}

double refill_of(const Model& model, const Parameters& parameters, const MarketState& state,
                 std::size_t reserve)
{
    const Reserve& entry = model.reserves[reserve];
    const double lacking = parameters[entry.tonnes] - state.reserve_stock[reserve];
    return state.reserve_active[reserve]
               ? 0
               : std::clamp(lacking, 0.0, parameters[entry.refill_t_per_month]);
}

void advance(const Model& model, const Parameters& parameters, const Clearing& clearing,
             ReferenceConsumption reference, MarketState& state)
{
    const std::size_t regions = model.regions.size();
    // Before the memory moves on: what was remembered in the month decides.
    for (std::size_t facility = 0; facility < model.facilities.size(); ++facility) {
        if (state.phase[facility] == FacilityPhase::awaited) {
            advance_project(model, parameters, facility, state);
        }
    }
    for (std::size_t cell = 0; cell < model.cells(); ++cell) {
        const Commodity& commodity = model.commodities[cell / regions];
        const double x = clearing.log_price[cell];
        double& memory = state.memory[cell];
        if (commodity.substitution) {
            state.substituted[cell] = next_substituted(parameters, *commodity.substitution,
                                                       state.substituted[cell], memory);
        }
        // Equations (9) and (10).
        memory +=
            parameters[x > memory ? commodity.memory_up : commodity.memory_down] * (x - memory);
        state.log_quoted[cell] +=
            parameters[commodity.quoted_adjustment] * (x - state.log_quoted[cell]);
    }
    for (std::size_t holder = 0; holder < model.stock_holders(); ++holder) {
        advance_stock(model, parameters, clearing, holder, state);
    }
    for (std::size_t facility = 0; facility < model.facilities.size(); ++facility) {
        if (model.facilities[facility].by_product) {
            double& index = state.basket_index[facility];  // I of equation (13)
            const double value = basket_mean(
                model, parameters, facility, 1,
                [&](std::size_t cell) { return portable_exp(clearing.source_price[cell]); });
            index += parameters[model.facilities[facility].by_product->adjustment]
                     * (portable_log(value) - index);
        }
        if (model.facilities[facility].closure) {
            advance_closure(model, parameters, clearing, facility, state);
        }
        begin_running(state, state.running[facility], state.phase[facility]);
    }
    for (std::size_t reserve = 0; reserve < model.reserves.size(); ++reserve) {
        advance_reserve(model, parameters, clearing, reference, reserve, state);
    }
    for (std::size_t event = 0; event < state.quota_left.size(); ++event) {
        state.quota_left[event] -= clearing.quota_used[event];
    }
    ++state.month;
}

}  // namespace chokepoint
