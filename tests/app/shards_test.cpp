#include "chokepoint/results/folder_lock.hpp"
#include "shell.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string scenario = shipped("first_steps.yaml");

/// A portfolio at Chinese prices in the file book.yaml of the shell's folder.
void put_book(const Shell& shell, const std::string& commodity, int tonnes = 10)
{
    const std::string text =
        "schema: 1\nportfolio: a book\nprice_region: china\npositions:\n"
        "  - {name: store, type: physical, commodity: "
        + commodity + ", tonnes: " + std::to_string(tonnes)
        + "}\n  - {name: maker, type: consumer, inputs: {" + commodity
        + ": {tonnes_per_year: 120}}, margin_per_year: 2.0e7}\n";
    put_file(shell.folder() / "book.yaml", text);
}

/// The shards of a run in s1, s2, …: the even ones on one thread, the others on two.
void run_shards(const Shell& shell, const std::string& run, int shards)
{
    for (int shard = 1; shard <= shards; ++shard) {
        const std::string number = std::to_string(shard);
        const Outcome outcome =
            shell.run(run + " --shard " + number + "/" + std::to_string(shards) + " --out s"
                      + number + " --threads " + std::to_string(1 + shard % 2));
        ASSERT_EQ(outcome.code, 0) << outcome.err;
    }
}

TEST(Shards, TakeAFolderEach)
{
    const Shell shell;
    const std::string run = "chokepoint run " + scenario + " --trials 1024 --quiet --out out";
    ASSERT_EQ(shell.run(run + " --shard 1/2").code, 0);
    for (const char* more : {"", " --resume"}) {
        const Outcome second = shell.run(run + " --shard 2/2" + more);
        EXPECT_EQ(second.code, 73);
        EXPECT_THAT(second.err, HasSubstr("give each shard a folder of its own"));
    }
    // A task that a cluster starts again finds its work done.
    const std::string before = shell.file("out/shard.json");
    const Outcome again = shell.run(run + " --shard 1/2 --resume");
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_EQ(shell.file("out/shard.json"), before);
    EXPECT_EQ(shell.run(run + " --shard 2/2 --force").code, 0);
}

TEST(Shards, MergeIntoTheBytesOfOneRun)
{
    const std::string runs[] = {
        "run " + scenario + " --trials 1000 --keep-trials metrics --tables years,episodes",
        "run " + scenario
            + " --trials 1000 --set months=12 --importance 'es90(shortfall_share)'",
        "run " + scenario + " --trials 1024 --sampling sobol",
        "run " + scenario + " --trials 5000 --set months=12 --memory 2MB",
        "run " + shipped("rare_earths_2010.yaml") + " --trials 66 --policy "
            + shipped("policies/jogmec_stockpile_60_days.yaml") + " --portfolio book.yaml",
    };
    for (const std::string& run : runs) {
        const Shell shell;
        put_book(shell, "neodymium");
        const std::string command = "chokepoint " + run + " --quiet";
        ASSERT_EQ(shell.run(command + " --out whole").code, 0) << run;
        run_shards(shell, command, 2);
        const Outcome merged = shell.run("chokepoint merge s2 s1 --quiet --out merged");
        ASSERT_EQ(merged.code, 0) << merged.err;
        EXPECT_EQ(names_in(shell.folder() / "whole"), names_in(shell.folder() / "merged"));
        EXPECT_TRUE(contents(shell, "whole") == contents(shell, "merged")) << run;
    }
}

