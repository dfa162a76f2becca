#include "chokepoint/app/replay_line.hpp"

#include "app/shell.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

TEST(ReplayLine, RepeatsATrialOfARunWithItsSeedAndOverrides)
{
    RunOptions options;
    options.scenario = "scenarios/first_steps.yaml";
    options.overrides = {"run.trials=500", "facilities.mine.utilisation={uniform: [0, 1]}"};
    EXPECT_EQ(replay_line(options, {.seed = 7, .trial = 4711}),
              "chokepoint replay scenarios/first_steps.yaml --trial 4711 --seed 7"
              " --set run.trials=500 --set 'facilities.mine.utilisation={uniform: [0, 1]}'");
}

TEST(ReplayLine, QuotesWhatAShellWouldTakeApart)
{
    ReplayOptions options;
    options.scenario = "it's mine.yaml";
    const std::string line = replay_line(options, {.seed = 0, .trial = 3});
    EXPECT_EQ(line, "chokepoint replay 'it'\\''s mine.yaml' --trial 3 --seed 0");
    const Shell shell;
    EXPECT_THAT(shell.run(line).err, ::testing::HasSubstr("it's mine.yaml: cannot be opened"));
}

TEST(ReplayLine, NamesTheLawsThatTheTrialIsDrawnFrom)
{
    RunOptions options;
    options.scenario = "a.yaml";
    options.tilt = "my run/tilt.json";
    EXPECT_EQ(replay_line(options, {.seed = 1, .trial = 2}),
              "chokepoint replay a.yaml --trial 2 --seed 1 --tilt 'my run/tilt.json'");
}

TEST(ReplayLine, IsEmptyForWhatCannotBeReplayed)
{
    EXPECT_EQ(replay_line(ListOptions{}, {}), "");
    EXPECT_EQ(replay_line(ExplainOptions{}, {}), "");
    EXPECT_EQ(replay_line(CompareOptions{}, {}), "");
    RunOptions options;
    options.scenario = "a.yaml";
    options.importance = "es99(shortfall_share)";  // its pilot is not over
    EXPECT_EQ(replay_line(options, {}), "");
}

}  // namespace
}  // namespace chokepoint
