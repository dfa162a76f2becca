#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/scenario/scenario.hpp"
#include "chokepoint/support/calendar.hpp"
#include "chokepoint/support/diagnostic.hpp"
#include "chokepoint/support/id.hpp"

namespace chokepoint {

using RegionId = Id<struct RegionTag>;
using CommodityId = Id<struct CommodityTag>;
using StageId = Id<struct StageTag>;
using FacilityId = Id<struct FacilityTag>;
using MeasureId = Id<struct MeasureTag>;

/// Where a number of the scenario stands among a trial's parameter values. Slot 0 holds 0, slot
/// 1 holds 1: what is not written refers to them.
using Slot = Id<struct SlotTag>;
inline constexpr Slot zero_slot{0};
inline constexpr Slot one_slot{1};

/// One number of the scenario.
struct ParameterInfo {
    std::string path;  ///< Key path by names; also its stream's name.
    Distribution distribution;
    std::uint64_t stream = 0;  ///< hash_name(path)
    double nominal = 0;        ///< The fixed value, or the distribution's median.
    Place place = {};          ///< Where it is written.
};

/// A property drawn for every event.
struct EventMark {
    Distribution distribution;
    double mean = distribution.mean();
};

/// Demand that goes over to something else while the remembered price is high.
struct Substitution {
    Slot trigger_price_ratio, rate_per_year, max_share;
};

struct Commodity {
    std::string name;
    Slot price;  ///< USD/kg
    std::vector<Slot>
        regional_price;  ///< By region, USD/kg; equals `price` where none is given.
    Slot elasticity_short, elasticity_long;
    Slot memory_up, memory_down;  ///< kappa per month
    Slot quoted_adjustment;       ///< phi per month
    Slot choke, floor;            ///< price ratios
    StageId last_stage = {};      ///< Where its chain ends: users take what leaves it.
    std::optional<Substitution> substitution = {};
};

struct Output {
    CommodityId commodity;
    Slot share;  ///< Tonnes of the commodity per tonne of capacity.
};

struct ByProduct {
    Slot adjustment;  ///< kappa_u per month
    Slot elasticity;  ///< eta_u
};

/// What makes a project worth while.
struct Inducement {
    Slot trigger_price_ratio;  ///< Of the remembered price, weighted by revenue.
    Slot after_months;
    Slot lead_months;  ///< From the decision to the opening.
};

/// A project, not there at month 0: announced, or induced by high prices.
struct Opening {
    double month = 0;  ///< Planned opening in model time; inf if prices are to decide.
    Slot delay;        ///< months
    Slot probability;
    Slot ramp;  ///< months from opening to full capacity, linear
    std::uint64_t stream = 0;
    std::optional<Inducement> induced = {};
};

/// A facility that shuts while its outputs are worth little, and comes back.
struct Closure {
    Slot close_below, close_after_months, reopen_above, restart_months;
};

/// Growth a year (> -1) by calendar year, from that of the scenario's start on; empty: none.
using YearlyGrowth = std::vector<Slot>;

struct Facility {
    std::string name;
    std::string owner;
    RegionId region;
    StageId stage;
    Slot capacity;     ///< t/year
    Slot utilisation;  ///< at month 0
    Slot supply_elasticity;
    std::vector<Output> outputs;  ///< Empty: a plant with room for the baseline basket.
    std::optional<ByProduct> by_product;
    std::optional<Opening> opening;
    YearlyGrowth growth = {};  ///< Of the capacity.
    std::optional<Closure> closure = {};

    /// True if prices decide whether it runs.
    bool is_led_by_prices() const { return closure || (opening && opening->induced); }
};

struct KnownTrade {
    StageId layer;
    CommodityId commodity;
    RegionId exporter, importer;
    Slot t_per_year;
};

struct Panic {
    Slot max_extra_share, build_months, half_life_months;
    std::optional<Slot> front_running_share;
};

/// How the users of one commodity in one region, or plants that treat it there, keep stock.
struct StockPolicy {
    std::string name;
    Slot cover_months, order_months, price_sensitivity, trend_sensitivity;
    std::optional<Panic> panic;
};

/// Plants of one stage and region that keep a stock of what they take in.
struct StageStock {
    StageId stage;
    CommodityId commodity;
    RegionId region;
};

struct Reserve {
    std::string name;
    RegionId region;                ///< Where it buys.
    std::vector<RegionId> members;  ///< Whose users it supplies; at least one.
    CommodityId commodity;
    std::optional<Slot> capacity = {};  ///< What it is filled up to; absent: `tonnes`.
    Slot tonnes, release_t_per_month, decision_lag_months, refill_t_per_month;
    std::optional<Slot> trigger_price_ratio, stop_price_ratio;
    std::optional<Slot> trigger_shortfall_share, stop_shortfall_share;
};

/// What users of a commodity in a region give back as output of a stage: a share of d_ref that
/// goes from `share` to `share_end` in a straight line, times min(max_factor, e^{elasticity
/// h}).
struct Recycling {
    std::string name;
    CommodityId commodity;
    RegionId region;
    StageId stage;
    Slot share, share_end;
    double ramp_from = 0, ramp_until = 0;  ///< model time; equal: no ramp
    Slot price_elasticity, max_factor;
};

/// What a policy costs the treasury (docs/model.md section 8).
struct PolicyCost {
    std::string name;
    CostKind kind = CostKind::capital;
    Slot usd;                    ///< capital: in all; running: a year
    double from = 0, until = 0;  ///< model time; may be infinite
    std::size_t reserve = 0;     ///< Of purchases: position in reserves.
    FacilityId facility = {};    ///< Of floor payments, as is the rest.
    CommodityId commodity = {};
    Slot floor_usd_per_kg;
};

/// What an export restriction does while in force (docs/model.md section 2, "Legal cap").
struct Measure {
    std::string name;
    RegionId exporter;
    StageId layer;  ///< The stage whose output may not leave.
    Instrument instrument = Instrument::quota;
    std::vector<CommodityId> commodities;
    std::vector<Slot> weights;  ///< Quota tonnes per tonne, parallel to `commodities`.
    bool all_targets = true;
    std::vector<RegionId> targets;         ///< If not all: the importers cut off.
    std::optional<Slot> quota_t;           ///< Tonnes per period; absent: relative by severity.
    std::optional<Slot> max_import_share;  ///< The targets' own cap: of their imports.
    Slot tax_rate;
    bool shared = false;
    int period_months = 0;  ///< 0: one allowance for the whole time in force.
    Slot front_loading;
    Slot leakage;

