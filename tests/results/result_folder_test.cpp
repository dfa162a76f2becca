#include "chokepoint/results/result_folder.hpp"

#include "chokepoint/results/write_file.hpp"
#include "results/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const std::string manifest = R"({"program": {"name": "chokepoint"}})";

/// A folder with results of an earlier run.
void fill(const std::filesystem::path& path)
{
    ResultFolder folder(path, Overwrite::refuse);
    folder.write("metrics.csv", "old");
    folder.write("exceedance.csv", "old");
    folder.finish(manifest);
}

/// Why the folder is refused.
std::string refusal(const std::filesystem::path& path, Overwrite overwrite)
{
    try {
        ResultFolder(path, overwrite);
    } catch (const OutputError& error) {
        return error.what();
    }
    return "(not refused)";
}

TEST(ResultFolder, LooksFinishedOnlyOnceTheManifestIsWritten)
{
    const TemporaryFolder parent;
    ResultFolder folder(parent / "a/b", Overwrite::refuse);
    folder.write("metrics.csv", "abc");
    EXPECT_THAT(names_in(folder.path()), ElementsAre(".metrics.csv.part"));
    EXPECT_THAT(folder.checksums(), ElementsAre(Pair("metrics.csv", sha256("abc"))));
    folder.finish("{}");
    EXPECT_THAT(names_in(folder.path()), ElementsAre("manifest.json", "metrics.csv"));
}

TEST(ResultFolder, CountsAnAdoptedFileAmongItsResults)
{
    const TemporaryFolder parent;
    ResultFolder folder(parent.path(), Overwrite::refuse);
    EXPECT_THROW(folder.adopt("trials.nc"), WriteError);
    put_file(hidden_path(parent / "trials.nc"), "abc");
    folder.adopt("trials.nc");
    folder.finish(manifest);
    EXPECT_THAT(names_in(folder.path()), ElementsAre("manifest.json", "trials.nc"));
    EXPECT_THAT(folder.checksums(), ElementsAre(Pair("trials.nc", sha256("abc"))));
}

TEST(ResultFolder, KnowsAllFilesThatItWrites)
{
    const TemporaryFolder parent;
    ResultFolder folder(parent / "run", Overwrite::refuse);
    EXPECT_THROW(folder.write("unheard_of.csv", ""), std::logic_error);
    folder.write("histograms.csv", "");
}

TEST(ResultFolder, RefusesToTouchFinishedResults)
{
    const TemporaryFolder parent;
    fill(parent / "out");
    EXPECT_THAT(refusal(parent / "out", Overwrite::refuse),
                AllOf(HasSubstr("out: holds finished results"), HasSubstr("--force")));
    EXPECT_EQ(content_of(parent / "out/metrics.csv"), "old");
    EXPECT_EQ(content_of(parent / "out/manifest.json"), manifest);
}

TEST(ResultFolder, RemovesOldResultsButNothingElseWhenItReplaces)
{
    const TemporaryFolder parent;
    fill(parent / "out");
    put_file(parent / "out/notes.txt", "mine");
    put_file(parent / "out/report.txt", "mine");
    ResultFolder folder(parent / "out", Overwrite::replace);
    folder.write("paths.csv", "new");
    folder.finish(manifest);
    EXPECT_THAT(names_in(folder.path()),
                ElementsAre("manifest.json", "notes.txt", "paths.csv", "report.txt"));
}

TEST(ResultFolder, MakesItsLastFileOfTheOthers)
{
    const TemporaryFolder parent;
    ResultFolder folder(parent / "out", Overwrite::refuse);
    folder.make_last("report.html", [](const FileOfResults& read) {
        return *read("metrics.csv") + (read("paths.csv") ? "?" : "!");
    });
    folder.write("metrics.csv", "figures");
    folder.write_last();
    folder.finish(manifest);
    EXPECT_EQ(content_of(parent / "out/report.html"), "figures!");
    EXPECT_TRUE(folder.checksums().contains("report.html"));
}

TEST(ResultFolder, LeavesOldResultsAsTheyAreUntilAllNewOnesAreWhole)
{
    const TemporaryFolder parent;
    fill(parent / "out");
    {
        ResultFolder folder(parent / "out", Overwrite::replace);
        folder.write("metrics.csv", "new");
        folder.write("worst.csv", "new");
        EXPECT_EQ(content_of(parent / "out/metrics.csv"), "old");
        EXPECT_EQ(content_of(parent / "out/manifest.json"), manifest);
    }
    // What failed leaves nothing.
    EXPECT_THAT(names_in(parent / "out"),
                ElementsAre("exceedance.csv", "manifest.json", "metrics.csv"));
    EXPECT_EQ(content_of(parent / "out/metrics.csv"), "old");

    ResultFolder again(parent / "out", Overwrite::replace);
    again.write("metrics.csv", "new");
    again.finish(manifest);
    EXPECT_THAT(names_in(parent / "out"), ElementsAre("manifest.json", "metrics.csv"));
    EXPECT_EQ(content_of(parent / "out/metrics.csv"), "new");
}

