#include "chokepoint/metrics/exposure_meter.hpp"

#include "chokepoint/metrics/measure.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// What users of a market of 100 t a month lose by an outage of one month.
double loss(double elasticity, double lost, double choke = 50)
{
    std::vector<Diagnostic> warnings;
    const std::string e = std::to_string(elasticity);
    const Model model =
        build_model(read_scenario_text(
                        "schema: 1\nname: loss\nstart: 2026-01\nmonths: 3\nregions: [here]\n"
                        "stages: [mine]\ncommodities: {metal: {price_usd_per_kg: 10, "
                        "choke_price_ratio: "
                        + std::to_string(choke) + ", demand_elasticity: {short_run: " + e
                        + ", long_run: " + e
                        + "}}}\nfacilities: [{name: pit, region: here, stage: mine, "
                          "capacity_t_per_year: 1200}]\ndemand: {metal: {here: {t_per_year: "
                          "1200}}}\nhazards: {scripted: [{type: outage, facility: pit, from: "
                          "2026-02, until: 2026-03, loss_share: "
                        + std::to_string(lost) + "}]}\n"),
                    warnings);
    TrialRunner runner(model, 1);
    const auto meter = make_exposure_meter(model);
    std::vector<double> row(meter->columns().size());
    measure(*meter->gauge(), runner.run(0), row, {});
    EXPECT_EQ(row.front(), row.back());  // all commodities: the one
    return row.front();
}

/// 10,000 USD/t times the area left of the demand curve 100 p^-e from 1 to p, by the trapezoid
/// rule.
double area(double e, double p)
{
    constexpr int steps = 200'000;
    double sum = 0;
    for (int step = 0; step < steps; ++step) {
        const double one = 1 + (p - 1) * step / steps;
        const double other = 1 + (p - 1) * (step + 1) / steps;
        sum += 50 * (std::pow(one, -e) + std::pow(other, -e)) * (other - one);
    }
    return 10'000 * sum;
}

TEST(ExposureMeter, IsTheSurplusLostAlongTheDemandCurve)
{
    for (const double e : {0.1, 0.5, 1.0, 2.0}) {
        const double p = std::pow(0.7, -1 / e);  // 30 % less is served
        if (p < 50) {
            EXPECT_NEAR(loss(e, 0.3) / area(e, p), 1, 1e-6) << e;
        }
    }
}

TEST(ExposureMeter, CountsWhatIsRationedAtTheChokePrice)
{
    // Elasticity 0.5, choke 4: up to there the curve, and what lacks then at 4 - 1 a tonne.
    const double served_at_choke = 100 * std::pow(4, -0.5);
    const double rationed = served_at_choke - 10;
    const double p = 4;
    // Of the 50 t that are wanted at the choke 10 come: the curve of those who are served.
    const double along = 10 * std::pow(p, 0.5) * (std::pow(p, 0.5) - 1) / 0.5;
    EXPECT_NEAR(loss(0.5, 0.9, 4), 10'000 * (along + 3 * rationed), 1e-3);
}

TEST(ExposureMeter, IsNothingWithoutEvents)
{
    EXPECT_EQ(loss(0.3, 0), 0);
}

}  // namespace
}  // namespace chokepoint
