#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "chokepoint/events/shock.hpp"
#include "chokepoint/market/contracted_network.hpp"
#include "chokepoint/market/curves.hpp"
#include "chokepoint/market/interior_point.hpp"
#include "chokepoint/market/lane_terms.hpp"
#include "chokepoint/market/layered_network.hpp"
#include "chokepoint/market/legal_caps.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/market/zone_solver.hpp"
#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// Clears one month of one trial exactly, whatever is capped, taxed or under a shared quota
/// (docs/model.md section 2). Holds the networks and work arrays; what a trial remembers is in
/// its Memory. No allocation once every network has been solved once.
class TrialMarket {
public:
    /// Where the solution of the next month starts from.
    struct Memory {
        std::vector<ZonePrices> prices;  ///< By commodity.
        /// [commodity][arc]: the cap that a tax or quota came to; 0: unknown.
        std::vector<std::vector<double>> last_cap;
        /// [commodity][arc] of a quota's first member: its rent.
        std::vector<std::vector<double>> last_rent;
        /// By commodity: prices of the contracted network, and which one that is.
        std::vector<ZonePrices> contracted;
        std::vector<const ContractedNetwork*> contraction;
    };

    /// \param model     Must outlive the market.
    /// \param contract  Solve contracted networks where that gives the same.
    TrialMarket(const Model& model, bool contract);

    std::span<const LayeredNetwork> networks() const { return networks_; }

    /// Forgets all: price ratios of 1.
    void start(Memory& memory) const;

    /// Turns to a trial and its month. The arguments must outlive what is asked of it.
    void enter(const Parameters& parameters, const LegalCaps& legal, Memory& memory);

    /// Takes over a commodity's numbers of the month.
    void load(const LaneTerms& terms, const MarketState& state, std::size_t lane,
              std::size_t commodity);

    /// Finds prices and flows of these commodities, which have been loaded: at least those that
    /// taxes and shared quotas couple. Only they are written in the result.
    ///
    /// Commodities clear side by side; quotas shared by several couple them through one rent.
    /// Taxes and shared quotas are caps of unknown size: each is sought in turn until none
    /// moves, or all at once by `InteriorPoint` where that fails.
    const Clearing& clear(std::span<const std::size_t> commodities);

    /// Looks for flows of a commodity that caps let through at its pooled price, with plants as
    /// near to one share of their room as may be. False if it found none. Writes throughputs,
    /// outputs and exports in the result.
    ///
    /// \param pooled  The pooled month of all lanes.
    bool share_at_one_price(const LaneTerms& terms, const Clearing& pooled, std::size_t lane,
                            std::size_t commodity);

    /// What `clear` and `share_at_one_price` have written.
    const Clearing& clearing() const { return clearing_; }

    /// Positions of a commodity's arcs among the model's cappable arcs.
    std::span<const std::size_t> arcs_of(std::size_t commodity) const
    {
        return arcs_of_[commodity];
    }

    /// True if there is an arc that all of a region's exports of a layer pass.
    bool has_border(const RestrictedArc& arc) const
    {
        return arc.all_exports() && arc_of(arc) != absent;
    }

    /// Tonnes on a restricted arc of a commodity that has been cleared.
    double flow_of(const RestrictedArc& arc) const;

    /// Rent of the month's shared quotas, USD per quota tonne, in the order of the law; 0 where
    /// everything fits.
    std::span<const double> quota_rents() const { return {rent_.data(), rent_.size()}; }

    /// A commodity's network of the month that cleared last, sought caps on its arcs, and what
    /// cleared it. Flows are not kept up where all nodes are one zone.
    const LayeredNetwork& network(std::size_t commodity) const { return networks_[commodity]; }
    const ZonePrices& prices(std::size_t commodity) const { return prices_[commodity]; }

private:
    /// An arc whose cap is sought so that p_to − factor · p_from = target, the sum of
    /// rent · rent_share over the quotas that cover it.
    struct PricedArc {
        RestrictedArc restricted;
        std::size_t commodity = 0;
        std::uint32_t arc = 0;
        double factor = 1;
        double weight = 1;  ///< Quota tonnes per tonne.
        /// weight / reference price: price ratio per USD per quota tonne.
        double rent_share = 0;
        double other_rents = 0;  ///< What other quotas on the arc claim of the gap.
        double target = 0;       ///< The gap sought.
        double legal_cap = open_cap;
        double cap = open_cap;  ///< The answer.
        double cap_before = 0;  ///< In the round before.
        double cap_below = 0;   ///< At a lower rent.
        double miss = 0;        ///< How far ln price was off when last solved.
        double fall = 0;        ///< d ln price gap / d cap, minus sign taken out.
        double response = 0;    ///< d cap / d target gap <= 0; 0 where the cap does not answer.

