#include "chokepoint/metrics/price_account.hpp"

#include "chokepoint/scenario/read_scenario.hpp"
#include "support/scenario_builder.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// Mines and plants in one region, users of 10 t a month in each of two; elasticity 0.2.
class TwoRegions {
public:
    TwoRegions() : builder({"exporter", "importer"})
    {
        builder.commodity("metal", 30);
        builder.mine("mines", "exporter", 240, {{"metal", 1}});
        builder.facility("plants", "exporter", "refine", 480);
        builder.demand("metal", "exporter", 120);
        builder.demand("metal", "importer", 120);
    }

    /// Half of what is exported may go, in the two months from 2009-07.
    void cut_exports()
    {
        builder.scripted("cut", builder.terms("exporter", Instrument::quota), {2009, 7, 1},
                         {2009, 9, 1}, 0.5);
    }

    std::vector<PriceAccount> accounts()
    {
        model = builder.model();
        TrialRunner runner(model, 1);
        return price_accounts(model, runner.run(0));
    }

    ScenarioBuilder builder;
    Model model;
};

TEST(PriceAccounts, AreNoneWhereNothingHappens)
{
    EXPECT_TRUE(TwoRegions().accounts().empty());
}

TEST(PriceAccounts, SayThatACutHoldsTheWholePriceDifferenceOpen)
{
    TwoRegions regions;
    regions.cut_exports();
    const auto accounts = regions.accounts();
    ASSERT_EQ(accounts.size(), 2);
    const PriceAccount& importer = accounts[0];
    const PriceAccount& exporter = accounts[1];
    const double dear = std::pow(2.0, 5);         // half of the use: p^-0.2 = 1/2
    const double cheap = std::pow(2.0 / 3.0, 5);  // half as much again: p^-0.2 = 3/2
    EXPECT_EQ(importer.month, 6);
    EXPECT_EQ(importer.regions, std::vector{RegionId(1)});
    EXPECT_NEAR(importer.price.disrupted, dear, 1e-8);
    EXPECT_NEAR(importer.price.undisturbed, 1, 1e-12);
    ASSERT_TRUE(importer.way.has_value());
    ASSERT_EQ(importer.way->steps.size(), 1);
    const PriceStep& step = importer.way->steps.front();
    EXPECT_EQ(regions.model.cappable_arcs[step.arc].kind, CappableArc::Kind::exports);
    EXPECT_NEAR(step.change(), dear - cheap, 1e-8);
    EXPECT_NEAR(step.flow.disrupted, 5, 1e-9);
    EXPECT_NEAR(step.flow.undisturbed, 10, 1e-9);
    EXPECT_NEAR(importer.way->mine_price.disrupted, cheap, 1e-8);
    EXPECT_NEAR(importer.way->rest, 0, 1e-12);
    EXPECT_NEAR(importer.users.bought, -5, 1e-9);
    EXPECT_EQ(importer.restrictions.size(), 1);

    // Locked in at home: never dearer than undisturbed, so the account is of the lowest price.
    EXPECT_NEAR(exporter.price.disrupted, cheap, 1e-8);
    ASSERT_TRUE(exporter.way.has_value());
    EXPECT_TRUE(exporter.way->steps.empty());
    EXPECT_NEAR(exporter.users.bought, 5, 1e-9);
}

TEST(PriceAccounts, TellATaxFromTheGap)
{
    TwoRegions regions;
    RestrictionTerms terms = regions.builder.terms("exporter", Instrument::tax);
    terms.tax_rate = regions.builder.number("tax", 0.5);
    regions.builder.scripted("tax", terms, {2009, 7, 1}, {2009, 9, 1});
    const auto accounts = regions.accounts();
    ASSERT_EQ(accounts.size(), 2);
    ASSERT_TRUE(accounts[0].way.has_value());
    ASSERT_EQ(accounts[0].way->steps.size(), 1);
    const PriceStep& step = accounts[0].way->steps.front();
    EXPECT_NEAR(step.gap.disrupted, 0, 1e-7);
    EXPECT_NEAR(step.tax.disrupted, 0.5 * accounts[0].way->mine_price.disrupted, 1e-7);
}

TEST(PriceAccounts, CountWhatAnOutageTakes)
{
    TwoRegions regions;
    regions.builder.scripted_outage("stop", "mines", {2009, 3, 1}, {2009, 4, 1}, 0.5);
    const auto accounts = regions.accounts();
    ASSERT_EQ(accounts.size(), 1);
    const PriceAccount& account = accounts.front();
    EXPECT_EQ(account.month, 2);
    EXPECT_EQ(account.regions.size(), 2);
    EXPECT_NEAR(account.price.disrupted, 32, 1e-8);
    ASSERT_TRUE(account.way.has_value());
    EXPECT_TRUE(account.way->steps.empty());
    EXPECT_NEAR(account.way->mine_price.change(), 31, 1e-8);
    ASSERT_EQ(account.losses.size(), 1);
    EXPECT_NEAR(account.losses[0].share, 0.5, 1e-12);
    EXPECT_NEAR(account.losses[0].lost_t, 10, 1e-9);
    ASSERT_EQ(account.output.size(), 2);  // mine and refine, of the exporter
    EXPECT_NEAR(account.output[0].output.change(), -10, 1e-9);
    EXPECT_NEAR(account.output[1].output.change(), -10, 1e-9);
    EXPECT_NEAR(account.users.consumed.change(), -10, 1e-9);
    EXPECT_TRUE(account.restrictions.empty());
}

