#include "chokepoint/results/diff.hpp"

#include "chokepoint/results/write_file.hpp"
#include "results/temporary_folder.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/numbers.hpp"

namespace chokepoint {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

FigureKey name(const std::string& statistic)
{
    return {.file = "metrics.csv",
            .policy = "none",
            .metric = "price_peak",
            .commodity = "all",
            .region = "world",
            .statistic = statistic,
            .unit = "ratio"};
}

/// One figure in two runs.
FigureMove move(const Estimate& before, const Estimate& after)
{
    return compare_figures({{name("mean"), before}}, {{name("mean"), after}}).moves.front();
}

TEST(CompareFigures, TakesTheErrorsFromTheHalvesThatFaceEachOther)
{
    // Standard errors 3 and 4 towards each other, make 5; the other halves do not count.
    const Estimate low = {100, 100 - 50 * interval_z, 100 + 3 * interval_z};
    const Estimate high = {110, 110 - 4 * interval_z, 110 + 70 * interval_z};
    const FigureMove up = move(low, high);
    EXPECT_NEAR(up.standard_error, 5, 1e-12);
    EXPECT_NEAR(up.z, 2, 1e-12);
    EXPECT_NEAR(move(high, low).z, -2, 1e-12);
}

TEST(CompareFigures, TakesALumpForNoCertainty)
{
    // Quantiles of whole months: the half that faces the other run is 0.
    const FigureMove lumps = move({22, 21, 22}, {25, 25, 26});
    EXPECT_NEAR(lumps.standard_error, std::sqrt(2.0) / interval_z, 1e-12);
    // Nothing is known on the other side either.
    EXPECT_EQ(move({22, none, 22}, {25, 25, none}).verdict, Verdict::beyond);
}

TEST(CompareFigures, DoesNotJudgeQuantilesThatAreNothingButLumps)
{
    // Medians of whole months, the same in nearly all trials.
    for (const char* statistic : {"p50", "var99", "AEP 10 all"}) {
        const auto moves =
            compare_figures({{name(statistic), {2, 2, 2}}, {name("mean"), {2, 1, 3}}},
                            {{name(statistic), {1, 1, 1}}, {name("mean"), {9, 8, 10}}})
                .moves;
        EXPECT_EQ(moves.front().name.statistic, "mean");
        EXPECT_EQ(moves.back().verdict, Verdict::no_error) << statistic;
    }
    // Means of trials that all agree are certain.
    EXPECT_EQ(move({2, 2, 2}, {1, 1, 1}).verdict, Verdict::beyond);
    EXPECT_EQ(compare_figures({{name("p50"), {2, 2, 2}}}, {{name("p50"), {1, 1, 3}}})
                  .moves.front()
                  .verdict,
              Verdict::within);
}

TEST(CompareFigures, CallsOneFigureMovedFromOnePointNineSixErrorsOn)
{
    const Estimate before = normal_estimate(0, 3);
    EXPECT_EQ(move(before, normal_estimate(5 * 1.95, 4)).verdict, Verdict::within);
    EXPECT_EQ(move(before, normal_estimate(5 * 1.97, 4)).verdict, Verdict::beyond);
    EXPECT_EQ(move(before, before).verdict, Verdict::same);
}

TEST(CompareFigures, AsksForMoreWhereManyFiguresAreCompared)
{
    std::vector<NamedFigure> before, after;
    for (int figure = 0; figure < 1000; ++figure) {
        const FigureKey one = name(std::to_string(figure));
        before.push_back({one, normal_estimate(0, 1)});
        // 2.5 of the root of 2 here and there, one of 10.
        const double z = figure == 17 ? 10 : figure % 100 == 0 ? 2.5 : 0.5;
        after.push_back({one, normal_estimate(z * std::sqrt(2.0), 1)});
    }
    const FigureComparison comparison = compare_figures(before, after);
    EXPECT_EQ(comparison.count(Verdict::beyond), 1);
    EXPECT_EQ(comparison.moves.front().name.statistic, "17");
    EXPECT_EQ(comparison.outside_interval(), 11);
    EXPECT_EQ(comparison.tested(), 1000);
}

TEST(CompareFigures, JudgesNoFigureWithoutAnError)
{
    EXPECT_EQ(move({1, none, none}, {2, none, none}).verdict, Verdict::no_error);
    EXPECT_EQ(move({1, 0, none}, {2, 1, 3}).verdict, Verdict::no_error);
    EXPECT_EQ(move({1, none, 1.5}, {2, 1, none}).verdict, Verdict::within);
    EXPECT_EQ(move({1, 0, 2}, {infinity, 5, infinity}).verdict, Verdict::no_error);
    EXPECT_EQ(move({infinity, 5, infinity}, {infinity, 7, infinity}).verdict, Verdict::same);
    EXPECT_EQ(move({1, none, none}, {1, none, none}).verdict, Verdict::same);
}

TEST(CompareFigures, TakesTheLastDigitForRounding)
{
    const double next = std::nextafter(1.0, 2.0);
    EXPECT_EQ(move({1, 1, 1}, {next, next, next}).verdict, Verdict::within);
    EXPECT_EQ(move({1, 1, 1}, {1.001, 1.001, 1.001}).verdict, Verdict::beyond);
    EXPECT_EQ(move({0, 0, 0}, {1, 1, 1}).verdict, Verdict::beyond);
}

TEST(CompareFigures, NamesWhatOneRunAloneGives)
{
    const Estimate one = normal_estimate(1, 1);
    const FigureComparison comparison = compare_figures(
        {{name("mean"), one}, {name("p5"), one}}, {{name("p95"), one}, {name("mean"), one}});
    EXPECT_EQ(comparison.moves.size(), 1);
    EXPECT_THAT(comparison.only_before, ElementsAre(name("p5")));
    EXPECT_THAT(comparison.only_after, ElementsAre(name("p95")));
}

TEST(CompareFigures, CallsFewFiguresMovedThatDidNotMove)
{
    // Runs without any effect: of 200 pairs, each of 300 figures, few may show one.
    std::mt19937_64 engine(11);
    std::normal_distribution<double> error;
    int pairs_with_moves = 0;
    constexpr int pairs = 200;
    for (int pair = 0; pair < pairs; ++pair) {
        std::vector<NamedFigure> before, after;
        for (int figure = 0; figure < 300; ++figure) {
            const FigureKey one = name(std::to_string(figure));
            before.push_back({one, normal_estimate(error(engine), 1)});
            after.push_back({one, normal_estimate(2 * error(engine), 2)});
        }
        pairs_with_moves += compare_figures(before, after).count(Verdict::beyond) > 0 ? 1 : 0;
    }
    // Exactly 5 % in the limit: 10 of 200, and four errors of 3.1.
    EXPECT_LE(pairs_with_moves, 22);
    EXPECT_GE(pairs_with_moves, 1);
}

const std::string header =
    "policy,metric,commodity,region,unit,statistic,value,lower,upper,n\n";

/// A folder as a run leaves it, with these files.
void put_run(const std::filesystem::path& folder,
             const std::map<std::string, std::string>& files, std::uint64_t seed = 1)
{
    std::filesystem::create_directories(folder);
    json manifest = {
        {"schema", 1},
        {"command", "run"},
        {"program", {{"name", "chokepoint"}, {"version", "0.1.0"}, {"commit", "abc"}}},
        {"scenario", {{"name", "hand-made"}}},
        {"seed", seed},
        {"trials", 100},
        {"sha256", json::object()}};
    for (const auto& [file, content] : files) {
        put_file(folder / file, content);
        manifest["sha256"][file] = sha256(content);
    }
    put_file(folder / "manifest.json", manifest.dump());
}

TEST(DiffRuns, TellsInputsFilesAndFiguresApart)
{
    const TemporaryFolder parent;
    put_run(
        parent / "a",
        {{"scenario.resolved.yaml", "months: 12\nrun: {seed: 1}\n"},
         {"events.csv", "policy,type,cause,name,figure,unit,statistic,value,lower,upper,n\n"},
         {"metrics.csv", header + "none,price_peak,all,world,ratio,mean,1,0.9,1.1,100\n"}});
    put_run(
        parent / "b",
        {{"scenario.resolved.yaml", "months: 24\nrun: {seed: 2}\n"},
         {"events.csv", "policy,type,cause,name,figure,unit,statistic,value,lower,upper,n\n"},
         {"record.csv", "series\n"},
         {"metrics.csv", header + "none,price_peak,all,world,ratio,mean,2,1.9,2.1,100\n"}},
        2);
    const RunDiff diff = diff_runs(parent / "a", parent / "b");
    EXPECT_THAT(diff.settings,
                ElementsAre(ChangedKey{"seed", "1", "2"},
                            ChangedKey{"record (SHA-256)", std::nullopt, sha256("series\n")}));
    EXPECT_THAT(diff.keys, ElementsAre(ChangedKey{"months", "12", "24"}));
    EXPECT_EQ(diff.figures.count(Verdict::beyond), 1);
    EXPECT_EQ(diff.files.size(), 4);
    EXPECT_TRUE(diff.files.front().same_bytes);  // events.csv
    EXPECT_FALSE(diff.same_results());
    EXPECT_THAT(diff.metrics, ElementsAre("price_peak"));
    const json whole = json::parse(diff_json(diff));
    EXPECT_EQ(whole["figures"][0]["shift"], 1.0);
    EXPECT_EQ(whole["figures"][0]["verdict"], "beyond_error");
    EXPECT_EQ(whole["settings"][1]["before"], nullptr);
}

TEST(DiffRuns, TellsLawsRulesAndMemoryOfTheRuns)
{
    const TemporaryFolder parent;
    const std::map<std::string, std::string> files = {
        {"scenario.resolved.yaml", "months: 12\n"}, {"metrics.csv", header}};
    put_run(parent / "a", files);
    auto tilted = files;
    tilted["tilt.json"] = "{}";
    put_run(parent / "b", tilted);
    json manifest = json::parse(content_of(parent / "b/manifest.json"));
    manifest["until"] = {"mean(a) < 1%", "p50(b) < 2"};
    manifest["memory_bytes"] = 1000;
    put_file(parent / "b/manifest.json", manifest.dump());
    const RunDiff diff = diff_runs(parent / "a", parent / "b");
    EXPECT_THAT(diff.settings,
                ElementsAre(ChangedKey{"--until", std::nullopt, "mean(a) < 1%, p50(b) < 2"},
                            ChangedKey{"--memory", std::nullopt, "1000"},
                            ChangedKey{"tilt (SHA-256)", std::nullopt, sha256("{}")}));
    EXPECT_FALSE(diff.same_inputs());
    manifest["until"] = 3;
    put_file(parent / "b/manifest.json", manifest.dump());
    EXPECT_THROW(diff_runs(parent / "a", parent / "b"), InputError);
}

TEST(DiffRuns, NeedsWhatEveryRunWrites)
{
    const TemporaryFolder parent;
    put_run(parent / "a", {{"scenario.resolved.yaml", "months: 12\n"}});
    try {
        diff_runs(parent / "a", parent / "b");
        FAIL() << "not refused";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr("metrics.csv is missing"));
        EXPECT_THAT(error.what(), HasSubstr("b: error: cannot be opened"));
    }
}

