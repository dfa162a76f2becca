#include "chokepoint/model/stability.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr double low_probability = 0.001;
constexpr double high_probability = 0.999;
constexpr double overshoot_limit = 2;
constexpr double zigzag_limit = 1;
constexpr double trend_limit = 0.6;

/// No stock is kept.
constexpr int no_policy = -1;

/// The largest value that something took, and the case in which it did.
struct Worst {
    double value = 0;
    std::string where;

    void take(double candidate, std::string_view candidate_where)
    {
        if (candidate > value) {
            value = candidate;
            where = candidate_where;
        }
    }
};

class StabilityCheck {
public:
    StabilityCheck(const Model& model, Diagnostics& diagnostics)
        : model_(model), diagnostics_(diagnostics), at_(model.nominal_values())
    {}

    void order_times();
    void elasticities();
    void memory();
    void by_products();
    void trends();

private:
    const ParameterInfo& info(Slot slot) const { return model_.parameters[slot.index()]; }
    double low(Slot slot) const { return info(slot).distribution.quantile(low_probability); }
    double high(Slot slot) const { return info(slot).distribution.quantile(high_probability); }
    double at(Slot slot) const { return at_[slot.index()]; }

    /// The stock policies that users of a commodity follow, `no_policy` among them.
    std::set<int> policies_of(CommodityId commodity) const;
    bool is_followed(int policy, CommodityId commodity) const;
    std::string where(CommodityId commodity, int policy) const;
    std::vector<Slot> slots_of(const Commodity& commodity, int policy,
                               std::initializer_list<Slot> more) const;
    /// E at the current corner.
    double elasticity(const Commodity& commodity, int policy) const;
    template <class Function>
    double largest_at_corners(std::vector<Slot> slots, Function function);
    void report_overshoot(Slot slot, const Worst& worst, std::string_view formula,
                          std::string_view hint);
    Worst worst_memory(const Commodity& commodity, CommodityId id, Slot kappa);
    double recycling_pull(CommodityId commodity) const;

    const Model& model_;
    Diagnostics& diagnostics_;
    std::vector<double> at_;  ///< The corner at hand: values by slot.
};

std::set<int> StabilityCheck::policies_of(CommodityId commodity) const
{
    std::set<int> policies;
    for (std::size_t region = 0; region < model_.regions.size(); ++region) {
        const std::size_t cell = model_.cell(commodity, RegionId(region));
        if (model_.demand[cell] != zero_slot) {
            policies.insert(model_.stock_policy_of[cell]);
        }
    }
    return policies;
}

/// True if users of the commodity or plants that treat it follow the policy.
bool StabilityCheck::is_followed(int policy, CommodityId commodity) const
{
    for (std::size_t position = 0; position < model_.stage_stocks.size(); ++position) {
        if (model_.stage_stocks[position].commodity == commodity
            && model_.stock_policy_of[model_.cells() + position] == policy) {
            return true;
        }
    }
    return policies_of(commodity).contains(policy);
}

std::string StabilityCheck::where(CommodityId commodity, int policy) const
{
    const std::string& name = model_.commodities[commodity.index()].name;
    return policy == no_policy
               ? fmt::format("{} users without stocks", name)
               : fmt::format("{} users with stocks {}", name,
                             model_.stock_policies[static_cast<std::size_t>(policy)].name);
}

std::vector<Slot> StabilityCheck::slots_of(const Commodity& commodity, int policy,
                                           std::initializer_list<Slot> more) const
{
    std::vector<Slot> slots(more);
    slots.push_back(commodity.elasticity_short);
    if (policy != no_policy) {
        const StockPolicy& stock = model_.stock_policies[static_cast<std::size_t>(policy)];
        slots.insert(slots.end(),
                     {stock.cover_months, stock.price_sensitivity, stock.order_months});
    }
    return slots;
}

