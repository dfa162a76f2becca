#include "chokepoint/statistics/moments.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

Moments moments_of(const std::vector<double>& numbers)
{
    Moments moments;
    for (const double x : numbers) {
        moments.add(x);
    }
    return moments;
}

TEST(Moments, MatchAHandCount)
{
    const Moments moments = moments_of({2, 4, 4, 4, 5, 5, 7, 9});
    EXPECT_EQ(moments.count, 8u);
    EXPECT_DOUBLE_EQ(moments.mean, 5);
    EXPECT_DOUBLE_EQ(moments.m2, 32);
    EXPECT_DOUBLE_EQ(moments.variance(), 32.0 / 7);
    EXPECT_DOUBLE_EQ(moments.sd(), std::sqrt(32.0 / 7));
    EXPECT_DOUBLE_EQ(moments.standard_error(), std::sqrt(32.0 / 7 / 8));
}

TEST(Moments, KeepTheirDigitsFarFromZero)
{
    const Moments moments = moments_of({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
    EXPECT_DOUBLE_EQ(moments.mean, 1e9 + 10);
    EXPECT_DOUBLE_EQ(moments.variance(), 30);
}

TEST(Moments, OfPartsMergeToThoseOfTheWhole)
{
    std::vector<double> numbers;
    for (int i = 0; i < 1000; ++i) {
        numbers.push_back(1e6 + std::sin(i) * i);
    }
    for (const std::ptrdiff_t cut : {0, 1, 300, 999, 1000}) {
        Moments merged = moments_of({numbers.begin(), numbers.begin() + cut});
        merged.merge(moments_of({numbers.begin() + cut, numbers.end()}));
        const Moments whole = moments_of(numbers);
        EXPECT_EQ(merged.count, whole.count);
        EXPECT_NEAR(merged.mean / whole.mean, 1, 1e-14);
        EXPECT_NEAR(merged.m2 / whole.m2, 1, 1e-12);
    }
}

TEST(Moments, OfAConstantHaveNoSpread)
{
    const Moments moments = moments_of(std::vector<double>(1000, 0.1));
    EXPECT_EQ(moments.mean, 0.1);
    EXPECT_EQ(moments.variance(), 0);
}

TEST(Moments, HaveNoSpreadToShowForLessThanTwoNumbers)
{
    EXPECT_TRUE(std::isnan(Moments().variance()));
    EXPECT_TRUE(std::isnan(moments_of({3}).variance()));
    EXPECT_TRUE(std::isnan(moments_of({3}).standard_error()));
    EXPECT_EQ(moments_of({3, 5}).variance(), 2);
}

}  // namespace
}  // namespace chokepoint
