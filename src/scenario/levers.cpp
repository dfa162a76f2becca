// Policy levers (docs/model.md section 8): each is a function of what a lever says and of the
// scenario, and changes the scenario's tree.

#include "levers.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "bind.hpp"
#include "messages.hpp"
#include "scalars.hpp"
#include "section.hpp"

namespace chokepoint {
namespace {

// Pieces of trees

YamlNode scalar(std::string text, const Place& place)
{
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.text = std::move(text);
    node.place = place;
    return node;
}

YamlNode number(double value, const Place& place)
{
    return scalar(shown(value), place);
}

YamlNode empty(YamlNode::Kind kind, const Place& place)
{
    YamlNode node;
    node.kind = kind;
    node.place = place;
    return node;
}

YamlNode list_of(const std::vector<std::string>& words, const Place& place)
{
    YamlNode list = empty(YamlNode::Kind::list, place);
    for (const std::string& word : words) {
        list.items.push_back(scalar(word, place));
    }
    return list;
}

void set(YamlNode& map, std::string_view key, YamlNode value)
{
    if (YamlNode* known = map.find(key)) {
        *known = std::move(value);
    } else {
        const Place place = value.place;
        map.entries.push_back({std::string(key), place, std::move(value)});
    }
}

/// What stands below a key; made if nothing does.
YamlNode& below(YamlNode& map, std::string_view key, YamlNode::Kind kind)
{
    if (YamlNode* known = map.find(key)) {
        return *known;
    }
    map.entries.push_back({std::string(key), map.place, empty(kind, map.place)});
    return map.entries.back().value;
}

/// A number that is no distribution: `0.8`, or `{fixed: 0.8}` with notes.
std::optional<double> fixed_number(const YamlNode& node)
{
    const YamlNode* fixed = node.find("fixed");
    const YamlNode& written = fixed == nullptr ? node : *fixed;
    return written.is_scalar() ? parse_number(written).value : std::nullopt;
}

/// A lever at work.
class Lever {
public:
    /// \param opening_months  By project: when it opens after the levers before this one.
    Lever(const Section& keys, std::string name, const Scenario& base, YamlNode& root,
          std::map<std::string, int>& opening_months)
        : keys_(keys),
          name_(std::move(name)),
          base_(base),
          root_(root),
          opening_months_(opening_months)
    {}

    void joint_investment();
    void diversify();
    void guarantee();
    void esg_standard();
    void recycling();
    void processing_hub() { build_facility(); }
    void alliance();
    void substitution();
    void stockpile();
    void mining_practice();

    void add_costs();

private:
    Reading& reading() const { return keys_.reading(); }
    const Place& place() const { return keys_.place(); }

    /// The list of entries of a kind, e.g. `facilities` or `hazards.outages`.
    YamlNode& entries(std::string_view key)
    {
        constexpr std::string_view hazards = "hazards.";
        return key.starts_with(hazards)
                   ? below(below(root_, "hazards", YamlNode::Kind::map),
                           key.substr(hazards.size()), YamlNode::Kind::list)
                   : below(root_, key, YamlNode::Kind::list);
    }
    /// An entry of the scenario by name; null if the tree has none.
    YamlNode* entry(std::string_view kind, const std::string& name)
    {
        for (YamlNode& item : entries(kind).items) {
            const YamlNode* known = item.find("name");
            if (known != nullptr && known->is_scalar() && known->text == name) {
                return &item;
            }
        }
        return nullptr;
    }
    /// A new entry that is called as the lever, or something after it.
    YamlNode& add(std::string_view kind, const std::string& name);
    /// Copies keys that the lever has to an entry.
    void copy(std::initializer_list<std::string_view> keys, YamlNode& to) const;
    void copy_as(std::string_view key, std::string_view as, YamlNode& to) const;

    /// The names of a key; every name that there is for `all`.
    std::vector<std::string> named(std::string_view key, const Vocabulary& all) const
    {
        const Names names = keys_.names(key);
        return names.all ? all.names() : names.names;
    }
    /// The same of projects: of `all`, those facilities that are projects.
    std::vector<std::string> projects(std::string_view key) const;
    std::vector<std::string> regions(std::string_view key) const;
    std::vector<std::string> commodities(std::string_view key) const;
    const FacilityEntry* facility(const std::string& name) const;
    std::string last_stage(const std::string& commodity) const
    {
        return last_stage_of(commodity, base_);
    }

    double demand_of(const std::string& commodity, const std::string& region) const;
    /// How fast a stockpile fills and empties, and how full it is at first.
    struct StockPace {
        double buy_months, release_months, filled_share;
    };
    void add_reserve(const std::string& commodity, const std::string& region, double tonnes,
                     const StockPace& pace, const std::vector<std::string>& members);
    void stop_halfway(std::string_view trigger, std::string_view stop, double rest,
                      YamlNode& reserve) const;
    void build_facility();
    void bring_forward(const std::string& project);
    void thin(std::string_view hazards, const std::vector<std::string>& names,
              std::string_view key, const YamlNode& share);
    void cap_imports(const std::vector<std::string>& importers, const std::string& supplier,
                     const YamlNode& max_share);

