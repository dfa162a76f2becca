#include "chokepoint/metrics/exposure_meter.hpp"

#include "chokepoint/metrics/area.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lane_rows.hpp"

#include <cmath>

namespace chokepoint {
namespace {

/// Integral of p^-e from p0 to p, from the logarithms of both.
double integral(double log_p0, double log_p, double e)
{
    const double rest = 1 - e;
    constexpr double near_one = 1e-6;
    if (std::abs(rest) < near_one) {
        return log_p - log_p0;
    }
    return (portable_exp(rest * log_p) - portable_exp(rest * log_p0)) / rest;
}

class ExposureGauge final : public Gauge {
public:
    ExposureGauge(const Model& model, const std::vector<Users>& users)
        : model_(model), users_(users)
    {}

    void start(std::span<const LaneTrial> trials) override
    {
        trials_.assign(trials.begin(), trials.end());
        loss_.reset(model_.cells(), trials.size());
    }

    void add(const LaneMonth& month, std::span<double>) override
    {
        for (std::size_t cell = 0; cell < model_.cells(); ++cell) {
            for (std::size_t lane = 0; model_.has_users(cell) && lane < trials_.size();
                 ++lane) {
                loss_[cell][lane] += loss_of(month, cell, lane);
            }
        }
    }

    void finish(std::span<double> figures) override
    {
        for (std::size_t column = 0; column < users_.size(); ++column) {
            for (std::size_t lane = 0; lane < trials_.size(); ++lane) {
                double sum = 0;
                for (const std::size_t cell : users_[column].cells) {
                    sum += loss_[cell][lane];
                }
                figures[column * trials_.size() + lane] = sum;
            }
        }
    }

private:
    double loss_of(const LaneMonth& month, std::size_t cell, std::size_t lane) const
    {
        const std::size_t at = cell * trials_.size() + lane;
        const double x = month.disrupted.log_price[at];
        const double x0 = month.reference.log_price[at];
        const double consumption = month.disrupted.consumption[at];
        const double rationed = month.disrupted.rationed[at];
        const CommodityId commodity(cell / model_.regions.size());
        const Commodity& of = model_.commodities[commodity.index()];
        const Parameters& parameters = *trials_[lane].parameters;
        const double e = parameters[of.elasticity_short];
        const double along = consumption * portable_exp(e * x) * integral(x0, x, e);
        const double beyond = (parameters[of.choke] - portable_exp(x0)) * rationed;
        return usd_per_tonne(model_, parameters.values, commodity,
                             RegionId(cell % model_.regions.size()))
               * (along + beyond);
    }

    const Model& model_;
    const std::vector<Users>& users_;
    std::vector<LaneTrial> trials_;
    LaneRows loss_;  ///< By cell.
};

class ExposureMeter final : public Meter {
public:
    explicit ExposureMeter(const Model& model) : model_(model), users_(users_of(model)) {}

    std::vector<Column> columns() const override
    {
        std::vector<Column> columns;
        for (const Users& users : users_) {
            columns.push_back({.metric = "users_loss",
                               .commodity = users.commodity,
                               .region = users.area,
                               .unit = "usd",
                               .sentence = "surplus that users lose by prices and rationing"});
        }
        return columns;
    }
    std::unique_ptr<Gauge> gauge() const override
    {
        return std::make_unique<ExposureGauge>(model_, users_);
    }

private:
    const Model& model_;
    std::vector<Users> users_;
};

}  // namespace

std::unique_ptr<Meter> make_exposure_meter(const Model& model)
{
    return std::make_unique<ExposureMeter>(model);
}

}  // namespace chokepoint
