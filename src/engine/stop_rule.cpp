#include "chokepoint/engine/stop_rule.hpp"

#include "chokepoint/engine/run.hpp"
#include "chokepoint/support/diagnostic.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::string_view rule_example = "es99(shortfall_share,all,world) < 2%";

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// `name(a,b,c)` as its words; `name` alone as that.
std::vector<std::string> words_of(std::string_view text)
{
    const std::size_t open = text.find('(');
    std::vector<std::string> words = {std::string(trimmed(text.substr(0, open)))};
    if (open == std::string_view::npos) {
        return words;
    }
    if (!text.ends_with(')')) {
        throw NameError(fmt::format("\"{}\": the bracket is not closed", text));
    }
    std::string_view rest = text.substr(open + 1, text.size() - open - 2);
    for (std::size_t comma = 0; comma != std::string_view::npos;) {
        comma = rest.find(',');
        words.emplace_back(trimmed(rest.substr(0, comma)));
        rest = comma == std::string_view::npos ? rest : rest.substr(comma + 1);
    }
    return words;
}

bool has_empty(const std::vector<std::string>& words)
{
    return std::any_of(words.begin(), words.end(),
                       [](const std::string& word) { return word.empty(); });
}

/// `2%` or `0.01`.
double parse_target(std::string_view text, bool& is_relative)
{
    is_relative = text.ends_with('%');
    const std::string_view digits =
        trimmed(is_relative ? text.substr(0, text.size() - 1) : text);
    double number = 0;
    const auto [end, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (fault != std::errc() || end != digits.data() + digits.size() || !(number > 0)
        || !std::isfinite(number)) {
        throw NameError(
            fmt::format("\"{}\" is no precision (a positive number in the figure's unit, or "
                        "per cent of it, "
                        "e.g. 2%)",
                        text));
    }
    return is_relative ? number / 100 : number;
}

/// The names that one place of a column's name can take, each once.
template <class NameOf>
std::vector<std::string> names_of(std::span<const Column> columns, const NameOf& name_of)
{
    std::vector<std::string> names;
    for (const Column& column : columns) {
        if (column.is_metric()
            && std::find(names.begin(), names.end(), name_of(column)) == names.end()) {
            names.push_back(name_of(column));
        }
    }
    return names;
}

/// \param hint  Where no name is near.
void check_name(const char* what, const std::string& name,
                const std::vector<std::string>& known, const std::string& hint)
{
    if (std::find(known.begin(), known.end(), name) == known.end()) {
        throw NameError(fmt::format("no {} is called \"{}\"{}", what, name,
                                    did_you_mean(name, known, hint)));
    }
}

/// Tells what is measured of single years or arcs alone from what is not known at all.
void check_metric(std::span<const Column> columns, const std::string& name)
{
    const std::vector<std::string> known =
        names_of(columns, [](const Column& column) { return column.metric; });
    const auto other = std::ranges::find(columns, name, &Column::metric);
    if (other != columns.end() && std::ranges::find(known, name) == known.end()) {
        throw NameError(
            fmt::format("{} is measured of single {} alone, and is no metric of a "
                        "whole trial",
                        name, other->arc    ? "arcs"
                              : other->part ? "positions"
                                            : "years"));
    }
    check_name("metric", name, known, "see chokepoint list metrics");
}

}  // namespace

ColumnName parse_column_name(std::string_view text)
{
    const std::vector<std::string> words = words_of(trimmed(text));
    if ((words.size() != 1 && words.size() != 3) || has_empty(words)) {
        throw NameError(fmt::format(
            "\"{}\" names no metric (must read metric or metric(commodity,region), e.g. "
            "shortfall_share(all,world))",
            text));
    }
    ColumnName name{.metric = words[0]};
    if (words.size() == 3) {
        name.commodity = words[1];
        name.region = words[2];
    }
    return name;
}

FigureName parse_figure_name(std::string_view text)
{
    const std::vector<std::string> words = words_of(trimmed(text));
    if ((words.size() != 2 && words.size() != 4) || has_empty(words)) {
        throw NameError(fmt::format(
            "\"{}\" names no figure (must read statistic(metric,commodity,region), e.g. "
            "es99(shortfall_share,all,world))",
            text));
    }
    FigureName name{.statistic = words[0], .column = {.metric = words[1]}};
    if (words.size() == 4) {
        name.column.commodity = words[2];
        name.column.region = words[3];
    }
    return name;
}