TEST(ResultFolder, TakesOverAnUnfinishedFolder)
{
    const TemporaryFolder parent;
    put_file(parent / "scenario.resolved.yaml", "of a run that was killed");
    put_file(parent / "metrics.csv", "of a run that was killed");
    put_file(parent / ".paths.csv.part", "of a run that was killed");
    ResultFolder folder(parent.path(), Overwrite::refuse);
    EXPECT_THAT(names_in(folder.path()), ElementsAre("metrics.csv", "scenario.resolved.yaml"));
    folder.finish(manifest);
    EXPECT_THAT(names_in(folder.path()), ElementsAre("manifest.json"));
}

TEST(ResultFolder, WritesBesideFilesOfOthersOnlyWhenForced)
{
    const TemporaryFolder parent;
    put_file(parent / "notes.txt", "mine");
    EXPECT_THAT(refusal(parent.path(), Overwrite::refuse),
                AllOf(HasSubstr("files that no run wrote (notes.txt)"), HasSubstr("--force")));
    ResultFolder(parent.path(), Overwrite::replace).finish(manifest);
    EXPECT_THAT(names_in(parent.path()), ElementsAre("manifest.json", "notes.txt"));
}

TEST(ResultFolder, NeverReplacesAFileOfOthers)
{
    // manifest.json is the name of many a program's file.
    for (const std::string name : {"metrics.csv", "manifest.json"}) {
        const TemporaryFolder parent;
        put_file(parent / name, R"({"name": "mine"})");
        put_file(parent / "summary.json", "mine");
        EXPECT_THAT(refusal(parent.path(), Overwrite::refuse), HasSubstr(name));
        EXPECT_THAT(refusal(parent.path(), Overwrite::replace),
                    AllOf(HasSubstr(name + ": no run wrote this file"), HasSubstr("--out")));
        EXPECT_THAT(names_in(parent.path()), UnorderedElementsAre(name, "summary.json"));
    }
}

TEST(ResultFolder, TakesAFolderOfPartsForOursOnlyIfItHoldsSome)
{
    const TemporaryFolder parent;
    std::filesystem::create_directory(parent / "parts");
    put_file(parent / "parts/bolt.txt", "mine");
    EXPECT_THAT(refusal(parent.path(), Overwrite::refuse),
                HasSubstr("files that no run wrote (parts)"));
    ResultFolder(parent.path(), Overwrite::replace).finish(manifest);
    EXPECT_THAT(names_in(parent / "parts"), ElementsAre("bolt.txt"));
}

TEST(ResultFolder, RefusesWhatIsNoFolderOrCannotBeWrittenTo)
{
    const TemporaryFolder parent;
    put_file(parent / "file", "");
    EXPECT_THROW(ResultFolder(parent / "file", Overwrite::replace), OutputError);
    EXPECT_THROW(ResultFolder(parent / "file/below", Overwrite::replace), OutputError);
    EXPECT_THROW(ResultFolder("/proc/chokepoint", Overwrite::replace), OutputError);
    EXPECT_THROW(ResultFolder("/proc", Overwrite::replace), OutputError);
}

TEST(ResultFolder, GoesOnWithPartsOnlyWhenAsked)
{
    const TemporaryFolder parent;
    const std::string part = "trials-000000000000-000000000064.bin";
    std::filesystem::create_directory(parent / "parts");
    put_file(parent / "parts" / part, "part");
    put_file(parent / "parts/.half.bin.part", "of a run that was killed");
    EXPECT_THAT(
        refusal(parent.path(), Overwrite::refuse),
        AllOf(HasSubstr("trials of an interrupted run in parts/"), HasSubstr("--resume")));
    {
        ResultFolder again(parent.path(), Overwrite::resume);
        EXPECT_THAT(names_in(parent / "parts"), ElementsAre(part));
        again.finish(manifest);
    }
    EXPECT_THAT(names_in(parent.path()), ElementsAre("manifest.json"));
    EXPECT_THAT(refusal(parent.path(), Overwrite::resume), HasSubstr("finished results"));
}

TEST(ResultFolder, DiscardsPartsWhenForced)
{
    const TemporaryFolder parent;
    std::filesystem::create_directory(parent / "parts");
    put_file(parent / "parts/trials-000000000000-000000000064.bin", "part");
    const ResultFolder folder(parent.path(), Overwrite::replace);
    EXPECT_THAT(names_in(parent.path()), ElementsAre());
}

TEST(ResultFolder, IsOnesAlone)
{
    const TemporaryFolder parent;
    {
        const ResultFolder folder(parent / "out", Overwrite::refuse);
        for (const Overwrite overwrite :
             {Overwrite::refuse, Overwrite::resume, Overwrite::replace}) {
            EXPECT_THAT(refusal(parent / "out", overwrite),
                        HasSubstr("another chokepoint is writing to it"));
        }
        EXPECT_NO_THROW(ResultFolder(parent / "other", Overwrite::refuse));
    }
    EXPECT_NO_THROW(ResultFolder(parent / "out", Overwrite::refuse));
}

TEST(ResultFolder, TakesPartsOfARunKilledBeforeItsFirst)
{
    const TemporaryFolder parent;
    std::filesystem::create_directory(parent / "parts");
    put_file(parent / "parts/.half.bin.part", "of a run that was killed");
    EXPECT_NO_THROW(ResultFolder(parent.path(), Overwrite::refuse));
}

}  // namespace
}  // namespace chokepoint
