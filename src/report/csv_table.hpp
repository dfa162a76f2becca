#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace chokepoint {

/// A row of a CSV table, whose cells are found by their headings.
class CsvRow {
public:
    CsvRow(const std::map<std::string, std::size_t, std::less<>>& places,
           const std::vector<std::string>& cells)
        : places_(places), cells_(cells)
    {}
    /// Empty if there is no such heading.
    const std::string& text(std::string_view heading) const;
    /// NaN for an empty cell.
    double number(std::string_view heading) const;

private:
    const std::map<std::string, std::size_t, std::less<>>& places_;
    const std::vector<std::string>& cells_;
};

/// Visits the rows of a table as RFC 4180 has it.
/// \param only  If not empty, lines that do not hold this text are left out unread.
/// \throws std::invalid_argument  if a row has more or fewer cells than there are headings.
void each_csv_row(const std::string& csv, const std::function<void(const CsvRow&)>& visit,
                  std::string_view only = {});

}  // namespace chokepoint
