#include "chokepoint/support/diagnostic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Diagnostic negative_capacity()
{
    return {.severity = Severity::error,
            .place = {"scenarios/cobalt.yaml", 14, 26},
            .key_path = "facilities.mutanda.capacity_t_per_year",
            .problem = "must be positive (got -3)",
            .source_line = "    capacity_t_per_year: -3",
            .hint = "capacity is the nameplate output in tonnes a year"};
}

/// The caret's column below the quoted line, counted from the first quoted column.
std::size_t caret_column(const std::string& printed)
{
    const std::size_t line = printed.rfind('\n');
    return printed.find('^') - printed.find("| ", line) - 2;
}

TEST(FileName, IsItsText)
{
    const FileName name = "cobalt.yaml";
    EXPECT_EQ(name, FileName("cobalt.yaml"));
    EXPECT_NE(name, FileName("nickel.yaml"));
    EXPECT_LT(name, FileName("nickel.yaml"));
    EXPECT_EQ(FileName(), FileName(""));
    EXPECT_EQ(FileName().text(), "");
}

TEST(Diagnostic, PrintsPlaceProblemLineCaretAndHint)
{
    EXPECT_EQ(to_string(negative_capacity()),
              "scenarios/cobalt.yaml:14:26: error: facilities.mutanda.capacity_t_per_year: "
              "must be positive (got -3)\n"
              "  14 |     capacity_t_per_year: -3\n"
              "     |                          ^\n"
              "  hint: capacity is the nameplate output in tonnes a year");
}

TEST(Diagnostic, LeavesOutWhatThereIsNot)
{
    Diagnostic diagnostic;
    diagnostic.severity = Severity::warning;
    diagnostic.place = {"a.yaml", 0, 0};
    diagnostic.problem = "is empty";
    EXPECT_EQ(to_string(diagnostic), "a.yaml: warning: is empty");

    diagnostic.severity = Severity::error;
    diagnostic.place = {"<--set 1>", 3, 7};
    diagnostic.key_path = "months";
    EXPECT_EQ(to_string(diagnostic), "<--set 1>:3:7: error: months: is empty");
}

TEST(Diagnostic, CutsLongLinesAroundThePlace)
{
    Diagnostic diagnostic = negative_capacity();
    diagnostic.hint.clear();
    diagnostic.source_line = std::string(5'000'000, 'x');
    diagnostic.source_line[2'999'999] = '!';
    diagnostic.place.column = 3'000'000;
    const std::string printed = to_string(diagnostic);
    EXPECT_LT(printed.size(), 500U);
    const std::size_t start = printed.find("14 | ") + 5;
    EXPECT_EQ(printed.find('\n', start) - start, 100U);
    EXPECT_EQ(printed[start + caret_column(printed)], '!');
}

TEST(Diagnostic, CountsCharactersNotBytesUpToTheCaret)
{
    Diagnostic diagnostic = negative_capacity();
    diagnostic.hint.clear();
    diagnostic.source_line = "näme: ü x";
    diagnostic.place.column = 11;  // of the x, in bytes
    EXPECT_EQ(caret_column(to_string(diagnostic)), 8U);
}

TEST(Diagnostic, ShowsNoControlBytesAndNoBrokenCharacters)
{
    Diagnostic diagnostic = negative_capacity();
    diagnostic.source_line = "a\tb\x1b[31m \xff\xc3";
    diagnostic.problem = "unknown key \"\x1b[2J\"";
    diagnostic.place.column = 3;
    const std::string printed = to_string(diagnostic);
    EXPECT_THAT(printed, HasSubstr("| a b [31m ??\n"));
    EXPECT_THAT(printed, Not(HasSubstr("\x1b")));
    EXPECT_THAT(printed, HasSubstr("unknown key \" [2J\""));
}

TEST(Diagnostic, PutsTheCaretBehindALineThatEndsBeforeThePlace)
{
    Diagnostic diagnostic = negative_capacity();
    diagnostic.hint.clear();
    diagnostic.source_line = "ab";
    diagnostic.place.column = 9;
    EXPECT_EQ(caret_column(to_string(diagnostic)), 2U);
}

