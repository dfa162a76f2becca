#include "chokepoint/events/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/exact_law.hpp"
#include "support/numbers.hpp"
#include "support/scenario_builder.hpp"

namespace chokepoint {
namespace {

ScenarioBuilder one_mine(int months = 36)
{
    ScenarioBuilder builder({"china", "japan"}, {"mine"});
    builder.scenario.months = months;
    builder.commodity("neodymium");
    builder.mine("bayan_obo", "china", 1200);
    builder.demand("neodymium", "japan", 1200);
    return builder;
}

Timeline timeline_of(const Model& model, std::uint64_t trial, std::uint64_t seed = 1)
{
    Parameters parameters;
    Timeline timeline;
    draw_parameters(model, {.seed = seed, .trial = trial}, parameters);
    sample_timeline(model, parameters, {.seed = seed, .trial = trial}, timeline);
    return timeline;
}

/// Mean and variance of what a function of the timeline gives, over trials.
struct Moments {
    testing::Estimated mean, variance;
};

template <class Function>
Moments moments_over_trials(const Model& model, std::uint64_t trials, Function function)
{
    testing::Sample sample;
    testing::for_each_trial(model, trials,
                            [&](const Timeline& timeline) { sample.add(function(timeline)); });
    return {sample.mean(), sample.variance()};
}

double count_restrictions(const Timeline& timeline)
{
    return static_cast<double>(timeline.restrictions.size());
}

/// Years without the facility before `horizon` months.
double years_down(const Timeline& timeline, double horizon)
{
    double months = 0;
    for (const OutageEvent& outage : timeline.outages) {
        months += std::min(outage.until, horizon) - outage.from;
    }
    return months / 12;
}

TEST(SampledRestrictions, AreCountedByThePoissonLaw)
{
    ScenarioBuilder builder = one_mine(120);
    builder.restriction_hazard("cuts", builder.terms("china", Instrument::quota), 0.3,
                               Uniform{.low = 0.3, .high = 0.9},
                               Lognormal{.median = 85, .sigma = 1});
    const Model model = builder.model();
    const Moments counts = moments_over_trials(model, 40'000, count_restrictions);
    EXPECT_NEAR(counts.mean.value, 3, 4 * counts.mean.error);
    EXPECT_NEAR(counts.variance.value, 3, 4 * counts.variance.error);
    EXPECT_LT(4 * counts.mean.error, 0.04);
    EXPECT_LT(4 * counts.variance.error, 0.1);

    const Moments none = moments_over_trials(model, 40'000, [](const Timeline& timeline) {
        return timeline.restrictions.empty() ? 1.0 : 0.0;
    });
    EXPECT_NEAR(none.mean.value, testing::exact_value("compound_poisson", "P(S=0)"),
                4 * none.mean.error);
    EXPECT_LT(4 * none.mean.error, 0.005);
}

TEST(SampledRestrictions, AddUpAsACompoundPoissonLaw)
{
    // Lengths of exp(-0.5 + 0.8 Z) years, 0.3 a year, over ten years.
    ScenarioBuilder builder = one_mine(120);
    builder.restriction_hazard("cuts", builder.terms("china", Instrument::quota), 0.3,
                               Fixed{0.5},
                               Lognormal{.median = 365.25 * std::exp(-0.5), .sigma = 0.8});
    const Model model = builder.model();
    const Moments years = moments_over_trials(model, 40'000, [](const Timeline& timeline) {
        double sum = 0;
        for (const RestrictionEvent& event : timeline.restrictions) {
            sum += (event.until - event.from) / 12;
        }
        return sum;
    });
    EXPECT_NEAR(years.mean.value, testing::exact_value("compound_poisson", "mean"),
                4 * years.mean.error);
    EXPECT_NEAR(years.variance.value, testing::exact_value("compound_poisson", "variance"),
                4 * years.variance.error);
    EXPECT_LT(4 * years.mean.error, 0.05);
    EXPECT_LT(4 * years.variance.error, 0.3);
}

TEST(SampledRestrictions, SpreadEvenlyOverTheHorizon)
{
    ScenarioBuilder builder = one_mine(120);
    builder.restriction_hazard("cuts", builder.terms("china", Instrument::ban), 2, Fixed{1},
                               Fixed{60});
    const Model model = builder.model();
    const Moments late = moments_over_trials(model, 5'000, [](const Timeline& timeline) {
        double sum = 0;
        for (const RestrictionEvent& event : timeline.restrictions) {
            EXPECT_GE(event.announced, 0);
            EXPECT_LT(event.announced, 120);
            sum += event.announced >= 90 ? 1 : 0;
        }
        return sum;
    });
    EXPECT_NEAR(late.mean.value, 5, 4 * late.mean.error);
    EXPECT_LT(4 * late.mean.error, 0.15);
}

