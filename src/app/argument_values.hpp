#pragma once

#include "chokepoint/app/commands.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chokepoint {

// What a value on the command line must look like. Each gives what is wrong with the text, or
// nothing; those with units rewrite the text as a bare number.

/// A whole number between two bounds, written with digits alone.
std::string check_whole_number(const std::string& text, std::uint64_t lowest,
                               std::uint64_t highest);

/// Seconds, with or without a unit, e.g. `90`, `30min`, `12h`.
std::string read_time_span(std::string& text);

/// Bytes, with or without a unit, e.g. `500MB`, `1.5 GB`.
std::string read_memory_size(std::string& text);

/// A shard, as read_shard() reads it.
std::string check_shard(const std::string& text);

/// Not what the shell makes of a variable that is not set.
std::string check_folder_name(const std::string& text);

/// `path.to.key=value`
std::string check_assignment(const std::string& text);

/// `I/N` with 1 <= I <= N; nothing if it is not.
std::optional<ShardChoice> read_shard(const std::string& text);

}  // namespace chokepoint
