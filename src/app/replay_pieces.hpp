#pragma once

#include "chokepoint/app/event_text.hpp"
#include "chokepoint/app/replay.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace chokepoint {

// The parts that a replay's text is put together from.

/// A figure of the trial; NaN if there is none.
double figure(const Replay& replay, const std::string& metric, const std::string& commodity,
              const std::string& area);

/// The first group with users; there is always one, as the world has some.
const std::string& main_group(const Replay& replay, const std::string& commodity);

/// A share with one decimal place at most; a dash for none.
std::string share_text(double share);

/// What came of it: shortfall and prices by commodity and area.
std::string outcome_text(const Replay& replay);

/// What each position loses, the largest loss first; nothing without a portfolio.
std::string portfolio_text(const Replay& replay);

/// Uncertain numbers, the most unusual first, at most so many.
std::string draws_text(const Replay& replay, std::size_t most);

/// Those to show, in order of time: of each type the weightiest, no standing measures.
std::vector<EventText> events_shown(const Replay& replay);
std::string events_text(const Replay& replay, const std::vector<EventText>& events);

/// What bound, at most so many spells.
std::string spells_text(const Replay& replay, std::size_t most);

/// Why prices moved: of at most so many commodities, so many accounts of each.
std::string why_text(const Replay& replay, std::size_t most_of_all, std::size_t most_of_each);

/// Commodities in falling order of what their users pay more or less in the months of their
/// accounts, in USD.
std::vector<std::size_t> commodities_by_weight(const Replay& replay);

/// The months that differ from the undisturbed run, of the weightiest commodities.
std::string months_text(const Replay& replay);

/// Every month of every region, and every metric.
std::string months_and_metrics_text(const Replay& replay);

/// On a screen; accounts beyond are told in full where more are asked for.
inline constexpr std::size_t most_accounts_of_each = 3;

inline constexpr const char* all_there = "--full shows all";

}  // namespace chokepoint
