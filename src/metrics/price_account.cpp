#include "chokepoint/metrics/price_account.hpp"

#include "chokepoint/events/shock.hpp"
#include "chokepoint/support/elementary.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chokepoint {
namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double price_slack = 1e-6;  ///< Relative: prices closer than this are the same.
constexpr double least_flow = 1e-9;   ///< Of all that is mined: less is rounding.

bool same_price(double one, double other)
{
    return std::abs(one - other) <= price_slack * std::max({1.0, one, other});
}

/// Where the arcs of one commodity stand in Model::cappable_arcs.
class ArcPositions {
public:
    using Arc = std::optional<std::size_t>;

    ArcPositions(const Model& model, CommodityId commodity)
        : regions_(model.regions.size()),
          plants_(model.stages.size() * regions_),
          exports_(plants_.size()),
          trade_(plants_.size() * regions_)
    {
        for (std::size_t arc = 0; arc < model.cappable_arcs.size(); ++arc) {
            const CappableArc& place = model.cappable_arcs[arc];
            if (place.commodity != commodity) {
                continue;
            }
            const std::size_t at = place.stage.index() * regions_ + place.from.index();
            switch (place.kind) {
                case CappableArc::Kind::plant:
                    plants_[at] = arc;
                    break;
                case CappableArc::Kind::exports:
                    exports_[at] = arc;
                    break;
                case CappableArc::Kind::trade:
                    trade_[at * regions_ + place.to.index()] = arc;
                    break;
            }
        }
    }

    Arc plant(std::size_t stage, std::size_t region) const
    {
        return plants_[stage * regions_ + region];
    }
    Arc exports(std::size_t layer, std::size_t from) const
    {
        return exports_[layer * regions_ + from];
    }
    Arc trade(std::size_t layer, std::size_t from, std::size_t to) const
    {
        return trade_[(layer * regions_ + from) * regions_ + to];
    }

private:
    std::size_t regions_;
    std::vector<Arc> plants_, exports_, trade_;
};

/// Prices inside one commodity's network in one month of a run, found from those of the users:
/// along an arc that carries goods the price rises by its gap and tax and by nothing else. What
/// no goods pass has no price here. Path::exports does not help: it is net of imports, and a
/// region may sell abroad what it makes and use what comes from elsewhere.
class NetworkPrices {
public:
    NetworkPrices(const Model& model, const ArcPositions& arcs, const Path& path,
                  CommodityId commodity, std::size_t month)
        : arcs_(arcs),
          path_(path),
          month_(month),
          regions_(model.regions.size()),
          first_cell_(commodity.index() * regions_),
          stages_(model.stages_of(commodity)),
          entrance_((stages_ + 1) * regions_, unknown),
          exit_(stages_ * regions_, unknown)
    {
        for (std::size_t region = 0; region < regions_; ++region) {
            mined_ += output(0, region);
            const std::size_t cell = first_cell_ + region;
            if (model.has_users(cell)) {
                entrance_[stages_ * regions_ + region] =
                    portable_exp(path.log_price[month * path.cells + cell]);
            }
        }
        for (std::size_t stage = stages_; stage-- > 0;) {
            for (std::size_t region = 0; region < regions_; ++region) {
                exit_[stage * regions_ + region] = price_when_leaving(stage, region);
                entrance_[stage * regions_ + region] = price_before_plants(stage, region);
            }
        }
    }

