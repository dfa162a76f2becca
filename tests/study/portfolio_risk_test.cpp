#include "chokepoint/study/portfolio_risk.hpp"

#include "chokepoint/engine/summarise.hpp"
#include "chokepoint/portfolio/portfolio_meter.hpp"
#include "chokepoint/scenario/portfolio.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/study/reverse_stress.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// A market in which nothing happens but that two quoted prices wander: ln q has a standard
/// deviation of 0.2 and 0.3 after the year, and a correlation of 0.4.
const char* const wandering = R"(
schema: 1
name: wandering prices
start: 2026-01
months: 12
regions: [here]
stages: [mine]
commodities:
  one: {price_usd_per_kg: 10, quoted_adjustment_per_month: 1, demand_elasticity: {short_run: 0.5, long_run: 0.5}}
  two: {price_usd_per_kg: 10, quoted_adjustment_per_month: 1, demand_elasticity: {short_run: 0.5, long_run: 0.5}}
facilities:
  - {name: pit, region: here, stage: mine, capacity_t_per_year: 2400, outputs: {one: 0.5, two: 0.5}}
demand: {one: {here: {t_per_year: 1200}}, two: {here: {t_per_year: 1200}}}
hazards:
  price_shocks:
    processes:
      - {name: first, commodity: one, channel: quoted, volatility_per_year: 0.2}
      - {name: second, commodity: two, channel: quoted, volatility_per_year: 0.3}
    correlations: {first: {second: 0.4}}
)";

/// A book in a run.
struct HeldRun {
    Model model;
    Book book;
    RunSettings settings;
    RunResult result;
    PortfolioRisk risk;

    HeldRun(const std::string& market, const std::string& positions, std::uint64_t trials,
            std::uint64_t memory = default_memory)
    {
        std::vector<Diagnostic> warnings;
        const Scenario scenario = read_scenario_text(market, "market");
        const Scenario* const known = &scenario;
        model = build_model(scenario, warnings);
        book = build_book(
            read_portfolio_text("schema: 1\nportfolio: test\nprice_region: here\n" + positions,
                                "book", {&known, 1}),
            model);
        settings.seed = 11;
        settings.trials = trials;
        settings.threads = 2;
        settings.memory = memory;
        auto meters = all_meters(model);
        meters.push_back(make_portfolio_meter(model, model, book, settings.seed));
        Progress progress;
        result = run(model, meters, settings, progress);
        risk = portfolio_risk(book, result, summarise(result).columns);
    }

    const PartRisk& part(const std::string& name) const
    {
        return *std::ranges::find(risk.parts, name, &PartRisk::name);
    }
};

/// How far a figure lies from what it should be, in standard errors.
double z_of(const Figure& figure, double expected)
{
    return (figure.estimate.value - expected) / figure.standard_error;
}

constexpr double es95_of_normal = 2.0627128075;  // validation/risk_measures_closed_form.csv
constexpr double var95_of_normal = 1.6448536270;
constexpr double most = 4;  // standard errors: one in 16,000 by chance

TEST(PortfolioRisk, OfBetasOnGaussianPricesIsNormal)
{
    const HeldRun run(wandering, R"(positions:
  - {name: a, type: equity, value: 1.0e6, betas: {one: 0.5}}
  - {name: b, type: equity, value: 2.0e6, betas: {one: 0.1, two: 0.3}}
)",
                      20'000);
    // Loss = -(0.7 x + 0.6 y) million, with x, y the moves of the two prices.
    const double x = 0.7e6 * 0.2, y = 0.6e6 * 0.3, rho = 0.4;
    const double sd = std::sqrt(x * x + y * y + 2 * rho * x * y);
    EXPECT_LT(std::abs(z_of(run.risk.loss.figure("mean"), 0)), most);
    EXPECT_LT(std::abs(z_of(run.risk.loss.figure("es95"), es95_of_normal * sd)), most);
    const Estimate var95 = run.risk.loss.figure("var95").estimate;
    const double half = (var95.upper - var95.lower) / 2;
    EXPECT_LT(std::abs(var95.value - var95_of_normal * sd), 2 * half);
    // Euler: ES times the covariance with the whole over its variance.
    const double of_a = 0.5e6 * 0.2 * (x + rho * y) / sd;
    const double of_two = y * (y + rho * x) / sd;
    const Figure& a = run.part("a").contributions[0].es;
    const Figure& two = run.part("two").contributions[0].es;
    EXPECT_LT(std::abs(z_of(a, es95_of_normal * of_a)), most);
    EXPECT_LT(std::abs(z_of(two, es95_of_normal * of_two)), most);
    // Without b, what is left is 0.5 x.
    const Figure& without = run.part("b").contributions[0].without;
    EXPECT_LT(std::abs(z_of(without, es95_of_normal * (0.5e6 * 0.2 - sd))), most);
}

