// Rules of docs/model.md that no other test would miss, each in a small market in closed form.

#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "chokepoint/support/diagnostic.hpp"

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// A metal that `digs` exports to two users; fixed supply, so that a cut share is a cut
/// quantity.
Model two_users(const std::string& hazards, const std::string& keys = "")
{
    std::vector<Diagnostic> warnings;
    return build_model(read_scenario_text(R"(
schema: 1
name: two users
start: 2026-01
months: 12
regions: [digs, big, small]
stages: [mine]
commodities:
  metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.5, long_run: 0.5})"
                                          + keys + R"(}
facilities:
  - {name: pit, region: digs, stage: mine, capacity_t_per_year: 1200}
demand: {metal: {big: {t_per_year: 900}, small: {t_per_year: 300}}}
)" + hazards),
                       warnings);
}

std::size_t at(const Model& model, std::size_t month, std::size_t region)
{
    return month * model.cells() + region;
}

TEST(Rationing, SharesInProportionAmongUsersAtTheChoke)
{
    // A cut of 90 %: even at 4 times the price users want 50 t a month, and 10 t come.
    const Model model = two_users(
        "hazards: {scripted: [{type: outage, facility: pit, from: 2026-03, until: 2026-04, "
        "loss_share: 0.9}]}\n",
        ", choke_price_ratio: 4");
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    EXPECT_NEAR(record.disrupted->log_price[at(model, 2, 1)], std::log(4), 1e-9);
    EXPECT_NEAR(record.disrupted->consumption[at(model, 2, 1)], 7.5, 1e-6);
    EXPECT_NEAR(record.disrupted->consumption[at(model, 2, 2)], 2.5, 1e-6);
    EXPECT_NEAR(record.disrupted->rationed[at(model, 2, 1)], 37.5 - 7.5, 1e-6);
}

TEST(QuotedPrices, OfAMonthAreThoseAfterItsClearing)
{
    const Model model = two_users(
        "hazards: {scripted: [{type: outage, facility: pit, from: 2026-03, until: 2026-06, "
        "loss_share: 0.3}]}\n",
        ", quoted_adjustment_per_month: 0.25");
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    double quoted = 0;
    for (std::size_t month = 0; month < 5; ++month) {
        const double x = record.disrupted->log_price[at(model, month, 1)];
        EXPECT_NEAR(x, month < 2 ? 0 : -std::log(0.7) / 0.5, 1e-9);
        quoted += 0.25 * (x - quoted);
        EXPECT_NEAR(record.disrupted->log_quoted[at(model, month, 1)], quoted, 1e-12);
    }
}

TEST(MarginalValues, OfALegalTonneAreThoseOfARoomLessWhatLeaksAnyhow)
{
    // One more tonne of quota lets 1 - leakage more through: prices abroad follow that.
    const auto price = [](double quota) {
        const Model model = two_users(
            "hazards: {scripted: [{type: export_restriction, exporter: digs, instrument: "
            "quota, "
            "quota_t: "
            + std::to_string(quota)
            + ", period_months: 1, leakage: 0.25, from: 2026-03, until: 2026-06}]}\n");
        TrialRunner runner(model, 1);
        return std::exp(runner.run(0).disrupted->log_price[at(model, 2, 1)]);
    };
    // p = (cap / 100)^(-2), cap = 50 + 0.25 (100 - 50) = 62.5
    EXPECT_NEAR(price(50), std::pow(0.625, -2), 1e-6);
    const double slope = (price(50.5) - price(49.5)) / 1;
    EXPECT_NEAR(slope, 0.75 * -2 * std::pow(0.625, -3) / 100, 1e-5);
}

/// What leaves `digs` in each month under a quota.
std::vector<double> exports_under(const std::string& quota, int months)
{
    std::vector<Diagnostic> warnings;
    const Model model = build_model(read_scenario_text(R"(
schema: 1
name: quota
start: 2026-01
months: )" + std::to_string(months) + R"(
regions: [digs, user]
stages: [mine]
commodities: {metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.5, long_run: 0.5}}}
facilities:
  - {name: pit, region: digs, stage: mine, capacity_t_per_year: 1200}
demand: {metal: {user: {t_per_year: 1200}}}
hazards: {scripted: [{type: export_restriction, exporter: digs, instrument: quota, )"
                                                       + quota + "}]}\n"),
                                    warnings);
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    std::vector<double> exports;
    for (std::size_t month = 0; month < record.disrupted->months; ++month) {
        exports.push_back(record.disrupted->exports[month * model.cells()]);
    }
    return exports;
}

