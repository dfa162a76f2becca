#pragma once

#include "chokepoint/metrics/meter.hpp"

#include <memory>
#include <vector>

namespace chokepoint {

/// The meters of a run side by side: one row of columns, one table of monthly series.
class MeterPanel {
public:
    /// \param model   Gives the number of months.
    /// \param meters  Must outlive the panel.
    MeterPanel(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters);

    const std::vector<Column>& columns() const { return columns_; }
    const std::vector<Series>& series() const { return series_; }
    /// Length of the table of monthly series.
    std::size_t month_values() const { return series_.size() * months_; }

    /// Gauges of all meters as one; the panel must outlive it.
    std::unique_ptr<Gauge> gauge() const;

private:
    struct Part {
        const Meter* meter;
        std::size_t first_column, columns, first_series, series;
    };
    class PanelGauge;

    std::size_t months_;
    std::vector<Part> parts_;
    std::vector<Column> columns_;
    std::vector<Series> series_;
};

}  // namespace chokepoint
