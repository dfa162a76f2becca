#include "valuation.hpp"

#include <cmath>

namespace chokepoint {

void LoanBalance::start(const LoanEntry& terms, std::size_t lanes)
{
    terms_ = terms;
    month_ = 0;
    balance_ = terms.principal_usd;
    const double rate = terms.interest_per_year / months_per_year;
    instalment_ = rate > 0 ? balance_ * rate / (1 - std::pow(1 + rate, -terms.term_months))
                           : balance_ / terms.term_months;
    cash_.reset(static_cast<std::size_t>(terms.cover_months), lanes);
    sum_.assign(lanes, 0);
    is_default_.assign(lanes, 0);
}

void LoanBalance::next(const double* cash, double* received, double* paid)
{
    const bool is_repaid = month_ >= terms_.term_months;
    const double due = is_repaid ? 0 : instalment_;
    double* const oldest = cash_[static_cast<std::size_t>(month_ % terms_.cover_months)];
    ++month_;
    const bool may_default =
        !is_repaid && month_ >= terms_.cover_months && month_ > terms_.grace_months;
    const double needed = terms_.min_cover * instalment_ * terms_.cover_months;
    const double fee =
        is_repaid ? 0
                  : terms_.guaranteed_share * balance_ * terms_.fee_per_year / months_per_year;
    for (std::size_t lane = 0; lane < is_default_.size(); ++lane) {
        sum_[lane] += cash[lane] - oldest[lane];
        oldest[lane] = cash[lane];
        received[lane] = 0;
        paid[lane] = 0;
        if (is_default_[lane]) {
            continue;
        }
        if (may_default && sum_[lane] < needed) {
            is_default_[lane] = 1;
            received[lane] = terms_.recovery_share * balance_;
            paid[lane] = terms_.guaranteed_share * (1 - terms_.recovery_share) * balance_;
        } else {
            received[lane] = due;
            paid[lane] = -fee;
        }
    }
    if (!is_repaid) {
        balance_ += balance_ * terms_.interest_per_year / months_per_year - instalment_;
    }
    if (month_ >= terms_.term_months) {
        balance_ = 0;
    }
}

}  // namespace chokepoint
