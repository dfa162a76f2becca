#pragma once

#include "chokepoint/app/event_text.hpp"
#include "chokepoint/metrics/binding_spell.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/metrics/price_account.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chokepoint {

/// One region and commodity in one month of a trial. Prices are ratios to month 0, NaN where
/// there are no users to pay them.
struct MonthRow {
    std::string month, commodity, region;
    double price, impact, quoted, need_t, served_t, shortfall_t, stock_t, exports_t;
};

/// A trial with all that is shown of it.
struct Replay {
    const Model& model;
    std::uint64_t seed, trial;
    const Parameters& parameters;
    const Timeline& timeline;
    std::vector<EventText> events;       ///< Also what prices made of facilities; by start.
    std::vector<BindingSpell> spells;    ///< See `binding_spells`.
    std::vector<PriceAccount> accounts;  ///< See `price_accounts`.
    std::vector<MonthRow> months;        ///< By month, then commodity, then region.
    std::vector<Column> columns;
    std::vector<double> row;  ///< The trial's row of the run, one value per column.
    std::vector<Series> series;
    std::vector<double> series_values;  ///< [series * model.months + month]
};

/// What a reader wants on a screen, at most 100 columns wide: what came of it, what was unusual
/// of the draws, what happened, what bound, why prices moved, the months that differ from the
/// undisturbed run.
std::string replay_summary(const Replay& replay);

/// All of it: every draw, event, spell and account, every month of every region, every metric.
std::string replay_in_full(const Replay& replay);

/// The months as a table.
std::string replay_csv(const Replay& replay);

/// Everything in full precision.
std::string replay_json(const Replay& replay);

}  // namespace chokepoint
