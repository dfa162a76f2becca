#include "app/shell.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/results/write_file.hpp"
#include "support/csv.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(RunCommand, WritesTheWholeFolderAndPrintsTheHeadline)
{
    const Shell shell;
    const Outcome run = shell.run("chokepoint run " + first_steps + " --trials 500 --seed 3");
    EXPECT_EQ(run.code, 0);
    EXPECT_THAT(names_in(shell.folder() / "results/first_steps"),
                ElementsAre("chokepoints.csv", "events.csv", "exceedance.csv", "histograms.csv",
                            "manifest.json", "metrics.csv", "paths.csv", "report.html",
                            "scenario.resolved.yaml", "summary.json", "worst.csv"));
    EXPECT_THAT(run.out,
                AllOf(StartsWith("first steps: 500 trials, seed 3, 36 months from 2026-01"),
                      HasSubstr("cobalt"), HasSubstr(" ± "), HasSubstr("mine exports of congo"),
                      HasSubstr("in what share of months each binds"), HasSubstr("  of months"),
                      HasSubstr("Results: results/first_steps")));
    EXPECT_THAT(run.err, HasSubstr("500 of 500 trials"));
}

TEST(RunCommand, SpeaksOfOneTrialInTheSingular)
{
    const Shell shell;
    const Outcome run = shell.run("chokepoint run " + first_steps + " --trials 1");
    EXPECT_THAT(run.out, StartsWith("first steps: 1 trial, seed 1, 36 months from"));
    EXPECT_THAT(run.err, HasSubstr("1 of 1 trial "));
    EXPECT_THAT(
        shell.run("chokepoint explain " + first_steps + " --set run.trials=1").out,
        AllOf(HasSubstr("2026-01, 1 trial, seed 1"), HasSubstr("Expected for 1 trial on ")));
}

TEST(RunCommand, KeepsItsTableWithinAHundredColumns)
{
    const Shell shell;
    for (const std::string& scenario : {first_steps, shipped("rare_earths_2010.yaml")}) {
        std::istringstream lines(
            shell.run("chokepoint run " + scenario + " --trials 500 --force --out out").out);
        std::size_t widest = 0;
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("warning: ")) {
                continue;  // prose, not a table
            }
            const std::size_t width = width_of(line);
            EXPECT_LE(width, 100) << line;
            widest = std::max(widest, width);
        }
        EXPECT_GT(widest, 70);
    }
}

TEST(RunCommand, DescribesTheRunInTheManifest)
{
    const Shell shell;
    shell.run("chokepoint run " + first_steps + " --trials 100 --seed 3 --threads 2 --out out");
    const json manifest = json::parse(shell.file("out/manifest.json"));
    EXPECT_EQ(manifest["seed"], 3);
    EXPECT_EQ(manifest["trials"], 100);
    EXPECT_EQ(manifest["trial_ranges"], (json{{{"first", 0}, {"last", 99}}}));
    EXPECT_EQ(manifest["threads"], 2);
    EXPECT_GT(manifest["wall_seconds"], 0);
    EXPECT_EQ(manifest["scenario"]["resolved_sha256"],
              sha256(shell.file("out/scenario.resolved.yaml")));
    EXPECT_THAT(manifest["program"]["compiler"], Not(IsEmpty()));
    EXPECT_EQ(manifest["sha256"].size(), 10U);
    for (const auto& [name, digest] : manifest["sha256"].items()) {
        EXPECT_EQ(digest, sha256(shell.file("out/" + name))) << name;
    }
}

TEST(RunCommand, WritesTheSameBytesWithAnyNumberOfThreads)
{
    const Shell shell;
    for (const char* threads : {"1", "2", "7"}) {
        const Outcome run = shell.run("chokepoint run " + first_steps + " --quiet --trials 700"
                                      + " --threads " + threads + " --out out" + threads);
        ASSERT_EQ(run.code, 0) << run.err;
    }
    const auto one = contents(shell, "out1");
    EXPECT_EQ(one.size(), 10);
    EXPECT_TRUE(one == contents(shell, "out2"));
    EXPECT_TRUE(one == contents(shell, "out7"));
    shell.run("chokepoint run " + first_steps + " --quiet --trials 700 --seed 2 --out other");
    EXPECT_FALSE(one == contents(shell, "other"));
}

TEST(RunCommand, RepeatsARunFromItsResolvedScenario)
{
    const Shell shell;
    shell.run(
        "chokepoint run " + first_steps
        + " --trials 200 --seed 9 --set facilities.congo_mines.utilisation=0.8 --out one");
    EXPECT_THAT(shell.file("one/scenario.resolved.yaml"),
                AllOf(HasSubstr("trials: 200"), HasSubstr("seed: 9"), HasSubstr("0.8")));
    const Outcome again = shell.run("chokepoint run one/scenario.resolved.yaml --out two");
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_TRUE(contents(shell, "one") == contents(shell, "two"));
}

