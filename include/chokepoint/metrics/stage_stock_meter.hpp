#pragma once

#include "chokepoint/metrics/meter.hpp"

#include <memory>

namespace chokepoint {

/// How long the stocks would last that plants keep of what they take in.
///
/// No columns. Series, one for each of model.stage_stocks: stock_cover_STAGE, the stock in
/// months of what the region's plants took in at month 0; 0 where they took in nothing.
///
/// \param model  Must outlive the meter.
std::unique_ptr<Meter> make_stage_stock_meter(const Model& model);

}  // namespace chokepoint
