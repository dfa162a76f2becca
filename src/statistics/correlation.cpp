#include "chokepoint/statistics/correlation.hpp"

#include "chokepoint/random/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <vector>

#include <Eigen/Eigenvalues>
#include <boost/math/distributions/students_t.hpp>

namespace chokepoint {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

double pairs_of(std::uint64_t count)
{
    const auto n = static_cast<double>(count);
    return 0.5 * n * (n - 1);
}

/// Pairs of neighbours that are alike, in a list where alike ones stand together.
template <class Alike>
double tied_pairs(std::size_t count, const Alike& alike)
{
    double pairs = 0;
    std::uint64_t run = 1;
    for (std::size_t i = 1; i <= count; ++i) {
        if (i < count && alike(i - 1, i)) {
            ++run;
        } else {
            pairs += pairs_of(run);
            run = 1;
        }
    }
    return pairs;
}

/// Sorts upwards and counts the pairs that stood in the wrong order.
std::uint64_t sort_and_count_inversions(std::vector<double>& numbers)
{
    std::uint64_t inversions = 0;
    std::vector<double> merged(numbers.size());
    for (std::size_t width = 1; width < numbers.size(); width *= 2) {
        for (std::size_t start = 0; start < numbers.size(); start += 2 * width) {
            const std::size_t middle = std::min(start + width, numbers.size());
            const std::size_t end = std::min(start + 2 * width, numbers.size());
            std::size_t left = start;
            std::size_t right = middle;
            for (std::size_t i = start; i < end; ++i) {
                if (left < middle && (right == end || numbers[left] <= numbers[right])) {
                    merged[i] = numbers[left++];
                } else {
                    merged[i] = numbers[right++];
                    inversions += middle - left;
                }
            }
        }
        numbers.swap(merged);
    }
    return inversions;
}

void check_symmetric(const MatrixXd& matrix, double least_eigenvalue)
{
    if (matrix.rows() != matrix.cols() || !matrix.allFinite() || matrix != matrix.transpose()) {
        throw std::invalid_argument(
            "nearest_correlation: the matrix must be square, symmetric and finite");
    }
    if (!(least_eigenvalue >= 1e-10 && least_eigenvalue < 1)) {
        throw std::invalid_argument(
            "nearest_correlation: least_eigenvalue must lie between 1e-10 and 1");
    }
}

/// The nearest symmetric matrix whose eigenvalues are at least `least`.
MatrixXd lift_eigenvalues(const MatrixXd& matrix, double least)
{
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(matrix);
    const MatrixXd& vectors = solver.eigenvectors();
    const MatrixXd lifted =
        vectors * solver.eigenvalues().cwiseMax(least).asDiagonal() * vectors.transpose();
    return (lifted + lifted.transpose()) / 2;
}

MatrixXd scale_to_unit_diagonal(const MatrixXd& matrix)
{
    const Eigen::VectorXd scale = matrix.diagonal().cwiseSqrt().cwiseInverse();
    MatrixXd scaled = scale.asDiagonal() * matrix * scale.asDiagonal();
    scaled = ((scaled + scaled.transpose()) / 2).eval();
    scaled.diagonal().setOnes();
    return scaled;
}

bool is_correlation(const MatrixXd& matrix, double least_eigenvalue)
{
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(matrix, Eigen::EigenvaluesOnly);
    return (matrix.diagonal().array() == 1).all()
           && solver.eigenvalues().minCoeff() >= least_eigenvalue;
}

void check_sizes(const MatrixXd& lower, std::span<const double> normals,
                 std::span<const double> correlated)
{
    const auto rows = static_cast<std::size_t>(lower.rows());
    if (lower.rows() != lower.cols() || normals.size() != rows || correlated.size() != rows) {
        throw std::invalid_argument("correlated_normals: the sizes differ");
    }
}

}  // namespace

std::optional<MatrixXd> lower_cholesky(const MatrixXd& matrix)
{
    if (matrix.rows() != matrix.cols()) {
        throw std::invalid_argument("lower_cholesky: the matrix is not square");
    }
    // Plain loops: Eigen's sums run in an order that depends on the processor, and these
    // numbers reach draws.
    constexpr double least_share = 1e-12;
    MatrixXd lower = MatrixXd::Zero(matrix.rows(), matrix.cols());
    for (Index row = 0; row < matrix.rows(); ++row) {
        for (Index column = 0; column <= row; ++column) {
            double rest = matrix(row, column);
            for (Index k = 0; k < column; ++k) {
                rest -= lower(row, k) * lower(column, k);
            }
            if (column < row) {
                lower(row, column) = rest / lower(column, column);
            } else if (matrix(row, row) > 0 && rest > least_share * matrix(row, row)) {
                lower(row, row) = std::sqrt(rest);
            } else {
                return std::nullopt;
            }
        }
    }
    return lower;
}

