#include "lever.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "messages.hpp"

namespace chokepoint {

YamlNode& Lever::add(std::string_view kind, const std::string& name)
{
    if (const YamlNode* known = entry(kind, name)) {
        reading().error(
            place(), keys_.path(),
            fmt::format("the scenario has {} among its {} already (at {}): give the "
                        "lever another name",
                        in_quotes(name), kind, shown(known->place)));
    }
    YamlNode item = empty(YamlNode::Kind::map, place());
    set(item, "name", scalar(name, place()));
    for (YamlEntry& note : keys_.notes()) {
        item.entries.push_back(std::move(note));
    }
    YamlNode& list = entries(kind);
    list.items.push_back(std::move(item));
    return list.items.back();
}

void Lever::copy(std::initializer_list<std::string_view> keys, YamlNode& to) const
{
    for (const std::string_view key : keys) {
        copy_as(key, key, to);
    }
}

void Lever::copy_as(std::string_view key, std::string_view as, YamlNode& to) const
{
    if (keys_.has(key)) {
        if (const YamlNode* value = keys_.node(key)) {
            set(to, as, *value);
        }
    }
}

std::vector<std::string> Lever::regions(std::string_view key) const
{
    const NameList written = keys_.name_list(key);
    if (written.all) {
        return base_.regions;
    }
    std::vector<std::string> regions;
    for (const NameInList& name : written.names) {
        for (std::string& region : regions_called(name, base_, reading())) {
            if (std::ranges::find(regions, region) == regions.end()) {
                regions.push_back(std::move(region));
            }
        }
    }
    return regions;
}

std::vector<std::string> Lever::commodities(std::string_view key) const
{
    const Names names = keys_.names(key);
    return names.all ? reading().commodities.names() : names.names;
}

std::vector<std::string> Lever::projects(std::string_view key) const
{
    const Names names = keys_.names(key);
    if (!names.all) {
        return names.names;
    }
    std::vector<std::string> projects;
    for (const FacilityEntry& entry : base_.facilities) {
        if (entry.opens || entry.induced) {
            projects.push_back(entry.name);
        }
    }
    return projects;
}

const FacilityEntry* Lever::facility(const std::string& name) const
{
    const auto found = std::ranges::find(base_.facilities, name, &FacilityEntry::name);
    return found == base_.facilities.end() ? nullptr : &*found;
}

void Lever::add_costs()
{
    if (keys_.has("capital_usd")) {
        YamlNode& cost = add("policy_costs", name_ + "_capital");
        set(cost, "kind", scalar("capital", place()));
        copy_as("capital_usd", "usd", cost);
        copy_as("capital_from", "from", cost);
        copy_as("capital_until", "until", cost);
    }
    if (keys_.has("running_usd_per_year")) {
        YamlNode& cost = add("policy_costs", name_ + "_running");
        set(cost, "kind", scalar("running", place()));
        copy_as("running_usd_per_year", "usd_per_year", cost);
        copy_as("running_from", "from", cost);
        copy_as("running_until", "until", cost);
    }
}

}  // namespace chokepoint
