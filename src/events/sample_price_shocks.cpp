// Price shocks (docs/model.md section 6): mean reversion with jumps, by exact transitions from
// month to month, with dependent innovations.

#include <cmath>
#include <span>

#include "chokepoint/statistics/correlation.hpp"
#include "chokepoint/support/calendar.hpp"
#include "samplers.hpp"

namespace chokepoint {
namespace {

constexpr double years_per_month = 1.0 / months_per_year;

/// The integral of e^{-rate t} over [0, time], also where the rate is near 0.
double decayed_time(double rate, double time)
{
    const double y = rate * time;
    if (y < 1e-3) {
        return time * (1 - y / 2 * (1 - y / 3 * (1 - y / 4 * (1 - y / 5))));
    }
    return (1 - portable_exp(-y)) / rate;
}

/// Innovations with a variance of 1, [month * shocks + shock]: standard normal numbers of each
/// process from its own stream, then correlated month by month; Student-t ones share a number
/// that makes them extreme together.
void draw_innovations(const Drawing& drawing)
{
    const Model& model = drawing.model;
    Timeline& timeline = drawing.timeline;
    const Distribution unit_normal(Normal{0, 1});
    const std::size_t shocks = model.price_shocks.size();
    const auto months = static_cast<std::size_t>(model.months);
    std::vector<double>& normals = timeline.innovations;
    normals.resize(months * shocks);
    timeline.price_shocks.resize(months * shocks);
    for (std::size_t shock = 0; shock < shocks; ++shock) {
        Philox stream = drawing.stream(Purpose::price_shock, model.price_shocks[shock].stream);
        for (std::size_t month = 0; month < months; ++month) {
            normals[month * shocks + shock] = unit_normal.draw(stream);
        }
    }
    const PriceShockDependence& dependence = model.price_shock_dependence;
    Philox mixing = drawing.stream(Purpose::price_mixing, 0);
    for (std::size_t month = 0; month < months; ++month) {
        const auto from = std::span<const double>(normals).subspan(month * shocks, shocks);
        const auto to = std::span(timeline.price_shocks).subspan(month * shocks, shocks);
        if (!dependence.degrees_of_freedom) {
            correlated_normals(dependence.cholesky, from, to);
            continue;
        }
        const double nu = drawing.parameters[*dependence.degrees_of_freedom];
        correlated_t(dependence.cholesky, nu, from, mixing, to);
        const double scale = std::sqrt((nu - 2) / nu);  // a t number has variance nu / (nu - 2)
        for (double& innovation : to) {
            innovation *= scale;
        }
    }
}

/// Equation (23): turns a process's innovations into its values: over a month of length D,
/// s' = s e^{-k D} + (k mean + drift) E + sigma sqrt(E2) z + sum of J e^{-k (D - t)},
/// E and E2 the integrals of e^{-k t} and e^{-2 k t} over the month.
void run_process(const Drawing& drawing, std::size_t position)
{
    const Model& model = drawing.model;
    const Parameters& parameters = drawing.parameters;
    Timeline& timeline = drawing.timeline;
    const PriceShock& shock = model.price_shocks[position];
    const double kappa = parameters[shock.mean_reversion_per_year];
    const double decay = portable_exp(-kappa * years_per_month);
    const double push = (kappa * parameters[shock.mean] + parameters[shock.drift_per_year])
                        * decayed_time(kappa, years_per_month);
    const double spread = parameters[shock.volatility_per_year]
                          * std::sqrt(decayed_time(2 * kappa, years_per_month));
    const double rate = shock.jumps ? parameters[shock.jumps->rate_per_year] : 0;
    // Infinite without jumps.
    const double mean_gap = months_per_year / (rate * drawing.factor(Knob::jumps, position));
    Philox stream = drawing.stream(Purpose::price_jump, shock.stream);
    double jump = rate > 0 ? exponential_time(stream, mean_gap) : model.months;
    double value = parameters[shock.start];
    const std::size_t shocks = model.price_shocks.size();
    const auto months = static_cast<std::size_t>(model.months);
    for (std::size_t month = 0; month < months; ++month) {
        double& cell = timeline.price_shocks[month * shocks + position];
        value = value * decay + push + spread * cell;
        const auto end = static_cast<double>(month + 1);
        for (; jump < end; jump += exponential_time(stream, mean_gap)) {
            const double size =
                drawing.mark(shock.jumps->size, stream, Knob::jump_size, position);
            drawing.note(Knob::jumps, position, 1, 0);
            timeline.price_jumps.push_back({position, jump, size});
            value += size * portable_exp(-kappa * years_per_month * (end - jump));
        }
        cell = value;
    }
    drawing.note(Knob::jumps, position, 0, rate * model.months / months_per_year);
}

}  // namespace

void sample_price_shocks(const Drawing& drawing)
{
    if (drawing.model.price_shocks.empty()) {
        return;
    }
    draw_innovations(drawing);
    for (std::size_t process = 0; process < drawing.model.price_shocks.size(); ++process) {
        run_process(drawing, process);
    }
}

}  // namespace chokepoint
