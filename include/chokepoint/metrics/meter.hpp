#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/trial/trial.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chokepoint {

/// One number per trial, with what its readers want to know of it.
struct Column {
    std::string metric;     ///< e.g. `shortfall_share`
    std::string commodity;  ///< a commodity's name or `all`
    std::string region;     ///< a region's or group's name
    std::string unit;       ///< e.g. `t`, `share`, `ratio`, `months`, `usd`
    std::string sentence;   ///< What it measures, for `list metrics` and the result's readers.
    std::vector<double> thresholds =
        {};  ///< Levels whose probability of being passed is reported.
    /// Where it may be infinite, "not within the horizon": what restricted means count instead.
    std::optional<double> horizon = {};
    std::optional<std::size_t> arc = {};  ///< Of one arc: its position in Model::cappable_arcs.
};

/// One number per month and trial, reported as monthly bands; non-negative.
struct Series {
    std::string series;     ///< e.g. `price_impact`
    std::string commodity;  ///< a commodity's name or `all`
    std::string region;     ///< a region's or group's name
    std::string unit;
    std::string sentence;
};

/// A family of figures of a trial. To add a metric: one meter, its test, a line in
/// `all_meters`. One meter measures for many threads at once.
class Meter {
public:
    virtual ~Meter() = default;

    virtual std::vector<Column> columns() const = 0;
    virtual std::vector<Series> series() const { return {}; }

    /// \param row     Receives one value per column.
    /// \param months  Receives [series * model.months + month].
    virtual void measure(const TrialRecord& record, std::span<double> row,
                         std::span<double> months) const = 0;
};

/// Every meter that a plain run uses, in reporting order.
/// \param model  Must outlive the meters.
std::vector<std::unique_ptr<Meter>> all_meters(const Model& model);

/// One column of each metric of `all_meters`, in reporting order: what metrics there are.
std::vector<Column> metric_catalogue();

}  // namespace chokepoint
