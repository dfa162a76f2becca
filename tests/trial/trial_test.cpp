#include "chokepoint/trial/trial.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chokepoint/trial/trial_lanes.hpp"
#include "market/market_run.hpp"
#include "support/count_allocations.hpp"
#include "support/sample_scenarios.hpp"

namespace chokepoint {
namespace {

using testing::MarketRun;
using testing::model_of_file;
using testing::model_of_text;
using testing::month;

/// The 2010 case without its events, but with all else: standing measures, stocks, projects,
/// by-products, uncertain parameters.
Model quiet_2010()
{
    Model model = model_of_file("scenarios/rare_earths_2010.yaml");
    model.scripted_restrictions.clear();
    model.scripted_outages.clear();
    return model;
}

void expect_same_path(const Path& left, const Path& right)
{
    for (std::size_t table = 0; table < month_tables.size(); ++table) {
        const auto path = month_tables[table].path;
        EXPECT_EQ(left.*path, right.*path) << "table " << table;
    }
    EXPECT_EQ(left.phase, right.phase);
}

TEST(Trial, WithoutEventsEqualsItsReferenceBitForBit)
{
    std::vector<Model> models;
    models.push_back(model_of_text(quiet_scenario()));
    models.push_back(quiet_2010());
    for (const Model& model : models) {
        TrialRunner runner(model, 1);
        for (std::uint64_t trial = 0; trial < 5; ++trial) {
            const TrialRecord record = runner.run(trial);
            ASSERT_FALSE(record.disrupted->log_price.empty());
            expect_same_path(*record.reference, *record.disrupted);
        }
    }
}

TEST(Trial, LeavesTheReferenceOfTheQuietScenarioAtOne)
{
    const Model model = model_of_text(quiet_scenario());
    TrialRunner runner(model, 1);
    for (const double x : runner.run(0).disrupted->log_price) {
        EXPECT_NEAR(x, 0, 1e-12);
    }
}

/// A tax towards an alliance on goods that fall under two shared quotas, which overlap.
std::string entangled_scenario()
{
    return R"(schema: 1
name: entangled
start: 2009-01
months: 6
regions: [china, japan, usa, europe]
alliances: {partners: [japan, usa]}
commodities:
  neodymium:
    price_usd_per_kg: 30
    demand_elasticity: {short_run: {uniform: [0.05, 0.4]}, long_run: 0.5}
  cerium:
    price_usd_per_kg: 5
    demand_elasticity: {short_run: {uniform: [0.05, 0.4]}, long_run: 0.5}
facilities:
  - {name: bayan_obo, region: china, stage: mine, capacity_t_per_year: 30000, utilisation: 0.8,
     supply_elasticity: {uniform: [0.05, 0.5]}, outputs: {neodymium: 0.4, cerium: 0.6}}
  - {name: mountain_pass, region: usa, stage: mine, capacity_t_per_year: 8000, utilisation: 0.8,
     supply_elasticity: {uniform: [0.05, 0.5]}, outputs: {neodymium: 0.3, cerium: 0.7}}
  - {name: baotou, region: china, stage: refine, capacity_t_per_year: 40000, utilisation: 0.7}
  - {name: la_rochelle, region: europe, stage: refine, capacity_t_per_year: 9000,
     utilisation: 0.7}
demand:
  neodymium:
    china: {t_per_year: 5000}
    japan: {t_per_year: 4000}
    usa: {t_per_year: 2000}
    europe: {t_per_year: 1500}
  cerium:
    china: {t_per_year: 7000}
    japan: {t_per_year: 4000}
    usa: {t_per_year: 4000}
    europe: {t_per_year: 3000}
hazards:
  scripted:
    - {name: duty, type: export_restriction, exporter: china, targets: partners, from: 2009-02,
       until: 2009-07, instrument: tax, tax_rate: 0.5}
    - {name: quota_east, type: export_restriction, exporter: china, targets: [japan, europe],
       from: 2009-02, until: 2009-07, instrument: quota, shared: true,
       severity: {uniform: [0, 1]}}
    - {name: quota_west, type: export_restriction, exporter: china, targets: [japan, usa],
       from: 2009-02, until: 2009-07, instrument: quota, shared: true,
       severity: {uniform: [0, 1]}}
run: {trials: 1000, seed: 7}
)";
}

/// Runs trials; gives back in how many months taxes and quotas hold only in part.
std::size_t unsettled_months(std::uint64_t trials)
{
    const Model model = model_of_text(entangled_scenario());
    TrialRunner runner(model, 1);
    std::size_t unsettled = 0;
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        const TrialRecord record = runner.run(trial);
        unsettled += record.unsettled_months;
    }
    return unsettled;
}

