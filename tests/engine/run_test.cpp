#include "chokepoint/engine/run.hpp"

#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/metrics/measure.hpp"
#include "chokepoint/trial/trial.hpp"
#include "engine/small_scenario.hpp"
#include "market/market_run.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// Keeps what it hears.
class Listener : public Progress {
public:
    void advance(std::uint64_t done, std::uint64_t total) override
    {
        EXPECT_GT(done, last);
        EXPECT_LE(done, total);
        last = done;
    }
    std::uint64_t last = 0;
};

/// Measures nothing but the trial's number; does something first.
class NumberMeter : public Meter {
public:
    explicit NumberMeter(std::function<void(std::uint64_t)> first) : first_(std::move(first)) {}
    std::vector<Column> columns() const override
    {
        return {{"number", "all", "world", "", ""}};
    }
    std::unique_ptr<Gauge> gauge() const override { return std::make_unique<At>(*this); }

private:
    struct At : Gauge {
        explicit At(const NumberMeter& of) : meter(of) {}
        void start(std::span<const LaneTrial> lanes) override
        {
            trials.assign(lanes.begin(), lanes.end());
            for (const LaneTrial& lane : lanes) {
                meter.first_(lane.trial);
            }
        }
        void add(const LaneMonth&, std::span<double>) override {}
        void finish(std::span<double> figures) override
        {
            std::ranges::transform(trials, figures.begin(), [](const LaneTrial& lane) {
                return static_cast<double>(lane.trial);
            });
        }

        const NumberMeter& meter;
        std::vector<LaneTrial> trials;
    };

    std::function<void(std::uint64_t)> first_;
};

std::vector<std::unique_ptr<Meter>> number_meter(std::function<void(std::uint64_t)> first)
{
    std::vector<std::unique_ptr<Meter>> meters;
    meters.push_back(std::make_unique<NumberMeter>(std::move(first)));
    return meters;
}

RunResult run_small(const Model& model, std::uint64_t trials, unsigned threads)
{
    Listener listener;
    return run(model, all_meters(model), {.seed = 5, .trials = trials, .threads = threads},
               listener);
}

bool same(const Moments& one, const Moments& other)
{
    return one.count == other.count && one.mean == other.mean && one.m2 == other.m2;
}

void expect_same_bits(const RunResult& one, const RunResult& other)
{
    EXPECT_EQ(one.values, other.values);
    EXPECT_EQ(one.bands, other.bands);
    ASSERT_EQ(one.band_moments.size(), other.band_moments.size());
    for (std::size_t position = 0; position < one.band_moments.size(); ++position) {
        EXPECT_TRUE(same(one.band_moments[position], other.band_moments[position])) << position;
    }
    ASSERT_EQ(one.events.size(), other.events.size());
    for (std::size_t entry = 0; entry < one.events.size(); ++entry) {
        EXPECT_TRUE(same(one.events[entry].per_trial, other.events[entry].per_trial));
        EXPECT_TRUE(
            same(one.events[entry].duration_months, other.events[entry].duration_months));
        EXPECT_TRUE(same(one.events[entry].severity, other.events[entry].severity));
    }
    EXPECT_EQ(one.balance_factor_low, other.balance_factor_low);
    EXPECT_EQ(one.balance_factor_high, other.balance_factor_high);
}

TEST(Run, GivesTheSameBitsForAnyNumberOfThreads)
{
    const Model model = small_model();
    const RunResult one = run_small(model, 1000, 1);
    EXPECT_EQ(one.trials, 1000);
    EXPECT_TRUE(one.complete);
    expect_same_bits(one, run_small(model, 1000, 2));
    expect_same_bits(one, run_small(model, 1000, 7));
}

TEST(Run, GivesTheSameBitsForAnyNumberOfLanes)
{
    std::vector<Model> models;
    models.push_back(small_model());
    models.push_back(testing::model_of_file("scenarios/rare_earths.yaml"));
    models.back().months = 18;
    for (const Model& model : models) {
        Progress silent;
        RunSettings settings{.seed = 5, .trials = 150};
        const RunResult one = run(model, all_meters(model), settings, silent);
        for (const std::uint64_t lanes : {16U, 32U, 48U}) {
            settings.lanes = lanes;
            settings.threads = 2;
            const RunResult other = run(model, all_meters(model), settings, silent);
            expect_same_bits(one, other);
            EXPECT_EQ(one.twin_values, other.twin_values);
        }
    }
}

