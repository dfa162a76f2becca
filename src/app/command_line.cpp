#include "chokepoint/app/command_line.hpp"

#include "chokepoint/support/diagnostic.hpp"
#include "chokepoint/support/version.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "argument_values.hpp"
#include "help_texts.hpp"

namespace chokepoint {
namespace {

constexpr std::uint64_t most_trials = 1'000'000'000;
constexpr unsigned most_threads = 1024;

CLI::Validator checked_by(std::function<std::string(std::string&)> check)
{
    return CLI::Validator(std::move(check), "", "");
}

CLI::Validator whole_number(std::uint64_t lowest, std::uint64_t highest)
{
    return checked_by([lowest, highest](const std::string& text) {
        return check_whole_number(text, lowest, highest);
    });
}

/// One of some words; turns it into what CLI11 reads the value from.
template <class Value>
CLI::Validator one_of(const std::map<std::string, Value>& values)
{
    const auto transform = [values](std::string& text) -> std::string {
        const auto found = values.find(text);
        if (found == values.end()) {
            std::vector<std::string> words;
            for (const auto& [word, value] : values) {
                words.push_back(word);
            }
            return fmt::format("must be one of {} (got \"{}\")", fmt::join(words, ", "), text);
        }
        text = std::to_string(static_cast<int>(found->second));
        return {};
    };
    return checked_by(transform);
}

/// What a function reads that throws NameError for what it cannot read.
template <class Read>
CLI::Validator readable_by(Read read)
{
    const auto check = [read](std::string& text) -> std::string {
        try {
            read(text);
            return {};
        } catch (const NameError& error) {
            return error.what();
        }
    };
    return checked_by(check);
}

/// Each time with one value: what follows it is a file.
void repeatable(CLI::Option* option)
{
    option->expected(1)->allow_extra_args(false)->multi_option_policy(
        CLI::MultiOptionPolicy::TakeAll);
}

void add_scenario(CLI::App& command, std::filesystem::path& scenario)
{
    command.add_option("SCENARIO", scenario, "Scenario file (YAML)")->required()->type_name("");
}

void add_policies(CLI::App& command, std::vector<std::filesystem::path>& policies)
{
    repeatable(
        command
            .add_option("--policy", policies,
                        "Policy file whose levers are laid over the scenario; repeatable")
            ->type_name("FILE"));
}

void add_portfolio(CLI::App& command, std::filesystem::path& portfolio)
{
    command
        .add_option("--portfolio", portfolio,
                    "Portfolio file whose positions are valued in every trial")
        ->type_name("FILE");
}

void add_overrides(CLI::App& command, std::vector<std::string>& overrides)
{
    repeatable(
        command.add_option("--set", overrides, "Change one key of the scenario; repeatable")
            ->type_name("KEY=VALUE")
            ->check(checked_by(check_assignment)));
}

void add_seed(CLI::App& command, std::optional<std::uint64_t>& seed)
{
    command.add_option("--seed", seed, "Seed of the random numbers (default: the scenario's)")
        ->type_name("S")
        ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()));
}

void add_sampling(CLI::App& command, std::optional<std::string>& sampling)
{
    command
        .add_option("--sampling", sampling,
                    "How uncertain numbers are drawn: plain (independently) or sobol (evenly; "
                    "default: the scenario's)")
        ->type_name("WAY")
        ->check(CLI::IsMember({"plain", "sobol"}));
}

CLI::Option* add_tilt(CLI::App& command, std::filesystem::path& tilt)
{
    return command
        .add_option("--tilt", tilt, "Draw from the laws in the tilt.json of an earlier run")
        ->type_name("FILE");
}

void add_limits(CLI::App& command, RunOptions& options)
{
    command
        .add_option("--max-time", options.max_seconds,
                    "Refuse what would take longer, and stop, resumable, after so long, e.g. "
                    "30min, 12h")
        ->type_name("TIME")
        ->transform(checked_by(read_time_span));
    command
        .add_option("--max-disk", options.max_disk,
                    "Refuse what would take more disk while it goes on, e.g. 10GB")
        ->type_name("BYTES")
        ->transform(checked_by(read_memory_size));
    command.add_flag("--no-limits", options.has_no_limits, "Run it all the same");
}

