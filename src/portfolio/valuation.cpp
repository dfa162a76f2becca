#include "valuation.hpp"

#include "chokepoint/market/state.hpp"
#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lanes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace chokepoint {
namespace {

constexpr std::uint64_t market_stream = hash_name("market");
constexpr std::size_t no_loan = std::numeric_limits<std::size_t>::max();

CHOKEPOINT_LANE_LOOPS
void value_exposure(std::size_t lanes, double usd, const double* __restrict log_move,
                    double* __restrict gain)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        gain[lane] = usd * log_move[lane];
    }
}

CHOKEPOINT_LANE_LOOPS
void value_metal(std::size_t lanes, double kg, const double* __restrict price,
                 const double* __restrict calm_price, double* __restrict gain)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        gain[lane] = kg * (price[lane] - calm_price[lane]);
    }
}

/// What sales bring more than in the reference run.
CHOKEPOINT_LANE_LOOPS
void value_sales(std::size_t lanes, const SaleShare& terms, double factor,
                 const double* __restrict price, const double* __restrict quoted,
                 const double* __restrict calm_price, const double* __restrict output,
                 const double* __restrict calm_output, double* __restrict gain)
{
    const double cost = terms.unit_cost_usd_per_kg;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double earned = (price[lane] - cost) * output[lane];
        const double calm = (calm_price[lane] - cost) * calm_output[lane];
        const double hedged =
            terms.hedge_ratio * calm_output[lane] * (quoted[lane] - calm_price[lane]);
        gain[lane] += factor * (earned - calm - hedged);
    }
}

CHOKEPOINT_LANE_LOOPS
void add_cash(std::size_t lanes, double share, double cost, const double* __restrict price,
              const double* __restrict output, double* __restrict cash)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        cash[lane] += share * (price[lane] - cost) * output[lane];
    }
}

/// The law of a return over some years, with the standard deviation that a year's law has.
Distribution return_law(const NoiseEntry& law, double years)
{
    const double sd = law.sd_per_year * std::sqrt(years);
    if (sd == 0) {
        return Fixed{0};
    }
    if (!law.degrees_of_freedom) {
        return Normal{0, sd};
    }
    const double nu = *law.degrees_of_freedom;
    return StudentT{0, sd * std::sqrt((nu - 2) / nu), nu};
}

}  // namespace

Valuation::Valuation(const Model& model, const Model& calm, const Book& book,
                     std::uint64_t seed)
    : book_(book), seed_(seed), market_(model, calm, book)
{
    for (const Leg& leg : book.legs) {
        const bool is_loan = std::holds_alternative<Loan>(leg.terms);
        loan_of_.push_back(is_loan ? loan_position_.size() : no_loan);
        if (is_loan) {
            loan_position_.push_back(leg.position);
        }
    }
    loans_.resize(loan_position_.size());
}

void Valuation::start(std::span<const LaneTrial> trials)
{
    trials_.assign(trials.begin(), trials.end());
    market_.start(trials);
    gain_.reset(book_.rows.size(), trials.size());
    month_ = 0;
    for (std::size_t at = 0; at < book_.legs.size(); ++at) {
        if (const Loan* loan = std::get_if<Loan>(&book_.legs[at].terms)) {
            loans_[loan_of_[at]].disrupted.start(loan->terms, trials.size());
            loans_[loan_of_[at]].reference.start(loan->terms, trials.size());
        }
    }
    for (std::vector<double>* row :
         {&cash_, &calm_cash_, &received_, &paid_, &calm_received_, &calm_paid_, &price_}) {
        row->resize(trials.size());
    }
}

void Valuation::add(const LaneMonth& month)
{
    month_ = static_cast<int>(month.month);
    if (month_ >= book_.months) {
        return;
    }
    market_.look_at(month);
    discount_ = std::pow(1 + book_.discount_per_year, -(month_ + 1.0) / months_per_year);
    for (const Leg& leg : book_.legs) {
        std::visit([&](const auto& terms) { value(leg, terms); }, leg.terms);
    }
}

