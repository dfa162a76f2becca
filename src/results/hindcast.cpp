#include "chokepoint/results/hindcast.hpp"

#include "chokepoint/metrics/record_meter.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/crps.hpp"
#include "chokepoint/statistics/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <utility>

#include <boost/random/normal_distribution.hpp>

namespace chokepoint {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

std::vector<double> sorted(std::vector<double> values)
{
    std::ranges::sort(values);
    return values;
}

Spread spread_of(std::span<const double> upwards)
{
    const auto range = [&](double beyond) -> std::array<double, 2> {
        if (!has_range(upwards.size(), beyond)) {
            return {none, none};
        }
        return {quantile_sorted(upwards, beyond), quantile_sorted(upwards, 1 - beyond)};
    };
    return {.median = quantile_sorted(upwards, 0.5),
            .range50 = range(0.25),
            .range80 = range(0.1),
            .range95 = range(0.025)};
}

bool lies_in(const std::array<double, 2>& range, double value)
{
    return range[0] <= value && value <= range[1];
}

std::vector<double> logarithms(std::vector<double> values)
{
    for (double& value : values) {
        value = std::log(value);
    }
    return values;
}

/// What the random walk of one commodity says of a point, by draw: its factor on the price of
/// month 0.
class RandomWalk {
public:
    RandomWalk(const std::string& commodity, double volatility_12_months, std::size_t months,
               std::uint64_t seed, std::uint64_t draws)
        : months_(months)
    {
        const double per_month = volatility_12_months / std::sqrt(12.0);
        boost::random::normal_distribution<double> step(0, per_month);
        for (std::uint64_t draw = 0; draw < draws; ++draw) {
            Philox stream = make_stream(seed, Purpose::no_model, draw, hash_name(commodity));
            double log_ratio = 0;
            step.reset();
            for (std::size_t month = 0; month < months; ++month) {
                log_ratio += step(stream);  // a price process too moves before its first month
                ratios_.push_back(std::exp(log_ratio));
            }
        }
    }

    std::vector<double> forecast(const Observation& observation) const
    {
        std::vector<double> factors;
        for (std::size_t first = 0; first < ratios_.size(); first += months_) {
            const auto begin = ratios_.begin() + static_cast<std::ptrdiff_t>(first);
            const auto from = begin + static_cast<std::ptrdiff_t>(observation.first);
            const auto end = begin + static_cast<std::ptrdiff_t>(observation.end);
            double sum = 0;
            for (auto ratio = from; ratio != end; ++ratio) {
                sum += *ratio;
            }
            factors.push_back(observation.kind == RecordKind::peak
                                  ? *std::max_element(from, end)
                                  : sum / static_cast<double>(end - from));
        }
        return factors;
    }

private:
    std::size_t months_;
    std::vector<double> ratios_;  ///< [draw * months + month]
};

/// Price of month 0 of the area that an observation is of, weighted by demand as prices of
/// areas are, at nominal values, USD/kg.
double price_at_start(const Model& model, const Observation& observation)
{
    const auto nominal = [&](Slot slot) { return model.parameters[slot.index()].nominal; };
    const CommodityId commodity = observation.commodities.front();
    const Commodity& entry = model.commodities[commodity.index()];
    double sum = 0;
    double weights = 0;
    for (const RegionId region : observation.regions) {
        const double weight = nominal(model.demand[model.cell(commodity, region)]);
        sum += weight * nominal(entry.regional_price[region.index()]);
        weights += weight;
    }
    return sum / weights;
}

/// Takes the columns of the record off a run again.
std::vector<std::vector<double>> take_record_columns(RunResult& result, std::size_t kept)
{
    const auto first = static_cast<std::ptrdiff_t>(kept);
    std::vector<std::vector<double>> values(
        std::make_move_iterator(result.values.begin() + first),
        std::make_move_iterator(result.values.end()));
    result.columns.resize(kept);
    result.values.resize(kept);
    if (!result.twin_values.empty()) {
        result.twin_values.resize(kept);
    }
    if (!result.sketches.empty()) {
        result.sketches.erase(result.sketches.begin() + first, result.sketches.end());
    }
    return values;
}

class Scorer {
public:
    Scorer(const Scenario& scenario, const Model& model, const Observations& observations,
           const std::vector<std::vector<double>>& values, std::uint64_t seed)
        : record_(*scenario.observed),
          model_(model),
          observations_(observations),
          values_(values),
          seed_(seed)
    {}

    void score_points(Hindcast& hindcast) const
    {
        for (std::size_t index = 0; index < observations_.compared.size(); ++index) {
            hindcast.points.push_back(score(index));
        }
        for (std::size_t commodity = 0; commodity < model_.commodities.size(); ++commodity) {
            score_no_model(CommodityId(commodity), hindcast.points);
        }
    }

    void score_peaks(Hindcast& hindcast) const
    {
        const std::vector<RecordedPrice> prices = recorded_prices(observations_.compared);
        for (std::size_t index = 0; index < prices.size(); ++index) {
            const RecordPoint* highest = nullptr;
            for (const Observation& observation : observations_.compared) {
                const RecordPoint& point = record_.points[observation.point];
                if (observation.series == RecordSeries::price
                    && observation.commodities.front() == prices[index].commodity
                    && observation.regions == prices[index].regions
                    && (highest == nullptr || point.value > highest->value)) {
                    highest = &point;
                }
            }
            const std::size_t column = observations_.compared.size() + 2 * index;
            hindcast.peaks.push_back({.commodity = highest->commodity,
                                      .area = highest->region,
                                      .seen = highest->value,
                                      .from = highest->from,
                                      .until = highest->until,
                                      .height = spread_of(sorted(values_[column])),
                                      .month = spread_of(sorted(values_[column + 1]))});
        }
    }

