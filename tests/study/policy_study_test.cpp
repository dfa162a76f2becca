#include "chokepoint/study/policy_study.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chokepoint/model/hazard_class.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "chokepoint/trial/trial.hpp"

namespace chokepoint {
namespace {

const std::string scenarios = std::string(CHOKEPOINT_SOURCE_DIR) + "/scenarios/";

/// A policy of some levers, in a file.
class PolicyFile {
public:
    explicit PolicyFile(const std::string& levers)
    {
        std::string name = ::testing::TempDir() + "policy-XXXXXX";
        folder_ = mkdtemp(name.data());
        std::ofstream(path()) << "schema: 1\npolicy: test\nlevers:\n" << levers;
    }
    ~PolicyFile() { std::filesystem::remove_all(folder_); }
    PolicyFile(const PolicyFile&) = delete;
    PolicyFile& operator=(const PolicyFile&) = delete;

    std::filesystem::path path() const { return folder_ / "policy.yaml"; }

private:
    std::filesystem::path folder_;
};

Model model_of(const std::string& file, const std::vector<std::filesystem::path>& policies = {},
               const std::vector<std::string>& overrides = {})
{
    std::vector<Diagnostic> warnings;
    return build_model(read_scenario(scenarios + file, overrides, policies), warnings);
}

RunResult run_model(const Model& model, std::uint64_t trials, const Model* calm = nullptr)
{
    Progress progress;
    return run(model, all_meters(model),
               {.seed = 7, .trials = trials, .threads = 2, .calm = calm}, progress);
}

const ColumnComparison& comparison_of(const std::vector<ColumnComparison>& all,
                                      const std::string& metric, const std::string& commodity,
                                      const std::string& region)
{
    const auto found = std::ranges::find_if(all, [&](const ColumnComparison& of) {
        return of.column.metric == metric && of.column.commodity == commodity
               && of.column.region == region;
    });
    EXPECT_NE(found, all.end()) << metric << commodity << region;
    return *found;
}

/// The policy's comparison with none.
std::vector<ColumnComparison> effect_of(const std::string& file, const std::string& levers,
                                        std::uint64_t trials,
                                        const std::vector<std::string>& overrides = {})
{
    const PolicyFile policy(levers);
    const Model none = model_of(file, {}, overrides);
    const Model with = model_of(file, {policy.path()}, overrides);
    return compare_runs(run_model(with, trials, &none), run_model(none, trials));
}

void expect_lower(const std::vector<ColumnComparison>& effect, const std::string& commodity,
                  const std::string& region)
{
    const ColumnComparison& of = comparison_of(effect, "shortfall_share", commodity, region);
    EXPECT_LT(of.difference.estimate.upper, 0) << commodity << region;
}

TEST(PolicyStudy, FindsNoEffectOfAPolicyWithoutOne)
{
    // A mine without capacity, and a floor of nothing.
    const std::vector<ColumnComparison> effect = effect_of(
        "rare_earths.yaml",
        "  - {type: joint_investment, region: usa, stage: mine, commodity: cerium, owner: x,\n"
        "     capacity_t_per_year: 0, opens: 2028-01}\n"
        "  - {type: guarantee, facilities: [rare_earth_mountain_pass], commodity: cerium,\n"
        "     floor_usd_per_kg: 0}\n",
        64);
    EXPECT_GT(effect.size(), 500U);
    for (const ColumnComparison& of : effect) {
        EXPECT_EQ(of.difference.estimate.value, 0)
            << of.column.metric << of.column.commodity << of.column.region;
        EXPECT_EQ(of.lower.estimate.value, 0);
        EXPECT_EQ(of.higher.estimate.value, 0);
    }
}

TEST(PolicyStudy, HoldsThePolicyAgainstTheReferenceRunWithoutIt)
{
    // Twice the mines: without events nobody lacks anything, with and without, but prices fall.
    const PolicyFile policy(
        "  - {type: joint_investment, region: australia, stage: mine, opens: 2026-06,\n"
        "     outputs: {praseodymium_neodymium: 1}, capacity_t_per_year: 40000}\n"
        "  - {type: joint_investment, region: australia, stage: refine, opens: 2026-06,\n"
        "     outputs: {praseodymium_neodymium: 1}, capacity_t_per_year: 40000}\n");
    const Model none = model_of("rare_earths.yaml");
    const Model with = model_of("rare_earths.yaml", {policy.path()});
    const RunResult calm =
        run_calm(with, none, {.seed = 1, .trials = 64, .threads = 2}, with.months);
    const auto mean = find_metric(calm, "price_mean", "praseodymium_neodymium", "world");
    const auto short_of =
        find_metric(calm, "shortfall_total", "praseodymium_neodymium", "world");
    ASSERT_TRUE(mean && short_of);
    EXPECT_LT(*std::ranges::max_element(calm.values[*mean]), 1);
    EXPECT_EQ(*std::ranges::max_element(calm.values[*short_of]), 0);
}

TEST(PolicyStudy, LessensShortfallByRecyclingSubstitutionAndFriendlyCapacity)
{
    expect_lower(
        effect_of("rare_earths.yaml",
                  "  - {type: recycling, regions: [japan, europe], commodities: "
                  "[dysprosium, praseodymium_neodymium],\n     share_of_demand_end: 0.2, "
                  "ramp_until: 2029-01}\n",
                  256),
        "dysprosium", "japan");
    expect_lower(
        effect_of("rare_earths.yaml",
                  "  - {type: substitution, commodities: [dysprosium], rate_per_year: 0.1, "
                  "max_share: 0.4}\n",
                  256),
        "dysprosium", "partners");
    expect_lower(effect_of("rare_earths.yaml",
                           "  - {type: processing_hub, region: usa, stage: magnet, outputs: "
                           "{praseodymium_neodymium: 0.96, dysprosium: 0.04},\n     "
                           "capacity_t_per_year: 8000, opens: 2027-01}\n",
                           256),
                 "praseodymium_neodymium", "usa");
}

TEST(PolicyStudy, BuysAStockpileFirstAndLessensTheTail)
{
    const std::string levers =
        "  - {name: pile, type: stockpile, regions: [japan], days: 180, buy_months: 24,\n"
        "     trigger_shortfall_share: 0.05}\n";
    const std::vector<ColumnComparison> effect = effect_of("rare_earths.yaml", levers, 640);
    expect_lower(effect, "all", "japan");
    EXPECT_LT(
        comparison_of(effect, "shortfall_share", "all", "japan").es_difference.estimate.upper,
        0);

    const PolicyFile policy(levers);
    const Model none = model_of("rare_earths.yaml");
    const Model with = model_of("rare_earths.yaml", {policy.path()});
    const RunSettings settings{.seed = 7, .trials = 64, .threads = 2};
    const RunResult calm = run_calm(with, none, settings, with.months);
    const auto cost = find_metric(calm, "policy_purchases", "all", "world");
    ASSERT_TRUE(cost);
    EXPECT_GT(*std::ranges::min_element(calm.values[*cost]), 0);
    const RunResult early = run_calm(with, none, settings, early_months);
    const auto price = find_metric(early, "price_mean", "all", "japan");
    ASSERT_TRUE(price);
    EXPECT_GT(*std::ranges::min_element(early.values[*price]), 1);
}

TEST(PolicyStudy, SparesMembersOfAnAllianceTheirRestrictions)
{
    const std::string levers = "  - {type: alliance, members: [usa, australia, japan]}\n";
    const std::vector<std::string> hazard = {
        "hazards.export_restrictions=[{name: hoarding, exporter: australia, layer: mine, "
        "instrument: ban, commodities: [praseodymium_neodymium], rate_per_year: 1, "
        "duration_days: "
        "200}, {name: stop, exporter: usa, layer: magnet, instrument: ban, commodities: "
        "[dysprosium], rate_per_year: 1, duration_days: 300}]",
        "hazards.contagion=[]", "hazards.outages=[]"};
    const PolicyFile policy(levers);
    const Model with = model_of("rare_earths.yaml", {policy.path()}, hazard);
    for (const Measure& measure : with.measures) {
        if (measure.name == "hoarding") {
            EXPECT_FALSE(measure.all_targets);
            for (const RegionId target : measure.targets) {
                EXPECT_NE(with.regions[target.index()], "japan");
                EXPECT_NE(with.regions[target.index()], "usa");
            }
        }
    }
    const std::vector<ColumnComparison> effect =
        effect_of("rare_earths.yaml", levers, 256, hazard);
    const ColumnComparison& of =
        comparison_of(effect, "shortfall_share", "praseodymium_neodymium", "partners");
    EXPECT_LE(of.difference.estimate.value, 0);
}

TEST(RoomValue, OpensACapByTheRoomThatIsAdded)
{
    const Model model = model_of("first_steps.yaml");
    constexpr double room = 25;
    for (std::size_t arc = 0; arc < model.cappable_arcs.size(); ++arc) {
        Model wider = model;
        wider.extra_room.assign(model.cappable_arcs.size(), 0);
        wider.extra_room[arc] = room;
        TrialRunner narrow(model, 1), wide(wider, 1);
        int seen = 0;
        for (std::uint64_t trial = 0; trial < 30; ++trial) {
            const TrialRecord one = narrow.run(trial);
            const TrialRecord other = wide.run(trial);
            const std::size_t arcs = model.cappable_arcs.size();
            for (std::size_t month = 0; month < one.disrupted->months; ++month) {
                const std::size_t at = month * arcs + arc;
                if (one.disrupted->arc_gap[at] > 1e-3 && other.disrupted->arc_gap[at] > 1e-3) {
                    EXPECT_NEAR(other.disrupted->arc_flow[at] - one.disrupted->arc_flow[at],
                                room, 1e-6 * one.disrupted->arc_flow[at] + 1e-6)
                        << arc << " in month " << month << " of trial " << trial;
                    ++seen;
                    break;  // later months have another past
                }
            }
        }
        if (model.cappable_arcs[arc].kind == CappableArc::Kind::exports) {
            EXPECT_GT(seen, 3);
        }
    }
}

TEST(RoomValue, IsPositiveWhereTheArcBindsAndFallsAsRoomGrows)
{
    const Model model = model_of("first_steps.yaml");
    const auto exports =
        std::ranges::find(model.cappable_arcs, CappableArc::Kind::exports, &CappableArc::kind);
    ASSERT_NE(exports, model.cappable_arcs.end());
    const auto arc = static_cast<std::size_t>(exports - model.cappable_arcs.begin());
    Model wider = model;
    wider.extra_room.assign(model.cappable_arcs.size(), 0);
    wider.extra_room[arc] = 500;
    const RoomValue value = room_value(model, arc, 500, run_model(wider, 2000, &model),
                                       run_model(model, 2000));
    EXPECT_GT(value.shortfall_avoided.estimate.lower, 0);
    EXPECT_GT(value.bill_saved.estimate.lower, 0);
    EXPECT_LT(value.left_value.estimate.value, value.marginal_value.estimate.value);
}

/// What happened in a trial, each with its times and sizes.
std::multiset<std::vector<double>> events_of(const Timeline& timeline)
{
    std::multiset<std::vector<double>> events;
    for (const RestrictionEvent& event : timeline.restrictions) {
        events.insert({0, static_cast<double>(event.measure.index()), event.announced,
                       event.from, event.until, event.severity});
    }
    for (const auto& outage : timeline.outages) {
        events.insert({1, static_cast<double>(outage.facility.index()), outage.from,
                       outage.until, outage.loss});
    }
    return events;
}

TEST(Thinning, KeepsASubsetOfTheSameEvents)
{
    const auto keep = [](const char* share) {
        const std::string value = share;
        return std::vector<std::string>{
            "hazards.outages.rare_earth_mine_failures.keep_share=" + value,
            "hazards.export_restrictions.rare_earth_magnet_restriction.keep_share=" + value};
    };
    const Model all = model_of("rare_earths.yaml");
    const Model some = model_of("rare_earths.yaml", {}, keep("0.6"));
    const Model few = model_of("rare_earths.yaml", {}, keep("0.3"));
    TrialRunner of_all(all, 5), of_some(some, 5), of_few(few, 5);
    double kept = 0, before = 0;
    for (std::uint64_t trial = 0; trial < 40; ++trial) {
        const auto every = events_of(*of_all.run(trial).timeline);
        const auto thinned = events_of(*of_some.run(trial).timeline);
        const auto thinner = events_of(*of_few.run(trial).timeline);
        EXPECT_TRUE(std::ranges::includes(every, thinned)) << trial;
        EXPECT_TRUE(std::ranges::includes(thinned, thinner)) << trial;
        before += static_cast<double>(every.size());
        kept += static_cast<double>(thinned.size());
    }
    EXPECT_LT(kept, before);
    EXPECT_GT(kept, 0.6 * before);  // others are not thinned
}

TEST(Thinning, KeepsTheShareThatIsWritten)
{
    const std::vector<std::string> one = {"hazards.outages.mine_stops.keep_share=0.25",
                                          "hazards.export_restrictions=[]"};
    const Model all = model_of("first_steps.yaml", {}, {"hazards.export_restrictions=[]"});
    const Model some = model_of("first_steps.yaml", {}, one);
    TrialRunner of_all(all, 2), of_some(some, 2);
    double before = 0, kept = 0;
    for (std::uint64_t trial = 0; trial < 1000; ++trial) {
        before += static_cast<double>(of_all.run(trial).timeline->outages.size());
        kept += static_cast<double>(of_some.run(trial).timeline->outages.size());
    }
    const double error = std::sqrt(0.25 * 0.75 / before);
    EXPECT_NEAR(kept / before, 0.25, 4 * error);
    EXPECT_LT(4 * error, 0.05);
}

TEST(PolicyStudy, PairsTrialsCloselyEnough)
{
    // Standard errors at least 5 times smaller than without pairing for what leaves rates
    // alone.
    const ColumnComparison capacity = comparison_of(
        effect_of(
            "rare_earths.yaml",
            "  - {type: joint_investment, project: rare_earth_nolans, opening_probability: "
            "0.9}\n",
            512),
        "shortfall_share", "all", "world");
    EXPECT_GT(capacity.variance_ratio, 25);
    // At least 3 times for what thins events.
    const ColumnComparison thinned = comparison_of(
        effect_of(
            "rare_earths.yaml",
            "  - {type: mining_practice, outages: [rare_earth_mine_failures], keep_share: "
            "0.8}\n",
            512),
        "shortfall_share", "all", "world");
    EXPECT_GT(thinned.variance_ratio, 9);
    EXPECT_LT(thinned.difference.estimate.value, 0);
}

TEST(WithoutHazards, LeavesNothingToHappenAndTheRestAsItWas)
{
    const Model model = model_of("rare_earths.yaml");
    const std::vector<HazardEntry> entries = hazard_entries(model);
    ASSERT_GT(entries.size(), 5U);
    const Model nothing = without_hazards(model, entries);
    TrialRunner runner(nothing, 3);
    for (std::uint64_t trial = 0; trial < 5; ++trial) {
        const TrialRecord record = runner.run(trial);
        EXPECT_TRUE(record.timeline->outages.empty());
        for (const RestrictionEvent& event : record.timeline->restrictions) {
            EXPECT_EQ(event.cause, Cause::standing);
        }
        EXPECT_EQ(record.reference->log_price, record.disrupted->log_price);
    }
    // Without one hazard the events of the others are the same.
    const Model rest = without_hazards(model, std::span(entries).first(1));
    TrialRunner of_rest(rest, 3), of_all(model, 3);
    for (std::uint64_t trial = 0; trial < 10; ++trial) {
        const auto every = events_of(*of_all.run(trial).timeline);
        const auto others = events_of(*of_rest.run(trial).timeline);
        EXPECT_TRUE(std::ranges::includes(every, others));
    }
}

}  // namespace
}  // namespace chokepoint
