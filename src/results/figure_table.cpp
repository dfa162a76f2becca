#include "chokepoint/results/figure_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace chokepoint {
namespace {

using Columns = std::vector<std::string>;

/// Columns of one figure; the bounds need not be there.
struct FigureColumns {
    std::string metric;  ///< What the figure is, where no column says it.
    std::string value, lower, upper;
};

/// Which columns of a file name its figures, and which hold them. Several columns that make one
/// part of a name are joined by spaces.
struct TableForm {
    std::string file;
    Columns metric, commodity, region, statistic, unit;
    std::vector<FigureColumns> figures;
};

const std::vector<TableForm>& forms()
{
    static const std::vector<TableForm> forms = {
        {.file = "metrics.csv",
         .metric = {"metric"},
         .commodity = {"commodity"},
         .region = {"region"},
         .statistic = {"statistic"},
         .unit = {"unit"},
         .figures = {{"", "value", "lower", "upper"}}},
        {.file = "exceedance.csv",
         .metric = {"metric"},
         .commodity = {"commodity"},
         .region = {"region"},
         .statistic = {"basis", "return_period", "year"},
         .unit = {"unit"},
         .figures = {{"", "value", "lower", "upper"}}},
        {.file = "chokepoints.csv",
         .metric = {},
         .commodity = {"commodity"},
         .region = {"from", "to", "layer", "kind"},
         .statistic = {},
         .unit = {},
         .figures = {{"p_binding", "p_binding", "p_binding_lower", "p_binding_upper"},
                     {"p_ever_binding", "p_ever_binding", "p_ever_binding_lower",
                      "p_ever_binding_upper"},
                     {"marginal_value", "marginal_value_usd_per_t", "marginal_value_lower",
                      "marginal_value_upper"},
                     {"marginal_value_tail", "marginal_value_tail_usd_per_t",
                      "marginal_value_tail_lower", "marginal_value_tail_upper"},
                     {"rent", "rent_usd", "rent_lower", "rent_upper"},
                     {"flow", "flow_t_per_month", "flow_lower", "flow_upper"},
                     {"tax_revenue", "tax_revenue_usd", "tax_revenue_lower",
                      "tax_revenue_upper"}}},
        {.file = "events.csv",
         .metric = {"figure"},
         .commodity = {"type"},
         .region = {"name", "cause"},
         .statistic = {"statistic"},
         .unit = {"unit"},
         .figures = {{"", "value", "lower", "upper"}}}};
    return forms;
}

const TableForm& form_of(const std::string& file)
{
    const auto found = std::find_if(forms().begin(), forms().end(),
                                    [&](const TableForm& form) { return form.file == file; });
    if (found == forms().end()) {
        throw std::invalid_argument("read_figures: no table is called " + file);
    }
    return *found;
}

/// The cells of a line. No cell that a run writes holds a comma or a quote.
std::vector<std::string_view> cells_of(std::string_view line)
{
    std::vector<std::string_view> cells;
    for (;;) {
        const std::size_t comma = line.find(',');
        cells.push_back(line.substr(0, comma));
        if (comma == line.npos) {
            return cells;
        }
        line.remove_prefix(comma + 1);
    }
}

/// NaN for an empty cell; nothing for what is no number.
std::optional<double> number_in(std::string_view cell)
{
    double value = std::numeric_limits<double>::quiet_NaN();
    if (cell.empty()) {
        return value;
    }
    const auto [end, fault] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    const bool is_number =
        fault == std::errc() && end == cell.data() + cell.size() && !std::isnan(value);
    return is_number ? std::optional(value) : std::nullopt;
}

/// Reads one table line by line.
class TableReader {
public:
    TableReader(const TableForm& form, const std::string& path, const std::string& text,
                Diagnostics& problems)
        : form_(form), path_(path), text_(text), problems_(problems)
    {}

    std::vector<NamedFigure> read()
    {
        std::string_view rest = text_;
        while (!rest.empty() && complaints_ < most_complaints) {
            ++line_;
            const std::size_t end = rest.find('\n');
            if (end == rest.npos) {
                complain(1, "", "the last line has no end (is the file cut off?)");
                break;
            }
            read_line(rest.substr(0, end));
            if (line_ == 1 && complaints_ > 0) {
                break;  // without its header no line can be read
            }
            rest.remove_prefix(end + 1);
        }
        if (text_.empty()) {
            complain(0, "", "is empty (it must have at least a line of column names)");
        }
        if (complaints_ > 0) {
            problems_.add_source(path_, text_);
        }
        return std::move(figures_);
    }

private:
    static constexpr int most_complaints = 10;
    static constexpr std::size_t not_there = static_cast<std::size_t>(-1);

