#include "chokepoint/app/wrapped_text.hpp"

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

TEST(Wrapped, LeavesShortTextsOnOneLine)
{
    EXPECT_EQ(wrapped("one two", "  ", "    "), "  one two\n");
    EXPECT_EQ(wrapped("", "- ", "  "), "- \n");
}

TEST(Wrapped, BreaksAtSpacesAndFillsTheWidth)
{
    const std::string text =
        wrapped(std::string(60, 'a') + ' ' + std::string(37, 'b') + " c", "  ", "    ");
    EXPECT_EQ(text, "  " + std::string(60, 'a') + ' ' + std::string(37, 'b') + "\n    c\n");
}

TEST(Wrapped, KeepsPerCentSignsWithTheirNumbers)
{
    EXPECT_EQ(wrapped(std::string(95, 'a') + " 85 %, b", "", ""),
              std::string(95, 'a') + "\n85 %, b\n");
}

std::string dashes(int count)
{
    std::string text;
    for (int dash = 0; dash < count; ++dash) {
        text += "–";
    }
    return text;
}

TEST(Wrapped, CountsCharactersAndLeavesLongWordsWhole)
{
    EXPECT_EQ(wrapped("a " + dashes(98), "", ""), "a " + dashes(98) + "\n");
    EXPECT_EQ(wrapped("a " + dashes(99), "", ""), "a\n" + dashes(99) + "\n");
    EXPECT_EQ(wrapped(std::string(130, 'x') + " y", "", " "), std::string(130, 'x') + "\n y\n");
}

}  // namespace
}  // namespace chokepoint
