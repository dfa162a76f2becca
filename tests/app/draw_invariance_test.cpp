// What is added to a scenario moves the draws of nothing that was there: the lines of the event
// log that tell of the rest stay as they are.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "chokepoint/app/event_text.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

namespace chokepoint {
namespace {

/// Lines put into the scenario below; what they name begins with `new`.
struct Added {
    std::string commodity = "", facility_first = "", demand = "", tension = "";
    std::string restriction_first = "", restriction_last = "", contagion = "";
    std::string outage_first = "", cause_first = "", process_last = "", correlation = "";
};

std::string scenario_with(const Added& added)
{
    return R"(schema: 1
name: invariance
start: 2009-01
months: 120
regions: [china, japan, usa]
stages: [mine]
commodities:
  neodymium:
    price_usd_per_kg: {uniform: [25, 35]}
    demand_elasticity: {short_run: 0.2, long_run: 0.6}
  cerium:
    price_usd_per_kg: 4
    demand_elasticity: {short_run: 0.3, long_run: 0.6}
)" + added.commodity
           + R"(facilities:
)" + added.facility_first
           + R"(  - name: bayan_obo
    region: china
    stage: mine
    capacity_t_per_year: 10000
    outputs: {neodymium: 0.3, cerium: 0.7}
  - name: mountain_pass
    region: usa
    stage: mine
    capacity_t_per_year: 2000
    outputs: {neodymium: 0.2, cerium: 0.8}
demand:
  neodymium:
    japan: {t_per_year: 3400}
  cerium:
    japan: {t_per_year: 8600}
)" + added.demand
           + R"(hazards:
  tensions:
)" + added.tension
           + R"(    - {name: relation, between: [china, japan], becomes_tense_per_year: 0.5,
       becomes_calm_per_year: 1.5}
  export_restrictions:
)" + added.restriction_first
           + R"(    - {name: cuts, exporter: china, commodities: [neodymium], instrument: quota,
       rate_per_year: 0.2, tension: relation, tense_factor: 5, targets: [japan],
       targeted_probability: 0.5, severity: {uniform: [0.2, 0.9]},
       duration_days: {lognormal: {median: 185, sigma: 1}},
       structural: {probability: 0.4, severity: 0.3, duration_days: 600}}
    - {name: answers, exporter: usa, instrument: ban, rate_per_year: 0.05,
       duration_days: {exponential: {mean: 60}}, notice_days: 30}
)" + added.restriction_last
           + R"(  contagion:
)" + added.contagion
           + R"(    - {name: retaliation, from: [cuts, answers], to: [cuts, answers], offspring: 0.3,
       mean_delay_days: 100}
  outages:
)" + added.outage_first
           + R"(    - {name: fires, facilities: {stage: mine}, rate_per_year: 0.5,
       repair_days: {lognormal: {median: 90, sigma: 1}}, loss_share: {uniform: [0.2, 0.6]}}
  common_causes:
)" + added.cause_first
           + R"(    - {name: quakes, facilities: {stage: mine}, rate_per_year: 1,
       strike_probability: 0.4, repair_days: {exponential: {mean: 40}},
       loss_share: {uniform: [0.2, 0.6]}}
  price_shocks:
    dependence: student_t
    processes:
      - {name: nd, commodity: neodymium, volatility_per_year: 0.3,
         jumps: {rate_per_year: 0.8, size: {normal: {mean: 0.1, sd: 0.2}}}}
      - {name: ce, commodity: cerium, volatility_per_year: 0.2}
)" + added.process_last
           + "    correlations: {nd: {ce: 0.5" + added.correlation + "}}\n";
}

/// Of many trials: the lines of the event log that name nothing new, with times to the bit, and
/// the values of the first two price shocks.
struct Log {
    std::vector<std::string> lines;
    std::vector<double> price_shocks;
    std::size_t new_lines = 0;
};

