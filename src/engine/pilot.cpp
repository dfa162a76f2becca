#include "chokepoint/engine/pilot.hpp"

#include "chokepoint/engine/ordered_blocks.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/elementary.hpp"
#include "chokepoint/support/lane_array.hpp"
#include "chokepoint/trial/trial_lanes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>

namespace chokepoint {
namespace {

constexpr std::uint64_t trials_at_once = 64;

/// A factor lies within these bounds, and is 1 unless it is clear that it should not be.
constexpr double least_factor = 0.1, largest_factor = 30;
constexpr double least_standard_errors = 3;

/// How many effective trials the factors rest on, at least.
constexpr double enough_trials = 150;

/// Where a column stands: in which meter, and where among its columns.
struct ColumnPlace {
    const Meter* meter;
    std::size_t column, columns, series;
};

ColumnPlace find_column(const std::vector<std::unique_ptr<Meter>>& meters,
                        const TailTarget& target)
{
    for (const std::unique_ptr<Meter>& meter : meters) {
        const std::vector<Column> columns = meter->columns();
        const auto place = std::ranges::find_if(columns, [&](const Column& column) {
            return column.is_metric() && column.metric == target.metric
                   && column.commodity == target.commodity && column.region == target.region
                   && !column.horizon;
        });
        if (place != columns.end()) {
            return {meter.get(), static_cast<std::size_t>(place - columns.begin()),
                    columns.size(), meter->series().size()};
        }
    }
    throw std::invalid_argument("find_tilt: no column " + target.metric + " of "
                                + target.commodity + ", " + target.region
                                + " (or it may be infinite)");
}

/// Trials in a row: the column's values, and what was drawn of each knob.
struct Trials {
    std::vector<double> values;
    std::vector<KnobSum> sums;  ///< [trial * knobs + knob]

    void append(const Trials& more)
    {
        values.insert(values.end(), more.values.begin(), more.values.end());
        sums.insert(sums.end(), more.sums.begin(), more.sums.end());
    }
};

/// One thread's own: lanes and a gauge.
class PilotRunner {
public:
    PilotRunner(const Model& model, std::uint64_t seed, Clearance clearance, const Tilt& tilt,
                const ColumnPlace& place)
        : months_(model.months),
          place_(place),
          lanes_(model, seed, Sampling::plain, clearance, &tilt),
          gauge_(place.meter->gauge()),
          figures_(place.columns * trials_at_once),
          series_(place.series * trials_at_once)
    {}

    Trials run(std::uint64_t first, std::uint64_t end)
    {
        numbers_.resize(end - first);
        std::iota(numbers_.begin(), numbers_.end(), first);
        const std::size_t lanes = numbers_.size();
        lanes_.start(numbers_);
        gauge_->start(lanes_.trials());
        for (int month = 0; month < months_; ++month) {
            gauge_->add(lanes_.next_month(),
                        std::span<double>(series_).first(place_.series * lanes));
        }
        const std::span<double> figures =
            std::span<double>(figures_).first(place_.columns * lanes);
        gauge_->finish(figures);
        const std::span<const double> values = figures.subspan(place_.column * lanes, lanes);
        Trials trials{{values.begin(), values.end()}, {}};
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const std::span<const KnobSum> sums = lanes_.knob_sums(lane);
            trials.sums.insert(trials.sums.end(), sums.begin(), sums.end());
        }
        return trials;
    }

private:
    int months_;
    ColumnPlace place_;
    TrialLanes lanes_;
    std::unique_ptr<Gauge> gauge_;
    LaneArray<double> figures_, series_;
    std::vector<std::uint64_t> numbers_;
};

/// Trials `first` … of a stage, over threads; fewer if stopped.
Trials run_stage(const Model& model, const ColumnPlace& place, const PilotSettings& settings,
                 std::uint64_t first, const Tilt& tilt, std::stop_token stop)
{
    const std::uint64_t seed = hash_part(hash_name("pilot"), settings.seed);
    const std::uint64_t end = first + settings.trials_per_stage;
    const std::uint64_t blocks =
        (settings.trials_per_stage + trials_at_once - 1) / trials_at_once;
    std::vector<PilotRunner> runners;
    for (unsigned thread = 0; thread < settings.threads && thread < blocks; ++thread) {
        runners.emplace_back(model, seed, settings.clearance, tilt, place);
    }
    Trials all;
    OrderedBlocks<Trials>::run(
        blocks, settings.threads,
        [&](unsigned thread, std::uint64_t block) {
            const std::uint64_t from = first + block * trials_at_once;
            return runners[thread].run(from, std::min(from + trials_at_once, end));
        },
        [&](std::uint64_t, Trials&& block) { all.append(block); }, stop);
    return all;
}

/// The trials of all stages so far, weighted as draws from the mixture of the laws of all
/// stages: a law that misses a kind of bad trial cannot give it a large weight once another
/// has found it.
class StagedTrials {
public:
    explicit StagedTrials(std::size_t knobs) : knobs_(knobs) {}

