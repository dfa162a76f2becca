#include "chokepoint/metrics/stage_stock_meter.hpp"

namespace chokepoint {
namespace {

class StageStockMeter final : public Meter {
public:
    explicit StageStockMeter(const Model& model) : model_(model) {}

    std::vector<Column> columns() const override { return {}; }
    std::vector<Series> series() const override;
    void measure(const TrialRecord& record, std::span<double> row,
                 std::span<double> months) const override;

private:
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

void StageStockMeter::measure(const TrialRecord& record, std::span<double> /*row*/,
                              std::span<double> months) const
{
    const std::size_t stocks = model_.stage_stocks.size();
    const std::size_t horizon = record.disrupted->months;
    for (std::size_t position = 0; position < stocks; ++position) {
        const StageStock& stock = model_.stage_stocks[position];
        const double use =
            record.parameters->baseline.throughput(stock.stage, stock.commodity, stock.region);
        for (std::size_t month = 0; month < horizon; ++month) {
            const double tonnes = record.disrupted->stage_stock[month * stocks + position];
            months[position * horizon + month] = use > 0 ? tonnes / use : 0;
        }
    }
}

}  // namespace

std::unique_ptr<Meter> make_stage_stock_meter(const Model& model)
{
    return std::make_unique<StageStockMeter>(model);
}

}  // namespace chokepoint
