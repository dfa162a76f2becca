#include "chokepoint/metrics/area.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lanes.hpp"
#include "chokepoint/support/units.hpp"
#include "valuation.hpp"

#include <algorithm>

namespace chokepoint {
namespace {

CHOKEPOINT_LANE_LOOPS
void quote(std::size_t lanes, const double* __restrict log_quoted,
           const double* __restrict calm_log_quoted, const double* __restrict par,
           double* __restrict log_move, double* __restrict price, double* __restrict calm_price)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        log_move[lane] = log_quoted[lane] - calm_log_quoted[lane];
        price[lane] = par[lane] * portable_exp(log_quoted[lane]);
        calm_price[lane] = par[lane] * portable_exp(calm_log_quoted[lane]);
    }
}

CHOKEPOINT_LANE_LOOPS
void in_kg(std::size_t lanes, const double* __restrict tonnes, double* __restrict kg)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        kg[lane] = kg_per_tonne * tonnes[lane];
    }
}

/// The products of a book that a model has: policies may add facilities.
std::vector<FacilityProduct> products_in(const Model& calm, const Model& model,
                                         const Book& book,
                                         std::vector<std::optional<std::size_t>>& places)
{
    std::vector<FacilityProduct> products;
    places.clear();
    for (const FacilityProduct& product : book.products) {
        const std::string& name = model.facilities[product.facility.index()].name;
        const auto found = std::ranges::find(calm.facilities, name, &Facility::name);
        if (found == calm.facilities.end() || !calm.output_of(*found, product.commodity)) {
            places.push_back(std::nullopt);
            continue;
        }
        places.push_back(products.size());
        products.push_back(
            {FacilityId(static_cast<std::size_t>(found - calm.facilities.begin())),
             product.commodity});
    }
    return products;
}

}  // namespace

BookMarket::BookMarket(const Model& model, const Model& calm, const Book& book)
    : model_(model),
      book_(book),
      outputs_(model, book.products),
      calm_outputs_(calm, products_in(calm, model, book, calm_product_))
{}

void BookMarket::start(std::span<const LaneTrial> trials)
{
    lanes_ = trials.size();
    parameters_.clear();
    calm_parameters_.clear();
    for (const LaneTrial& trial : trials) {
        parameters_.push_back(trial.parameters);
        calm_parameters_.push_back(&trial.of_reference());
    }
    outputs_.start(parameters_);
    calm_outputs_.start(calm_parameters_);
    for (LaneRows* rows : {&log_move_, &price_, &calm_price_, &par_}) {
        rows->reset(book_.prices.size(), lanes_);
    }
    output_.reset(book_.products.size(), lanes_);
    calm_output_.reset(book_.products.size(), lanes_);
    for (std::size_t at = 0; at < book_.prices.size(); ++at) {
        const std::size_t cell = book_.prices[at];
        for (std::size_t lane = 0; lane < lanes_; ++lane) {
            par_[at][lane] = usd_per_tonne(model_, parameters_[lane]->values,
                                           CommodityId(cell / model_.regions.size()),
                                           RegionId(cell % model_.regions.size()))
                             / kg_per_tonne;
        }
    }
}

void BookMarket::look_at(const LaneMonth& month)
{
    month_ = &month;
    for (std::size_t at = 0; at < book_.prices.size(); ++at) {
        const std::size_t first = book_.prices[at] * lanes_;
        quote(lanes_, &month.disrupted.log_quoted[first], &month.reference.log_quoted[first],
              par_[at], log_move_[at], price_[at], calm_price_[at]);
    }
    outputs_.look_at(month.disrupted);
    calm_outputs_.look_at(month.reference);
    for (std::size_t product = 0; product < book_.products.size(); ++product) {
        in_kg(lanes_, outputs_[product], output_[product]);
        if (calm_product_[product]) {
            in_kg(lanes_, calm_outputs_[*calm_product_[product]], calm_output_[product]);
        }
    }
}

}  // namespace chokepoint
