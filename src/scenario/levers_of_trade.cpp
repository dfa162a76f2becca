// Levers on who buys where, at what risk, and what in place of it.

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "lever.hpp"
#include "messages.hpp"

namespace chokepoint {

/// Of each importer, from one supplier.
void Lever::cap_imports(const std::vector<std::string>& importers, const std::string& supplier,
                        const YamlNode& max_share)
{
    std::vector<std::string> targets = importers;
    std::erase(targets, supplier);
    const std::vector<std::string> all = commodities("commodities");
    const std::string layer = keys_.name("layer");
    // Chains may end at different stages: one measure for each of these.
    std::vector<std::pair<std::string, std::vector<std::string>>> by_layer;
    for (const std::string& commodity : all) {
        const std::string stage = layer.empty() ? last_stage(commodity) : layer;
        const bool is_made = std::ranges::any_of(base_.facilities, [&](const auto& entry) {
            return entry.region == supplier && entry.stage == stage && has_capacity(entry)
                   && puts_out(entry, commodity, base_);
        });
        if (!is_made) {
            continue;
        }
        const auto known =
            std::ranges::find(by_layer, stage, &decltype(by_layer)::value_type::first);
        if (known == by_layer.end()) {
            by_layer.push_back({stage, {commodity}});
        } else {
            known->second.push_back(commodity);
        }
    }
    if (by_layer.empty() || targets.empty()) {
        keys_.error_here(fmt::format("reaches nothing: {} puts out none of this for them",
                                     in_quotes(supplier)));
        return;
    }
    for (const auto& [stage, covered] : by_layer) {
        YamlNode& measure = add("standing_measures", name_ + "_" + supplier + "_" + stage);
        set(measure, "exporter", scalar(supplier, place()));
        set(measure, "instrument", scalar("quota", place()));
        set(measure, "commodities", list_of(covered, place()));
        set(measure, "layer", scalar(stage, place()));
        set(measure, "targets", list_of(targets, place()));
        set(measure, "max_import_share", max_share);
        copy({"from"}, measure);
    }
}

void Lever::diversify()
{
    const std::vector<std::string> importers = regions("importers");
    const YamlNode* share = keys_.node("max_share");
    if (share == nullptr || importers.empty()) {
        return;
    }
    for (const std::string& supplier : named("suppliers", reading().regions)) {
        cap_imports(importers, supplier, *share);
    }
}

/// Multiplies what the scenario, or another lever, keeps already: by a number, or by each of a
/// map of numbers.
void Lever::thin(std::string_view hazards, const std::vector<std::string>& names,
                 std::string_view key, const YamlNode& share)
{
    for (const std::string& name : names) {
        YamlNode* hazard = entry(hazards, name);
        if (hazard == nullptr) {
            continue;
        }
        const auto multiply = [&](YamlNode& map, std::string_view at, const YamlNode& by) {
            const YamlNode* known = map.find(at);
            if (known == nullptr) {
                set(map, at, by);
                return;
            }
            const std::optional<double> one = fixed_number(*known);
            const std::optional<double> other = fixed_number(by);
            if (one && other) {
                set(map, at, number(*one * *other, place()));
            } else {
                keys_.error_here(
                    fmt::format("{} has a {} already, and of two one is a "
                                "distribution (write fixed numbers)",
                                in_quotes(name), at));
            }
        };
        if (!share.is_map() || key == "keep_share") {
            multiply(*hazard, key, share);
            continue;
        }
        YamlNode& by_grade = below(*hazard, key, YamlNode::Kind::map);
        for (const YamlEntry& grade : share.entries) {
            multiply(by_grade, grade.key, grade.value);
        }
    }
}

void Lever::esg_standard()
{
    const std::vector<std::string> outages = named("outages", reading().outages);
    for (const std::string_view key : {"keep_share", "keep_share_by_grade"}) {
        if (keys_.has(key)) {
            key == "keep_share" ? static_cast<void>(keys_.number(key))
                                : static_cast<void>(keys_.number_map(key));
            if (const YamlNode* share = keys_.node(key)) {
                thin("hazards.outages", outages, key, *share);
            }
        }
    }
    if (keys_.has("outages") && !keys_.has("keep_share") && !keys_.has("keep_share_by_grade")) {
        keys_.error_here(
            "\"keep_share\" or \"keep_share_by_grade\" is missing (\"outages\" needs "
            "one)");
    }
    if (keys_.has("exclude")) {
        const std::vector<std::string> importers = regions("importers");
        for (const std::string& supplier : named("exclude", reading().regions)) {
            cap_imports(importers, supplier, number(0, place()));
        }
    }
    for (const std::string& name : projects("projects")) {
        bring_forward(name);
        const FacilityEntry* known = facility(name);
        const double factor =
            keys_.has("investment_factor") ? keys_.plain("investment_factor") : 1;
        YamlNode* written = entry("facilities", name);
        if (known == nullptr || written == nullptr || factor == 1) {
            continue;
        }
        YamlNode more = *written;
        set(more, "name", scalar(name_ + "_" + name, place()));
        set(more, "capacity_t_per_year",
            number((factor - 1) * known->capacity_t_per_year.distribution.quantile(0.5),
                   place()));
        entries("facilities").items.push_back(std::move(more));
    }
    if (keys_.has("projects") && !keys_.has("opening_probability") && !keys_.has("delay_months")
        && !keys_.has("investment_factor")) {
        keys_.error("projects",
                    "reaches nothing (needs opening_probability, delay_months or "
                    "investment_factor)");
    }
    if (!keys_.has("outages") && !keys_.has("exclude") && !keys_.has("projects")) {
        keys_.error_here("reaches nothing (needs outages, exclude or projects)");
    }
}

void Lever::alliance()
{
    const std::vector<std::string> members = regions("members");
    bool reaches = false;
    if (keys_.flag("exempt").value_or(true)) {
        for (const std::string_view kind :
             {"standing_measures", "hazards.scripted", "hazards.export_restrictions"}) {
            for (YamlNode& item : entries(kind).items) {
                const YamlNode* exporter = item.find("exporter");
                if (exporter == nullptr
                    || std::ranges::find(members, exporter->text) == members.end()) {
                    continue;
                }
                std::vector<std::string> spared = members;
                std::erase(spared, exporter->text);
                if (const YamlNode* before = item.find("exempt")) {
                    for (const YamlNode& name : before->items) {
                        if (std::ranges::find(spared, name.text) == spared.end()) {
                            spared.push_back(name.text);
                        }
                    }
                }
                if (!spared.empty()) {
                    set(item, "exempt", list_of(spared, place()));
                    reaches = true;
                }
            }
        }
    }
    for (const std::string& name : named("pooled_reserves", reading().reserves)) {
        if (YamlNode* reserve = entry("reserves", name)) {
            set(*reserve, "members", list_of(members, place()));
            copy({"trigger_price_ratio", "trigger_shortfall_share", "decision_lag_months"},
                 *reserve);
            reaches = true;
        }
    }
    if (keys_.has("restrictions")) {
        static_cast<void>(keys_.number("keep_share"));
        if (const YamlNode* share = keys_.node("keep_share")) {
            thin("hazards.export_restrictions", named("restrictions", reading().restrictions),
                 "keep_share", *share);
            reaches = true;
        }
    }
    if (!reaches) {
        keys_.error_here(
            "reaches nothing: no member restricts exports, and no reserves are pooled",
            "name pooled_reserves, or restrictions and keep_share");
    }
}

void Lever::substitution()
{
    YamlNode& all = below(root_, "commodities", YamlNode::Kind::map);
    for (const std::string& commodity : commodities("commodities")) {
        YamlNode* written = all.find(commodity);
        if (written == nullptr) {
            continue;
        }
        if (written->find("substitution") != nullptr) {
            keys_.error_here(fmt::format("{} has substitution already", in_quotes(commodity)));
        }
        YamlNode made = empty(YamlNode::Kind::map, place());
        copy({"trigger_price_ratio", "rate_per_year", "max_share"}, made);
        if (!keys_.has("trigger_price_ratio")) {
            constexpr double any_price = 1e-6;
            set(made, "trigger_price_ratio", number(any_price, place()));
        }
        set(*written, "substitution", std::move(made));
    }
}

}  // namespace chokepoint
