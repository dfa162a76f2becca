#include "chokepoint/statistics/moments_table.hpp"

#include "chokepoint/support/lanes.hpp"

#include <stdexcept>

namespace chokepoint {

CHOKEPOINT_LANE_LOOPS
void merge_moments(std::size_t positions, double share, double product,
                   const double* __restrict other_mean, const double* __restrict other_m2,
                   double* __restrict mean, double* __restrict m2)
{
    for (std::size_t position = 0; position < positions; ++position) {
        const double gap = other_mean[position] - mean[position];
        mean[position] += gap * share;
        m2[position] += other_m2[position] + gap * gap * product;
    }
}

void MomentsTable::merge(const MomentsTable& other)
{
    if (other.mean.size() != mean.size()) {
        throw std::invalid_argument("MomentsTable: the tables have different positions");
    }
    if (count == 0 || other.count == 0) {
        *this = count == 0 ? other : *this;
        return;
    }
    const auto own = static_cast<double>(count);
    const auto others = static_cast<double>(other.count);
    count += other.count;
    merge_moments(mean.size(), others / (own + others), own * others / (own + others),
                  other.mean.data(), other.m2.data(), mean.data(), m2.data());
}

}  // namespace chokepoint