    std::size_t stages() const { return stages_; }
    std::size_t regions() const { return regions_; }
    double output(std::size_t layer, std::size_t region) const
    {
        return path_.output[layer_at(layer, region)];
    }
    /// At the entrance of a stage's plants; of the users for the stage after the last.
    double entrance_price(std::size_t stage, std::size_t region) const
    {
        return entrance_[stage * regions_ + region];
    }
    double exit_price(std::size_t stage, std::size_t region) const
    {
        return exit_[stage * regions_ + region];
    }
    double gap(ArcPositions::Arc arc) const { return arc ? at(path_.arc_gap, *arc) : 0; }
    double tax(ArcPositions::Arc arc) const { return arc ? at(path_.arc_tax, *arc) : 0; }
    double flow(ArcPositions::Arc arc) const { return arc ? at(path_.arc_flow, *arc) : 0; }
    double wedge(ArcPositions::Arc arc) const { return gap(arc) + tax(arc); }
    /// What prices differ by between the exit of a stage and those who take its output.
    double wedge(std::size_t layer, std::size_t from, std::size_t to) const
    {
        return from == to
                   ? 0
                   : wedge(arcs_.exports(layer, from)) + wedge(arcs_.trade(layer, from, to));
    }
    /// True if goods may go that way: some leave there, and a path that knows their flow to one
    /// importer or to all shows one.
    bool carries(std::size_t layer, std::size_t from, std::size_t to) const
    {
        const auto lets_pass = [this](ArcPositions::Arc arc) {
            return !arc || is_some(flow(arc));
        };
        return is_some(output(layer, from))
               && (from == to
                   || (lets_pass(arcs_.exports(layer, from))
                       && lets_pass(arcs_.trade(layer, from, to))));
    }

private:
    double at(const std::vector<double>& by_arc, std::size_t arc) const
    {
        return by_arc[month_ * path_.arcs + arc];
    }
    std::size_t layer_at(std::size_t layer, std::size_t region) const
    {
        return (month_ * path_.stages + layer) * path_.cells + first_cell_ + region;
    }

    bool is_some(double flow) const { return flow > least_flow * mined_; }
    bool holds_gap(std::size_t layer, std::size_t from, std::size_t to) const
    {
        return gap(arcs_.exports(layer, from)) > 0 || gap(arcs_.trade(layer, from, to)) > 0;
    }

    /// At the exit of a stage: nobody who could get its output pays more than this and what
    /// lies between, and those who do get it pay just that. Where nothing leaves it is what a
    /// tonne would bring, as the gaps of full or shut arcs are reckoned.
    double price_when_leaving(std::size_t stage, std::size_t region) const
    {
        double price = unknown;
        bool is_known = is_some(output(stage, region)) || gap(arcs_.plant(stage, region)) > 0;
        for (std::size_t to = 0; to < regions_; ++to) {
            const double left = entrance_price(stage + 1, to) - wedge(stage, region, to);
            price = std::isnan(left) || price >= left ? price : left;
            is_known = is_known || (to != region && holds_gap(stage, region, to));
        }
        return is_known ? price : unknown;
    }

    double price_before_plants(std::size_t stage, std::size_t region) const
    {
        const ArcPositions::Arc plant = arcs_.plant(stage, region);
        const double difference = gap(plant);
        return plant && (is_some(flow(plant)) || difference > 0)
                   ? exit_price(stage, region) - difference
                   : unknown;
    }

    const ArcPositions& arcs_;
    const Path& path_;
    std::size_t month_, regions_, first_cell_, stages_;
    double mined_ = 0;
    std::vector<double> entrance_, exit_;  ///< [stage * regions + region]
};

/// Looks for the way whose steps are worth most.
class WayFinder {
public:
    WayFinder(const ArcPositions& arcs, const NetworkPrices& disrupted,
              const NetworkPrices& reference)
        : arcs_(arcs), disrupted_(disrupted), reference_(reference)
    {}

    std::optional<PriceWay> way_to(std::size_t region) const
    {
        std::optional<PriceWay> way = costliest(disrupted_.stages(), region);
        if (way) {
            compare_with_reference(*way, region);
        }
        return way;
    }

private:
    /// From a mine to the entrance of a stage; the home market's where none is worth more.
    std::optional<PriceWay> costliest(std::size_t stage, std::size_t region) const
    {
        std::optional<PriceWay> best = by_way_of(stage, region, region);
        for (std::size_t from = 0; from < disrupted_.regions(); ++from) {
            if (from == region) {
                continue;
            }
            std::optional<PriceWay> other = by_way_of(stage, from, region);
            if (other && (!best || worth_of(*other) > worth_of(*best))) {
                best = std::move(other);
            }
        }
        return best;
    }

    static double worth_of(const PriceWay& way)
    {
        double worth = 0;
        for (const PriceStep& step : way.steps) {
            worth += step.change() * std::max(step.flow.disrupted, step.flow.undisturbed);
        }
        return worth;
    }

