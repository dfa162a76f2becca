#include "chokepoint/statistics/sample.hpp"

#include "chokepoint/statistics/log_sketch.hpp"
#include "chokepoint/support/lanes.hpp"
#include "log_bin.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace chokepoint {
namespace {

/// How many bins there are for numbers of either sign: those of a sketch for each sign, and one
/// for zeros between them.
using SignedBin = std::int16_t;
constexpr std::int32_t bins_of_a_sign = LogSketch::largest_bin - LogSketch::least_bin + 1;
constexpr std::size_t signed_bins = 2 * bins_of_a_sign + 1;
static_assert(signed_bins <= std::numeric_limits<SignedBin>::max());

/// The bin of each of some numbers, upwards from the most negative; infinity lies with the
/// largest. Step by step, on numbers of one width each, so that each becomes vector code.
CHOKEPOINT_LANE_LOOPS
void find_some_bins(std::size_t count, const double* __restrict values,
                    SignedBin* __restrict bins, float* __restrict magnitudes,
                    std::int32_t* __restrict wide)
{
    for (std::size_t at = 0; at < count; ++at) {
        magnitudes[at] = narrowed(std::abs(values[at]));
    }
    for (std::size_t at = 0; at < count; ++at) {
        const std::int32_t bin = bin_of_narrowed(magnitudes[at]);
        wide[at] = magnitudes[at] < 0 ? 0 : 1 + bin - LogSketch::least_bin;
    }
    for (std::size_t at = 0; at < count; ++at) {
        magnitudes[at] = static_cast<float>(values[at] < 0 ? -1.0 : 1.0);
    }
    for (std::size_t at = 0; at < count; ++at) {
        wide[at] = bins_of_a_sign + (magnitudes[at] < 0 ? -wide[at] : wide[at]);
    }
    for (std::size_t at = 0; at < count; ++at) {
        bins[at] = static_cast<SignedBin>(wide[at]);
    }
}

void find_signed_bins(std::span<const double> values, SignedBin* bins)
{
    constexpr std::size_t at_once = 512;
    std::array<float, at_once> magnitudes;
    std::array<std::int32_t, at_once> wide;
    for (std::size_t first = 0; first < values.size(); first += at_once) {
        find_some_bins(std::min(at_once, values.size() - first), values.data() + first,
                       bins + first, magnitudes.data(), wide.data());
    }
}

/// Rounding must not move a mass that is a whole number of trials to the next of them.
double with_slack(double mass)
{
    return mass * (1 - 8 * std::numeric_limits<double>::epsilon());
}

std::size_t rank_at(double mass, std::size_t n)
{
    const auto rank = static_cast<std::size_t>(std::ceil(with_slack(mass)));
    return std::clamp<std::size_t>(rank, 1, n);
}

/// A whole number of trials that is not more than `count` but for rounding, at least 1.
std::size_t whole(double count)
{
    constexpr double most = 1e15, rounding = 1e-9;
    return static_cast<std::size_t>(std::clamp(count * (1 + rounding), 1.0, most));
}

}  // namespace

RankInterval RankTable::operator()(std::size_t n, double level)
{
    const auto [place, is_new] = known_.try_emplace({n, level}, RankInterval{0, std::nullopt});
    if (is_new) {
        place->second = order_statistic_ranks(n, level);
    }
    return place->second;
}

Estimate quantile_estimate(const Sample& sample, double level, double effective,
                           RankTable& ranks)
{
    const std::size_t n = whole(effective);
    const RankInterval bounds = ranks(n, level);
    const double mass_per_trial = sample.mass() / static_cast<double>(n);
    Estimate estimate{.value = sample.value_at(sample.mass() * level)};
    if (bounds.lower > 0) {
        estimate.lower = sample.value_at(mass_per_trial * static_cast<double>(bounds.lower));
    }
    if (bounds.upper) {
        estimate.upper = sample.value_at(mass_per_trial * static_cast<double>(*bounds.upper));
    }
    return estimate;
}

PlainSample::PlainSample(std::span<const double> values)
    : PlainSample(std::span<const std::span<const double>>(&values, 1))
{}

PlainSample::PlainSample(std::span<const std::span<const double>> rows)
{
    for (const std::span<const double> row : rows) {
        count_ += row.size();
    }
    if (count_ == 0) {
        throw std::invalid_argument("PlainSample: no trials (needs at least one)");
    }
    ends_ = {0, count_ + 1};
    sorted_from_ = count_ + 1;
    values_ = std::make_unique_for_overwrite<double[]>(count_);
    constexpr std::size_t worth_it = 4096;
    if (count_ >= worth_it) {
        part_into_bins(rows);
        return;
    }
    double* end = values_.get();
    for (const std::span<const double> row : rows) {
        end = std::copy(row.begin(), row.end(), end);
    }
    bins_ = {1, count_ + 1};
}

/// A counting sort by bin: what lies in a bin stays in any order.
void PlainSample::part_into_bins(std::span<const std::span<const double>> rows)
{
    const auto bins = std::make_unique_for_overwrite<SignedBin[]>(count_);
    std::vector<std::size_t> first(signed_bins + 1);
    SignedBin* of_row = bins.get();
    for (const std::span<const double> row : rows) {
        find_signed_bins(row, of_row);
        for (std::size_t at = 0; at < row.size(); ++at) {
            ++first[static_cast<std::size_t>(of_row[at]) + 1];
        }
        of_row += row.size();
    }
    for (std::size_t bin = 0; bin < signed_bins; ++bin) {
        if (first[bin + 1] > 0) {
            bins_.push_back(first[bin] + 1);
        }
        first[bin + 1] += first[bin];
    }
    bins_.push_back(count_ + 1);
    of_row = bins.get();
    for (const std::span<const double> row : rows) {
        for (std::size_t at = 0; at < row.size(); ++at) {
            values_[first[static_cast<std::size_t>(of_row[at])]++] = row[at];
        }
        of_row += row.size();
    }
}

