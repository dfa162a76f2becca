#include "chokepoint/metrics/facility_output.hpp"

#include "chokepoint/market/rows.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lanes.hpp"

#include <algorithm>
#include <optional>

namespace chokepoint {
namespace {

/// Tonnes of the commodity per tonne of a facility's capacity; 0 if it makes none.
double output_share(const Model& model, const Parameters& parameters,
                    const FacilityProduct& product)
{
    const std::size_t facility = product.facility.index();
    const std::optional<std::size_t> at =
        model.output_of(model.facilities[facility], product.commodity);
    return at ? parameters.baseline.share[facility][*at] : 0;
}

/// Makes of a plant's room its part of the output of all.
CHOKEPOINT_LANE_LOOPS
void share_out(std::size_t lanes, const double* __restrict output, const double* __restrict all,
               double* __restrict tonnes)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        tonnes[lane] = all[lane] > 0 ? output[lane] * tonnes[lane] / all[lane] : 0;
    }
}

/// What a mine with room makes at its price.
CHOKEPOINT_LANE_LOOPS
void work(std::size_t lanes, const double* __restrict utilisation,
          const double* __restrict elasticity, const double* __restrict log_price,
          double* __restrict tonnes)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double used =
            utilisation[lane] * portable_exp(elasticity[lane] * log_price[lane]);
        tonnes[lane] *= used < 1 ? used : 1;
    }
}

}  // namespace

FacilityOutputs::FacilityOutputs(const Model& model, std::vector<FacilityProduct> wanted)
    : model_(model)
{
    for (const FacilityProduct& product : wanted) {
        const Facility& facility = model.facilities[product.facility.index()];
        Product entry;
        entry.own = part(product.facility.index(), product.commodity);
        entry.cell = model.cell(product.commodity, facility.region);
        entry.layer = facility.stage.index() * model.cells() + entry.cell;
        entry.is_mine = facility.stage.index() == 0;
        entry.follows_price = !facility.by_product;
        entry.utilisation = facility.utilisation;
        entry.elasticity = facility.supply_elasticity;
        for (std::size_t other = 0; !entry.is_mine && other < model.facilities.size();
             ++other) {
            const Facility& plant = model.facilities[other];
            if (plant.stage == facility.stage && plant.region == facility.region
                && model.output_of(plant, product.commodity)) {
                entry.stage.push_back(part(other, product.commodity));
            }
        }
        products_.push_back(std::move(entry));
    }
}

FacilityOutputs::Part FacilityOutputs::part(std::size_t facility, CommodityId commodity)
{
    const FacilityProduct product{FacilityId(facility), commodity};
    const auto known = std::ranges::find(share_of_, product);
    const auto row = static_cast<std::size_t>(known - share_of_.begin());
    if (known == share_of_.end()) {
        share_of_.push_back(product);
    }
    return {facility, row};
}

void FacilityOutputs::start(std::span<const Parameters* const> parameters)
{
    lanes_ = parameters.size();
    shares_.resize(share_of_.size() * lanes_);
    utilisation_.resize(products_.size() * lanes_);
    elasticity_.resize(products_.size() * lanes_);
    tonnes_.assign(products_.size() * lanes_, 0);
    room_.resize(lanes_);
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
        for (std::size_t row = 0; row < share_of_.size(); ++row) {
            shares_[row * lanes_ + lane] =
                output_share(model_, *parameters[lane], share_of_[row]);
        }
        for (std::size_t product = 0; product < products_.size(); ++product) {
            utilisation_[product * lanes_ + lane] =
                (*parameters[lane])[products_[product].utilisation];
            elasticity_[product * lanes_ + lane] =
                (*parameters[lane])[products_[product].elasticity];
        }
    }
}

void FacilityOutputs::look_at(const RunMonth& month)
{
    for (std::size_t at = 0; at < products_.size(); ++at) {
        const Product& product = products_[at];
        double* const tonnes = &tonnes_[at * lanes_];
        multiply(lanes_, &month.room[product.own.facility * lanes_],
                 &shares_[product.own.share_row * lanes_], tonnes);
        if (!product.is_mine) {
            plant(product, month, tonnes);
        } else if (product.follows_price) {
            work(lanes_, &utilisation_[at * lanes_], &elasticity_[at * lanes_],
                 &month.source_price[product.cell * lanes_], tonnes);
        }
    }
}

void FacilityOutputs::plant(const Product& product, const RunMonth& month, double* tonnes)
{
    std::fill(room_.begin(), room_.end(), 0);
    for (const Part& part : product.stage) {
        add_product(lanes_, &month.room[part.facility * lanes_],
                    &shares_[part.share_row * lanes_], room_.data());
    }
    share_out(lanes_, &month.output[product.layer * lanes_], room_.data(), tonnes);
}

}  // namespace chokepoint
