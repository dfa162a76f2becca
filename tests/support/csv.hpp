#pragma once

#include <cstddef>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace chokepoint {

/// One line of a table, by column name. Cells are as written; `number` reads one.
struct CsvRow {
    std::map<std::string, std::string> cells;

    const std::string& text(const std::string& column) const { return cells.at(column); }
    bool has(const std::string& column) const { return !cells.at(column).empty(); }
    double number(const std::string& column) const { return std::stod(cells.at(column)); }
    std::size_t count(const std::string& column) const
    {
        return static_cast<std::size_t>(std::stoull(cells.at(column)));
    }
};

/// The cells of one line; a cell in double quotes may hold commas.
inline std::vector<std::string> split_csv_line(const std::string& line)
{
    std::vector<std::string> cells(1);
    bool quoted = false;
    for (const char letter : line) {
        if (letter == '"') {
            quoted = !quoted;
        } else if (letter == ',' && !quoted) {
            cells.emplace_back();
        } else if (letter != '\r') {
            cells.back() += letter;
        }
    }
    return cells;
}

/// The table `tests/data/<name>`, its first line being the column names.
/// \throws std::runtime_error if it cannot be read, is empty or has a ragged line.
inline std::vector<CsvRow> read_test_table(const std::string& name)
{
    std::ifstream file(std::string(CHOKEPOINT_SOURCE_DIR) + "/tests/data/" + name);
    std::string line;
    if (!std::getline(file, line)) {
        throw std::runtime_error("cannot read tests/data/" + name);
    }
    const std::vector<std::string> columns = split_csv_line(line);
    std::vector<CsvRow> rows;
    while (std::getline(file, line)) {
        const std::vector<std::string> cells = split_csv_line(line);
        if (cells.size() != columns.size()) {
            throw std::runtime_error("tests/data/" + name + ": ragged line: " + line);
        }
        CsvRow& row = rows.emplace_back();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            row.cells[columns[i]] = cells[i];
        }
    }
    if (rows.empty()) {
        throw std::runtime_error("tests/data/" + name + " has no rows");
    }
    return rows;
}

}  // namespace chokepoint