    const Section& keys_;
    std::string name_;
    const Scenario& base_;
    YamlNode& root_;
    std::map<std::string, int>& opening_months_;
};

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

// Levers

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

void Lever::stockpile()
{
    if (keys_.has("days") == keys_.has("tonnes")) {
        keys_.error_here(keys_.has("days")
                             ? "has both \"days\" and \"tonnes\" (must be one of the two)"
                             : "\"days\" or \"tonnes\" is missing (a stockpile needs a size)");
        return;
    }
    if (!keys_.has("trigger_price_ratio") && !keys_.has("trigger_shortfall_share")) {
        keys_.error_here(
            "has no trigger (needs trigger_price_ratio or trigger_shortfall_share)");
    }
    const bool names_commodities = keys_.has("commodities") && !keys_.names("commodities").all;
    const std::vector<std::string> of = commodities("commodities");
    const std::vector<std::string> members =
        keys_.has("members") ? regions("members") : std::vector<std::string>();
    const StockPace pace{.buy_months = keys_.has("buy_months") ? keys_.plain("buy_months") : 1,
                         .release_months = keys_.plain("release_months"),
                         .filled_share = keys_.plain("filled_share")};
    bool reaches = false;
    for (const std::string& region : regions("regions")) {
        for (const std::string& commodity : of) {
            const double per_year = demand_of(commodity, region);
            constexpr double days_per_year = 365.25;
            const double tonnes = keys_.has("days")
                                      ? per_year * keys_.plain("days") / days_per_year
                                      : keys_.plain("tonnes");
            if (per_year == 0 && !names_commodities) {
                continue;
            }
            if (!(tonnes > 0)) {
                keys_.error_here(fmt::format("reaches nothing: nobody uses {} in {}",
                                             in_quotes(commodity), in_quotes(region)));
                continue;
            }
            reaches = true;
            add_reserve(commodity, region, tonnes, pace, members);
        }
    }
    if (!reaches) {
        keys_.error_here("reaches nothing: nobody in these regions uses this");
    }
}

/// What users of a commodity in a region need a year at month 0, its median; 0 without users.
double Lever::demand_of(const std::string& commodity, const std::string& region) const
{
    const auto demand = std::ranges::find_if(base_.demand, [&](const DemandEntry& entry) {
        return entry.region == region && entry.commodity == commodity;
    });
    return demand == base_.demand.end() ? 0 : demand->t_per_year.distribution.quantile(0.5);
}

/// A reserve of so many tonnes, and what it costs to fill.
void Lever::add_reserve(const std::string& commodity, const std::string& region, double tonnes,
                        const StockPace& pace, const std::vector<std::string>& members)
{
    const double at_start = pace.filled_share * tonnes;
    const std::string name = name_ + "_" + region + "_" + commodity;
    YamlNode& made = add("reserves", name);
    set(made, "region", scalar(region, place()));
    set(made, "commodity", scalar(commodity, place()));
    set(made, "tonnes", number(at_start, place()));
    set(made, "capacity_t", number(tonnes, place()));
    set(made, "release_t_per_month", number(tonnes / pace.release_months, place()));
    set(made, "refill_t_per_month", number(tonnes / pace.buy_months, place()));
    if (!members.empty()) {
        set(made, "members", list_of(members, place()));
    }
    copy({"trigger_price_ratio", "stop_price_ratio", "trigger_shortfall_share",
          "stop_shortfall_share", "decision_lag_months"},
         made);
    stop_halfway("trigger_shortfall_share", "stop_shortfall_share", 0, made);
    stop_halfway("trigger_price_ratio", "stop_price_ratio", 1, made);
    reading().reserves.add(name, place());
    if (at_start > 0) {  // what lies there at once is paid for at the reference price
        const auto of_metal =
            std::ranges::find(base_.commodities, commodity, &CommodityEntry::name);
        constexpr double kg_per_tonne = 1000;
        YamlNode& fill = add("policy_costs", name + "_first_fill");
        set(fill, "kind", scalar("capital", place()));
        set(fill, "usd",
            number(
                at_start * kg_per_tonne * of_metal->price_usd_per_kg.distribution.quantile(0.5),
                place()));
    }
    YamlNode& cost = add("policy_costs", name + "_purchases");
    set(cost, "kind", scalar("purchases", place()));
    set(cost, "reserve", scalar(name, place()));
}

/// Where a release is to end if the lever does not say: halfway from the trigger to rest.
void Lever::stop_halfway(std::string_view trigger, std::string_view stop, double rest,
                         YamlNode& reserve) const
{
    if (!keys_.has(trigger) || keys_.has(stop)) {
        return;
    }
    const std::optional<double> at = fixed_value(keys_.number(trigger));
    if (at && *at > rest) {
        set(reserve, stop, number((*at + rest) / 2, place()));
    } else {
        keys_.error_here(fmt::format(
            "\"{}\" is missing (the trigger is no fixed number above {})", stop, shown(rest)));
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

using LeverFunction = void (Lever::*)();

/// A new lever is a line here, a section in lever_rows.cpp and its kind in key_rows.cpp.
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
    const bool is_printable = std::ranges::all_of(policy_name, [](char letter) {
        return static_cast<unsigned char>(letter) >= ' ' && letter != 0x7F;
    });
    if (policy_name.empty() || policy_name.size() > longest_name || !is_printable
        || policy_name == "none") {
        top.error("policy",
                  fmt::format("must be a name of 1 to {} printable characters, and not "
                              "\"none\" (got {})",
                              longest_name,
                              policy_name.empty() ? "nothing" : in_quotes(policy_name)));
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
