#include "chokepoint/support/calendar.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

TEST(Calendar, ReadsMonthsAndDays)
{
    EXPECT_EQ(parse_date("2010-07"), (Date{2010, 7, 1}));
    EXPECT_EQ(parse_date("2010-09-21"), (Date{2010, 9, 21}));
    EXPECT_EQ(parse_date("2012-02-29"), (Date{2012, 2, 29}));
    EXPECT_EQ(parse_date("2000-02-29"), (Date{2000, 2, 29}));
}

TEST(Calendar, RefusesWhatIsNoDay)
{
    for (const char* text :
         {"",           "2010",       "2010-7",     "2010-13",    "2010-00",   "2010-02-30",
          "2011-02-29", "1900-02-29", "2010-04-31", "2010-01-00", "0000-01",   "-010-01",
          "2010-+1",    "2010--1",    "2010/07",    "2010-07-",   "2010-07-1", "2010-07-011",
          "2010-07x01", " 2010-07",   "2010-07-01 "}) {
        EXPECT_FALSE(parse_date(text)) << text;
    }
}

TEST(Calendar, WritesWhatItReads)
{
    EXPECT_EQ(to_string(*parse_date("2010-07")), "2010-07-01");
    EXPECT_EQ(to_string(Date{1, 2, 3}), "0001-02-03");
}

TEST(Calendar, OrdersDates)
{
    EXPECT_LT((Date{2009, 12, 31}), (Date{2010, 1, 1}));
    EXPECT_LT((Date{2010, 1, 1}), (Date{2010, 1, 2}));
}

TEST(Calendar, KnowsTheLengthOfEveryMonthOfFourCenturies)
{
    int days = 0;
    for (int year = 1601; year <= 2000; ++year) {
        for (int month = 1; month <= 12; ++month) {
            days += days_in_month(year, month);
        }
    }
    EXPECT_EQ(days, 146'097);
    EXPECT_THROW(days_in_month(2010, 13), std::invalid_argument);
}

TEST(Calendar, CountsMonthsFromTheFirstOfTheStartsMonth)
{
    const Date start{2009, 1, 1};
    EXPECT_EQ(months_between(start, {2009, 1, 1}), 0);
    EXPECT_EQ(months_between(start, {2010, 7, 1}), 18);
    EXPECT_EQ(months_between(start, {2008, 12, 1}), -1);
    EXPECT_DOUBLE_EQ(months_between(start, {2010, 9, 21}), 20 + 20.0 / 30);
    EXPECT_DOUBLE_EQ(months_between(start, {2009, 2, 15}), 1 + 14.0 / 28);
    EXPECT_DOUBLE_EQ(months_between(start, {2008, 12, 31}), -1 + 30.0 / 31);
    EXPECT_EQ(months_between({2009, 1, 20}, {2009, 3, 1}), 2);
}

TEST(Calendar, LabelsMonthsAcrossYears)
{
    EXPECT_EQ(month_label({2009, 1, 1}, 0), "2009-01");
    EXPECT_EQ(month_label({2009, 11, 1}, 1), "2009-12");
    EXPECT_EQ(month_label({2009, 11, 1}, 2), "2010-01");
    EXPECT_EQ(month_label({2009, 1, 1}, 71), "2014-12");
    EXPECT_EQ(month_label({2009, 1, 1}, -1), "2008-12");
}

}  // namespace
}  // namespace chokepoint
