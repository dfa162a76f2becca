#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/complaints.hpp"

namespace chokepoint {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string times(std::size_t count, const std::string& text)
{
    std::string result;
    result.reserve(count * text.size());
    for (std::size_t i = 0; i < count; ++i) {
        result += text;
    }
    return result;
}

TEST(HostileText, WithoutADocumentIsEmpty)
{
    for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "--- # x\n...\n",
                             "\r\n", "\xEF\xBB\xBF", "~", "null\n"}) {
        EXPECT_THAT(complaints(text), HasSubstr("the file is empty (it must hold a scenario)"))
            << text;
    }
}

TEST(HostileText, OfBytesThatAreNoTextIsRefusedAtItsPlace)
{
    using namespace std::string_literals;
    EXPECT_EQ(complaints("schema: 1\nname: a\0b\n"s),
              "2:8: the file holds the control character 0x00 (it must be plain text)\n");
    EXPECT_EQ(complaints("schema: 1\nname: \xff\n"),
              "2:7: byte 0xff is no UTF-8 (the file must be UTF-8 text)\n");
    EXPECT_EQ(complaints("name: \xC0\x80\n"),
              "1:7: byte 0xc0 is no UTF-8 (the file must be UTF-8 text)\n");
    EXPECT_EQ(complaints("name: \xED\xA0\x80\n"),
              "1:7: byte 0xed is no UTF-8 (the file must be UTF-8 text)\n");
    EXPECT_EQ(complaints("name: \xF0\x9F\x98\n"),
              "1:7: byte 0xf0 is no UTF-8 (the file must be UTF-8 text)\n");
    EXPECT_EQ(complaints("\xFF\xFEs\0c\0"s), "1:1: the file is UTF-16 (save it as UTF-8)\n");
    EXPECT_EQ(complaints("name: a\rmonths: 3\n"),
              "1:8: a carriage return that ends no line (a line ends in LF or CR LF)\n");
}

TEST(HostileText, MayHoldTabsBetweenWordsButNotAsIndentation)
{
    EXPECT_EQ(
        complaints(replaced(compact_scenario(), "months: 36", "months:\t36\t# three years")),
        "");
    EXPECT_EQ(complaints("name: a\n \t\nmonths: 3\n"),
              "2:2: a tab indents this line (YAML is indented with spaces)\n");
    EXPECT_EQ(complaints("run:\n  \tseed: 1\n"),
              "2:3: a tab indents this line (YAML is indented with spaces)\n");
}

