#include "chokepoint/support/calendar.hpp"

#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// The number written with exactly these digits; nothing if there is anything but digits.
std::optional<int> digits(std::string_view text)
{
    int value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || text.front() == '-') {
        return std::nullopt;
    }
    return value;
}

bool is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

}  // namespace

std::optional<Date> parse_date(std::string_view text)
{
    const bool has_day = text.size() == 10;
    if ((text.size() != 7 && !has_day) || text[4] != '-' || (has_day && text[7] != '-')) {
        return std::nullopt;
    }
    const auto year = digits(text.substr(0, 4));
    const auto month = digits(text.substr(5, 2));
    const auto day = has_day ? digits(text.substr(8, 2)) : 1;
    if (!year || !month || !day || *year < 1 || *month < 1 || *month > 12 || *day < 1
        || *day > days_in_month(*year, *month)) {
        return std::nullopt;
    }
    return Date{*year, *month, *day};
}

std::string to_string(const Date& date)
{
    return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

int days_in_month(int year, int month)
{
    switch (month) {
        case 1:
        case 3:
        case 5:
        case 7:
        case 8:
        case 10:
        case 12:
            return 31;
        case 4:
        case 6:
        case 9:
        case 11:
            return 30;
        case 2:
            return is_leap_year(year) ? 29 : 28;
        default:
            throw std::invalid_argument(
                fmt::format("days_in_month: month is {} (must lie between 1 and 12)", month));
    }
}

double months_between(const Date& start, const Date& date)
{
    const int whole_months = (date.year - start.year) * 12 + (date.month - start.month);
    return whole_months + (date.day - 1.0) / days_in_month(date.year, date.month);
}

std::string month_label(const Date& start, int month)
{
    const int months_since_year_0 = start.year * 12 + (start.month - 1) + month;
    return fmt::format("{:04}-{:02}", months_since_year_0 / 12, months_since_year_0 % 12 + 1);
}

}  // namespace chokepoint
