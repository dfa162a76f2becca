#pragma once

#include "chokepoint/metrics/facility_output.hpp"
#include "chokepoint/portfolio/book.hpp"
#include "chokepoint/support/lane_rows.hpp"
#include "chokepoint/trial/lane_month.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace chokepoint {

/// The quoted prices of a book and the outputs that it looks at, month by month, of both runs.
class BookMarket {
public:
    /// \param calm  The model of the reference run.
    BookMarket(const Model& model, const Model& calm, const Book& book);

    void start(std::span<const LaneTrial> trials);
    void look_at(const LaneMonth& month);

    std::size_t lanes() const { return lanes_; }

    // By position in Book::prices, a row of lanes each.
    /// ln of the quoted price less that of the reference run.
    const double* log_move(std::size_t price) const { return log_move_[price]; }
    /// USD/kg, of the disrupted and of the reference run.
    const double* price(std::size_t of) const { return price_[of]; }
    const double* calm_price(std::size_t of) const { return calm_price_[of]; }
    /// The scenario's reference price of the trial, USD/kg.
    const double* par(std::size_t price) const { return par_[price]; }

    // By position in Book::products: kg in the month.
    const double* output(std::size_t product) const { return output_[product]; }
    const double* calm_output(std::size_t product) const { return calm_output_[product]; }

    const LaneMonth& month() const { return *month_; }
    const Parameters& parameters(std::size_t lane) const { return *parameters_[lane]; }

private:
    const Model& model_;
    const Book& book_;
    std::size_t lanes_ = 0;
    LaneRows log_move_, price_, calm_price_, par_, output_, calm_output_;
    std::vector<const Parameters*> parameters_, calm_parameters_;
    std::vector<std::optional<std::size_t>> calm_product_;  ///< By product, in calm_outputs_.
    FacilityOutputs outputs_, calm_outputs_;  // the second fills what stands above it
    const LaneMonth* month_ = nullptr;
};

/// A loan in one run of several trials.
class LoanBalance {
public:
    void start(const LoanEntry& terms, std::size_t lanes);

    /// The next month: what the lender receives in it and, of a guarantee, its giver.
    /// \param cash      What the facility has for the loan in the month, USD, by lane.
    /// \param received  To the lender. \param paid  By the giver of a guarantee, less fees.
    void next(const double* cash, double* received, double* paid);

    /// What is still owed and not in default, valued at par.
    double outstanding(std::size_t lane) const { return is_default_[lane] ? 0 : balance_; }
    const std::vector<char>& is_default() const { return is_default_; }

private:
    LoanEntry terms_;
    int month_ = 0;
    double balance_ = 0, instalment_ = 0;
    LaneRows cash_;  ///< By month of the window.
    std::vector<double> sum_;
    std::vector<char> is_default_;  ///< By lane.
};

/// The value of a book's legs against the reference run, up to the month at hand.
class Valuation {
public:
    /// \param seed  Of the run, for returns that are drawn.
    Valuation(const Model& model, const Model& calm, const Book& book, std::uint64_t seed);

    void start(std::span<const LaneTrial> trials);

    /// Adds a month, unless the book's months are over.
    void add(const LaneMonth& month);

    /// Adds the returns that are drawn.
    void finish();

    /// What a row of Book::rows has gained so far, USD, by lane; negative for a loss.
    const double* gain(std::size_t row) const { return gain_[row]; }
    /// Whether a position's loan has defaulted, in the disrupted or the reference run.
    bool is_default(std::size_t position, std::size_t lane, bool in_reference) const;

private:
    void value(const Leg& leg, const BetaExposure& terms);
    void value(const Leg& leg, const MetalHolding& terms);
    void value(const Leg& leg, const SaleShare& terms);
    void value(const Leg& leg, const Offtake& terms);
    void value(const Leg& leg, const PriceGuarantee& terms);
    void value(const Leg& leg, const Loan& terms);
    void value(const Leg& leg, const Consumer& terms);
    void value(const Leg&, const DrawnReturn&) {}
    const double* price_with_floors(const Sale& sale);
    /// The share of the month that lies between two times.
    double share_of_month(double from, double until) const;

    const Book& book_;
    std::uint64_t seed_;
    BookMarket market_;
    std::vector<LaneTrial> trials_;
    LaneRows gain_;  ///< By row.
    int month_ = 0;
    double discount_ = 1;
    struct LoanRuns {
        LoanBalance disrupted, reference;
    };
    std::vector<LoanRuns> loans_;             ///< By leg that is a loan.
    std::vector<std::size_t> loan_of_;        ///< By leg: position in loans_.
    std::vector<std::size_t> loan_position_;  ///< By loan: position in the book.
    std::vector<double> cash_, calm_cash_, received_, paid_, calm_received_, calm_paid_, price_;
};

}  // namespace chokepoint
