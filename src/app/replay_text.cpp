#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/replay.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/app/trial_story.hpp"
#include "chokepoint/app/wrapped_text.hpp"
#include "chokepoint/metrics/area.hpp"

#include <algorithm>
#include <functional>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <sstream>

#include <fmt/format.h>

namespace chokepoint {
namespace {

// === How much is shown on a screen
// ================================================================

constexpr std::size_t most_draws = 6;
constexpr std::size_t most_spells = 10;
constexpr std::size_t most_commodities = 4;  ///< Told why.
constexpr std::size_t most_tables = 3;       ///< Told month by month.
constexpr std::size_t most_accounts_of_each = 3;
constexpr std::size_t most_areas = 4;    ///< In a table of months.
constexpr std::size_t most_months = 20;  ///< Of a commodity.

std::size_t most_events(const std::string& type)
{
    static const std::map<std::string, std::size_t> limits = {
        {"export_restriction", 10}, {"outage", 8}, {"facility", 4}, {"price_jump", 4}};
    const auto limit = limits.find(type);
    return limit == limits.end() ? 4 : limit->second;
}

constexpr const char* all_there = "--full shows all";

std::string title(const Replay& replay)
{
    return fmt::format("{}: trial {}, seed {}; {} from {}\n", replay.model.name, replay.trial,
                       replay.seed,
                       counted(static_cast<std::uint64_t>(replay.model.months), "month"),
                       month_label(replay.model.start, 0));
}

// === What came of it
// ==============================================================================

/// A figure of the trial; NaN if there is none.
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

/// The first group with users; there is always one, as the world has some.
const std::string& main_group(const Replay& replay, const std::string& commodity)
{
    return std::ranges::find_if(
               replay.model.groups,
               [&](const RegionGroup& group) {
                   return !std::isnan(figure(replay, "shortfall_share", commodity, group.name));
               })
        ->name;
}

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

/// A share with one decimal place at most; a dash for none.
std::string share_cell(double share)
{
    constexpr double least_shown = 0.0005;
    return share < least_shown ? "–" : fmt::format("{:.1f} %", 100 * share);
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
                area, share_cell(unmet) == "–" ? "under 0.05 %" : share_cell(unmet),
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
            table.append({name, area, share_cell(value("shortfall_share")),
                          share_cell(value("shortfall_worst_month_share")),
                          recovery == 0 ? "–" : short_number(recovery), short_number(peak),
                          peak > 1 ? peak_month(replay, commodity, area) : "–",
                          short_number(value("extra_bill") / 1e6)});
            name.clear();
        }
    }
    return table;
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

// === What was drawn
// ===============================================================================

/// An uncertain number with its place in its own law: the probability of less and half of that
/// of the same.
struct Draw {
    std::string path;
    double value, place;
};

std::vector<Draw> draws_of(const Replay& replay)
{
    std::vector<Draw> draws;
    for (const Slot slot : replay.model.uncertain_parameters) {
        const ParameterInfo& info = replay.model.parameters[slot.index()];
        const double value = replay.parameters[slot];
        const double below = std::nextafter(value, -std::numeric_limits<double>::infinity());
        draws.push_back({info.path, value,
                         (info.distribution.cdf(value) + info.distribution.cdf(below)) / 2});
    }
    return draws;
}

TextTable draw_table(const std::vector<Draw>& draws)
{
    TextTable table({{"number", Align::left}, {"drawn"}, {"lower in"}});
    for (const Draw& draw : draws) {
        table.append(
            {draw.path, short_number(draw.value), fmt::format("{:.1f} %", 100 * draw.place)});
    }
    return table;
}

std::string draws_text(const Replay& replay, std::size_t most)
{
    std::vector<Draw> draws = draws_of(replay);
    if (draws.empty()) {
        return "";
    }
    const std::size_t count = draws.size();
    if (count <= most) {
        return "\nNumbers drawn, and in how many of all trials they are lower:\n"
               + draw_table(draws).text("  ");
    }
    std::ranges::stable_sort(draws, std::ranges::greater{},
                             [](const Draw& draw) { return std::abs(draw.place - 0.5); });
    draws.resize(most);
    return fmt::format(
               "\nThe most unusual of {} numbers drawn, and in how many of all trials "
               "they are lower:\n",
               count)
           + draw_table(draws).text("  ");
}

// === What happened
// ================================================================================

bool is_standing(const EventText& event)
{
    return event.cause == cause_name(Cause::standing);
}

/// Those to show, in order of time: of each type the weightiest, no standing measures.
std::vector<EventText> events_shown(const Replay& replay)
{
    std::map<std::string, std::vector<double>> weights;
    for (const EventText& event : replay.events) {
        if (!is_standing(event)) {
            weights[event.type].push_back(event.weight);
        }
    }
    std::map<std::string, double> least;
    for (auto& [type, of_type] : weights) {
        std::ranges::sort(of_type, std::ranges::greater{});
        least[type] = of_type[std::min(of_type.size(), most_events(type)) - 1];
    }
    std::vector<EventText> shown;
    std::map<std::string, std::size_t> count;
    for (const EventText& event : replay.events) {
        if (!is_standing(event) && event.weight >= least[event.type]
            && count[event.type] < most_events(event.type)) {
            shown.push_back(event);
            ++count[event.type];
        }
    }
    return shown;
}

std::string event_lines(const Replay& replay, const std::vector<EventText>& events)
{
    std::string text;
    for (const EventText& event : events) {
        text += wrapped(fmt::format("{}: {} ({}, {})",
                                    period_text(replay.model.start, event.from, event.until),
                                    event.sentence, event.name, event.cause),
                        "  ", "      ");
    }
    return text;
}

std::string events_text(const Replay& replay, const std::vector<EventText>& events)
{
    const auto standing =
        static_cast<std::size_t>(std::ranges::count_if(replay.events, is_standing));
    if (replay.events.empty() || (events.empty() && standing == replay.events.size())) {
        return "\nNo events.\n";
    }
    std::string text = "\nWhat happened:\n" + event_lines(replay, events);
    if (events.size() < replay.events.size()) {
        const std::size_t others = replay.events.size() - events.size() - standing;
        text += others > 0 ? fmt::format("  … and {} of less weight ({})\n",
                                         counted(others, "event"), all_there)
                           : "";
    }
    return text;
}

// === What bound
// ===================================================================================

std::string spells_text(const Replay& replay, std::size_t most)
{
    if (replay.spells.empty()) {
        return "\nNothing bound harder than in the undisturbed run.\n";
    }
    std::string text =
        "\nWhat bound harder than in the undisturbed run, the costliest first:\n";
    const std::size_t shown = std::min(most, replay.spells.size());
    for (std::size_t position = 0; position < shown; ++position) {
        text +=
            wrapped(spell_sentence(replay.model, replay.parameters, replay.spells[position]),
                    "  ", "      ");
    }
    if (shown < replay.spells.size()) {
        text += fmt::format("  … and {} more ({})\n", replay.spells.size() - shown, all_there);
    }
    return text;
}

// === Why prices moved
// =============================================================================

/// Commodities in falling order of what their users pay more or less in the months of their
/// accounts, in USD.
std::vector<std::size_t> commodities_by_weight(const Replay& replay)
{
    std::vector<double> weights(replay.model.commodities.size(), 0);
    for (const PriceAccount& account : replay.accounts) {
        const std::size_t commodity = account.commodity.index();
        weights[commodity] +=
            account.weight() * replay.parameters[replay.model.commodities[commodity].price];
    }
    std::vector<std::size_t> order;
    for (std::size_t commodity = 0; commodity < weights.size(); ++commodity) {
        if (weights[commodity] > 0) {
            order.push_back(commodity);
        }
    }
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::size_t commodity) { return weights[commodity]; });
    return order;
}

