#include "chokepoint/market/interior_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "chokepoint/market/curves.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

constexpr int max_rounds = 500;
constexpr int rounds_at_full_step = 60;
constexpr double first_target = 0.1;       ///< Of flow times gap, relative to the scale.
constexpr double last_target = 1e-20;      ///< Likewise.
constexpr double step_to_boundary = 0.99;  ///< Share of the way that a step may go.
constexpr double longest_price_step = 2;   ///< Of ln p.
constexpr double flow_inertia = 1e-4;    ///< Of flows that prices leave open: they hold still.
constexpr double price_inertia = 1e-13;  ///< Of prices that flows leave open.
constexpr double rent_inertia = 1e-20;   ///< Of rents that tonnages leave open.
constexpr double slope_memory = 0.3;     ///< Least share of its slope that a curve keeps.
/// Far beyond floor and choke everything is for sale and wanted, so that every price is finite;
/// at the bounds this is 1e-26 of the scale.
constexpr double far_out = 60;
constexpr double tolerance = 1e-11;  ///< Of balances, ln price, tonnages.
constexpr double nothing = 1e-12;    ///< Flow, relative to the scale.

}  // namespace

void InteriorPoint::clear()
{
    blocks_.clear();
    nodes_.clear();
    arcs_.clear();
    claims_.clear();
    quotas_.clear();
}

std::size_t InteriorPoint::add_network(const Network& network, double scale)
{
    Block block;
    block.network = &network;
    block.scale = scale;
    block.first_node = nodes_.size();
    block.node_count = network.nodes.size();
    block.first_arc = arcs_.size();
    if (!blocks_.empty()) {
        const Block& last = blocks_.back();
        block.first_entry = last.first_entry + last.node_count * last.node_count;
    }
    blocks_.push_back(block);
    nodes_.resize(nodes_.size() + network.nodes.size());
    for (const Arc& arc : network.arcs) {
        ArcPart part;
        part.from = block.first_node + arc.from;
        part.to = block.first_node + arc.to;
        part.cap = arc.cap <= nothing * scale ? 0 : arc.cap;
        part.scale = scale;
        arcs_.push_back(part);
    }
    return blocks_.size() - 1;
}

void InteriorPoint::set_tax(std::size_t network, std::uint32_t arc, double factor)
{
    arcs_[blocks_[network].first_arc + arc].factor = factor;
}

std::size_t InteriorPoint::add_quota(double limit)
{
    Quota quota;
    quota.limit = limit;
    quotas_.push_back(quota);
    return quotas_.size() - 1;
}

void InteriorPoint::add_claim(std::size_t network, std::uint32_t arc, double weight,
                              double rent_share)
{
    const std::size_t at = blocks_[network].first_arc + arc;
    if (!arcs_[at].is_open()) {
        return;
    }
    claims_.push_back({at, quotas_.size() - 1, weight, rent_share});
    Quota& quota = quotas_.back();
    quota.unit = std::max(quota.unit, rent_share);
    quota.scale = std::max(quota.scale, weight * blocks_[network].scale);
}

std::span<const double> InteriorPoint::prices(std::size_t network) const
{
    return std::span(x_).subspan(blocks_[network].first_node, blocks_[network].node_count);
}

double InteriorPoint::flow(std::size_t network, std::uint32_t arc) const
{
    const ArcPart& part = arcs_[blocks_[network].first_arc + arc];
    if (part.flow <= nothing * part.scale) {
        return 0;
    }
    return part.room <= nothing * part.scale ? part.cap : part.flow;
}

/// Starts from prices of month 0 and flows well inside their bounds.
void InteriorPoint::start()
{
    x_.assign(nodes_.size(), 0);
    step_.assign(nodes_.size(), 0);
    taken_.resize(blocks_.back().first_entry
                  + blocks_.back().node_count * blocks_.back().node_count);
    answers_.resize(quotas_.size() * nodes_.size());
    const auto quotas = static_cast<Eigen::Index>(quotas_.size());
    rent_matrix_.resize(quotas, quotas);
    rent_right_.resize(quotas);
    rent_step_.resize(quotas);
    for (ArcPart& arc : arcs_) {
        if (arc.is_open()) {
            arc.flow = std::min(0.1 * arc.scale, 0.5 * arc.cap);
            arc.room = arc.cap - arc.flow;
            arc.dear = first_target * arc.scale / arc.flow;
            arc.cheap = std::isinf(arc.cap) ? 0 : first_target * arc.scale / arc.room;
        }
    }
    for (Quota& quota : quotas_) {
        quota.rent = quota.unit > 0 ? first_target / quota.unit : 0;
        quota.room = quota.limit;
    }
}

