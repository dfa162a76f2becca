#include "chokepoint/study/design.hpp"

#include "chokepoint/statistics/sensitivity.hpp"
#include "chokepoint/study/sensitivity.hpp"
#include "support/csv.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <set>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// An experiment whose inputs lie between two numbers.
Experiment experiment_of(DesignKind design, std::size_t inputs, double low, double high)
{
    Experiment experiment;
    experiment.design = design;
    for (std::size_t input = 0; input < inputs; ++input) {
        VariedInput varied;
        varied.name = "x" + std::to_string(input + 1);
        varied.paths = {"some.key"};
        varied.values = ValueRange{.low = low, .high = high, .is_log = false, .steps = 3};
        experiment.inputs.push_back(varied);
    }
    return experiment;
}

using Function = std::function<double(const std::vector<double>&)>;

/// The function at every point of a design.
std::vector<double> outputs_of(const Experiment& experiment, const Design& design,
                               const Function& function)
{
    std::vector<double> outputs;
    for (const std::vector<double>& point : design.points) {
        std::vector<double> x;
        for (std::size_t input = 0; input < point.size(); ++input) {
            x.push_back(experiment.inputs[input].number_at(point[input]));
        }
        outputs.push_back(function(x));
    }
    return outputs;
}

double ishigami(const std::vector<double>& x)
{
    return std::sin(x[0]) + 7 * std::pow(std::sin(x[1]), 2)
           + 0.1 * std::pow(x[2], 4) * std::sin(x[0]);
}

/// Sobol's g-function with a = 0, 1, 4.5, 9, 99, 99, 99, 99.
double g_function(const std::vector<double>& x)
{
    const double a[] = {0, 1, 4.5, 9, 99, 99, 99, 99};
    double product = 1;
    for (std::size_t input = 0; input < x.size(); ++input) {
        product *= (std::abs(4 * x[input] - 2) + a[input]) / (1 + a[input]);
    }
    return product;
}

double reference(const std::string& function, const std::string& index)
{
    for (const CsvRow& row : read_test_table("sobol_reference.csv")) {
        if (row.text("function") == function && row.text("index") == index) {
            return row.number("value");
        }
    }
    throw std::runtime_error("no reference for " + index);
}

/// First and total indices of an input by scramble.
struct Scrambles {
    std::vector<double> first, total;
};

/// As the product computes them, for 32 scrambles of 4,096 rows.
std::vector<Scrambles> by_scramble(Experiment experiment, const Function& function)
{
    constexpr std::uint64_t scrambles = 32;
    experiment.points = 4096;
    std::vector<Scrambles> inputs(experiment.inputs.size());
    for (experiment.seed = 1; experiment.seed <= scrambles; ++experiment.seed) {
        const Design design = make_design(experiment);
        const std::vector<double> outputs = outputs_of(experiment, design, function);
        for (std::size_t input = 0; input < inputs.size(); ++input) {
            const SaltelliOutputs rows = saltelli_outputs(design, input, outputs);
            const SobolIndices indices = sobol_indices(rows.a, rows.b, rows.ab, 1, 0);
            inputs[input].first.push_back(indices.first.value);
            inputs[input].total.push_back(indices.total.value);
        }
    }
    return inputs;
}

void expect_near(std::vector<double> values, double truth, const std::string& index)
{
    std::sort(values.begin(), values.end());
    EXPECT_NEAR(0.5 * (values[15] + values[16]), truth, 0.005) << index;
    EXPECT_NEAR(values.front(), truth, 0.03) << index;
    EXPECT_NEAR(values.back(), truth, 0.03) << index;
}

TEST(SaltelliDesign, GivesTheIndicesOfIshigamisFunction)
{
    const double pi = std::numbers::pi;
    const auto inputs = by_scramble(experiment_of(DesignKind::saltelli, 3, -pi, pi), ishigami);
    for (std::size_t input = 0; input < inputs.size(); ++input) {
        const std::string number = std::to_string(input + 1);
        expect_near(inputs[input].first, reference("ishigami", "S" + number), "S" + number);
        expect_near(inputs[input].total, reference("ishigami", "ST" + number), "ST" + number);
    }
}

TEST(SaltelliDesign, GivesTheIndicesOfTheGFunction)
{
    const auto inputs = by_scramble(experiment_of(DesignKind::saltelli, 8, 0, 1), g_function);
    for (std::size_t input = 0; input < inputs.size(); ++input) {
        const std::string number = std::to_string(input + 1);
        expect_near(inputs[input].first, reference("sobol_g", "S" + number), "S" + number);
        expect_near(inputs[input].total, reference("sobol_g", "ST" + number), "ST" + number);
    }
}

