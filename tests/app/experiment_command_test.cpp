#include "shell.hpp"

#include <filesystem>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class ExperimentCommand : public ::testing::Test {
protected:
    void SetUp() override
    {
        put_file(shell.folder() / "e.yaml", text("grid", "[0.1, 0.2]"));
        ASSERT_EQ(shell.run("cp " + shipped("first_steps.yaml") + " base.yaml").code, 0);
    }
    static std::string text(const std::string& design, const std::string& values)
    {
        return "schema: 1\nexperiment: small\nbase: base.yaml\ndesign: " + design
               + "\npoints: 32\nreplicates: 2\ntrials: 128\nvary:\n"
                 "  - {name: elasticity, path: commodities.cobalt.demand_elasticity.short_run, "
                 "values: "
               + values
               + "}\n  - {name: rate, path: "
                 "hazards.export_restrictions.congo_quota.rate_per_year, range: [0.1, 0.4], "
                 "steps: 3}\nmetrics: ['mean(shortfall_share)', 'p75(price_peak,cobalt,world)']\n";
    }
    const Shell shell;
};

TEST_F(ExperimentCommand, RefusesFiguresThatSoFewTrialsCannotGiveBeforeItRuns)
{
    const Outcome few = shell.run(
        "sed -i 's/p75/es99/' e.yaml && chokepoint experiment e.yaml --quiet --out out");
    EXPECT_EQ(few.code, 65);
    EXPECT_THAT(few.err, HasSubstr("a point's 128 trials leave too few in the tail"));
    EXPECT_EQ(shell.run("chokepoint experiment e.yaml --quiet --out out --trials 2000").code,
              0);
}

TEST_F(ExperimentCommand, ValuesAPortfolioAtEachPoint)
{
    put_file(shell.folder() / "book.yaml",
             "schema: 1\nportfolio: a book\nprice_region: china\n"
             "positions: book.csv\n");
    put_file(shell.folder() / "book.csv",
             "name,type,inputs.cobalt.tonnes_per_year\nmaker,consumer,120\n");
    std::string with_book = text("grid", "[0.1, 0.2]");
    with_book.replace(with_book.find("'mean(shortfall_share)'"), 23, "'mean(portfolio_loss)'");
    put_file(shell.folder() / "e.yaml", with_book + "portfolio: book.yaml\n");
    const Outcome outcome = shell.run("chokepoint experiment e.yaml --quiet --out out");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    ASSERT_EQ(
        shell
            .run("chokepoint run base.yaml --quiet --trials 128 --out run --portfolio "
                 "book.yaml --set commodities.cobalt.demand_elasticity.short_run=0.1 --set "
                 "hazards.export_restrictions.congo_quota.rate_per_year=0.1")
            .code,
        0);
    const std::string metrics = shell.file("run/metrics.csv");
    const std::string figure = "portfolio_loss,all,world,usd,mean,";
    const std::size_t at = metrics.find(figure);
    ASSERT_NE(at, metrics.npos);
    EXPECT_THAT(shell.file("out/experiment.csv"),
                HasSubstr(metrics.substr(at, metrics.find('\n', at) - at)));
    EXPECT_EQ(shell.run("chokepoint validate e.yaml").code, 0);
    // Points are known by what the portfolio holds, its table included.
    const std::string before = shell.file("out/experiment.csv");
    ASSERT_EQ(shell.run("sed -i s/120/240/ book.csv && chokepoint experiment e.yaml --quiet "
                        "--out out --force")
                  .code,
              0);
    EXPECT_NE(shell.file("out/experiment.csv"), before);
}

TEST_F(ExperimentCommand, RefusesToSetWhatItVaries)
{
    const Outcome set = shell.run(
        "chokepoint experiment e.yaml --quiet --out out --set "
        "hazards.export_restrictions.congo_quota.rate_per_year=0.3");
    EXPECT_EQ(set.code, 64);
    EXPECT_THAT(set.err, HasSubstr("the experiment varies this key (rate)"));
}

