#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "check_baseline.hpp"
#include "check_effects.hpp"
#include "check_hazards.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/model/stability.hpp"
#include "model_builder.hpp"

namespace chokepoint {
namespace {

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
