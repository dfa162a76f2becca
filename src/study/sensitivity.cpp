#include "chokepoint/study/sensitivity.hpp"

#include "chokepoint/statistics/sensitivity.hpp"

#include <algorithm>
#include <cmath>

namespace chokepoint {
namespace {

/// Rank correlation where every output is a number.
Estimate correlation_of(const VariedInput& input, std::size_t position, const Design& design,
                        const std::vector<double>& outputs)
{
    std::vector<double> values, known;
    for (std::size_t point = 0; point < outputs.size(); ++point) {
        if (!std::isnan(outputs[point])) {
            values.push_back(input.number_at(design.points[point][position]));
            known.push_back(outputs[point]);
        }
    }
    return rank_correlation(values, known);
}

}  // namespace

std::vector<Sensitivity> sensitivities(const Experiment& experiment, const Design& design,
                                       const std::vector<std::vector<double>>& outputs)
{
    std::vector<Sensitivity> all;
    for (std::size_t figure = 0; figure < outputs.size(); ++figure) {
        for (std::size_t position = 0; position < experiment.inputs.size(); ++position) {
            const VariedInput& input = experiment.inputs[position];
            const auto add = [&](std::string index, const Estimate& estimate) {
                all.push_back({input.name, figure, std::move(index), estimate});
            };
            switch (design.kind) {
                case DesignKind::grid:
                    break;
                case DesignKind::one_at_a_time:
                    for (std::size_t point = 0; point < design.points.size(); ++point) {
                        if (design.stepped[point] == static_cast<int>(position)) {
                            add("change_at_" + input.label_at(design.points[point][position]),
                                {.value = outputs[figure][point] - outputs[figure].front()});
                        }
                    }
                    break;
                case DesignKind::latin_hypercube:
                case DesignKind::sobol:
                    add("rank_correlation",
                        correlation_of(input, position, design, outputs[figure]));
                    break;
                case DesignKind::morris: {
                    const MorrisFigures figures =
                        morris_figures(elementary_effects(design, position, outputs[figure]));
                    add("mu_star", figures.mu_star);
                    add("mu", {.value = figures.mu});
                    add("sigma", {.value = figures.sigma});
                    break;
                }
                case DesignKind::saltelli: {
                    const SaltelliOutputs rows =
                        saltelli_outputs(design, position, outputs[figure]);
                    const SobolIndices indices =
                        sobol_indices(rows.a, rows.b, rows.ab, experiment.seed);
                    add("first_order", indices.first);
                    add("total_order", indices.total);
                    break;
                }
            }
        }
    }
    return all;
}

}  // namespace chokepoint