TEST(QuotaCalendar, GivesAPeriodThatIsCutShortItsPart)
{
    // 300 t in 12 months, in force for 18: 25 t a month throughout.
    const std::vector<double> exports =
        exports_under("quota_t: 300, period_months: 12, from: 2026-03, until: 2027-09", 24);
    for (std::size_t month = 0; month < exports.size(); ++month) {
        EXPECT_NEAR(exports[month], month < 2 || month >= 20 ? 100 : 25, 1e-6) << month;
    }
}

TEST(QuotaCalendar, DoesNotDependOnTheHorizon)
{
    const std::string quota = "quota_t: 3000, from: 2026-03, until: 2030-03";  // 62.5 a month
    const std::vector<double> brief = exports_under(quota, 12);
    const std::vector<double> whole = exports_under(quota, 60);
    for (std::size_t month = 0; month < brief.size(); ++month) {
        EXPECT_NEAR(brief[month], month < 2 ? 100 : 62.5, 1e-6) << month;
        EXPECT_NEAR(whole[month], brief[month], 1e-9) << month;
    }
}

TEST(StandingQuotas, AreHeldToMonthZeroByTheLawOfTheMonthsAfter)
{
    const auto first_price = [](const std::string& quota) {
        std::vector<Diagnostic> warnings;
        const Model model = build_model(read_scenario_text(R"(
schema: 1
name: standing quota
start: 2026-01
months: 12
regions: [digs, user]
stages: [mine]
commodities: {metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.5, long_run: 0.5}}}
facilities:
  - {name: pit, region: digs, stage: mine, capacity_t_per_year: 1200}
demand: {metal: {user: {t_per_year: 1200}}}
standing_measures: [{name: q, exporter: digs, instrument: quota, commodities: metal, )"
                                                           + quota + "}]\n"),
                                        warnings);
        TrialRunner runner(model, 1);
        return runner.run(0).reference->log_price[1];
    };
    // 1,200 t for a year, half of it in force: 100 t a month, as before. No more is refused, no
    // less accepted.
    EXPECT_EQ(first_price("quota_t: 1200, period_months: 12, until: 2026-07"), 0);
    EXPECT_THROW(first_price("quota_t: 1190, period_months: 12, until: 2026-07"), InputError);
    // From the middle of the month on half a period's tonnage is for half a month.
    EXPECT_EQ(first_price("quota_t: 100, period_months: 1, from: 2026-01-17"), 0);
    // Two tonnes of quota for one of the metal.
    EXPECT_THROW(
        first_price("quota_t: 150, period_months: 1, shared: true, weights: {metal: 2}"),
        InputError);
    EXPECT_EQ(first_price("quota_t: 200, period_months: 1, shared: true, weights: {metal: 2}"),
              0);
}

TEST(Reserves, ThatBuyCheaplyDoNotOverfill)
{
    std::vector<Diagnostic> warnings;
    const Model model = build_model(read_scenario_text(R"(
schema: 1
name: glut
start: 2026-01
months: 24
regions: [here]
stages: [mine]
commodities: {metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.5, long_run: 0.5}}}
facilities:
  - {name: pit, region: here, stage: mine, capacity_t_per_year: 1200}
demand: {metal: {here: {t_per_year: 1200, growth_per_year: -0.2}}}
reserves:
  - {name: pile, region: here, commodity: metal, tonnes: 0, capacity_t: 30, release_t_per_month: 1,
     refill_t_per_month: 5, trigger_price_ratio: 40, stop_price_ratio: 30}
)"),
                                    warnings);
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    double bought = 0;
    for (const double tonnes : record.disrupted->reserve_purchase) {
        bought += tonnes;
    }
    EXPECT_LT(record.disrupted->log_price.back(), -0.3);
    EXPECT_GT(bought, 29);
    EXPECT_LT(bought, 30.5);
}