        /// True if leave to export costs nothing.
        bool is_free() const { return factor == 1 && target == 0; }
    };
    using PricedArcs = std::span<PricedArc>;

    bool clears_as_one_zone(std::size_t commodity);
    bool stage_passes(std::size_t commodity, std::size_t stage, const Powers& powers,
                      Balance& above) const;
    void solve(std::size_t commodity);
    bool solve_contracted(std::size_t commodity);
    ContractedNetwork& contraction(std::size_t commodity);
    bool is_full(std::size_t commodity, std::uint32_t arc) const;
    bool may_ship(std::size_t commodity, std::size_t stage, std::size_t from,
                  std::size_t to) const;
    bool supplies_nothing(std::size_t commodity, std::size_t at) const;
    bool makes_nothing(std::size_t commodity, std::size_t stage, std::size_t region) const;
    void price_plants_at_rest(std::size_t commodity, std::size_t stage);
    bool takes_nothing(std::size_t commodity, std::size_t stage, std::size_t region);
    std::uint32_t origin_of(std::size_t commodity, std::size_t stage, std::size_t region) const;
    std::uint32_t market_of(std::size_t commodity, std::size_t stage, std::size_t region) const;
    bool find_idle_nodes(std::size_t commodity, std::size_t stage);
    void take_price(std::size_t commodity, std::uint32_t node, std::uint32_t neighbour);
    template <class MayReach>
    std::uint32_t dearest_market(std::size_t commodity, std::size_t stage,
                                 const MayReach& may_reach) const;
    std::uint32_t cheapest_seller(std::size_t commodity, std::size_t stage,
                                  std::size_t region) const;
    std::uint32_t price_world_market(std::size_t commodity, std::size_t stage);
    void price_idle_origin(std::size_t commodity, std::size_t stage, std::size_t region,
                           std::uint32_t world);
    void price_idle_nodes(std::size_t commodity, std::size_t stage);
    void solve_with_known_caps(std::size_t commodity);
    bool is_priced(std::size_t commodity) const;
    double kept_at_home(std::size_t commodity, std::size_t region, const Powers& powers) const;
    bool needs_solver(std::size_t commodity) const;
    void impose_caps(std::size_t commodity);

    void list_priced_arcs();
    void settle_taxes_and_quotas();
    bool settle_in_turn();
    bool settle_at_once();
    void read_priced();
    bool taxes_and_quotas_hold();
    bool gap_holds(const PricedArc& priced) const;
    bool has_buyers(std::size_t commodity, std::uint32_t zone) const;
    void state_problem();
    void take_prices(std::size_t commodity);
    static void join_zone(const Network& network, std::uint32_t node, std::uint32_t zone,
                          ZonePrices& prices);
    std::span<PricedArc> members_of(std::size_t quota);
    bool is_ban(std::size_t quota);
    double consumption_of(std::size_t commodity) const;
    std::optional<double> settle_quota(std::size_t quota);
    std::optional<double> search_rent(PricedArcs members, double limit, double rent);
    void settle_without_rent(PricedArcs members, double limit, double rent);
    void settle_at_jump(PricedArcs members, double limit, double rent_below, double rent_above);
    bool fits_without_rent(PricedArcs members, double limit);
    double guess_rent(PricedArcs members, double limit);
    void close_arcs(PricedArcs members);
    double rent_of_ban(PricedArcs members) const;
    void meet_limit(PricedArcs members, double limit);
    void note_other_rents(std::size_t quota);
    double settle_members(PricedArcs members, double rent, double tolerance);
    static void foresee_caps(PricedArcs members, double rent_change);
    bool settle_arc(PricedArc& priced, double tolerance);
    double gap_of(PricedArc& priced, bool splits);
    bool has_moved(const PricedArc& priced, double before) const;
    void lift_cap(PricedArc& priced);
    double nothing_of(const PricedArc& priced) const;
    static bool members_are_apart(PricedArcs members);

