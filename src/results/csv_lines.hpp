#pragma once

#include <cmath>
#include <iterator>
#include <string>
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
    explicit Lines(const char* header) : text_(header) { text_ += '\n'; }

    template <class... Values>
    void append(fmt::format_string<Values...> format, Values&&... values)
    {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
        text_ += '\n';
    }

    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

}  // namespace chokepoint
