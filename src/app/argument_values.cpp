#include "argument_values.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// A number, and the unit that is written behind it.
struct Measured {
    bool has_number = false;
    double number = 0;
    std::string unit;
};

Measured read_measured(const std::string& text)
{
    Measured measured;
    const auto [end, fault] =
        std::from_chars(text.data(), text.data() + text.size(), measured.number);
    measured.has_number = fault == std::errc();
    measured.unit = text.substr(static_cast<std::size_t>(end - text.data()));
    return measured;
}

}  // namespace

std::string check_whole_number(const std::string& text, std::uint64_t lowest,
                               std::uint64_t highest)
{
    std::uint64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault == std::errc::invalid_argument || end != text.data() + text.size()) {
        return fmt::format("must be a whole number (got \"{}\")", text);
    }
    if (fault != std::errc() || number < lowest || number > highest) {
        return fmt::format("must lie between {} and {} (got {})", lowest, highest, text);
    }
    return {};
}

std::string read_time_span(std::string& text)
{
    static const std::map<std::string, double> units = {
        {"", 1}, {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
    constexpr double most = 1e9;
    const Measured measured = read_measured(text);
    const auto found = units.find(measured.unit);
    if (!measured.has_number || found == units.end() || !(measured.number * found->second > 0)
        || measured.number * found->second > most) {
        return fmt::format("must be a time such as 90s, 30min or 12h (got \"{}\")", text);
    }
    text = fmt::format("{}", measured.number * found->second);
    return {};
}

std::string read_memory_size(std::string& text)
{
    static const std::map<std::string, double> units = {
        {"", 1},      {"B", 1},      {"KB", 1e3},     {"MB", 1e6},     {"GB", 1e9},
        {"TB", 1e12}, {"KIB", 1024}, {"MIB", 0x1p20}, {"GIB", 0x1p30}, {"TIB", 0x1p40}};
    constexpr double most = 1e15;
    Measured measured = read_measured(text);
    std::string& unit = measured.unit;
    std::erase(unit, ' ');
    std::transform(unit.begin(), unit.end(), unit.begin(),
                   [](unsigned char letter) { return std::toupper(letter); });
    const auto found = units.find(unit);
    if (!measured.has_number || found == units.end() || !(measured.number * found->second >= 1)
        || measured.number * found->second > most) {
        return fmt::format("must be a number of bytes such as 500MB or 2GB (got \"{}\")", text);
    }
    text = fmt::format("{}", static_cast<std::uint64_t>(measured.number * found->second));
    return {};
}

std::string check_shard(const std::string& text)
{
    return read_shard(text)
               ? std::string()
               : fmt::format("must read I/N with I from 1 to N, such as 1/4 (got \"{}\")",
                             text);
}

std::string check_folder_name(const std::string& text)
{
    return text.empty() ? "must name a folder (got nothing)" : std::string();
}

std::string check_assignment(const std::string& text)
{
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        return fmt::format("must read path.to.key=value (got \"{}\")", text);
    }
    return {};
}

std::optional<ShardChoice> read_shard(const std::string& text)
{
    constexpr std::uint64_t most_shards = 1'000'000;
    ShardChoice choice;
    const char* const end = text.data() + text.size();
    const auto shard = std::from_chars(text.data(), end, choice.shard);
    if (shard.ec != std::errc() || shard.ptr == end || *shard.ptr != '/') {
        return std::nullopt;
    }
    const auto shards = std::from_chars(shard.ptr + 1, end, choice.shards);
    if (shards.ec != std::errc() || shards.ptr != end || choice.shard == 0
        || choice.shard > choice.shards || choice.shards > most_shards) {
        return std::nullopt;
    }
    return choice;
}

}  // namespace chokepoint
