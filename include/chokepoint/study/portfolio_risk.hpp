#pragma once

#include "chokepoint/engine/column_summary.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/portfolio/book.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chokepoint {

/// The levels at which an ES is taken apart.
inline constexpr std::array contribution_levels = {0.95, 0.99};

/// What a part brings to the portfolio's ES.
struct EsContribution {
    /// Mean loss of the part over the worst trials of the portfolio (Euler): over positions, or
    /// over commodities, they add up to the ES.
    Figure es;
    double share = 0;  ///< Of the ES; NaN if there is none.
    /// ES without the position less ES with it, on the same trials; positive for a position
    /// that hedges. None of other parts, on weighted trials, and on under 20 in the tail.
    Figure without;
};

/// One part of a portfolio in figures, losses positive, USD.
struct PartRisk {
    BookPart part;
    std::string name;
    ColumnSummary loss;
    std::array<EsContribution, contribution_levels.size()> contributions;
};

/// What a run says of a portfolio.
struct PortfolioRisk {
    std::string portfolio;
    double value_usd = 0;  ///< Of all positions at the start.
    std::uint64_t trials = 0;
    std::uint64_t trials_in_parts = 0;  ///< Fewer if memory did not hold the values of all.
    ColumnSummary loss, drawdown;
    std::vector<PartRisk> parts;  ///< In the order of Book::parts.
    std::vector<std::string> warnings;

    /// The parts of a kind.
    std::vector<const PartRisk*> of_kind(BookPart::Kind kind) const;
};

/// The probability that a limit is passed; null without one.
const Figure* breach_of(const ColumnSummary& loss);

/// \param result   Of a run with the portfolio's meter. \param summary  Of that run.
/// \throws std::logic_error if it has none.
PortfolioRisk portfolio_risk(const Book& book, const RunResult& result,
                             const std::vector<ColumnSummary>& summary);

}  // namespace chokepoint
