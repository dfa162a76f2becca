#include "chokepoint/portfolio/book.hpp"

#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

const std::string no_commodity = "none";

std::optional<std::size_t> position_of(const std::vector<std::string>& names,
                                       const std::string& name)
{
    const auto found = std::ranges::find(names, name);
    return found == names.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - names.begin()));
}

/// Appends a value to a list unless it is there; its position.
template <class Value>
std::size_t place_in(std::vector<Value>& list, const Value& value)
{
    const auto known = std::ranges::find(list, value);
    if (known != list.end()) {
        return static_cast<std::size_t>(known - list.begin());
    }
    list.push_back(value);
    return list.size() - 1;
}

class BookBuilder {
public:
    BookBuilder(const Portfolio& portfolio, const Model& model)
        : portfolio_(portfolio), model_(model)
    {}

    Book build()
    {
        book_.name = portfolio_.name;
        book_.discount_per_year = portfolio_.discount_per_year;
        book_.max_loss_usd = portfolio_.max_loss_usd;
        book_.max_drawdown_usd = portfolio_.max_drawdown_usd;
        book_.market = portfolio_.market;
        book_.desks = portfolio_.desks;
        entry_.place = portfolio_.place;
        book_.months = last_month(portfolio_.until, "until") + 1;
        for (const PositionEntry& entry : portfolio_.positions) {
            add_position(entry);
        }
        if (problems_.has_errors()) {
            throw InputError(problems_.sorted());
        }
        name_commodities();
        list_parts();
        return std::move(book_);
    }

private:
    void error(const Place& place, std::string problem)
    {
        problems_.error(place, "positions." + entry_.name, std::move(problem));
    }

    /// The last month before a date; the last of all without one.
    int last_month(const std::optional<Date>& date, const char* key)
    {
        const int end = book_.months > 0 ? book_.months : model_.months;
        if (!date) {
            return end - 1;
        }
        const double at = std::ceil(months_between(model_.start, *date));
        if (at < 1 || at > end) {
            problems_.error(entry_.place, key,
                            fmt::format("must lie after {} and not after {} (got {})",
                                        month_label(model_.start, 0),
                                        month_label(model_.start, end), to_string(*date)));
            return end - 1;
        }
        return static_cast<int>(at) - 1;
    }

    void missing(std::string what)
    {
        std::vector<std::string>& list = book_.positions.back().missing;
        place_in(list, what);
    }

    std::optional<CommodityId> commodity(const std::string& name)
    {
        const auto found = std::ranges::find(model_.commodities, name, &Commodity::name);
        if (found == model_.commodities.end()) {
            missing("commodity " + name);
            return std::nullopt;
        }
        return CommodityId(static_cast<std::size_t>(found - model_.commodities.begin()));
    }

    std::optional<FacilityId> facility(const std::string& name)
    {
        const auto found = std::ranges::find(model_.facilities, name, &Facility::name);
        if (found == model_.facilities.end()) {
            missing("facility " + name);
            return std::nullopt;
        }
        return FacilityId(static_cast<std::size_t>(found - model_.facilities.begin()));
    }

    std::optional<RegionId> region(const std::string& name)
    {
        const auto found = position_of(model_.regions, name);
        if (!found) {
            missing("region " + name);
            return std::nullopt;
        }
        return RegionId(*found);
    }

    /// The quoted price of a commodity in a region; nothing where nobody uses it, after a
    /// complaint.
    std::optional<std::size_t> price(CommodityId of, const std::string& where)
    {
        const auto at = region(where);
        if (!at) {
            return std::nullopt;
        }
        const std::size_t cell = model_.cell(of, *at);
        if (!model_.has_users(cell)) {
            error(entry_.place,
                  fmt::format("nobody in {} uses {}: there is no quoted price (name another "
                              "region)",
                              where, model_.commodities[of.index()].name));
            return std::nullopt;
        }
        return place_in(book_.prices, cell);
    }

