#include "portfolio/held_market.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::ElementsAre;

const std::string market = R"(
schema: 1
name: two regions
start: 2026-01
months: 24
regions: [here, there]
stages: [mine, refine]
commodities:
  metal: {price_usd_per_kg: 10, demand_elasticity: {short_run: 0.5, long_run: 0.5}}
  alloy: {price_usd_per_kg: 100, demand_elasticity: {short_run: 0.5, long_run: 0.5}}
facilities:
  - {name: pit, region: there, stage: mine, capacity_t_per_year: 2000, outputs: {metal: 0.5, alloy: 0.1}}
  - {name: plant, region: there, stage: refine, capacity_t_per_year: 2000, outputs: {metal: 1}}
  - {name: other, region: there, stage: refine, capacity_t_per_year: 2000, outputs: {alloy: 1}}
demand: {metal: {here: {t_per_year: 500}}, alloy: {here: {t_per_year: 50}, there: {t_per_year: 50}}}
trade:
  refine:
    metal: {there: {here: {t_per_year: 500}}}
    alloy: {there: {here: {t_per_year: 50}}}
)";

/// A scenario that knows what the model does not have.
Portfolio read_book(const std::string& positions)
{
    Scenario scenario = read_scenario_text(market, "market");
    scenario.commodities.emplace_back().name = "gold";
    scenario.facilities.emplace_back().name = "moon";
    const Scenario* const known = &scenario;
    return read_portfolio_text(portfolio_of(positions), "book", {&known, 1});
}

Model market_model()
{
    std::vector<Diagnostic> warnings;
    return build_model(read_scenario_text(market, "market"), warnings);
}

std::string book_problems(const std::string& positions)
{
    std::string found;
    const Portfolio portfolio = read_book(positions);
    try {
        build_book(portfolio, market_model());
    } catch (const InputError& error) {
        for (const Diagnostic& problem : error.problems()) {
            found += std::to_string(problem.place.line) + ": " + problem.key_path + ": "
                     + problem.problem + "\n";
        }
    }
    return found;
}

TEST(BuildBook, ComplainsAboutAllThatDoesNotFitTheModel)
{
    EXPECT_EQ(
        book_problems(R"(
  - {name: where, type: physical, commodity: metal, tonnes: 1, region: there}
  - {name: what, type: offtake, commodity: alloy, tonnes_per_year: 1, facility: plant}
  - {name: twice, type: equity, value: 1.0e6, betas: {metal: 1},
     facilities: {plant: {unit_cost_usd_per_kg: 1}}}
  - {name: late, type: physical, commodity: metal, tonnes: 1, mark: 2029-01}
  - {name: early, type: physical, commodity: metal, tonnes: 1, mark: 2026-01}
)"),
        "6: positions.where: nobody in there uses metal: there is no quoted price (name "
        "another "
        "region)\n"
        "7: positions.what: plant makes no alloy\n"
        "8: positions.twice: metal counts twice: a facility of this position makes it too\n"
        "10: mark: must lie after 2026-01 and not after 2028-01 (got 2029-01-01)\n"
        "11: mark: must lie after 2026-01 and not after 2028-01 (got 2026-01-01)\n");
}

TEST(BuildBook, TakesWhatTheModelDoesNotHaveForNothing)
{
    const Portfolio portfolio = read_book(R"(
  - {name: a, type: equity, value: 1.0e6, betas: {metal: 1, gold: 1}}
  - {name: b, type: project_loan, facility: moon, principal: 1, interest_per_year: 0, term_months: 1,
     unit_cost_usd_per_kg: 0}
)");
    const Book book = build_book(portfolio, market_model());
    EXPECT_THAT(book.positions[0].missing, ElementsAre("commodity gold"));
    EXPECT_EQ(book.positions[0].rows, 1U);
    EXPECT_THAT(book.positions[1].missing, ElementsAre("facility moon"));
    EXPECT_EQ(book.positions[1].rows, 0U);
}

TEST(BuildBook, SellsWhereThereIsAPrice)
{
    const Book book = build_book(read_book(R"(
  - {name: a, type: equity, value: 1.0e6, facilities: {pit: {unit_cost_usd_per_kg: 1}}}
)"),
                                 market_model());
    const Model model = market_model();
    // Metal is sold here, as nobody uses it there; alloy where it is mined.
    ASSERT_EQ(book.prices.size(), 2U);
    EXPECT_EQ(book.prices[0], model.cell(CommodityId(0), RegionId(0)));
    EXPECT_EQ(book.prices[1], model.cell(CommodityId(1), RegionId(1)));
    EXPECT_THAT(book.commodities, ElementsAre("metal", "alloy", "none"));
}

}  // namespace
}  // namespace chokepoint
