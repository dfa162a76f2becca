#include "check_effects.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace chokepoint {
namespace {

class EffectCheck {
public:
    EffectCheck(const Model& model, Diagnostics& diagnostics)
        : model_(model), diagnostics_(diagnostics)
    {}

    void triggers() const
    {
        for (const Reserve& reserve : model_.reserves) {
            if (reserve.trigger_price_ratio) {
                above_choke(*reserve.trigger_price_ratio, {reserve.commodity});
            }
        }
        for (std::size_t index = 0; index < model_.commodities.size(); ++index) {
            if (const auto& substitution = model_.commodities[index].substitution) {
                above_choke(substitution->trigger_price_ratio, {CommodityId(index)});
            }
        }
        for (const Facility& facility : model_.facilities) {
            if (facility.opening && facility.opening->induced) {
                above_choke(facility.opening->induced->trigger_price_ratio,
                            outputs_of(facility));
            }
        }
    }

    void closures() const
    {
        for (const Facility& facility : model_.facilities) {
            if (!facility.closure) {
                continue;
            }
            double lowest = 1;
            for (const CommodityId commodity : outputs_of(facility)) {
                lowest = std::min(lowest, low(model_.commodities[commodity.index()].floor));
            }
            const Slot trigger = facility.closure->close_below;
            if (high(trigger) <= lowest) {
                warn(trigger, fmt::format("never shuts it: no price falls below {:.4g} times "
                                          "that of month 0 (floor_price_ratio)",
                                          lowest));
            }
        }
    }

    void supply_shocks() const
    {
        for (const PriceShock& shock : model_.price_shocks) {
            if (shock.channel != ShockChannel::supply) {
                continue;
            }
            const bool any_answers =
                std::ranges::any_of(model_.facilities, [&](const Facility& facility) {
                    return answers(facility)
                           && std::ranges::any_of(shock.cells, [&](std::size_t cell) {
                                  const CommodityId commodity(cell / model_.regions.size());
                                  return model_.output_of(facility, commodity)
                                         && model_.cell(commodity, facility.region) == cell;
                              });
                });
            if (!any_answers) {
                warn(shock.volatility_per_year,
                     "moves nothing: no mine of these regions answers to the price within the "
                     "month (supply_elasticity; by-products do not)");
            }
        }
    }

private:
    const ParameterInfo& info(Slot slot) const { return model_.parameters[slot.index()]; }
    double low(Slot slot) const { return info(slot).distribution.lower(); }
    double high(Slot slot) const { return info(slot).distribution.upper(); }

    bool answers(const Facility& facility) const
    {
        return facility.stage == StageId(0) && !facility.by_product
               && high(facility.supply_elasticity) > 0;
    }

    std::vector<CommodityId> outputs_of(const Facility& facility) const
    {
        std::vector<CommodityId> outputs;
        for (std::size_t index = 0; index < model_.commodities.size(); ++index) {
            if (model_.output_of(facility, CommodityId(index))) {
                outputs.emplace_back(index);
            }
        }
        return outputs;
    }

    void above_choke(Slot trigger, const std::vector<CommodityId>& commodities) const
    {
        double highest = 0;
        for (const CommodityId commodity : commodities) {
            highest = std::max(highest, high(model_.commodities[commodity.index()].choke));
        }
        if (low(trigger) >= highest) {
            warn(trigger, fmt::format("is never passed: no price rises above {:.4g} times that "
                                      "of month 0 (choke_price_ratio)",
                                      highest));
        }
    }

    void warn(Slot slot, const std::string& problem) const
    {
        diagnostics_.warning(info(slot).place, info(slot).path, problem);
    }

    const Model& model_;
    Diagnostics& diagnostics_;
};

}  // namespace

void warn_of_no_effect(const Model& model, Diagnostics& diagnostics)
{
    const EffectCheck check(model, diagnostics);
    check.triggers();
    check.closures();
    check.supply_shocks();
}

}  // namespace chokepoint
