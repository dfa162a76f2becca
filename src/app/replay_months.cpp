// The months of a trial as a table.

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/app/wrapped_text.hpp"
#include "chokepoint/metrics/area.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "replay_pieces.hpp"

namespace chokepoint {
namespace {

constexpr std::size_t most_tables = 3;   ///< Told month by month.
constexpr std::size_t most_areas = 4;    ///< In a table of months.
constexpr std::size_t most_months = 20;  ///< Of a commodity.

/// Price impact and shortfall of a commodity's users in an area, month by month.
struct AreaMonths {
    std::string area;
    const double* impact;
    const double* shortfall_share;
    double weight;  ///< Shortfall, then what the price does.
};

const double* series_of(const Replay& replay, const std::string& name,
                        const std::string& commodity, const std::string& area)
{
    for (std::size_t position = 0; position < replay.series.size(); ++position) {
        const Series& series = replay.series[position];
        if (series.series == name && series.commodity == commodity && series.region == area) {
            return &replay.series_values[position
                                         * static_cast<std::size_t>(replay.model.months)];
        }
    }
    return nullptr;
}

/// True if prices in two areas go together to what a table shows.
bool move_together(const AreaMonths& one, const AreaMonths& other, int months)
{
    constexpr double least_difference = 0.005;
    for (int month = 0; month < months; ++month) {
        if (std::abs(one.impact[month] / other.impact[month] - 1) > least_difference) {
            return false;
        }
    }
    return true;
}

/// The main group, then the areas that matter most, those with prices of their own.
std::vector<AreaMonths> areas_by_weight(const Replay& replay, const std::string& commodity)
{
    std::vector<AreaMonths> areas;
    for (const Area& area : areas_of(replay.model)) {
        const double* impact = series_of(replay, "price_impact", commodity, area.name);
        if (impact == nullptr) {
            continue;
        }
        double swing = 0;
        for (int month = 0; month < replay.model.months; ++month) {
            swing = std::max(swing, std::abs(std::log(impact[month])));
        }
        const bool is_main = area.name == main_group(replay, commodity);
        areas.push_back(
            {area.name, impact, series_of(replay, "shortfall_share", commodity, area.name),
             is_main ? std::numeric_limits<double>::infinity()
                     : figure(replay, "shortfall_total", commodity, area.name) * swing});
    }
    std::ranges::stable_sort(areas, std::ranges::greater{}, &AreaMonths::weight);
    std::vector<AreaMonths> distinct;
    for (const AreaMonths& area : areas) {
        const bool is_seen = std::ranges::any_of(distinct, [&](const AreaMonths& seen) {
            return move_together(area, seen, replay.model.months);
        });
        if (!is_seen && distinct.size() < most_areas) {
            distinct.push_back(area);
        }
    }
    return distinct;
}

/// What would be shown as 1.00 and as no shortfall.
bool is_undisturbed(const std::vector<AreaMonths>& areas, std::size_t month)
{
    constexpr double least_impact = 0.005;
    return std::ranges::all_of(areas, [&](const AreaMonths& area) {
        return std::abs(area.impact[month] - 1) < least_impact
               && share_text(area.shortfall_share[month]) == "–";
    });
}

/// Every how many months one is shown, so that not too many are.
std::size_t step_between(std::size_t disturbed)
{
    for (const std::size_t step : {1U, 2U, 3U, 6U}) {
        if (disturbed <= step * most_months) {
            return step;
        }
    }
    return months_per_year;
}

TextTable months_heading(const std::vector<AreaMonths>& areas)
{
    std::vector<TextTable::Heading> headings = {{"month", Align::left}};
    for (const AreaMonths& area : areas) {
        headings.push_back({area.area});
        headings.push_back({"short"});
    }
    return TextTable(headings);
}

std::string impact_cell(double impact)
{
    return impact < 10 ? fmt::format("{:.2f}", impact) : fmt::format("{:.1f}", impact);
}

/// The months of a table and what stands between them.
struct MonthsShown {
    std::vector<std::size_t> months;
    /// By month shown: how many undisturbed ones come right before it; the last of all: after.
    std::vector<std::size_t> undisturbed_before;
    std::size_t step = 1;
};

MonthsShown months_shown(const Replay& replay, const std::vector<AreaMonths>& areas)
{
    const auto months = static_cast<std::size_t>(replay.model.months);
    std::size_t disturbed = 0;
    for (std::size_t month = 0; month < months; ++month) {
        disturbed += is_undisturbed(areas, month) ? 0U : 1U;
    }
    const double* const main = areas.front().impact;
    const auto peak = static_cast<std::size_t>(std::max_element(main, main + months) - main);
    MonthsShown shown;
    shown.step = step_between(disturbed);
    std::size_t quiet = 0;
    for (std::size_t month = 0; month < months; ++month) {
        if (is_undisturbed(areas, month)) {
            ++quiet;
        } else if (month % shown.step == 0 || month == peak) {
            shown.months.push_back(month);
            shown.undisturbed_before.push_back(quiet);
            quiet = 0;
        }
    }
    shown.undisturbed_before.push_back(quiet);
    return shown;
}

std::string collapsed_line(std::size_t months)
{
    return months == 0 ? ""
                       : fmt::format("    … {} as undisturbed\n", counted(months, "month"));
}

std::string table_of_months(const Replay& replay, const std::vector<AreaMonths>& areas,
                            const MonthsShown& shown)
{
    TextTable table = months_heading(areas);
    for (const std::size_t month : shown.months) {
        std::vector<std::string> cells = {
            month_label(replay.model.start, static_cast<int>(month))};
        for (const AreaMonths& area : areas) {
            cells.push_back(impact_cell(area.impact[month]));
            cells.push_back(share_text(area.shortfall_share[month]));
        }
        table.append(cells);
    }
    std::istringstream lines(table.text("    "));
    std::string line;
    std::getline(lines, line);
    std::string text = line + '\n';
    for (std::size_t row = 0; row < shown.months.size(); ++row) {
        std::getline(lines, line);
        text += collapsed_line(shown.undisturbed_before[row]) + line + '\n';
    }
    return text + collapsed_line(shown.undisturbed_before.back());
}

std::size_t width_of_lines(const std::string& text)
{
    std::size_t width = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        width = std::max(width, width_of(line));
    }
    return width;
}

std::string months_of(const Replay& replay, std::size_t commodity)
{
    const std::string& name = replay.model.commodities[commodity].name;
    std::vector<AreaMonths> areas = areas_by_weight(replay, name);
    std::string text;
    do {
        const MonthsShown shown = months_shown(replay, areas);
        const std::string step =
            shown.step == 1 ? ""
            : shown.step == months_per_year
                ? ", one month a year and the peak"
                : fmt::format(", one month in {} and the peak", shown.step);
        text = fmt::format("  {}{}\n", name, step) + table_of_months(replay, areas, shown);
        areas.pop_back();
    } while (!areas.empty() && width_of_lines(text) > text_width);
    return text;
}

/// What a figure is to be measured by, so that what rounding leaves of it can be told from 0.
class NaturalScales {
public:
    explicit NaturalScales(const Replay& replay) : model_(replay.model)
    {
        for (const Commodity& commodity : model_.commodities) {
            Scale& scale = scales_[commodity.name];
            scale.usd_per_t = kg_per_tonne * replay.parameters[commodity.price];
            for (const MonthRow& row : replay.months) {
                if (row.commodity == commodity.name) {
                    scale.t += row.need_t;
                }
            }
            scales_["all"].t += scale.t;
            scales_["all"].usd_per_t = std::max(scales_["all"].usd_per_t, scale.usd_per_t);
        }
    }