/// What is shown of an account beside a weightier one of its commodity is its price alone.
std::vector<std::string> sentences_of(const AccountText& text, bool in_full)
{
    return in_full ? text.sentences() : std::vector<std::string>{text.price, text.way};
}

/// The accounts of a commodity, those of the main group first.
std::vector<PriceAccount> accounts_of(const Replay& replay, std::size_t commodity)
{
    std::vector<PriceAccount> accounts;
    std::ranges::copy_if(replay.accounts, std::back_inserter(accounts),
                         [&](const PriceAccount& account) {
                             return account.commodity == CommodityId(commodity);
                         });
    const std::string& main = main_group(replay, replay.model.commodities[commodity].name);
    const std::vector<RegionId>& members =
        std::ranges::find(replay.model.groups, main, &RegionGroup::name)->regions;
    std::ranges::stable_partition(accounts, [&](const PriceAccount& account) {
        return std::ranges::find_first_of(account.regions, members) != account.regions.end();
    });
    return accounts;
}

std::string accounts_text(const Replay& replay, std::size_t commodity, std::size_t most)
{
    const Commodity& entry = replay.model.commodities[commodity];
    std::string text = fmt::format("  {} ({} USD/kg in month 0)\n", entry.name,
                                   short_number(replay.parameters[entry.price]));
    const std::vector<PriceAccount> accounts = accounts_of(replay, commodity);
    const std::size_t shown = std::min(most, accounts.size());
    for (std::size_t position = 0; position < shown; ++position) {
        const AccountText told =
            account_text(replay.model, replay.parameters, replay.timeline, accounts[position]);
        const bool in_full = position == 0 || most > most_accounts_of_each;
        std::string indent = "    ";
        for (const std::string& sentence : sentences_of(told, in_full)) {
            text += wrapped(sentence, indent, indent + "  ");
            indent = "      ";
        }
    }
    if (shown < accounts.size()) {
        text += fmt::format("    … and {} ({})\n",
                            counted(accounts.size() - shown, "other price"), all_there);
    }
    return text;
}

