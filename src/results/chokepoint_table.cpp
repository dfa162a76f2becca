#include "chokepoint/results/chokepoint_table.hpp"

#include "chokepoint/engine/ordered_blocks.hpp"
#include "chokepoint/statistics/proportion.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr double tail_level = 0.99;

const std::vector<double>& values_of(const RunResult& result, std::string_view metric,
                                     std::string_view commodity, std::string_view region)
{
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
        if (result.columns[column].metric == metric
            && result.columns[column].commodity == commodity
            && result.columns[column].region == region) {
            return result.values[column];
        }
    }
    throw std::invalid_argument(fmt::format(
        "chokepoint_table: the run has no column {}, {}, {}", metric, commodity, region));
}

/// The mean of a share over trials. Its interval is cut to [0, 1]; where all trials say 0, or
/// all say 1, they count as successes, since their spread of 0 would give no interval at all.
Figure mean_share(const std::vector<double>& shares, std::span<const double> weights)
{
    Figure figure = mean_figure(shares, weights);
    const bool all_none =
        std::all_of(shares.begin(), shares.end(), [](double share) { return share == 0; });
    const bool all_whole =
        std::all_of(shares.begin(), shares.end(), [](double share) { return share == 1; });
    if (all_none || all_whole) {
        figure.estimate = proportion(all_whole ? shares.size() : 0, shares.size());
    } else {
        figure.estimate.lower = std::max(figure.estimate.lower, 0.0);
        figure.estimate.upper = std::min(figure.estimate.upper, 1.0);
    }
    return figure;
}

Chokepoint chokepoint_of(const CappableArc& arc,
                         const std::map<std::string, const std::vector<double>*>& columns,
                         std::span<const double> weights, const WorstTrials& worst)
{
    const std::vector<double>& binding = *columns.at("arc_binding");
    const std::vector<double>& marginal_value = *columns.at("arc_marginal_value");
    std::vector<double> ever(binding.size());
    std::transform(binding.begin(), binding.end(), ever.begin(),
                   [](double share) { return share > 0 ? 1.0 : 0.0; });
    const auto mean = [&](const char* metric) {
        return mean_figure(*columns.at(metric), weights);
    };
    return {.arc = arc,
            .binding = mean_share(binding, weights),
            .ever_binding = share_figure("probability_ever_binding", ever, weights),
            .marginal_value = mean_figure(marginal_value, weights),
            .tail_marginal_value = worst.mean_of(marginal_value),
            .rent = mean("arc_rent"),
            .flow = mean("arc_flow"),
            .tax_revenue = mean("arc_tax_revenue")};
}

}  // namespace

std::vector<Chokepoint> chokepoint_table(const Model& model, const RunResult& result,
                                         unsigned threads)
{
    std::vector<std::map<std::string, const std::vector<double>*>> columns_of_arc(
        model.cappable_arcs.size());
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
        if (const std::optional<std::size_t> arc = result.columns[column].arc) {
            columns_of_arc.at(*arc)[result.columns[column].metric] = &result.values[column];
        }
    }
    const WorstTrials worst(values_of(result, "shortfall_total", "all", "world"),
                            result.weights, tail_level);
    std::vector<Chokepoint> table;
    OrderedBlocks<Chokepoint>::run(
        model.cappable_arcs.size(), threads,
        [&](unsigned, std::uint64_t arc) {
            return chokepoint_of(model.cappable_arcs[arc], columns_of_arc[arc], result.weights,
                                 worst);
        },
        [&](std::uint64_t, Chokepoint&& chokepoint) { table.push_back(std::move(chokepoint)); },
        {});
    std::stable_sort(
        table.begin(), table.end(), [](const Chokepoint& one, const Chokepoint& other) {
            return one.marginal_value.estimate.value > other.marginal_value.estimate.value;
        });
    return table;
}

const char* kind_name(CappableArc::Kind kind)
{
    switch (kind) {
        case CappableArc::Kind::plant:
            return "plant";
        case CappableArc::Kind::exports:
            return "exports";
        case CappableArc::Kind::trade:
            return "trade";
    }
    return "";
}

std::string arc_target(const Model& model, const CappableArc& arc)
{
    return arc.kind == CappableArc::Kind::exports ? "all" : model.regions[arc.to.index()];
}

}  // namespace chokepoint
