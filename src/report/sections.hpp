#pragma once

#include "chokepoint/report/page.hpp"
#include "html.hpp"

#include <vector>

namespace chokepoint {

// Each adds what its files say, if they are there.

void add_run_sections(const FileReader& read, const Json& summary,
                      std::vector<PageSection>& sections);
void add_assumptions(const FileReader& read, std::vector<PageSection>& sections);
void add_portfolio_sections(const FileReader& read, std::vector<PageSection>& sections);
void add_stress_section(const FileReader& read, std::vector<PageSection>& sections);
void add_comparison_sections(const FileReader& read, const Json& summary,
                             std::vector<PageSection>& sections);
void add_attribution_section(const FileReader& read, std::vector<PageSection>& sections);
void add_hindcast_section(const FileReader& read, std::vector<PageSection>& sections);

}  // namespace chokepoint