TEST(RunCommand, SeparatesResultsFromMessages)
{
    const Shell shell;
    const Outcome quiet =
        shell.run("chokepoint run " + first_steps + " --trials 50 --quiet --json");
    EXPECT_EQ(quiet.err, "");
    EXPECT_EQ(quiet.out, shell.file("results/first_steps/summary.json"));
    const json summary = json::parse(quiet.out);
    EXPECT_EQ(summary["trials"], 50);
    EXPECT_EQ(summary["scenario"], "first steps");
    EXPECT_GT(summary["headline"].size(), 3);
    EXPECT_THAT(summary["warnings"], Not(IsEmpty()));
}

TEST(RunCommand, TouchesFinishedResultsOnlyWhenForced)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps + " --quiet --trials 50 --out out";
    ASSERT_EQ(shell.run(run).code, 0);
    const std::string before = shell.file("out/manifest.json");
    const Outcome refused = shell.run(run + " --seed 4");
    EXPECT_EQ(refused.code, 73);
    EXPECT_THAT(refused.err, HasSubstr("--force"));
    EXPECT_EQ(shell.file("out/manifest.json"), before);

    ASSERT_EQ(shell.run(run + " --seed 4 --force").code, 0);
    EXPECT_EQ(json::parse(shell.file("out/manifest.json"))["seed"], 4);
}

TEST(RunCommand, LeavesFinishedResultsAloneWhenTheScenarioIsBad)
{
    const Shell shell;
    ASSERT_EQ(shell.run("chokepoint run " + first_steps + " --trials 50 --out out").code, 0);
    EXPECT_EQ(
        shell.run("chokepoint run " + first_steps + " --set months=-1 --out out --force").code,
        65);
    EXPECT_TRUE(std::filesystem::exists(shell.folder() / "out/manifest.json"));
}

TEST(RunCommand, LeavesFinishedResultsAloneWhenTheRunFails)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps + " --quiet --out out ";
    ASSERT_EQ(shell.run(run + "--trials 1000 --importance 'es90(shortfall_share)'").code, 0);
    ASSERT_EQ(shell.run("cp out/tilt.json tilt.json").code, 0);
    const auto before = contents(shell, "out");
    const std::pair<const char*, int> failures[] = {
        {"--memory 1", 69},
        {"--tilt tilt.json --trials 1000 --sampling sobol", 64},
        {"--tilt tilt.json --trials 10", 64},
        {"--tilt tilt.json --trials 101", 64}};  // worth too few
    for (const auto& [options, code] : failures) {
        EXPECT_EQ(shell.run(run + "--force " + options).code, code) << options;
        EXPECT_TRUE(contents(shell, "out") == before) << options;
        EXPECT_TRUE(std::filesystem::exists(shell.folder() / "out/manifest.json")) << options;
    }
    const Outcome full = shell.run("(ulimit -f 16; " + run + " --trials 200 --force)");
    EXPECT_EQ(full.code, 74);
    EXPECT_TRUE(contents(shell, "out") == before);
    put_file(shell.folder() / "policy.yaml", R"(
schema: 1
policy: stockpile
levers:
  - {name: sixty_days, type: stockpile, regions: [china], days: 60, buy_months: 24,
     trigger_shortfall_share: 0.05}
)");
    for (const std::string& command :
         {"attribute " + first_steps, "compare " + first_steps + " --policy policy.yaml"}) {
        const Outcome failed =
            shell.run("chokepoint " + command + " --force --out out --memory 1");
        EXPECT_EQ(failed.code, 69) << command << failed.err;
        EXPECT_TRUE(contents(shell, "out") == before) << command << failed.err;
    }
}

TEST(RunCommand, KeepsFinishedTrialsWhenInterrupted)
{
    const Shell shell;
    const Outcome run =
        shell.run_until_signalled("run " + first_steps + " --trials 100000000", "out", SIGINT);
    EXPECT_EQ(run.code, 130);
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr("in out/parts"));
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / "out/manifest.json"));
    const std::set<std::string> parts = names_in(shell.folder() / "out/parts");
    EXPECT_THAT(*parts.begin(), StartsWith("trials-000000000000-"));

    const std::string again = "chokepoint run " + first_steps + " --trials 50 --out out";
    const Outcome refused = shell.run(again);
    EXPECT_EQ(refused.code, 73);
    EXPECT_THAT(refused.err, HasSubstr("go on with --resume"));
    EXPECT_EQ(names_in(shell.folder() / "out/parts"), parts);

    EXPECT_EQ(shell.run(again + " --force").code, 0);
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / "out/parts"));
}

TEST(RunCommand, TellsTerminationFromInterruption)
{
    const Shell shell;
    const Outcome run =
        shell.run_until_signalled("run " + first_steps + " --trials 100000000", "out", SIGTERM);
    EXPECT_EQ(run.code, 75);
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / "out/manifest.json"));
}

TEST(RunCommand, KeepsFinishedTrialsThoughItIsTerminatedTwice)
{
    const Shell shell;
    // As `timeout` does: once to the process, once to its group.
    const Outcome run = shell.run("timeout --preserve-status 1 '" CHOKEPOINT_BINARY "' run "
                                  + first_steps + " --trials 100000000 --out out");
    EXPECT_EQ(run.code, 75);
    EXPECT_THAT(run.err, HasSubstr("in out/parts"));
}