double StabilityCheck::elasticity(const Commodity& commodity, int policy) const
{
    double sum = at(commodity.elasticity_short);
    if (policy != no_policy) {
        const StockPolicy& stock = model_.stock_policies[static_cast<std::size_t>(policy)];
        sum += at(stock.cover_months) * at(stock.price_sensitivity) / at(stock.order_months);
    }
    return sum;
}

/// The largest value over all combinations of each uncertain slot's low and high quantile.
template <class Function>
double StabilityCheck::largest_at_corners(std::vector<Slot> slots, Function function)
{
    std::sort(slots.begin(), slots.end());
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
    std::erase_if(slots, [this](Slot slot) { return info(slot).distribution.is_fixed(); });

    double largest = 0;
    for (std::size_t corner = 0; corner < std::size_t{1} << slots.size(); ++corner) {
        for (std::size_t position = 0; position < slots.size(); ++position) {
            const bool is_high = (corner >> position & 1U) != 0;
            at_[slots[position].index()] =
                is_high ? high(slots[position]) : low(slots[position]);
        }
        largest = std::max(largest, function());
    }
    return largest;
}

void StabilityCheck::order_times()
{
    for (const StockPolicy& policy : model_.stock_policies) {
        const double shortest = low(policy.order_months);
        if (shortest < 1) {
            diagnostics_.error(info(policy.order_months).place, info(policy.order_months).path,
                               fmt::format("must be at least 1 (got {:.4g} at the edge of the "
                                           "parameters)",
                                           shortest),
                               "orders placed and filled within a month swing without end");
        }
    }
}

void StabilityCheck::elasticities()
{
    for (const Commodity& commodity : model_.commodities) {
        const Slot short_run = commodity.elasticity_short;
        const Slot long_run = commodity.elasticity_long;
        if (short_run != long_run && high(short_run) > low(long_run)) {
            diagnostics_.error(
                info(short_run).place, info(short_run).path,
                fmt::format("may exceed the long-run elasticity ({:.4g} against {:.4g} at the "
                            "edge of the parameters)",
                            high(short_run), low(long_run)),
                "truncate the two so that the short run stays below the long run");
        }
        if (commodity.memory_up != commodity.memory_down
            && high(commodity.memory_down) > low(commodity.memory_up)) {
            diagnostics_.error(
                info(commodity.memory_down).place, info(commodity.memory_down).path,
                fmt::format("may exceed memory.up_per_month ({:.4g} against {:.4g} at the edge "
                            "of the parameters)",
                            high(commodity.memory_down), low(commodity.memory_up)),
                "what users have learnt to save they give up more slowly");
        }
    }
}

void StabilityCheck::report_overshoot(Slot slot, const Worst& worst, std::string_view formula,
                                      std::string_view hint)
{
    const std::string problem = fmt::format(
        "makes prices {} ({} reaches {:.4g} for {} at the edge of the parameters; "
        "must stay below {})",
        worst.value >= overshoot_limit ? "unstable" : "zig-zag", formula, worst.value,
        worst.where, worst.value >= overshoot_limit ? overshoot_limit : zigzag_limit);
    if (worst.value >= overshoot_limit) {
        diagnostics_.error(info(slot).place, info(slot).path, problem, std::string(hint));
    } else if (worst.value > zigzag_limit) {
        diagnostics_.warning(info(slot).place, info(slot).path, problem, std::string(hint));
    }
}

/// Σ ρ η_R of the region where it is largest: how much recycling, over demand, rises with the
/// memory.
double StabilityCheck::recycling_pull(CommodityId commodity) const
{
    std::vector<double> by_region(model_.regions.size(), 0);
    for (const Recycling& entry : model_.recycling) {
        if (entry.commodity == commodity) {
            by_region[entry.region.index()] +=
                std::max(high(entry.share), high(entry.share_end))
                * high(entry.price_elasticity);
        }
    }
    return *std::max_element(by_region.begin(), by_region.end());
}

