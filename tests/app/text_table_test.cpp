#include "chokepoint/app/text_table.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

TEST(TextTable, MakesColumnsAsWideAsTheirWidestCell)
{
    TextTable table({{"name", Align::left}, {"value"}});
    table.append({"a", "1.5 ± 0.2"});
    table.append({"longer", "2"});
    EXPECT_EQ(table.text("  "),
              "  name        value\n"
              "  a       1.5 ± 0.2\n"
              "  longer          2\n");
}

TEST(TextTable, LeavesNoSpacesAtTheEndOfALine)
{
    TextTable table({{"name", Align::left}, {"unit", Align::left}});
    table.append({"a", ""});
    EXPECT_EQ(table.text(), "name  unit\na\n");
}

TEST(TextTable, RefusesRowsOfAnotherLength)
{
    TextTable table({{"name"}});
    EXPECT_THROW(table.append({"a", "b"}), std::invalid_argument);
}

}  // namespace
}  // namespace chokepoint
