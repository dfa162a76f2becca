#include "chokepoint/metrics/measure.hpp"

#include <array>

namespace chokepoint {

RunMonth run_month(const Path& path, std::size_t month)
{
    const auto at = [&](const std::vector<double>& values) {
        const std::size_t width = values.size() / path.months;
        return std::span(values).subspan(month * width, width);
    };
    return {.log_price = at(path.log_price),
            .log_quoted = at(path.log_quoted),
            .consumption = at(path.consumption),
            .need_factor = at(path.need_factor),
            .substituted = at(path.substituted),
            .rationed = at(path.rationed),
            .stock = at(path.stock),
            .stage_stock = at(path.stage_stock),
            .reserve_release = at(path.reserve_release),
            .output = at(path.output),
            .exports = at(path.exports),
            .arc_gap = at(path.arc_gap),
            .arc_flow = at(path.arc_flow),
            .arc_tax = at(path.arc_tax)};
}

void measure(Gauge& gauge, const TrialRecord& record, std::span<double> row,
             std::span<double> months)
{
    const std::size_t horizon = record.disrupted->months;
    std::vector<double> series(months.size() / horizon);
    const std::array<LaneTrial, 1> lanes{{{record.trial, record.parameters}}};
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
