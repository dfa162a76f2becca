#pragma once

#include "chokepoint/engine/column_summary.hpp"

#include <vector>

namespace chokepoint {

/// How the trials of one column are spread.
struct Histogram {
    struct Bin {
        double from = 0, to = 0;  ///< Values in [from, to); 0 is the lower end of some bin.
        Estimate share;           ///< Of trials, with its 95 % Wilson interval.
    };

    Column column;
    std::vector<Bin> bins;  ///< Upwards, from the smallest value to the largest; touching.
    double n = 0;           ///< Trials, effective ones if they are weighted.
};

/// Bins are the same for all runs of one range of values, so that runs can be laid over one
/// another: of ratios eight to an octave, 2^(k/8); else of 1, 2 or 5 times a power of ten, so
/// that some 20 to 50 of them hold all values. Infinite values are in none, so that shares need
/// not add up to 1.
Histogram histogram_of(const ColumnTrials& trials);

}  // namespace chokepoint
