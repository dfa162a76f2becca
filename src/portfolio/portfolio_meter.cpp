#include "chokepoint/portfolio/portfolio_meter.hpp"

#include "chokepoint/market/rows.hpp"
#include "chokepoint/support/lane_rows.hpp"
#include "chokepoint/support/lanes.hpp"
#include "valuation.hpp"

#include <algorithm>
#include <limits>

namespace chokepoint {
namespace {

using Kind = BookPart::Kind;

CHOKEPOINT_LANE_LOOPS
void limit(std::size_t lanes, double lowest, double highest, double* __restrict gain)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double raised = gain[lane] < lowest ? lowest : gain[lane];
        gain[lane] = raised > highest ? highest : raised;
    }
}

constexpr double endless = std::numeric_limits<double>::infinity();

/// The least that a position can gain: shares are worth nothing at worst.
double lowest(const BookPosition& position)
{
    return position.is_limited && position.value_usd > 0 ? -position.value_usd : -endless;
}

/// The most: who has sold shares short gains no more than they were worth.
double highest(const BookPosition& position)
{
    return position.is_limited && position.value_usd < 0 ? -position.value_usd : endless;
}

class PortfolioGauge final : public Gauge {
public:
    PortfolioGauge(const Model& model, const Model& calm, const Book& book, std::uint64_t seed)
        : model_(model), book_(book), valuation_(model, calm, book, seed)
    {}

    void start(std::span<const LaneTrial> trials) override
    {
        lanes_ = trials.size();
        valuation_.start(trials);
        gain_.resize(lanes_);
        best_.assign(lanes_, 0);
        drawdown_.assign(lanes_, 0);
        total_.resize(lanes_);
    }

    void add(const LaneMonth& month, std::span<double>) override
    {
        if (static_cast<int>(month.month) >= book_.months) {
            return;
        }
        valuation_.add(month);
        std::fill(total_.begin(), total_.end(), 0);
        for (const BookPosition& position : book_.positions) {
            if (position.rows > 0) {
                add_rows(position);
                limit(lanes_, lowest(position), highest(position), gain_.data());
                chokepoint::add(lanes_, gain_.data(), total_.data());
            }
        }
        for (std::size_t lane = 0; lane < lanes_; ++lane) {
            best_[lane] = std::max(best_[lane], total_[lane]);
            drawdown_[lane] = std::max(drawdown_[lane], best_[lane] - total_[lane]);
        }
    }

    void finish(std::span<double> figures) override
    {
        valuation_.finish();
        by_position_.reset(book_.positions.size(), lanes_);
        by_desk_.reset(book_.desks.size(), lanes_);
        by_commodity_.reset(book_.commodities.size(), lanes_);
        std::fill(total_.begin(), total_.end(), 0);
        for (std::size_t at = 0; at < book_.positions.size(); ++at) {
            add_rows(book_.positions[at]);
            for (std::size_t lane = 0; lane < lanes_; ++lane) {
                const double gain = std::clamp(gain_[lane], lowest(book_.positions[at]),
                                               highest(book_.positions[at]));
                const double loss = 0 - gain;  // no -0
                by_position_[at][lane] = loss;
                total_[lane] += loss;
                if (book_.positions[at].desk) {
                    by_desk_[*book_.positions[at].desk][lane] += loss;
                }
                add_to_commodities(at, lane, loss);
            }
        }
        std::copy(total_.begin(), total_.end(), figures.begin());
        std::copy(drawdown_.begin(), drawdown_.end(), &figures[lanes_]);
        for (std::size_t part = 0; part < book_.parts.size(); ++part) {
            fill(book_.parts[part], &figures[(2 + part) * lanes_]);
        }
    }

private:
    /// What a position has gained so far, by lane, before its loss is limited.
    void add_rows(const BookPosition& position)
    {
        std::fill(gain_.begin(), gain_.end(), 0);
        for (std::size_t row = position.first_row; row < position.first_row + position.rows;
             ++row) {
            chokepoint::add(lanes_, valuation_.gain(row), gain_.data());
        }
    }

