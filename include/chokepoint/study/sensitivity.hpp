#pragma once

#include "chokepoint/scenario/experiment.hpp"
#include "chokepoint/statistics/interval.hpp"
#include "chokepoint/study/design.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace chokepoint {

/// How much one figure depends on one input.
struct Sensitivity {
    std::string input;
    std::size_t figure = 0;  ///< Its position among those that are kept.
    /// `first_order`, `total_order`, `mu_star`, `mu`, `sigma`, `rank_correlation`, or
    /// `change_at_<value>`: by how much the figure lies above that of the scenario as it is.
    std::string index;
    Estimate estimate;  ///< Without an interval of mu, sigma and changes.
};

/// What the design of an experiment tells of each input and figure: Sobol' indices, elementary
/// effects, rank correlations over the points, a tornado; nothing of a grid.
/// \param outputs  [figure][point]
std::vector<Sensitivity> sensitivities(const Experiment& experiment, const Design& design,
                                       const std::vector<std::vector<double>>& outputs);

}  // namespace chokepoint
