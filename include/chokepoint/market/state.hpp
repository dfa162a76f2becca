#pragma once

#include <span>
#include <vector>

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/shock.hpp"
#include "chokepoint/market/lane_parameters.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/support/lane_array.hpp"

namespace chokepoint {

/// What prices have made of a facility that may shut or open by them; every other one runs.
enum class FacilityPhase : unsigned char {
    running,     ///< Since `MarketState::running`.
    shut,        ///< By low prices.
    restarting,  ///< After being shut.
    awaited,     ///< A project that waits for high prices.
    decided,     ///< On which these have decided.
};

/// What carries over from month to month, of trials side by side: [entity * lanes + lane]. By
/// cell (model.cell) unless said otherwise; log prices are clamped to [floor, choke].
///
/// By stock holder (Model::stock_holders): the users of each cell, then model.stage_stocks.
struct MarketState {
    std::size_t lanes = 1;
    int month = 0;
    LaneArray<double> demand_growth;    ///< G of demand; empty: nothing grows.
    LaneArray<double> capacity_growth;  ///< By facility: G of its capacity; empty: none grows.
    LaneArray<double> memory;           ///< h: the price that long-run demand has adjusted to.
    LaneArray<double> stock;            ///< By stock holder, tonnes.
    LaneArray<double> substituted;      ///< s: share of demand gone over to something else.
    LaneArray<double> panic;            ///< By holder, a: extra share of the target stock.
    LaneArray<double> log_quoted;       ///< ln q
    LaneArray<double> price_before;     ///< By holder: x of the month before where it buys.
    /// x of the months before that: by holder * 3 + k, k = 0 the latest.
    LaneArray<double> price_history;
    LaneArray<double> basket_index;    ///< By facility: I, for by-product facilities.
    std::vector<RunningSpan> running;  ///< [lane * facilities + facility]
    std::vector<FacilityPhase> phase;  ///< [lane * facilities + facility]
    /// [lane * facilities + facility]: months in succession with prices beyond the limit that
    /// ends its phase.
    std::vector<double> phase_months;
    LaneArray<double> reserve_stock;         ///< By reserve, tonnes.
    LaneArray<double> reserve_months_above;  ///< By reserve: months the trigger was exceeded.
    LaneArray<double> reserve_active;        ///< By reserve: 1 if it gives out, else 0.
    /// [lane][restriction event]: allowance left in this period, t.
    std::vector<std::vector<double>> quota_left;
};

/// How one month cleared, of trials side by side: [entity * lanes + lane]. By cell, or by
/// layer: stage * cells + cell.
struct Clearing {
    std::size_t lanes = 1;
    LaneArray<double> log_price;    ///< By cell: at the users, clamped.
    LaneArray<double> consumption;  ///< By cell: served, t.
    LaneArray<double> purchase;     ///< By cell: taken in from plants and trade, t.
    LaneArray<double> rationed;     ///< By cell: wanted at the choke price but unserved, t.
    LaneArray<double> stock_after;  ///< By cell: users' stock at the end of the month, t.
    /// By cell: what users need, over what they would consume without events: below 1 in a
    /// slump of demand, which is no shortage.
    LaneArray<double> need_factor;
    /// By cell: share of demand gone over to something else; empty if there is no substitution.
    LaneArray<double> substituted;
    LaneArray<double> quoted_shift;      ///< By cell (Shock::quoted_shift); empty: none.
    LaneArray<double> release;           ///< By cell: what reserves give its users, t.
    LaneArray<double> reserve_release;   ///< By reserve: t, to all its members.
    LaneArray<double> reserve_purchase;  ///< By reserve: t.
    LaneArray<double> source_price;      ///< By cell: clamped log price where it is mined.
    LaneArray<double> stage_price;       ///< By stage stock: clamped log price at the plants.
    LaneArray<double> stage_order;       ///< By stage stock: what it takes in, t.
    LaneArray<double> stage_draw;        ///< By stage stock: what plants draw from it, t.
    LaneArray<double> recycled;          ///< By entry of model.recycling: t.
    LaneArray<double> availability;      ///< By facility: the share of capacity it has.
    LaneArray<double> room;              ///< By facility: what it could make, t.
    /// By layer: what the region's plants pass on, t; 0 at the first stage.
    LaneArray<double> throughput;
    LaneArray<double> output;    ///< By layer: what leaves the stage in the region, t.
    LaneArray<double> exports;   ///< By layer: net exports of the region, t.
    LaneArray<double> arc_gap;   ///< By cappable arc (Path::arc_gap).
    LaneArray<double> arc_flow;  ///< By cappable arc.
    LaneArray<double> arc_tax;   ///< By cappable arc (Path::arc_tax).
    std::vector<unsigned char> taxes_and_quotas_hold;  ///< By lane: 0 where none settles them.
    LaneArray<double> threat;  ///< By stock holder: share of need under threat, 0 to 1.
    LaneArray<double> threat_in_force;  ///< The same without what is only announced.
    /// [lane][restriction event]: legal exports charged to it, t.
    std::vector<std::vector<double>> quota_used;

    /// Makes room for a model's entities in so many lanes.
    void resize(const Model& model, std::size_t lanes);
};

/// The state at month 0: every ratio 1, stocks at their target, reserves full.
/// \param timelines  By lane.
/// \param state      Overwritten; keeps its memory.
void start_state(const Model& model, const LaneParameters& parameters,
                 std::span<const Timeline* const> timelines, MarketState& state);

/// The reference run's month, by cell and lane: what reserves with a shortfall trigger compare
/// with. Empty in the reference run itself, where no shortfall exists.
struct ReferenceConsumption {
    std::span<const double> served;       ///< t
    std::span<const double> substituted;  ///< Empty if there is no substitution.
};

/// The share of the need that substitutes serve: what has gone over to them beyond what has in
/// the reference run, whose need this is.
[[gnu::always_inline]] inline double replaced_share(double substituted, double in_reference)
{
    return substituted > in_reference ? (substituted - in_reference) / (1 - in_reference) : 0;
}

/// Moves the state from one month to the next (docs/model.md section 3): memory, substitution,
/// stocks, panic, quoted price, by-product utilisation, facilities that shut,
/// restart or are built, reserves, quota allowances, growth.
void advance(const Model& model, const LaneParameters& parameters, const Clearing& clearing,
             ReferenceConsumption reference, MarketState& state);

}  // namespace chokepoint
