#include "chokepoint/app/headline.hpp"

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/metrics/chokepoint_meter.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::size_t most_commodities = 12;
constexpr std::size_t chokepoints_shown = 6;
constexpr std::size_t least_chokepoints_of_each = 2;

/// Groups, or the regions too where `world` is the only group.
std::vector<std::string> areas_shown(const Model& model)
{
    std::vector<std::string> areas;
    if (model.groups.size() == 1) {
        areas = model.regions;
    }
    for (const RegionGroup& group : model.groups) {
        areas.push_back(group.name);
    }
    return areas;
}

std::vector<std::string> commodities_shown(const Model& model)
{
    std::vector<std::string> names;
    if (model.commodities.size() <= most_commodities) {
        for (const Commodity& commodity : model.commodities) {
            names.push_back(commodity.name);
        }
    }
    if (names.size() != 1) {
        names.push_back("all");
    }
    return names;
}

/// `12.3 ± 0.4 %` of a mean or an ES; nothing to say of a tail without trials is a dash.
std::string share_cell(const Figure& figure)
{
    return percent_with_error(figure.estimate.value, figure.standard_error);
}

/// A probability with half the width of its interval in standard errors; where no trial or
/// every one counts, the bound that this leaves.
std::string probability_cell(const Figure& figure)
{
    const Estimate& estimate = figure.estimate;
    if (estimate.value == 0) {
        return "< " + percent(estimate.upper);
    }
    if (estimate.value == 1) {
        // As many digits as tell the bound from 100 %, cut off rather than rounded up.
        const double scale = std::pow(10, std::ceil(-std::log10(1 - estimate.lower)));
        return fmt::format("> {} %", 100 * std::floor(estimate.lower * scale) / scale);
    }
    return percent_with_error(estimate.value,
                              (estimate.upper - estimate.lower) / (2 * interval_z));
}

/// `4.1 [2.0, 9.3]`, or the median alone where too few trials give no range.
std::string range_cell(const ColumnSummary& column)
{
    const auto value = [&](const char* statistic) {
        return short_number(column.figure(statistic).estimate.value);
    };
    return fmt::format("{} [{}, {}]", value("p50"), value("p5"), value("p95"));
}

TextTable impact_table(const Model& model, const RunSummary& summary)
{
    TextTable table({{"", Align::left},
                     {"", Align::left},
                     {"shortfall"},
                     {"VaR 95 %"},
                     {"ES 95 %"},
                     {"price peak [90 %]"},
                     {"P(peak > 2)"}});
    for (const std::string& commodity : commodities_shown(model)) {
        std::string name = commodity;
        for (const std::string& area : areas_shown(model)) {
            const ColumnSummary* share =
                summary.find_column("shortfall_share", commodity, area);
            if (share == nullptr) {
                continue;  // nobody there uses it
            }
            const ColumnSummary& peak = summary.column("price_peak", commodity, area);
            table.append({name, area, share_cell(share->figure("mean")),
                          percent(share->figure("var95").estimate.value),
                          share_cell(share->figure("es95")), range_cell(peak),
                          probability_cell(peak.figure("probability_above_2"))});
            name.clear();
        }
    }
    return table;
}

/// The most valuable arcs of each commodity that bind at all. Arcs that never carry anything,
/// as under a standing ban, are left to chokepoints.csv: nobody trades over them in any run.
TextTable chokepoint_rows(const Model& model, const RunReport& report)
{
    TextTable table({{"", Align::left},
                     {"", Align::left},
                     {"of months"},
                     {"USD/t"},
                     {"worst 1 %"},
                     {"rent, M USD"}});
    const std::size_t most_of_each = std::max<std::size_t>(
        least_chokepoints_of_each, chokepoints_shown / model.commodities.size());
    for (std::size_t index = 0; index < model.commodities.size(); ++index) {
        std::string name = model.commodities[index].name;
        std::size_t shown = 0;
        for (const Chokepoint& row : report.chokepoints) {
            const bool ever_binds = row.binding.estimate.value > 0;
            const bool carries = row.flow.estimate.value > 0;
            if (row.arc.commodity != CommodityId(index) || !ever_binds || !carries
                || shown == most_of_each) {
                continue;
            }
            table.append(
                {name, arc_label(model, row.arc), share_cell(row.binding),
                 with_error(row.marginal_value.estimate.value,
                            row.marginal_value.standard_error),
                 with_error(row.tail_marginal_value.estimate.value,
                            row.tail_marginal_value.standard_error),
                 with_error(row.rent.estimate.value / 1e6, row.rent.standard_error / 1e6)});
            name.clear();
            ++shown;
        }
    }
    return table;
}