    void read_line(std::string_view line)
    {
        const auto is_control = [](char letter) {
            return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
        };
        if (std::any_of(line.begin(), line.end(), is_control)) {
            complain(1, "", "control characters in a table (is the file damaged?)");
            return;
        }
        cells_ = cells_of(line);
        if (line_ == 1) {
            read_header();
        } else if (cells_.size() != columns_.size()) {
            complain(1, "",
                     fmt::format("has {} cells (must be {}, one per column)", cells_.size(),
                                 columns_.size()));
        } else {
            read_row();
        }
    }

    void read_header()
    {
        for (const std::string_view cell : cells_) {
            columns_.emplace_back(cell);
        }
        for (const Columns* names :
             {&form_.metric, &form_.commodity, &form_.region, &form_.statistic, &form_.unit}) {
            for (const std::string& name : *names) {
                if (position_of(name) == not_there) {
                    complain(1, "", fmt::format("column \"{}\" is missing", name));
                }
            }
        }
    }

    void read_row()
    {
        const std::string policy = joined({"policy"});
        for (const FigureColumns& columns : form_.figures) {
            const Estimate estimate = {.value = number(columns.value),
                                       .lower = number(columns.lower),
                                       .upper = number(columns.upper)};
            if (std::isnan(estimate.value)) {
                continue;
            }
            FigureKey name = {
                .file = form_.file,
                .policy = policy,
                .metric = form_.metric.empty() ? columns.metric : joined(form_.metric),
                .commodity = joined(form_.commodity),
                .region = joined(form_.region),
                .statistic = form_.statistic.empty() ? "mean" : joined(form_.statistic),
                .unit = joined(form_.unit)};
            const auto [first, is_new] = lines_.emplace(name, line_);
            if (!is_new) {
                complain(1, "",
                         fmt::format("the same figure stands in line {}", first->second));
                return;
            }
            figures_.push_back({std::move(name), estimate});
        }
    }

    std::size_t position_of(const std::string& column) const
    {
        const auto found = std::find(columns_.begin(), columns_.end(), column);
        return found == columns_.end() ? not_there
                                       : static_cast<std::size_t>(found - columns_.begin());
    }

    std::string joined(const Columns& columns) const
    {
        std::string text;
        for (const std::string& column : columns) {
            const std::size_t position = position_of(column);
            if (position != not_there && !cells_[position].empty()) {
                text += text.empty() ? "" : " ";
                text += cells_[position];
            }
        }
        return text;
    }

    double number(const std::string& column)
    {
        const std::size_t position = position_of(column);
        if (position == not_there) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        const std::string_view cell = cells_[position];
        const std::optional<double> value = number_in(cell);
        if (!value) {
            complain(1 + static_cast<int>(cell.data() - cells_.front().data()), column,
                     fmt::format("must be a number (got \"{}\")", cell.substr(0, 60)));
        }
        return value.value_or(std::numeric_limits<double>::quiet_NaN());
    }

    void complain(int column, const std::string& key, std::string problem)
    {
        problems_.error({path_, line_, column}, key, std::move(problem));
        ++complaints_;
    }

    const TableForm& form_;
    const std::string& path_;
    const std::string& text_;
    Diagnostics& problems_;
    int line_ = 0, complaints_ = 0;
    Columns columns_;
    std::vector<std::string_view> cells_;  ///< Of the line being read.
    std::vector<NamedFigure> figures_;
    std::map<FigureKey, int> lines_;  ///< Where each figure stands.
};

}  // namespace

const std::vector<std::string>& figure_files()
{
    static const std::vector<std::string> files = [] {
        std::vector<std::string> names;
        for (const TableForm& form : forms()) {
            names.push_back(form.file);
        }
        return names;
    }();
    return files;
}

std::vector<NamedFigure> read_figures(const std::string& name, const std::string& path,
                                      const std::string& text, Diagnostics& problems)
{
    return TableReader(form_of(name), path, text, problems).read();
}

}  // namespace chokepoint
