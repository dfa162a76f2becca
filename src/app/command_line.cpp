#include "chokepoint/app/command_line.hpp"

#include "chokepoint/support/diagnostic.hpp"
#include "chokepoint/support/version.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace chokepoint {
namespace {

constexpr std::uint64_t most_trials = 1'000'000'000;
constexpr unsigned most_threads = 1024;

constexpr const char* about =
    "Monte Carlo simulator of supply disruptions in critical minerals: who cuts what, when, "
    "for\n"
    "how long, and what it does to shortfall and prices.";

constexpr const char* main_examples =
    "Examples:\n"
    "  chokepoint run scenarios/first_steps.yaml\n"
    "  chokepoint explain scenarios/rare_earths_2010.yaml\n"
    "  chokepoint run --help";

constexpr const char* run_examples =
    "Examples:\n"
    "  chokepoint run scenarios/rare_earths_2010.yaml\n"
    "  chokepoint run scenarios/rare_earths_2010.yaml --trials 50000 --seed 7 --out "
    "results/big\n"
    "  chokepoint run scenarios/first_steps.yaml --set run.trials=500 --json --quiet\n"
    "  chokepoint run scenarios/first_steps.yaml --trials 1000000 \\\n"
    "      --until 'es99(shortfall_share,all,world) < 2%' --worst shortfall_share\n"
    "  chokepoint run scenarios/first_steps.yaml --set "
    "facilities.congo_mines.utilisation=0.8\n"
    "  chokepoint run scenarios/first_steps.yaml --keep-trials metrics --out results/kept\n"
    "  chokepoint run scenarios/rare_earths.yaml --portfolio "
    "scenarios/portfolios/rare_earth_fund.yaml\n\n"
    "The same scenario, trials and seed give the same results, byte for byte, with any number "
    "of\n"
    "threads. Finished trials are kept in the folder's parts/ while the run goes on: after "
    "Ctrl-C\n"
    "or a crash the same command with --resume runs what is missing. Shards run anywhere:\n\n"
    "  chokepoint run scenarios/first_steps.yaml --shard 1/2 --out results/one\n"
    "  chokepoint run scenarios/first_steps.yaml --shard 2/2 --out results/two\n"
    "  chokepoint merge results/one results/two --out results/whole";

constexpr const char* experiment_examples =
    "Examples:\n"
    "  chokepoint experiment scenarios/experiments/elasticity_and_length.yaml\n"
    "  chokepoint experiment scenarios/experiments/screening.yaml --trials 200 --resume\n\n"
    "What varies and which figures are kept stand in the file (docs/experiment-format.md). "
    "Points\n"
    "that have been computed are not run again.";

constexpr const char* merge_examples =
    "Examples:\n"
    "  chokepoint merge results/first_steps-* --out results/whole\n\n"
    "Every trial must be in one of the shards exactly, and all must be of one run. The "
    "results\n"
    "are those of the run in one piece, byte for byte.";

constexpr const char* compare_examples =
    "Examples:\n"
    "  chokepoint compare scenarios/rare_earths.yaml \\\n"
    "      --policy scenarios/policies/jogmec_stockpile_60_days.yaml \\\n"
    "      --policy scenarios/policies/magnet_recycling.yaml\n"
    "  chokepoint compare scenarios/lithium.yaml \\\n"
    "      --policy scenarios/policies/msp_argentina_lithium.yaml \\\n"
    "      scenarios/policies/us_processing_loans.yaml\n"
    "  chokepoint compare scenarios/rare_earths.yaml --chokepoints 5 --trials 2000\n\n"
    "Every policy meets the same trials: the same crises at the same times. Policies that "
    "compose\n"
    "stand in one file, or are run together by chokepoint run.";

constexpr const char* attribute_examples =
    "Examples:\n"
    "  chokepoint attribute scenarios/rare_earths.yaml --trials 2000\n"
    "  chokepoint attribute scenarios/first_steps.yaml --by hazard \\\n"
    "      --metric 'shortfall_share(all,world)'\n\n"
    "Runs every combination of the hazards, 2^k runs, on the same random numbers.";

constexpr const char* stress_examples =
    "Examples:\n"
    "  chokepoint stress scenarios/portfolios/battery_metals_fund.yaml \\\n"
    "      --scenario scenarios/lithium.yaml scenarios/stress/drc_cobalt_suspension.yaml\n"
    "  chokepoint stress scenarios/portfolios/rare_earth_fund.yaml --scenario "
    "scenarios/stress\n\n"
    "Positions of which a scenario has nothing count as nothing there. Each scenario gets a "
    "folder of\nresults in --out, beside stress.csv.";

constexpr const char* hindcast_examples =
    "Examples:\n"
    "  chokepoint hindcast scenarios/hindcasts\n"
    "  chokepoint hindcast scenarios/rare_earths_2010.yaml --trials 2000\n\n"
    "A scenario needs `observed`, the record that its run is held against. Of a folder every\n"
    "scenario with a record is taken. Each gets a folder of results with hindcast.csv.";

constexpr const char* validate_examples =
    "Examples:\n"
    "  chokepoint validate scenarios/*.yaml\n"
    "  chokepoint validate scenarios/first_steps.yaml --set months=120\n\n"
    "--set changes every file that is given.";

constexpr const char* explain_examples =
    "Examples:\n"
    "  chokepoint explain scenarios/rare_earths_2010.yaml\n"
    "  chokepoint explain scenarios/first_steps.yaml --set balance=supply";

constexpr const char* replay_examples =
    "Examples:\n"
    "  chokepoint replay scenarios/rare_earths_2010.yaml --trial 4711\n"
    "  chokepoint replay scenarios/first_steps.yaml --trial 12 --seed 7 --format csv > "
    "months.csv\n\n"
    "Trials count from 0. csv gives the months, json everything in full precision, --full\n"
    "everything as text.";

constexpr const char* report_examples =
    "Examples:\n"
    "  chokepoint report results/rare_earths\n\n"
    "Every command that writes results writes report.html with them; this makes it anew.";

constexpr const char* diff_examples =
    "Examples:\n"
    "  chokepoint diff results/before results/after\n"
    "  chokepoint diff results/before results/after --metric price_peak --all\n"
    "  chokepoint diff results/before results/after --json\n\n"
    "A shift is held against the 95 % intervals of both figures, the runs taken for\n"
    "independent. Among thousands of figures some always lie far apart: those are called "
    "moved\n"
    "of which, on average, at most 5 % are chance (Benjamini-Hochberg).";

constexpr const char* list_examples =
    "Examples:\n"
    "  chokepoint list scenarios\n"
    "  chokepoint list metrics";

/// A whole number between two bounds, written with digits alone.
CLI::Validator whole_number(std::uint64_t lowest, std::uint64_t highest)
{
    const auto check = [lowest, highest](std::string& text) -> std::string {
        std::uint64_t number = 0;
        const auto [end, fault] =
            std::from_chars(text.data(), text.data() + text.size(), number);
        if (fault == std::errc::invalid_argument || end != text.data() + text.size()) {
            return fmt::format("must be a whole number (got \"{}\")", text);
        }
        if (fault != std::errc() || number < lowest || number > highest) {
            return fmt::format("must lie between {} and {} (got {})", lowest, highest, text);
        }
        return {};
    };
    return CLI::Validator(check, "", "");
}

/// Seconds, with or without a unit, e.g. `90`, `30min`, `12h`.
CLI::Validator time_span()
{
    const auto transform = [](std::string& text) -> std::string {
        static const std::map<std::string, double> units = {
            {"", 1}, {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
        double number = 0;
        const auto [end, fault] =
            std::from_chars(text.data(), text.data() + text.size(), number);
        const auto found = units.find(text.substr(static_cast<std::size_t>(end - text.data())));
        constexpr double most = 1e9;
        if (fault != std::errc() || found == units.end() || !(number * found->second > 0)
            || number * found->second > most) {
            return fmt::format("must be a time such as 90s, 30min or 12h (got \"{}\")", text);
        }
        text = fmt::format("{}", number * found->second);
        return {};
    };
    return CLI::Validator(transform, "", "");
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
    return CLI::Validator(transform, "", "");
}

/// Bytes, with or without a unit, e.g. `500MB`, `1.5 GB`.
CLI::Validator memory_size()
{
    const auto transform = [](std::string& text) -> std::string {
        static const std::map<std::string, double> units = {
            {"", 1},      {"B", 1},      {"KB", 1e3},     {"MB", 1e6},     {"GB", 1e9},
            {"TB", 1e12}, {"KIB", 1024}, {"MIB", 0x1p20}, {"GIB", 0x1p30}, {"TIB", 0x1p40}};
        double number = 0;
        const auto [end, fault] =
            std::from_chars(text.data(), text.data() + text.size(), number);
        std::string unit = text.substr(static_cast<std::size_t>(end - text.data()));
        std::erase(unit, ' ');
        std::transform(unit.begin(), unit.end(), unit.begin(),
                       [](unsigned char letter) { return std::toupper(letter); });
        const auto found = units.find(unit);
        constexpr double most = 1e15;
        if (fault != std::errc() || found == units.end() || !(number * found->second >= 1)
            || number * found->second > most) {
            return fmt::format("must be a number of bytes such as 500MB or 2GB (got \"{}\")",
                               text);
        }
        text = fmt::format("{}", static_cast<std::uint64_t>(number * found->second));
        return {};
    };
    return CLI::Validator(transform, "", "");
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
    return CLI::Validator(check, "", "");
}

/// `I/N` with 1 <= I <= N; nothing if it is not.
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

CLI::Validator shard_text()
{
    const auto check = [](std::string& text) -> std::string {
        return read_shard(text) ? std::string()
                                : fmt::format(
                                    "must read I/N with I from 1 to N, such as 1/4 "
                                    "(got \"{}\")",
                                    text);
    };
    return CLI::Validator(check, "", "");
}

/// Not what the shell makes of a variable that is not set.
CLI::Validator folder_name()
{
    const auto check = [](std::string& text) -> std::string {
        return text.empty() ? "must name a folder (got nothing)" : std::string();
    };
    return CLI::Validator(check, "", "");
}

CLI::Validator assignment()
{
    const auto check = [](std::string& text) -> std::string {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fmt::format("must read path.to.key=value (got \"{}\")", text);
        }
        return {};
    };
    return CLI::Validator(check, "", "");
}

/// The program's commands and the places that their arguments go to.
class CommandLine {
public:
    CommandLine();
    Command parse(int argument_count, const char* const* arguments);

private:
    void add_run();
    void add_resume_and_shard();
    void add_experiment();
    void add_run_options(CLI::App& command, RunOptions& options);
    void add_compare();
    void add_attribute();
    void add_stress();
    void add_hindcast();
    void add_validate();
    void add_explain();
    void add_replay();
    void add_report();
    void add_merge();
    void add_diff();
    void add_list();
    CLI::App* add_command(const char* name, const char* sentence, const char* examples);

    CLI::App app_{about, "chokepoint"};
    CLI::App* run_ = nullptr;
    CLI::App* compare_ = nullptr;
    CLI::App* attribute_ = nullptr;
    CLI::App* stress_ = nullptr;
    CLI::App* hindcast_ = nullptr;
    CLI::App* validate_ = nullptr;
    CLI::App* explain_ = nullptr;
    CLI::App* replay_ = nullptr;
    CLI::App* report_ = nullptr;
    CLI::App* experiment_ = nullptr;
    CLI::App* merge_ = nullptr;
    CLI::App* diff_ = nullptr;
    CLI::App* list_ = nullptr;
    RunOptions run_options_;
    CompareOptions compare_options_;
    AttributeOptions attribute_options_;
    StressOptions stress_options_;
    HindcastOptions hindcast_options_;
    ValidateOptions validate_options_;
    ExplainOptions explain_options_;
    ReplayOptions replay_options_;
    ReportOptions report_options_;
    ExperimentOptions experiment_options_;
    MergeOptions merge_options_;
    DiffOptions diff_options_;
    ListOptions list_options_;
};

void add_scenario(CLI::App& command, std::filesystem::path& scenario)
{
    command.add_option("SCENARIO", scenario, "Scenario file (YAML)")->required()->type_name("");
}

void add_policies(CLI::App& command, std::vector<std::filesystem::path>& policies)
{
    command
        .add_option("--policy", policies,
                    "Policy file whose levers are laid over the scenario; repeatable")
        ->type_name("FILE")
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
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
    command.add_option("--set", overrides, "Change one key of the scenario; repeatable")
        ->type_name("KEY=VALUE")
        ->check(assignment())
        ->expected(1)
        ->allow_extra_args(false)  // what follows its value is a file
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
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
        ->transform(time_span());
    command
        .add_option("--max-disk", options.max_disk,
                    "Refuse what would take more disk while it goes on, e.g. 10GB")
        ->type_name("BYTES")
        ->transform(memory_size());
    command.add_flag("--no-limits", options.has_no_limits, "Run it all the same");
}

CommandLine::CommandLine()
{
    app_.set_version_flag("--version", [] {
        const BuildInfo info = build_info();
        return fmt::format("chokepoint {} ({}, {}, {})", info.version, info.commit,
                           info.compiler, info.build_type);
    });
    app_.set_help_flag("-h,--help", "Show this text");
    app_.require_subcommand(1);
    app_.footer(main_examples);
    add_run();
    add_compare();
    add_attribute();
    add_stress();
    add_experiment();
    add_hindcast();
    add_validate();
    add_explain();
    add_replay();
    add_report();
    add_merge();
    add_diff();
    add_list();
}

CLI::App* CommandLine::add_command(const char* name, const char* sentence, const char* examples)
{
    CLI::App* command = app_.add_subcommand(name, sentence);
    command->set_help_flag("-h,--help", "Show this text");
    command->footer(examples);
    return command;
}

void CommandLine::add_run()
{
    run_ = add_command("run", "Run a scenario's trials and write a folder of results",
                       run_examples);
    add_scenario(*run_, run_options_.scenario);
    add_policies(*run_, run_options_.policies);
    add_portfolio(*run_, run_options_.portfolio);
    add_run_options(*run_, run_options_);
    run_->add_option("--out", run_options_.out,
                     "Folder of the results (default: results/<scenario's file name>)")
        ->type_name("DIR")
        ->check(folder_name());
    const std::map<std::string, KeepTrials> kept = {{"none", KeepTrials::none},
                                                    {"metrics", KeepTrials::metrics}};
    run_->add_option("--keep-trials", run_options_.keep_trials,
                     "none, or metrics: write every metric of every trial to trials.nc "
                     "(default: none)")
        ->type_name("WHAT")
        ->transform(one_of(kept));
    run_->add_flag("--json", run_options_.json, "Print summary.json instead of the table");
    const std::map<std::string, Table> tables = {{"years", Table::years},
                                                 {"episodes", Table::episodes}};
    run_->add_option("--tables", run_options_.tables,
                     "Tables of single trials, separated by commas: years (years.csv, the year "
                     "loss table), episodes (episodes.csv, every run of months in shortfall)")
        ->type_name("LIST")
        ->delimiter(',')
        ->transform(one_of(tables))
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    run_->add_option("--until", run_options_.until,
                     "Stop once a figure is known well enough: half of its 95 % interval is "
                     "below a share of it or a number; repeatable, all must hold")
        ->type_name("'STATISTIC(METRIC,COMMODITY,REGION) < P%'")
        ->check(readable_by(parse_stop_rule))
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    CLI::Option* const importance =
        run_->add_option("--importance", run_options_.importance,
                         "Draw bad trials more often, and weigh them down, to know this VaR, "
                         "quantile or ES from "
                         "fewer trials; a pilot run finds how");
    importance->type_name("'STATISTIC(METRIC,COMMODITY,REGION)'")
        ->check(readable_by(parse_figure_name));
    add_tilt(*run_, run_options_.tilt)->excludes(importance);
    run_->add_flag("--attribute", run_options_.attribute,
                   "Also run every combination of the classes of hazards, to say what each "
                   "brings of the losses (attribution.csv)");
    run_->add_option("--worst", run_options_.worst,
                     "List the trials with the largest values of a metric, to be replayed")
        ->type_name("'METRIC(COMMODITY,REGION)'")
        ->check(readable_by(parse_column_name));
    add_resume_and_shard();
}

/// The trials of a shard are looked at once they are merged.
void CommandLine::add_resume_and_shard()
{
    run_->add_flag("--resume", run_options_.resume,
                   "Go on with what an interrupted run left in the folder; run all if there is "
                   "nothing")
        ->excludes("--force");
    add_limits(*run_, run_options_);
    CLI::Option* const shard = run_->add_option_function<std::string>(
        "--shard", [this](const std::string& text) { run_options_.shard = read_shard(text); },
        "Run part I of N of the trials alone, to be merged with the others");
    shard->type_name("I/N")->check(shard_text());
    for (const char* option : {"--until", "--worst", "--json", "--portfolio", "--attribute"}) {
        shard->excludes(option);
    }
}

void CommandLine::add_run_options(CLI::App& command, RunOptions& options)
{
    command
        .add_option("--trials", options.trials, "Number of trials (default: the scenario's)")
        ->type_name("N")
        ->check(whole_number(1, most_trials));
    add_seed(command, options.seed);
    add_sampling(command, options.sampling);
    options.threads = std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
    command
        .add_option("--threads", options.threads,
                    "Number of threads (default: one per processor)")
        ->type_name("T")
        ->check(whole_number(1, most_threads));
    add_overrides(command, options.overrides);
    command
        .add_option("--memory", options.memory,
                    "Memory for the values of trials, e.g. 500MB (default: 2GB); beyond it "
                    "figures come from sketches")
        ->type_name("BYTES")
        ->transform(memory_size());
    command.add_flag("--force", options.force,
                     "Replace results, finished or not, in that folder; other files stay");
    command.add_flag("--quiet", options.quiet, "Show no progress");
}

void CommandLine::add_compare()
{
    compare_ =
        add_command("compare", "Compare policies on the same random numbers", compare_examples);
    add_scenario(*compare_, compare_options_.run.scenario);
    compare_
        ->add_option("--policy", compare_options_.run.policies,
                     "Policy files, each held against none")
        ->type_name("FILE...");
    add_portfolio(*compare_, compare_options_.run.portfolio);
    compare_
        ->add_option("--chokepoints", compare_options_.chokepoints,
                     "Also give the N most valuable chokepoints more room, one by one")
        ->type_name("N")
        ->check(whole_number(0, 100));
    add_run_options(*compare_, compare_options_.run);
    compare_
        ->add_option("--region", compare_options_.region,
                     "The region or group whose users count (default: the first alliance)")
        ->type_name("NAME");
    compare_
        ->add_option("--out", compare_options_.run.out,
                     "Folder of the results (default: results/<scenario's file name>)")
        ->type_name("DIR")
        ->check(folder_name());
    compare_->add_flag("--json", compare_options_.run.json,
                       "Print summary.json instead of the table");
}

void CommandLine::add_attribute()
{
    attribute_ = add_command("attribute", "Say which hazards bring how much of the losses",
                             attribute_examples);
    add_scenario(*attribute_, attribute_options_.run.scenario);
    add_policies(*attribute_, attribute_options_.run.policies);
    add_portfolio(*attribute_, attribute_options_.run.portfolio);
    add_run_options(*attribute_, attribute_options_.run);
    attribute_
        ->add_option("--by", attribute_options_.by,
                     "class (of hazards) or hazard (each entry; at most 8; default: class)")
        ->type_name("WHAT")
        ->check(CLI::IsMember({"class", "hazard"}));
    attribute_
        ->add_option("--metric", attribute_options_.metrics,
                     "What is attributed; repeatable (default: shortfall_share, price_peak and "
                     "extra_bill of all commodities, world)")
        ->type_name("'METRIC(COMMODITY,REGION)'")
        ->check(readable_by(parse_column_name))
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    attribute_
        ->add_option("--out", attribute_options_.run.out,
                     "Folder of the results (default: results/<scenario's file name>)")
        ->type_name("DIR")
        ->check(folder_name());
    attribute_->add_flag("--json", attribute_options_.run.json,
                         "Print summary.json instead of the table");
}

void CommandLine::add_stress()
{
    stress_ = add_command("stress", "Value a portfolio in several scenarios", stress_examples);
    stress_->add_option("PORTFOLIO", stress_options_.portfolio, "Portfolio file (YAML)")
        ->required()
        ->type_name("");
    stress_
        ->add_option("--scenario", stress_options_.scenarios,
                     "Scenario files, and folders of them")
        ->required()
        ->type_name("FILE|DIR...");
    add_policies(*stress_, stress_options_.run.policies);
    add_run_options(*stress_, stress_options_.run);
    stress_
        ->add_option("--out", stress_options_.run.out,
                     "Folder of the results (default: results/<portfolio's file name>)")
        ->type_name("DIR")
        ->check(folder_name());
}

void CommandLine::add_hindcast()
{
    hindcast_ =
        add_command("hindcast", "Hold scenarios against what happened", hindcast_examples);
    hindcast_
        ->add_option("FILE|DIR", hindcast_options_.inputs,
                     "Scenario files, and folders of them")
        ->required()
        ->type_name("");
    add_run_options(*hindcast_, hindcast_options_.run);
    hindcast_options_.run.out = std::filesystem::path("results") / "hindcasts";
    hindcast_
        ->add_option("--out", hindcast_options_.run.out,
                     "Folder of the results, one in it for each scenario (default: "
                     "results/hindcasts)")
        ->type_name("DIR")
        ->check(folder_name());
}

void CommandLine::add_validate()
{
    validate_ =
        add_command("validate", "Report all problems of scenario files", validate_examples);
    validate_->add_option("FILE", validate_options_.files, "Scenario files")
        ->required()
        ->type_name("");
    add_policies(*validate_, validate_options_.policies);
    add_overrides(*validate_, validate_options_.overrides);
}

void CommandLine::add_explain()
{
    explain_ = add_command(
        "explain", "Show what a scenario means: network, flows, events, time and memory",
        explain_examples);
    add_scenario(*explain_, explain_options_.scenario);
    add_policies(*explain_, explain_options_.policies);
    add_overrides(*explain_, explain_options_.overrides);
}

void CommandLine::add_replay()
{
    replay_ = add_command("replay", "Tell one trial: its events, what bound, why prices moved",
                          replay_examples);
    add_scenario(*replay_, replay_options_.scenario);
    add_policies(*replay_, replay_options_.policies);
    add_portfolio(*replay_, replay_options_.portfolio);
    replay_->add_option("--trial", replay_options_.trial, "Which trial, counted from 0")
        ->required()
        ->type_name("K")
        ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()));
    add_seed(*replay_, replay_options_.seed);
    add_sampling(*replay_, replay_options_.sampling);
    add_tilt(*replay_, replay_options_.tilt);
    const std::map<std::string, Format> formats = {
        {"text", Format::text}, {"csv", Format::csv}, {"json", Format::json}};
    replay_->add_option("--format", replay_options_.format, "text, csv or json (default: text)")
        ->type_name("FORMAT")
        ->transform(one_of(formats));
    replay_->add_flag("--full", replay_options_.full,
                      "As text, every draw, event, month and metric");
    add_overrides(*replay_, replay_options_.overrides);
}

