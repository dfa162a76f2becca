#include "csv_table.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <stdexcept>

namespace chokepoint {
namespace {

const std::string nothing;

/// The cells of a record that begins at a place; moves it behind the record's end.
void read_record(const std::string& csv, std::size_t& at, std::vector<std::string>& cells)
{
    cells.assign(1, "");
    bool quoted = false;
    for (; at < csv.size(); ++at) {
        const char letter = csv[at];
        if (quoted && letter == '"' && at + 1 < csv.size() && csv[at + 1] == '"') {
            cells.back() += letter;
            ++at;
        } else if (letter == '"') {
            quoted = !quoted;
        } else if (letter == ',' && !quoted) {
            cells.emplace_back();
        } else if (letter == '\n' && !quoted) {
            ++at;
            return;
        } else {
            const std::size_t first = at;
            const auto is_text = [quoted](char next) {
                return next != '"' && (quoted || (next != ',' && next != '\n'));
            };
            while (at + 1 < csv.size() && is_text(csv[at + 1])) {
                ++at;
            }
            cells.back().append(csv, first, at + 1 - first);
        }
    }
}

}  // namespace

const std::string& CsvRow::text(std::string_view heading) const
{
    const auto place = places_.find(heading);
    return place == places_.end() ? nothing : cells_[place->second];
}

double CsvRow::number(std::string_view heading) const
{
    const std::string& cell = text(heading);
    double value = std::numeric_limits<double>::quiet_NaN();
    const auto [end, fault] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    return fault == std::errc() ? value : std::numeric_limits<double>::quiet_NaN();
}

void each_csv_row(const std::string& csv, const std::function<void(const CsvRow&)>& visit,
                  std::string_view only)
{
    std::vector<std::string> cells;
    std::size_t at = 0;
    read_record(csv, at, cells);
    std::map<std::string, std::size_t, std::less<>> places;
    for (std::size_t column = 0; column < cells.size(); ++column) {
        places.emplace(cells[column], column);
    }
    const std::size_t columns = cells.size();
    const std::boyer_moore_horspool_searcher next_line_with(only.begin(), only.end());
    while (at < csv.size()) {
        if (!only.empty()) {
            const auto found = std::search(csv.begin() + static_cast<std::ptrdiff_t>(at),
                                           csv.end(), next_line_with);
            if (found == csv.end()) {
                return;
            }
            at = csv.rfind('\n', static_cast<std::size_t>(found - csv.begin())) + 1;
        }
        read_record(csv, at, cells);
        if (cells.size() != columns) {
            throw std::invalid_argument("a table has a row with too many or too few cells");
        }
        visit(CsvRow(places, cells));
    }
}

}  // namespace chokepoint
