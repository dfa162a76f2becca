#pragma once

#include <string>
#include <utility>
#include <vector>

#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/scenario.hpp"

namespace chokepoint {

/// Writes scenarios by hand for tests, with the defaults of the file format. Every number gets
/// a path as in a file and a line of its own in the file `test.yaml`, in the order of writing.
///
/// The references that it returns hold until the next entry of their kind is added.
class ScenarioBuilder {
public:
    using Shares = std::vector<std::pair<std::string, double>>;

    explicit ScenarioBuilder(std::vector<std::string> regions,
                             std::vector<std::string> stages = {"mine", "refine"})
    {
        scenario.name = "test";
        scenario.start = {2009, 1, 1};
        scenario.months = 36;
        scenario.regions = std::move(regions);
        scenario.stages = std::move(stages);
        scenario.place = {"test.yaml", 0, 0};
    }

    Scenario scenario;

    Place next_place() { return {"test.yaml", ++line_, 1}; }

    Number number(std::string path, Distribution distribution)
    {
        return {std::move(distribution), std::move(path), next_place()};
    }
    Number number(std::string path, double value)
    {
        return number(std::move(path), Distribution(Fixed{value}));
    }
    Mark mark(Distribution distribution) { return {std::move(distribution), "", next_place()}; }
    Mark mark(double value) { return mark(Distribution(Fixed{value})); }

    /// Elasticities 0.2 and 0.6, memory 0.08, quoted price equal to the price, choke 50, floor
    /// 0.02.
    CommodityEntry& commodity(const std::string& name, double price = 10)
    {
        const std::string path = "commodities." + name + ".";
        CommodityEntry& entry = scenario.commodities.emplace_back();
        entry.name = name;
        entry.place = next_place();
        entry.price_usd_per_kg = number(path + "price_usd_per_kg", price);
        entry.demand_elasticity_short_run = number(path + "demand_elasticity.short_run", 0.2);
        entry.demand_elasticity_long_run = number(path + "demand_elasticity.long_run", 0.6);
        entry.memory_up_per_month = number(path + "memory.up_per_month", 0.08);
        entry.memory_down_per_month = number(path + "memory.down_per_month", 0.08);
        entry.quoted_adjustment_per_month = number(path + "quoted_adjustment_per_month", 1);
        entry.choke_price_ratio = number(path + "choke_price_ratio", 50);
        entry.floor_price_ratio = number(path + "floor_price_ratio", 0.02);
        return entry;
    }

    FacilityEntry& facility(const std::string& name, const std::string& region,
                            const std::string& stage, double capacity,
                            const Shares& outputs = {})
    {
        const std::string path = "facilities." + name + ".";
        FacilityEntry& entry = scenario.facilities.emplace_back();
        entry.name = name;
        entry.place = next_place();
        entry.region = region;
        entry.stage = stage;
        entry.capacity_t_per_year = number(path + "capacity_t_per_year", capacity);
        entry.utilisation = number(path + "utilisation", 1);
        entry.supply_elasticity = number(path + "supply_elasticity", 0);
        for (const auto& [commodity, share] : outputs) {
            entry.outputs.push_back(
                {commodity, number(path + "outputs." + commodity, share), next_place()});
        }
        entry.delay_months = number(path + "delay_months", 0);
        entry.opening_probability = number(path + "opening_probability", 1);
        entry.ramp_months = number(path + "ramp_months", 0);
        return entry;
    }
    FacilityEntry& mine(const std::string& name, const std::string& region, double capacity,
                        const Shares& outputs = {})
    {
        return facility(name, region, scenario.stages.front(), capacity, outputs);
    }

    DemandEntry& demand(const std::string& commodity, const std::string& region, double tonnes)
    {
        return scenario.demand.emplace_back(
            DemandEntry{commodity, region,
                        number("demand." + commodity + "." + region + ".t_per_year", tonnes),
                        next_place()});
    }

    TradeEntry& trade(const std::string& layer, const std::string& commodity,
                      const std::string& exporter, const std::string& importer, double tonnes)
    {
        return scenario.trade.emplace_back(
            TradeEntry{layer, commodity, exporter, importer,
                       number("trade." + layer + "." + commodity + "." + exporter + "."
                                  + importer + ".t_per_year",
                              tonnes),
                       next_place()});
    }

    /// Price sensitivity 0.5, trend sensitivity 0, no panic, all users.
    StockEntry& stocks(const std::string& name, double cover_months, double order_months)
    {
        const std::string path = "stocks." + name + ".";
        StockEntry& entry = scenario.stocks.emplace_back();
        entry.name = name;
        entry.place = next_place();
        entry.commodities.all = true;
        entry.regions.all = true;
        entry.cover_months = number(path + "cover_months", cover_months);
        entry.order_months = number(path + "order_months", order_months);
        entry.price_sensitivity = number(path + "price_sensitivity", 0.5);
        entry.trend_sensitivity = number(path + "trend_sensitivity", 0);
        return entry;
    }

