#pragma once

#include <span>
#include <vector>

#include <Eigen/Core>

#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// Rows are commodities, columns are regions.
using CommodityRegionTable =
    Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
/// Rows are exporters, columns are importers.
using TradeTable = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Month 0, balanced: every price ratio is 1, every stage passes on what it gets. Contained
/// tonnes per month.
struct Baseline {
    CommodityRegionTable consumption;          ///< d_ref, after scaling
    std::vector<CommodityRegionTable> output;  ///< By stage: what leaves the stage in a region.
    std::vector<CommodityRegionTable> recycled;  ///< By stage: the part of it that is recycled.
    /// By stage: what could leave it if the region's facilities of month 0 ran at full
    /// capacity.
    std::vector<CommodityRegionTable> room;
    /// By facility and position in its outputs (plants without outputs: by commodity): tonnes
    /// of the commodity per tonne of capacity. `balance: supply` scales those of the mines that
    /// run at month 0; projects and plants keep theirs.
    std::vector<std::vector<double>> share;
    /// [layer * commodities + commodity]: flows between different regions; the diagonal is 0.
    std::vector<TradeTable> trade;
    std::vector<double>
        balance_factor;  ///< By commodity: what demand (or supply) was scaled by.
    /// By stage and commodity: what capacity times utilisation was scaled by so that the stage
    /// passes on what comes from above; 1 for the first stage.
    std::vector<std::vector<double>> stage_factor;
    std::vector<double> net_exports;  ///< By region: scratch.

    /// What a region's plants of a stage take in and pass on: its output but for recycling.
    double throughput(StageId stage, CommodityId commodity, RegionId region) const
    {
        const auto row = static_cast<Eigen::Index>(commodity.index());
        const auto column = static_cast<Eigen::Index>(region.index());
        return output[stage.index()](row, column) - recycled[stage.index()](row, column);
    }

    /// Net exports of a region as output of a layer at month 0.
    double exports(const Model& model, StageId layer, CommodityId commodity,
                   RegionId region) const
    {
        return trade[layer.index() * model.commodities.size() + commodity.index()]
            .row(static_cast<Eigen::Index>(region.index()))
            .sum();
    }

    /// The share of a region's exports of a layer that goes to another at month 0; 0 if it
    /// exports nothing.
    double share_of_exports(const Model& model, StageId layer, CommodityId commodity,
                            RegionId from, RegionId to) const
    {
        const double all = exports(model, layer, commodity, from);
        const TradeTable& table =
            trade[layer.index() * model.commodities.size() + commodity.index()];
        return all > 0 ? table(static_cast<Eigen::Index>(from.index()),
                               static_cast<Eigen::Index>(to.index()))
                             / all
                       : 0;
    }
};

/// The recycled share of a region's demand for a commodity at month 0, all entries together.
/// \param values  By slot.
double recycled_share(const Model& model, std::span<const double> values, CommodityId commodity,
                      RegionId region);

/// Why month 0 cannot be balanced with these values; no problems: it can.
struct BaselineProblem {
    Slot slot;  ///< The number to blame (its path and place are known by slot).
    std::string problem;
};

/// Which trade tables of month 0 are wanted.
enum class TradeTables {
    all,
    of_measures,  ///< Only where a measure of the scenario acts: what a trial needs.
};

/// Computes month 0 from a trial's values (docs/model.md section 2, "Month 0").
///
/// Projects do not count. Mines and recycling together meet demand;
/// recycling goes with the scaled demand. Known trade is a pattern, fitted to net
/// exports and imports by iterative proportional fitting; a region (or a whole layer) it does
/// not name trades in proportion to net exports and net imports. A cap may be met but not
/// exceeded, with a slack of 1e-9; standing measures count with their effective cap, that is
/// with leakage.
///
/// \param values    By slot.
/// \param baseline  Overwritten; keeps its memory. Not to be used if there are problems.
/// \param problems  Overwritten with what is wrong: throughput over a plant's capacity, no
/// supply
///                  for a demand, no plant at a stage, a trade pattern that cannot be met,
///                  exports over a standing measure's cap.
/// \param tables    Of the others, trade is 0 and its pattern is not looked at.
void compute_baseline(const Model& model, std::span<const double> values, Baseline& baseline,
                      std::vector<BaselineProblem>& problems,
                      TradeTables tables = TradeTables::all);

}  // namespace chokepoint
