#pragma once

#include "chokepoint/engine/run.hpp"
#include "chokepoint/model/observation.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace chokepoint {

/// Fewest recorded prices on which a hindcast is said to have skill or none.
inline constexpr std::size_t least_points_for_skill = 8;

/// Fewest trials beyond each end of a range that is given.
inline constexpr std::uint64_t least_trials_beyond = 20;

/// True if so many trials give a range with a share `beyond` of them outside each end.
constexpr bool has_range(std::uint64_t trials, double beyond)
{
    return static_cast<double>(trials) * beyond >= static_cast<double>(least_trials_beyond);
}

/// Median and central ranges of what the trials say; NaN where fewer than `least_trials_beyond`
/// lie beyond each end.
struct Spread {
    double median = 0;
    std::array<double, 2> range50 = {}, range80 = {}, range95 = {};
};

/// One point of the record beside the trials.
struct PointScore {
    const RecordPoint* point = nullptr;
    double seen = 0;
    Spread forecast;
    bool in50 = false, in80 = false, in95 = false;
    /// CRPS of the logarithm, of prices: of the run and of the no-model forecast; NaN where the
    /// latter has no volatility.
    double crps = 0, crps_no_model = 0;
};

/// The highest recorded price of a commodity in an area, beside the peaks of the trials.
struct PeakScore {
    std::string commodity, area;
    double seen = 0;  ///< USD/kg
    Date from, until;
    Spread height;  ///< Highest quoted price in the months that the record covers, USD/kg.
    Spread month;   ///< When, in months from the start.
};

/// Prices of one commodity that were recorded in two areas at one time: the dearer over the
/// cheaper area.
struct GapScore {
    std::string commodity, dear, cheap;
    Date from;
    double seen = 0;
    Spread forecast;
};

/// What several points have in common. A range that the trials are too few for holds no point.
struct Coverage {
    std::size_t points = 0, in50 = 0, in80 = 0, in95 = 0;
    double width80 =
        0;  ///< Upper over lower end of the 80 % range, geometric mean; NaN for none.
    double crps = 0, crps_no_model = 0;  ///< Means over points that have both; NaN for none.

    /// CRPS of the run over that of the no-model forecast: below 1 the model knows something.
    double skill_ratio() const { return crps / crps_no_model; }
};

struct LeftOutPoint {
    const RecordPoint* point = nullptr;
    std::string reason;
};

/// A run beside its record. Points refer to the scenario, which must outlive them.
struct Hindcast {
    std::string scenario;
    std::uint64_t trials = 0;  ///< Whose values were kept: on these all of it rests.
    std::vector<PointScore> points;
    std::vector<PeakScore> peaks;
    std::vector<GapScore> gaps;
    std::vector<LeftOutPoint> left_out;
    Coverage prices, volumes;
};

/// Holds a run against the record of its scenario.
///
/// The no-model forecast is a random walk of the logarithm without drift: it starts at the
/// reference price, with its first step before month 0 as the price processes of a scenario
/// have, and its standard deviation over 12 months is that of `observed.no_model_volatility`;
/// means and peaks are taken of its paths as of the run's.
///
/// \param observations  Of the scenario.
/// \param seed          Of the run; the walks have streams of their own.
/// \param result        A complete run, whose last columns are those of `make_record_meter` of
///                      the compared observations. They are taken off.
Hindcast score_hindcast(const Scenario& scenario, const Model& model,
                        const Observations& observations, std::uint64_t seed,
                        RunResult& result);

}  // namespace chokepoint
