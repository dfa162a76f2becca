#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "chokepoint/statistics/interval.hpp"
#include "chokepoint/statistics/quantile.hpp"

namespace chokepoint {

/// Trials that came out alike.
struct WeightedValue {
    double value = 0;
    double weight = 1;  ///< Sum of their weights.
    double square = 1;  ///< Sum of the squares of their weights.
    double trials = 1;  ///< How many they are.
};

/// The outcomes of a run's trials, smallest first, however they are kept: one by one, with
/// weights, or in a sketch. F(x) is the share of the weights at or below x.
class Sample {
public:
    virtual ~Sample() = default;

    /// Sum of the weights: of plain trials their number.
    virtual double mass() const = 0;
    /// Sum of the squares of the weights.
    virtual double squared_mass() const = 0;

    /// The smallest x up to which the weights reach `mass`.
    /// \param mass  Between 0 (excluded) and the sample's.
    virtual double value_at(double mass) const = 0;

    /// How many plain, independent trials would know F as well where it is `level`.
    virtual double effective_count(double level) const = 0;

    /// How many trials lie beyond the quantile at `level`, or how many effective ones if those
    /// are fewer: what a figure of this tail rests on.
    virtual double trials_beyond(double level) const = 0;

    /// Outcomes from the quantile at `level` on, upwards. Valid until the next call.
    virtual std::span<const WeightedValue> tail(double level) const = 0;
};

/// `order_statistic_ranks`, worked out once for each of its arguments: they are dear.
class RankTable {
public:
    RankInterval operator()(std::size_t n, double level);

private:
    std::map<std::pair<std::size_t, double>, RankInterval> known_;
};

/// The quantile at a level, 0 < level < 1, with its 95 % interval: values whose ranks among so
/// many independent trials as the sample is worth enclose it (order_statistic_ranks). A bound
/// for which there are too few trials is NaN.
///
/// \param effective  How many trials it is worth there; at least 1.
Estimate quantile_estimate(const Sample& sample, double level, double effective,
                           RankTable& ranks);

/// Trials of the same weight. Values are parted into narrow bins, and put in their places
/// within them when they are asked for: a fraction of the time of sorting all. Therefore one
/// thread alone may read it.
class PlainSample final : public Sample {
public:
    /// \param values  Copied; at least one, not NaN.
    /// \throws std::invalid_argument  if there are none.
    explicit PlainSample(std::span<const double> values);

    /// Of several rows of values together.
    explicit PlainSample(std::span<const std::span<const double>> rows);

    double mass() const override { return static_cast<double>(count_); }
    double squared_mass() const override { return mass(); }
    double value_at(double mass) const override;
    double effective_count(double) const override { return mass(); }
    double trials_beyond(double level) const override;
    std::span<const WeightedValue> tail(double level) const override;

private:
    /// Puts the value of a rank, counted from 1, in its place and what is smaller before it.
    void put_in_place(std::size_t rank) const;

    void part_into_bins(std::span<const std::span<const double>> rows);
    double* place(std::size_t rank) const { return values_.get() + rank - 1; }
    void sort_bins_from(std::size_t rank) const;

    std::size_t count_ = 0;
    std::unique_ptr<double[]> values_;  ///< What is put in its place moves within its bin.
    std::vector<std::size_t>
        bins_;  ///< First rank of each bin that holds some, upwards; n + 1.
    mutable std::vector<std::size_t> ends_;    ///< Ranks in place, upwards: 0, …, n + 1.
    mutable std::size_t sorted_from_;          ///< From this rank on all are in place.
    mutable std::vector<WeightedValue> tail_;  ///< What is sorted, as values with weights.
};

/// Trials with weights, or in groups of equals.
class WeightedSample final : public Sample {
public:
    /// \param values  At least one, not NaN. \param weights  Positive.
    /// \throws std::invalid_argument  if there are none or the lengths differ.
    WeightedSample(std::span<const double> values, std::span<const double> weights);

    /// \param sorted  Upwards by value; at least one with a weight.
    explicit WeightedSample(std::vector<WeightedValue> sorted);

    double mass() const override { return mass_.back(); }
    double squared_mass() const override { return square_.back(); }
    double value_at(double mass) const override;
    double effective_count(double level) const override;
    double trials_beyond(double level) const override;
    std::span<const WeightedValue> tail(double level) const override;

private:
    void add_up();
    /// Which value the weights reach `mass` at.
    std::size_t place_at(double mass) const;

    std::vector<WeightedValue> sorted_;
    std::vector<double> mass_, square_, trials_;  ///< Sums up to and with each.
};

/// (sum w)^2 / sum w^2: how many plain trials would know a mean as well, if the weights had
/// nothing to do with it [kong1992].
double effective_sample_size(std::span<const double> weights);

}  // namespace chokepoint
