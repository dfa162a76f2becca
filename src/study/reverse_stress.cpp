#include "chokepoint/study/reverse_stress.hpp"

#include "chokepoint/engine/event_tally.hpp"
#include "chokepoint/engine/ordered_blocks.hpp"
#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/timeline.hpp"
#include "chokepoint/statistics/false_discovery.hpp"
#include "chokepoint/statistics/proportion.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <stdexcept>

namespace chokepoint {
namespace {

constexpr std::uint64_t trials_at_once = 512;
constexpr std::size_t mildest_told = 5;
constexpr double false_discovery_rate = 0.05;

/// Trials on one side of the limit.
struct Side {
    std::uint64_t trials = 0;
    std::vector<std::uint64_t> with_event;  ///< By entry: in how many trials it happens.
    std::vector<double> events;             ///< By entry: how often in all.
    std::vector<Moments> numbers;           ///< By uncertain parameter.

    void merge(const Side& other)
    {
        trials += other.trials;
        for (std::size_t at = 0; at < with_event.size(); ++at) {
            with_event[at] += other.with_event[at];
            events[at] += other.events[at];
        }
        for (std::size_t at = 0; at < numbers.size(); ++at) {
            numbers[at].merge(other.numbers[at]);
        }
    }
};

struct Block {
    Side beyond, within;
    std::vector<BreachingTrial> breaching;
};

/// Months of sampled events within the horizon, each times its severity; those that cut no
/// share count in full.
double event_months(const Timeline& timeline, int months)
{
    double sum = 0;
    const auto add = [&](double from, double until, double severity) {
        const double length = std::min<double>(until, months) - std::max(from, 0.0);
        sum += std::max(0.0, length) * (severity > 0 ? severity : 1);
    };
    for (const RestrictionEvent& event : timeline.restrictions) {
        if (event.cause == Cause::sampled) {
            add(event.from, event.until, event.severity);
            if (event.has_structural_phase()) {
                add(event.until, event.structural_until, event.structural_severity);
            }
        }
    }
    for (const OutageEvent& event : timeline.outages) {
        if (event.cause == Cause::sampled) {
            add(event.from, event.until, event.loss);
        }
    }
    return sum;
}

/// Draws trials; one thread's own.
class Redrawer {
public:
    Redrawer(const Model& model, const RunSettings& settings, const EventCounter& counter)
        : model_(model), settings_(settings), counter_(counter)
    {
        if (settings.sampling == Sampling::sobol) {
            points_ = sobol_points_for(model);
        }
    }

    Side empty_side() const
    {
        Side group;
        group.with_event.resize(counter_.empty_tallies().size());
        group.events.resize(group.with_event.size());
        group.numbers.resize(model_.uncertain_parameters.size());
        return group;
    }