    /// True if one tonnage holds over all its arcs (commodities and targets) together.
    bool is_pooled() const { return shared || quota_t; }
};

struct StandingMeasure {
    MeasureId measure;
    double from = 0, until = 0;  ///< model time; may be infinite
    Slot severity;
};

struct ScriptedRestriction {
    MeasureId measure;
    double announced = 0, from = 0, until = 0;
    Slot severity, phase_in, phase_out;  ///< phases in months
};

/// An entry of the scenario that brings outages.
struct OutageSource {
    std::string name;
    bool is_scripted = false;
};

struct ScriptedOutage {
    std::size_t source = 0;  ///< Position in outage_sources.
    FacilityId facility;
    double from = 0, until = 0;
    Slot loss_share;
};

/// The milder phase that an acute restriction may pass into.
struct StructuralPhase {
    Slot probability;
    EventMark severity, duration_days;
};

/// A relation that is calm or tense: a Markov chain in continuous time, stationary at the
/// start.
struct Tension {
    std::string name;
    std::vector<RegionId> regions;
    Slot becomes_tense_per_year, becomes_calm_per_year;
    std::uint64_t stream = 0;
};

struct RestrictionHazard {
    MeasureId measure;  ///< What its events do: to the targets, if there are some.
    std::optional<MeasureId> untargeted;  ///< The same to all importers, if that may happen.
    Slot targeted_probability;
    Slot rate_per_year;                  ///< In calm times.
    std::optional<std::size_t> tension;  ///< Position in tensions.
    Slot tense_factor;
    Slot keep_share = one_slot;  ///< Probability that an event comes all the same.
    EventMark severity, duration_days;
    std::optional<StructuralPhase> structural;
    EventMark notice_days;
    Slot phase_in, phase_out;
    std::uint64_t stream = 0;
};

/// Events of one restriction hazard provoke events of another (or of itself).
struct Contagion {
    std::size_t from = 0, to = 0;  ///< Positions in restriction_hazards.
    Slot offspring, mean_delay_days;
    std::uint64_t stream = 0;  ///< hash of `<contagion>/<from>/<to>`
};

/// One facility under one cause of outages.
struct OutageHazard {
    std::size_t source = 0;  ///< Position in outage_sources.
    FacilityId facility;
    Slot rate_per_year;                     ///< Means nothing with `running_days`.
    std::optional<EventMark> running_days;  ///< Absent: exponential.
    Place running_place = {};               ///< Where `running_days` is written.
    std::vector<Slot> grade_factors;        ///< The facility's own; they multiply the rate.
    std::vector<Slot> keep_shares;          ///< The product: that a failure comes all the same.
    bool starts_running = false;            ///< Else in the steady state.
    EventMark repair_days, loss_share;
    std::uint64_t stream = 0;  ///< hash of `<hazard>/<facility>`
};

/// Poisson shocks that strike each of several facilities with one probability.
struct CommonCause {
    struct Member {
        FacilityId facility;
        std::uint64_t stream = 0;  ///< hash of `<cause>/<facility>`
    };
    std::size_t source = 0;  ///< Position in outage_sources.
    std::vector<Member> members;
    Slot rate_per_year, strike_probability;
    Slot keep_share = one_slot;
    EventMark repair_days, loss_share;
    std::uint64_t stream = 0;
};

/// A log price that reverts to its mean, with jumps; what it moves in which cells.
struct PriceShock {
    struct Jumps {
        Slot rate_per_year;
        EventMark size;
    };
    std::string name;
    ShockChannel channel = ShockChannel::demand;
    std::vector<std::size_t> cells;
    Slot start, mean, mean_reversion_per_year, drift_per_year, volatility_per_year;
    std::optional<Jumps> jumps;
    std::uint64_t stream = 0;
};

/// How the monthly innovations of the price shocks go together.
struct PriceShockDependence {
    Eigen::MatrixXd cholesky;  ///< Lower factor of the correlations, in file order.
    std::optional<Slot> degrees_of_freedom;  ///< Absent: Gaussian.
};

/// A set of regions reported together; the last one is `world`.
struct RegionGroup {
    std::string name;
    std::vector<RegionId> regions;
};

/// An arc whose cap may bind: reported in chokepoints.csv.
struct CappableArc {
    enum class Kind { plant, exports, trade };  ///< region's plants; all exports; one importer
    Kind kind = Kind::plant;
    CommodityId commodity;
    StageId stage;      ///< plant: the stage; exports and trade: the layer's stage
    RegionId from, to;  ///< plant and exports: `to` equals `from`
};

/// What a scenario means: names are ids, every number is a slot; immutable.
///
/// Index order is file order everywhere. Only `build_model` makes one.
struct Model {
    std::string name;
    std::string policy = "none";  ///< Names of its policies, ` + ` between them.
    Date start;
    int months = 0;
    std::vector<std::string> regions;
    std::vector<std::string> stages;
    std::vector<RegionGroup> groups;  ///< alliances in file order, then `world`
    BalanceBy balance = BalanceBy::demand;
    std::vector<Commodity> commodities;
    std::vector<Facility> facilities;
    std::vector<Slot> demand;                 ///< [commodity * regions + region], t/year
    std::vector<YearlyGrowth> demand_growth;  ///< [commodity * regions + region]
    std::vector<KnownTrade> trade;
    std::vector<StockPolicy> stock_policies;
    std::vector<StageStock> stage_stocks;
    std::vector<int> stock_policy_of;  ///< By stock holder; -1: no stock
    std::vector<Reserve> reserves;
    std::vector<Recycling> recycling;
    std::vector<PolicyCost> policy_costs;
    std::vector<Measure> measures;
    std::vector<StandingMeasure> standing;
    std::vector<ScriptedRestriction> scripted_restrictions;
    std::vector<ScriptedOutage> scripted_outages;
    std::vector<Tension> tensions;
    std::vector<RestrictionHazard> restriction_hazards;
    std::vector<Contagion> contagion;
    std::vector<OutageSource> outage_sources;  ///< Scripted, then hazards, then common causes.
    std::vector<OutageHazard> outage_hazards;
    std::vector<CommonCause> common_causes;
    std::vector<PriceShock> price_shocks;
    PriceShockDependence price_shock_dependence;
    std::vector<CappableArc> cappable_arcs;
    /// Room added to a cappable arc whenever it is capped, t/month, by position; empty: none.
    std::vector<double> extra_room = {};
    double shortfall_threshold_share = 0.05;
    double price_threshold_ratio = 2;