TEST(RunCommand, RefusesAnOutputItCannotCreate)
{
    const Shell shell;
    for (const char* out : {"/dev/full", "/dev/full/out", "/proc/out"}) {
        const Outcome run =
            shell.run("chokepoint run " + first_steps + " --trials 10 --out " + out);
        EXPECT_EQ(run.code, 73) << out;
        EXPECT_THAT(run.err, HasSubstr(out));
    }
}

TEST(RunCommand, LeavesNoManifestOnAFullDisk)
{
    const Shell shell;
    const Outcome run = shell.run("(ulimit -f 16; chokepoint run " + first_steps
                                  + " --trials 200 --quiet --out out)");
    EXPECT_EQ(run.code, 74);
    EXPECT_THAT(run.err, HasSubstr("out/metrics.csv: cannot be written"));
    EXPECT_THAT(names_in(shell.folder() / "out"), IsEmpty());
}

const std::string keep_trials = " --quiet --keep-trials metrics --out out";

TEST(RunCommand, KeepsTrialsOnlyWhenAsked)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps + " --trials 100 --force";
    ASSERT_EQ(shell.run(run + keep_trials).code, 0);
    const json manifest = json::parse(shell.file("out/manifest.json"));
    EXPECT_EQ(manifest["sha256"].size(), 11);
    EXPECT_EQ(manifest["sha256"]["trials.nc"], sha256(shell.file("out/trials.nc")));

    const auto kept = contents(shell, "out");
    ASSERT_EQ(shell.run(run + " --quiet --keep-trials none --out out").code, 0);
    auto others = kept;
    others.erase("trials.nc");
    EXPECT_TRUE(contents(shell, "out") == others);
    const Outcome wrong = shell.run(run + " --keep-trials all");
    EXPECT_EQ(wrong.code, 64);
    EXPECT_THAT(wrong.err, HasSubstr("must be one of metrics, none (got \"all\")"));
}

TEST(RunCommand, KeepsTheSameBytesOfTrialsWithAnyNumberOfThreads)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps
                            + " --quiet --trials 9000 --keep-trials metrics --threads ";
    ASSERT_EQ(shell.run(run + "1 --out one").code, 0);
    ASSERT_EQ(shell.run(run + "2 --out two").code, 0);
    EXPECT_TRUE(contents(shell, "one") == contents(shell, "two"));
    EXPECT_GT(shell.file("one/trials.nc").size(), 9000 * 20 * sizeof(double));
}

TEST(RunCommand, LeavesNoTrialsFileWhenInterrupted)
{
    const Shell shell;
    const Outcome run = shell.run_until_signalled(
        "run " + first_steps + " --trials 100000000 --keep-trials metrics", "out", SIGINT);
    EXPECT_EQ(run.code, 130);
    EXPECT_THAT(names_in(shell.folder() / "out"), ElementsAre("parts"));
}

TEST(RunCommand, ClearsTheTrialsFileOfAKilledRun)
{
    const Shell shell;
    shell.run_until_signalled(
        "run " + first_steps + " --trials 100000000 --keep-trials metrics", "out", SIGKILL);
    EXPECT_THAT(names_in(shell.folder() / "out"), ElementsAre(".trials.nc.part"));
    EXPECT_EQ(
        shell.run("chokepoint run " + first_steps + " --trials 50 --quiet --out out").code, 0);
    EXPECT_EQ(names_in(shell.folder() / "out").count(".trials.nc.part"), 0);
}

TEST(RunCommand, EndsInOrderWhenTheDiskIsFullOfTrials)
{
    const Shell shell;
    // Too small for the beginning, for values, and for what is written last.
    for (const char* kilobytes : {"1", "20", "200", "395"}) {
        const Outcome run =
            shell.run(std::string("(ulimit -f ") + kilobytes + "; chokepoint run " + first_steps
                      + " --trials 2000" + keep_trials + ")");
        EXPECT_EQ(run.code, 74) << kilobytes;
        EXPECT_THAT(run.err,
                    StartsWith("chokepoint: error: out/trials.nc: cannot be written (File too "
                               "large; "));
        EXPECT_THAT(names_in(shell.folder() / "out"), IsEmpty());
    }
}

TEST(RunCommand, SaysSoWhenStandardOutputIsFull)
{
    const Shell shell;
    const Outcome run =
        shell.run("chokepoint run " + first_steps + " --trials 10 --quiet >/dev/full");
    EXPECT_EQ(run.code, 74);
    EXPECT_THAT(run.err, HasSubstr("standard output"));
}

TEST(RunCommand, ReportsNoPriceAndNoShortfallWhereThereAreNoUsers)
{
    const Shell shell;
    const Outcome run =
        shell.run("chokepoint run " + first_steps
                  + " --trials 10 --quiet --out out --set alliances.miners=[congo]");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(shell.file("out/metrics.csv"),
                AllOf(HasSubstr("price_peak,cobalt,china,"), Not(HasSubstr(",congo,")),
                      Not(HasSubstr(",miners,"))));
    EXPECT_THAT(shell.file("out/paths.csv"),
                AllOf(Not(HasSubstr("price,cobalt,congo,")), Not(HasSubstr(",miners,")),
                      HasSubstr("exports,cobalt,congo,")));
    EXPECT_THAT(shell.file("out/summary.json"), Not(HasSubstr("\"miners\"")));
    EXPECT_THAT(run.out, AllOf(HasSubstr("cobalt  world"), Not(HasSubstr("cobalt  miners")),
                               HasSubstr("Recovery of world")));
    const Outcome replay =
        shell.run("chokepoint replay " + first_steps + " --trial 1 --format csv");
    EXPECT_THAT(replay.out, HasSubstr("2026-01,cobalt,congo,,,,0,0,0,0,0\n"));
}