TEST(Trial, SettlesTaxesAndQuotasThatAreEntangled)
{
    EXPECT_EQ(unsettled_months(50), 0U);
}

TEST(TrialSlow, SettlesTaxesAndQuotasThatAreEntangled)
{
    EXPECT_LE(unsettled_months(2000), 2U);
}

struct Copy {
    Path reference, disrupted;
    std::vector<double> values;
};

Copy copy_of(const TrialRecord& record)
{
    return {*record.reference, *record.disrupted, record.parameters->values};
}

void expect_same_trial(const Copy& left, const TrialRecord& right)
{
    EXPECT_EQ(left.values, right.parameters->values);
    expect_same_path(left.reference, *right.reference);
    expect_same_path(left.disrupted, *right.disrupted);
}

TEST(Trial, DependsOnSeedAndNumberOnly)
{
    std::vector<Model> models;
    models.push_back(model_of_text(compact_scenario()));
    models.push_back(model_of_file("scenarios/rare_earths_2010.yaml"));
    for (const Model& model : models) {
        TrialRunner fresh(model, 7);
        const Copy alone = copy_of(fresh.run(4711));

        TrialRunner busy(model, 7);
        for (std::uint64_t trial = 0; trial < 50; ++trial) {
            busy.run(trial);
        }
        expect_same_trial(alone, busy.run(4711));

        TrialRunner backwards(model, 7);
        for (std::uint64_t trial = 4720; trial > 4711; --trial) {
            backwards.run(trial);
        }
        expect_same_trial(alone, backwards.run(4711));
        expect_same_trial(alone, backwards.run(4711));

        TrialRunner together(model, 7);
        const std::vector<std::uint64_t> trials = {3, 4711, 0};
        const std::span<const TrialRecord> records = together.run(trials);
        ASSERT_EQ(records.size(), trials.size());
        for (std::size_t at = 0; at < trials.size(); ++at) {
            EXPECT_EQ(records[at].trial, trials[at]);
            expect_same_trial(copy_of(fresh.run(trials[at])), records[at]);
        }
    }
}

TEST(Trial, StopsAtABrokenInvariantAndSaysWhereAndHowItWasDrawn)
{
    Model model = model_of_text(compact_scenario());
    // No scenario file gets such a model past the reader: an outage that doubles a plant.
    model.outage_sources.push_back({"wonder", true});
    model.scripted_outages.push_back(
        {model.outage_sources.size() - 1, FacilityId(2), 5, 6, Slot(model.parameters.size())});
    ParameterInfo& gain = model.parameters.emplace_back();
    gain.distribution = Distribution(Fixed{-1});
    gain.nominal = -1;
    TrialRunner runner(model, 8);
    try {
        runner.run(31);
        FAIL() << "nothing was found";
    } catch (const TrialError& error) {
        EXPECT_EQ(error.key().trial, 31U);
        EXPECT_EQ(error.key().seed, 8U);
        EXPECT_STREQ(error.what(),
                     "trial 31: the share of capacity available is 2 (baotou, month 5)");
    }
}

TEST(Trial, DiffersFromOtherTrialsAndSeeds)
{
    const Model model = model_of_text(compact_scenario());
    TrialRunner runner(model, 7);
    const Copy first = copy_of(runner.run(1));
    EXPECT_NE(first.disrupted.log_price, runner.run(2).disrupted->log_price);
    TrialRunner other(model, 8);
    EXPECT_NE(first.disrupted.log_price, other.run(1).disrupted->log_price);
}

/// Allocations of the last 20 of so many trials when they run once more: the runner is warm.
std::size_t allocations_when_warm(const Model& model, std::uint64_t trials)
{
    TrialRunner runner(model, 7);
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        runner.run(trial);
    }
    const std::size_t before = allocation_count;
    for (std::uint64_t trial = trials - 20; trial < trials; ++trial) {
        runner.run(trial);
    }
    return allocation_count - before;
}

