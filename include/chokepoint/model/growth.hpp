#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "chokepoint/model/model.hpp"
#include "chokepoint/support/calendar.hpp"

namespace chokepoint {

/// How fast figures grow, by calendar year counted from that of the scenario's start.
struct GrowthTable {
    std::vector<double> monthly;  ///< [year * width + position]; empty: nothing grows.
    std::size_t width = 0;
    int start_month = 1;  ///< Of the calendar year: that of month 0.

    bool grows() const { return !monthly.empty(); }
    /// By what a figure is larger at the end of a month than at its beginning.
    double in_month(int month, std::size_t position) const
    {
        return monthly[year_of(month) * width + position];
    }
    /// How much larger it is in a month than in month 0.
    double at(int month, std::size_t position) const;
    std::size_t year_of(int month) const
    {
        return static_cast<std::size_t>((start_month - 1 + month) / months_per_year);
    }
};

struct Growth {
    GrowthTable demand;    ///< By cell.
    GrowthTable capacity;  ///< By facility, a project's too: it grows before it opens.
};

/// The factor of month t is the product over the months s before it of (1 + g)^{1/12}, g the
/// growth of the calendar year that s lies in; that of month 0 is exactly 1.
///
/// \param values  By slot.
/// \param growth  Overwritten; keeps its memory.
void compute_growth(const Model& model, std::span<const double> values, Growth& growth);

}  // namespace chokepoint
