#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

/// Ends a reading that has found more problems than anyone wants to read.
struct TooManyProblems {};

/// The names of one kind that a scenario has introduced.
class Vocabulary {
public:
    explicit Vocabulary(std::string kind) : kind_(std::move(kind)) {}

    /// Adds a name; false if it is there already.
    bool add(const std::string& name, const Place& place);
    bool has(const std::string& name) const;
    const Place& first_place(const std::string& name) const { return places_.at(name); }

    const std::vector<std::string>& names() const { return names_; }
    const std::string& kind() const { return kind_; }

    /// The list of names was missing or wrong: nothing can be said about unknown ones.
    void mark_incomplete() { complete_ = false; }
    bool is_complete() const { return complete_; }

    /// `no region is called "finnland" (did you mean "finland"?)`.
    std::string unknown(std::string_view name) const;

private:
    std::string kind_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, Place> places_;
    bool complete_ = true;
};

/// What the parts of one reading share: the problems found and the names introduced so far.
class Reading {
public:
    explicit Reading(Diagnostics& problems) : problems_(problems) {}

    void error(const Place& place, std::string path, std::string problem,
               std::string hint = {});
    void warning(const Place& place, std::string path, std::string problem);
    /// Makes the text of a file known, so that its lines can be quoted.
    void add_source(const std::string& file, const std::string& text)
    {
        problems_.add_source(file, text);
    }

    /// What to say of a name that is neither a region nor an alliance.
    std::string unknown_area(const std::string& name) const;

    /// The vocabulary of a kind, e.g. `region`.
    Vocabulary& vocabulary(std::string_view kind);

    Vocabulary regions{"region"};
    Vocabulary alliances{"alliance"};
    Vocabulary stages{"stage"};
    Vocabulary commodities{"commodity"};
    Vocabulary facilities{"facility"};
    Vocabulary grades{"grade"};
    Vocabulary tensions{"tension"};
    Vocabulary restrictions{"restriction"};
    Vocabulary price_shocks{"price shock"};
    Vocabulary outages{"outage"};
    Vocabulary common_causes{"common cause"};
    Vocabulary reserves{"reserve"};
    Vocabulary currencies{"currency"};
    Vocabulary desks{"desk"};

    /// False if it cannot be said who demands what, because `demand` is missing or wrong.
    bool demand_is_known = true;

private:
    Diagnostics& problems_;
    std::size_t errors_ = 0;
};

}  // namespace chokepoint
