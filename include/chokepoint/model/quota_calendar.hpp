#pragma once

#include <algorithm>
#include <cmath>

#include "chokepoint/support/elementary.hpp"

namespace chokepoint {

/// How an absolute quota spreads over the months of a period (docs/model.md section 3, "Quota
/// calendar"): one law for month 0, which must be in balance with it, and for the months after.
struct QuotaPeriod {
    int first = 0, last = 0;  ///< Months [first, last); may begin before the scenario.
    double end = 0;  ///< When the measure ends, model time; beyond `last` or infinite too.
    double front_loading = 0;

    /// v_t of equation (15).
    double weight(int month) const
    {
        return portable_exp(-front_loading * (month - first) / (last - first));
    }
    /// Sum of v_s over the months from one on, each by a share.
    template <class Share>
    double weight_from(int month, Share share) const
    {
        double sum = 0;
        for (int at = month; at < last; ++at) {
            sum += weight(at) * share(at);
        }
        return sum;
    }
    /// The part of a period's tonnage that falls to the time before the measure ends.
    double part_in_time() const
    {
        const auto before_end = [this](int month) { return std::clamp(end - month, 0.0, 1.0); };
        const auto whole = [](int) { return 1.0; };
        return weight_from(first, before_end) / weight_from(first, whole);
    }
};

/// The period that a month lies in.
/// \param from, until    Of the measure, fading out included; may be infinite.
/// \param period_months  0: one period, as long as the measure, or as the horizon if it has no
/// end.
inline QuotaPeriod quota_period(double from, double until, int period_months, int month,
                                int horizon, double front_loading)
{
    const int start = std::isfinite(from) ? static_cast<int>(std::floor(from)) : 0;
    if (period_months == 0) {
        const double end = std::isfinite(until) ? until : horizon;
        const int last = std::max(static_cast<int>(std::ceil(end)), month + 1);
        return {start, last, static_cast<double>(last), front_loading};
    }
    const int since = month - start;  // not negative
    const int first = start + since / period_months * period_months;
    return {first, first + period_months, until, front_loading};
}

}  // namespace chokepoint
