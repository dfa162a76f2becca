#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "check_effects.hpp"
#include "check_hazards.hpp"
#include "chokepoint/model/baseline.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/model/stability.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/correlation.hpp"

namespace chokepoint {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double notable_imbalance = 0.05;

/// The positions of names of one kind.
template <class Tag>
class NameIndex {
public:
    void add(const std::string& name) { ids_.emplace(name, Id<Tag>(ids_.size())); }

    bool contains(const std::string& name) const { return ids_.contains(name); }

    /// \throws std::logic_error if there is no such name: the reader let it through.
    Id<Tag> operator[](const std::string& name) const
    {
        const auto found = ids_.find(name);
        if (found == ids_.end()) {
            throw std::logic_error("build_model: unknown name \"" + name + "\"");
        }
        return found->second;
    }

private:
    std::unordered_map<std::string, Id<Tag>> ids_;
};

/// Turns names into ids and numbers into slots; checks nothing but that streams differ.
class ModelBuilder {
public:
    ModelBuilder(const Scenario& scenario, Diagnostics& diagnostics)
        : scenario_(scenario), diagnostics_(diagnostics)
    {}

    Model build();

private:
    void add_names();
    void add_groups();
    void add_commodities();
    void add_facilities();
    void add_demand_and_trade();
    void add_stocks();
    void add_stage_stocks(const StockEntry& entry, int policy);
    void add_reserves();
    void add_recycling();
    void add_policy_costs();
    void add_standing_measures();
    void add_scripted_events();
    void add_tensions();
    void add_restriction_hazards();
    void add_contagion();
    void add_outage_hazards();
    void add_common_causes();
    void add_price_shocks();
    void add_correlations();
    void add_plant_arcs();
    void add_export_arcs();
    void sort_arcs();

    Slot slot_of(const Number& number);
    std::optional<Slot> slot_of(const std::optional<Number>& number);
    YearlyGrowth growth_of(const GrowthEntry& entry);
    std::uint64_t stream_of(Purpose purpose, const std::string& name, const Place& place);
    Slot severity_of(const RestrictionTerms& terms, const Number& written,
                     const std::string& path, const Place& place);
    MeasureId add_measure(const std::string& name, const RestrictionTerms& terms);
    std::vector<CommodityId> commodities_of(const Names& names) const;
    std::vector<RegionId> regions_of(const Names& names) const;
    std::vector<RegionId> members_of(const ReserveEntry& entry) const;
    bool selects(const FacilitySelector& selector, const Facility& facility) const;
    static std::vector<Slot> grade_factors_of(
        const FacilityEntry& facility,
        const std::vector<std::pair<std::string, Slot>>& factors);
    double month_of(const Date& date) const { return months_between(scenario_.start, date); }

