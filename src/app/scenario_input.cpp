#include "chokepoint/app/scenario_input.hpp"

#include "chokepoint/app/console.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {

std::vector<std::string> overrides_of(const RunOptions& options)
{
    std::vector<std::string> overrides = options.overrides;
    if (options.trials) {
        overrides.push_back(fmt::format("run.trials={}", *options.trials));
    }
    if (options.seed) {
        overrides.push_back(fmt::format("run.seed={}", *options.seed));
    }
    if (options.sampling) {
        overrides.push_back("run.sampling=" + *options.sampling);
    }
    if (options.importance) {
        overrides.push_back("run.importance=" + *options.importance);
    }
    return overrides;
}

RunSettings settings_of(const Scenario& scenario, unsigned threads)
{
    return {.seed = scenario.seed,
            .trials = static_cast<std::uint64_t>(scenario.trials),
            .sampling = scenario.sampling,
            .threads = threads};
}

Provenance provenance_of(const Scenario& scenario, const std::filesystem::path& file,
                         const RunSettings& settings, const std::vector<Diagnostic>& warnings)
{
    std::vector<std::string> until;
    for (const StopRule& rule : settings.until) {
        until.push_back(rule.text);
    }
    return {.scenario_file = file.string(),
            .resolved_yaml = scenario.resolved_yaml,
            .record = scenario.observed ? scenario.observed->text : "",
            .seed = settings.seed,
            .threads = settings.threads,
            .memory = settings.memory,
            .until = std::move(until),
            .warnings = short_texts(warnings)};
}

std::vector<std::filesystem::path> scenario_files(const std::filesystem::path& folder)
{
    namespace fs = std::filesystem;
    std::error_code error;
    std::vector<fs::path> files;
    constexpr std::string_view of_others[] = {"policies", "portfolios", "experiments"};
    for (auto entry = fs::recursive_directory_iterator(folder, error);
         !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        std::error_code unknown;  // e.g. of a link to itself
        if (entry->is_directory(unknown)
            && std::ranges::find(of_others, entry->path().filename()) != std::end(of_others)) {
            entry.disable_recursion_pending();
        } else if (entry->path().extension() == ".yaml") {
            files.push_back(entry->path());
        }
    }
    if (error) {
        throw FileError(
            fmt::format("{}: cannot be opened ({})", folder.string(), error.message()));
    }
    std::ranges::sort(files);
    return files;
}

void show_warnings(const std::vector<Diagnostic>& warnings)
{
    for (const Diagnostic& warning : warnings) {
        note(to_string(warning));
    }
}

std::vector<std::string> short_texts(const std::vector<Diagnostic>& warnings)
{
    std::vector<std::string> texts;
    for (const Diagnostic& warning : warnings) {
        texts.push_back(warning.key_path.empty() ? warning.problem
                                                 : warning.key_path + ": " + warning.problem);
    }
    return texts;
}

}  // namespace chokepoint
