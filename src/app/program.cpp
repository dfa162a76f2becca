#include "chokepoint/app/program.hpp"

#include "chokepoint/app/command_line.hpp"
#include "chokepoint/app/commands.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/effort.hpp"
#include "chokepoint/app/ranks.hpp"
#include "chokepoint/app/replay_line.hpp"
#include "chokepoint/results/part_file.hpp"
#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/support/diagnostic.hpp"
#include "chokepoint/trial/trial.hpp"

#include <csignal>
#include <exception>
#include <new>
#include <string>

namespace chokepoint {
namespace {

struct CommandRunner {
    ExitCode operator()(const RequestedText& requested) const
    {
        put_out(requested.text);
        return ExitCode::done;
    }
    ExitCode operator()(const RunOptions& options) const { return run_command(options); }
    ExitCode operator()(const CompareOptions& options) const
    {
        return compare_command(options);
    }
    ExitCode operator()(const AttributeOptions& options) const
    {
        return attribute_command(options);
    }
    ExitCode operator()(const StressOptions& options) const { return stress_command(options); }
    ExitCode operator()(const HindcastOptions& options) const
    {
        return hindcast_command(options);
    }
    ExitCode operator()(const ValidateOptions& options) const
    {
        return validate_command(options);
    }
    ExitCode operator()(const ExplainOptions& options) const
    {
        return explain_command(options);
    }
    ExitCode operator()(const ReplayOptions& options) const { return replay_command(options); }
    ExitCode operator()(const ReportOptions& options) const { return report_command(options); }
    ExitCode operator()(const MergeOptions& options) const { return merge_command(options); }
    ExitCode operator()(const ExperimentOptions& options) const
    {
        return experiment_command(options);
    }
    ExitCode operator()(const DiffOptions& options) const { return diff_command(options); }
    ExitCode operator()(const ListOptions& options) const { return list_command(options); }
    ExitCode operator()(const SchemaOptions& options) const { return schema_command(options); }
    ExitCode operator()(const NewOptions& options) const { return new_command(options); }
};

/// Ranks share the trials of a run; of anything else each would do all.
void check_ranks_of(const Command& command)
{
    if (ranks_in_environment() == 1 || std::holds_alternative<RequestedText>(command)) {
        return;
    }
    if (!std::holds_alternative<RunOptions>(command)) {
        throw ArgumentError("mpirun is for chokepoint run alone");
    }
    if (!knows_mpi()) {
        throw ArgumentError(
            "this chokepoint was built without MPI: each rank would run all "
            "trials (install libopenmpi-dev and build again, or use --shard)");
    }
}

ExitCode fail(ExitCode code, const std::string& message)
{
    note("chokepoint: error: " + message);
    return code;
}

std::string command_text(int argument_count, const char* const* arguments)
{
    std::string text = "chokepoint";
    for (int argument = 1; argument < argument_count; ++argument) {
        text += std::string(" ") + arguments[argument];
    }
    return text;
}

/// \param repeat  The command line that shows the fault again.
ExitCode fail_by_own_fault(const std::string& problem, const std::string& repeat)
{
    return fail(ExitCode::internal_error,
                problem
                    + "\n  this is a bug in chokepoint; please report it with the scenario and "
                      "how to repeat it:\n  "
                    + repeat);
}

/// Failed writes are to come back as errors that can be told, not as deadly signals.
void ignore_write_signals()
{
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace

int run_program(int argument_count, const char* const* arguments)
{
    ignore_write_signals();
    ExitCode code = ExitCode::done;
    Command command;
    try {
        command = parse_command_line(argument_count, arguments);
        check_ranks_of(command);
        code = std::visit(CommandRunner(), command);
    } catch (const ArgumentError& error) {
        code = fail(ExitCode::wrong_arguments, error.what());
    } catch (const NameError& error) {
        code = fail(ExitCode::wrong_arguments, error.what());
    } catch (const MemoryError& error) {
        code = fail(ExitCode::over_limit, error.what());
    } catch (const LimitError& error) {
        code = fail(ExitCode::over_limit, error.what());
    } catch (const InputError& error) {
        note(error.what());
        code = ExitCode::bad_input;
    } catch (const PartError& error) {
        code = fail(ExitCode::bad_input, error.what());
    } catch (const FileError& error) {
        code = fail(ExitCode::missing_input, error.what());
    } catch (const OutputError& error) {
        code = fail(ExitCode::bad_output, error.what());
    } catch (const WriteError& error) {
        code = fail(ExitCode::write_failed, error.what());
    } catch (const std::bad_alloc&) {
        code =
            fail(ExitCode::over_limit, "there is not memory enough; fewer --trials need less");
    } catch (const TrialError& error) {
        const std::string replay = replay_line(command, error.key());
        code = fail_by_own_fault(
            error.what(), replay.empty() ? command_text(argument_count, arguments) : replay);
    } catch (const std::exception& error) {
        code = fail_by_own_fault(error.what(), command_text(argument_count, arguments));
    }
    return static_cast<int>(code);
}

}  // namespace chokepoint