TEST(PortfolioRisk, OfStudentNoiseIsStudents)
{
    const HeldRun run(wandering, R"(positions:
  - {name: a, type: equity, value: 1.0e6, noise: {sd_per_year: 0.1, degrees_of_freedom: 4}}
)",
                      20'000);
    // t with 4 degrees of freedom: VaR 2.1318, ES 3.2029 of its scale; sd is sqrt 2 of it.
    const double scale = 1e5 / std::sqrt(2);
    EXPECT_LT(std::abs(z_of(run.risk.loss.figure("es95"), 3.2028704766 * scale)), most);
    const Estimate var95 = run.risk.loss.figure("var95").estimate;
    EXPECT_LT(std::abs(var95.value - 2.1318467863 * scale), var95.upper - var95.lower);
}

TEST(PortfolioRisk, SharesTheMarketAmongPositions)
{
    const HeldRun run(wandering, R"(market: {sd_per_year: 0.2}
positions:
  - {name: long, type: equity, value: 1.0e6, market_beta: 1}
  - {name: short, type: equity, value: -1.0e6, market_beta: 1}
)",
                      1280);
    EXPECT_NEAR(run.risk.loss.figure("sd").estimate.value, 0, 1e-6);
    EXPECT_NEAR(run.part("long").loss.figure("sd").estimate.value, 2e5, 2e4);
}

TEST(PortfolioRisk, PartsAddUpToTheShortfall)
{
    const HeldRun run(wandering, R"(desks: [{name: x}, {name: y}]
positions:
  - {name: a, type: equity, value: 1.0e6, betas: {one: 3, two: -2}, desk: x}
  - {name: b, type: physical, commodity: two, tonnes: 20, desk: y}
  - {name: c, type: futures, commodity: one, tonnes: -33, desk: y, mark: 2026-07}
  - {name: d, type: consumer, inputs: {one: {tonnes_per_year: 10}}, desk: x}
  - {name: e, type: project_loan, facility: pit, principal: 2.1e7, interest_per_year: 0.1,
     term_months: 12, unit_cost_usd_per_kg: 0.2, cover_months: 3, grace_months: 0, desk: y}
)",
                      4000);
    for (std::size_t level = 0; level < contribution_levels.size(); ++level) {
        double positions = 0, desks = 0, commodities = 0;
        for (const PartRisk& part : run.risk.parts) {
            const double es = part.contributions[level].es.estimate.value;
            positions += part.part.kind == BookPart::Kind::position ? es : 0;
            desks += part.part.kind == BookPart::Kind::desk ? es : 0;
            commodities += part.part.kind == BookPart::Kind::commodity ? es : 0;
        }
        const double es = run.risk.loss.figure(level == 0 ? "es95" : "es99").estimate.value;
        EXPECT_NEAR(positions, es, 1e-9 * es);
        EXPECT_NEAR(desks, es, 1e-9 * es);
        EXPECT_NEAR(commodities, es, 1e-9 * es);
    }
    const double defaults =
        run.risk.of_kind(BookPart::Kind::loan_default)[0]->loss.figure("mean").estimate.value;
    EXPECT_GT(defaults, 0);
    EXPECT_LT(defaults, 1);
}

TEST(PortfolioRisk, CountsBreachesOfLimits)
{
    const HeldRun run(wandering, R"(max_loss: 1.0e5
max_drawdown: 2.0e5
positions:
  - {name: a, type: equity, value: 1.0e6, betas: {one: 1}, max_loss: 2.0e5}
)",
                      20'000);
    // Normal with sd 200,000: beyond half a standard deviation, and beyond one.
    const Estimate beyond = breach_of(run.risk.loss)->estimate;
    EXPECT_LT(beyond.lower, 0.3085);
    EXPECT_GT(beyond.upper, 0.3085);
    EXPECT_NEAR(breach_of(run.part("a").loss)->estimate.value, 0.1587, 0.01);
    // The largest drawdown of a walk is larger than its last fall.
    EXPECT_GT(breach_of(run.risk.drawdown)->estimate.value, 0.3);
}