TEST(DiffRuns, ReadsNothingOutsideItsFolders)
{
    const TemporaryFolder parent;
    put_run(parent / "a", {{"scenario.resolved.yaml", ""}, {"metrics.csv", header}});
    put_run(parent / "b", {{"scenario.resolved.yaml", ""}, {"metrics.csv", header}});
    json manifest = json::parse(content_of(parent / "b/manifest.json"));
    manifest["sha256"]["../a/metrics.csv"] = sha256(header);
    put_file(parent / "b/manifest.json", manifest.dump());
    try {
        diff_runs(parent / "a", parent / "b");
        FAIL() << "not refused";
    } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr("\"../a/metrics.csv\" is no name of a file"));
    }
}

/// The problems of a table as `line:column: key: problem`.
std::vector<std::string> complaints(const std::string& text)
{
    Diagnostics problems;
    read_figures("metrics.csv", "t", text, problems);
    std::vector<std::string> texts;
    for (const Diagnostic& problem : problems.sorted()) {
        texts.push_back(std::to_string(problem.place.line) + ":"
                        + std::to_string(problem.place.column) + ": " + problem.key_path + ": "
                        + problem.problem);
    }
    return texts;
}

TEST(ReadFigures, TakesColumnsByNameAndLeavesOutEmptyFigures)
{
    Diagnostics problems;
    const std::vector<NamedFigure> figures =
        read_figures("metrics.csv", "t",
                     "value,new,policy,metric,commodity,region,unit,statistic,lower,upper\n"
                     "inf,?,none,recovery_months,all,world,months,p95,3,\n"
                     ",?,none,recovery_months,all,world,months,p99,,\n",
                     problems);
    EXPECT_FALSE(problems.has_errors());
    ASSERT_EQ(figures.size(), 1);
    EXPECT_EQ(figures[0].name.statistic, "p95");
    EXPECT_EQ(figures[0].estimate.value, infinity);
    EXPECT_EQ(figures[0].estimate.lower, 3);
    EXPECT_TRUE(std::isnan(figures[0].estimate.upper));
}

