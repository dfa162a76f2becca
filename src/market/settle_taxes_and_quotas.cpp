// Taxes and shared quotas as caps of unknown size (MODEL section 2, "Export tax", "Shared quota").
//
// The price gap over an export arc falls as its cap grows. So the cap of a taxed arc is the root of
// its gap, and the rent of a shared quota the root of the tonnage that the caps at this rent let out.

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "chokepoint/market/market.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

constexpr double gap_tolerance = 1e-11;       ///< Of ln price.
constexpr double first_gap_tolerance = 1e-2;  ///< While the rent is still far off.
constexpr double quota_tolerance = 1e-11;     ///< Of ln tonnage.
constexpr double cap_tolerance = 1e-10;       ///< Relative move of a cap between two rounds in turn.
constexpr double kg_per_t = 1000;
constexpr int max_rounds = 200;

/// A root that is bracketed from both sides; unbounded sides are infinite.
struct Bracket {
    double lower = 0;
    double upper = std::numeric_limits<double>::infinity();

    bool holds(double value) const { return value > lower && value < upper; }
    /// True when nothing lies between the sides any more.
    bool closed() const { return std::isfinite(upper) && upper - lower <= 1e-15 * upper; }
    double middle() const { return std::isfinite(upper) ? 0.5 * (lower + upper) : 2 * lower + 1; }
};

}  // namespace

/// Lists the quotas' members, then the taxed arcs that no quota covers.
void Market::list_priced_arcs()
{
    priced_.clear();
    first_member_.assign(1, 0);
    const auto add = [this](const RestrictedArc& arc, double weight, bool in_quota) {
        const std::uint32_t position = arc_of(arc);
        if (position == absent) {
            return;
        }
        const std::size_t commodity = arc.commodity.index();
        const double price = (*parameters_)[model_->commodities[commodity].price] * kg_per_t;
        PricedArc priced;
        priced.restricted = arc;
        priced.commodity = commodity;
        priced.arc = position;
        priced.factor = tax_factor(arc);
        priced.weight = weight;
        priced.rent_share = in_quota ? weight / price : 0;
        priced.legal_cap = networks_[commodity].network.arcs[position].cap;
        priced.cap = last_cap_[commodity][position];
        priced_.push_back(priced);
    };
    for (std::size_t quota = 0; quota < legal_.quota_count; ++quota) {
        for (const SharedQuota::Member& member : legal_.quotas[quota].members) {
            add(member.arc, member.weight, true);
        }
        first_member_.push_back(priced_.size());
    }
    const std::size_t members = priced_.size();
    for (const ArcTax& tax : legal_.taxes) {
        const auto covered = [&tax](const PricedArc& priced) {
            return priced.restricted == tax.arc;
        };
        if (tax.factor > 1
            && std::none_of(priced_.begin(),
                            priced_.begin() + static_cast<std::ptrdiff_t>(members), covered)) {
            add(tax.arc, 1, false);
        }
    }
}

void Market::lift_cap(PricedArc& priced)
{
    networks_[priced.commodity].network.arcs[priced.arc].cap = priced.legal_cap;
}

