#pragma once

#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/portfolio/book.hpp"

#include <cstdint>
#include <memory>

namespace chokepoint {

/// What a portfolio loses in a trial against the undisturbed run (docs/model.md section 9), in
/// USD, positive for a loss.
///
/// Columns, of `all` commodities and `world`: portfolio_loss, and portfolio_drawdown (the
/// largest fall of the running gain from an earlier month, or from the start, without returns
/// that are drawn); then one for each of Book::parts (Column::part): position_loss, desk_loss,
/// commodity_loss, and loan_default and loan_default_undisturbed (1 or 0). Positions add up to
/// the portfolio, and so do commodities.
///
/// \param model  Of the disrupted run; must outlive the meter, as must the others.
/// \param calm   Of the reference run: the model without policies.
/// \param seed   Of the run, for returns that are drawn (Purpose::holding).
std::unique_ptr<Meter> make_portfolio_meter(const Model& model, const Model& calm,
                                            const Book& book, std::uint64_t seed);

}  // namespace chokepoint
