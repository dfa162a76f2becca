#include "chokepoint/statistics/sensitivity.hpp"

#include "support/csv.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

TEST(MorrisFigures, TellSizeFromSign)
{
    const double effects[] = {1, -1, 3, -3};
    const MorrisFigures figures = morris_figures(effects);
    EXPECT_DOUBLE_EQ(figures.mu_star.value, 2);
    EXPECT_DOUBLE_EQ(figures.mu, 0);
    EXPECT_NEAR(figures.sigma, std::sqrt(20.0 / 3), 1e-12);
    EXPECT_LT(figures.mu_star.lower, 2);
    EXPECT_GT(figures.mu_star.lower, 0);
    EXPECT_EQ(morris_figures(std::vector{0.1, 30.0}).mu_star.lower, 0);  // as sizes are
    EXPECT_TRUE(std::isnan(morris_figures(std::vector{1.0}).mu_star.lower));
}

TEST(RankCorrelation, IsThatOfRanks)
{
    std::vector<double> x, y, z;
    for (int i = 0; i < 50; ++i) {
        x.push_back(i);
        y.push_back(std::exp(0.1 * i));
        z.push_back(-i * i);
    }
    EXPECT_DOUBLE_EQ(rank_correlation(x, y).value, 1);
    EXPECT_DOUBLE_EQ(rank_correlation(x, z).value, -1);
    EXPECT_TRUE(std::isnan(rank_correlation(x, std::vector<double>(50, 1)).value));
    EXPECT_THROW(rank_correlation(x, std::vector<double>(49)), std::invalid_argument);
    // Ties get their mean rank; the value is that of scipy.stats.spearmanr.
    std::vector<double> steps = {1, 1, 2, 2, 3, 3, 4, 4, 5, 5};
    std::vector<double> order = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    EXPECT_NEAR(rank_correlation(steps, order).value, 0.9847319278346618, 1e-12);
}

TEST(SobolIndices, AreNoneOfTooFewOrEqualOutputs)
{
    const std::vector<double> few(10, 1), same(40, 1);
    EXPECT_TRUE(std::isnan(sobol_indices(few, few, few, 1).first.value));
    EXPECT_TRUE(std::isnan(sobol_indices(same, same, same, 1).total.value));
    EXPECT_THROW(sobol_indices(same, few, same, 1), std::invalid_argument);
}

}  // namespace
}  // namespace chokepoint