/// Seeks the cap at which the arc's price gap meets its target to `tolerance` (of ln price); 0 if the
/// gap at 0 is smaller, the legal cap if the gap there is larger. The answer is one Newton step
/// better than what was solved. True if the cap moved.
bool Market::settle_arc(PricedArc& priced, double target, double tolerance)
{
    Arc& arc = networks_[priced.commodity].network.arcs[priced.arc];
    const ZonePrices& prices = prices_[priced.commodity];
    const double before = arc.cap;
    Bracket bracket{0, priced.legal_cap};
    double cap = std::min(priced.cap, priced.legal_cap);
    if (!(cap > 0 && std::isfinite(cap))) {
        cap = 0.98 * std::min(flow_of(priced.restricted), priced.legal_cap);
    }
    bool at_legal_cap = false;
    for (int round = 0;; ++round) {
        arc.cap = cap;
        solve(priced.commodity);
        const double sold_at = priced.factor * portable_exp(prices.x[arc.from]) + target;
        const double excess = prices.x[arc.to] - portable_log(sold_at);
        const double fall = 1 / prices.slope[prices.zone[arc.to]]
                            + (sold_at - target)
                                  / (sold_at * prices.slope[prices.zone[arc.from]]);
        const bool splits = between_zones(priced.commodity, priced.arc);
        priced.response = splits && std::isfinite(fall) ? -1 / (sold_at * fall) : 0;
        priced.miss = std::abs(excess);
        if (priced.miss <= tolerance || cap == 0 || round == max_rounds) {
            cap += splits && std::isfinite(fall) ? excess / fall : 0;
            break;
        }
        if (excess > 0) {
            if (at_legal_cap) {
                priced.response = 0;
                priced.miss = 0;
                break;
            }
            bracket.lower = cap;
        } else {
            bracket.upper = splits ? cap : std::min(cap, prices.flow[priced.arc]);
            if (bracket.lower == 0 && bracket.upper < gap_tolerance * flow_scale(priced)) {
                cap = 0;
                continue;
            }
        }
        if (bracket.closed()) {
            break;
        }
        const double newton = cap + excess / fall;
        cap = splits && bracket.holds(newton) ? newton : bracket.middle();
        at_legal_cap = false;
        if (splits && newton >= bracket.upper && bracket.upper == priced.legal_cap) {
            cap = priced.legal_cap;
            at_legal_cap = true;
        }
    }
    priced.cap = cap;
    return std::abs(cap - before) > cap_tolerance * std::max(cap, before);
}

/// What counts as a full flow on the arc, to tell a cap of nothing from a small one.
double Market::flow_scale(const PricedArc& priced) const
{
    const auto& consumption = parameters_->baseline.consumption;
    return consumption.row(static_cast<Eigen::Index>(priced.commodity)).sum();
}

/// Settles the members of one quota at a rent; gives back the weighted tonnage that they let out.
double Market::settle_members(PricedArcs members, double rent, double tolerance)
{
    for (int round = 0; round < max_rounds; ++round) {
        bool moved = false;
        for (PricedArc& member : members) {
            moved = settle_arc(member, rent * member.rent_share, tolerance) || moved;
        }
        // Members of different commodities do not feel each other.
        if (!moved || members_are_apart(members)) {
            break;
        }
    }
    double tonnage = 0;
    for (const PricedArc& member : members) {
        tonnage += member.weight * member.cap;
    }
    return tonnage;
}

bool Market::members_are_apart(PricedArcs members)
{
    for (std::size_t member = 1; member < members.size(); ++member) {
        if (members[member].commodity == members[member - 1].commodity) {
            return false;
        }
    }
    return true;
}

/// True if the members' exports without rent, taxes paid, stay within the limit; leaves the networks
/// solved that way.
bool Market::fits_without_rent(PricedArcs members, double limit, const MarketState& state)
{
    double tonnage = 0;
    for (PricedArc& member : members) {
        lift_cap(member);
        solve_with_known_caps(state, member.commodity);
        if (member.factor > 1) {
            settle_arc(member, 0, gap_tolerance);
            read_users(state, member.commodity);
            read_flows(member.commodity);
        }
        tonnage += member.weight * flow_of(member.restricted);
    }
    return tonnage <= limit * (1 + quota_tolerance);
}

/// A first rent: the mean over members of what their price gaps would pay if each were cut alike.
double Market::guess_rent(PricedArcs members, double limit)
{
    double tonnage = 0;
    for (PricedArc& member : members) {
        member.cap = flow_of(member.restricted);
        tonnage += member.weight * member.cap;
    }
    double rent = 0;
    for (PricedArc& member : members) {
        member.cap = std::min(member.legal_cap, member.cap * (limit / tonnage));
        Arc& arc = networks_[member.commodity].network.arcs[member.arc];
        arc.cap = member.cap;
        solve(member.commodity);
        const std::vector<double>& x = prices_[member.commodity].x;
        rent += (portable_exp(x[arc.to]) - member.factor * portable_exp(x[arc.from]))
                / member.rent_share;
    }
    return std::max(rent / static_cast<double>(members.size()), 1e-6);
}

