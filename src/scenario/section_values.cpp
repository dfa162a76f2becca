// Numbers, tables of them, words and dates of a section.

#include "section.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "laws.hpp"
#include "messages.hpp"
#include "scalars.hpp"

namespace chokepoint {

namespace {

/// The first character of a UTF-8 text that a terminal would obey instead of showing it:
/// control characters and those that turn the direction of writing. \param has_lines  Lines may
/// end in it.
std::optional<unsigned> control_character(const std::string& text, bool has_lines)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if ((byte < 0x20 && !(has_lines && (byte == '\n' || byte == '\t'))) || byte == 0x7f) {
            return byte;
        }
        if (byte == 0xe2 && at + 2 < text.size()) {
            const auto next = static_cast<unsigned char>(text[at + 1]);
            const auto last = static_cast<unsigned char>(text[at + 2]);
            const unsigned character = 0x2000U | (next & 0x3fU) << 6U | (last & 0x3fU);
            const bool turns = (character >= 0x202a && character <= 0x202e)
                               || (character >= 0x2066 && character <= 0x2069);
            if (turns) {
                return character;
            }
        }
        if (byte == 0xc2 && at + 1 < text.size()
            && static_cast<unsigned char>(text[at + 1]) < 0xa0) {
            return static_cast<unsigned char>(text[at + 1]);
        }
    }
    return std::nullopt;
}

}  // namespace

Number Section::read_number(const YamlNode& node, std::string path, const KeyRow& row) const
{
    auto distribution = read_distribution(node, path, row.bounds, row.sentence, *reading_);
    if (!distribution) {
        return {Distribution(), "", node.place};
    }
    return {std::move(*distribution), std::move(path), node.place};
}

Number Section::default_number(std::string_view key) const
{
    YamlNode fallback;
    fallback.kind = YamlNode::Kind::scalar;
    fallback.text = row(key).fallback;
    const Parsed<double> value = parse_number(fallback);
    return value.value ? implied_number(key, *value.value) : Number{Distribution(), "", place_};
}

Number Section::implied_number(std::string_view key, double value) const
{
    return {Fixed{value}, path_of(key), place_};
}

std::optional<Number> Section::number_if_written(std::string_view key) const
{
    const KeyRow& row = this->row(key);
    const YamlNode* value = sound(row);
    if (value == nullptr) {
        return std::nullopt;
    }
    return read_number(*value, path_of(key), row);
}

Number Section::number(std::string_view key) const
{
    auto written = number_if_written(key);
    return written ? *std::move(written) : default_number(key);
}

Number Section::number_or(std::string_view key, const Number& fallback) const
{
    auto written = number_if_written(key);
    return written ? *std::move(written) : fallback;
}

Mark Section::mark(std::string_view key) const
{
    Number number = this->number(key);
    return {std::move(number.distribution), std::move(number.path), std::move(number.place)};
}

Mark Section::mark_or(std::string_view key, double fallback) const
{
    Number number = number_or(key, implied_number(key, fallback));
    return {std::move(number.distribution), std::move(number.path), std::move(number.place)};
}

std::vector<std::pair<std::string, Number>> Section::number_map(std::string_view key) const
{
    std::vector<std::pair<std::string, Number>> numbers;
    const KeyRow& row = this->row(key);
    const YamlNode* map = sound(row);
    if (map == nullptr) {
        return numbers;
    }
    const std::string path = path_of(key);
    if (!map->is_map()) {
        complain(*map, path, row);
        return numbers;
    }
    for (const YamlEntry& entry : map->entries) {
        if (is_note(entry.key)) {
            check_note(entry, path, *reading_);
            continue;
        }
        check_map_key(entry, path, row.of);
        numbers.emplace_back(
            entry.key, read_number(entry.value, joined_path(path, in_path(entry.key)), row));
    }
    return numbers;
}

std::vector<std::pair<int, Number>> Section::numbers_by_year(std::string_view key) const
{
    std::vector<std::pair<int, Number>> numbers;
    for (auto& [year, number] : number_map(key)) {
        if (is_year(year)) {
            numbers.emplace_back(std::stoi(year), std::move(number));
        }
    }
    return numbers;
}

