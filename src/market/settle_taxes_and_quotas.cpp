// Taxes and shared quotas as caps of unknown size (docs/model.md section 2, "Export tax" and
// "Shared quota").
//
// The price gap over an export arc falls as its cap grows. So the cap of a taxed arc is the
// root of its gap, and the rent of a shared quota the root of the tonnage that the caps at this
// rent let out. Each is sought in turn until none moves: quick where they hardly feel each
// other. Where that does not end, or ends at a jump, `settle_at_once` solves for all of them
// together.

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "chokepoint/market/trial_market.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

constexpr double gap_tolerance = 1e-11;       ///< Of ln price.
constexpr double first_gap_tolerance = 1e-2;  ///< While the rent is still far off.
constexpr double quota_tolerance = 1e-11;     ///< Of ln tonnage.
constexpr double cap_tolerance = 1e-10;  ///< Relative move of a cap between two rounds in turn.
constexpr double rent_tolerance = 1e-12;  ///< Relative; a bracket this narrow holds a jump.
constexpr double kg_per_t = 1000;
constexpr int max_rounds = 200;
constexpr int max_rounds_in_turn = 50;
constexpr int max_solves_in_turn = 5000;        ///< All loops of a month together.
constexpr double equilibrium_tolerance = 1e-9;  ///< Of ln price; of flows, relative.

/// A root that is bracketed from both sides; unbounded sides are infinite.
struct Bracket {
    double lower = 0;
    double upper = std::numeric_limits<double>::infinity();

    bool holds(double value) const { return value > lower && value < upper; }
    /// True when nothing lies between the sides any more.
    bool closed(double tolerance = 1e-15) const
    {
        return std::isfinite(upper) && upper - lower <= tolerance * upper;
    }
    double middle() const
    {
        return std::isfinite(upper) ? 0.5 * (lower + upper) : 2 * lower + 1;
    }
    /// For roots of unknown size; a side that is still open is searched in large steps.
    double middle_of_logs(double value) const
    {
        if (lower == 0) {
            return std::isfinite(upper) ? 1e-3 * upper : value;
        }
        return std::isfinite(upper) ? std::sqrt(lower * upper) : 8 * lower;
    }
};

bool differ(double left, double right)
{
    return std::abs(left - right) > cap_tolerance * std::max(std::abs(left), std::abs(right));
}

}  // namespace

