#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/support/calendar.hpp"
#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

/// A number as written: fixed, or a distribution that is drawn once per trial. `path` names its
/// stream and its row in parameter tables, e.g. `facilities.bayan_obo.capacity_t_per_year`.
struct Number {
    Distribution distribution;
    std::string path;
    Place place;
};

/// A property of each event, drawn anew for every event (`duration_days`, `severity` of a
/// hazard).
struct Mark {
    Distribution distribution;
    std::string path;
    Place place;
};

/// A list of names, or the word `all`.
struct Names {
    bool all = false;
    std::vector<std::string> names;
    Place place;
};

struct Group {
    std::string name;
    std::vector<std::string> regions;
    Place place;
};

/// Users who go over to something else when a price stays high, and stay there.
struct SubstitutionEntry {
    Number trigger_price_ratio;  ///< Of the remembered price.
    Number rate_per_year;        ///< Share of what is left that goes over.
    Number max_share;
};

struct CommodityEntry {
    std::string name;
    Place place;
    Number price_usd_per_kg;
    std::vector<std::pair<std::string, Number>> regional_price_usd_per_kg;
    Number demand_elasticity_short_run;  ///< > 0: quantity falls by this share of a price rise.
    Number demand_elasticity_long_run;
    Number memory_up_per_month;          ///< kappa_up in (0, 1]
    Number memory_down_per_month;        ///< kappa_down <= kappa_up
    Number quoted_adjustment_per_month;  ///< phi in (0, 1]; 1: the quoted price is the price.
    Number choke_price_ratio;
    Number floor_price_ratio;
    std::string last_stage = {};  ///< Where its chain ends; empty: at the last of all.
    std::optional<SubstitutionEntry> substitution = {};
};

struct OutputEntry {
    std::string commodity;
    Number share;  ///< Tonnes of the commodity per tonne of capacity.
    Place place;
};

struct ByProductEntry {
    Number adjustment_per_month;  ///< kappa_u
    Number price_elasticity;      ///< eta_u
};

/// By what demand or capacity grows from year to year.
struct GrowthEntry {
    Number per_year;                              ///< > -1
    std::vector<std::pair<int, Number>> by_year;  ///< In its place in these calendar years.
};

/// A facility that shuts while what it makes is cheap. Limits are of the value of its outputs
/// at quoted prices, over that of month 0.
struct ClosureEntry {
    Number close_below;
    Number close_after_months;
    Number reopen_above;  ///< > close_below
    Number restart_months;
};

/// A project that is decided on once prices have been high for long.
struct InducedEntry {
    Number trigger_price_ratio;  ///< > 1: of the remembered price.
    Number after_months;
    Number lead_months;
};

struct FacilityEntry {
    std::string name;
    Place place;
    std::string region;
    std::string stage;
    Number capacity_t_per_year;
    Number utilisation;                ///< Share of capacity in use at month 0.
    Number supply_elasticity;          ///< Within the month; mines only.
    std::vector<OutputEntry> outputs;  ///< Empty: a plant that takes the baseline basket.
    std::string owner;
    std::vector<std::string> grades;  ///< Labels that outage rates may depend on.
    std::optional<ByProductEntry> by_product;
    std::optional<Date> opens;  ///< An announced project; absent: open from the start,
    std::optional<InducedEntry> induced = {};  ///< unless it is one that prices induce.
    Number delay_months;
    Number opening_probability;
    Number ramp_months;
    GrowthEntry growth = {};  ///< Of the capacity.
    std::optional<ClosureEntry> closure = {};
};

struct DemandEntry {
    std::string commodity, region;
    Number t_per_year;
    Place place;
    GrowthEntry growth = {};
};

/// Known trade: tonnes a year of a commodity from an exporter to an importer at month 0, as
/// output of `layer`. A pattern: scaled to the exporters' net exports and the importers' net
/// imports.
struct TradeEntry {
    std::string layer, commodity, exporter, importer;
    Number t_per_year;
    Place place;
};