void CommandLine::add_report()
{
    report_ = add_command("report", "Write report.html of a folder of results anew",
                          report_examples);
    report_->add_option("DIR", report_options_.folder, "Folder of results")
        ->required()
        ->type_name("");
}

void CommandLine::add_experiment()
{
    experiment_ =
        add_command("experiment", "Run a scenario at many points: sweeps, sensitivity",
                    experiment_examples);
    experiment_->add_option("EXPERIMENT", experiment_options_.file, "Experiment file (YAML)")
        ->required()
        ->type_name("");
    add_run_options(*experiment_, experiment_options_.run);
    add_limits(*experiment_, experiment_options_.run);
    experiment_
        ->add_flag("--resume", experiment_options_.run.resume,
                   "Go on with what an interrupted experiment left in the folder")
        ->excludes("--force");
    experiment_
        ->add_option("--out", experiment_options_.run.out,
                     "Folder of the results (default: results/<experiment's file name>)")
        ->type_name("DIR")
        ->check(folder_name());
}

void CommandLine::add_merge()
{
    merge_ = add_command("merge", "Put the shards of a run together", merge_examples);
    merge_->add_option("DIR", merge_options_.folders, "Folders of finished shards")
        ->required()
        ->type_name("");
    merge_->add_option("--out", merge_options_.out, "Folder of the results")
        ->required()
        ->type_name("DIR")
        ->check(folder_name());
    merge_options_.threads = std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
    merge_
        ->add_option("--threads", merge_options_.threads,
                     "Number of threads (default: one per processor)")
        ->type_name("T")
        ->check(whole_number(1, most_threads));
    merge_->add_flag("--force", merge_options_.force,
                     "Replace results, finished or not, in that folder; other files stay");
    merge_->add_flag("--quiet", merge_options_.quiet, "Show no progress");
    merge_->add_flag("--json", merge_options_.json, "Print summary.json instead of the table");
}