void Valuation::value(const Leg& leg, const BetaExposure& terms)
{
    if (month_ <= terms.mark) {
        value_exposure(market_.lanes(), terms.usd, market_.log_move(terms.price),
                       gain_[leg.first_row]);
    }
}

void Valuation::value(const Leg& leg, const MetalHolding& terms)
{
    if (month_ <= terms.mark) {
        value_metal(market_.lanes(), terms.kg, market_.price(terms.price),
                    market_.calm_price(terms.price), gain_[leg.first_row]);
    }
}

double Valuation::share_of_month(double from, double until) const
{
    const double at = month_;
    return std::max(0.0, std::min(until, at + 1) - std::max(from, at));
}

/// What a kg brings in the disrupted run, by lane, with what policies add.
const double* Valuation::price_with_floors(const Sale& sale)
{
    const double* const quoted = market_.price(sale.price);
    if (sale.floors.empty()) {
        return quoted;
    }
    std::copy_n(quoted, market_.lanes(), price_.begin());
    for (const GuaranteedFloor& floor : sale.floors) {
        const double share = share_of_month(floor.from, floor.until);
        for (std::size_t lane = 0; share > 0 && lane < market_.lanes(); ++lane) {
            const double lacks =
                market_.parameters(lane)[floor.usd_per_kg] - market_.price(floor.price)[lane];
            price_[lane] += share * std::max(0.0, lacks);
        }
    }
    return price_.data();
}

void Valuation::value(const Leg& leg, const SaleShare& terms)
{
    value_sales(market_.lanes(), terms, discount_ * terms.share, price_with_floors(terms.sale),
                market_.price(terms.sale.price), market_.calm_price(terms.sale.price),
                market_.output(terms.sale.product), market_.calm_output(terms.sale.product),
                gain_[leg.first_row]);
}

void Valuation::value(const Leg& leg, const Offtake& terms)
{
    const double share = share_of_month(terms.from, terms.until);
    if (share == 0) {
        return;
    }
    const double wanted = share * terms.kg_per_month;
    const auto delivered = [&](double made) {
        return terms.product ? std::min(wanted, share * made) : wanted;
    };
    double* const gain = gain_[leg.first_row];
    for (std::size_t lane = 0; lane < market_.lanes(); ++lane) {
        const double made = terms.product ? market_.output(*terms.product)[lane] : 0;
        const double calm_made = terms.product ? market_.calm_output(*terms.product)[lane] : 0;
        const double strike = terms.usd_per_kg.value_or(market_.par(terms.price)[lane]);
        const double worth = (market_.price(terms.price)[lane] - strike) * delivered(made);
        const double calm_worth =
            (market_.calm_price(terms.price)[lane] - strike) * delivered(calm_made);
        gain[lane] += discount_ * terms.sign * (worth - calm_worth);
    }
}

void Valuation::value(const Leg& leg, const PriceGuarantee& terms)
{
    const double share = terms.share * share_of_month(terms.from, terms.until);
    const double* const output = market_.output(terms.product);
    const double* const calm_output = market_.calm_output(terms.product);
    double* const gain = gain_[leg.first_row];
    for (std::size_t lane = 0; share > 0 && lane < market_.lanes(); ++lane) {
        const double paid =
            std::max(0.0, terms.usd_per_kg - market_.price(terms.price)[lane]) * output[lane];
        const double calm_paid =
            std::max(0.0, terms.usd_per_kg - market_.calm_price(terms.price)[lane])
            * calm_output[lane];
        gain[lane] -= discount_ * share * (paid - calm_paid);
    }
}