std::string why_text(const Replay& replay, std::size_t most_of_all, std::size_t most_of_each)
{
    const std::vector<std::size_t> order = commodities_by_weight(replay);
    if (order.empty()) {
        return fmt::format("\nNo price moved by more than {} from the undisturbed run.\n",
                           percent(least_price_change));
    }
    std::string text =
        "\n"
        + wrapped(
            "Why prices moved, in the month in which they were farthest from the "
            "undisturbed run (USD/kg are price ratios times the commodity's reference "
            "price):",
            "", "");
    const std::size_t shown = std::min(most_of_all, order.size());
    for (std::size_t position = 0; position < shown; ++position) {
        text += accounts_text(replay, order[position], most_of_each);
    }
    if (shown < order.size()) {
        const std::size_t others = order.size() - shown;
        text += fmt::format("  … and {} other {} ({})\n", others,
                            others == 1 ? "commodity" : "commodities", all_there);
    }
    return text;
}

// === Month by month
// ===============================================================================

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
               && share_cell(area.shortfall_share[month]) == "–";
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
            cells.push_back(share_cell(area.shortfall_share[month]));
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

// === In full
// ======================================================================================

/// What a figure is to be measured by, so that what rounding leaves of it can be told from 0.
class NaturalScales {
public:
    explicit NaturalScales(const Replay& replay) : model_(replay.model)
    {
        for (const Commodity& commodity : model_.commodities) {
            Scale& scale = scales_[commodity.name];
            scale.usd_per_t = 1000 * replay.parameters[commodity.price];
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

/// What each position loses, the largest loss first, where there is a portfolio.
std::string portfolio_text(const Replay& replay)
{
    constexpr double million = 1e6;
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

}  // namespace

std::string replay_summary(const Replay& replay)
{
    return title(replay) + outcome_text(replay) + portfolio_text(replay) + draws_text(replay, most_draws)
           + events_text(replay, events_shown(replay)) + spells_text(replay, most_spells)
           + why_text(replay, most_commodities, most_accounts_of_each) + months_text(replay)
           + fmt::format("\nEvery draw, event, month and metric: --full, or --format json\n");
}

std::string replay_in_full(const Replay& replay)
{
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    const NaturalScales scales(replay);
    return title(replay) + outcome_text(replay) + portfolio_text(replay)
           + draws_text(replay, all)
           + events_text(replay, replay.events) + spells_text(replay, all)
           + why_text(replay, all, all) + all_months_text(replay, scales)
           + metrics_text(replay, scales);
}

}  // namespace chokepoint