void CommandLine::add_diff()
{
    diff_ =
        add_command("diff", "Say in which inputs and figures two runs differ", diff_examples);
    diff_->add_option("BEFORE", diff_options_.before, "Folder of a finished run")
        ->required()
        ->type_name("");
    diff_->add_option("AFTER", diff_options_.after, "Folder of another")
        ->required()
        ->type_name("");
    diff_->add_option("--metric", diff_options_.metric, "Compare the figures of this one alone")
        ->type_name("NAME");
    diff_->add_flag(
        "--all", diff_options_.all,
        "Show every input that differs and every figure that moved, not 20 of each");
    diff_->add_flag("--json", diff_options_.json, "Print all of it in full precision");
}

void CommandLine::add_list()
{
    list_ = add_command("list", "List what there is, one line each", list_examples);
    const std::map<std::string, Listing> listings = {{"scenarios", Listing::scenarios},
                                                     {"distributions", Listing::distributions},
                                                     {"metrics", Listing::metrics},
                                                     {"hazards", Listing::hazards},
                                                     {"levers", Listing::levers}};
    list_
        ->add_option("WHAT", list_options_.what,
                     "scenarios, distributions, metrics, hazards or levers")
        ->required()
        ->type_name("")
        ->transform(one_of(listings));
    list_
        ->add_option("FOLDER", list_options_.folder,
                     "Where to look for scenarios (default: scenarios)")
        ->type_name("");
}