    void score_gaps(Hindcast& hindcast) const
    {
        const std::vector<Observation>& compared = observations_.compared;
        for (std::size_t one = 0; one < compared.size(); ++one) {
            for (std::size_t other = one + 1; other < compared.size(); ++other) {
                if (is_gap(compared[one], compared[other])) {
                    hindcast.gaps.push_back(gap(one, other));
                }
            }
        }
    }

private:
    PointScore score(std::size_t index) const
    {
        const RecordPoint& point = record_.points[observations_.compared[index].point];
        const std::vector<double> upwards = sorted(values_[index]);
        PointScore score{.point = &point,
                         .seen = point.value,
                         .forecast = spread_of(upwards),
                         .crps = none,
                         .crps_no_model = none};
        score.in50 = lies_in(score.forecast.range50, point.value);
        score.in80 = lies_in(score.forecast.range80, point.value);
        score.in95 = lies_in(score.forecast.range95, point.value);
        if (point.series == RecordSeries::price && upwards.size() > 1) {
            score.crps = crps_of_sample(logarithms(upwards), std::log(point.value));
        }
        return score;
    }

    void score_no_model(CommodityId commodity, std::vector<PointScore>& points) const
    {
        const std::string& name = model_.commodities[commodity.index()].name;
        const auto volatility = std::ranges::find(record_.no_model_volatility, name,
                                                  &std::pair<std::string, Number>::first);
        if (points.empty() || volatility == record_.no_model_volatility.end()
            || values_.front().size() < 2) {
            return;
        }
        const RandomWalk walk(name, volatility->second.distribution.quantile(0.5),
                              static_cast<std::size_t>(model_.months), seed_,
                              values_.front().size());
        for (std::size_t index = 0; index < points.size(); ++index) {
            const Observation& observation = observations_.compared[index];
            if (observation.series != RecordSeries::price
                || observation.commodities.front() != commodity) {
                continue;
            }
            const double start = std::log(price_at_start(model_, observation));
            const std::vector<double> moves = logarithms(sorted(walk.forecast(observation)));
            points[index].crps_no_model =
                crps_of_sample(moves, std::log(points[index].seen) - start);
        }
    }

    static bool is_gap(const Observation& one, const Observation& other)
    {
        return one.series == RecordSeries::price && other.series == RecordSeries::price
               && one.commodities == other.commodities && one.regions != other.regions
               && one.kind == other.kind && one.first == other.first && one.end == other.end;
    }

    GapScore gap(std::size_t one, std::size_t other) const
    {
        const RecordPoint* dear = &record_.points[observations_.compared[one].point];
        const RecordPoint* cheap = &record_.points[observations_.compared[other].point];
        if (dear->value < cheap->value) {
            std::swap(dear, cheap);
            std::swap(one, other);
        }
        std::vector<double> ratios(values_[one].size());
        for (std::size_t trial = 0; trial < ratios.size(); ++trial) {
            ratios[trial] = values_[one][trial] / values_[other][trial];
        }
        return {.commodity = dear->commodity,
                .dear = dear->region,
                .cheap = cheap->region,
                .from = dear->from,
                .seen = dear->value / cheap->value,
                .forecast = spread_of(sorted(std::move(ratios)))};
    }

    const ObservedEntry& record_;
    const Model& model_;
    const Observations& observations_;
    const std::vector<std::vector<double>>& values_;  ///< [column][trial]
    std::uint64_t seed_;
};

Coverage coverage_of(const std::vector<PointScore>& points, bool prices)
{
    Coverage coverage{.width80 = none, .crps = none, .crps_no_model = none};
    double log_widths = 0;
    double scored = 0;
    double crps = 0;
    double crps_no_model = 0;
    for (const PointScore& score : points) {
        if ((score.point->series == RecordSeries::price) != prices) {
            continue;
        }
        ++coverage.points;
        coverage.in50 += score.in50 ? 1 : 0;
        coverage.in80 += score.in80 ? 1 : 0;
        coverage.in95 += score.in95 ? 1 : 0;
        log_widths += std::log(score.forecast.range80[1] / score.forecast.range80[0]);
        if (std::isfinite(score.crps) && std::isfinite(score.crps_no_model)) {
            ++scored;
            crps += score.crps;
            crps_no_model += score.crps_no_model;
        }
    }
    if (coverage.points > 0) {
        coverage.width80 = std::exp(log_widths / static_cast<double>(coverage.points));
    }
    if (scored > 0) {
        coverage.crps = crps / scored;
        coverage.crps_no_model = crps_no_model / scored;
    }
    return coverage;
}

}  // namespace

Hindcast score_hindcast(const Scenario& scenario, const Model& model,
                        const Observations& observations, std::uint64_t seed, RunResult& result)
{
    const std::size_t of_record =
        make_record_meter(model, observations.compared)->columns().size();
    const std::vector<std::vector<double>> values =
        take_record_columns(result, result.columns.size() - of_record);
    Hindcast hindcast;
    hindcast.scenario = model.name;
    hindcast.trials = values.empty() ? result.trials : values.front().size();
    const Scorer scorer(scenario, model, observations, values, seed);
    scorer.score_points(hindcast);
    scorer.score_peaks(hindcast);
    scorer.score_gaps(hindcast);
    for (const Observations::LeftOut& left_out : observations.left_out) {
        hindcast.left_out.push_back(
            {&scenario.observed->points[left_out.point], left_out.reason});
    }
    hindcast.prices = coverage_of(hindcast.points, true);
    hindcast.volumes = coverage_of(hindcast.points, false);
    return hindcast;
}

}  // namespace chokepoint
