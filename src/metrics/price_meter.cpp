#include "chokepoint/metrics/price_meter.hpp"

#include "chokepoint/metrics/area.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lanes.hpp"
#include "chokepoint/market/rows.hpp"
#include "chokepoint/support/lane_rows.hpp"
#include "chokepoint/support/units.hpp"
#include "year_columns.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace chokepoint {
namespace {

constexpr std::size_t figures_per_area = 7;

/// Of one cell: equation (26), p, and another month of (27).
CHOKEPOINT_LANE_LOOPS
void price_cell(std::size_t lanes, const double* __restrict log_price,
                const double* __restrict reference_log_price,
                const double* __restrict consumption, const double* __restrict usd_per_t,
                double* __restrict impact, double* __restrict price, double* __restrict bill)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double ratio = bounded_exp(log_price[lane] - reference_log_price[lane]);
        const double p = bounded_exp(log_price[lane]);
        impact[lane] = ratio;
        price[lane] = p;
        bill[lane] += consumption[lane] * usd_per_t[lane] * (p / ratio) * (ratio - 1);
    }
}

/// Of one cell: impact on the quoted price, the quoted price itself, and what the reference run
/// spends at P_ref.
CHOKEPOINT_LANE_LOOPS
void quote_cell(std::size_t lanes, const double* __restrict log_quoted,
                const double* __restrict reference_log_quoted,
                const double* __restrict reference_consumption,
                const double* __restrict usd_per_t, const double* __restrict usd_per_kg,
                double* __restrict impact, double* __restrict quoted,
                double* __restrict spending)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        impact[lane] = bounded_exp(log_quoted[lane] - reference_log_quoted[lane]);
        quoted[lane] = usd_per_kg[lane] * bounded_exp(log_quoted[lane]);
        spending[lane] = usd_per_t[lane] * reference_consumption[lane];
    }
}

/// Some cells of a group: what weighs each, and its row of either of two values.
struct WeightedCells {
    static constexpr std::size_t at_once = 4;
    std::size_t count;  ///< `at_once` or 1
    const double* weight[at_once];
    const double* one[at_once];
    const double* other[at_once];
};

/// Adds to the weights of a group, and to its weighted sums of what two values have over their
/// anchors. Several cells at once, since fetching a sum takes longer than adding to it.
template <std::size_t cells>
[[gnu::always_inline]] inline void add_cells(std::size_t lanes, const WeightedCells& of,
                                             double one_anchor, double other_anchor,
                                             double* __restrict weights,
                                             double* __restrict one_sum,
                                             double* __restrict other_sum)
{
    const WeightedCells rows = of;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        double weight = weights[lane];
        double one = one_sum[lane];
        double other = other_sum[lane];
        for (std::size_t cell = 0; cell < cells; ++cell) {
            const double by = rows.weight[cell][lane];
            weight += by;
            one += by * (rows.one[cell][lane] - one_anchor);
            other += by * (rows.other[cell][lane] - other_anchor);
        }
        weights[lane] = weight;
        one_sum[lane] = one;
        other_sum[lane] = other;
    }
}

CHOKEPOINT_LANE_LOOPS
void add_weighted(std::size_t lanes, const WeightedCells& of, double one_anchor,
                  double other_anchor, double* __restrict weights, double* __restrict one_sum,
                  double* __restrict other_sum)
{
    if (of.count == WeightedCells::at_once) {
        add_cells<WeightedCells::at_once>(lanes, of, one_anchor, other_anchor, weights, one_sum,
                                          other_sum);
    } else {
        add_cells<1>(lanes, of, one_anchor, other_anchor, weights, one_sum, other_sum);
    }
}

/// Turns the sums into means, and counts the lanes where nothing weighs, whose means mean
/// nothing.
CHOKEPOINT_LANE_LOOPS
std::uint64_t divide(std::size_t lanes, const double* __restrict weights, double one_anchor,
                     double* __restrict one, double other_anchor, double* __restrict other)
{
    std::uint64_t weightless = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double share = 1 / weights[lane];
        weightless += weights[lane] > 0 ? std::uint64_t{0} : std::uint64_t{1};
        one[lane] = one_anchor + one[lane] * share;
        other[lane] = other_anchor + other[lane] * share;
    }
    return weightless;
}

