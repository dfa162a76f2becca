#pragma once

#include "chokepoint/events/timeline.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/statistics/moments.hpp"

#include <string>
#include <vector>

namespace chokepoint {

/// What was sampled of one hazard or scripted entry, over trials.
struct EventTally {
    std::string name;         ///< of the entry
    std::string type;         ///< `export_restriction`, `outage`, `tension` or `price_jump`
    std::string cause;        ///< `scripted` or `sampled`
    Moments per_trial;        ///< Events begun within the horizon, per trial.
    Moments duration_months;  ///< Of those events, not cut at the horizon.
    Moments severity;         ///< Share cut at first, or lost; without those that cut no share
                              ///< (quotas in tonnes, taxes); of jumps their size.
};

/// Counts the events of trials by the entry they come from; standing measures are no events.
class EventCounter {
public:
    explicit EventCounter(const Model& model);

    /// Tallies without trials: scripted entries, then what is sampled.
    const std::vector<EventTally>& empty_tallies() const { return empty_; }

    /// Adds one trial.
    void add(const Timeline& timeline, std::vector<EventTally>& tallies) const;

private:
    /// Where the tally of a new entry stands.
    std::size_t add_entry(const std::string& name, const char* type, const char* cause);

    double horizon_;
    std::vector<EventTally> empty_;
    std::vector<std::size_t> tally_of_measure_;
    std::vector<bool> cuts_a_share_;  ///< By measure.
    std::vector<std::size_t> tally_of_outage_source_;
    std::vector<std::size_t> tally_of_tension_, tally_of_price_shock_;
};

}  // namespace chokepoint