void add_threads(CLI::App& command, unsigned& threads)
{
    threads = std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
    command.add_option("--threads", threads, "Number of threads (default: one per processor)")
        ->type_name("T")
        ->check(whole_number(1, most_threads));
}

void add_force_and_quiet(CLI::App& command, bool& force, bool& quiet)
{
    command.add_flag("--force", force,
                     "Replace results, finished or not, in that folder; other files stay");
    command.add_flag("--quiet", quiet, "Show no progress");
}

CLI::Option* add_out(CLI::App& command, std::filesystem::path& out, const char* sentence)
{
    return command.add_option("--out", out, sentence)
        ->type_name("DIR")
        ->check(checked_by(check_folder_name));
}

void add_json(CLI::App& command, bool& json)
{
    command.add_flag("--json", json, "Print summary.json instead of the table");
}

void add_run_options(CLI::App& command, RunOptions& options)
{
    command
        .add_option("--trials", options.trials, "Number of trials (default: the scenario's)")
        ->type_name("N")
        ->check(whole_number(1, most_trials));
    add_seed(command, options.seed);
    add_sampling(command, options.sampling);
    add_threads(command, options.threads);
    add_overrides(command, options.overrides);
    command
        .add_option("--memory", options.memory,
                    "Memory for the values of trials, e.g. 500MB (default: 2GB); beyond it "
                    "figures come from sketches")
        ->type_name("BYTES")
        ->transform(checked_by(read_memory_size));
    add_force_and_quiet(command, options.force, options.quiet);
}

/// The trials of a shard are looked at once they are merged.
void add_resume_and_shard(CLI::App& command, RunOptions& options)
{
    command
        .add_flag("--resume", options.resume,
                  "Go on with what an interrupted run left in the folder; run all if there is "
                  "nothing")
        ->excludes("--force");
    add_limits(command, options);
    CLI::Option* const shard = command.add_option_function<std::string>(
        "--shard", [&options](const std::string& text) { options.shard = read_shard(text); },
        "Run part I of N of the trials alone, to be merged with the others");
    shard->type_name("I/N")->check(checked_by(check_shard));
    for (const char* option :
         {"--until", "--worst", "--json", "--attribute", "--sensitivity"}) {
        shard->excludes(option);
    }
}

/// One of the program's commands, and what its arguments ask for once they are read.
struct Subcommand {
    const CLI::App* command;
    std::function<Command()> asked;  ///< Holds the options that the arguments go to.
};

CLI::App* add_command(CLI::App& program, const char* name, const char* sentence,
                      const char* examples)
{
    CLI::App* command = program.add_subcommand(name, sentence);
    command->set_help_flag("-h,--help", "Show this text");
    command->footer(examples);
    return command;
}

std::filesystem::path default_folder(const std::filesystem::path& input)
{
    return std::filesystem::path("results") / input.stem();
}

/// A command whose results go to a folder called after a file that it reads, where --out does
/// not say otherwise. \param input  A member of the options, read once they are parsed.
template <class Options>
Subcommand into_folder_called_after(const std::filesystem::path& input, CLI::App* command,
                                    const std::shared_ptr<Options>& options)
{
    return {command, [&input, options]() -> Command {
                if (options->run.out.empty()) {
                    options->run.out = default_folder(input);
                }
                return *options;
            }};
}

