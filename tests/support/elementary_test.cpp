#include "chokepoint/support/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "support/numbers.hpp"

namespace chokepoint {
namespace {

constexpr double smallest_normal = std::numeric_limits<double>::min();
constexpr double smallest = std::numeric_limits<double>::denorm_min();
constexpr double largest = std::numeric_limits<double>::max();

double relative_error_of_exp(double x)
{
    const long double exact = std::exp(static_cast<long double>(x));
    return static_cast<double>(std::abs(static_cast<long double>(portable_exp(x)) - exact)
                               / exact);
}

double relative_error_of_log(double x)
{
    const long double exact = std::log(static_cast<long double>(x));
    return static_cast<double>(std::abs(static_cast<long double>(portable_log(x)) - exact)
                               / std::abs(exact));
}

/// A number whose logarithm is uniform over all normal doubles.
double any_positive(std::mt19937_64& engine)
{
    const double fraction = std::ldexp(static_cast<double>(engine() >> 11), -53);
    const int exponent = static_cast<int>(engine() % 2045) - 1022;
    return std::ldexp(1 + fraction, exponent);
}

TEST(PortableExp, IsWithinFourTimesTenToTheMinusSixteen)
{
    std::mt19937_64 engine(1);
    double worst = 0;
    for (int i = 0; i < 300'000; ++i) {
        const double u = std::ldexp(static_cast<double>(engine() >> 11), -53) * 2 - 1;
        worst = std::max({worst, relative_error_of_exp(700 * u), relative_error_of_exp(u),
                          relative_error_of_exp(0.01 * u)});
    }
    EXPECT_LT(worst, 4e-16);
    EXPECT_GT(worst, 1e-17);  // a zero would mean that nothing was compared
}

TEST(PortableExp, IsExactlyOneAtZero)
{
    EXPECT_EQ(portable_exp(0.0), 1.0);
    EXPECT_EQ(portable_exp(-0.0), 1.0);
    EXPECT_EQ(portable_exp(smallest), 1.0);
    EXPECT_EQ(portable_exp(1e-17), 1.0);
}

TEST(PortableExp, OverflowsToInfinityAndUnderflowsToZero)
{
    EXPECT_EQ(portable_exp(infinity), infinity);
    EXPECT_EQ(portable_exp(1e300), infinity);
    EXPECT_EQ(portable_exp(709.79), infinity);
    EXPECT_LT(relative_error_of_exp(709.78), 4e-16);
    EXPECT_EQ(portable_exp(-infinity), 0.0);
    EXPECT_EQ(portable_exp(-1e300), 0.0);
    EXPECT_EQ(portable_exp(-745.14), 0.0);
    EXPECT_TRUE(std::isnan(portable_exp(nan)));
}

TEST(PortableExp, GoesToZeroThroughTheSubnormalNumbers)
{
    for (double x = -745.0; x < -700.0; x += 0.37) {
        const long double exact = std::exp(static_cast<long double>(x));
        const auto error =
            static_cast<double>(std::abs(static_cast<long double>(portable_exp(x)) - exact));
        EXPECT_LE(error, static_cast<double>(exact) * 4e-16 + 0.51 * smallest) << x;
    }
    EXPECT_EQ(portable_exp(-745.0), smallest);
}

TEST(PortableExp, HasTheSameBitsInItsBoundedForm)
{
    for (double x = -700; x <= 700; x += 0.0137) {
        EXPECT_EQ(portable_exp_within_700(x), portable_exp(x)) << x;
    }
}

TEST(PortableExp, NeverFalls)
{
    double last = 0;
    for (double x = -0.36; x < 0.36; x += 1e-6) {
        EXPECT_GE(portable_exp(x), last) << x;
        last = portable_exp(x);
    }
}

TEST(PortableLog, IsWithinFourTimesTenToTheMinusSixteen)
{
    std::mt19937_64 engine(2);
    double worst = 0;
    for (int i = 0; i < 300'000; ++i) {
        const double u = std::ldexp(static_cast<double>((engine() >> 11) + 1), -53);
        worst = std::max({worst, relative_error_of_log(any_positive(engine)),
                          relative_error_of_log(0.5 + 1.5 * u), relative_error_of_log(u),
                          relative_error_of_log(1 + 1e-3 * u),
                          relative_error_of_log(1 - 1e-3 * u)});
    }
    EXPECT_LT(worst, 4e-16);
    EXPECT_GT(worst, 1e-17);
}

TEST(PortableLog, IsExactlyZeroAtOne)
{
    EXPECT_EQ(portable_log(1.0), 0.0);
    EXPECT_FALSE(std::signbit(portable_log(1.0)));
    EXPECT_LT(relative_error_of_log(std::nextafter(1.0, 2.0)), 4e-16);
    EXPECT_LT(relative_error_of_log(std::nextafter(1.0, 0.0)), 4e-16);
}

TEST(PortableLog, HasItsLimitsAtTheEdges)
{
    EXPECT_EQ(portable_log(0.0), -infinity);
    EXPECT_EQ(portable_log(-0.0), -infinity);
    EXPECT_EQ(portable_log(infinity), infinity);
    EXPECT_TRUE(std::isnan(portable_log(-1.0)));
    EXPECT_TRUE(std::isnan(portable_log(-smallest)));
    EXPECT_TRUE(std::isnan(portable_log(-infinity)));
    EXPECT_TRUE(std::isnan(portable_log(nan)));
}

TEST(PortableLog, ReadsTheSmallestAndLargestNumbers)
{
    for (const double x : {smallest, 3 * smallest, 1e-310, std::nextafter(smallest_normal, 0.0),
                           smallest_normal, std::nextafter(smallest_normal, 1.0), largest}) {
        EXPECT_LT(relative_error_of_log(x), 4e-16) << x;
    }
}

TEST(PortableLog, UndoesPortableExp)
{
    for (double x = -700; x < 700; x += 0.731) {
        EXPECT_NEAR(portable_log(portable_exp(x)), x, 4e-16 * (1 + std::abs(x))) << x;
    }
}

TEST(Elementary, KeepsItsBits)
{
    // Bits recorded with g++ 12 on x86-64: no compiler, flag or processor may change them.
    EXPECT_EQ(portable_exp(1.0), 0x1.5bf0a8b14576ap+1);
    EXPECT_EQ(portable_log(10.0), 0x1.26bb1bbb55516p+1);
    double sum = 0;
    for (int i = 1; i <= 1000; ++i) {
        sum += portable_exp(-0.013 * i) + portable_log(0.37 * i);
    }
    EXPECT_EQ(sum, 0x1.3824cc5c3d4bep+12);
}

}  // namespace
}  // namespace chokepoint