    /// Parts of a loss as its rows have it, cut in proportion where the loss is limited.
    void add_to_commodities(std::size_t at, std::size_t lane, double loss)
    {
        const BookPosition& position = book_.positions[at];
        const double whole = -gain_[lane];
        const double kept = loss == whole ? 1 : loss / whole;  // whole is beyond the limit
        for (std::size_t row = position.first_row; row < position.first_row + position.rows;
             ++row) {
            for (const CommodityWeight& weight : book_.rows[row].weights) {
                by_commodity_[commodity_row(weight)][lane] -=
                    kept * weight.weight * valuation_.gain(row)[lane];
            }
        }
    }

    std::size_t commodity_row(const CommodityWeight& weight) const
    {
        if (!weight.commodity) {
            return book_.commodities.size() - 1;
        }
        const std::string& name = model_.commodities[weight.commodity->index()].name;
        return static_cast<std::size_t>(std::ranges::find(book_.commodities, name)
                                        - book_.commodities.begin());
    }

    void fill(const BookPart& part, double* figures)
    {
        switch (part.kind) {
            case Kind::position:
                std::copy_n(by_position_[part.index], lanes_, figures);
                break;
            case Kind::desk:
                std::copy_n(by_desk_[part.index], lanes_, figures);
                break;
            case Kind::commodity:
                std::copy_n(by_commodity_[part.index], lanes_, figures);
                break;
            case Kind::loan_default:
            case Kind::calm_default:
                for (std::size_t lane = 0; lane < lanes_; ++lane) {
                    const bool in_reference = part.kind == Kind::calm_default;
                    figures[lane] =
                        valuation_.is_default(part.index, lane, in_reference) ? 1 : 0;
                }
                break;
        }
    }

    const Model& model_;
    const Book& book_;
    Valuation valuation_;
    std::size_t lanes_ = 0;
    std::vector<double> best_, drawdown_, total_;
    std::vector<double> gain_;  ///< Of the position at hand.
    LaneRows by_position_, by_desk_, by_commodity_;
};

class PortfolioMeter final : public Meter {
public:
    PortfolioMeter(const Model& model, const Model& calm, const Book& book, std::uint64_t seed)
        : model_(model), calm_(calm), book_(book), seed_(seed)
    {}

    std::vector<Column> columns() const override
    {
        std::vector<Column> columns;
        const auto add = [&](const char* metric, const char* sentence,
                             const std::optional<double>& limit) -> Column& {
            columns.push_back({.metric = metric,
                               .commodity = "all",
                               .region = "world",
                               .unit = "usd",
                               .sentence = sentence});
            if (limit) {
                columns.back().thresholds = {*limit};
            }
            return columns.back();
        };
        add("portfolio_loss", "what the portfolio loses against the undisturbed run",
            book_.max_loss_usd);
        add("portfolio_drawdown", "largest fall of the running gain, without drawn returns",
            book_.max_drawdown_usd);
        for (std::size_t part = 0; part < book_.parts.size(); ++part) {
            const BookPart& of = book_.parts[part];
            switch (of.kind) {
                case Kind::position:
                    add("position_loss", "what a position loses",
                        book_.positions[of.index].max_loss_usd)
                        .part = part;
                    break;
                case Kind::desk:
                    add("desk_loss", "what a desk loses", book_.desks[of.index].max_loss_usd)
                        .part = part;
                    break;
                case Kind::commodity:
                    add("commodity_loss", "what a commodity costs the portfolio", {}).part =
                        part;
                    break;
                case Kind::loan_default:
                case Kind::calm_default: {
                    Column& column =
                        of.kind == Kind::loan_default
                            ? add("loan_default", "1 if a loan defaults", {})
                            : add("loan_default_undisturbed",
                                  "1 if a loan defaults in the undisturbed run", {});
                    column.unit = "probability";
                    column.part = part;
                    break;
                }
            }
        }
        return columns;
    }

    std::unique_ptr<Gauge> gauge() const override
    {
        return std::make_unique<PortfolioGauge>(model_, calm_, book_, seed_);
    }

private:
    const Model& model_;
    const Model& calm_;
    const Book& book_;
    std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Meter> make_portfolio_meter(const Model& model, const Model& calm,
                                            const Book& book, std::uint64_t seed)
{
    return std::make_unique<PortfolioMeter>(model, calm, book, seed);
}

}  // namespace chokepoint
