#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "chokepoint/market/state.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/trial/lane_month.hpp"

namespace chokepoint {

/// One run of a trial, month by month, as flat arrays.
///
/// By cell: [month * cells + model.cell(commodity, region)]; by layer: [(month * stages +
/// stage) * cells + cell]; by arc: [month * arcs + position in model.cappable_arcs]. Quantities
/// are contained tonnes per month, prices are logarithms of ratios to month 0, clamped to
/// [floor, choke].
struct Path {
    std::size_t months = 0, cells = 0, stages = 0, arcs = 0;

    std::vector<double> log_price;    ///< By cell: clearing price at the users.
    std::vector<double> log_quoted;   ///< By cell: assessed and contract price.
    std::vector<double> consumption;  ///< By cell: served.
    /// By cell: need over the consumption of the reference run, at most 1.
    std::vector<double> need_factor;
    /// By cell: share of demand gone over to something else; empty if there is no substitution.
    std::vector<double> substituted;
    std::vector<double> rationed;  ///< By cell: wanted at the choke price but unserved, >= 0.
    std::vector<double> stock;     ///< By cell: users' stock at the end of the month, tonnes.
    /// [month * model.stage_stocks + position]: plants' stock at the end of the month, tonnes.
    std::vector<double> stage_stock;
    std::vector<double> reserve_release;  ///< By cell.
    /// [month * reserves + reserve]: what it buys, and what it gives out.
    std::vector<double> reserve_purchase, reserve_sale;
    std::vector<double> room;          ///< [month * facilities + facility]: what it could make.
    std::vector<double> source_price;  ///< By cell: clearing price where it is mined.
    std::vector<double> output;        ///< By layer: what leaves the stage in the region.
    std::vector<double> exports;       ///< By layer: net exports of the region, >= 0.
    std::vector<double> arc_gap;   ///< By arc: p_dst − (1+tax)/(1+standing tax) p_src, price
                                   ///< ratio units, >= 0; 0 where the arc does not bind.
    std::vector<double> arc_flow;  ///< By arc.
    std::vector<double> arc_tax;  ///< By arc: ((1+tax)/(1+standing tax) − 1) p_src, price ratio
                                  ///< units.
    /// At the end of the month, [month * facilities + facility]; empty if prices lead none.
    std::vector<FacilityPhase> phase;

    /// Makes room for the model's months, keeping memory.
    void resize(const Model& model);
};

/// A table of numbers that a path has and a month of it too.
struct MonthTable {
    std::span<const double> RunMonth::*month;
    std::vector<double> Path::*path;
};

/// All of them.
inline constexpr std::array month_tables{
    MonthTable{&RunMonth::log_price, &Path::log_price},
    MonthTable{&RunMonth::log_quoted, &Path::log_quoted},
    MonthTable{&RunMonth::consumption, &Path::consumption},
    MonthTable{&RunMonth::need_factor, &Path::need_factor},
    MonthTable{&RunMonth::substituted, &Path::substituted},
    MonthTable{&RunMonth::rationed, &Path::rationed},
    MonthTable{&RunMonth::stock, &Path::stock},
    MonthTable{&RunMonth::stage_stock, &Path::stage_stock},
    MonthTable{&RunMonth::reserve_release, &Path::reserve_release},
    MonthTable{&RunMonth::reserve_purchase, &Path::reserve_purchase},
    MonthTable{&RunMonth::reserve_sale, &Path::reserve_sale},
    MonthTable{&RunMonth::room, &Path::room},
    MonthTable{&RunMonth::source_price, &Path::source_price},
    MonthTable{&RunMonth::output, &Path::output},
    MonthTable{&RunMonth::exports, &Path::exports},
    MonthTable{&RunMonth::arc_gap, &Path::arc_gap},
    MonthTable{&RunMonth::arc_flow, &Path::arc_flow},
    MonthTable{&RunMonth::arc_tax, &Path::arc_tax}};

/// A month of a path as that of the only lane.
RunMonth run_month(const Path& path, std::size_t month);

/// Writes a month of one of several lanes into its path.
///
/// \param phases  By facility, at the end of the month.
void keep_month(const RunMonth& cleared, std::size_t lane, std::size_t lanes,
                std::span<const FacilityPhase> phases, std::size_t month, Path& path);

/// What the users of a cell would have consumed without events, less what a slump of demand
/// takes away, at [month * cells + cell], t.
inline double need(const Path& reference, const Path& disrupted, std::size_t at)
{
    return reference.consumption[at] * disrupted.need_factor[at];
}

/// What they get of it: consumption, and what has gone over to substitutes beyond what has in
/// the reference run, t.
inline double served(const Path& reference, const Path& disrupted, std::size_t at)
{
    if (disrupted.substituted.empty()) {
        return disrupted.consumption[at];
    }
    return disrupted.consumption[at]
           + need(reference, disrupted, at)
                 * replaced_share(disrupted.substituted[at], reference.substituted[at]);
}

/// Equation (25): what they go without, t.
inline double shortfall(const Path& reference, const Path& disrupted, std::size_t at)
{
    return std::max(0.0, need(reference, disrupted, at) - served(reference, disrupted, at));
}

}  // namespace chokepoint
