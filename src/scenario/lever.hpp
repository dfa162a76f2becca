#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bind.hpp"
#include "section.hpp"
#include "tree_pieces.hpp"

namespace chokepoint {

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

}  // namespace chokepoint
