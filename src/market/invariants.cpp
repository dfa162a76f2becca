#include "chokepoint/market/invariants.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr double tolerance = 1e-9;  ///< Relative.
constexpr double nothing = 1e-9;    ///< Tonnes; what counts as none at all.

/// Checks of one month. Conditions are written so that what is not a number fails.
class MonthCheck {
public:
    MonthCheck(const Model& model, const Shock& shock, const MarketState& before,
               const Clearing& clearing)
        : model_(model), shock_(shock), before_(before), clearing_(clearing)
    {}

    void shares() const;
    void users(CommodityId commodity) const;
    void stages(CommodityId commodity) const;
    void stage_stocks() const;
    void reserves() const;

private:
    [[noreturn]] void fail(std::string_view what, std::string_view where) const
    {
        throw std::logic_error(fmt::format("{} ({}, month {})", what, where, before_.month));
    }
    [[noreturn]] void fail(std::string_view what, CommodityId commodity) const
    {
        fail(what, model_.commodities[commodity.index()].name);
    }
    [[noreturn]] void fail(std::string_view what, std::size_t cell) const
    {
        const std::size_t regions = model_.regions.size();
        fail(what, fmt::format("{} in {}", model_.commodities[cell / regions].name,
                               model_.regions[cell % regions]));
    }

    std::size_t cell_of(std::size_t holder) const
    {
        if (holder < model_.cells()) {
            return holder;
        }
        const StageStock& stock = model_.stage_stocks[holder - model_.cells()];
        return model_.cell(stock.commodity, stock.region);
    }
    /// What plants draw from the stocks of a commodity less what they put in; of one stage, or
    /// of all.
    double net_draw(CommodityId commodity, std::optional<StageId> stage) const
    {
        double sum = 0;
        for (std::size_t position = 0; position < model_.stage_stocks.size(); ++position) {
            const StageStock& stock = model_.stage_stocks[position];
            if (stock.commodity == commodity && (!stage || stock.stage == *stage)) {
                sum += clearing_.stage_draw[position] - clearing_.stage_order[position];
            }
        }
        return sum;
    }

    static bool equal(double left, double right, double scale)
    {
        return std::abs(left - right) <= tolerance * scale + nothing;
    }
    static bool not_negative(double value, double scale)
    {
        return value >= -(tolerance * scale + nothing);
    }
    static bool is_share(double value) { return value >= 0 && value <= 1; }

    const Model& model_;
    const Shock& shock_;
    const MarketState& before_;
    const Clearing& clearing_;
};

void MonthCheck::shares() const
{
    for (std::size_t facility = 0; facility < shock_.availability.size(); ++facility) {
        const double available = shock_.availability[facility];
        if (!is_share(available)) {
            fail(fmt::format("the share of capacity available is {}", available),
                 model_.facilities[facility].name);
        }
    }
    for (const ActiveRestriction& active : shock_.restrictions) {
        if (!is_share(active.share)) {
            fail(fmt::format("the share of the month in force is {}", active.share),
                 fmt::format("restriction {}", active.event));
        }
    }
    for (std::size_t holder = 0; holder < clearing_.threat.size(); ++holder) {
        if (!is_share(clearing_.threat[holder])) {
            fail(fmt::format("the share of need under threat is {}", clearing_.threat[holder]),
                 cell_of(holder));
        }
    }
}

/// What users take in, take from their stock and get from reserves, they use or put away.
void MonthCheck::users(CommodityId commodity) const
{
    for (std::size_t region = 0; region < model_.regions.size(); ++region) {
        const std::size_t cell = model_.cell(commodity, RegionId(region));
        const double served = clearing_.consumption[cell];
        const double stock = clearing_.stock_after[cell];
        if (!(served >= 0 && clearing_.rationed[cell] >= 0)) {
            fail(fmt::format("{} t are served of {} t wanted", served,
                             served + clearing_.rationed[cell]),
                 cell);
        }
        const double scale = before_.stock[cell] + served + std::abs(clearing_.purchase[cell]);
        if (!not_negative(stock, scale)) {
            fail(fmt::format("the users' stock is {} t", stock), cell);
        }
        double in = clearing_.purchase[cell] + clearing_.release[cell];
        for (std::size_t reserve = 0; reserve < model_.reserves.size(); ++reserve) {
            const Reserve& entry = model_.reserves[reserve];
            if (model_.cell(entry.commodity, entry.region) == cell) {
                in -= clearing_.reserve_purchase[reserve];
            }
        }
        if (!equal(before_.stock[cell] + in, stock + served, scale)) {
            fail(
                fmt::format("the users' stock goes from {} t to {} t, though they take in {} t "
                            "and use {} t",
                            before_.stock[cell], stock, in, served),
                cell);
        }
    }
}

