#include "chokepoint/market/lane_parameters.hpp"

#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

/// Lays one growth table of each trial side by side.
void set_growth(std::span<const Parameters* const> of, GrowthTable Growth::*table,
                LaneArray<double>& rows)
{
    rows.resize((of[0]->growth.*table).monthly.size() * of.size());
    for (std::size_t lane = 0; lane < of.size(); ++lane) {
        const std::vector<double>& monthly = (of[lane]->growth.*table).monthly;
        for (std::size_t at = 0; at < monthly.size(); ++at) {
            rows[at * of.size() + lane] = monthly[at];
        }
    }
}

}  // namespace

void LaneParameters::set(const Model& model, std::span<const Parameters* const> parameters)
{
    of.assign(parameters.begin(), parameters.end());
    first_share.clear();
    std::size_t outputs = 0;
    for (const Facility& facility : model.facilities) {
        first_share.push_back(outputs);
        outputs +=
            facility.outputs.empty() ? model.commodities.size() : facility.outputs.size();
    }
    first_share.push_back(outputs);
    set_growth(of, &Growth::demand, demand_growth);
    set_growth(of, &Growth::capacity, capacity_growth);
    const std::size_t width = lanes();
    values.resize(model.parameters.size() * width);
    use.resize(model.stock_holders() * width);
    share.assign(outputs * width, 0);
    revenue.assign(outputs * width, 0);
    constexpr double ln_2 = 0.6931471805599453;
    panic_fading.assign(model.stock_policies.size() * width, 1);
    for (std::size_t lane = 0; lane < width; ++lane) {
        const Parameters& own = *of[lane];
        for (std::size_t policy = 0; policy < model.stock_policies.size(); ++policy) {
            if (const std::optional<Panic>& panic = model.stock_policies[policy].panic) {
                panic_fading[policy * width + lane] =
                    portable_exp(-ln_2 / own[panic->half_life_months]);
            }
        }
        for (std::size_t slot = 0; slot < own.values.size(); ++slot) {
            values[slot * width + lane] = own.values[slot];
        }
        for (std::size_t holder = 0; holder < model.stock_holders(); ++holder) {
            use[holder * width + lane] = reference_use(model, own, holder);
        }
        for (std::size_t facility = 0; facility < model.facilities.size(); ++facility) {
            const Facility& entry = model.facilities[facility];
            const std::vector<double>& shares = own.baseline.share[facility];
            const std::size_t first = first_share[facility];
            double all = 0;
            for (std::size_t output = 0; output < shares.size(); ++output) {
                share[(first + output) * width + lane] = shares[output];
                const CommodityId commodity = commodity_of(entry, output);
                const Slot price =
                    model.commodities[commodity.index()].regional_price[entry.region.index()];
                const double earned = shares[output] * own[price];
                revenue[(first + output) * width + lane] = earned;
                all += earned;
            }
            for (std::size_t output = 0; all > 0 && output < shares.size(); ++output) {
                revenue[(first + output) * width + lane] /= all;
            }
        }
    }
}

double reference_use(const Model& model, const Parameters& parameters, std::size_t holder)
{
    if (holder < model.cells()) {
        const auto regions = model.regions.size();
        return parameters.baseline.consumption(static_cast<Eigen::Index>(holder / regions),
                                               static_cast<Eigen::Index>(holder % regions));
    }
    const StageStock& stock = model.stage_stocks[holder - model.cells()];
    return parameters.baseline.throughput(stock.stage, stock.commodity, stock.region);
}

}  // namespace chokepoint