TEST(ReadFigures, ReadsEveryColumnOfChokepoints)
{
    Diagnostics problems;
    const std::vector<NamedFigure> figures =
        read_figures("chokepoints.csv", "t",
                     "policy,commodity,layer,from,to,kind,p_binding,p_binding_lower,p_binding_"
                     "upper,rent_usd\n"
                     "none,cobalt,mine,congo,all,exports,0.5,0.4,0.6,7\n",
                     problems);
    ASSERT_EQ(figures.size(), 2);
    EXPECT_EQ(figures[0].name.metric, "p_binding");
    EXPECT_EQ(figures[0].name.region, "congo all mine exports");
    EXPECT_EQ(figures[0].estimate.upper, 0.6);
    EXPECT_EQ(figures[1].name.metric, "rent");
    EXPECT_TRUE(std::isnan(figures[1].estimate.lower));
}

TEST(ReadFigures, ComplainsWithLineAndColumn)
{
    const std::string row = "none,price_peak,all,world,ratio,mean,";
    EXPECT_THAT(complaints(header + row + "1,0,2,9\n"), IsEmpty());
    EXPECT_THAT(complaints(header + row + "1,nan,2,9\n" + row + "1e999,0,2,9\n"),
                ElementsAre("2:40: lower: must be a number (got \"nan\")",
                            "3:38: value: must be a number (got \"1e999\")"));
    EXPECT_THAT(complaints(header + row + "1,0,2,9\n" + row + "2,0,2,9\n"),
                ElementsAre("3:1: : the same figure stands in line 2"));
    EXPECT_THAT(complaints(header + row + "1,0"),
                ElementsAre("2:1: : the last line has no end (is the file cut off?)"));
    EXPECT_THAT(complaints("policy,metric,commodity,region,unit,value\n" + row + "\n"),
                ElementsAre("1:1: : column \"statistic\" is missing"));
    EXPECT_THAT(complaints(""), ElementsAre(HasSubstr("is empty")));
    EXPECT_THAT(complaints(std::string("a\0b\n", 4)),
                ElementsAre(HasSubstr("control characters")));
}

TEST(ReadFigures, SurvivesAnyDamage)
{
    std::string good = header;
    for (int line = 0; line < 30; ++line) {
        good += "none,price_peak,all,world,ratio,p" + std::to_string(line) + ",1,0.5,2,9\n";
    }
    std::mt19937_64 engine(3);
    std::size_t refused = 0;
    for (int one = 0; one < 2000; ++one) {
        std::string text = good.substr(0, engine() % (good.size() + 1));
        for (std::size_t count = engine() % 4; count > 0 && !text.empty(); --count) {
            text[engine() % text.size()] = static_cast<char>(engine() % 256);
        }
        const std::vector<std::string> found = complaints(text);
        EXPECT_LE(found.size(), 20);
        refused += found.empty() ? 0U : 1U;
    }
    EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace chokepoint