TEST(RunCommand, FindsNoShortfallAndNoPriceImpactWithoutEvents)
{
    const Shell shell;
    put_file(shell.folder() / "calm.yaml", R"(
schema: 1
name: calm
start: 2026-01
months: 24
regions: [south, north]
commodities:
  cobalt:
    price_usd_per_kg: 33
    demand_elasticity: {short_run: {uniform: [0.1, 0.3]}, long_run: 0.6}
facilities:
  - {name: mine, region: south, stage: mine, capacity_t_per_year: 1000, utilisation: 0.9}
  - {name: plant, region: south, stage: refine, capacity_t_per_year: 2000, utilisation: 0.45}
  - {name: new_mine, region: north, stage: mine, capacity_t_per_year: 200, opens: 2026-09}
demand:
  cobalt: {south: {t_per_year: 300}, north: {t_per_year: 600}}
)");
    const Outcome run = shell.run("chokepoint run calm.yaml --trials 200 --quiet --out out");
    ASSERT_EQ(run.code, 0) << run.err;
    std::istringstream lines(shell.file("out/metrics.csv"));
    std::size_t checked = 0;
    for (std::string line; std::getline(lines, line);) {
        const bool is_mean = line.find(",mean,") != std::string::npos;
        const bool is_ratio = line.find(",ratio,") != std::string::npos;
        const bool is_shortfall = line.find("none,shortfall_") == 0;
        if (is_mean && (is_ratio || is_shortfall)) {
            EXPECT_THAT(line, HasSubstr(is_ratio ? ",mean,1,1,1,200" : ",mean,0,0,0,200"));
            ++checked;
        }
    }
    EXPECT_GT(checked, 20);
    EXPECT_THAT(run.out, HasSubstr("No chokepoint binds"));
}

TEST(HindcastCommand, WritesAFolderForEachScenarioAndTheScores)
{
    const Shell shell;
    const Outcome outcome =
        shell.run("cp -r '" CHOKEPOINT_SOURCE_DIR
                  "/scenarios' here && mkdir here/folder && "
                  "cp here/rare_earths_2010.yaml here/first_steps.yaml here/folder && "
                  "cp -r here/data here/folder && "
                  "chokepoint hindcast here/folder --trials 64 --quiet --out out");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("rare earths 2010  prices"));
    const Outcome files = shell.run("ls out out/*; head -2 out/scores.csv");
    EXPECT_THAT(files.out, HasSubstr("hindcast.csv"));
    EXPECT_THAT(files.out, HasSubstr("manifest.json"));
    EXPECT_THAT(files.out, HasSubstr("rare earths 2010,price,"));
    EXPECT_THAT(files.out, Not(HasSubstr("first_steps")));  // it has no record
    // Of folders in the folder too, under their own names.
    EXPECT_EQ(shell.run("chokepoint hindcast here --trials 64 --quiet --out deep").code, 0);
    EXPECT_THAT(shell.run("ls deep/hindcasts deep/folder").out,
                AllOf(HasSubstr("cobalt_2025"), HasSubstr("rare_earths_2010")));
    // A second run does not overwrite the first.
    EXPECT_EQ(shell.run("chokepoint hindcast here/folder --trials 64 --quiet --out out").code,
              73);
}

TEST(RunCommand, WritesAResolvedScenarioThatRunsAgainWithItsRecord)
{
    const Shell shell;
    shell.run("chokepoint run " + shipped("rare_earths_2010.yaml")
              + " --trials 64 --quiet --out first");
    const Outcome again = shell.run(
        "chokepoint run first/scenario.resolved.yaml --trials 64 --quiet --out second "
        "&& cmp first/metrics.csv second/metrics.csv && cmp first/record.csv "
        "second/record.csv && cmp first/scenario.resolved.yaml "
        "second/scenario.resolved.yaml");
    EXPECT_EQ(again.code, 0) << again.err << again.out;
}

TEST(HindcastCommand, LosesNoScores)
{
    const Shell shell;
    const std::string command = "chokepoint hindcast " + shipped("hindcasts/cobalt_2025.yaml")
                                + " --trials 64 --quiet --out out";
    const Outcome refused = shell.run("mkdir out && echo mine > out/scores.csv; " + command);
    EXPECT_EQ(refused.code, 73);
    EXPECT_THAT(refused.err, HasSubstr("scores.csv is there already"));
    EXPECT_EQ(shell.file("out/scores.csv"), "mine\n");
    EXPECT_EQ(shell.run(command + " --force").code, 0);
    EXPECT_THAT(shell.file("out/scores.csv"), HasSubstr("cobalt 2025,price,3,"));
}

