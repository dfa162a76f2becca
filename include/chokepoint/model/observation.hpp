#pragma once

#include "chokepoint/model/model.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace chokepoint {

/// A point of the record in the model's terms.
struct Observation {
    std::size_t point = 0;  ///< Position in scenario.observed->points.
    RecordSeries series = RecordSeries::price;
    RecordKind kind = RecordKind::mean;
    std::vector<CommodityId> commodities;
    std::vector<double> weights;  ///< By commodity: recorded tonnes per tonne.
    std::vector<RegionId> regions;
    struct Flow {
        std::size_t arc = 0;  ///< Position in model.cappable_arcs.
        double weight = 1;
    };
    std::vector<Flow> flows;         ///< Of trade with some regions only; empty: with all.
    std::size_t first = 0, end = 0;  ///< Months, from the start; `end` comes after the last.
};

/// What of a record a run can be held against.
struct Observations {
    std::vector<Observation> compared;
    struct LeftOut {
        std::size_t point = 0;
        std::string reason;
    };
    std::vector<LeftOut> left_out;  ///< E.g. points before the start.
};

/// The record of a scenario, which must have one.
///
/// Left out is what the run says nothing of: months outside the horizon, imports from all, and
/// trade between two regions where no measure of the model can cap it, since only the flows of
/// such arcs are kept.
Observations observations_of(const Scenario& scenario, const Model& model);

}  // namespace chokepoint
