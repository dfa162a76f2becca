#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "scenario/complaints.hpp"

namespace chokepoint {
namespace {

/// The delay of a project, written as given; its only bound is 0.
Distribution read_law(const std::string& written)
{
    const std::string text =
        replaced(quiet_scenario(), "    utilisation: 0.8\n",
                 "    opens: 2009-06\n    delay_months: " + written + "\n");
    return read_scenario_text(text).facilities[0].delay_months.distribution;
}

std::string read_back(const std::string& written)
{
    return to_string(read_law(written));
}

TEST(Distributions, AreReadFromEveryForm)
{
    EXPECT_EQ(read_back("3.5"), to_string(Distribution(Fixed{3.5})));
    EXPECT_EQ(read_back("{fixed: 3}"), to_string(Distribution(Fixed{3})));
    EXPECT_EQ(read_back("{uniform: [1, 2]}"), to_string(Distribution(Uniform{1, 2})));
    EXPECT_EQ(read_back("{triangular: [1, 2, 4]}"),
              to_string(Distribution(Triangular{1, 2, 4})));
    EXPECT_EQ(read_back("{lognormal: {sigma: 0.5, median: 2}}"),
              to_string(Distribution(Lognormal{2, 0.5})));
    EXPECT_EQ(read_back("{lognormal: {p5: 1, p95: 9}}"),
              to_string(Distribution(lognormal_from_p5_p95(1, 9))));
    EXPECT_EQ(read_back("{beta: {a: 2, b: 3}}"), to_string(Distribution(Beta{2, 3})));
    EXPECT_EQ(read_back("{beta: {mean: 0.4, sd: 0.2}}"),
              to_string(Distribution(beta_from_mean_sd(0.4, 0.2))));
    EXPECT_EQ(read_back("{exponential: {mean: 4}}"), to_string(Distribution(Exponential{4})));
    EXPECT_EQ(read_back("{weibull: {shape: 2, scale: 4}}"),
              to_string(Distribution(Weibull{2, 4})));
    EXPECT_EQ(read_back("{poisson: {mean: 4}}"), to_string(Distribution(Poisson{4})));
    EXPECT_EQ(read_back("{bernoulli: 0.25}"), to_string(Distribution(Bernoulli{0.25})));
    EXPECT_EQ(read_back("{discrete: {values: [1, 2], weights: [3, 1]}}"),
              to_string(Distribution(Discrete{{1, 2}, {3, 1}})));
    EXPECT_EQ(read_back("{gamma: {shape: 2, scale: 15}}"),
              to_string(Distribution(Gamma{2, 15})));
    EXPECT_EQ(read_back("{gamma: {mean: 30, sd: 20}}"),
              to_string(Distribution(gamma_from_mean_sd(30, 20))));
    EXPECT_EQ(read_back("{pert: [1, 2, 6]}"), to_string(Distribution(Pert{1, 2, 6})));
    EXPECT_EQ(read_back("{empirical: [4, 1, 9, 2]}"),
              to_string(Distribution(Empirical{{4, 1, 9, 2}})));
    EXPECT_EQ(read_back("{student_t: {location: 5, scale: 1, nu: 4}, truncate: [0, 9]}"),
              to_string(Distribution(StudentT{5, 1, 4}).truncated(0, 9)));
    EXPECT_EQ(
        read_back("{normal: {mean: 4, sd: 1}, truncate: [0, null]}"),
        to_string(
            Distribution(Normal{4, 1}).truncated(0, std::numeric_limits<double>::infinity())));
}

TEST(Distributions, MayCarryNotes)
{
    EXPECT_EQ(read_back("{uniform: [1, 2], source: a report, assumption: true, note: rough}"),
              to_string(Distribution(Uniform{1, 2})));
}

TEST(Distributions, ReadPlainNumbersExactly)
{
    EXPECT_EQ(read_law("0.1").lower(), 0.1);
    EXPECT_EQ(read_law("1e5").lower(), 1e5);
    EXPECT_EQ(read_law("1.5E-3").lower(), 1.5e-3);
    EXPECT_EQ(read_law(".5").lower(), 0.5);
    EXPECT_EQ(read_law("7.").lower(), 7);
    EXPECT_EQ(read_law("-0").lower(), 0);
    EXPECT_FALSE(std::signbit(read_law("-0").lower()));
    EXPECT_EQ(read_law("123456789012345678").lower(), 123456789012345678.0);
}

TEST(Distributions, TruncationStaysWithinItsEnds)
{
    const Distribution law = read_law("{normal: {mean: 4, sd: 1}, truncate: [3, 6]}");
    EXPECT_EQ(law.lower(), 3);
    EXPECT_EQ(law.upper(), 6);
}

}  // namespace
}  // namespace chokepoint