    /// Where a facility sells: what is written, else where it stands if there are users, else
    /// the portfolio's region.
    std::string sells_in(const std::string& written, FacilityId at, CommodityId of) const
    {
        if (!written.empty()) {
            return written;
        }
        const RegionId home = model_.facilities[at.index()].region;
        const bool has_price = model_.has_users(model_.cell(of, home));
        return has_price || portfolio_.price_region.empty() ? model_.regions[home.index()]
                                                            : portfolio_.price_region;
    }

    /// What a facility makes of a commodity; nothing if it makes none, after a complaint.
    std::optional<std::size_t> product(FacilityId at, CommodityId of)
    {
        const Facility& entry = model_.facilities[at.index()];
        if (!model_.output_of(entry, of)) {
            error(entry_.place, fmt::format("{} makes no {}", entry.name,
                                            model_.commodities[of.index()].name));
            return std::nullopt;
        }
        return place_in(book_.products, FacilityProduct{at, of});
    }

    std::optional<Sale> sale(FacilityId at, CommodityId of, const std::string& written)
    {
        const auto made = product(at, of);
        const auto got = price(of, sells_in(written, at, of));
        if (!made || !got) {
            return std::nullopt;
        }
        Sale sale{.product = *made, .price = *got, .floors = {}};
        for (const PolicyCost& cost : model_.policy_costs) {
            if (cost.kind == CostKind::floor_payments && cost.facility == at
                && cost.commodity == of) {
                const std::size_t home = model_.cell(of, model_.facilities[at.index()].region);
                sale.floors.push_back({.price = place_in(book_.prices, home),
                                       .usd_per_kg = cost.floor_usd_per_kg,
                                       .from = cost.from,
                                       .until = cost.until});
            }
        }
        return sale;
    }

    /// All that a facility sells. A plant without outputs treats what reaches it.
    std::vector<std::pair<CommodityId, Sale>> sales(FacilityId at, const std::string& written)
    {
        std::vector<std::pair<CommodityId, Sale>> all;
        for (std::size_t index = 0; index < model_.commodities.size(); ++index) {
            const CommodityId of(index);
            if (!model_.output_of(model_.facilities[at.index()], of)) {
                continue;
            }
            if (auto one = sale(at, of, written)) {
                all.emplace_back(of, std::move(*one));
            }
        }
        return all;
    }

    template <class Terms>
    void add(Terms terms, std::vector<ValueRow> rows)
    {
        book_.legs.push_back({.terms = std::move(terms),
                              .position = book_.positions.size() - 1,
                              .first_row = book_.rows.size()});
        for (ValueRow& row : rows) {
            row.position = book_.positions.size() - 1;
            book_.rows.push_back(std::move(row));
        }
    }

    static ValueRow row_of(std::optional<CommodityId> commodity)
    {
        return {.position = 0, .weights = {{commodity, 1}}};
    }

    void add_position(const PositionEntry& entry)
    {
        entry_ = entry;
        BookPosition position;
        position.name = entry.name;
        position.kind = entry.kind;
        for (std::size_t desk = 0; desk < portfolio_.desks.size(); ++desk) {
            if (portfolio_.desks[desk].name == entry.desk) {
                position.desk = desk;
            }
        }
        position.value_usd = entry.value_usd;
        position.max_loss_usd = entry.max_loss_usd;
        position.is_limited = entry.kind == PositionKind::equity;
        position.is_loan = entry.loan.has_value();
        position.first_row = book_.rows.size();
        book_.positions.push_back(std::move(position));
        switch (entry.kind) {
            case PositionKind::equity:
                add_equity();
                break;
            case PositionKind::physical:
            case PositionKind::futures:
                add_metal();
                break;
            case PositionKind::offtake:
                add_offtake();
                break;
            case PositionKind::price_guarantee:
                add_price_guarantee();
                break;
            case PositionKind::project_loan:
            case PositionKind::guarantee:
                add_loan();
                break;
            case PositionKind::consumer:
                add_consumer();
                break;
            case PositionKind::cash:
                break;
        }
        book_.positions.back().rows = book_.rows.size() - book_.positions.back().first_row;
    }

