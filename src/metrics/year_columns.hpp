#pragma once

#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/support/calendar.hpp"

#include <cstddef>
#include <initializer_list>
#include <vector>

namespace chokepoint {

/// The year of a month, both counted from 0.
inline std::size_t year_of(std::size_t month)
{
    return month / static_cast<std::size_t>(months_per_year);
}

/// Appends a column for each basis and year, the years of a basis in a row.
inline void append_years(Column column, std::initializer_list<Basis> bases, std::size_t years,
                         std::vector<Column>& columns)
{
    for (const Basis basis : bases) {
        for (std::size_t year = 0; year < years; ++year) {
            column.year = YearOf{.basis = basis, .year = static_cast<int>(year + 1)};
            columns.push_back(column);
        }
    }
}

}  // namespace chokepoint
