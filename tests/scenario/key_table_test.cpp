#include "../../src/scenario/key_table.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

TEST(Bounds, HoldTheirClosedEndsAndNotTheirOpenOnes)
{
    const Bounds closed{.low = 0, .high = 1};
    EXPECT_TRUE(closed.contains(0));
    EXPECT_TRUE(closed.contains(1));
    EXPECT_FALSE(closed.contains(-1e-9));
    const Bounds open{.low = 0, .high = 1, .low_open = true, .high_open = true};
    EXPECT_FALSE(open.contains(0));
    EXPECT_FALSE(open.contains(1));
    EXPECT_TRUE(open.contains(0.5));
    EXPECT_TRUE(Bounds{}.contains(-1e300));
}

TEST(Bounds, AreSaidInWords)
{
    EXPECT_EQ(Bounds{}.phrase(), "");
    EXPECT_EQ((Bounds{.low = 0}).phrase(), "not be negative");
    EXPECT_EQ((Bounds{.low = 0, .low_open = true}).phrase(), "be positive");
    EXPECT_EQ((Bounds{.low = 1}).phrase(), "be at least 1");
    EXPECT_EQ((Bounds{.low = 1, .low_open = true}).phrase(), "be above 1");
    EXPECT_EQ((Bounds{.high = 2}).phrase(), "be at most 2");
    EXPECT_EQ((Bounds{.high = 2, .high_open = true}).phrase(), "be below 2");
    EXPECT_EQ((Bounds{.low = 1, .high = 1}).phrase(), "be 1");
    EXPECT_EQ((Bounds{.low = 0, .high = 1}).phrase(), "lie between 0 and 1");
    EXPECT_EQ((Bounds{.low = 0, .high = 1, .low_open = true}).phrase(),
              "be above 0 and at most 1");
    EXPECT_EQ((Bounds{.low = 0, .high = 1, .high_open = true}).phrase(),
              "be at least 0 and below 1");
    EXPECT_EQ((Bounds{.low = 0, .high = 1, .low_open = true, .high_open = true}).phrase(),
              "lie between 0 and 1, both excluded");
}

TEST(KeyTable, HoldsEachKeyOnceAndSaysWhatItMeans)
{
    std::set<std::string> seen;
    for (const KeyRow& row : all_rows()) {
        const std::string name = std::string(row.section) + "." + std::string(row.key);
        EXPECT_TRUE(seen.insert(name).second) << name;
        EXPECT_FALSE(row.sentence.empty()) << name;
        EXPECT_FALSE(row.required && !row.fallback.empty()) << name;
        EXPECT_FALSE(is_note(row.key)) << name;
    }
}

TEST(KeyTable, RefersOnlyToSectionsAndKeysThatThereAre)
{
    for (const KeyRow& row : all_rows()) {
        EXPECT_EQ(section_info(row.section).name, row.section);
        if (!row.holds.empty()) {
            EXPECT_EQ(section_info(row.holds).name, row.holds);
        }
        for (const std::string& needed : split_words(row.needs)) {
            EXPECT_NE(find_row(row.section, needed), nullptr) << row.key;
        }
    }
    for (const EventKind& kind : all_event_kinds()) {
        EXPECT_NE(find_row(kind.section, "type"), nullptr);
    }
}

TEST(KeyTable, HasDefaultsWithinTheirBounds)
{
    for (const KeyRow& row : all_rows()) {
        const bool numeric = row.type == KeyType::number || row.type == KeyType::mark
                             || row.type == KeyType::plain || row.type == KeyType::whole;
        if (numeric && !row.fallback.empty()) {
            EXPECT_TRUE(row.bounds.contains(std::stod(std::string(row.fallback)))) << row.key;
        }
    }
}

TEST(KeyTable, SharesTheTermsOfRestrictions)
{
    EXPECT_EQ(find_row("terms", "exporter"), find_row("scripted_restriction", "exporter"));
    EXPECT_EQ(find_row("scripted_outage", "exporter"), nullptr);
    EXPECT_EQ(find_row("no such section", "exporter"), nullptr);
}

}  // namespace
}  // namespace chokepoint