TEST(PriceAccounts, CountPartOfAMonthAsSuch)
{
    TwoRegions regions;
    regions.builder.scripted_outage("stop", "mines", {2009, 4, 1}, {2009, 4, 16}, 0.5);
    const auto accounts = regions.accounts();
    ASSERT_EQ(accounts.size(), 1);
    ASSERT_EQ(accounts[0].losses.size(), 1);
    EXPECT_NEAR(accounts[0].losses[0].lost_t, 5, 1e-9);
}

TEST(PriceAccounts, FindFullPlantsOnTheWay)
{
    TwoRegions regions;
    regions.builder.scripted_outage("stop", "plants", {2009, 3, 1}, {2009, 4, 1}, 0.75);
    const auto accounts = regions.accounts();
    ASSERT_EQ(accounts.size(), 1);
    ASSERT_TRUE(accounts[0].way.has_value());
    ASSERT_EQ(accounts[0].way->steps.size(), 1);
    const PriceStep& step = accounts[0].way->steps.front();
    EXPECT_EQ(regions.model.cappable_arcs[step.arc].kind, CappableArc::Kind::plant);
    EXPECT_NEAR(step.flow.disrupted, 10, 1e-9);
    // Ore that nobody can treat is worth the floor price.
    EXPECT_NEAR(accounts[0].way->mine_price.disrupted, 0.02, 1e-9);
    EXPECT_NEAR(step.change(), 32 - 0.02, 1e-7);
}

TEST(PriceAccounts, AverageThePriceAtAllMinesByUndisturbedOutput)
{
    TwoRegions regions;  // now with a third of the ore and the plants that it needs in importer
    regions.builder.scenario.facilities.back().utilisation =
        regions.builder.number("facilities.plants.utilisation", 0.5);
    regions.builder.mine("own_mines", "importer", 120, {{"metal", 1}});
    regions.builder.facility("own_plants", "importer", "refine", 120);
    regions.builder.scripted_outage("stop", "own_plants", {2009, 3, 1}, {2009, 4, 1}, 1);
    RestrictionTerms ore = regions.builder.terms("importer", Instrument::ban);
    ore.layer = "mine";
    regions.builder.standing("no_ore", ore, 1);
    const auto accounts = regions.accounts();
    ASSERT_EQ(accounts.size(), 1);
    const PriceAccount& account = accounts.front();
    // Two thirds of the goods are left: p^-0.2 = 2/3, and own_mines are left with the floor.
    const double price = std::pow(1.5, 5);
    EXPECT_NEAR(account.price.disrupted, price, 1e-8);
    ASSERT_TRUE(account.at_mines.has_value());
    EXPECT_NEAR(account.at_mines->disrupted, (2 * price + 0.02) / 3, 1e-8);
    EXPECT_NEAR(account.at_mines->undisturbed, 1, 1e-12);
    ASSERT_TRUE(account.way.has_value());
    EXPECT_EQ(account.way->mine, RegionId(1));
}

TEST(PriceAccounts, AddUpTonnesWhereUsersKeepStock)
{
    TwoRegions regions;
    regions.builder.stocks("users", 2, 4);
    regions.builder.scripted_outage("stop", "mines", {2009, 3, 1}, {2009, 6, 1}, 0.5);
    const auto accounts = regions.accounts();
    ASSERT_EQ(accounts.size(), 1);
    const UserTonnes& users = accounts[0].users;
    EXPECT_LT(users.stock_building, -1);
    // All that is refined is bought.
    EXPECT_NEAR(users.bought, accounts[0].output.back().output.change(), 1e-9);
    EXPECT_NEAR(users.consumed.change(), users.bought - users.stock_building, 1e-12);
}

/// Price and its parts add up in every account of a trial; gives how many steps there are.
std::size_t check_ways(const std::vector<PriceAccount>& accounts)
{
    std::size_t steps = 0;
    for (const PriceAccount& account : accounts) {
        if (!account.way) {
            continue;
        }
        // Bounds of prices; regions that sell what they make and use what comes from elsewhere
        // once had negative ones.
        for (const double price :
             {account.way->mine_price.disrupted, account.at_mines->disrupted}) {
            EXPECT_GT(price, 0.0199);
            EXPECT_LT(price, 50.01);
        }
        double now = account.way->mine_price.disrupted;
        double change = account.way->mine_price.change() + account.way->rest;
        for (const PriceStep& step : account.way->steps) {
            now += step.gap.disrupted + step.tax.disrupted;
            change += step.change();
            ++steps;
        }
        EXPECT_NEAR(now, account.price.disrupted, 1e-5 * account.price.disrupted);
        EXPECT_NEAR(change, account.price.change(), 1e-5 * account.price.disrupted);
    }
    return steps;
}

TEST(PriceAccounts, AddUpToThePriceInShippedScenarios)
{
    for (const char* name : {"rare_earths_2010.yaml", "rare_earths.yaml"}) {
        const Scenario scenario =
            read_scenario(CHOKEPOINT_SOURCE_DIR "/scenarios/" + std::string(name), {});
        std::vector<Diagnostic> warnings;
        const Model model = build_model(scenario, warnings);
        TrialRunner runner(model, 1);
        std::size_t accounts = 0;
        std::size_t without_way = 0;
        std::size_t steps = 0;
        for (std::uint64_t trial = 0; trial < 4; ++trial) {
            const auto of_trial = price_accounts(model, runner.run(trial));
            steps += check_ways(of_trial);
            accounts += of_trial.size();
            without_way += static_cast<std::size_t>(std::ranges::count_if(
                of_trial, [](const PriceAccount& account) { return !account.way; }));
        }
        EXPECT_GT(steps, 10) << name;
        EXPECT_GT(accounts, 10) << name;
        EXPECT_EQ(without_way, 0) << name;
    }
}

}  // namespace
}  // namespace chokepoint
