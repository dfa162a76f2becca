#include "chokepoint/app/compare_text.hpp"

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/metrics/chokepoint_meter.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chokepoint {
namespace {

/// A change of a share in percentage points; a dash where there is none.
std::string points(const Figure& change)
{
    return std::isnan(change.estimate.value)
               ? "\u2013"
               : with_error(100 * change.estimate.value, 100 * change.standard_error);
}

std::string millions(const Figure& usd)
{
    return std::isnan(usd.estimate.value)
               ? "\u2013"
               : with_error(usd.estimate.value / million, usd.standard_error / million);
}

std::string plain(const Figure& figure)
{
    return std::isnan(figure.estimate.value)
               ? "\u2013"
               : with_error(figure.estimate.value, figure.standard_error);
}

/// The headline metric of the study's users.
const ColumnComparison* headline(const PolicyOutcome& outcome, const std::string& region)
{
    const auto found = std::ranges::find_if(outcome.columns, [&](const ColumnComparison& of) {
        return of.column.metric == "shortfall_share" && of.column.commodity == "all"
               && of.column.region == region;
    });
    return found == outcome.columns.end() ? nullptr : &*found;
}

/// A policy's name, cut to what leaves room for the figures.
std::string short_name(const PolicyOutcome& outcome)
{
    constexpr std::size_t most = 30;
    if (width_of(outcome.policy) <= most) {
        return outcome.policy;
    }
    std::string name = outcome.policy.substr(0, most - 1);
    while (!name.empty() && (static_cast<unsigned char>(name.back()) & 0x80U) != 0) {
        name.pop_back();  // no half of a letter
    }
    return name + "…";
}

TextTable help_table(const PolicyStudy& study)
{
    TextTable table({{"", Align::left},
                     {"shortfall"},
                     {"change"},
                     {"helps in"},
                     {"harms in"},
                     {"ES 95 %"},
                     {"cost"}});
    for (const PolicyOutcome& outcome : study.outcomes) {
        const bool is_none = &outcome == &study.outcomes.front();
        const ColumnComparison* of = headline(outcome, study.region);
        table.append({short_name(outcome),
                      percent_with_error(outcome.shortfall_share.estimate.value,
                                         outcome.shortfall_share.standard_error),
                      is_none || of == nullptr ? "" : points(of->difference),
                      is_none || of == nullptr ? "" : percent(of->lower.estimate.value),
                      is_none || of == nullptr ? "" : percent(of->higher.estimate.value),
                      is_none || of == nullptr
                          ? percent_with_error(outcome.es_shortfall_share.estimate.value,
                                               outcome.es_shortfall_share.standard_error)
                          : points(of->es_difference),
                      is_none ? "" : millions(outcome.cost)});
    }
    return table;
}

/// What pays for itself has no price, nor has what makes shortfall larger.
std::string or_gain(const PolicyOutcome& outcome, std::string price)
{
    if (outcome.usd_per_usd.estimate.value < 0 && outcome.cost.estimate.value > 0) {
        return "harms";
    }
    return outcome.cost.estimate.value < 0 ? "a gain" : std::move(price);
}

/// Tonnes of several commodities do not add up to much: then it is the value avoided that
/// counts.
TextTable cost_table(const Model& model, const PolicyStudy& study)
{
    const bool by_tonne = model.commodities.size() == 1;
    TextTable table({{"", Align::left},
                     {"cost"},
                     {"in calm"},
                     {by_tonne ? "USD a tonne" : "USD a USD"},
                     {"a point of ES"},
                     {"", Align::left}});
    for (const PolicyOutcome& outcome : study.outcomes) {
        const bool is_none = &outcome == &study.outcomes.front();
        table.append({short_name(outcome), millions(outcome.cost), millions(outcome.calm_cost),
                      is_none ? ""
                              : or_gain(outcome, plain(by_tonne ? outcome.usd_per_tonne
                                                                : outcome.usd_per_usd)),
                      is_none ? "" : or_gain(outcome, millions(outcome.usd_per_es_point)),
                      outcome.is_efficient ? "efficient" : ""});
    }
    return table;
}

TextTable payer_table(const PolicyStudy& study)
{
    TextTable table({{"", Align::left},
                     {"treasury"},
                     {"users in " + study.region},
                     {"other users"},
                     {"suppliers"},
                     {"first price"}});
    for (const PolicyOutcome& outcome : std::span(study.outcomes).subspan(1)) {
        // What users pay more, suppliers and the holders of scarce permits get.
        Figure others = outcome.other_bill;
        Figure suppliers = outcome.world_bill;
        Figure treasury = outcome.cost;
        Figure users = outcome.users_bill;
        for (Figure* loss : {&treasury, &users, &others}) {
            loss->estimate.value = -loss->estimate.value;
        }
        table.append({short_name(outcome), millions(treasury), millions(users),
                      millions(others), millions(suppliers), plain(outcome.calm_price)});
    }
    return table;
}

std::string sentences(const PolicyStudy& study)
{
    std::vector<std::string> on_frontier;
    for (const PolicyOutcome& outcome : study.outcomes) {
        if (outcome.is_efficient) {
            on_frontier.push_back(outcome.policy);
        }
    }
    std::string text =
        on_frontier.empty()
            ? "Too few trials for an ES, and so for saying which of them are efficient (400 at "
              "least).\n"
            : fmt::format(
                "Efficient (nothing here costs no more and leaves no larger ES): {}.\n",
                fmt::join(on_frontier, ", "));
    std::vector<std::size_t> order(study.outcomes.size());
    for (std::size_t at = 0; at < order.size(); ++at) {
        order[at] = at;
    }
    std::ranges::stable_sort(order, {}, [&](std::size_t at) {
        return study.outcomes[at].shortfall_share.estimate.value;
    });
    if (order.size() > 2) {
        text += fmt::format("{} leaves less shortfall than {} in {} of the trials.\n",
                            study.outcomes[order[0]].policy, study.outcomes[order[1]].policy,
                            percent(study.beats[order[0]][order[1]].estimate.value));
    }
    const auto least_regret = std::ranges::min_element(
        study.outcomes, {},
        [](const PolicyOutcome& outcome) { return outcome.regret.estimate.value; });
    text += fmt::format(
        "Least regret: {}, whose shortfall is on average {} of the need above\nthat of the "
        "best in each "
        "trial.\n",
        least_regret->policy,
        percent_with_error(least_regret->regret.estimate.value,
                           least_regret->regret.standard_error));
    return text;
}

std::string policies_text(const Model& model, const PolicyStudy& study)
{
    std::string text;
    text += fmt::format(
        "\nWho is helped: users in {}, all commodities. Shortfall over need, mean \u00b1 "
        "standard "
        "error;\nchanges against no policy in percentage points, of the ES too; in how many "
        "trials there "
        "is less of\nit, or more; and what the policy costs the treasury, in M USD:\n\n",
        study.region);
    text += help_table(study).text("  ");
    text += fmt::format(
        "\nAt what cost to the treasury, in M USD over the horizon, undiscounted (negative: a "
        "gain), "
        "and\nif nothing goes wrong; per {} of shortfall avoided in {} (USD); per point off "
        "the "
        "ES:\n\n",
        model.commodities.size() == 1 ? "tonne" : "USD", study.region);
    text += cost_table(model, study).text("  ");
    text += fmt::format(
        "\nWho gains (negative: pays), in M USD: users by what they pay less for what they "
        "get, "
        "suppliers\nby what all users pay more; and the price in {} in the first {} months "
        "without "
        "events, over\nthat without the policy:\n\n",
        study.region, std::min(model.months, early_months));
    text += payer_table(study).text("  ");
    text += "\n";
    text += sentences(study);
    return text;
}

std::string rooms_text(const Model& model, const std::vector<RoomValue>& rooms)
{
    TextTable table({{"", Align::left},
                     {"", Align::left},
                     {"t/month"},
                     {"USD/t"},
                     {"left USD/t"},
                     {"t avoided"},
                     {"bill, USD"},
                     {"surplus, USD"}});
    for (const RoomValue& room : rooms) {
        const CappableArc& arc = model.cappable_arcs[room.arc];
        table.append({model.commodities[arc.commodity.index()].name, arc_label(model, arc),
                      short_number(room.room_t_per_month), plain(room.marginal_value),
                      plain(room.left_value), plain(room.shortfall_avoided),
                      plain(room.bill_saved), plain(room.surplus)});
    }
    return "\nMore room at a chokepoint, 5 % of its mean flow, rerun on the same trials: what "
           "a tonne of "
           "room is\nworth before, and once it is there; per tonne of it, the world's "
           "shortfall avoided, "
           "what users pay\nless, and the surplus that they gain:\n\n"
           + table.text("  ");
}

/// What policies do to a portfolio.
std::string holdings_text(const PolicyStudy& study, const PortfolioRisk& held)
{
    TextTable table({{"", Align::left},
                     {"change of loss"},
                     {"loses less in"},
                     {"loses more in"},
                     {"change of ES 95 %"}});
    for (const PolicyOutcome& outcome : study.outcomes) {
        for (const ColumnComparison& of : outcome.columns) {
            if (of.column.metric == "portfolio_loss" && outcome.policy != "none") {
                table.append({short_name(outcome), millions(of.difference),
                              percent(of.lower.estimate.value),
                              percent(of.higher.estimate.value), millions(of.es_difference)});
            }
        }
    }
    return fmt::format(
               "\nWhat policies do to {}, in M USD; without one it loses {} on average, and {} "
               "in the worst 5 %:\n\n",
               held.portfolio, millions(held.loss.figure("mean")),
               millions(held.loss.figure("es95")))
           + table.text("  ");
}

}  // namespace

std::string compare_text(const Model& model, const PolicyStudy& study,
                         const std::vector<RoomValue>& rooms, const PortfolioRisk* held,
                         std::uint64_t seed,
                         const std::string& folder)
{
    std::string text =
        fmt::format("{}: {}, seed {}, {} from {}; each policy meets the same ones\n",
                    model.name, counted(study.trials, "trial"), seed,
                    counted(static_cast<std::uint64_t>(model.months), "month"),
                    month_label(model.start, 0));
    if (study.outcomes.size() > 1) {
        text += policies_text(model, study);
    }
    if (held != nullptr && study.outcomes.size() > 1) {
        text += holdings_text(study, *held);
    }
    if (!rooms.empty()) {
        text += rooms_text(model, rooms);
    }
    return text + fmt::format("\nResults: {}\n", folder);
}

}  // namespace chokepoint