Subcommand add_run(CLI::App& program)
{
    const auto options = std::make_shared<RunOptions>();
    CLI::App* const command = add_command(
        program, "run", "Run a scenario's trials and write a folder of results", run_examples);
    add_scenario(*command, options->scenario);
    add_policies(*command, options->policies);
    add_portfolio(*command, options->portfolio);
    add_run_options(*command, *options);
    add_out(*command, options->out,
            "Folder of the results (default: results/<scenario's file name>)");
    const std::map<std::string, KeepTrials> kept = {{"none", KeepTrials::none},
                                                    {"metrics", KeepTrials::metrics}};
    command
        ->add_option("--keep-trials", options->keep_trials,
                     "none, or metrics: write every metric of every trial to trials.nc "
                     "(default: none)")
        ->type_name("WHAT")
        ->transform(one_of(kept));
    add_json(*command, options->json);
    const std::map<std::string, Table> tables = {{"years", Table::years},
                                                 {"episodes", Table::episodes}};
    repeatable(
        command
            ->add_option(
                "--tables", options->tables,
                "Tables of single trials, separated by commas: years (years.csv, the year "
                "loss table), episodes (episodes.csv, every run of months in shortfall)")
            ->type_name("LIST")
            ->delimiter(',')
            ->transform(one_of(tables)));
    repeatable(command
                   ->add_option(
                       "--until", options->until,
                       "Stop once a figure is known well enough: half of its 95 % interval is "
                       "below a share of it or a number; repeatable, all must hold")
                   ->type_name("'STATISTIC(METRIC,COMMODITY,REGION) < P%'")
                   ->check(readable_by(parse_stop_rule)));
    CLI::Option* const importance = command->add_option(
        "--importance", options->importance,
        "Draw bad trials more often, and weigh them down, to know this VaR, "
        "quantile or ES from "
        "fewer trials; a pilot run finds how");
    importance->type_name("'STATISTIC(METRIC,COMMODITY,REGION)'")
        ->check(readable_by(parse_figure_name));
    add_tilt(*command, options->tilt)->excludes(importance);
    command->add_flag("--attribute", options->attribute,
                      "Also run every combination of the classes of hazards, to say what each "
                      "brings of the losses (attribution.csv)");
    command->add_flag(
        "--sensitivity", options->sensitivity,
        "Also say how the scenario's uncertain numbers go with shortfall and price "
        "from trial to trial: rank correlations (sensitivity.csv)");
    command
        ->add_option("--worst", options->worst,
                     "List the trials with the largest values of a metric, to be replayed")
        ->type_name("'METRIC(COMMODITY,REGION)'")
        ->check(readable_by(parse_column_name));
    add_resume_and_shard(*command, *options);
    return {command, [options]() -> Command {
                if (options->out.empty()) {
                    options->out = default_folder(options->scenario);
                    if (const std::optional<ShardChoice>& shard = options->shard) {
                        options->out += fmt::format("-{}-of-{}", shard->shard, shard->shards);
                    }
                }
                return *options;
            }};
}

Subcommand add_compare(CLI::App& program)
{
    const auto options = std::make_shared<CompareOptions>();
    CLI::App* const command = add_command(
        program, "compare", "Compare policies on the same random numbers", compare_examples);
    add_scenario(*command, options->run.scenario);
    command
        ->add_option("--policy", options->run.policies, "Policy files, each held against none")
        ->type_name("FILE...");
    add_portfolio(*command, options->run.portfolio);
    command
        ->add_option("--chokepoints", options->chokepoints,
                     "Also give the N most valuable chokepoints more room, one by one")
        ->type_name("N")
        ->check(whole_number(0, 100));
    add_run_options(*command, options->run);
    command
        ->add_option("--region", options->region,
                     "The region or group whose users count (default: the first alliance)")
        ->type_name("NAME");
    add_out(*command, options->run.out,
            "Folder of the results (default: results/<scenario's file name>)");
    add_json(*command, options->run.json);
    return into_folder_called_after(options->run.scenario, command, options);
}

Subcommand add_attribute(CLI::App& program)
{
    const auto options = std::make_shared<AttributeOptions>();
    CLI::App* const command =
        add_command(program, "attribute", "Say which hazards bring how much of the losses",
                    attribute_examples);
    add_scenario(*command, options->run.scenario);
    add_policies(*command, options->run.policies);
    add_portfolio(*command, options->run.portfolio);
    add_run_options(*command, options->run);
    command
        ->add_option("--by", options->by,
                     "class (of hazards) or hazard (each entry; at most 8; default: class)")
        ->type_name("WHAT")
        ->check(CLI::IsMember({"class", "hazard"}));
    repeatable(
        command
            ->add_option(
                "--metric", options->metrics,
                "What is attributed; repeatable (default: shortfall_share, price_peak and "
                "extra_bill of all commodities, world; with --portfolio its portfolio_loss)")
            ->type_name("'METRIC(COMMODITY,REGION)'")
            ->check(readable_by(parse_column_name)));
    add_out(*command, options->run.out,
            "Folder of the results (default: results/<scenario's file name>)");
    add_json(*command, options->run.json);
    return into_folder_called_after(options->run.scenario, command, options);
}

