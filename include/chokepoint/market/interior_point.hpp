#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Core>
#include <Eigen/LU>

#include "chokepoint/market/network.hpp"

namespace chokepoint {

/// Clears networks some of whose arcs carry a tax or pay the rent of a quota, all prices, flows
/// and rents at once: a primal-dual interior-point method [wright1997] for
///
///     every node balances;
///     y > 0   ⇒  p_to >= w         w = factor · p_from + Σ rent_share · rent
///     y < cap ⇒  p_to <= w
///     Σ weight · y <= limit, = if rent > 0
///
/// It knows no zones, so it is slower than `ZoneSolver` with known caps, and indifferent to how
/// taxes and quotas are entangled. Flows that these conditions leave open come out in the
/// middle of what is possible. Keeps its work arrays between calls.
class InteriorPoint {
public:
    /// Starts a new problem.
    void clear();

    /// Adds a network with its caps; gives back its number. Both the network and its numbers
    /// must stay as they are until `solve` is done.
    /// \param scale  Tonnes a month that tolerances and small numbers are relative to, > 0.
    std::size_t add_network(const Network& network, double scale);

    /// Sets the factor of an arc. To be called when all networks are there.
    void set_tax(std::size_t network, std::uint32_t arc, double factor);

    /// Adds a quota without claims; gives back its number.
    /// \param limit  > 0
    std::size_t add_quota(double limit);

    /// Counts an arc's flow with a weight to the quota added last.
    /// \param rent_share  Price ratio that one unit of rent comes to on the arc, > 0.
    void add_claim(std::size_t network, std::uint32_t arc, double weight, double rent_share);

    /// True if everything holds to 1e-11: balances and tonnages relative to the scale, price
    /// gaps in ln p. False where the method does not arrive; the answers then mean nothing.
    bool solve();

    /// Log price ratios by node, on the rationing coordinate.
    std::span<const double> prices(std::size_t network) const;
    /// Flow on an arc; exactly 0 or the cap where it is within 1e-12 of the scale.
    double flow(std::size_t network, std::uint32_t arc) const;
    double rent(std::size_t quota) const { return quotas_[quota].rent; }

private:
    /// One network's part of the Newton equations: a matrix whose off-diagonals are <= 0 and
    /// whose columns sum to >= 0. Kept as what is taken off and as column sums, it is solved
    /// without any subtraction, however large the entries of open arcs.
    struct Block {
        const Network* network = nullptr;
        double scale = 1;
        std::size_t first_node = 0, node_count = 0;
        std::size_t first_arc = 0;
        std::size_t first_entry = 0;  ///< Of `taken_`, by column.
    };
    struct NodePart {
        double surplus = 0;  ///< Net supply and net inflow; to become 0.
        double slope = 0;    ///< Of net supply.
        double far_out = 0;  ///< What is made up beyond the bounds, t; to be nothing.
        double column_sum = 0;
        double pivot = 0;
    };
    struct ArcPart {
        std::size_t from = 0, to = 0;  ///< Nodes, counted over all networks.
        double cap = 0, scale = 1, factor = 1;
        double flow = 0, room = 0;          ///< room = cap − flow.
        double dear = 0, cheap = 0;         ///< ln w − x_to = dear − cheap, both >= 0.
        double rents = 0;                   ///< Σ rent_share · rent
        double price_from = 0, wanted = 0;  ///< p_from and w
        double give = 0;                    ///< d flow / d ln p_to
        double pull = 0;                    ///< What is to go into ln w − x_to.
        double change = 0;                  ///< Of the flow.

        bool is_open() const { return cap > 0; }
    };
    struct Claim {
        std::size_t arc = 0, quota = 0;
        double weight = 1, rent_share = 1;
    };
    struct Quota {
        double limit = 0, unit = 0, scale = 0;
        double rent = 0, room = 0;
        double tonnage = 0;
    };

    bool walk(bool is_bold);
    void start();
    void measure();
    double complementarity() const;
    double miss() const;
    void set_up(double target);
    void factorise(const Block& block);
    void solve_block(const Block& block, std::span<double> right) const;
    void solve_rents(double target);
    double longest_step(double target);
    void move(double share, double target);
    double step_of_rent(std::size_t quota) const
    {
        return rent_step_(static_cast<Eigen::Index>(quota));
    }

    std::vector<Block> blocks_;
    std::vector<NodePart> nodes_;
    std::vector<ArcPart> arcs_;
    std::vector<Claim> claims_;
    std::vector<Quota> quotas_;
    std::vector<double> x_, step_;
    std::vector<double> taken_;
    std::vector<double> answers_;  ///< [quota][node]: answer of dx to a rent.
    Eigen::MatrixXd rent_matrix_;
    Eigen::VectorXd rent_right_, rent_step_;
    Eigen::PartialPivLU<Eigen::MatrixXd> rent_elimination_;
};

}  // namespace chokepoint