struct PanicEntry {
    Number max_extra_share;  ///< a_max: extra target stock at full threat, as a share of the
                             ///< target.
    Number build_months;
    Number half_life_months;
    std::optional<Number> front_running_share;  ///< Absent: max_extra_share.
};

struct StockEntry {
    std::string name;
    Place place;
    Names commodities, regions;
    std::string at;            ///< The stage whose plants keep it; empty: users do.
    Number cover_months;       ///< m
    Number order_months;       ///< tau >= 1
    Number price_sensitivity;  ///< psi
    Number trend_sensitivity;  ///< gamma
    std::optional<PanicEntry> panic;
};

struct ReserveEntry {
    std::string name;
    Place place;
    std::string region, commodity;
    Names members;                          ///< Regions that share it; empty: its region alone.
    Number tonnes;                          ///< At month 0.
    std::optional<Number> capacity_t = {};  ///< What purchases fill it up to; absent: tonnes.
    Number release_t_per_month;
    std::optional<Number> trigger_price_ratio, stop_price_ratio;
    std::optional<Number> trigger_shortfall_share, stop_shortfall_share;
    Number decision_lag_months;
    Number refill_t_per_month;  ///< Purchases at reference price while not full and idle.
};

/// What comes back to a stage from use in a region.
struct RecyclingEntry {
    std::string name;
    Place place;
    std::string commodity, region;
    std::string stage;  ///< Whose output it is like; default the last stage.
    Number share_of_demand, share_of_demand_end;
    std::optional<Date> ramp_from, ramp_until;
    Number price_elasticity;  ///< eta_R, on remembered prices.
    Number max_factor;        ///< Bound on its rise with prices, >= 1.
};

enum class Instrument { quota, ban, licensing, tax };

/// What an export restriction does: shared by standing measures, scripted events and hazards.
struct RestrictionTerms {
    std::string exporter;
    Names commodities;
    std::string layer;  ///< The stage whose output may not leave; default the last stage.
    Instrument instrument = Instrument::quota;
    Names targets;                    ///< Importers that are cut off; `all` by default.
    std::vector<std::string> exempt;  ///< Importers that are spared.
    std::optional<Number> quota_t;  ///< Tonnes per period; else the cut is relative (severity).
    std::optional<Number> tax_rate;  ///< Ad valorem, for `tax`.
    bool shared = false;  ///< One tonnage over all covered commodities instead of one each.
    std::vector<std::pair<std::string, Number>>
        weights;                       ///< Quota tonnes per tonne; default 1.
    std::optional<int> period_months;  ///< The allowance is renewed this often; default: once.
    Number front_loading;  ///< >= 0: v_t = exp(-front_loading * (month in period) / period
                           ///< length).
    Number leakage;        ///< Share of what is cut that leaks out, 0 to 1.
};

struct StandingMeasureEntry {
    std::string name;
    Place place;
    RestrictionTerms terms;
    Number severity;
    std::optional<Number> max_import_share;  ///< Of each target's imports; in place of a cut.
    std::optional<Date> from, until;
};

struct ScriptedRestrictionEntry {
    std::string name;
    Place place;
    RestrictionTerms terms;
    Number severity;   ///< Share cut, 0 to 1 (1 for a ban).
    Date from, until;  ///< In force from the start of `from` to the start of `until`.
    std::optional<Date> announced;  ///< Panic starts here; default `from`.
    Number phase_in_months, phase_out_months;
};

struct ScriptedOutageEntry {
    std::string name;
    Place place;
    std::string facility;
    Date from, until;
    Number loss_share;
};

/// The long, milder phase that may follow the acute one of a sampled restriction.
struct StructuralPhaseEntry {
    Number probability;
    Mark severity;
    Mark duration_days;
};

