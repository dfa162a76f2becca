#pragma once

#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/observation.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chokepoint {

/// A price of the record that has a peak: of one commodity in one area.
struct RecordedPrice {
    CommodityId commodity;
    std::vector<RegionId> regions;
    std::size_t first = 0, end = 0;  ///< The months that the record covers.
};

/// The prices that the observations tell of, each once, in their order.
std::vector<RecordedPrice> recorded_prices(std::span<const Observation> observations);

/// What a trial says of the points of a record, as seen in the disrupted run. Columns: one for
/// each observation, in order; then for each of `recorded_prices` its highest quoted price
/// (USD/kg) within the months that the record covers, and the month of it, counted from 0.
///
/// Prices are quoted ones, of areas the mean weighted by the consumption of the reference run.
/// Volumes are tonnes of the last stage times the weights of the observation; exports are net.
///
/// \param model         Must outlive the meter.
/// \param observations  Copied.
std::unique_ptr<Meter> make_record_meter(const Model& model,
                                         std::vector<Observation> observations);

}  // namespace chokepoint