MatrixXd nearest_correlation(const MatrixXd& matrix, double least_eigenvalue)
{
    check_symmetric(matrix, least_eigenvalue);
    if (matrix.size() == 0 || is_correlation(matrix, least_eigenvalue)) {
        return matrix;
    }
    constexpr int most_rounds = 2000;
    constexpr double tolerance = 1e-11;
    // A trifle more than asked, which rounding and the last scaling may take.
    const double least = least_eigenvalue + 1e-3 * least_eigenvalue * (1 - least_eigenvalue);
    MatrixXd with_unit_diagonal = matrix;
    MatrixXd lifted = matrix;
    MatrixXd correction = MatrixXd::Zero(matrix.rows(), matrix.cols());
    for (int round = 0; round < most_rounds; ++round) {
        const MatrixXd corrected = with_unit_diagonal - correction;
        lifted = lift_eigenvalues(corrected, least);
        correction = lifted - corrected;
        with_unit_diagonal = lifted;
        with_unit_diagonal.diagonal().setOnes();
        if ((lifted - with_unit_diagonal).norm() <= tolerance) {
            break;
        }
    }
    return scale_to_unit_diagonal(lifted);
}

double kendall_tau_of_t(double rho)
{
    return 2 / std::numbers::pi * std::asin(rho);
}

double tail_dependence_of_t(double nu, double rho)
{
    if (!(nu > 0) || !(rho >= -1 && rho <= 1)) {
        throw std::invalid_argument(
            "tail_dependence_of_t: needs nu > 0 and rho between -1 and 1");
    }
    if (rho == -1) {
        return 0;
    }
    const boost::math::students_t law(nu + 1);
    return 2 * cdf(law, -std::sqrt((nu + 1) * (1 - rho) / (1 + rho)));
}

double kendall_tau(std::span<const double> x, std::span<const double> y)
{
    const auto is_nan = [](double number) { return std::isnan(number); };
    if (x.size() != y.size() || std::any_of(x.begin(), x.end(), is_nan)
        || std::any_of(y.begin(), y.end(), is_nan)) {
        throw std::invalid_argument(
            "kendall_tau: needs equally many numbers, none of them NaN");
    }
    std::vector<std::size_t> order(x.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return x[a] != x[b] ? x[a] < x[b] : y[a] < y[b];
    });
    std::vector<double> y_by_x(x.size());
    std::transform(order.begin(), order.end(), y_by_x.begin(),
                   [&](std::size_t i) { return y[i]; });

    const auto same_x = [&](std::size_t a, std::size_t b) {
        return x[order[a]] == x[order[b]];
    };
    const auto same_y = [&](std::size_t a, std::size_t b) { return y_by_x[a] == y_by_x[b]; };
    const double tied_in_x = tied_pairs(x.size(), same_x);
    const double tied_in_both = tied_pairs(
        x.size(), [&](std::size_t a, std::size_t b) { return same_x(a, b) && same_y(a, b); });
    const auto discordant = static_cast<double>(sort_and_count_inversions(y_by_x));
    const double tied_in_y = tied_pairs(x.size(), same_y);

    const double all = pairs_of(x.size());
    const double scale = std::sqrt((all - tied_in_x) * (all - tied_in_y));
    return scale > 0 ? (all - tied_in_x - tied_in_y + tied_in_both - 2 * discordant) / scale
                     : std::numeric_limits<double>::quiet_NaN();
}

void correlated_normals(const MatrixXd& lower, std::span<const double> normals,
                        std::span<double> correlated)
{
    check_sizes(lower, normals, correlated);
    for (std::size_t row = 0; row < normals.size(); ++row) {
        double sum = 0;
        for (std::size_t k = 0; k <= row; ++k) {
            sum += lower(static_cast<Index>(row), static_cast<Index>(k)) * normals[k];
        }
        correlated[row] = sum;
    }
}

void correlated_t(const MatrixXd& lower, double nu, std::span<const double> normals,
                  Philox& mixing, std::span<double> correlated)
{
    const Distribution mixing_law = Gamma{.shape = nu / 2, .scale = 2 / nu};
    correlated_normals(lower, normals, correlated);
    const double factor = 1 / std::sqrt(mixing_law.draw(mixing));
    for (double& number : correlated) {
        number *= factor;
    }
}

}  // namespace chokepoint