Worst StabilityCheck::worst_memory(const Commodity& commodity, CommodityId id, Slot kappa)
{
    Worst worst;
    const double recycling = recycling_pull(id);
    for (const int policy : policies_of(id)) {
        const double overshoot = largest_at_corners(
            slots_of(commodity, policy, {kappa, commodity.elasticity_long}), [&] {
                const double gap =
                    at(commodity.elasticity_long) - at(commodity.elasticity_short) + recycling;
                return at(kappa) * (1 + gap / elasticity(commodity, policy));
            });
        worst.take(overshoot, where(id, policy));
    }
    return worst;
}

void StabilityCheck::memory()
{
    for (std::size_t index = 0; index < model_.commodities.size(); ++index) {
        const Commodity& commodity = model_.commodities[index];
        // One key may serve both ways.
        const bool differ = info(commodity.memory_up).path != info(commodity.memory_down).path;
        const std::vector<Slot> speeds =
            differ ? std::vector{commodity.memory_up, commodity.memory_down}
                   : std::vector{commodity.memory_up};
        for (const Slot kappa : speeds) {
            report_overshoot(kappa, worst_memory(commodity, CommodityId(index), kappa),
                             recycling_pull(CommodityId(index)) > 0
                                 ? "kappa (1 + (eps_long - eps_short + share eta_R) / E)"
                                 : "kappa (1 + (eps_long - eps_short) / E)",
                             "lower it, or raise the short-run elasticity; E = eps_short + "
                             "cover_months * price_sensitivity / order_months");
        }
    }
}

void StabilityCheck::by_products()
{
    for (const Facility& facility : model_.facilities) {
        if (!facility.by_product) {
            continue;
        }
        const ByProduct& by_product = *facility.by_product;
        Worst worst;
        for (const Output& output : facility.outputs) {
            const Commodity& commodity = model_.commodities[output.commodity.index()];
            for (const int policy : policies_of(output.commodity)) {
                const double overshoot = largest_at_corners(
                    slots_of(commodity, policy, {by_product.adjustment, by_product.elasticity}),
                    [&] {
                        return at(by_product.adjustment)
                               * (1
                                  + at(by_product.elasticity) / elasticity(commodity, policy));
                    });
                worst.take(overshoot, where(output.commodity, policy));
            }
        }
        report_overshoot(by_product.adjustment, worst, "kappa_u (1 + eta_u / E)",
                         "lower it or price_elasticity; E = eps_short + cover_months * "
                         "price_sensitivity / order_months");
    }
}

void StabilityCheck::trends()
{
    for (std::size_t policy = 0; policy < model_.stock_policies.size(); ++policy) {
        const StockPolicy& stock = model_.stock_policies[policy];
        Worst worst;
        for (std::size_t index = 0; index < model_.commodities.size(); ++index) {
            const Commodity& commodity = model_.commodities[index];
            if (!is_followed(static_cast<int>(policy), CommodityId(index))) {
                continue;
            }
            const double pull = largest_at_corners(
                slots_of(commodity, static_cast<int>(policy), {stock.trend_sensitivity}), [&] {
                    return at(stock.cover_months) * at(stock.trend_sensitivity)
                           / at(stock.order_months)
                           / elasticity(commodity, static_cast<int>(policy));
                });
            worst.take(pull, commodity.name);
        }
        if (worst.value >= trend_limit) {
            diagnostics_.error(
                info(stock.trend_sensitivity).place, info(stock.trend_sensitivity).path,
                fmt::format("makes prices run away (cover_months * trend_sensitivity / "
                            "order_months / E reaches {:.4g} for {} at the edge of the "
                            "parameters; must stay below {})",
                            worst.value, worst.where, trend_limit),
                "lower it, or raise price_sensitivity or order_months; E = eps_short + "
                "cover_months * price_sensitivity / order_months");
        }
    }
}

}  // namespace

// Inequalities (16).
void check_stability(const Model& model, Diagnostics& diagnostics)
{
    StabilityCheck check(model, diagnostics);
    check.order_times();
    check.elasticities();
    check.memory();
    check.by_products();
    check.trends();
}

}  // namespace chokepoint