    void read_users(std::size_t commodity);
    void read_reserve(std::size_t reserve);
    bool share_flows(std::size_t commodity);
    void read_flows(std::size_t commodity);
    bool plants_can_run(std::size_t commodity, double supply) const;
    bool layer_is_open(std::size_t commodity, std::size_t stage) const;
    void take_pooled(std::size_t commodity, const Clearing& pooled);
    void load_caps(const CommodityTerms& terms, std::size_t commodity);
    void sum_what_passes(std::size_t commodity);
    void read_stage_stocks(std::size_t commodity);
    void read_supply(std::size_t commodity);
    void share_among_plants(std::size_t commodity, std::size_t stage);
    void share_within_zone(std::size_t commodity, std::size_t stage, std::uint32_t zone);
    std::pair<double, double> bounds_of_exports(std::size_t commodity, std::size_t stage,
                                                std::size_t region) const;
    std::pair<double, double> bounds_of_plant(std::size_t commodity, std::size_t stage,
                                              std::size_t region) const;
    void read_output(std::size_t commodity, std::size_t stage);
    void read_exports(std::size_t commodity);
    bool flows_are_possible(std::size_t commodity, double supply) const;
    double intake(std::size_t commodity, std::size_t stage, std::size_t region) const;
    std::size_t at_layer(std::size_t commodity, std::size_t stage, std::size_t region) const;
    void read_arcs(std::size_t commodity);
    bool between_zones(std::size_t commodity, std::uint32_t arc) const;
    double tax_factor(const RestrictedArc& arc) const;
    std::uint32_t arc_of(const RestrictedArc& arc) const;

    const Model* model_;
    bool contract_;
    const Parameters* parameters_ = nullptr;
    const LaneTerms* terms_ = nullptr;
    std::size_t lanes_ = 1, lane_ = 0;
    std::vector<LayeredNetwork> networks_;
    std::vector<std::vector<std::size_t>> arcs_of_;  ///< By commodity: its cappable arcs.
    const LegalCaps* legal_ = nullptr;
    std::span<ZonePrices> prices_;  ///< Of the trial at hand, as the two below.
    Memory* memory_ = nullptr;
    /// [commodity]: those met so far, by what is capped.
    std::vector<std::vector<std::unique_ptr<ContractedNetwork>>> contractions_;
    std::vector<bool> contracted_;     ///< By commodity: cleared by its contracted network.
    std::vector<bool> makes_, takes_;  ///< Scratch, by region: who does at a layer.
    std::vector<std::uint32_t> capped_arcs_;  ///< Scratch: of the commodity at hand.
    std::vector<double> caps_;                ///< Their caps.
    KnownPowers known_powers_;                ///< Of the commodities' whole networks.
    std::vector<bool> capped_;  ///< By commodity: some trade arc has a known cap this month.
    std::vector<bool> capped_beyond_mines_;  ///< Same, one that is not on all exports of ore.
    /// [commodity * stages + layer]: 1 where some trade arc of the layer has a known cap.
    std::vector<unsigned char> capped_layers_;
    std::vector<bool> one_zone_;  ///< By commodity: cleared without looking for flows.
    ZoneSolver solver_;
    /// Members of the quotas one after another, then taxed arcs.
    std::vector<PricedArc> priced_;
    std::vector<std::size_t> first_member_;  ///< By quota; one more for the end.
    std::vector<double> rent_;               ///< By quota of the month, USD per quota tonne.
    std::span<std::vector<double>> last_cap_, last_rent_;
    int solves_in_turn_ = 0;  ///< Of the month: what settling in turn has cost so far.
    InteriorPoint interior_;
    std::vector<std::size_t> block_;  ///< By commodity: its number in `interior_`.
    // Scratch of the commodity whose flows are read.
    std::vector<double> own_supply_;  ///< [stage * regions + region]: mined or recycled, t.
    std::vector<double>
        net_draw_;                 ///< Same: what plants draw from stock less what they put in.
    std::vector<double> passing_;  ///< By stage: what its plants pass on in all.
    std::vector<std::pair<double, double>> plant_bounds_;  ///< By region.
    std::vector<double> stock_;              ///< By cell: users' stock at the month's start.
    std::vector<double> release_, refill_;   ///< By reserve.
    std::vector<std::vector<double>> part_;  ///< By reserve and member (LaneTerms::part).
    Clearing clearing_;                      ///< In one lane.
};

}  // namespace chokepoint