    void add_equity()
    {
        const int mark = last_month(entry_.mark, "mark");
        std::set<std::size_t> sold;
        for (const StakeEntry& stake : entry_.stakes) {
            const auto at = facility(stake.facility);
            if (!at) {
                continue;
            }
            for (auto& [of, sale] : sales(*at, stake.price_region)) {
                sold.insert(of.index());
                add(SaleShare{.sale = std::move(sale),
                              .share = stake.share,
                              .unit_cost_usd_per_kg = stake.unit_cost_usd_per_kg,
                              .hedge_ratio = entry_.hedge_ratio},
                    {row_of(of)});
            }
        }
        for (const BetaEntry& beta : entry_.betas) {
            const auto of = commodity(beta.commodity);
            if (of && sold.contains(of->index())) {
                error(beta.place, fmt::format("{} counts twice: a facility of this position "
                                              "makes it too",
                                              beta.commodity));
            }
            const auto at = of ? price(*of, entry_.region) : std::nullopt;
            if (at) {
                const double usd = entry_.value_usd * beta.beta * (1 - entry_.hedge_ratio);
                add(BetaExposure{.price = *at, .usd = usd, .mark = mark}, {row_of(of)});
            }
        }
        const double years = (mark + 1.0) / months_per_year;
        if (entry_.market_beta != 0) {
            add(DrawnReturn{.usd = entry_.value_usd * entry_.market_beta,
                            .stream = {},
                            .law = *portfolio_.market,
                            .years = years},
                {row_of({})});
        }
        if (entry_.noise) {
            add(DrawnReturn{.usd = entry_.value_usd,
                            .stream = hash_name("position/" + entry_.name),
                            .law = *entry_.noise,
                            .years = years},
                {row_of({})});
        }
    }

    void add_metal()
    {
        const int mark = last_month(entry_.mark, "mark");
        const auto of = commodity(entry_.commodity);
        const auto at = of ? price(*of, entry_.region) : std::nullopt;
        if (!at) {
            return;
        }
        const double kg = kg_per_tonne * entry_.tonnes * (1 - entry_.hedge_ratio);
        if (entry_.kind == PositionKind::physical) {
            const Slot usd = model_.commodities[of->index()]
                                 .regional_price[book_.prices[*at] % model_.regions.size()];
            book_.positions.back().value_usd =
                kg_per_tonne * entry_.tonnes * model_.parameters[usd.index()].nominal;
        }
        add(MetalHolding{.price = *at, .kg = kg, .mark = mark}, {row_of(of)});
    }

    double model_time(const std::optional<Date>& date, double otherwise) const
    {
        return date ? months_between(model_.start, *date) : otherwise;
    }

    void add_offtake()
    {
        const auto of = commodity(entry_.commodity);
        const auto from = entry_.facility.empty() ? std::nullopt : facility(entry_.facility);
        const auto at = of ? price(*of, entry_.region) : std::nullopt;
        if (!of || !at || (!entry_.facility.empty() && !from)) {
            return;
        }
        Offtake offtake{.price = *at,
                        .product = {},
                        .kg_per_month = kg_per_tonne * entry_.tonnes_per_year / months_per_year,
                        .usd_per_kg = entry_.price_usd_per_kg,
                        .sign = entry_.is_seller ? -1.0 : 1.0,
                        .from = model_time(entry_.from, 0),
                        .until = model_time(entry_.until, book_.months)};
        if (from) {
            offtake.product = product(*from, *of);
        }
        add(std::move(offtake), {row_of(of)});
    }

    void add_price_guarantee()
    {
        const auto of = commodity(entry_.commodity);
        const auto from = facility(entry_.facility);
        if (!of || !from) {
            return;
        }
        const auto made = product(*from, *of);
        const auto at = price(*of, sells_in(entry_.region, *from, *of));
        if (made && at) {
            add(PriceGuarantee{.price = *at,
                               .product = *made,
                               .usd_per_kg = *entry_.price_usd_per_kg,
                               .share = entry_.share,
                               .from = model_time(entry_.from, 0),
                               .until = model_time(entry_.until, book_.months)},
                {row_of(of)});
        }
    }

