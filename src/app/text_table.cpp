#include "chokepoint/app/text_table.hpp"

#include "chokepoint/app/number_text.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace chokepoint {

TextTable::TextTable(std::vector<Heading> headings) : headings_(std::move(headings))
{}

void TextTable::append(std::vector<std::string> cells)
{
    if (cells.size() != headings_.size()) {
        throw std::invalid_argument("TextTable: a row needs one cell per heading");
    }
    rows_.push_back(std::move(cells));
}

std::string TextTable::text(const std::string& indent) const
{
    std::vector<std::string> headings;
    std::vector<std::size_t> widths;
    for (std::size_t column = 0; column < headings_.size(); ++column) {
        headings.push_back(headings_[column].text);
        std::size_t width = width_of(headings.back());
        for (const std::vector<std::string>& row : rows_) {
            width = std::max(width, width_of(row[column]));
        }
        widths.push_back(width);
    }
    std::string text;
    const auto append_line = [&](const std::vector<std::string>& cells) {
        std::string line = indent;
        for (std::size_t column = 0; column < cells.size(); ++column) {
            line += column > 0 ? "  " : "";
            line += headings_[column].align == Align::left
                        ? left_aligned(cells[column], widths[column])
                        : right_aligned(cells[column], widths[column]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    };
    append_line(headings);
    std::for_each(rows_.begin(), rows_.end(), append_line);
    return text;
}

}  // namespace chokepoint
