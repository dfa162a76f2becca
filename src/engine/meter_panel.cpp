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

/// One gauge for each part; each writes straight into its share of what is asked for.
class MeterPanel::PanelGauge final : public Gauge {
public:
    explicit PanelGauge(const MeterPanel& panel) : panel_(panel)
    {
        for (const Part& part : panel.parts_) {
            gauges_.push_back(part.meter->gauge());
        }
    }

    void start(std::span<const LaneTrial> trials) override
    {
        lanes_ = trials.size();
        for (const std::unique_ptr<Gauge>& gauge : gauges_) {
            gauge->start(trials);
        }
    }

    void add(const LaneMonth& month, std::span<double> series) override
    {
        for (std::size_t index = 0; index < gauges_.size(); ++index) {
            const Part& part = panel_.parts_[index];
            gauges_[index]->add(
                month, series.subspan(part.first_series * lanes_, part.series * lanes_));
        }
    }

    void finish(std::span<double> figures) override
    {
        for (std::size_t index = 0; index < gauges_.size(); ++index) {
            const Part& part = panel_.parts_[index];
            gauges_[index]->finish(
                figures.subspan(part.first_column * lanes_, part.columns * lanes_));
        }
    }

private:
    const MeterPanel& panel_;
    std::vector<std::unique_ptr<Gauge>> gauges_;
    std::size_t lanes_ = 0;
};

std::unique_ptr<Gauge> MeterPanel::gauge() const
{
    return std::make_unique<PanelGauge>(*this);
}

}  // namespace chokepoint