TEST(SampledRestrictions, StartAfterNoticeAndLastAsDrawn)
{
    ScenarioBuilder builder = one_mine(60);
    RestrictionHazardEntry& hazard =
        builder.restriction_hazard("cuts", builder.terms("china", Instrument::quota), 3,
                                   Uniform{.low = 0.3, .high = 0.5}, Fixed{365.25 / 2});
    hazard.notice_days = builder.mark(365.25);
    hazard.phase_in_months =
        builder.number("hazards.export_restrictions.cuts.phase_in_months", 2);
    hazard.phase_out_months =
        builder.number("hazards.export_restrictions.cuts.phase_out_months", 3);
    const Timeline timeline = timeline_of(builder.model(), 0);
    ASSERT_GT(timeline.restrictions.size(), 5U);
    for (const RestrictionEvent& event : timeline.restrictions) {
        EXPECT_EQ(event.cause, Cause::sampled);
        EXPECT_NEAR(event.from - event.announced, 12, 1e-12);
        EXPECT_NEAR(event.until - event.from, 6, 1e-12);
        EXPECT_EQ(event.phase_in, 2);
        EXPECT_EQ(event.phase_out, 3);
        EXPECT_GE(event.severity, 0.3);
        EXPECT_LT(event.severity, 0.5);
    }
}

TEST(SampledRestrictions, OfBansCutAllAndOfTaxesNothing)
{
    ScenarioBuilder builder = one_mine(60);
    const Distribution severity(Uniform{.low = 0.3, .high = 0.5});
    builder.restriction_hazard("bans", builder.terms("china", Instrument::ban), 3, severity,
                               Fixed{60});
    RestrictionTerms tax = builder.terms("china", Instrument::tax);
    tax.tax_rate = builder.number("hazards.export_restrictions.taxes.tax_rate", 0.2);
    builder.restriction_hazard("taxes", tax, 3, severity, Fixed{60});
    const Timeline timeline = timeline_of(builder.model(), 0);
    ASSERT_GT(timeline.restrictions.size(), 10U);
    for (const RestrictionEvent& event : timeline.restrictions) {
        EXPECT_EQ(event.severity, event.measure == MeasureId(0) ? 1 : 0);
    }
}

TEST(SampledOutages, AreUpAtADateAsOftenAsTheTheorySays)
{
    // Fails 0.25 times a year, repaired 2 times a year, running at the start; A(0.7 years).
    ScenarioBuilder builder = one_mine(60);
    builder.outage_hazard("fires", {"bayan_obo"}, 0.25, Exponential{.mean = 365.25 / 2})
        .starts_running = true;
    const Moments up =
        moments_over_trials(builder.model(), 40'000, [](const Timeline& timeline) {
            const double date = 0.7 * 12;
            const bool down = std::any_of(timeline.outages.begin(), timeline.outages.end(),
                                          [&](const OutageEvent& outage) {
                                              return outage.from <= date && date < outage.until;
                                          });
            return down ? 0.0 : 1.0;
        });
    EXPECT_NEAR(up.mean.value, testing::exact_value("alternating_renewal_exp", "A(t)"),
                4 * up.mean.error);
    EXPECT_LT(4 * up.mean.error, 0.01);
}