    const Scenario& scenario_;
    Diagnostics& diagnostics_;
    Model model_;
    NameIndex<RegionTag> regions_;
    NameIndex<StageTag> stages_;
    NameIndex<CommodityTag> commodities_;
    NameIndex<FacilityTag> facilities_;
    NameIndex<struct TensionTag> tensions_;
    NameIndex<struct PriceShockTag> price_shocks_;
    std::unordered_map<std::string, Slot> drawn_;  ///< Uncertain numbers by path.
    std::map<std::pair<Purpose, std::uint64_t>, std::string> streams_;
};

Model ModelBuilder::build()
{
    model_.parameters = {{.path = "", .distribution = Distribution(Fixed{0}), .nominal = 0},
                         {.path = "", .distribution = Distribution(Fixed{1}), .nominal = 1}};
    add_names();
    add_groups();
    add_commodities();
    add_facilities();
    add_demand_and_trade();
    add_stocks();
    add_reserves();
    add_recycling();
    add_policy_costs();
    if (!scenario_.policies.empty()) {
        model_.policy = fmt::format("{}", fmt::join(scenario_.policies, " + "));
    }
    add_standing_measures();
    add_scripted_events();
    add_tensions();
    add_restriction_hazards();
    add_contagion();
    add_outage_hazards();
    add_common_causes();
    add_price_shocks();
    add_correlations();
    add_plant_arcs();
    add_export_arcs();
    sort_arcs();
    return std::move(model_);
}

Slot ModelBuilder::slot_of(const Number& number)
{
    const bool certain = number.distribution.is_fixed();
    const double nominal = number.distribution.quantile(0.5);
    if (certain && number.path.empty() && (nominal == 0 || nominal == 1)) {
        return nominal == 0 ? zero_slot : one_slot;
    }
    if (!certain) {
        // A default may refer to another key's number: one number, one draw.
        if (const auto found = drawn_.find(number.path); found != drawn_.end()) {
            return found->second;
        }
    }
    const Slot slot(model_.parameters.size());
    ParameterInfo info{.path = number.path,
                       .distribution = number.distribution,
                       .stream = hash_name(number.path),
                       .nominal = nominal,
                       .place = number.place};
    if (!certain) {
        info.stream = stream_of(Purpose::parameter, number.path, number.place);
        drawn_.emplace(number.path, slot);
        model_.uncertain_parameters.push_back(slot);
    }
    model_.parameters.push_back(std::move(info));
    return slot;
}

std::optional<Slot> ModelBuilder::slot_of(const std::optional<Number>& number)
{
    return number ? std::optional<Slot>(slot_of(*number)) : std::nullopt;
}

YearlyGrowth ModelBuilder::growth_of(const GrowthEntry& entry)
{
    const Distribution& usual = entry.per_year.distribution;
    if (usual.is_fixed() && usual.lower() == 0 && entry.by_year.empty()) {
        return {};
    }
    const int years = 1 + (scenario_.start.month - 1 + scenario_.months - 1) / months_per_year;
    YearlyGrowth growth(static_cast<std::size_t>(years), slot_of(entry.per_year));
    for (const auto& [year, rate] : entry.by_year) {
        const int position = year - scenario_.start.year;
        if (position >= 0 && position < years) {
            growth[static_cast<std::size_t>(position)] = slot_of(rate);
        }
    }
    return growth;
}

std::uint64_t ModelBuilder::stream_of(Purpose purpose, const std::string& name,
                                      const Place& place)
{
    const std::uint64_t stream = hash_name(name);
    const auto [other, is_new] = streams_.try_emplace({purpose, stream}, name);
    if (!is_new) {
        diagnostics_.error(place, name,
                           fmt::format("draws the same random numbers as \"{}\" (their names "
                                       "have one hash)",
                                       other->second),
                           "rename one of the two");
    }
    return stream;
}

void ModelBuilder::add_names()
{
    model_.name = scenario_.name;
    model_.start = scenario_.start;
    model_.months = scenario_.months;
    model_.regions = scenario_.regions;
    model_.stages = scenario_.stages;
    model_.balance = scenario_.balance;
    model_.shortfall_threshold_share = scenario_.shortfall_threshold_share;
    model_.price_threshold_ratio = scenario_.price_threshold_ratio;
    for (const std::string& region : scenario_.regions) {
        regions_.add(region);
    }
    for (const std::string& stage : scenario_.stages) {
        stages_.add(stage);
    }
    for (const CommodityEntry& commodity : scenario_.commodities) {
        commodities_.add(commodity.name);
    }
    for (const FacilityEntry& facility : scenario_.facilities) {
        facilities_.add(facility.name);
    }
}

void ModelBuilder::add_groups()
{
    for (const Group& alliance : scenario_.alliances) {
        RegionGroup group{.name = alliance.name, .regions = {}};
        for (const std::string& region : alliance.regions) {
            group.regions.push_back(regions_[region]);
        }
        model_.groups.push_back(std::move(group));
    }
    RegionGroup world{.name = "world", .regions = {}};
    for (std::size_t region = 0; region < scenario_.regions.size(); ++region) {
        world.regions.push_back(RegionId(region));
    }
    model_.groups.push_back(std::move(world));
}

void ModelBuilder::add_commodities()
{
    for (const CommodityEntry& entry : scenario_.commodities) {
        Commodity commodity{.name = entry.name,
                            .price = slot_of(entry.price_usd_per_kg),
                            .regional_price = {},
                            .elasticity_short = slot_of(entry.demand_elasticity_short_run),
                            .elasticity_long = slot_of(entry.demand_elasticity_long_run),
                            .memory_up = slot_of(entry.memory_up_per_month),
                            .memory_down = slot_of(entry.memory_down_per_month),
                            .quoted_adjustment = slot_of(entry.quoted_adjustment_per_month),
                            .choke = slot_of(entry.choke_price_ratio),
                            .floor = slot_of(entry.floor_price_ratio),
                            .last_stage = entry.last_stage.empty()
                                              ? StageId(scenario_.stages.size() - 1)
                                              : stages_[entry.last_stage]};
        if (entry.substitution) {
            commodity.substitution = Substitution{
                .trigger_price_ratio = slot_of(entry.substitution->trigger_price_ratio),
                .rate_per_year = slot_of(entry.substitution->rate_per_year),
                .max_share = slot_of(entry.substitution->max_share)};
        }
        commodity.regional_price.assign(scenario_.regions.size(), commodity.price);
        for (const auto& [region, price] : entry.regional_price_usd_per_kg) {
            commodity.regional_price[regions_[region].index()] = slot_of(price);
        }
        model_.commodities.push_back(std::move(commodity));
    }
}

void ModelBuilder::add_facilities()
{
    for (const FacilityEntry& entry : scenario_.facilities) {
        Facility facility{.name = entry.name,
                          .owner = entry.owner,
                          .region = regions_[entry.region],
                          .stage = stages_[entry.stage],
                          .capacity = slot_of(entry.capacity_t_per_year),
                          .utilisation = slot_of(entry.utilisation),
                          .supply_elasticity = slot_of(entry.supply_elasticity),
                          .outputs = {},
                          .by_product = std::nullopt,
                          .opening = std::nullopt,
                          .growth = growth_of(entry.growth)};
        for (const OutputEntry& output : entry.outputs) {
            facility.outputs.push_back(
                {.commodity = commodities_[output.commodity], .share = slot_of(output.share)});
        }
        if (facility.outputs.empty() && facility.stage == StageId(0)) {
            if (scenario_.commodities.size() != 1) {
                throw std::logic_error("build_model: mine \"" + entry.name
                                       + "\" has no outputs");
            }
            facility.outputs.push_back({.commodity = CommodityId(0), .share = one_slot});
        }
        if (entry.by_product) {
            facility.by_product =
                ByProduct{.adjustment = slot_of(entry.by_product->adjustment_per_month),
                          .elasticity = slot_of(entry.by_product->price_elasticity)};
        }
        if (entry.closure) {
            facility.closure =
                Closure{.close_below = slot_of(entry.closure->close_below),
                        .close_after_months = slot_of(entry.closure->close_after_months),
                        .reopen_above = slot_of(entry.closure->reopen_above),
                        .restart_months = slot_of(entry.closure->restart_months)};
        }
        if (entry.opens) {
            facility.opening =
                Opening{.month = month_of(*entry.opens),
                        .delay = slot_of(entry.delay_months),
                        .probability = slot_of(entry.opening_probability),
                        .ramp = slot_of(entry.ramp_months),
                        .stream = stream_of(Purpose::project, entry.name, entry.place)};
        } else if (entry.induced) {
            facility.opening =
                Opening{.month = infinity,
                        .delay = zero_slot,
                        .probability = slot_of(entry.opening_probability),
                        .ramp = slot_of(entry.ramp_months),
                        .stream = stream_of(Purpose::project, entry.name, entry.place),
                        .induced = Inducement{
                            .trigger_price_ratio = slot_of(entry.induced->trigger_price_ratio),
                            .after_months = slot_of(entry.induced->after_months),
                            .lead_months = slot_of(entry.induced->lead_months)}};
        }
        model_.facilities.push_back(std::move(facility));
    }
}

void ModelBuilder::add_demand_and_trade()
{
    model_.demand.assign(model_.cells(), zero_slot);
    model_.demand_growth.resize(model_.cells());
    for (const DemandEntry& entry : scenario_.demand) {
        const std::size_t cell =
            model_.cell(commodities_[entry.commodity], regions_[entry.region]);
        model_.demand[cell] = slot_of(entry.t_per_year);
        model_.demand_growth[cell] = growth_of(entry.growth);
    }
    for (const TradeEntry& entry : scenario_.trade) {
        model_.trade.push_back({.layer = stages_[entry.layer],
                                .commodity = commodities_[entry.commodity],
                                .exporter = regions_[entry.exporter],
                                .importer = regions_[entry.importer],
                                .t_per_year = slot_of(entry.t_per_year)});
    }
}

void ModelBuilder::add_stocks()
{
    model_.stock_policy_of.assign(model_.cells(), -1);
    for (const StockEntry& entry : scenario_.stocks) {
        const auto position = static_cast<int>(model_.stock_policies.size());
        StockPolicy policy{.name = entry.name,
                           .cover_months = slot_of(entry.cover_months),
                           .order_months = slot_of(entry.order_months),
                           .price_sensitivity = slot_of(entry.price_sensitivity),
                           .trend_sensitivity = slot_of(entry.trend_sensitivity),
                           .panic = std::nullopt};
        if (entry.panic) {
            policy.panic =
                Panic{.max_extra_share = slot_of(entry.panic->max_extra_share),
                      .build_months = slot_of(entry.panic->build_months),
                      .half_life_months = slot_of(entry.panic->half_life_months),
                      .front_running_share = slot_of(entry.panic->front_running_share)};
        }
        model_.stock_policies.push_back(std::move(policy));
        if (!entry.at.empty()) {
            add_stage_stocks(entry, position);
            continue;
        }
        for (const CommodityId commodity : commodities_of(entry.commodities)) {
            for (const RegionId region : regions_of(entry.regions)) {
                model_.stock_policy_of[model_.cell(commodity, region)] = position;
            }
        }
    }
}

/// Of the regions that an entry names, those that have plants of the stage keep the stock.
void ModelBuilder::add_stage_stocks(const StockEntry& entry, int policy)
{
    const StageId stage = stages_[entry.at];
    const std::size_t before = model_.stage_stocks.size();
    for (const CommodityId commodity : commodities_of(entry.commodities)) {
        for (const RegionId region : regions_of(entry.regions)) {
            if (std::ranges::any_of(model_.facilities, [&](const Facility& facility) {
                    return facility.stage == stage && facility.region == region
                           && model_.output_of(facility, commodity);
                })) {
                model_.stage_stocks.push_back({stage, commodity, region});
                model_.stock_policy_of.push_back(policy);
            }
        }
    }
    if (model_.stage_stocks.size() == before) {
        diagnostics_.error(entry.place, "stocks." + entry.name,
                           fmt::format("no plant at stage \"{}\" keeps it (none treats these "
                                       "commodities in these regions)",
                                       entry.at));
    }
}

std::vector<RegionId> ModelBuilder::members_of(const ReserveEntry& entry) const
{
    const bool is_alone = !entry.members.all && entry.members.names.empty();
    return is_alone ? std::vector{regions_[entry.region]} : regions_of(entry.members);
}

void ModelBuilder::add_reserves()
{
    for (const ReserveEntry& entry : scenario_.reserves) {
        model_.reserves.push_back(
            {.name = entry.name,
             .region = regions_[entry.region],
             .members = members_of(entry),
             .commodity = commodities_[entry.commodity],
             .capacity = slot_of(entry.capacity_t),
             .tonnes = slot_of(entry.tonnes),
             .release_t_per_month = slot_of(entry.release_t_per_month),
             .decision_lag_months = slot_of(entry.decision_lag_months),
             .refill_t_per_month = slot_of(entry.refill_t_per_month),
             .trigger_price_ratio = slot_of(entry.trigger_price_ratio),
             .stop_price_ratio = slot_of(entry.stop_price_ratio),
             .trigger_shortfall_share = slot_of(entry.trigger_shortfall_share),
             .stop_shortfall_share = slot_of(entry.stop_shortfall_share)});
    }
}

void ModelBuilder::add_recycling()
{
    for (const RecyclingEntry& entry : scenario_.recycling) {
        model_.recycling.push_back(
            {.name = entry.name,
             .commodity = commodities_[entry.commodity],
             .region = regions_[entry.region],
             .stage = stages_[entry.stage],
             .share = slot_of(entry.share_of_demand),
             .share_end = slot_of(entry.share_of_demand_end),
             .ramp_from = entry.ramp_from ? month_of(*entry.ramp_from) : 0,
             .ramp_until = entry.ramp_until ? month_of(*entry.ramp_until) : 0,
             .price_elasticity = slot_of(entry.price_elasticity),
             .max_factor = slot_of(entry.max_factor)});
    }
}

void ModelBuilder::add_policy_costs()
{
    for (const PolicyCostEntry& entry : scenario_.policy_costs) {
        PolicyCost cost{
            .name = entry.name,
            .kind = entry.kind,
            .usd = slot_of(entry.kind == CostKind::capital ? entry.usd : entry.usd_per_year),
            .from = entry.from ? month_of(*entry.from) : 0,
            .until = infinity,
            .floor_usd_per_kg = slot_of(entry.floor_usd_per_kg)};
        if (entry.until) {
            cost.until = month_of(*entry.until);
        } else if (entry.kind == CostKind::capital) {
            cost.until = cost.from + 1;
        }
        if (entry.kind == CostKind::purchases) {
            const auto reserve =
                std::ranges::find(scenario_.reserves, entry.reserve, &ReserveEntry::name);
            cost.reserve = static_cast<std::size_t>(reserve - scenario_.reserves.begin());
        } else if (entry.kind == CostKind::floor_payments) {
            cost.facility = facilities_[entry.facility];
            cost.commodity = commodities_[entry.commodity];
        }
        model_.policy_costs.push_back(std::move(cost));
    }
}

/// What a restriction cuts: all for a ban, nothing relative for taxes and absolute quotas.
Slot ModelBuilder::severity_of(const RestrictionTerms& terms, const Number& written,
                               const std::string& path, const Place& place)
{
    if (terms.instrument == Instrument::ban) {
        return slot_of(
            Number{.distribution = Distribution(Fixed{1}), .path = path, .place = place});
    }
    if (terms.instrument == Instrument::tax || terms.quota_t) {
        return zero_slot;
    }
    return slot_of(written);
}

MeasureId ModelBuilder::add_measure(const std::string& name, const RestrictionTerms& terms)
{
    Measure measure{.name = name,
                    .exporter = regions_[terms.exporter],
                    .layer = {},
                    .instrument = terms.instrument,
                    .commodities = commodities_of(terms.commodities),
                    .weights = {},
                    .all_targets = terms.targets.all,
                    .targets = {},
                    .quota_t = slot_of(terms.quota_t),
                    .max_import_share = std::nullopt,
                    .tax_rate = terms.tax_rate ? slot_of(*terms.tax_rate) : zero_slot,
                    .shared = terms.shared,
                    .period_months = terms.period_months.value_or(0),
                    .front_loading = slot_of(terms.front_loading),
                    .leakage = slot_of(terms.leakage)};
    measure.layer = terms.layer.empty() ? model_.last_stage(measure.commodities.front())
                                        : stages_[terms.layer];
    std::erase_if(measure.commodities, [&](CommodityId commodity) {
        return measure.layer.index() >= model_.stages_of(commodity);
    });
    measure.weights.assign(measure.commodities.size(), one_slot);
    for (const auto& [commodity, weight] : terms.weights) {
        const auto found = std::find(measure.commodities.begin(), measure.commodities.end(),
                                     commodities_[commodity]);
        if (found != measure.commodities.end()) {
            measure.weights[static_cast<std::size_t>(found - measure.commodities.begin())] =
                slot_of(weight);
        }
    }
    if (!measure.all_targets || !terms.exempt.empty()) {
        // A measure that spares somebody caps the arcs to all others, one by one.
        measure.targets = regions_of(terms.targets);
        measure.all_targets = false;
        std::erase(measure.targets, measure.exporter);
        for (const std::string& spared : terms.exempt) {
            std::erase(measure.targets, regions_[spared]);
        }
    }
    const MeasureId id(model_.measures.size());
    model_.measures.push_back(std::move(measure));
    return id;
}

void ModelBuilder::add_standing_measures()
{
    for (const StandingMeasureEntry& entry : scenario_.standing_measures) {
        const MeasureId id = add_measure(entry.name, entry.terms);
        model_.measures[id.index()].max_import_share = slot_of(entry.max_import_share);
        model_.standing.push_back(
            {.measure = id,
             .from = entry.from ? month_of(*entry.from) : -infinity,
             .until = entry.until ? month_of(*entry.until) : infinity,
             .severity = entry.max_import_share
                             ? zero_slot
                             : severity_of(entry.terms, entry.severity,
                                           "standing_measures." + entry.name, entry.place)});
    }
}

void ModelBuilder::add_scripted_events()
{
    for (const ScriptedRestrictionEntry& entry : scenario_.scripted_restrictions) {
        model_.scripted_restrictions.push_back(
            {.measure = add_measure(entry.name, entry.terms),
             .announced = month_of(entry.announced.value_or(entry.from)),
             .from = month_of(entry.from),
             .until = month_of(entry.until),
             .severity = severity_of(entry.terms, entry.severity,
                                     "hazards.scripted." + entry.name, entry.place),
             .phase_in = slot_of(entry.phase_in_months),
             .phase_out = slot_of(entry.phase_out_months)});
    }
    for (const ScriptedOutageEntry& entry : scenario_.scripted_outages) {
        model_.outage_sources.push_back({.name = entry.name, .is_scripted = true});
        model_.scripted_outages.push_back({.source = model_.outage_sources.size() - 1,
                                           .facility = facilities_[entry.facility],
                                           .from = month_of(entry.from),
                                           .until = month_of(entry.until),
                                           .loss_share = slot_of(entry.loss_share)});
    }
}

void ModelBuilder::add_tensions()
{
    for (const TensionEntry& entry : scenario_.tensions) {
        Tension tension{.name = entry.name,
                        .regions = {},
                        .becomes_tense_per_year = slot_of(entry.becomes_tense_per_year),
                        .becomes_calm_per_year = slot_of(entry.becomes_calm_per_year),
                        .stream = stream_of(Purpose::tension, entry.name, entry.place)};
        for (const std::string& region : entry.regions) {
            tension.regions.push_back(regions_[region]);
        }
        tensions_.add(entry.name);
        model_.tensions.push_back(std::move(tension));
    }
}

void ModelBuilder::add_restriction_hazards()
{
    for (const RestrictionHazardEntry& entry : scenario_.restriction_hazards) {
        EventMark severity{entry.severity.distribution};
        if (entry.terms.instrument == Instrument::ban) {
            severity = {Distribution(Fixed{1})};
        } else if (entry.terms.instrument == Instrument::tax || entry.terms.quota_t) {
            severity = {Distribution(Fixed{0})};
        }
        RestrictionHazard hazard{
            .measure = add_measure(entry.name, entry.terms),
            .untargeted = std::nullopt,
            .targeted_probability = slot_of(entry.targeted_probability),
            .rate_per_year = slot_of(entry.rate_per_year),
            .tension = std::nullopt,
            .tense_factor = slot_of(entry.tense_factor),
            .keep_share = slot_of(entry.keep_share),
            .severity = std::move(severity),
            .duration_days = {entry.duration_days.distribution},
            .structural = std::nullopt,
            .notice_days = {entry.notice_days.distribution},
            .phase_in = slot_of(entry.phase_in_months),
            .phase_out = slot_of(entry.phase_out_months),
            .stream = stream_of(Purpose::restriction, entry.name, entry.place)};
        if (!entry.tension.empty()) {
            hazard.tension = tensions_[entry.tension].index();
        }
        if (entry.structural) {
            hazard.structural = StructuralPhase{
                .probability = slot_of(entry.structural->probability),
                .severity = {entry.structural->severity.distribution},
                .duration_days = {entry.structural->duration_days.distribution}};
        }
        const Distribution& targeted = entry.targeted_probability.distribution;
        if (!entry.terms.targets.all && targeted.lower() < 1) {
            RestrictionTerms to_all = entry.terms;
            to_all.targets.all = true;
            hazard.untargeted = add_measure(entry.name, to_all);
        }
        model_.restriction_hazards.push_back(std::move(hazard));
    }
}

void ModelBuilder::add_contagion()
{
    const auto positions = [&](const Names& names) {
        std::vector<std::size_t> found;
        for (std::size_t hazard = 0; hazard < scenario_.restriction_hazards.size(); ++hazard) {
            const std::string& name = scenario_.restriction_hazards[hazard].name;
            if (names.all || std::ranges::find(names.names, name) != names.names.end()) {
                found.push_back(hazard);
            }
        }
        return found;
    };
    for (const ContagionEntry& entry : scenario_.contagion) {
        const Slot offspring = slot_of(entry.offspring);
        const Slot mean_delay_days = slot_of(entry.mean_delay_days);
        for (const std::size_t from : positions(entry.from)) {
            for (const std::size_t to : positions(entry.to)) {
                const std::string link = entry.name + "/"
                                         + scenario_.restriction_hazards[from].name + "/"
                                         + scenario_.restriction_hazards[to].name;
                model_.contagion.push_back(
                    {.from = from,
                     .to = to,
                     .offspring = offspring,
                     .mean_delay_days = mean_delay_days,
                     .stream = stream_of(Purpose::contagion, link, entry.place)});
            }
        }
    }
}

/// The facility's factors among those of a hazard.
std::vector<Slot> ModelBuilder::grade_factors_of(
    const FacilityEntry& facility, const std::vector<std::pair<std::string, Slot>>& factors)
{
    std::vector<Slot> own;
    for (const auto& [grade, factor] : factors) {
        if (std::ranges::find(facility.grades, grade) != facility.grades.end()) {
            own.push_back(factor);
        }
    }
    return own;
}

void ModelBuilder::add_outage_hazards()
{
    for (const OutageHazardEntry& entry : scenario_.outage_hazards) {
        model_.outage_sources.push_back({.name = entry.name});
        const Slot rate = entry.rate_per_year ? slot_of(*entry.rate_per_year) : zero_slot;
        std::optional<EventMark> running_days;
        if (entry.running_days) {
            running_days = EventMark{entry.running_days->distribution};
        }
        std::vector<std::pair<std::string, Slot>> factors;
        for (const auto& [grade, factor] : entry.grade_factors) {
            factors.emplace_back(grade, slot_of(factor));
        }
        const Slot kept = slot_of(entry.keep_share);
        std::vector<std::pair<std::string, Slot>> kept_by_grade;
        for (const auto& [grade, share] : entry.keep_share_by_grade) {
            kept_by_grade.emplace_back(grade, slot_of(share));
        }
        for (std::size_t index = 0; index < model_.facilities.size(); ++index) {
            const Facility& facility = model_.facilities[index];
            if (!selects(entry.facilities, facility)) {
                continue;
            }
            std::vector<Slot> keep_shares =
                grade_factors_of(scenario_.facilities[index], kept_by_grade);
            keep_shares.push_back(kept);
            model_.outage_hazards.push_back(
                {.source = model_.outage_sources.size() - 1,
                 .facility = FacilityId(index),
                 .rate_per_year = rate,
                 .running_days = running_days,
                 .running_place = entry.running_days ? entry.running_days->place : Place{},
                 .grade_factors = grade_factors_of(scenario_.facilities[index], factors),
                 .keep_shares = std::move(keep_shares),
                 .starts_running = entry.starts_running,
                 .repair_days = {entry.repair_days.distribution},
                 .loss_share = {entry.loss_share.distribution},
                 .stream = stream_of(Purpose::outage, entry.name + "/" + facility.name,
                                     entry.place)});
        }
    }
}

void ModelBuilder::add_common_causes()
{
    for (const CommonCauseEntry& entry : scenario_.common_causes) {
        model_.outage_sources.push_back({.name = entry.name});
        CommonCause cause{.source = model_.outage_sources.size() - 1,
                          .members = {},
                          .rate_per_year = slot_of(entry.rate_per_year),
                          .strike_probability = slot_of(entry.strike_probability),
                          .keep_share = slot_of(entry.keep_share),
                          .repair_days = {entry.repair_days.distribution},
                          .loss_share = {entry.loss_share.distribution},
                          .stream = stream_of(Purpose::common_cause, entry.name, entry.place)};
        for (std::size_t index = 0; index < model_.facilities.size(); ++index) {
            const Facility& facility = model_.facilities[index];
            if (selects(entry.facilities, facility)) {
                cause.members.push_back(
                    {.facility = FacilityId(index),
                     .stream = stream_of(Purpose::common_cause,
                                         entry.name + "/" + facility.name, entry.place)});
            }
        }
        model_.common_causes.push_back(std::move(cause));
    }
}

void ModelBuilder::add_price_shocks()
{
    for (const PriceShockEntry& entry : scenario_.price_shocks.processes) {
        PriceShock shock{.name = entry.name,
                         .channel = entry.channel,
                         .cells = {},
                         .start = slot_of(entry.start),
                         .mean = slot_of(entry.mean),
                         .mean_reversion_per_year = slot_of(entry.mean_reversion_per_year),
                         .drift_per_year = slot_of(entry.drift_per_year),
                         .volatility_per_year = slot_of(entry.volatility_per_year),
                         .jumps = std::nullopt,
                         .stream = stream_of(Purpose::price_shock, entry.name, entry.place)};
        for (const RegionId region : regions_of(entry.regions)) {
            shock.cells.push_back(model_.cell(commodities_[entry.commodity], region));
        }
        if (entry.jumps) {
            shock.jumps =
                PriceShock::Jumps{.rate_per_year = slot_of(entry.jumps->rate_per_year),
                                  .size = {entry.jumps->size.distribution}};
        }
        price_shocks_.add(entry.name);
        model_.price_shocks.push_back(std::move(shock));
    }
    if (scenario_.price_shocks.dependence == Dependence::student_t) {
        model_.price_shock_dependence.degrees_of_freedom =
            slot_of(scenario_.price_shocks.degrees_of_freedom);
    }
}

/// Factors the correlations in file order, so that a process listed last moves no other.
void ModelBuilder::add_correlations()
{
    const PriceShocksEntry& entry = scenario_.price_shocks;
    const auto size = static_cast<Eigen::Index>(entry.processes.size());
    const auto position = [&](const std::string& name) {
        return static_cast<Eigen::Index>(price_shocks_[name].index());
    };
    Eigen::MatrixXd correlations = Eigen::MatrixXd::Identity(size, size);
    for (const CorrelationEntry& pair : entry.correlations) {
        correlations(position(pair.one), position(pair.other)) = pair.value;
        correlations(position(pair.other), position(pair.one)) = pair.value;
    }
    const std::optional<Eigen::MatrixXd> factor = lower_cholesky(correlations);
    if (!factor) {
        const Eigen::MatrixXd nearest = nearest_correlation(correlations, 0.01);
        std::vector<std::string> values;
        for (const CorrelationEntry& pair : entry.correlations) {
            values.push_back(fmt::format("{}: {{{}: {:.4f}}}", pair.one, pair.other,
                                         nearest(position(pair.one), position(pair.other))));
        }
        diagnostics_.error(
            entry.correlations.front().place, "hazards.price_shocks.correlations",
            "these cannot all hold at once (the matrix is not positive definite)",
            fmt::format("the nearest that can: {}", fmt::join(values, ", ")));
        return;
    }
    model_.price_shock_dependence.cholesky = *factor;
}

bool ModelBuilder::selects(const FacilitySelector& selector, const Facility& facility) const
{
    if (!selector.names.empty()) {
        return std::find(selector.names.begin(), selector.names.end(), facility.name)
               != selector.names.end();
    }
    return (selector.stage.empty() || facility.stage == stages_[selector.stage])
           && (selector.region.empty() || facility.region == regions_[selector.region])
           && (selector.commodity.empty()
               || model_.output_of(facility, commodities_[selector.commodity]));
}

std::vector<CommodityId> ModelBuilder::commodities_of(const Names& names) const
{
    std::vector<CommodityId> ids;
    if (names.all) {
        for (std::size_t commodity = 0; commodity < scenario_.commodities.size(); ++commodity) {
            ids.push_back(CommodityId(commodity));
        }
        return ids;
    }
    for (const std::string& name : names.names) {
        const CommodityId id = commodities_[name];
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
            ids.push_back(id);
        }
    }
    return ids;
}

