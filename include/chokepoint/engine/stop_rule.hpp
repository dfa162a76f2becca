#pragma once

#include "chokepoint/engine/column_summary.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace chokepoint {

/// A metric, a figure or a rule that a user named does not exist or cannot be read; the message
/// says what there is.
class NameError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A column by name: `shortfall_share(neodymium,world)`; `shortfall_share` alone is that of
/// `all` commodities in the `world`.
struct ColumnName {
    std::string metric, commodity = "all", region = "world";
};

/// A figure by name: `es99(shortfall_share,neodymium,world)`.
struct FigureName {
    std::string statistic;  ///< A name of ColumnSummary.
    ColumnName column;
};

/// When a run knows enough: `es99(shortfall_share,neodymium,world) < 2%`.
struct StopRule {
    std::string text;   ///< As given.
    FigureName figure;  ///< A mean, quantile, VaR, ES or probability.
    double target = 0;         ///< For half of the width of the 95 % interval.
    bool is_relative = false;  ///< Of the value; else in its unit.
};

/// How far a rule is met.
struct Precision {
    StopRule rule;
    Figure figure;
    double half_width = 0;  ///< In the unit of the target; NaN where there is no figure.
    bool is_met = false;
    /// About how many trials it takes, as errors fall with their square root; 0 where no figure
    /// tells.
    std::uint64_t trials_needed = 0;
};

/// \throws NameError  if the text is not of the form `metric` or `metric(commodity,region)`.
ColumnName parse_column_name(std::string_view text);

/// \throws NameError  if the text is not of the form `statistic(metric)` or
///                    `statistic(metric,commodity,region)`.
FigureName parse_figure_name(std::string_view text);

/// \throws NameError  if the text is not a rule; which columns there are is checked later.
StopRule parse_stop_rule(std::string_view text);

/// The place of a column among these.
/// \throws NameError  with the names that there are.
std::size_t find_column(std::span<const Column> columns, const ColumnName& name);

/// Complains of a rule that names no figure of these columns.
/// \throws NameError
void check_rule(const StopRule& rule, std::span<const Column> columns);

/// \param trials  Of the rule's column. \throws NameError  if it has no such statistic.
Precision precision_of(const StopRule& rule, const ColumnTrials& trials);

/// A rule and how far it is met, e.g. `es99(shortfall_share,all,world) < 2%: half of its
/// interval is 3.1 %; about 48000 trials would do`.
std::string precision_text(const Precision& precision);

/// The next number of trials after which rules are looked at: 20 blocks first, then a tenth
/// more each time, in whole blocks.
std::uint64_t next_check(std::uint64_t trials);

}  // namespace chokepoint
