#include "chokepoint/results/write_file.hpp"

#include "results/full_disk.hpp"
#include "results/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(WriteFile, WritesAllBytesAndLeavesNothingBeside)
{
    const TemporaryFolder folder;
    const std::string content("a\0b\nc", 5);
    write_file(folder / "out.csv", content);
    EXPECT_EQ(content_of(folder / "out.csv"), content);
    EXPECT_THAT(names_in(folder.path()), ElementsAre("out.csv"));
}

TEST(WriteFile, ReplacesAFileWhole)
{
    const TemporaryFolder folder;
    write_file(folder / "out.csv", "something long");
    write_file(folder / "out.csv", "short");
    EXPECT_EQ(content_of(folder / "out.csv"), "short");
}

TEST(WriteFile, KeepsTheOldFileAndRemovesTheHalfWrittenOneWhenTheDiskIsFull)
{
    const TemporaryFolder folder;
    write_file(folder / "out.csv", "old");
    const FullDisk full(16);
    try {
        write_file(folder / "out.csv", std::string(1000, 'x'));
        ADD_FAILURE() << "written to a full disk";
    } catch (const WriteError& error) {
        EXPECT_THAT(error.what(), HasSubstr((folder / "out.csv").string()));
        EXPECT_THAT(error.what(), HasSubstr("File too large"));
    }
    EXPECT_EQ(content_of(folder / "out.csv"), "old");
    EXPECT_THAT(names_in(folder.path()), ElementsAre("out.csv"));
}

TEST(WriteFile, SaysWhyAFileCannotBeCreated)
{
    const TemporaryFolder folder;
    try {
        write_file(folder / "missing/out.csv", "x");
        ADD_FAILURE() << "written to a missing folder";
    } catch (const WriteError& error) {
        EXPECT_THAT(error.what(), HasSubstr("No such file or directory"));
    }
}

TEST(RevealFile, RenamesWhatLiesAtTheHiddenPath)
{
    const TemporaryFolder folder;
    put_file(hidden_path(folder / "trials.nc"), "whole");
    reveal_file(folder / "trials.nc");
    EXPECT_THAT(names_in(folder.path()), ElementsAre("trials.nc"));
    EXPECT_EQ(content_of(folder / "trials.nc"), "whole");
    EXPECT_THROW(reveal_file(folder / "trials.nc"), WriteError);
}

TEST(Sha256, IsThatOfAFileReadInPieces)
{
    const TemporaryFolder folder;
    const std::string content(3'000'000, 'x');
    put_file(folder / "out.bin", content);
    EXPECT_EQ(sha256_of_file(folder / "out.bin"), sha256(content));
    EXPECT_THROW(sha256_of_file(folder / "missing"), WriteError);
    EXPECT_THROW(sha256_of_file(folder.path()), WriteError);
}

TEST(Sha256, GivesThePublishedDigests)
{
    // FIPS 180-2, appendix B.1, and the digest of the empty message.
    EXPECT_EQ(sha256("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace chokepoint
