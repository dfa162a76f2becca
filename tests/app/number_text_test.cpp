#include "chokepoint/app/number_text.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

const double none = std::nan("");
const double infinity = std::numeric_limits<double>::infinity();

TEST(WithError, KeepsTheDigitsThatTheErrorLeaves)
{
    EXPECT_EQ(with_error(12.3456, 0.4), "12.3 ± 0.4");
    EXPECT_EQ(with_error(12.3456, 0.14), "12.35 ± 0.14");
    EXPECT_EQ(with_error(12.3456, 3.7), "12 ± 4");
    EXPECT_EQ(with_error(104.2, 12), "104 ± 12");
    EXPECT_EQ(with_error(12'345, 678), "12,300 ± 700");
    EXPECT_EQ(with_error(1'234'567, 1'234), "1,234,600 ± 1,200");
    EXPECT_EQ(with_error(-0.0123, 0.0004), "-0.0123 ± 0.0004");
    EXPECT_EQ(with_error(0.5, 0.0097), "0.500 ± 0.010");
}

TEST(WithError, LeavesTheErrorOutWhereThereIsNone)
{
    EXPECT_EQ(with_error(12.3456, 0), "12.3");
    EXPECT_EQ(with_error(12.3456, none), "12.3");
    EXPECT_EQ(with_error(none, none), "–");
}

TEST(WithError, GivesNothingNoSign)
{
    EXPECT_EQ(with_error(-0.2, 3), "0 ± 3");
    EXPECT_EQ(with_error(-0.02, 0.3), "0.0 ± 0.3");
    EXPECT_EQ(with_error(-12, 300), "0 ± 300");
    EXPECT_EQ(with_error(-0.26, 0.3), "-0.3 ± 0.3");
    EXPECT_EQ(short_number(-0.0), "0");
}

TEST(WithError, SpeaksOfSharesInPerCent)
{
    EXPECT_EQ(percent_with_error(0.123456, 0.004), "12.3 ± 0.4 %");
    EXPECT_EQ(percent_with_error(none, none), "–");
}

TEST(ShortNumber, GivesThreeSignificantDigits)
{
    EXPECT_EQ(short_number(0), "0");
    EXPECT_EQ(short_number(1), "1.00");
    EXPECT_EQ(short_number(0.99996), "1.00");
    EXPECT_EQ(short_number(9.996), "10.0");
    EXPECT_EQ(short_number(0.012345), "0.0123");
    EXPECT_EQ(short_number(1234.4), "1,234");
    EXPECT_EQ(short_number(-123'456), "-123,456");
    EXPECT_EQ(short_number(1.234e8), "1.23e+08");
    EXPECT_EQ(short_number(1.5e-7), "1.50e-07");
    EXPECT_EQ(short_number(infinity), "never");
    EXPECT_EQ(percent(0.0205), "2.05 %");
}

TEST(RoundedToError, KeepsTheDigitsThatTheErrorLeavesAndFiveAtMost)
{
    EXPECT_EQ(rounded_to_error(12.3456, 0.4), "12.3");
    EXPECT_EQ(rounded_to_error(12'345, 678), "12,300");
    EXPECT_EQ(rounded_to_error(1.23456789, 1e-4), "1.2346");
    EXPECT_EQ(rounded_to_error(0, 0.04), "0");
    EXPECT_EQ(rounded_to_error(1.23456e9, 2e7), "1.23e+09");
    EXPECT_EQ(rounded_to_error(-1.23456e-6, 1e-7), "-1.23e-06");
    EXPECT_EQ(rounded_to_error(3e7, 9e8), "3e+07");
}

TEST(RoundedToError, GivesThreeDigitsWhereTheErrorSaysNothing)
{
    EXPECT_EQ(rounded_to_error(48, 4.8e-11), "48.0");
    EXPECT_EQ(rounded_to_error(12.3456, none), "12.3");
    EXPECT_EQ(rounded_to_error(0, 0), "0");
    EXPECT_EQ(rounded_to_error(infinity, 1), "never");
}

TEST(Grouped, PutsCommasBetweenThousands)
{
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(12'345'678), "12,345,678");
}

TEST(Counted, SpeaksOfOneInTheSingular)
{
    EXPECT_EQ(counted(0, "trial"), "0 trials");
    EXPECT_EQ(counted(1, "trial"), "1 trial");
    EXPECT_EQ(counted(20'000, "trial"), "20,000 trials");
}

TEST(DurationText, UsesFittingUnits)
{
    EXPECT_EQ(duration_text(0.44), "0.4 s");
    EXPECT_EQ(duration_text(59.4), "59 s");
    EXPECT_EQ(duration_text(200), "3 min 20 s");
    EXPECT_EQ(duration_text(7500), "2 h 5 min");
}

TEST(MemoryText, UsesFittingUnits)
{
    EXPECT_EQ(memory_text(12), "12 B");
    EXPECT_EQ(memory_text(120e6), "120 MB");
    EXPECT_EQ(memory_text(1.54e9), "1.5 GB");
}

TEST(Alignment, CountsCharactersNotBytes)
{
    EXPECT_EQ(right_aligned("±1", 4), "  ±1");
    EXPECT_EQ(left_aligned("±1", 4) + "|", "±1  |");
    EXPECT_EQ(left_aligned("longer", 4), "longer");
}

}  // namespace
}  // namespace chokepoint
