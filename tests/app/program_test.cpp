#include "app/shell.hpp"
#include "chokepoint/app/number_text.hpp"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Program, RefusesWrongArgumentsWithAHint)
{
    const Shell shell;
    const std::pair<const char*, const char*> cases[] = {
        {"chokepoint", "--help"},
        {"chokepoint vaildate x.yaml", "did you mean \"validate\"?"},
        {"chokepoint compare x.yaml", "nothing to compare"},
        {"chokepoint forecast x", "no command is called \"forecast\""},
        {"chokepoint run x.yaml --out ''", "must name a folder (got nothing)"},
        {"chokepoint hindcast x.yaml --out ''", "must name a folder (got nothing)"},
        {"chokepoint run", "SCENARIO"},
        {"chokepoint run x.yaml --trials 1e5", "whole number (got \"1e5\")"},
        {"chokepoint run x.yaml --trials 0", "between 1 and 1000000000 (got 0)"},
        {"chokepoint run x.yaml --seed -1", "whole number (got \"-1\")"},
        {"chokepoint run x.yaml --seed 18446744073709551616", "(got 18446744073709551616)"},
        {"chokepoint run x.yaml --threads 0", "between 1 and"},
        {"chokepoint run x.yaml --set months", "path.to.key=value (got \"months\")"},
        {"chokepoint run x.yaml --until 1", "--until"},
        {"chokepoint run x.yaml --worst 'a(b'", "--worst"},
        {"chokepoint run x.yaml --memory much", "--memory"},
        {"chokepoint run x.yaml y.yaml", "y.yaml"},
        {"chokepoint replay x.yaml", "--trial"},
        {"chokepoint replay x.yaml --trial 1 --format xml",
         "one of csv, json, text (got \"xml\")"},
        {"chokepoint replay x.yaml --trial 1 --format csv --full", "--full goes with"},
        {"chokepoint list metrics x", "chokepoint list scenarios FOLDER"},
        {"chokepoint list fish",
         "distributions, hazards, levers, metrics, scenarios (got \"fish\")"},
        {"chokepoint validate", "FILE"},
    };
    for (const auto& [command, complaint] : cases) {
        const Outcome outcome = shell.run(command);
        EXPECT_EQ(outcome.code, 64) << command;
        EXPECT_EQ(outcome.out, "") << command;
        EXPECT_THAT(outcome.err,
                    AllOf(StartsWith("chokepoint: error: "), HasSubstr(complaint)));
    }
}

TEST(Program, HelpsOnEveryLevelWithAnExample)
{
    const Shell shell;
    for (const char* command :
         {"", "run", "compare", "attribute", "stress", "experiment", "hindcast", "validate",
          "explain", "replay", "merge", "diff", "list"}) {
        const Outcome help = shell.run(std::string("chokepoint ") + command + " --help");
        EXPECT_EQ(help.code, 0);
        EXPECT_EQ(help.err, "");
        EXPECT_THAT(help.out, HasSubstr("Examples:\n  chokepoint ")) << command;
        EXPECT_THAT(help.out, HasSubstr(std::string("Usage: chokepoint ") + command))
            << command;
    }
}

TEST(Program, KeepsWhatIsNotBuiltOutOfItsHelp)
{
    const Shell shell;
    const std::string help =
        shell.run("chokepoint --help; chokepoint run --help; chokepoint replay --help").out;
    for (const char* later : {"Slurm", "--design"}) {
        EXPECT_THAT(help, Not(HasSubstr(later)));
    }
}

TEST(Program, TellsItsVersion)
{
    EXPECT_THAT(Shell().run("chokepoint --version").out,
                MatchesRegex("chokepoint [0-9]+\\.[0-9]+\\.[0-9]+ \\(.+\\)\n"));
}

