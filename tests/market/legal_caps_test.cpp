#include "chokepoint/market/legal_caps.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "market/market_run.hpp"
#include "support/numbers.hpp"

namespace chokepoint {
namespace {

using testing::MarketRun;
using testing::month;
using testing::one_stage;
using testing::tax;


/// x mines 130 and uses 80, w mines 5 and uses 30, g uses 25: F = 50 for all exports of x, of
/// which 25 go to w and 25 to g.
ScenarioBuilder exporter_and_two()
{
    return one_stage({{"x", 130, 80}, {"w", 5, 30}, {"g", 0, 25}});
}

/// The rules of one scenario whose only measure is `terms`, applied to events written by hand.
class Rules {
public:
    Rules(ScenarioBuilder builder, const RestrictionTerms& terms, RestrictionEvent event)
        : model(scripted(std::move(builder), terms)),
          parameters(nominal_parameters(model)),
          rules(model)
    {
        event.measure = MeasureId(0);
        timeline.restrictions = {event};
        start_state(model, parameters, timeline, state);
    }
    Rules(const Rules&) = delete;
    Rules& operator=(const Rules&) = delete;

    const LegalCaps& at(int number)
    {
        state.month = number;
        shock.restrictions.clear();
        shock.threats.clear();
        const RestrictionEvent& event = timeline.restrictions[0];
        const auto [share, cut] = force_in(event, number);
        if (share > 0) {
            shock.restrictions.push_back({0, share, cut});
        }
        if (event.announced < number + 1 && number < event.until + event.phase_out) {
            shock.threats.push_back({0, event.severity, share > 0});
        }
        rules.apply(parameters, timeline, shock, reference, number, state.quota_left[0], legal);
        return legal;
    }
    /// The only cap of the month; infinite if there is none.
    double cap(int number)
    {
        const LegalCaps& found = at(number);
        return found.caps.empty() ? infinity : found.caps.front().cap;
    }
    /// Charges exports of every restricted arc and takes them off the allowance.
    void export_from_each_arc(double tonnes)
    {
        rules.charge(
            timeline, shock, parameters, legal,
            [tonnes](const RestrictedArc&) { return tonnes; }, used);
        state.quota_left[0][0] -= used[0];
    }
    double threat(const std::string& region) const
    {
        return legal.threat.empty() ? 0
                                    : legal.threat[testing::region_named(model, region).index()];
    }

