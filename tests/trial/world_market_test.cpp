#include "chokepoint/market/layered_network.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// Five regions, two stages; all exports of the first two may be cut, mines and plants fail.
/// \param targeted  Measures that may cap single importers.
Model model(const std::string& targeted)
{
    std::vector<Diagnostic> warnings;
    return build_model(read_scenario_text(
                           R"(schema: 1
name: world market
start: 2020-01
months: 24
regions: [a, b, c, d, e]
commodities:
  ore: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.1, long_run: 0.5}}
facilities:
  - {name: a_mine, region: a, stage: mine, capacity_t_per_year: 900}
  - {name: b_mine, region: b, stage: mine, capacity_t_per_year: 400}
  - {name: c_mine, region: c, stage: mine, capacity_t_per_year: 200}
  - {name: a_plant, region: a, stage: refine, capacity_t_per_year: 600, utilisation: 0.8}
  - {name: b_plant, region: b, stage: refine, capacity_t_per_year: 700, utilisation: 0.8}
  - {name: d_plant, region: d, stage: refine, capacity_t_per_year: 700, utilisation: 0.8}
demand:
  ore: {a: {t_per_year: 300}, b: {t_per_year: 300}, c: {t_per_year: 300}, d: {t_per_year: 300},
        e: {t_per_year: 300}}
stocks: [{name: users, cover_months: 2, order_months: 3, commodities: ore}]
standing_measures:
  - {name: idle, exporter: a, instrument: quota, severity: 0, from: 2021-12}
)" + targeted + R"(
hazards:
  export_restrictions:
    - {name: cut_ore, exporter: a, layer: mine, instrument: quota, rate_per_year: 1, severity: 0.8,
       duration_days: 150}
    - {name: cut_metal, exporter: b, instrument: quota, rate_per_year: 1, severity: 0.7,
       duration_days: 150}
  outages: [{name: failures, facilities: {commodity: ore}, rate_per_year: 1, repair_days: 60}]
)",
                           "<test>"),
                       warnings);
}

TEST(WorldMarket, GivesThePricesOfSingleArcs)
{
    // The same scenario with and without measures towards single importers, which are in force
    // only in the last month and then cut nothing: their exporters keep an arc to each.
    std::string targeted;
    for (const char* layer : {"mine", "refine"}) {
        for (const char* exporter : {"a", "b", "c", "d"}) {
            const bool makes = layer == std::string("mine") ? exporter != std::string("d")
                                                            : exporter != std::string("c");
            if (makes) {
                targeted += std::string("  - {name: ") + layer + "_" + exporter
                            + ", exporter: " + exporter + ", layer: " + layer
                            + ", targets: e, instrument: quota, severity: 0, from: 2021-12}\n";
            }
        }
    }
    const Model with_arcs = model(targeted);
    const Model with_market = model("");
    const LayeredNetwork all_arcs = build_layered_network(with_arcs, CommodityId(0));
    const LayeredNetwork few_arcs = build_layered_network(with_market, CommodityId(0));
    EXPECT_GT(all_arcs.network.arcs.size(), few_arcs.network.arcs.size());

    TrialRunner arcs(with_arcs, 3);
    TrialRunner market(with_market, 3);
    int split_months = 0;
    for (std::uint64_t trial = 0; trial < 100; ++trial) {
        const Path& left = *arcs.run(trial).disrupted;
        const Path& right = *market.run(trial).disrupted;
        for (std::size_t at = 0; at + left.cells < left.log_price.size(); ++at) {
            ASSERT_NEAR(left.log_price[at], right.log_price[at], 1e-9) << trial << ' ' << at;
            ASSERT_NEAR(left.consumption[at], right.consumption[at], 1e-6);
            if (at % left.cells == 0) {
                const auto [low, high] =
                    std::minmax_element(&left.log_price[at], &left.log_price[at + left.cells]);
                split_months += *high > *low + 0.1 ? 1 : 0;
            }
        }
    }
    EXPECT_GT(split_months, 100);  // else nothing was put to the test
}

}  // namespace
}  // namespace chokepoint
