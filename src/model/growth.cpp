#include "chokepoint/model/growth.hpp"

#include "chokepoint/support/calendar.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

/// The months of one position.
void fill_column(const Model& model, std::span<const double> values, const YearlyGrowth& growth,
                 std::size_t position, GrowthTable& table)
{
    double factor = 1;
    double monthly = 1;
    std::size_t year_before = growth.size();
    for (int month = 0; month < model.months; ++month) {
        table.factor[static_cast<std::size_t>(month) * table.width + position] = factor;
        const auto year =
            static_cast<std::size_t>((model.start.month - 1 + month) / months_per_year);
        if (year != year_before) {
            monthly =
                portable_exp(portable_log(1 + values[growth[year].index()]) / months_per_year);
            year_before = year;
        }
        factor *= monthly;
    }
}

/// \param growth_of  Gives the growth of a position.
template <class Function>
void fill(const Model& model, std::span<const double> values, std::size_t width,
          Function growth_of, GrowthTable& table)
{
    table.width = width;
    table.factor.clear();
    for (std::size_t position = 0; position < width; ++position) {
        const YearlyGrowth& growth = growth_of(position);
        if (growth.empty()) {
            continue;
        }
        if (table.factor.empty()) {
            table.factor.assign(static_cast<std::size_t>(model.months) * width, 1.0);
        }
        fill_column(model, values, growth, position, table);
    }
}

}  // namespace

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
