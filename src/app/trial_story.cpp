#include "chokepoint/app/trial_story.hpp"

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/metrics/chokepoint_meter.hpp"
#include "chokepoint/support/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr double least_part = 0.005;  ///< Of the whole: smaller parts are not told.

std::string month_text(const Model& model, std::size_t month)
{
    return month_label(model.start, static_cast<int>(month));
}

std::string with_sign(double value)
{
    return fmt::format("{}{}", value < 0 ? '-' : '+', short_number(std::abs(value)));
}

/// `120 t a month pass, 650 undisturbed`
std::string flow_text(double flow, double undisturbed)
{
    const double noise = 1e-9 * undisturbed;
    return fmt::format("{} t a month pass, {} undisturbed",
                       flow > noise ? short_number(flow) : "0", short_number(undisturbed));
}

/// `everywhere`, or the names of the regions.
std::string regions_text(const Model& model, const PriceAccount& account)
{
    std::size_t with_users = 0;
    std::vector<std::string> names;
    for (std::size_t region = 0; region < model.regions.size(); ++region) {
        with_users +=
            model.has_users(model.cell(account.commodity, RegionId(region))) ? 1U : 0U;
    }
    if (account.regions.size() == with_users && with_users > 1) {
        return "everywhere";
    }
    for (const RegionId region : account.regions) {
        names.push_back(model.regions[region.index()]);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string price_sentence(const Model& model, const Parameters& parameters,
                           const PriceAccount& account, double usd_per_kg)
{
    const Commodity& commodity = model.commodities[account.commodity.index()];
    const bool is_dearer = account.impact() > 1;
    std::string text =
        fmt::format("{}: {}{} times the undisturbed price in {}, {} instead of {} USD/kg",
                    regions_text(model, account), is_dearer ? "" : "never dearer, lowest at ",
                    short_number(account.impact()), month_text(model, account.month),
                    short_number(usd_per_kg * account.price.disrupted),
                    short_number(usd_per_kg * account.price.undisturbed));
    constexpr double rounding = 1e-9;
    if (account.price.disrupted >= (1 - rounding) * parameters[commodity.choke]) {
        text += ", the bound beyond which the model rations";
    }
    return text;
}

std::string step_text(const Model& model, const PriceStep& step, double usd_per_kg)
{
    const bool has_tax = std::abs(step.tax.change()) > least_part * std::abs(step.change());
    return fmt::format(
        "{} over {} ({}{})", with_sign(usd_per_kg * step.change()),
        arc_label(model, model.cappable_arcs[step.arc]),
        flow_text(step.flow.disrupted, step.flow.undisturbed),
        has_tax ? fmt::format("; duty {}", with_sign(usd_per_kg * step.tax.change())) : "");
}

/// What the price difference is made of, from the users up to the mine.
std::string way_sentence(const Model& model, const PriceAccount& account, double usd_per_kg)
{
    if (!account.way) {
        return "by which way goods come to them cannot be told";
    }
    const PriceWay& way = *account.way;
    const double change = account.price.change();
    const auto is_told = [&](double part) {
        return std::abs(part) > least_part * std::abs(change);
    };
    const std::string mine =
        fmt::format("{} in {}", model.stages.front(), model.regions[way.mine.index()]);
    std::vector<std::string> parts;
    for (const PriceStep& step : way.steps) {
        if (is_told(step.change())) {
            parts.push_back(step_text(model, step, usd_per_kg));
        }
    }
    const bool has_rest = is_told(way.rest);
    if (parts.empty() && !has_rest) {
        return fmt::format("no bottleneck on the way: the price at the mines is {} as much",
                           change > 0 ? "up" : "down");
    }
    if (is_told(way.mine_price.change())) {
        parts.push_back(fmt::format("{} at {} ({} instead of {})",
                                    with_sign(usd_per_kg * way.mine_price.change()), mine,
                                    short_number(usd_per_kg * way.mine_price.disrupted),
                                    short_number(usd_per_kg * way.mine_price.undisturbed)));
    }
    if (has_rest) {
        parts.push_back(fmt::format("{} rest", with_sign(usd_per_kg * way.rest)));
    }
    const double to_mines = account.at_mines ? account.at_mines->change() : 0;
    if (!account.at_mines || !is_told(to_mines - way.mine_price.change())) {
        return fmt::format("the {} USD/kg are {}", with_sign(usd_per_kg * change),
                           fmt::join(parts, ", "));
    }
    return fmt::format(
        "of the {} USD/kg mines get {} on average, {} are held up on the way; "
        "costliest: {}",
        with_sign(usd_per_kg * change), with_sign(usd_per_kg * to_mines),
        with_sign(usd_per_kg * (change - to_mines)), fmt::join(parts, ", "));
}

/// `101 t less` or `101 t more`
std::string less_or_more(double change)
{
    return fmt::format("{} t {}", short_number(std::abs(change)), change < 0 ? "less" : "more");
}

std::string users_sentence(const UserTonnes& users)
{
    const double least = least_part * users.consumed.undisturbed;
    const auto is_told = [&](double tonnes) { return std::abs(tonnes) > least; };
    std::vector<std::string> parts;
    if (is_told(users.bought)) {
        parts.push_back("they buy " + less_or_more(users.bought));
    }
    if (is_told(users.stock_building)) {
        const bool grows = users.stock_building > 0;
        parts.push_back(fmt::format("{} {} t more {} stock", grows ? "put" : "draw",
                                    short_number(std::abs(users.stock_building)),
                                    grows ? "into" : "from"));
    }
    if (is_told(users.release.change())) {
        parts.push_back(fmt::format("reserves give {}", less_or_more(users.release.change())));
    }
    if (is_told(users.rationed)) {
        parts.push_back(fmt::format("{} t wanted at this price find no seller",
                                    short_number(users.rationed)));
    }
    const std::string used = is_told(users.consumed.change())
                                 ? fmt::format("use in the month {} ({} instead of {})",
                                               less_or_more(users.consumed.change()),
                                               short_number(users.consumed.disrupted),
                                               short_number(users.consumed.undisturbed))
                                 : fmt::format("use in the month as undisturbed ({} t)",
                                               short_number(users.consumed.undisturbed));
    return parts.empty() ? used : fmt::format("{}: {}", used, fmt::join(parts, ", "));
}

/// A name with what it has to do with.
struct Part {
    std::string name;
    double tonnes = 0;
};

/// The largest parts with their sign, e.g. `china -320, usa +10`; what is small beside the
/// largest is left out.
std::vector<Part> largest(std::vector<Part> parts, std::size_t most)
{
    std::ranges::stable_sort(parts, std::ranges::greater{},
                             [](const Part& part) { return std::abs(part.tonnes); });
    constexpr double small = 0.1;
    std::erase_if(
        parts, [first = parts.empty() ? 0 : std::abs(parts.front().tonnes)](const Part& part) {
            return std::abs(part.tonnes) < small * first;
        });
    parts.resize(std::min(parts.size(), most));
    return parts;
}

/// `mine -310 (china -320, usa +10)`; empty if the stage makes as much as undisturbed.
std::string stage_text(const Model& model, const PriceAccount& account, StageId stage)
{
    constexpr std::size_t most = 3;
    InBothRuns all;
    std::vector<Part> parts;
    for (const StageOutput& entry : account.output) {
        if (entry.stage == stage) {
            all.disrupted += entry.output.disrupted;
            all.undisturbed += entry.output.undisturbed;
            parts.push_back({model.regions[entry.region.index()], entry.output.change()});
        }
    }
    std::vector<std::string> texts;
    for (const Part& part : largest(parts, most)) {
        if (std::abs(part.tonnes) > least_part * all.undisturbed) {
            texts.push_back(part.name + ' ' + with_sign(part.tonnes));
        }
    }
    if (texts.empty()) {
        return "";
    }
    const bool changes = std::abs(all.change()) > least_part * all.undisturbed;
    return fmt::format("{} {} ({})", model.stages[stage.index()],
                       changes ? with_sign(all.change()) : "+0", fmt::join(texts, ", "));
}

std::string output_sentence(const Model& model, const PriceAccount& account)
{
    std::vector<std::string> stages;
    double mined = 0;
    for (const StageOutput& entry : account.output) {
        mined += entry.stage.index() == 0 ? entry.output.undisturbed : 0;
    }
    for (std::size_t stage = 0; stage < model.stages_of(account.commodity); ++stage) {
        if (std::string text = stage_text(model, account, StageId(stage)); !text.empty()) {
            stages.push_back(std::move(text));
        }
    }
    const std::string stocks =
        std::abs(account.plants_stock_building) > least_part * mined
            ? fmt::format("; plants' stocks {}", with_sign(account.plants_stock_building))
            : "";
    if (stages.empty() && stocks.empty()) {
        return "the world makes as much as undisturbed at every stage";
    }
    return fmt::format("output, t a month against undisturbed: {}{}",
                       stages.empty() ? "the same" : fmt::format("{}", fmt::join(stages, ", ")),
                       stocks);
}

std::string outages_sentence(const Model& model, const PriceAccount& account)
{
    constexpr std::size_t most = 3;
    std::map<StageId, std::vector<Part>> by_stage;
    for (const CapacityLoss& loss : account.losses) {
        const Facility& facility = model.facilities[loss.facility];
        by_stage[facility.stage].push_back(
            {fmt::format("{} {} of it", facility.name, percent(loss.share)), loss.lost_t});
    }
    std::vector<std::string> texts;
    for (const auto& [stage, parts] : by_stage) {
        double all = 0;
        for (const Part& part : parts) {
            all += part.tonnes;
        }
        std::vector<std::string> names;
        for (const Part& part : largest(parts, most)) {
            names.push_back(part.name);
        }
        texts.push_back(fmt::format("{} t a month of {} capacity ({}{})", short_number(all),
                                    model.stages[stage.index()], fmt::join(names, ", "),
                                    names.size() < parts.size() ? ", …" : ""));
    }
    return texts.empty() ? "" : fmt::format("outages take {}", fmt::join(texts, ", "));
}

std::string shock_text(const PriceShock& shock, double log_ratio)
{
    const char* channel = shock.channel == ShockChannel::demand   ? "demand"
                          : shock.channel == ShockChannel::supply ? "cost of supply"
                                                                  : "quoted price";
    return fmt::format("{} {:+.0f} % as a price ({})", channel,
                       100 * (portable_exp(log_ratio) - 1), shock.name);
}

std::string causes_sentence(const Model& model, const Timeline& timeline,
                            const PriceAccount& account)
{
    std::vector<std::string> causes;
    for (const std::size_t event : account.restrictions) {
        const Measure& measure = model.measures[timeline.restrictions[event].measure.index()];
        if (std::ranges::count(causes, measure.name) == 0) {
            causes.push_back(measure.name);
        }
    }
    for (const ShockInForce& shock : account.shocks) {
        if (std::abs(shock.log_ratio) > least_price_change) {
            causes.push_back(shock_text(model.price_shocks[shock.shock], shock.log_ratio));
        }
    }
    return causes.empty() ? "" : fmt::format("in force: {}", fmt::join(causes, ", "));
}

}  // namespace

std::string spell_sentence(const Model& model, const Parameters& parameters,
                           const BindingSpell& spell)
{
    const CappableArc& arc = model.cappable_arcs[spell.arc];
    const Commodity& commodity = model.commodities[arc.commodity.index()];
    const double usd_per_kg = parameters[commodity.price];
    const std::string first = month_text(model, spell.first_month);
    const std::string last = month_text(model, spell.last_month);
    return fmt::format(
        "{}: {} ({}): price gap up to {} USD/kg{}; {}",
        first == last ? first : fmt::format("{} to {}", first, last), arc_label(model, arc),
        commodity.name, short_number(usd_per_kg * spell.largest_gap),
        spell.undisturbed_gap > smallest_gap
            ? fmt::format(", undisturbed {}", short_number(usd_per_kg * spell.undisturbed_gap))
            : "",
        flow_text(spell.flow, spell.undisturbed_flow));
}

std::vector<std::string> AccountText::sentences() const
{
    std::vector<std::string> some = {price, way, users, output, outages, causes};
    std::erase_if(some, [](const std::string& sentence) { return sentence.empty(); });
    return some;
}

AccountText account_text(const Model& model, const Parameters& parameters,
                         const Timeline& timeline, const PriceAccount& account)
{
    const double usd_per_kg = parameters[model.commodities[account.commodity.index()].price];
    return {.price = price_sentence(model, parameters, account, usd_per_kg),
            .way = way_sentence(model, account, usd_per_kg),
            .users = users_sentence(account.users),
            .output = output_sentence(model, account),
            .outages = outages_sentence(model, account),
            .causes = causes_sentence(model, timeline, account)};
}

}  // namespace chokepoint
