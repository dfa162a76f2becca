#include "chokepoint/engine/exceedance.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <stdexcept>

namespace chokepoint {
namespace {

double level_of(double return_period)
{
    return 1 - 1 / return_period;
}

/// Counts how trial-years beyond a loss gather in trials. Asked for losses upwards: those that
/// are beyond one are kept, to be looked through for the next.
class ClusterCounter {
public:
    explicit ClusterCounter(std::span<const ColumnTrials> years)
        : years_(years), trials_(years.front().values.size()), hits_(trials_)
    {
        for (std::size_t trial = 0; trial < trials_; ++trial) {
            mass_ += weight(trial);
            squared_mass_ += weight(trial) * weight(trial);
        }
    }

    /// How many independent plain trial-years know a share `beyond` of trial-years as well as
    /// the trials do of which so many lie beyond `loss`; infinity if all trials agree.
    double effective_years(double loss, double beyond)
    {
        find_beyond(loss);
        for (const TrialYear& one : beyond_) {
            ++hits_[one.trial];
        }
        // Of each trial c years of Y lie beyond: the sum of w^2 (c / Y - beyond)^2, all terms
        // positive, since it may be 0. A trial with c years beyond is met c times.
        const auto count = static_cast<double>(years_.size());
        double square = 0, mass_without = squared_mass_;
        for (const TrialYear& one : beyond_) {
            if (hits_[one.trial] > 0) {
                const double w2 = weight(one.trial) * weight(one.trial);
                const double excess = static_cast<double>(hits_[one.trial]) / count - beyond;
                square += w2 * excess * excess;
                mass_without -= w2;
                hits_[one.trial] = 0;
            }
        }
        square += std::max(mass_without, 0.0) * beyond * beyond;
        return beyond * (1 - beyond) * mass_ * mass_ / square;
    }

private:
    struct TrialYear {
        double value;
        std::uint32_t trial;
    };

    /// Without a branch for each: half of them go either way.
    void find_beyond(double loss)
    {
        std::size_t count = 0;
        if (has_list_) {
            for (const TrialYear& one : beyond_) {
                const TrialYear kept = one;
                beyond_[count] = kept;
                count += kept.value > loss ? 1U : 0U;
            }
            beyond_.resize(count);
            return;
        }
        beyond_.resize(years_.size() * trials_ + 1);
        for (const ColumnTrials& year : years_) {
            for (std::size_t trial = 0; trial < trials_; ++trial) {
                beyond_[count] = {year.values[trial], static_cast<std::uint32_t>(trial)};
                count += year.values[trial] > loss ? 1U : 0U;
            }
        }
        beyond_.resize(count);
        has_list_ = true;
    }

    double weight(std::size_t trial) const
    {
        const std::span<const double> weights = years_.front().weights;
        return weights.empty() ? 1 : weights[trial];
    }

    std::span<const ColumnTrials> years_;
    std::size_t trials_;
    double mass_ = 0, squared_mass_ = 0;  ///< Of the trials.
    std::vector<std::uint32_t> hits_;     ///< By trial; 0 between calls.
    std::vector<TrialYear> beyond_;
    bool has_list_ = false;
};

/// The outcomes of all years together.
std::unique_ptr<Sample> pooled_sample(std::span<const ColumnTrials> years)
{
    const ColumnTrials& first = years.front();
    if (first.sketch != nullptr) {
        ColumnSketch pooled = *first.sketch;
        for (const ColumnTrials& year : years.subspan(1)) {
            pooled.merge(*year.sketch);
        }
        return std::make_unique<WeightedSample>(pooled.sample());
    }
    if (first.weights.empty()) {
        std::vector<std::span<const double>> rows;
        for (const ColumnTrials& year : years) {
            rows.push_back(year.values);
        }
        return std::make_unique<PlainSample>(rows);
    }
    std::vector<double> values, weights;
    for (const ColumnTrials& year : years) {
        values.insert(values.end(), year.values.begin(), year.values.end());
        weights.insert(weights.end(), year.weights.begin(), year.weights.end());
    }
    return std::make_unique<WeightedSample>(values, weights);
}

ExceedanceCurve empty_curve(const Column& column, std::optional<int> year)
{
    return {.metric = column.metric,
            .commodity = column.commodity,
            .region = column.region,
            .unit = column.unit,
            .basis = column.year->basis,
            .year = year,
            .points = {}};
}

ExceedanceCurve pooled_curve(std::span<const ColumnTrials> years, RankTable& ranks)
{
    const std::unique_ptr<Sample> sample = pooled_sample(years);
    const ColumnSketch* const sketch = years.front().sketch;
    ClusterCounter clusters(years);
    ExceedanceCurve curve = empty_curve(*years.front().column, {});
    for (const double period : return_periods) {
        const double level = level_of(period);
        // Weights may tell more of a tail than as many plain trials; clusters never.
        const double effective =
            sketch != nullptr
                ? static_cast<double>(sketch->count())
                : std::min(sample->effective_count(level),
                           clusters.effective_years(sample->value_at(sample->mass() * level),
                                                    1 / period));
        curve.points.push_back(
            {period, quantile_figure("return_period", *sample, level, ranks, effective)});
    }
    return curve;
}

ExceedanceCurve year_curve(const ColumnTrials& year, RankTable& ranks)
{
    const std::unique_ptr<Sample> sample = sample_of(year);
    ExceedanceCurve curve = empty_curve(*year.column, year.column->year->year);
    for (const double period : return_periods) {
        curve.points.push_back(
            {period, quantile_figure("return_period", *sample, level_of(period), ranks)});
    }
    return curve;
}

}  // namespace

std::vector<ExceedanceCurve> exceedance_curves(std::span<const ColumnTrials> years,
                                               RankTable& ranks)
{
    std::vector<ExceedanceCurve> curves = {pooled_curve(years, ranks)};
    for (const ColumnTrials& year : years) {
        curves.push_back(year_curve(year, ranks));
    }
    return curves;
}

const char* basis_name(Basis basis)
{
    return basis == Basis::occurrence ? "OEP" : "AEP";
}

}  // namespace chokepoint