TEST(MonthLoop, AllocatesNothingInLanes)
{
    const Model model = model_of_file("scenarios/first_steps.yaml");
    TrialLanes lanes(model, 7);
    std::vector<std::uint64_t> trials(64);
    const auto run = [&](std::uint64_t first) {
        std::iota(trials.begin(), trials.end(), first);
        lanes.start(trials);
        for (int month = 0; month < model.months; ++month) {
            lanes.next_month();
        }
    };
    for (const std::uint64_t first : {0U, 64U, 128U, 192U, 256U, 320U}) {
        run(first);
    }
    const std::size_t before = allocation_count;
    run(128);
    run(320);
    EXPECT_EQ(allocation_count, before);
}

TEST(MonthLoop, AllocatesNothing)
{
    EXPECT_EQ(allocations_when_warm(model_of_file("scenarios/first_steps.yaml"), 400), 0U);
    EXPECT_EQ(allocations_when_warm(model_of_text(compact_scenario()), 400), 0U);
}

TEST(MonthLoop, AllocatesNothingUnderSharedQuotasAndTaxes)
{
    // Every parameter at its median: this is about the months, not about the draws.
    Model model = model_of_file("scenarios/rare_earths_2010.yaml");
    for (const Slot slot : model.uncertain_parameters) {
        ParameterInfo& info = model.parameters[slot.index()];
        info.distribution = Distribution(Fixed{info.nominal});
    }
    model.uncertain_parameters.clear();
    EXPECT_EQ(allocations_when_warm(model, 25), 0U);
}

TEST(MonthLoop, AllocatesNothingMoreForUncertainParameters)
{
    const Model model = model_of_file("scenarios/rare_earths_2010.yaml");
    ASSERT_FALSE(model.uncertain_parameters.empty());
    // Not the months but the balancing of month 0 takes memory, the same for every trial.
    Parameters parameters;
    draw_parameters(model, {7, 0}, parameters);
    const std::size_t before = allocation_count;
    draw_parameters(model, {7, 1}, parameters);
    const std::size_t by_draw = allocation_count - before;
    EXPECT_EQ(allocations_when_warm(model, 25), 20 * by_draw);
}

TEST(Trial, GrowsWithAndWithoutEvents)
{
    Model model = quiet_2010();
    const Slot rate(model.parameters.size());
    ParameterInfo& growth = model.parameters.emplace_back();
    growth.distribution = Distribution(Fixed{0.07});
    growth.nominal = 0.07;
    for (YearlyGrowth& demand : model.demand_growth) {
        demand.assign(10, rate);
    }
    TrialRunner runner(model, 1);
    for (std::uint64_t trial = 0; trial < 3; ++trial) {
        const TrialRecord record = runner.run(trial);
        expect_same_path(*record.reference, *record.disrupted);
        EXPECT_GT(record.reference->log_price.back(), 0.1);
    }
}

/// 40 / kappa months: over each, the memory's error shrinks by the factor 1 - kappa eps_long /
/// eps, which is exact where supply does not answer.
constexpr double memory_speed = 0.15;
constexpr int forty_memories = 267;
static_assert(forty_memories >= 40 / memory_speed && forty_memories < 40 / memory_speed + 1);

/// One market with elasticities 0.2 and 0.6, and nothing that moves but its memory.
ScenarioBuilder market_with_memory(const std::vector<testing::RegionFlows>& regions)
{
    ScenarioBuilder builder = testing::one_stage(regions, 0.2);
    CommodityEntry& ore = builder.scenario.commodities[0];
    ore.demand_elasticity_long_run = builder.number("long", 0.6);
    ore.memory_up_per_month = ore.memory_down_per_month =
        builder.number("memory", memory_speed);
    builder.scenario.months = forty_memories;
    return builder;
}

