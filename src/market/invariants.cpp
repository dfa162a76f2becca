#include "chokepoint/market/invariants.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "chokepoint/market/rows.hpp"
#include "chokepoint/support/lanes.hpp"

namespace chokepoint {
namespace {

constexpr double tolerance = 1e-9;  ///< Relative.
constexpr double nothing = 1e-9;    ///< Tonnes; what counts as none at all.

// Each of these gives back how many lanes break a rule. They are written so that what is not a
// number breaks it.

CHOKEPOINT_LANE_LOOPS
std::size_t below(std::size_t lanes, double least, const double* __restrict values)
{
    std::size_t wrong = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        wrong += values[lane] >= least ? 0U : 1U;
    }
    return wrong;
}

CHOKEPOINT_LANE_LOOPS
std::size_t no_share(std::size_t count, const double* __restrict values)
{
    std::size_t wrong = 0;
    for (std::size_t at = 0; at < count; ++at) {
        wrong += (values[at] >= 0 ? 0U : 1U) + (values[at] <= 1 ? 0U : 1U);
    }
    return wrong;
}

/// How many parts are below nothing or above their whole.
CHOKEPOINT_LANE_LOOPS
std::size_t no_part(std::size_t count, const double* __restrict part,
                    const double* __restrict whole)
{
    std::size_t wrong = 0;
    for (std::size_t at = 0; at < count; ++at) {
        wrong += (part[at] >= 0 ? 0U : 1U) + (part[at] <= whole[at] ? 0U : 1U);
    }
    return wrong;
}

/// How many lanes put out or export less than nothing, or export more than they put out.
CHOKEPOINT_LANE_LOOPS
std::size_t unsound_exports(std::size_t lanes, const double* __restrict output,
                            const double* __restrict exports)
{
    std::size_t wrong = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double least = -(tolerance * output[lane] + nothing);
        wrong += (output[lane] >= 0 ? 0U : 1U) + (exports[lane] >= 0 ? 0U : 1U)
                 + (output[lane] - exports[lane] >= least ? 0U : 1U);
    }
    return wrong;
}

/// left = right, relative to a scale.
CHOKEPOINT_LANE_LOOPS
std::size_t differ(std::size_t lanes, const double* __restrict left,
                   const double* __restrict right, const double* __restrict scale)
{
    std::size_t wrong = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        wrong +=
            std::abs(left[lane] - right[lane]) <= tolerance * scale[lane] + nothing ? 0U : 1U;
    }
    return wrong;
}

/// left >= right, relative to a scale.
CHOKEPOINT_LANE_LOOPS
std::size_t less(std::size_t lanes, const double* __restrict left,
                 const double* __restrict right, const double* __restrict scale)
{
    std::size_t wrong = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        wrong += left[lane] - right[lane] >= -(tolerance * scale[lane] + nothing) ? 0U : 1U;
    }
    return wrong;
}

CHOKEPOINT_LANE_LOOPS
void add_multiple(std::size_t lanes, double factor, const double* __restrict values,
                  double* __restrict sum)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sum[lane] += factor * values[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void add_size(std::size_t lanes, const double* __restrict values, double* __restrict sum)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        sum[lane] += std::abs(values[lane]);
    }
}

/// The rows of the users of a cell.
struct UserRows {
    const double *served, *rationed, *stock_before, *stock_after, *purchase, *release,
        *bought_for_reserves;
};

/// How many lanes serve less than nothing or more than is wanted, have less than no stock, or
/// lose count of a tonne.
CHOKEPOINT_LANE_LOOPS
std::size_t unsound_users(std::size_t lanes, const UserRows& user)
{
    const double* __restrict served = user.served;
    const double* __restrict rationed = user.rationed;
    const double* __restrict stock_before = user.stock_before;
    const double* __restrict stock_after = user.stock_after;
    const double* __restrict purchase = user.purchase;
    const double* __restrict release = user.release;
    const double* __restrict bought_for_reserves = user.bought_for_reserves;
    std::size_t wrong = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double scale =
            tolerance * (stock_before[lane] + served[lane] + std::abs(purchase[lane]))
            + nothing;
        const double in = purchase[lane] + release[lane] - bought_for_reserves[lane];
        const double gap = (stock_before[lane] + in) - (stock_after[lane] + served[lane]);
        wrong += (served[lane] >= 0 ? 0U : 1U) + (rationed[lane] >= 0 ? 0U : 1U)
                 + (stock_after[lane] >= -scale ? 0U : 1U) + (std::abs(gap) <= scale ? 0U : 1U);
    }
    return wrong;
}

