// Scripted events stand on top of what is sampled: they move none of it, and both act.

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "chokepoint/events/shock.hpp"
#include "support/exact_law.hpp"

namespace chokepoint {
namespace {

const std::string sampled = R"(
  export_restrictions:
    - {name: cuts, exporter: china, instrument: quota, rate_per_year: 0.6,
       severity: {uniform: [0.2, 0.6]}, duration_days: {lognormal: {median: 185, sigma: 1}}}
  contagion:
    - {name: again, from: cuts, to: cuts, offspring: 0.5, mean_delay_days: 200}
  outages:
    - {name: fires, facilities: {stage: mine}, rate_per_year: 0.5,
       repair_days: {exponential: {mean: 180}}, loss_share: {uniform: [0.2, 0.6]}}
  common_causes:
    - {name: quakes, facilities: {stage: mine}, rate_per_year: 1, strike_probability: 0.3,
       repair_days: {exponential: {mean: 90}}, loss_share: {uniform: [0.2, 0.6]}}
  price_shocks:
    processes:
      - {name: prices, commodity: cerium, volatility_per_year: 0.3,
         jumps: {rate_per_year: 0.8, size: {normal: {mean: 0.1, sd: 0.2}}}}
)";

/// The year 2010 with a ban and half of mine a lost.
const std::string scripted = R"(
  scripted:
    - {type: export_restriction, name: stop, exporter: china, instrument: ban, from: 2010-01,
       until: 2011-01}
    - {type: outage, name: flood, facility: a, from: 2010-01, until: 2011-01, loss_share: 0.5}
)";

struct Trial {
    Parameters parameters;
    Timeline timeline;
    std::vector<RunningSpan> running;
    ShockCursor cursor;

    Trial(const Model& model, std::uint64_t number)
    {
        draw_parameters(model, {1, number}, parameters);
        sample_timeline(model, parameters, {1, number}, timeline);
        running.resize(model.facilities.size());
        set_running_at_start(model, parameters, running);
        cursor.start(model, timeline);
    }
};

std::vector<std::tuple<std::string, double, double, double, double, std::uint64_t>>
sampled_restrictions(const Model& model, const Timeline& timeline)
{
    std::vector<std::tuple<std::string, double, double, double, double, std::uint64_t>> list;
    for (const RestrictionEvent& event : timeline.restrictions) {
        if (event.cause == Cause::sampled) {
            list.emplace_back(model.measures[event.measure.index()].name, event.announced,
                              event.from, event.until, event.severity, event.key);
        }
    }
    return list;
}

std::vector<std::tuple<std::string, FacilityId, double, double, double>> sampled_outages(
    const Model& model, const Timeline& timeline)
{
    std::vector<std::tuple<std::string, FacilityId, double, double, double>> list;
    for (const OutageEvent& event : timeline.outages) {
        if (event.cause == Cause::sampled) {
            list.emplace_back(model.outage_sources[event.source].name, event.facility,
                              event.from, event.until, event.loss);
        }
    }
    return list;
}

TEST(ScriptedEvents, LeaveSampledOnesAsTheyAreToTheBit)
{
    const Model alone = testing::model_with_hazards(sampled, 60);
    const Model both = testing::model_with_hazards(scripted + sampled, 60);
    std::size_t events = 0;
    for (std::uint64_t trial = 0; trial < 300; ++trial) {
        const Trial without(alone, trial);
        const Trial with(both, trial);
        const auto restrictions = sampled_restrictions(alone, without.timeline);
        const auto outages = sampled_outages(alone, without.timeline);
        ASSERT_EQ(restrictions, sampled_restrictions(both, with.timeline));
        ASSERT_EQ(outages, sampled_outages(both, with.timeline));
        ASSERT_EQ(without.timeline.price_shocks, with.timeline.price_shocks);
        ASSERT_EQ(with.timeline.restrictions.size(), restrictions.size() + 1);
        ASSERT_EQ(with.timeline.outages.size(), outages.size() + 1);
        events += restrictions.size() + outages.size();
    }
    EXPECT_GT(events, 3000U);
}

TEST(ScriptedEvents, AreInForceBesideSampledOnes)
{
    const Model alone = testing::model_with_hazards(sampled, 60);
    const Model both = testing::model_with_hazards(scripted + sampled, 60);
    int months_of_both_restrictions = 0;
    int months_of_both_outages = 0;
    for (std::uint64_t trial = 0; trial < 100; ++trial) {
        Trial without(alone, trial);
        Trial with(both, trial);
        for (int month = 0; month < 60; ++month) {
            const bool is_2010 = month >= 12 && month < 24;
            const Shock& background = without.cursor.next(without.running);
            const Shock& shock = with.cursor.next(with.running);
            ASSERT_EQ(shock.restrictions.size(),
                      background.restrictions.size() + (is_2010 ? 1 : 0));
            ASSERT_NEAR(shock.availability[0], background.availability[0] * (is_2010 ? 0.5 : 1),
                        1e-12);
            ASSERT_EQ(shock.availability[1], background.availability[1]);
            months_of_both_restrictions += is_2010 && !background.restrictions.empty() ? 1 : 0;
            months_of_both_outages += is_2010 && background.availability[0] < 1 ? 1 : 0;
        }
    }
    EXPECT_GT(months_of_both_restrictions, 100);
    EXPECT_GT(months_of_both_outages, 100);
}

}  // namespace
}  // namespace chokepoint