    /// The last leg being from the plants (or mines) before that stage in a region.
    std::optional<PriceWay> by_way_of(std::size_t stage, std::size_t from, std::size_t to) const
    {
        const std::size_t layer = stage - 1;
        const double sold_at = disrupted_.exit_price(layer, from);
        const double wedge = disrupted_.wedge(layer, from, to);
        if ((!disrupted_.carries(layer, from, to) && !reference_.carries(layer, from, to))
            || std::isnan(sold_at)
            || !same_price(disrupted_.entrance_price(stage, to), sold_at + wedge)) {
            return std::nullopt;
        }
        PriceWay way;
        if (from != to) {
            append_step(arcs_.trade(layer, from, to), way.steps);
            append_step(arcs_.exports(layer, from), way.steps);
        }
        if (layer == 0) {
            way.mine = RegionId(from);
            way.mine_price.disrupted = sold_at;
            return way;
        }
        append_step(arcs_.plant(layer, from), way.steps);
        std::optional<PriceWay> before = costliest(layer, from);
        if (before) {
            before->steps.insert(before->steps.begin(), way.steps.begin(), way.steps.end());
        }
        return before;
    }

    void append_step(ArcPositions::Arc arc, std::vector<PriceStep>& steps) const
    {
        if (arc && (disrupted_.wedge(arc) != 0 || reference_.wedge(arc) != 0)) {
            steps.push_back({.arc = *arc,
                             .gap = {disrupted_.gap(arc), reference_.gap(arc)},
                             .tax = {disrupted_.tax(arc), reference_.tax(arc)},
                             .flow = {disrupted_.flow(arc), reference_.flow(arc)}});
        }
    }

    void compare_with_reference(PriceWay& way, std::size_t region) const
    {
        const double price = reference_.entrance_price(reference_.stages(), region);
        double between = 0;
        for (const PriceStep& step : way.steps) {
            between += step.gap.undisturbed + step.tax.undisturbed;
        }
        const double at_mine = reference_.exit_price(0, way.mine.index());
        way.mine_price.undisturbed = std::isnan(at_mine) ? price - between : at_mine;
        way.rest = -(price - between - way.mine_price.undisturbed);
    }

    const ArcPositions& arcs_;
    const NetworkPrices& disrupted_;
    const NetworkPrices& reference_;
};

/// The month of the largest price impact, or of the smallest where that says more; nothing if
/// the price hardly moves.
std::optional<std::size_t> telling_month(const TrialRecord& record, std::size_t cell)
{
    const Path& disrupted = *record.disrupted;
    double highest = 0;
    double lowest = 0;
    std::size_t peak = 0;
    std::size_t trough = 0;
    for (std::size_t month = 0; month < disrupted.months; ++month) {
        const std::size_t at = month * disrupted.cells + cell;
        const double log_impact = disrupted.log_price[at] - record.reference->log_price[at];
        if (log_impact > highest) {
            highest = log_impact;
            peak = month;
        }
        if (log_impact < lowest) {
            lowest = log_impact;
            trough = month;
        }
    }
    if (highest > std::log1p(least_price_change)) {
        return peak;
    }
    return lowest < std::log1p(-least_price_change) ? std::optional(trough) : std::nullopt;
}

InBothRuns price_of(const TrialRecord& record, std::size_t month, std::size_t cell)
{
    const std::size_t at = month * record.disrupted->cells + cell;
    return {portable_exp(record.disrupted->log_price[at]),
            portable_exp(record.reference->log_price[at])};
}

/// Regions with their months, those of equal prices in the same month together.
std::vector<PriceAccount> accounts_of(const Model& model, const TrialRecord& record,
                                      CommodityId commodity)
{
    std::vector<PriceAccount> accounts;
    for (std::size_t region = 0; region < model.regions.size(); ++region) {
        const std::size_t cell = model.cell(commodity, RegionId(region));
        if (!model.has_users(cell)) {
            continue;
        }
        const std::optional<std::size_t> month = telling_month(record, cell);
        if (!month) {
            continue;
        }
        const InBothRuns price = price_of(record, *month, cell);
        const auto same = std::ranges::find_if(accounts, [&](const PriceAccount& account) {
            return account.month == *month
                   && same_price(account.price.disrupted, price.disrupted)
                   && same_price(account.price.undisturbed, price.undisturbed);
        });
        if (same == accounts.end()) {
            PriceAccount account;
            account.commodity = commodity;
            account.regions = {RegionId(region)};
            account.month = *month;
            account.price = price;
            accounts.push_back(account);
        } else {
            same->regions.push_back(RegionId(region));
        }
    }
    return accounts;
}