/// Another month of an area.
CHOKEPOINT_LANE_LOOPS
void follow_impact(std::size_t lanes, double month, double threshold,
                   const double* __restrict impact, const double* __restrict quoted_impact,
                   double* __restrict peak, double* __restrict peak_month,
                   double* __restrict excess, double* __restrict months_above,
                   double* __restrict quoted_peak)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double now = impact[lane];
        const double quoted = quoted_impact[lane];
        const bool is_highest = peak[lane] < now;
        peak[lane] = is_highest ? now : peak[lane];
        peak_month[lane] = is_highest ? month : peak_month[lane];
        excess[lane] += now - 1;
        months_above[lane] += now > threshold ? 1.0 : 0.0;
        quoted_peak[lane] = quoted_peak[lane] < quoted ? quoted : quoted_peak[lane];
    }
}

/// Another month of an area's year. \param bill, bill_before  Over the horizon, with and
/// without this month.
CHOKEPOINT_LANE_LOOPS
void follow_year(std::size_t lanes, const double* __restrict impact,
                 const double* __restrict bill, double* __restrict bill_before,
                 double* __restrict worst_impact, double* __restrict year_bill,
                 double* __restrict worst_bill)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double month_bill = bill[lane] - bill_before[lane];
        bill_before[lane] = bill[lane];
        year_bill[lane] += month_bill;
        worst_bill[lane] = worst_bill[lane] < month_bill ? month_bill : worst_bill[lane];
        worst_impact[lane] =
            worst_impact[lane] < impact[lane] ? impact[lane] : worst_impact[lane];
    }
}

class PriceMeter final : public Meter {
public:
    explicit PriceMeter(const Model& model);

    std::vector<Column> columns() const override;
    std::vector<Series> series() const override;
    std::unique_ptr<Gauge> gauge() const override;

private:
    class PriceGauge;

    /// A cell with users is an area of its own, the first that holds it.
    struct Cell {
        std::size_t cell, area;
    };

    const Model& model_;
    std::vector<Users> users_;  ///< By area.
    /// By area: the place of its price among the series, before its quoted price; means nothing
    /// of all commodities.
    std::vector<std::size_t> price_series_;
    std::vector<Cell> cells_;
    std::vector<std::size_t> area_of_;  ///< By cell; of cells with users.
    std::vector<std::size_t> groups_;   ///< The areas that are not just a cell.
    std::size_t years_;
};

PriceMeter::PriceMeter(const Model& model)
    : model_(model),
      users_(users_of(model)),
      area_of_(model.cells(), users_.size()),
      years_(years_of(model))
{
    std::size_t next_series = users_.size();
    for (std::size_t area = 0; area < users_.size(); ++area) {
        const Users& users = users_[area];
        price_series_.push_back(next_series);
        next_series += users.use_all ? 0 : 2;
        const std::size_t cell = users.cells.front();
        if (users.cells.size() == 1 && area_of_[cell] == users_.size()) {
            area_of_[cell] = area;
            cells_.push_back({cell, area});
        } else {
            groups_.push_back(area);
        }
    }
}

std::vector<Column> PriceMeter::columns() const
{
    std::vector<Column> columns;
    for (const Users& users : users_) {
        columns.push_back({.metric = "price_peak",
                           .commodity = users.commodity,
                           .region = users.area,
                           .unit = "ratio",
                           .sentence = "largest price impact of a month: price over that of "
                                       "the reference run",
                           .thresholds = {1.5, 2, 3, 5, 10}});
        columns.push_back({"price_peak_month", users.commodity, users.area, "month",
                           "first month of the largest price impact, counted from 0"});
        columns.push_back({"price_mean", users.commodity, users.area, "ratio",
                           "mean price impact over the months"});
        columns.push_back({"price_months_above", users.commodity, users.area, "months",
                           "months whose price impact passes thresholds.price_ratio"});
        columns.push_back({"price_end", users.commodity, users.area, "ratio",
                           "price impact in the last month"});
        columns.push_back({"quoted_peak", users.commodity, users.area, "ratio",
                           "largest impact on the assessed and contract price"});
        columns.push_back({"extra_bill", users.commodity, users.area, "usd",
                           "what users pay more for what they get, at reference prices"});
    }
    for (const Users& users : users_) {
        append_years({.metric = "price_impact",
                      .commodity = users.commodity,
                      .region = users.area,
                      .unit = "ratio",
                      .sentence = "largest price impact of a month of a year"},
                     {Basis::occurrence}, years_, columns);
        append_years({.metric = "extra_bill",
                      .commodity = users.commodity,
                      .region = users.area,
                      .unit = "usd",
                      .sentence = "what users pay more in a year, or in its worst month"},
                     {Basis::occurrence, Basis::aggregate}, years_, columns);
    }
    return columns;
}