Log log_of(const Added& added)
{
    std::vector<Diagnostic> warnings;
    const Model model = build_model(read_scenario_text(scenario_with(added)), warnings);
    Parameters parameters;
    Timeline timeline;
    Log log;
    for (std::uint64_t trial = 0; trial < 100; ++trial) {
        const TrialKey key{.seed = 3, .trial = trial};
        draw_parameters(model, key, parameters);
        sample_timeline(model, parameters, key, timeline);
        for (const EventText& event : event_texts(model, parameters, timeline)) {
            const std::string line =
                fmt::format("{} {:a} {:a} {} {} {} {}", trial, event.from, event.until,
                            event.type, event.cause, event.name, event.sentence);
            if (line.find("new") == std::string::npos) {
                log.lines.push_back(line);
            } else {
                ++log.new_lines;
            }
        }
        for (std::size_t month = 0; month < 120; ++month) {
            for (const std::size_t process : {0U, 1U}) {
                log.price_shocks.push_back(
                    timeline.price_shocks[month * model.price_shocks.size() + process]);
            }
        }
    }
    return log;
}

void expect_only_more(const Added& added)
{
    static const Log before = log_of({});
    const Log after = log_of(added);
    ASSERT_GT(before.lines.size(), 2000U);
    ASSERT_EQ(before.new_lines, 0U);
    EXPECT_GT(after.new_lines, 50U);
    EXPECT_EQ(after.lines, before.lines);
    EXPECT_EQ(after.price_shocks, before.price_shocks);
}

TEST(DrawInvariance, HoldsWhenAMineIsAdded)
{
    expect_only_more({.facility_first = R"(  - name: new_mine
    region: china
    stage: mine
    capacity_t_per_year: 500
    outputs: {neodymium: 0.5, cerium: 0.5}
)"});
}

TEST(DrawInvariance, HoldsWhenHazardsAreAdded)
{
    expect_only_more({.restriction_first =
                          "    - {name: new_bans, exporter: china, instrument: ban,\n"
                          "       rate_per_year: 0.5, duration_days: 90}\n"});
    expect_only_more({.outage_first = "    - {name: new_strikes, facilities: {stage: mine},\n"
                                      "       rate_per_year: 0.5, repair_days: 20}\n"});
    expect_only_more({.cause_first = "    - {name: new_storms, facilities: {stage: mine},\n"
                                     "       rate_per_year: 0.5, repair_days: 20}\n"});
}

TEST(DrawInvariance, HoldsWhenATensionGetsAnotherHazard)
{
    expect_only_more({.restriction_first =
                          "    - {name: new_bans, exporter: china, instrument: ban,\n"
                          "       rate_per_year: 0.5, duration_days: 90,\n"
                          "       tension: relation, tense_factor: 3}\n"});
    expect_only_more({.tension = "    - {name: new_relation, between: [china, usa],\n"
                                 "       becomes_tense_per_year: 0.5,\n"
                                 "       becomes_calm_per_year: 1.5}\n"});
}

TEST(DrawInvariance, HoldsWhenAHazardIsProvokedByOthers)
{
    expect_only_more(
        {.restriction_last = "    - {name: new_bans, exporter: china, instrument: ban,\n"
                             "       rate_per_year: 0, duration_days: 90}\n",
         .contagion = "    - {name: new_waves, from: cuts, to: new_bans, offspring: 0.7,\n"
                      "       mean_delay_days: 100}\n"});
}

TEST(DrawInvariance, HoldsWhenACommodityIsListedLast)
{
    expect_only_more({.commodity = R"(  new_metal:
    price_usd_per_kg: 9
    demand_elasticity: {short_run: 0.2, long_run: 0.6}
)",
                      .facility_first = R"(  - name: new_mine
    region: usa
    stage: mine
    capacity_t_per_year: 500
    commodity: new_metal
)",
                      .demand = R"(  new_metal:
    japan: {t_per_year: 500}
)",
                      .process_last = R"(      - {name: new_process, commodity: new_metal,
         volatility_per_year: 0.4, jumps: {rate_per_year: 1, size: 0.1}}
)",
                      .correlation = ", new_process: 0.3"});
}

}  // namespace
}  // namespace chokepoint
