#pragma once

#include "chokepoint/metrics/measure.hpp"
#include "chokepoint/metrics/meter.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace chokepoint {

/// Commodities and regions of a HandMadeTrial.
inline constexpr std::size_t neodymium = 0, lanthanum = 1;
inline constexpr std::size_t exporter = 0, importer = 1, idle = 2;

/// A trial whose months are written by hand: commodities `neodymium` (30 USD/kg, 20 in the
/// exporter) and `lanthanum` (5 USD/kg) over the regions `exporter`, `importer`, `idle`, of
/// which the last consumes nothing. Reference consumption is 10 t a month of each commodity in
/// the two others; groups are `partners` (importer, idle) and `world`. Undisturbed until a test
/// writes into it.
class HandMadeTrial {
public:
    explicit HandMadeTrial(int months)
    {
        model.months = months;
        model.regions = {"exporter", "importer", "idle"};
        model.stages = {"mine", "refine"};
        model.groups = {{"partners", {RegionId(1), RegionId(2)}},
                        {"world", {RegionId(0), RegionId(1), RegionId(2)}}};
        parameters.values = {0, 1, 30, 20, 5};
        const Slot nd_price(2), nd_home_price(3), la_price(4);
        model.commodities.resize(2);
        model.commodities[0].last_stage = model.commodities[1].last_stage = StageId(1);
        model.commodities[0].name = "neodymium";
        model.commodities[0].price = nd_price;
        model.commodities[0].regional_price = {nd_home_price, nd_price, nd_price};
        model.commodities[1].name = "lanthanum";
        model.commodities[1].price = la_price;
        model.commodities[1].regional_price = {la_price, la_price, la_price};
        model.demand.assign(model.cells(), one_slot);  // of idle: written, but nothing
        model.stock_policy_of = {-1, 0, -1, -1, -1, -1};
        model.cappable_arcs = {
            {CappableArc::Kind::exports, CommodityId(0), StageId(1), RegionId(0), RegionId(0)},
            {CappableArc::Kind::trade, CommodityId(1), StageId(1), RegionId(0), RegionId(1)}};
        fill(reference);
        fill(disrupted);
    }

    std::size_t at(std::size_t month, std::size_t commodity, std::size_t region) const
    {
        return month * model.cells() + model.cell(CommodityId(commodity), RegionId(region));
    }

    TrialRecord record() const
    {
        return {.trial = 0,
                .parameters = &parameters,
                .timeline = &timeline,
                .reference = &reference,
                .disrupted = &disrupted};
    }

    /// As if the scenario wrote no demand of a commodity in a region.
    void remove_users(std::size_t commodity, std::size_t region)
    {
        model.demand[model.cell(CommodityId(commodity), RegionId(region))] = zero_slot;
    }

    /// What a meter measures, and how to look it up.
    struct Measured {
        std::vector<Column> columns;
        std::vector<Series> series;
        std::vector<double> row, months;
        std::size_t month_count;

        double figure(const std::string& metric, const std::string& commodity,
                      const std::string& region) const
        {
            for (std::size_t column = 0; column < columns.size(); ++column) {
                if (columns[column].metric == metric && columns[column].commodity == commodity
                    && columns[column].region == region) {
                    return row[column];
                }
            }
            return std::nan("");
        }

        /// The regions and groups that have a metric of a commodity, in reporting order.
        std::vector<std::string> areas(const std::string& metric,
                                       const std::string& commodity) const
        {
            std::vector<std::string> names;
            for (const Column& column : columns) {
                if (column.metric == metric && column.commodity == commodity) {
                    names.push_back(column.region);
                }
            }
            return names;
        }

        std::vector<double> path(const std::string& name, const std::string& commodity,
                                 const std::string& region) const
        {
            for (std::size_t position = 0; position < series.size(); ++position) {
                if (series[position].series == name && series[position].commodity == commodity
                    && series[position].region == region) {
                    const auto first =
                        months.begin() + static_cast<std::ptrdiff_t>(position * month_count);
                    return {first, first + static_cast<std::ptrdiff_t>(month_count)};
                }
            }
            return {};
        }
    };

    Measured measure(const Meter& meter) const
    {
        const auto month_count = static_cast<std::size_t>(model.months);
        Measured measured{meter.columns(), meter.series(), {}, {}, month_count};
        measured.row.resize(measured.columns.size(), std::nan(""));
        measured.months.resize(measured.series.size() * month_count, std::nan(""));
        chokepoint::measure(*meter.gauge(), record(), measured.row, measured.months);
        return measured;
    }

    Model model;
    Parameters parameters;
    Timeline timeline;
    Path reference, disrupted;

private:
    void fill(Path& path) const
    {
        path.months = static_cast<std::size_t>(model.months);
        path.cells = model.cells();
        path.stages = model.stages.size();
        path.arcs = model.cappable_arcs.size();
        const std::size_t size = path.months * path.cells;
        for (std::vector<double>* table :
             {&path.log_price, &path.log_quoted, &path.consumption, &path.rationed, &path.stock,
              &path.reserve_release}) {
            table->assign(size, 0);
        }
        path.need_factor.assign(size, 1);
        path.output.assign(size * path.stages, 0);
        path.exports.assign(size * path.stages, 0);
        path.arc_gap.assign(path.months * path.arcs, 0);
        path.arc_tax.assign(path.months * path.arcs, 0);
        path.arc_flow.assign(path.months * path.arcs, 0);
        for (std::size_t month = 0; month < path.months; ++month) {
            for (std::size_t commodity = 0; commodity < 2; ++commodity) {
                for (std::size_t region = 0; region < 2; ++region) {
                    path.consumption[at(month, commodity, region)] = 10;
                }
            }
        }
    }
};

}  // namespace chokepoint
