#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// Cerium is dug and refined by x and y; x restricts exports and mines fail.
std::string scenario(const std::string& stages, const std::string& cerium_key,
                     const std::string& more_commodities, const std::string& more_facilities,
                     const std::string& more_demand)
{
    return "schema: 1\nname: chain\nstart: 2020-01\nmonths: 36\nregions: [x, y]\nstages: "
           + stages + R"(
commodities:
  cerium: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.2, long_run: 0.5})"
           + cerium_key + "}\n" + more_commodities + R"(
facilities:
  - {name: x_mine, region: x, stage: mine, capacity_t_per_year: 900, outputs: {cerium: 1}}
  - {name: y_mine, region: y, stage: mine, capacity_t_per_year: 300, outputs: {cerium: 1}}
  - {name: x_plant, region: x, stage: refine, capacity_t_per_year: 1200, utilisation: 0.8, outputs: {cerium: 1}}
  - {name: y_plant, region: y, stage: refine, capacity_t_per_year: 300, utilisation: 0.8, outputs: {cerium: 1}}
)" + more_facilities
           + R"(
demand:
  cerium: {x: {t_per_year: 500}, y: {t_per_year: 700}}
)" + more_demand
           + R"(
stocks: [{name: users, commodities: cerium, cover_months: 2, order_months: 3}]
recycling: [{name: scrap, commodity: cerium, region: y, share_of_demand: 0.05}]
hazards:
  export_restrictions:
    - {name: cut, exporter: x, commodities: cerium, instrument: quota, rate_per_year: 1, severity: 0.6,
       duration_days: 200}
  outages: [{name: failures, facilities: [x_mine, y_plant], rate_per_year: 1, repair_days: 60}]
)";
}

TEST(ChainLength, LeavesACommodityThatEndsEarlierAlone)
{
    // Neodymium passes a third stage; cerium, which ends before it, does what it does alone.
    const Scenario alone =
        read_scenario_text(scenario("[mine, refine]", "", "", "", ""), "<a>");
    const Scenario joined = read_scenario_text(
        scenario("[mine, refine, magnet]", ", last_stage: refine",
                 "  neodymium: {price_usd_per_kg: 90, demand_elasticity: {short_run: 0.2, "
                 "long_run: 0.5}}\n",
                 "  - {name: nd_mine, region: x, stage: mine, capacity_t_per_year: 100, "
                 "outputs: {neodymium: 1}}\n"
                 "  - {name: nd_plant, region: x, stage: refine, capacity_t_per_year: 120, "
                 "outputs: {neodymium: 1}}\n"
                 "  - {name: magnets, region: y, stage: magnet, capacity_t_per_year: 120}\n",
                 "  neodymium: {y: {t_per_year: 100}}\n"),
        "<b>");
    std::vector<Diagnostic> warnings;
    const Model first_model = build_model(alone, warnings);
    const Model second_model = build_model(joined, warnings);
    TrialRunner first(first_model, 5);
    TrialRunner second(second_model, 5);
    bool any_impact = false;
    for (std::uint64_t trial = 0; trial < 50; ++trial) {
        const Path& left = *first.run(trial).disrupted;
        const Path& right = *second.run(trial).disrupted;
        for (std::size_t month = 0; month < left.months; ++month) {
            for (std::size_t cell = 0; cell < left.cells; ++cell) {
                const std::size_t at = month * left.cells + cell;
                const std::size_t other = month * right.cells + cell;
                ASSERT_EQ(left.log_price[at], right.log_price[other]) << trial << ' ' << month;
                ASSERT_EQ(left.consumption[at], right.consumption[other]);
                for (std::size_t stage = 0; stage < left.stages; ++stage) {
                    ASSERT_EQ(
                        left.exports[(month * left.stages + stage) * left.cells + cell],
                        right.exports[(month * right.stages + stage) * right.cells + cell]);
                }
                any_impact = any_impact || left.log_price[at] > 0.1;
            }
        }
    }
    EXPECT_TRUE(any_impact);
}

}  // namespace
}  // namespace chokepoint
