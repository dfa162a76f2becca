// What mines and plants are.

#include "bind.hpp"

#include <fmt/format.h>

#include "messages.hpp"
#include "scalars.hpp"

namespace chokepoint {
namespace {

OutputEntry whole_output(const Section& section, const std::string& commodity)
{
    Number share = section.implied_number("outputs." + commodity, 1);
    return {commodity, share, share.place};
}

void check_shares(const Section& section, const std::vector<OutputEntry>& outputs)
{
    double sum = 0;
    for (const OutputEntry& output : outputs) {
        sum += output.share.path.empty() ? 0 : output.share.distribution.lower();
    }
    if (sum > 1 + 1e-9) {
        section.error("outputs",
                      fmt::format("shares add up to {:.6g} (must be at most 1)", sum),
                      "a share is tonnes of the commodity per tonne of capacity");
    }
}

std::vector<OutputEntry> bind_outputs(const Section& section, const std::string& stage,
                                      const Scenario& scenario)
{
    if (section.has("commodity") && section.has("outputs")) {
        section.error("commodity", "stands beside \"outputs\" (must be one of the two)");
    }
    std::vector<OutputEntry> outputs;
    const std::string commodity = section.name("commodity");
    for (auto& [name, share] : section.number_map("outputs")) {
        outputs.push_back({name, share, share.place});
    }
    check_shares(section, outputs);
    if (outputs.empty() && !commodity.empty()) {
        outputs.push_back(whole_output(section, commodity));
    }
    const bool says_nothing = !section.has("commodity") && !section.has("outputs");
    const bool is_mine = !stage.empty() && stage == scenario.stages.front();
    if (says_nothing && is_mine && section.reading().commodities.is_complete()) {
        if (scenario.commodities.size() == 1) {
            outputs.push_back(whole_output(section, scenario.commodities.front().name));
        } else if (scenario.commodities.size() > 1) {
            section.error_here(
                "\"outputs\" is missing (shares by commodity, or \"commodity\" for a "
                "single one)",
                "with several commodities, each facility of the first stage says what "
                "it yields");
        }
    }
    return outputs;
}

void check_first_stage_only(const Section& section, std::string_view key,
                            const std::string& stage, const Scenario& scenario)
{
    if (section.has(key) && !stage.empty() && stage != scenario.stages.front()) {
        section.error(key,
                      fmt::format("is for facilities of the first stage, {} (this one is at "
                                  "{})",
                                  in_quotes(scenario.stages.front()), in_quotes(stage)));
    }
}

ClosureEntry bind_closure(const Section& section)
{
    ClosureEntry closure{section.number("close_below"), section.number("close_after_months"),
                         section.number("reopen_above"), section.number("restart_months")};
    const Distribution& low = closure.close_below.distribution;
    const Distribution& high = closure.reopen_above.distribution;
    const bool are_sound =
        !closure.close_below.path.empty() && !closure.reopen_above.path.empty();
    if (are_sound && low.upper() >= high.lower()) {
        section.error("reopen_above", fmt::format("must be above close_below (got {} and {})",
                                                  to_string(high), to_string(low)));
    }
    return closure;
}

FacilityEntry bind_facility(const Section& s, const std::string& name, const Scenario& scenario)
{
    FacilityEntry facility;
    facility.name = name;
    facility.place = s.place();
    facility.region = s.name("region");
    facility.stage = s.name("stage");
    facility.capacity_t_per_year = s.number("capacity_t_per_year");
    facility.utilisation = s.number("utilisation");
    facility.supply_elasticity = s.number("supply_elasticity");
    facility.outputs = bind_outputs(s, facility.stage, scenario);
    facility.owner = s.text("owner");
    for (const NameInList& grade : s.name_list("grades").names) {
        if (const std::string problem = name_problem(grade.name); !problem.empty()) {
            s.reading().error(grade.place, grade.path, problem);
            s.reading().grades.mark_incomplete();
            continue;
        }
        s.reading().grades.add(grade.name, grade.place);
        facility.grades.push_back(grade.name);
    }
    if (s.has("by_product")) {
        const Section by_product = s.section("by_product");
        facility.by_product = {by_product.number("adjustment_per_month"),
                               by_product.number("price_elasticity")};
    }
    if (s.has("closure")) {
        facility.closure = bind_closure(s.section("closure"));
    }
    facility.opens = s.date("opens");
    if (s.has("induced")) {
        const Section induced = s.section("induced");
        facility.induced = {induced.number("trigger_price_ratio"),
                            induced.number("after_months"), induced.number("lead_months")};
        if (s.has("opens")) {
            s.error("induced", "stands beside \"opens\" (must be one of the two)");
        }
    }
    facility.delay_months = s.number("delay_months");
    facility.opening_probability = s.number("opening_probability");
    facility.ramp_months = s.number("ramp_months");
    facility.growth = bind_growth(s, scenario);
    for (const OutputEntry& output : facility.outputs) {
        check_chain_reaches(s, "stage", output.commodity, facility.stage, scenario);
    }
    check_first_stage_only(s, "supply_elasticity", facility.stage, scenario);
    check_first_stage_only(s, "by_product", facility.stage, scenario);
    if (s.has("by_product") && fixed_value(facility.supply_elasticity) != 0) {
        s.error("supply_elasticity",
                "stands beside \"by_product\", whose output does not answer "
                "within the month (must be one of the two)");
    }
    return facility;
}

}  // namespace

void bind_facilities(const Section& top, Scenario& scenario)
{
    Vocabulary& facilities = top.reading().facilities;
    const YamlNode* written = top.node("facilities");
    if (written == nullptr || !written->is_list()) {
        facilities.mark_incomplete();
    }
    top.each_entry("facilities", [&](const Section& section, const std::string& name) {
        if (name.empty() || !facilities.add(name, section.place())) {
            facilities.mark_incomplete();
        }
        scenario.facilities.push_back(bind_facility(section, name, scenario));
    });
}

}  // namespace chokepoint
