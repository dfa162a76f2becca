#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// How much larger figures are in each month than in month 0.
struct GrowthTable {
    std::vector<double> factor;  ///< [month * width + position]; empty: nothing grows.
    std::size_t width = 0;

    double at(int month, std::size_t position) const
    {
        return factor.empty() ? 1 : factor[static_cast<std::size_t>(month) * width + position];
    }
};

struct Growth {
    GrowthTable demand;    ///< By cell.
    GrowthTable capacity;  ///< By facility, a project's too: it grows before it opens.
};

/// The factor of month t is the product over the months s before it of (1 + g)^{1/12}, g the
/// growth of the calendar year that s lies in; that of month 0 is exactly 1.
/// \param values  By slot.
/// \param growth  Overwritten; keeps its memory.
void compute_growth(const Model& model, std::span<const double> values, Growth& growth);

}  // namespace chokepoint
