#include "chokepoint/app/ranks.hpp"

#include "shell.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

const std::string mpirun =
    "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun "
    "--oversubscribe --mca btl_vader_single_copy_mechanism none ";
const std::string run = " '" CHOKEPOINT_BINARY "' run " + shipped("first_steps.yaml");

std::map<std::string, std::string> contents(const Shell& shell, const std::string& folder)
{
    std::map<std::string, std::string> contents;
    for (const std::string& name : names_in(shell.folder() / folder)) {
        if (name != "manifest.json") {
            contents[name] = shell.file(folder + "/" + name);
        }
    }
    return contents;
}

class RanksOfMpi : public testing::Test {
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
        run + " --trials 1000 --quiet --keep-trials metrics --tables episodes --threads 1";
    ASSERT_EQ(shell.run(options + " --out one").code, 0);
    for (const char* ranks : {"1", "2", "3"}) {
        const std::string out = std::string("ranks") + ranks;
        const Outcome outcome = shell.run(mpirun + "-n " + ranks + options + " --out " + out);
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        EXPECT_TRUE(contents(shell, "one") == contents(shell, out)) << ranks;
    }
}

TEST_F(RanksOfMpi, EndWithOneOfThemAndAreResumed)
{
    const std::string options = run + " --trials 150000 --quiet --threads 1";
    ASSERT_EQ(shell.run(options + " --out one").code, 0);
    // The second rank is killed once there are parts.
    const Outcome lost =
        shell.run("(" + mpirun + "-n 2 sh -c 'echo $$ > pid.$OMPI_COMM_WORLD_RANK; exec \"$0\" \"$@\"'"
                  + options + " --out two & for i in $(seq 600); do ls two/parts/*.bin && break; "
                  "sleep 0.05; done; kill -9 $(cat pid.1); wait $!)");
    EXPECT_THAT(lost.code, AnyOf(75, 137)) << lost.err;  // mpirun's own: that of the lost rank
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / "two/manifest.json"));
    const Outcome resumed = shell.run(mpirun + "-n 3" + options + " --out two --resume");
    ASSERT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_THAT(resumed.err, HasSubstr("resumed: "));
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
