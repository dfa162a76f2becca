#pragma once

#include <cstddef>

#include "chokepoint/statistics/interval.hpp"

namespace chokepoint {

/// The share count / n of independent trials with its 95 % Wilson interval, which also says
/// something where nothing or everything was counted. All NaN for n = 0. [wilson1927]
///
/// \throws std::invalid_argument if count > n.
Estimate proportion(std::size_t count, std::size_t n);

/// The 95 % Wilson interval of a share that is known as well as from n > 0 independent trials,
/// 0 <= share <= 1; n need not be whole.
Estimate wilson_interval(double share, double n);

}  // namespace chokepoint