TEST(SampledOutages, TakeTheirLongRunShareOfTime)
{
    // Exponential running time of 4 years, lognormal repair of half a year on average.
    ScenarioBuilder builder = one_mine(1200);
    builder
        .outage_hazard("fires", {"bayan_obo"}, 0.25,
                       Lognormal{.median = 365.25 * 0.5 * std::exp(-0.5), .sigma = 1})
        .starts_running = true;
    const Moments down = moments_over_trials(
        builder.model(), 4'000,
        [](const Timeline& timeline) { return years_down(timeline, 1200) / 100; });
    const double availability = testing::exact_value("alternating_renewal_general",
                                                     "steady availability MTBF/(MTBF+MTTR)");
    // A start in running state saves, in the long run, A ((a^2 + a d + E[D^2] / 2) / (a + d) -
    // a) years, with mean running time a and mean repair time d.
    const double square_of_repair = 0.25 * std::exp(1.0);
    const double saved = availability * ((16 + 2 + square_of_repair / 2) / 4.5 - 4);
    EXPECT_NEAR(down.mean.value, 1 - availability - saved / 100, 4 * down.mean.error);
    EXPECT_LT(4 * down.mean.error, 0.003);
}

TEST(SampledOutages, OfAlmostNoLengthAreCountedByThePoissonLaw)
{
    ScenarioBuilder builder = one_mine(120);
    builder.outage_hazard("trips", {"bayan_obo"}, 0.5, Fixed{1e-6});
    const Moments counts = moments_over_trials(
        builder.model(), 40'000,
        [](const Timeline& timeline) { return static_cast<double>(timeline.outages.size()); });
    EXPECT_NEAR(counts.mean.value, 5, 4 * counts.mean.error);
    EXPECT_NEAR(counts.variance.value, 5, 4 * counts.variance.error);
    EXPECT_LT(4 * counts.mean.error, 0.05);
    EXPECT_LT(4 * counts.variance.error, 0.2);
}

TEST(SampledOutages, OfFixedLengthAreCountedByTheRenewalLaw)
{
    // At least n outages before T: n running times end before T - (n - 1) D, an Erlang law.
    ScenarioBuilder builder = one_mine(120);
    builder.outage_hazard("fires", {"bayan_obo"}, 0.5, Fixed{365.25}).starts_running = true;
    const Model model = builder.model();
    const auto at_least = [](int count) {
        const double events = 0.5 * (10 - (count - 1));
        double fewer = 0;
        double term = std::exp(-events);
        for (int number = 0; number < count; ++number) {
            fewer += term;
            term *= events / (number + 1);
        }
        return 1 - fewer;
    };
    for (const int count : {1, 3, 5}) {
        const Moments reached =
            moments_over_trials(model, 20'000, [count](const Timeline& timeline) {
                return timeline.outages.size() >= static_cast<std::size_t>(count) ? 1.0 : 0.0;
            });
        EXPECT_NEAR(reached.mean.value, at_least(count), 4 * reached.mean.error);
        EXPECT_LT(4 * reached.mean.error, 0.015);
    }
}

TEST(SampledOutages, LastAsLongAsTheirRepair)
{
    ScenarioBuilder builder = one_mine(600);
    builder.outage_hazard("fires", {"bayan_obo"}, 4, Fixed{365.25 / 4});
    const Timeline timeline = timeline_of(builder.model(), 3);
    ASSERT_GT(timeline.outages.size(), 50U);
    for (const OutageEvent& outage : timeline.outages) {
        EXPECT_NEAR(outage.until - outage.from, 3, 1e-9);
    }
}

