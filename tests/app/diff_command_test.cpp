#include "app/shell.hpp"
#include "chokepoint/app/number_text.hpp"
#include "chokepoint/results/write_file.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Runs first_steps with these options into a folder.
void run_first_steps(const Shell& shell, const std::string& options, const std::string& out)
{
    const Outcome run = shell.run("chokepoint run " + shipped("first_steps.yaml") + " --quiet "
                                  + options + " --out " + out);
    ASSERT_EQ(run.code, 0) << run.err;
}

json diff_of(const Shell& shell, const std::string& arguments)
{
    const Outcome diff = shell.run("chokepoint diff " + arguments + " --json");
    EXPECT_EQ(diff.code, 0) << diff.err;
    return json::parse(diff.out);
}

/// Changes a file of a result folder and its checksum with it.
void replace_file(const Shell& shell, const std::string& folder, const std::string& name,
                  const std::string& content)
{
    put_file(shell.folder() / (folder + "/" + name), content);
    json manifest = json::parse(shell.file(folder + "/manifest.json"));
    manifest["sha256"][name] = sha256(content);
    put_file(shell.folder() / (folder + "/manifest.json"), manifest.dump());
}

TEST(DiffCommand, FindsAFolderIdenticalToItself)
{
    const Shell shell;
    run_first_steps(shell, "--trials 100", "a");
    const Outcome diff = shell.run("chokepoint diff a a");
    EXPECT_EQ(diff.code, 0);
    EXPECT_EQ(diff.err, "");
    EXPECT_THAT(diff.out, AllOf(HasSubstr("The inputs are identical."),
                                HasSubstr("The results are identical")));
    const json whole = diff_of(shell, "a a");
    EXPECT_EQ(whole["counts"]["same"], whole["counts"]["compared"]);
    EXPECT_GT(whole["counts"]["compared"], 400);
    EXPECT_EQ(whole["settings"].size() + whole["scenario_keys"].size(), 0);
}

TEST(DiffCommand, IsBetweenRuns)
{
    const Shell shell;
    run_first_steps(shell, "--trials 64", "a");
    ASSERT_EQ(shell
                  .run("chokepoint attribute " + shipped("first_steps.yaml")
                       + " --trials 64 --quiet --out b")
                  .code,
              0);
    const Outcome diff = shell.run("chokepoint diff a b");
    EXPECT_EQ(diff.code, 65);
    EXPECT_THAT(diff.err, HasSubstr("holds the results of attribute"));
    // Those of a hindcast or a stress test are runs.
    json manifest = json::parse(shell.file("a/manifest.json"));
    manifest["command"] = "hindcast";
    put_file(shell.folder() / "a/manifest.json", manifest.dump());
    EXPECT_EQ(shell.run("chokepoint diff a a").code, 0);
}

TEST(DiffCommand, SeesNoMoreThanChanceInTwoSeeds)
{
    const Shell shell;
    run_first_steps(shell, "--trials 2000 --seed 1", "a");
    run_first_steps(shell, "--trials 2000 --seed 2", "b");
    const json diff = diff_of(shell, "a b");
    EXPECT_EQ(diff["settings"], (json{{{"key", "seed"}, {"before", "1"}, {"after", "2"}}}));
    EXPECT_EQ(diff["scenario_keys"].size(), 0);
    EXPECT_GT(diff["counts"]["within_error"], 500);
    EXPECT_LE(diff["counts"]["beyond_error"], 5);
    // 5 % would be expected of independent figures; these go together.
    EXPECT_LT(diff["counts"]["outside_1.96_errors"], 200);
    EXPECT_THAT(shell.run("chokepoint diff a b").out,
                AllOf(HasSubstr("seed   1       2"), Not(HasSubstr("the same luck")),
                      HasSubstr("No figure moved by more than sampling error.")));
}

TEST(DiffCommand, FindsAChangedParameterAndWhatItMoves)
{
    const Shell shell;
    run_first_steps(shell, "--trials 2000", "a");
    run_first_steps(shell, "--trials 2000 --set facilities.congo_mines.utilisation=0.7", "b");
    const json diff = diff_of(shell, "a b");
    EXPECT_EQ(diff["settings"].size(), 0);
    EXPECT_EQ(diff["scenario_keys"], (json{{{"key", "facilities.congo_mines.utilisation"},
                                            {"before", "0.9"},
                                            {"after", "0.7"}}}));
    EXPECT_GT(diff["counts"]["beyond_error"], 100);
    EXPECT_EQ(diff["figures"][0]["verdict"], "beyond_error");
    const Outcome text = shell.run("chokepoint diff a b");
    EXPECT_THAT(text.out,
                AllOf(HasSubstr("facilities.congo_mines.utilisation  0.9     0.7"),
                      HasSubstr("moved by more than sampling error"), HasSubstr(" alike\n"),
                      HasSubstr("Both runs have seed 1"), HasSubstr("more: --all"),
                      HasSubstr("The same bytes: events.csv."), HasSubstr("no error known")));
}