    /// The number as text; 0 where it is less than a billionth of the scale of its unit: 1 for
    /// shares, ratios and months, the commodity's need and price for tonnes and money.
    std::string text(double value, const std::string& commodity, const std::string& unit) const
    {
        constexpr double noise = 1e-9;
        const Scale& of = scales_.at(commodity);
        const double scale = unit == "t"             ? of.t
                             : unit == "t_per_month" ? of.t / model_.months
                             : unit == "usd"         ? of.t * of.usd_per_t
                             : unit == "usd_per_t"   ? of.usd_per_t
                                                     : 1;
        return short_number(std::abs(value) < noise * scale ? 0 : value);
    }

private:
    /// Need of all regions over the horizon, and price.
    struct Scale {
        double t = 0, usd_per_t = 0;
    };
    const Model& model_;
    std::map<std::string, Scale> scales_;  ///< By commodity, and of `all`.
};

std::string all_months_text(const Replay& replay, const NaturalScales& scales)
{
    TextTable table({{"month", Align::left},
                     {"commodity", Align::left},
                     {"region", Align::left},
                     {"price"},
                     {"impact"},
                     {"quoted"},
                     {"need"},
                     {"served"},
                     {"shortfall"},
                     {"stock"},
                     {"exports"}});
    for (const MonthRow& row : replay.months) {
        const auto tonnes = [&](double value) {
            return scales.text(value, row.commodity, "t_per_month");
        };
        table.append({row.month, row.commodity, row.region, short_number(row.price),
                      short_number(row.impact), short_number(row.quoted), tonnes(row.need_t),
                      tonnes(row.served_t), tonnes(row.shortfall_t), tonnes(row.stock_t),
                      tonnes(row.exports_t)});
    }
    return "\nMonths (prices over month 0, impact over the undisturbed run, tonnes a month):\n"
           + table.text("  ");
}

std::string metrics_text(const Replay& replay, const NaturalScales& scales)
{
    TextTable table({{"metric", Align::left},
                     {"commodity", Align::left},
                     {"region", Align::left},
                     {"value"},
                     {"unit", Align::left}});
    for (std::size_t column = 0; column < replay.columns.size(); ++column) {
        const Column& of = replay.columns[column];
        table.append({of.metric, of.commodity, of.region,
                      scales.text(replay.row[column], of.commodity, of.unit), of.unit});
    }
    return "\nMetrics:\n" + table.text("  ");
}

}  // namespace

std::string months_text(const Replay& replay)
{
    const std::vector<std::size_t> order = commodities_by_weight(replay);
    if (order.empty()) {
        return "";
    }
    std::string text = "\n"
                       + wrapped(
                           "Month by month: price over the undisturbed run, and what "
                           "users go without, over need (without months within 0.5 % of "
                           "the undisturbed run, and areas whose prices go with those "
                           "shown):",
                           "", "");
    const std::size_t shown = std::min(most_tables, order.size());
    for (std::size_t position = 0; position < shown; ++position) {
        text += months_of(replay, order[position]);
    }
    return text;
}

std::string months_and_metrics_text(const Replay& replay)
{
    const NaturalScales scales(replay);
    return all_months_text(replay, scales) + metrics_text(replay, scales);
}

}  // namespace chokepoint
