#include "chokepoint/events/parameters.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chokepoint/events/tilt.hpp"
#include "support/exact_law.hpp"
#include "support/numbers.hpp"
#include "support/scenario_builder.hpp"

namespace chokepoint {
namespace {

ScenarioBuilder one_chain()
{
    ScenarioBuilder builder({"china", "japan"}, {"mine"});
    builder.commodity("neodymium");
    builder.mine("bayan_obo", "china", 1200);
    builder.demand("neodymium", "japan", 1200);
    return builder;
}

void make_uncertain(ScenarioBuilder& builder)
{
    CommodityEntry& commodity = builder.scenario.commodities[0];
    commodity.price_usd_per_kg = builder.number("commodities.neodymium.price_usd_per_kg",
                                                Distribution(Uniform{.low = 10, .high = 20}));
    builder.scenario.demand[0].t_per_year = builder.number(
        "demand.neodymium.japan.t_per_year", Distribution(Uniform{.low = 1000, .high = 1400}));
}

TEST(DrawParameters, TakesFixedNumbersAsTheyAre)
{
    const Model model = one_chain().model();
    Parameters parameters;
    draw_parameters(model, {.seed = 1, .trial = 5}, parameters);
    EXPECT_EQ(parameters.values, model.nominal_values());
    EXPECT_DOUBLE_EQ(parameters.baseline.consumption(0, 1), 100);
    EXPECT_EQ(parameters.opening_month, std::vector<double>{-infinity});
}

TEST(DrawParameters, DependsOnSeedAndTrialAlone)
{
    ScenarioBuilder builder = one_chain();
    make_uncertain(builder);
    const Model model = builder.model();
    Parameters first, again, other_trial, other_seed;
    draw_parameters(model, {.seed = 1, .trial = 5}, first);
    draw_parameters(model, {.seed = 1, .trial = 6}, again);
    draw_parameters(model, {.seed = 1, .trial = 5}, again);
    draw_parameters(model, {.seed = 1, .trial = 6}, other_trial);
    draw_parameters(model, {.seed = 2, .trial = 5}, other_seed);
    EXPECT_EQ(again.values, first.values);
    EXPECT_EQ(again.baseline.balance_factor, first.baseline.balance_factor);
    const Slot price = model.commodities[0].price;
    EXPECT_NE(other_trial[price], first[price]);
    EXPECT_NE(other_seed[price], first[price]);
}

TEST(DrawParameters, FollowsTheWrittenLaw)
{
    ScenarioBuilder builder = one_chain();
    make_uncertain(builder);
    const Model model = builder.model();
    const int trials = 20'000;
    double sum = 0;
    Parameters parameters;
    for (int trial = 0; trial < trials; ++trial) {
        draw_parameters(model, {.seed = 3, .trial = static_cast<std::uint64_t>(trial)},
                        parameters);
        sum += parameters[model.commodities[0].price];
    }
    const double tolerance = 4 * (10 / std::sqrt(12.0)) / std::sqrt(trials);
    EXPECT_NEAR(sum / trials, 15, tolerance);
    EXPECT_LT(tolerance, 0.1);
}

TEST(DrawParameters, BalancesEveryTrial)
{
    ScenarioBuilder builder = one_chain();
    make_uncertain(builder);
    const Model model = builder.model();
    Parameters parameters;
    for (std::uint64_t trial = 0; trial < 20; ++trial) {
        draw_parameters(model, {.seed = 3, .trial = trial}, parameters);
        EXPECT_DOUBLE_EQ(parameters.baseline.balance_factor[0],
                         1200 / parameters[model.demand[1]]);
        EXPECT_DOUBLE_EQ(parameters.baseline.consumption(0, 1), 100);
    }
}

TEST(DrawParameters, GrowDemandByTheRatesDrawn)
{
    ScenarioBuilder builder = one_chain();
    builder.scenario.demand[0].growth.per_year = builder.number(
        "demand.neodymium.japan.growth_per_year", Distribution(Uniform{.low = 0, .high = 0.2}));
    const Model model = builder.model();
    Parameters parameters;
    for (std::uint64_t trial = 0; trial < 20; ++trial) {
        draw_parameters(model, {.seed = 3, .trial = trial}, parameters);
        const std::size_t cell = model.cell(CommodityId(0), RegionId(1));
        EXPECT_NEAR(parameters.growth.demand.at(12, cell),
                    1 + parameters[model.demand_growth[cell].front()], 1e-14);
    }
    EXPECT_EQ(model.uncertain_parameters.size(), 1U);
}

TEST(DrawParameters, OfOneNumberDoNotMoveWhenAnotherIsAdded)
{
    ScenarioBuilder builder = one_chain();
    make_uncertain(builder);
    const Model before = builder.model();
    builder.scenario.commodities[0].quoted_adjustment_per_month =
        builder.number("commodities.neodymium.quoted_adjustment_per_month",
                       Distribution(Uniform{.low = 0.1, .high = 0.9}));
    builder.facility("project", "japan", "mine", 100).opens = Date{2010, 1, 1};
    const Model after = builder.model();
    for (std::uint64_t trial = 0; trial < 50; ++trial) {
        Parameters left, right;
        draw_parameters(before, {.seed = 9, .trial = trial}, left);
        draw_parameters(after, {.seed = 9, .trial = trial}, right);
        ASSERT_EQ(left[before.commodities[0].price], right[after.commodities[0].price]);
        ASSERT_EQ(left[before.demand[1]], right[after.demand[1]]);
    }
}

TEST(DrawParameters, KeepsItsMemory)
{
    ScenarioBuilder builder = one_chain();
    make_uncertain(builder);
    const Model model = builder.model();
    Parameters parameters;
    draw_parameters(model, {.seed = 1, .trial = 0}, parameters);
    const double* values = parameters.values.data();
    const double* consumption = parameters.baseline.consumption.data();
    draw_parameters(model, {.seed = 1, .trial = 1}, parameters);
    EXPECT_EQ(parameters.values.data(), values);
    EXPECT_EQ(parameters.baseline.consumption.data(), consumption);
}

TEST(DrawParameters, OpensProjectsAsOftenAsSaidAndAfterTheirDelay)
{
    ScenarioBuilder builder = one_chain();
    FacilityEntry& project = builder.facility("mount_weld", "japan", "mine", 100);
    project.opens = Date{2011, 1, 1};
    project.opening_probability =
        builder.number("facilities.mount_weld.opening_probability", 0.7);
    project.delay_months = builder.number("facilities.mount_weld.delay_months", 3);
    const Model model = builder.model();
    Parameters parameters;
    const int trials = 20'000;
    int opened = 0;
    for (int trial = 0; trial < trials; ++trial) {
        draw_parameters(model, {.seed = 4, .trial = static_cast<std::uint64_t>(trial)},
                        parameters);
        if (parameters.opening_month[1] < infinity) {
            EXPECT_EQ(parameters.opening_month[1], 24 + 3);
            ++opened;
        }
    }
    const double tolerance = 4 * std::sqrt(0.7 * 0.3 / trials);
    EXPECT_NEAR(static_cast<double>(opened) / trials, 0.7, tolerance);
    EXPECT_LT(tolerance, 0.02);
}

TEST(DrawParameters, DecidesWhetherInducedProjectsFailAndHowLongTheyTake)
{
    ScenarioBuilder builder = one_chain();
    FacilityEntry& project = builder.facility("mount_weld", "japan", "mine", 100);
    project.induced =
        InducedEntry{builder.number("trigger", 2), builder.number("after", 12),
                     builder.number("facilities.mount_weld.induced.lead_months",
                                    Distribution(Uniform{.low = 10, .high = 20}))};
    project.opening_probability =
        builder.number("facilities.mount_weld.opening_probability", 0.7);
    const Model model = builder.model();
    EXPECT_FALSE(model.reference_is_certain());
    Parameters parameters;
    const int trials = 20'000;
    int opened = 0;
    for (int trial = 0; trial < trials; ++trial) {
        draw_parameters(model, {.seed = 4, .trial = static_cast<std::uint64_t>(trial)},
                        parameters);
        EXPECT_EQ(parameters.opening_month[1], infinity);
        if (parameters.lead_months[1] < infinity) {
            EXPECT_EQ(parameters.lead_months[1],
                      parameters[model.facilities[1].opening->induced->lead_months]);
            ++opened;
        }
    }
    const double tolerance = 4 * std::sqrt(0.7 * 0.3 / trials);
    EXPECT_NEAR(static_cast<double>(opened) / trials, 0.7, tolerance);
    EXPECT_LT(tolerance, 0.02);
}

TEST(DrawParameters, NamesTheTrialThatCannotBeBalanced)
{
    ScenarioBuilder builder({"china", "japan"});
    builder.commodity("neodymium");
    builder.mine("pit", "china", 1200).capacity_t_per_year = builder.number(
        "facilities.pit.capacity_t_per_year", Distribution(Uniform{.low = 800, .high = 1300}));
    builder.facility("plant", "china", "refine", 1100);
    builder.demand("neodymium", "japan", 1000);
    const Model model = builder.model();
    Parameters parameters;
    std::string message = "no trial failed";
    for (std::uint64_t trial = 0; trial < 50; ++trial) {
        const bool unbalanced = [&] {
            try {
                draw_parameters(model, {.seed = 1, .trial = trial}, parameters);
                return false;
            } catch (const InputError& error) {
                message = error.what();
                EXPECT_THAT(message, ::testing::HasSubstr(
                                         "error: facilities.plant.capacity_t_per_year: trial "
                                         + std::to_string(trial) + ": month 0 needs more"));
                return true;
            }
        }();
        if (!unbalanced) {
            EXPECT_LE(parameters.baseline.output[1](0, 0), 1100.0 / 12 * (1 + 1e-9));
        }
    }
    EXPECT_NE(message, "no trial failed");
}

TEST(DrawParameters, UnderATiltAreWeightedBackAndSharedWithTheTwin)
{
    const Model model = testing::model_with_hazards(R"(
  export_restrictions:
    - {name: cuts, exporter: china, instrument: ban, duration_days: 30,
       rate_per_year: {gamma: {shape: 1.5, scale: 0.2}}}
)",
                                                    12);
    const TiltKnobs knobs(model);
    ASSERT_EQ(knobs.names()[0], "hazards.export_restrictions.cuts.rate_per_year");
    Tilt tilt{{{.share = 0.8, .factors = std::vector<double>(knobs.size(), 1)}}};
    tilt.components[0].factors[0] = 0.5;
    TiltedDraws draws(knobs, tilt);
    const Slot rate = model.restriction_hazards[0].rate_per_year;
    Parameters parameters;
    Parameters of_twin;
    testing::Sample drawn;
    testing::Sample weighted;
    for (std::uint64_t trial = 0; trial < 100'000; ++trial) {
        const TrialKey key{.seed = 5, .trial = trial};
        draws.start(key);
        draw_parameters(model, key, parameters, nullptr, &draws);
        drawn.add(parameters[rate]);
        weighted.add(std::exp(draws.log_weight()) * parameters[rate]);
        if (trial < 1000) {
            const TrialKey twin{.seed = 5, .trial = twin_of(trial)};
            draws.start(twin);
            draw_parameters(model, twin, of_twin, nullptr, &draws);
            ASSERT_EQ(of_twin[rate], parameters[rate]);
        }
    }
    EXPECT_GT(drawn.mean().value, 0.4);
    testing::expect_exact("weighted", weighted.mean(), 1.5 * 0.2, 0.02);
}

TEST(NominalParameters, OpenWhatIsLikelierThanNotToOpen)
{
    ScenarioBuilder builder = one_chain();
    make_uncertain(builder);
    for (const double probability : {0.4, 0.6}) {
        const std::string name =
            "project_" + std::to_string(static_cast<int>(10 * probability));
        FacilityEntry& project = builder.facility(name, "japan", "mine", 100);
        project.opens = Date{2010, 1, 1};
        project.opening_probability =
            builder.number("facilities." + name + ".opening_probability", probability);
    }
    const Model model = builder.model();
    const Parameters parameters = nominal_parameters(model);
    EXPECT_EQ(parameters.opening_month, (std::vector<double>{-infinity, infinity, 12}));
    EXPECT_NEAR(parameters[model.commodities[0].price], 15, 1e-12);
    EXPECT_NEAR(parameters.baseline.balance_factor[0], 1, 1e-12);
}

}  // namespace
}  // namespace chokepoint