TEST(Trial, GoesToTheLongRunAnswerUnderAConstantShock)
{
    // 30 % of the mines' output is lost for good: p = 0.7^(-1 / 0.6).
    ScenarioBuilder builder = market_with_memory({{"x", 100, 100}});
    builder.scripted_outage("loss", "mine_x", month(0), month(forty_memories), 0.3);
    const Model model = builder.model();
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    const double lost = -std::log(0.7);
    EXPECT_NEAR(record.disrupted->log_price.front(), lost / 0.2, 1e-9);
    EXPECT_NEAR(record.disrupted->log_price.back(), lost / 0.6, 1e-9);
    EXPECT_NEAR(record.reference->log_price.back(), 0, 1e-12);
    // And on the way there at the speed that the equations say.
    for (std::size_t month = 0; month < forty_memories; ++month) {
        const double error =
            (lost / 0.2 - lost / 0.6)
            * std::pow(1 - memory_speed * 0.6 / 0.2, static_cast<double>(month));
        EXPECT_NEAR(record.disrupted->log_price[month], lost / 0.6 + error, 1e-9) << month;
    }
}

TEST(Trial, GoesToTheLongRunAnswerUnderAConstantQuota)
{
    // The quota of C3 with the long-run elasticity on both sides.
    ScenarioBuilder builder = market_with_memory({{"x", 130, 80}, {"w", 5, 55}});
    builder.scripted("quota", testing::monthly_quota(builder, "x", 30), month(0),
                     month(forty_memories));
    const Model model = builder.model();
    TrialRunner runner(model, 1);
    const Path& path = *runner.run(0).disrupted;
    EXPECT_NEAR(path.log_price[path.log_price.size() - 2], std::log(80.0 / 100) / 0.6, 1e-9);
    EXPECT_NEAR(path.log_price.back(), std::log(55.0 / 35) / 0.6, 1e-9);
}

/// 30 % of the output is lost for good; users may replace a quarter of what they need.
ScenarioBuilder replacing_market()
{
    ScenarioBuilder builder = testing::one_stage({{"x", 100, 100}}, 0.2);
    CommodityEntry& ore = builder.scenario.commodities[0];
    ore.memory_up_per_month = ore.memory_down_per_month = builder.number("memory", 0.5);
    ore.substitution =
        SubstitutionEntry{builder.number("trigger", 1.5), builder.number("rate", 1.2),
                          builder.number("most", 0.25)};
    builder.scenario.months = 24;
    builder.scripted_outage("loss", "mine_x", month(0), month(24), 0.3);
    return builder;
}

TEST(Trial, CountsWhatSubstitutesServe)
{
    const Model model = replacing_market().model();
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    const Path& path = *record.disrupted;
    EXPECT_NEAR(shortfall(*record.reference, path, 0), 30, 1e-9);
    EXPECT_NEAR(path.log_price.back(), std::log(75.0 / 70) / 0.2, 1e-9);
    EXPECT_EQ(path.substituted.back(), 0.25);
    EXPECT_NEAR(served(*record.reference, path, 23), 70 + 0.25 * 100, 1e-9);
    EXPECT_NEAR(shortfall(*record.reference, path, 23), 5, 1e-9);
}

TEST(Trial, CountsOnlySubstitutesThatTheReferenceDoesNotHave)
{
    // Demand grows fast enough that users of the reference run replace some of it too.
    ScenarioBuilder builder = replacing_market();
    builder.scenario.demand[0].growth.per_year = builder.number("growth", 0.3);
    builder.scenario.commodities[0].substitution->rate_per_year = builder.number("slow", 0.06);
    builder.scenario.months = 36;
    const Model model = builder.model();
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    const double here = record.disrupted->substituted.back();
    const double there = record.reference->substituted.back();
    ASSERT_GT(there, 0.01);
    ASSERT_GT(here, there + 0.01);
    // (1 - s_ref) d p^-eps is what the reference run uses: of d, s - s_ref is replaced here
    // only.
    EXPECT_NEAR(served(*record.reference, *record.disrupted, 35),
                record.disrupted->consumption.back() + 100 * (here - there) / (1 - there),
                1e-9);
    Model quiet = builder.model();
    quiet.scripted_outages.clear();
    TrialRunner undisturbed(quiet, 1);
    const TrialRecord same = undisturbed.run(0);
    expect_same_path(*same.reference, *same.disrupted);
    for (std::size_t month = 0; month < 36; ++month) {
        EXPECT_EQ(shortfall(*same.reference, *same.disrupted, month), 0);
    }
}

