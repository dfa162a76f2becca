#pragma once

#include <optional>
#include <span>

#include <Eigen/Core>

#include "chokepoint/random/philox.hpp"

namespace chokepoint {

/// The lower triangular L with L L^T = matrix, found row by row in the order given, so that row
/// i depends only on the first i rows; nothing if the matrix is not positive definite (a pivot
/// is below 1e-12 of its diagonal entry, which is singular to the digits of a double).
///
/// \param matrix  Symmetric: only its lower triangle is read.
/// \throws std::invalid_argument if it is not square.
std::optional<Eigen::MatrixXd> lower_cholesky(const Eigen::MatrixXd& matrix);

/// The correlation matrix nearest to a symmetric matrix in the Frobenius norm among those whose
/// eigenvalues are at least `least_eigenvalue`: alternating projections with Dykstra's
/// correction [higham2002]. A matrix that is one already comes back unchanged. For advice to
/// users, not for results: its last digits depend on the machine.
///
/// \param least_eigenvalue  At least 1e-10, so that `lower_cholesky` succeeds, and below 1.
/// \throws std::invalid_argument if a condition above is not met or an entry is not finite.
Eigen::MatrixXd nearest_correlation(const Eigen::MatrixXd& matrix,
                                    double least_eigenvalue = 1e-8);

/// Kendall's tau of a Student-t (or normal) copula with correlation rho: 2/pi asin(rho)
/// [mcneil2015].
double kendall_tau_of_t(double rho);

/// Tail dependence of a Student-t copula: the limit of P(Y > its p-quantile | X > its
/// p-quantile) as p goes to 1, 2 t_{nu+1}(-sqrt((nu + 1) (1 - rho) / (1 + rho))) [mcneil2015].
///
/// \throws std::invalid_argument unless nu > 0 and -1 <= rho <= 1.
double tail_dependence_of_t(double nu, double rho);

/// Kendall's tau-b of a sample of pairs (concordant minus discordant pairs, corrected for
/// ties), in O(n log n) [knight1966]. NaN if one of the variables has only one value.
///
/// \throws std::invalid_argument if the lengths differ or a number is NaN.
double kendall_tau(std::span<const double> x, std::span<const double> y);

/// Writes L z: normal numbers with correlation matrix L L^T from independent ones. Allocates
/// nothing; the sums run in the order of the entries, so the bits are the same everywhere.
///
/// \param lower    From `lower_cholesky`.
/// \param normals  z: independent standard normal numbers, one for each row.
/// \throws std::invalid_argument if the sizes differ.
void correlated_normals(const Eigen::MatrixXd& lower, std::span<const double> normals,
                        std::span<double> correlated);

/// Writes L z / sqrt(W) with one gamma number W of mean 1 and shape nu / 2 (chi-square over nu)
/// for all of them: Student-t numbers with nu degrees of freedom and a t copula [mcneil2015].
///
/// \param mixing  The stream from which W is drawn.
/// \throws std::invalid_argument if the sizes differ, or unless 0.02 <= nu <= 2e6.
void correlated_t(const Eigen::MatrixXd& lower, double nu, std::span<const double> normals,
                  Philox& mixing, std::span<double> correlated);

}  // namespace chokepoint
