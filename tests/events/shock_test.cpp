#include "chokepoint/events/shock.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "support/numbers.hpp"
#include "support/scenario_builder.hpp"

namespace chokepoint {
namespace {

using ::testing::ElementsAre;


/// Two mines, one of them a project that opens as `parameters.opening_month` says, ramp 4
/// months.
class ShockCursorTest : public ::testing::Test {
protected:
    ShockCursorTest()
    {
        ScenarioBuilder builder({"china", "japan"}, {"mine"});
        builder.commodity("neodymium");
        builder.mine("bayan_obo", "china", 1200);
        FacilityEntry& project = builder.mine("mount_weld", "japan", 100);
        project.opens = Date{2010, 1, 1};
        project.ramp_months = builder.number("facilities.mount_weld.ramp_months", 4);
        builder.demand("neodymium", "japan", 1200);
        model = builder.model();
        parameters = nominal_parameters(model);
    }

    void add_outage(std::size_t facility, double from, double until, double loss)
    {
        OutageEvent event;
        event.facility = FacilityId(facility);
        event.from = from;
        event.until = until;
        event.loss = loss;
        timeline.outages.push_back(event);
    }

    void add_restriction(double announced, double from, double until,
                         Cause cause = Cause::sampled)
    {
        RestrictionEvent event;
        event.cause = cause;
        event.announced = announced;
        event.from = from;
        event.until = until;
        timeline.restrictions.push_back(event);
    }

    static std::vector<std::size_t> threatening(const Shock& shock)
    {
        std::vector<std::size_t> events;
        for (const Threat& threat : shock.threats) {
            events.push_back(threat.event);
        }
        return events;
    }

    /// The first months' shocks.
    std::vector<Shock> shocks(int months) const
    {
        ShockCursor cursor;
        std::vector<RunningSpan> running(model.facilities.size());
        cursor.start(model, timeline);
        set_running_at_start(model, parameters, running);
        std::vector<Shock> list;
        for (int month = 0; month < months; ++month) {
            list.push_back(cursor.next(running));
        }
        return list;
    }

    std::vector<double> availability(std::size_t facility, int months) const
    {
        std::vector<double> shares;
        for (const Shock& shock : shocks(months)) {
            shares.push_back(shock.availability[facility]);
        }
        return shares;
    }

