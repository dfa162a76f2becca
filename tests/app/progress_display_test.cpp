#include "chokepoint/app/progress_display.hpp"

#include "chokepoint/app/number_text.hpp"

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

TEST(ProgressLine, LeavesTheBarOutWhereThereIsNoRoomAndThenTheEnd)
{
    const std::string bar = "[####....]";
    const std::string text = " 50 %  1,000 of 2,000 trials  ± 3 %";
    EXPECT_EQ(progress_line(bar, text, 80), bar + " " + text);
    EXPECT_EQ(progress_line(bar, text, 40), text);
    const std::string cut = progress_line(bar, text, 20);
    EXPECT_EQ(width_of(cut), 19U);
    EXPECT_TRUE(cut.ends_with("…"));
    EXPECT_EQ(width_of(progress_line(bar, text, 1)), 1U);
}

TEST(ProgressLine, NeverCutsACharacterInTwo)
{
    for (std::size_t columns = 2; columns < 12; ++columns) {
        EXPECT_EQ(width_of(progress_line("", "±±±±±±±±±±±±", columns)), columns - 1);
    }
}

}  // namespace
}  // namespace chokepoint
