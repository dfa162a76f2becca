#include "chokepoint/metrics/stage_stock_meter.hpp"

#include "chokepoint/support/lanes.hpp"
#include "chokepoint/support/lane_rows.hpp"

namespace chokepoint {
namespace {

CHOKEPOINT_LANE_LOOPS
void divide_stock(std::size_t lanes, const double* __restrict stock,
                  const double* __restrict use, double* __restrict cover)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        cover[lane] = use[lane] > 0 ? stock[lane] / use[lane] : 0;
    }
}

class StageStockMeter final : public Meter {
public:
    explicit StageStockMeter(const Model& model) : model_(model) {}

    std::vector<Column> columns() const override { return {}; }
    std::vector<Series> series() const override;
    std::unique_ptr<Gauge> gauge() const override;

private:
    class StageStockGauge;

    const Model& model_;
};

std::vector<Series> StageStockMeter::series() const
{
    std::vector<Series> series;
    for (const StageStock& stock : model_.stage_stocks) {
        series.push_back({"stock_cover_" + model_.stages[stock.stage.index()],
                          model_.commodities[stock.commodity.index()].name,
                          model_.regions[stock.region.index()], "months",
                          "plants' stock in months of what they took in at month 0"});
    }
    return series;
}

class StageStockMeter::StageStockGauge final : public Gauge {
public:
    explicit StageStockGauge(const Model& model) : model_(model) {}

    void start(std::span<const LaneTrial> trials) override;
    void add(const LaneMonth& month, std::span<double> series) override;
    void finish(std::span<double>) override {}

private:
    const Model& model_;
    std::size_t lanes_ = 0;
    LaneRows use_;  ///< By entry of model.stage_stocks: t/month at month 0.
};

std::unique_ptr<Gauge> StageStockMeter::gauge() const
{
    return std::make_unique<StageStockGauge>(model_);
}

void StageStockMeter::StageStockGauge::start(std::span<const LaneTrial> trials)
{
    lanes_ = trials.size();
    use_.reset(model_.stage_stocks.size(), lanes_);
    for (std::size_t position = 0; position < model_.stage_stocks.size(); ++position) {
        const StageStock& stock = model_.stage_stocks[position];
        for (std::size_t lane = 0; lane < lanes_; ++lane) {
            use_[position][lane] = trials[lane].parameters->baseline.throughput(
                stock.stage, stock.commodity, stock.region);
        }
    }
}

void StageStockMeter::StageStockGauge::add(const LaneMonth& month, std::span<double> series)
{
    for (std::size_t position = 0; position < model_.stage_stocks.size(); ++position) {
        const std::size_t at = position * lanes_;
        divide_stock(lanes_, &month.disrupted.stage_stock[at], use_[position], &series[at]);
    }
}

}  // namespace

std::unique_ptr<Meter> make_stage_stock_meter(const Model& model)
{
    return std::make_unique<StageStockMeter>(model);
}

}  // namespace chokepoint