Subcommand add_stress(CLI::App& program)
{
    const auto options = std::make_shared<StressOptions>();
    CLI::App* const command = add_command(
        program, "stress", "Value a portfolio in several scenarios", stress_examples);
    command->add_option("PORTFOLIO", options->portfolio, "Portfolio file (YAML)")
        ->required()
        ->type_name("");
    command->add_option("--scenario", options->scenarios, "Scenario files, and folders of them")
        ->required()
        ->type_name("FILE|DIR...");
    add_policies(*command, options->run.policies);
    add_run_options(*command, options->run);
    add_out(*command, options->run.out,
            "Folder of the results (default: results/<portfolio's file name>)");
    return into_folder_called_after(options->portfolio, command, options);
}

Subcommand add_hindcast(CLI::App& program)
{
    const auto options = std::make_shared<HindcastOptions>();
    CLI::App* const command = add_command(
        program, "hindcast", "Hold scenarios against what happened", hindcast_examples);
    command->add_option("FILE|DIR", options->inputs, "Scenario files, and folders of them")
        ->required()
        ->type_name("");
    add_run_options(*command, options->run);
    options->run.out = std::filesystem::path("results") / "hindcasts";
    add_out(*command, options->run.out,
            "Folder of the results, one in it for each scenario (default: "
            "results/hindcasts)");
    return {command, [options]() -> Command { return *options; }};
}

Subcommand add_validate(CLI::App& program)
{
    const auto options = std::make_shared<ValidateOptions>();
    CLI::App* const command = add_command(
        program, "validate", "Report all problems of scenario files", validate_examples);
    command->add_option("FILE", options->files, "Scenario files")->required()->type_name("");
    add_policies(*command, options->policies);
    add_overrides(*command, options->overrides);
    return {command, [options]() -> Command { return *options; }};
}

Subcommand add_explain(CLI::App& program)
{
    const auto options = std::make_shared<ExplainOptions>();
    CLI::App* const command =
        add_command(program, "explain",
                    "Show what a scenario means: network, flows, events, time and memory",
                    explain_examples);
    add_scenario(*command, options->scenario);
    add_policies(*command, options->policies);
    add_overrides(*command, options->overrides);
    return {command, [options]() -> Command { return *options; }};
}

Subcommand add_replay(CLI::App& program)
{
    const auto options = std::make_shared<ReplayOptions>();
    CLI::App* const command = add_command(
        program, "replay", "Tell one trial: its events, what bound, why prices moved",
        replay_examples);
    add_scenario(*command, options->scenario);
    add_policies(*command, options->policies);
    add_portfolio(*command, options->portfolio);
    command->add_option("--trial", options->trial, "Which trial, counted from 0")
        ->required()
        ->type_name("K")
        ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()));
    add_seed(*command, options->seed);
    add_sampling(*command, options->sampling);
    add_tilt(*command, options->tilt);
    const std::map<std::string, Format> formats = {
        {"text", Format::text}, {"csv", Format::csv}, {"json", Format::json}};
    command->add_option("--format", options->format, "text, csv or json (default: text)")
        ->type_name("FORMAT")
        ->transform(one_of(formats));
    command->add_flag("--full", options->full, "As text, every draw, event, month and metric");
    add_overrides(*command, options->overrides);
    return {command, [options]() -> Command {
                if (options->full && options->format != Format::text) {
                    throw ArgumentError(
                        "--full goes with --format text: csv gives every month, and "
                        "json everything, as they are");
                }
                return *options;
            }};
}

Subcommand add_report(CLI::App& program)
{
    const auto options = std::make_shared<ReportOptions>();
    CLI::App* const command = add_command(
        program, "report", "Write report.html of a folder of results anew", report_examples);
    command->add_option("DIR", options->folder, "Folder of results")->required()->type_name("");
    return {command, [options]() -> Command { return *options; }};
}