TEST(DiffCommand, KeepsWithinAHundredColumnsAndShowsAllWhenAsked)
{
    const Shell shell;
    run_first_steps(shell, "--trials 500", "a");
    run_first_steps(shell, "--trials 500 --set facilities.congo_mines.utilisation=0.7", "b");
    const json whole = diff_of(shell, "a b");
    std::istringstream lines(shell.run("chokepoint diff a b --all").out);
    std::size_t within = 0, beyond = 0;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(width_of(line), 100) << line;
        within += line.ends_with("within error") ? 1U : 0U;
        beyond += line.ends_with("beyond error") ? 1U : 0U;
    }
    EXPECT_EQ(within, whole["counts"]["within_error"]);
    EXPECT_EQ(beyond, whole["counts"]["beyond_error"]);
    EXPECT_GT(beyond, 20);
}

TEST(DiffCommand, ComparesOneMetricAloneWhenAsked)
{
    const Shell shell;
    run_first_steps(shell, "--trials 100", "a");
    run_first_steps(shell, "--trials 100 --seed 2", "b");
    const json diff = diff_of(shell, "a b --metric price_peak");
    EXPECT_GT(diff["figures"].size(), 20);
    for (const json& figure : diff["figures"]) {
        EXPECT_EQ(figure["metric"], "price_peak");
    }
    const Outcome unknown = shell.run("chokepoint diff a b --metric price_peek");
    EXPECT_EQ(unknown.code, 64);
    EXPECT_THAT(unknown.err, HasSubstr("did you mean \"price_peak\"?"));
}

TEST(DiffCommand, TellsEveryProblemOfBothFolders)
{
    const Shell shell;
    run_first_steps(shell, "--trials 20", "good");
    ASSERT_EQ(shell
                  .run("mkdir empty; cp -r good changed; echo >> changed/metrics.csv; "
                       "rm changed/paths.csv")
                  .code,
              0);
    const Outcome missing = shell.run("chokepoint diff nowhere empty");
    EXPECT_EQ(missing.code, 66);
    EXPECT_EQ(missing.out, "");
    EXPECT_THAT(missing.err, AllOf(HasSubstr("nowhere: cannot be opened (no such folder)"),
                                   HasSubstr("empty: cannot be opened (it has no manifest")));
    const Outcome changed = shell.run("chokepoint diff changed nowhere");
    EXPECT_EQ(changed.code, 65);
    EXPECT_THAT(changed.err,
                AllOf(HasSubstr("changed/metrics.csv: error: is not as its run wrote it"),
                      HasSubstr("changed/paths.csv: error: cannot be opened"),
                      HasSubstr("nowhere: error: cannot be opened")));
    EXPECT_EQ(shell.run("chokepoint diff good").code, 64);
}

TEST(DiffCommand, NamesTheLineOfWhatItCannotRead)
{
    const Shell shell;
    run_first_steps(shell, "--trials 20", "good");
    ASSERT_EQ(shell.run("cp -r good bad").code, 0);
    replace_file(shell, "bad", "metrics.csv",
                 "policy,metric,commodity,region,unit,statistic,value,lower,upper,n\n"
                 "none,price_peak,all,world,ratio,mean,1,x,2,20\nnone,price_peak\n");
    replace_file(shell, "bad", "scenario.resolved.yaml", "schema: 1\nname: [\n");
    const Outcome diff = shell.run("chokepoint diff good bad");
    EXPECT_EQ(diff.code, 65);
    EXPECT_THAT(diff.err,
                AllOf(HasSubstr("bad/metrics.csv:2:40: error: lower: must be a number"),
                      HasSubstr("bad/metrics.csv:3:1: error: has 2 cells"),
                      HasSubstr("bad/scenario.resolved.yaml:3:1: error: this is not YAML")));
}

TEST(DiffCommand, SurvivesDamagedManifests)
{
    const Shell shell;
    run_first_steps(shell, "--trials 20", "good");
    ASSERT_EQ(shell.run("cp -r good bad").code, 0);
    const std::string manifest = shell.file("good/manifest.json");
    for (const std::string& damaged :
         {std::string(), manifest.substr(0, manifest.size() / 2), std::string("[]"),
          std::string("{\"schema\": 2}"), std::string("\xff\0\x01", 3),
          std::string(100'000, '['), std::string("{\"sha256\": {\"../x\": 1, \"\": \"\"}}")}) {
        put_file(shell.folder() / "bad/manifest.json", damaged);
        const Outcome diff = shell.run("chokepoint diff bad good");
        EXPECT_EQ(diff.code, 65) << damaged.substr(0, 40);
        EXPECT_THAT(diff.err, HasSubstr("bad/manifest.json")) << damaged.substr(0, 40);
    }
}

}  // namespace
}  // namespace chokepoint