/// The regions of a list that may name alliances too.
std::vector<RegionId> ModelBuilder::regions_of(const Names& names) const
{
    if (names.all) {
        return model_.groups.back().regions;
    }
    std::vector<RegionId> ids;
    const auto add = [&ids](RegionId id) {
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
            ids.push_back(id);
        }
    };
    for (const std::string& name : names.names) {
        const auto group =
            std::find_if(model_.groups.begin(), model_.groups.end(),
                         [&](const RegionGroup& candidate) { return candidate.name == name; });
        if (regions_.contains(name) || group == model_.groups.end()) {
            add(regions_[name]);
        } else {
            std::for_each(group->regions.begin(), group->regions.end(), add);
        }
    }
    return ids;
}

void ModelBuilder::add_plant_arcs()
{
    for (const Facility& facility : model_.facilities) {
        if (facility.stage == StageId(0)) {
            continue;
        }
        const auto add = [&](CommodityId commodity) {
            model_.cappable_arcs.push_back({.kind = CappableArc::Kind::plant,
                                            .commodity = commodity,
                                            .stage = facility.stage,
                                            .from = facility.region,
                                            .to = facility.region});
        };
        for (std::size_t index = 0; index < model_.commodities.size(); ++index) {
            if (model_.output_of(facility, CommodityId(index))) {
                add(CommodityId(index));
            }
        }
    }
}

