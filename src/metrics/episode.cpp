#include "chokepoint/metrics/episode.hpp"

#include "chokepoint/market/state.hpp"
#include "chokepoint/support/elementary.hpp"

#include <algorithm>

namespace chokepoint {

EpisodeRecorder::EpisodeRecorder(const Model& model) : model_(model), users_(users_of(model))
{}

void EpisodeRecorder::start(std::span<const LaneTrial> trials)
{
    trials_ = trials;
    found_.assign(trials.size() * users_.size(), {});
    is_short_.assign(found_.size(), false);
}

/// Sums over an area's cells; in USD at reference prices if they are of all commodities.
EpisodeRecorder::Month EpisodeRecorder::month_of(const Users& users, std::size_t lane,
                                                 const LaneMonth& month) const
{
    Month sums;
    double weights = 0, excess = 0, plain_excess = 0;
    for (const std::size_t cell : users.cells) {
        const std::size_t at = cell * month.lanes + lane;
        const RunMonth& reference = month.reference;
        const RunMonth& disrupted = month.disrupted;
        const double usd_per_t = users.use_all
                                     ? usd_per_tonne(model_, trials_[lane].parameters->values,
                                                     CommodityId(cell / model_.regions.size()),
                                                     RegionId(cell % model_.regions.size()))
                                     : 1;
        const double need = reference.consumption[at] * disrupted.need_factor[at];
        double served = disrupted.consumption[at];
        if (!disrupted.substituted.empty()) {
            served +=
                need * replaced_share(disrupted.substituted[at], reference.substituted[at]);
        }
        const double impact = portable_exp(disrupted.log_price[at] - reference.log_price[at]);
        const double weight = usd_per_t * reference.consumption[at];
        sums.need += usd_per_t * need;
        sums.shortfall += usd_per_t * std::max(0.0, need - served);
        weights += weight;
        excess += weight * (impact - 1);
        plain_excess += (impact - 1) / static_cast<double>(users.cells.size());
    }
    sums.impact = 1 + (weights > 0 ? excess / weights : plain_excess);
    return sums;
}

void EpisodeRecorder::add(const LaneMonth& month)
{
    for (std::size_t lane = 0; lane < trials_.size(); ++lane) {
        for (std::size_t position = 0; position < users_.size(); ++position) {
            const std::size_t at = lane * users_.size() + position;
            const Month now = month_of(users_[position], lane, month);
            const bool was_short = is_short_[at];
            is_short_[at] = now.shortfall > episode_share * now.need;
            if (!is_short_[at]) {
                continue;
            }
            if (!was_short) {
                found_[at].push_back({.trial = trials_[lane].trial,
                                      .users = position,
                                      .first_month = static_cast<int>(month.month)});
            }
            Episode& episode = found_[at].back();
            ++episode.months;
            episode.shortfall += now.shortfall;
            episode.worst_share = std::max(episode.worst_share, now.shortfall / now.need);
            episode.price_peak = std::max(episode.price_peak, now.impact);
        }
    }
}

void EpisodeRecorder::finish(std::size_t lanes, std::vector<Episode>& episodes)
{
    for (std::size_t at = 0; at < lanes * users_.size(); ++at) {
        if (is_short_[at]) {
            found_[at].back().is_open = true;
        }
        episodes.insert(episodes.end(), found_[at].begin(), found_[at].end());
    }
}

}  // namespace chokepoint
