#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/scenario/experiment.hpp"
#include "chokepoint/scenario/portfolio.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <algorithm>

namespace chokepoint {
namespace {

ExitCode validate(const std::filesystem::path& file, const ValidateOptions& options)
{
    try {
        std::error_code unknown;  // a pipe can be read only once: it is taken for a scenario
        const FileKind kind = std::filesystem::is_regular_file(file, unknown)
                                  ? kind_of_file(file)
                                  : FileKind::scenario;
        if (kind == FileKind::portfolio) {
            show_warnings(read_portfolio(file).warnings);
            put_out(file.string() + ": ok (names are checked with a scenario: run, stress)\n");
            return ExitCode::done;
        }
        if (kind == FileKind::experiment) {
            read_experiment(file);
            put_out(file.string() + ": ok\n");
            return ExitCode::done;
        }
        const ScenarioModels models = read_models(file, options.overrides, options.policies);
        show_warnings(models.warnings);
        put_out(file.string() + ": ok\n");
        return ExitCode::done;
    } catch (const InputError& error) {
        note(error.what());
        return ExitCode::bad_input;
    } catch (const FileError& error) {
        note(error.what());
        return ExitCode::missing_input;
    }
}

}  // namespace

ExitCode validate_command(const ValidateOptions& options)
{
    std::vector<ExitCode> codes;
    for (const std::filesystem::path& file : options.files) {
        codes.push_back(validate(file, options));
    }
    for (const ExitCode code : {ExitCode::bad_input, ExitCode::missing_input}) {
        if (std::find(codes.begin(), codes.end(), code) != codes.end()) {
            return code;
        }
    }
    return ExitCode::done;
}

}  // namespace chokepoint