TEST(HindcastCommand, SaysWhenNothingIsCompared)
{
    const Outcome outcome =
        Shell().run("chokepoint hindcast " + shipped("hindcasts/cobalt_2025.yaml")
                    + " --trials 64 --quiet --out out --set observed.compare_from=2030-01");
    EXPECT_EQ(outcome.code, 0);
    EXPECT_THAT(outcome.err, HasSubstr("warning: nothing of the record of cobalt 2025 is "
                                       "compared (e.g. a point begins before compare_from)"));
}

TEST(HindcastCommand, WritesTheSameBytesWithAnyNumberOfThreads)
{
    const Shell shell;
    const std::string command = "chokepoint hindcast " + shipped("hindcasts/cobalt_2025.yaml")
                                + " --trials 200 --quiet";
    shell.run(command + " --threads 1 --out one; " + command + " --threads 7 --out seven");
    const Outcome same = shell.run(
        "rm one/*/manifest.json seven/*/manifest.json; diff -r one "
        "seven && ls one/cobalt_2025/hindcast.csv");
    EXPECT_EQ(same.code, 0) << same.out;
}

TEST(HindcastCommand, FindsFaultsBeforeTheFirstTrial)
{
    const Shell shell;
    const Outcome outcome = shell.run(
        "mkdir -p out/gallium_germanium_2023 && echo x > "
        "out/gallium_germanium_2023/manifest.json; "
        "chokepoint hindcast "
        + shipped("hindcasts") + " --trials 64 --out out");
    EXPECT_EQ(outcome.code, 73);
    EXPECT_THAT(outcome.err, Not(HasSubstr("1 of 7")));
    EXPECT_EQ(shell.run("ls out/antimony_2024").out, "");  // claimed, but nothing was run
}

TEST(HindcastCommand, SaysWhichRangesItCannotGive)
{
    const Outcome outcome =
        Shell().run("chokepoint hindcast " + shipped("hindcasts/cobalt_2025.yaml")
                    + " --trials 300 --quiet --out out");
    EXPECT_THAT(outcome.out, HasSubstr("at least 800 trials"));
    EXPECT_THAT(outcome.out, HasSubstr("[–, –]"));
    // Of any of the scenarios.
    const Shell shell;
    const Outcome both =
        shell.run("cp -r '" CHOKEPOINT_SOURCE_DIR
                  "/scenarios' here && cd here/hindcasts && "
                  "sed 's/^run:.*/run: {trials: 1000}/' cobalt_2025.yaml > a.yaml && "
                  "sed 's/^run:.*/run: {trials: 100}/' cobalt_2025.yaml > b.yaml && "
                  "chokepoint hindcast a.yaml b.yaml --quiet --out out");
    EXPECT_EQ(both.code, 0) << both.err;
    EXPECT_THAT(both.out, HasSubstr("at least 800 trials"));
}

TEST(HindcastCommand, TakesNoMoreMemoryThanItMay)
{
    const Outcome outcome =
        Shell().run("chokepoint hindcast " + shipped("hindcasts/cobalt_2025.yaml")
                    + " --trials 64 --quiet --out out --memory 1");
    EXPECT_EQ(outcome.code, 69);
    EXPECT_THAT(outcome.err, HasSubstr("--memory must be at least"));
}

TEST(HindcastCommand, NeedsARecord)
{
    const Shell shell;
    const Outcome outcome = shell.run("chokepoint hindcast " + shipped("first_steps.yaml"));
    EXPECT_EQ(outcome.code, 65);
    EXPECT_THAT(outcome.err, HasSubstr("observed: is missing"));
    EXPECT_EQ(shell.run("mkdir empty && chokepoint hindcast empty").code, 66);
}

TEST(RunCommand, StopsOnceItsRuleIsMetAndSaysSo)
{
    const Shell shell;
    const Outcome run =
        shell.run("chokepoint run " + first_steps
                  + " --trials 50000 --quiet --out out --until 'mean(shortfall_share) < 5%'");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("Known well enough, mean(shortfall_share) < 5%"));
    const json summary = json::parse(shell.file("out/summary.json"));
    EXPECT_LT(summary["trials"], 50'000);
    EXPECT_EQ(summary["until"][0]["met"], true);
    EXPECT_LT(summary["until"][0]["half_width"], 0.05);
    const json manifest = json::parse(shell.file("out/manifest.json"));
    EXPECT_EQ(manifest["trials"], summary["trials"]);
    EXPECT_EQ(manifest["until"], json::array({"mean(shortfall_share) < 5%"}));

    const Outcome capped = shell.run(
        "chokepoint run " + first_steps
        + " --trials 2000 --quiet --out capped --until 'mean(shortfall_share) < 0.1%'");
    EXPECT_EQ(capped.code, 0);
    EXPECT_THAT(capped.out, AllOf(HasSubstr("warning: not met after 2000 trials"),
                                  HasSubstr("trials would do")));
}

TEST(RunCommand, RefusesRulesAndMetricsThatNameNothingBeforeItWrites)
{
    const Shell shell;
    for (const char* option :
         {"--until 'es98(shortfall_share) < 2%'",
          "--until 'es99(shortfall_share,tin,world) < 2%'", "--worst shortfall_shar"}) {
        const Outcome run = shell.run("chokepoint run " + first_steps + " --out out " + option);
        EXPECT_EQ(run.code, 64) << option;
        EXPECT_THAT(run.err, HasSubstr("error: ")) << option;
        EXPECT_FALSE(std::filesystem::exists(shell.folder() / "out")) << option;
    }
    const Outcome poor =
        shell.run("chokepoint run " + first_steps + " --out out --memory 1KB --quiet");
    EXPECT_EQ(poor.code, 69);
    EXPECT_THAT(poor.err, HasSubstr("--memory must be at least"));
}

