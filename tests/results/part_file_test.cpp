#include "chokepoint/results/part_file.hpp"

#include "chokepoint/results/part_store.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/support/diagnostic.hpp"
#include "engine/small_scenario.hpp"
#include "results/temporary_folder.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const PartKey key{.scenario_sha256 = "abc", .settings_sha256 = "def"};
constexpr std::uint64_t plenty = 1'000'000'000;

/// A model, its meters and where its parts go.
class PartFile : public ::testing::Test {
protected:
    RunSettings settings(BlockStore* store, std::uint64_t trials = 300)
    {
        RunSettings settings{.seed = 7, .trials = trials, .threads = 2};
        settings.records_episodes = true;
        settings.store = store;
        return settings;
    }
    PartStore store(const PartKey& of = key, std::uint64_t room = plenty)
    {
        return {folder.path(), of, without_trials(model, meters), room};
    }
    /// Keeps trials first … end - 1.
    void keep(std::uint64_t first, std::uint64_t end)
    {
        PartStore parts = store();
        Progress silent;
        ASSERT_TRUE(run_blocks(model, meters, settings(&parts), {first, end}, silent));
    }
    std::string complaint(const std::filesystem::path& file, const PartKey& expected = key)
    {
        try {
            read_part_file(file, expected, without_trials(model, meters));
        } catch (const PartError& error) {
            return error.what();
        }
        return "(no complaint)";
    }

    const Model model = small_model();
    const std::vector<std::unique_ptr<Meter>> meters = all_meters(model);
    const TemporaryFolder folder;
};

void expect_same(const RunResult& one, const RunResult& other)
{
    EXPECT_EQ(one.values, other.values);
    EXPECT_EQ(one.twin_values, other.twin_values);
    EXPECT_EQ(one.bands, other.bands);
    ASSERT_EQ(one.band_moments.size(), other.band_moments.size());
    for (std::size_t place = 0; place < one.band_moments.size(); ++place) {
        EXPECT_EQ(one.band_moments[place].mean, other.band_moments[place].mean);
        EXPECT_EQ(one.band_moments[place].m2, other.band_moments[place].m2);
    }
    for (std::size_t entry = 0; entry < one.events.size(); ++entry) {
        EXPECT_EQ(one.events[entry].per_trial.m2, other.events[entry].per_trial.m2);
        EXPECT_EQ(one.events[entry].severity.mean, other.events[entry].severity.mean);
    }
    EXPECT_EQ(one.balance_factor_low, other.balance_factor_low);
    EXPECT_EQ(one.balance_factor_high, other.balance_factor_high);
    EXPECT_EQ(one.unsettled_months, other.unsettled_months);
}

TEST_F(PartFile, GivesARunTheSameBitsAsIfItHadRunAll)
{
    Progress silent;
    const RunResult whole = run(model, meters, settings(nullptr), silent);
    keep(0, 64);
    keep(128, 256);  // with gaps before and after it
    PartStore parts = store();
    parts.find_parts();
    EXPECT_EQ(parts.trials(), 192);
    expect_same(run(model, meters, settings(&parts), silent), whole);
    EXPECT_THAT(parts.damaged(), IsEmpty());

    keep(0, 300);
    PartStore all = store();
    all.find_parts();
    expect_same(run(model, meters, settings(&all), silent), whole);
}

TEST_F(PartFile, HoldsEpisodes)
{
    keep(0, 300);
    const FinishedStretch read =
        read_part_file(folder / part_file_name({0, 300}), key, without_trials(model, meters));
    class Listener : public TrialSink {
    public:
        void take(const FinishedTrials& trials) override
        {
            episodes.insert(episodes.end(), trials.episodes.begin(), trials.episodes.end());
        }
        std::vector<Episode> episodes;
    } listener;
    RunSettings plain = settings(nullptr);
    plain.sinks = {&listener};
    Progress silent;
    run(model, meters, plain, silent);
    std::vector<Episode> kept;
    for (const TrialBlock& block : read.blocks) {
        kept.insert(kept.end(), block.episodes.begin(), block.episodes.end());
    }
    ASSERT_THAT(kept, SizeIs(listener.episodes.size()));
    ASSERT_FALSE(kept.empty());
    for (std::size_t place = 0; place < kept.size(); ++place) {
        EXPECT_EQ(kept[place].trial, listener.episodes[place].trial);
        EXPECT_EQ(kept[place].first_month, listener.episodes[place].first_month);
        EXPECT_EQ(kept[place].months, listener.episodes[place].months);
        EXPECT_EQ(kept[place].shortfall, listener.episodes[place].shortfall);
    }
}

