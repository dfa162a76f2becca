#include "chokepoint/market/zone_solver.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <nlohmann/json.hpp>

#include "market/market_run.hpp"
#include "support/equilibrium.hpp"
#include "support/network_builder.hpp"

namespace chokepoint {
namespace {

using testing::clamped_price;
using testing::closed_form;
using testing::disequilibrium;
using testing::NetworkBuilder;
using testing::solve;
using testing::trades;

constexpr double far_floor = 1e-9;
constexpr double far_choke = 1e9;

double price(const ZonePrices& prices, std::uint32_t node)
{
    return std::exp(prices.x[node]);
}

void expect_relative(double value, double expected)
{
    EXPECT_NEAR(value, expected, 1e-9 * expected);
}

TEST(ZoneSolver, ClearsOneMarketWithoutCapacityLimit)  // C1
{
    for (const auto& [level, text] : {std::pair{0.95, "supply 0.95"},
                                      {0.8, "supply 0.8"},
                                      {0.5, "supply 0.5"},
                                      {0.1, "supply 0.1"}}) {
        NetworkBuilder builder;
        builder.bounds(far_floor, far_choke);
        const auto node = builder.node();
        builder.supply(1e12, level / 1e12, 0.1).demand(1, 0.15);
        const ZonePrices prices = solve(builder.network());
        expect_relative(price(prices, node), closed_form("C1", text, "price_ratio"));
        expect_relative(ZoneSolver::trade_at(builder.network(), builder.network().nodes[node],
                                             prices.x[node])
                            .demand,
                        closed_form("C1", text, "quantity_ratio"));
    }
}

TEST(ZoneSolver, StopsAtCapacity)  // C2
{
    for (const auto& [demand, text] : {std::pair{8.925, "8.925"}, {11.05, "11.05"}}) {
        NetworkBuilder builder;
        builder.bounds(far_floor, far_choke);
        const auto node = builder.node();
        builder.supply(10, 0.85, 0.1).demand(demand, 0.15);
        expect_relative(price(solve(builder.network()), node),
                        closed_form("C2", text, "price_ratio"));
    }
}

TEST(ZoneSolver, TakesAsManyElasticitiesAsThereAreMines)
{
    NetworkBuilder builder;
    builder.bounds(far_floor, far_choke);
    const auto market = builder.node();
    double supplied = 0;  // at a price of 2
    for (int mine = 0; mine < 100; ++mine) {
        const double elasticity = 0.01 * mine;
        builder.supply(1000, 0.001, elasticity);
        supplied += std::pow(2, elasticity);
    }
    const auto users = builder.node();
    builder.demand(supplied * std::pow(2, 0.15), 0.15);
    builder.arc(market, users);
    expect_relative(price(solve(builder.network()), users), 2);
}

TEST(ZoneSolver, SplitsPricesAtAQuota)  // C3
{
    for (const auto& [cap, text] :
         {std::pair{60.0, "at 60"}, {45.0, "at 45"}, {30.0, "at 30"}, {10.0, "at 10"}}) {
        NetworkBuilder builder;
        builder.bounds(far_floor, far_choke);
        const auto exporter = builder.node(130);
        builder.demand(80, 0.2);
        const auto rest = builder.node(5);
        builder.demand(55, 0.2);
        builder.arc(exporter, rest, cap);
        const ZonePrices prices = solve(builder.network());
        expect_relative(price(prices, exporter), closed_form("C3", text, "price_X"));
        expect_relative(price(prices, rest), closed_form("C3", text, "price_W"));
    }
}

TEST(ZoneSolver, LetsGoodsPassThroughWhereReExportIsAllowed)  // C5a
{
    NetworkBuilder builder;
    builder.bounds(far_floor, far_choke);
    const auto exporter = builder.node(130);
    builder.demand(80, 0.2);
    const auto g = builder.node(0);
    builder.demand(30, 0.2);
    const auto other = builder.node(5);
    builder.demand(25, 0.2);
    builder.arc(exporter, other);
    builder.arc(other, g);
    builder.arc(exporter, g, 0);
    const ZonePrices prices = solve(builder.network());
    expect_relative(price(prices, exporter), closed_form("C5a", "", "price_X"));
    expect_relative(price(prices, g), closed_form("C5a", "", "price_g"));
}

TEST(ZoneSolver, TracksGoodsByOrigin)  // C5b
{
    NetworkBuilder builder;
    builder.bounds(1e-12, 1e12);
    const auto exporter = builder.node(130);
    builder.demand(80, 0.2);
    const auto other = builder.node(0);
    builder.demand(25, 0.2);
    const auto g = builder.node(0);
    builder.demand(30, 0.2);
    const auto producer = builder.node(5);
    builder.arc(exporter, other);
    builder.arc(exporter, g, 10);
    builder.arc(producer, other);
    builder.arc(producer, g);
    const ZonePrices prices = solve(builder.network());
    expect_relative(price(prices, g), closed_form("C5b", "", "price_g"));
    expect_relative(price(prices, exporter), closed_form("C5b", "", "price_X"));
}

TEST(ZoneSolver, SplitsPricesAtATargetedCap)  // C5c
{
    NetworkBuilder builder;
    builder.bounds(1e-12, 1e12);
    const auto exporter = builder.node(130);
    builder.demand(80, 0.2);
    const auto other = builder.node();
    builder.demand(25, 0.2);
    const auto g = builder.node();
    builder.demand(30, 0.2);
    builder.arc(exporter, other);
    builder.arc(exporter, g, 10);
    const ZonePrices prices = solve(builder.network());
    expect_relative(price(prices, g), closed_form("C5c", "", "price_g"));
    expect_relative(price(prices, exporter), closed_form("C5c", "", "price_X"));
}

TEST(ZoneSolver, RationsAtTheChokePrice)  // C6
{
    NetworkBuilder builder;
    builder.bounds(far_floor, 50);
    const auto exporter = builder.node(130);
    builder.demand(80, 0.2);
    const auto other = builder.node();
    builder.demand(25, 0.2);
    const auto g = builder.node();
    builder.demand(30, 0.2);
    builder.arc(exporter, other);
    builder.arc(exporter, g, 0);
    const Network& network = builder.network();
    const ZonePrices prices = solve(network);
    const double clamped = std::min(prices.x[g], network.log_choke);
    expect_relative(std::exp(clamped), closed_form("C6", "", "price_g"));
    const double wanted = ZoneSolver::trade_at(network, network.nodes[g], clamped).demand;
    const double served = ZoneSolver::trade_at(network, network.nodes[g], prices.x[g]).demand;
    expect_relative(wanted - served, closed_form("C6", "", "unserved_g"));
    EXPECT_FALSE(prices.supplied[prices.zone[g]]);
}

TEST(ZoneSolver, FindsThePlantThatLimitsAChain)  // C7
{
    NetworkBuilder builder;
    builder.bounds(far_floor, far_choke);
    const auto mine = builder.node(10);
    const auto plant_in = builder.node();
    const auto plant_out = builder.node();
    const auto use = builder.node();
    builder.demand(9, 0.25);
    builder.arc(mine, plant_in);
    const auto plant = builder.arc(plant_in, plant_out, 7);
    builder.arc(plant_out, use);
    const ZonePrices prices = solve(builder.network());
    expect_relative(price(prices, use), closed_form("C7", "", "price_use"));
    expect_relative(prices.flow[plant], closed_form("C7", "", "flow"));
    EXPECT_NEAR(prices.x[mine], std::log(far_floor), 1.0);  // 3 t a month find no way out.
}

TEST(ZoneSolver, HoldsTwoExportersApart)  // C8
{
    NetworkBuilder builder;
    builder.bounds(far_floor, far_choke);
    const auto a = builder.node(60);
    builder.demand(20, 0.2);
    const auto b = builder.node(40);
    builder.demand(10, 0.2);
    const auto importers = builder.node();
    builder.demand(70, 0.2);
    builder.arc(a, importers, 10);
    builder.arc(b, importers, 20);
    const ZonePrices prices = solve(builder.network());
    expect_relative(price(prices, importers), closed_form("C8", "", "price_importers"));
    expect_relative(price(prices, a), closed_form("C8", "", "price_A"));
    expect_relative(price(prices, b), closed_form("C8", "", "price_B"));
}

TEST(ZoneSolver, GivesANodeWithoutSupplyTheChokePriceAndServesNothing)
{
    NetworkBuilder builder;
    builder.node(10);
    builder.demand(10, 0.2);
    const auto stranded = builder.node();
    builder.demand(5, 0.2);
    const Network& network = builder.network();
    const ZonePrices prices = solve(network);
    EXPECT_GE(prices.x[stranded], network.log_choke);
    EXPECT_FALSE(prices.supplied[prices.zone[stranded]]);
}

TEST(ZoneSolver, GivesANodeWithoutBuyersTheFloorPrice)
{
    NetworkBuilder builder;
    const auto stranded = builder.node();
    builder.supply(10, 0.9, 0.1);
    builder.node(5);
    builder.demand(5, 0.2);
    const ZonePrices prices = solve(builder.network());
    EXPECT_LE(prices.x[stranded], builder.network().log_floor);
}

TEST(ZoneSolver, LetsUsersDrawTheirStockButNeverResellIt)
{
    NetworkBuilder builder;
    const auto use = builder.node(2);
    builder.demand(10, 0.2);
    builder.network().nodes[use].own_stock = 8;
    EXPECT_NEAR(solve(builder.network()).x[use], 0, 1e-12);
    // With more in stock than is wanted at any price, the node buys nothing and sells nothing.
    builder.network().nodes[use].own_stock = 1000;
    EXPECT_EQ(ZoneSolver::trade_at(builder.network(), builder.network().nodes[use], 0).demand,
              0);
}

TEST(ZoneSolver, LeavesThePriceAtWhichUsersWantJustWhatTheyHave)
{
    // One last digit more is wanted there than is in stock: a steep place, but no balance.
    NetworkBuilder builder;
    const auto use = builder.node(2);
    builder.demand(10, 0.9);
    const Network& network = builder.network();
    for (double start = 0.05; start < 1; start += 0.05) {
        const double wanted = ZoneSolver::trade_at(network, network.nodes[use], start).demand;
        builder.network().nodes[use].own_stock = std::nextafter(wanted, 0);
        const std::uint32_t nodes[] = {use};
        const double x = ZoneSolver::pooled_price(network, nodes, start);
        EXPECT_NEAR(ZoneSolver::trade_at(network, network.nodes[use], x).demand, 2, 1e-9)
            << start;
        builder.network().nodes[use].own_stock = 0;
    }
}

Network network_from(const nlohmann::json& written, std::vector<std::string>& names)
{
    NetworkBuilder builder;
    builder.bounds(written["floor"], written["choke"]);
    std::map<std::string, std::uint32_t> position;
    for (const auto& node : written["nodes"]) {
        position[node["name"]] = builder.node(node["fixed"]);
        names.push_back(node["name"]);
        for (const auto& supply : node["supply"]) {
            builder.supply(supply["available"], supply["utilisation"], supply["elasticity"]);
        }
        for (const auto& demand : node["demand"]) {
            builder.demand(demand["coefficient"], demand["elasticity"]);
        }
    }
    for (const auto& arc : written["arcs"]) {
        builder.arc(position.at(arc["source"]), position.at(arc["target"]),
                    arc["cap"].is_null() ? open_cap : arc["cap"].get<double>());
    }
    return builder.network();
}

TEST(ZoneSolver, AgreesWithAnIndependentConvexSolverOnRandomNetworks)
{
    std::ifstream file(CHOKEPOINT_SOURCE_DIR "/tests/data/network_equilibria.json");
    const auto cases = nlohmann::json::parse(file);
    ASSERT_EQ(cases.size(), 14U);
    for (const auto& written : cases) {
        std::vector<std::string> names;
        const Network network = network_from(written, names);
        const ZonePrices prices = solve(network);
        for (std::size_t node = 0; node < names.size(); ++node) {
            if (!written["price"].contains(names[node])) {
                continue;
            }
            const double found =
                std::exp(std::clamp(prices.x[node], network.log_floor, network.log_choke));
            const double expected = written["price"][names[node]];
            const double independent = written["independent_price"][names[node]];
            EXPECT_NEAR(found, expected, 1e-9 * expected) << names[node];
            EXPECT_NEAR(found, independent, 1e-5 * independent) << names[node];
        }
    }
}

/// A random layered network: mines, trade, plants, trade, use; some caps, some zero.
Network random_network()
{
    const auto number = [](int low, int high) {
        return 0.01 * *rc::gen::inRange(low, high + 1);
    };
    const auto regions = static_cast<std::uint32_t>(*rc::gen::inRange(1, 5));
    NetworkBuilder builder;
    builder.bounds(0.02, 50);
    std::vector<std::uint32_t> mine, in, out, use;
    for (std::uint32_t region = 0; region < regions; ++region) {
        mine.push_back(builder.node());
        if (region == 0 || *rc::gen::inRange(0, 4) > 0) {
            builder.supply(number(0, 1000), number(50, 100), number(0, 100));
        }
    }
    for (std::uint32_t region = 0; region < regions; ++region) {
        in.push_back(builder.node());
        out.push_back(builder.node());
    }
    for (std::uint32_t region = 0; region < regions; ++region) {
        use.push_back(builder.node(*rc::gen::inRange(0, 4) == 0 ? number(0, 50) : 0));
        builder.demand(number(1, 500), number(5, 30));
        if (*rc::gen::inRange(0, 2) == 0) {
            builder.demand(number(1, 100), 0.8);
            builder.network().nodes.back().own_stock = number(0, 200);
        }
    }
    const auto cap = [&number] {
        const int kind = *rc::gen::inRange(0, 6);
        return kind < 3 ? open_cap : kind == 3 ? 0.0 : number(1, 300);
    };
    for (std::uint32_t from = 0; from < regions; ++from) {
        builder.arc(in[from], out[from], number(0, 600));
        for (std::uint32_t to = 0; to < regions; ++to) {
            builder.arc(mine[from], in[to], from == to ? open_cap : cap());
            builder.arc(out[from], use[to], from == to ? open_cap : cap());
        }
    }
    return builder.network();
}

TEST(ZoneSolver, SatisfiesTheEquilibriumConditionsOnEveryArcAndNode)
{
    const bool held = rc::check("node balance to 1e-9 and condition (2) on every arc", [] {
        const Network network = random_network();
        const ZonePrices prices = solve(network);
        RC_ASSERT(disequilibrium(network, prices) == "");
    });
    EXPECT_TRUE(held);
}

TEST(ZoneSolver, RaisesNoPriceAnywhereWhenSupplyGrows)
{
    EXPECT_TRUE(rc::check("more supply at any node raises no price", [] {
        Network network = random_network();
        const ZonePrices before = solve(network);
        const auto grown = *rc::gen::inRange<std::size_t>(0, network.supplies.size());
        network.supplies[grown].available *= 1.25;
        const ZonePrices after = solve(network);
        for (std::size_t node = 0; node < network.nodes.size(); ++node) {
            if (trades(network, network.nodes[node])) {
                RC_ASSERT(clamped_price(network, after.x[node])
                          <= clamped_price(network, before.x[node]) * (1 + 1e-9));
            }
        }
    }));
}

TEST(ZoneSolver, RaisesThePriceAtTheHeadOfATighterCapAndLowersItAtTheTail)
{
    EXPECT_TRUE(
        rc::check("a tighter cap lowers no price at its head, raises none at its tail", [] {
            Network network = random_network();
            const auto arc = *rc::gen::inRange<std::size_t>(0, network.arcs.size());
            const ZonePrices before = solve(network);
            network.arcs[arc].cap = 0.5 * before.flow[arc];
            const ZonePrices after = solve(network);
            const Arc& ends = network.arcs[arc];
            if (trades(network, network.nodes[ends.to])) {
                RC_ASSERT(clamped_price(network, after.x[ends.to])
                          >= clamped_price(network, before.x[ends.to]) * (1 - 1e-9));
            }
            if (trades(network, network.nodes[ends.from])) {
                RC_ASSERT(clamped_price(network, after.x[ends.from])
                          <= clamped_price(network, before.x[ends.from]) * (1 + 1e-9));
            }
        }));
}

TEST(ZoneSolver, ChangesNoPriceWhenAllQuantitiesAreScaled)
{
    EXPECT_TRUE(rc::check("scaling all quantities by a power of two changes no price", [] {
        Network network = random_network();
        const ZonePrices before = solve(network);
        for (SupplyTerm& supply : network.supplies) {
            supply.available *= 1024;
        }
        for (DemandTerm& demand : network.demands) {
            demand.coefficient *= 1024;
        }
        for (Node& node : network.nodes) {
            node.fixed *= 1024;
            node.own_stock *= 1024;
        }
        for (Arc& arc : network.arcs) {
            arc.cap *= 1024;
        }
        const ZonePrices after = solve(network);
        for (std::size_t node = 0; node < network.nodes.size(); ++node) {
            if (trades(network, network.nodes[node])) {
                RC_ASSERT(std::abs(after.x[node] - before.x[node]) <= 1e-12);
            }
        }
    }));
}

TEST(ZoneSolver, FindsTheSamePricesFromAnyStart)
{
    EXPECT_TRUE(rc::check("a start changes the price by rounding only", [] {
        const Network network = random_network();
        const ZonePrices cold = solve(network);
        ZonePrices warm;
        warm.single_zone = 0.01 * *rc::gen::inRange(-400, 400);
        warm.x.assign(network.nodes.size(), 0.01 * *rc::gen::inRange(-4000, 4000));
        ZoneSolver().solve(network, warm);
        for (std::size_t node = 0; node < network.nodes.size(); ++node) {
            if (trades(network, network.nodes[node])) {
                RC_ASSERT(std::abs(clamped_price(network, warm.x[node])
                                       / clamped_price(network, cold.x[node])
                                   - 1)
                          <= 1e-10);
            }
        }
    }));
}

TEST(ZoneSolver, GivesTheSamePricesWhenLastZonesAreTriedFirst)
{
    EXPECT_TRUE(rc::check("prices after a change do not depend on the zones before it", [] {
        Network network = random_network();
        ZonePrices warm = solve(network);
        for (Arc& arc : network.arcs) {
            if (arc.cap != open_cap) {
                arc.cap *= 0.01 * *rc::gen::inRange(80, 125);
            }
        }
        for (SupplyTerm& supply : network.supplies) {
            supply.available *= 0.01 * *rc::gen::inRange(80, 125);
        }
        ZoneSolver().solve(network, warm);
        const ZonePrices cold = solve(network);
        for (std::size_t node = 0; node < network.nodes.size(); ++node) {
            if (trades(network, network.nodes[node])) {
                RC_ASSERT(std::abs(clamped_price(network, warm.x[node])
                                       / clamped_price(network, cold.x[node])
                                   - 1)
                          <= 1e-9);
            }
        }
    }));
}

}  // namespace
}  // namespace chokepoint