TEST(RunCommand, ListsItsWorstTrialsAndHowToReplayThem)
{
    const Shell shell;
    const Outcome run = shell.run("chokepoint run " + first_steps
                                  + " --trials 500 --seed 3 --quiet --out out --worst "
                                    "'shortfall_share(cobalt,china)'");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out,
                AllOf(HasSubstr("Worst trials by shortfall_share of cobalt, china"),
                      HasSubstr("To see one: chokepoint replay "), HasSubstr("--seed 3")));
    std::istringstream lines(shell.file("out/worst.csv"));
    std::string header, line;
    std::getline(lines, header);
    EXPECT_EQ(header, "policy,metric,commodity,region,unit,rank,trial,value,events,story");
    double last = 1;
    int rows = 0;
    for (; std::getline(lines, line); ++rows) {
        const std::vector<std::string> cells = split_csv_line(line);
        EXPECT_LE(std::stod(cells.at(7)), last);
        last = std::stod(cells.at(7));
        EXPECT_THAT(cells.at(9), HasSubstr("times the undisturbed price in"));
    }
    EXPECT_EQ(rows, 10);
    // A line for a shell, also of folders that it would take apart.
    const Outcome tilted = shell.run("chokepoint run " + first_steps
                                     + " --trials 300 --quiet --out 'my run' --worst "
                                       "shortfall_share --importance 'es90(shortfall_share)'");
    ASSERT_EQ(tilted.code, 0) << tilted.err;
    const std::string intro = "To see one: ";
    EXPECT_THAT(tilted.out, HasSubstr("--tilt 'my run/tilt.json'"));
    EXPECT_EQ(shell.run(tilted.out.substr(tilted.out.find(intro) + intro.size())).code, 0);
}

TEST(RunCommand, WritesTablesOfYearsAndEpisodesThatAddUp)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps
                            + " --trials 300 --quiet --keep-trials metrics --tables "
                              "years,episodes --threads ";
    ASSERT_EQ(shell.run(run + "1 --out one").code, 0);
    ASSERT_EQ(shell.run(run + "2 --out two").code, 0);
    EXPECT_TRUE(contents(shell, "one") == contents(shell, "two"));

    // The three years of a trial are its horizon; so are the months of its episodes but for
    // months short by less than a thousandth.
    double of_years = 0, of_episodes = 0, of_metrics = 0;
    std::istringstream years(shell.file("one/years.csv"));
    std::string line;
    std::getline(years, line);
    while (std::getline(years, line)) {
        const std::vector<std::string> cells = split_csv_line(line);
        if (cells.at(3) == "cobalt" && cells.at(4) == "world") {
            of_years += std::stod(cells.at(6));
            EXPECT_LE(std::stod(cells.at(7)), std::stod(cells.at(6)) * (1 + 1e-12));
        }
    }
    std::istringstream episodes(shell.file("one/episodes.csv"));
    std::getline(episodes, line);
    while (std::getline(episodes, line)) {
        const std::vector<std::string> cells = split_csv_line(line);
        if (cells.at(2) == "cobalt" && cells.at(3) == "world") {
            of_episodes += std::stod(cells.at(8));
            EXPECT_GT(std::stod(cells.at(9)), 0.001);
        }
    }
    std::istringstream metrics(shell.file("one/metrics.csv"));
    while (std::getline(metrics, line)) {
        if (line.starts_with("none,shortfall_total,cobalt,world,t,mean,")) {
            of_metrics = 300 * std::stod(split_csv_line(line).at(6));
        }
    }
    EXPECT_NEAR(of_years / of_metrics, 1, 1e-9);
    EXPECT_LE(of_episodes, of_metrics * (1 + 1e-9));
    EXPECT_NEAR(of_episodes / of_metrics, 1, 0.01);
    EXPECT_THAT(shell.file("one/years.csv"),
                AllOf(HasSubstr(",weight\n"), ::testing::ContainsRegex(",1\n$")));
    EXPECT_EQ(shell.run("chokepoint run " + first_steps + " --tables weeks").code, 64);
}