TEST(Program, TellsMissingInputFromBadInput)
{
    const Shell shell;
    put_file(shell.folder() / "bad.yaml", "schema: 1\nname: bad\nmoths: 3\n");
    for (const char* command : {"run", "validate", "explain", "replay --trial 1"}) {
        const Outcome missing =
            shell.run(std::string("chokepoint ") + command + " nowhere.yaml");
        EXPECT_EQ(missing.code, 66) << command;
        EXPECT_THAT(missing.err, HasSubstr("nowhere.yaml: cannot be opened")) << command;
        const Outcome bad = shell.run(std::string("chokepoint ") + command + " bad.yaml");
        EXPECT_EQ(bad.code, 65) << command;
        EXPECT_THAT(bad.err, HasSubstr("bad.yaml:3:1: error: ")) << command;
    }
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / "results"));
}

TEST(Program, ReadsPipesButDoesNotWaitForOneThatNobodyWritesTo)
{
    const Shell shell;
    const Outcome silent = shell.run("mkfifo silent.yaml && chokepoint validate silent.yaml");
    EXPECT_EQ(silent.code, 66);
    EXPECT_EQ(silent.err, "silent.yaml: no data from the pipe (nobody writes to it)\n");
    const Outcome early = shell.run("cat " + first_steps + " | chokepoint validate /dev/stdin");
    EXPECT_EQ(early.code, 0) << early.err;
    const Outcome slow = shell.run("(head -n 3 " + first_steps + "; sleep 0.2; tail -n +4 "
                                   + first_steps + ") | chokepoint validate /dev/stdin");
    EXPECT_EQ(slow.code, 0) << slow.err;
    const Outcome late = shell.run("mkfifo late.yaml && { (sleep 0.2; cat " + first_steps
                                   + " >late.yaml) & chokepoint validate late.yaml; }");
    EXPECT_EQ(late.code, 0) << late.err;
    const Outcome folder = shell.run("mkdir folder && chokepoint validate folder");
    EXPECT_EQ(folder.code, 66);
    EXPECT_EQ(folder.err, "folder: is a folder, not a file\n");
}

TEST(Program, EndsQuietlyWhenItsReaderHasSeenEnough)
{
    const Shell shell;
    const Outcome outcome =
        shell.run("chokepoint replay " + first_steps + " --trial 1 --format json | head -n 1");
    EXPECT_EQ(outcome.out, "{\n");
    EXPECT_EQ(outcome.err, "");
}

TEST(ValidateCommand, PassesTheShippedScenarios)
{
    const Shell shell;
    const Outcome outcome = shell.run("chokepoint validate " + first_steps + " "
                                      + shipped("rare_earths_2010.yaml"));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("first_steps.yaml: ok\n"),
                                   HasSubstr("rare_earths_2010.yaml: ok\n")));
}

TEST(ValidateCommand, ReportsEveryFile)
{
    const Shell shell;
    put_file(shell.folder() / "bad.yaml", "schema: 1\nmoths: 3\nregoins: []\n");
    const Outcome outcome =
        shell.run("chokepoint validate bad.yaml nowhere.yaml " + first_steps);
    EXPECT_EQ(outcome.code, 65);
    EXPECT_THAT(outcome.err,
                AllOf(HasSubstr("moths"), HasSubstr("regoins"), HasSubstr("nowhere")));
    EXPECT_THAT(outcome.out, HasSubstr("first_steps.yaml: ok\n"));
}

TEST(ValidateCommand, ChangesEveryFileAsItIsTold)
{
    const Shell shell;
    const std::string files = first_steps + " " + shipped("rare_earths_2010.yaml");
    EXPECT_EQ(shell.run("chokepoint validate --set run.trials=12 " + files).code, 0);
    const Outcome outcome = shell.run("chokepoint validate " + files + " --set months=-1");
    EXPECT_EQ(outcome.code, 65);
    EXPECT_EQ(outcome.out, "");
    const std::string problem = "<--set 1>:1:8: error: months: ";
    const std::size_t first = outcome.err.find(problem);
    ASSERT_NE(first, std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(problem, first + 1), std::string::npos) << outcome.err;
}

