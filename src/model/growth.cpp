#include "chokepoint/model/growth.hpp"

#include <algorithm>

#include "chokepoint/support/calendar.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

/// The years of one position.
void fill_column(std::span<const double> values, const YearlyGrowth& growth,
                 std::size_t position, GrowthTable& table)
{
    const std::size_t years = std::min(growth.size(), table.monthly.size() / table.width);
    for (std::size_t year = 0; year < years; ++year) {
        double& monthly = table.monthly[year * table.width + position];
        // Most grow alike every year: one logarithm serves.
        monthly = year > 0 && growth[year] == growth[year - 1]
                      ? table.monthly[(year - 1) * table.width + position]
                      : portable_exp(portable_log(1 + values[growth[year].index()])
                                     / months_per_year);
    }
}

/// \param growth_of  Gives the growth of a position.
template <class Function>
void fill(const Model& model, std::span<const double> values, std::size_t width,
          Function growth_of, GrowthTable& table)
{
    table.width = width;
    table.start_month = model.start.month;
    const std::size_t years = table.year_of(model.months) + 1;
    table.monthly.clear();
    for (std::size_t position = 0; position < width; ++position) {
        const YearlyGrowth& growth = growth_of(position);
        if (growth.empty()) {
            continue;
        }
        if (table.monthly.empty()) {
            table.monthly.assign(years * width, 1.0);
        }
        fill_column(values, growth, position, table);
    }
}

}  // namespace

double GrowthTable::at(int month, std::size_t position) const
{
    double factor = 1;
    for (int passed = 0; grows() && passed < month; ++passed) {
        factor *= in_month(passed, position);
    }
    return factor;
}

void compute_growth(const Model& model, std::span<const double> values, Growth& growth)
{
    fill(
        model, values, model.demand_growth.size(),
        [&](std::size_t cell) -> const YearlyGrowth& { return model.demand_growth[cell]; },
        growth.demand);
    fill(
        model, values, model.facilities.size(),
        [&](std::size_t facility) -> const YearlyGrowth& {
            return model.facilities[facility].growth;
        },
        growth.capacity);
}

}  // namespace chokepoint
