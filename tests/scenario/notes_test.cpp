#include "chokepoint/scenario/notes.hpp"

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

TEST(Notes, AreFoundBesideWhatTheyAreOn)
{
    const auto notes = notes_of(
        "assumption: true\n"
        "facilities:\n"
        "  - name: bayan_obo\n"
        "    capacity_t_per_year: {fixed: 3, source: \"a report, 2010\", note: REO}\n"
        "grades: [1, {fixed: 2, assumption: true}]\n");
    ASSERT_EQ(notes.size(), 3U);
    EXPECT_EQ(notes[0].path, "");
    EXPECT_TRUE(notes[0].is_assumption);
    EXPECT_EQ(notes[1].path, "facilities.bayan_obo.capacity_t_per_year");
    EXPECT_EQ(notes[1].source, "a report, 2010");
    EXPECT_EQ(notes[1].note, "REO");
    EXPECT_FALSE(notes[1].is_assumption);
    EXPECT_EQ(notes[2].path, "grades[1]");
}

TEST(Notes, AreNoneInWhatIsNoYaml)
{
    EXPECT_TRUE(notes_of("{").empty());
    EXPECT_TRUE(notes_of("").empty());
}

}  // namespace
}  // namespace chokepoint