TEST_F(ExperimentCommand, GivesEachPointTheFiguresOfItsRun)
{
    const Outcome outcome = shell.run("chokepoint experiment e.yaml --quiet --out out");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("small: 6 points of grid, 128 trials, 2 replicates"));
    EXPECT_THAT(shell.file("out/design.csv"), HasSubstr("point,elasticity,rate\n0,0.1,0.1\n"));
    EXPECT_THAT(shell.file("out/design.csv"), HasSubstr("\n5,0.2,0.4\n"));
    // Point 4 is elasticity 0.2, rate 0.25; its second replicate has the next seed.
    ASSERT_EQ(shell
                  .run("chokepoint run base.yaml --quiet --trials 128 --seed 2 --out run --set "
                       "commodities.cobalt.demand_elasticity.short_run=0.2 --set "
                       "hazards.export_restrictions.congo_quota.rate_per_year=0.25")
                  .code,
              0);
    const std::string metrics = shell.file("run/metrics.csv");
    const std::string label = "none,shortfall_share,all,world,share,mean,";
    const std::size_t at = metrics.find(label);
    ASSERT_NE(at, metrics.npos);
    const std::string figures =
        metrics.substr(at + label.size(), metrics.find('\n', at) - at - label.size());
    EXPECT_THAT(shell.file("out/experiment.csv"),
                HasSubstr("\n4,1,2,shortfall_share,all,world,share,mean," + figures + "\n"));
}

TEST_F(ExperimentCommand, WritesTheSameBytesAfterAnInterruption)
{
    ASSERT_EQ(shell.run("chokepoint experiment e.yaml --quiet --trials 4000 --out whole").code,
              0);
    const Outcome stopped =
        shell.run_until_signalled("experiment e.yaml --trials 4000", "out", SIGKILL);
    EXPECT_EQ(stopped.code, 128 + SIGKILL);
    const Outcome refused = shell.run("chokepoint experiment e.yaml --trials 4000 --out out");
    EXPECT_EQ(refused.code, 73);
    const Outcome resumed =
        shell.run("chokepoint experiment e.yaml --trials 4000 --out out --resume --threads 1");
    ASSERT_EQ(resumed.code, 0) << resumed.err;
    EXPECT_TRUE(contents(shell, "whole") == contents(shell, "out"));
    EXPECT_THAT(shell.run("chokepoint experiment e.yaml --trials 4000 --out out --resume").err,
                HasSubstr("nothing left to do"));
}

TEST_F(ExperimentCommand, CountsNoCostsWherePointsHaveNoPolicy)
{
    put_file(shell.folder() / "stockpile.yaml",
             "schema: 1\npolicy: stockpile\nlevers:\n  - {name: reserve, type: stockpile, "
             "regions: china, commodities: cobalt, days: 60, buy_months: 6, "
             "trigger_price_ratio: 2}\n");
    put_file(shell.folder() / "e.yaml",
             "schema: 1\nbase: base.yaml\ndesign: grid\ntrials: 128\nvary:\n"
             "  - {name: reserve, policies: [none, stockpile.yaml]}\n"
             "metrics: ['mean(policy_cost,all,world)', 'p50(policy_purchases,all,world)']\n");
    const Outcome outcome = shell.run("chokepoint experiment e.yaml --quiet --out out");
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("usd: 0 (point 0) to "));
    EXPECT_THAT(shell.file("out/experiment.csv"),
                AllOf(HasSubstr("\n0,0,1,policy_cost,all,world,usd,mean,0,0,0,128\n"),
                      HasSubstr("\n0,0,1,policy_purchases,all,world,usd,p50,0,0,0,128"),
                      ContainsRegex("\n1,0,1,policy_cost,all,world,usd,mean,[1-9]")));
}

TEST_F(ExperimentCommand, ReusesPointsThatItKnows)
{
    ASSERT_EQ(shell.run("chokepoint experiment e.yaml --quiet --out out").code, 0);
    put_file(shell.folder() / "e.yaml", text("grid", "[0.1, 0.2, 0.3]"));
    EXPECT_EQ(shell.run("chokepoint experiment e.yaml --quiet --out out").code, 73);
    const Outcome more = shell.run("chokepoint experiment e.yaml --quiet --out out --force");
    ASSERT_EQ(more.code, 0) << more.err;
    EXPECT_THAT(more.err, HasSubstr("12 points computed before"));
    ASSERT_EQ(shell.run("chokepoint experiment e.yaml --quiet --out fresh").code, 0);
    EXPECT_EQ(shell.file("out/experiment.csv"), shell.file("fresh/experiment.csv"));
}