    void add_loan()
    {
        const auto at = facility(entry_.loan->facility);
        if (!at) {
            return;
        }
        Loan loan{.sales = {},
                  .terms = *entry_.loan,
                  .is_guarantee = entry_.kind == PositionKind::guarantee};
        // A default belongs to commodities as the revenue of month 0 does.
        ValueRow row;
        double all = 0;
        for (auto& [of, sale] : sales(*at, entry_.loan->price_region)) {
            const Facility& made_by = model_.facilities[at->index()];
            const auto output = model_.output_of(made_by, of);
            const double share =
                made_by.outputs.empty()
                    ? 1
                    : model_.parameters[made_by.outputs[*output].share.index()].nominal;
            const double revenue =
                share * model_.parameters[model_.commodities[of.index()].price.index()].nominal;
            all += revenue;
            row.weights.push_back({of, revenue});
            loan.sales.push_back(std::move(sale));
        }
        for (CommodityWeight& weight : row.weights) {
            weight.weight /= all;
        }
        if (!loan.sales.empty()) {
            add(std::move(loan), {std::move(row)});
        }
    }

    void add_consumer()
    {
        Consumer consumer{.inputs = {},
                          .share = entry_.share,
                          .pass_through = entry_.pass_through,
                          .margin_usd_per_month = entry_.margin_usd_per_year / months_per_year,
                          .lost_output = entry_.lost_output};
        std::vector<ValueRow> rows;
        for (const InputEntry& input : entry_.inputs) {
            const auto of = commodity(input.commodity);
            const auto at = of ? price(*of, entry_.region) : std::nullopt;
            if (at) {
                consumer.inputs.push_back(
                    {.price = *at,
                     .cell = book_.prices[*at],
                     .kg_per_month = kg_per_tonne * input.tonnes_per_year / months_per_year,
                     .hedge_ratio = input.hedge_ratio});
                rows.push_back(row_of(of));
            }
        }
        if (!rows.empty()) {
            add(std::move(consumer), std::move(rows));
        }
    }

    /// The commodities of the model that some row belongs to, in its order, then `none`.
    void name_commodities()
    {
        std::set<std::size_t> used;
        for (const ValueRow& row : book_.rows) {
            for (const CommodityWeight& weight : row.weights) {
                if (weight.commodity) {
                    used.insert(weight.commodity->index());
                }
            }
        }
        for (const std::size_t commodity : used) {
            book_.commodities.push_back(model_.commodities[commodity].name);
        }
        book_.commodities.push_back(no_commodity);
    }

    void list_parts()
    {
        using Kind = BookPart::Kind;
        for (std::size_t at = 0; at < book_.positions.size(); ++at) {
            book_.parts.push_back({Kind::position, at});
        }
        for (std::size_t at = 0; at < book_.desks.size(); ++at) {
            book_.parts.push_back({Kind::desk, at});
        }
        for (std::size_t at = 0; at < book_.commodities.size(); ++at) {
            book_.parts.push_back({Kind::commodity, at});
        }
        for (std::size_t at = 0; at < book_.positions.size(); ++at) {
            if (book_.positions[at].is_loan) {
                book_.parts.push_back({Kind::loan_default, at});
                book_.parts.push_back({Kind::calm_default, at});
            }
        }
    }

    const Portfolio& portfolio_;
    const Model& model_;
    Book book_;
    PositionEntry entry_;  ///< At hand.
    Diagnostics problems_;
};

}  // namespace

const std::string& Book::name_of(const BookPart& part) const
{
    switch (part.kind) {
        case BookPart::Kind::desk:
            return desks[part.index].name;
        case BookPart::Kind::commodity:
            return commodities[part.index];
        case BookPart::Kind::position:
        case BookPart::Kind::loan_default:
        case BookPart::Kind::calm_default:
            break;
    }
    return positions[part.index].name;
}

Book build_book(const Portfolio& portfolio, const Model& model)
{
    return BookBuilder(portfolio, model).build();
}

}  // namespace chokepoint