    void add(std::uint64_t trial, double loss, double limit, Block& block)
    {
        const TrialKey key{settings_.seed, trial};
        draw_parameters(model_, key, parameters_, points_ ? &*points_ : nullptr);
        sample_timeline(model_, parameters_, key, timeline_);
        std::vector<EventTally> tallies = counter_.empty_tallies();
        counter_.add(timeline_, tallies);
        Side& group = loss > limit ? block.beyond : block.within;
        ++group.trials;
        for (std::size_t at = 0; at < tallies.size(); ++at) {
            group.with_event[at] += tallies[at].per_trial.mean > 0 ? 1U : 0U;
            group.events[at] += tallies[at].per_trial.mean;
        }
        for (std::size_t at = 0; at < group.numbers.size(); ++at) {
            group.numbers[at].add(parameters_[model_.uncertain_parameters[at]]);
        }
        if (loss > limit) {
            block.breaching.push_back({trial, loss, event_months(timeline_, model_.months)});
        }
    }

private:
    const Model& model_;
    const RunSettings& settings_;
    const EventCounter& counter_;
    std::optional<SobolPoints> points_;
    Parameters parameters_;
    Timeline timeline_;
};

std::vector<EventLift> lifts_of(const EventCounter& counter, const Side& beyond,
                                const Side& all)
{
    std::vector<EventLift> lifts;
    for (std::size_t at = 0; at < counter.empty_tallies().size(); ++at) {
        const EventTally& entry = counter.empty_tallies()[at];
        if (all.with_event[at] == 0) {
            continue;
        }
        EventLift lift;
        lift.name = entry.name;
        lift.type = entry.type;
        lift.cause = entry.cause;
        lift.beyond = {.statistic = "probability_beyond",
                       .estimate = proportion(beyond.with_event[at], beyond.trials),
                       .n = beyond.trials};
        lift.all = {.statistic = "probability",
                    .estimate = proportion(all.with_event[at], all.trials),
                    .n = all.trials};
        const double base = lift.all.estimate.value;
        lift.lift = {.statistic = "lift",
                     .estimate = {.value = lift.beyond.estimate.value / base,
                                  .lower = lift.beyond.estimate.lower / base,
                                  .upper = lift.beyond.estimate.upper / base},
                     .n = beyond.trials};
        lift.events_beyond = beyond.events[at] / static_cast<double>(beyond.trials);
        lift.events_all = all.events[at] / static_cast<double>(all.trials);
        lifts.push_back(std::move(lift));
    }
    std::vector<double> p_values;
    for (const EventLift& lift : lifts) {
        const double share = lift.all.estimate.value;
        const double error =
            std::sqrt(share * (1 - share) / static_cast<double>(beyond.trials));
        p_values.push_back(
            two_sided_p_value(error > 0 ? (lift.beyond.estimate.value - share) / error : 0));
    }
    const std::vector<bool> told = false_discovery_rejections(p_values, false_discovery_rate);
    for (std::size_t at = 0; at < lifts.size(); ++at) {
        lifts[at].is_told = told[at];
    }
    std::ranges::stable_sort(lifts, [](const EventLift& one, const EventLift& other) {
        return one.lift.estimate.value > other.lift.estimate.value;
    });
    return lifts;
}

std::vector<ParameterShift> shifts_of(const Model& model, const Side& beyond, const Side& all)
{
    std::vector<ParameterShift> shifts;
    std::vector<double> p_values;
    for (std::size_t at = 0; at < all.numbers.size(); ++at) {
        const Moments& in = beyond.numbers[at];
        const Moments& of = all.numbers[at];
        const double sd = of.sd();
        if (!(sd > 0) || in.count < 2) {
            continue;
        }
        ParameterShift shift{
            .path = model.parameters[model.uncertain_parameters[at].index()].path,
            .mean_beyond = in.mean,
            .mean_all = of.mean,
            .shift = {.statistic = "shift", .estimate = {}, .n = in.count}};
        shift.shift.standard_error = in.standard_error() / sd;
        const double value = (in.mean - of.mean) / sd;
        shift.shift.estimate = normal_estimate(value, shift.shift.standard_error);
        p_values.push_back(two_sided_p_value(
            shift.shift.standard_error > 0 ? value / shift.shift.standard_error : 0));
        shifts.push_back(std::move(shift));
    }
    const std::vector<bool> differs =
        false_discovery_rejections(p_values, false_discovery_rate);
    std::vector<ParameterShift> kept;
    for (std::size_t at = 0; at < shifts.size(); ++at) {
        if (differs[at]) {
            kept.push_back(std::move(shifts[at]));
        }
    }
    std::ranges::stable_sort(kept, [](const ParameterShift& one, const ParameterShift& other) {
        return std::abs(one.shift.estimate.value) > std::abs(other.shift.estimate.value);
    });
    return kept;
}

}  // namespace

ReverseStress reverse_stress(const Model& model, const RunResult& result, std::size_t column,
                             double limit, const RunSettings& settings)
{
    if (!result.weights.empty() || result.stride != 1) {
        throw std::invalid_argument("reverse_stress: needs plain trials with all their values");
    }
    const std::vector<double>& losses = result.values[column];
    const EventCounter counter(model);
    std::vector<std::unique_ptr<Redrawer>> redrawers(settings.threads);
    Block sum;
    sum.beyond = sum.within = Redrawer(model, settings, counter).empty_side();
    OrderedBlocks<Block>::run(
        (losses.size() + trials_at_once - 1) / trials_at_once, settings.threads,
        [&](unsigned thread, std::uint64_t block) {
            if (!redrawers[thread]) {
                redrawers[thread] = std::make_unique<Redrawer>(model, settings, counter);
            }
            Block part;
            part.beyond = part.within = redrawers[thread]->empty_side();
            const std::uint64_t end =
                std::min<std::uint64_t>((block + 1) * trials_at_once, losses.size());
            for (std::uint64_t trial = block * trials_at_once; trial < end; ++trial) {
                redrawers[thread]->add(trial, losses[trial], limit, part);
            }
            return part;
        },
        [&](std::uint64_t, Block&& part) {
            sum.beyond.merge(part.beyond);
            sum.within.merge(part.within);
            sum.breaching.insert(sum.breaching.end(), part.breaching.begin(),
                                 part.breaching.end());
        },
        {});
    ReverseStress stress;
    stress.metric = result.columns[column].metric;
    stress.limit = limit;
    stress.trials = losses.size();
    stress.beyond = sum.beyond.trials;
    Side all = sum.within;
    all.merge(sum.beyond);
    if (sum.beyond.trials > 0) {
        stress.events = lifts_of(counter, sum.beyond, all);
        stress.numbers = shifts_of(model, sum.beyond, all);
        stress.numbers_tested = all.numbers.size();
    }
    std::ranges::stable_sort(sum.breaching,
                             [](const BreachingTrial& one, const BreachingTrial& other) {
                                 return one.event_months < other.event_months;
                             });
    sum.breaching.resize(std::min(sum.breaching.size(), mildest_told));
    stress.mildest = std::move(sum.breaching);
    return stress;
}

}  // namespace chokepoint
