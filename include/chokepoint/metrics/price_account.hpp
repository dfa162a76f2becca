#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace chokepoint {

/// A figure in the disrupted and in the reference run.
struct InBothRuns {
    double disrupted = 0, undisturbed = 0;

    double change() const { return disrupted - undisturbed; }
};

/// An arc on the way of goods to their users over which prices differ.
struct PriceStep {
    std::size_t arc = 0;  ///< Position in Model::cappable_arcs.
    InBothRuns gap;       ///< Path::arc_gap
    InBothRuns tax;       ///< Path::arc_tax
    InBothRuns flow;      ///< t/month

    double change() const { return gap.change() + tax.change(); }
};

/// Where the price of users comes from, up the chain to one mine. In both runs, in price ratio
/// units,
///
///   price = price at the mine + gaps and taxes of the steps + rest
///
/// where the rest is 0 but for the reference run's, if there goods do not come that way. Of all
/// ways for which this holds in the disrupted run, and by which goods come in one of the runs,
/// it is the one whose steps are worth most: the sum of their change times the larger of their
/// two flows.
struct PriceWay {
    std::vector<PriceStep> steps;  ///< Those with a gap or a tax in some run, users first.
    RegionId mine;                 ///< Region of the mines at its beginning.
    InBothRuns mine_price;
    double rest = 0;  ///< Disrupted less reference run.
};

/// Tonnes of the users in one month: consumed = bought + release - stock_building.
struct UserTonnes {
    InBothRuns consumed;
    InBothRuns release;         ///< What reserves give.
    double rationed = 0;        ///< Wanted at the choke price but unserved.
    double stock_building = 0;  ///< Beyond that of the reference run; negative if drawn down.
    double bought = 0;          ///< Beyond what they buy in the reference run.
};

/// What leaves a stage in a region in one month, t.
struct StageOutput {
    StageId stage;
    RegionId region;
    InBothRuns output;
};

/// Room for a commodity that a facility lacks in one month because of outages, t.
struct CapacityLoss {
    std::size_t facility = 0;  ///< Position in Model::facilities.
    double share = 0;          ///< Of the capacity that it would have.
    double lost_t = 0;
};

/// A price shock at the users or mines of a commodity in one month.
struct ShockInForce {
    std::size_t shock = 0;  ///< Position in Model::price_shocks.
    double log_ratio = 0;   ///< Its s of docs/model.md section 6.
};

/// What a trial says of the month in which some users' price of a commodity is farthest from
/// that of the reference run.
struct PriceAccount {
    CommodityId commodity;
    std::vector<RegionId> regions;  ///< All with this price in this month, file order.
    std::size_t month = 0;  ///< Of the largest impact; of the smallest if none is above 1.
    InBothRuns price;       ///< Price ratio to month 0.
    /// To the region of them that consumes most undisturbed; nothing where none is found.
    std::optional<PriceWay> way;
    UserTonnes users;  ///< Of the regions, summed.
    // Of the whole market in that month:
    /// Mean price of ore at the mines, weighted by their output in the reference run. What the
    /// users' price differs by beyond it is held up between the mines and them.
    std::optional<InBothRuns> at_mines;
    std::vector<StageOutput> output;        ///< Of every stage and region that has some.
    double plants_stock_building = 0;       ///< Of all plants, beyond the reference run's, t.
    std::vector<CapacityLoss> losses;       ///< File order.
    std::vector<std::size_t> restrictions;  ///< In Timeline::restrictions, without standing.
    std::vector<ShockInForce> shocks;

    double impact() const { return price.disrupted / price.undisturbed; }
    /// What the users' price differs by on all that they use undisturbed, in price ratio units
    /// times t/month.
    double weight() const;
};

/// Why prices moved in a trial: an account for each commodity and set of regions that share
/// price and month, of regions with users whose price ever differs from the reference run's by
/// more than `least_price_change`; by commodity, in falling order of weight.
std::vector<PriceAccount> price_accounts(const Model& model, const TrialRecord& record);

/// Of the price: what is smaller is no story.
inline constexpr double least_price_change = 0.01;

}  // namespace chokepoint
