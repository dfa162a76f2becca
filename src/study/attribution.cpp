#include "chokepoint/study/attribution.hpp"

#include <bit>
#include <stdexcept>
#include <utility>

namespace chokepoint {

std::vector<double> shapley_values(std::span<const double> values)
{
    if (!std::has_single_bit(values.size())) {
        throw std::invalid_argument("shapley_values: needs a value for each subset");
    }
    const auto players = static_cast<std::size_t>(std::countr_zero(values.size()));
    // weight[s] = s! (k - s - 1)! / k!, by the size of the subset without the player.
    std::vector<double> weight(players);
    double choices = 1;  // (k - 1 choose s)
    for (std::size_t size = 0; size < players; ++size) {
        weight[size] = 1 / (static_cast<double>(players) * choices);
        choices *= static_cast<double>(players - 1 - size) / static_cast<double>(size + 1);
    }
    std::vector<double> shares(players, 0);
    for (std::size_t subset = 0; subset < values.size(); ++subset) {
        for (std::size_t player = 0; player < players; ++player) {
            const std::size_t bit = std::size_t{1} << player;
            if ((subset & bit) == 0) {
                shares[player] += weight[static_cast<std::size_t>(std::popcount(subset))]
                                  * (values[subset | bit] - values[subset]);
            }
        }
    }
    return shares;
}

Attribution attribute(const std::vector<std::string>& players,
                      const std::vector<std::vector<double>>& values, double level)
{
    if (values.size() != std::size_t{1} << players.size()) {
        throw std::invalid_argument("attribute: needs a run for each subset of players");
    }
    const std::size_t trials = values.front().size();
    std::vector<std::vector<double>> shares(players.size(), std::vector<double>(trials));
    std::vector<double> of_subset(values.size()), total(trials);
    for (std::size_t trial = 0; trial < trials; ++trial) {
        for (std::size_t subset = 0; subset < values.size(); ++subset) {
            of_subset[subset] = values[subset][trial];
        }
        const std::vector<double> of_player = shapley_values(of_subset);
        for (std::size_t player = 0; player < players.size(); ++player) {
            shares[player][trial] = of_player[player];
        }
        total[trial] = of_subset.back() - of_subset.front();
    }
    const WorstTrials worst(values.back(), {}, level);
    const auto es_of = [&](std::span<const double> of) {
        Figure figure = worst.mean_of(of);
        figure.statistic = "es" + percent_name(level);
        return figure;
    };
    Attribution attribution;
    for (std::size_t player = 0; player < players.size(); ++player) {
        attribution.shares.push_back(
            {players[player], mean_figure(shares[player]), es_of(shares[player])});
    }
    attribution.mean = mean_figure(total);
    attribution.es = es_of(total);
    return attribution;
}

}  // namespace chokepoint
