#include "chokepoint/metrics/meter.hpp"

#include "chokepoint/metrics/measure.hpp"
#include "chokepoint/metrics/record_meter.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "metrics/gathered_trials.hpp"
#include "support/count_allocations.hpp"

#include <cmath>
#include <map>
#include <string>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

constexpr std::uint64_t seed = 7;

/// Two years of a scenario that comes with the program; or of `first_steps` with users who go
/// over to something else, and with plants that keep stock.
const Model& model_of(const std::string& scenario)
{
    static std::map<std::string, Model> models;
    if (!models.contains(scenario)) {
        std::vector<std::string> changes = {"months=24"};
        if (scenario == "substitutes") {
            changes.push_back(
                "commodities.cobalt.substitution="
                "{trigger_price_ratio: 1.05, rate_per_year: 2, max_share: 0.4}");
            changes.push_back(
                "stocks=[{name: users, cover_months: 2, order_months: 3}, "
                "{name: plants, at: refine, cover_months: 1, order_months: 3}]");
        }
        const std::string name = scenario == "substitutes" ? "first_steps" : scenario;
        std::vector<Diagnostic> warnings;
        const Scenario read =
            read_scenario(CHOKEPOINT_SOURCE_DIR "/scenarios/" + name + ".yaml", changes);
        models.emplace(scenario, build_model(read, warnings));
    }
    return models.at(scenario);
}

/// Points of a record of every kind, of the first commodity in all regions.
std::vector<Observation> record_of(const Model& model)
{
    Observation price;
    price.commodities = {CommodityId(0)};
    price.weights = {1};
    price.first = 2;
    price.end = 20;
    for (std::size_t region = 0; region < model.regions.size(); ++region) {
        price.regions.push_back(RegionId(region));
    }
    std::vector<Observation> record(5, price);
    record[1].kind = RecordKind::peak;
    record[1].end = 24;
    record[2].series = RecordSeries::consumption;
    record[2].kind = RecordKind::total;
    record[3].series = RecordSeries::exports;
    record[3].weights = {0.7};
    record[4].series = RecordSeries::exports;
    record[4].flows = {{0, 1.0}, {model.cappable_arcs.size() - 1, 0.3}};
    return record;
}

std::vector<std::unique_ptr<Meter>> meters_of(const Model& model)
{
    auto meters = all_meters(model);
    meters.push_back(make_record_meter(model, record_of(model)));
    return meters;
}

/// What a gauge says of trials side by side.
struct SideBySide {
    std::vector<double> figures;  ///< [column * lanes + lane]
    std::vector<double> months;   ///< [(month * series + position) * lanes + lane]
};

SideBySide measure_side_by_side(const Meter& meter, Gauge& gauge, GatheredTrials& trials)
{
    const std::size_t lanes = trials.trials().size();
    const std::size_t month_values = meter.series().size() * lanes;
    SideBySide measured{std::vector<double>(meter.columns().size() * lanes, std::nan("")),
                        std::vector<double>(month_values * trials.months(), std::nan(""))};
    gauge.start(trials.trials());
    for (std::size_t month = 0; month < trials.months(); ++month) {
        gauge.add(trials.month(month),
                  std::span(measured.months).subspan(month * month_values, month_values));
    }
    gauge.finish(measured.figures);
    return measured;
}

void expect_what_each_gives_alone(const Meter& meter, const SideBySide& measured,
                                  const GatheredTrials& trials)
{
    const std::size_t lanes = trials.trials().size();
    const std::vector<Column> columns = meter.columns();
    const std::vector<Series> series = meter.series();
    std::vector<double> row(columns.size()), months(series.size() * trials.months());
    const auto gauge = meter.gauge();
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        measure(*gauge, trials.record(lane), row, months);
        for (std::size_t column = 0; column < columns.size(); ++column) {
            EXPECT_EQ(measured.figures[column * lanes + lane], row[column])
                << columns[column].metric << " of " << columns[column].commodity << ", "
                << columns[column].region << " in lane " << lane;
        }
        std::size_t different = 0;
        for (std::size_t at = 0; at < months.size(); ++at) {
            const std::size_t month = at % trials.months();
            const std::size_t place = month * series.size() + at / trials.months();
            different +=
                static_cast<std::size_t>(measured.months[place * lanes + lane] != months[at]);
        }
        EXPECT_EQ(different, 0U) << "in lane " << lane;
    }
}

class Gauges : public ::testing::TestWithParam<std::tuple<const char*, std::size_t>> {};

TEST(Gauge, IsHeldAgainstSubstitutesAndPlantsStocks)
{
    EXPECT_TRUE(model_of("substitutes").has_substitutes());
    EXPECT_FALSE(model_of("substitutes").stage_stocks.empty());
}

TEST_P(Gauges, GiveInEachLaneTheBitsThatItsTrialGivesAlone)
{
    const auto [scenario, lanes] = GetParam();
    const Model& model = model_of(scenario);
    GatheredTrials trials(model, seed, 0, lanes);
    for (const auto& meter : meters_of(model)) {
        const auto gauge = meter->gauge();
        expect_what_each_gives_alone(*meter, measure_side_by_side(*meter, *gauge, trials),
                                     trials);
    }
}

INSTANTIATE_TEST_SUITE_P(SideBySide, Gauges,
                         ::testing::Combine(::testing::Values("first_steps", "substitutes",
                                                              "rare_earths"),
                                            ::testing::Values(1, 3, 16, 64)));

TEST(Gauge, BeginsAnewWithOtherTrialsAndFewerLanes)
{
    const Model& model = model_of("rare_earths");
    GatheredTrials many(model, seed, 0, 16), few(model, seed, 100, 5);
    for (const auto& meter : meters_of(model)) {
        const auto gauge = meter->gauge();
        measure_side_by_side(*meter, *gauge, many);
        expect_what_each_gives_alone(*meter, measure_side_by_side(*meter, *gauge, few), few);
    }
}

TEST(Gauge, TakesMemoryOnlyWhenItFirstStarts)
{
    const Model& model = model_of("rare_earths");
    GatheredTrials many(model, seed, 0, 16), few(model, seed, 100, 5);
    for (const auto& meter : meters_of(model)) {
        const auto gauge = meter->gauge();
        gauge->start(many.trials());
        std::vector<double> series(meter->series().size() * 16);
        std::vector<double> figures(meter->columns().size() * 16);
        std::size_t taken = 0;
        for (GatheredTrials* trials : {&many, &few}) {
            const LaneMonth month = trials->month(0);
            const std::size_t before = allocation_count;
            gauge->start(trials->trials());
            gauge->add(month, series);
            gauge->finish(figures);
            taken += allocation_count - before;
        }
        EXPECT_EQ(taken, 0U);
    }
}

}  // namespace
}  // namespace chokepoint
