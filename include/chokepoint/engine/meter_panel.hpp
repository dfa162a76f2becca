#pragma once

#include "chokepoint/metrics/meter.hpp"

#include <memory>
#include <span>
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

    /// \param row     Receives one value per column.
    /// \param months  Receives [series * model.months + month].
    void measure(const TrialRecord& record, std::span<double> row,
                 std::span<double> months) const;

private:
    struct Part {
        const Meter* meter;
        std::size_t first_column, columns, first_series, series;
    };

    std::size_t months_;
    std::vector<Part> parts_;
    std::vector<Column> columns_;
    std::vector<Series> series_;
};

}  // namespace chokepoint
