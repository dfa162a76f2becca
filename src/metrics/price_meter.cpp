#include "chokepoint/metrics/price_meter.hpp"

#include "chokepoint/metrics/area.hpp"
#include "chokepoint/support/elementary.hpp"

#include <algorithm>
#include <utility>

namespace chokepoint {
namespace {

constexpr std::size_t figures_per_area = 7;

/// Mean weighted by what is consumed, or the plain mean where nothing is. Built up from
/// excesses over an anchor, so that the mean of values that all equal it is exactly it.
class WeightedMean {
public:
    explicit WeightedMean(double anchor) : anchor_(anchor) {}

    void add(double weight, double value)
    {
        weight_ += weight;
        excess_ += weight * (value - anchor_);
        plain_excess_ += value - anchor_;
        ++count_;
    }

    double value() const
    {
        if (weight_ > 0) {
            return anchor_ + excess_ / weight_;
        }
        return count_ > 0 ? anchor_ + plain_excess_ / static_cast<double>(count_) : anchor_;
    }

private:
    double anchor_;
    double weight_ = 0, excess_ = 0, plain_excess_ = 0;
    std::size_t count_ = 0;
};

/// Prices of one trial by cell and month, at [month * cells + cell].
struct Prices {
    Prices(const Model& model, const TrialRecord& record);

    std::vector<double> impact;         ///< p / p0, equation (26)
    std::vector<double> price;          ///< p
    std::vector<double> quoted_impact;  ///< q / q0
    std::vector<double> quoted_usd_per_kg;
    std::vector<double> bill_usd;    ///< served * P_ref (p - p0)
    std::vector<double> weight_t;    ///< reference consumption
    std::vector<double> weight_usd;  ///< P_ref * reference consumption
};

Prices::Prices(const Model& model, const TrialRecord& record)
{
    const Path& reference = *record.reference;
    const Path& disrupted = *record.disrupted;
    const std::size_t size = disrupted.log_price.size();
    for (std::vector<double>* table : {&impact, &price, &quoted_impact, &quoted_usd_per_kg,
                                       &bill_usd, &weight_t, &weight_usd}) {
        table->resize(size);
    }
    for (std::size_t at = 0; at < size; ++at) {
        const std::size_t cell = at % model.cells();
        const double usd_per_t = usd_per_tonne(model, record.parameters->values,
                                               CommodityId(cell / model.regions.size()),
                                               RegionId(cell % model.regions.size()));
        const double reference_price = portable_exp(reference.log_price[at]);
        impact[at] = portable_exp(disrupted.log_price[at] - reference.log_price[at]);
        price[at] = portable_exp(disrupted.log_price[at]);
        quoted_impact[at] = portable_exp(disrupted.log_quoted[at] - reference.log_quoted[at]);
        quoted_usd_per_kg[at] = usd_per_t / 1000 * portable_exp(disrupted.log_quoted[at]);
        bill_usd[at] =
            disrupted.consumption[at] * usd_per_t * reference_price * (impact[at] - 1);
        weight_t[at] = reference.consumption[at];
        weight_usd[at] = usd_per_t * reference.consumption[at];
    }
}

class PriceMeter final : public Meter {
public:
    explicit PriceMeter(const Model& model)
        : model_(model),
          users_(users_of(model)),
          months_(static_cast<std::size_t>(model.months))
    {}

    std::vector<Column> columns() const override;
    std::vector<Series> series() const override;
    void measure(const TrialRecord& record, std::span<double> row,
                 std::span<double> months) const override;

private:
    /// Mean over users in one month.
    double mean(const std::vector<double>& table, const std::vector<double>& weights,
                const Users& users, std::size_t month, double anchor) const;
    double bill(const Prices& prices, const Users& users) const;
    void write_figures(const Prices& prices, const Users& users, std::span<double> figures,
                       std::span<double> impact) const;

    const Model& model_;
    std::vector<Users> users_;
    std::size_t months_;
};

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

double PriceMeter::mean(const std::vector<double>& table, const std::vector<double>& weights,
                        const Users& users, std::size_t month, double anchor) const
{
    WeightedMean mean(anchor);
    for (const std::size_t cell : users.cells) {
        const std::size_t at = month * model_.cells() + cell;
        mean.add(weights[at], table[at]);
    }
    return mean.value();
}

/// Equation (27).
double PriceMeter::bill(const Prices& prices, const Users& users) const
{
    double bill = 0;
    for (const std::size_t cell : users.cells) {
        for (std::size_t month = 0; month < months_; ++month) {
            bill += prices.bill_usd[month * model_.cells() + cell];
        }
    }
    return bill;
}

void PriceMeter::write_figures(const Prices& prices, const Users& users,
                               std::span<double> figures, std::span<double> impact) const
{
    const std::vector<double>& weights = users.use_all ? prices.weight_usd : prices.weight_t;
    WeightedMean mean_impact(1);
    double quoted_peak = 0;
    for (std::size_t month = 0; month < months_; ++month) {
        impact[month] = mean(prices.impact, weights, users, month, 1);
        mean_impact.add(1, impact[month]);
        quoted_peak =
            std::max(quoted_peak, mean(prices.quoted_impact, weights, users, month, 1));
    }
    const auto peak = std::max_element(impact.begin(), impact.end());
    figures[0] = *peak;
    figures[1] = static_cast<double>(peak - impact.begin());
    figures[2] = mean_impact.value();
    figures[3] =
        static_cast<double>(std::count_if(impact.begin(), impact.end(), [&](double ratio) {
            return ratio > model_.price_threshold_ratio;
        }));
    figures[4] = impact.back();
    figures[5] = quoted_peak;
    figures[6] = bill(prices, users);
}

void PriceMeter::measure(const TrialRecord& record, std::span<double> row,
                         std::span<double> months) const
{
    const Prices prices(model_, record);
    std::size_t position = 0;
    for (const Users& users : users_) {
        write_figures(prices, users, row.subspan(position * figures_per_area, figures_per_area),
                      months.subspan(position * months_, months_));
        ++position;
    }
    for (const Users& users : users_) {
        if (users.use_all) {
            continue;
        }
        const std::span<double> price = months.subspan(position * months_, months_);
        const std::span<double> quoted = months.subspan((position + 1) * months_, months_);
        for (std::size_t month = 0; month < months_; ++month) {
            price[month] = mean(prices.price, prices.weight_t, users, month, 1);
            quoted[month] = mean(prices.quoted_usd_per_kg, prices.weight_t, users, month, 0);
        }
        position += 2;
    }
}

}  // namespace

std::unique_ptr<Meter> make_price_meter(const Model& model)
{
    return std::make_unique<PriceMeter>(model);
}

}  // namespace chokepoint