std::vector<Series> PriceMeter::series() const
{
    std::vector<Series> series;
    for (const Users& users : users_) {
        series.push_back({"price_impact", users.commodity, users.area, "ratio",
                          "price over that of the reference run"});
    }
    for (const Users& users : users_) {
        if (!users.use_all) {
            series.push_back(
                {"price", users.commodity, users.area, "ratio", "price over that of month 0"});
            series.push_back({"quoted_price", users.commodity, users.area, "usd_per_kg",
                              "assessed and contract price"});
        }
    }
    return series;
}

class PriceMeter::PriceGauge final : public Gauge {
public:
    explicit PriceGauge(const PriceMeter& meter) : meter_(meter) {}

    void start(std::span<const LaneTrial> trials) override;
    void add(const LaneMonth& month, std::span<double> series) override;
    void finish(std::span<double> figures) override;

private:
    /// A value of cells, and where its mean over a group goes.
    template <class RowOf>
    struct Averaged {
        Averaged(RowOf by_cell, double over, double* to)
            : row_of(by_cell), anchor(over), mean(to)
        {}

        RowOf row_of;   ///< by cell
        double anchor;  ///< The mean is built up from excesses over it, so as to be exactly it
                        ///< if all values are.
        double* mean;
    };

    void add_cell(const Cell& place, const LaneMonth& month, std::span<double> series);
    void add_group(std::size_t area, const LaneMonth& month, std::span<double> series);
    template <class RowOf, class One, class Other>
    void average(const Users& users, RowOf weight_of, Averaged<One> one, Averaged<Other> other);
    template <class RowOf>
    void average_plainly(const Users& users, const Averaged<RowOf>& value) const;
    void follow(std::size_t area, const double* quoted_impact, const LaneMonth& month,
                std::span<const double> series);
    void follow_years(std::size_t year, std::span<const double> series);
    void write_figures(std::size_t area, double* figures) const;

    const PriceMeter& meter_;
    std::size_t lanes_ = 0;
    std::size_t months_ = 0;                  ///< So far.
    LaneRows usd_per_t_, usd_per_kg_, bill_;  ///< By cell.
    LaneRows quoted_impact_, spending_;       ///< By cell, of the month.
    LaneRows peak_, peak_month_, excess_, months_above_, end_, quoted_peak_;  ///< By area.
    LaneRows bill_before_;                                ///< By area, of the months before.
    LaneRows year_impact_, year_bill_, year_worst_bill_;  ///< By area and year.
    LaneRows weights_, quoted_mean_, bill_sum_;           ///< One row: of the group at work.
};

std::unique_ptr<Gauge> PriceMeter::gauge() const
{
    return std::make_unique<PriceGauge>(*this);
}

