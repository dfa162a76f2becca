#pragma once

#include <string>
#include <vector>

namespace chokepoint {

enum class Align { left, right };

/// Rows of cells in columns as wide as they need be, two spaces apart.
class TextTable {
public:
    struct Heading {
        std::string text;
        Align align = Align::right;
    };

    explicit TextTable(std::vector<Heading> headings);

    /// \param cells  As many as there are headings.
    void append(std::vector<std::string> cells);

    /// The table with its headings; each line ends with a line break and begins with `indent`.
    std::string text(const std::string& indent = "") const;

    std::size_t size() const { return rows_.size(); }
    std::size_t columns() const { return headings_.size(); }

private:
    std::vector<Heading> headings_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace chokepoint