/// Growth of a stock in a month beyond that of the reference run; both start alike.
/// \param width  Stocks per month.
double extra_building(const std::vector<double>& disrupted,
                      const std::vector<double>& reference, std::size_t width,
                      std::size_t month, std::size_t position)
{
    const std::size_t at = month * width + position;
    const double now = disrupted[at] - reference[at];
    return month == 0 ? now : now - (disrupted[at - width] - reference[at - width]);
}

void add_users(const Model& model, const TrialRecord& record, PriceAccount& account)
{
    const Path& disrupted = *record.disrupted;
    const Path& reference = *record.reference;
    UserTonnes& users = account.users;
    for (const RegionId region : account.regions) {
        const std::size_t cell = model.cell(account.commodity, region);
        const std::size_t at = account.month * disrupted.cells + cell;
        users.consumed.disrupted += disrupted.consumption[at];
        users.consumed.undisturbed += reference.consumption[at];
        users.release.disrupted += disrupted.reserve_release[at];
        users.release.undisturbed += reference.reserve_release[at];
        users.rationed += disrupted.rationed[at];
        users.stock_building += extra_building(disrupted.stock, reference.stock,
                                               disrupted.cells, account.month, cell);
    }
    users.bought = users.consumed.change() + users.stock_building - users.release.change();
}

void add_output(const Model& model, const TrialRecord& record, PriceAccount& account)
{
    const Path& disrupted = *record.disrupted;
    for (std::size_t stage = 0; stage < model.stages_of(account.commodity); ++stage) {
        for (std::size_t region = 0; region < model.regions.size(); ++region) {
            const std::size_t at = (account.month * disrupted.stages + stage) * disrupted.cells
                                   + model.cell(account.commodity, RegionId(region));
            const InBothRuns output{disrupted.output[at], record.reference->output[at]};
            if (output.disrupted != 0 || output.undisturbed != 0) {
                account.output.push_back({StageId(stage), RegionId(region), output});
            }
        }
    }
    const std::size_t holders = model.stage_stocks.size();
    for (std::size_t holder = 0; holder < holders; ++holder) {
        if (model.stage_stocks[holder].commodity == account.commodity) {
            account.plants_stock_building +=
                extra_building(disrupted.stage_stock, record.reference->stage_stock, holders,
                               account.month, holder);
        }
    }
}

/// Share of the capacity lost to outages, [month * facilities + facility], of what would run
/// without them. What prices shut or open runs in a month if it did at the end of the last.
std::vector<double> shares_lost(const Model& model, const TrialRecord& record)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::size_t facilities = model.facilities.size();
    const Path& path = *record.disrupted;
    std::vector<RunningSpan> running(facilities);
    set_running_at_start(model, *record.parameters, running);
    const Timeline nothing;
    ShockCursor with_outages;
    ShockCursor without;
    with_outages.start(model, *record.timeline);
    without.start(model, nothing);
    std::vector<double> shares(path.months * facilities, 0);
    for (std::size_t month = 0; month < path.months; ++month) {
        for (std::size_t facility = 0; month > 0 && facility < facilities; ++facility) {
            if (model.facilities[facility].is_led_by_prices()) {
                const bool runs =
                    path.phase[(month - 1) * facilities + facility] == FacilityPhase::running;
                running[facility] = {runs ? -infinity : infinity, 0};
            }
        }
        const std::vector<double>& left = with_outages.next(running).availability;
        const std::vector<double>& whole = without.next(running).availability;
        for (std::size_t facility = 0; facility < facilities; ++facility) {
            shares[month * facilities + facility] = whole[facility] - left[facility];
        }
    }
    return shares;
}

