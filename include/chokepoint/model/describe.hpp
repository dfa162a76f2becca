#pragma once

#include <string>
#include <vector>

#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// What one region does at one stage at month 0.
struct RegionStage {
    std::string region;
    double output_t_per_year = 0;
    double share = 0;  ///< Of the stage's output in all regions.
    double capacity_t_per_year = 0;
    double use = 0;                       ///< Throughput over capacity; 0 without capacity.
    double recycled_t_per_year = 0;       ///< The part of the output that is recycled.
    double last_capacity_t_per_year = 0;  ///< What growth makes of it by the last month.
};

/// What one region exports to another at month 0.
struct TradeFlow {
    std::string exporter, importer;
    double t_per_year = 0;
};

/// One stage of one commodity's chain, with the trade in what leaves it.
struct StageDescription {
    std::string stage;
    /// What capacity times utilisation was scaled by so that the stage passes on what it gets.
    double throughput_factor = 1;
    std::vector<RegionStage> regions;  ///< Those with capacity or recycling, in file order.
    std::vector<TradeFlow> trade;      ///< Flows above zero, by exporter, then importer.
};

/// What one region consumes at month 0, after balancing.
struct RegionDemand {
    std::string region;
    double t_per_year = 0;
    double share = 0;            ///< Of all regions' consumption.
    double last_t_per_year = 0;  ///< What growth makes of it by the last month.
};

/// Month 0 of one commodity.
struct CommodityDescription {
    std::string name;
    double supply_t_per_year = 0;      ///< Mine output as written.
    double demand_t_per_year = 0;      ///< Demand as written.
    double balance_factor = 1;         ///< What demand (or supply) was scaled by.
    std::vector<RegionDemand> demand;  ///< Regions that consume, in file order.
    std::vector<StageDescription> stages;
};

enum class HazardType { export_restriction, outage, tension, price_jump };

/// One entry of `hazards`.
struct HazardDescription {
    std::string name;
    HazardType type = HazardType::export_restriction;
    int facilities = 0;  ///< How many it may strike; 0 if it strikes none.
    /// Expected in the long run over all its facilities, with every number at its mean:
    /// restrictions with what tension and other restrictions add, outages in the steady state.
    double events_per_year = 0;
};

/// A number that is drawn anew in every trial.
struct UncertainParameter {
    std::string path;
    std::string law;  ///< As written, e.g. `uniform(1, 2)`.
    double p5 = 0, median = 0, p95 = 0;
};

/// What a model says before anything is drawn: every number at its nominal value.
struct ModelDescription {
    BalanceBy balance = BalanceBy::demand;
    bool demand_grows = false, capacity_grows = false;
    std::vector<CommodityDescription> commodities;
    /// Tensions, restrictions, outages, common causes, price jumps; each in file order.
    std::vector<HazardDescription> hazards;
    std::vector<UncertainParameter> uncertain;
};

/// Describes a model, for `chokepoint explain` and the report.
ModelDescription describe(const Model& model);

}  // namespace chokepoint