void PlainSample::put_in_place(std::size_t rank) const
{
    const auto above = std::lower_bound(ends_.begin(), ends_.end(), rank);
    if (rank >= sorted_from_ || *above == rank) {
        return;
    }
    // Values of ranks between two that are in place lie between them already, and in their bin.
    const auto bin = std::prev(std::upper_bound(bins_.begin(), bins_.end(), rank));
    const std::size_t first = std::max(*std::prev(above) + 1, *bin);
    const std::size_t end = std::min(*above, *std::next(bin));
    std::nth_element(place(first), place(rank), place(end));
    ends_.insert(above, rank);
}

/// Sorts what lies beyond a rank that is in its place, bin by bin.
void PlainSample::sort_bins_from(std::size_t rank) const
{
    auto bin = std::prev(std::upper_bound(bins_.begin(), bins_.end(), rank));
    for (; std::next(bin) != bins_.end(); ++bin) {
        std::sort(place(std::max(*bin, rank + 1)), place(*std::next(bin)));
    }
}

double PlainSample::value_at(double mass) const
{
    const std::size_t rank = rank_at(mass, count_);
    put_in_place(rank);
    return *place(rank);
}

double PlainSample::trials_beyond(double level) const
{
    return static_cast<double>(count_ - rank_at(mass() * level, count_));
}

std::span<const WeightedValue> PlainSample::tail(double level) const
{
    const std::size_t rank = rank_at(mass() * level, count_);
    if (rank < sorted_from_) {
        put_in_place(rank);
        sort_bins_from(rank);
        sorted_from_ = rank;
        tail_.clear();
        tail_.reserve(count_ - rank + 1);
        for (std::size_t at = rank; at <= count_; ++at) {
            tail_.push_back({.value = *place(at)});
        }
    }
    return std::span(tail_).last(count_ - rank + 1);
}

WeightedSample::WeightedSample(std::span<const double> values, std::span<const double> weights)
{
    if (values.size() != weights.size() || values.empty()) {
        throw std::invalid_argument("WeightedSample: needs values, and a weight for each");
    }
    sorted_.reserve(values.size());
    for (std::size_t trial = 0; trial < values.size(); ++trial) {
        sorted_.push_back({.value = values[trial],
                           .weight = weights[trial],
                           .square = weights[trial] * weights[trial]});
    }
    // By weight too, so that the sums do not depend on the order of trials.
    std::sort(sorted_.begin(), sorted_.end(),
              [](const WeightedValue& left, const WeightedValue& right) {
                  return std::pair(left.value, left.weight)
                         < std::pair(right.value, right.weight);
              });
    add_up();
}

WeightedSample::WeightedSample(std::vector<WeightedValue> sorted) : sorted_(std::move(sorted))
{
    if (sorted_.empty()) {
        throw std::invalid_argument("WeightedSample: needs values");
    }
    add_up();
}

void WeightedSample::add_up()
{
    double mass = 0, square = 0, trials = 0;
    for (const WeightedValue& value : sorted_) {
        mass_.push_back(mass += value.weight);
        square_.push_back(square += value.square);
        trials_.push_back(trials += value.trials);
    }
}

std::size_t WeightedSample::place_at(double mass) const
{
    const auto found = std::lower_bound(mass_.begin(), mass_.end(), with_slack(mass));
    return std::min(static_cast<std::size_t>(found - mass_.begin()), mass_.size() - 1);
}

double WeightedSample::value_at(double mass) const
{
    return sorted_[place_at(mass)].value;
}

double WeightedSample::effective_count(double level) const
{
    // The outcomes at the level itself lie on both sides, in the proportion that makes F
    // exactly the level: else many equal ones would tell too much.
    const std::size_t place = place_at(mass() * level);
    const WeightedValue& at = sorted_[place];
    const double share = std::clamp(1 - (mass_[place] - mass() * level) / at.weight, 0.0, 1.0);
    const double below = square_[place] - (1 - share) * at.square;
    const double above = squared_mass() - below;
    const double variance =
        ((1 - level) * (1 - level) * below + level * level * above) / (mass() * mass());
    return level * (1 - level) / variance;
}

double WeightedSample::trials_beyond(double level) const
{
    const std::size_t place = place_at(mass() * level);
    const WeightedValue& at = sorted_[place];
    const double share = (mass_[place] - mass() * level) / at.weight;
    const double seen = trials_.back() - trials_[place] + std::max(share, 0.0) * at.trials;
    const double effective = effective_count(level) * (1 - level);
    constexpr double rounding = 1e-9;
    return std::floor(std::min(seen, effective) + rounding);
}

std::span<const WeightedValue> WeightedSample::tail(double level) const
{
    return std::span(sorted_).subspan(place_at(mass() * level));
}

double effective_sample_size(std::span<const double> weights)
{
    double mass = 0, square = 0;
    for (const double weight : weights) {
        mass += weight;
        square += weight * weight;
    }
    return mass * mass / square;
}

}  // namespace chokepoint