TEST(PortfolioRisk, SaysOnWhatPartsRestIfMemoryIsShort)
{
    const HeldRun run(wandering, R"(positions:
  - {name: a, type: equity, value: 1.0e6, betas: {one: 0.5}}
)",
                      20'000, 4'000'000);
    ASSERT_GT(run.result.stride, 1U);
    EXPECT_LT(run.risk.trials_in_parts, 20'000U);
    EXPECT_FALSE(run.risk.warnings.empty());
    EXPECT_NEAR(run.part("a").loss.figure("es95").estimate.value
                    / run.risk.loss.figure("es95").estimate.value,
                1, 0.1);
}

/// Supply fails now and then; a rare strike of both mines breaks the consumer.
const char* const failing = R"(
schema: 1
name: failing mines
start: 2026-01
months: 12
regions: [here]
stages: [mine]
commodities:
  metal: {price_usd_per_kg: {uniform: [5, 15]}, quoted_adjustment_per_month: 1, demand_elasticity: {short_run: 0.5, long_run: 0.5}}
facilities:
  - {name: north, region: here, stage: mine, capacity_t_per_year: 600}
  - {name: south, region: here, stage: mine, capacity_t_per_year: 600}
demand: {metal: {here: {t_per_year: 1200}}}
hazards:
  outages:
    - {name: small, facilities: [north, south], rate_per_year: 1, repair_days: 30, loss_share: 0.02}
  common_causes:
    - {name: large, facilities: [north, south], rate_per_year: 0.1, repair_days: 90, loss_share: 0.5}
)";

TEST(ReverseStress, FindsTheEventsAndNumbersThatBreakALimit)
{
    const HeldRun run(failing, R"(positions:
  - {name: maker, type: consumer, inputs: {metal: {tonnes_per_year: 12}}}
)",
                      4000);
    const std::size_t column = static_cast<std::size_t>(
        std::ranges::find(run.result.columns, std::string("portfolio_loss"), &Column::metric)
        - run.result.columns.begin());
    const double limit = run.risk.loss.figure("var95").estimate.value;
    const ReverseStress stress =
        reverse_stress(run.model, run.result, column, limit, run.settings);
    EXPECT_EQ(stress.trials, 4000U);
    EXPECT_NEAR(static_cast<double>(stress.beyond), 200, 1);
    ASSERT_EQ(stress.events.size(), 2U);
    EXPECT_EQ(stress.events[0].name, "large");
    EXPECT_EQ(stress.events[0].beyond.estimate.value, 1);  // nothing else breaks it
    EXPECT_NEAR(stress.events[0].lift.estimate.value, 1 / stress.events[0].all.estimate.value,
                1e-9);
    EXPECT_TRUE(stress.events[0].is_told);
    EXPECT_FALSE(stress.events[1].is_told);
    ASSERT_EQ(stress.numbers.size(), 1U);  // a dear metal makes a dear crisis
    EXPECT_EQ(stress.numbers[0].path, "commodities.metal.price_usd_per_kg");
    EXPECT_GT(stress.numbers[0].shift.estimate.lower, 0);
    ASSERT_EQ(stress.mildest.size(), 5U);
    for (std::size_t at = 0; at < stress.mildest.size(); ++at) {
        EXPECT_GT(stress.mildest[at].loss, limit);
        EXPECT_EQ(stress.mildest[at].loss, run.result.values[column][stress.mildest[at].trial]);
        EXPECT_GE(stress.mildest[at].event_months,
                  stress.mildest[at == 0 ? 0 : at - 1].event_months);
    }
}

TEST(ReverseStress, SaysTheSameForAnyThreads)
{
    const HeldRun run(failing, R"(positions:
  - {name: maker, type: consumer, inputs: {metal: {tonnes_per_year: 12}}}
)",
                      1280);
    RunSettings one = run.settings;
    one.threads = 1;
    const std::size_t column = run.result.columns.size() - run.book.parts.size() - 2;
    const ReverseStress a = reverse_stress(run.model, run.result, column, 1e4, run.settings);
    const ReverseStress b = reverse_stress(run.model, run.result, column, 1e4, one);
    ASSERT_EQ(a.numbers.size(), b.numbers.size());
    for (std::size_t at = 0; at < a.numbers.size(); ++at) {
        EXPECT_EQ(a.numbers[at].shift.estimate.value, b.numbers[at].shift.estimate.value);
    }
    EXPECT_EQ(a.mildest.front().trial, b.mildest.front().trial);
}

}  // namespace
}  // namespace chokepoint