/// A Poisson process of restrictions, faster while the tension that it depends on lasts.
struct RestrictionHazardEntry {
    std::string name;
    Place place;
    RestrictionTerms terms;
    Number rate_per_year;                    ///< In calm times.
    std::string tension;                     ///< Empty: none.
    Number tense_factor;                     ///< Of the rate while tense.
    Number keep_share = {Fixed{1}, "", {}};  ///< Of its events that come all the same.
    Mark severity;                           ///< Of the acute phase.
    Mark duration_days;                      ///< Of the acute phase.
    std::optional<StructuralPhaseEntry> structural;
    Number targeted_probability;  ///< Of hitting the named targets; else it hits all importers.
    Mark notice_days;
    Number phase_in_months, phase_out_months;
};

/// A state, calm or tense, of relations between regions: a Markov chain in continuous time.
struct TensionEntry {
    std::string name;
    Place place;
    std::vector<std::string> regions;  ///< The parties; alliances stand for their members.
    Number becomes_tense_per_year;
    Number becomes_calm_per_year;
};

/// Restrictions that provoke restrictions: each event of a hazard in `from` is followed by
/// `offspring` events, on average, of each hazard in `to`, after exponential delays.
struct ContagionEntry {
    std::string name;
    Place place;
    Names from, to;
    Number offspring;
    Number mean_delay_days;
};

/// Facilities by name, or all of a stage, region or commodity (every given condition must
/// hold).
struct FacilitySelector {
    std::vector<std::string> names;
    std::string stage, region, commodity;
    Place place;
};

/// An alternating renewal process per facility: running times, then repair as marked.
struct OutageHazardEntry {
    std::string name;
    Place place;
    FacilitySelector facilities;
    /// Failures per year of running time, which is then exponential; else `running_days`.
    std::optional<Number> rate_per_year;
    std::optional<Mark> running_days;  ///< Any law of the time between repair and failure.
    /// By what a facility of each grade fails more often.
    std::vector<std::pair<std::string, Number>> grade_factors;
    Number keep_share = {Fixed{1}, "", {}};  ///< Of its failures that come all the same.
    std::vector<std::pair<std::string, Number>> keep_share_by_grade;
    bool starts_running = false;  ///< Else as it is found at a random time.
    Mark repair_days;
    Mark loss_share;
};

/// Shocks that strike several facilities at once, each with one probability.
struct CommonCauseEntry {
    std::string name;
    Place place;
    FacilitySelector facilities;
    Number rate_per_year;
    Number strike_probability;
    Number keep_share = {Fixed{1}, "", {}};  ///< Of its strikes that do damage all the same.
    Mark repair_days;
    Mark loss_share;
};

/// What a price shock moves: what users are willing to pay, what supply costs, or only what is
/// quoted.
enum class ShockChannel { demand, supply, quoted };

/// Jumps of a log price at the times of a Poisson process.
struct JumpEntry {
    Number rate_per_year;
    Mark size;  ///< Of ln price.
};

/// A log price that reverts to its mean, with jumps.
struct PriceShockEntry {
    std::string name;
    Place place;
    std::string commodity;
    Names regions;
    ShockChannel channel = ShockChannel::demand;
    Number start, mean;              ///< ln price ratio
    Number mean_reversion_per_year;  ///< kappa; 0: a random walk.
    Number drift_per_year;
    Number volatility_per_year;
    std::optional<JumpEntry> jumps;
};

/// How the monthly innovations of two price shocks go together.
struct CorrelationEntry {
    std::string one, other;
    double value = 0;
    Place place;
    std::string path;
};

enum class Dependence { gaussian, student_t };

/// How uncertain numbers are spread over trials: independently, or evenly by scrambled Sobol'
/// points.
enum class Sampling { plain, sobol };

/// A figure of a tail for which trials are drawn by importance.
struct ImportanceEntry {
    std::string figure;  ///< `statistic(metric,commodity,region)`; empty for none.
    Place place;
};

/// A draw whose law is tilted (docs/model.md section 10), and by which factor.
struct TiltEntry {
    std::string name;
    Number factor;
};

struct PriceShocksEntry {
    std::vector<PriceShockEntry> processes;
    std::vector<CorrelationEntry> correlations;
    Dependence dependence = Dependence::gaussian;
    Number degrees_of_freedom;
    Place place;
};

