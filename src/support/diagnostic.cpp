#include "chokepoint/support/diagnostic.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::size_t quoted_columns = 100;

/// Longer lines are not quoted: hundreds of problems in one line of megabytes would fill the
/// memory.
constexpr std::size_t longest_quoted_line = 20'000;

bool is_continuation(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// The length of the well-formed UTF-8 character at `at`; 0 if there is none.
std::size_t character_length(std::string_view text, std::size_t at)
{
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || at + length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[at + i])) {
            return 0;
        }
    }
    return length;
}

/// The characters of a text, each of one column: control bytes are spaces, and bytes that are
/// no UTF-8 are question marks, so that no input can disturb the terminal it is printed on.
struct Columns {
    std::vector<std::string_view> characters;
    std::size_t caret = 0;  ///< The character that holds the byte asked for.
};

Columns columns_of(std::string_view text, std::size_t caret_byte)
{
    Columns columns;
    for (std::size_t at = 0; at < text.size();) {
        if (at <= caret_byte) {
            columns.caret = columns.characters.size();
        }
        const std::size_t length = character_length(text, at);
        const auto byte = static_cast<unsigned char>(text[at]);
        if (length == 0) {
            columns.characters.emplace_back("?");
        } else if ((length == 1 && (byte < 0x20 || byte == 0x7F))
                   || (length == 2 && byte == 0xC2
                       && static_cast<unsigned char>(text[at + 1]) < 0xA0)) {  // U+0080 to U+009F
            columns.characters.emplace_back(" ");
        } else {
            columns.characters.push_back(text.substr(at, length));
        }
        at += std::max<std::size_t>(length, 1);
    }
    if (caret_byte >= text.size()) {
        columns.caret = columns.characters.size();
    }
    return columns;
}

std::string joined(const std::vector<std::string_view>& characters, std::size_t begin,
                   std::size_t end)
{
    std::string text;
    for (std::size_t i = begin; i < end; ++i) {
        text += characters[i];
    }
    return text;
}

std::string printable(std::string_view text)
{
    const Columns columns = columns_of(text, 0);
    return joined(columns.characters, 0, columns.characters.size());
}

/// The source line and the caret below it, each on a line of its own with the margin that holds
/// the line's number.
std::string quotation(const Diagnostic& diagnostic)
{
    const auto column = static_cast<std::size_t>(std::max(diagnostic.place.column, 1));
    // Bytes far from the caret cannot be shown: a line of megabytes is cut before it is split.
    const std::size_t first_byte =
        column > 4 * quoted_columns ? column - 4 * quoted_columns : 0;
    const std::string_view line(diagnostic.source_line);
    const std::string_view nearby =
        line.substr(std::min(first_byte, line.size()), 8 * quoted_columns);
    const Columns columns = columns_of(nearby, column - 1 - first_byte);

    std::size_t begin = 0;
    std::size_t end = columns.characters.size();
    if (end > quoted_columns) {
        begin = columns.caret > quoted_columns / 2 ? columns.caret - quoted_columns / 2 : 0;
        begin = std::min(begin, end - quoted_columns);
        end = begin + quoted_columns;
    }
    const std::string number = std::to_string(diagnostic.place.line);
    return fmt::format("\n  {} | {}\n  {} | {}^", number,
                       joined(columns.characters, begin, end), std::string(number.size(), ' '),
                       std::string(columns.caret - begin, ' '));
}

std::string lower_case(std::string_view text)
{
    std::string lowered(text);
    for (char& letter : lowered) {
        if (letter >= 'A' && letter <= 'Z') {
            letter = static_cast<char>(letter - 'A' + 'a');
        }
    }
    return lowered;
}

/// Edits (insert, delete, replace, swap of neighbours) that turn one text into the other.
std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], before_last[j - 2] + 1);
            }
        }
        before_last.swap(last);
        last.swap(current);
    }
    return last[b.size()];
}

std::string all_as_printed(const std::vector<Diagnostic>& problems)
{
    if (problems.empty()) {
        throw std::invalid_argument("InputError: no problem given (needs at least one)");
    }
    std::string text;
    for (const Diagnostic& problem : problems) {
        text += text.empty() ? "" : "\n";
        text += to_string(problem);
    }
    return text;
}

/// Where each line of a text starts.
std::vector<std::size_t> line_starts(std::string_view text)
{
    std::vector<std::size_t> starts{0};
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
        starts.push_back(at + 1);
    }
    return starts;
}