TEST(SampledOutages, OfOneCauseDoNotOverlap)
{
    ScenarioBuilder builder = one_mine(600);
    builder.outage_hazard("fires", {"bayan_obo"}, 4, Exponential{.mean = 60}, 0.5);
    const Timeline timeline = timeline_of(builder.model(), 3);
    ASSERT_GT(timeline.outages.size(), 50U);
    for (std::size_t next = 1; next < timeline.outages.size(); ++next) {
        EXPECT_GT(timeline.outages[next].from, timeline.outages[next - 1].until);
        EXPECT_EQ(timeline.outages[next].loss, 0.5);
    }
}

ScenarioBuilder several_hazards()
{
    ScenarioBuilder builder = one_mine(240);
    builder.restriction_hazard("cuts", builder.terms("china", Instrument::quota), 0.5,
                               Beta{.a = 2, .b = 2}, Lognormal{.median = 85, .sigma = 1});
    builder.outage_hazard("fires", {"bayan_obo"}, 0.5, Exponential{.mean = 90});
    return builder;
}

TEST(SampleTimeline, MovesNoEventWhenAHazardOrAFacilityIsAdded)
{
    ScenarioBuilder builder = several_hazards();
    const Model before = builder.model();
    builder.scenario.facilities.insert(builder.scenario.facilities.begin(),
                                       builder.scenario.facilities.front());
    builder.scenario.facilities.front().name = "first";
    builder.scenario.restriction_hazards.insert(builder.scenario.restriction_hazards.begin(),
                                                builder.scenario.restriction_hazards.front());
    builder.scenario.restriction_hazards.front().name = "more_cuts";
    builder.scenario.outage_hazards[0].facilities.names = {"first", "bayan_obo"};
    const Model after = builder.model();

    for (std::uint64_t trial = 0; trial < 1000; ++trial) {
        const Timeline alone = timeline_of(before, trial);
        const Timeline together = timeline_of(after, trial);
        std::vector<double> expected;
        std::vector<double> found;
        for (const RestrictionEvent& event : alone.restrictions) {
            expected.insert(expected.end(), {event.from, event.until, event.severity});
        }
        for (const OutageEvent& event : alone.outages) {
            expected.insert(expected.end(), {event.from, event.until, event.loss});
        }
        for (const RestrictionEvent& event : together.restrictions) {
            if (after.measures[event.measure.index()].name == "cuts") {
                found.insert(found.end(), {event.from, event.until, event.severity});
            }
        }
        for (const OutageEvent& event : together.outages) {
            if (after.facilities[event.facility.index()].name == "bayan_obo") {
                found.insert(found.end(), {event.from, event.until, event.loss});
            }
        }
        ASSERT_EQ(found, expected);
        ASSERT_GE(together.restrictions.size(), alone.restrictions.size());
    }
}

TEST(SampleTimeline, DoesNotDependOnTheTrialsDrawnBefore)
{
    const Model model = several_hazards().model();
    Parameters parameters;
    Timeline used;
    for (const std::uint64_t trial : {7U, 3U, 4711U, 3U}) {
        const TrialKey key{.seed = 1, .trial = trial};
        draw_parameters(model, key, parameters);
        sample_timeline(model, parameters, key, used);
        const Timeline fresh = timeline_of(model, trial);
        ASSERT_EQ(used.restrictions.size(), fresh.restrictions.size());
        ASSERT_EQ(used.outages.size(), fresh.outages.size());
        for (std::size_t event = 0; event < fresh.outages.size(); ++event) {
            EXPECT_EQ(used.outages[event].from, fresh.outages[event].from);
        }
    }
}

TEST(SampleTimeline, DrawsOneTrialUnlikeAnother)
{
    const Model model = several_hazards().model();
    EXPECT_NE(timeline_of(model, 0).outages.at(0).from,
              timeline_of(model, 1).outages.at(0).from);
    EXPECT_NE(timeline_of(model, 0, 1).outages.at(0).from,
              timeline_of(model, 0, 2).outages.at(0).from);
}

