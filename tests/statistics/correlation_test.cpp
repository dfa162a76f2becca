#include "chokepoint/statistics/correlation.hpp"

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/moments.hpp"
#include "support/complaint.hpp"
#include "support/count_allocations.hpp"
#include "support/csv.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>

namespace chokepoint {
namespace {

using Eigen::MatrixXd;

MatrixXd matrix_of(double a, double b, double c)
{
    MatrixXd matrix(3, 3);
    matrix << 1, a, b, a, 1, c, b, c, 1;
    return matrix;
}

double smallest_eigenvalue(const MatrixXd& matrix)
{
    return Eigen::SelfAdjointEigenSolver<MatrixXd>(matrix).eigenvalues().minCoeff();
}

/// Independent draws of two numbers with correlation rho; of a t copula if nu is finite.
struct Sample {
    std::vector<double> x, y;
};

Sample sample_pairs(double rho, double nu, std::size_t count, std::uint64_t trial = 0)
{
    MatrixXd matrix(2, 2);
    matrix << 1, rho, rho, 1;
    const MatrixXd lower = *lower_cholesky(matrix);
    const Distribution unit = Normal{0, 1};
    Philox stream = make_stream(20240607, Purpose::parameter, trial, hash_name("normals"));
    Philox mixing = make_stream(20240607, Purpose::parameter, trial, hash_name("mixing"));
    Sample sample;
    for (std::size_t i = 0; i < count; ++i) {
        const double normals[] = {unit.draw(stream), unit.draw(stream)};
        double pair[2];
        if (std::isfinite(nu)) {
            correlated_t(lower, nu, normals, mixing, pair);
        } else {
            correlated_normals(lower, normals, pair);
        }
        sample.x.push_back(pair[0]);
        sample.y.push_back(pair[1]);
    }
    return sample;
}

TEST(LowerCholesky, MultipliesToTheMatrix)
{
    const MatrixXd matrix = matrix_of(0.5, -0.3, 0.2);
    const auto lower = lower_cholesky(matrix);
    ASSERT_TRUE(lower);
    EXPECT_LT((*lower * lower->transpose() - matrix).cwiseAbs().maxCoeff(), 1e-15);
    EXPECT_EQ((*lower)(0, 1), 0);
    EXPECT_EQ((*lower)(0, 2), 0);
    EXPECT_EQ((*lower)(1, 2), 0);
}

TEST(LowerCholesky, OfTheFirstRowsDoesNotDependOnTheRest)
{
    const MatrixXd matrix = matrix_of(0.5, -0.3, 0.2);
    const MatrixXd whole = *lower_cholesky(matrix);
    const MatrixXd part = *lower_cholesky(matrix.topLeftCorner(2, 2));
    EXPECT_EQ(part, whole.topLeftCorner(2, 2));
}

TEST(LowerCholesky, SaysWhatIsNotPositiveDefinite)
{
    EXPECT_FALSE(lower_cholesky(matrix_of(0.9, -0.9, 0.9)));
    EXPECT_FALSE(lower_cholesky(matrix_of(1, 0.5, 0.5)));  // singular
    EXPECT_FALSE(lower_cholesky(matrix_of(std::numeric_limits<double>::quiet_NaN(), 0, 0)));
    EXPECT_TRUE(lower_cholesky(MatrixXd(0, 0)));
    EXPECT_EQ(complaint([] { lower_cholesky(MatrixXd::Zero(2, 3)); }),
              "lower_cholesky: the matrix is not square");
}

TEST(NearestCorrelation, IsThatOfHigham)
{
    // [higham2002], section 4, to the digits printed there; rank-deficient.
    MatrixXd matrix(3, 3);
    matrix << 1, 1, 0, 1, 1, 1, 0, 1, 1;
    const MatrixXd nearest = nearest_correlation(matrix);
    EXPECT_NEAR(nearest(0, 1), 0.7607, 5e-5);
    EXPECT_NEAR(nearest(0, 2), 0.1573, 5e-5);
    EXPECT_NEAR(nearest(1, 2), 0.7607, 5e-5);
    EXPECT_TRUE(lower_cholesky(nearest));
}

TEST(NearestCorrelation, IsACorrelationMatrixThatCanBeFactored)
{
    for (const double least : {1e-8, 1e-3, 0.1}) {
        for (const double a : {-0.99, -0.4, 0.7, 1.0}) {
            for (const double b : {-0.95, 0.1, 0.9}) {
                const MatrixXd nearest = nearest_correlation(matrix_of(a, b, 0.97), least);
                EXPECT_EQ(nearest, nearest.transpose());
                EXPECT_TRUE((nearest.diagonal().array() == 1).all());
                EXPECT_LE(nearest.cwiseAbs().maxCoeff(), 1);
                EXPECT_GE(smallest_eigenvalue(nearest), least - 1e-14);
                EXPECT_TRUE(lower_cholesky(nearest));
            }
        }
    }
}

TEST(NearestCorrelation, IsNearerThanOtherCorrelationMatrices)
{
    const MatrixXd matrix = matrix_of(0.9, -0.9, 0.9);
    const double distance = (nearest_correlation(matrix) - matrix).norm();
    for (double a = -0.95; a < 1; a += 0.05) {
        for (double b = -0.95; b < 1; b += 0.05) {
            for (double c = -0.95; c < 1; c += 0.05) {
                const MatrixXd other = matrix_of(a, b, c);
                if (lower_cholesky(other)) {
                    EXPECT_GE((other - matrix).norm(), distance - 1e-6);
                }
            }
        }
    }
}

TEST(NearestCorrelation, LeavesACorrelationMatrixAlone)
{
    const MatrixXd matrix = matrix_of(0.5, -0.3, 0.2);
    EXPECT_EQ(nearest_correlation(matrix), matrix);
    EXPECT_EQ(complaint([] { nearest_correlation(MatrixXd::Zero(2, 3)); }),
              "nearest_correlation: the matrix must be square, symmetric and finite");
}

TEST(TCopula, HasTheTauAndTailDependenceOfTheReference)
{
    for (const CsvRow& row : read_test_table("t_copula_reference.csv")) {
        const double rho = row.number("rho");
        EXPECT_NEAR(kendall_tau_of_t(rho), row.number("kendall_tau"), 1e-8);
        EXPECT_NEAR(tail_dependence_of_t(row.number("nu"), rho), row.number("tail_dependence"),
                    1e-8);
    }
    EXPECT_EQ(tail_dependence_of_t(4, 1), 1);
    EXPECT_EQ(tail_dependence_of_t(4, -1), 0);
    EXPECT_THROW(tail_dependence_of_t(0, 0.5), std::invalid_argument);
    EXPECT_THROW(tail_dependence_of_t(4, 1.5), std::invalid_argument);
}

TEST(KendallTau, EqualsTheCountOfAllPairs)
{
    Philox stream = make_stream(1, Purpose::parameter, 0, hash_name("tau"));
    for (const double values : {3.0, 10.0, 1e6}) {  // many ties, some, none
        for (const std::size_t n : {2u, 3u, 7u, 64u, 101u}) {
            std::vector<double> x(n);
            std::vector<double> y(n);
            for (std::size_t i = 0; i < n; ++i) {
                x[i] = std::floor(values * uniform01(stream));
                y[i] = std::floor(values * uniform01(stream)) + x[i];
            }
            double score = 0;
            double pairs_x = 0;
            double pairs_y = 0;
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t j = 0; j < i; ++j) {
                    const int sign_x = (x[i] > x[j]) - (x[i] < x[j]);
                    const int sign_y = (y[i] > y[j]) - (y[i] < y[j]);
                    score += sign_x * sign_y;
                    pairs_x += sign_x * sign_x;
                    pairs_y += sign_y * sign_y;
                }
            }
            const double tau = kendall_tau(x, y);
            if (pairs_x * pairs_y == 0) {
                EXPECT_TRUE(std::isnan(tau));
            } else {
                EXPECT_NEAR(tau, score / std::sqrt(pairs_x * pairs_y), 1e-14);
            }
        }
    }
}

