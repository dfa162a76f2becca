#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "chokepoint/scenario/scenario.hpp"

namespace chokepoint {

/// Reads a scenario: the file, what it `extends`, then each override `path.to.key=value`, then
/// the levers of each policy file, in their order.
///
/// \throws InputError  with every problem of the files and overrides at once.
/// \throws FileError   if a file cannot be opened.
Scenario read_scenario(const std::filesystem::path& file,
                       const std::vector<std::string>& overrides = {},
                       const std::vector<std::filesystem::path>& policies = {});

struct ScenarioTree;

/// A scenario file and all that it extends, parsed once, to be read under many overrides and
/// policies. Copies share what was parsed.
class ParsedScenario {
public:
    /// \throws InputError  if it is no YAML.
    /// \throws FileError   if the file cannot be opened.
    explicit ParsedScenario(const std::filesystem::path& file);

    /// The same as `read_scenario` of the file. Of the other files policies alone are opened.
    /// \throws InputError, FileError
    Scenario read(const std::vector<std::string>& overrides = {},
                  const std::vector<std::filesystem::path>& policies = {}) const;

private:
    std::shared_ptr<const ScenarioTree> tree_;
};

/// As `read_scenario` from text; `extends` is resolved against the current folder.
Scenario read_scenario_text(const std::string& text, const std::string& file_name = "<text>",
                            const std::vector<std::string>& overrides = {},
                            const std::vector<std::filesystem::path>& policies = {});

/// What an input file is meant to be.
enum class FileKind { scenario, policy, portfolio, experiment };

/// Told by the keys at its top; what cannot be told, or is no YAML, is taken for a scenario.
/// \throws FileError  if it cannot be opened.
/// \throws InputError if it is too large.
FileKind kind_of_file(const std::filesystem::path& file);

/// What a policy file is called in itself: its key `policy`.
/// \throws InputError, FileError  if it cannot be read that far.
std::string policy_name(const std::filesystem::path& file);

/// What there is of something, with a sentence on it.
struct KindInfo {
    std::string name, sentence;
};
/// Policy levers by type.
std::vector<KindInfo> lever_catalogue();
/// Keys of a scenario under which things may go wrong.
std::vector<KindInfo> hazard_catalogue();
/// Ways to write random numbers.
std::vector<KindInfo> law_catalogue();

/// The format page docs/policy-format.md, from the key table.
std::string policy_format_page();

/// The format page docs/scenario-format.md, from the key table.
std::string scenario_format_page();

}  // namespace chokepoint