void ModelBuilder::add_export_arcs()
{
    for (const Measure& measure : model_.measures) {
        for (const CommodityId commodity : measure.commodities) {
            if (measure.all_targets) {
                model_.cappable_arcs.push_back({.kind = CappableArc::Kind::exports,
                                                .commodity = commodity,
                                                .stage = measure.layer,
                                                .from = measure.exporter,
                                                .to = measure.exporter});
            }
            for (const RegionId target : measure.targets) {
                model_.cappable_arcs.push_back({.kind = CappableArc::Kind::trade,
                                                .commodity = commodity,
                                                .stage = measure.layer,
                                                .from = measure.exporter,
                                                .to = target});
            }
        }
    }
}

void ModelBuilder::sort_arcs()
{
    const auto key = [](const CappableArc& arc) {
        return std::tuple(arc.kind, arc.commodity, arc.stage, arc.from, arc.to);
    };
    std::vector<CappableArc>& arcs = model_.cappable_arcs;
    std::sort(arcs.begin(), arcs.end(), [&](const CappableArc& left, const CappableArc& right) {
        return key(left) < key(right);
    });
    const auto same = [&](const CappableArc& left, const CappableArc& right) {
        return key(left) == key(right);
    };
    arcs.erase(std::unique(arcs.begin(), arcs.end(), same), arcs.end());
}