TEST(KendallTau, OfOneValueDoesNotExist)
{
    const std::vector<double> one{1, 1, 1};
    const std::vector<double> three{1, 2, 3};
    const std::vector<double> nan{1, std::nan(""), 3};
    EXPECT_TRUE(std::isnan(kendall_tau(one, three)));
    EXPECT_TRUE(std::isnan(kendall_tau({}, {})));
    EXPECT_EQ(kendall_tau(three, three), 1);
    EXPECT_THROW(kendall_tau(nan, three), std::invalid_argument);
    EXPECT_THROW(kendall_tau(std::span(three).first(2), three), std::invalid_argument);
}

TEST(CorrelatedNumbers, HaveTheTauOfTheirLaw)
{
    // One tau for each of 100 independent samples: their spread gives the error.
    for (const double nu : {2.0, 4.0, std::numeric_limits<double>::infinity()}) {
        for (const double rho : {-0.5, 0.5, 0.9}) {
            Moments taus;
            for (std::uint64_t trial = 0; trial < 100; ++trial) {
                const Sample sample = sample_pairs(rho, nu, 500, trial);
                taus.add(kendall_tau(sample.x, sample.y));
            }
            ASSERT_LT(4 * taus.standard_error(), 0.016);
            EXPECT_NEAR(taus.mean, kendall_tau_of_t(rho), 4 * taus.standard_error());
        }
    }
}

