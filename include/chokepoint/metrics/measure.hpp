#pragma once

#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/trial/trial.hpp"

#include <span>

namespace chokepoint {

/// Measures a trial whose months are all there, as the only one.
///
/// \param gauge   Begins anew.
/// \param row     Receives one value per column.
/// \param months  Receives [series * model.months + month].
void measure(Gauge& gauge, const TrialRecord& record, std::span<double> row,
             std::span<double> months);

}  // namespace chokepoint