/// A long outage brings a project, and that, once the outage is over, shuts the small mine.
ScenarioBuilder market_led_by_prices()
{
    ScenarioBuilder builder = testing::one_stage({{"x", 90, 100}}, 0.2);
    CommodityEntry& ore = builder.scenario.commodities[0];
    ore.memory_up_per_month = ore.memory_down_per_month = builder.number("memory", 0.3);
    builder.mine("small", "x", 12 * 10).closure =
        ClosureEntry{builder.number("close", 0.7), builder.number("bad", 3),
                     builder.number("reopen", 0.95), builder.number("restart", 2)};
    FacilityEntry& project = builder.mine("project", "x", 12 * 20);
    project.induced = InducedEntry{builder.number("trigger", 1.5), builder.number("high", 6),
                                   builder.number("lead", 4)};
    builder.scenario.months = 36;
    builder.scripted_outage("loss", "mine_x", month(2), month(20), 0.3);
    return builder;
}

TEST(Trial, LetsPricesLeadFacilities)
{
    const Model model = market_led_by_prices().model();
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    const Path& path = *record.disrupted;
    const auto phase = [&](int month, std::size_t facility) {
        return path.phase[static_cast<std::size_t>(month) * 3 + facility];
    };
    // ln p = -5 ln 0.73 while the outage lasts; the memory is above ln 1.5 from month 3 on.
    EXPECT_EQ(phase(7, 2), FacilityPhase::awaited);
    EXPECT_EQ(phase(8, 2), FacilityPhase::decided);
    EXPECT_EQ(phase(12, 2), FacilityPhase::running);
    EXPECT_NEAR(path.output[12], 73, 1e-9);
    EXPECT_NEAR(path.output[13], 93, 1e-9);
    // 120 t from month 20 on are worth 1.2^-5 = 0.4: shut from month 23 on, 110 t for good.
    EXPECT_NEAR(path.output[22], 120, 1e-9);
    EXPECT_NEAR(path.output[23], 110, 1e-9);
    EXPECT_EQ(phase(35, 1), FacilityPhase::shut);
    EXPECT_NEAR(path.output[35], 110, 1e-9);
    EXPECT_NEAR(record.reference->output[35], 100, 1e-9);
    EXPECT_EQ(record.reference->phase.back(), FacilityPhase::awaited);
    EXPECT_EQ(allocations_when_warm(model, 25), 0U);
}

TEST(Trial, LetsPricesLeadFacilitiesWithoutEventsToo)
{
    // Demand that grows brings the project and, growing back, shuts the mine.
    ScenarioBuilder builder = market_led_by_prices();
    builder.scenario.scripted_outages.clear();
    builder.scenario.demand[0].growth.by_year = {{2009, builder.number("boom", 0.3)},
                                                 {2010, builder.number("slump", -0.4)}};
    const Model model = builder.model();
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    expect_same_path(*record.reference, *record.disrupted);
    EXPECT_EQ(record.reference->phase[35 * 3 + 1], FacilityPhase::shut);
    EXPECT_EQ(record.reference->phase[35 * 3 + 2], FacilityPhase::running);
}

/// The 2010 case over 50 trials, run once.
class RareEarths2010 : public ::testing::Test {
protected:
    static constexpr std::size_t trials = 50;

    static void SetUpTestSuite()
    {
        model = model_of_file("scenarios/rare_earths_2010.yaml");
        TrialRunner runner(model, 1);
        for (std::uint64_t trial = 0; trial < trials; ++trial) {
            done.push_back(copy_of(runner.run(trial)));
        }
    }
    static void TearDownTestSuite() { done.clear(); }