/// What leaves a stage is taken in by the next, and in the end by the users.
void MonthCheck::stages(CommodityId commodity) const
{
    const std::size_t regions = model_.regions.size();
    const std::size_t stages = model_.stages_of(commodity);
    const std::size_t first = model_.cell(commodity, RegionId(0));
    const auto sum = [regions](const std::vector<double>& values, std::size_t at) {
        double total = 0;
        for (std::size_t region = 0; region < regions; ++region) {
            total += values[at + region];
        }
        return total;
    };
    const double used = sum(clearing_.purchase, first);
    for (std::size_t stage = 0; stage < stages; ++stage) {
        const std::size_t at = stage * model_.cells() + first;
        for (std::size_t region = 0; region < regions; ++region) {
            const double output = clearing_.output[at + region];
            const double exports = clearing_.exports[at + region];
            if (!(output >= 0 && exports >= 0 && not_negative(output - exports, output))) {
                fail(fmt::format("{} t leave {}, {} t are exported", output,
                                 model_.stages[stage], exports),
                     first + region);
            }
        }
        const double made = sum(clearing_.output, at);
        const double taken = stage + 1 < stages ? sum(clearing_.throughput, at + model_.cells())
                                                      - net_draw(commodity, StageId(stage + 1))
                                                : used;
        if (!equal(made, taken, made + std::abs(taken))) {
            fail(
                fmt::format("mass does not balance: {:.12g} t leave {}, {:.12g} t are taken in",
                            made, model_.stages[stage], taken),
                commodity);
        }
    }
    double supplied = sum(clearing_.output, first) + net_draw(commodity, std::nullopt);
    for (std::size_t entry = 0; entry < model_.recycling.size(); ++entry) {
        const Recycling& recycling = model_.recycling[entry];
        const double recycled = clearing_.recycled[entry];
        if (!(recycled >= 0)) {
            fail(fmt::format("{} t are recycled by {}", recycled, recycling.name),
                 recycling.commodity);
        }
        if (recycling.commodity == commodity && recycling.stage != StageId(0)) {
            supplied += recycled;
        }
    }
    if (!equal(supplied, used, supplied + std::abs(used))) {
        fail(fmt::format("mass does not balance: {:.12g} t are supplied, {:.12g} t are used",
                         supplied, used),
             commodity);
    }
}

void MonthCheck::stage_stocks() const
{
    for (std::size_t position = 0; position < model_.stage_stocks.size(); ++position) {
        const std::size_t holder = model_.cells() + position;
        const StageStock& entry = model_.stage_stocks[position];
        const double stock = before_.stock[holder];
        const double ordered = clearing_.stage_order[position];
        const double drawn = clearing_.stage_draw[position];
        const double through =
            clearing_.throughput[entry.stage.index() * model_.cells() + cell_of(holder)];
        if (!(ordered >= 0 && drawn >= 0 && not_negative(stock - drawn, stock))) {
            fail(fmt::format("{} plants draw {} t from a stock of {} t and put {} t in",
                             model_.stages[entry.stage.index()], drawn, stock, ordered),
                 cell_of(holder));
        }
        if (!not_negative(through + ordered - drawn, through + ordered + drawn)) {
            fail(fmt::format("{} plants draw {} t from stock, put {} t in and pass on {} t",
                             model_.stages[entry.stage.index()], drawn, ordered, through),
                 cell_of(holder));
        }
    }
}

void MonthCheck::reserves() const
{
    for (std::size_t reserve = 0; reserve < model_.reserves.size(); ++reserve) {
        const double before = before_.reserve_stock[reserve];
        const double released = clearing_.reserve_release[reserve];
        const double bought = clearing_.reserve_purchase[reserve];
        if (!(released >= 0 && bought >= 0
              && not_negative(before + bought - released, before))) {
            fail(fmt::format("{} t are released and {} t bought by {}, which holds {} t",
                             released, bought, model_.reserves[reserve].name, before),
                 model_.reserves[reserve].commodity);
        }
    }
}

}  // namespace

void check_month(const Model& model, const Shock& shock, const MarketState& before,
                 const Clearing& clearing)
{
    const MonthCheck check(model, shock, before, clearing);
    check.shares();
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        check.users(CommodityId(commodity));
        check.stages(CommodityId(commodity));
    }
    check.stage_stocks();
    check.reserves();
}

}  // namespace chokepoint
