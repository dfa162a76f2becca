#include "chokepoint/metrics/policy_cost_meter.hpp"

#include "chokepoint/metrics/area.hpp"
#include "chokepoint/metrics/facility_output.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lane_rows.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <array>

namespace chokepoint {
namespace {

/// Columns in their order; the first is the sum of the others, which stand for a kind each.
struct CostColumn {
    const char* metric;
    const char* sentence;
};
constexpr std::array cost_columns{
    CostColumn{"policy_cost", "what policies cost the treasury, undiscounted"},
    CostColumn{"policy_capital", "capital that policies spend"},
    CostColumn{"policy_running", "running costs of policies"},
    CostColumn{"policy_purchases", "what reserves buy, less what they sell"},
    CostColumn{"policy_floor_payments", "what makes up for prices below a guaranteed floor"},
};

/// The outputs that price floors are paid on, one for each such cost.
std::vector<FacilityProduct> products_with_floors(const Model& model)
{
    std::vector<FacilityProduct> products;
    for (const PolicyCost& cost : model.policy_costs) {
        if (cost.kind == CostKind::floor_payments) {
            products.push_back({cost.facility, cost.commodity});
        }
    }
    return products;
}

class PolicyCostGauge final : public Gauge {
public:
    explicit PolicyCostGauge(const Model& model)
        : model_(model), outputs_(model, products_with_floors(model))
    {}

    void start(std::span<const LaneTrial> trials) override
    {
        trials_.assign(trials.begin(), trials.end());
        spent_.reset(cost_columns.size(), trials.size());
        parameters_.clear();
        for (const LaneTrial& trial : trials) {
            parameters_.push_back(trial.parameters);
        }
        outputs_.start(parameters_);
    }

    void add(const LaneMonth& month, std::span<double>) override
    {
        outputs_.look_at(month.disrupted);
        std::size_t floor = 0;  // how many floors stand before
        for (const PolicyCost& cost : model_.policy_costs) {
            const std::size_t product = floor;
            floor += cost.kind == CostKind::floor_payments ? 1 : 0;
            const auto at = static_cast<double>(month.month);
            // The share of the month that pays.
            const double share =
                std::clamp(cost.until - at, 0.0, 1.0) - std::clamp(cost.from - at, 0.0, 1.0);
            for (std::size_t lane = 0; share > 0 && lane < trials_.size(); ++lane) {
                const double usd = share * spent_in_a_month(cost, product, month, lane);
                spent_[1 + static_cast<std::size_t>(cost.kind)][lane] += usd;
                spent_[0][lane] += usd;
            }
        }
    }

    void finish(std::span<double> figures) override
    {
        for (std::size_t column = 0; column < cost_columns.size(); ++column) {
            std::copy_n(spent_[column], trials_.size(), &figures[column * trials_.size()]);
        }
    }

private:
    double spent_in_a_month(const PolicyCost& cost, std::size_t product,
                            const LaneMonth& month, std::size_t lane) const
    {
        const Parameters& parameters = *trials_[lane].parameters;
        switch (cost.kind) {
            case CostKind::capital:
                return parameters[cost.usd] / (cost.until - cost.from);
            case CostKind::running:
                return parameters[cost.usd] / months_per_year;
            case CostKind::purchases:
                return traded(cost, month, lane);
            case CostKind::floor_payments:
                return floor_payment(cost, product, month, lane);
        }
        return 0;
    }

    /// USD a tonne that users of a commodity pay in a region.
    double price(const LaneMonth& month, std::size_t lane, CommodityId commodity,
                 RegionId region) const
    {
        const std::size_t cell = model_.cell(commodity, region);
        return usd_per_tonne(model_, trials_[lane].parameters->values, commodity, region)
               * portable_exp(month.disrupted.log_price[cell * trials_.size() + lane]);
    }

    double traded(const PolicyCost& cost, const LaneMonth& month, std::size_t lane) const
    {
        const Reserve& reserve = model_.reserves[cost.reserve];
        const std::size_t at = cost.reserve * trials_.size() + lane;
        double usd = month.disrupted.reserve_purchase[at]
                     * price(month, lane, reserve.commodity, reserve.region);
        const double sold = month.disrupted.reserve_sale[at];
        // Members get it by what they use at month 0, as from the reserve itself.
        const auto use = [&](RegionId member) {
            return trials_[lane].parameters->baseline.consumption(
                static_cast<Eigen::Index>(reserve.commodity.index()),
                static_cast<Eigen::Index>(member.index()));
        };
        double all = 0;
        for (const RegionId member : reserve.members) {
            all += use(member);
        }
        for (const RegionId member : reserve.members) {
            const double part =
                all > 0 ? use(member) / all : 1.0 / static_cast<double>(reserve.members.size());
            usd -= sold * part * price(month, lane, reserve.commodity, member);
        }
        return usd;
    }

    double floor_payment(const PolicyCost& cost, std::size_t product, const LaneMonth& month,
                         std::size_t lane) const
    {
        const Parameters& parameters = *trials_[lane].parameters;
        const RegionId region = model_.facilities[cost.facility.index()].region;
        const std::size_t cell = model_.cell(cost.commodity, region);
        const double quoted =
            usd_per_tonne(model_, parameters.values, cost.commodity, region)
            * portable_exp(month.disrupted.log_quoted[cell * trials_.size() + lane]);
        const double floor = kg_per_tonne * parameters[cost.floor_usd_per_kg];
        return std::max(0.0, floor - quoted) * outputs_[product][lane];
    }

    const Model& model_;
    FacilityOutputs outputs_;
    std::vector<LaneTrial> trials_;
    std::vector<const Parameters*> parameters_;
    LaneRows spent_;  ///< By column.
};

class PolicyCostMeter final : public Meter {
public:
    explicit PolicyCostMeter(const Model& model) : model_(model) {}

    std::vector<Column> columns() const override
    {
        std::vector<Column> columns;
        for (const CostColumn& column : cost_columns) {
            columns.push_back({.metric = column.metric,
                               .commodity = "all",
                               .region = "world",
                               .unit = "usd",
                               .sentence = column.sentence});
        }
        return columns;
    }
    std::unique_ptr<Gauge> gauge() const override
    {
        return std::make_unique<PolicyCostGauge>(model_);
    }

private:
    const Model& model_;
};

}  // namespace

std::unique_ptr<Meter> make_policy_cost_meter(const Model& model)
{
    return std::make_unique<PolicyCostMeter>(model);
}

bool is_policy_cost(std::string_view metric)
{
    return std::ranges::any_of(
        cost_columns, [&](const CostColumn& column) { return column.metric == metric; });
}

}  // namespace chokepoint
