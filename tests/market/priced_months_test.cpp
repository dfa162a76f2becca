// Months under many taxes and shared quotas at once satisfy the equilibrium conditions.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "chokepoint/market/invariants.hpp"
#include "chokepoint/market/market.hpp"
#include "market/market_run.hpp"

namespace chokepoint {
namespace {

using testing::MarketRun;
using testing::month;
using Kind = CappableArc::Kind;

constexpr double tolerance = 1e-9;

/// Checks one month against (2), (5), (6) and (7) of docs/model.md.
class EquilibriumCheck {
public:
    /// \param legal  What the law allows in the month.
    EquilibriumCheck(const MarketRun& run, const LegalCaps& legal) : run_(run), legal_(legal) {}

    /// What is wrong, or nothing.
    std::string faults()
    {
        check_quotas();
        for (std::size_t position = 0; position < run_.model.cappable_arcs.size(); ++position) {
            if (run_.model.cappable_arcs[position].kind != Kind::plant) {
                check_cappable(position);
            }
        }
        for (std::size_t commodity = 0; commodity < run_.model.commodities.size();
             ++commodity) {
            check_flows(commodity);
        }
        return faults_.str();
    }

private:
    double scale(std::size_t commodity) const
    {
        return run_.parameters.baseline.consumption.row(static_cast<Eigen::Index>(commodity))
            .sum();
    }

    double flow(const RestrictedArc& arc) const
    {
        for (std::size_t position = 0; position < run_.model.cappable_arcs.size(); ++position) {
            const CappableArc& entry = run_.model.cappable_arcs[position];
            if (entry.kind != Kind::plant && restricted(entry) == arc) {
                return run_.clearing.arc_flow[position];
            }
        }
        return 0;
    }

    double usd_per_tonne(const RestrictedArc& arc) const
    {
        return 1000 * run_.parameters[run_.model.commodities[arc.commodity.index()].price];
    }

    static RestrictedArc restricted(const CappableArc& entry)
    {
        return {entry.commodity, entry.stage, entry.from, entry.to};
    }

    /// (6): the limit holds, and exactly where there is a rent.
    void check_quotas()
    {
        for (std::size_t quota = 0; quota < legal_.quota_count; ++quota) {
            double tonnage = 0;
            double slack = tolerance * legal_.quotas[quota].limit;
            for (const SharedQuota::Member& member : legal_.quotas[quota].members) {
                tonnage += member.weight * flow(member.arc);
                slack += member.weight * tolerance * scale(member.arc.commodity.index());
            }
            const double rent = run_.market.quota_rents()[quota];
            double ratio = 0;  // Of prices, what the rent comes to.
            for (const SharedQuota::Member& member : legal_.quotas[quota].members) {
                ratio = std::max(ratio, rent * member.weight / usd_per_tonne(member.arc));
            }
            if (tonnage > legal_.quotas[quota].limit + slack || rent < 0
                || (ratio > tolerance && tonnage < legal_.quotas[quota].limit - slack)) {
                faults_ << "quota " << quota << ": tonnage " << tonnage << ", limit "
                        << legal_.quotas[quota].limit << ", rent " << rent << "\n";
            }
        }
    }

    /// What the taxed arc's goods must cost over factor times the price at home.
    double target(const RestrictedArc& arc) const
    {
        const double price = usd_per_tonne(arc);
        double sum = 0;
        for (std::size_t quota = 0; quota < legal_.quota_count; ++quota) {
            for (const SharedQuota::Member& member : legal_.quotas[quota].members) {
                if (member.arc == arc) {
                    sum += run_.market.quota_rents()[quota] * member.weight / price;
                }
            }
        }
        return sum;
    }

    /// True if a shared quota that lets nothing out covers the arc.
    bool is_banned(const RestrictedArc& arc) const
    {
        return std::any_of(
            legal_.quotas.begin(),
            legal_.quotas.begin() + static_cast<std::ptrdiff_t>(legal_.quota_count),
            [&](const SharedQuota& quota) {
                return quota.limit <= tolerance
                       && std::ranges::any_of(quota.members, [&](const auto& member) {
                              return member.arc == arc;
                          });
            });
    }

