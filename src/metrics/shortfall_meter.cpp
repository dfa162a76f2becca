#include "chokepoint/metrics/shortfall_meter.hpp"

#include "chokepoint/metrics/area.hpp"

#include <algorithm>
#include <limits>

namespace chokepoint {
namespace {

constexpr std::size_t months_to_recover = 3;
constexpr std::size_t figures_per_area = 5;

/// Need, shortfall and stock of an area, month by month.
struct AreaMonths {
    explicit AreaMonths(std::size_t months) : need(months), shortfall(months), stock(months) {}

    double share(std::size_t month) const
    {
        return need[month] > 0 ? shortfall[month] / need[month] : 0;
    }

    std::vector<double> need, shortfall, stock;
};

void write_cover(const AreaMonths& area, std::span<double> cover)
{
    for (std::size_t month = 0; month < cover.size(); ++month) {
        cover[month] = area.need[month] > 0 ? area.stock[month] / area.need[month] : 0;
    }
}

double sum(const std::vector<double>& values)
{
    double total = 0;
    for (const double value : values) {
        total += value;
    }
    return total;
}

double months_to_recovery(const std::vector<double>& shares, double threshold)
{
    const auto above = [&](double share) { return share > threshold; };
    const auto first = std::find_if(shares.begin(), shares.end(), above);
    if (first == shares.end()) {
        return 0;
    }
    std::size_t calm = 0;
    for (auto month = first; month != shares.end(); ++month) {
        calm = above(*month) ? 0 : calm + 1;
        if (calm == months_to_recover) {
            return static_cast<double>(month - first) - (months_to_recover - 1);
        }
    }
    return std::numeric_limits<double>::infinity();
}

class ShortfallMeter final : public Meter {
public:
    explicit ShortfallMeter(const Model& model)
        : model_(model),
          users_(users_of(model)),
          months_(static_cast<std::size_t>(model.months))
    {}

    std::vector<Column> columns() const override;
    std::vector<Series> series() const override;
    void measure(const TrialRecord& record, std::span<double> row,
                 std::span<double> months) const override;

private:
    AreaMonths sum_over(const Users& users, const TrialRecord& record) const;
    void write_figures(const AreaMonths& area, std::span<double> figures,
                       std::span<double> share_series) const;
    bool keep_stock(const Users& users) const;

    const Model& model_;
    std::vector<Users> users_;
    std::size_t months_;
};

std::vector<Column> ShortfallMeter::columns() const
{
    std::vector<Column> columns;
    for (const Users& users : users_) {
        columns.push_back({"shortfall_total", users.commodity, users.area,
                           users.use_all ? "usd" : "t",
                           "need that is not served, summed over the horizon"});
        columns.push_back({.metric = "shortfall_share",
                           .commodity = users.commodity,
                           .region = users.area,
                           .unit = "share",
                           .sentence = "need that is not served, as a share of all need",
                           .thresholds = {0.01, 0.05, 0.10, 0.20}});
        columns.push_back({"shortfall_worst_month_share", users.commodity, users.area, "share",
                           "largest share of a month's need that is not served"});
        columns.push_back({"shortfall_months_above", users.commodity, users.area, "months",
                           "months whose shortfall passes thresholds.shortfall_share"});
        columns.push_back({.metric = "recovery_months",
                           .commodity = users.commodity,
                           .region = users.area,
                           .unit = "months",
                           .sentence =
                               "months from the first above the threshold to the first of "
                               "three below it; 0 if none is above",
                           .horizon = static_cast<double>(months_)});
    }
    return columns;
}

std::vector<Series> ShortfallMeter::series() const
{
    std::vector<Series> series;
    for (const Users& users : users_) {
        series.push_back({"shortfall_share", users.commodity, users.area, "share",
                          "need of the month that is not served"});
    }
    for (const Users& users : users_) {
        if (keep_stock(users)) {
            series.push_back({"stock_cover", users.commodity, users.area, "months",
                              "users' stock in months of need"});
        }
    }
    return series;
}

/// Whether there is stock to report; that of all commodities adds up to nothing.
bool ShortfallMeter::keep_stock(const Users& users) const
{
    return !users.use_all
           && std::any_of(users.cells.begin(), users.cells.end(),
                          [&](std::size_t cell) { return model_.stock_policy_of[cell] >= 0; });
}

/// In tonnes, or of all commodities in USD.
AreaMonths ShortfallMeter::sum_over(const Users& users, const TrialRecord& record) const
{
    AreaMonths sums(months_);
    for (const std::size_t cell : users.cells) {
        const double factor = users.use_all
                                  ? usd_per_tonne(model_, record.parameters->values,
                                                  CommodityId(cell / model_.regions.size()),
                                                  RegionId(cell % model_.regions.size()))
                                  : 1;
        for (std::size_t month = 0; month < months_; ++month) {
            const std::size_t at = month * model_.cells() + cell;
            sums.need[month] += factor * need(*record.reference, *record.disrupted, at);
            sums.shortfall[month] +=
                factor * shortfall(*record.reference, *record.disrupted, at);
            sums.stock[month] += factor * record.disrupted->stock[at];
        }
    }
    return sums;
}

void ShortfallMeter::write_figures(const AreaMonths& area, std::span<double> figures,
                                   std::span<double> share_series) const
{
    std::vector<double> shares(months_);
    for (std::size_t month = 0; month < months_; ++month) {
        shares[month] = area.share(month);
    }
    const double threshold = model_.shortfall_threshold_share;
    const double total = sum(area.shortfall);
    const double need = sum(area.need);
    figures[0] = total;
    figures[1] = need > 0 ? total / need : 0;
    figures[2] = *std::max_element(shares.begin(), shares.end());
    figures[3] = static_cast<double>(std::count_if(
        shares.begin(), shares.end(), [&](double share) { return share > threshold; }));
    figures[4] = months_to_recovery(shares, threshold);
    std::copy(shares.begin(), shares.end(), share_series.begin());
}

void ShortfallMeter::measure(const TrialRecord& record, std::span<double> row,
                             std::span<double> months) const
{
    const auto series_at = [&](std::size_t position) {
        return months.subspan(position * months_, months_);
    };
    std::size_t next_stock_series = users_.size();
    for (std::size_t position = 0; position < users_.size(); ++position) {
        const AreaMonths sums = sum_over(users_[position], record);
        write_figures(sums, row.subspan(position * figures_per_area, figures_per_area),
                      series_at(position));
        if (keep_stock(users_[position])) {
            write_cover(sums, series_at(next_stock_series++));
        }
    }
}

}  // namespace

std::unique_ptr<Meter> make_shortfall_meter(const Model& model)
{
    return std::make_unique<ShortfallMeter>(model);
}

}  // namespace chokepoint