/// Evaluates surpluses, price gaps and tonnages where we stand.
void InteriorPoint::measure()
{
    for (const Block& block : blocks_) {
        for (std::size_t node = 0; node < block.node_count; ++node) {
            NodePart& part = nodes_[block.first_node + node];
            const double x = x_[block.first_node + node];
            const double more = portable_exp(x - block.network->log_choke - far_out);
            const double less = portable_exp(block.network->log_floor - far_out - x);
            part.surplus = (more - less) * block.scale;
            part.far_out = std::max(more, less) * block.scale;
            double slope = (more + less) * block.scale;
            if (block.network->nodes[node].has_curve()) {
                Balance balance;
                add_node(*block.network, block.network->nodes[node], Powers(*block.network, x),
                         balance);
                part.surplus += balance.in - balance.out;
                slope += balance.in1 + balance.out1;
            }
            part.slope = std::max(slope, slope_memory * part.slope);
        }
    }
    for (ArcPart& arc : arcs_) {
        arc.rents = 0;
    }
    for (Quota& quota : quotas_) {
        quota.tonnage = 0;
    }
    for (const Claim& claim : claims_) {
        arcs_[claim.arc].rents += claim.rent_share * quotas_[claim.quota].rent;
        quotas_[claim.quota].tonnage += claim.weight * arcs_[claim.arc].flow;
    }
    for (ArcPart& arc : arcs_) {
        if (!arc.is_open()) {
            continue;
        }
        nodes_[arc.from].surplus -= arc.flow;
        nodes_[arc.to].surplus += arc.flow;
        if (arc.factor == 1 && arc.rents == 0) {
            arc.price_from = arc.wanted = 1;
            arc.pull = x_[arc.from] - x_[arc.to];
        } else {
            arc.price_from = arc.factor * portable_exp(x_[arc.from]);
            arc.wanted = arc.price_from + arc.rents;
            arc.pull = portable_log(arc.wanted) - x_[arc.to];
        }
    }
}

/// The mean of flow times gap, relative to the scale.
double InteriorPoint::complementarity() const
{
    double sum = 0;
    double count = 0;
    for (const ArcPart& arc : arcs_) {
        if (arc.is_open()) {
            sum += arc.flow * arc.dear / arc.scale;
            ++count;
            if (!std::isinf(arc.cap)) {
                sum += arc.room * arc.cheap / arc.scale;
                ++count;
            }
        }
    }
    for (const Quota& quota : quotas_) {
        if (quota.unit > 0) {
            sum += quota.room * quota.rent * quota.unit / quota.scale;
            ++count;
        }
    }
    return count > 0 ? sum / count : 0;
}

/// The largest fault of a balance, price gap or tonnage.
double InteriorPoint::miss() const
{
    double largest = 0;
    for (const Block& block : blocks_) {
        for (std::size_t node = 0; node < block.node_count; ++node) {
            const NodePart& part = nodes_[block.first_node + node];
            largest =
                std::max(largest, std::max(std::abs(part.surplus), part.far_out) / block.scale);
        }
    }
    for (const ArcPart& arc : arcs_) {
        if (arc.is_open()) {
            largest = std::max(largest, std::abs(arc.pull - arc.dear + arc.cheap));
        }
    }
    for (const Quota& quota : quotas_) {
        if (quota.unit > 0) {
            largest = std::max(
                largest, std::abs(quota.tonnage + quota.room - quota.limit) / quota.scale);
        }
    }
    return largest;
}

/// Eliminates flows and gaps from the Newton equations, so that prices and rents remain.
/// `target` is what flow times gap should become.
void InteriorPoint::set_up(double target)
{
    std::ranges::fill(taken_, 0.0);
    std::ranges::fill(answers_, 0.0);
    for (const Block& block : blocks_) {
        for (std::size_t node = block.first_node; node < block.first_node + block.node_count;
             ++node) {
            nodes_[node].column_sum = nodes_[node].slope + price_inertia * block.scale;
            step_[node] = -nodes_[node].surplus;
        }
        const std::size_t end = block.first_arc + block.network->arcs.size();
        for (std::size_t at = block.first_arc; at < end; ++at) {
            ArcPart& arc = arcs_[at];
            if (!arc.is_open()) {
                continue;
            }
            const double mu = target * arc.scale;
            const double stiffness =
                arc.dear / arc.flow + arc.cheap / arc.room + flow_inertia / arc.scale;
            arc.give = 1 / stiffness;
            arc.pull = mu / arc.flow - mu / arc.room - arc.pull;
            const std::size_t from = arc.from - block.first_node;
            const std::size_t to = arc.to - block.first_node;
            double* const entries = taken_.data() + block.first_entry;
            entries[from * block.node_count + to] += arc.give * arc.price_from / arc.wanted;
            entries[to * block.node_count + from] += arc.give;
            step_[arc.to] -= arc.give * arc.pull;
            step_[arc.from] += arc.give * arc.pull;
        }
    }
    for (const Claim& claim : claims_) {
        const ArcPart& arc = arcs_[claim.arc];
        double* const answer = answers_.data() + claim.quota * nodes_.size();
        const double moved = arc.give * claim.rent_share / arc.wanted;
        answer[arc.to] += moved;
        answer[arc.from] -= moved;
    }
}