TEST(SaltelliDesign, HasIntervalsThatCover)
{
    const double pi = std::numbers::pi;
    Experiment experiment = experiment_of(DesignKind::saltelli, 3, -pi, pi);
    experiment.points = 256;
    int covered = 0, intervals = 0;
    for (experiment.seed = 1; experiment.seed <= 40; ++experiment.seed) {
        const Design design = make_design(experiment);
        const auto all =
            sensitivities(experiment, design, {outputs_of(experiment, design, ishigami)});
        for (std::size_t row = 0; row < all.size(); ++row) {
            const bool is_first = all[row].index == "first_order";
            const double truth =
                reference("ishigami", (is_first ? "S" : "ST") + all[row].input.substr(1));
            ++intervals;
            covered += all[row].estimate.lower <= truth && truth <= all[row].estimate.upper;
        }
    }
    EXPECT_EQ(intervals, 240);
    EXPECT_GT(covered, 0.93 * intervals);
}

TEST(MorrisDesign, FindsTheSlopesOfALinearFunction)
{
    Experiment experiment = experiment_of(DesignKind::morris, 3, 0, 10);
    const Design design = make_design(experiment);
    EXPECT_EQ(design.points.size(), points_of(experiment));
    const std::vector<double> outputs = outputs_of(
        experiment, design, [](const std::vector<double>& x) { return 3 * x[0] - x[1]; });
    const auto all = sensitivities(experiment, design, {outputs});
    ASSERT_EQ(all.size(), 9);
    EXPECT_NEAR(all[0].estimate.value, 30, 1e-9);   // over the whole range
    EXPECT_NEAR(all[4].estimate.value, -10, 1e-9);  // mu keeps the sign
    EXPECT_NEAR(all[3].estimate.value, 10, 1e-9);
    EXPECT_NEAR(all[2].estimate.value, 0, 1e-9);
    EXPECT_NEAR(all[6].estimate.value, 0, 1e-9);
}

TEST(MorrisDesign, StepsOneInputAtATimeWithinItsLevels)
{
    Experiment experiment = experiment_of(DesignKind::morris, 5, 0, 1);
    experiment.trajectories = 30;
    const Design design = make_design(experiment);
    for (std::size_t point = 0; point < design.points.size(); ++point) {
        for (const double u : design.points[point]) {
            EXPECT_NEAR(std::round(3 * u), 3 * u, 1e-12);
            EXPECT_GE(u, 0);
            EXPECT_LE(u, 1);
        }
        if (design.stepped[point] < 0) {
            continue;
        }
        for (std::size_t input = 0; input < 5; ++input) {
            const double step =
                std::abs(design.points[point][input] - design.points[point - 1][input]);
            EXPECT_NEAR(step, static_cast<int>(input) == design.stepped[point] ? 2.0 / 3 : 0,
                        1e-12);
        }
    }
}

TEST(LatinHypercube, HasOnePointInEachShareOfEachInput)
{
    Experiment experiment = experiment_of(DesignKind::latin_hypercube, 4, 0, 1);
    experiment.points = 37;
    const Design design = make_design(experiment);
    for (std::size_t input = 0; input < 4; ++input) {
        std::set<int> shares;
        for (const auto& point : design.points) {
            shares.insert(static_cast<int>(point[input] * 37));
        }
        EXPECT_EQ(shares.size(), 37);
    }
}

TEST(SobolDesign, BeginsWithThePointsOfASmallerOne)
{
    Experiment experiment = experiment_of(DesignKind::sobol, 4, 0, 1);
    experiment.points = 16;
    const Design small = make_design(experiment);
    experiment.points = 64;
    const Design large = make_design(experiment);
    EXPECT_TRUE(std::equal(small.points.begin(), small.points.end(), large.points.begin()));
}

TEST(GridDesign, HasEveryCombination)
{
    Experiment experiment = experiment_of(DesignKind::grid, 3, 0, 1);
    experiment.inputs[1].values = ListedValues{{"a", "b"}};
    const Design design = make_design(experiment);
    EXPECT_EQ(design.points.size(), 18);
    EXPECT_EQ(std::set(design.points.begin(), design.points.end()).size(), 18);
    EXPECT_EQ(experiment.inputs[0].number_at(design.points.back()[0]), 1);
    EXPECT_EQ(experiment.inputs[1].label_at(design.points[3][1]), "b");
}

TEST(OneAtATime, TellsChangesFromTheScenarioAsItIs)
{
    Experiment experiment = experiment_of(DesignKind::one_at_a_time, 2, 0, 4);
    const Design design = make_design(experiment);
    ASSERT_EQ(design.points.size(), 5);
    EXPECT_TRUE(std::isnan(design.points[0][0]));
    EXPECT_TRUE(std::isnan(design.points[1][1]));
    const auto all = sensitivities(experiment, design, {{10, 7, 14, 10, 11}});
    ASSERT_EQ(all.size(), 4);
    EXPECT_EQ(all[0].index, "change_at_0");
    EXPECT_EQ(all[0].estimate.value, -3);
    EXPECT_EQ(all[1].index, "change_at_4");
    EXPECT_EQ(all[1].estimate.value, 4);
    EXPECT_EQ(all[3].estimate.value, 1);
}

}  // namespace
}  // namespace chokepoint
