#pragma once

#include <cmath>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

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
    explicit Lines(std::string_view header) { append("{}", header); }

    template <class... Values>
    void append(fmt::format_string<Values...> format, Values&&... values)
    {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
        text_.push_back('\n');
    }

    std::string take() { return fmt::to_string(text_); }

private:
    fmt::memory_buffer text_;  // formatting into it is far faster than into a string
};

}  // namespace chokepoint