void warn_of_imbalance(const Model& model, const Scenario& scenario,
                       const std::vector<double>& values, const Baseline& baseline,
                       Diagnostics& diagnostics)
{
    const bool scales_demand = model.balance == BalanceBy::demand;
    for (std::size_t index = 0; index < model.commodities.size(); ++index) {
        const double factor = baseline.balance_factor[index];
        if (std::abs(factor - 1) <= notable_imbalance) {
            continue;
        }
        double demand = 0;
        for (std::size_t region = 0; region < model.regions.size(); ++region) {
            const RegionId id(region);
            demand += values[model.demand[model.cell(CommodityId(index), id)].index()]
                      * (1 - recycled_share(model, values, CommodityId(index), id));
        }
        const double supply = scales_demand ? demand * factor : demand / factor;
        const CommodityEntry& entry = scenario.commodities[index];
        diagnostics.warning(
            entry.place, "commodities." + entry.name,
            fmt::format(
                "{} of {} is scaled by {:.4g} to balance month 0 (supply {:.6g} t/year, "
                "demand {:.6g} t/year{})",
                scales_demand ? "demand" : "supply", entry.name, factor, supply, demand,
                model.recycling.empty() ? "" : " less recycling"),
            "make the figures of mines and users agree within 5 %");
    }
}

