#include "chokepoint/results/result_folder.hpp"

#include "chokepoint/results/write_file.hpp"
#include "results/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// A folder with results of an earlier run.
void fill(const std::filesystem::path& path)
{
    ResultFolder folder(path, Overwrite::refuse);
    folder.write("metrics.csv", "old");
    folder.write("exceedance.csv", "old");
    folder.finish("{}");
}

TEST(ResultFolder, LooksFinishedOnlyOnceTheManifestIsWritten)
{
    const TemporaryFolder parent;
    ResultFolder folder(parent / "a/b", Overwrite::refuse);
    folder.write("metrics.csv", "abc");
    EXPECT_THAT(names_in(folder.path()), ElementsAre("metrics.csv"));
    EXPECT_THAT(folder.checksums(), ElementsAre(Pair("metrics.csv", sha256("abc"))));
    folder.finish("{}");
    EXPECT_THAT(names_in(folder.path()), ElementsAre("manifest.json", "metrics.csv"));
}

TEST(ResultFolder, RefusesToTouchFinishedResults)
{
    const TemporaryFolder parent;
    fill(parent / "out");
    try {
        ResultFolder(parent / "out", Overwrite::refuse);
        ADD_FAILURE() << "took over finished results";
    } catch (const OutputError& error) {
        EXPECT_THAT(error.what(), HasSubstr("--force"));
    }
    EXPECT_EQ(content_of(parent / "out/metrics.csv"), "old");
    EXPECT_EQ(content_of(parent / "out/manifest.json"), "{}");
}

TEST(ResultFolder, RemovesOldResultsButNothingElseWhenItReplaces)
{
    const TemporaryFolder parent;
    fill(parent / "out");
    put_file(parent / "out/notes.txt", "mine");
    const ResultFolder folder(parent / "out", Overwrite::replace);
    EXPECT_THAT(names_in(folder.path()), ElementsAre("notes.txt"));
}

TEST(ResultFolder, TakesOverAnUnfinishedFolder)
{
    const TemporaryFolder parent;
    put_file(parent / "metrics.csv", "of a run that was killed");
    const ResultFolder folder(parent.path(), Overwrite::refuse);
    EXPECT_TRUE(names_in(folder.path()).empty());
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

TEST(ResultFolder, KeepsOnePartFileUntilItIsFinished)
{
    const TemporaryFolder parent;
    ResultFolder folder(parent.path(), Overwrite::refuse);
    folder.write_part("trials-000000-000063.bin", "first");
    folder.write_part("trials-000000-000127.bin", "second");
    EXPECT_THAT(names_in(parent / "parts"), ElementsAre("trials-000000-000127.bin"));

    ResultFolder again(parent.path(), Overwrite::refuse);
    EXPECT_THAT(names_in(parent / "parts"), ElementsAre("trials-000000-000127.bin"));
    again.finish("{}");
    EXPECT_THAT(names_in(parent.path()), ElementsAre("manifest.json"));
}

}  // namespace
}  // namespace chokepoint
