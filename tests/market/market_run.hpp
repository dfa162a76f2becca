#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/shock.hpp"
#include "chokepoint/events/timeline.hpp"
#include "chokepoint/market/invariants.hpp"
#include "chokepoint/market/market.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "support/csv.hpp"
#include "support/scenario_builder.hpp"

namespace chokepoint {

// One trial alone, as most tests look at it.

inline void start_state(const Model& model, const Parameters& parameters,
                        const Timeline& timeline, MarketState& state)
{
    const Parameters* of = &parameters;
    const Timeline* events = &timeline;
    LaneParameters one;
    one.set(model, std::span(&of, 1));
    start_state(model, one, std::span(&events, 1), state);
}

inline void advance(const Model& model, const Parameters& parameters, const Clearing& clearing,
                    ReferenceConsumption reference, MarketState& state)
{
    const Parameters* of = &parameters;
    LaneParameters one;
    one.set(model, std::span(&of, 1));
    advance(model, one, clearing, reference, state);
}

inline void check_month(const Model& model, const Shock& shock, const MarketState& before,
                        const Clearing& clearing)
{
    const Shock* of = &shock;
    check_month(model, std::span(&of, 1), before, clearing);
}

}  // namespace chokepoint

namespace chokepoint::testing {

/// The market of one trial.
class OneMarket {
public:
    OneMarket(const Model& model, Clearance clearance)
        : model_(&model), market_(model, clearance)
    {}

    void start(const Parameters& parameters)
    {
        const Parameters* of = &parameters;
        parameters_.set(*model_, std::span(&of, 1));
        market_.start(parameters_);
    }
    const Clearing& clear(const Timeline& timeline, const Shock& shock,
                          ReferenceExports reference, MarketState& state)
    {
        const MonthEvents events{&timeline, &shock};
        return market_.clear(std::span(&events, 1), reference, state);
    }
    std::span<const double> quota_rents() const { return market_.last_trial().quota_rents(); }
    const LayeredNetwork& network(std::size_t commodity) const
    {
        return market_.last_trial().network(commodity);
    }
    const ZonePrices& prices(std::size_t commodity) const
    {
        return market_.last_trial().prices(commodity);
    }
    /// What the curves of a month are made of.
    LaneTerms terms(const Shock& shock, const MarketState& state) const
    {
        const Shock* of = &shock;
        LaneTerms terms;
        LaneArray<double> need_factor(model_->cells());
        const auto networks = market_.last_trial().networks();
        start_terms(*model_, networks, parameters_, terms);
        set_terms(*model_, networks, parameters_, std::span(&of, 1), state, terms, need_factor);
        return terms;
    }

private:
    const Model* model_;
    LaneParameters parameters_;
    Market market_;
};

/// The first day of the `month`-th month (0-based) of a scenario that starts in 2009-01.
inline Date month(int month)
{
    return {2009 + month / 12, month % 12 + 1, 1};
}

/// The position of a name in a list of names.
/// \throws std::invalid_argument if it is not there.
inline std::size_t position_of(const std::vector<std::string>& names, const std::string& name)
{
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
        throw std::invalid_argument("no " + name);
    }
    return static_cast<std::size_t>(found - names.begin());
}

inline CommodityId commodity_named(const Model& model, const std::string& name)
{
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        if (model.commodities[commodity].name == name) {
            return CommodityId(commodity);
        }
    }
    throw std::invalid_argument("no commodity " + name);
}

inline RegionId region_named(const Model& model, const std::string& name)
{
    return RegionId(position_of(model.regions, name));
}

inline Model model_of_text(const std::string& text)
{
    std::vector<Diagnostic> warnings;
    return build_model(read_scenario_text(text), warnings);
}

inline Model model_of_file(const std::string& path)
{
    std::vector<Diagnostic> warnings;
    return build_model(read_scenario(std::string(CHOKEPOINT_SOURCE_DIR) + "/" + path),
                       warnings);
}

/// Runs a market month by month, as the reference run does: month 0 stands for the reference.
class MarketRun {
public:
    /// With the nominal values and the scripted events.
    explicit MarketRun(Model of, Clearance clearance = Clearance::pooled_first)
        : model(std::move(of)), parameters(nominal_parameters(model)), market(model, clearance)
    {
        sample_timeline(model, parameters, {}, timeline);
        start();
    }
    explicit MarketRun(const ScenarioBuilder& builder) : MarketRun(builder.model()) {}
    MarketRun(const MarketRun&) = delete;
    MarketRun& operator=(const MarketRun&) = delete;

    /// Back to month 0; for changed parameters or events.
    void start()
    {
        start_state(model, parameters, timeline, state);
        market.start(parameters);
        shocks.start(model, timeline);
    }

