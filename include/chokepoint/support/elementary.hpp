#pragma once

#include <bit>
#include <cstdint>
#include <limits>

// Exponential and logarithm in plain multiply and add, so that results are the same bits on
// every processor and compiler: glibc picks a fused variant by processor. Without branches, so
// that loops over them become vector code.
namespace chokepoint {

/// ln 2 in two parts. The upper one has 32 bits, so that a whole number up to 2^21 times it is
/// exact.
inline constexpr double ln2_upper = 0x1.62e42feep-1;
inline constexpr double ln2_lower = 0x1.a39ef35793c76p-33;
inline constexpr double log2_e = 0x1.71547652b82fep+0;

/// e^r for |r| <= 0.3466 (half of ln 2); relative error below 2e-16.
[[gnu::always_inline]] inline double exp_near_zero(double r)
{
    // 1 + r + r^2 / 2 + r^3 q(r), with q interpolated at Chebyshev nodes: within 3.4e-17.
    const double r2 = r * r;
    const double r4 = r2 * r2;
    const double q01 = 0.16666666666666666 + r * 0.04166666666665136;
    const double q23 = 0.008333333333332155 + r * 0.0013888888905881542;
    const double q45 = 0.0001984126985433861 + r * 2.4801536388690766e-05;
    const double q67 = 2.755728006701698e-06 + r * 2.761380686153829e-07;
    const double q = (q01 + r2 * q23) + r4 * ((q45 + r2 * q67) + r4 * 2.5095554677111112e-08);
    return 1.0 + (r + r2 * (0.5 + r * q));
}

/// Adding it to a whole number n with |n| < 2^50 puts n + 1023, the exponent field of 2^n, into
/// the low bits; adding it to any other number of that size also rounds it to a whole one.
inline constexpr double to_exponent = 0x1.8p52 + 1023;

/// 2^n, -1022 <= n <= 1023, for a double that holds n + `to_exponent`.
[[gnu::always_inline]] inline double power_of_two(double shifted)
{
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(shifted) << 52);
}

/// e^x for |x| <= 700, meaningless beyond: the same bits as `portable_exp` in two thirds of the
/// time.
[[gnu::always_inline]] inline double portable_exp_within_700(double x)
{
    // e^x = 2^n e^r with n the nearest whole number to x / ln 2.
    const double shifted = x * log2_e + to_exponent;
    const double n = shifted - to_exponent;
    const double r = (x - n * ln2_upper) - n * ln2_lower;
    return exp_near_zero(r) * power_of_two(shifted);
}

/// e^x with x cut off at 700 either way, which logarithms of prices do not come near.
[[gnu::always_inline]] inline double bounded_exp(double x)
{
    const double at_most = x > 700.0 ? 700.0 : x;
    return portable_exp_within_700(at_most < -700.0 ? -700.0 : at_most);
}

/// e^x; relative error below 4e-16 wherever the result is a normal number, and exactly 1 for 0.
/// 0 below -745.14, infinity above 709.79, NaN for NaN.
[[gnu::always_inline]] inline double portable_exp(double x)
{
    // Outside these bounds the result is 0 or infinity anyway. NaN fails both compares and
    // stays.
    x = x < -746.0 ? -746.0 : x;
    x = x > 710.0 ? 710.0 : x;

    const double n = (x * log2_e + to_exponent) - to_exponent;
    const double r = (x - n * ln2_upper) - n * ln2_lower;

    // 2^n in two factors, since 2^n itself may be too large or too small for a double.
    const double half = n * 0.5 + to_exponent;
    const double other_half = (n - (half - to_exponent)) + to_exponent;
    return exp_near_zero(r) * power_of_two(half) * power_of_two(other_half);
}

/// ln x for x > 0; relative error below 4e-16, and exactly 0 for 1. -infinity for 0, infinity
/// for infinity, NaN for negative x and NaN.
[[gnu::always_inline]] inline double portable_log(double x)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const bool subnormal = x < std::numeric_limits<double>::min();
    const double normal = subnormal ? x * 0x1p54 : x;

    // x = 2^n m with sqrt(1/2) <= m < sqrt(2): shift the bits so that the exponent field turns
    // over at sqrt(1/2), then read it through the low bits of 2^52 + field.
    constexpr std::uint64_t one = 0x3ff0'0000'0000'0000;
    constexpr std::uint64_t root_half = 0x3fe6'a09e'667f'3bcd;
    const auto bits = std::bit_cast<std::uint64_t>(normal);
    const std::uint64_t field = (bits + (one - root_half)) >> 52;
    const double m = std::bit_cast<double>(bits - (field << 52) + one);
    const double n = std::bit_cast<double>(field | 0x4330'0000'0000'0000)
                     - (0x1p52 + (subnormal ? 1023.0 + 54.0 : 1023.0));

    // With f = m - 1 and s = f / (2 + f): ln m = 2 atanh(s) = 2 s + s z R(z), z = s^2. Written
    // as f minus a small correction, since f is exact and s is not. R is interpolated.
    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    const double z2 = z * z;
    const double r01 = 0.666666666666667 + z * 0.399999999998992;
    const double r23 = 0.2857142862611452 + z * 0.22222211112104948;
    const double r45 = 0.1818289077802613 + z * 0.15331666676597175;
    const double series = z * (r01 + z2 * (r23 + z2 * (r45 + z2 * 0.146171283998073)));
    const double half_f2 = 0.5 * f * f;
    const double correction = half_f2 - (s * (half_f2 + series) + n * ln2_lower);
    const double log_x = n * ln2_upper - (correction - f);

    const double at_the_edge = x == 0.0 ? -infinity : std::numeric_limits<double>::quiet_NaN();
    const double positive = x < infinity ? log_x : infinity;
    return x > 0.0 ? positive : at_the_edge;
}

}  // namespace chokepoint
