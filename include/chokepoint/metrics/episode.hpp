#pragma once

#include "chokepoint/metrics/area.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/trial/lane_month.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chokepoint {

/// From this share of a month's need on, users count as short.
inline constexpr double episode_share = 0.001;

/// A maximal run of months in which users of an area go short by more than `episode_share` of
/// their need.
struct Episode {
    std::uint64_t trial = 0;
    std::size_t users = 0;  ///< Position in `users_of` of the model.
    int first_month = 0;    ///< 0-based.
    int months = 0;
    bool is_open = false;    ///< Goes on at the horizon.
    double shortfall = 0;    ///< Sum over its months, t; of all commodities USD.
    double worst_share = 0;  ///< Largest share of a month's need.
    double price_peak = 0;   ///< Largest price impact of a month, weighted as in price_peak.
};

/// Finds the episodes of trials side by side, month after month: one thread's own. Takes
/// memory, and is meant for runs that ask for it.
class EpisodeRecorder {
public:
    /// \param model  Must outlive the recorder.
    explicit EpisodeRecorder(const Model& model);

    /// Begins with month 0 of these trials. \param trials  Must stay until `finish`.
    void start(std::span<const LaneTrial> trials);
    void add(const LaneMonth& month);

    /// The episodes of the first `lanes` of the trials, appended by trial, then area, then
    /// month.
    void finish(std::size_t lanes, std::vector<Episode>& episodes);

private:
    struct Month {
        double need = 0, shortfall = 0, impact = 0;
    };
    Month month_of(const Users& users, std::size_t lane, const LaneMonth& month) const;

    const Model& model_;
    std::vector<Users> users_;
    std::span<const LaneTrial> trials_;
    std::vector<std::vector<Episode>> found_;  ///< [lane * users + position]
    std::vector<bool> is_short_;               ///< same: in the month before
};

}  // namespace chokepoint