/// The first group with users; there is always one, as the world has some.
const std::string& main_group(const Model& model, const RunSummary& summary)
{
    const auto first =
        std::find_if(model.groups.begin(), model.groups.end(), [&](const RegionGroup& group) {
            return summary.find_column("recovery_months", "all", group.name) != nullptr;
        });
    return first->name;
}

std::string recovery_line(const Model& model, const RunSummary& summary)
{
    const std::string& group = main_group(model, summary);
    const ColumnSummary& recovery = summary.column("recovery_months", "all", group);
    const Figure& mean = recovery.figure("restricted_mean");
    const Figure& never = recovery.figure("probability_not_within_horizon");
    constexpr double half =
        0.5;  // beyond it, a mean that counts the horizon for never says little
    if (never.estimate.value > half) {
        return fmt::format(
            "Recovery of {}, all commodities: not within the horizon in {} of trials\n", group,
            probability_cell(never));
    }
    return fmt::format(
        "Recovery of {}, all commodities: {} months; not within the horizon: {}\n", group,
        with_error(mean.estimate.value, mean.standard_error), probability_cell(never));
}

/// How much of the spread comes from not knowing the numbers of the scenario.
std::string parameter_line(const Model& model, const RunSummary& summary)
{
    const std::string& group = main_group(model, summary);
    const auto share = [&](const char* metric) {
        const Figure& figure = summary.column(metric, "all", group).figure("parameter_share");
        return std::isnan(figure.estimate.value)
                   ? std::string("no figure")
                   : percent_with_error(std::max(0.0, figure.estimate.value),
                                        figure.standard_error);
    };
    return fmt::format(
        "Of the variance between trials, numbers that are uncertain (not events) bring: of "
        "the\n"
        "shortfall {}, of the price peak {} ({}, all commodities)\n",
        share("shortfall_share"), share("price_peak"), group);
}

/// What the policy costs the treasury; nothing where that is not known.
std::string cost_line(const RunSummary& summary)
{
    const ColumnSummary* const cost = summary.find_column("policy_cost", "all", "world");
    if (cost == nullptr) {
        return "";
    }
    const Figure& mean = cost->figure("mean");
    return fmt::format(
        "The policy costs the treasury {} M USD on average; chokepoint compare says "
        "what it changes\n",
        with_error(mean.estimate.value / million, mean.standard_error / million));
}

}  // namespace

std::string headline_text(const Model& model, const RunReport& report,
                          const Provenance& provenance, const std::string& folder)
{
    const bool has_policy = model.policy != "none";
    std::string text = fmt::format("{}{}: {}, seed {}, {} from {}\n\n", model.name,
                                   has_policy ? " with " + model.policy : "",
                                   counted(report.summary.trials, "trial"), provenance.seed,
                                   counted(static_cast<std::uint64_t>(model.months), "month"),
                                   month_label(model.start, 0));
    text +=
        "Shortfall: what users go without, cut off or because it is or was dear, over need, "
        "mean ± "
        "standard\nerror; largest monthly price over that of the undisturbed run, median [90 % "
        "of trials]:\n\n";
    text += impact_table(model, report.summary).text("  ");
    for (const Precision& rule : report.summary.until) {
        if (rule.is_met) {
            text += "\nKnown well enough, " + precision_text(rule) + '\n';
        }
    }
    text += '\n' + recovery_line(model, report.summary);
    if (has_policy) {
        text += cost_line(report.summary);
    }
    if (!model.uncertain_parameters.empty()) {
        text += parameter_line(model, report.summary);
    }

    const TextTable chokepoints = chokepoint_rows(model, report);
    if (chokepoints.size() == 0) {
        text += "\nNo chokepoint binds in any month.\n";
    } else {
        text +=
            "\nChokepoints of each commodity: in what share of months each binds, and what one "
            "more tonne\nof room is worth:\n\n";
        text += chokepoints.text("  ");
    }
    text += report.summary.warnings.empty() ? "" : "\n";
    for (const std::string& warning : report.summary.warnings) {
        text += "warning: " + warning + '\n';
    }
    return text + fmt::format("\nResults: {}\n", folder);
}

}  // namespace chokepoint