Subcommand add_experiment(CLI::App& program)
{
    const auto options = std::make_shared<ExperimentOptions>();
    CLI::App* const command =
        add_command(program, "experiment", "Run a scenario at many points: sweeps, sensitivity",
                    experiment_examples);
    command->add_option("EXPERIMENT", options->file, "Experiment file (YAML)")
        ->required()
        ->type_name("");
    add_run_options(*command, options->run);
    add_limits(*command, options->run);
    command
        ->add_flag("--resume", options->run.resume,
                   "Go on with what an interrupted experiment left in the folder")
        ->excludes("--force");
    add_out(*command, options->run.out,
            "Folder of the results (default: results/<experiment's file name>)");
    return into_folder_called_after(options->file, command, options);
}

Subcommand add_merge(CLI::App& program)
{
    const auto options = std::make_shared<MergeOptions>();
    CLI::App* const command =
        add_command(program, "merge", "Put the shards of a run together", merge_examples);
    command->add_option("DIR", options->folders, "Folders of finished shards")
        ->required()
        ->type_name("");
    add_out(*command, options->out, "Folder of the results")->required();
    add_threads(*command, options->threads);
    add_force_and_quiet(*command, options->force, options->quiet);
    add_json(*command, options->json);
    return {command, [options]() -> Command { return *options; }};
}

Subcommand add_diff(CLI::App& program)
{
    const auto options = std::make_shared<DiffOptions>();
    CLI::App* const command = add_command(
        program, "diff", "Say in which inputs and figures two runs differ", diff_examples);
    command->add_option("BEFORE", options->before, "Folder of a finished run")
        ->required()
        ->type_name("");
    command->add_option("AFTER", options->after, "Folder of another")
        ->required()
        ->type_name("");
    command->add_option("--metric", options->metric, "Compare the figures of this one alone")
        ->type_name("NAME");
    command->add_flag(
        "--all", options->all,
        "Show every input that differs and every figure that moved, not 20 of each");
    command->add_flag("--json", options->json, "Print all of it in full precision");
    return {command, [options]() -> Command { return *options; }};
}

Subcommand add_list(CLI::App& program)
{
    const auto options = std::make_shared<ListOptions>();
    CLI::App* const command =
        add_command(program, "list", "List what there is, one line each", list_examples);
    const std::map<std::string, Listing> listings = {{"scenarios", Listing::scenarios},
                                                     {"distributions", Listing::distributions},
                                                     {"metrics", Listing::metrics},
                                                     {"hazards", Listing::hazards},
                                                     {"levers", Listing::levers}};
    command
        ->add_option("WHAT", options->what,
                     "scenarios, distributions, metrics, hazards or levers")
        ->required()
        ->type_name("")
        ->transform(one_of(listings));
    command
        ->add_option("FOLDER", options->folder,
                     "Where to look for scenarios (default: scenarios)")
        ->type_name("");
    return {command, [options, command]() -> Command {
                if (command->count("FOLDER") > 0 && options->what != Listing::scenarios) {
                    throw ArgumentError(
                        "FOLDER is for scenarios alone: chokepoint list scenarios FOLDER");
                }
                return *options;
            }};
}

Subcommand add_schema(CLI::App& program)
{
    const auto options = std::make_shared<SchemaOptions>();
    CLI::App* const command =
        add_command(program, "schema", "Print the JSON Schema of a kind of file, for editors",
                    schema_examples);
    const std::map<std::string, FileKind> kinds = {{"scenario", FileKind::scenario},
                                                   {"policy", FileKind::policy},
                                                   {"portfolio", FileKind::portfolio},
                                                   {"experiment", FileKind::experiment}};
    command->add_option("KIND", options->kind, "scenario, policy, portfolio or experiment")
        ->required()
        ->type_name("")
        ->transform(one_of(kinds));
    return {command, [options]() -> Command { return *options; }};
}

