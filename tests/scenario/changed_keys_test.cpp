#include "chokepoint/scenario/changed_keys.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<ChangedKey> changes(const std::string& before, const std::string& after)
{
    Diagnostics problems;
    std::vector<ChangedKey> keys = changed_keys({"a", before}, {"b", after}, problems);
    EXPECT_FALSE(problems.has_errors());
    return keys;
}

ChangedKey changed(const std::string& path, const std::string& before, const std::string& after)
{
    return {path, before, after};
}

TEST(ChangedKeys, FindsNoneInAScenarioAndItself)
{
    std::ifstream stream(std::string(CHOKEPOINT_SOURCE_DIR) + "/tests/scenario/every_key.yaml");
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    ASSERT_FALSE(text.empty());
    EXPECT_THAT(changes(text, text), IsEmpty());
}

TEST(ChangedKeys, ComparesNumbersByValueAndWordsByText)
{
    EXPECT_THAT(changes("a: 0.9\nb: 1e3\nc: x", "a: 0.90\nb: 1000\nc: x"), IsEmpty());
    EXPECT_THAT(changes("seed: 18446744073709551615", "seed: 18446744073709551614"),
                ElementsAre(changed("seed", "18446744073709551615", "18446744073709551614")));
    EXPECT_THAT(changes("a: 1\nb: x", "b: y\na: 2"),
                ElementsAre(changed("a", "1", "2"), changed("b", "x", "y")));
}

TEST(ChangedKeys, ComparesNamedEntriesByNameAndOthersByPosition)
{
    EXPECT_THAT(changes("f: [{name: one, x: 1}, {name: two, x: 2}]",
                        "f: [{name: two, x: 3}, {name: one, x: 1}]"),
                ElementsAre(changed("f.two.x", "2", "3")));
    EXPECT_THAT(changes("f: [1, 2]", "f: [2, 2]"), ElementsAre(changed("f[0]", "1", "2")));
    // One name twice tells nobody apart.
    EXPECT_THAT(changes("f: [{name: one, x: 1}, {name: one, x: 2}]",
                        "f: [{name: one, x: 1}, {name: one, x: 3}]"),
                ElementsAre(changed("f[1].x", "2", "3")));
}

TEST(ChangedKeys, TellsWhatIsThereInOneOnlyAsOneChange)
{
    const auto keys = changes("a: {b: 1, c: [1, 2]}\nf: []", "d: 2\nf: [{name: one, x: 1}]");
    EXPECT_THAT(keys, ElementsAre(ChangedKey{"a", "{b: 1, c: [1, 2]}", std::nullopt},
                                  ChangedKey{"f.one", std::nullopt, "{name: one, x: 1}"},
                                  ChangedKey{"d", std::nullopt, "2"}));
}

TEST(ChangedKeys, TellsAChangeOfKind)
{
    EXPECT_THAT(changes("a: 1\nb:\nc: {x: 1}", "a: {fixed: 1}\nb: 2\nc: [1]"),
                ElementsAre(changed("a", "1", "{fixed: 1}"), changed("b", "null", "2"),
                            changed("c", "{x: 1}", "[1]")));
}

TEST(ChangedKeys, ReportsTheFaultsOfBothTexts)
{
    Diagnostics problems;
    EXPECT_THAT(changed_keys({"a", "x: ["}, {"b", "x: 1\nx: 2"}, problems), IsEmpty());
    const std::vector<Diagnostic> found = problems.sorted();
    ASSERT_EQ(found.size(), 2);
    EXPECT_EQ(found[0].place.file, "a");
    EXPECT_EQ(found[1].place, (Place{"b", 2, 1}));
    EXPECT_EQ(found[1].source_line, "x: 2");
}

}  // namespace
}  // namespace chokepoint