/// P(X > q and Y > q), q being the 1 - p quantile of Student's law: the tail integral of the
/// mixture, by the midpoint rule over the mixing variable's quantiles and a normal coordinate.
double joint_tail(double rho, double nu, double p)
{
    constexpr int steps = 2000;
    const double q = Distribution(StudentT{0, 1, nu}).quantile(1 - p);
    const Distribution mixing = Gamma{nu / 2, 2 / nu};
    const Distribution unit = Normal{0, 1};
    double sum = 0;
    for (int i = 0; i < steps; ++i) {
        const double bound = q * std::sqrt(mixing.quantile((i + 0.5) / steps));
        const double beyond = 1 - unit.cdf(bound);
        constexpr int inner = 50;
        for (int j = 0; j < inner; ++j) {
            const double z = -unit.quantile(beyond * (j + 0.5) / inner);
            const double rest = (bound - rho * z) / std::sqrt(1 - rho * rho);
            sum += beyond / inner * unit.cdf(-rest) / steps;
        }
    }
    return sum;
}

TEST(CorrelatedNumbers, ExceedHighQuantilesTogetherAsOftenAsTheirLaw)
{
    constexpr std::size_t count = 500'000;
    constexpr double p = 0.01;
    for (const double nu : {2.0, 4.0}) {
        const double q = Distribution(StudentT{0, 1, nu}).quantile(1 - p);
        const Sample sample = sample_pairs(0.5, nu, count);
        double both = 0;
        double first = 0;
        for (std::size_t i = 0; i < count; ++i) {
            first += sample.x[i] > q ? 1.0 / count : 0.0;
            both += sample.x[i] > q && sample.y[i] > q ? 1.0 / count : 0.0;
        }
        const double expected = joint_tail(0.5, nu, p);
        const double error = std::sqrt(expected * (1 - expected) / count);
        ASSERT_LT(4 * error, 0.15 * expected);
        EXPECT_NEAR(both, expected, 4 * error);
        EXPECT_NEAR(first, p, 4 * std::sqrt(p * (1 - p) / count));
        // The frequency falls towards the limit from above; normal numbers would have 0.13.
        EXPECT_GT(expected / p, tail_dependence_of_t(nu, 0.5));
        EXPECT_LT(expected / p, tail_dependence_of_t(nu, 0.5) + 0.1);
    }
}

TEST(CorrelatedNumbers, AreTheProductWithTheFactor)
{
    const MatrixXd lower = *lower_cholesky(matrix_of(0.5, -0.3, 0.2));
    const std::vector<double> normals{0.3, -1.2, 2.5};
    std::vector<double> correlated(3);
    correlated_normals(lower, normals, correlated);
    for (int row = 0; row < 3; ++row) {
        const double product =
            (lower * Eigen::Map<const Eigen::VectorXd>(normals.data(), 3))(row);
        EXPECT_NEAR(correlated[static_cast<std::size_t>(row)], product, 1e-15);
    }
    EXPECT_THROW(correlated_normals(lower, std::span(normals).first(2), correlated),
                 std::invalid_argument);
    Philox mixing = make_stream(1, Purpose::parameter, 0, hash_name("mixing"));
    const std::size_t allocations = allocation_count;
    correlated_t(lower, 4, normals, mixing, correlated);
    EXPECT_EQ(allocation_count, allocations);
    EXPECT_THROW(correlated_t(lower, -1, normals, mixing, correlated), std::invalid_argument);
}

}  // namespace
}  // namespace chokepoint
