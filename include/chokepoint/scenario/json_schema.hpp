#pragma once

#include <string>

#include "chokepoint/scenario/read_scenario.hpp"

namespace chokepoint {

/// The JSON Schema (draft 7) of a kind of file, from the key table, for editors and for programs
/// that write such files. It knows keys, types, bounds and choices, and which keys are required
/// (in a file that extends no other). What depends on more than one value (names, sums, dates,
/// laws that leave a key's bounds) only the reader finds: `chokepoint validate`.
std::string json_schema(FileKind kind);

}  // namespace chokepoint