TEST(Shards, OfAnyNumberOnAnyThreadsGiveTheSameBytes)
{
    const Shell shell;
    const std::string command = "chokepoint run " + scenario
                                + " --trials 300 --set months=12 --quiet --keep-trials metrics";
    ASSERT_EQ(shell.run(command + " --threads 1 --out whole").code, 0);
    ASSERT_EQ(shell.run(command + " --threads 2 --out other").code, 0);
    const auto whole = contents(shell, "whole");
    EXPECT_TRUE(contents(shell, "other") == whole);
    std::string folders;
    for (int shards = 1; shards <= 4; ++shards) {
        folders = "s" + std::to_string(shards) + " " + folders;
        run_shards(shell, command + " --force", shards);
        for (const char* threads : {"1", "2"}) {
            const Outcome merged = shell.run("chokepoint merge " + folders + "--quiet --force "
                                             "--out merged --threads " + threads);
            ASSERT_EQ(merged.code, 0) << merged.err;
            EXPECT_TRUE(contents(shell, "merged") == whole) << shards << " on " << threads;
        }
    }
}

TEST(Shards, AreRefusedByNameUnlessTheyAreWholeAndTogether)
{
    const Shell shell;
    const std::string run = "chokepoint run " + scenario + " --quiet --trials 600";
    run_shards(shell, run, 3);
    const auto refusal = [&](const std::string& folders, int code = 65) {
        const Outcome merged = shell.run("chokepoint merge " + folders + " --out merged");
        EXPECT_EQ(merged.code, code) << folders << merged.err;
        EXPECT_FALSE(std::filesystem::exists(shell.folder() / "merged")) << folders;
        return merged.err;
    };
    EXPECT_THAT(refusal("s1 s3"), HasSubstr("trials 256 to 447 are missing"));
    EXPECT_THAT(refusal("s2 s3"), HasSubstr("trials 0 to 255 are missing"));
    EXPECT_THAT(refusal("s1 s2"), HasSubstr("trials 448 to 599 are missing"));
    EXPECT_THAT(refusal("s1 s2 s3 s2"), HasSubstr("s2: error: trials 256 to 447 are also in"));
    EXPECT_THAT(refusal("s1 nowhere s3", 66), HasSubstr("nowhere"));

    const std::string part = "s2/parts/trials-000000000256-000000000448.bin";
    const std::string content = shell.file(part);
    std::string flipped = content;
    flipped[flipped.size() / 3] ^= 4;
    put_file(shell.folder() / part, flipped);
    EXPECT_THAT(refusal("s1 s2 s3"), HasSubstr(part + ": error: is damaged"));
    put_file(shell.folder() / part, content.substr(0, content.size() / 2));
    EXPECT_THAT(refusal("s1 s2 s3"), HasSubstr(part + ": error: is damaged"));
    std::filesystem::remove(shell.folder() / part);
    EXPECT_THAT(refusal("s1 s2 s3"), HasSubstr(part + ": error: is missing"));
    put_file(shell.folder() / part, content);

    std::string manifest = shell.file("s2/shard.json");
    put_file(shell.folder() / "s2/shard.json", manifest + " ");
    EXPECT_THAT(refusal("s1 s2 s3"), HasSubstr("s2: error: its shard.json is damaged"));
    std::filesystem::remove(shell.folder() / "s2/shard.json");
    EXPECT_THAT(refusal("s1 s2 s3"), HasSubstr("s2: error: holds no finished shard"));
    put_file(shell.folder() / "s2/shard.json", manifest);

    ASSERT_EQ(shell.run(run + " --seed 9 --shard 2/3 --out seed").code, 0);
    EXPECT_THAT(refusal("s1 seed s3"),
                HasSubstr("seed: error: belongs to another run than s1 (another seed)"));
    ASSERT_EQ(shell.run(run + " --set months=24 --shard 2/3 --out months").code, 0);
    EXPECT_THAT(refusal("s1 months s3"), HasSubstr("another scenario"));
    ASSERT_EQ(shell.run(run + " --tables years --shard 2/3 --out tables").code, 0);
    EXPECT_THAT(refusal("s1 tables s3"), HasSubstr("other policies or options"));
    EXPECT_EQ(shell.run("chokepoint merge s1 s2 s3 --out merged").code, 0);
}

