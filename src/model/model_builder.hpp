#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "chokepoint/model/model.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/scenario/scenario.hpp"
#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

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
    static constexpr double infinity = std::numeric_limits<double>::infinity();

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

}  // namespace chokepoint
