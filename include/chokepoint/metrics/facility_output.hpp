#pragma once

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/support/lane_array.hpp"
#include "chokepoint/trial/lane_month.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace chokepoint {

/// One output of one facility.
struct FacilityProduct {
    FacilityId facility;
    CommodityId commodity;

    bool operator==(const FacilityProduct&) const = default;
};

/// What facilities make in a month, in several trials side by side: of a mine, equation (1) at
/// the price where it is mined; of a plant, its share by room of what leaves its stage in its
/// region.
class FacilityOutputs {
public:
    /// \param model  Must outlive it.
    FacilityOutputs(const Model& model, std::vector<FacilityProduct> wanted);

    /// Begins with other trials. \param parameters  By lane; must stay until the next start.
    void start(std::span<const Parameters* const> parameters);

    /// Looks at a month of a run of these trials.
    void look_at(const RunMonth& month);

    /// Tonnes of the month by lane, of a position in `wanted`.
    const double* operator[](std::size_t product) const { return &tonnes_[product * lanes_]; }

private:
    /// A facility that makes some of the commodity.
    struct Part {
        std::size_t facility = 0, share_row = 0;
    };
    struct Product {
        Part own;
        std::size_t cell = 0, layer = 0;
        bool is_mine = false, follows_price = false;
        Slot utilisation, elasticity;
        std::vector<Part> stage;  ///< Of a plant: all plants of its stage and region.
    };
    Part part(std::size_t facility, CommodityId commodity);
    void plant(const Product& product, const RunMonth& month, double* tonnes);

    const Model& model_;
    std::size_t lanes_ = 0;
    std::vector<Product> products_;
    std::vector<FacilityProduct> share_of_;  ///< By row of `shares_`.
    LaneArray<double> shares_, utilisation_, elasticity_, tonnes_;
    LaneArray<double> room_;  ///< Of all plants of a stage, by lane.
};

}  // namespace chokepoint