StopRule parse_stop_rule(std::string_view text)
{
    const std::size_t less = text.find('<');
    if (less == std::string_view::npos) {
        throw NameError(fmt::format(
            "\"{}\" is no rule (must read statistic(metric,commodity,region) < precision, e.g. "
            "{})",
            text, rule_example));
    }
    StopRule rule{.text = std::string(trimmed(text)),
                  .figure = parse_figure_name(text.substr(0, less))};
    rule.target = parse_target(trimmed(text.substr(less + 1)), rule.is_relative);
    return rule;
}

std::size_t find_column(std::span<const Column> columns, const ColumnName& name)
{
    check_metric(columns, name.metric);
    const std::vector<std::string> commodities =
        names_of(columns, [](const Column& column) { return column.commodity; });
    const std::vector<std::string> regions =
        names_of(columns, [](const Column& column) { return column.region; });
    check_name("commodity", name.commodity, commodities,
               fmt::format("there are {}", fmt::join(commodities, ", ")));
    check_name("region or group with users", name.region, regions,
               fmt::format("there are {}", fmt::join(regions, ", ")));
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& column) {
        return column.is_metric() && column.metric == name.metric
               && column.commodity == name.commodity && column.region == name.region;
    });
    if (found == columns.end()) {
        throw NameError(fmt::format("there is no {} of {} in {}: nobody uses it there",
                                    name.metric, name.commodity, name.region));
    }
    return static_cast<std::size_t>(found - columns.begin());
}

Precision precision_of(const StopRule& rule, const ColumnTrials& trials)
{
    RankTable ranks;
    const ColumnSummary summary = summarise_column(trials, ranks);
    const Figure* const figure = summary.find(rule.figure.statistic);
    if (figure == nullptr) {
        std::vector<std::string> known;
        for (const Figure& other : summary.figures) {
            known.push_back(other.statistic);
        }
        throw NameError(fmt::format(
            "{} has no statistic \"{}\"{}", rule.figure.column.metric, rule.figure.statistic,
            did_you_mean(rule.figure.statistic, known,
                         fmt::format("there are {}", fmt::join(known, ", ")))));
    }
    const Estimate& estimate = figure->estimate;
    const double unit = rule.is_relative ? std::abs(estimate.value) : 1;
    Precision precision{.rule = rule, .figure = *figure};
    const double width = (estimate.upper - estimate.lower) / 2;
    // Trials that do not differ yet say nothing of how well the figure is known.
    precision.half_width = width > 0 ? width / unit : std::numeric_limits<double>::quiet_NaN();
    precision.is_met = precision.half_width < rule.target;
    if (std::isfinite(precision.half_width)) {
        const double ratio = precision.half_width / rule.target;
        const auto n = static_cast<double>(trials.sketch != nullptr ? trials.sketch->count()
                                                                    : trials.values.size());
        constexpr double most = 1e18;
        precision.trials_needed =
            static_cast<std::uint64_t>(std::min(std::ceil(n * ratio * ratio), most));
    }
    return precision;
}

void check_rule(const StopRule& rule, std::span<const Column> columns)
{
    constexpr std::array two_trials = {0.0, 1.0};
    const std::size_t column = find_column(columns, rule.figure.column);
    precision_of(rule, {.column = &columns[column], .values = two_trials, .weights = {}});
}

std::string precision_text(const Precision& precision)
{
    const StopRule& rule = precision.rule;
    if (std::isnan(precision.half_width)) {
        return fmt::format("{}: too few trials for the figure, or none of them differs",
                           rule.text);
    }
    const std::string width = rule.is_relative
                                  ? fmt::format("{:.2g} %", 100 * precision.half_width)
                                  : fmt::format("{:.3g}", precision.half_width);
    return fmt::format(
        "{}: half of its interval is {}{}", rule.text, width,
        precision.is_met ? std::string()
                         : fmt::format("; about {} trials would do", precision.trials_needed));
}

std::uint64_t next_check(std::uint64_t trials)
{
    constexpr std::uint64_t first_blocks = 20, share = 10;
    const std::uint64_t blocks = trials / trials_per_block;
    return trials_per_block
           * (blocks < first_blocks ? first_blocks : blocks + (blocks + share - 1) / share);
}

}  // namespace chokepoint
