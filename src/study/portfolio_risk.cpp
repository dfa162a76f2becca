#include "chokepoint/study/portfolio_risk.hpp"

#include "chokepoint/study/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

const ColumnSummary& summary_of(const std::vector<ColumnSummary>& summary,
                                std::string_view metric)
{
    const auto found = std::ranges::find_if(
        summary, [&](const ColumnSummary& column) { return column.column.metric == metric; });
    if (found == summary.end()) {
        throw std::logic_error(fmt::format("portfolio_risk: the run has no {}", metric));
    }
    return *found;
}

/// What the worst trials are, by level.
using Worst = std::vector<WorstTrials>;

EsContribution contribution(std::span<const double> loss, std::span<const double> total,
                            const RunResult& result, std::size_t level, const Worst& worst,
                            double es, bool is_position)
{
    EsContribution contribution;
    contribution.es = worst[level].mean_of(loss);
    contribution.es.statistic = "es" + percent_name(contribution_levels[level]);
    contribution.share = es == 0 ? none : contribution.es.estimate.value / es;
    if (is_position && result.weights.empty()) {
        std::vector<double> rest(total.size());
        std::ranges::transform(total, loss, rest.begin(), std::minus<>());
        contribution.without = paired_es_difference(rest, total, contribution_levels[level]);
    }
    return contribution;
}

void warn(const Book& book, PortfolioRisk& risk, const RunResult& result)
{
    for (const BookPosition& position : book.positions) {
        for (const std::string& what : position.missing) {
            risk.warnings.push_back(fmt::format(
                "{}: the scenario has no {}: this counts as nothing", position.name, what));
        }
    }
    if (result.stride != 1) {
        risk.warnings.push_back(
            fmt::format("positions rest on {} of {} trials, whose values fit into memory; "
                        "their parts of the ES add up to that of these trials",
                        risk.trials_in_parts, result.trials));
    }
}

}  // namespace

std::vector<const PartRisk*> PortfolioRisk::of_kind(BookPart::Kind kind) const
{
    std::vector<const PartRisk*> found;
    for (const PartRisk& part : parts) {
        if (part.part.kind == kind) {
            found.push_back(&part);
        }
    }
    return found;
}

const Figure* breach_of(const ColumnSummary& loss)
{
    const auto found = std::ranges::find_if(loss.figures, [](const Figure& figure) {
        return figure.statistic.starts_with("probability_above");
    });
    return found == loss.figures.end() ? nullptr : &*found;
}

PortfolioRisk portfolio_risk(const Book& book, const RunResult& result,
                             const std::vector<ColumnSummary>& summary)
{
    PortfolioRisk risk;
    risk.portfolio = book.name;
    risk.trials = result.trials;
    risk.loss = summary_of(summary, "portfolio_loss");
    risk.drawdown = summary_of(summary, "portfolio_drawdown");
    for (const BookPosition& position : book.positions) {
        risk.value_usd += position.value_usd;
    }
    const auto column = find_metric(result, "portfolio_loss", "all", "world");
    const std::vector<double>& total = result.values[*column];
    risk.trials_in_parts = total.size();
    Worst worst;
    std::vector<double> es;
    for (const double level : contribution_levels) {
        worst.emplace_back(total, result.weights, level);
        es.push_back(worst.back().mean_of(total).estimate.value);
    }
    RankTable ranks;
    for (std::size_t at = 0; at < result.columns.size(); ++at) {
        const Column& of = result.columns[at];
        if (!of.part) {
            continue;
        }
        const std::vector<double>& loss = result.values[at];
        PartRisk part{.part = book.parts[*of.part],
                      .name = book.name_of(book.parts[*of.part]),
                      .loss = summarise_column({.column = &of,
                                                .values = loss,
                                                .weights = result.weights,
                                                .sampling = result.sampling},
                                               ranks),
                      .contributions = {}};
        for (std::size_t level = 0; level < contribution_levels.size(); ++level) {
            part.contributions[level] =
                contribution(loss, total, result, level, worst, es[level],
                             part.part.kind == BookPart::Kind::position);
        }
        risk.parts.push_back(std::move(part));
    }
    warn(book, risk, result);
    return risk;
}

}  // namespace chokepoint