    Model model;
    Parameters parameters;
    LegalCapRules rules;
    Timeline timeline;
    Shock shock;
    ReferenceExports reference;
    MarketState state;
    LegalCaps legal;
    std::vector<double> used;

private:
    static Model scripted(ScenarioBuilder builder, const RestrictionTerms& terms)
    {
        builder.scripted("measure", terms, month(0), month(36));
        return builder.model();
    }
};

RestrictionEvent between(double from, double until, double severity = 0)
{
    RestrictionEvent event;
    event.announced = event.from = from;
    event.until = until;
    event.severity = severity;
    return event;
}

TEST(LegalCaps, CutASeverityOfTheFreeFlowForTheShareOfTheMonthInForce)
{
    ScenarioBuilder builder = exporter_and_two();
    Rules rules(builder, builder.terms("x", Instrument::quota), between(1.25, 3.5, 0.6));
    EXPECT_EQ(rules.cap(0), infinity);
    EXPECT_NEAR(rules.cap(1), 50 * (1 - 0.6 * 0.75), 1e-12);
    EXPECT_NEAR(rules.cap(2), 50 * (1 - 0.6), 1e-12);
    EXPECT_NEAR(rules.cap(3), 50 * (1 - 0.6 * 0.5), 1e-12);
    EXPECT_EQ(rules.cap(4), infinity);
}

TEST(LegalCaps, RampInAndOut)
{
    ScenarioBuilder builder = exporter_and_two();
    RestrictionEvent event = between(0, 4, 1);
    event.phase_in = event.phase_out = 2;
    Rules rules(builder, builder.terms("x", Instrument::ban), event);
    for (const auto& [number, force] :
         {std::pair{0, 0.25}, {1, 0.75}, {2, 1.0}, {3, 1.0}, {4, 0.75}, {5, 0.25}}) {
        EXPECT_NEAR(rules.cap(number), 50 * (1 - force), 1e-12) << number;
    }
    EXPECT_EQ(rules.cap(6), infinity);
}

TEST(LegalCaps, LeakAShareOfWhatIsCut)
{
    ScenarioBuilder builder = exporter_and_two();
    RestrictionTerms terms = builder.terms("x", Instrument::quota);
    terms.leakage = builder.number("leakage", 0.3);
    EXPECT_NEAR(Rules(builder, terms, between(0, 9, 0.6)).cap(2), 20 + 0.3 * 30, 1e-12);
    EXPECT_NEAR(Rules(builder, terms, between(0, 9, 1)).cap(2), 0.3 * 50, 1e-12);
    terms.quota_t = builder.number("quota", 60);
    terms.period_months = 1;
    EXPECT_NEAR(Rules(builder, terms, between(0, 9)).cap(2), 60, 1e-12);
}

TEST(LegalCaps, FollowTheReferenceExports)
{
    ScenarioBuilder builder = exporter_and_two();
    Rules rules(builder, builder.terms("x", Instrument::quota), between(0, 9, 0.6));
    const std::vector<double> start{40, 0, 0};
    const std::vector<double> now{60, 0, 0};
    rules.reference = {now, start};
    EXPECT_NEAR(rules.cap(2), 50 * (60.0 / 40) * 0.4, 1e-12);
}

TEST(LegalCaps, CapTheFlowToEachTarget)
{
    ScenarioBuilder builder = exporter_and_two();
    RestrictionTerms terms = builder.terms("x", Instrument::quota);
    terms.targets = {false, {"g"}, builder.next_place()};
    Rules rules(builder, terms, between(0, 9, 0.6));
    const LegalCaps& legal = rules.at(1);
    ASSERT_EQ(legal.caps.size(), 1U);
    EXPECT_EQ(legal.caps[0].arc.to, testing::region_named(rules.model, "g"));
    EXPECT_NEAR(legal.caps[0].cap, 25 * 0.4, 1e-12);
}

TEST(LegalCaps, WeighTaxesByTheShareOfTheMonth)
{
    ScenarioBuilder builder = exporter_and_two();
    Rules rules(builder, tax(builder, "x", 0.2), between(1.25, 5));
    EXPECT_TRUE(rules.at(0).taxes.empty());
    ASSERT_EQ(rules.at(1).taxes.size(), 1U);
    EXPECT_NEAR(rules.legal.taxes[0].factor, 1 + 0.2 * 0.75, 1e-12);
    EXPECT_NEAR(rules.at(2).taxes[0].factor, 1.2, 1e-12);
    EXPECT_TRUE(rules.legal.caps.empty());
}

/// 60 t a period of six months, front-loaded by `loading`.
RestrictionTerms half_yearly(ScenarioBuilder& builder, double loading)
{
    RestrictionTerms terms = builder.terms("x", Instrument::quota);
    terms.quota_t = builder.number("quota", 60);
    terms.period_months = 6;
    terms.front_loading = builder.number("loading", loading);
    return terms;
}

TEST(QuotaCalendar, SpreadsThePeriodsTonnageByTheFrontLoading)
{
    ScenarioBuilder builder = exporter_and_two();
    Rules rules(builder, half_yearly(builder, 1.5), between(0, 12));
    double weights = 0;
    for (int number = 0; number < 6; ++number) {
        weights += std::exp(-1.5 * number / 6);
    }
    double allowed = 0;
    for (int number = 0; number < 6; ++number) {
        const double cap = rules.cap(number);
        EXPECT_NEAR(cap, 60 * std::exp(-1.5 * number / 6) / weights, 1e-9);
        allowed += cap;
        rules.export_from_each_arc(cap);
    }
    EXPECT_NEAR(allowed, 60, 1e-9);
    EXPECT_NEAR(rules.state.quota_left[0][0], 0, 1e-9);
}

TEST(QuotaCalendar, HandsUnusedAllowanceOnWithinThePeriodOnly)
{
    ScenarioBuilder builder = exporter_and_two();
    Rules rules(builder, half_yearly(builder, 0), between(0, 12));
    EXPECT_NEAR(rules.cap(0), 10, 1e-12);
    rules.export_from_each_arc(4);
    EXPECT_NEAR(rules.cap(1), 56.0 / 5, 1e-12);
    for (int number = 1; number < 5; ++number) {
        rules.cap(number);
        rules.export_from_each_arc(0);
    }
    EXPECT_NEAR(rules.cap(5), 56, 1e-12);
    rules.export_from_each_arc(1);
    EXPECT_NEAR(rules.cap(6), 10, 1e-12);
}

TEST(QuotaCalendar, CountsWhatAPeriodUsedUpBeforeTheScenarioAsGone)
{
    ScenarioBuilder builder = exporter_and_two();
    Rules rules(builder, half_yearly(builder, 0), between(-8, 16));
    for (int number = 0; number < 12; ++number) {
        EXPECT_NEAR(rules.cap(number), 10, 1e-12);
        rules.export_from_each_arc(10);
    }
}

TEST(QuotaCalendar, ChargesNoLeakedTonnes)
{
    ScenarioBuilder builder = exporter_and_two();
    RestrictionTerms terms = half_yearly(builder, 0);
    terms.leakage = builder.number("leakage", 0.5);
    Rules rules(builder, terms, between(0, 12));
    EXPECT_NEAR(rules.cap(0), 10 + 0.5 * 40, 1e-12);
    rules.export_from_each_arc(30);
    EXPECT_NEAR(rules.used[0], 10, 1e-12);
    EXPECT_NEAR(rules.cap(1), 10 + 0.5 * 40, 1e-12);
}

TEST(QuotaCalendar, CountsPartsOfMonthsAsParts)
{
    ScenarioBuilder builder = exporter_and_two();
    RestrictionTerms terms = builder.terms("x", Instrument::quota);
    terms.quota_t = builder.number("quota", 60);
    Rules rules(builder, terms, between(0.5, 3));
    // 60 t in 2.5 months are 24 t a month; the free half of the first month lets 25 t out.
    EXPECT_NEAR(rules.cap(0), 0.5 * 24 + 0.5 * 50, 1e-12);
    rules.export_from_each_arc(37);
    EXPECT_NEAR(rules.used[0], 12, 1e-12);
    EXPECT_NEAR(rules.cap(1), 24, 1e-12);
}

TEST(QuotaCalendar, SharesOneTonnageOverTargets)
{
    ScenarioBuilder builder = exporter_and_two();
    RestrictionTerms terms = half_yearly(builder, 0);
    terms.targets = {false, {"w", "g"}, builder.next_place()};
    terms.leakage = builder.number("leakage", 0.25);
    Rules rules(builder, terms, between(0, 12));
    const LegalCaps& legal = rules.at(0);
    EXPECT_TRUE(legal.caps.empty());
    ASSERT_EQ(legal.quota_count, 1U);
    EXPECT_EQ(legal.quotas[0].members.size(), 2U);
    EXPECT_NEAR(legal.quotas[0].limit, 10 + 0.25 * 40, 1e-12);
}

TEST(Threat, IsTheShareOfNeedThatTheRestrictionReaches)
{
    ScenarioBuilder builder = exporter_and_two();
    Rules rules(builder, builder.terms("x", Instrument::quota), between(2, 4, 0.6));
    rules.timeline.restrictions[0].announced = 1;
    rules.at(0);
    EXPECT_EQ(rules.threat("g"), 0);
    for (const int number : {1, 2, 3}) {  // Announced is as bad as in force.
        rules.at(number);
        EXPECT_NEAR(rules.threat("g"), 0.6 * 25 / 25, 1e-12);
        EXPECT_NEAR(rules.threat("w"), 0.6 * 25 / 30, 1e-12);
        EXPECT_EQ(rules.threat("x"), 0);
    }
    rules.at(4);
    EXPECT_EQ(rules.threat("g"), 0);
}

TEST(Threat, OfAnAbsoluteQuotaIsWhatItFallsShortOfTheFreeFlow)
{
    ScenarioBuilder builder = exporter_and_two();
    Rules rules(builder, half_yearly(builder, 0), between(2, 8));
    rules.timeline.restrictions[0].announced = 0;
    for (const int number : {0, 1, 2}) {
        rules.at(number);
        EXPECT_NEAR(rules.threat("g"), 1 - 10.0 / 50, 1e-12) << number;
    }
}

TEST(Threat, OfATargetedRestrictionReachesTheTargetOnly)
{
    ScenarioBuilder builder = exporter_and_two();
    RestrictionTerms terms = builder.terms("x", Instrument::ban);
    terms.targets = {false, {"g"}, builder.next_place()};
    Rules rules(builder, terms, between(0, 8, 1));
    rules.at(0);
    EXPECT_EQ(rules.threat("w"), 0);
    EXPECT_NEAR(rules.threat("g"), 1, 1e-12);
}

TEST(Threat, IsNotSpreadByTaxesAndStandingMeasures)
{
    ScenarioBuilder builder = exporter_and_two();
    Rules taxed(builder, tax(builder, "x", 0.5), between(0, 8));
    taxed.at(1);
    EXPECT_EQ(taxed.threat("g"), 0);

    RestrictionTerms quota = builder.terms("x", Instrument::quota);
    quota.quota_t = builder.number("quota", 60);
    quota.period_months = 1;
    builder.standing("standing", quota);
    MarketRun run(builder);
    run.next();
    EXPECT_EQ(run.clearing.threat, LaneArray<double>(3, 0.0));
}

}  // namespace
}  // namespace chokepoint