    Model model;
    Parameters parameters;
    Timeline timeline;
};

TEST_F(ShockCursorTest, LeavesQuietMonthsAlone)
{
    for (const Shock& shock : shocks(3)) {
        EXPECT_TRUE(shock.quiet);
        EXPECT_THAT(shock.availability, ElementsAre(1, 0));
        EXPECT_TRUE(shock.restrictions.empty());
    }
}

TEST_F(ShockCursorTest, TakesAwayTheShareOfTheMonthThatAnOutageLasts)
{
    add_outage(0, 1.25, 3.5, 0.4);
    EXPECT_THAT(availability(0, 5),
                ElementsAre(1, ::testing::DoubleEq(1 - 0.75 * 0.4), ::testing::DoubleEq(0.6),
                            ::testing::DoubleEq(0.8), 1));
}

TEST_F(ShockCursorTest, MultipliesOutagesWhereTheyOverlap)
{
    // Month 0: 0.5 on [0.2, 1], 0.8 on [0.6, 1]. Month 1: both until 1.5, then the second
    // alone.
    add_outage(0, 0.2, 1.5, 0.5);
    add_outage(0, 0.6, 2.0, 0.8);
    const double first = 0.2 + 0.4 * 0.5 + 0.4 * 0.5 * 0.2;
    const double second = 0.5 * 0.5 * 0.2 + 0.5 * 0.2;
    EXPECT_THAT(availability(0, 3),
                ElementsAre(::testing::DoubleEq(first), ::testing::DoubleEq(second), 1));
}

TEST_F(ShockCursorTest, CountsOutagesThatBeganBeforeTheStart)
{
    add_outage(0, -2, 0.5, 1);
    EXPECT_THAT(availability(0, 2), ElementsAre(0.5, 1));
}

TEST_F(ShockCursorTest, GivesEachFacilityItsOwnOutages)
{
    parameters.opening_month[1] = -infinity;
    add_outage(1, 0, 0.5, 1);
    add_outage(0, 0.25, 0.5, 1);
    EXPECT_THAT(shocks(1)[0].availability, ElementsAre(0.75, 0.5));
}

TEST_F(ShockCursorTest, RampsAProjectUpLinearly)
{
    // Opens at 1.5, full from 5.5.
    parameters.opening_month[1] = 1.5;
    const std::vector<double> expected = {0,    0.5 * 0.5 * 0.125,           0.25, 0.5,
                                          0.75, 0.5 * (0.875 + 1) / 2 + 0.5, 1};
    EXPECT_THAT(availability(1, 7),
                ::testing::Pointwise(::testing::DoubleNear(1e-15), expected));
    EXPECT_EQ(availability(1, 7).back(), 1);
    EXPECT_TRUE(shocks(7).back().quiet);
    EXPECT_TRUE(shocks(3).back().quiet);
}

TEST_F(ShockCursorTest, OpensAProjectWithoutRampAtOnce)
{
    parameters.values[model.facilities[1].opening->ramp.index()] = 0;
    parameters.opening_month[1] = 1.25;
    EXPECT_THAT(availability(1, 3), ElementsAre(0, 0.75, 1));
}

TEST_F(ShockCursorTest, AveragesRampAndOutageTogether)
{
    // The ramp on [0, 4] and an outage in the second half of month 0, where most output would
    // be.
    parameters.opening_month[1] = 0;
    add_outage(1, 0.5, 1, 1);
    EXPECT_DOUBLE_EQ(availability(1, 1)[0], 0.5 * 0.5 * 0.125);
}

TEST_F(ShockCursorTest, NamesRestrictionsInForceAndThreatsFromTheirAnnouncement)
{
    add_restriction(-infinity, -infinity, infinity, Cause::standing);
    add_restriction(0.5, 2.5, 3.5);
    add_restriction(3.25, 3.25, 3.5);
    const std::vector<Shock> list = shocks(5);
    const auto in_force = [](const Shock& shock) {
        std::vector<std::size_t> events;
        for (const ActiveRestriction& restriction : shock.restrictions) {
            events.push_back(restriction.event);
        }
        return events;
    };
    EXPECT_THAT(in_force(list[0]), ElementsAre(0));
    EXPECT_THAT(threatening(list[0]), ElementsAre(1));
    EXPECT_THAT(in_force(list[2]), ElementsAre(0, 1));
    EXPECT_EQ(list[2].restrictions[1].share, 0.5);
    EXPECT_THAT(in_force(list[3]), ElementsAre(0, 1, 2));
    EXPECT_THAT(threatening(list[3]), ElementsAre(1, 2));
    EXPECT_THAT(in_force(list[4]), ElementsAre(0));
    EXPECT_TRUE(list[4].threats.empty());
    EXPECT_FALSE(list[4].quiet);
}

TEST_F(ShockCursorTest, KeepsTimelineOrderWhenALaterOneIsAnnouncedFirst)
{
    add_restriction(1.5, 2, 4);
    add_restriction(0.5, 3, 4);
    const std::vector<Shock> list = shocks(4);
    EXPECT_THAT(threatening(list[0]), ElementsAre(1));
    EXPECT_THAT(threatening(list[1]), ElementsAre(0, 1));
    EXPECT_EQ(list[3].restrictions[0].event, 0U);
}

TEST_F(ShockCursorTest, CountsAThreatUntilItsPhasingOutIsOver)
{
    add_restriction(0, 0, 1);
    timeline.restrictions[0].phase_out = 1.5;
    const std::vector<Shock> list = shocks(4);
    EXPECT_FALSE(list[2].quiet);
    EXPECT_NEAR(list[2].restrictions[0].share, 0.5 * 0.5 * (0.5 / 1.5), 1e-15);
    EXPECT_TRUE(list[3].quiet);
}

RC_GTEST_PROP(ShockProperties, AvailabilityIsTheTimeAverageOfWhatIsLeft, ())
{
    ScenarioBuilder builder({"china"}, {"mine"});
    builder.commodity("neodymium");
    builder.mine("bayan_obo", "china", 1200);
    builder.demand("neodymium", "china", 1200);
    const Model model = builder.model();
    const Parameters parameters = nominal_parameters(model);

    // Times on a grid of hundredths, so that a sum over the grid's cells is exact.
    Timeline timeline;
    const int count = *rc::gen::inRange(0, 6);
    for (int number = 0; number < count; ++number) {
        OutageEvent event;
        const int from = *rc::gen::inRange(0, 300);
        event.from = from / 100.0;
        event.until = (from + *rc::gen::inRange(1, 200)) / 100.0;
        event.loss = *rc::gen::inRange(0, 100) / 100.0;
        timeline.outages.push_back(event);
    }
    std::sort(timeline.outages.begin(), timeline.outages.end(),
              [](const OutageEvent& left, const OutageEvent& right) {
                  return left.from < right.from;
              });

    ShockCursor cursor;
    std::vector<RunningSpan> running(model.facilities.size());
    cursor.start(model, timeline);
    set_running_at_start(model, parameters, running);
    for (int month = 0; month < 6; ++month) {
        double expected = 0;
        for (int cell = 0; cell < 100; ++cell) {
            const double time = month + (cell + 0.5) / 100;
            double left = 1;
            for (const OutageEvent& event : timeline.outages) {
                left *= event.from < time && time < event.until ? 1 - event.loss : 1.0;
            }
            expected += left / 100;
        }
        RC_ASSERT(std::abs(cursor.next(running).availability[0] - expected) < 1e-12);
    }
}

}  // namespace
}  // namespace chokepoint
