#include "chokepoint/app/replay.hpp"
#include "chokepoint/app/trial_story.hpp"
#include "chokepoint/metrics/chokepoint_meter.hpp"
#include "chokepoint/results/json_number.hpp"

#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto number = json_number<Json>;

Json both(InBothRuns figure)
{
    return {{"value", figure.disrupted}, {"undisturbed", figure.undisturbed}};
}

std::string month_of(const Replay& replay, std::size_t month)
{
    return month_label(replay.model.start, static_cast<int>(month));
}

Json parameters_json(const Replay& replay)
{
    Json parameters = Json::object();
    for (const Slot slot : replay.model.uncertain_parameters) {
        parameters[replay.model.parameters[slot.index()].path] = replay.parameters[slot];
    }
    return parameters;
}

Json events_json(const Replay& replay)
{
    Json events = Json::array();
    for (const EventText& event : replay.events) {
        events.push_back({{"from_month", number(event.from)},
                          {"until_month", number(event.until)},
                          {"period", period_text(replay.model.start, event.from, event.until)},
                          {"type", event.type},
                          {"cause", event.cause},
                          {"name", event.name},
                          {"sentence", event.sentence}});
    }
    return events;
}

/// Gaps in USD/kg at the reference price.
Json binding_json(const Replay& replay)
{
    Json binding = Json::array();
    for (const BindingSpell& spell : replay.spells) {
        const CappableArc& arc = replay.model.cappable_arcs[spell.arc];
        const Commodity& commodity = replay.model.commodities[arc.commodity.index()];
        const double usd_per_kg = replay.parameters[commodity.price];
        binding.push_back(
            {{"arc", arc_label(replay.model, arc)},
             {"commodity", commodity.name},
             {"from", month_of(replay, spell.first_month)},
             {"until", month_of(replay, spell.last_month)},
             {"months", spell.months()},
             {"largest_gap_usd_per_kg",
              both({usd_per_kg * spell.largest_gap, usd_per_kg * spell.undisturbed_gap})},
             {"flow_t_per_month", both({spell.flow, spell.undisturbed_flow})},
             {"rent_usd", spell.rent},
             {"worth_usd", spell.worth},
             {"sentence", spell_sentence(replay.model, replay.parameters, spell)}});
    }
    return binding;
}

/// Prices as ratios to month 0.
Json way_json(const Replay& replay, const PriceWay& way)
{
    Json steps = Json::array();
    for (const PriceStep& step : way.steps) {
        steps.push_back({{"arc", arc_label(replay.model, replay.model.cappable_arcs[step.arc])},
                         {"gap_ratio", both(step.gap)},
                         {"tax_ratio", both(step.tax)},
                         {"flow_t", both(step.flow)}});
    }
    return {{"steps", steps},
            {"mine", replay.model.regions[way.mine.index()]},
            {"mine_price_ratio", both(way.mine_price)},
            {"rest_ratio", way.rest}};
}

Json market_json(const Replay& replay, const PriceAccount& account)
{
    const Model& model = replay.model;
    Json output = Json::array(), losses = Json::array(), restrictions = Json::array(),
         shocks = Json::array();
    for (const StageOutput& entry : account.output) {
        output.push_back({{"stage", model.stages[entry.stage.index()]},
                          {"region", model.regions[entry.region.index()]},
                          {"output_t", both(entry.output)}});
    }
    for (const CapacityLoss& loss : account.losses) {
        losses.push_back({{"facility", model.facilities[loss.facility].name},
                          {"share", loss.share},
                          {"capacity_lost_t", loss.lost_t}});
    }
    for (const std::size_t event : account.restrictions) {
        const RestrictionEvent& restriction = replay.timeline.restrictions[event];
        restrictions.push_back(model.measures[restriction.measure.index()].name);
    }
    for (const ShockInForce& shock : account.shocks) {
        shocks.push_back(
            {{"name", model.price_shocks[shock.shock].name}, {"log_ratio", shock.log_ratio}});
    }
    return {{"output", output},
            {"plants_stock_building_t", account.plants_stock_building},
            {"outages", losses},
            {"restrictions", restrictions},
            {"price_shocks", shocks}};
}

Json account_json(const Replay& replay, const PriceAccount& account)
{
    const Model& model = replay.model;
    Json regions = Json::array();
    for (const RegionId region : account.regions) {
        regions.push_back(model.regions[region.index()]);
    }
    const UserTonnes& users = account.users;
    return {{"commodity", model.commodities[account.commodity.index()].name},
            {"regions", regions},
            {"month", month_of(replay, account.month)},
            {"price_ratio", both(account.price)},
            {"price_impact", account.impact()},
            {"way", account.way ? way_json(replay, *account.way) : Json()},
            {"users",
             {{"consumption_t", both(users.consumed)},
              {"reserve_release_t", both(users.release)},
              {"bought_more_t", users.bought},
              {"stock_building_more_t", users.stock_building},
              {"rationed_t", users.rationed}}},
            {"mean_mine_price_ratio", account.at_mines ? both(*account.at_mines) : Json()},
            {"market", market_json(replay, account)},
            {"sentences",
             account_text(model, replay.parameters, replay.timeline, account).sentences()}};
}

Json why_json(const Replay& replay)
{
    Json why = Json::array();
    for (const PriceAccount& account : replay.accounts) {
        why.push_back(account_json(replay, account));
    }
    return why;
}

Json months_json(const Replay& replay)
{
    Json months = Json::array();
    for (const MonthRow& row : replay.months) {
        months.push_back({{"month", row.month},
                          {"commodity", row.commodity},
                          {"region", row.region},
                          {"price_ratio", row.price},
                          {"price_impact", row.impact},
                          {"quoted_ratio", row.quoted},
                          {"need_t", row.need_t},
                          {"served_t", row.served_t},
                          {"shortfall_t", row.shortfall_t},
                          {"stock_t", row.stock_t},
                          {"exports_t", row.exports_t}});
    }
    return months;
}

Json metrics_json(const Replay& replay)
{
    Json metrics = Json::array();
    for (std::size_t column = 0; column < replay.columns.size(); ++column) {
        const Column& of = replay.columns[column];
        metrics.push_back({{"metric", of.metric},
                           {"commodity", of.commodity},
                           {"region", of.region},
                           {"unit", of.unit},
                           {"value", number(replay.row[column])}});
    }
    return metrics;
}

}  // namespace

std::string replay_json(const Replay& replay)
{
    const Json json = {{"scenario", replay.model.name},
                       {"trial", replay.trial},
                       {"seed", replay.seed},
                       {"parameters", parameters_json(replay)},
                       {"events", events_json(replay)},
                       {"binding", binding_json(replay)},
                       {"why", why_json(replay)},
                       {"months", months_json(replay)},
                       {"metrics", metrics_json(replay)}};
    return json.dump(2) + "\n";
}

}  // namespace chokepoint
