#pragma once

#include "chokepoint/metrics/facility_output.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/portfolio.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chokepoint {

/// A part of the value that belongs to a commodity; nothing: to none (the stock market, a
/// position's own noise).
struct CommodityWeight {
    std::optional<CommodityId> commodity;
    double weight = 1;
};

/// Exposure to the logarithm of a quoted price: `usd` per unit, valued at the end of a month.
struct BetaExposure {
    std::size_t price = 0;  ///< Position in Book::prices.
    double usd = 0;
    int mark = 0;
};

/// Metal, valued at the end of a month.
struct MetalHolding {
    std::size_t price = 0;
    double kg = 0;
    int mark = 0;
};

/// A floor under the price of what a facility makes, by a policy.
struct GuaranteedFloor {
    std::size_t price = 0;  ///< The quoted price that it is held against.
    Slot usd_per_kg;
    double from = 0, until = 0;  ///< model time
};

/// One output of a facility, and what is got for it.
struct Sale {
    std::size_t product = 0;  ///< Position in Book::products.
    std::size_t price = 0;
    std::vector<GuaranteedFloor> floors;
};

/// A share of what a facility earns with one output.
struct SaleShare {
    Sale sale;
    double share = 1, unit_cost_usd_per_kg = 0, hedge_ratio = 0;
};

/// Delivery at a fixed price.
struct Offtake {
    std::size_t price = 0;
    std::optional<std::size_t> product;
    double kg_per_month = 0;
    std::optional<double> usd_per_kg;  ///< Nothing: the reference price of the trial.
    double sign = 1;                   ///< -1 of a seller.
    double from = 0, until = 0;
};

/// A price floor that was given.
struct PriceGuarantee {
    std::size_t price = 0, product = 0;
    double usd_per_kg = 0, share = 1, from = 0, until = 0;
};

/// A loan that a facility serves from what it sells, or a guarantee for one.
struct Loan {
    std::vector<Sale> sales;
    LoanEntry terms;
    bool is_guarantee = false;
};

/// One input of a consumer.
struct ConsumerInput {
    std::size_t price = 0;
    std::size_t cell = 0;
    double kg_per_month = 0, hedge_ratio = 0;
};

/// A company that uses commodities; a row for each input.
struct Consumer {
    std::vector<ConsumerInput> inputs;
    double share = 1, pass_through = 0, margin_usd_per_month = 0, lost_output = 1;
};

/// A return that is drawn once in a trial, times `usd`.
struct DrawnReturn {
    double usd = 0;
    std::optional<std::uint64_t> stream;  ///< Nothing: the market's draw.
    NoiseEntry law;
    double years = 0;
};

/// A piece of a position that is valued by itself.
struct Leg {
    std::variant<BetaExposure, MetalHolding, SaleShare, Offtake, PriceGuarantee, Loan, Consumer,
                 DrawnReturn>
        terms;
    std::size_t position = 0;
    std::size_t first_row = 0;  ///< In Book::rows; a consumer has one for each input.
};

/// What a number of the valuation belongs to.
struct ValueRow {
    std::size_t position = 0;
    std::vector<CommodityWeight> weights;  ///< They add up to 1.
};

/// A position as far as the model knows it.
struct BookPosition {
    std::string name;
    PositionKind kind = PositionKind::cash;
    std::optional<std::size_t> desk;
    double value_usd = 0;
    std::optional<double> max_loss_usd;
    bool is_limited = false;  ///< Shares: held, they lose at most their value; sold, gain at most it.
    bool is_loan = false;
    std::size_t first_row = 0, rows = 0;
    /// What it names that the model does not have, e.g. `facility kuantan`: it counts as 0.
    std::vector<std::string> missing;
};

/// What the figures of a run are of.
struct BookPart {
    enum class Kind { position, desk, commodity, loan_default, calm_default };
    Kind kind = Kind::position;
    std::size_t index =
        0;  ///< Of a position, a desk or a commodity; the last one: no commodity.
};

/// A portfolio as a model understands it: names are ids, positions are made of legs.
/// Money in USD. Only `build_book` makes one.
struct Book {
    std::string name;
    int months = 0;  ///< How many count.
    double discount_per_year = 0;
    std::optional<double> max_loss_usd, max_drawdown_usd;
    std::vector<BookPosition> positions;
    std::vector<DeskEntry> desks;
    std::vector<std::string> commodities;  ///< That positions have to do with, then `none`.
    std::optional<NoiseEntry> market;
    std::vector<std::size_t> prices;  ///< Cells whose quoted prices count.
    std::vector<FacilityProduct> products;
    std::vector<Leg> legs;
    std::vector<ValueRow> rows;
    std::vector<BookPart> parts;  ///< In the order of their columns.

    /// The name of a part: of a commodity `none` for what belongs to none.
    const std::string& name_of(const BookPart& part) const;
};

/// Understands a portfolio.
///
/// \throws InputError  with everything that does not fit the model: prices of commodities that
///                     nobody uses in the region, outputs that a facility does not have,
///                     commodities counted twice, dates outside the horizon. What the model
///                     does not have counts as nothing (BookPosition::missing).
Book build_book(const Portfolio& portfolio, const Model& model);

}  // namespace chokepoint
