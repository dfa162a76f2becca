#pragma once

#include "chokepoint/app/commands.hpp"

#include <stdexcept>
#include <string>
#include <variant>

namespace chokepoint {

/// The arguments are wrong; the message says how they would be right.
class ArgumentError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Text that was asked for with `--help` or `--version`.
struct RequestedText {
    std::string text;
};

using Command =
    std::variant<RequestedText, RunOptions, CompareOptions, AttributeOptions, StressOptions,
                 HindcastOptions, ValidateOptions, ExplainOptions, ReplayOptions, ReportOptions,
                 MergeOptions, ExperimentOptions, DiffOptions, ListOptions, SchemaOptions,
                 NewOptions>;

/// What the arguments ask for; the first is the program's name.
/// \throws ArgumentError
Command parse_command_line(int argument_count, const char* const* arguments);

}  // namespace chokepoint
