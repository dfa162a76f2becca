#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

/// Checks that what carries over from month to month dies out (docs/model.md section 3,
/// "Stability").
///
/// With E = eps_short + m psi / tau, for every commodity and every stock policy that its users
/// follow (m = 0 where they keep none), at all corners of the 0.1 % and 99.9 % quantiles of the
/// parameters concerned: an error unless tau >= 1, eps_short <= eps_long and kappa_down <=
/// kappa_up; for kappa (1 + (eps_long - eps_short) / E) and, for by-products, kappa_u (1 +
/// eta_u / E) an error from 2 and a warning over 1, where prices zig-zag; for (m gamma / tau) /
/// E an error from 0.6. A key is named once, with the worst of its cases.
void check_stability(const Model& model, Diagnostics& diagnostics);

}  // namespace chokepoint
