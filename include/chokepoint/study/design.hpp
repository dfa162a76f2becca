#pragma once

#include "chokepoint/scenario/experiment.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chokepoint {

/// The points of an experiment: of each input a number from 0 to 1 (`VariedInput::overrides_at`), or
/// NaN where it stays as the scenario has it.
struct Design {
    DesignKind kind = DesignKind::grid;
    std::vector<std::vector<double>> points;  ///< [point][input]

    /// Of a design that varies one input at a time, for each point (but the first of each
    /// trajectory): which. Else empty. -1 for points without a step.
    std::vector<int> stepped;
};

/// How many points a design would have.
std::uint64_t points_of(const Experiment& experiment);

/// The points. A function of the experiment alone; those of `sobol` with fewer points are the
/// first ones of more.
///
/// - grid: all combinations, the last input's values fastest.
/// - one_at_a_time: nothing varied; then each input at its lowest and its highest value, or at
///   each of those that are listed.
/// - latin_hypercube: of each input one point in each of n equal shares, shuffled.
/// - sobol: scrambled, a scramble for each input.
/// - morris: trajectories that begin at a random point of the lower half of a grid of `levels`,
///   and step each input in turn, in random order, by levels / (2 (levels - 1)), up or down.
/// - saltelli: for each row A, B, then for each input A with that of B; A and B are the first
/// and
///   second half of the columns of one scrambled Sobol' sequence.
Design make_design(const Experiment& experiment);

/// Elementary effects of an input: change of the output by change of the input, scaled.
/// \param outputs  By point of a morris design.
std::vector<double> elementary_effects(const Design& design, std::size_t input,
                                       const std::vector<double>& outputs);

/// The outputs of a saltelli design that belong together.
struct SaltelliOutputs {
    std::vector<double> a, b, ab;  ///< By row.
};
SaltelliOutputs saltelli_outputs(const Design& design, std::size_t input,
                                 const std::vector<double>& outputs);

}  // namespace chokepoint
