#include "chokepoint/statistics/replicates.hpp"

#include "chokepoint/statistics/moments.hpp"

#include <boost/math/distributions/students_t.hpp>

namespace chokepoint {

ReplicateMean replicate_mean(std::span<const double> values)
{
    Moments moments;
    for (const double value : values) {
        moments.add(value);
    }
    ReplicateMean result;
    if (moments.count == 0) {
        return result;
    }
    result.mean.value = moments.mean;
    result.standard_error = moments.standard_error();
    if (moments.count > 1) {
        const boost::math::students_t law(static_cast<double>(moments.count - 1));
        const double half = quantile(law, 0.5 * (1 + interval_level)) * result.standard_error;
        result.mean.lower = moments.mean - half;
        result.mean.upper = moments.mean + half;
    }
    return result;
}

}  // namespace chokepoint
