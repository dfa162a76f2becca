#pragma once

#include <span>
#include <vector>

namespace chokepoint {

/// Probability that a standard normal number is at least |z| from 0. NaN for NaN.
double two_sided_p_value(double z);

/// Which of many hypotheses to reject so that, on average, at most a share `rate` of the
/// rejected ones is true: those up to the largest k for which the k-th smallest p-value is at
/// most rate k / m. [benjamini1995] Where tests go together, as those of one run do, the
/// average keeps but single cases scatter more: false rejections come in flocks.
///
/// \param p_values  Each in [0, 1]; m of them.
/// \param rate      Between 0 and 1.
/// \returns for each p-value whether its hypothesis is rejected.
std::vector<bool> false_discovery_rejections(std::span<const double> p_values, double rate);

}  // namespace chokepoint