TEST(ValidateCommand, ExitsWith65ForEachInvalidFileAndPrintsAllItsProblems)
{
    const Shell shell;
    // The files name the problems that they have in `# expect:` comments; how each is worded is
    // held by tests/scenario.
    const Outcome outcome = shell.run(R"(
        for file in ')" CHOKEPOINT_SOURCE_DIR R"('/tests/scenario/invalid/*.yaml; do
            chokepoint validate "$file" >out 2>err
            code=$?
            expected=$(grep -ac '^# expect:' "$file")
            found=$(grep -acE '^[^ ].*: (error|warning): ' err)
            [ $code = 65 ] && [ "$found" = "$expected" ] && [ ! -s out ] ||
                echo "$file: exit $code, $found of $expected problems"
        done
        echo done)");
    EXPECT_EQ(outcome.out, "done\n");
}

TEST(ExplainCommand, TellsHowMuchOfTheRecordIsCompared)
{
    const Outcome outcome =
        Shell().run("chokepoint explain " + shipped("hindcasts/cobalt_2025.yaml"));
    EXPECT_THAT(outcome.out, HasSubstr("Record: data/cobalt_2025.csv, 3 points, 3 of them "
                                       "compared"));
}

TEST(ExplainCommand, TellsWhatHappensBesidesEvents)
{
    const Outcome outcome =
        Shell().run("chokepoint explain " + shipped("critical_minerals.yaml"));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(
        outcome.out,
        AllOf(
            HasSubstr("lithium_thacker_pass (usa, mine), 7,500 t/yr: planned for 2027-12"),
            HasSubstr("times month 0's, with probability"),
            HasSubstr("lithium_scrap_china: 2.00 % of china's demand for lithium joins refine"),
            HasSubstr("rare_earth_light_restriction > rare_earth_heavy_restriction: 0.200 "
                      "events, 240 days later"),
            HasSubstr("rare_earth_ndpr_prices: what users pay for praseodymium_neodymium, "
                      "volatility")));
}

TEST(ExplainCommand, ShowsNetworkEventsAssumptionsAndEffort)
{
    const Outcome outcome = Shell().run("chokepoint explain " + first_steps);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
                AllOf(HasSubstr("Stages: mine > refine"), HasSubstr("demand is scaled by"),
                      HasSubstr("a year"), HasSubstr("between 0.02 and 50 times"),
                      HasSubstr("ms a trial"), HasSubstr("of memory")));
}

/// The replayed metrics of a trial by metric, commodity and region.
std::map<std::string, std::string> replayed_metrics(const Shell& shell,
                                                    const std::string& arguments)
{
    std::map<std::string, std::string> metrics;
    const Outcome outcome = shell.run("chokepoint replay " + arguments + " --format json");
    const json replay = json::parse(outcome.out);
    for (const json& row : replay["metrics"]) {
        const std::string name = row["metric"].get<std::string>() + ","
                                 + row["commodity"].get<std::string>() + ","
                                 + row["region"].get<std::string>();
        metrics[name] = row["value"].dump();
    }
    return metrics;
}

TEST(ReplayCommand, GivesTheNumbersOfTheRun)
{
    // In a run of one trial every mean is that trial's own figure.
    const Shell shell;
    shell.run("chokepoint run " + first_steps + " --trials 1 --seed 21 --out out");
    const auto replayed = replayed_metrics(shell, first_steps + " --trial 0 --seed 21");
    std::istringstream lines(shell.file("out/metrics.csv"));
    std::size_t compared = 0;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream cells(line);
        std::string cell[7];
        for (std::string& one : cell) {
            std::getline(cells, one, ',');
        }
        if (cell[5] == "mean") {
            const std::string name = cell[1] + "," + cell[2] + "," + cell[3];
            ASSERT_TRUE(replayed.contains(name)) << name;
            EXPECT_EQ(std::stod(replayed.at(name)), std::stod(cell[6])) << name;
            ++compared;
        }
    }
    EXPECT_GT(compared, 50);
}

TEST(ReplayCommand, TellsEventsAndMonthsInThreeFormats)
{
    const Shell shell;
    const std::string replay = "chokepoint replay " + first_steps + " --trial 7";
    EXPECT_THAT(
        shell.run(replay).out,
        AllOf(StartsWith("first steps: trial 7, seed 1"), HasSubstr("What happened:"),
              HasSubstr("Why prices moved"), HasSubstr("2027-05"), Not(HasSubstr("Metrics:"))));
    EXPECT_THAT(shell.run(replay + " --full").out,
                AllOf(HasSubstr("2026-01  cobalt"), HasSubstr("Metrics:"),
                      HasSubstr("arc_rent"), HasSubstr("Why prices moved")));
    const std::string csv = shell.run(replay + " --format csv").out;
    EXPECT_THAT(csv, StartsWith("month,commodity,region,price_ratio,price_impact,"));
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 36 * 3);
    const json whole = json::parse(shell.run(replay + " --format json").out);
    EXPECT_EQ(whole["months"].size(), 36 * 3);
    EXPECT_EQ(whole["trial"], 7);
}

TEST(ReplayCommand, GivesWhatBoundAndWhyAsJson)
{
    const Shell shell;
    const json whole =
        json::parse(shell
                        .run("chokepoint replay " + shipped("rare_earths_2010.yaml")
                             + " --trial 7 --format json")
                        .out);
    ASSERT_FALSE(whole["binding"].empty());
    for (const char* key :
         {"arc", "commodity", "from", "until", "months", "largest_gap_usd_per_kg",
          "flow_t_per_month", "rent_usd", "worth_usd", "sentence"}) {
        EXPECT_TRUE(whole["binding"][0].contains(key)) << key;
    }
    ASSERT_FALSE(whole["why"].empty());
    for (const char* key : {"commodity", "regions", "month", "price_ratio", "price_impact",
                            "way", "users", "market", "sentences"}) {
        EXPECT_TRUE(whole["why"][0].contains(key)) << key;
    }
}

/// Of all lines.
std::size_t widest(const std::string& text)
{
    std::size_t width = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        width = std::max(width, width_of(line));
    }
    return width;
}

TEST(ReplayCommand, FitsAScreenHoweverMuchHappens)
{
    const Shell shell;
    for (const char* name : {"first_steps.yaml", "rare_earths_2010.yaml", "rare_earths.yaml",
                             "battery_metals.yaml", "critical_minerals.yaml"}) {
        for (const char* trial : {"0", "7"}) {
            const std::string text =
                shell.run("chokepoint replay " + shipped(name) + " --trial " + trial).out;
            EXPECT_LE(widest(text), 100) << name << ", trial " << trial;
            EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 240) << name;
        }
    }
}

TEST(ReplayCommand, SaysThatNothingHappened)
{
    const Shell shell;
    const Outcome outcome =
        shell.run("chokepoint replay " + first_steps
                  + " --trial 0 --set hazards.export_restrictions=[] --set hazards.outages=[]");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
                AllOf(HasSubstr("prices are those of the undisturbed run"),
                      HasSubstr("No events."), HasSubstr("Nothing bound harder"),
                      HasSubstr("No price moved"), Not(HasSubstr("Month by month"))));
}

TEST(ReplayCommand, PrintsNoRoundingNoise)
{
    const Shell shell;
    const std::string replay = "chokepoint replay " + first_steps
                               + " --trial 0 --set hazards.export_restrictions=[] --set "
                                 "hazards.outages=[] --set 'hazards.scripted=[{name: hardly, "
                                 "type: outage, facility: congo_mines, from: 2026-03-01, "
                                 "until: 2026-06-01, loss_share: 1.0e-10}]'";
    const Outcome text = shell.run(replay + " --full");
    EXPECT_EQ(text.code, 0) << text.err;
    const std::size_t tables = text.out.find("Months (");
    ASSERT_NE(tables, std::string::npos);
    EXPECT_THAT(text.out.substr(tables), Not(::testing::ContainsRegex("[0-9]e-[0-9]")));
    const Outcome exact = shell.run(replay + " --format json");
    EXPECT_THAT(exact.out, ::testing::ContainsRegex("shortfall_t\": [0-9.]+e-[0-9]"));
}

TEST(NewCommand, WritesAScenarioThatRunsUnderItsName)
{
    const Shell shell;
    const Outcome made = shell.run("chokepoint new tungsten");
    EXPECT_EQ(made.code, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr("chokepoint run tungsten.yaml"));
    const Outcome run = shell.run("chokepoint run tungsten.yaml --trials 100 --quiet");
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("tungsten: 100 trials"));
}

TEST(NewCommand, OverwritesNothing)
{
    const Shell shell;
    EXPECT_THAT(shell.run("chokepoint new 'A B'").out,
                HasSubstr("chokepoint run 'A B.yaml'"));
    const Outcome again = shell.run("echo mine > tin.yaml && chokepoint new tin.yaml");
    EXPECT_EQ(again.code, 73);
    EXPECT_THAT(again.err, HasSubstr("tin.yaml is there already"));
    EXPECT_EQ(shell.run("cat tin.yaml").out, "mine\n");
    EXPECT_EQ(shell.run("chokepoint new nowhere/tin").code, 73);
}

TEST(NewCommand, RefusesWhatNoScenarioCanBeCalled)
{
    const Shell shell;
    for (const char* name : {"''", ".yaml", "'a\nb'", "'\x1b[31m'"}) {
        EXPECT_EQ(shell.run(std::string("chokepoint new ") + name).code, 64) << name;
    }
    EXPECT_EQ(shell.run("ls -A | grep -v \"^.std\"").out, "");
}

TEST(NewCommand, QuotesAnyName)
{
    const Shell shell;
    EXPECT_EQ(shell.run("chokepoint new 'a \"b\": #c' && chokepoint validate *.yaml").code, 0);
}

TEST(SchemaCommand, PrintsTheSchemaOfEachKindOfFile)
{
    const Shell shell;
    for (const char* kind : {"scenario", "policy", "portfolio", "experiment"}) {
        const Outcome schema = shell.run(std::string("chokepoint schema ") + kind);
        EXPECT_EQ(schema.code, 0) << kind;
        EXPECT_THAT(schema.out, HasSubstr("json-schema.org/draft-07"));
    }
    EXPECT_EQ(shell.run("chokepoint schema book").code, 64);
}

TEST(ListCommand, ListsScenariosMetricsDistributionsAndHazards)
{
    const Shell shell;
    EXPECT_THAT(
        shell.run("chokepoint list metrics").out,
        AllOf(HasSubstr("shortfall_share"), HasSubstr("price_peak"), HasSubstr("arc_rent")));
    EXPECT_THAT(shell.run("chokepoint list distributions").out, HasSubstr("{triangular: "));
    EXPECT_THAT(shell.run("chokepoint list hazards").out, HasSubstr("hazards.outages"));
    EXPECT_THAT(
        shell.run("chokepoint list scenarios '" CHOKEPOINT_SOURCE_DIR "/scenarios'").out,
        AllOf(HasSubstr("first_steps.yaml"), HasSubstr("rare earths 2010")));
    EXPECT_EQ(shell.run("chokepoint list scenarios nowhere").code, 66);
}

TEST(ListCommand, TellsMetricsOfTrialsFromThoseOfYearsAndArcs)
{
    const std::string metrics = Shell().run("chokepoint list metrics").out;
    EXPECT_THAT(metrics, ::testing::ContainsRegex("\nshortfall_share +share +trials "));
    EXPECT_THAT(metrics, ::testing::ContainsRegex("\nshortfall +t +years "));
    EXPECT_THAT(metrics, ::testing::ContainsRegex("\narc_rent +usd +arcs "));
}

TEST(ListCommand, PassesALinkToItself)
{
    const Shell shell;
    const Outcome list = shell.run(
        "mkdir here && ln -s loop.yaml here/loop.yaml && "
        "chokepoint list scenarios here");
    EXPECT_EQ(list.code, 0) << list.err;
    EXPECT_THAT(list.out, HasSubstr("cannot be opened"));
}

}  // namespace
}  // namespace chokepoint
