#include "chokepoint/results/part_file.hpp"

#include "chokepoint/results/write_file.hpp"
#include "chokepoint/support/diagnostic.hpp"
#include "engine/small_scenario.hpp"
#include "results/temporary_folder.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using testing::HasSubstr;

const PartKey key{.scenario_sha256 = "abc", .seed = 7};

/// Two columns, one series of two months, one event entry; no trials yet.
RunResult empty_result()
{
    RunResult result;
    result.columns = {{"shortfall_share", "all", "world", "share", ""},
                      {"recovery_months", "all", "world", "months", ""}};
    result.series = {{"price", "all", "world", "ratio", ""}};
    result.values.resize(2);
    result.bands.resize(2);
    result.band_moments.resize(2);
    result.events.push_back({"cut", "export_restriction", "sampled", {}, {}, {}});
    return result;
}

RunResult three_trials()
{
    RunResult result = empty_result();
    result.trials = 3;
    result.values = {{0.1, 0, 1.0 / 3}, {0, std::numeric_limits<double>::infinity(), 5}};
    for (const double value : {0.0, 0.7, 1.9}) {
        result.bands[1].add(value);
        result.band_moments[1].add(value);
        result.events[0].per_trial.add(value);
    }
    result.balance_factor_low = 0.97;
    result.balance_factor_high = 1.02;
    return result;
}

bool same(const Moments& one, const Moments& other)
{
    return one.count == other.count && one.mean == other.mean && one.m2 == other.m2;
}

std::string complaint(const std::filesystem::path& file, const PartKey& expected = key,
                      const RunResult& like = empty_result())
{
    try {
        read_part_file(file, expected, like);
    } catch (const PartError& error) {
        return error.what();
    }
    return "(no complaint)";
}

TEST(PartFile, ReadsBackEveryBit)
{
    const TemporaryFolder folder;
    const RunResult written = three_trials();
    write_file(folder / "part.bin", part_file_content(written, key));
    const RunResult read = read_part_file(folder / "part.bin", key, empty_result());

    EXPECT_EQ(read.trials, 3);
    EXPECT_FALSE(read.complete);
    EXPECT_EQ(read.values, written.values);
    EXPECT_EQ(read.bands, written.bands);
    for (std::size_t month = 0; month < 2; ++month) {
        EXPECT_TRUE(same(read.band_moments[month], written.band_moments[month]));
    }
    EXPECT_TRUE(same(read.events[0].per_trial, written.events[0].per_trial));
    EXPECT_EQ(read.balance_factor_low, 0.97);
    EXPECT_EQ(read.balance_factor_high, 1.02);
}

TEST(PartFile, HoldsTheTrialsThatAStoppedRunFinished)
{
    const Model model = small_model();
    const auto meters = all_meters(model);
    const auto run_with = [&](std::uint64_t trials, Progress& progress, std::stop_token stop) {
        return run(model, meters, {.seed = 7, .trials = trials, .threads = 2}, progress, stop);
    };
    class StopAfterTwoBlocks : public Progress {
    public:
        void advance(std::uint64_t done, std::uint64_t) override
        {
            if (done >= 2 * trials_per_block) {
                source.request_stop();
            }
        }
        std::stop_source source;
    } stopping;
    const RunResult stopped = run_with(100'000, stopping, stopping.source.get_token());
    Progress silent;
    const RunResult whole = run_with(stopped.trials, silent, {});
    const RunResult nothing = run_with(0, silent, {});

    const TemporaryFolder folder;
    write_file(folder / "part.bin", part_file_content(stopped, key));
    const RunResult read = read_part_file(folder / "part.bin", key, nothing);
    EXPECT_LT(read.trials, 100'000);
    EXPECT_EQ(read.values, whole.values);
    EXPECT_EQ(read.bands, whole.bands);
    EXPECT_TRUE(same(read.events[0].per_trial, whole.events[0].per_trial));
    EXPECT_TRUE(same(read.band_moments[3], whole.band_moments[3]));
}

TEST(PartFile, HoldsSketchesWhereTheyStandInForValues)
{
    const Model model = small_model();
    const auto meters = all_meters(model);
    const auto run_with = [&](std::uint64_t trials) {
        Progress silent;
        return run(model, meters,
                   {.seed = 7, .trials = trials, .threads = 2, .memory = 4'000'000}, silent);
    };
    const RunResult written = run_with(7000);
    ASSERT_GT(written.stride, 1);
    const TemporaryFolder folder;
    write_file(folder / "part.bin", part_file_content(written, key));
    const RunResult read = read_part_file(folder / "part.bin", key, run_with(0));
    EXPECT_EQ(read.stride, written.stride);
    EXPECT_EQ(read.values, written.values);
    EXPECT_EQ(read.twin_values, written.twin_values);
    ASSERT_EQ(read.sketches.size(), written.sketches.size());
    for (std::size_t column = 0; column < read.sketches.size(); ++column) {
        const ColumnSketch& one = read.sketches[column];
        const ColumnSketch& other = written.sketches[column];
        EXPECT_EQ(one.count(), other.count());
        EXPECT_EQ(one.infinite(), other.infinite());
        EXPECT_EQ(one.largest(), other.largest());
        EXPECT_EQ(one.moments().mean(), other.moments().mean());
        EXPECT_EQ(one.moments().sum(6), other.moments().sum(6));
        EXPECT_EQ(one.state().above, other.state().above);
        EXPECT_EQ(one.state().positive, other.state().positive);
        EXPECT_EQ(one.state().negative, other.state().negative);
    }
}

TEST(PartFile, RefusesAnyDamagedByte)
{
    const TemporaryFolder folder;
    const std::string content = part_file_content(three_trials(), key);
    for (std::size_t place = 0; place < content.size(); place += 37) {
        std::string damaged = content;
        damaged[place] = static_cast<char>(damaged[place] ^ 1);
        put_file(folder / "part.bin", damaged);
        EXPECT_THAT(complaint(folder / "part.bin"), HasSubstr("part.bin: ")) << place;
    }
    put_file(folder / "part.bin", content.substr(0, content.size() - 1));
    EXPECT_THAT(complaint(folder / "part.bin"), HasSubstr("checksum"));
    put_file(folder / "part.bin", "CHK");
    EXPECT_THAT(complaint(folder / "part.bin"), HasSubstr("no part file"));
}

TEST(PartFile, RefusesThePartOfAnotherRun)
{
    const TemporaryFolder folder;
    write_file(folder / "part.bin", part_file_content(three_trials(), key));
    EXPECT_THAT(complaint(folder / "part.bin", {"abc", 8}),
                HasSubstr("another scenario or seed"));
    EXPECT_THAT(complaint(folder / "part.bin", {"abd", 7}),
                HasSubstr("another scenario or seed"));
    RunResult other = empty_result();
    other.columns[0].region = "china";
    EXPECT_THAT(complaint(folder / "part.bin", key, other), HasSubstr("other metrics"));
}

TEST(PartFile, IsMissedAsAFileErrorWhenItIsNotThere)
{
    EXPECT_THROW(read_part_file("/nowhere/part.bin", key, empty_result()), FileError);
}

TEST(PartFileName, SaysWhichTrialsItHolds)
{
    EXPECT_EQ(part_file_name(12'800), "trials-000000-012799.bin");
    EXPECT_EQ(part_file_name(2'000'000), "trials-000000-1999999.bin");
}

}  // namespace
}  // namespace chokepoint