TEST(Shards, AreNumberedAndExcludeWhatNeedsAllTrials)
{
    const Shell shell;
    for (const char* shard : {"0/3", "4/3", "1", "1/", "/3", "a/b", "1/3x", "-1/3"}) {
        const Outcome run = shell.run("chokepoint run " + scenario + " --shard " + shard);
        EXPECT_EQ(run.code, 64) << shard;
        EXPECT_THAT(run.err, HasSubstr("must read I/N")) << shard;
    }
    const Outcome until = shell.run("chokepoint run " + scenario
                                    + " --shard 1/2 --until 'mean(shortfall_share) < 2%'");
    EXPECT_EQ(until.code, 64);
    EXPECT_THAT(until.err, AllOf(HasSubstr("--shard"), HasSubstr("--until")));
    const Outcome attribute =
        shell.run("chokepoint run " + scenario + " --shard 1/2 --attribute");
    EXPECT_EQ(attribute.code, 64);
    EXPECT_THAT(attribute.err, AllOf(HasSubstr("--shard"), HasSubstr("--attribute")));
}

TEST(Shards, OfAnotherPortfolioAreRefused)
{
    const Shell shell;
    put_book(shell, "cobalt");
    const std::string run =
        "chokepoint run " + scenario + " --quiet --trials 200 --portfolio book.yaml";
    run_shards(shell, run, 2);
    ASSERT_EQ(shell.run("chokepoint merge s1 s2 --quiet --out merged").code, 0);
    put_book(shell, "cobalt", 20);
    ASSERT_EQ(shell.run(run + " --force --shard 1/2 --out s1").code, 0);
    const Outcome merged = shell.run("chokepoint merge s1 s2 --out other");
    EXPECT_EQ(merged.code, 65);
    EXPECT_THAT(merged.err, HasSubstr("other policies or options"));
}

TEST(Resume, GoesOnWithAnInterruptedRun)
{
    const Shell shell;
    const std::string run = "run " + scenario + " --trials 30000 --threads 1";
    const std::string quiet = "chokepoint " + run + " --quiet --out out";
    ASSERT_EQ(shell.run(quiet).code, 0);
    const auto whole = contents(shell, "out");
    std::filesystem::remove_all(shell.folder() / "out");
    const Outcome stopped = shell.run_until_signalled(run, "out", SIGTERM);
    ASSERT_EQ(stopped.code, 75) << stopped.err;
    EXPECT_THAT(stopped.err, HasSubstr("go on with it with --resume"));

    const Outcome other = shell.run(quiet + " --seed 3 --resume");
    EXPECT_EQ(other.code, 65);
    EXPECT_THAT(other.err, HasSubstr("another scenario, seed or number of trials"));
    const Outcome resumed = shell.run(quiet + " --resume");
    EXPECT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_THAT(resumed.err, HasSubstr("resumed: "));
    EXPECT_TRUE(contents(shell, "out") == whole);

    const Outcome again = shell.run(quiet + " --resume");
    EXPECT_EQ(again.code, 0);
    EXPECT_THAT(again.err, HasSubstr("nothing left to do"));
    EXPECT_EQ(shell.run(quiet + " --seed 3 --resume").code, 73);
}

TEST(Shards, AreNotReplacedByWhatTheyMergeTo)
{
    const Shell shell;
    const std::string run = "chokepoint run " + scenario + " --trials 128 --quiet";
    run_shards(shell, run, 2);
    std::filesystem::create_directory_symlink(shell.folder() / "s2", shell.folder() / "link");
    const auto shards = [&shell] {
        return std::pair(contents(shell, "s1/parts"), contents(shell, "s2/parts"));
    };
    const auto before = shards();
    for (const char* out : {"s1", "./s2", "link"}) {
        const Outcome merged =
            shell.run(std::string("chokepoint merge s1 s2 --quiet --force --out ") + out);
        EXPECT_EQ(merged.code, 73) << out;
        EXPECT_THAT(merged.err, HasSubstr("is one of the shards to merge"));
    }
    EXPECT_TRUE(before == shards());
    EXPECT_EQ(shell.run("chokepoint merge s1 s2 --quiet --out whole").code, 0);
}

