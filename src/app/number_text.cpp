#include "chokepoint/app/number_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// The digits of a whole number in groups of three, with its sign.
std::string with_commas(const std::string& digits)
{
    std::string text;
    for (std::size_t place = 0; place < digits.size(); ++place) {
        const bool group_begins = (digits.size() - place) % 3 == 0;
        if (group_begins && place > 0 && digits[place - 1] != '-') {
            text += ',';
        }
        text += digits[place];
    }
    return text;
}

/// Rounded to `decimals` places, which may be negative: -2 rounds to hundreds. Nothing has no
/// sign.
std::string rounded(double value, int decimals)
{
    const double unit = std::pow(10.0, std::max(-decimals, 0));
    const double shown = decimals > 0 ? value : std::round(value / unit) * unit;
    std::string text = fmt::format("{:.{}f}", shown, std::max(decimals, 0));
    if (text.front() == '-' && text.find_first_of("123456789") == std::string::npos) {
        text.erase(0, 1);
    }
    const std::size_t point = std::min(text.find('.'), text.size());
    return with_commas(text.substr(0, point)) + text.substr(point);
}

/// Decimal places that leave one significant digit of the error, or two if the first is a 1.
int decimals_for(double error)
{
    const int exponent = static_cast<int>(std::floor(std::log10(error)));
    const double leading = error / std::pow(10.0, exponent);
    return leading < 1.95 ? 1 - exponent : -exponent;
}

/// Decimal places of three significant digits.
int decimals_of_three_digits(double value)
{
    if (value == 0) {
        return 0;
    }
    // Rounded first: 0.9996 has the digits 1.00, not 1.000.
    const double three_digits = std::stod(fmt::format("{:.2e}", value));
    const int exponent = static_cast<int>(std::floor(std::log10(std::abs(three_digits))));
    return std::max(2 - exponent, 0);
}

std::string padding(const std::string& text, std::size_t width)
{
    return std::string(width - std::min(width, width_of(text)), ' ');
}

}  // namespace

std::string with_error(double value, double error)
{
    if (!std::isfinite(value) || !std::isfinite(error) || error <= 0) {
        return short_number(value);
    }
    const int decimals = decimals_for(error);
    return rounded(value, decimals) + " ± " + rounded(error, decimals);
}

std::string percent_with_error(double share, double error)
{
    return with_error(100 * share, 100 * error) + (std::isnan(share) ? "" : " %");
}

std::string rounded_to_error(double value, double error)
{
    constexpr int most_digits = 5;
    const double size = std::abs(value);
    const bool says_something =
        std::isfinite(error) && error > size * std::pow(10.0, -most_digits);
    if (value == 0 || !std::isfinite(value) || !says_something) {
        return short_number(value);
    }
    const int exponent = static_cast<int>(std::floor(std::log10(size)));
    const int decimals = std::min(decimals_for(error), most_digits - 1 - exponent);
    if (size >= 1e7 || size < 1e-4) {
        return fmt::format("{:.{}e}", value, std::max(decimals + exponent, 0));
    }
    return rounded(value, decimals);
}

std::string short_number(double value)
{
    if (std::isnan(value)) {
        return "–";
    }
    if (std::isinf(value)) {
        return value > 0 ? "never" : "-inf";
    }
    const double size = std::abs(value);
    if (size != 0 && (size >= 1e7 || size < 1e-4)) {
        return fmt::format("{:.2e}", value);
    }
    return rounded(value, decimals_of_three_digits(value));
}

std::string percent(double share)
{
    return short_number(100 * share) + (std::isnan(share) ? "" : " %");
}

std::string grouped(std::uint64_t number)
{
    return with_commas(fmt::format("{}", number));
}

std::string counted(std::uint64_t number, const std::string& noun)
{
    return grouped(number) + ' ' + noun + (number == 1 ? "" : "s");
}

std::string duration_text(double seconds)
{
    if (seconds < 9.95) {
        return fmt::format("{:.1f} s", seconds);
    }
    const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
    if (whole < 60) {
        return fmt::format("{} s", whole);
    }
    if (whole < 3600) {
        return fmt::format("{} min {} s", whole / 60, whole % 60);
    }
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string memory_text(double bytes)
{
    constexpr std::array units = {"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    for (; bytes >= 999.5 && unit + 1 < units.size(); ++unit) {
        bytes /= 1000;
    }
    return fmt::format("{:.{}f} {}", bytes, bytes < 9.95 && unit > 0 ? 1 : 0, units[unit]);
}

std::size_t width_of(const std::string& text)
{
    // Bytes that continue a character of UTF-8 take no room.
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

std::vector<std::size_t> character_starts(const std::string& text)
{
    std::vector<std::size_t> starts;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((text[at] & 0xC0) != 0x80) {
            starts.push_back(at);
        }
    }
    starts.push_back(text.size());
    return starts;
}

std::string cut_after(const std::string& text, std::size_t width)
{
    return width_of(text) <= width ? text
                                   : text.substr(0, character_starts(text)[width - 1]) + "…";
}

std::string left_aligned(const std::string& text, std::size_t width)
{
    return text + padding(text, width);
}

std::string right_aligned(const std::string& text, std::size_t width)
{
    return padding(text, width) + text;
}

}  // namespace chokepoint
