#include "portfolio/held_market.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

const std::string shaken = two_mines + north_is_out;

TEST(PortfolioMeter, ValuesBetasAtTheirMark)
{
    const auto of = losses(shaken, portfolio_of(R"(
  - {name: april, type: equity, value: 1.0e6, betas: {metal: 0.5}, mark: 2026-05}
  - {name: short, type: equity, value: -1.0e6, betas: {metal: 0.5}, mark: 2026-05}
  - {name: hedged, type: equity, value: 1.0e6, betas: {metal: 0.5}, mark: 2026-05, hedge_ratio: 1}
  - {name: revenue, type: equity, value: 1.0e6, revenue_shares: {metal: 0.25},
     other_revenue_share: 0.75, beta: 2, mark: 2026-05}
  - {name: december, type: equity, value: 1.0e6, betas: {metal: 0.5}}
)"));
    const double gain = 1e6 * 0.5 * std::log(4);
    EXPECT_NEAR(of.at("april"), -gain, 1e-6);
    EXPECT_NEAR(of.at("short"), gain, 1e-6);
    EXPECT_EQ(of.at("hedged"), 0);
    EXPECT_NEAR(of.at("revenue"), -gain, 1e-6);
    EXPECT_NEAR(of.at("december"), 0, 1e-6);
    EXPECT_NEAR(of.at("all"), -gain, 1e-5);
    EXPECT_NEAR(of.at("of metal"), -gain, 1e-5);
}

TEST(PortfolioMeter, HoldsSharesForNoLessThanNothing)
{
    const auto of = losses(shaken, portfolio_of(R"(
  - {name: long, type: equity, value: 1.0e6, betas: {metal: -1}, mark: 2026-05}
  - {name: short, type: equity, value: -1.0e6, betas: {metal: 1}, mark: 2026-05}
)"));
    EXPECT_EQ(of.at("long"), 1e6);  // ln 4 is more than 1
    EXPECT_NEAR(of.at("short"), 1e6 * std::log(4), 1e-6);
    EXPECT_NEAR(of.at("of metal"), of.at("all"), 1e-6);
}

TEST(PortfolioMeter, GivesNothingForHoldingAndSellingTheSameShares)
{
    const auto of = losses(shaken, portfolio_of(R"(
  - {name: long, type: equity, value: 1.0e6, betas: {metal: -1}, mark: 2026-05}
  - {name: short, type: equity, value: -1.0e6, betas: {metal: -1}, mark: 2026-05}
)"));
    EXPECT_EQ(of.at("long"), 1e6);
    EXPECT_EQ(of.at("short"), -1e6);  // which is all that they were worth
    EXPECT_EQ(of.at("all"), 0);
    EXPECT_EQ(of.at("of metal"), 0);
}

TEST(PortfolioMeter, ValuesMetalAndWhatIsSoldAgainstIt)
{
    const auto of = losses(shaken, portfolio_of(R"(
  - {name: store, type: physical, commodity: metal, tonnes: 10, mark: 2026-04}
  - {name: sold, type: futures, commodity: metal, tonnes: -10, mark: 2026-04}
  - {name: half, type: physical, commodity: metal, tonnes: 10, hedge_ratio: 0.5, mark: 2026-04}
)"));
    EXPECT_NEAR(of.at("store"), -10'000 * 30, 1e-5);
    EXPECT_EQ(of.at("store") + of.at("sold"), 0);  // fully hedged: nothing, exactly
    EXPECT_NEAR(of.at("half"), -10'000 * 15, 1e-5);
}

TEST(PortfolioMeter, AddsUpWhatFacilitiesEarn)
{
    // South makes 50 t at 10 USD/kg in calm months, at 40 in three months; a kg costs 4.
    const auto of = losses(shaken, portfolio_of(R"(
  - {name: owner, type: equity, value: 1.0e9, facilities: {north: {share: 0.1, unit_cost_usd_per_kg: 4}}}
  - {name: rival, type: equity, value: 1.0e9, facilities: {south: {share: 0.1, unit_cost_usd_per_kg: 4}}}
  - {name: sold_ahead, type: equity, value: 1.0e9, hedge_ratio: 1,
     facilities: {south: {share: 0.1, unit_cost_usd_per_kg: 4}}}
)"));
    EXPECT_NEAR(of.at("owner"), 0.1 * 3 * 6 * 50'000, 1e-4);  // its own outage hurts
    EXPECT_NEAR(of.at("rival"), -0.1 * 3 * 30 * 50'000, 1e-4);
    EXPECT_NEAR(of.at("sold_ahead"), 0, 1e-4);
}

TEST(PortfolioMeter, DiscountsFlowsToTheStartAndLeavesOutWhatComesLater)
{
    const std::string position =
        "  - {name: rival, type: equity, value: 1.0e9,\n"
        "     facilities: {south: {unit_cost_usd_per_kg: 4}}}\n";
    const double month = 30 * 50'000;
    const auto discounted = losses(shaken, portfolio_of(position, "discount_per_year: 0.1\n"));
    double expected = 0;
    for (const int at : {3, 4, 5}) {
        expected += month * std::pow(1.1, -at / 12.0);
    }
    EXPECT_NEAR(discounted.at("rival"), -expected, 1e-3);
    const auto cut = losses(shaken, portfolio_of(position, "until: 2026-04\n"));
    EXPECT_NEAR(cut.at("rival"), -month, 1e-3);
}

TEST(PortfolioMeter, DeliversNoMoreThanAFacilityMakes)
{
    const auto of = losses(shaken, portfolio_of(R"(
  - {name: sure, type: offtake, commodity: metal, tonnes_per_year: 120, price_usd_per_kg: 12}
  - {name: from_north, type: offtake, commodity: metal, tonnes_per_year: 120, facility: north}
  - {name: from_south, type: offtake, commodity: metal, tonnes_per_year: 120, facility: south,
     side: seller}
  - {name: one_month, type: offtake, commodity: metal, tonnes_per_year: 120, from: 2026-05,
     until: 2026-06}
)"));
    EXPECT_NEAR(of.at("sure"), -3 * 30 * 10'000, 1e-4);
    EXPECT_NEAR(of.at("from_north"), 0, 1e-4);
    EXPECT_NEAR(of.at("from_south"), 3 * 30 * 10'000, 1e-4);
    EXPECT_NEAR(of.at("one_month"), -30 * 10'000, 1e-4);
}

TEST(PortfolioMeter, PaysFloorsThatItGave)
{
    const auto of = losses(shaken, portfolio_of(R"(
  - {name: floor, type: price_guarantee, facility: south, commodity: metal, price_usd_per_kg: 12,
     share: 0.5}
)"));
    // 2 USD a kg less to pay while the price is high.
    EXPECT_NEAR(of.at("floor"), -0.5 * 3 * 2 * 50'000, 1e-4);
}

const char* const loan_terms =
    "facility: north, principal: 1.2e6, interest_per_year: 0, "
    "term_months: 12, unit_cost_usd_per_kg: 4, cover_months: 1, "
    "grace_months: 0, recovery_share: 0.4";

TEST(PortfolioMeter, CallsLoansWhoseCashRunsDry)
{
    const auto of = losses(
        shaken,
        portfolio_of(std::string("  - {name: lender, type: project_loan, ") + loan_terms + "}\n"
                     + "  - {name: giver, type: guarantee, guaranteed_share: 0.8, "
                       "fee_per_year: 0.12, "
                     + loan_terms + "}\n"
                     + "  - {name: patient, type: project_loan, facility: north, principal: "
                       "1.2e6, interest_per_year: 0, term_months: 12, unit_cost_usd_per_kg: 4, "
                       "cover_months: 12}\n"));
    // Two instalments of 100,000 have come; of 1,000,000 left, 40 % come back.
    EXPECT_NEAR(of.at("lender"), 600'000, 1e-4);
    EXPECT_EQ(of.at("default of lender"), 1);
    EXPECT_EQ(of.at("calm default of lender"), 0);
    // 80 % of 600,000, and the fees on 1,000,000, 900,000 … 100,000, 1 % a month of 80 %.
    EXPECT_NEAR(of.at("giver"), 0.8 * 600'000 + 0.008 * 5'500'000, 1e-4);
    EXPECT_NEAR(of.at("patient"), 0, 1e-4);
    EXPECT_EQ(of.at("default of patient"), 0);
}

TEST(PortfolioMeter, LendsInInstalmentsThatRepayTheLoan)
{
    // Grace until month 6: then the cash of the outage is forgotten, nothing defaults.
    const auto of =
        losses(shaken, portfolio_of("  - {name: lender, type: project_loan, facility: north, "
                                    "principal: 1.0e6, interest_per_year: 0.12, term_months: "
                                    "24, unit_cost_usd_per_kg: 4, cover_months: 1, "
                                    "grace_months: 6}\n"));
    EXPECT_NEAR(of.at("lender"), 0, 1e-6);
}

TEST(PortfolioMeter, CostsConsumersDearerInputsAndLostOutput)
{
    const auto of = losses(shaken, portfolio_of(R"(
  - {name: maker, type: consumer, inputs: {metal: {tonnes_per_year: 12}}, pass_through: 0.25}
  - {name: fixed, type: consumer, inputs: {metal: {tonnes_per_year: 12, hedge_ratio: 1}}}
  - {name: idle, type: consumer, share: 0.5, inputs: {metal: {tonnes_per_year: 12}}, pass_through: 1,
     margin_per_year: 1.2e6, lost_output: 0.8}
)"));
    // Half of a tonne at 40 USD/kg in place of one at 10.
    EXPECT_NEAR(of.at("maker"), 0.75 * 3 * (500 * 40 - 1000 * 10), 1e-6);
    EXPECT_NEAR(of.at("fixed"), 3 * (500 * 40 - 1000 * 10 - 1000 * 30), 1e-6);
    EXPECT_NEAR(of.at("idle"), 0.5 * 3 * 0.8 * 0.5 * 100'000, 1e-6);
}

TEST(PortfolioMeter, FollowsTheRunningGainForDrawdowns)
{
    const auto of = losses(shaken, portfolio_of(R"(
  - {name: store, type: physical, commodity: metal, tonnes: 10}
)"));
    EXPECT_NEAR(of.at("all"), 0, 1e-5);
    EXPECT_NEAR(of.at("drawdown"), 10'000 * 30, 1e-5);  // what was gained is lost again
}

TEST(PortfolioMeter, AddsUpByDeskAndCommodity)
{
    const auto of = losses(shaken, portfolio_of(R"(
  - {name: a, type: physical, commodity: metal, tonnes: 10, mark: 2026-04, desk: one}
  - {name: b, type: equity, value: 1.0e6, betas: {metal: 0.5}, noise: {sd_per_year: 0.1}, desk: one}
  - {name: c, type: equity, value: 1.0e6, market_beta: 2, desk: two}
  - {name: d, type: cash, value: 5}
)",
                                                "market: {sd_per_year: 0.2}\n"
                                                "desks: [{name: one}, {name: two}]\n"));
    EXPECT_NEAR(of.at("one"), of.at("a") + of.at("b"), 1e-9);
    EXPECT_NEAR(of.at("two"), of.at("c"), 1e-9);
    EXPECT_NEAR(of.at("all"), of.at("a") + of.at("b") + of.at("c"), 1e-9);
    EXPECT_NEAR(of.at("all"), of.at("of metal") + of.at("of none"), 1e-5);
    EXPECT_NE(of.at("b"), 0);
    EXPECT_NE(of.at("c"), 0);
    EXPECT_EQ(of.at("d"), 0);
}

TEST(PortfolioMeter, GivesOwnersThePriceFloorsOfPolicies)
{
    std::string name = ::testing::TempDir() + "policy-XXXXXX";
    const std::filesystem::path folder = mkdtemp(name.data());
    const std::filesystem::path policy = folder / "floor.yaml";
    std::ofstream(policy) << "schema: 1\npolicy: floor\nlevers:\n"
                             "  - {type: guarantee, facilities: [south], commodity: metal, "
                             "floor_usd_per_kg: 12, from: 2026-07}\n";
    const std::string positions =
        "  - {name: owner, type: equity, value: 1.0e9,\n"
        "     facilities: {south: {share: 0.1, unit_cost_usd_per_kg: 4}}}\n";
    const auto with = losses(two_mines, portfolio_of(positions), {policy});
    EXPECT_NEAR(with.at("owner"), -0.1 * 6 * 2 * 50'000, 1e-4);
    EXPECT_NEAR(losses(two_mines, portfolio_of(positions)).at("owner"), 0, 1e-6);
    std::filesystem::remove_all(folder);
}

TEST(PortfolioMeter, GivesEachLaneWhatItGivesAlone)
{
    std::vector<Diagnostic> warnings;
    const std::string root = CHOKEPOINT_SOURCE_DIR;
    const Scenario scenario = read_scenario(root + "/scenarios/rare_earths.yaml");
    const Scenario* const known = &scenario;
    const Model model = build_model(scenario, warnings);
    const Book book = build_book(
        read_portfolio(root + "/bench/data/fifty_positions.yaml", {&known, 1}), model);
    const auto meter = make_portfolio_meter(model, model, book, 1);
    const std::size_t columns = meter->columns().size();
    constexpr std::size_t lanes = 3;
    const std::vector<std::uint64_t> numbers = {5, 6, 7};
    TrialLanes together(model, 1);
    together.start(numbers);
    const auto gauge = meter->gauge();
    gauge->start(together.trials());
    for (int month = 0; month < model.months; ++month) {
        gauge->add(together.next_month(), {});
    }
    std::vector<double> all(columns * lanes);
    gauge->finish(all);
    TrialRunner runner(model, 1);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        std::vector<double> alone(columns);
        measure(*meter->gauge(), runner.run(numbers[lane]), alone, {});
        for (std::size_t column = 0; column < columns; ++column) {
            EXPECT_EQ(all[column * lanes + lane], alone[column]) << lane << ' ' << column;
        }
    }
}

}  // namespace
}  // namespace chokepoint
