#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace chokepoint {

/// A small valid scenario: one commodity, three regions, two stages, user stocks, one sampled
/// restriction and one sampled outage; no uncertain parameter.
///
/// In t/month at month 0, mines give china 2000 and usa 500; plants treat china 2250 and japan
/// 250; use takes china 1000, japan 1000 and usa 500: every stage adds up to 2500 exactly, so
/// that all balance factors are 1. Home goods first, china's mines send 2000 of their ore home;
/// china's plants need 250 more and japan's 250, both from usa; of metal, china exports 1250
/// (750 to japan, 500 to usa).
inline std::string compact_scenario()
{
    return R"(schema: 1
name: compact
start: 2009-01
months: 36
regions: [china, japan, usa]
alliances:
  partners: [japan, usa]
commodities:
  neodymium:
    price_usd_per_kg: 30
    demand_elasticity: {short_run: 0.1, long_run: 0.5}
    memory: {up_per_month: 0.08, down_per_month: 0.04}
facilities:
  - name: bayan_obo
    region: china
    stage: mine
    capacity_t_per_year: 30000
    utilisation: 0.8
    supply_elasticity: 0.2
  - name: mountain_pass
    region: usa
    stage: mine
    capacity_t_per_year: 8000
    utilisation: 0.75
    supply_elasticity: 0.2
  - name: baotou
    region: china
    stage: refine
    capacity_t_per_year: 30000
    utilisation: 0.9
  - name: kitakyushu
    region: japan
    stage: refine
    capacity_t_per_year: 4000
    utilisation: 0.75
demand:
  neodymium:
    china: {t_per_year: 12000}
    japan: {t_per_year: 12000}
    usa: {t_per_year: 6000}
stocks:
  - name: users
    cover_months: 2
    order_months: 6
    panic: {max_extra_share: 0.5, build_months: 3, half_life_months: 6}
hazards:
  export_restrictions:
    - name: quota_cut
      exporter: china
      instrument: quota
      rate_per_year: 0.2
      severity: 0.6
      duration_days: {lognormal: {median: 200, sigma: 0.7}}
      notice_days: 30
      leakage: 0.1
  outages:
    - name: breakdown
      facilities: {stage: refine}
      rate_per_year: 0.5
      repair_days: {exponential: {mean: 45}}
thresholds: {shortfall_share: 0.05, price_ratio: 2}
run: {trials: 200, seed: 7}
)";
}

/// The text with one piece of it replaced.
/// \throws std::invalid_argument if the text does not hold `from` exactly once.
inline std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    const std::size_t at = text.find(from);
    if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
        throw std::invalid_argument("replaced: not found exactly once: " + std::string(from));
    }
    return text.replace(at, from.size(), to);
}

/// The compact scenario without hazards: nothing happens in it.
inline std::string quiet_scenario()
{
    const std::string text = compact_scenario();
    const std::size_t begin = text.find("hazards:\n");
    return text.substr(0, begin) + text.substr(text.find("thresholds:"));
}

}  // namespace chokepoint
