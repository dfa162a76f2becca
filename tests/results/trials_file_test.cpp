#include "chokepoint/results/trials_file.hpp"

#include "chokepoint/engine/meter_panel.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/results/write_file.hpp"
#include "engine/small_scenario.hpp"
#include "results/full_disk.hpp"
#include "results/temporary_folder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netcdf.h>

namespace chokepoint {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

void check(int code)
{
    if (code != NC_NOERR) {
        throw std::runtime_error(nc_strerror(code));
    }
}

/// A file read with the library alone.
class Reader {
public:
    explicit Reader(const std::filesystem::path& file)
    {
        check(nc_open(file.c_str(), NC_NOWRITE, &id_));
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() { nc_close(id_); }

    std::size_t length(const char* dimension) const
    {
        int number = 0;
        std::size_t length = 0;
        check(nc_inq_dimid(id_, dimension, &number));
        check(nc_inq_dimlen(id_, number, &length));
        return length;
    }

    int variable(const std::string& name) const
    {
        int number = 0;
        check(nc_inq_varid(id_, name.c_str(), &number));
        return number;
    }

    std::vector<std::string> variables() const
    {
        int count = 0;
        check(nc_inq_nvars(id_, &count));
        std::vector<std::string> names;
        for (int number = 0; number < count; ++number) {
            std::string name(NC_MAX_NAME + 1, '\0');
            check(nc_inq_varname(id_, number, name.data()));
            names.emplace_back(name.c_str());
        }
        return names;
    }

    std::vector<std::string> texts(const char* name) const
    {
        std::vector<char*> pointers(length(name));
        check(nc_get_var_string(id_, variable(name), pointers.data()));
        std::vector<std::string> texts(pointers.begin(), pointers.end());
        nc_free_string(pointers.size(), pointers.data());
        return texts;
    }

    std::vector<long long> numbers(const char* name) const
    {
        std::vector<long long> numbers(length(name));
        check(nc_get_var_longlong(id_, variable(name), numbers.data()));
        return numbers;
    }

    std::vector<double> values(const char* name) const
    {
        std::vector<double> values(length("trial"));
        check(nc_get_var_double(id_, variable(name), values.data()));
        return values;
    }

    /// Of all trials.
    std::vector<double> values(const std::string& metric, const std::string& commodity,
                               const std::string& region) const
    {
        const std::array<std::size_t, 3> start = {0, position("commodity", commodity),
                                                  position("region", region)};
        const std::array<std::size_t, 3> count = {length("trial"), 1, 1};
        std::vector<double> values(count[0]);
        check(nc_get_vara_double(id_, variable(metric), start.data(), count.data(),
                                 values.data()));
        return values;
    }

    std::string text(int of, const char* attribute) const
    {
        std::size_t length = 0;
        check(nc_inq_attlen(id_, of, attribute, &length));
        std::string text(length, '\0');
        check(nc_get_att_text(id_, of, attribute, text.data()));
        return text;
    }

    bool has(int of, const char* attribute) const
    {
        return nc_inq_attid(id_, of, attribute, nullptr) == NC_NOERR;
    }

    int id() const { return id_; }

private:
    std::size_t position(const char* axis, const std::string& name) const
    {
        const std::vector<std::string> names = texts(axis);
        const auto found = std::ranges::find(names, name);
        return static_cast<std::size_t>(found - names.begin());
    }

    int id_ = 0;
};

std::vector<Column> columns_of(const Model& model)
{
    return MeterPanel(model, all_meters(model)).columns();
}

TrialsOrigin origin_of(std::uint64_t trials)
{
    return {.trials = trials, .seed = 11, .scenario_sha256 = "abc"};
}

/// The value that `feed` gives: another one for each column and trial, some of them awkward.
double value_of(std::size_t column, std::uint64_t trial)
{
    if (trial % 97 == 5) {
        return std::numeric_limits<double>::infinity();
    }
    return trial % 89 == 7 ? -0.0
                           : static_cast<double>(trial) / 3 + static_cast<double>(column) * 1e6;
}

/// Hands made-up trials on in blocks, as a run does.
void feed(TrialSink& sink, std::size_t columns, std::uint64_t first, std::uint64_t end,
          bool weighted = false)
{
    for (std::uint64_t block = first; block < end; block += trials_per_block) {
        const std::uint64_t count = std::min(trials_per_block, end - block);
        std::vector<double> values, log_weights;
        for (std::size_t column = 0; column < columns; ++column) {
            for (std::uint64_t trial = 0; trial < count; ++trial) {
                values.push_back(value_of(column, block + trial));
            }
        }
        for (std::uint64_t trial = 0; weighted && trial < count; ++trial) {
            log_weights.push_back(-static_cast<double>(block + trial));
        }
        sink.take({.first = block,
                   .count = count,
                   .values = values,
                   .log_weights = log_weights,
                   .episodes = {}});
    }
}

/// Writes a file of made-up trials where `ResultFolder::adopt` would put it.
void write_trials(const std::filesystem::path& file, const Model& model, std::uint64_t trials)
{
    TrialsFile written(file, model, columns_of(model), origin_of(trials));
    feed(written, columns_of(model).size(), 0, trials);
    written.finish();
    reveal_file(file);
}

std::vector<std::uint64_t> bits(const std::vector<double>& values)
{
    std::vector<std::uint64_t> bits;
    for (const double value : values) {
        bits.push_back(std::bit_cast<std::uint64_t>(value));
    }
    return bits;
}

TEST(TrialsFile, HoldsEveryBitOfARun)
{
    const TemporaryFolder folder;
    const Model model = small_model();
    const auto meters = all_meters(model);
    TrialsFile file(folder / "trials.nc", model, columns_of(model), origin_of(500));
    Progress silent;
    const RunResult result =
        run(model, meters, {.seed = 11, .trials = 500, .threads = 2, .sinks = {&file}}, silent);
    file.finish();
    reveal_file(folder / "trials.nc");

    const Reader reader(folder / "trials.nc");
    std::size_t compared = 0;
    for (std::size_t column = 0; column < result.columns.size(); ++column) {
        const Column& of = result.columns[column];
        if (of.is_metric()) {
            EXPECT_EQ(bits(reader.values(of.metric, of.commodity, of.region)),
                      bits(result.values[column]))
                << of.metric << " of " << of.commodity << ", " << of.region;
            ++compared;
        }
    }
    EXPECT_GT(compared, 30);
    EXPECT_THAT(reader.texts("commodity"), ElementsAre("cobalt", "all"));
    EXPECT_THAT(reader.texts("region"), ElementsAre("south", "north", "world"));
}

TEST(TrialsFile, CutsBlocksWhereAChunkIsFull)
{
    const TemporaryFolder folder;
    const Model model = small_model();
    constexpr std::uint64_t trials = 20'001;  // three chunks of 6667
    write_trials(folder / "trials.nc", model, trials);

    const Reader reader(folder / "trials.nc");
    const std::vector<Column> columns = columns_of(model);
    std::array<std::size_t, 3> chunk{};
    check(
        nc_inq_var_chunking(reader.id(), reader.variable("price_peak"), nullptr, chunk.data()));
    EXPECT_THAT(chunk, ElementsAre(6667, 1, 1));
    std::vector<long long> numbers;
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        numbers.push_back(static_cast<long long>(trial));
    }
    EXPECT_EQ(reader.numbers("trial"), numbers);
    for (std::size_t column = 0; column < columns.size(); ++column) {
        std::vector<double> expected;
        for (std::uint64_t trial = 0; trial < trials; ++trial) {
            expected.push_back(value_of(column, trial));
        }
        const Column& of = columns[column];
        if (of.is_metric()) {
            ASSERT_EQ(bits(reader.values(of.metric, of.commodity, of.region)), bits(expected))
                << of.metric << " of " << of.commodity << ", " << of.region;
        }
    }
}

TEST(TrialsFile, LeavesOutArcsAndWritesNothingWhereNoColumnIs)
{
    const TemporaryFolder folder;
    const Model model = small_model();
    constexpr std::uint64_t trials = 8000;
    std::vector<Column> columns = {{"metric", "cobalt", "north", "t", "what it measures"}};
    columns.push_back({.metric = "arc_rent",
                       .commodity = "cobalt",
                       .region = "somewhere",
                       .unit = "usd",
                       .sentence = "",
                       .arc = 0});
    TrialsFile file(folder / "trials.nc", model, columns, origin_of(trials));
    feed(file, columns.size(), 0, trials);
    file.finish();
    reveal_file(folder / "trials.nc");

    const Reader reader(folder / "trials.nc");
    EXPECT_THAT(reader.variables(), ElementsAre("trial", "commodity", "region", "metric"));
    for (const double value : reader.values("metric", "all", "north")) {
        ASSERT_TRUE(std::isnan(value));
    }
    // Numbers and one of six places: 16 bytes a trial.
    EXPECT_LT(std::filesystem::file_size(folder / "trials.nc"), 16 * trials + 20'000);
}

TEST(TrialsFile, DescribesItself)
{
    const TemporaryFolder folder;
    const Model model = small_model();
    write_trials(folder / "trials.nc", model, 10);

    const Reader reader(folder / "trials.nc");
    EXPECT_EQ(reader.text(NC_GLOBAL, "title"), "Trials of small");
    EXPECT_EQ(reader.text(NC_GLOBAL, "scenario"), "small");
    EXPECT_EQ(reader.text(NC_GLOBAL, "scenario_sha256"), "abc");
    EXPECT_EQ(reader.text(NC_GLOBAL, "sampling"), "plain");
    EXPECT_THAT(reader.text(NC_GLOBAL, "source"), ::testing::StartsWith("chokepoint 0."));
    EXPECT_TRUE(reader.has(NC_GLOBAL, "Conventions"));
    unsigned long long seed = 0;
    check(nc_get_att_ulonglong(reader.id(), NC_GLOBAL, "seed", &seed));
    EXPECT_EQ(seed, 11);

    const int recovery = reader.variable("recovery_months");
    EXPECT_EQ(reader.text(recovery, "units"), "months");
    EXPECT_THAT(reader.text(recovery, "long_name"), HasSubstr("three below it"));
    EXPECT_EQ(reader.text(recovery, "infinity"), "not within the horizon of 24 months");
    EXPECT_FALSE(reader.has(reader.variable("shortfall_share"), "infinity"));
    EXPECT_EQ(reader.text(reader.variable("shortfall_total"), "units"), "t (all: usd)");
}

TEST(TrialsFile, HoldsWeightsIfTrialsHaveSome)
{
    const TemporaryFolder folder;
    const Model model = small_model();
    const std::vector<Column> columns = columns_of(model);
    TrialsFile file(folder / "trials.nc", model, columns, origin_of(8300));
    feed(file, columns.size(), 0, 8300, true);
    file.finish();
    reveal_file(folder / "trials.nc");
    const Reader reader(folder / "trials.nc");
    const std::vector<double> log_weights = reader.values("log_weight");
    EXPECT_EQ(log_weights[1], -1);
    EXPECT_EQ(log_weights[8299], -8299);

    write_trials(folder / "plain.nc", model, 10);
    EXPECT_THAT(Reader(folder / "plain.nc").variables(), Not(Contains("log_weight")));
}

TEST(TrialsFile, MayEndBeforeTheLastTrialAndBeginAfterTheFirst)
{
    const TemporaryFolder folder;
    const Model model = small_model();
    const std::vector<Column> columns = columns_of(model);
    TrialsFile file(folder / "trials.nc", model, columns, origin_of(100'000));
    feed(file, columns.size(), 640, 740);
    file.finish();
    reveal_file(folder / "trials.nc");
    const std::vector<long long> numbers = Reader(folder / "trials.nc").numbers("trial");
    EXPECT_EQ(numbers.size(), 100);
    EXPECT_EQ(numbers.front(), 640);
    EXPECT_EQ(numbers.back(), 739);
}

TEST(TrialsFile, HoldsNoTime)
{
    const TemporaryFolder folder;
    const Model model = small_model();
    write_trials(folder / "one.nc", model, 100);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    write_trials(folder / "two.nc", model, 100);
    EXPECT_TRUE(content_of(folder / "one.nc") == content_of(folder / "two.nc"));
}

TEST(TrialsFile, IsRemovedUnlessSomeoneTakesIt)
{
    const TemporaryFolder folder;
    const Model model = small_model();
    {
        TrialsFile file(folder / "trials.nc", model, columns_of(model), origin_of(100));
        feed(file, columns_of(model).size(), 0, 100);
        EXPECT_THAT(names_in(folder.path()), ElementsAre(".trials.nc.part"));
    }
    EXPECT_THAT(names_in(folder.path()), IsEmpty());
}

TEST(TrialsFile, SaysWhenTheDiskIsFull)
{
    const TemporaryFolder folder;
    const Model model = small_model();
    for (const rlim_t bytes : {1U, 10'000U, 60'000U, 400'000U}) {
        const FullDisk full(bytes);
        try {
            write_trials(folder / "trials.nc", model, 8000);
            ADD_FAILURE() << "written to a full disk";
        } catch (const WriteError& error) {
            EXPECT_THAT(error.what(), AllOf(HasSubstr("trials.nc: cannot be written"),
                                            HasSubstr("File too large")));
        }
        EXPECT_THAT(names_in(folder.path()), IsEmpty());
    }
    write_trials(folder / "trials.nc", model, 100);  // the library still works
    EXPECT_EQ(Reader(folder / "trials.nc").length("trial"), 100);
}

TEST(TrialsFile, SaysWhyItCannotBeCreated)
{
    const Model model = small_model();
    EXPECT_THAT(
        [&] { TrialsFile("/nowhere/trials.nc", model, columns_of(model), origin_of(1)); },
        ::testing::ThrowsMessage<WriteError>(
            HasSubstr("/nowhere/trials.nc: cannot be written (No such file or directory;")));
}

TEST(TrialsFile, RefusesColumnsThatWouldLieOnOneAnother)
{
    const TemporaryFolder folder;
    const Model model = small_model();
    const Column column{"metric", "cobalt", "north", "t", ""};
    EXPECT_THROW(TrialsFile(folder / "trials.nc", model, {column, column}, origin_of(1)),
                 std::logic_error);
    const Column lost{"metric", "cobalt", "nowhere", "t", ""};
    EXPECT_THROW(TrialsFile(folder / "trials.nc", model, {lost}, origin_of(1)),
                 std::logic_error);
}

}  // namespace
}  // namespace chokepoint
