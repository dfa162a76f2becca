#include "chokepoint/app/ranks.hpp"

#include "shell.hpp"

#include <csignal>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::ContainsRegex;

const std::string mpirun =
    "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun "
    "--oversubscribe --mca btl_vader_single_copy_mechanism none ";
const std::string run = " '" CHOKEPOINT_BINARY "' run " + shipped("first_steps.yaml");

class RanksOfMpi : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (!knows_mpi() || shell.run("command -v mpirun").code != 0) {
            GTEST_SKIP() << "built without MPI, or there is no mpirun";
        }
    }
    const Shell shell;
};

TEST_F(RanksOfMpi, GiveTheBytesOfOneProcess)
{
    const std::string options =
        run + " --trials 300 --quiet --keep-trials metrics --tables episodes --threads 1";
    ASSERT_EQ(shell.run(options + " --out one").code, 0);
    for (const char* ranks : {"1", "2", "3"}) {
        const std::string out = std::string("ranks") + ranks;
        const Outcome outcome = shell.run(mpirun + "-n " + ranks + options + " --out " + out);
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        EXPECT_TRUE(contents(shell, "one") == contents(shell, out)) << ranks;
    }
}

/// Whether a process computes still: one that is dead but not buried has no command line.
bool is_running(const std::string& process)
{
    return !content_of("/proc/" + process + "/cmdline").empty();
}

TEST_F(RanksOfMpi, EndWithOneOfThemAndAreResumed)
{
    const std::string options = run + " --trials 90000 --quiet";
    ASSERT_EQ(shell.run(options + " --threads 2 --out one").code, 0);
    // The second of three ranks is killed once there are parts.
    const Outcome lost = shell.run(
        "(" + mpirun
        + "-n 3 sh -c 'echo $$ > pid.$OMPI_COMM_WORLD_RANK; exec \"$0\" \"$@\"'" + options
        + " --threads 1 --out two & for i in $(seq 6000); do ls two/parts/*.bin && break; "
          "sleep 0.01; done; kill -9 $(cat pid.1); wait $!)");
    EXPECT_EQ(lost.code, 128 + SIGKILL) << lost.err;  // mpirun's own: that of the lost rank
    for (const char* rank : {"pid.0", "pid.1", "pid.2"}) {
        const std::string process = shell.file(rank);
        EXPECT_FALSE(is_running(process.substr(0, process.find('\n')))) << rank;
    }
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / "two/manifest.json"));
    const Outcome refused = shell.run(options + " --out two");
    EXPECT_EQ(refused.code, 73);
    const Outcome resumed =
        shell.run(mpirun + "-n 2" + options + " --threads 1 --out two --resume");
    ASSERT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_THAT(resumed.err, ContainsRegex("resumed: [1-9]"));
    EXPECT_TRUE(contents(shell, "one") == contents(shell, "two"));
}

TEST_F(RanksOfMpi, RefuseWhatTheyCannotShare)
{
    EXPECT_EQ(shell.run(mpirun + "-n 2" + run + " --until 'mean(shortfall_share) < 2%'").code,
              64);
    EXPECT_EQ(shell.run(mpirun + "-n 2 '" CHOKEPOINT_BINARY "' list metrics").code, 64);
    EXPECT_EQ(shell.run(mpirun + "-n 2" + run + " --set months=-1").code, 65);
}

}  // namespace
}  // namespace chokepoint
