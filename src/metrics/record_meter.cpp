#include "chokepoint/metrics/record_meter.hpp"

#include "chokepoint/metrics/area.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lanes.hpp"
#include "chokepoint/support/lane_rows.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <utility>

namespace chokepoint {
namespace {

constexpr std::size_t figures_per_price = 2;

/// Adds a cell to the weighted sum of an area's quoted prices, USD/kg.
CHOKEPOINT_LANE_LOOPS
void add_quoted(std::size_t lanes, const double* __restrict log_quoted,
                const double* __restrict weight, const double* __restrict usd_per_kg,
                double* __restrict sum, double* __restrict weights)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double price = usd_per_kg[lane] * portable_exp(log_quoted[lane]);
        sum[lane] += weight[lane] * price;
        weights[lane] += weight[lane];
    }
}

/// The mean, or 0 where nothing weighs.
CHOKEPOINT_LANE_LOOPS
void divide(std::size_t lanes, const double* __restrict weights,
            double* __restrict sum_then_mean)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double mean = sum_then_mean[lane] / weights[lane];
        sum_then_mean[lane] = weights[lane] > 0 ? mean : 0;
    }
}

CHOKEPOINT_LANE_LOOPS
void add_volume(std::size_t lanes, double weight, const double* __restrict tonnes,
                double* __restrict sum)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sum[lane] += weight * tonnes[lane];
    }
}

/// Another month of a point of the record, or of a price.
CHOKEPOINT_LANE_LOOPS
void follow(std::size_t lanes, double month, const double* __restrict value,
            double* __restrict sum, double* __restrict peak, double* __restrict peak_month)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double now = value[lane];
        const bool is_highest = peak[lane] < now;
        sum[lane] += now;
        peak[lane] = is_highest ? now : peak[lane];
        peak_month[lane] = is_highest ? month : peak_month[lane];
    }
}

class RecordMeter final : public Meter {
public:
    RecordMeter(const Model& model, std::vector<Observation> observations)
        : model_(model),
          observations_(std::move(observations)),
          prices_(recorded_prices(observations_))
    {}

    std::vector<Column> columns() const override;
    std::unique_ptr<Gauge> gauge() const override;

private:
    class RecordGauge;

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

class RecordMeter::RecordGauge final : public Gauge {
public:
    explicit RecordGauge(const RecordMeter& meter)
        : meter_(meter), points_(meter.observations_.size() + meter.prices_.size())
    {}

    void start(std::span<const LaneTrial> trials) override;
    void add(const LaneMonth& month, std::span<double>) override;
    void finish(std::span<double> figures) override;

private:
    void quote(CommodityId commodity, const std::vector<RegionId>& regions,
               const LaneMonth& month);
    void add_volumes(const Observation& observation, const LaneMonth& month);
    void follow_point(std::size_t point, const LaneMonth& month);
    double value(std::size_t index, std::size_t lane) const;