TEST(RunCommand, DrawsByImportanceForAFigureAndAgainFromTheLawsItFound)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps + " --trials 3000 --quiet --out ";
    const Outcome found =
        shell.run(run + "found --importance 'es99.9(shortfall_share)' --worst shortfall_share");
    ASSERT_EQ(found.code, 0) << found.err;
    EXPECT_THAT(found.out, AllOf(HasSubstr("sampled by importance: 3000 trials"),
                                 HasSubstr("--tilt found/tilt.json")));
    ASSERT_EQ(
        shell.run(run + "again --tilt found/tilt.json --threads 1 --worst shortfall_share")
            .code,
        0);
    auto as_found = contents(shell, "found");
    auto again = contents(shell, "again");
    EXPECT_THAT(as_found["scenario.resolved.yaml"],
                HasSubstr("importance: \"es99.9(shortfall_share)\""));
    as_found.erase("scenario.resolved.yaml");  // that of `again` does not name a figure
    again.erase("scenario.resolved.yaml");
    EXPECT_TRUE(as_found == again);
    EXPECT_GT(json::parse(shell.file("found/summary.json"))["effective_trials"], 300);

    // The worst trial is the same when it is drawn alone.
    std::istringstream lines(shell.file("found/worst.csv"));
    std::string line;
    std::getline(lines, line);
    std::getline(lines, line);
    const std::vector<std::string> worst = split_csv_line(line);
    const Outcome replayed =
        shell.run("chokepoint replay " + first_steps
                  + " --tilt found/tilt.json --format json --trial " + worst.at(6));
    ASSERT_EQ(replayed.code, 0) << replayed.err;
    bool is_found = false;
    const json trial = json::parse(replayed.out);
    for (const json& metric : trial["metrics"]) {
        if (metric["metric"] == "shortfall_share" && metric["commodity"] == "all"
            && metric["region"] == "world") {
            EXPECT_EQ(metric["value"], std::stod(worst.at(7)));
            is_found = true;
        }
    }
    EXPECT_TRUE(is_found);
}

TEST(RunCommand, WeighsTheTablesOfTrialsDrawnByImportance)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps
                            + " --trials 3000 --quiet --tables years,episodes --out ";
    ASSERT_EQ(shell.run(run + "plain").code, 0);
    ASSERT_EQ(shell.run(run + "tilted --importance 'es99(shortfall_share)'").code, 0);
    for (const char* table : {"years.csv", "episodes.csv"}) {
        const auto sum = [&](const std::string& folder, bool weighs) {
            std::istringstream lines(shell.file(folder + "/" + table));
            std::string line;
            std::getline(lines, line);
            const std::vector<std::string> header = split_csv_line(line);
            const auto place = [&](const char* name) {
                return static_cast<std::size_t>(std::ranges::find(header, name)
                                                - header.begin());
            };
            double total = 0;
            while (std::getline(lines, line)) {
                const std::vector<std::string> cells = split_csv_line(line);
                if (cells.at(place("commodity")) == "cobalt"
                    && cells.at(place("region")) == "world") {
                    total += std::stod(cells.at(place("shortfall")))
                             * (weighs ? std::stod(cells.at(place("weight"))) : 1);
                }
            }
            return total;
        };
        EXPECT_NEAR(sum("tilted", true) / sum("plain", false), 1, 0.15) << table;
        EXPECT_GT(sum("tilted", false) / sum("plain", false), 1.5) << table;
    }
}

TEST(RunCommand, TellsWhatGoesWithUncertainNumbers)
{
    const Shell shell;
    const std::string run =
        "chokepoint run " + first_steps
        + " --trials 640 --quiet --sensitivity --set "
          "'commodities.cobalt.demand_elasticity.short_run={uniform: [0.05, 0.4]}'";
    const Outcome outcome = shell.run(run + " --threads 1 --out one");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    // Prices jump higher where demand yields less.
    EXPECT_THAT(
        outcome.out,
        AllOf(HasSubstr("Rank correlations over 640 trials"),
              HasSubstr("price_peak  commodities.cobalt.demand_elasticity.short_run  -0."),
              HasSubstr("correlation, not cause")));
    const std::string table = shell.file("one/sensitivity.csv");
    EXPECT_THAT(table, HasSubstr("\ncommodities.cobalt.demand_elasticity.short_run,"
                                 "rank_correlation,price_peak,cobalt,world,ratio,trial,-0."));
    ASSERT_EQ(shell.run(run + " --threads 2 --out two").code, 0);
    EXPECT_EQ(shell.file("two/sensitivity.csv"), table);
    EXPECT_THAT(shell.run(run + " --threads 2 --out two --resume").err,
                HasSubstr("nothing left to do"));
}

TEST(RunCommand, RefusesSensitivityWhereThereIsNoneBeforeItRuns)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps + " --out out --sensitivity";
    const Outcome certain = shell.run(run);
    EXPECT_EQ(certain.code, 64);
    EXPECT_THAT(certain.err, HasSubstr("needs uncertain numbers"));
    const Outcome weighted = shell.run(run + " --importance 'es90(shortfall_share)'");
    EXPECT_EQ(weighted.code, 64);
    EXPECT_THAT(weighted.err, HasSubstr("--sensitivity ranks plain trials"));
    EXPECT_EQ(shell.run(run + " --shard 1/2").code, 64);
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / "out"));
}

TEST(RunCommand, KeepsTrialsDrawnByImportanceToo)
{
    const Shell shell;
    ASSERT_EQ(shell
                  .run("chokepoint run " + first_steps
                       + " --trials 300 --quiet --out o --importance 'es90(shortfall_share)'")
                  .code,
              0);
    const Outcome run = shell.run_until_signalled(
        "run " + first_steps + " --trials 800000 --tilt o/tilt.json", "out", SIGINT);
    EXPECT_EQ(run.code, 130);
    EXPECT_THAT(run.err, HasSubstr("in out/parts"));
    EXPECT_THAT(names_in(shell.folder() / "out"), ElementsAre("parts"));
}

