#include "chokepoint/study/design.hpp"

#include "chokepoint/random/sobol.hpp"
#include "chokepoint/random/stream.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace chokepoint {
namespace {

constexpr double unvaried = std::numeric_limits<double>::quiet_NaN();

/// What one input of a design is drawn from.
Philox stream_of(const Experiment& experiment, std::uint64_t number, const std::string& entity)
{
    return Philox({experiment.seed, hash_name("design")}, {0, number, hash_name(entity), 0});
}

std::size_t below(Philox& stream, std::size_t end)
{
    return static_cast<std::size_t>(uniform01(stream) * static_cast<double>(end));
}

/// 0 … count - 1 in random order.
std::vector<std::size_t> shuffled(std::size_t count, Philox& stream)
{
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), 0U);
    for (std::size_t place = count; place > 1; --place) {
        std::swap(order[place - 1], order[below(stream, place)]);
    }
    return order;
}

/// Where value number `step` of an input lies in a grid.
double grid_place(const VariedInput& input, std::size_t step)
{
    const auto steps = static_cast<double>(input.steps());
    return std::holds_alternative<ValueRange>(input.values)
               ? static_cast<double>(step) / (steps - 1)
               : (static_cast<double>(step) + 0.5) / steps;
}

void add_grid(const Experiment& experiment, Design& design)
{
    std::vector<std::size_t> steps(experiment.inputs.size());
    for (std::uint64_t left = points_of(experiment); left > 0; --left) {
        std::vector<double>& point = design.points.emplace_back();
        for (std::size_t input = 0; input < steps.size(); ++input) {
            point.push_back(grid_place(experiment.inputs[input], steps[input]));
        }
        for (std::size_t input = steps.size(); input-- > 0;) {
            if (++steps[input] < experiment.inputs[input].steps()) {
                break;
            }
            steps[input] = 0;
        }
    }
}

/// Where an input is set in a tornado.
std::vector<double> ends_of(const VariedInput& input)
{
    constexpr double tail = 0.05;
    if (std::holds_alternative<ValueRange>(input.values)) {
        return {0, 1};
    }
    if (std::holds_alternative<ValueLaw>(input.values)) {
        return {tail, 1 - tail};
    }
    std::vector<double> places;
    for (std::size_t step = 0; step < input.steps(); ++step) {
        places.push_back(grid_place(input, step));
    }
    return places;
}

void add_one_at_a_time(const Experiment& experiment, Design& design)
{
    const std::vector<double> base(experiment.inputs.size(), unvaried);
    design.points.push_back(base);
    design.stepped.push_back(-1);
    for (std::size_t input = 0; input < base.size(); ++input) {
        for (const double place : ends_of(experiment.inputs[input])) {
            design.points.push_back(base);
            design.points.back()[input] = place;
            design.stepped.push_back(static_cast<int>(input));
        }
    }
}

void add_latin_hypercube(const Experiment& experiment, Design& design)
{
    design.points.assign(experiment.points, std::vector<double>(experiment.inputs.size()));
    for (std::size_t input = 0; input < experiment.inputs.size(); ++input) {
        Philox stream = stream_of(experiment, 0, experiment.inputs[input].name);
        const std::vector<std::size_t> shares = shuffled(experiment.points, stream);
        for (std::size_t point = 0; point < shares.size(); ++point) {
            design.points[point][input] =
                (static_cast<double>(shares[point]) + uniform01(stream))
                / static_cast<double>(experiment.points);
        }
    }
}

void add_sobol(const Experiment& experiment, Design& design)
{
    const SobolPoints sequence(experiment.inputs.size());
    for (std::uint64_t n = 0; n < experiment.points; ++n) {
        std::vector<double>& point = design.points.emplace_back();
        for (std::size_t input = 0; input < experiment.inputs.size(); ++input) {
            point.push_back(sequence.scrambled(
                input, static_cast<std::uint32_t>(n),
                scramble_key(experiment.seed, hash_name(experiment.inputs[input].name), 0)));
        }
    }
}

