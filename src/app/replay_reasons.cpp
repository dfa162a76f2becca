// Why prices moved in a trial.

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/trial_story.hpp"
#include "chokepoint/app/wrapped_text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "replay_pieces.hpp"

namespace chokepoint {
namespace {

/// What is shown of an account beside a weightier one of its commodity is its price alone.
std::vector<std::string> sentences_of(const AccountText& text, bool in_full)
{
    return in_full ? text.sentences() : std::vector<std::string>{text.price, text.way};
}

/// The accounts of a commodity, those of the main group first.
std::vector<PriceAccount> accounts_of(const Replay& replay, std::size_t commodity)
{
    std::vector<PriceAccount> accounts;
    std::ranges::copy_if(replay.accounts, std::back_inserter(accounts),
                         [&](const PriceAccount& account) {
                             return account.commodity == CommodityId(commodity);
                         });
    const std::string& main = main_group(replay, replay.model.commodities[commodity].name);
    const std::vector<RegionId>& members =
        std::ranges::find(replay.model.groups, main, &RegionGroup::name)->regions;
    std::ranges::stable_partition(accounts, [&](const PriceAccount& account) {
        return std::ranges::find_first_of(account.regions, members) != account.regions.end();
    });
    return accounts;
}

std::string accounts_text(const Replay& replay, std::size_t commodity, std::size_t most)
{
    const Commodity& entry = replay.model.commodities[commodity];
    std::string text = fmt::format("  {} ({} USD/kg in month 0)\n", entry.name,
                                   short_number(replay.parameters[entry.price]));
    const std::vector<PriceAccount> accounts = accounts_of(replay, commodity);
    const std::size_t shown = std::min(most, accounts.size());
    for (std::size_t position = 0; position < shown; ++position) {
        const AccountText told =
            account_text(replay.model, replay.parameters, replay.timeline, accounts[position]);
        const bool in_full = position == 0 || most > most_accounts_of_each;
        std::string indent = "    ";
        for (const std::string& sentence : sentences_of(told, in_full)) {
            text += wrapped(sentence, indent, indent + "  ");
            indent = "      ";
        }
    }
    if (shown < accounts.size()) {
        text += fmt::format("    … and {} ({})\n",
                            counted(accounts.size() - shown, "other price"), all_there);
    }
    return text;
}

}  // namespace

std::vector<std::size_t> commodities_by_weight(const Replay& replay)
{
    std::vector<double> weights(replay.model.commodities.size(), 0);
    for (const PriceAccount& account : replay.accounts) {
        const std::size_t commodity = account.commodity.index();
        weights[commodity] +=
            account.weight() * replay.parameters[replay.model.commodities[commodity].price];
    }
    std::vector<std::size_t> order;
    for (std::size_t commodity = 0; commodity < weights.size(); ++commodity) {
        if (weights[commodity] > 0) {
            order.push_back(commodity);
        }
    }
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::size_t commodity) { return weights[commodity]; });
    return order;
}

std::string why_text(const Replay& replay, std::size_t most_of_all, std::size_t most_of_each)
{
    const std::vector<std::size_t> order = commodities_by_weight(replay);
    if (order.empty()) {
        return fmt::format("\nNo price moved by more than {} from the undisturbed run.\n",
                           percent(least_price_change));
    }
    std::string text =
        "\n"
        + wrapped(
            "Why prices moved, in the month in which they were farthest from the "
            "undisturbed run (USD/kg are price ratios times the commodity's reference "
            "price):",
            "", "");
    const std::size_t shown = std::min(most_of_all, order.size());
    for (std::size_t position = 0; position < shown; ++position) {
        text += accounts_text(replay, order[position], most_of_each);
    }
    if (shown < order.size()) {
        const std::size_t others = order.size() - shown;
        text += fmt::format("  … and {} other {} ({})\n", others,
                            others == 1 ? "commodity" : "commodities", all_there);
    }
    return text;
}

}  // namespace chokepoint
