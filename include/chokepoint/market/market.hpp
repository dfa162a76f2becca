#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "chokepoint/events/shock.hpp"
#include "chokepoint/market/lane_parameters.hpp"
#include "chokepoint/market/lane_terms.hpp"
#include "chokepoint/market/legal_caps.hpp"
#include "chokepoint/market/pooled_market.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/market/trial_market.hpp"
#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// What befalls one trial in one month.
struct MonthEvents {
    const Timeline* timeline = nullptr;  ///< What `shock->restrictions` refers to.
    const Shock* shock = nullptr;
};

/// How a market finds its prices.
enum class Clearance {
    /// Months of one price zone all lanes at once, months that caps of one exporter part in two
    /// all such lanes at once, others trial by trial.
    pooled_first,
    exact,  ///< Every month trial by trial: slow; what the quick way is tested against.
};

/// Clears one month of all commodities, of trials side by side (docs/model.md section 2). What
/// carries over is in MarketState; here is only where the search for prices begins. No
/// allocation once warm.
class Market {
public:
    /// \param model  Must outlive the market.
    explicit Market(const Model& model, Clearance clearance = Clearance::pooled_first);

    /// Prepares for a run with these parameters, starting from price ratios of 1. Each lane's
    /// timeline must stay the same from its first month on.
    /// \param parameters  Must outlive the run.
    void start(const LaneParameters& parameters);

    /// Finds prices and flows of the month `state.month`.
    ///
    /// \param events     By lane.
    /// \param reference  Net exports of the reference run, [(stage * cells + cell) * lanes +
    ///                   lane]; empty in the reference run itself.
    /// \param state      Of it, only quota allowances are refilled where a period begins.
    const Clearing& clear(std::span<const MonthEvents> events, ReferenceExports reference,
                          MarketState& state);

    /// What cleared the last trial that was not pooled.
    const TrialMarket& last_trial() const { return trial_; }

private:
    void scatter_threat(std::size_t lane);
    void forget_gaps();
    bool is_quiet(std::size_t commodity) const;
    void forget_search(std::size_t commodity);
    static bool couples(const LegalCaps& legal);
    void read_layer(std::size_t commodity, std::size_t stage, std::size_t lane);
    bool fits_caps(const LegalCaps& legal, std::size_t commodity, std::size_t lane);
    std::optional<std::size_t> trade_arc(const RestrictedArc& restricted) const;
    double flow_of(const RestrictedArc& arc, std::size_t lane) const;
    void cap_flows(const LegalCaps& legal, std::size_t commodity, std::size_t lane);
    void apply_law(std::span<const MonthEvents> events, ReferenceExports reference,
                   MarketState& state);
    void clear_exactly(std::span<const std::size_t> commodities, std::size_t lane,
                       const MarketState& state);
    /// What a lane's caps on the commodity at hand are on.
    enum class LaneLaw : unsigned char {
        borders,    ///< All exports of regions, or nothing.
        importers,  ///< Arcs to importers of one exporter and layer, besides.
        other,
    };
    bool stays_pooled(std::size_t commodity, std::size_t lane);
    void clear_alone(std::size_t commodity, std::size_t lane, const MarketState& state);
    LaneLaw list_borders_of(std::size_t commodity, std::size_t lane);
    void list_borders(std::size_t commodity);
    std::optional<std::size_t> division_of(std::size_t commodity, std::size_t lane,
                                           std::size_t tries);
    std::optional<std::size_t> division_by_borders(std::size_t commodity, std::size_t lane,
                                                   std::size_t tries);
    std::optional<std::size_t> division_by_importers(std::size_t commodity, std::size_t lane);
    const ArcCap* first_to_importer(std::size_t commodity, std::size_t lane) const;
    void gather_borders(std::size_t commodity, std::size_t division);
    void fill_arcs(std::size_t commodity, std::size_t division, std::size_t lane);
    void try_other_divisions(std::size_t commodity);
    void clear_divided(std::size_t commodity, const MarketState& state);
    void clear_gathered(std::size_t commodity, std::size_t division);
    void gather(std::size_t commodity, const LaneArray<double>& stock);
    using Table = LaneArray<double> Clearing::*;
    /// A lane of what was cleared apart, and where that goes.
    struct LaneOf {
        const Clearing& from;
        std::size_t column, lane;
    };
    void copy_rows(const LaneOf& one, Table table, std::size_t first, std::size_t count);
    void scatter_flows(const LaneOf& one, std::size_t commodity);
    void scatter(const LaneOf& one, std::size_t commodity);
    void scatter_arcs(const LaneOf& one, std::size_t commodity);
    bool reroute(const LegalCaps& legal, std::size_t commodity, std::size_t lane);

    const Model* model_;
    Clearance clearance_;
    const LaneParameters* parameters_ = nullptr;
    TrialMarket trial_;
    PooledMarket pooled_;
    LegalCapRules rules_;
    LaneTerms terms_;
    std::vector<const Shock*> shocks_;         ///< By lane.
    std::vector<TrialMarket::Memory> memory_;  ///< By lane.
    std::vector<LegalCaps> legal_;             ///< By lane.
    std::vector<unsigned char> has_law_;       ///< By lane: this month's has law or fear.
    bool is_any_law_ = false;                  ///< In any lane.
    bool is_started_ = false;                  ///< Some month of these trials has been cleared.
    std::vector<double> holds_;                ///< [commodity * lanes + lane]
    /// Same: 0 where only the exact solution finds flows, by what was found last.
    std::vector<unsigned char> may_reroute_;
    /// Where a commodity's cap on exports parted a lane's prices.
    struct Parted {
        std::size_t division = 0;
        double cheap = 0, dear = 0;  ///< Log prices.
        bool is_last = false;        ///< That was last month.
        bool was_in_vain = false;    ///< None held when last tried, at what came to one price.
    };
    std::vector<Parted> parted_;               ///< [commodity * lanes + lane]
    std::vector<unsigned char> has_searched_;  ///< By commodity: since all was forgotten.
    // Of the commodity at hand.
    std::vector<PooledMarket::PlaceCap> borders_;
    LaneArray<double> border_caps_;  ///< By border and lane (PlaceCap::cap).
    std::vector<LaneLaw> lane_law_;
    LaneArray<double> worst_;  ///< By lane (PooledMarket::clear).
    struct LaneToPart {
        std::size_t lane, division;
        std::size_t tries = 0;  ///< Before this one.
        bool holds = false;
    };
    std::vector<LaneToPart> may_part_;
    std::vector<unsigned char> is_left_;  ///< By lane: no division holds there.
    // Of those of one division, side by side.
    std::vector<std::size_t> gathered_;  ///< Their lanes.
    std::vector<PooledMarket::PlaceCap> gathered_between_, gathered_others_,
        gathered_importers_;
    LaneArray<double> gathered_caps_;
    LaneTerms gathered_terms_;
    LaneArray<double> gathered_stock_;
    Clearing gathered_clearing_;
    /// By commodity: cells with users or a reserve; layers (stage * cells + cell) that
    /// something leaves. Elsewhere there is nothing but prices.
    std::vector<std::vector<std::size_t>> users_, origins_;
    std::vector<std::size_t> all_;         ///< Every commodity.
    std::vector<ArcCap> layer_caps_;       ///< Scratch, as the next two: of the layer at hand.
    std::vector<double> output_, intake_;  ///< By region, t.
    /// What was not pooled in the month that cleared last: lane and commodity.
    std::vector<std::pair<std::size_t, std::size_t>> alone_;
    Clearing clearing_;
};

}  // namespace chokepoint
