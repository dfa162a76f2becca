#pragma once

#include "chokepoint/portfolio/book.hpp"
#include "chokepoint/study/portfolio_risk.hpp"
#include "chokepoint/study/reverse_stress.hpp"

#include <string>
#include <vector>

namespace chokepoint {

/// Name of the portfolio as it was read, in the folder of results.
inline constexpr const char* portfolio_file_name = "portfolio.resolved.yaml";

/// The content of portfolio.csv: the distribution of the loss of the portfolio (scope `total`;
/// `drawdown` for its largest fall), of its positions, desks and commodities, and the
/// probability of defaults; losses positive, USD.
std::string portfolio_csv(const Book& book, const PortfolioRisk& risk,
                          const std::string& policy);

/// The content of contributions.csv: what positions, desks and commodities bring to the ES, and
/// by how much it would change without a position.
std::string contributions_csv(const Book& book, const PortfolioRisk& risk,
                              const std::string& policy);

/// The content of reverse_stress.csv: events, numbers and trials beyond the limit.
std::string reverse_stress_csv(const ReverseStress& stress, const std::string& policy);

/// One scenario of a stress test.
struct StressedScenario {
    std::string scenario;
    Book book;
    PortfolioRisk risk;
};

/// The content of stress.csv: scenario x position, losses positive, USD; nothing where a
/// scenario does not have what a position names.
std::string stress_csv(const std::vector<StressedScenario>& scenarios);

}  // namespace chokepoint