void PriceMeter::PriceGauge::start(std::span<const LaneTrial> trials)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const Model& model = meter_.model_;
    lanes_ = trials.size();
    months_ = 0;
    for (LaneRows* by_cell : {&usd_per_t_, &usd_per_kg_, &bill_, &quoted_impact_, &spending_}) {
        by_cell->reset(model.cells(), lanes_);
    }
    for (LaneRows* by_area : {&peak_month_, &excess_, &months_above_, &end_, &quoted_peak_}) {
        by_area->reset(meter_.users_.size(), lanes_);
    }
    peak_.reset(meter_.users_.size(), lanes_, -infinity);
    bill_before_.reset(meter_.users_.size(), lanes_);
    year_bill_.reset(meter_.users_.size() * meter_.years_, lanes_);
    for (LaneRows* worst : {&year_impact_, &year_worst_bill_}) {
        worst->reset(meter_.users_.size() * meter_.years_, lanes_, -infinity);
    }
    bill_sum_.reset(1, lanes_);
    weights_.reset(1, lanes_);
    quoted_mean_.reset(1, lanes_);
    for (const Cell& place : meter_.cells_) {
        const CommodityId commodity(place.cell / model.regions.size());
        const RegionId region(place.cell % model.regions.size());
        for (std::size_t lane = 0; lane < lanes_; ++lane) {
            const double usd_per_t =
                usd_per_tonne(model, trials[lane].parameters->values, commodity, region);
            usd_per_t_[place.cell][lane] = usd_per_t;
            usd_per_kg_[place.cell][lane] = usd_per_t / kg_per_tonne;
        }
    }
}

/// Impact and prices go straight into the series, where groups find them.
void PriceMeter::PriceGauge::add_cell(const Cell& place, const LaneMonth& month,
                                      std::span<double> series)
{
    const std::size_t at = place.cell * lanes_;
    const std::size_t price_series = meter_.price_series_[place.area];
    price_cell(lanes_, &month.disrupted.log_price[at], &month.reference.log_price[at],
               &month.disrupted.consumption[at], usd_per_t_[place.cell],
               &series[place.area * lanes_], &series[price_series * lanes_], bill_[place.cell]);
    quote_cell(lanes_, &month.disrupted.log_quoted[at], &month.reference.log_quoted[at],
               &month.reference.consumption[at], usd_per_t_[place.cell],
               usd_per_kg_[place.cell], quoted_impact_[place.cell],
               &series[(price_series + 1) * lanes_], spending_[place.cell]);
    follow(place.area, quoted_impact_[place.cell], month, series);
}

/// Means weighted by consumption of the reference run, of all commodities by spending.
void PriceMeter::PriceGauge::add_group(std::size_t area, const LaneMonth& month,
                                       std::span<double> series)
{
    const Users& users = meter_.users_[area];
    const auto weight_of = [&](std::size_t cell) -> const double* {
        return users.use_all ? spending_[cell] : &month.reference.consumption[cell * lanes_];
    };
    const auto impact_of = [&](std::size_t cell) {
        return &series[meter_.area_of_[cell] * lanes_];
    };
    const auto quoted_impact_of = [&](std::size_t cell) { return quoted_impact_[cell]; };
    average(users, weight_of, Averaged{impact_of, 1, &series[area * lanes_]},
            Averaged{quoted_impact_of, 1, quoted_mean_[0]});
    follow(area, quoted_mean_[0], month, series);
    if (!users.use_all) {
        const auto price_of = [&](std::size_t cell) {
            return &series[meter_.price_series_[meter_.area_of_[cell]] * lanes_];
        };
        const auto quoted_of = [&](std::size_t cell) { return price_of(cell) + lanes_; };
        double* const price = &series[meter_.price_series_[area] * lanes_];
        average(users, weight_of, Averaged{price_of, 1, price},
                Averaged{quoted_of, 0, price + lanes_});
    }
}

template <class RowOf, class One, class Other>
void PriceMeter::PriceGauge::average(const Users& users, RowOf weight_of, Averaged<One> one,
                                     Averaged<Other> other)
{
    double* const weights = weights_[0];
    for (double* sum : {weights, one.mean, other.mean}) {
        std::fill_n(sum, lanes_, 0.0);
    }
    const std::size_t count = users.cells.size();
    for (std::size_t index = 0; index < count;) {
        WeightedCells some{};
        some.count = count - index < WeightedCells::at_once ? 1 : WeightedCells::at_once;
        for (std::size_t place = 0; place < some.count; ++place) {
            const std::size_t cell = users.cells[index++];
            some.weight[place] = weight_of(cell);
            some.one[place] = one.row_of(cell);
            some.other[place] = other.row_of(cell);
        }
        add_weighted(lanes_, some, one.anchor, other.anchor, weights, one.mean, other.mean);
    }
    if (divide(lanes_, weights, one.anchor, one.mean, other.anchor, other.mean) > 0) {
        average_plainly(users, one);
        average_plainly(users, other);
    }
}

