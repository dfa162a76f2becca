#pragma once

#include "chokepoint/model/describe.hpp"

#include <string>
#include <vector>

namespace chokepoint {

/// A chokepoint as drawings show it.
struct DrawnChokepoint {
    std::string layer, kind, from, to;  ///< As in chokepoints.csv.
    double binds = 0;                   ///< Share of months.
    double usd_per_t = 0;               ///< What one more tonne of room is worth.
    int number = 0;                     ///< In the table beside the drawing; 0 if not there.
};

/// A commodity's chain at month 0 as an SVG picture that needs no script: a column for each
/// stage and one for use, a row for each region; circles by what a region makes or uses, lines
/// by what flows, both coloured where they bind.
std::string network_drawing(const CommodityDescription& commodity,
                            const std::vector<DrawnChokepoint>& chokepoints);

}  // namespace chokepoint
