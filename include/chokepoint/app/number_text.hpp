#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace chokepoint {

/// A value with its standard error, both cut to the digits that the error leaves: the error to
/// one significant digit (two if the first is a 1), e.g. `12.3 ± 0.4`, `104 ± 12`, `1.23 ±
/// 0.011`. Without an error (0 or not finite) the value in three significant digits.
std::string with_error(double value, double error);

/// As above for a share, in per cent: `12.3 ± 0.4 %`.
std::string percent_with_error(double share, double error);

/// A value alone, cut to the digits that its error leaves, at most five; from 10 million on, or
/// under 0.0001, with an exponent. As `short_number` where the error is 0, not finite or under
/// a 100,000th of the value.
std::string rounded_to_error(double value, double error);

/// Three significant digits without exponent up to a million, e.g. `0.0123`, `12,300`,
/// `1.23e+07`; `–` for a figure that there is none of, `never` for infinity.
std::string short_number(double value);

/// A share in per cent in three significant digits, e.g. `12.3 %`.
std::string percent(double share);

/// With commas between thousands, e.g. `20,000`.
std::string grouped(std::uint64_t number);

/// How many there are of what, e.g. `1 trial`, `20,000 trials`.
/// \param noun  Takes an s where there is not exactly one.
std::string counted(std::uint64_t number, const std::string& noun);

/// A time in seconds as one or two units, e.g. `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
std::string duration_text(double seconds);

/// Bytes in a fitting unit, e.g. `120 MB`.
std::string memory_text(double bytes);

/// How many characters a text takes, as opposed to bytes.
std::size_t width_of(const std::string& text);

/// Where the characters of a text begin, and where it ends, in bytes.
std::vector<std::size_t> character_starts(const std::string& text);

/// The text if it is not wider, else its beginning and an ellipsis.
std::string cut_after(const std::string& text, std::size_t width);

/// The text filled with spaces to a width.
std::string left_aligned(const std::string& text, std::size_t width);
std::string right_aligned(const std::string& text, std::size_t width);

}  // namespace chokepoint
