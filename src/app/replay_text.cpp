#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/replay.hpp"

#include <limits>

#include <fmt/format.h>

#include "replay_pieces.hpp"

namespace chokepoint {
namespace {

// How much is shown on a screen.
constexpr std::size_t most_draws = 6;
constexpr std::size_t most_spells = 10;
constexpr std::size_t most_commodities = 4;  ///< Told why.

std::string title(const Replay& replay)
{
    return fmt::format("{}: trial {}, seed {}; {} from {}\n", replay.model.name, replay.trial,
                       replay.seed,
                       counted(static_cast<std::uint64_t>(replay.model.months), "month"),
                       month_label(replay.model.start, 0));
}

}  // namespace

std::string replay_summary(const Replay& replay)
{
    return title(replay) + outcome_text(replay) + portfolio_text(replay)
           + draws_text(replay, most_draws) + events_text(replay, events_shown(replay))
           + spells_text(replay, most_spells)
           + why_text(replay, most_commodities, most_accounts_of_each) + months_text(replay)
           + fmt::format("\nEvery draw, event, month and metric: --full, or --format json\n");
}

std::string replay_in_full(const Replay& replay)
{
    constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
    return title(replay) + outcome_text(replay) + portfolio_text(replay)
           + draws_text(replay, all) + events_text(replay, replay.events)
           + spells_text(replay, all) + why_text(replay, all, all)
           + months_and_metrics_text(replay);
}

}  // namespace chokepoint