/// Warns of written trade that plays no part, and of traders that written trade leaves out.
void warn_of_trade(const Model& model, const Scenario& scenario, const Baseline& baseline,
                   Diagnostics& diagnostics)
{
    for (std::size_t index = 0; index < model.trade.size(); ++index) {
        const KnownTrade& known = model.trade[index];
        const TradeTable& table = baseline.trade[known.layer.index() * model.commodities.size()
                                                 + known.commodity.index()];
        const double exports =
            table.row(static_cast<Eigen::Index>(known.exporter.index())).sum();
        const double imports =
            table.col(static_cast<Eigen::Index>(known.importer.index())).sum();
        if (exports > 0 && imports > 0) {
            continue;
        }
        const TradeEntry& entry = scenario.trade[index];
        diagnostics.warning(
            entry.place,
            fmt::format("trade.{}.{}.{}.{}", entry.layer, entry.commodity, entry.exporter,
                        entry.importer),
            exports > 0 ? fmt::format("is not used ({} is no net importer of {} from {} at "
                                      "month 0)",
                                      entry.importer, entry.commodity, entry.layer)
                        : fmt::format("is not used ({} is no net exporter of {} from {} at "
                                      "month 0)",
                                      entry.exporter, entry.commodity, entry.layer));
    }
}