void Valuation::value(const Leg& leg, const Loan& terms)
{
    const auto at = static_cast<std::size_t>(&leg - book_.legs.data());
    LoanRuns& runs = loans_[loan_of_[at]];
    const std::size_t lanes = market_.lanes();
    std::fill(cash_.begin(), cash_.end(), 0);
    std::fill(calm_cash_.begin(), calm_cash_.end(), 0);
    const double cost = terms.terms.unit_cost_usd_per_kg;
    for (const Sale& sale : terms.sales) {
        add_cash(lanes, terms.terms.cash_share, cost, price_with_floors(sale),
                 market_.output(sale.product), cash_.data());
        add_cash(lanes, terms.terms.cash_share, cost, market_.calm_price(sale.price),
                 market_.calm_output(sale.product), calm_cash_.data());
    }
    runs.disrupted.next(cash_.data(), received_.data(), paid_.data());
    runs.reference.next(calm_cash_.data(), calm_received_.data(), calm_paid_.data());
    double* const gain = gain_[leg.first_row];
    const bool is_last = month_ == book_.months - 1;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        if (terms.is_guarantee) {
            gain[lane] += discount_ * (calm_paid_[lane] - paid_[lane]);
            continue;
        }
        double more = received_[lane] - calm_received_[lane];
        if (is_last) {  // what is owed beyond the horizon counts at par
            more += runs.disrupted.outstanding(lane) - runs.reference.outstanding(lane);
        }
        gain[lane] += discount_ * more;
    }
}

void Valuation::value(const Leg& leg, const Consumer& terms)
{
    const LaneMonth& month = market_.month();
    const std::size_t lanes = market_.lanes();
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        double most_wanting = 0;
        std::size_t shortest = 0;
        for (std::size_t at = 0; at < terms.inputs.size(); ++at) {
            const ConsumerInput& input = terms.inputs[at];
            const std::size_t place = input.cell * lanes + lane;
            const double calm_use = month.reference.consumption[place];
            const double use = month.disrupted.consumption[place];
            const double need = calm_use * month.disrupted.need_factor[place];
            double served = use;
            if (!month.disrupted.substituted.empty()) {
                served += need
                          * replaced_share(month.disrupted.substituted[place],
                                           month.reference.substituted[place]);
            }
            const double wanting = need > 0 ? std::max(0.0, 1 - served / need) : 0;
            if (wanting > most_wanting) {
                most_wanting = wanting;
                shortest = at;
            }
            const double price = market_.price(input.price)[lane];
            const double calm_price = market_.calm_price(input.price)[lane];
            const double bought =
                calm_use > 0 ? input.kg_per_month * (use / calm_use) : input.kg_per_month;
            const double dearer =
                price * bought - calm_price * input.kg_per_month
                - input.hedge_ratio * input.kg_per_month * (price - calm_price);
            gain_[leg.first_row + at][lane] -=
                discount_ * terms.share * (1 - terms.pass_through) * dearer;
        }
        gain_[leg.first_row + shortest][lane] -=
            discount_ * terms.share * terms.margin_usd_per_month
            * std::min(1.0, terms.lost_output * most_wanting);
    }
}

void Valuation::finish()
{
    for (const Leg& leg : book_.legs) {
        const auto* drawn = std::get_if<DrawnReturn>(&leg.terms);
        if (drawn == nullptr) {
            continue;
        }
        const Distribution law = return_law(drawn->law, drawn->years);
        for (std::size_t lane = 0; lane < trials_.size(); ++lane) {
            Philox stream = make_stream(seed_, Purpose::holding, trials_[lane].trial,
                                        drawn->stream.value_or(market_stream));
            gain_[leg.first_row][lane] += drawn->usd * law.draw(stream);
        }
    }
}

bool Valuation::is_default(std::size_t position, std::size_t lane, bool in_reference) const
{
    for (std::size_t loan = 0; loan < loan_position_.size(); ++loan) {
        if (loan_position_[loan] == position) {
            const LoanRuns& runs = loans_[loan];
            return (in_reference ? runs.reference : runs.disrupted).is_default()[lane] != 0;
        }
    }
    return false;
}

}  // namespace chokepoint