TEST(Resume, LeavesAFolderAloneThatAnotherIsWritingTo)
{
    const Shell shell;
    const std::string run =
        "chokepoint run " + scenario + " --trials 64 --quiet --out out --resume";
    ASSERT_EQ(shell.run(run).code, 0);
    std::filesystem::create_directory(shell.folder() / "out/parts");
    const std::string part = "out/parts/trials-000000000000-000000000064.bin";
    put_file(shell.folder() / part, "of a run at work");
    {
        const FolderLock other(shell.folder() / "out");
        EXPECT_EQ(shell.run(run).code, 73);
        EXPECT_TRUE(std::filesystem::exists(shell.folder() / part));
    }
    EXPECT_EQ(shell.run(run).code, 0);
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / part));
}

TEST(Resume, TellsOfFinishedResultsThatAreDamaged)
{
    const Shell shell;
    const std::string run =
        "chokepoint run " + scenario + " --trials 64 --quiet --out out --resume";
    ASSERT_EQ(shell.run(run).code, 0);
    put_file(shell.folder() / "out/metrics.csv", "cut");
    const Outcome damaged = shell.run(run);
    EXPECT_EQ(damaged.code, 65);
    EXPECT_THAT(damaged.err, AllOf(HasSubstr("metrics.csv"), HasSubstr("--force")));
    std::filesystem::remove(shell.folder() / "out/metrics.csv");
    EXPECT_EQ(shell.run(run).code, 66);
}

TEST(Resume, KnowsThePortfolioOfAFinishedRun)
{
    const Shell shell;
    put_book(shell, "cobalt");
    const std::string plain = "chokepoint run " + scenario + " --trials 200 --quiet --out out";
    const std::string run = plain + " --portfolio book.yaml";
    const std::string resumed = run + " --resume";
    ASSERT_EQ(shell.run(run).code, 0);
    const auto whole = contents(shell, "out");
    const Outcome again = shell.run(resumed);
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_THAT(again.err, HasSubstr("nothing left to do"));
    // What is not there is not said to be: another portfolio, none, or one more file.
    EXPECT_EQ(shell.run(plain + " --resume").code, 73);
    EXPECT_EQ(shell.run(resumed + " --worst 'shortfall_share(all,world)'").code, 73);
    EXPECT_EQ(shell.run(resumed + " --tables years").code, 73);
    put_book(shell, "cobalt", 20);
    EXPECT_EQ(shell.run(resumed).code, 73);
    EXPECT_TRUE(contents(shell, "out") == whole);
    ASSERT_EQ(shell.run(plain + " --force").code, 0);
    EXPECT_EQ(shell.run(resumed).code, 73);
}

TEST(Resume, GoesOnWithAShard)
{
    const Shell shell;
    const std::string run = "run " + scenario + " --trials 40000 --threads 1";
    ASSERT_EQ(shell.run_until_signalled(run + " --shard 1/2", "s1", SIGTERM).code, 75);
    EXPECT_EQ(shell.run("chokepoint merge s1 --out merged").code, 65);
    const std::string quiet = "chokepoint " + run + " --quiet";
    ASSERT_EQ(shell.run(quiet + " --shard 1/2 --out s1 --resume").code, 0);
    ASSERT_EQ(shell.run(quiet + " --shard 2/2 --out s2 --resume").code, 0);
    ASSERT_EQ(shell.run("chokepoint merge s1 s2 --quiet --out merged").code, 0);
    ASSERT_EQ(shell.run(quiet + " --out whole").code, 0);
    EXPECT_TRUE(contents(shell, "whole") == contents(shell, "merged"));
}

}  // namespace
}  // namespace chokepoint