    const RecordMeter& meter_;
    std::size_t points_;  ///< The observations, then the prices.
    std::size_t lanes_ = 0;
    LaneRows usd_per_kg_;               ///< By cell.
    LaneRows sum_, peak_, peak_month_;  ///< By point.
    LaneRows now_, weights_;            ///< One row: of the point at work.
};

std::unique_ptr<Gauge> RecordMeter::gauge() const
{
    return std::make_unique<RecordGauge>(*this);
}

void RecordMeter::RecordGauge::start(std::span<const LaneTrial> trials)
{
    const Model& model = meter_.model_;
    lanes_ = trials.size();
    for (LaneRows* by_point : {&sum_, &peak_, &peak_month_}) {
        by_point->reset(points_, lanes_);
    }
    now_.reset(1, lanes_);
    weights_.reset(1, lanes_);
    usd_per_kg_.reset(model.cells(), lanes_);
    for (std::size_t cell = 0; cell < model.cells(); ++cell) {
        const CommodityId commodity(cell / model.regions.size());
        const RegionId region(cell % model.regions.size());
        for (std::size_t lane = 0; lane < lanes_; ++lane) {
            usd_per_kg_[cell][lane] =
                usd_per_tonne(model, trials[lane].parameters->values, commodity, region)
                / kg_per_tonne;
        }
    }
}

/// Quoted price of an area, USD/kg.
void RecordMeter::RecordGauge::quote(CommodityId commodity,
                                     const std::vector<RegionId>& regions,
                                     const LaneMonth& month)
{
    std::fill_n(now_[0], lanes_, 0.0);
    std::fill_n(weights_[0], lanes_, 0.0);
    for (const RegionId region : regions) {
        const std::size_t cell = meter_.model_.cell(commodity, region);
        if (meter_.model_.demand[cell] != zero_slot) {
            add_quoted(lanes_, &month.disrupted.log_quoted[cell * lanes_],
                       &month.reference.consumption[cell * lanes_], usd_per_kg_[cell], now_[0],
                       weights_[0]);
        }
    }
    divide(lanes_, weights_[0], now_[0]);
}

void RecordMeter::RecordGauge::add_volumes(const Observation& observation,
                                           const LaneMonth& month)
{
    const Model& model = meter_.model_;
    const RunMonth& run = month.disrupted;
    std::fill_n(now_[0], lanes_, 0.0);
    for (const Observation::Flow& flow : observation.flows) {
        add_volume(lanes_, flow.weight, &run.arc_flow[flow.arc * lanes_], now_[0]);
    }
    for (std::size_t index = 0; observation.flows.empty() && index < observation.weights.size();
         ++index) {
        const CommodityId commodity = observation.commodities[index];
        const std::size_t layer = model.last_stage(commodity).index() * model.cells();
        for (const RegionId region : observation.regions) {
            const std::size_t cell = model.cell(commodity, region);
            add_volume(lanes_, observation.weights[index],
                       observation.series == RecordSeries::consumption
                           ? &run.consumption[cell * lanes_]
                           : &run.exports[(layer + cell) * lanes_],
                       now_[0]);
        }
    }
}

void RecordMeter::RecordGauge::follow_point(std::size_t point, const LaneMonth& month)
{
    follow(lanes_, static_cast<double>(month.month), now_[0], sum_[point], peak_[point],
           peak_month_[point]);
}

void RecordMeter::RecordGauge::add(const LaneMonth& month, std::span<double>)
{
    const auto is_within = [&](const auto& of) {
        return of.first <= month.month && month.month < of.end;
    };
    std::size_t point = 0;
    for (const Observation& observation : meter_.observations_) {
        if (is_within(observation)) {
            if (observation.series == RecordSeries::price) {
                quote(observation.commodities.front(), observation.regions, month);
            } else {
                add_volumes(observation, month);
            }
            follow_point(point, month);
        }
        ++point;
    }
    for (const RecordedPrice& price : meter_.prices_) {
        if (is_within(price)) {
            quote(price.commodity, price.regions, month);
            follow_point(point, month);
        }
        ++point;
    }
}

double RecordMeter::RecordGauge::value(std::size_t index, std::size_t lane) const
{
    const Observation& observation = meter_.observations_[index];
    switch (observation.kind) {
        case RecordKind::peak:
            return peak_[index][lane];
        case RecordKind::total:
            return sum_[index][lane];
        case RecordKind::mean:
        case RecordKind::spot:  // the day is not known
            break;
    }
    return sum_[index][lane] / static_cast<double>(observation.end - observation.first);
}

void RecordMeter::RecordGauge::finish(std::span<double> figures)
{
    const std::size_t observations = meter_.observations_.size();
    for (std::size_t index = 0; index < observations; ++index) {
        for (std::size_t lane = 0; lane < lanes_; ++lane) {
            figures[index * lanes_ + lane] = value(index, lane);
        }
    }
    for (std::size_t point = observations; point < points_; ++point) {
        const std::size_t column = observations + (point - observations) * figures_per_price;
        std::copy_n(peak_[point], lanes_, &figures[column * lanes_]);
        std::copy_n(peak_month_[point], lanes_, &figures[(column + 1) * lanes_]);
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