    /// At the last stage; no ramp, elasticity 0, at most doubled.
    RecyclingEntry& recycling(const std::string& name, const std::string& commodity,
                              const std::string& region, double share)
    {
        const std::string path = "recycling." + name + ".";
        RecyclingEntry& entry = scenario.recycling.emplace_back();
        entry.name = name;
        entry.place = next_place();
        entry.commodity = commodity;
        entry.region = region;
        entry.stage = scenario.stages.back();
        entry.share_of_demand = number(path + "share_of_demand", share);
        entry.share_of_demand_end = entry.share_of_demand;
        entry.price_elasticity = number(path + "price_elasticity", 0);
        entry.max_factor = number(path + "max_factor", 2);
        return entry;
    }

    /// All commodities, all targets, last stage.
    RestrictionTerms terms(const std::string& exporter, Instrument instrument)
    {
        RestrictionTerms terms;
        terms.exporter = exporter;
        terms.instrument = instrument;
        terms.commodities.all = true;
        terms.targets.all = true;
        terms.layer = scenario.stages.back();
        return terms;
    }

    StandingMeasureEntry& standing(const std::string& name, const RestrictionTerms& terms,
                                   double severity = 0)
    {
        StandingMeasureEntry& entry = scenario.standing_measures.emplace_back();
        entry.name = name;
        entry.place = next_place();
        entry.terms = terms;
        entry.severity = number("standing_measures." + name + ".severity", severity);
        return entry;
    }

    ScriptedRestrictionEntry& scripted(const std::string& name, const RestrictionTerms& terms,
                                       Date from, Date until, double severity = 0)
    {
        ScriptedRestrictionEntry& entry = scenario.scripted_restrictions.emplace_back();
        entry.name = name;
        entry.place = next_place();
        entry.terms = terms;
        entry.severity = number("hazards.scripted." + name + ".severity", severity);
        entry.from = from;
        entry.until = until;
        return entry;
    }

    ScriptedOutageEntry& scripted_outage(const std::string& name, const std::string& facility,
                                         Date from, Date until, double loss_share = 1)
    {
        ScriptedOutageEntry& entry = scenario.scripted_outages.emplace_back();
        entry.name = name;
        entry.place = next_place();
        entry.facility = facility;
        entry.from = from;
        entry.until = until;
        entry.loss_share = number("hazards.scripted." + name + ".loss_share", loss_share);
        return entry;
    }

    RestrictionHazardEntry& restriction_hazard(const std::string& name,
                                               const RestrictionTerms& terms,
                                               double rate_per_year, Distribution severity,
                                               Distribution duration_days)
    {
        const std::string path = "hazards.export_restrictions." + name + ".";
        RestrictionHazardEntry& entry = scenario.restriction_hazards.emplace_back();
        entry.name = name;
        entry.place = next_place();
        entry.terms = terms;
        entry.rate_per_year = number(path + "rate_per_year", rate_per_year);
        entry.severity = mark(std::move(severity));
        entry.duration_days = mark(std::move(duration_days));
        entry.targeted_probability = number(path + "targeted_probability", 1);
        entry.notice_days = mark(0);
        return entry;
    }

    OutageHazardEntry& outage_hazard(const std::string& name,
                                     const std::vector<std::string>& facilities,
                                     double rate_per_year, Distribution repair_days,
                                     double loss_share = 1)
    {
        OutageHazardEntry& entry = scenario.outage_hazards.emplace_back();
        entry.name = name;
        entry.place = next_place();
        entry.facilities.names = facilities;
        entry.rate_per_year =
            number("hazards.outages." + name + ".rate_per_year", rate_per_year);
        entry.repair_days = mark(std::move(repair_days));
        entry.loss_share = mark(loss_share);
        return entry;
    }

    /// The model; warnings are dropped.
    Model model() const
    {
        std::vector<Diagnostic> warnings;
        return build_model(scenario, warnings);
    }

    /// What `build_model` says, `warning: <key path>: <problem>` or `error: ...`, by place.
    std::vector<std::string> complaints() const
    {
        std::vector<Diagnostic> found;
        try {
            build_model(scenario, found);
        } catch (const InputError& error) {
            found = error.problems();
        }
        std::vector<std::string> texts;
        for (const Diagnostic& diagnostic : found) {
            texts.push_back((diagnostic.severity == Severity::error ? "error: " : "warning: ")
                            + diagnostic.key_path + ": " + diagnostic.problem);
        }
        return texts;
    }

private:
    int line_ = 0;
};

}  // namespace chokepoint
