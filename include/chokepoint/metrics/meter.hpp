#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/support/calendar.hpp"
#include "chokepoint/trial/lane_month.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chokepoint {

/// What a year counts by: its worst month, or the sum over its months.
enum class Basis { occurrence, aggregate };

/// A year of a trial: 12 months from the start; what is left of the horizon is no year.
struct YearOf {
    Basis basis = Basis::occurrence;
    int year = 1;  ///< From 1.
};

/// How many years a model's horizon holds.
inline std::size_t years_of(const Model& model)
{
    return static_cast<std::size_t>(model.months / months_per_year);
}

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
    std::optional<YearOf> year = {};  ///< Of one year, for exceedance curves; years in a row.
    std::optional<std::size_t> part = {};  ///< Of a part of a portfolio: position in Book::parts.

    /// True of what is reported as a metric of the market: of no arc, year or part.
    bool is_metric() const { return !arc && !year && !part; }
};

/// One number per month and trial, reported as monthly bands; non-negative.
struct Series {
    std::string series;     ///< e.g. `price_impact`
    std::string commodity;  ///< a commodity's name or `all`
    std::string region;     ///< a region's or group's name
    std::string unit;
    std::string sentence;
};

/// A meter at work on several trials side by side, month after month: one thread's own.
class Gauge {
public:
    virtual ~Gauge() = default;

    /// Forgets what came before and begins with month 0 of these trials, one in each lane: 1 to
    /// `most_lanes`. Takes memory only for more of them than ever before.
    /// \param trials  What they point to must stay until `finish`.
    virtual void start(std::span<const LaneTrial> trials) = 0;

    /// Adds the next month. What a lane gives depends on no other lane.
    /// \param series  Receives the month's values, [series * lanes + lane].
    virtual void add(const LaneMonth& month, std::span<double> series) = 0;

    /// After the last month.
    /// \param figures  Receives [column * lanes + lane].
    virtual void finish(std::span<double> figures) = 0;
};

/// A family of figures of a trial. To add a family: one meter with its gauge, its test, a line
/// in `all_meters`; to add a metric to one, see CONTRIBUTING.md. One meter serves many threads
/// at once.
class Meter {
public:
    virtual ~Meter() = default;

    virtual std::vector<Column> columns() const = 0;
    virtual std::vector<Series> series() const { return {}; }

    /// The meter must outlive it.
    virtual std::unique_ptr<Gauge> gauge() const = 0;
};

/// Every meter that a plain run uses, in reporting order.
/// \param model  Must outlive the meters.
std::vector<std::unique_ptr<Meter>> all_meters(const Model& model);

/// One column of each metric of `all_meters`, in reporting order: what metrics there are.
std::vector<Column> metric_catalogue();

}  // namespace chokepoint
