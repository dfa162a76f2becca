#include "chokepoint/events/parameters.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "chokepoint/events/tilt.hpp"
#include "chokepoint/random/stream.hpp"

namespace chokepoint {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// \param dimension  The number's place among the uncertain ones.
double drawn(const ParameterInfo& info, TrialKey key, const SobolPoints* points,
             TiltedDraws* tilt, std::size_t dimension)
{
    const std::uint64_t trial = key.trial & ~twin_of(0);
    if (tilt != nullptr) {
        Philox stream = make_stream(key.seed, Purpose::parameter, trial, info.stream);
        return tilt->draw(info.distribution, stream, Knob::parameter, dimension);
    }
    if (points == nullptr || dimension >= points->dimensions()) {
        Philox stream = make_stream(key.seed, Purpose::parameter, trial, info.stream);
        return info.distribution.draw(stream);
    }
    const auto point = static_cast<std::uint32_t>(trial / sobol_scrambles);
    const std::uint64_t scramble = scramble_key(key.seed, info.stream, trial % sobol_scrambles);
    return info.distribution.quantile(points->scrambled(dimension, point, scramble));
}

/// True if a value differs from what was there.
bool draw_values(const Model& model, TrialKey key, const SobolPoints* points, TiltedDraws* tilt,
                 std::vector<double>& values)
{
    bool changed = values.size() != model.parameters.size();
    values.resize(model.parameters.size());
    std::size_t dimension = 0;
    for (std::size_t slot = 0; slot < values.size(); ++slot) {
        const ParameterInfo& info = model.parameters[slot];
        const double value = info.distribution.is_fixed()
                                 ? info.nominal
                                 : drawn(info, key, points, tilt, dimension++);
        changed = changed || value != values[slot];
        values[slot] = value;
    }
    return changed;
}

/// Says what is wrong with month 0.
/// \param key  Its trial is named in the messages; null for nominal values.
[[noreturn]] void refuse(const Model& model, const std::vector<BaselineProblem>& problems,
                         const TrialKey* key)
{
    const std::string trial = key == nullptr ? "" : fmt::format("trial {}: ", key->trial);
    const std::string hint =
        key == nullptr ? "" : "narrow the distributions, so that every draw can be balanced";
    Diagnostics diagnostics;
    for (const BaselineProblem& problem : problems) {
        const ParameterInfo& info = model.parameters[problem.slot.index()];
        diagnostics.error(info.place, info.path, trial + problem.problem, hint);
    }
    throw InputError(diagnostics.sorted());
}

void balance(const Model& model, Parameters& parameters, const TrialKey* key)
{
    std::vector<BaselineProblem> problems;
    compute_baseline(model, parameters.values, parameters.baseline, problems,
                     key == nullptr ? TradeTables::all : TradeTables::of_measures);
    if (!problems.empty()) {
        parameters.values
            .clear();  // so that the half-made baseline is not taken for a good one
        refuse(model, problems, key);
    }
    compute_growth(model, parameters.values, parameters.growth);
}

/// When projects open, or how long it takes them once they are decided.
/// \param succeeds  Whether a project opens at all.
template <class Function>
void set_openings(const Model& model, Parameters& parameters, Function succeeds)
{
    parameters.opening_month.assign(model.facilities.size(), -infinity);
    parameters.lead_months.assign(model.facilities.size(), 0);
    for (std::size_t facility = 0; facility < model.facilities.size(); ++facility) {
        if (!model.facilities[facility].opening) {
            continue;
        }
        const Opening& opening = *model.facilities[facility].opening;
        const bool opens = succeeds(opening);
        parameters.opening_month[facility] =
            opens ? opening.month + parameters[opening.delay] : infinity;
        if (opening.induced) {
            parameters.lead_months[facility] =
                opens ? parameters[opening.induced->lead_months] : infinity;
        }
    }
}

}  // namespace

SobolPoints sobol_points_for(const Model& model)
{
    return SobolPoints(
        std::min(model.uncertain_parameters.size(), SobolPoints::most_dimensions));
}

void draw_parameters(const Model& model, TrialKey key, Parameters& parameters,
                     const SobolPoints* points, TiltedDraws* tilt)
{
    if (draw_values(model, key, points, tilt, parameters.values)) {
        balance(model, parameters, &key);
    }
    set_openings(model, parameters, [&](const Opening& opening) {
        Philox stream = make_stream(key.seed, Purpose::project, key.trial, opening.stream);
        return uniform01(stream) < parameters[opening.probability];
    });
}

Parameters nominal_parameters(const Model& model)
{
    Parameters parameters;
    parameters.values = model.nominal_values();
    balance(model, parameters, nullptr);
    set_openings(model, parameters,
                 [&](const Opening& opening) { return parameters[opening.probability] > 0.5; });
    return parameters;
}

}  // namespace chokepoint
