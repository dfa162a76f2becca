#include "text_check.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// Every token of YAML needs one of these or a line of its own, so that their number bounds the
/// memory that the parser takes (about 240 bytes each).
constexpr std::string_view punctuation = "[]{},:-?&*!|>'\"%@`\n";
constexpr std::ptrdiff_t most_punctuation = 500'000;

/// Where a byte of the text stands.
Place place_of(std::string_view text, std::size_t at, const std::string& file)
{
    const std::string_view before = text.substr(0, at);
    const std::size_t line_start =
        before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    return {file, static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
            static_cast<int>(at - line_start) + 1};
}

/// What is wrong with the character at `at`; empty if nothing is.
std::string fault_at(std::string_view text, std::size_t at)
{
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '\r') {
        const bool ends_line = at + 1 < text.size() && text[at + 1] == '\n';
        return ends_line ? ""
                         : "a carriage return that ends no line (a line ends in LF or CR LF)";
    }
    if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F) {
        return fmt::format(
            "the file holds the control character 0x{:02x} (it must be plain text)", byte);
    }
    if (byte == 0xC2 && at + 1 < text.size()
        && static_cast<unsigned char>(text[at + 1]) < 0xA0
        && static_cast<unsigned char>(text[at + 1]) >= 0x80) {
        return fmt::format("the file holds the control character U+00{:02X} (it must be plain text)",
                           static_cast<unsigned char>(text[at + 1]));
    }
    return utf8_length(text.substr(at)) > 0
               ? ""
               : fmt::format("byte 0x{:02x} is no UTF-8 (the file must be UTF-8 text)", byte);
}

bool check_characters(std::string_view text, const std::string& file, Diagnostics& problems)
{
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        problems.error({file, 1, 1}, "", "the file is UTF-16 (save it as UTF-8)");
        return false;
    }
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0x20 && byte < 0x7F) {
            ++at;
            continue;
        }
        std::string fault = fault_at(text, at);
        if (!fault.empty()) {
            problems.error(place_of(text, at, file), "", std::move(fault));
            return false;
        }
        at += utf8_length(text.substr(at));
    }
    return true;
}

bool check_indentation(std::string_view text, const std::string& file, Diagnostics& problems)
{
    for (std::size_t tab = text.find('\t'); tab != text.npos; tab = text.find('\t', tab + 1)) {
        const std::size_t before = text.find_last_not_of(" \t", tab);
        if (before == text.npos || text[before] == '\n') {
            const std::size_t line_start = before == text.npos ? 0 : before + 1;
            problems.error(place_of(text, text.find('\t', line_start), file), "",
                           "a tab indents this line (YAML is indented with spaces)");
            return false;
        }
    }
    return true;
}

bool check_amount(std::string_view text, const std::string& file, Diagnostics& problems)
{
    std::array<bool, 256> counts{};
    for (const char letter : punctuation) {
        counts[static_cast<unsigned char>(letter)] = true;
    }
    const auto count = std::count_if(text.begin(), text.end(), [&](char letter) {
        return counts[static_cast<unsigned char>(letter)];
    });
    if (count <= most_punctuation) {
        return true;
    }
    problems.error(
        {file, 0, 0}, "",
        fmt::format("the file is too large (it holds {} lines and punctuation marks; "
                    "at most {})",
                    count, most_punctuation));
    return false;
}

}  // namespace

std::size_t utf8_length(std::string_view text)
{
    // By the lead byte: how many bytes, and the least code point that needs that many.
    const auto lead = text.empty() ? 0xFFU : static_cast<unsigned char>(text.front());
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) {
        return 0;
    }
    std::uint32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80U) {
            return 0;
        }
        code = (code << 6U) | (byte & 0x3FU);
    }
    const std::uint32_t least = length == 4 ? 0x10000U : length == 3 ? 0x800U : 0x80U;
    const bool surrogate = code >= 0xD800U && code <= 0xDFFFU;
    return code < least || code > 0x10FFFFU || surrogate ? 0 : length;
}

bool check_text(std::string_view text, const std::string& file, Diagnostics& problems)
{
    return check_characters(text, file, problems) && check_indentation(text, file, problems)
           && check_amount(text, file, problems);
}

}  // namespace chokepoint
