#include "html.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace chokepoint {

std::string html_text(std::string_view text)
{
    std::string out;
    for (const char letter : text) {
        switch (letter) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += letter;
        }
    }
    return out;
}

std::string script_json(const Json& json)
{
    std::string out;
    const std::string text =
        json.dump(-1, ' ', true, nlohmann::detail::error_handler_t::replace);
    for (const char letter : text) {  // plain ASCII by now
        out += letter == '<'   ? std::string("\\u003c")
               : letter == '>' ? std::string("\\u003e")
               : letter == '&' ? std::string("\\u0026")
                               : std::string(1, letter);
    }
    return out;
}

HtmlTable::HtmlTable(const std::string& caption, const std::vector<std::string>& headings)
{
    head_ = fmt::format(
        "<div class=\"table\" tabindex=\"0\"><table><caption>{}</caption><thead><tr>",
        html_text(caption));
    for (const std::string& heading : headings) {
        head_ += fmt::format("<th scope=\"col\">{}</th>", html_text(heading));
    }
    head_ += "</tr></thead><tbody>\n";
}

void HtmlTable::append(const std::vector<std::string>& cells)
{
    ++rows_;
    body_ += "<tr>";
    for (std::size_t at = 0; at < cells.size(); ++at) {
        const char first = cells[at].empty() ? ' ' : cells[at].front();
        const bool is_number = (first >= '0' && first <= '9') || first == '-' || first == '<'
                               || first == '>' || cells[at].starts_with("–");
        body_ += at == 0
                     ? fmt::format("<th scope=\"row\"><bdi>{}</bdi></th>", html_text(cells[at]))
                     : fmt::format("<td{}><bdi>{}</bdi></td>", is_number ? " class=\"n\"" : "",
                                   html_text(cells[at]));
    }
    body_ += "</tr>\n";
}

std::string paragraph(std::string_view text)
{
    return "<p>" + html_text(text) + "</p>\n";
}

std::string folded(const std::string& summary, const std::string& html)
{
    return fmt::format("<details><summary>{}</summary>\n{}</details>\n", html_text(summary),
                       html);
}

std::string number_cell(double value)
{
    if (std::isnan(value)) {
        return "–";
    }
    if (std::isinf(value)) {
        return "never";
    }
    const double size = std::abs(value);
    if (size != 0 && (size >= 1e15 || size < 1e-4)) {
        const std::string text = fmt::format("{:.3g}", value);
        return text;
    }
    const int power = size == 0 ? 2 : static_cast<int>(std::floor(std::log10(size)));
    const double unit = power > 2 ? std::pow(10, power - 2) : 1;
    std::string text = unit > 1 ? fmt::format("{:.0f}", std::round(value / unit) * unit)
                                : fmt::format("{:.{}f}", value, 2 - power);
    const std::size_t first = text.front() == '-' ? 1 : 0;
    for (std::size_t at = std::min(text.find('.'), text.size()); at > first + 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

std::string share_cell(double value)
{
    return std::isnan(value) ? "–" : number_cell(100 * value) + " %";
}

double value_in(const Json& json, const char* key)
{
    const auto found = json.find(key);
    if (found == json.end() || found->is_null()) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (found->is_string()) {  // JSON has no infinity
        return std::numeric_limits<double>::infinity();
    }
    return found->get<double>();
}

std::string interval_cell(const Json& estimate, double scale)
{
    const double value = value_in(estimate);
    if (std::isnan(value)) {
        return "–";
    }
    return fmt::format("{} [{}, {}]", number_cell(value * scale),
                       number_cell(value_in(estimate, "lower") * scale),
                       number_cell(value_in(estimate, "upper") * scale));
}

std::string share_interval_cell(const Json& estimate)
{
    const double value = value_in(estimate);
    if (value == 0 && value_in(estimate, "upper") > 0) {  // where nothing was counted
        return "< " + share_cell(value_in(estimate, "upper"));
    }
    if (value == 1
        && value_in(estimate, "lower") < 1) {  // or everything: as far as told from 1
        return fmt::format("> {:.2f} %", std::floor(1e4 * value_in(estimate, "lower")) / 100);
    }
    return std::isnan(value_in(estimate)) ? "–" : interval_cell(estimate, 100) + " %";
}

}  // namespace chokepoint