/// Checks of one month.
class MonthCheck {
public:
    MonthCheck(const Model& model, const MarketState& before, const Clearing& clearing)
        : model_(model), before_(before), clearing_(clearing), lanes_(clearing.lanes)
    {}

    void shares(std::span<const Shock* const> shocks) const;
    void users(CommodityId commodity) const;
    void fail_of_users(const UserRows& user, std::size_t cell) const;
    void exports_of_stage(CommodityId commodity, std::size_t stage) const;
    void add_recycled(CommodityId commodity, Row& supplied) const;
    void stages(CommodityId commodity) const;
    void stage_stocks() const;
    void reserves() const;

private:
    [[noreturn]] void fail(std::size_t lane, std::string_view what,
                           std::string_view where) const
    {
        throw LaneError(lane, fmt::format("{} ({}, month {})", what, where, before_.month));
    }
    std::string place(std::size_t cell) const
    {
        const std::size_t regions = model_.regions.size();
        return fmt::format("{} in {}", model_.commodities[cell / regions].name,
                           model_.regions[cell % regions]);
    }
    const std::string& name(CommodityId commodity) const
    {
        return model_.commodities[commodity.index()].name;
    }
    std::size_t cell_of(std::size_t holder) const
    {
        if (holder < model_.cells()) {
            return holder;
        }
        const StageStock& stock = model_.stage_stocks[holder - model_.cells()];
        return model_.cell(stock.commodity, stock.region);
    }
    const double* row(const LaneArray<double>& values, std::size_t entity) const
    {
        return values.data() + entity * lanes_;
    }
    /// The first lane in which a rule is broken.
    template <class Rule>
    std::size_t first_lane(Rule holds) const
    {
        std::size_t lane = 0;
        while (lane + 1 < lanes_ && holds(lane)) {
            ++lane;
        }
        return lane;
    }
    static bool equal(double left, double right, double scale)
    {
        return std::abs(left - right) <= tolerance * scale + nothing;
    }
    static bool not_negative(double value, double scale)
    {
        return value >= -(tolerance * scale + nothing);
    }
    /// Checks that two sums are equal, relative to what is on both sides.
    /// \param message  Given both.
    template <class Message>
    void balance(const Row& left, const Row& right, CommodityId commodity,
                 Message message) const
    {
        Row scale = left;
        add_size(lanes_, right.data(), scale.data());
        if (differ(lanes_, left.data(), right.data(), scale.data()) > 0) {
            const std::size_t lane = first_lane(
                [&](std::size_t at) { return equal(left[at], right[at], scale[at]); });
            fail(lane, message(left[lane], right[lane]), name(commodity));
        }
    }

    const Model& model_;
    const MarketState& before_;
    const Clearing& clearing_;
    std::size_t lanes_;
};

void MonthCheck::shares(std::span<const Shock* const> shocks) const
{
    const auto is_share = [](double value) { return value >= 0 && value <= 1; };
    const LaneArray<double>& available = clearing_.availability;
    if (no_share(available.size(), available.data()) > 0) {
        const auto wrong = std::ranges::find_if_not(available, is_share);
        const auto at = static_cast<std::size_t>(wrong - available.begin());
        fail(at % lanes_, fmt::format("the share of capacity available is {}", *wrong),
             model_.facilities[at / lanes_].name);
    }
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
        const Shock& shock = *shocks[lane];
        for (const ActiveRestriction& active : shock.restrictions) {
            if (!is_share(active.share)) {
                fail(lane, fmt::format("the share of the month in force is {}", active.share),
                     fmt::format("restriction {}", active.event));
            }
        }
    }
    if (no_share(clearing_.threat.size(), clearing_.threat.data()) > 0) {
        const auto wrong = std::ranges::find_if_not(clearing_.threat, is_share);
        const auto at = static_cast<std::size_t>(wrong - clearing_.threat.begin());
        fail(at % lanes_, fmt::format("the share of need under threat is {}", *wrong),
             place(cell_of(at / lanes_)));
    }
    const LaneArray<double>& part = clearing_.threat_in_force;
    if (no_part(part.size(), part.data(), clearing_.threat.data()) > 0) {
        std::size_t at = 0;
        while (part[at] >= 0 && part[at] <= clearing_.threat[at]) {
            ++at;
        }
        fail(at % lanes_,
             fmt::format("the share of need under what is in force is {}, under threat {}",
                         part[at], clearing_.threat[at]),
             place(cell_of(at / lanes_)));
    }
}

