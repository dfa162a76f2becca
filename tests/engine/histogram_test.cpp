#include "chokepoint/engine/histogram.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

Column column_in(const char* unit)
{
    Column column;
    column.metric = "shortfall_share";
    column.unit = unit;
    return column;
}

double sum_of_shares(const Histogram& histogram)
{
    double sum = 0;
    for (const Histogram::Bin& bin : histogram.bins) {
        sum += bin.share.value;
    }
    return sum;
}

TEST(Histogram, CountsEachTrialInTheBinThatHoldsIt)
{
    const Column column = column_in("share");
    const std::vector<double> values = {0, 0.001, 0.0149, 0.015, 0.39};
    const Histogram histogram =
        histogram_of({.column = &column, .values = values, .weights = {}});
    ASSERT_EQ(histogram.bins.size(), 40U);  // of 0.01, from 0 to 0.4
    EXPECT_DOUBLE_EQ(histogram.bins[0].share.value, 0.4);
    EXPECT_DOUBLE_EQ(histogram.bins[1].share.value, 0.4);
    EXPECT_DOUBLE_EQ(histogram.bins[39].share.value, 0.2);
    EXPECT_DOUBLE_EQ(histogram.bins[1].from, 0.01);
    EXPECT_NEAR(sum_of_shares(histogram), 1, 1e-15);
}

TEST(Histogram, OfRatiosHasEightBinsToAnOctave)
{
    const Column column = column_in("ratio");
    const std::vector<double> values = {1, 1.05, 2, 3.9};
    const Histogram histogram =
        histogram_of({.column = &column, .values = values, .weights = {}});
    ASSERT_EQ(histogram.bins.size(), 16U);
    EXPECT_DOUBLE_EQ(histogram.bins[0].from, 1);
    EXPECT_DOUBLE_EQ(histogram.bins[8].from, 2);
    EXPECT_DOUBLE_EQ(histogram.bins[0].share.value, 0.5);
    EXPECT_DOUBLE_EQ(histogram.bins[8].share.value, 0.25);
}

TEST(Histogram, LeavesInfiniteTrialsOutOfBinsButNotOutOfShares)
{
    const Column column = column_in("months");
    const std::vector<double> values = {1, 2, std::numeric_limits<double>::infinity(), 2};
    const Histogram histogram =
        histogram_of({.column = &column, .values = values, .weights = {}});
    EXPECT_NEAR(sum_of_shares(histogram), 0.75, 1e-15);
    EXPECT_DOUBLE_EQ(histogram.n, 4);
}

TEST(Histogram, WeighsTrials)
{
    const Column column = column_in("share");
    const std::vector<double> values = {0.1, 0.9};
    const std::vector<double> weights = {3, 1};
    const Histogram histogram =
        histogram_of({.column = &column, .values = values, .weights = weights});
    EXPECT_DOUBLE_EQ(histogram.bins.front().share.value, 0.75);
    EXPECT_DOUBLE_EQ(histogram.n, 1.6);
}

TEST(Histogram, OfASketchCountsAllOfItsTrials)
{
    const Column column = column_in("share");
    ColumnSketch sketch(2, {});
    const std::vector<double> values = {0.1, 0.11, 0.5, 0.9};
    sketch.add(values, 0);
    const Histogram histogram = histogram_of({.column = &column, .sketch = &sketch});
    EXPECT_NEAR(sum_of_shares(histogram), 1, 1e-15);
    EXPECT_DOUBLE_EQ(histogram.n, 4);
    EXPECT_DOUBLE_EQ(histogram.bins.back().share.value, 0.25);
}

TEST(Histogram, OfOneValueHasOneBin)
{
    const Column column = column_in("share");
    const std::vector<double> values(5, 0.0);
    const Histogram histogram =
        histogram_of({.column = &column, .values = values, .weights = {}});
    ASSERT_EQ(histogram.bins.size(), 1U);
    EXPECT_DOUBLE_EQ(histogram.bins[0].share.value, 1);
    EXPECT_LT(histogram.bins[0].share.lower, 1);
}

}  // namespace
}  // namespace chokepoint