/// Lists the quotas' members, then the taxed arcs that no quota covers.
void TrialMarket::list_priced_arcs()
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
        const double last_cap = last_cap_[commodity][position];
        priced.cap = last_cap > 0 ? last_cap : open_cap;
        priced_.push_back(priced);
    };
    for (std::size_t quota = 0; quota < legal_->quota_count; ++quota) {
        for (const SharedQuota::Member& member : legal_->quotas[quota].members) {
            add(member.arc, member.weight, true);
        }
        first_member_.push_back(priced_.size());
    }
    const std::size_t members = priced_.size();
    for (const ArcTax& tax : legal_->taxes) {
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

void TrialMarket::lift_cap(PricedArc& priced)
{
    networks_[priced.commodity].network.arcs[priced.arc].cap = priced.legal_cap;
}

/// By how much ln price beyond an arc lies above what it is sold at, rents and taxes paid.
/// Notes how the gap and the cap answer each other. \param splits  It lies between zones.
double TrialMarket::gap_of(PricedArc& priced, bool splits)
{
    const Arc& arc = networks_[priced.commodity].network.arcs[priced.arc];
    const ZonePrices& prices = prices_[priced.commodity];
    const double sold_at = priced.factor * portable_exp(prices.x[arc.from]) + priced.target;
    const double excess = prices.x[arc.to] - portable_log(sold_at);
    const double fall =
        1 / prices.slope[prices.zone[arc.to]]
        + (sold_at - priced.target) / (sold_at * prices.slope[prices.zone[arc.from]]);
    priced.fall = fall;
    priced.response = splits && std::isfinite(fall) ? -1 / (sold_at * fall) : 0;
    priced.miss = std::abs(excess);
    return excess;
}

/// Equation (5). Seeks the cap at which the arc's price gap meets its target to `tolerance` (of
/// ln price); 0 if the gap at 0 is smaller, the legal cap if the gap there is larger. The
/// answer is one Newton step better than what was solved. True if the cap moved.
bool TrialMarket::settle_arc(PricedArc& priced, double tolerance)
{
    Arc& arc = networks_[priced.commodity].network.arcs[priced.arc];
    const double before = arc.cap;
    const double nothing = nothing_of(priced);
    Bracket bracket{0, priced.legal_cap};
    bool open_above = false;
    double cap = std::min(priced.cap, priced.legal_cap);
    if (!std::isfinite(cap)) {
        // Flows may still be those of another trial.
        arc.cap = priced.legal_cap;
        solve_with_known_caps(priced.commodity);
        cap = 0.98 * std::min(flow_of(priced.restricted), priced.legal_cap);
    }
    for (int round = 0;; ++round) {
        arc.cap = cap;
        solve(priced.commodity);
        if (++solves_in_turn_ > max_solves_in_turn) {
            break;  // this leads nowhere: settle_at_once takes over
        }
        const bool splits = between_zones(priced.commodity, priced.arc);
        const double excess = gap_of(priced, splits);
        const double fall = priced.fall;
        if (cap == 0 && (excess <= 0 || bracket.upper <= nothing)) {
            priced.response = 0;
            priced.miss = 0;
            break;
        }
        if (priced.miss <= tolerance || round == max_rounds) {
            const double better = cap + (splits && std::isfinite(fall) ? excess / fall : 0);
            cap = std::clamp(better, 0.0, priced.legal_cap);
            break;
        }
        if (excess > 0) {
            if (cap >= priced.legal_cap) {
                priced.response = 0;
                priced.miss = 0;
                break;
            }
            bracket.lower = cap;
        } else {
            open_above = !splits;
            bracket.upper =
                splits ? cap : std::min(cap, prices_[priced.commodity].flow[priced.arc]);
            if (bracket.lower == 0 && bracket.upper <= nothing) {
                cap = 0;
                continue;
            }
        }
        if (bracket.closed()) {
            // The gap jumps, as an exporter without other buyers takes any price: then the arc
            // is not what holds the goods back.
            cap = bracket.upper;
            arc.cap = open_above ? priced.legal_cap : cap;
            solve(priced.commodity);
            priced.response = 0;
            priced.miss = 0;
            break;
        }
        const double newton = cap + excess / fall;
        cap = splits && bracket.holds(newton) ? newton : bracket.middle();
        if (splits && newton >= bracket.upper && bracket.upper == priced.legal_cap) {
            cap = priced.legal_cap;
        }
    }
    priced.cap = cap;
    return std::isinf(before) || has_moved(priced, before);
}

/// True if the cap moved by so much that its price gap did.
bool TrialMarket::has_moved(const PricedArc& priced, double before) const
{
    const double move = std::abs(priced.cap - before);
    return priced.response != 0 ? move * priced.fall > gap_tolerance
                                : differ(priced.cap, before) && move > nothing_of(priced);
}

/// What counts as no flow on the arc.
double TrialMarket::nothing_of(const PricedArc& priced) const
{
    return gap_tolerance * consumption_of(priced.commodity);
}

/// The world's, in month 0.
double TrialMarket::consumption_of(std::size_t commodity) const
{
    return parameters_->baseline.consumption.row(static_cast<Eigen::Index>(commodity)).sum();
}

std::span<TrialMarket::PricedArc> TrialMarket::members_of(std::size_t quota)
{
    return PricedArcs(priced_).subspan(first_member_[quota],
                                       first_member_[quota + 1] - first_member_[quota]);
}

/// True if the quota lets nothing out.
bool TrialMarket::is_ban(std::size_t quota)
{
    double nothing = 0;
    for (const PricedArc& member : members_of(quota)) {
        nothing += member.weight * nothing_of(member);
    }
    return legal_->quotas[quota].limit <= nothing;
}

/// Settles the members of one quota at a rent; gives back the weighted tonnage that they let
/// out. At no rent, untaxed members keep their caps.
double TrialMarket::settle_members(PricedArcs members, double rent, double tolerance)
{
    for (int round = 0; round < max_rounds; ++round) {
        bool moved = false;
        for (PricedArc& member : members) {
            member.target = member.other_rents + rent * member.rent_share;
            if (!member.is_free()) {
                moved = settle_arc(member, tolerance) || moved;
            }
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

bool TrialMarket::members_are_apart(PricedArcs members)
{
    for (std::size_t member = 1; member < members.size(); ++member) {
        if (members[member].commodity == members[member - 1].commodity) {
            return false;
        }
    }
    return true;
}

/// True if the members' exports without rent, taxes paid, stay within the limit; leaves the
/// networks solved that way.
bool TrialMarket::fits_without_rent(PricedArcs members, double limit)
{
    for (PricedArc& member : members) {
        lift_cap(member);
    }
    for (const PricedArc& member : members) {
        solve_with_known_caps(member.commodity);
    }
    settle_members(members, 0, gap_tolerance);
    double tonnage = 0;
    for (PricedArc& member : members) {
        read_users(member.commodity);
        read_flows(member.commodity);
        member.cap_below = flow_of(member.restricted);
        tonnage += member.weight * member.cap_below;
    }
    return tonnage <= limit * (1 + quota_tolerance);
}

/// Where the tonnage jumps over the limit at a rent, as goods have other ways at the same
/// price: lets out the limit, each member between its caps on both sides of the jump.
void TrialMarket::meet_limit(PricedArcs members, double limit)
{
    double more = 0;
    double less = 0;
    for (const PricedArc& member : members) {
        more += member.weight * member.cap_below;
        less += member.weight * member.cap;
    }
    const double share = more > less ? std::clamp((limit - less) / (more - less), 0.0, 1.0) : 0;
    for (PricedArc& member : members) {
        member.cap =
            std::min(member.legal_cap, member.cap + share * (member.cap_below - member.cap));
        networks_[member.commodity].network.arcs[member.arc].cap = member.cap;
    }
    for (const PricedArc& member : members) {
        solve(member.commodity);
    }
}

/// A first rent: the mean over members of what their price gaps would pay if each were cut
/// alike.
double TrialMarket::guess_rent(PricedArcs members, double limit)
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

/// Lets nothing out.
void TrialMarket::close_arcs(PricedArcs members)
{
    for (PricedArc& member : members) {
        member.cap = 0;
        networks_[member.commodity].network.arcs[member.arc].cap = 0;
    }
    for (const PricedArc& member : members) {
        solve(member.commodity);
    }
}

/// The smallest rent at which nobody would want to export under a quota that lets nothing out.
double TrialMarket::rent_of_ban(PricedArcs members) const
{
    double rent = 0;
    for (const PricedArc& member : members) {
        const Network& network = networks_[member.commodity].network;
        const Arc& arc = network.arcs[member.arc];
        const std::vector<double>& x = prices_[member.commodity].x;
        const double gap =
            portable_exp(std::clamp(x[arc.to], network.log_floor, network.log_choke))
            - member.factor
                  * portable_exp(std::clamp(x[arc.from], network.log_floor, network.log_choke));
        rent = std::max(rent, (gap - member.other_rents) / member.rent_share);
    }
    return rent;
}

/// What the other quotas on the same arcs already claim of their price gaps.
void TrialMarket::note_other_rents(std::size_t quota)
{
    for (std::size_t own = first_member_[quota]; own < first_member_[quota + 1]; ++own) {
        priced_[own].other_rents = 0;
        for (std::size_t other = 0; other < legal_->quota_count; ++other) {
            for (std::size_t at = first_member_[other];
                 other != quota && at < first_member_[other + 1]; ++at) {
                if (priced_[at].restricted == priced_[own].restricted) {
                    priced_[own].other_rents += rent_[other] * priced_[at].rent_share;
                }
            }
        }
    }
}

/// Moves the members' caps by what a change of the rent will roughly do: a near start saves
/// rounds.
void TrialMarket::foresee_caps(PricedArcs members, double rent_change)
{
    for (PricedArc& member : members) {
        if (member.cap > 0) {
            const double change =
                member.response * member.rent_share * rent_change / member.cap;
            member.cap *= portable_exp(std::clamp(change, -1.0, 1.0));
        }
    }
}

/// Equations (6) and (7). Finds the quota's rent by Newton's method on ln tonnage against ln
/// rent, bracketed. 0 if all fits; nothing if it is not found.
std::optional<double> TrialMarket::settle_quota(std::size_t quota)
{
    const PricedArcs members = members_of(quota);
    const double limit = legal_->quotas[quota].limit;
    if (members.empty()) {
        return 0;
    }
    note_other_rents(quota);
    if (is_ban(quota)) {
        close_arcs(members);
        return rent_of_ban(members);
    }
    double& last_rent = last_rent_[members[0].commodity][members[0].arc];
    if (last_rent == 0) {
        if (fits_without_rent(members, limit)) {
            return 0;
        }
        last_rent = guess_rent(members, limit);
    }
    const std::optional<double> rent =
        search_rent(members, limit, rent_[quota] > 0 ? rent_[quota] : last_rent);
    if (rent) {
        last_rent = *rent;
    }
    return rent;
}

/// Newton's method for a quota's rent from a guess; nothing if it is not found.
std::optional<double> TrialMarket::search_rent(PricedArcs members, double limit, double rent)
{
    Bracket bracket;
    double tolerance = first_gap_tolerance;
    for (int round = 0;; ++round) {
        const double tonnage = settle_members(members, rent, tolerance);
        double response = 0;
        for (const PricedArc& member : members) {
            response += member.weight * member.response * member.rent_share;
        }
        const double excess = portable_log(tonnage / limit);
        const bool settled = std::ranges::all_of(members, [](const PricedArc& member) {
            return member.miss <= gap_tolerance || member.cap == 0;
        });
        if (settled && std::abs(excess) <= quota_tolerance) {
            return rent;
        }
        if (round == max_rounds) {
            return std::nullopt;
        }
        // Loosely settled gaps tell on which side the rent lies only while it is well off.
        if (settled || std::abs(excess) > tolerance) {
            (excess > 0 ? bracket.lower : bracket.upper) = rent;
        }
        const bool no_rent =
            bracket.lower == 0 && excess < 0 && rent * members[0].rent_share < gap_tolerance;
        tolerance = no_rent ? gap_tolerance
                            : std::clamp(0.01 * std::abs(excess), gap_tolerance, tolerance);
        if (settled && no_rent) {
            settle_without_rent(members, limit, rent);
            return 0;
        }
        if (bracket.closed(rent_tolerance)) {
            if (tolerance == gap_tolerance) {
                settle_at_jump(members, limit, bracket.lower, bracket.upper);
                return bracket.upper;
            }
            bracket = {};
            tolerance = gap_tolerance;
        }
        const double step = -excess * tonnage / (response * rent);
        const double newton = rent * portable_exp(std::clamp(step, -3.0, 3.0));
        const double next = std::isfinite(newton) && bracket.holds(newton)
                                ? newton
                                : bracket.middle_of_logs(rent);
        foresee_caps(members, next - rent);
        rent = next;
    }
}

/// Ends with a quota whose rent is too small to tell: its members may not exceed it all the
/// same.
void TrialMarket::settle_without_rent(PricedArcs members, double limit, double rent)
{
    if (fits_without_rent(members, limit)) {
        return;
    }
    settle_members(members, rent, gap_tolerance);
    meet_limit(members, limit);
    for (PricedArc& member : members) {
        member.target = member.other_rents;
    }
}

/// Ends where tonnage jumps over the limit as the rent rises: with what lies between.
void TrialMarket::settle_at_jump(PricedArcs members, double limit, double rent_below,
                                 double rent_above)
{
    settle_members(members, rent_below, gap_tolerance);
    for (PricedArc& member : members) {
        member.cap_below = member.cap;
    }
    settle_members(members, rent_above, gap_tolerance);
    meet_limit(members, limit);
}

bool TrialMarket::is_priced(std::size_t commodity) const
{
    return std::ranges::any_of(
        priced_, [&](const PricedArc& priced) { return priced.commodity == commodity; });
}

/// Settles quotas and taxes in turn until none moves; false if that goes on for too long.
bool TrialMarket::settle_in_turn()
{
    const std::size_t members = first_member_.back();
    // Where a first cap is taken from.
    for (const PricedArc& taxed : PricedArcs(priced_).subspan(members)) {
        solve_with_known_caps(taxed.commodity);
    }
    for (const PricedArc& member : PricedArcs(priced_).first(members)) {
        if (prices_[member.commodity].zone.empty()) {
            solve_with_known_caps(member.commodity);
        }
    }
    const std::size_t items = legal_->quota_count + priced_.size() - members;
    for (int round = 0; round < max_rounds_in_turn && solves_in_turn_ <= max_solves_in_turn;
         ++round) {
        bool moved = false;
        for (std::size_t quota = 0; quota < legal_->quota_count; ++quota) {
            const double before = rent_[quota];
            const std::optional<double> rent = settle_quota(quota);
            if (!rent) {
                return false;
            }
            rent_[quota] = *rent;
            moved = differ(rent_[quota], before) || moved;
        }
        for (PricedArc& taxed : PricedArcs(priced_).subspan(members)) {
            settle_arc(taxed, gap_tolerance);
        }
        for (PricedArc& priced : priced_) {
            moved = (!priced.is_free() && has_moved(priced, priced.cap_before)) || moved;
            priced.cap_before = priced.cap;
        }
        if (!moved || items == 1) {
            return true;
        }
    }
    return false;
}

/// Reads off what has been settled.
void TrialMarket::read_priced()
{
    for (std::size_t commodity = 0; commodity < networks_.size(); ++commodity) {
        if (is_priced(commodity)) {
            read_users(commodity);
            read_flows(commodity);
        }
    }
}

/// True if (5), (6) and (7) hold.
bool TrialMarket::taxes_and_quotas_hold()
{
    for (PricedArc& priced : priced_) {
        priced.target = 0;
    }
    for (std::size_t quota = 0; quota < legal_->quota_count; ++quota) {
        const PricedArcs members = members_of(quota);
        note_other_rents(quota);
        double tonnage = 0;
        double nothing = 0;
        double unit = 0;
        for (PricedArc& member : members) {
            member.target = member.other_rents + rent_[quota] * member.rent_share;
            tonnage += member.weight * flow_of(member.restricted);
            nothing += member.weight * equilibrium_tolerance * consumption_of(member.commodity);
            unit = std::max(unit, member.rent_share);
        }
        const double excess = tonnage - legal_->quotas[quota].limit;
        if (excess > nothing
            || (rent_[quota] * unit > equilibrium_tolerance && excess < -nothing)) {
            return false;
        }
    }
    return std::ranges::all_of(priced_,
                               [this](const PricedArc& priced) { return gap_holds(priced); });
}

/// True if the arc's price gap is what tax and rents ask for, no less if there is flow, no more
/// if there could be more of it.
bool TrialMarket::gap_holds(const PricedArc& priced) const
{
    const Arc& arc = networks_[priced.commodity].network.arcs[priced.arc];
    const ZonePrices& prices = prices_[priced.commodity];
    const double excess =
        prices.x[arc.to]
        - portable_log(priced.factor * portable_exp(prices.x[arc.from]) + priced.target);
    const double nothing = equilibrium_tolerance * consumption_of(priced.commodity);
    const double flow = flow_of(priced.restricted);
    if (excess < -equilibrium_tolerance) {
        return flow <= nothing;
    }
    return excess <= equilibrium_tolerance || flow >= priced.legal_cap - nothing
           || !prices.supplied[prices.zone[arc.from]]
           || !has_buyers(priced.commodity, prices.zone[arc.to]);
}

/// True if goods leave the zone, to users or to other zones.
bool TrialMarket::has_buyers(std::size_t commodity, std::uint32_t zone) const
{
    const Network& network = networks_[commodity].network;
    const ZonePrices& prices = prices_[commodity];
    for (std::uint32_t node = 0; node < network.nodes.size(); ++node) {
        if (prices.zone[node] == zone
            && ZoneSolver::trade_at(network, network.nodes[node], prices.x[node]).demand > 0) {
            return true;
        }
    }
    for (std::uint32_t arc = 0; arc < network.arcs.size(); ++arc) {
        if (prices.zone[network.arcs[arc].from] == zone && between_zones(commodity, arc)
            && prices.flow[arc] > 0) {
            return true;
        }
    }
    return false;
}

void TrialMarket::settle_taxes_and_quotas()
{
    rent_.assign(legal_->quota_count, 0);
    clearing_.taxes_and_quotas_hold[0] = 1;
    if (priced_.empty()) {
        return;
    }
    solves_in_turn_ = 0;
    bool settled = settle_in_turn();
    if (solves_in_turn_ > max_solves_in_turn) {
        settled = false;
        // Some may not have had their turn yet.
        for (std::size_t commodity = 0; commodity < networks_.size(); ++commodity) {
            if (is_priced(commodity)) {
                solve(commodity);
            }
        }
    }
    read_priced();
    if (!(settled && taxes_and_quotas_hold())) {
        const bool settled_at_once = settle_at_once();
        read_priced();
        clearing_.taxes_and_quotas_hold[0] =
            static_cast<unsigned char>(settled_at_once && taxes_and_quotas_hold());
    }
    for (const PricedArc& priced : priced_) {
        last_cap_[priced.commodity][priced.arc] = priced.cap;
    }
}

}  // namespace chokepoint
