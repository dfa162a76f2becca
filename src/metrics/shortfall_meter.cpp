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

    void add(const AreaMonths& other, double factor)
    {
        for (std::size_t month = 0; month < need.size(); ++month) {
            need[month] += factor * other.need[month];
            shortfall[month] += factor * other.shortfall[month];
            stock[month] += factor * other.stock[month];
        }
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
          areas_(areas_of(model)),
          months_(static_cast<std::size_t>(model.months))
    {}

    std::vector<Column> columns() const override;
    std::vector<Series> series() const override;
    void measure(const TrialRecord& record, std::span<double> row,
                 std::span<double> months) const override;

private:
    void append_columns(const std::string& commodity, const std::string& unit,
                        std::vector<Column>& columns) const;
    AreaMonths region_months(const TrialRecord& record, CommodityId commodity,
                             RegionId region) const;
    void write_figures(const AreaMonths& area, std::span<double> figures,
                       std::span<double> share_series) const;
    bool keeps_stock(CommodityId commodity, const Area& area) const;

    const Model& model_;
    std::vector<Area> areas_;
    std::size_t months_;
};

void ShortfallMeter::append_columns(const std::string& commodity, const std::string& unit,
                                    std::vector<Column>& columns) const
{
    for (const Area& area : areas_) {
        columns.push_back({"shortfall_total", commodity, area.name, unit,
                           "need that is not served, summed over the horizon"});
        columns.push_back({.metric = "shortfall_share",
                           .commodity = commodity,
                           .region = area.name,
                           .unit = "share",
                           .sentence = "need that is not served, as a share of all need",
                           .thresholds = {0.01, 0.05, 0.10, 0.20}});
        columns.push_back({"shortfall_worst_month_share", commodity, area.name, "share",
                           "largest share of a month's need that is not served"});
        columns.push_back({"shortfall_months_above", commodity, area.name, "months",
                           "months whose shortfall passes thresholds.shortfall_share"});
        columns.push_back({.metric = "recovery_months",
                           .commodity = commodity,
                           .region = area.name,
                           .unit = "months",
                           .sentence =
                               "months from the first above the threshold to the first of "
                               "three below it; 0 if none is above",
                           .horizon = static_cast<double>(months_)});
    }
}

std::vector<Column> ShortfallMeter::columns() const
{
    std::vector<Column> columns;
    for (const Commodity& commodity : model_.commodities) {
        append_columns(commodity.name, "t", columns);
    }
    append_columns("all", "usd", columns);
    return columns;
}

std::vector<Series> ShortfallMeter::series() const
{
    std::vector<Series> series;
    const auto append_shares = [&](const std::string& commodity) {
        for (const Area& area : areas_) {
            series.push_back({"shortfall_share", commodity, area.name, "share",
                              "need of the month that is not served"});
        }
    };
    for (const Commodity& commodity : model_.commodities) {
        append_shares(commodity.name);
    }
    append_shares("all");
    for (std::size_t commodity = 0; commodity < model_.commodities.size(); ++commodity) {
        for (const Area& area : areas_) {
            if (keeps_stock(CommodityId(commodity), area)) {
                series.push_back({"stock_cover", model_.commodities[commodity].name, area.name,
                                  "months", "users' stock in months of need"});
            }
        }
    }
    return series;
}

bool ShortfallMeter::keeps_stock(CommodityId commodity, const Area& area) const
{
    return std::any_of(area.regions.begin(), area.regions.end(), [&](RegionId region) {
        return model_.stock_policy_of[model_.cell(commodity, region)] >= 0;
    });
}

AreaMonths ShortfallMeter::region_months(const TrialRecord& record, CommodityId commodity,
                                         RegionId region) const
{
    AreaMonths region_months(months_);
    for (std::size_t month = 0; month < months_; ++month) {
        const std::size_t at = month * model_.cells() + model_.cell(commodity, region);
        region_months.need[month] = need(*record.reference, *record.disrupted, at);
        region_months.shortfall[month] = shortfall(*record.reference, *record.disrupted, at);
        region_months.stock[month] = record.disrupted->stock[at];
    }
    return region_months;
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
    const std::size_t commodities = model_.commodities.size();
    std::size_t next_stock_series = (commodities + 1) * areas_.size();
    const auto series_at = [&](std::size_t position) {
        return months.subspan(position * months_, months_);
    };
    const auto write = [&](const AreaMonths& sums, std::size_t commodity, std::size_t area) {
        const std::size_t position = commodity * areas_.size() + area;
        write_figures(sums, row.subspan(position * figures_per_area, figures_per_area),
                      series_at(position));
    };

    std::vector<AreaMonths> all_usd(areas_.size(), AreaMonths(months_));
    for (std::size_t index = 0; index < commodities; ++index) {
        const CommodityId commodity(index);
        std::vector<AreaMonths> by_region;
        for (std::size_t region = 0; region < model_.regions.size(); ++region) {
            by_region.push_back(region_months(record, commodity, RegionId(region)));
        }
        for (std::size_t area = 0; area < areas_.size(); ++area) {
            AreaMonths tonnes(months_);
            for (const RegionId region : areas_[area].regions) {
                tonnes.add(by_region[region.index()], 1);
                all_usd[area].add(
                    by_region[region.index()],
                    usd_per_tonne(model_, record.parameters->values, commodity, region));
            }
            write(tonnes, index, area);
            if (keeps_stock(commodity, areas_[area])) {
                write_cover(tonnes, series_at(next_stock_series++));
            }
        }
    }
    for (std::size_t area = 0; area < areas_.size(); ++area) {
        write(all_usd[area], commodities, area);
    }
}

}  // namespace

std::unique_ptr<Meter> make_shortfall_meter(const Model& model)
{
    return std::make_unique<ShortfallMeter>(model);
}

}  // namespace chokepoint
