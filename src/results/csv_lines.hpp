#pragma once

#include "chokepoint/results/csv_text.hpp"
#include "chokepoint/statistics/interval.hpp"

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/compile.h>
#include <fmt/format.h>

namespace chokepoint {

/// A number, or nothing where there is none.
struct Cell {
    double value;
};

}  // namespace chokepoint

template <>
struct fmt::formatter<chokepoint::Cell> : fmt::formatter<double> {
    template <class Context>
    auto format(const chokepoint::Cell& cell, Context& context) const
    {
        return std::isnan(cell.value) ? context.out()
                                      : fmt::formatter<double>::format(cell.value, context);
    }
};

namespace chokepoint {

/// Text that grows by formatted lines.
class Lines {
public:
    Lines() = default;
    explicit Lines(std::string_view header) { append("{}", header); }

    template <class... Values>
    void append(fmt::format_string<Values...> format, Values&&... values)
    {
        fmt::format_to(fmt::appender(text_), format, std::forward<Values>(values)...);
        text_.push_back('\n');
    }

    /// A line that begins with `beginning`, as many do, and ends with these cells: the same as
    /// `append` with a comma between them, in a fraction of the time.
    void append_to(std::string_view beginning, std::string_view name, const Estimate& estimate)
    {
        text_.append(beginning);
        text_.append(name);
        for (const double value : {estimate.value, estimate.lower, estimate.upper}) {
            text_.push_back(',');
            if (!std::isnan(value)) {
                fmt::format_to(fmt::appender(text_), FMT_COMPILE("{}"), value);
            }
        }
        text_.push_back('\n');
    }

    std::string take() { return fmt::to_string(text_); }

private:
    fmt::memory_buffer text_;  // formatting into it is far faster than into a string
};

}  // namespace chokepoint