/// Where users consume nothing.
template <class RowOf>
void PriceMeter::PriceGauge::average_plainly(const Users& users,
                                             const Averaged<RowOf>& value) const
{
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
        if (weights_[0][lane] > 0) {
            continue;
        }
        double excess = 0;
        for (const std::size_t cell : users.cells) {
            excess += value.row_of(cell)[lane] - value.anchor;
        }
        value.mean[lane] = value.anchor + excess / static_cast<double>(users.cells.size());
    }
}

void PriceMeter::PriceGauge::follow(std::size_t area, const double* quoted_impact,
                                    const LaneMonth& month, std::span<const double> series)
{
    const double* const impact = &series[area * lanes_];
    follow_impact(lanes_, static_cast<double>(month.month), meter_.model_.price_threshold_ratio,
                  impact, quoted_impact, peak_[area], peak_month_[area], excess_[area],
                  months_above_[area], quoted_peak_[area]);
    if (month.month + 1 == static_cast<std::size_t>(meter_.model_.months)) {
        std::copy_n(impact, lanes_, end_[area]);
    }
}

void PriceMeter::PriceGauge::add(const LaneMonth& month, std::span<double> series)
{
    for (const Cell& place : meter_.cells_) {
        add_cell(place, month, series);
    }
    for (const std::size_t area : meter_.groups_) {
        add_group(area, month, series);
    }
    if (const std::size_t year = year_of(month.month); year < meter_.years_) {
        follow_years(year, series);
    }
    ++months_;
}

void PriceMeter::PriceGauge::follow_years(std::size_t year, std::span<const double> series)
{
    for (std::size_t area = 0; area < meter_.users_.size(); ++area) {
        std::fill_n(bill_sum_[0], lanes_, 0.0);
        for (const std::size_t cell : meter_.users_[area].cells) {
            chokepoint::add(lanes_, bill_[cell], bill_sum_[0]);
        }
        const std::size_t row = area * meter_.years_ + year;
        follow_year(lanes_, &series[area * lanes_], bill_sum_[0], bill_before_[area],
                    year_impact_[row], year_bill_[row], year_worst_bill_[row]);
    }
}

/// \param figures  [figure * lanes + lane]
void PriceMeter::PriceGauge::write_figures(std::size_t area, double* figures) const
{
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
        double bill = 0;
        for (const std::size_t cell : meter_.users_[area].cells) {
            bill += bill_[cell][lane];
        }
        figures[0 * lanes_ + lane] = peak_[area][lane];
        figures[1 * lanes_ + lane] = peak_month_[area][lane];
        figures[2 * lanes_ + lane] = 1 + excess_[area][lane] / static_cast<double>(months_);
        figures[3 * lanes_ + lane] = months_above_[area][lane];
        figures[4 * lanes_ + lane] = end_[area][lane];
        figures[5 * lanes_ + lane] = quoted_peak_[area][lane];
        figures[6 * lanes_ + lane] = bill;
    }
}

void PriceMeter::PriceGauge::finish(std::span<double> figures)
{
    const std::size_t areas = meter_.users_.size();
    for (std::size_t area = 0; area < areas; ++area) {
        write_figures(area, &figures[area * figures_per_area * lanes_]);
    }
    const std::size_t values = meter_.years_ * lanes_;
    double* of_years = figures.data() + areas * figures_per_area * lanes_;
    for (std::size_t area = 0; area < areas; ++area) {
        const std::size_t row = area * meter_.years_;
        for (const LaneRows* rows : {&year_impact_, &year_worst_bill_, &year_bill_}) {
            std::copy_n((*rows)[row], values, of_years);
            of_years += values;
        }
    }
}

}  // namespace

std::unique_ptr<Meter> make_price_meter(const Model& model)
{
    return std::make_unique<PriceMeter>(model);
}

}  // namespace chokepoint
