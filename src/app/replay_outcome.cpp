// What came of a trial.

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/app/wrapped_text.hpp"
#include "chokepoint/metrics/area.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "replay_pieces.hpp"

namespace chokepoint {
namespace {

/// The main group, and the world if that is another.
std::vector<std::string> areas_shown(const Replay& replay, const std::string& commodity)
{
    std::vector<std::string> areas = {main_group(replay, commodity)};
    if (areas.front() != replay.model.groups.back().name) {
        areas.push_back(replay.model.groups.back().name);
    }
    return areas;
}

/// True if nobody goes short and no price differs, but for rounding.
bool is_undisturbed(const Replay& replay)
{
    constexpr double rounding = 1e-9;
    return std::ranges::all_of(replay.months, [](const MonthRow& row) {
        return row.shortfall_t <= rounding * row.need_t
               && !(std::abs(row.impact - 1) > rounding);
    });
}

std::string peak_month(const Replay& replay, const std::string& commodity,
                       const std::string& area)
{
    return month_label(replay.model.start,
                       static_cast<int>(figure(replay, "price_peak_month", commodity, area)));
}

/// A line for each area.
std::string outcome_lines(const Replay& replay)
{
    std::string text;
    for (const std::string& area : areas_shown(replay, "all")) {
        const double unmet = figure(replay, "shortfall_share", "all", area);
        const double peak = figure(replay, "price_peak", "all", area);
        text += wrapped(
            fmt::format(
                "{}: {} of the need over the horizon goes unmet; prices peak at {} times "
                "the undisturbed{}",
                area, share_text(unmet) == "–" ? "under 0.05 %" : share_text(unmet),
                short_number(peak), peak > 1 ? ", in " + peak_month(replay, "all", area) : ""),
            "", "  ");
    }
    return text;
}

TextTable outcome_table(const Replay& replay)
{
    TextTable table({{"", Align::left},
                     {"", Align::left},
                     {"short"},
                     {"worst month"},
                     {"recovery"},
                     {"price peak"},
                     {"in"},
                     {"bill, M USD"}});
    std::vector<std::string> names;
    for (const Commodity& commodity : replay.model.commodities) {
        names.push_back(commodity.name);
    }
    if (names.size() > 1) {
        names.push_back("all");
    }
    constexpr std::size_t few = 6;
    for (const std::string& commodity : names) {
        std::vector<std::string> areas = areas_shown(replay, commodity);
        areas.resize(names.size() > few ? 1 : areas.size());
        std::string name = commodity;
        for (const std::string& area : areas) {
            const auto value = [&](const char* metric) {
                return figure(replay, metric, commodity, area);
            };
            const double recovery = value("recovery_months");
            const double peak = value("price_peak");
            table.append({name, area, share_text(value("shortfall_share")),
                          share_text(value("shortfall_worst_month_share")),
                          recovery == 0 ? "–" : short_number(recovery), short_number(peak),
                          peak > 1 ? peak_month(replay, commodity, area) : "–",
                          short_number(value("extra_bill") / 1e6)});
            name.clear();
        }
    }
    return table;
}

}  // namespace

double figure(const Replay& replay, const std::string& metric, const std::string& commodity,
              const std::string& area)
{
    for (std::size_t column = 0; column < replay.columns.size(); ++column) {
        const Column& of = replay.columns[column];
        if (of.metric == metric && of.commodity == commodity && of.region == area) {
            return replay.row[column];
        }
    }
    return std::numeric_limits<double>::quiet_NaN();
}

const std::string& main_group(const Replay& replay, const std::string& commodity)
{
    return std::ranges::find_if(
               replay.model.groups,
               [&](const RegionGroup& group) {
                   return !std::isnan(figure(replay, "shortfall_share", commodity, group.name));
               })
        ->name;
}

std::string share_text(double share)
{
    constexpr double least_shown = 0.0005;
    return share < least_shown ? "–" : fmt::format("{:.1f} %", 100 * share);
}

std::string outcome_text(const Replay& replay)
{
    if (is_undisturbed(replay)) {
        return "Nobody goes short, and prices are those of the undisturbed run.\n";
    }
    return outcome_lines(replay) + '\n'
           + wrapped(
               "Short: what users go without, over need; recovery in months; price peak "
               "over the undisturbed run; what is paid more for what they get:",
               "", "")
           + outcome_table(replay).text("  ");
}

std::string portfolio_text(const Replay& replay)
{
    std::vector<std::pair<std::string, double>> losses;
    for (std::size_t column = 0; column < replay.columns.size(); ++column) {
        if (replay.columns[column].metric == "position_loss") {
            losses.emplace_back(replay.columns[column].region, replay.row[column]);
        }
    }
    if (losses.empty()) {
        return "";
    }
    std::ranges::stable_sort(losses, std::ranges::greater(),
                             &std::pair<std::string, double>::second);
    losses.emplace_back("all", figure(replay, "portfolio_loss", "all", "world"));
    losses.emplace_back("largest drawdown",
                        figure(replay, "portfolio_drawdown", "all", "world"));
    TextTable table({{"", Align::left}, {"M USD"}});
    for (const auto& [name, loss] : losses) {
        table.append({name, short_number(loss / million)});
    }
    return "\nWhat the portfolio loses (negative: gains) against the undisturbed run:\n"
           + table.text("  ");
}

}  // namespace chokepoint
