#include "chokepoint/statistics/tail_index.hpp"

#include "chokepoint/random/stream.hpp"
#include "chokepoint/statistics/sample.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// A Pareto sample, whose tail falls like x^(-1 / index).
std::vector<double> pareto(double index, std::size_t n)
{
    Philox stream = make_stream(11, Purpose::parameter, 0, hash_name("pareto"));
    std::vector<double> values(n);
    for (double& value : values) {
        value = std::pow(uniform_open(stream), -index);
    }
    return values;
}

TEST(TailIndex, IsThatOfAParetoTail)
{
    for (const double index : {0.1, 0.5, 1.2}) {
        const PlainSample sample(pareto(index, 100'000));
        const Estimate estimate = tail_index(sample.tail(0.95));
        const double error = index / std::sqrt(5000);
        EXPECT_NEAR(estimate.value, index, 4 * error);
        EXPECT_NEAR((estimate.upper - estimate.lower) / (2 * interval_z * error), 1, 0.1);
    }
}

TEST(TailIndex, IsSmallWhereTheTailIsBounded)
{
    Philox stream = make_stream(12, Purpose::parameter, 0, hash_name("bounded"));
    std::vector<double> values(100'000);
    for (double& value : values) {
        value = uniform01(stream);
    }
    EXPECT_LT(tail_index(PlainSample(values).tail(0.99)).value, 0.02);
}

TEST(TailIndex, CountsWeightsAsOftenAsTheySay)
{
    const std::vector<double> values = {1, 2, 4}, weights = {5, 2, 1};
    const std::vector<double> repeated = {1, 1, 1, 1, 1, 2, 2, 4};
    const Estimate weighted = tail_index(WeightedSample(values, weights).tail(0.5));
    const double by_hand = (2 * std::log(2.0) + std::log(4.0)) / 3;
    EXPECT_NEAR(weighted.value, by_hand, 1e-12);
    EXPECT_NEAR(weighted.upper, by_hand * (1 + interval_z * std::sqrt(5.0) / 3), 1e-12);
}

TEST(TailIndex, HasNoFigureOfATailThatIsFlatNegativeOrInfinite)
{
    const auto of = [](std::vector<double> values) {
        return tail_index(PlainSample(values).tail(0.5)).value;
    };
    EXPECT_TRUE(std::isnan(of({0, 0, 0, 1})));
    EXPECT_TRUE(std::isnan(of({1, 1, 1, 1})));
    EXPECT_TRUE(std::isnan(of({-2, -2, -1, 3})));
    EXPECT_TRUE(std::isnan(of({1, 2, 3, std::numeric_limits<double>::infinity()})));
    EXPECT_TRUE(std::isnan(tail_index({}).value));
}

}  // namespace
}  // namespace chokepoint