double Section::read_plain(const YamlNode& node, const std::string& path,
                           const KeyRow& row) const
{
    const Number written = read_number(node, path, row);
    if (!written.distribution.is_fixed()) {
        reading_->error(
            node.place, path,
            fmt::format("must be a fixed number (got {})", to_string(written.distribution)),
            std::string(row.sentence));
    }
    return written.distribution.lower();
}

double Section::plain(std::string_view key) const
{
    const YamlNode* value = sound(key);
    return value == nullptr ? default_number(key).distribution.lower()
                            : read_plain(*value, path_of(key), row(key));
}

std::vector<PlainInTable> Section::plain_table(std::string_view key) const
{
    std::vector<PlainInTable> numbers;
    const YamlNode* table = sound(key);
    if (table == nullptr) {
        return numbers;
    }
    const auto visit_map = [&](const YamlNode& map, const std::string& path, auto visit) {
        if (map.kind == YamlNode::Kind::faulty) {
            return;
        }
        if (!map.is_map()) {
            complain(map, path, row(key));
            return;
        }
        for (const YamlEntry& entry : map.entries) {
            if (is_note(entry.key)) {
                check_note(entry, path, *reading_);
                continue;
            }
            check_map_key(entry, path, row(key).of);
            visit(entry, joined_path(path, in_path(entry.key)));
        }
    };
    visit_map(*table, path_of(key), [&](const YamlEntry& line, const std::string& line_path) {
        visit_map(line.value, line_path, [&](const YamlEntry& entry, const std::string& path) {
            numbers.push_back({line.key, entry.key, read_plain(entry.value, path, row(key)),
                               entry.value.place, path});
        });
    });
    return numbers;
}

std::optional<std::uint64_t> Section::whole_if_written(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    const Bounds& bounds = row(key).bounds;
    Parsed<std::uint64_t> parsed = parse_whole(*value);
    if (!parsed.value) {
        error(key, std::move(parsed.problem),
              parsed.hint.empty() ? std::string(row(key).sentence) : std::move(parsed.hint));
    } else if (!bounds.contains(static_cast<double>(*parsed.value))) {
        error(key, fmt::format("must {} (got {})", bounds.phrase(), *parsed.value),
              std::string(row(key).sentence));
        parsed.value.reset();
    }
    return parsed.value;
}

std::uint64_t Section::whole(std::string_view key) const
{
    const auto written = whole_if_written(key);
    if (written) {
        return *written;
    }
    const std::string_view fallback = row(key).fallback;
    return fallback.empty() ? 0 : std::stoull(std::string(fallback));
}

std::optional<bool> Section::flag(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    Parsed<bool> parsed = parse_flag(*value);
    if (!parsed.value) {
        error(key, std::move(parsed.problem), std::string(row(key).sentence));
    }
    return parsed.value;
}

std::string Section::text(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return {};
    }
    if (!value->is_scalar() || value->text.empty()) {
        complain(key);
        return {};
    }
    if (const auto control = control_character(value->text, row(key).type == KeyType::lines)) {
        error(key, fmt::format("must hold no control characters (got U+{:04X})", *control));
        return {};
    }
    return value->text;
}

std::string Section::choice(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return std::string(row(key).fallback);
    }
    const std::string_view words = row(key).of;
    for (std::size_t begin = 0; value->is_scalar() && begin < words.size();) {
        const std::size_t end = std::min(words.find('/', begin), words.size());
        if (words.substr(begin, end - begin) == value->text) {
            return value->text;
        }
        begin = end + 1;
    }
    complain(key);
    return {};
}

std::optional<Date> Section::date(std::string_view key) const
{
    const YamlNode* value = sound(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto date = value->is_scalar() ? parse_date(value->text) : std::nullopt;
    if (!date) {
        complain(key);
    }
    return date;
}

}  // namespace chokepoint
