#include "chokepoint/study/trial_sensitivity.hpp"

#include "chokepoint/engine/ordered_blocks.hpp"
#include "chokepoint/events/parameters.hpp"
#include "chokepoint/statistics/sensitivity.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>

namespace chokepoint {
namespace {

constexpr std::uint64_t trials_at_once = 512;
constexpr std::uint64_t most_trials = 100'000;
constexpr std::array<std::string_view, 3> headline_metrics = {"shortfall_share", "price_peak",
                                                              "portfolio_loss"};

bool is_headline(const Column& column)
{
    return column.is_metric()
           && std::ranges::find(headline_metrics, column.metric) != headline_metrics.end();
}

/// The uncertain numbers of trials 0, step, 2 step …: [number][place].
std::vector<std::vector<double>> drawn_numbers(const Model& model, std::uint64_t count,
                                               std::uint64_t step, const RunSettings& settings)
{
    using Block = std::vector<std::vector<double>>;
    const std::size_t numbers = model.uncertain_parameters.size();
    const std::optional<SobolPoints> points = settings.sampling == Sampling::sobol
                                                  ? std::optional(sobol_points_for(model))
                                                  : std::nullopt;
    std::vector<Parameters> parameters(settings.threads);
    Block all(numbers);
    OrderedBlocks<Block>::run(
        (count + trials_at_once - 1) / trials_at_once, settings.threads,
        [&](unsigned thread, std::uint64_t block) {
            Block part(numbers);
            const std::uint64_t end = std::min((block + 1) * trials_at_once, count);
            for (std::uint64_t place = block * trials_at_once; place < end; ++place) {
                draw_parameters(model, {settings.seed, place * step}, parameters[thread],
                                points ? &*points : nullptr);
                for (std::size_t at = 0; at < numbers; ++at) {
                    part[at].push_back(parameters[thread][model.uncertain_parameters[at]]);
                }
            }
            return part;
        },
        [&](std::uint64_t, Block&& part) {
            for (std::size_t at = 0; at < numbers; ++at) {
                all[at].insert(all[at].end(), part[at].begin(), part[at].end());
            }
        },
        {});
    return all;
}

}  // namespace

TrialSensitivity trial_sensitivity(const Model& model, const RunResult& result,
                                   const RunSettings& settings)
{
    if (!result.weights.empty()) {
        throw std::invalid_argument("trial_sensitivity: needs trials without weights");
    }
    const std::uint64_t kept = (result.trials + result.stride - 1) / result.stride;
    const std::uint64_t every = (kept + most_trials - 1) / most_trials;  // of those kept
    TrialSensitivity all;
    all.trials = every > 0 ? (kept + every - 1) / every : 0;
    std::vector<std::vector<double>> number_ranks =
        drawn_numbers(model, all.trials, every * result.stride, settings);
    for (std::vector<double>& numbers : number_ranks) {
        numbers = ranks_of(numbers);
    }
    for (std::size_t position = 0; position < result.columns.size(); ++position) {
        const Column& column = result.columns[position];
        if (!is_headline(column)) {
            continue;
        }
        std::vector<double> values;
        for (std::size_t place = 0; place < kept; place += every) {
            values.push_back(result.values[position][place]);
        }
        const std::vector<double> ranks = ranks_of(values);
        for (std::size_t at = 0; at < number_ranks.size(); ++at) {
            const Slot slot = model.uncertain_parameters[at];
            all.rows.push_back({.input = model.parameters[slot.index()].path,
                                .figure = all.figures.size(),
                                .index = "rank_correlation",
                                .estimate = correlation_of_ranks(number_ranks[at], ranks)});
        }
        all.figures.push_back({.statistic = "trial",
                               .column = {.metric = column.metric,
                                          .commodity = column.commodity,
                                          .region = column.region}});
        all.units.push_back(column.unit);
    }
    return all;
}

}  // namespace chokepoint