/// \param shares_lost  [month * facilities + facility]
void add_losses(const Model& model, const TrialRecord& record,
                const std::vector<double>& shares_lost, PriceAccount& account)
{
    const Parameters& parameters = *record.parameters;
    const GrowthTable& growth = parameters.growth.capacity;
    for (std::size_t position = 0; position < model.facilities.size(); ++position) {
        const Facility& facility = model.facilities[position];
        const auto output = model.output_of(facility, account.commodity);
        const double share = shares_lost[account.month * model.facilities.size() + position];
        if (!output || !(share > 0)) {
            continue;
        }
        const double grown =
            growth.grows() ? growth.at(static_cast<int>(account.month), position) : 1;
        const double room = parameters[facility.capacity] / months_per_year * grown
                            * parameters.baseline.share[position][*output];
        if (room > 0) {
            account.losses.push_back({position, share, share * room});
        }
    }
}

void add_causes(const Model& model, const TrialRecord& record, PriceAccount& account)
{
    const Timeline& timeline = *record.timeline;
    for (std::size_t event = 0; event < timeline.restrictions.size(); ++event) {
        const RestrictionEvent& restriction = timeline.restrictions[event];
        const Measure& measure = model.measures[restriction.measure.index()];
        if (restriction.cause != Cause::standing
            && std::ranges::count(measure.commodities, account.commodity) > 0
            && force_in(restriction, static_cast<int>(account.month)).share > 0) {
            account.restrictions.push_back(event);
        }
    }
    if (timeline.price_shocks.empty()) {
        return;
    }
    for (std::size_t shock = 0; shock < model.price_shocks.size(); ++shock) {
        const bool concerned =
            std::ranges::any_of(model.price_shocks[shock].cells, [&](std::size_t cell) {
                return cell / model.regions.size() == account.commodity.index();
            });
        if (concerned) {
            account.shocks.push_back(
                {shock,
                 timeline.price_shocks[account.month * model.price_shocks.size() + shock]});
        }
    }
}

/// Weighted by output of the reference run; of mines whose price is known in both runs.
std::optional<InBothRuns> mean_at_mines(const NetworkPrices& disrupted,
                                        const NetworkPrices& reference)
{
    double mined = 0;
    InBothRuns sum;
    for (std::size_t region = 0; region < disrupted.regions(); ++region) {
        const double weight = reference.output(0, region);
        const InBothRuns price{disrupted.exit_price(0, region),
                               reference.exit_price(0, region)};
        if (std::isnan(price.change())) {
            continue;
        }
        mined += weight;
        sum.disrupted += weight * price.disrupted;
        sum.undisturbed += weight * price.undisturbed;
    }
    return mined > 0 ? std::optional(InBothRuns{sum.disrupted / mined, sum.undisturbed / mined})
                     : std::nullopt;
}

void add_way(const Model& model, const TrialRecord& record, PriceAccount& account)
{
    const ArcPositions arcs(model, account.commodity);
    const NetworkPrices disrupted(model, arcs, *record.disrupted, account.commodity,
                                  account.month);
    const NetworkPrices reference(model, arcs, *record.reference, account.commodity,
                                  account.month);
    const RegionId largest =
        *std::ranges::max_element(account.regions, {}, [&](RegionId region) {
            return record.reference->consumption[account.month * record.reference->cells
                                                 + model.cell(account.commodity, region)];
        });
    account.way = WayFinder(arcs, disrupted, reference).way_to(largest.index());
    account.at_mines = mean_at_mines(disrupted, reference);
}

}  // namespace

double PriceAccount::weight() const
{
    return std::abs(price.change()) * users.consumed.undisturbed;
}

std::vector<PriceAccount> price_accounts(const Model& model, const TrialRecord& record)
{
    std::vector<PriceAccount> accounts;
    const std::vector<double> lost = shares_lost(model, record);
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        const auto first = static_cast<std::ptrdiff_t>(accounts.size());
        std::ranges::move(accounts_of(model, record, CommodityId(commodity)),
                          std::back_inserter(accounts));
        for (auto account = accounts.begin() + first; account != accounts.end(); ++account) {
            add_way(model, record, *account);
            add_users(model, record, *account);
            add_output(model, record, *account);
            add_losses(model, record, lost, *account);
            add_causes(model, record, *account);
        }
        std::stable_sort(accounts.begin() + first, accounts.end(),
                         [](const PriceAccount& one, const PriceAccount& other) {
                             return one.weight() > other.weight();
                         });
    }
    return accounts;
}

}  // namespace chokepoint
