#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace chokepoint {

/// A day of the proleptic Gregorian calendar. `YYYY-MM` stands for the first day of the month.
struct Date {
    int year = 0;
    int month = 1;  ///< 1 to 12
    int day = 1;    ///< 1 to 31

    auto operator<=>(const Date&) const = default;
};

/// The date written as `YYYY-MM` or `YYYY-MM-DD`; nothing if it is not one, or no such day
/// exists.
std::optional<Date> parse_date(std::string_view text);

/// `YYYY-MM-DD`.
std::string to_string(const Date& date);

/// Days in a month of a year (28 to 31).
int days_in_month(int year, int month);

/// Continuous model time in months: 0 is the start of `start`'s month, whole numbers are starts
/// of months, and a day takes 1 / (days in its month). `start` counts as the first of its
/// month.
double months_between(const Date& start, const Date& date);

/// `YYYY-MM` of the month that lies `month` months after that of `start`.
std::string month_label(const Date& start, int month);

inline constexpr double days_per_month = 365.25 / 12;
inline constexpr int months_per_year = 12;

}  // namespace chokepoint