TEST(SampleTimeline, TakesTheEventsOfTheScriptWithTheirDates)
{
    // The stop of exports to Japan, 21 September to 19 November 2010.
    ScenarioBuilder builder = one_mine(72);
    ScriptedRestrictionEntry& stop = builder.scripted(
        "stop", builder.terms("china", Instrument::ban), {2010, 9, 21}, {2010, 11, 19});
    stop.announced = Date{2010, 9, 7};
    stop.phase_out_months = builder.number("hazards.scripted.stop.phase_out_months", 1);
    builder.scripted_outage("flood", "bayan_obo", {2010, 2, 15}, {2010, 3, 1}, 0.4);
    const Timeline timeline = timeline_of(builder.model(), 0);
    ASSERT_EQ(timeline.restrictions.size(), 1U);
    const RestrictionEvent& event = timeline.restrictions[0];
    EXPECT_EQ(event.cause, Cause::scripted);
    EXPECT_DOUBLE_EQ(event.announced, 20.2);
    EXPECT_DOUBLE_EQ(event.from, 20 + 2.0 / 3);
    EXPECT_DOUBLE_EQ(event.until, 22.6);
    EXPECT_EQ(event.severity, 1);
    EXPECT_EQ(event.phase_in, 0);
    EXPECT_EQ(event.phase_out, 1);
    EXPECT_NEAR(share_in_force(event, 20), 1.0 / 3, 1e-12);
    EXPECT_EQ(share_in_force(event, 21), 1);
    ASSERT_EQ(timeline.outages.size(), 1U);
    EXPECT_DOUBLE_EQ(timeline.outages[0].from, 13.5);
    EXPECT_EQ(timeline.outages[0].until, 14);
    EXPECT_EQ(timeline.outages[0].loss, 0.4);
    EXPECT_EQ(timeline.outages[0].source, 0U);
}

TEST(SampleTimeline, SortsByStartThenByPositionInTheModel)
{
    ScenarioBuilder builder = several_hazards();
    const RestrictionTerms ban = builder.terms("china", Instrument::ban);
    builder.scripted("second", ban, {2012, 1, 1}, {2013, 1, 1});
    builder.scripted("first", ban, {2011, 1, 1}, {2013, 1, 1});
    builder.scripted("beside_first", ban, {2011, 1, 1}, {2012, 1, 1});
    builder.scripted_outage("flood", "bayan_obo", {2012, 1, 1}, {2012, 6, 1});
    builder.standing("licence", builder.terms("china", Instrument::quota), 0);
    const Model model = builder.model();
    const Timeline timeline = timeline_of(model, 11);
    ASSERT_GT(timeline.restrictions.size(), 6U);
    EXPECT_EQ(timeline.restrictions[0].cause, Cause::standing);
    std::vector<std::string> scripted;
    for (const RestrictionEvent& event : timeline.restrictions) {
        if (event.cause == Cause::scripted) {
            scripted.push_back(model.measures[event.measure.index()].name);
        }
    }
    EXPECT_EQ(scripted, (std::vector<std::string>{"first", "beside_first", "second"}));
    const auto starts_earlier = [](const auto& left, const auto& right) {
        return left.from < right.from;
    };
    EXPECT_TRUE(std::is_sorted(timeline.restrictions.begin(), timeline.restrictions.end(),
                               starts_earlier));
    EXPECT_TRUE(
        std::is_sorted(timeline.outages.begin(), timeline.outages.end(), starts_earlier));
}

TEST(ReferenceTimeline, HoldsStandingMeasuresAlone)
{
    ScenarioBuilder builder = several_hazards();
    builder.scripted("stop", builder.terms("china", Instrument::ban), {2011, 1, 1},
                     {2012, 1, 1});
    builder.standing("licence", builder.terms("china", Instrument::quota), 0.1).from =
        Date{2010, 1, 1};
    const Model model = builder.model();
    Timeline timeline = timeline_of(model, 0);
    reference_timeline(model, nominal_parameters(model), timeline);
    ASSERT_EQ(timeline.restrictions.size(), 1U);
    EXPECT_EQ(timeline.restrictions[0].cause, Cause::standing);
    EXPECT_EQ(timeline.restrictions[0].severity, 0.1);
    EXPECT_EQ(timeline.restrictions[0].from, 12);
    EXPECT_EQ(timeline.restrictions[0].until, infinity);
    EXPECT_TRUE(timeline.outages.empty());
}

