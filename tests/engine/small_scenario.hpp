#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

namespace chokepoint {

/// \param overrides  As those of `--set`.
///
/// Two regions, one metal, two years, an uncertain elasticity, sampled restrictions and
/// outages.
inline Model small_model(const std::vector<std::string>& overrides = {})
{
    const Scenario scenario = read_scenario_text(R"(
schema: 1
name: small
start: 2026-01
months: 24
regions: [south, north]
commodities:
  cobalt:
    price_usd_per_kg: 33
    demand_elasticity: {short_run: {uniform: [0.1, 0.3]}, long_run: 0.6}
facilities:
  - {name: mine, region: south, stage: mine, capacity_t_per_year: 1000, utilisation: 0.9}
  - {name: plant, region: south, stage: refine, capacity_t_per_year: 1000, utilisation: 0.9}
demand:
  cobalt:
    south: {t_per_year: 300}
    north: {t_per_year: 600}
stocks:
  - {name: users, cover_months: 2, order_months: 3}
hazards:
  scripted:
    - {name: fire, type: outage, facility: plant, from: 2026-05-01, until: 2026-07-16, loss_share: 0.5}
  export_restrictions:
    - name: cut
      exporter: south
      instrument: quota
      rate_per_year: 0.5
      severity: {uniform: [0.3, 0.9]}
      duration_days: {lognormal: {median: 85, sigma: 1}}
  outages:
    - name: breakdown
      facilities: [mine]
      rate_per_year: 0.3
      repair_days: {exponential: {mean: 60}}
)",
                                                 "<text>", overrides);
    std::vector<Diagnostic> warnings;
    return build_model(scenario, warnings);
}

}  // namespace chokepoint