/// A line of a text; empty if it has no such line, or one too long to be quoted.
std::string line_of(std::string_view text, const std::vector<std::size_t>& starts, int line)
{
    if (line < 1 || static_cast<std::size_t>(line) > starts.size()) {
        return {};
    }
    const std::size_t begin = starts[static_cast<std::size_t>(line) - 1];
    std::string_view found = text.substr(begin, text.find('\n', begin) - begin);
    if (found.ends_with('\r')) {
        found.remove_suffix(1);
    }
    return found.size() > longest_quoted_line ? std::string() : std::string(found);
}

}  // namespace

const std::string& FileName::text() const
{
    static const std::string empty;
    return name_ ? *name_ : empty;
}

std::string to_string(const Diagnostic& diagnostic)
{
    const Place& place = diagnostic.place;
    std::string text = printable(place.file.text());
    if (place.line > 0) {
        text += fmt::format(":{}:{}", place.line, std::max(place.column, 1));
    }
    text += diagnostic.severity == Severity::error ? ": error: " : ": warning: ";
    if (!diagnostic.key_path.empty()) {
        text += printable(diagnostic.key_path) + ": ";
    }
    text += printable(diagnostic.problem);
    if (place.line > 0 && !diagnostic.source_line.empty()) {
        text += quotation(diagnostic);
    }
    if (!diagnostic.hint.empty()) {
        text += fmt::format("\n  hint: {}", printable(diagnostic.hint));
    }
    return text;
}

void Diagnostics::error(Place place, std::string key_path, std::string problem,
                        std::string hint)
{
    add(Severity::error, std::move(place), std::move(key_path), std::move(problem),
        std::move(hint));
}

void Diagnostics::warning(Place place, std::string key_path, std::string problem,
                          std::string hint)
{
    add(Severity::warning, std::move(place), std::move(key_path), std::move(problem),
        std::move(hint));
}

void Diagnostics::add(Severity severity, Place place, std::string key_path, std::string problem,
                      std::string hint)
{
    diagnostics_.push_back({.severity = severity,
                            .place = std::move(place),
                            .key_path = std::move(key_path),
                            .problem = std::move(problem),
                            .source_line = {},
                            .hint = std::move(hint)});
}

bool Diagnostics::has_errors() const
{
    return std::any_of(diagnostics_.begin(), diagnostics_.end(),
                       [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::vector<Diagnostic> Diagnostics::sorted() const
{
    std::unordered_map<std::string_view, std::size_t> order;
    for (const Source& source : sources_) {
        order.emplace(source.file, order.size());
    }
    for (const Diagnostic& diagnostic : diagnostics_) {
        order.emplace(diagnostic.place.file.text(), order.size());
    }
    std::vector<Diagnostic> result = diagnostics_;
    std::stable_sort(result.begin(), result.end(), [&](const auto& a, const auto& b) {
        const auto rank = [&](const Place& place) {
            return std::tuple(order.at(place.file.text()), place.line, place.column);
        };
        return rank(a.place) < rank(b.place);
    });

    for (const Source& source : sources_) {
        std::vector<std::size_t> starts;
        for (Diagnostic& diagnostic : result) {
            if (diagnostic.place.file.text() != source.file) {
                continue;
            }
            if (starts.empty()) {
                starts = line_starts(source.text);
            }
            diagnostic.source_line = line_of(source.text, starts, diagnostic.place.line);
        }
    }
    return result;
}

void Diagnostics::add_source(std::string file, std::string text)
{
    sources_.push_back({std::move(file), std::move(text)});
}

InputError::InputError(std::vector<Diagnostic> problems)
    : std::runtime_error(all_as_printed(problems)), problems_(std::move(problems))
{}

std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates)
{
    const std::string wanted = lower_case(name);
    std::string nearest;
    std::size_t smallest = std::numeric_limits<std::size_t>::max();
    for (const std::string& candidate : candidates) {
        const std::size_t longer = std::max(wanted.size(), candidate.size());
        const std::size_t shorter = std::min(wanted.size(), candidate.size());
        if ((longer - shorter) * 3 > longer) {
            continue;
        }
        const std::size_t distance = edit_distance(wanted, lower_case(candidate));
        if (distance * 3 <= longer && distance < smallest) {
            smallest = distance;
            nearest = candidate;
        }
    }
    return nearest;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates,
                         std::string_view otherwise)
{
    const std::string nearest = nearest_name(name, candidates);
    if (!nearest.empty()) {
        return fmt::format(" (did you mean \"{}\"?)", nearest);
    }
    return otherwise.empty() ? std::string() : fmt::format(" ({})", otherwise);
}

}  // namespace chokepoint
