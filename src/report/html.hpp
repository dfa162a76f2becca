#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace chokepoint {

using Json = nlohmann::ordered_json;

/// Text as HTML shows it: never markup, in a direction of its own.
std::string html_text(std::string_view text);

/// JSON that may stand in a script: no end of script, no line ends that JavaScript counts.
std::string script_json(const Json& json);

/// A table whose first cells name their rows. Cells that look like numbers stand right.
class HtmlTable {
public:
    HtmlTable(const std::string& caption, const std::vector<std::string>& headings);
    void append(const std::vector<std::string>& cells);
    std::size_t size() const { return rows_; }
    std::string html() const { return head_ + body_ + "</tbody></table></div>\n"; }

private:
    std::string head_, body_;
    std::size_t rows_ = 0;
};

/// A chart: a Vega-Lite specification whose data stand in it.
struct Chart {
    std::string title;
    std::string alt;  ///< What it shows, in words.
    Json spec;        ///< Without size, title and schema.
    int height = 260;
};

/// One part of a page.
struct PageSection {
    std::string id, title;
    std::string html;  ///< Before the charts.
    std::vector<Chart> charts = {};
    std::string after = {};  ///< Below them.
};

/// A sentence or paragraph of plain text.
std::string paragraph(std::string_view text);

/// What a reader unfolds, closed at first.
std::string folded(const std::string& summary, const std::string& html);

/// A number in three digits, `–` for none; a share in per cent.
std::string number_cell(double value);
std::string share_cell(double value);
/// The value with its 95 % interval, `12 [10, 14]`.
std::string interval_cell(const Json& estimate, double scale = 1);
std::string share_interval_cell(const Json& estimate);

/// A figure of summary.json; NaN if it is null or not there.
double value_in(const Json& json, const char* key = "value");

}  // namespace chokepoint