void check_baseline(const Model& model, const Scenario& scenario, Diagnostics& diagnostics)
{
    const std::vector<double> values = model.nominal_values();
    Baseline baseline;
    std::vector<BaselineProblem> problems;
    compute_baseline(model, values, baseline, problems);
    for (const BaselineProblem& problem : problems) {
        const ParameterInfo& info = model.parameters[problem.slot.index()];
        diagnostics.error(info.place, info.path, problem.problem);
    }
    if (problems.empty()) {
        warn_of_imbalance(model, scenario, values, baseline, diagnostics);
        warn_of_trade(model, scenario, baseline, diagnostics);
    }
}

bool act_on_one_arc(const Measure& one, const Measure& other)
{
    const auto meet = [](const auto& ours, const auto& theirs) {
        return std::ranges::any_of(
            ours, [&](auto id) { return std::ranges::find(theirs, id) != theirs.end(); });
    };
    return one.exporter == other.exporter && one.layer == other.layer
           && one.all_targets == other.all_targets && meet(one.commodities, other.commodities)
           && (one.all_targets || meet(one.targets, other.targets));
}

/// A duty below the standing one would be a price gap the wrong way round.
void check_taxes(const Model& model, Diagnostics& diagnostics)
{
    const auto check = [&](MeasureId id) {
        const Measure& tax = model.measures[id.index()];
        for (const StandingMeasure& standing : model.standing) {
            const Measure& duty = model.measures[standing.measure.index()];
            if (tax.instrument != Instrument::tax || duty.instrument != Instrument::tax
                || !act_on_one_arc(tax, duty)) {
                continue;
            }
            const ParameterInfo& rate = model.parameters[tax.tax_rate.index()];
            const ParameterInfo& least = model.parameters[duty.tax_rate.index()];
            if (rate.distribution.lower() < least.distribution.upper()) {
                diagnostics.error(rate.place, rate.path,
                                  fmt::format("must not be below the standing duty \"{}\" "
                                              "(got {}, the duty is {})",
                                              duty.name, to_string(rate.distribution),
                                              to_string(least.distribution)));
            }
        }
    };
    for (const ScriptedRestriction& scripted : model.scripted_restrictions) {
        check(scripted.measure);
    }
    for (const RestrictionHazard& hazard : model.restriction_hazards) {
        check(hazard.measure);
        if (hazard.untargeted) {
            check(*hazard.untargeted);
        }
    }
}