enum class RecordSeries { price, exports, imports, consumption };
enum class RecordKind {
    mean,   ///< Over the months.
    spot,   ///< At some day in them.
    peak,   ///< The highest of them.
    total,  ///< Of a volume.
};

/// One row of a record: a price or a volume that was seen.
struct RecordPoint {
    RecordSeries series = RecordSeries::price;
    std::string commodity;    ///< A commodity, or `all` (volumes only).
    std::string region;       ///< A region, an alliance or `world`: who pays, ships or uses.
    std::string counterpart;  ///< Of trade: the other side, or `all`; else empty.
    Date from, until;         ///< First month, and the month after the last.
    RecordKind kind = RecordKind::mean;
    double value = 0;  ///< USD/kg or t
    std::string status, source, note;
    Place place;
};

/// What the record is called beside a resolved scenario.
inline constexpr const char* record_file_name = "record.csv";

/// The record that a run of the scenario is compared with.
struct ObservedEntry {
    std::string path;  ///< As written, relative to the scenario file.
    std::string resolved_path;
    std::optional<Date> compare_from;  ///< First month that is compared.
    /// By commodity: standard deviation of a 12-month move of the log price.
    std::vector<std::pair<std::string, Number>> no_model_volatility;
    std::vector<std::pair<std::string, Number>> weights;  ///< In volumes over all commodities.
    std::vector<RecordPoint> points;
    std::string text;  ///< The whole file.
    Place place;
};

/// What a policy spends: a sum spread evenly over its time, a sum each year, what a reserve
/// buys less what it sells, or what makes up for a price below a floor.
enum class CostKind { capital, running, purchases, floor_payments };

struct PolicyCostEntry {
    std::string name;
    Place place;
    CostKind kind = CostKind::capital;
    Number usd;           ///< Of capital: in all.
    Number usd_per_year;  ///< Of running costs.
    std::optional<Date> from, until;
    std::string reserve;              ///< Of purchases.
    std::string facility, commodity;  ///< Of floor payments: whose output of what.
    Number floor_usd_per_kg;
};

enum class BalanceBy { demand, supply };

/// What is written in a scenario file, after `extends` and `--set`, checked and with defaults
/// filled in: every name refers to something, every number is in range. Only `read_scenario`
/// makes one.
struct Scenario {
    std::string name;
    std::string description;
    std::vector<std::string> policies;  ///< Names of those that are laid over it.
    Date start;
    int months = 0;
    std::vector<std::string> regions;
    std::vector<Group> alliances;
    std::vector<std::string> stages;
    BalanceBy balance = BalanceBy::demand;
    std::vector<CommodityEntry> commodities;
    std::vector<FacilityEntry> facilities;
    std::vector<DemandEntry> demand;
    std::vector<TradeEntry> trade;
    std::vector<StockEntry> stocks;
    std::vector<ReserveEntry> reserves;
    std::vector<RecyclingEntry> recycling;
    std::vector<PolicyCostEntry> policy_costs;
    std::vector<StandingMeasureEntry> standing_measures;
    std::vector<ScriptedRestrictionEntry> scripted_restrictions;
    std::vector<ScriptedOutageEntry> scripted_outages;
    std::vector<RestrictionHazardEntry> restriction_hazards;
    std::vector<TensionEntry> tensions;
    std::vector<ContagionEntry> contagion;
    std::vector<OutageHazardEntry> outage_hazards;
    std::vector<CommonCauseEntry> common_causes;
    PriceShocksEntry price_shocks;
    std::optional<ObservedEntry> observed;
    double shortfall_threshold_share = 0.05;
    double price_threshold_ratio = 2;
    long trials = 10000;
    std::uint64_t seed = 1;
    Sampling sampling = Sampling::plain;
    ImportanceEntry importance;
    std::vector<TiltEntry> tilt;

    std::string resolved_yaml;  ///< The scenario as run: one document without `extends`.
    std::vector<Diagnostic> warnings;
    Place place;  ///< The scenario file.
};

}  // namespace chokepoint
