#include "chokepoint/market/rows.hpp"

namespace chokepoint {

CHOKEPOINT_LANE_LOOPS
void add(std::size_t lanes, const double* __restrict values, double* __restrict sum)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sum[lane] += values[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void subtract(std::size_t lanes, const double* __restrict values, double* __restrict sum)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sum[lane] -= values[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void add_product(std::size_t lanes, const double* __restrict left,
                 const double* __restrict right, double* __restrict sum)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sum[lane] += left[lane] * right[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void multiply(std::size_t lanes, const double* __restrict left, const double* __restrict right,
              double* __restrict product)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        product[lane] = left[lane] * right[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void scale(std::size_t lanes, const double* __restrict factor, double* __restrict values)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        values[lane] *= factor[lane];
    }
}

}  // namespace chokepoint
