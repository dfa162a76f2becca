#include "chokepoint/app/worst_list.hpp"

#include "chokepoint/app/command_line.hpp"
#include "chokepoint/app/event_text.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/replay_line.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/app/trial_story.hpp"
#include "chokepoint/engine/stop_rule.hpp"
#include "chokepoint/metrics/price_account.hpp"
#include "chokepoint/results/csv_text.hpp"
#include "chokepoint/results/tilt_file.hpp"
#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chokepoint {
namespace {

constexpr std::size_t trials_listed = 10;

/// Entries that were sampled, the most frequent first, e.g. `heavy_restriction x2, floods`.
std::string events_of(const Model& model, const TrialRecord& record)
{
    std::vector<std::pair<std::string, int>> counts;
    for (const EventText& event : event_texts(model, *record.parameters, *record.timeline)) {
        if (event.cause == "standing" || event.cause == "scripted"
            || event.type == "price_jump") {
            continue;
        }
        const auto known = std::find_if(counts.begin(), counts.end(), [&](const auto& entry) {
            return entry.first == event.name;
        });
        if (known == counts.end()) {
            counts.emplace_back(event.name, 1);
        } else {
            ++known->second;
        }
    }
    std::stable_sort(counts.begin(), counts.end(), [](const auto& left, const auto& right) {
        return left.second > right.second;
    });
    std::string text;
    for (const auto& [name, count] : counts) {
        text += (text.empty() ? "" : ", ") + name
                + (count > 1 ? fmt::format(" x{}", count) : std::string());
    }
    return text.empty() ? "no sampled event" : text;
}

/// Of the account whose users pay most more, or less, in its month.
std::string story_of(const Model& model, const TrialRecord& record)
{
    const Parameters& parameters = *record.parameters;
    const std::vector<PriceAccount> accounts = price_accounts(model, record);
    const auto in_usd = [&](const PriceAccount& account) {
        return account.weight() * parameters[model.commodities[account.commodity.index()].price];
    };
    const auto heaviest = std::ranges::max_element(accounts, {}, in_usd);
    if (heaviest == accounts.end()) {
        return "no price moved";
    }
    const AccountText told = account_text(model, parameters, *record.timeline, *heaviest);
    return fmt::format("{}, {}", model.commodities[heaviest->commodity.index()].name,
                       fmt::join(told.sentences(), "; "));
}

/// The first entries that fit, and how many more there are.
std::string shortened(const std::string& events, std::size_t width)
{
    if (events.size() <= width) {
        return events;
    }
    const std::size_t end = events.rfind(", ", width);
    if (end == std::string::npos) {
        return events;
    }
    const auto left_out =
        1
        + std::count(events.begin() + static_cast<std::ptrdiff_t>(end) + 2, events.end(), ',');
    return fmt::format("{} and {} more", events.substr(0, end), left_out);
}

}  // namespace

std::size_t usual_worst_column(const std::vector<Column>& columns, bool has_portfolio)
{
    return find_column(columns, parse_column_name(has_portfolio ? "portfolio_loss"
                                                                : "shortfall_share(all,world)"));
}

WorstList worst_list(const Model& model, const RunResult& result, std::size_t column,
                     const RunSettings& settings)
{
    WorstList list{.policy = model.policy,
                   .column = result.columns[column],
                   .seed = settings.seed,
                   .is_tilted = settings.tilt.has_value(),
                   .rows = {}};
    TrialRunner runner(model, settings.seed, settings.sampling, settings.clearance,
                       settings.tilt ? &*settings.tilt : nullptr, settings.calm);
    const std::vector<RankedTrial> worst = worst_trials(result, column, trials_listed);
    if (worst.empty()) {
        return list;
    }
    std::vector<std::uint64_t> numbers;
    std::ranges::transform(worst, std::back_inserter(numbers), &RankedTrial::trial);
    const std::span<const TrialRecord> records = runner.run(numbers);
    for (std::size_t rank = 0; rank < worst.size(); ++rank) {
        list.rows.push_back({.trial = worst[rank].trial,
                             .value = worst[rank].value,
                             .events = events_of(model, records[rank]),
                             .story = story_of(model, records[rank])});
    }
    return list;
}

std::string worst_csv(const WorstList& list)
{
    std::string text = "policy,metric,commodity,region,unit,rank,trial,value,events,story\n";
    for (std::size_t rank = 0; rank < list.rows.size(); ++rank) {
        const WorstList::Row& row = list.rows[rank];
        text += fmt::format("{},{},{},{},{},{},{},{},\"{}\",{}\n", csv_text(list.policy),
                            list.column.metric, list.column.commodity, list.column.region,
                            list.column.unit, rank + 1, row.trial, row.value, row.events, csv_text(row.story));
    }
    return text;
}

std::string worst_text(const WorstList& list, const RunOptions& options)
{
    constexpr std::size_t events_width = 68;
    TextTable table({{"trial"}, {list.column.unit}, {"sampled events", Align::left}});
    for (const WorstList::Row& row : list.rows) {
        table.append({fmt::format("{}", row.trial), short_number(row.value),
                      shortened(row.events, events_width)});
    }
    RunOptions replayed = options;
    replayed.importance.reset();
    if (list.is_tilted) {
        replayed.tilt = options.out / tilt_file_name;
    }
    return fmt::format("\nWorst trials by {} of {}, {}:\n\n{}\nTo see one: {}\n",
                       list.column.metric, list.column.commodity, list.column.region,
                       table.text("  "),
                       replay_line(replayed, {list.seed, list.rows.front().trial}));
}

}  // namespace chokepoint