TEST(RunCommand, RefusesSobolPointsAndTooFewTrialsForImportanceAtOnce)
{
    const Shell shell;
    put_file(shell.folder() / "tilt.json",
             R"({"components": [{"share": 0.5, "factors": {}}]})");
    const std::string scenario = first_steps + " --quiet ";
    for (const std::string& command :
         {"run " + scenario + "--sampling sobol --importance 'es99(shortfall_share)'",
          "run " + scenario + "--sampling sobol --tilt tilt.json",
          "replay " + first_steps + " --trial 1 --sampling sobol --tilt tilt.json"}) {
        const Outcome outcome = shell.run("chokepoint " + command);
        EXPECT_EQ(outcome.code, 64) << command << outcome.err;
        EXPECT_THAT(outcome.err, HasSubstr("needs plain sampling")) << command;
    }
    for (const char* trials : {"1", "99"}) {
        const Outcome few =
            shell.run("chokepoint run " + scenario
                      + "--importance 'es99(shortfall_share)' --trials " + trials);
        EXPECT_EQ(few.code, 64);
        EXPECT_THAT(few.err, HasSubstr("needs at least 100 trials"));
    }
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / "results"));
}

TEST(RunCommand, DrawsByImportanceWhereTheScenarioSaysSo)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps + " --trials 500 --quiet --out ";
    ASSERT_EQ(shell.run(run + "option --importance 'es99(shortfall_share)'").code, 0);
    ASSERT_EQ(shell.run(run + "key --set 'run.importance=es99(shortfall_share)'").code, 0);
    EXPECT_TRUE(contents(shell, "option") == contents(shell, "key"));

    const json components = json::parse(shell.file("key/tilt.json"))["components"];
    ASSERT_EQ(components.size(), 1U);
    const std::string knob = components[0]["factors"].begin().key();
    const std::string tilted = "--set 'run.tilt={\"" + knob + "\": 1.5}'";
    ASSERT_EQ(shell.run(run + "tilted " + tilted).code, 0);
    const json law = json::parse(shell.file("tilted/tilt.json"))["components"];
    EXPECT_EQ(law, (json::array({{{"share", 0.9}, {"factors", {{knob, 1.5}}}}})));
    // A trial of such a run is drawn like that again.
    const std::string replay = "chokepoint replay " + first_steps + " --format json --trial 3 ";
    EXPECT_EQ(shell.run(replay + tilted).out,
              shell.run(replay + "--tilt tilted/tilt.json").out);
    EXPECT_NE(shell.run(replay + tilted).out, shell.run(replay).out);

    const Outcome unknown = shell.run(run + "none --set 'run.tilt={congo: 2}'");
    EXPECT_EQ(unknown.code, 65);
    EXPECT_THAT(unknown.err,
                HasSubstr("run.tilt.congo: the scenario draws nothing of this name"));
    const Outcome no_tail =
        shell.run(run + "none --set 'run.importance=es98(shortfall_share)'");
    EXPECT_EQ(no_tail.code, 65);
    EXPECT_THAT(no_tail.err,
                HasSubstr("run.importance: es98 of shortfall_share is no figure of"));
    EXPECT_EQ(shell.run(replay + "--set 'run.importance=es99(shortfall_share)'").code, 64);
}

TEST(RunCommand, SaysWhereImportanceDoesNotHelpAndDrawsPlainly)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps
                            + " --trials 500 --out o --set hazards.export_restrictions=[]"
                              " --importance 'es99(shortfall_share)'";
    const Outcome plain = shell.run(run);
    ASSERT_EQ(plain.code, 0) << plain.err;
    EXPECT_THAT(plain.err, HasSubstr("trials are drawn plainly"));
    EXPECT_EQ(json::parse(shell.file("o/tilt.json"))["components"], json::array());
    EXPECT_THAT(plain.out, ::testing::Not(HasSubstr("sampled by importance")));
}

TEST(RunCommand, RefusesImportanceForWhatIsNoTail)
{
    const Shell shell;
    for (const char* figure :
         {"mean(shortfall_share)", "es99(recovery_months)", "es99", "p5(price_peak)"}) {
        const Outcome run = shell.run("chokepoint run " + first_steps
                                      + " --quiet --importance '" + figure + "'");
        EXPECT_EQ(run.code, 64) << figure << run.err;
    }
    put_file(shell.folder() / "bad.json",
             R"({"components": [{"share": 2, "factors": {"x": 1}}]})");
    const Outcome bad = shell.run("chokepoint run " + first_steps + " --tilt bad.json");
    EXPECT_EQ(bad.code, 65);
    EXPECT_THAT(bad.err, AllOf(HasSubstr("the scenario draws nothing of this name"),
                               HasSubstr("the shares add up to 2")));
    put_file(shell.folder() / "worse.json", "{]");
    EXPECT_EQ(shell.run("chokepoint run " + first_steps + " --tilt worse.json").code, 65);
    EXPECT_EQ(shell.run("chokepoint run " + first_steps + " --tilt none.json").code, 66);
    EXPECT_EQ(shell.run("chokepoint run " + first_steps + " --tilt .").code, 66);
}

}  // namespace
}  // namespace chokepoint