/// Refuses a first word that is no command in better words than "not expected".
void check_command_name(int argument_count, const char* const* arguments, const CLI::App& app)
{
    if (argument_count < 2 || std::string_view(arguments[1]).starts_with('-')) {
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

Command CommandLine::parse(int argument_count, const char* const* arguments)
{
    if (argument_count < 2) {
        throw ArgumentError(
            "no command is given\n"
            "  hint: begin with  chokepoint run scenarios/first_steps.yaml\n"
            "  then              chokepoint explain scenarios/first_steps.yaml, and change a copy "
            "of it\n"
            "  all commands:     chokepoint --help");
    }
    check_command_name(argument_count, arguments, app_);
    try {
        app_.parse(argument_count, arguments);
    } catch (const CLI::CallForHelp&) {
        const CLI::App& command = innermost(app_);
        return RequestedText{command.help(&command == &app_ ? "" : "chokepoint")};
    } catch (const CLI::CallForVersion& version) {
        return RequestedText{std::string(version.what()) + "\n"};
    } catch (const CLI::ParseError& error) {
        const CLI::App& command = innermost(app_);
        throw ArgumentError(fmt::format("{}\n  hint: see chokepoint {}--help", error.what(),
                                        &command == &app_ ? "" : command.get_name() + " "));
    }
    if (run_->parsed()) {
        if (run_options_.out.empty()) {
            run_options_.out = std::filesystem::path("results") / run_options_.scenario.stem();
            if (const std::optional<ShardChoice>& shard = run_options_.shard) {
                run_options_.out += fmt::format("-{}-of-{}", shard->shard, shard->shards);
            }
        }
        return run_options_;
    }
    for (RunOptions* options : {&compare_options_.run, &attribute_options_.run}) {
        if (options->out.empty()) {
            options->out = std::filesystem::path("results") / options->scenario.stem();
        }
    }
    if (compare_->parsed()) {
        return compare_options_;
    }
    if (attribute_->parsed()) {
        return attribute_options_;
    }
    if (stress_->parsed()) {
        if (stress_options_.run.out.empty()) {
            stress_options_.run.out =
                std::filesystem::path("results") / stress_options_.portfolio.stem();
        }
        return stress_options_;
    }
    if (hindcast_->parsed()) {
        return hindcast_options_;
    }
    if (validate_->parsed()) {
        return validate_options_;
    }
    if (explain_->parsed()) {
        return explain_options_;
    }
    if (replay_->parsed()) {
        if (replay_options_.full && replay_options_.format != Format::text) {
            throw ArgumentError(
                "--full goes with --format text: csv gives every month, and "
                "json everything, as they are");
        }
        return replay_options_;
    }
    if (report_->parsed()) {
        return report_options_;
    }
    if (experiment_->parsed()) {
        if (experiment_options_.run.out.empty()) {
            experiment_options_.run.out =
                std::filesystem::path("results") / experiment_options_.file.stem();
        }
        return experiment_options_;
    }
    if (merge_->parsed()) {
        return merge_options_;
    }
    if (diff_->parsed()) {
        return diff_options_;
    }
    if (list_->count("FOLDER") > 0 && list_options_.what != Listing::scenarios) {
        throw ArgumentError("FOLDER is for scenarios alone: chokepoint list scenarios FOLDER");
    }
    return list_options_;
}

}  // namespace

Command parse_command_line(int argument_count, const char* const* arguments)
{
    return CommandLine().parse(argument_count, arguments);
}

}  // namespace chokepoint