    /// Clears the next month and moves on.
    const Clearing& next()
    {
        shock = shocks.next(state.running);
        clearing = market.clear(timeline, shock, reference, state);
        advance(model, parameters, clearing, {}, state);
        return clearing;
    }
    /// Runs until month `month` (0-based) has cleared.
    const Clearing& clear_month(int month)
    {
        while (state.month <= month) {
            next();
        }
        return clearing;
    }

    std::size_t cell(const std::string& commodity, const std::string& region) const
    {
        return model.cell(commodity_named(model, commodity), region_named(model, region));
    }
    /// Price ratio, consumption and exports of the only commodity in the month that cleared
    /// last.
    double price(const std::string& region) const
    {
        return std::exp(clearing.log_price[region_named(model, region).index()]);
    }
    double price(const std::string& commodity, const std::string& region) const
    {
        return std::exp(clearing.log_price[cell(commodity, region)]);
    }
    StageId last_stage(const std::string& commodity) const
    {
        return model.last_stage(commodity_named(model, commodity));
    }
    /// Net exports of a region as output of the last stage.
    double exports(const std::string& commodity, const std::string& region) const
    {
        return clearing
            .exports[last_stage(commodity).index() * model.cells() + cell(commodity, region)];
    }
    /// Position of an arc among the model's cappable arcs.
    std::size_t arc(CappableArc::Kind kind, const std::string& commodity, StageId stage,
                    const std::string& from, const std::string& to) const
    {
        for (std::size_t position = 0; position < model.cappable_arcs.size(); ++position) {
            const CappableArc& entry = model.cappable_arcs[position];
            if (entry.kind == kind && entry.commodity == commodity_named(model, commodity)
                && entry.stage == stage && entry.from == region_named(model, from)
                && entry.to == region_named(model, to)) {
                return position;
            }
        }
        throw std::invalid_argument("no such arc");
    }
    double gap(CappableArc::Kind kind, const std::string& commodity, const std::string& from,
               const std::string& to) const
    {
        return clearing.arc_gap[arc(kind, commodity, last_stage(commodity), from, to)];
    }

    Model model;
    Parameters parameters;
    Timeline timeline;
    OneMarket market;
    MarketState state;
    ShockCursor shocks;
    Shock shock;
    ReferenceExports reference;
    Clearing clearing;
};

/// One commodity `ore` with one stage: mine output (which is also capacity) and use in t a
/// month.
struct RegionFlows {
    std::string name;
    double mined = 0, used = 0;
};

/// Exponent 0.2 in every demand, prices free from 1e-9 to 1e9, no stocks.
inline ScenarioBuilder one_stage(const std::vector<RegionFlows>& regions,
                                 double elasticity = 0.2)
{
    std::vector<std::string> names;
    for (const RegionFlows& region : regions) {
        names.push_back(region.name);
    }
    ScenarioBuilder builder(names, {"mine"});
    CommodityEntry& ore = builder.commodity("ore");
    ore.demand_elasticity_short_run = builder.number("elasticity", elasticity);
    ore.demand_elasticity_long_run = builder.number("long", elasticity);
    ore.choke_price_ratio = builder.number("choke", 1e9);
    ore.floor_price_ratio = builder.number("floor", 1e-9);
    for (const RegionFlows& region : regions) {
        if (region.mined > 0) {
            builder.mine("mine_" + region.name, region.name, 12 * region.mined);
        }
        if (region.used > 0) {
            builder.demand("ore", region.name, 12 * region.used);
        }
    }
    return builder;
}

/// A quota of so many tonnes a month.
inline RestrictionTerms monthly_quota(ScenarioBuilder& builder, const std::string& exporter,
                                      double tonnes)
{
    RestrictionTerms terms = builder.terms(exporter, Instrument::quota);
    terms.quota_t = builder.number("quota", tonnes);
    terms.period_months = 1;
    return terms;
}

inline RestrictionTerms tax(ScenarioBuilder& builder, const std::string& exporter, double rate)
{
    RestrictionTerms terms = builder.terms(exporter, Instrument::tax);
    terms.tax_rate = builder.number("tax", rate);
    return terms;
}

/// The value of a row of the closed forms, found by its case, a part of its description, and
/// name.
inline double closed_form(const std::string& id, const std::string& part,
                          const std::string& quantity)
{
    static const auto table = read_test_table("equilibrium_closed_forms.csv");
    for (const auto& row : table) {
        if (row.text("case") == id && row.text("quantity") == quantity
            && row.text("network").find(part) != std::string::npos) {
            return row.number("value");
        }
    }
    throw std::runtime_error("no closed form " + id + " " + part + " " + quantity);
}

}  // namespace chokepoint::testing
