#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "chokepoint/events/parameters.hpp"

namespace chokepoint {

/// One month of one run of several trials side by side. Each array is [entity * lanes + lane],
/// its entities those that Path has in a month: by cell, by layer, by arc.
struct RunMonth {
    std::span<const double> log_price, log_quoted, consumption, need_factor;
    std::span<const double> substituted;  ///< Empty if there is no substitution.
    std::span<const double> rationed, stock;
    std::span<const double> stage_stock;  ///< By entry of model.stage_stocks.
    std::span<const double> reserve_release;
    std::span<const double> reserve_purchase, reserve_sale;  ///< By reserve.
    std::span<const double> room;                            ///< By facility.
    std::span<const double> source_price;                    ///< By cell.
    std::span<const double> output, exports;                 ///< By layer.
    std::span<const double> arc_gap, arc_flow, arc_tax;      ///< By cappable arc.
};

/// One month of both runs, cleared: what meters look at.
struct LaneMonth {
    std::size_t month = 0;  ///< 0-based.
    std::size_t lanes = 0;
    RunMonth reference, disrupted;
};

/// Which trial goes in a lane.
struct LaneTrial {
    std::uint64_t trial = 0;
    const Parameters* parameters = nullptr;
    /// Of the reference run, where that runs on a model without policies; null: the same.
    const Parameters* calm = nullptr;

    const Parameters& of_reference() const { return calm == nullptr ? *parameters : *calm; }
};

}  // namespace chokepoint