void check_openings(const Model& model, const Scenario& scenario, Diagnostics& diagnostics)
{
    for (std::size_t index = 0; index < model.facilities.size(); ++index) {
        const Facility& facility = model.facilities[index];
        if (facility.opening && facility.opening->month <= 0) {
            diagnostics.warning(scenario.facilities[index].place,
                                "facilities." + facility.name + ".opens",
                                fmt::format("lies before the second month (month 0 is balanced "
                                            "without {})",
                                            facility.name),
                                "leave out `opens` for what runs from the start");
        }
    }
}

void check_closures(const Model& model, Diagnostics& diagnostics)
{
    for (const Facility& facility : model.facilities) {
        if (!facility.closure) {
            continue;
        }
        const ParameterInfo& limit = model.parameters[facility.closure->close_below.index()];
        if (limit.distribution.upper() > 1) {
            diagnostics.warning(limit.place, limit.path,
                                fmt::format("may shut {} at the prices of month 0 (got {}, and "
                                            "they count as 1)",
                                            facility.name, to_string(limit.distribution)));
        }
    }
}

}  // namespace

Model build_model(const Scenario& scenario, std::vector<Diagnostic>& warnings)
{
    Diagnostics diagnostics;
    Model model = ModelBuilder(scenario, diagnostics).build();
    check_openings(model, scenario, diagnostics);
    check_closures(model, diagnostics);
    check_stability(model, diagnostics);
    check_taxes(model, diagnostics);
    check_hazards(model, scenario, diagnostics);
    warn_of_no_effect(model, diagnostics);
    check_baseline(model, scenario, diagnostics);
    std::vector<Diagnostic> found = diagnostics.sorted();
    if (diagnostics.has_errors()) {
        throw InputError(std::move(found));
    }
    warnings.insert(warnings.end(), found.begin(), found.end());
    return model;
}

}  // namespace chokepoint