TEST(Run, EqualsTheScalarReferenceOnEveryMetric)
{
    Model model = testing::model_of_file("scenarios/rare_earths.yaml");
    model.months = 24;
    Progress silent;
    RunSettings settings{.seed = 5, .trials = 48};
    const RunResult one = run(model, all_meters(model), settings, silent);
    settings.clearance = Clearance::exact;
    const RunResult other = run(model, all_meters(model), settings, silent);
    for (std::size_t column = 0; column < one.columns.size(); ++column) {
        const std::vector<double>& left = one.values[column];
        const std::vector<double>& right = other.values[column];
        double scale = 1e-6;
        for (const double value : right) {
            scale = std::max(scale, std::isfinite(value) ? std::abs(value) : 0);
        }
        for (std::size_t trial = 0; trial < left.size(); ++trial) {
            if (left[trial] != right[trial]) {
                EXPECT_LE(std::abs(left[trial] - right[trial]), 1e-10 * scale)
                    << one.columns[column].metric << " of " << one.columns[column].commodity
                    << ", " << one.columns[column].region << ", trial " << trial;
            }
        }
    }
}

/// Keeps the trials that it takes, as a result does; may fail at one.
class KeepingSink : public TrialSink {
public:
    explicit KeepingSink(std::size_t columns) : values(columns) {}

    void take(const FinishedTrials& trials) override
    {
        EXPECT_EQ(trials.first, values.front().size());
        EXPECT_EQ(trials.values.size(), values.size() * trials.count);
        EXPECT_TRUE(trials.log_weights.empty());
        if (trials.first >= fails_from) {
            throw std::runtime_error("the sink is full");
        }
        for (std::size_t column = 0; column < values.size(); ++column) {
            const auto block = trials.values.subspan(column * trials.count, trials.count);
            values[column].insert(values[column].end(), block.begin(), block.end());
        }
    }

    std::vector<std::vector<double>> values;  ///< [column][trial]
    std::uint64_t fails_from = std::numeric_limits<std::uint64_t>::max();
};

TEST(Run, GivesItsSinksEveryTrialInOrder)
{
    const Model model = small_model();
    const auto meters = all_meters(model);
    const std::size_t columns = MeterPanel(model, meters).columns().size();
    KeepingSink one(columns), other(columns);
    Progress silent;
    const RunResult result =
        run(model, meters, {.seed = 5, .trials = 1000, .threads = 3, .sinks = {&one, &other}},
            silent);
    EXPECT_EQ(one.values, result.values);
    EXPECT_EQ(other.values, result.values);
}