Subcommand add_new(CLI::App& program)
{
    const auto options = std::make_shared<NewOptions>();
    CLI::App* const command =
        add_command(program, "new", "Write a commented scenario to start from", new_examples);
    command->add_option("NAME", options->name, "What it is called: makes NAME.yaml")
        ->required()
        ->type_name("");
    return {command, [options]() -> Command { return *options; }};
}

void describe_program(CLI::App& program)
{
    program.set_version_flag("--version", [] {
        const BuildInfo info = build_info();
        return fmt::format("chokepoint {} ({}, {}, {})", info.version, info.commit,
                           info.compiler, info.build_type);
    });
    program.set_help_flag("-h,--help", "Show this text");
    program.require_subcommand(1);
    program.footer(main_examples);
}

/// Refuses no command, or a first word that is none, in better words than "not expected".
void check_command_name(int argument_count, const char* const* arguments, const CLI::App& app)
{
    if (argument_count < 2) {
        throw ArgumentError(
            "no command is given\n"
            "  hint: begin with  chokepoint run scenarios/first_steps.yaml\n"
            "  then              chokepoint explain scenarios/first_steps.yaml, and change a "
            "copy "
            "of it\n"
            "  all commands:     chokepoint --help");
    }
    if (std::string_view(arguments[1]).starts_with('-')) {
        return;
    }
    const std::string name = arguments[1];
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands({})) {
        known.push_back(command->get_name());
    }
    if (std::find(known.begin(), known.end(), name) != known.end()) {
        return;
    }
    throw ArgumentError(fmt::format("no command is called \"{}\"{}", name,
                                    did_you_mean(name, known, "see chokepoint --help")));
}

/// The command that help was asked of, or the program.
const CLI::App& innermost(const CLI::App& app)
{
    const std::vector<CLI::App*> commands = app.get_subcommands();
    return commands.empty() ? app : *commands.front();
}

/// What the first option that a command does not have may be meant to be.
std::string meant_option(const CLI::App& command, int argument_count,
                         const char* const* arguments)
{
    std::vector<std::string> known;
    for (const CLI::Option* option : command.get_options()) {
        known.push_back(option->get_name());
    }
    for (int at = 1; at < argument_count; ++at) {
        const std::string given = arguments[at];
        const std::string name = given.substr(0, given.find('='));
        if (name.starts_with("--") && std::ranges::find(known, name) == known.end()) {
            return did_you_mean(name, known);
        }
    }
    return "";
}

/// \throws ArgumentError, or what CLI11 throws when help or the version is asked for.
void parse_arguments(CLI::App& program, int argument_count, const char* const* arguments)
{
    try {
        program.parse(argument_count, arguments);
    } catch (const CLI::Success&) {
        throw;
    } catch (const CLI::ParseError& error) {
        const CLI::App& command = innermost(program);
        const std::string suggestion = meant_option(command, argument_count, arguments);
        throw ArgumentError(fmt::format("{}{}\n  hint: see chokepoint {}--help", error.what(),
                                        suggestion,
                                        &command == &program ? "" : command.get_name() + " "));
    }
}

}  // namespace

Command parse_command_line(int argument_count, const char* const* arguments)
{
    CLI::App program{about, "chokepoint"};
    describe_program(program);
    std::vector<Subcommand> subcommands;
    for (const auto add : {add_run, add_compare, add_attribute, add_stress, add_experiment,
                           add_hindcast, add_validate, add_explain, add_replay, add_report,
                           add_merge, add_diff, add_list, add_schema, add_new}) {
        subcommands.push_back(add(program));
    }
    check_command_name(argument_count, arguments, program);
    try {
        parse_arguments(program, argument_count, arguments);
    } catch (const CLI::CallForHelp&) {
        const CLI::App& command = innermost(program);
        return RequestedText{command.help(&command == &program ? "" : "chokepoint")};
    } catch (const CLI::CallForVersion& version) {
        return RequestedText{std::string(version.what()) + "\n"};
    }
    const auto given =
        std::find_if(subcommands.begin(), subcommands.end(),
                     [](const Subcommand& one) { return one.command->parsed(); });
    return given->asked();
}

}  // namespace chokepoint