RestrictionEvent event_between(double from, double until, double phase_in = 0,
                               double phase_out = 0)
{
    RestrictionEvent event;
    event.from = from;
    event.until = until;
    event.phase_in = phase_in;
    event.phase_out = phase_out;
    return event;
}

TEST(ShareInForce, OfAPartMonthIsThatPart)
{
    const RestrictionEvent event = event_between(2.25, 4.5);
    EXPECT_EQ(share_in_force(event, 1), 0);
    EXPECT_EQ(share_in_force(event, 2), 0.75);
    EXPECT_EQ(share_in_force(event, 3), 1);
    EXPECT_EQ(share_in_force(event, 4), 0.5);
    EXPECT_EQ(share_in_force(event, 5), 0);
    EXPECT_DOUBLE_EQ(share_in_force(event_between(2.25, 2.5), 2), 0.25);
}

TEST(ShareInForce, IntegratesItsRampsExactly)
{
    // Rises over [0.5, 2.5], holds to 4, falls over [4, 5].
    const RestrictionEvent event = event_between(0.5, 4, 2, 1);
    EXPECT_DOUBLE_EQ(share_in_force(event, 0), 0.5 * 0.5 * 0.25);
    EXPECT_DOUBLE_EQ(share_in_force(event, 1), 0.5);
    EXPECT_DOUBLE_EQ(share_in_force(event, 2), 0.5 * (0.75 + 1) / 2 + 0.5);
    EXPECT_EQ(share_in_force(event, 3), 1);
    EXPECT_DOUBLE_EQ(share_in_force(event, 4), 0.5);
    EXPECT_EQ(share_in_force(event, 5), 0);
}

TEST(ShareInForce, FallsFromWhereAShortRestrictionGotTo)
{
    // Half in force when it ends at 1, then falls to nothing at 2.
    const RestrictionEvent event = event_between(0, 1, 2, 1);
    EXPECT_DOUBLE_EQ(share_in_force(event, 0), 0.25);
    EXPECT_DOUBLE_EQ(share_in_force(event, 1), 0.25);
    EXPECT_EQ(share_in_force(event, 2), 0);
}

TEST(ShareInForce, IsOneForEverWithoutDates)
{
    for (const double phase : {0.0, 2.0}) {
        const RestrictionEvent event = event_between(-infinity, infinity, phase, phase);
        EXPECT_EQ(share_in_force(event, 0), 1);
        EXPECT_EQ(share_in_force(event, 1199), 1);
    }
    EXPECT_EQ(share_in_force(event_between(-infinity, 3.5), 3), 0.5);
    EXPECT_EQ(share_in_force(event_between(3.5, infinity), 3), 0.5);
    EXPECT_EQ(share_in_force(event_between(3.5, infinity, 1), 3), 0.125);
}

RC_GTEST_PROP(ShareInForceProperties, AddsUpToTheAreaOfTheTrapezoid, ())
{
    const auto number = [](int below) { return *rc::gen::inRange(0, below * 1000) / 1000.0; };
    const double from = number(20);
    const double length = number(20);
    const double phase_in = number(10);
    const double phase_out = number(10);
    const RestrictionEvent event = event_between(from, from + length, phase_in, phase_out);
    double sum = 0;
    for (int month = 0; month < 60; ++month) {
        const double share = share_in_force(event, month);
        RC_ASSERT(share >= 0 && share <= 1);
        sum += share;
    }
    const double peak = length < phase_in ? length / phase_in : 1;
    const double rise = std::min(length, phase_in);
    const double area = peak * (rise / 2 + (length - rise) + phase_out / 2);
    RC_ASSERT(std::abs(sum - area) < 1e-9);
}

}  // namespace
}  // namespace chokepoint
