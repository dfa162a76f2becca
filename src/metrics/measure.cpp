#include "chokepoint/metrics/measure.hpp"

#include <array>

namespace chokepoint {

void measure(Gauge& gauge, const TrialRecord& record, std::span<double> row,
             std::span<double> months)
{
    const std::size_t horizon = record.disrupted->months;
    std::vector<double> series(months.size() / horizon);
    const std::array<LaneTrial, 1> lanes{
        {{record.trial, record.parameters, record.calm}}};
    gauge.start(lanes);
    for (std::size_t month = 0; month < horizon; ++month) {
        gauge.add({.month = month,
                   .lanes = lanes.size(),
                   .reference = run_month(*record.reference, month),
                   .disrupted = run_month(*record.disrupted, month)},
                  series);
        for (std::size_t position = 0; position < series.size(); ++position) {
            months[position * horizon + month] = series[position];
        }
    }
    gauge.finish(row);
}

}  // namespace chokepoint
