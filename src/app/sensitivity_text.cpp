#include "chokepoint/app/sensitivity_text.hpp"

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::size_t numbers_told = 5;

/// Of one figure the numbers that are told, the closest relation first.
std::vector<Sensitivity> strongest(const TrialSensitivity& sensitivity, std::size_t figure)
{
    std::vector<Sensitivity> rows;
    for (const Sensitivity& row : sensitivity.rows) {
        if (row.figure == figure && row.estimate.lower * row.estimate.upper > 0) {
            rows.push_back(row);
        }
    }
    std::ranges::stable_sort(rows, [](const Sensitivity& one, const Sensitivity& other) {
        return std::abs(one.estimate.value) > std::abs(other.estimate.value);
    });
    rows.resize(std::min(rows.size(), numbers_told));
    return rows;
}

}  // namespace

std::string sensitivity_text(const TrialSensitivity& sensitivity)
{
    TextTable table(
        {{"goes with", Align::left}, {"uncertain number", Align::left}, {"value"}, {"95 %"}});
    for (std::size_t figure = 0; figure < sensitivity.figures.size(); ++figure) {
        const ColumnName& column = sensitivity.figures[figure].column;
        if (column.commodity != "all" || column.region != "world") {
            continue;
        }
        std::string metric = column.metric;
        for (const Sensitivity& row : strongest(sensitivity, figure)) {
            table.append(
                {metric, row.input, fmt::format("{:.3f}", row.estimate.value),
                 fmt::format("[{:.3f}, {:.3f}]", row.estimate.lower, row.estimate.upper)});
            metric.clear();
        }
    }
    if (table.size() == 0) {
        return "No uncertain number goes with shortfall or price by more than chance.\n";
    }
    return fmt::format("Rank correlations over {} (all commodities, world):\n\n",
                       counted(sensitivity.trials, "trial"))
           + table.text("  ")
           + "\nThis is correlation, not cause: numbers that depend on one another share theirs. "
             "All in\nsensitivity.csv.\n";
}

}  // namespace chokepoint