    /// (5), (7), and (2) where the arc has a cap of its own.
    void check_cappable(std::size_t position)
    {
        const RestrictedArc arc = restricted(run_.model.cappable_arcs[position]);
        const std::size_t commodity = arc.commodity.index();
        const LayeredNetwork& layered = run_.market.network(commodity);
        const std::size_t regions = run_.model.regions.size();
        const std::size_t at = arc.layer.index() * regions + arc.from.index();
        const std::uint32_t link = arc.all_exports()
                                       ? layered.export_arc[at]
                                       : layered.trade_arc[at * regions + arc.to.index()];
        if (link == absent) {
            return;
        }
        const Arc& ends = layered.network.arcs[link];
        const ZonePrices& prices = run_.market.prices(commodity);
        double cap = open_cap;
        for (const ArcCap& entry : legal_.caps) {
            cap = entry.arc == arc ? entry.cap : cap;
        }
        cap = is_banned(arc) ? 0 : cap;
        double factor = 1;
        for (const ArcTax& entry : legal_.taxes) {
            factor = entry.arc == arc ? entry.factor : factor;
        }
        const double gap =
            prices.x[ends.to] - std::log(factor * std::exp(prices.x[ends.from]) + target(arc));
        const double flow = run_.clearing.arc_flow[position];
        const double nothing = tolerance * scale(commodity);
        const bool tradable = prices.supplied[prices.zone[ends.from]]
                              && has_buyers(commodity, prices.zone[ends.to]);
        if (flow > cap + nothing || flow < 0 || (flow > nothing && gap < -tolerance)
            || (flow < cap - nothing && gap > tolerance && tradable)) {
            faults_ << "commodity " << commodity << ", layer " << arc.layer.index() << ", "
                    << arc.from.index() << " > " << arc.to.index() << ": flow " << flow
                    << ", cap " << cap << ", factor " << factor << ", target " << target(arc)
                    << ", log gap over it " << gap << ", x " << prices.x[ends.from] << " to "
                    << prices.x[ends.to] << "\n";
        }
    }

    bool has_buyers(std::size_t commodity, std::uint32_t zone) const
    {
        const Network& network = run_.market.network(commodity).network;
        const ZonePrices& prices = run_.market.prices(commodity);
        double outflow = 0;
        for (std::size_t node = 0; node < network.nodes.size(); ++node) {
            if (prices.zone[node] == zone) {
                outflow +=
                    ZoneSolver::trade_at(network, network.nodes[node], prices.x[node]).demand;
            }
        }
        if (prices.slope.size() > 1) {
            for (std::size_t arc = 0; arc < network.arcs.size(); ++arc) {
                const Arc& ends = network.arcs[arc];
                if (prices.zone[ends.from] == zone && prices.zone[ends.to] != zone) {
                    outflow += prices.flow[arc];
                }
            }
        }
        return outflow > 0;
    }

    /// Balance of every node and (2) on every arc, sought caps counted as caps.
    void check_flows(std::size_t commodity)
    {
        const Network& network = run_.market.network(commodity).network;
        const ZonePrices& prices = run_.market.prices(commodity);
        if (prices.slope.size() == 1) {
            return;  // One price, found without flows.
        }
        const double nothing = tolerance * scale(commodity);
        std::vector<double> surplus;
        for (std::size_t node = 0; node < network.nodes.size(); ++node) {
            const NodeTrade trade =
                ZoneSolver::trade_at(network, network.nodes[node], prices.x[node]);
            surplus.push_back(trade.supply - trade.demand);
        }
        for (std::size_t arc = 0; arc < network.arcs.size(); ++arc) {
            const Arc& ends = network.arcs[arc];
            const double flow = prices.flow[arc];
            const double rise = prices.x[ends.to] - prices.x[ends.from];
            surplus[ends.from] -= flow;
            surplus[ends.to] += flow;
            if (flow < -nothing || flow > ends.cap + nothing
                || (flow > nothing && rise < -tolerance)
                || (flow < ends.cap - nothing && rise > tolerance
                    && prices.supplied[prices.zone[ends.from]]
                    && has_buyers(commodity, prices.zone[ends.to]))) {
                faults_ << "commodity " << commodity << ", arc " << arc << ": flow " << flow
                        << " of " << ends.cap << ", rise " << rise << "\n";
            }
        }
        for (std::size_t node = 0; node < network.nodes.size(); ++node) {
            if (std::abs(surplus[node]) > nothing) {
                faults_ << "commodity " << commodity << ", node " << node << ": surplus "
                        << surplus[node] << " at x " << prices.x[node] << "\n";
            }
        }
    }

