#include "chokepoint/model/observation.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

class Observer {
public:
    Observer(const Scenario& scenario, const Model& model) : scenario_(scenario), model_(model)
    {}

    /// Adds a point, or the reason why it is left out.
    void add(std::size_t position, Observations& observations) const
    {
        const RecordPoint& point = scenario_.observed->points[position];
        const double first = std::floor(months_between(model_.start, point.from));
        const double end = std::floor(months_between(model_.start, point.until));
        if (first < 0) {
            observations.left_out.push_back({position, "begins before the first month"});
            return;
        }
        if (const auto& start = scenario_.observed->compare_from;
            start && point.from < *start) {
            observations.left_out.push_back({position, "begins before compare_from"});
            return;
        }
        if (end > model_.months) {
            observations.left_out.push_back({position, "ends after the last month"});
            return;
        }
        Observation observation{.point = position,
                                .series = point.series,
                                .kind = point.kind,
                                .commodities = commodities_called(point.commodity),
                                .weights = {},
                                .regions = regions_called(point.region),
                                .flows = {},
                                .first = static_cast<std::size_t>(first),
                                .end = static_cast<std::size_t>(end)};
        for (const CommodityId commodity : observation.commodities) {
            observation.weights.push_back(point.commodity == "all" ? weight_of(commodity) : 1);
        }
        if (point.series != RecordSeries::exports && !has_users(observation)) {
            observations.left_out.push_back({position, "nobody there uses it"});
            return;
        }
        if (const auto reason = trade_problem(point, observation)) {
            observations.left_out.push_back({position, *reason});
            return;
        }
        observations.compared.push_back(std::move(observation));
    }

private:
    std::vector<CommodityId> commodities_called(const std::string& name) const
    {
        std::vector<CommodityId> ids;
        for (std::size_t index = 0; index < model_.commodities.size(); ++index) {
            if (name == "all" || model_.commodities[index].name == name) {
                ids.emplace_back(index);
            }
        }
        return ids;
    }

    std::vector<RegionId> regions_called(const std::string& name) const
    {
        const auto region = std::ranges::find(model_.regions, name);
        if (region != model_.regions.end()) {
            return {RegionId(static_cast<std::size_t>(region - model_.regions.begin()))};
        }
        const auto group = std::ranges::find(model_.groups, name, &RegionGroup::name);
        return group == model_.groups.end() ? std::vector<RegionId>() : group->regions;
    }

    double weight_of(CommodityId commodity) const
    {
        const auto& weights = scenario_.observed->weights;
        const auto found =
            std::ranges::find(weights, model_.commodities[commodity.index()].name,
                              &std::pair<std::string, Number>::first);
        return found == weights.end() ? 1 : found->second.distribution.quantile(0.5);
    }

    bool has_users(const Observation& observation) const
    {
        return std::ranges::any_of(observation.commodities, [&](CommodityId commodity) {
            return std::ranges::any_of(observation.regions, [&](RegionId region) {
                return model_.demand[model_.cell(commodity, region)] != zero_slot;
            });
        });
    }

    /// Finds the arcs of trade with single regions; tells what is in the way.
    std::optional<std::string> trade_problem(const RecordPoint& point,
                                             Observation& observation) const
    {
        const bool is_trade =
            point.series == RecordSeries::exports || point.series == RecordSeries::imports;
        if (!is_trade) {
            return std::nullopt;
        }
        if (point.counterpart == "all") {
            return point.series == RecordSeries::exports
                       ? std::nullopt
                       : std::optional<std::string>("a run keeps no imports from all");
        }
        const std::vector<RegionId> counterparts = regions_called(point.counterpart);
        const bool exports = point.series == RecordSeries::exports;
        for (const RegionId region : observation.regions) {
            for (const RegionId counterpart : counterparts) {
                if (region == counterpart) {
                    continue;
                }
                const auto [from, to] =
                    exports ? std::pair(region, counterpart) : std::pair(counterpart, region);
                if (auto reason = add_flows(from, to, observation)) {
                    return reason;
                }
            }
        }
        return observation.flows.empty()
                   ? std::optional<std::string>("it is trade of a region with itself")
                   : std::nullopt;
    }

    /// Adds the arcs between two regions; tells which is missing.
    std::optional<std::string> add_flows(RegionId from, RegionId to,
                                         Observation& observation) const
    {
        for (std::size_t index = 0; index < observation.commodities.size(); ++index) {
            const CommodityId commodity = observation.commodities[index];
            const auto arc =
                std::ranges::find_if(model_.cappable_arcs, [&](const CappableArc& entry) {
                    return entry.kind == CappableArc::Kind::trade
                           && entry.commodity == commodity && entry.from == from
                           && entry.to == to && entry.stage == model_.last_stage(commodity);
                });
            if (arc == model_.cappable_arcs.end()) {
                return fmt::format(
                    "a run keeps flows to one importer only where a measure of the scenario "
                    "names it (not those of {} from {} to {})",
                    model_.commodities[commodity.index()].name, model_.regions[from.index()],
                    model_.regions[to.index()]);
            }
            observation.flows.push_back(
                {static_cast<std::size_t>(arc - model_.cappable_arcs.begin()),
                 observation.weights[index]});
        }
        return std::nullopt;
    }

    const Scenario& scenario_;
    const Model& model_;
};

}  // namespace

Observations observations_of(const Scenario& scenario, const Model& model)
{
    if (!scenario.observed) {
        throw std::logic_error("observations_of: the scenario has no record");
    }
    Observations observations;
    const Observer observer(scenario, model);
    for (std::size_t point = 0; point < scenario.observed->points.size(); ++point) {
        observer.add(point, observations);
    }
    return observations;
}

}  // namespace chokepoint
