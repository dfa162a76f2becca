// What a model is made of before anything happens: metals, facilities, users, stocks, money.

#include <algorithm>

#include <fmt/format.h>

#include "model_builder.hpp"

namespace chokepoint {

void ModelBuilder::add_commodities()
{
    for (const CommodityEntry& entry : scenario_.commodities) {
        Commodity commodity{.name = entry.name,
                            .price = slot_of(entry.price_usd_per_kg),
                            .regional_price = {},
                            .elasticity_short = slot_of(entry.demand_elasticity_short_run),
                            .elasticity_long = slot_of(entry.demand_elasticity_long_run),
                            .memory_up = slot_of(entry.memory_up_per_month),
                            .memory_down = slot_of(entry.memory_down_per_month),
                            .quoted_adjustment = slot_of(entry.quoted_adjustment_per_month),
                            .choke = slot_of(entry.choke_price_ratio),
                            .floor = slot_of(entry.floor_price_ratio),
                            .last_stage = entry.last_stage.empty()
                                              ? StageId(scenario_.stages.size() - 1)
                                              : stages_[entry.last_stage]};
        if (entry.substitution) {
            commodity.substitution = Substitution{
                .trigger_price_ratio = slot_of(entry.substitution->trigger_price_ratio),
                .rate_per_year = slot_of(entry.substitution->rate_per_year),
                .max_share = slot_of(entry.substitution->max_share)};
        }
        commodity.regional_price.assign(scenario_.regions.size(), commodity.price);
        for (const auto& [region, price] : entry.regional_price_usd_per_kg) {
            commodity.regional_price[regions_[region].index()] = slot_of(price);
        }
        model_.commodities.push_back(std::move(commodity));
    }
}

void ModelBuilder::add_facilities()
{
    for (const FacilityEntry& entry : scenario_.facilities) {
        Facility facility{.name = entry.name,
                          .owner = entry.owner,
                          .region = regions_[entry.region],
                          .stage = stages_[entry.stage],
                          .capacity = slot_of(entry.capacity_t_per_year),
                          .utilisation = slot_of(entry.utilisation),
                          .supply_elasticity = slot_of(entry.supply_elasticity),
                          .outputs = {},
                          .by_product = std::nullopt,
                          .opening = std::nullopt,
                          .growth = growth_of(entry.growth)};
        for (const OutputEntry& output : entry.outputs) {
            facility.outputs.push_back(
                {.commodity = commodities_[output.commodity], .share = slot_of(output.share)});
        }
        if (facility.outputs.empty() && facility.stage == StageId(0)) {
            if (scenario_.commodities.size() != 1) {
                throw std::logic_error("build_model: mine \"" + entry.name
                                       + "\" has no outputs");
            }
            facility.outputs.push_back({.commodity = CommodityId(0), .share = one_slot});
        }
        if (entry.by_product) {
            facility.by_product =
                ByProduct{.adjustment = slot_of(entry.by_product->adjustment_per_month),
                          .elasticity = slot_of(entry.by_product->price_elasticity)};
        }
        if (entry.closure) {
            facility.closure =
                Closure{.close_below = slot_of(entry.closure->close_below),
                        .close_after_months = slot_of(entry.closure->close_after_months),
                        .reopen_above = slot_of(entry.closure->reopen_above),
                        .restart_months = slot_of(entry.closure->restart_months)};
        }
        if (entry.opens) {
            facility.opening =
                Opening{.month = month_of(*entry.opens),
                        .delay = slot_of(entry.delay_months),
                        .probability = slot_of(entry.opening_probability),
                        .ramp = slot_of(entry.ramp_months),
                        .stream = stream_of(Purpose::project, entry.name, entry.place)};
        } else if (entry.induced) {
            facility.opening =
                Opening{.month = infinity,
                        .delay = zero_slot,
                        .probability = slot_of(entry.opening_probability),
                        .ramp = slot_of(entry.ramp_months),
                        .stream = stream_of(Purpose::project, entry.name, entry.place),
                        .induced = Inducement{
                            .trigger_price_ratio = slot_of(entry.induced->trigger_price_ratio),
                            .after_months = slot_of(entry.induced->after_months),
                            .lead_months = slot_of(entry.induced->lead_months)}};
        }
        model_.facilities.push_back(std::move(facility));
    }
}

void ModelBuilder::add_demand_and_trade()
{
    model_.demand.assign(model_.cells(), zero_slot);
    model_.demand_growth.resize(model_.cells());
    for (const DemandEntry& entry : scenario_.demand) {
        const std::size_t cell =
            model_.cell(commodities_[entry.commodity], regions_[entry.region]);
        model_.demand[cell] = slot_of(entry.t_per_year);
        model_.demand_growth[cell] = growth_of(entry.growth);
    }
    for (const TradeEntry& entry : scenario_.trade) {
        model_.trade.push_back({.layer = stages_[entry.layer],
                                .commodity = commodities_[entry.commodity],
                                .exporter = regions_[entry.exporter],
                                .importer = regions_[entry.importer],
                                .t_per_year = slot_of(entry.t_per_year)});
    }
}

void ModelBuilder::add_stocks()
{
    model_.stock_policy_of.assign(model_.cells(), -1);
    for (const StockEntry& entry : scenario_.stocks) {
        const auto position = static_cast<int>(model_.stock_policies.size());
        StockPolicy policy{.name = entry.name,
                           .cover_months = slot_of(entry.cover_months),
                           .order_months = slot_of(entry.order_months),
                           .price_sensitivity = slot_of(entry.price_sensitivity),
                           .trend_sensitivity = slot_of(entry.trend_sensitivity),
                           .panic = std::nullopt};
        if (entry.panic) {
            policy.panic =
                Panic{.max_extra_share = slot_of(entry.panic->max_extra_share),
                      .build_months = slot_of(entry.panic->build_months),
                      .half_life_months = slot_of(entry.panic->half_life_months),
                      .front_running_share = slot_of(entry.panic->front_running_share)};
        }
        model_.stock_policies.push_back(std::move(policy));
        if (!entry.at.empty()) {
            add_stage_stocks(entry, position);
            continue;
        }
        for (const CommodityId commodity : commodities_of(entry.commodities)) {
            for (const RegionId region : regions_of(entry.regions)) {
                model_.stock_policy_of[model_.cell(commodity, region)] = position;
            }
        }
    }
}

/// Of the regions that an entry names, those that have plants of the stage keep the stock.
void ModelBuilder::add_stage_stocks(const StockEntry& entry, int policy)
{
    const StageId stage = stages_[entry.at];
    const std::size_t before = model_.stage_stocks.size();
    for (const CommodityId commodity : commodities_of(entry.commodities)) {
        for (const RegionId region : regions_of(entry.regions)) {
            if (std::ranges::any_of(model_.facilities, [&](const Facility& facility) {
                    return facility.stage == stage && facility.region == region
                           && model_.output_of(facility, commodity);
                })) {
                model_.stage_stocks.push_back({stage, commodity, region});
                model_.stock_policy_of.push_back(policy);
            }
        }
    }
    if (model_.stage_stocks.size() == before) {
        diagnostics_.error(entry.place, "stocks." + entry.name,
                           fmt::format("no plant at stage \"{}\" keeps it (none treats these "
                                       "commodities in these regions)",
                                       entry.at));
    }
}

std::vector<RegionId> ModelBuilder::members_of(const ReserveEntry& entry) const
{
    const bool is_alone = !entry.members.all && entry.members.names.empty();
    return is_alone ? std::vector{regions_[entry.region]} : regions_of(entry.members);
}

void ModelBuilder::add_reserves()
{
    for (const ReserveEntry& entry : scenario_.reserves) {
        model_.reserves.push_back(
            {.name = entry.name,
             .region = regions_[entry.region],
             .members = members_of(entry),
             .commodity = commodities_[entry.commodity],
             .capacity = slot_of(entry.capacity_t),
             .tonnes = slot_of(entry.tonnes),
             .release_t_per_month = slot_of(entry.release_t_per_month),
             .decision_lag_months = slot_of(entry.decision_lag_months),
             .refill_t_per_month = slot_of(entry.refill_t_per_month),
             .trigger_price_ratio = slot_of(entry.trigger_price_ratio),
             .stop_price_ratio = slot_of(entry.stop_price_ratio),
             .trigger_shortfall_share = slot_of(entry.trigger_shortfall_share),
             .stop_shortfall_share = slot_of(entry.stop_shortfall_share)});
    }
}

void ModelBuilder::add_recycling()
{
    for (const RecyclingEntry& entry : scenario_.recycling) {
        model_.recycling.push_back(
            {.name = entry.name,
             .commodity = commodities_[entry.commodity],
             .region = regions_[entry.region],
             .stage = stages_[entry.stage],
             .share = slot_of(entry.share_of_demand),
             .share_end = slot_of(entry.share_of_demand_end),
             .ramp_from = entry.ramp_from ? month_of(*entry.ramp_from) : 0,
             .ramp_until = entry.ramp_until ? month_of(*entry.ramp_until) : 0,
             .price_elasticity = slot_of(entry.price_elasticity),
             .max_factor = slot_of(entry.max_factor)});
    }
}

void ModelBuilder::add_policy_costs()
{
    for (const PolicyCostEntry& entry : scenario_.policy_costs) {
        PolicyCost cost{
            .name = entry.name,
            .kind = entry.kind,
            .usd = slot_of(entry.kind == CostKind::capital ? entry.usd : entry.usd_per_year),
            .from = entry.from ? month_of(*entry.from) : 0,
            .until = infinity,
            .floor_usd_per_kg = slot_of(entry.floor_usd_per_kg)};
        if (entry.until) {
            cost.until = month_of(*entry.until);
        } else if (entry.kind == CostKind::capital) {
            cost.until = cost.from + 1;
        }
        if (entry.kind == CostKind::purchases) {
            const auto reserve =
                std::ranges::find(scenario_.reserves, entry.reserve, &ReserveEntry::name);
            cost.reserve = static_cast<std::size_t>(reserve - scenario_.reserves.begin());
        } else if (entry.kind == CostKind::floor_payments) {
            cost.facility = facilities_[entry.facility];
            cost.commodity = commodities_[entry.commodity];
        }
        model_.policy_costs.push_back(std::move(cost));
    }
}

}  // namespace chokepoint
