// Bytes as a small network, whose prices must be an equilibrium, or as a small scenario and the
// months of a trial, which must keep the invariants of every month. What is broken is thrown, and
// nobody catches it.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "fuzz_bytes.hpp"
#include "market/market_run.hpp"
#include "support/equilibrium.hpp"
#include "support/network_builder.hpp"
#include "support/scenario_builder.hpp"

namespace chokepoint {
namespace {

using testing::FuzzBytes;
using testing::MarketRun;
using testing::NetworkBuilder;

void demand(bool holds, const std::string& otherwise)
{
    if (!holds) {
        throw std::logic_error(otherwise);
    }
}

double any_cap(FuzzBytes& bytes)
{
    const std::size_t kind = bytes.below(4);
    return kind == 0 ? open_cap : kind == 1 ? 0.0 : bytes.number(0.01, 3);
}

/// Mines, trade, plants, trade, use, of one to four regions.
Network any_network(FuzzBytes& bytes)
{
    NetworkBuilder builder;
    builder.bounds(0.02, 50);
    const std::size_t regions = 1 + bytes.below(4);
    std::vector<std::uint32_t> mine, in, out, use;
    for (std::size_t region = 0; region < regions; ++region) {
        mine.push_back(builder.node());
        for (std::size_t count = bytes.below(3); count > 0; --count) {
            builder.supply(bytes.number(0, 10), bytes.number(0.5, 1), bytes.number(0, 1));
        }
        in.push_back(builder.node());
        out.push_back(builder.node());
        use.push_back(builder.node(bytes.once_in(4) ? bytes.number(0, 1) : 0));
        for (std::size_t count = bytes.below(3); count > 0; --count) {
            builder.demand(bytes.number(0.01, 5), bytes.number(0.05, 1));
        }
        builder.network().nodes.back().own_stock = bytes.once_in(4) ? bytes.number(0, 2) : 0;
    }
    for (std::size_t from = 0; from < regions; ++from) {
        builder.arc(in[from], out[from], bytes.number(0, 6));
        for (std::size_t to = 0; to < regions; ++to) {
            builder.arc(mine[from], in[to], from == to ? open_cap : any_cap(bytes));
            builder.arc(out[from], use[to], from == to ? open_cap : any_cap(bytes));
        }
    }
    return builder.network();
}

/// Solved from nothing, and again from that answer once supply has changed.
void solve_network(FuzzBytes& bytes)
{
    Network network = any_network(bytes);
    ZoneSolver solver;
    ZonePrices prices;
    for (int round = 0; round < 2; ++round) {
        solver.solve(network, prices);
        const std::string wrong = testing::disequilibrium(network, prices);
        demand(wrong.empty(), wrong);
        for (SupplyTerm& supply : network.supplies) {
            supply.available *= bytes.number(0, 2);
        }
    }
}

/// Two to four regions that mine, refine and use one metal, with stocks, and a script of caps,
/// taxes and shared quotas.
ScenarioBuilder any_scenario(FuzzBytes& bytes)
{
    std::vector<std::string> regions = {"north", "south", "east", "west"};
    regions.resize(2 + bytes.below(3));
    ScenarioBuilder builder(regions);
    builder.scenario.months = 12;
    builder.commodity("tin");
    for (const std::string& region : regions) {
        FacilityEntry& mine =
            builder.mine(region + " mine", region, 12 * bytes.number(1, 100), {{"tin", 1}});
        mine.supply_elasticity = builder.number("supply", bytes.number(0, 1));
        mine.utilisation = builder.number("utilisation", bytes.number(0.5, 1));
        builder.facility(region + " plant", region, "refine", 12 * bytes.number(50, 300));
        builder.demand("tin", region, 12 * bytes.number(1, 100));
        for (const char* layer : {"mine", "refine"}) {
            RestrictionTerms terms =
                builder.terms(region, bytes.once_in(2) ? Instrument::ban : Instrument::quota);
            terms.layer = layer;
            terms.leakage = builder.number("leakage", bytes.share());
            builder.scripted("cap", terms, testing::month(0), testing::month(12));
            terms.shared = true;
            builder.scripted("shared", terms, testing::month(0), testing::month(12));
            RestrictionTerms duty = testing::tax(builder, region, bytes.number(0, 1));
            duty.layer = layer;
            builder.scripted("duty", duty, testing::month(0), testing::month(12));
        }
    }
    builder.stocks("users", bytes.number(0.1, 4), bytes.number(1, 6));
    return builder;
}

/// Caps as they come, at most one tax or shared quota: several are sought in turn.
void restrict(MarketRun& run, FuzzBytes& bytes)
{
    bool priced = false;
    for (std::size_t event = 0; event < run.timeline.restrictions.size(); ++event) {
        RestrictionEvent& restriction = run.timeline.restrictions[event];
        const bool is_cap = run.model.measures[restriction.measure.index()].name == "cap";
        if (!bytes.once_in(4) || (!is_cap && priced)) {
            continue;
        }
        priced = priced || !is_cap;
        restriction.severity = bytes.share();
        const double share = bytes.number(0.01, 1);
        run.shock.restrictions.push_back({event, share, share * restriction.severity});
    }
}

void clear_months(FuzzBytes& bytes)
{
    const ScenarioBuilder builder = any_scenario(bytes);
    std::vector<Diagnostic> warnings;
    try {
        build_model(builder.scenario, warnings);
    } catch (const InputError&) {
        return;
    }
    MarketRun run(builder);
    for (int month = 0; month < 4; ++month) {
        run.shock = run.shocks.next(run.state.running);
        run.shock.restrictions.clear();
        run.shock.quiet = false;
        for (double& availability : run.shock.availability) {
            availability = bytes.share();
        }
        restrict(run, bytes);
        run.clearing = run.market.clear(run.timeline, run.shock, {}, run.state);
        check_month(run.model, run.shock, run.state, run.clearing);
        for (const double x : run.clearing.log_price) {
            demand(std::abs(x) <= std::log(50) * (1 + 1e-12), "a price beyond its bounds");
        }
        for (const double gap : run.clearing.arc_gap) {
            demand(gap >= 0 && std::isfinite(gap), "a gap below 0");
        }
        advance(run.model, run.parameters, run.clearing, {}, run.state);
    }
}

}  // namespace
}  // namespace chokepoint

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    chokepoint::testing::FuzzBytes bytes({data, size});
    bytes.once_in(2) ? chokepoint::clear_months(bytes) : chokepoint::solve_network(bytes);
    return 0;
}
