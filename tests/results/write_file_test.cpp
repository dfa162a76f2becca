#include "chokepoint/results/write_file.hpp"

#include "results/temporary_folder.hpp"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace chokepoint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Files may not grow beyond a few bytes while it lives: the nearest thing to a full disk.
class FullDisk {
public:
    FullDisk()
    {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit small{16, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
    }
    ~FullDisk()
    {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_{};
    void (*handler_)(int) = nullptr;
};

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
    const FullDisk full;
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

TEST(Sha256, GivesThePublishedDigests)
{
    // FIPS 180-2, appendix B.1, and the digest of the empty message.
    EXPECT_EQ(sha256("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace chokepoint