/// Moves the members' caps by what a change of the rent will roughly do: a near start saves rounds.
void Market::foresee_caps(PricedArcs members, double rent_change)
{
    for (PricedArc& member : members) {
        if (member.cap > 0) {
            const double change =
                member.response * member.rent_share * rent_change / member.cap;
            member.cap *= portable_exp(std::clamp(change, -1.0, 1.0));
        }
    }
}

/// Finds the quota's rent by Newton's method on ln tonnage against ln rent, bracketed. 0 if all fits.
double Market::settle_quota(std::size_t quota, const MarketState& state)
{
    const PricedArcs members(priced_.data() + first_member_[quota],
                             first_member_[quota + 1] - first_member_[quota]);
    const double limit = legal_.quotas[quota].limit;
    if (members.empty()) {
        return 0;
    }
    double& last_rent = last_rent_[members[0].commodity][members[0].arc];
    if (last_rent == 0) {
        if (fits_without_rent(members, limit, state)) {
            return 0;
        }
        last_rent = guess_rent(members, limit);
    }
    Bracket bracket;
    double rent = last_rent;
    double tolerance = first_gap_tolerance;
    for (int round = 0; round < max_rounds; ++round) {
        const double tonnage = settle_members(members, rent, tolerance);
        double response = 0;
        for (const PricedArc& member : members) {
            response += member.weight * member.response * member.rent_share;
        }
        const double excess = portable_log(tonnage / limit);
        const bool settled = std::ranges::all_of(members, [](const PricedArc& member) {
            return member.miss <= gap_tolerance || member.cap == 0;
        });
        if (settled && (std::abs(excess) <= quota_tolerance || bracket.closed())) {
            break;
        }
        // Loosely settled gaps tell on which side the rent lies only while it is well off.
        if (settled || std::abs(excess) > tolerance) {
            (excess > 0 ? bracket.lower : bracket.upper) = rent;
        }
        tolerance = std::clamp(0.01 * std::abs(excess), gap_tolerance, tolerance);
        if (bracket.lower == 0 && excess < 0 && rent * members[0].rent_share < gap_tolerance) {
            if (fits_without_rent(members, limit, state)) {
                return last_rent = 0;
            }
        }
        const double step = -excess * tonnage / (response * rent);
        const double newton = rent * portable_exp(std::clamp(step, -3.0, 3.0));
        const double next = std::isfinite(newton) && bracket.holds(newton) ? newton : bracket.middle();
        foresee_caps(members, next - rent);
        rent = next;
    }
    return last_rent = rent;
}

bool Market::is_priced(std::size_t commodity) const
{
    return std::ranges::any_of(
        priced_, [&](const PricedArc& priced) { return priced.commodity == commodity; });
}

void Market::settle_taxes_and_quotas(const MarketState& state)
{
    rent_.assign(legal_.quota_count, 0);
    if (priced_.empty()) {
        return;
    }
    const std::size_t members = first_member_.back();
    for (const PricedArc& taxed : PricedArcs(priced_).subspan(members)) {
        solve_with_known_caps(state, taxed.commodity);  // Where a first cap is taken from.
    }
    const std::size_t items = legal_.quota_count + priced_.size() - members;
    for (int round = 0;; ++round) {
        bool moved = false;
        for (std::size_t quota = 0; quota < legal_.quota_count; ++quota) {
            const double before = rent_[quota];
            rent_[quota] = settle_quota(quota, state);
            moved = moved || std::abs(rent_[quota] - before) > cap_tolerance * rent_[quota];
        }
        for (PricedArc& taxed : PricedArcs(priced_).subspan(members)) {
            moved = settle_arc(taxed, 0, gap_tolerance) || moved;
        }
        if (!moved || items == 1) {
            break;
        }
        if (round == max_rounds) {
            throw std::logic_error("taxes and shared quotas did not settle in month "
                                   + std::to_string(state.month));
        }
    }
    for (const PricedArc& priced : priced_) {
        last_cap_[priced.commodity][priced.arc] = priced.cap;
        read_users(state, priced.commodity);
        read_flows(priced.commodity);
    }
}

}  // namespace chokepoint
