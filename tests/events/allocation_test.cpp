#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

#include "chokepoint/events/shock.hpp"
#include "chokepoint/events/tilt.hpp"
#include "support/count_allocations.hpp"
#include "support/scenario_builder.hpp"

namespace chokepoint {
namespace {

/// Uncertain figures, written trade, a project, standing, scripted and sampled events.
Model eventful_model()
{
    ScenarioBuilder builder({"china", "japan", "usa"});
    builder.scenario.months = 72;
    builder.commodity("lanthanum");
    builder.commodity("neodymium").price_usd_per_kg =
        builder.number("commodities.neodymium.price_usd_per_kg",
                       Distribution(Lognormal{.median = 30, .sigma = 1}));
    builder.mine("pit", "china", 1000, {{"lanthanum", 0.6}, {"neodymium", 0.4}}).utilisation =
        builder.number("facilities.pit.utilisation",
                       Distribution(Uniform{.low = 0.7, .high = 1}));
    builder.mine("project", "usa", 200, {{"neodymium", 0.3}}).opens = Date{2011, 1, 1};
    builder.facility("refinery", "china", "refine", 1100);
    builder.demand("lanthanum", "japan", 600);
    builder.demand("neodymium", "japan", 300);
    builder.demand("neodymium", "usa", 100);
    builder.trade("refine", "neodymium", "china", "japan", 200);
    builder.trade("refine", "neodymium", "china", "usa", 100);
    RestrictionTerms quota = builder.terms("china", Instrument::quota);
    quota.quota_t = builder.number("standing_measures.quota.quota_t", 90);
    quota.period_months = 1;
    quota.shared = true;
    builder.standing("quota", quota);
    builder.scripted("stop", builder.terms("china", Instrument::ban), {2010, 9, 21},
                     {2010, 11, 19});
    builder.restriction_hazard("cuts", builder.terms("china", Instrument::quota), 2,
                               Beta{.a = 2, .b = 2}, Lognormal{.median = 85, .sigma = 1});
    builder.outage_hazard("fires", {"pit", "refinery"}, 2, Exponential{.mean = 60}, 0.5);
    return builder.model();
}

TEST(Allocation, ATrialTakesNoMemoryOnceWarm)
{
    const Model model = eventful_model();
    Parameters parameters;
    Timeline timeline;
    ShockCursor cursor;
    std::vector<RunningSpan> running(model.facilities.size());
    double events = 0;
    const auto run_trials = [&](std::uint64_t first, std::uint64_t last) {
        for (std::uint64_t trial = first; trial < last; ++trial) {
            const TrialKey key{.seed = 1, .trial = trial};
            draw_parameters(model, key, parameters);
            sample_timeline(model, parameters, key, timeline);
            cursor.start(model, timeline);
            set_running_at_start(model, parameters, running);
            for (int month = 0; month < model.months; ++month) {
                events += static_cast<double>(cursor.next(running).restrictions.size());
            }
        }
    };
    run_trials(0, 200);
    const std::size_t before = allocation_count;
    run_trials(0, 200);
    EXPECT_EQ(allocation_count, before);
    EXPECT_GT(events, 1000);
    EXPECT_GT(before, 100U);  // the count counts
}

TEST(Allocation, ATiltedTrialTakesNoMemoryOnceWarm)
{
    const Model model = eventful_model();
    const TiltKnobs knobs(model);
    const Tilt tilt{{{.share = 0.9, .factors = std::vector<double>(knobs.size(), 1.2)}}};
    TiltedDraws draws(knobs, tilt);
    Parameters parameters;
    Timeline timeline;
    double weights = 0;
    const auto run_trials = [&] {
        for (std::uint64_t trial = 0; trial < 200; ++trial) {
            const TrialKey key{.seed = 1, .trial = trial};
            draws.start(key);
            draw_parameters(model, key, parameters, nullptr, &draws);
            sample_timeline(model, parameters, key, timeline, &draws);
            weights += timeline.log_weight;
        }
    };
    run_trials();
    const std::size_t before = allocation_count;
    run_trials();
    EXPECT_EQ(allocation_count, before);
    EXPECT_NE(weights, 0);
}

TEST(Allocation, TheMonthsOfATimelineTakeNoMemoryAfterTheStart)
{
    const Model model = eventful_model();
    Parameters parameters;
    Timeline timeline;
    ShockCursor cursor;
    std::vector<RunningSpan> running(model.facilities.size());
    draw_parameters(model, {.seed = 1, .trial = 0}, parameters);
    sample_timeline(model, parameters, {.seed = 1, .trial = 0}, timeline);
    cursor.start(model, timeline);
    set_running_at_start(model, parameters, running);
    const std::size_t before = allocation_count;
    double lost = 0;
    for (int month = 0; month < model.months; ++month) {
        lost += 1 - cursor.next(running).availability[0];
    }
    EXPECT_EQ(allocation_count, before);
    EXPECT_GT(lost, 0);
}

}  // namespace
}  // namespace chokepoint