    std::vector<ParameterInfo> parameters;   ///< by slot
    std::vector<Slot> uncertain_parameters;  ///< those that are not fixed

    /// Room added to an arc, t/month.
    double extra_room_of(CappableArc::Kind kind, CommodityId commodity, StageId stage,
                         RegionId from, RegionId to) const;
    bool has_facilities_led_by_prices() const;
    /// True if users of some commodity may go over to something else.
    bool has_substitutes() const;
    std::size_t cells() const { return commodities.size() * regions.size(); }
    std::size_t cell(CommodityId commodity, RegionId region) const
    {
        return commodity.index() * regions.size() + region.index();
    }
    /// False where no demand is written: then nobody uses the commodity there in any trial.
    bool has_users(std::size_t cell) const { return demand[cell] != zero_slot; }
    /// True if a reserve of the commodity gives to the region or buys there.
    bool has_reserve(std::size_t cell) const;
    /// Who may keep a stock: the users of each cell, then `stage_stocks`.
    std::size_t stock_holders() const { return cells() + stage_stocks.size(); }
    /// Where the chain of a commodity ends, and how many stages it has.
    StageId last_stage(CommodityId commodity) const
    {
        return commodities[commodity.index()].last_stage;
    }
    std::size_t stages_of(CommodityId commodity) const
    {
        return last_stage(commodity).index() + 1;
    }
    /// Position of the commodity among a facility's outputs; of a plant without outputs, which
    /// takes all that reaches its stage, among the commodities.
    std::optional<std::size_t> output_of(const Facility& facility, CommodityId commodity) const;
    /// Every number by slot at its nominal value.
    std::vector<double> nominal_values() const;
    /// True if all trials share one reference run: no uncertain number, no project left to
    /// chance.
    bool reference_is_certain() const;
};

/// Gives the scenario its meaning and checks what needs the whole: balance, baseline,
/// stability.
///
/// \param warnings  Receives balance factors off by over 5 %, zig-zag risks and the like.
/// \throws InputError  with every problem found: a baseline that needs more than a cap,
/// unstable
///                     carry-over (docs/model.md section 3), a stage without plants, …
Model build_model(const Scenario& scenario, std::vector<Diagnostic>& warnings);

}  // namespace chokepoint
