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
    EXPECT_THAT(shell.run(line).err, testing::HasSubstr("it's mine.yaml: cannot be opened"));
}

TEST(ReplayLine, IsEmptyForCommandsWithoutTrials)
{
    EXPECT_EQ(replay_line(ListOptions{}, {}), "");
    EXPECT_NE(replay_line(ExplainOptions{}, {}), "");
}

}  // namespace
}  // namespace chokepoint
