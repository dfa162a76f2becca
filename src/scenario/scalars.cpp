#include "scalars.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "key_table.hpp"
#include "messages.hpp"

namespace chokepoint {
namespace {

constexpr std::size_t longest_name = 60;

bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

bool all_digits(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// `007`, `-01.5`: octal to some readers of YAML.
bool has_leading_zero(std::string_view text)
{
    if (text.starts_with('-')) {
        text.remove_prefix(1);
    }
    return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

std::string lower_case(std::string_view text)
{
    std::string lowered(text);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A'))
                                              : letter;
    });
    return lowered;
}

/// True for the ways in which YAML and C write infinities and NaN.
bool is_not_finite(std::string_view text)
{
    std::string word = lower_case(text);
    word.erase(0, std::min(word.find_first_not_of("+-."), word.size()));
    return word == "nan" || word == "inf" || word == "infinity";
}

/// The number if the whole text is one in C++'s general notation.
std::optional<double> decimal(std::string_view text, bool& out_of_range)
{
    double value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    out_of_range = fault == std::errc::result_out_of_range;
    if (fault != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

/// True if the only comma of a text stands where a decimal point would, and not before three
/// digits as between thousands.
bool has_decimal_comma(const std::string& text)
{
    constexpr std::size_t digits_of_thousands = 3;
    const std::size_t comma = text.find(',');
    if (comma == 0 || comma == text.npos || text.find_first_of(",.", comma + 1) != text.npos) {
        return false;
    }
    return text.size() - comma - 1 != digits_of_thousands || text.substr(0, comma) == "0"
           || text.substr(0, comma) == "-0";
}

/// How the author may have meant what is no number.
std::string number_hint(const YamlNode& node)
{
    if (!node.is_scalar()) {
        return {};
    }
    if (node.quoted) {
        bool out_of_range = false;
        return decimal(node.text, out_of_range) ? "leave the quotes away" : "";
    }
    std::string plain = node.text;
    if (has_decimal_comma(plain)) {
        std::replace(plain.begin(), plain.end(), ',', '.');
    }
    plain.erase(std::remove_if(plain.begin(), plain.end(),
                               [](char c) { return c == '_' || c == ',' || c == ' '; }),
                plain.end());
    if (plain.starts_with('+')) {
        plain.erase(0, 1);
    }
    bool out_of_range = false;
    if (plain.ends_with('%')) {
        const auto percent =
            decimal(std::string_view(plain).substr(0, plain.size() - 1), out_of_range);
        return percent ? fmt::format("write {}", *percent / 100) : "";
    }
    return plain != node.text && decimal(plain, out_of_range) ? "write " + plain : "";
}

}  // namespace

Parsed<double> parse_number(const YamlNode& node)
{
    if (!node.is_scalar() || node.quoted) {
        return {{}, fmt::format("must be a number (got {})", found(node)), number_hint(node)};
    }
    if (is_not_finite(node.text)) {
        return {{}, fmt::format("must be a finite number (got {})", node.text)};
    }
    if (has_leading_zero(node.text)) {
        return {{},
                fmt::format("must be a number without leading zeros (got {})",
                            in_quotes(node.text))};
    }
    bool out_of_range = false;
    const auto value = decimal(node.text, out_of_range);
    if (out_of_range) {
        return {
            {},
            fmt::format("must be a number that fits a double (got {})", in_quotes(node.text))};
    }
    if (!value) {
        return {{}, fmt::format("must be a number (got {})", found(node)), number_hint(node)};
    }
    return {*value == 0 ? 0.0 : *value};  // -0 is 0
}

Parsed<std::uint64_t> parse_whole(const YamlNode& node)
{
    const std::string problem = fmt::format("must be a whole number (got {})", found(node));
    if (!node.is_scalar() || node.quoted) {
        return {{}, problem, number_hint(node)};
    }
    if (!all_digits(node.text) || has_leading_zero(node.text)) {
        const auto number = parse_number(node);
        const bool whole = number.value && *number.value == std::floor(*number.value)
                           && *number.value >= 0 && *number.value < 1e15;
        return {{}, problem, whole ? fmt::format("write {:.0f}", *number.value) : number.hint};
    }
    std::uint64_t value = 0;
    const auto result =
        std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
    if (result.ec != std::errc{}) {
        return {{},
                fmt::format("must be at most {} (got {})", UINT64_MAX, in_quotes(node.text))};
    }
    return {value};
}

Parsed<bool> parse_flag(const YamlNode& node)
{
    if (node.is_scalar() && !node.quoted && (node.text == "true" || node.text == "false")) {
        return {node.text == "true"};
    }
    return {{}, fmt::format("must be true or false (got {})", found(node))};
}

std::string name_problem(std::string_view word)
{
    const auto fits = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || is_digit(letter) || letter == '_';
    };
    if (word.empty() || !std::all_of(word.begin(), word.end(), fits) || is_digit(word.front())
        || word.front() == '_') {
        return fmt::format(
            "must be a name of lower-case letters, digits and _, beginning with a "
            "letter (got {})",
            in_quotes(word));
    }
    if (word.size() > longest_name) {
        return fmt::format("must be a name of at most {} letters (got {})", longest_name,
                           word.size());
    }
    return is_reserved(word) ? fmt::format("must not be the reserved word {}", in_quotes(word))
                             : "";
}

}  // namespace chokepoint