TEST_F(ExperimentCommand, TellsSensitivityByDesign)
{
    const std::pair<const char*, const char*> designs[] = {
        {"latin_hypercube", "rank_correlation"},
        {"sobol", "rank_correlation"},
        {"morris", "mu_star"},
        {"saltelli", "total_order"},
        {"one_at_a_time", "change_at_0.1"}};
    for (const auto& [design, index] : designs) {
        put_file(shell.folder() / "e.yaml", text(design, "[0.1, 0.2]"));
        const Outcome outcome = shell.run(std::string("chokepoint experiment e.yaml --quiet "
                                                      "--trials 64 --out ")
                                          + design);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        EXPECT_THAT(shell.file(std::string(design) + "/sensitivity.csv"),
                    HasSubstr(std::string("rate,") + (index[0] == 'c' ? "change_at" : index)));
        EXPECT_THAT(outcome.out, HasSubstr(index));
    }
}

TEST_F(ExperimentCommand, RefusesWhatCannotBeRunBeforeItRuns)
{
    put_file(shell.folder() / "e.yaml", text("grid", "[0.1, -2]"));
    const Outcome negative = shell.run("chokepoint experiment e.yaml --out out");
    EXPECT_EQ(negative.code, 65);
    EXPECT_THAT(negative.err, AllOf(HasSubstr("e.yaml:9:"), HasSubstr("vary.elasticity: -2")));
    std::string other = text("grid", "[0.1]");
    put_file(shell.folder() / "e.yaml",
             other.replace(other.find("p75(price_peak"), 14, "p90(price_peek"));
    EXPECT_THAT(shell.run("chokepoint experiment e.yaml --out out").err,
                AllOf(HasSubstr("metrics"), HasSubstr("price_peek")));
    put_file(shell.folder() / "e.yaml", text("grid", "[0.1]"));
    ASSERT_EQ(shell.run("mv base.yaml gone.yaml").code, 0);
    EXPECT_EQ(shell.run("chokepoint experiment e.yaml --out out").code, 66);
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / "out"));
}

TEST(Experiments, OfTheLibraryAreSound)
{
    const Shell shell;
    for (const auto& entry :
         std::filesystem::directory_iterator(CHOKEPOINT_SOURCE_DIR "/scenarios/experiments")) {
        if (entry.path().extension() != ".yaml") {
            continue;
        }
        const Outcome outcome =
            shell.run("chokepoint validate '" + entry.path().string() + "'");
        EXPECT_EQ(outcome.code, 0) << outcome.err;
    }
}

TEST(Limits, RefuseARunThatIsTooBig)
{
    const Shell shell;
    const std::string run =
        "chokepoint run " + shipped("first_steps.yaml") + " --out out --trials 100000000 ";
    for (const char* limit : {"--max-time 1s", "--max-disk 1GB"}) {
        const Outcome refused = shell.run(run + limit);
        EXPECT_EQ(refused.code, 69) << refused.err;
        EXPECT_THAT(refused.err, AllOf(HasSubstr("expected: "), HasSubstr("--no-limits")));
    }
    EXPECT_FALSE(std::filesystem::exists(shell.folder() / "out"));
    EXPECT_EQ(shell.run(run + "--max-time soon").code, 64);
    // The estimate may be wrong: the limit holds while the run goes on, too.
    const Outcome stopped = shell.run("timeout 60 '" CHOKEPOINT_BINARY "' run "
                                      + shipped("first_steps.yaml")
                                      + " --out out --trials 400000 --threads 1 --max-time 1s "
                                        "--max-disk 100GB || echo code $?");
    EXPECT_THAT(stopped.out, ::testing::AnyOf(HasSubstr("code 69"), HasSubstr("code 75")));
}

}  // namespace
}  // namespace chokepoint