    static std::size_t cell(const std::string& commodity, const std::string& region)
    {
        return model.cell(testing::commodity_named(model, commodity),
                          testing::region_named(model, region));
    }
    /// Share of what the reference run uses, over the horizon, of all four elements in tonnes.
    static double shortfall_share(const Copy& trial, const std::string& region)
    {
        const std::size_t position = testing::region_named(model, region).index();
        double short_of = 0;
        double need = 0;
        for (std::size_t at = 0; at < trial.reference.consumption.size(); ++at) {
            if (at % model.regions.size() == position) {
                need += trial.reference.consumption[at];
                short_of += std::max(
                    0.0, trial.reference.consumption[at] - trial.disrupted.consumption[at]);
            }
        }
        return short_of / need;
    }
    /// The highest multiple of the reference price that a region pays in a trial, from a month
    /// on.
    static double peak(const Copy& trial, const std::string& commodity,
                       const std::string& region, std::size_t from)
    {
        double highest = 0;
        for (std::size_t at = from * model.cells() + cell(commodity, region);
             at < trial.disrupted.log_price.size(); at += model.cells()) {
            highest = std::max(highest, std::exp(trial.disrupted.log_price[at]
                                                 - trial.reference.log_price[at]));
        }
        return highest;
    }
    static double median_peak(const std::string& commodity, const std::string& region,
                              std::size_t from)
    {
        std::vector<double> peaks;
        for (const Copy& trial : done) {
            peaks.push_back(peak(trial, commodity, region, from));
        }
        std::ranges::sort(peaks);
        return peaks[peaks.size() / 2];
    }

    inline static Model model;
    inline static std::vector<Copy> done;
};

TEST_F(RareEarths2010, SplitsPricesAtChinasExportNode)
{
    constexpr std::size_t first_month = 18;  // 2010-07
    constexpr std::size_t last_month = 36;   // 2012-01
    const RegionId china = testing::region_named(model, "china");
    for (const char* name : {"lanthanum", "cerium", "neodymium", "dysprosium"}) {
        const CommodityId commodity = testing::commodity_named(model, name);
        const auto node =
            std::ranges::find_if(model.cappable_arcs, [&](const CappableArc& arc) {
                return arc.kind == CappableArc::Kind::exports && arc.commodity == commodity
                       && arc.from == china && arc.stage == model.last_stage(commodity);
            });
        ASSERT_NE(node, model.cappable_arcs.end());
        const auto arc = static_cast<std::size_t>(node - model.cappable_arcs.begin());
        int months = 0;
        int dearer_abroad = 0;
        int binding = 0;
        for (const Copy& trial : done) {
            const Path& path = trial.disrupted;
            for (std::size_t at = first_month; at < last_month; ++at) {
                const double* price = &path.log_price[at * path.cells];
                ++months;
                dearer_abroad += price[cell(name, "japan")] > price[cell(name, "china")] + 1e-6;
                binding += path.arc_gap[at * path.arcs + arc] > 0;
            }
        }
        EXPECT_GT(dearer_abroad, months / 2) << name;
        EXPECT_GT(binding, months / 2) << name;
    }
}

TEST_F(RareEarths2010, LeavesTheImportersShort)
{
    // China digs less too, but the quotas keep most of what is left at home.
    for (const char* importer : {"japan", "usa", "europe", "rest_of_world"}) {
        const auto bears_it = [&](const Copy& trial) {
            return shortfall_share(trial, importer) > 2 * shortfall_share(trial, "china");
        };
        EXPECT_GE(std::ranges::count_if(done, bears_it), 45) << importer;
    }
}

TEST_F(RareEarths2010, RaisesCheapElementsMostUnderTheSharedQuota)
{
    // The stops to Japan, the USA and Europe of late 2010 cut each element alike; from 2011 on
    // only the shared quota is left.
    constexpr std::size_t year_2011 = 24;
    for (const char* region : {"japan", "usa", "europe", "rest_of_world"}) {
        const double cheaper = std::min(median_peak("lanthanum", region, year_2011),
                                        median_peak("cerium", region, year_2011));
        const double dearer = std::max(median_peak("neodymium", region, year_2011),
                                       median_peak("dysprosium", region, year_2011));
        EXPECT_GT(dearer, 1) << region;
        EXPECT_GT(cheaper, 1.5 * dearer) << region;
    }
}

TEST_F(RareEarths2010, RaisesCeriumMostOverTheWholeHorizon)
{
    for (const char* region : {"japan", "usa", "europe", "rest_of_world"}) {
        const double cerium = median_peak("cerium", region, 0);
        for (const char* other : {"lanthanum", "neodymium", "dysprosium"}) {
            EXPECT_GT(cerium, median_peak(other, region, 0)) << other << ", " << region;
        }
    }
}

}  // namespace
}  // namespace chokepoint
