// Levers that build, bring forward or feed: mines, plants, recycling.

#include <algorithm>

#include <fmt/format.h>

#include "lever.hpp"
#include "messages.hpp"

namespace chokepoint {

void Lever::build_facility()
{
    for (const std::string_view key : {"region", "stage", "capacity_t_per_year", "opens"}) {
        if (!keys_.has(key)) {
            keys_.error_here(fmt::format("\"{}\" is missing (a new facility needs it)", key));
        }
    }
    const std::string stage = keys_.name("stage");
    if (keys_.name_in_table() == "processing_hub" && !base_.stages.empty()
        && stage == base_.stages.front()) {
        keys_.error("stage",
                    fmt::format("must lie beyond the mines (got {})", in_quotes(stage)));
    }
    YamlNode& made = add("facilities", name_);
    copy({"region", "stage", "commodity", "outputs", "capacity_t_per_year", "utilisation",
          "owner", "opens", "delay_months", "opening_probability", "ramp_months"},
         made);
    reading().facilities.add(name_, place());
}

/// Sets what the lever says of a project's opening.
void Lever::bring_forward(const std::string& project)
{
    const FacilityEntry* known = facility(project);
    YamlNode* written = entry("facilities", project);
    if (known == nullptr || written == nullptr) {
        return;  // complained about
    }
    if (!known->opens && !known->induced) {
        keys_.error_here(
            fmt::format("{} is no project (it is open from the start)", in_quotes(project)));
        return;
    }
    for (const std::string_view key :
         {"opens", "delay_months", "opening_probability", "ramp_months"}) {
        if (find_row(keys_.name_in_table(), key) != nullptr) {
            copy({key}, *written);
        }
    }
    if (find_row(keys_.name_in_table(), "months_earlier") != nullptr
        && keys_.has("months_earlier")) {
        if (!known->opens) {
            keys_.error("months_earlier",
                        fmt::format("{} has no planned opening (prices induce it)",
                                    in_quotes(project)));
            return;
        }
        // An earlier lever may have moved it.
        int& months =
            opening_months_
                .try_emplace(project,
                             static_cast<int>(months_between(base_.start, *known->opens)))
                .first->second;
        months = std::max(1, months - static_cast<int>(keys_.whole("months_earlier")));
        set(*written, "opens", scalar(month_label(base_.start, months), place()));
    }
    if (find_row(keys_.name_in_table(), "lead_months") != nullptr && keys_.has("lead_months")) {
        YamlNode* induced = written->find("induced");
        if (!known->induced || induced == nullptr) {
            keys_.error("lead_months",
                        fmt::format("{} is not induced by prices", in_quotes(project)));
            return;
        }
        copy_as("lead_months", "lead_months", *induced);
    }
}

void Lever::joint_investment()
{
    if (!keys_.has("project")) {
        build_facility();
        return;
    }
    for (const std::string_view key : {"region", "stage", "commodity", "outputs",
                                       "capacity_t_per_year", "utilisation", "owner"}) {
        if (keys_.has(key)) {
            keys_.error(key, "is of a new facility, and this lever helps a project");
        }
    }
    if (keys_.has("opens") && keys_.has("months_earlier")) {
        keys_.error("months_earlier", "stands beside opens (must be one of the two)");
    }
    const bool helps = keys_.has("months_earlier") || keys_.has("opens")
                       || keys_.has("delay_months") || keys_.has("opening_probability")
                       || keys_.has("ramp_months");
    if (!helps) {
        keys_.error_here(
            "reaches nothing (needs months_earlier, opens, delay_months, "
            "opening_probability or ramp_months)");
    }
    bring_forward(keys_.name("project"));
}

void Lever::guarantee()
{
    const std::string commodity = keys_.name("commodity");
    bool has_project = false;
    for (const std::string& name : named("facilities", reading().facilities)) {
        YamlNode& cost = add("policy_costs", name_ + "_" + name + "_floor");
        set(cost, "kind", scalar("floor_payments", place()));
        set(cost, "facility", scalar(name, place()));
        set(cost, "commodity", scalar(commodity, place()));
        copy({"floor_usd_per_kg", "from", "until"}, cost);
        const FacilityEntry* known = facility(name);
        YamlNode* written = entry("facilities", name);
        if (known == nullptr || written == nullptr) {
            continue;
        }
        std::erase_if(written->entries,
                      [](const YamlEntry& entry) { return entry.key == "closure"; });
        if (known->opens || known->induced) {
            bring_forward(name);
            has_project = true;
        }
    }
    if (!has_project && (keys_.has("opening_probability") || keys_.has("delay_months"))) {
        keys_.error_here("none of the facilities is a project (all are open from the start)");
    }
}

void Lever::recycling()
{
    bool reaches = false;
    const std::vector<std::string> of = commodities("commodities");
    for (const std::string& region : regions("regions")) {
        for (const std::string& commodity : of) {
            const bool is_used =
                std::ranges::any_of(base_.demand, [&](const DemandEntry& entry) {
                    return entry.region == region && entry.commodity == commodity;
                });
            if (!is_used) {
                continue;  // nothing to collect
            }
            reaches = true;
            YamlNode& made = add("recycling", name_ + "_" + region + "_" + commodity);
            set(made, "commodity", scalar(commodity, place()));
            set(made, "region", scalar(region, place()));
            set(made, "share_of_demand", number(0, place()));
            copy({"stage", "share_of_demand_end", "ramp_from", "ramp_until", "price_elasticity",
                  "max_factor"},
                 made);
        }
    }
    if (!reaches) {
        keys_.error_here("reaches nothing: nobody in these regions uses this");
    }
}

void Lever::mining_practice()
{
    if (keys_.has("keep_share")) {
        static_cast<void>(keys_.number("keep_share"));
        if (const YamlNode* share = keys_.node("keep_share")) {
            thin("hazards.outages", named("outages", reading().outages), "keep_share", *share);
            thin("hazards.common_causes", named("common_causes", reading().common_causes),
                 "keep_share", *share);
        }
    }
    for (const std::string& name : projects("projects")) {
        bring_forward(name);
    }
    if (keys_.has("keep_share") && named("outages", reading().outages).empty()
        && named("common_causes", reading().common_causes).empty()) {
        keys_.error("keep_share", "reaches nothing: there are no such hazards");
    }
    if (keys_.has("projects") && !keys_.has("months_earlier") && !keys_.has("lead_months")) {
        keys_.error("projects", "reaches nothing (needs months_earlier or lead_months)");
    }
    if (!keys_.has("keep_share") && !keys_.has("projects")) {
        keys_.error_here(
            "reaches nothing (needs keep_share with outages or common_causes, or "
            "projects)");
    }
}

}  // namespace chokepoint
