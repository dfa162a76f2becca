#pragma once

#include "chokepoint/report/page.hpp"
#include "html.hpp"
#include "resolved_scenario.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chokepoint {

// Each adds what its files say, if they are there.

/// \param scenario  May be nothing.
void add_run_sections(const FileReader& read, const Json& summary,
                      const std::optional<ResolvedScenario>& scenario,
                      std::vector<PageSection>& sections);
void add_assumptions(const std::optional<ResolvedScenario>& scenario,
                     std::vector<PageSection>& sections);
void add_portfolio_sections(const FileReader& read, std::vector<PageSection>& sections);
void add_stress_section(const FileReader& read, std::vector<PageSection>& sections);
void add_comparison_sections(const FileReader& read, const Json& summary,
                             std::vector<PageSection>& sections);
void add_attribution_section(const FileReader& read, std::vector<PageSection>& sections);
void add_hindcast_section(const FileReader& read, std::vector<PageSection>& sections);
void add_experiment_sections(const FileReader& read, std::vector<PageSection>& sections);

// Of a run, for the group of regions that a reader cares most for (`area`).

/// Bands over trials, month by month: of the area, and of any region and commodity.
void add_month_section(const FileReader& read, const std::string& area,
                       std::vector<PageSection>& sections);

/// Histograms, how likely worse is, return periods.
void add_tail_section(const FileReader& read, const std::string& area,
                      std::vector<PageSection>& sections);

/// Where the network binds: a drawing of each commodity's chain, and a table.
/// \param scenario  Without it there are no drawings.
void add_chokepoint_section(const FileReader& read,
                            const std::optional<ResolvedScenario>& scenario,
                            std::vector<PageSection>& sections);

}  // namespace chokepoint
