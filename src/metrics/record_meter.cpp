#include "chokepoint/metrics/record_meter.hpp"

#include "chokepoint/metrics/area.hpp"
#include "chokepoint/support/elementary.hpp"

#include <algorithm>
#include <utility>

namespace chokepoint {
namespace {

constexpr std::size_t figures_per_price = 2;

class RecordMeter final : public Meter {
public:
    RecordMeter(const Model& model, std::vector<Observation> observations)
        : model_(model),
          observations_(std::move(observations)),
          prices_(recorded_prices(observations_))
    {}

    std::vector<Column> columns() const override;
    void measure(const TrialRecord& record, std::span<double> row,
                 std::span<double> months) const override;

private:
    double quoted(const TrialRecord& record, CommodityId commodity,
                  const std::vector<RegionId>& regions, std::size_t month) const;
    double volume(const TrialRecord& record, const Observation& observation,
                  std::size_t month) const;
    double value(const TrialRecord& record, const Observation& observation) const;

    const Model& model_;
    std::vector<Observation> observations_;
    std::vector<RecordedPrice> prices_;
};

std::vector<Column> RecordMeter::columns() const
{
    std::vector<Column> columns;
    const auto add = [&](const char* metric, CommodityId commodity, const char* unit) {
        columns.push_back({metric, model_.commodities[commodity.index()].name, "", unit, ""});
    };
    for (const Observation& observation : observations_) {
        const bool is_price = observation.series == RecordSeries::price;
        add("observed", observation.commodities.front(), is_price ? "usd_per_kg" : "t");
    }
    for (const RecordedPrice& price : prices_) {
        add("recorded_peak", price.commodity, "usd_per_kg");
        add("recorded_peak_month", price.commodity, "month");
    }
    return columns;
}

/// Quoted price of an area in one month, USD/kg.
double RecordMeter::quoted(const TrialRecord& record, CommodityId commodity,
                           const std::vector<RegionId>& regions, std::size_t month) const
{
    constexpr double kg_per_tonne = 1000;
    double sum = 0;
    double weights = 0;
    for (const RegionId region : regions) {
        const std::size_t cell = model_.cell(commodity, region);
        const std::size_t at = month * model_.cells() + cell;
        if (model_.demand[cell] == zero_slot) {
            continue;
        }
        const double price = usd_per_tonne(model_, record.parameters->values, commodity, region)
                             / kg_per_tonne * portable_exp(record.disrupted->log_quoted[at]);
        const double weight = record.reference->consumption[at];
        sum += weight * price;
        weights += weight;
    }
    return weights > 0 ? sum / weights : 0;
}

double RecordMeter::volume(const TrialRecord& record, const Observation& observation,
                           std::size_t month) const
{
    const Path& path = *record.disrupted;
    double tonnes = 0;
    for (const Observation::Flow& flow : observation.flows) {
        tonnes += flow.weight * path.arc_flow[month * path.arcs + flow.arc];
    }
    for (std::size_t index = 0; observation.flows.empty() && index < observation.weights.size();
         ++index) {
        const CommodityId commodity = observation.commodities[index];
        const std::size_t layer = month * path.stages + model_.last_stage(commodity).index();
        for (const RegionId region : observation.regions) {
            const std::size_t cell = model_.cell(commodity, region);
            tonnes += observation.weights[index]
                      * (observation.series == RecordSeries::consumption
                             ? path.consumption[month * path.cells + cell]
                             : path.exports[layer * path.cells + cell]);
        }
    }
    return tonnes;
}

double RecordMeter::value(const TrialRecord& record, const Observation& observation) const
{
    double sum = 0;
    double peak = 0;
    for (std::size_t month = observation.first; month < observation.end; ++month) {
        const double now =
            observation.series == RecordSeries::price
                ? quoted(record, observation.commodities.front(), observation.regions, month)
                : volume(record, observation, month);
        sum += now;
        peak = std::max(peak, now);
    }
    switch (observation.kind) {
        case RecordKind::peak:
            return peak;
        case RecordKind::total:
            return sum;
        case RecordKind::mean:
        case RecordKind::spot:  // the day is not known
            break;
    }
    return sum / static_cast<double>(observation.end - observation.first);
}

void RecordMeter::measure(const TrialRecord& record, std::span<double> row,
                          std::span<double>) const
{
    for (std::size_t index = 0; index < observations_.size(); ++index) {
        row[index] = value(record, observations_[index]);
    }
    for (std::size_t index = 0; index < prices_.size(); ++index) {
        const std::span<double> figures =
            row.subspan(observations_.size() + index * figures_per_price, figures_per_price);
        figures[0] = 0;
        figures[1] = 0;
        for (std::size_t month = prices_[index].first; month < prices_[index].end; ++month) {
            const double now =
                quoted(record, prices_[index].commodity, prices_[index].regions, month);
            if (now > figures[0]) {
                figures[0] = now;
                figures[1] = static_cast<double>(month);
            }
        }
    }
}

}  // namespace

std::vector<RecordedPrice> recorded_prices(std::span<const Observation> observations)
{
    std::vector<RecordedPrice> prices;
    for (const Observation& observation : observations) {
        if (observation.series != RecordSeries::price) {
            continue;
        }
        const auto known = std::ranges::find_if(prices, [&](const RecordedPrice& price) {
            return price.commodity == observation.commodities.front()
                   && price.regions == observation.regions;
        });
        if (known == prices.end()) {
            prices.push_back({observation.commodities.front(), observation.regions,
                              observation.first, observation.end});
        } else {
            known->first = std::min(known->first, observation.first);
            known->end = std::max(known->end, observation.end);
        }
    }
    return prices;
}

std::unique_ptr<Meter> make_record_meter(const Model& model,
                                         std::vector<Observation> observations)
{
    return std::make_unique<RecordMeter>(model, std::move(observations));
}

}  // namespace chokepoint