TEST_F(PartFile, KeepsWhatAStoppedRunFinished)
{
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
    PartStore parts = store();
    const RunResult stopped =
        run(model, meters, settings(&parts, 1'000'000), stopping, stopping.source.get_token());
    EXPECT_FALSE(stopped.complete);
    EXPECT_EQ(parts.trials(), stopped.trials);
    EXPECT_GT(stopped.trials, 0);
}

TEST_F(PartFile, IsRefusedForAnyDamagedByte)
{
    keep(0, 64);
    const std::filesystem::path file = folder / part_file_name({0, 64});
    const std::string content = content_of(file);
    for (std::size_t place = 0; place < content.size(); place += 997) {
        std::string damaged = content;
        damaged[place] = static_cast<char>(damaged[place] ^ 1);
        put_file(file, damaged);
        EXPECT_THAT(complaint(file), HasSubstr(".bin: ")) << place;
    }
    put_file(file, content.substr(0, content.size() - 1));
    EXPECT_THAT(complaint(file), HasSubstr("checksum"));
    put_file(file, "CHK");
    EXPECT_THAT(complaint(file), HasSubstr("no part file"));
    put_file(folder / part_file_name({64, 128}), content);
    EXPECT_THAT(complaint(folder / part_file_name({64, 128})), HasSubstr("than its name says"));
}

TEST_F(PartFile, IsRefusedIfItBelongsToAnotherRun)
{
    keep(0, 64);
    const std::filesystem::path file = folder / part_file_name({0, 64});
    EXPECT_THAT(complaint(file, {"abd", "def"}), HasSubstr("another scenario"));
    EXPECT_THAT(complaint(file, {"abc", "deg"}), HasSubstr("other policies or options"));
    PartStore other = store({"abd", "def"});
    other.find_parts();
    EXPECT_THROW(other.take(0), ForeignPartError);
    EXPECT_THROW(read_part_file(folder / "nothing.bin", key, {}), FileError);
}

TEST_F(PartFile, IsRunAgainByAStoreThatFindsItDamaged)
{
    keep(0, 128);
    std::string content = content_of(folder / part_file_name({0, 128}));
    content[content.size() / 2] ^= 1;
    put_file(folder / part_file_name({0, 128}), content);
    PartStore parts = store();
    parts.find_parts();
    Progress silent;
    expect_same(run(model, meters, settings(&parts), silent),
                run(model, meters, settings(nullptr), silent));
    EXPECT_THAT(parts.damaged(), SizeIs(1));
}

TEST_F(PartFile, IsNotWrittenWhereThereIsNoRoom)
{
    PartStore parts = store(key, 1000);
    Progress silent;
    run_blocks(model, meters, settings(&parts), {0, 64}, silent);
    EXPECT_FALSE(parts.is_keeping());
    EXPECT_THAT(names_in(folder.path()), IsEmpty());
}

TEST(PartFileName, SaysWhichTrialsItHolds)
{
    const std::string name = part_file_name({12'800, 2'000'000});
    EXPECT_EQ(name, "trials-000000012800-000002000000.bin");
    const auto range = range_of_part(name);
    ASSERT_TRUE(range);
    EXPECT_EQ(range->first, 12'800);
    EXPECT_EQ(range->end, 2'000'000);
    for (const char* other :
         {"trials-1-2.bin", "trials-000000000002-000000000001.bin", "trials-.bin", "trials.nc",
          ".trials-000000000000-000000000064.bin"}) {
        EXPECT_FALSE(range_of_part(other)) << other;
    }
}

TEST(ShardRange, SplitsTrialsIntoWholeBlocks)
{
    for (const std::uint64_t trials : {1U, 64U, 65U, 1000U, 6400U}) {
        for (const std::uint64_t shards : {1U, 2U, 3U, 7U, 40U}) {
            std::uint64_t reached = 0;
            for (std::uint64_t shard = 1; shard <= shards; ++shard) {
                const TrialRange range = shard_range(trials, shard, shards);
                EXPECT_EQ(range.first, reached);
                EXPECT_GE(range.end, range.first);
                EXPECT_TRUE(range.end % trials_per_block == 0 || range.end == trials);
                reached = range.end;
            }
            EXPECT_EQ(reached, trials);
        }
    }
}

}  // namespace
}  // namespace chokepoint