    void add(const Trials& trials, const Tilt& drawn_from)
    {
        const DensityRatio newest(drawn_from);
        for (std::size_t at = 0; at < values_.size(); ++at) {
            density_[at] += newest.of(sums(at));
        }
        laws_.push_back(newest);
        drawn_ += trials.values.size();
        for (std::size_t trial = 0; trial < trials.values.size(); ++trial) {
            values_.push_back(trials.values[trial]);
            const auto first =
                trials.sums.begin() + static_cast<std::ptrdiff_t>(trial * knobs_);
            sums_.insert(sums_.end(), first, first + static_cast<std::ptrdiff_t>(knobs_));
            double density = 0;
            for (const DensityRatio& law : laws_) {
                density += law.of(sums(values_.size() - 1));
            }
            density_.push_back(density);
        }
        order_.resize(values_.size());
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        std::ranges::stable_sort(order_, std::greater<>(),
                                 [&](std::size_t at) { return values_[at]; });
    }

    /// The smallest value beyond which lies at most 1 - level.
    double value_at_risk(double level) const
    {
        double beyond = 0;
        for (const std::size_t at : order_) {
            beyond += weight(at);
            if (beyond > (1 - level) * static_cast<double>(drawn_)) {
                return values_[at];
            }
        }
        return values_[order_.back()];
    }

    /// The value down to which there are so many effective trials: (sum w)^2 / sum w^2.
    double threshold(double effective_trials) const
    {
        double sum = 0;
        double squares = 0;
        for (const std::size_t at : order_) {
            sum += weight(at);
            squares += weight(at) * weight(at);
            if (sum * sum >= effective_trials * squares) {
                return values_[at];
            }
        }
        return values_[order_.back()];
    }

