// The counts, lengths and sizes of events that a run reports, against exact laws.

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "chokepoint/engine/run.hpp"
#include "chokepoint/engine/summarise.hpp"
#include "support/exact_law.hpp"

namespace chokepoint {
namespace {

using testing::exact_value;
using testing::expect_exact;
using testing::model_with_hazards;

/// Ten years of every kind of event.
RunSummary run_of_events()
{
    const Model model = model_with_hazards(R"(
  tensions:
    - {name: relation, between: [china, japan], becomes_tense_per_year: 0.5,
       becomes_calm_per_year: 1.5}
  export_restrictions:
    - {name: cuts, exporter: china, instrument: quota, rate_per_year: 0.1, tension: relation,
       tense_factor: 20, severity: {uniform: [0.2, 0.6]},
       duration_days: {lognormal: {median: 85, sigma: 1}}}
    - {name: waves, exporter: china, instrument: quota, rate_per_year: 0.2,
       severity: 0.3, duration_days: {exponential: {mean: 30}}}
  contagion:
    - {name: again, from: waves, to: waves, offspring: 0.6, mean_delay_days: 243.5}
  outages:
    - {name: fires, facilities: [a], rate_per_year: 0.25,
       repair_days: {exponential: {mean: 182.625}}, loss_share: {uniform: [0.2, 0.6]}}
  common_causes:
    - {name: quakes, facilities: {stage: mine}, rate_per_year: 1, strike_probability: 0.3,
       repair_days: {exponential: {mean: 9}}, loss_share: {uniform: [0.2, 0.6]}}
  price_shocks:
    processes:
      - {name: quotes, commodity: cerium, channel: quoted,
         jumps: {rate_per_year: 0.8, size: {normal: {mean: 0.5, sd: 0.2}}}}
)",
                                           120);
    Progress silent;
    return summarise(run(model, {}, {.seed = 2010, .trials = 12'000, .threads = 1}, silent));
}

void expect_mean(const std::string& what, const Moments& found, double exact, double share)
{
    expect_exact(what, {found.mean, found.standard_error()}, exact, share);
}

TEST(EventsOfARun, HaveTheCountsLengthsAndSizesOfTheirLaws)
{
    const RunSummary summary = run_of_events();
    ASSERT_EQ(summary.trials, 12'000U);
    const auto events = [&](const std::string& name) -> const EventTally& {
        for (const EventTally& tally : summary.events) {
            if (tally.name == name) {
                return tally;
            }
        }
        throw std::logic_error("no events of " + name);
    };
    constexpr double days = 365.25 / 12;

    expect_mean("cuts", events("cuts").per_trial, exact_value("mmpp2", "mean N"), 0.04);
    expect_mean("cut's length", events("cuts").duration_months, 85 * std::exp(0.5) / days,
                0.04);
    expect_mean("cut's severity", events("cuts").severity, 0.4, 0.01);

    // Of years t from an empty start r t - (r - mu) (1 - e^{-b (1 - n) t}) / (b (1 - n)).
    expect_mean("waves", events("waves").per_trial, 5 - 0.5 * (1 - std::exp(-6.0)), 0.045);
    expect_mean("wave's length", events("waves").duration_months, 30 / days, 0.03);

    expect_mean("fires", events("fires").per_trial, 10 / 4.5, 0.035);
    expect_mean("fire's length", events("fires").duration_months, 6, 0.04);
    expect_mean("fire's loss", events("fires").severity, 0.4, 0.015);

    expect_mean("quakes", events("quakes").per_trial, 2 * 10 * 0.3, 0.03);
    expect_mean("quake's length", events("quakes").duration_months, 9 / days, 0.03);
    expect_mean("quake's loss", events("quakes").severity, 0.4, 0.01);

    expect_mean("spells", events("relation").per_trial, 0.75 * 10 * 0.5, 0.03);
    expect_mean("spell's length", events("relation").duration_months, 12 / 1.5, 0.03);

    expect_mean("jumps", events("quotes").per_trial, 8, 0.02);
    expect_mean("jump's size", events("quotes").severity, 0.5, 0.01);
}

}  // namespace
}  // namespace chokepoint
