// Policy levers (docs/model.md section 8): each is a function of what a lever says and of the
// scenario, and changes the scenario's tree.

#include "levers.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "lever.hpp"
#include "messages.hpp"
#include "section.hpp"

namespace chokepoint {
namespace {

using LeverFunction = void (Lever::*)();

/// A new lever is a line here, and a section and its kind in lever_rows.cpp.
constexpr std::pair<std::string_view, LeverFunction> lever_functions[] = {
    {"joint_investment", &Lever::joint_investment},
    {"diversify", &Lever::diversify},
    {"guarantee", &Lever::guarantee},
    {"esg_standard", &Lever::esg_standard},
    {"lever_recycling", &Lever::recycling},
    {"processing_hub", &Lever::processing_hub},
    {"alliance", &Lever::alliance},
    {"lever_substitution", &Lever::substitution},
    {"stockpile", &Lever::stockpile},
    {"mining_practice", &Lever::mining_practice},
};

}  // namespace

void apply_levers(const YamlNode& policy, const Scenario& base, Reading& reading,
                  YamlNode& scenario)
{
    const Section top(reading, "policy", policy, "");
    top.whole("schema");
    const std::string policy_name = top.has("policy") ? top.text("policy") : "policy";
    constexpr std::size_t longest_name = 100;
    if (policy_name.size() > longest_name || policy_name == "none") {
        top.error("policy", fmt::format("must be a name of at most {} characters, and not "
                                        "\"none\" (got {})",
                                        longest_name, in_quotes(policy_name)));
    }
    if (const YamlNode* levers = top.node("levers");
        levers != nullptr && levers->is_list() && levers->items.empty()) {
        top.error("levers", "names no lever (got an empty list)");
    }
    std::map<std::string, int> opening_months;
    top.each_entry("levers", [&](const Section& keys, const std::string& name) {
        const auto function =
            std::ranges::find(lever_functions, keys.name_in_table(),
                              &std::pair<std::string_view, LeverFunction>::first);
        Lever lever(keys, name, base, scenario, opening_months);
        (lever.*(function->second))();
        lever.add_costs();
    });
}

}  // namespace chokepoint