    const MarketRun& run_;
    const LegalCaps& legal_;
    std::ostringstream faults_;
};

double share(int low, int high)
{
    return 0.01 * *rc::gen::inRange(low, high + 1);
}

bool one_in(int number)
{
    return *rc::gen::inRange(0, number) == 0;
}

/// One or more of the names.
Names some_of(const std::vector<std::string>& names, ScenarioBuilder& builder)
{
    Names chosen{false, {}, builder.next_place()};
    for (const std::string& name : names) {
        if (!one_in(2)) {
            chosen.names.push_back(name);
        }
    }
    if (chosen.names.empty()) {
        chosen.names.push_back(names[*rc::gen::inRange<std::size_t>(0, names.size())]);
    }
    return chosen;
}

/// Terms of a random measure of a region: some commodities, some or all importers.
RestrictionTerms random_terms(ScenarioBuilder& builder, Instrument instrument)
{
    const std::vector<std::string>& regions = builder.scenario.regions;
    const std::size_t exporter = *rc::gen::inRange<std::size_t>(0, regions.size());
    RestrictionTerms terms = builder.terms(regions[exporter], instrument);
    terms.layer =
        builder.scenario
            .stages[*rc::gen::inRange<std::size_t>(0, builder.scenario.stages.size())];
    std::vector<std::string> commodities;
    for (const CommodityEntry& entry : builder.scenario.commodities) {
        commodities.push_back(entry.name);
    }
    terms.commodities = some_of(commodities, builder);
    if (!one_in(3)) {
        std::vector<std::string> others = regions;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(exporter));
        terms.targets = some_of(others, builder);
    }
    return terms;
}

void add_measures(ScenarioBuilder& builder)
{
    const auto add = [&](const char* name, int most, auto complete) {
        const int count = *rc::gen::inRange(0, most + 1);
        for (int measure = 0; measure < count; ++measure) {
            complete(name);
        }
    };
    const Date from = month(0);
    const Date until = month(3);
    add("tax", 4, [&](const char* name) {
        RestrictionTerms terms = random_terms(builder, Instrument::tax);
        terms.tax_rate = builder.number("rate", share(1, one_in(4) ? 300 : 60));
        builder.scripted(name, terms, from, until);
    });
    add("quota", 3, [&](const char* name) {
        RestrictionTerms terms = random_terms(builder, Instrument::quota);
        terms.shared = true;
        terms.leakage = builder.number("leakage", one_in(2) ? 0 : share(0, 50));
        for (const std::string& metal : terms.commodities.names) {
            terms.weights.emplace_back(metal, builder.number("weight", share(20, 200)));
        }
        // Near nothing, near slack, slack, or between.
        const double severity = one_in(4)   ? 0.01 * share(0, 100)
                                : one_in(4) ? 1 - 0.01 * share(0, 100)
                                            : share(0, 100);
        builder.scripted(name, terms, from, until, severity);
    });
    add("ban", 2, [&](const char* name) {
        RestrictionTerms terms = random_terms(builder, Instrument::ban);
        terms.leakage = builder.number("leakage", one_in(2) ? 0 : share(0, 50));
        builder.scripted(name, terms, from, until);
    });
    add("cut", 2, [&](const char* name) {
        builder.scripted(name, random_terms(builder, Instrument::quota), from, until,
                         share(0, 100));
    });
}

/// 2 or 3 metals, 3 to 5 regions that mine, refine or only use, and measures without end.
Model random_model()
{
    std::vector<std::string> regions{"a", "b", "c", "d", "e"};
    regions.resize(*rc::gen::inRange<std::size_t>(3, 6));
    std::vector<std::string> stages{"mine", "refine"};
    stages.resize(*rc::gen::inRange<std::size_t>(1, 3));
    ScenarioBuilder builder(regions, stages);
    const int metals = *rc::gen::inRange(2, 4);
    for (int metal = 0; metal < metals; ++metal) {
        const std::string name =
            std::vector{"tin", "lead", "zinc"}[static_cast<std::size_t>(metal)];
        CommodityEntry& entry = builder.commodity(name, share(100, 10000));
        const double elasticity = share(5, 50);
        entry.demand_elasticity_short_run = builder.number("short", elasticity);
        entry.demand_elasticity_long_run = builder.number("long", elasticity);
        for (std::size_t region = 0; region < regions.size(); ++region) {
            const bool mines = region == 0 || !one_in(3);
            const bool uses = region == 1 || !one_in(4);
            if (mines) {
                const double tonnes = share(500, 20000);
                FacilityEntry& mine =
                    builder.mine(name + regions[region], regions[region], tonnes, {{name, 1}});
                mine.utilisation = builder.number("utilisation", share(50, 100));
                mine.supply_elasticity = builder.number("supply", one_in(3) ? 0 : share(5, 60));
            }
            if (uses) {
                builder.demand(name, regions[region], share(500, 20000));
            }
            if (stages.size() > 1 && (region == 1 || !one_in(3))) {
                builder
                    .facility(name + " plant of " + regions[region], regions[region], "refine",
                              share(10000, 40000), {{name, 1}})
                    .utilisation = builder.number("utilisation", share(50, 90));
            }
        }
    }
    add_measures(builder);
    if (one_in(3)) {
        builder.stocks("users", 2, 4);
    }
    return builder.model();
}

TEST(PricedMonths, LeaveAnExporterWithoutOtherBuyersThePriceAbroadLessTheTax)
{
    ScenarioBuilder builder = testing::one_stage({{"a", 100, 0}, {"b", 50, 150}});
    builder.scripted("duty", testing::tax(builder, "a", 0.5), month(0), month(3));
    MarketRun run(builder.model(), Clearance::exact);
    run.clear_month(0);
    EXPECT_NEAR(run.price("b"), 1, 1e-10);
    EXPECT_NEAR(run.clearing.source_price[run.cell("ore", "a")], -std::log(1.5), 1e-10);
    EXPECT_NEAR(run.exports("ore", "a"), 100, 1e-8);
}

TEST(PricedMonths, SettleQuotasWhoseFirstMemberIsTheSameFromTheFirstMonthOn)
{
    // Zinc has no cap to start from when the second quota's turn comes.
    ScenarioBuilder builder({"a", "b", "c"}, {"mine"});
    for (const char* metal : {"tin", "lead", "zinc"}) {
        CommodityEntry& entry = builder.commodity(metal, 1000);
        entry.demand_elasticity_short_run = builder.number("short", 0.2);
        entry.demand_elasticity_long_run = builder.number("long", 0.2);
        builder.mine(std::string("pit_of_") + metal, "a", 1200, {{metal, 1}});
        builder.demand(metal, "a", 400);
        builder.demand(metal, "b", 500);
        builder.demand(metal, "c", 300);
    }
    for (const char* other : {"lead", "zinc"}) {
        RestrictionTerms terms = builder.terms("a", Instrument::quota);
        terms.commodities = {.all = false, .names = {"tin", other}, .place = {}};
        terms.targets = {.all = false, .names = {"b"}, .place = {}};
        terms.shared = true;
        builder.scripted(std::string("quota_with_") + other, terms, month(0), month(3), 0.5);
    }
    MarketRun run(builder.model(), Clearance::exact);
    LegalCapRules rules(run.model);
    LegalCaps legal;
    for (int count = 0; count < 3; ++count) {
        run.shock = run.shocks.next(run.state.running);
        MarketState before = run.state;
        rules.apply(run.parameters, run.timeline, run.shock, {}, before.month,
                    before.quota_left[0], legal);
        run.clearing = run.market.clear(run.timeline, run.shock, {}, run.state);
        EXPECT_TRUE(run.clearing.taxes_and_quotas_hold[0]);
        EXPECT_EQ(EquilibriumCheck(run, legal).faults(), "");
        EXPECT_GT(run.price("tin", "b"), run.price("zinc", "b"));  // it pays both rents
        advance(run.model, run.parameters, run.clearing, {}, run.state);
    }
}

TEST(PricedMonthProperties, SatisfyTheEquilibriumConditions)
{
    const bool held = rc::check("conditions (2), (5), (6) and (7) hold", [] {
        const Model model = [] {
            for (;;) {
                try {
                    return random_model();
                } catch (const InputError&) {
                }
            }
        }();
        MarketRun run(model, Clearance::exact);
        LegalCapRules rules(run.model);
        LegalCaps legal;
        for (int count = 0; count < 3; ++count) {
            run.shock = run.shocks.next(run.state.running);
            for (double& availability : run.shock.availability) {
                availability = one_in(3) ? (one_in(4) ? 0 : share(0, 100)) : 1.0;
            }
            MarketState before = run.state;
            rules.apply(run.parameters, run.timeline, run.shock, {}, before.month,
                        before.quota_left[0], legal);
            run.clearing = run.market.clear(run.timeline, run.shock, {}, run.state);
            check_month(run.model, run.shock, run.state, run.clearing);
            const std::string faults = EquilibriumCheck(run, legal).faults();
            // A month that nothing settles says so.
            RC_CLASSIFY(!run.clearing.taxes_and_quotas_hold[0], "not settled");
            RC_ASSERT(faults == "" || !run.clearing.taxes_and_quotas_hold[0]);
            advance(run.model, run.parameters, run.clearing, {}, run.state);
        }
    });
    EXPECT_TRUE(held);
}

}  // namespace
}  // namespace chokepoint
