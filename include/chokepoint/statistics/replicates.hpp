#pragma once

#include <limits>
#include <span>

#include "chokepoint/statistics/interval.hpp"

namespace chokepoint {

/// The mean of a statistic over independent replicates, with the error they show.
struct ReplicateMean {
    Estimate mean;
    double standard_error = std::numeric_limits<double>::quiet_NaN();
};

/// Mean of R independent replicates v_1..v_R of a statistic (such as one for each scramble of
/// quasi-random points), its standard error sd / sqrt(R), and the 95 % interval mean -+ t sd /
/// sqrt(R) with t from Student's law with R - 1 degrees of freedom. One replicate has a mean
/// without an error; none has nothing. Infinite or NaN values give no error.
ReplicateMean replicate_mean(std::span<const double> values);

}  // namespace chokepoint