TEST(TargetedRestrictions, HitAllImportersWithTheirProbability)
{
    const Model model = two_users(
        "hazards: {export_restrictions: [{name: cut, exporter: digs, instrument: quota, "
        "targets: "
        "[small], targeted_probability: 0.3, rate_per_year: 2, severity: 0.5, duration_days: "
        "30, "
        "structural: {probability: 0.4, severity: 0.2, duration_days: 50}}]}\n");
    TrialRunner runner(model, 3);
    double events = 0, targeted = 0, structural = 0;
    for (std::uint64_t trial = 0; trial < 1500; ++trial) {
        for (const RestrictionEvent& event : runner.run(trial).timeline->restrictions) {
            ++events;
            targeted += model.measures[event.measure.index()].all_targets ? 0 : 1;
            structural += event.structural_until > event.until ? 1 : 0;
        }
    }
    EXPECT_NEAR(targeted / events, 0.3, 4 * std::sqrt(0.3 * 0.7 / events));
    EXPECT_NEAR(structural / events, 0.4, 4 * std::sqrt(0.4 * 0.6 / events));
    EXPECT_GT(events, 2500);
}

TEST(ImportCaps, HoldWhatImportersTakeFromOneSupplierToItsShareOfTheirImports)
{
    std::vector<Diagnostic> warnings;
    const std::string market = R"(
schema: 1
name: two exporters
start: 2026-01
months: 6
regions: [one, other, user]
stages: [mine]
commodities: {metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.5, long_run: 0.5}}}
facilities:
  - {name: pit, region: one, stage: mine, capacity_t_per_year: 720}
  - {name: shaft, region: other, stage: mine, capacity_t_per_year: 480}
demand: {metal: {user: {t_per_year: 1200}}}
)";
    const Model calm = build_model(read_scenario_text(market), warnings);
    const Model model = build_model(
        read_scenario_text(
            market
            + "standing_measures: [{name: own_cap, exporter: one, instrument: quota, "
              "targets: [user], max_import_share: 0.5, from: 2026-03}]\n"),
        warnings);
    // Of 100 t, 60 come from `one`; half of the 100 may: 50 + 40 = 100 p^-0.5.
    TrialRunner runner(model, 1, Sampling::plain, Clearance::pooled_first, nullptr, &calm);
    const TrialRecord record = runner.run(0);
    const std::size_t user = 2;
    EXPECT_EQ(record.disrupted->log_price[1 * model.cells() + user], 0);
    EXPECT_NEAR(record.disrupted->consumption[2 * model.cells() + user], 90, 1e-6);
    EXPECT_NEAR(record.disrupted->log_price[2 * model.cells() + user], -2 * std::log(0.9),
                1e-9);
    EXPECT_NEAR(record.reference->consumption[2 * model.cells() + user], 100, 1e-9);
}

TEST(Threats, OfSeveralExportersAddUpAndOfOneTheLargestCounts)
{
    std::vector<Diagnostic> warnings;
    const Model model = build_model(read_scenario_text(R"(
schema: 1
name: two exporters
start: 2026-01
months: 6
regions: [one, other, user]
stages: [mine]
commodities: {metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.5, long_run: 0.5}}}
facilities:
  - {name: pit, region: one, stage: mine, capacity_t_per_year: 720}
  - {name: shaft, region: other, stage: mine, capacity_t_per_year: 480}
demand: {metal: {user: {t_per_year: 1200}}}
stocks:
  - {name: users, cover_months: 2, order_months: 4, price_sensitivity: 0,
     panic: {max_extra_share: 1, build_months: 1, half_life_months: 1, front_running_share: 1}}
hazards:
  scripted:
    - {type: export_restriction, name: a, exporter: one, instrument: quota, severity: 0.2, announced: 2026-02, from: 2026-05, until: 2026-06}
    - {type: export_restriction, name: b, exporter: one, instrument: quota, severity: 0.3, announced: 2026-02, from: 2026-05, until: 2026-06}
    - {type: export_restriction, name: c, exporter: other, instrument: quota, severity: 0.5, announced: 2026-02, from: 2026-05, until: 2026-06}
)"),
                                    warnings);
    // threat = 0.6 max(0.2, 0.3) + 0.4 * 0.5 = 0.38, at once in a: orders of the month after
    // rise from 2 d / 4 to (1 + 0.38) of it. Fixed supply: d p^-0.5 + (1.38 - 1) d / 2 + ... =
    // d.
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    const double x = record.disrupted->log_price[2 * model.cells() + 2];
    // 100 e^{-x / 2} + 1.38 * 50 - S / 4 = 100, with the stock of month 1 still at 200.
    EXPECT_NEAR(100 * std::exp(-0.5 * x) + 1.38 * 50 - 50, 100, 1e-6);
}

}  // namespace
}  // namespace chokepoint