    std::size_t size() const { return values_.size(); }
    double value(std::size_t at) const { return values_[at]; }
    double weight(std::size_t at) const
    {
        return static_cast<double>(laws_.size()) / density_[at];
    }
    std::span<const KnobSum> sums(std::size_t at) const
    {
        return std::span(sums_).subspan(at * knobs_, knobs_);
    }

private:
    std::size_t knobs_;
    std::uint64_t drawn_ = 0;
    std::vector<DensityRatio> laws_;  ///< Of the stages, equally many trials from each.
    std::vector<double> values_, density_;
    std::vector<KnobSum> sums_;
    std::vector<std::size_t> order_;  ///< Largest first.
};

/// What the factor of each knob rests on.
struct KnobEvidence {
    double count = 0, exposure = 0;
    double squares = 0;  ///< Of what the trials add to their difference.
};

/// From which level on trials count: from a tail some ten times as thick as that of the figure.
/// The tail itself has too few trials and too large weights to turn many knobs by (measured:
/// factors found from it are half as good on other trials).
double level_of_elite(double level)
{
    return 1 - std::pow(1 - level, 2.0 / 3);
}

/// (sum g)^2 / sum g^2
double effective_trials(const std::vector<double>& importance)
{
    double sum = 0;
    double squares = 0;
    for (const double g : importance) {
        sum += g;
        squares += g * g;
    }
    return squares > 0 ? sum * sum / squares : 0;
}

/// The factors that make the worst trials likeliest.
/// \param importance  g of each trial; 0 for those that do not count.
std::vector<double> likeliest_factors(const StagedTrials& trials,
                                      const std::vector<double>& importance, std::size_t knobs)
{
    std::vector<KnobEvidence> evidence(knobs);
    for (std::size_t at = 0; at < trials.size(); ++at) {
        const double g = importance[at];
        for (std::size_t knob = 0; g > 0 && knob < knobs; ++knob) {
            const KnobSum& sum = trials.sums(at)[knob];
            const double difference = g * (sum.count - sum.exposure);
            evidence[knob].count += g * sum.count;
            evidence[knob].exposure += g * sum.exposure;
            evidence[knob].squares += difference * difference;
        }
    }
    std::vector<double> factors;
    for (const KnobEvidence& of : evidence) {
        const bool is_clear =
            std::abs(of.count - of.exposure) > least_standard_errors * std::sqrt(of.squares);
        factors.push_back(
            is_clear ? std::clamp(of.count / of.exposure, least_factor, largest_factor) : 1.0);
    }
    return factors;
}

/// What is tried of the factors found: their power, and the share of trials drawn plainly.
constexpr double strengths[] = {0.25, 0.5, 0.75, 1};
constexpr double plain_shares[] = {least_plain_share, 0.2, 0.4};

/// A smaller gain is noise of the pilot, and not worth weights.
constexpr double least_gain = 1.5;

Tilt tilt_of(const std::vector<double>& factors, double strength, double plain_share)
{
    std::vector<double> weakened;
    for (const double factor : factors) {
        weakened.push_back(portable_exp(strength * portable_log(factor)));
    }
    return {{{1 - plain_share, std::move(weakened)}}};
}

/// What one trial drawn from a tilt would add to the variance of the mean excess over the value
/// at risk, (1 - level) (ES - VaR): E_P[w (excess - mean)^2], w = 1 / ratio.
double variance_under(const Tilt& tilt, const StagedTrials& trials, double value_at_risk)
{
    double weights = 0;
    double excesses = 0;
    for (std::size_t at = 0; at < trials.size(); ++at) {
        weights += trials.weight(at);
        excesses += trials.weight(at) * std::max(0.0, trials.value(at) - value_at_risk);
    }
    const double mean = excesses / weights;
    const DensityRatio ratio(tilt);
    double variance = 0;
    for (std::size_t at = 0; at < trials.size(); ++at) {
        const double deviation = std::max(0.0, trials.value(at) - value_at_risk) - mean;
        variance += trials.weight(at) * deviation * deviation / ratio.of(trials.sums(at));
    }
    return variance / weights;
}

/// Sets the tilt that turns the knobs by the best power of the factors.
void choose_tilt(const std::vector<double>& factors, const StagedTrials& trials, Pilot& pilot)
{
    const double value_at_risk = pilot.stages.back().value_at_risk;
    const double plain = variance_under({}, trials, value_at_risk);
    for (const double strength : strengths) {
        for (const double plain_share : plain_shares) {
            Tilt tilt = tilt_of(factors, strength, plain_share);
            const double gain = plain / variance_under(tilt, trials, value_at_risk);
            if (gain > std::max(pilot.gain, least_gain)) {
                pilot.tilt = std::move(tilt);
                pilot.gain = gain;
            }
        }
    }
}

}  // namespace

Pilot find_tilt(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
                const TailTarget& target, const PilotSettings& settings, std::stop_token stop)
{
    const ColumnPlace place = find_column(meters, target);
    const std::size_t knobs = TiltKnobs(model).size();
    StagedTrials trials(knobs);
    Pilot pilot;
    std::vector<double> factors(knobs, 1.0);
    for (int stage = 0; stage < settings.stages; ++stage) {
        const std::uint64_t first =
            static_cast<std::uint64_t>(stage) * settings.trials_per_stage;
        const Tilt tilt = stage == 0 ? Tilt{} : tilt_of(factors, 1, least_plain_share);
        const Trials drawn = run_stage(model, place, settings, first, tilt, stop);
        if (drawn.values.size() < settings.trials_per_stage) {
            pilot.complete = false;
            return pilot;
        }
        trials.add(drawn, tilt);
        const double value_at_risk = trials.value_at_risk(target.level);
        const double threshold = std::min(trials.value_at_risk(level_of_elite(target.level)),
                                          trials.threshold(enough_trials));
        std::vector<double> importance(trials.size());
        for (std::size_t at = 0; at < trials.size(); ++at) {
            const double excess = std::max(0.0, trials.value(at) - threshold);
            importance[at] = trials.weight(at) * excess;
        }
        factors = likeliest_factors(trials, importance, knobs);
        pilot.stages.push_back({value_at_risk, threshold, effective_trials(importance)});
    }
    choose_tilt(factors, trials, pilot);
    return pilot;
}

}  // namespace chokepoint