/// Gaussian elimination. Column sums and what is taken off stay >= 0 on the way.
void InteriorPoint::factorise(const Block& block)
{
    const std::size_t n = block.node_count;
    double* const entries = taken_.data() + block.first_entry;
    NodePart* const nodes = nodes_.data() + block.first_node;
    for (std::size_t k = 0; k < n; ++k) {
        const double* const pivot_column = entries + k * n;
        double pivot = nodes[k].column_sum;
        for (std::size_t i = k + 1; i < n; ++i) {
            pivot += pivot_column[i];
        }
        nodes[k].pivot = pivot;
        for (std::size_t j = k + 1; j < n; ++j) {
            double* const column = entries + j * n;
            const double share = column[k] / pivot;
            if (share == 0) {
                continue;
            }
            nodes[j].column_sum += share * nodes[k].column_sum;
            for (std::size_t i = k + 1; i < n; ++i) {
                column[i] += share * pivot_column[i];
            }
            column[j] = 0;
        }
    }
}

/// Forward and backward substitution.
void InteriorPoint::solve_block(const Block& block, std::span<double> right) const
{
    const std::size_t n = block.node_count;
    const double* const entries = taken_.data() + block.first_entry;
    double* const b = right.data() + block.first_node;
    const NodePart* const nodes = nodes_.data() + block.first_node;
    for (std::size_t k = 0; k < n; ++k) {
        const double share = b[k] / nodes[k].pivot;
        for (std::size_t i = k + 1; i < n; ++i) {
            b[i] += share * entries[k * n + i];
        }
    }
    for (std::size_t k = n; k-- > 0;) {
        b[k] /= nodes[k].pivot;
        for (std::size_t i = 0; i < k; ++i) {
            b[i] += entries[k * n + i] * b[k];
        }
    }
}

/// Steps of the rents, then of prices and flows.
void InteriorPoint::solve_rents(double target)
{
    const std::size_t n = quotas_.size();
    const auto answer = [&](std::size_t quota, const ArcPart& arc) {
        const double* const dx = answers_.data() + quota * nodes_.size();
        return dx[arc.to] - arc.price_from / arc.wanted * dx[arc.from];
    };
    rent_matrix_.setZero();
    for (std::size_t row = 0; row < n; ++row) {
        const auto at = static_cast<Eigen::Index>(row);
        const Quota& quota = quotas_[row];
        if (quota.unit == 0) {
            rent_matrix_(at, at) = 1;
            rent_right_(at) = 0;
            continue;
        }
        const double mu = target * quota.scale / quota.unit;
        rent_matrix_(at, at) =
            quota.room / quota.rent + rent_inertia * quota.scale * quota.unit;
        rent_right_(at) = quota.tonnage - quota.limit + mu / quota.rent;
    }
    for (const Claim& claim : claims_) {
        const ArcPart& arc = arcs_[claim.arc];
        const auto row = static_cast<Eigen::Index>(claim.quota);
        const double weight = claim.weight * arc.give;
        for (std::size_t other = 0; other < n; ++other) {
            rent_matrix_(row, static_cast<Eigen::Index>(other)) -= weight * answer(other, arc);
        }
        for (const Claim& other : claims_) {
            if (other.arc == claim.arc) {
                rent_matrix_(row, static_cast<Eigen::Index>(other.quota)) +=
                    weight * other.rent_share / arc.wanted;
            }
        }
        rent_right_(row) +=
            weight * (arc.pull + step_[arc.to] - arc.price_from / arc.wanted * step_[arc.from]);
    }
    if (n > 0) {
        rent_elimination_.compute(rent_matrix_);
        rent_step_ = rent_elimination_.solve(rent_right_);
    }
    for (std::size_t quota = 0; quota < n; ++quota) {
        for (std::size_t node = 0; node < nodes_.size(); ++node) {
            step_[node] += answers_[quota * nodes_.size() + node] * step_of_rent(quota);
        }
    }
    for (ArcPart& arc : arcs_) {
        if (arc.is_open()) {
            arc.change =
                arc.give
                * (arc.pull + step_[arc.to] - arc.price_from / arc.wanted * step_[arc.from]);
        }
    }
    for (const Claim& claim : claims_) {
        ArcPart& arc = arcs_[claim.arc];
        arc.change -= arc.give * claim.rent_share / arc.wanted * step_of_rent(claim.quota);
    }
}

