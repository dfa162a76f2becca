#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/support/lane_array.hpp"

namespace chokepoint {

/// The parameters of trials side by side. Arrays are [entity * lanes + lane].
struct LaneParameters {
    std::vector<const Parameters*> of;  ///< By lane.
    LaneArray<double> values;           ///< By slot.
    LaneArray<double> use;              ///< By stock holder: `reference_use`, t a month.
    LaneArray<double> share;            ///< By facility and output: `Baseline::share`.
    /// By facility, and one more for the end: its first output in `share`.
    std::vector<std::size_t> first_share;
    /// By facility and output, of those whose prices count: the part of the facility's revenue
    /// at month 0; 0 for all where it has none.
    LaneArray<double> revenue;
    /// [(year * positions + position) * lanes + lane]: GrowthTable::monthly.
    LaneArray<double> demand_growth, capacity_growth;

    LaneArray<double> panic_fading;  ///< By stock policy: what a month leaves of panic.

    std::size_t outputs_of(std::size_t facility) const
    {
        return first_share[facility + 1] - first_share[facility];
    }
    std::size_t lanes() const { return of.size(); }
    const double* row(Slot slot) const { return values.data() + slot.index() * lanes(); }
    const double* share_of(std::size_t facility, std::size_t output) const
    {
        return share.data() + (first_share[facility] + output) * lanes();
    }
    const double* revenue_of(std::size_t facility, std::size_t output) const
    {
        return revenue.data() + (first_share[facility] + output) * lanes();
    }

    /// Lays these trials side by side; keeps memory.
    /// \param parameters  Must outlive the use of `of`.
    void set(const Model& model, std::span<const Parameters* const> parameters);
};

/// What a stock holder uses at month 0, t a month: users' consumption, or what its plants take
/// in.
double reference_use(const Model& model, const Parameters& parameters, std::size_t holder);

/// The commodity of a facility's output (a plant without outputs has one for each commodity).
inline CommodityId commodity_of(const Facility& facility, std::size_t output)
{
    return facility.outputs.empty() ? CommodityId(output) : facility.outputs[output].commodity;
}

}  // namespace chokepoint