TEST(HostileText, ThatNestsDeeplyIsRefused)
{
    for (const std::string open : {"[", "{", "- ", "{a: ", "[a, ", "? ", "a:\n "}) {
        EXPECT_NE(complaints(times(100'000, open)), "") << open;
    }
    EXPECT_THAT(complaints(times(100'000, "[")),
                HasSubstr("nested too deeply (more than 64 levels)"));
    EXPECT_NE(complaints("x: " + times(100'000, "]")), "");
}

TEST(HostileText, ThatIsTooLargeIsRefused)
{
    EXPECT_THAT(complaints("x: [" + times(300'000, "a,") + "]"), HasSubstr("values)"));
    EXPECT_THAT(complaints(times(5'000'000, "[")),
                HasSubstr("the file is too large (it holds"));
    EXPECT_THAT(complaints(times(600'000, "a\n")),
                HasSubstr("the file is too large (it holds"));
    EXPECT_THAT(complaints("name: " + std::string(4'000'000, 'x') + "\n"),
                HasSubstr("\"schema\" is missing"));
}

TEST(HostileText, WithAnAliasBombIsRefused)
{
    std::string bomb = "a: &a [x, x]\n";
    for (char name = 'b'; name <= 'z'; ++name) {
        const std::string before = std::string("*") + static_cast<char>(name - 1);
        bomb += std::string(1, name) + ": &" + name + " [" + before + ", " + before + "]\n";
    }
    EXPECT_THAT(complaints(bomb), HasSubstr("an alias must stand for a single value"));
    EXPECT_THAT(complaints("a: &a [*a]\n"),
                HasSubstr("an alias must stand for a single value"));
    EXPECT_THAT(complaints("a: *nothing\n"), HasSubstr("this is not YAML"));
}

TEST(HostileText, WithManyProblemsGivesTheFirstHundreds)
{
    std::string text = compact_scenario();
    for (int i = 0; i < 20'000; ++i) {
        text += "unknown_" + std::to_string(i) + ": 3\n";
    }
    const std::string found = complaints(text);
    EXPECT_THAT(found, HasSubstr("too many problems (only the first 500 are shown)"));
    EXPECT_EQ(std::count(found.begin(), found.end(), '\n'), 501);
}

TEST(HostileText, OfTheKindThatHangsYamlParsersIsRefused)
{
    // Each of these makes YAML::LoadAll of yaml-cpp 0.7 go on for ever or drop half of the
    // text.
    for (const char* text : {"name: 'it's wrong'\n",
                             "a: \"b\" c\n",
                             "[a] b\n",
                             "a: 1\n}\n",
                             "{a: 1} }",
                             "- a\nb: c\n",
                             "a: b: c\n",
                             "%YAML 1.2\n%YAML 1.2\n---\na: 1\n",
                             "'",
                             "\"",
                             "|",
                             ">",
                             "!",
                             "&",
                             "*",
                             "%",
                             "@",
                             "`",
                             "?",
                             ":",
                             "- -",
                             "...\n...\n"}) {
        EXPECT_NE(complaints(text), "") << text;
    }
}

TEST(HostileText, WithManyNamesIsReadInTime)
{
    std::string regions = "[china, japan, usa";
    for (int i = 0; i < 20'000; ++i) {
        regions += ", r" + std::to_string(i);
    }
    const std::string text = replaced(compact_scenario(), "[china, japan, usa]\nalliances",
                                      regions + "]\nalliances");
    const auto begin = std::chrono::steady_clock::now();
    const Scenario scenario = read_scenario_text(text);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(scenario.regions.size(), 20'003U);
    EXPECT_LT(seconds.count(), 10);  // linear look-ups took minutes
}

TEST(HostileText, TooLargeAFileIsNotReadToItsEnd)
{
    if (!std::filesystem::exists("/dev/zero")) {
        GTEST_SKIP() << "no /dev/zero here";
    }
    try {
        read_scenario("/dev/zero");
        FAIL() << "read";
    } catch (const InputError& error) {
        EXPECT_STREQ(error.what(), "/dev/zero: error: the file is too large (over 16 MB)");
    }
}

std::string every_key_text()
{
    std::ifstream stream(std::string(CHOKEPOINT_SOURCE_DIR) + "/tests/scenario/every_key.yaml");
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// Replaces, deletes, doubles or moves a few pieces of a text.
std::string mutated(std::string text, std::mt19937_64& engine)
{
    constexpr std::string_view special =
        "[]{},:-?&*!|>'\"%@`#~\n\t ._0123456789eE+aA\x01\xff\xc3";
    const auto below = [&](std::size_t bound) {
        return engine() % std::max<std::size_t>(bound, 1);
    };
    for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
        const std::size_t at = below(text.size());
        const std::size_t length = std::min<std::size_t>(1 + below(12), text.size() - at);
        switch (below(6)) {
            case 0:
                text[at] = special[below(special.size())];
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.insert(at, text.substr(below(text.size()), length));
                break;
            case 3:
                text.insert(at, 1, special[below(special.size())]);
                break;
            case 4:
                text[at] = static_cast<char>(below(256));
                break;
            default: {
                const std::size_t digit = text.find_first_of("0123456789", at);
                text[digit == text.npos ? at : digit] = static_cast<char>('0' + below(10));
            }
        }
    }
    return text;
}

TEST(HostileText, OfRandomSlipsIsReadOrRefusedWithPlaces)
{
    std::mt19937_64 engine(20260101);
    const std::string originals[] = {compact_scenario(), every_key_text()};
    int read = 0;
    int refused = 0;
    for (int i = 0; i < 4000; ++i) {
        const std::string text = mutated(originals[i % 4 == 0 ? 1 : 0], engine);
        try {
            read_scenario_text(text);
            ++read;
        } catch (const InputError& error) {
            ++refused;
            for (const Diagnostic& problem : error.problems()) {
                EXPECT_FALSE(problem.problem.empty());
                EXPECT_GE(problem.place.line, 0);
                EXPECT_LE(problem.place.line, std::count(text.begin(), text.end(), '\n') + 2);
            }
        }
    }
    EXPECT_GT(read, 50);
    EXPECT_GT(refused, 2000);
}

}  // namespace
}  // namespace chokepoint