void add_saltelli(const Experiment& experiment, Design& design)
{
    const std::size_t inputs = experiment.inputs.size();
    const SobolPoints sequence(2 * inputs);
    for (std::uint64_t n = 0; n < experiment.points; ++n) {
        std::vector<double> a, b;
        for (std::size_t input = 0; input < inputs; ++input) {
            const std::uint64_t entity = hash_name(experiment.inputs[input].name);
            const auto at = [&](std::size_t dimension, std::uint64_t scramble) {
                return sequence.scrambled(dimension, static_cast<std::uint32_t>(n),
                                          scramble_key(experiment.seed, entity, scramble));
            };
            a.push_back(at(input, 0));
            b.push_back(at(inputs + input, 1));
        }
        design.points.push_back(a);
        design.points.push_back(b);
        for (std::size_t input = 0; input < inputs; ++input) {
            design.points.push_back(a);
            design.points.back()[input] = b[input];
        }
    }
}

void add_morris(const Experiment& experiment, Design& design)
{
    const auto levels = static_cast<double>(experiment.levels);
    const double step = levels / (2 * (levels - 1));
    for (std::uint64_t trajectory = 0; trajectory < experiment.trajectories; ++trajectory) {
        Philox stream = stream_of(experiment, trajectory, "trajectory");
        std::vector<double> point;
        std::vector<double> steps;
        for (std::size_t input = 0; input < experiment.inputs.size(); ++input) {
            const double low =
                static_cast<double>(below(stream, experiment.levels / 2)) / (levels - 1);
            const bool is_upwards = uniform01(stream) < 0.5;
            point.push_back(is_upwards ? low : low + step);
            steps.push_back(is_upwards ? step : -step);
        }
        design.points.push_back(point);
        design.stepped.push_back(-1);
        for (const std::size_t input : shuffled(point.size(), stream)) {
            point[input] = std::clamp(point[input] + steps[input], 0.0, 1.0);
            design.points.push_back(point);
            design.stepped.push_back(static_cast<int>(input));
        }
    }
}

}  // namespace

std::uint64_t points_of(const Experiment& experiment)
{
    const std::uint64_t inputs = experiment.inputs.size();
    constexpr std::uint64_t most = std::uint64_t{1} << 40;
    switch (experiment.design) {
        case DesignKind::grid: {
            std::uint64_t points = 1;
            for (const VariedInput& input : experiment.inputs) {
                points = std::min(points * input.steps(), most);
            }
            return points;
        }
        case DesignKind::one_at_a_time: {
            std::uint64_t points = 1;
            for (const VariedInput& input : experiment.inputs) {
                points += ends_of(input).size();
            }
            return points;
        }
        case DesignKind::latin_hypercube:
        case DesignKind::sobol:
            return experiment.points;
        case DesignKind::morris:
            return experiment.trajectories * (inputs + 1);
        case DesignKind::saltelli:
            return experiment.points * (inputs + 2);
    }
    throw std::logic_error("points_of: unknown design");
}

Design make_design(const Experiment& experiment)
{
    Design design{.kind = experiment.design, .points = {}, .stepped = {}};
    switch (experiment.design) {
        case DesignKind::grid:
            add_grid(experiment, design);
            break;
        case DesignKind::one_at_a_time:
            add_one_at_a_time(experiment, design);
            break;
        case DesignKind::latin_hypercube:
            add_latin_hypercube(experiment, design);
            break;
        case DesignKind::sobol:
            add_sobol(experiment, design);
            break;
        case DesignKind::morris:
            add_morris(experiment, design);
            break;
        case DesignKind::saltelli:
            add_saltelli(experiment, design);
            break;
    }
    return design;
}

std::vector<double> elementary_effects(const Design& design, std::size_t input,
                                       const std::vector<double>& outputs)
{
    std::vector<double> effects;
    for (std::size_t point = 1; point < design.points.size(); ++point) {
        if (design.stepped[point] == static_cast<int>(input)) {
            effects.push_back(
                (outputs[point] - outputs[point - 1])
                / (design.points[point][input] - design.points[point - 1][input]));
        }
    }
    return effects;
}

SaltelliOutputs saltelli_outputs(const Design& design, std::size_t input,
                                 const std::vector<double>& outputs)
{
    SaltelliOutputs rows;
    const std::size_t width = design.points.empty() ? 1 : design.points.front().size() + 2;
    for (std::size_t first = 0; first + width <= outputs.size(); first += width) {
        rows.a.push_back(outputs[first]);
        rows.b.push_back(outputs[first + 1]);
        rows.ab.push_back(outputs[first + 2 + input]);
    }
    return rows;
}

}  // namespace chokepoint