/// What users take in, take from their stock and get from reserves, they use or put away.
void MonthCheck::users(CommodityId commodity) const
{
    for (std::size_t region = 0; region < model_.regions.size(); ++region) {
        const std::size_t cell = model_.cell(commodity, RegionId(region));
        const bool has_reserve = model_.has_reserve(cell);
        if (!has_reserve && !model_.has_users(cell)) {
            continue;
        }
        Row bought_for_reserves{};
        for (std::size_t reserve = 0; has_reserve && reserve < model_.reserves.size();
             ++reserve) {
            const Reserve& entry = model_.reserves[reserve];
            if (model_.cell(entry.commodity, entry.region) == cell) {
                add(lanes_, row(clearing_.reserve_purchase, reserve),
                    bought_for_reserves.data());
            }
        }
        const UserRows user{.served = row(clearing_.consumption, cell),
                            .rationed = row(clearing_.rationed, cell),
                            .stock_before = row(before_.stock, cell),
                            .stock_after = row(clearing_.stock_after, cell),
                            .purchase = row(clearing_.purchase, cell),
                            .release = row(clearing_.release, cell),
                            .bought_for_reserves = bought_for_reserves.data()};
        if (unsound_users(lanes_, user) > 0) {
            fail_of_users(user, cell);
        }
    }
}

/// Says what is wrong in the first lane in which something is.
void MonthCheck::fail_of_users(const UserRows& user, std::size_t cell) const
{
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
        const double served = user.served[lane];
        const double stock = user.stock_after[lane];
        const double before = user.stock_before[lane];
        const double in =
            user.purchase[lane] + user.release[lane] - user.bought_for_reserves[lane];
        const double scale = before + served + std::abs(user.purchase[lane]);
        if (!(served >= 0 && user.rationed[lane] >= 0)) {
            fail(lane,
                 fmt::format("{} t are served of {} t wanted", served,
                             served + user.rationed[lane]),
                 place(cell));
        }
        if (!not_negative(stock, scale)) {
            fail(lane, fmt::format("the users' stock is {} t", stock), place(cell));
        }
        if (!equal(before + in, stock + served, scale)) {
            fail(
                lane,
                fmt::format("the users' stock goes from {} t to {} t, though they take in {} t "
                            "and use {} t",
                            before, stock, in, served),
                place(cell));
        }
    }
}

/// A region exports no more of a stage's output than it makes, and nothing negative.
void MonthCheck::exports_of_stage(CommodityId commodity, std::size_t stage) const
{
    const std::size_t first = model_.cell(commodity, RegionId(0));
    const std::size_t layer = stage * model_.cells() + first;
    for (std::size_t region = 0; region < model_.regions.size(); ++region) {
        const double* output = row(clearing_.output, layer + region);
        const double* exports = row(clearing_.exports, layer + region);
        if (unsound_exports(lanes_, output, exports) > 0) {
            const std::size_t lane = first_lane([&](std::size_t at) {
                return output[at] >= 0 && exports[at] >= 0
                       && not_negative(output[at] - exports[at], output[at]);
            });
            fail(lane,
                 fmt::format("{} t leave {}, {} t are exported", output[lane],
                             model_.stages[stage], exports[lane]),
                 place(first + region));
        }
    }
}

/// Adds what is recycled beyond the mines, which is not mined, to what is supplied.
void MonthCheck::add_recycled(CommodityId commodity, Row& supplied) const
{
    for (std::size_t entry = 0; entry < model_.recycling.size(); ++entry) {
        const Recycling& recycling = model_.recycling[entry];
        const double* recycled = row(clearing_.recycled, entry);
        if (recycling.commodity != commodity) {
            continue;
        }
        if (below(lanes_, 0, recycled) > 0) {
            const std::size_t lane =
                first_lane([&](std::size_t at) { return recycled[at] >= 0; });
            fail(lane, fmt::format("{} t are recycled by {}", recycled[lane], recycling.name),
                 name(commodity));
        }
        if (recycling.stage != StageId(0)) {
            add(lanes_, recycled, supplied.data());
        }
    }
}