TEST(Run, EndsWithWhatASinkThrows)
{
    const Model model = small_model();
    const auto meters = all_meters(model);
    KeepingSink sink(MeterPanel(model, meters).columns().size());
    sink.fails_from = 128;
    Progress silent;
    const auto start = [&] {
        run(model, meters, {.seed = 5, .trials = 100'000, .threads = 2, .sinks = {&sink}},
            silent);
    };
    EXPECT_THROW(start(), std::runtime_error);
    EXPECT_EQ(sink.values.front().size(), 128);
}

TEST(Run, RefusesLanesThatWouldMoveBits)
{
    const Model model = small_model();
    Progress silent;
    for (const std::uint64_t lanes : {0U, 8U, 17U, 80U}) {
        EXPECT_THROW(run(model, all_meters(model), {.trials = 10, .lanes = lanes}, silent),
                     std::invalid_argument);
    }
}

TEST(Run, CountsTrialsWhoseUndisturbedRunIsShort)
{
    // Demand doubles every year and supply stays: at the choke price, 50, demand of elasticity
    // 0.1 is down to two thirds, so that it is short after less than a year.
    ScenarioBuilder builder = testing::one_stage({{"x", 100, 100}}, 0.1);
    builder.scenario.commodities[0].choke_price_ratio = builder.number("choke", 50);
    builder.scenario.months = 24;
    const auto short_references = [&] {
        const Model model = builder.model();
        Progress silent;
        return run(model, all_meters(model), {.seed = 1, .trials = 70}, silent)
            .short_references;
    };
    EXPECT_EQ(short_references(), 0U);
    builder.scenario.demand[0].growth.per_year = builder.number("growth", 1);
    EXPECT_EQ(short_references(), 70U);
}

TEST(Run, BeginsLikeAShorterRun)
{
    const Model model = small_model();
    const RunResult longer = run_small(model, 2000, 2);
    const RunResult shorter = run_small(model, 1000, 2);
    for (std::size_t column = 0; column < shorter.values.size(); ++column) {
        EXPECT_TRUE(std::equal(shorter.values[column].begin(), shorter.values[column].end(),
                               longer.values[column].begin()));
    }
}

TEST(Run, GivesTheRowThatATrialGivesAlone)
{
    const Model model = small_model();
    const RunResult result = run_small(model, 4712, 2);
    const auto meters = all_meters(model);
    const MeterPanel panel(model, meters);
    std::vector<double> row(panel.columns().size()), months(panel.month_values());
    TrialRunner runner(model, 5);
    measure(*panel.gauge(), runner.run(4711), row, months);
    for (std::size_t column = 0; column < row.size(); ++column) {
        EXPECT_EQ(row[column], result.values[column][4711]) << panel.columns()[column].metric;
    }
}

TEST(Run, CollectsEveryMonthOfEveryTrialInTheBands)
{
    const Model model = small_model();
    const RunResult result = run_small(model, 200, 3);
    EXPECT_EQ(result.bands.size(), result.series.size() * 24);
    for (std::size_t position = 0; position < result.bands.size(); ++position) {
        EXPECT_EQ(result.bands[position].count(), 200);
        EXPECT_EQ(result.band_moments[position].count, 200);
    }
}

TEST(Run, TalliesEventsByTheirEntry)
{
    const Model model = small_model();
    const RunResult result = run_small(model, 4000, 2);
    ASSERT_EQ(result.events.size(), 3);
    const EventTally& fire = result.events[0];
    EXPECT_EQ(fire.name + fire.type + fire.cause, "fireoutagescripted");
    EXPECT_EQ(fire.per_trial.mean, 1);
    EXPECT_EQ(fire.per_trial.m2, 0);
    EXPECT_NEAR(fire.duration_months.mean, 2 + 15.0 / 31, 1e-12);
    EXPECT_EQ(fire.severity.mean, 0.5);

    const EventTally& cut = result.events[1];
    EXPECT_EQ(cut.name + cut.type + cut.cause, "cutexport_restrictionsampled");
    EXPECT_NEAR(cut.per_trial.mean, 2 * 0.5, 4 * cut.per_trial.standard_error());
    EXPECT_LT(4 * cut.per_trial.standard_error(), 0.1);
    EXPECT_NEAR(cut.severity.mean, 0.6, 4 * cut.severity.standard_error());
    EXPECT_EQ(result.events[2].name, "breakdown");
}

TEST(Run, StopsWithWhatIsFinishedFromTheFirstTrialOn)
{
    const Model model = small_model();
    std::stop_source source;
    const auto meters = number_meter([&](std::uint64_t trial) {
        if (trial == 3000) {
            source.request_stop();
        }
    });
    Listener listener;
    const RunResult result = run(model, meters, {.seed = 5, .trials = 100'000, .threads = 3},
                                 listener, source.get_token());
    EXPECT_FALSE(result.complete);
    // Block 46 is finished; when it began, blocks up to 35 were handed on at least, so that
    // none behind 58 can have begun before the stop.
    EXPECT_GE(result.trials, 47 * 64);
    EXPECT_LE(result.trials, 59 * 64);
    EXPECT_EQ(result.trials % trials_per_block, 0);
    EXPECT_EQ(listener.last, result.trials);
    ASSERT_EQ(result.values[0].size(), result.trials);
    for (std::size_t trial = 0; trial < result.trials; ++trial) {
        EXPECT_EQ(result.values[0][trial], static_cast<double>(trial));
    }
}

TEST(Run, FinishesTheBlockUnderWayWhenStopped)
{
    const Model model = small_model();
    std::stop_source source;
    std::uint64_t last = 0;
    const auto meters = number_meter([&](std::uint64_t trial) {
        last = trial < twin_of(0) ? trial : last;
        if (trial == 70) {
            source.request_stop();
        }
    });
    Progress silent;
    const RunResult result = run(model, meters, {.seed = 5, .trials = 1000, .threads = 1},
                                 silent, source.get_token());
    EXPECT_EQ(last, 127);
    EXPECT_EQ(result.trials, 128);
}

TEST(Run, GivesTheBitsOfAShorterRunWhenStopped)
{
    // The block of trial 100 waits for all that may run ahead of it before it stops the run.
    const Model model = small_model();
    std::stop_source source;
    std::atomic<int> ahead = 0;
    auto meters = all_meters(model);
    meters.push_back(std::move(number_meter([&](std::uint64_t trial) {
                                   ahead += static_cast<int>(trial >= 128);
                                   if (trial == 100) {
                                       for (int wait = 0; wait < 1000 && ahead < 64; ++wait) {
                                           std::this_thread::sleep_for(
                                               std::chrono::milliseconds(5));
                                       }
                                       source.request_stop();
                                   }
                               }).front()));
    Progress silent;
    const RunResult result = run(model, meters, {.seed = 5, .trials = 10'000, .threads = 2},
                                 silent, source.get_token());
    ASSERT_GE(ahead, 64);
    EXPECT_FALSE(result.complete);
    ASSERT_GE(result.trials, 3 * 64);
    ASSERT_LT(result.trials, 10'000);
    RunResult shorter = run_small(model, result.trials, 1);
    shorter.values.push_back(result.values.back());
    expect_same_bits(result, shorter);
}

TEST(Run, HasEmptyBandsWithoutTrials)
{
    const RunResult result = run_small(small_model(), 0, 2);
    ASSERT_FALSE(result.bands.empty());
    EXPECT_EQ(result.bands[0].count(), 0);
    EXPECT_EQ(result.band_moments.size(), result.bands.size());
}

TEST(Run, ThrowsWhatTheLowestFailingTrialThrew)
{
    const Model model = small_model();
    const auto meters = number_meter([](std::uint64_t trial) {
        if (trial >= 137 && trial < twin_of(0)) {
            throw std::runtime_error("trial " + std::to_string(trial));
        }
    });
    for (const unsigned threads : {1U, 2U, 7U}) {
        Progress silent;
        try {
            run(model, meters, {.seed = 5, .trials = 10'000, .threads = threads}, silent);
            ADD_FAILURE() << "nothing thrown";
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "trial 137");
        }
    }
}

/// Measures what is no number, or a negative month.
class BrokenMeter : public Meter {
public:
    BrokenMeter(double figure, double month) : figure_(figure), month_(month) {}
    std::vector<Column> columns() const override
    {
        return {{"figure", "all", "world", "", ""}};
    }
    std::vector<Series> series() const override { return {{"path", "all", "world", "", ""}}; }
    std::unique_ptr<Gauge> gauge() const override { return std::make_unique<At>(*this); }

private:
    struct At : Gauge {
        explicit At(const BrokenMeter& of) : meter(of) {}
        void start(std::span<const LaneTrial>) override {}
        void add(const LaneMonth& month, std::span<double> series) override
        {
            std::ranges::fill(series, month.month == 3 ? meter.month_ : 0);
        }
        void finish(std::span<double> figures) override
        {
            std::ranges::fill(figures, meter.figure_);
        }

        const BrokenMeter& meter;
    };

    double figure_, month_;
};

std::string fault_in_figures(double figure, double month)
{
    std::vector<std::unique_ptr<Meter>> meters;
    meters.push_back(std::make_unique<BrokenMeter>(figure, month));
    Progress silent;
    try {
        run(small_model(), meters, {.seed = 5, .trials = 1, .threads = 1}, silent);
    } catch (const std::logic_error& error) {
        return error.what();
    }
    return "(no complaint)";
}

TEST(Run, SaysWhichFigureIsBroken)
{
    EXPECT_EQ(fault_in_figures(std::nan(""), 0), "trial 0: figure of all, world is not a number");
    EXPECT_EQ(fault_in_figures(0, -1),
              "trial 0: path of all, world in month 3 is -1 (must be at least 0)");
    EXPECT_EQ(fault_in_figures(0, 0), "(no complaint)");
}

TEST(Run, DoesABlockThatIsNotFull)
{
    const Model model = small_model();
    const RunResult result = run_small(model, 65, 2);
    EXPECT_EQ(result.trials, 65);
    EXPECT_TRUE(result.complete);
}

}  // namespace
}  // namespace chokepoint
