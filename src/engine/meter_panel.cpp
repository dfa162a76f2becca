#include "chokepoint/engine/meter_panel.hpp"

#include <iterator>

namespace chokepoint {

MeterPanel::MeterPanel(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters)
    : months_(static_cast<std::size_t>(model.months))
{
    for (const std::unique_ptr<Meter>& meter : meters) {
        std::vector<Column> columns = meter->columns();
        std::vector<Series> series = meter->series();
        parts_.push_back(
            {meter.get(), columns_.size(), columns.size(), series_.size(), series.size()});
        std::move(columns.begin(), columns.end(), std::back_inserter(columns_));
        std::move(series.begin(), series.end(), std::back_inserter(series_));
    }
}

void MeterPanel::measure(const TrialRecord& record, std::span<double> row,
                         std::span<double> months) const
{
    for (const Part& part : parts_) {
        part.meter->measure(record, row.subspan(part.first_column, part.columns),
                            months.subspan(part.first_series * months_, part.series * months_));
    }
}

}  // namespace chokepoint