/// What leaves a stage is taken in by the next, and in the end by the users.
void MonthCheck::stages(CommodityId commodity) const
{
    const std::size_t regions = model_.regions.size();
    const std::size_t stages = model_.stages_of(commodity);
    const std::size_t first = model_.cell(commodity, RegionId(0));
    const auto add_regions = [&](const LaneArray<double>& values, std::size_t at, Row& sum) {
        for (std::size_t region = 0; region < regions; ++region) {
            add(lanes_, row(values, at + region), sum.data());
        }
    };
    // What plants draw from the stocks of the commodity less what they put in.
    const auto add_net_draw = [&](std::size_t stage, double factor, Row& sum) {
        for (std::size_t position = 0; position < model_.stage_stocks.size(); ++position) {
            const StageStock& stock = model_.stage_stocks[position];
            if (stock.commodity == commodity && stock.stage.index() == stage) {
                add_multiple(lanes_, factor, row(clearing_.stage_draw, position), sum.data());
                add_multiple(lanes_, -factor, row(clearing_.stage_order, position), sum.data());
            }
        }
    };
    Row used{}, supplied{};
    add_regions(clearing_.purchase, first, used);
    add_regions(clearing_.output, first, supplied);
    for (std::size_t stage = 0; stage < stages; ++stage) {
        const std::size_t layer = stage * model_.cells() + first;
        exports_of_stage(commodity, stage);
        Row made{}, taken{};
        add_regions(clearing_.output, layer, made);
        if (stage + 1 < stages) {
            add_regions(clearing_.throughput, layer + model_.cells(), taken);
            add_net_draw(stage + 1, -1, taken);
        } else {
            taken = used;
        }
        balance(made, taken, commodity, [&](double leave, double are_taken) {
            return fmt::format(
                "mass does not balance: {:.12g} t leave {}, {:.12g} t are taken in", leave,
                model_.stages[stage], are_taken);
        });
        add_net_draw(stage, 1, supplied);
    }
    add_recycled(commodity, supplied);
    balance(supplied, used, commodity, [](double in, double out) {
        return fmt::format("mass does not balance: {:.12g} t are supplied, {:.12g} t are used",
                           in, out);
    });
}

void MonthCheck::stage_stocks() const
{
    for (std::size_t position = 0; position < model_.stage_stocks.size(); ++position) {
        const std::size_t holder = model_.cells() + position;
        const StageStock& entry = model_.stage_stocks[position];
        const std::string& stage = model_.stages[entry.stage.index()];
        const double* stock = row(before_.stock, holder);
        const double* ordered = row(clearing_.stage_order, position);
        const double* drawn = row(clearing_.stage_draw, position);
        const double* through =
            row(clearing_.throughput, entry.stage.index() * model_.cells() + cell_of(holder));
        if (below(lanes_, 0, ordered) + below(lanes_, 0, drawn)
                + less(lanes_, stock, drawn, stock)
            > 0) {
            const std::size_t lane = first_lane([&](std::size_t at) {
                return ordered[at] >= 0 && drawn[at] >= 0
                       && not_negative(stock[at] - drawn[at], stock[at]);
            });
            fail(lane,
                 fmt::format("{} plants draw {} t from a stock of {} t and put {} t in", stage,
                             drawn[lane], stock[lane], ordered[lane]),
                 place(cell_of(holder)));
        }
        Row in{}, scale{};
        add(lanes_, through, in.data());
        add(lanes_, ordered, in.data());
        add(lanes_, in.data(), scale.data());
        add(lanes_, drawn, scale.data());
        if (less(lanes_, in.data(), drawn, scale.data()) > 0) {
            const std::size_t lane = first_lane(
                [&](std::size_t at) { return not_negative(in[at] - drawn[at], scale[at]); });
            fail(lane,
                 fmt::format("{} plants draw {} t from stock, put {} t in and pass on {} t",
                             stage, drawn[lane], ordered[lane], through[lane]),
                 place(cell_of(holder)));
        }
    }
}

void MonthCheck::reserves() const
{
    for (std::size_t reserve = 0; reserve < model_.reserves.size(); ++reserve) {
        const double* before = row(before_.reserve_stock, reserve);
        const double* released = row(clearing_.reserve_release, reserve);
        const double* bought = row(clearing_.reserve_purchase, reserve);
        Row left{};
        add(lanes_, before, left.data());
        add(lanes_, bought, left.data());
        if (below(lanes_, 0, released) + below(lanes_, 0, bought)
                + less(lanes_, left.data(), released, before)
            > 0) {
            const std::size_t lane = first_lane([&](std::size_t at) {
                return released[at] >= 0 && bought[at] >= 0
                       && not_negative(left[at] - released[at], before[at]);
            });
            fail(lane,
                 fmt::format("{} t are released and {} t bought by {}, which holds {} t",
                             released[lane], bought[lane], model_.reserves[reserve].name,
                             before[lane]),
                 name(model_.reserves[reserve].commodity));
        }
    }
}

}  // namespace

void check_month(const Model& model, std::span<const Shock* const> shocks,
                 const MarketState& before, const Clearing& clearing)
{
    const MonthCheck check(model, before, clearing);
    check.shares(shocks);
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        check.users(CommodityId(commodity));
        check.stages(CommodityId(commodity));
    }
    check.stage_stocks();
    check.reserves();
}

}  // namespace chokepoint