/// The share of the step that keeps everything inside its bounds.
double InteriorPoint::longest_step(double target)
{
    double fastest = 1;  // Largest share of its distance to a bound that anything would go.
    const auto heed = [&fastest](double value, double change) {
        fastest = std::max(fastest, -change / (step_to_boundary * value));
    };
    for (const ArcPart& arc : arcs_) {
        if (!arc.is_open()) {
            continue;
        }
        const double mu = target * arc.scale;
        heed(arc.flow, arc.change);
        heed(arc.dear, mu / arc.flow - arc.dear - arc.dear / arc.flow * arc.change);
        if (!std::isinf(arc.cap)) {
            heed(arc.room, -arc.change);
            heed(arc.cheap, mu / arc.room - arc.cheap + arc.cheap / arc.room * arc.change);
        }
    }
    for (std::size_t at = 0; at < quotas_.size(); ++at) {
        const Quota& quota = quotas_[at];
        if (quota.unit > 0) {
            const double mu = target * quota.scale / quota.unit;
            heed(quota.rent, step_of_rent(at));
            fastest = std::max(fastest, step_of_rent(at) / (10 / quota.unit + 10 * quota.rent));
            heed(quota.room,
                 mu / quota.rent - quota.room - quota.room / quota.rent * step_of_rent(at));
        }
    }
    for (const double step : step_) {
        fastest = std::max(fastest, std::abs(step) / longest_price_step);
    }
    return 1 / fastest;
}

void InteriorPoint::move(double share, double target)
{
    for (const Block& block : blocks_) {
        for (std::size_t node = block.first_node; node < block.first_node + block.node_count;
             ++node) {
            x_[node] += share * step_[node];
        }
    }
    for (ArcPart& arc : arcs_) {
        if (!arc.is_open()) {
            continue;
        }
        const double mu = target * arc.scale;
        const double dear = mu / arc.flow - arc.dear - arc.dear / arc.flow * arc.change;
        if (!std::isinf(arc.cap)) {
            arc.cheap +=
                share * (mu / arc.room - arc.cheap + arc.cheap / arc.room * arc.change);
            arc.room -= share * arc.change;
        }
        arc.dear += share * dear;
        arc.flow += share * arc.change;
    }
    for (std::size_t at = 0; at < quotas_.size(); ++at) {
        Quota& quota = quotas_[at];
        if (quota.unit > 0) {
            const double mu = target * quota.scale / quota.unit;
            quota.room +=
                share
                * (mu / quota.rent - quota.room - quota.room / quota.rent * step_of_rent(at));
            quota.rent += share * step_of_rent(at);
        }
    }
}

/// Follows the central path; a bold walk lowers flow times gap tenfold in each round.
bool InteriorPoint::walk(bool is_bold)
{
    start();
    double share = 1;
    for (int round = 0; round < max_rounds; ++round) {
        measure();
        const double mean = complementarity();
        if (!std::isfinite(mean)) {
            return false;
        }
        if (mean <= 10 * last_target && miss() <= tolerance) {
            return true;
        }
        const double centring = !is_bold ? 0.9 : share > 0.9 ? 0.1 : share > 0.5 ? 0.3 : 0.8;
        const double target = std::max(last_target, centring * mean);
        set_up(target);
        for (const Block& block : blocks_) {
            factorise(block);
            solve_block(block, step_);
            for (std::size_t quota = 0; quota < quotas_.size(); ++quota) {
                solve_block(block,
                            std::span(answers_).subspan(quota * nodes_.size(), nodes_.size()));
            }
        }
        solve_rents(target);
        share = longest_step(target);
        // Newton's method may swing about a kink of a curve: half a step from either side ends
        // that.
        if (round >= rounds_at_full_step && round % 2 == 1) {
            share *= 0.5;
        }
        move(share, target);
    }
    return false;
}

bool InteriorPoint::solve()
{
    return walk(true) || walk(false);
}

}  // namespace chokepoint
