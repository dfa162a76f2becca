#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/command_line.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/shell_word.hpp"
#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/support/diagnostic.hpp"

#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chokepoint {

std::string_view scenario_to_start_from();  // scenarios/first_steps.yaml

namespace {

namespace fs = std::filesystem;

/// The scenario with another name, and what to do with it above it.
std::string scenario_called(const std::string& name)
{
    std::string text(scenario_to_start_from());
    text.erase(0, text.find("schema: 1"));
    const std::size_t begin = text.find("name: ");
    const std::size_t end = text.find('#', begin);
    // A JSON string is one of YAML too, whatever stands in it.
    const std::string quoted =
        nlohmann::json(name).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    text.replace(begin, end - begin, fmt::format("name: {:<32} ", quoted));
    return "# A scenario to start from: change names and figures to your own. Its figures are "
           "illustrative;\n# give yours a source, as in\n"
           "#   capacity_t_per_year: {fixed: 220000, source: \"who published it, 2025\"}\n"
           "# and take `assumption: true` away once nothing is guessed.\n"
           + text;
}

}  // namespace

ExitCode new_command(const NewOptions& options)
{
    fs::path file = options.name;
    if (file.extension() != ".yaml" && file.extension() != ".yml") {
        file += ".yaml";
    }
    const std::string name = file.stem().string();
    if (name.empty() || name.front() == '.') {
        throw ArgumentError(
            fmt::format("must be a name, such as tungsten (got \"{}\")", options.name));
    }
    std::error_code unknown;
    if (fs::exists(file, unknown)) {
        throw OutputError(
            fmt::format("{} is there already: nothing is written", file.string()));
    }
    const fs::path folder = file.parent_path();
    if (!folder.empty() && !fs::is_directory(folder, unknown)) {
        throw OutputError(fmt::format("{}: there is no such folder", folder.string()));
    }
    const std::string text = scenario_called(name);
    try {
        read_scenario_text(text);
    } catch (const InputError& error) {
        throw ArgumentError(
            fmt::format("no scenario can be called so: {}", error.problems().front().problem));
    }
    write_file(file, text);
    put_out(
        fmt::format("{0} is written: a scenario of one metal that explains each of its lines\n"
                    "  chokepoint run {1}        runs it\n"
                    "  chokepoint validate {1}   after changes: tells all problems at once\n"
                    "  chokepoint explain {1}    what it says before anything is drawn\n",
                    file.string(), shell_word(file.string())));
    return ExitCode::done;
}

}  // namespace chokepoint