TEST(Diagnostics, SortsByFileOfFirstAppearanceThenLineThenColumn)
{
    Diagnostics problems;
    problems.add_source("z.yaml", "one\r\ntwo\nthree");
    problems.add_source("a.yaml", "eins\nzwei");
    problems.error({"a.yaml", 2, 1}, "", "p4");
    problems.error({"z.yaml", 3, 5}, "", "p3");
    problems.error({"z.yaml", 3, 2}, "", "p2");
    problems.warning({"z.yaml", 1, 9}, "", "p1");
    problems.error({"<--set 1>", 1, 1}, "", "p5");

    const std::vector<Diagnostic> sorted = problems.sorted();
    std::string order;
    for (const Diagnostic& diagnostic : sorted) {
        order += diagnostic.problem;
    }
    EXPECT_EQ(order, "p1p2p3p4p5");
    EXPECT_EQ(sorted[0].source_line, "one");
    EXPECT_EQ(sorted[1].source_line, "three");
    EXPECT_EQ(sorted[3].source_line, "zwei");
    EXPECT_EQ(sorted[4].source_line, "");
}

TEST(Diagnostics, DoNotCopyLinesOfMegabytes)
{
    Diagnostics problems;
    problems.add_source("a.yaml", "short\n" + std::string(5'000'000, 'x'));
    problems.error({"a.yaml", 1, 1}, "", "p1");
    problems.error({"a.yaml", 2, 9}, "", "p2");
    EXPECT_EQ(problems.sorted()[0].source_line, "short");
    EXPECT_EQ(problems.sorted()[1].source_line, "");
}

TEST(Diagnostics, WarningsAreNoErrors)
{
    Diagnostics problems;
    problems.warning({"a.yaml", 2, 1}, "", "odd");
    EXPECT_FALSE(problems.has_errors());
    problems.error({"a.yaml", 2, 1}, "", "wrong");
    EXPECT_TRUE(problems.has_errors());
}

TEST(InputError, SaysAllProblemsOneBelowTheOther)
{
    Diagnostics problems;
    problems.error({"a.yaml", 2, 1}, "x", "wrong", "write y");
    problems.error({"a.yaml", 3, 1}, "", "worse");
    const InputError error(problems.sorted());
    EXPECT_STREQ(error.what(),
                 "a.yaml:2:1: error: x: wrong\n  hint: write y\na.yaml:3:1: error: worse");
    EXPECT_EQ(error.problems().size(), 2U);
    EXPECT_THROW(InputError({}), std::invalid_argument);
}

TEST(NearestName, FindsSlipsOfTheHand)
{
    const std::vector<std::string> regions{"finland", "china", "chile", "usa"};
    EXPECT_EQ(nearest_name("finnland", regions), "finland");
    EXPECT_EQ(nearest_name("cihna", regions), "china");
    EXPECT_EQ(nearest_name("China", regions), "china");
    EXPECT_EQ(nearest_name("us", regions), "usa");
    EXPECT_EQ(nearest_name("chle", regions), "chile");
}

TEST(NearestName, StaysSilentWhenMoreThanAThirdDiffers)
{
    EXPECT_EQ(nearest_name("japan", {"finland", "china"}), "");
    EXPECT_EQ(nearest_name("eu", {"us"}), "");
    EXPECT_EQ(nearest_name("abcdef", {"abcxyf"}), "abcxyf");
    EXPECT_EQ(nearest_name("abcdef", {"abxxxf"}), "");
    EXPECT_EQ(nearest_name("x", {}), "");
    EXPECT_EQ(nearest_name(std::string(1'000'000, 'x'), {"x"}), "");
}

TEST(DidYouMean, FallsBackToWhatTheCallerKnows)
{
    EXPECT_EQ(did_you_mean("chinna", {"china"}, "regions are: china"),
              " (did you mean \"china\"?)");
    EXPECT_EQ(did_you_mean("peru", {"china"}, "regions are: china"), " (regions are: china)");
    EXPECT_EQ(did_you_mean("peru", {"china"}), "");
}

}  // namespace
}  // namespace chokepoint
