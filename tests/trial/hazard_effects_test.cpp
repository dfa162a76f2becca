// What sampled and scripted events do to the market of a trial: which of two restrictions
// holds, how an acute one passes into a structural one, what notice does, and how metals of one
// ore fall together.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chokepoint/trial/trial.hpp"
#include "market/market_run.hpp"

namespace chokepoint {
namespace {

using testing::model_of_text;
using testing::month;
using testing::monthly_quota;
using testing::one_stage;
using testing::region_named;
using testing::tax;

/// x exports 50 t a month, of which w takes 25 and g 25; nothing answers from month to month,
/// so that exports are what the law lets through.
ScenarioBuilder exporter_and_two()
{
    ScenarioBuilder builder = one_stage({{"x", 130, 80}, {"w", 5, 30}, {"g", 0, 25}});
    builder.scenario.months = 60;
    return builder;
}
constexpr double free_flow = 50;

/// Of the only stage.
double exports(const Path& path, std::size_t month, RegionId region)
{
    return path.exports[month * path.cells + region.index()];
}

/// Length of what [from, until] has in common with a month.
double part_of_month(double from, double until, std::size_t month)
{
    const auto start = static_cast<double>(month);
    return std::max(0.0, std::min(until, start + 1) - std::max(from, start));
}

double exports_of_x(const ScenarioBuilder& builder, std::size_t month)
{
    const Model model = builder.model();
    TrialRunner runner(model, 1);
    return exports(*runner.run(0).disrupted, month, region_named(model, "x"));
}

TEST(TwoRestrictionsOnOneArc, LeaveTheSmallerCapNotTheProduct)
{
    ScenarioBuilder builder = exporter_and_two();
    const RestrictionTerms quota = builder.terms("x", Instrument::quota);
    builder.scripted("long", quota, month(2), month(12), 0.3);
    // From the middle of June, month 5, on.
    builder.scripted("deep", quota, {2009, 6, 16}, month(8), 0.8);
    EXPECT_NEAR(exports_of_x(builder, 1), free_flow, 1e-9);
    EXPECT_NEAR(exports_of_x(builder, 2), free_flow * 0.7, 1e-9);
    EXPECT_NEAR(exports_of_x(builder, 5), free_flow * (1 - 0.8 / 2), 1e-9);
    EXPECT_NEAR(exports_of_x(builder, 6), free_flow * 0.2, 1e-9);
    EXPECT_NEAR(exports_of_x(builder, 8), free_flow * 0.7, 1e-9);
    EXPECT_NEAR(exports_of_x(builder, 12), free_flow, 1e-9);
}

TEST(TwoRestrictionsOnOneArc, LeaveTheSmallerOfTonnesAndShare)
{
    ScenarioBuilder builder = exporter_and_two();
    builder.scripted("tonnes", monthly_quota(builder, "x", 30), month(0), month(60));
    builder.scripted("slack", builder.terms("x", Instrument::quota), month(2), month(4), 0.3);
    builder.scripted("tight", builder.terms("x", Instrument::quota), month(6), month(8), 0.6);
    EXPECT_NEAR(exports_of_x(builder, 1), 30, 1e-9);
    EXPECT_NEAR(exports_of_x(builder, 3), 30, 1e-9);
    EXPECT_NEAR(exports_of_x(builder, 7), free_flow * 0.4, 1e-9);
}

TEST(TwoRestrictionsOnOneArc, LeaveTheHighestTaxAndBesideItTheCap)
{
    ScenarioBuilder builder = exporter_and_two();
    builder.scripted("low", tax(builder, "x", 0.2), month(0), month(60));
    builder.scripted("high", tax(builder, "x", 0.5), month(2), month(4));
    builder.scripted("quota", builder.terms("x", Instrument::quota), month(6), month(8), 0.6);
    const Model model = builder.model();
    TrialRunner runner(model, 1);
    const Path& path = *runner.run(0).disrupted;
    const auto gap = [&](std::size_t month) {
        return path.log_price[month * path.cells + region_named(model, "g").index()]
               - path.log_price[month * path.cells + region_named(model, "x").index()];
    };
    EXPECT_NEAR(gap(1), std::log(1.2), 1e-9);
    EXPECT_NEAR(gap(3), std::log(1.5), 1e-9);
    EXPECT_GT(gap(7), std::log(1.5));
    EXPECT_NEAR(exports(path, 7, region_named(model, "x")), free_flow * 0.4, 1e-9);
}

/// Expects that x exports, in every month of 60, the share of the free flow that its
/// restrictions leave: the tightest one's, `left_by(event, month)`.
template <class LeftBy>
void expect_exports(const Model& model, std::uint64_t trials, LeftBy left_by)
{
    TrialRunner runner(model, 1);
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        const TrialRecord record = runner.run(trial);
        for (std::size_t at = 0; at < 60; ++at) {
            double left = 1;
            for (const RestrictionEvent& event : record.timeline->restrictions) {
                left = std::min(left, left_by(event, at));
            }
            ASSERT_NEAR(exports(*record.disrupted, at, region_named(model, "x")),
                        free_flow * left, 1e-9)
                << "trial " << trial << ", month " << at;
        }
    }
}

TEST(TwoRestrictionsOnOneArc, OfOneHazardLeaveTheTighter)
{
    ScenarioBuilder builder = exporter_and_two();
    builder.restriction_hazard("cuts", builder.terms("x", Instrument::quota), 2,
                               Uniform{.low = 0.1, .high = 0.9}, Exponential{.mean = 180});
    const RestrictionEvent* before = nullptr;
    std::size_t month_before = 0;
    int overlaps = 0;
    expect_exports(builder.model(), 50, [&](const RestrictionEvent& event, std::size_t at) {
        const double share = part_of_month(event.from, event.until, at);
        if (share > 0) {
            overlaps += before != nullptr && before != &event && month_before == at ? 1 : 0;
            before = &event;
            month_before = at;
        }
        return 1 - event.severity * share;
    });
    EXPECT_GT(overlaps, 100);
}

TEST(Licensing, PassesFromTheAcuteCutIntoTheStructuralOne)
{
    ScenarioBuilder builder = exporter_and_two();
    RestrictionHazardEntry& licences =
        builder.restriction_hazard("licences", builder.terms("x", Instrument::licensing), 0.2,
                                   Fixed{0.9}, Lognormal{.median = 85, .sigma = 1});
    licences.structural = StructuralPhaseEntry{
        .probability = builder.number("hazards.export_restrictions.licences.probability", 1),
        .severity = builder.mark(0.45),
        .duration_days = builder.mark(Distribution(Lognormal{.median = 600, .sigma = 0.5}))};
    int months_of_passage = 0;
    expect_exports(builder.model(), 200, [&](const RestrictionEvent& event, std::size_t at) {
        EXPECT_TRUE(event.has_structural_phase());
        const double acute = part_of_month(event.from, event.until, at);
        const double structural = part_of_month(event.until, event.structural_until, at);
        months_of_passage += acute > 0 && structural > 0 ? 1 : 0;
        return 1 - 0.9 * acute - 0.45 * structural;
    });
    EXPECT_GT(months_of_passage, 100);
}

TEST(Licensing, FallsFromTheOneCutToTheOtherOverThePhaseOut)
{
    // In force from 2.5 to 4.5, then over two months from 0.9 to 0.4.
    ScenarioBuilder builder = exporter_and_two();
    RestrictionHazardEntry& licences =
        builder.restriction_hazard("licences", builder.terms("x", Instrument::licensing), 0.2,
                                   Fixed{0.9}, Fixed{365.25 / 4});
    licences.structural = StructuralPhaseEntry{
        .probability = builder.number("hazards.export_restrictions.licences.probability", 1),
        .severity = builder.mark(0.4),
        .duration_days = builder.mark(365.25)};
    licences.phase_out_months = builder.number("phase_out", 2);
    const Model model = builder.model();
    TrialRunner runner(model, 1);
    int checked = 0;
    for (std::uint64_t trial = 0; trial < 200; ++trial) {
        const TrialRecord record = runner.run(trial);
        if (record.timeline->restrictions.size() != 1) {
            continue;  // two of them may overlap
        }
        // The cut falls in a straight line: of the whole months within the fall, its value in
        // the middle.
        const RestrictionEvent& event = record.timeline->restrictions[0];
        const double middle = std::ceil(event.until) + 0.5;
        const auto at = static_cast<std::size_t>(std::ceil(event.until));
        if (at >= 59) {
            continue;
        }
        const double cut = 0.9 - 0.5 * (middle - event.until) / 2;
        ASSERT_NEAR(exports(*record.disrupted, at, region_named(model, "x")),
                    free_flow * (1 - cut), 1e-9);
        ++checked;
    }
    EXPECT_GT(checked, 20);
}

/// Restrictions with half a year's notice where users may take fright.
Model with_notice(std::optional<double> front_running_share)
{
    ScenarioBuilder builder = exporter_and_two();
    StockEntry& users = builder.stocks("users", 2, 3);
    users.panic = PanicEntry{.max_extra_share = builder.number("panic.max", 1),
                             .build_months = builder.number("panic.build", 2),
                             .half_life_months = builder.number("panic.half_life", 6),
                             .front_running_share = std::nullopt};
    if (front_running_share) {
        users.panic->front_running_share =
            builder.number("panic.front_running", *front_running_share);
    }
    RestrictionHazardEntry& hazard = builder.restriction_hazard(
        "cuts", builder.terms("x", Instrument::quota), 0.2, Fixed{0.5}, Fixed{365.25});
    hazard.notice_days = builder.mark(365.25 / 2);
    return builder.model();
}

/// Calls `check(record, announced, from)` with each trial that one restriction strikes, and the
/// months in which it is announced and comes into force.
template <class Check>
int for_each_trial_with_one_restriction(const Model& model, Check check)
{
    TrialRunner runner(model, 1);
    int trials = 0;
    for (std::uint64_t trial = 0; trial < 200; ++trial) {
        const TrialRecord record = runner.run(trial);
        if (record.timeline->restrictions.size() != 1
            || record.timeline->restrictions[0].from >= 60) {
            continue;
        }
        const RestrictionEvent& event = record.timeline->restrictions[0];
        EXPECT_NEAR(event.from - event.announced, 6, 1e-12);
        check(record, static_cast<std::size_t>(event.announced),
              static_cast<std::size_t>(event.from));
        ++trials;
    }
    return trials;
}

TEST(Notice, IsAThreatBeforeTheRestrictionIsInForce)
{
    const Model model = with_notice(std::nullopt);
    const int trials = for_each_trial_with_one_restriction(
        model, [&](const TrialRecord& record, std::size_t announced, std::size_t from) {
            ShockCursor cursor;
            std::vector<RunningSpan> running(model.facilities.size());
            set_running_at_start(model, *record.parameters, running);
            cursor.start(model, *record.timeline);
            for (std::size_t at = 0; at <= from; ++at) {
                const Shock& shock = cursor.next(running);
                ASSERT_EQ(shock.threats.size(), at < announced ? 0U : 1U);
                ASSERT_EQ(shock.restrictions.size(), at < from ? 0U : 1U);
                if (at >= announced) {
                    ASSERT_EQ(shock.threats[0].in_force, at >= from);
                    ASSERT_EQ(shock.threats[0].severity, 0.5);
                }
            }
        });
    EXPECT_GT(trials, 30);
}

TEST(Notice, MakesUsersBuyAheadOfTheRestriction)
{
    const Model model = with_notice(std::nullopt);
    const std::size_t g = region_named(model, "g").index();
    const int trials = for_each_trial_with_one_restriction(
        model, [&](const TrialRecord& record, std::size_t announced, std::size_t from) {
            const Path& disrupted = *record.disrupted;
            const Path& reference = *record.reference;
            for (std::size_t at = 0; at < from; ++at) {
                const std::size_t cell = at * disrupted.cells + g;
                if (at <= announced) {  // What is read in a month is felt from the next on.
                    ASSERT_EQ(disrupted.log_price[cell], reference.log_price[cell]);
                    ASSERT_EQ(disrupted.stock[cell], reference.stock[cell]);
                } else {
                    ASSERT_GT(disrupted.log_price[cell], reference.log_price[cell] + 0.01);
                    ASSERT_GT(disrupted.stock[cell], reference.stock[cell]);
                }
            }
        });
    EXPECT_GT(trials, 30);
}

TEST(Notice, LeavesUsersAloneWhoDoNotRunAhead)
{
    const Model model = with_notice(0.0);
    const std::size_t g = region_named(model, "g").index();
    const int trials = for_each_trial_with_one_restriction(
        model, [&](const TrialRecord& record, std::size_t, std::size_t from) {
            const Path& disrupted = *record.disrupted;
            const Path& reference = *record.reference;
            for (std::size_t at = 0; at < from; ++at) {
                const std::size_t cell = at * disrupted.cells + g;
                ASSERT_EQ(disrupted.log_price[cell], reference.log_price[cell]);
            }
            const std::size_t struck = from * disrupted.cells + g;
            ASSERT_GT(disrupted.log_price[struck], reference.log_price[struck]);
        });
    EXPECT_GT(trials, 30);
}

TEST(ByProducts, OfOneOreFallTogether)
{
    // Users do not learn to save, or what is mined after a long outage might find no buyers.
    const Model model = model_of_text(R"(schema: 1
name: one_ore
start: 2009-01
months: 60
regions: [china, usa, japan]
stages: [mine]
balance: demand
commodities:
  neodymium:
    price_usd_per_kg: 30
    demand_elasticity: {short_run: 0.2, long_run: 0.2}
  cerium:
    price_usd_per_kg: 4
    demand_elasticity: {short_run: 0.4, long_run: 0.4}
  dysprosium:
    price_usd_per_kg: 200
    demand_elasticity: {short_run: 0.1, long_run: 0.1}
facilities:
  - name: bayan_obo
    region: china
    stage: mine
    capacity_t_per_year: 30000
    utilisation: 0.8
    outputs: {neodymium: 0.2, cerium: 0.5, dysprosium: 0.01}
  - name: mountain_pass
    region: usa
    stage: mine
    capacity_t_per_year: 4000
    commodity: cerium
demand:
  neodymium:
    japan: {t_per_year: 4800}
  cerium:
    japan: {t_per_year: 16000}
  dysprosium:
    japan: {t_per_year: 240}
hazards:
  outages:
    - name: fires
      facilities: [bayan_obo]
      rate_per_year: 1
      repair_days: {lognormal: {median: 40, sigma: 1}}
      loss_share: {uniform: [0.2, 1]}
)");
    TrialRunner runner(model, 1);
    int months_struck = 0;
    for (std::uint64_t trial = 0; trial < 50; ++trial) {
        const TrialRecord record = runner.run(trial);
        for (std::size_t at = 0; at < 60; ++at) {
            double available = 1;
            for (const OutageEvent& outage : record.timeline->outages) {
                available -= outage.loss * part_of_month(outage.from, outage.until, at);
            }
            months_struck += available < 1 ? 1 : 0;
            for (const char* name : {"neodymium", "cerium", "dysprosium"}) {
                const std::size_t cell = at * model.cells()
                                         + model.cell(testing::commodity_named(model, name),
                                                      region_named(model, "china"));
                ASSERT_NEAR(record.disrupted->output[cell] / record.reference->output[cell],
                            available, 1e-12)
                    << name << ", trial " << trial << ", month " << at;
            }
        }
    }
    EXPECT_GT(months_struck, 300);
}

}  // namespace
}  // namespace chokepoint
