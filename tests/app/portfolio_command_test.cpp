#include "app/shell.hpp"
#include "chokepoint/app/attribution_runs.hpp"
#include "support/csv.hpp"

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string rare_earths = shipped("rare_earths.yaml");
const std::string fund = shipped("portfolios/rare_earth_fund.yaml");

const char* const cobalt_book = R"(schema: 1
portfolio: cobalt book
price_region: others
max_loss: 1.0e6
positions:
  - {name: maker, type: consumer, inputs: {cobalt: {tonnes_per_year: 120}}, margin_per_year: 2.0e7}
  - {name: store, type: physical, commodity: cobalt, tonnes: 10}
)";

/// The value of a row of portfolio.csv or stress.csv that has these cells.
double value_of(const std::string& csv, const std::map<std::string, std::string>& cells)
{
    std::istringstream lines(csv);
    std::string line;
    std::getline(lines, line);
    const std::vector<std::string> headings = split_csv_line(line);
    while (std::getline(lines, line)) {
        const std::vector<std::string> fields = split_csv_line(line);
        std::map<std::string, std::string> row;
        for (std::size_t at = 0; at < fields.size(); ++at) {
            row[headings[at]] = fields[at];
        }
        bool is_it = true;
        for (const auto& [heading, cell] : cells) {
            is_it = is_it && row[heading] == cell;
        }
        if (is_it) {
            return std::stod(row["value"]);
        }
    }
    ADD_FAILURE() << "no such row";
    return 0;
}

double mean_loss(const Shell& shell, const std::string& folder, const std::string& position)
{
    return value_of(shell.file(folder + "/portfolio.csv"),
                    {{"scope", "position"}, {"name", position}, {"statistic", "mean"}});
}

TEST(PortfolioCommand, PrintsTheRiskOnOneScreenAndWritesItsFiles)
{
    const Shell shell;
    const Outcome run = shell.run("chokepoint run " + rare_earths + " --portfolio " + fund
                                  + " --trials 1000 --out out --quiet");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(
        run.out,
        AllOf(HasSubstr("rare-earth fund in rare earths: 1,000 trials"), HasSubstr("ES 95 %"),
              HasSubstr("desk producers"), HasSubstr("The ES comes from: "),
              HasSubstr("What separates the"), HasSubstr("chokepoint replay")));
    const json summary = json::parse(shell.file("out/summary.json"));
    EXPECT_EQ(summary["portfolio"]["name"], "rare-earth fund");
    EXPECT_EQ(summary["portfolio"]["positions"].size(), 7U);
    EXPECT_EQ(
        value_of(shell.file("out/portfolio.csv"), {{"scope", "total"}, {"statistic", "mean"}}),
        summary["portfolio"]["loss"]["mean"]["value"].get<double>());
    EXPECT_THAT(shell.file("out/contributions.csv"), HasSubstr("es95_change_without"));
    EXPECT_THAT(shell.file("out/reverse_stress.csv"), HasSubstr(",event,rare_earth_"));
    EXPECT_THAT(shell.file("out/portfolio.resolved.yaml"), HasSubstr("dysprosium_oxide"));
    EXPECT_THAT(shell.file("out/metrics.csv"),
                HasSubstr("none,portfolio_loss,all,world,usd,es95"));
}

TEST(PortfolioCommand, WritesTheSameBytesForAnyThreads)
{
    const Shell shell;
    for (const char* threads : {"1", "2"}) {
        ASSERT_EQ(
            shell
                .run("chokepoint run " + rare_earths + " --portfolio " + fund
                     + " --trials 640 --quiet --threads " + threads + " --out out" + threads)
                .code,
            0);
    }
    for (const char* file : {"portfolio.csv", "contributions.csv", "reverse_stress.csv",
                             "summary.json", "metrics.csv"}) {
        EXPECT_EQ(shell.file(std::string("out1/") + file),
                  shell.file(std::string("out2/") + file))
            << file;
    }
}

TEST(PortfolioCommand, IsAMetricForAllThatMetricsAreFor)
{
    const Shell shell;
    put_file(shell.folder() / "book.yaml", cobalt_book);
    const Outcome run = shell.run(
        "chokepoint run " + first_steps
        + " --portfolio book.yaml --trials 20000 --until 'es95(portfolio_loss,all,world) < 20%' "
          "--worst portfolio_loss --keep-trials metrics --quiet --out out");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("Worst trials by portfolio_loss"));
    EXPECT_THAT(shell.file("out/worst.csv"), HasSubstr("portfolio_loss,all,world"));
    const Outcome importance = shell.run(
        "chokepoint run " + first_steps
        + " --portfolio book.yaml --trials 2000 --importance 'es99(portfolio_loss)' --quiet "
          "--out tilted");
    ASSERT_EQ(importance.code, 0) << importance.err;
    EXPECT_EQ(shell
                  .run("chokepoint run " + first_steps
                       + " --portfolio book.yaml --until 'es95(position_loss,all,world) < 1%'")
                  .code,
              64);
}

TEST(PortfolioCommand, RefusesBadFilesWithEveryProblemNamed)
{
    const Shell shell;
    put_file(shell.folder() / "bad.yaml", "schema: 1\nportfolio: bad\npositions: bad.csv\n");
    put_file(shell.folder() / "bad.csv",
             "name,type,value,revenue_shares.cobalt,facilities.moon.share\n"
             "a,equity,1e6,1.5,\n"
             "b,equity,1e6,0.5,2\n");
    const Outcome run =
        shell.run("chokepoint run " + first_steps + " --portfolio bad.yaml --out out");
    EXPECT_EQ(run.code, 65);
    EXPECT_THAT(
        run.err,
        AllOf(HasSubstr("bad.csv:2:14: error: positions.a.revenue_shares.cobalt: must be "
                        "above 0 and at most 1 (got 1.5)"),
              HasSubstr("bad.csv:3:18: error: positions.b.facilities: no facility is "
                        "called \"moon\""),
              HasSubstr("must make 1 together with other_revenue_share (got 0.5)"),
              HasSubstr("b,equity,1e6,0.5,2")));
    EXPECT_EQ(
        shell.run("chokepoint run " + first_steps + " --portfolio none.yaml --out out").code,
        66);
    EXPECT_EQ(shell.file("out/manifest.json"), "");
}

TEST(PortfolioCommand, TakesLossesApartByHazard)
{
    const Shell shell;
    put_file(shell.folder() / "book.yaml", cobalt_book);
    const Outcome run = shell.run("chokepoint run " + first_steps
                                  + " --portfolio book.yaml --trials 500 --attribute --quiet "
                                    "--out out");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("portfolio_loss of all, world"));
    const std::string table = shell.file("out/attribution.csv");
    EXPECT_NEAR(
        value_of(table,
                 {{"metric", "portfolio_loss"}, {"hazard", "all"}, {"statistic", "mean"}}),
        value_of(shell.file("out/portfolio.csv"), {{"scope", "total"}, {"statistic", "mean"}}),
        1);
    EXPECT_EQ(shell
                  .run("chokepoint attribute " + first_steps
                       + " --portfolio book.yaml --trials 500 --quiet --out alone")
                  .code,
              0);
    EXPECT_EQ(shell.file("alone/attribution.csv"), table);
}

TEST(PortfolioCommand, TakesApartTheTrialsThatItKeeps)
{
    const Shell shell;
    const std::string run = "chokepoint run " + first_steps + " --quiet --attribute --out ";
    const std::string tables = " --tables years,episodes --keep-trials metrics";
    ASSERT_EQ(shell.run(run + "plain --trials 512").code, 0);
    const Outcome kept = shell.run(run + "kept --trials 512" + tables);
    ASSERT_EQ(kept.code, 0) << kept.err;
    EXPECT_EQ(shell.file("kept/attribution.csv"), shell.file("plain/attribution.csv"));
    // Also where a rule ends the run: hazards are told apart on its trials, all of them.
    const Outcome until = shell.run(
        run + "until --trials 5000 --until 'mean(shortfall_share) < 90%'" + tables);
    ASSERT_EQ(until.code, 0) << until.err;
    const std::string manifest = shell.file("until/manifest.json");
    const std::string trials = std::to_string(
        json::parse(manifest).at("trials").get<std::uint64_t>());
    ASSERT_LT(std::stoul(trials), 5000U);
    ASSERT_EQ(shell.run(run + "same --trials " + trials).code, 0);
    EXPECT_EQ(shell.file("until/attribution.csv"), shell.file("same/attribution.csv"));
}

TEST(PortfolioCommand, TellsNoSharesOfWhatMayBeNothing)
{
    const Model model;  // only named
    const auto figure = [](double value, double error) {
        return Figure{.statistic = "mean",
                      .estimate = {value, value - error, value + error},
                      .n = 100,
                      .standard_error = error};
    };
    const auto text_of = [&](double whole) {
        NamedAttribution one;
        one.column.metric = "portfolio_loss";
        one.column.unit = "usd";
        one.attribution.shares = {{"outages", figure(3e6, 1e5), figure(3e6, 1e5)}};
        one.attribution.mean = one.attribution.es = figure(whole, 1e6);
        return attribution_text(model, {one}, 100, 1);
    };
    EXPECT_THAT(text_of(6e6), HasSubstr("50.0 %"));
    EXPECT_THAT(text_of(1.5e6), ::testing::Not(HasSubstr("200 %")));
}

TEST(PortfolioCommand, RefusesToAttributeWeightedTrialsBeforeItRunsThem)
{
    const Shell shell;
    const Outcome run = shell.run("chokepoint run " + first_steps
                                  + " --attribute --importance 'es99(shortfall_share)' --out out");
    EXPECT_EQ(run.code, 64);
    EXPECT_THAT(run.err, HasSubstr("--attribute tells hazards apart on plain trials"));
}

TEST(PortfolioCommand, TellsTheLossesOfOneTrial)
{
    const Shell shell;
    put_file(shell.folder() / "book.yaml", cobalt_book);
    const Outcome run =
        shell.run("chokepoint replay " + first_steps + " --trial 3 --portfolio book.yaml");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("What the portfolio loses"), HasSubstr("maker"),
                               HasSubstr("largest drawdown")));
}

TEST(PortfolioCommand, HoldsInvestorsBesideUsersUnderPolicies)
{
    const Shell shell;
    const Outcome run = shell.run("chokepoint compare " + rare_earths + " --policy "
                                  + shipped("policies/ndpr_price_floor.yaml") + " --portfolio "
                                  + fund + " --trials 300 --quiet --out out");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("What policies do to rare-earth fund"));
    const std::string table = shell.file("out/portfolio.csv");
    const auto mp = [&](const char* policy) {
        return value_of(table, {{"policy", policy},
                                {"scope", "position"},
                                {"name", "mp_materials"},
                                {"statistic", "mean"}});
    };
    // The floor pays the owner of the plant.
    EXPECT_LT(mp("NdPr price floor for MP"), mp("none") - 1e6);
}

TEST(StressCommand, SetsScenariosAgainstPositions)
{
    const Shell shell;
    const Outcome run = shell.run("chokepoint stress " + fund + " --scenario "
                                  + shipped("stress/china_stops_rare_earths.yaml") + " "
                                  + shipped("stress/drc_cobalt_suspension.yaml")
                                  + " --trials 300 --quiet --out out");
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("[2]"), HasSubstr("magnet_user"), HasSubstr("–")));
    EXPECT_THAT(shell.file("out/china_stops_rare_earths/manifest.json"),
                HasSubstr("\"command\": \"stress\""));
    EXPECT_THAT(shell.file("out/stress.csv"), HasSubstr("facility rare_earth_kuantan"));
    // A Chinese restriction lifts producers elsewhere and hurts those who buy magnets.
    const std::string folder = "out/china_stops_rare_earths";
    EXPECT_LT(mean_loss(shell, folder, "lynas"), 0);
    EXPECT_LT(mean_loss(shell, folder, "mp_materials"), 0);
    EXPECT_LT(mean_loss(shell, folder, "dysprosium_oxide"), 1e5);
    EXPECT_GT(mean_loss(shell, folder, "magnet_user"), 0);
    EXPECT_EQ(shell
                  .run("chokepoint stress " + fund + " --scenario "
                       + shipped("stress/china_stops_rare_earths.yaml") + " --out out")
                  .code,
              73);
    EXPECT_EQ(
        shell.run("chokepoint stress " + fund + " --scenario " + first_steps + " --out other")
            .code,
        65);  // none of its scenarios knows the fund's metals
}

TEST(StressCommand, SaysNothingWhereAScenarioHasNothingOfThePortfolio)
{
    const Shell shell;
    put_file(shell.folder() / "book.yaml", cobalt_book);
    const Outcome run = shell.run("chokepoint stress book.yaml --scenario " + first_steps + " "
                                  + rare_earths + " --trials 64 --quiet --out out");
    ASSERT_EQ(run.code, 0) << run.err;
    for (const char* row : {"\n  all ", "\n  largest drawdown "}) {
        const std::size_t begin = run.out.find(row);
        ASSERT_NE(begin, std::string::npos) << run.out;
        EXPECT_THAT(run.out.substr(begin + 1, run.out.find('\n', begin + 1) - begin - 1),
                    ::testing::EndsWith("–"));
    }
}

TEST(StressCommand, AnOutageHurtsItsOwnerAndHelpsItsRivals)
{
    const Shell shell;
    put_file(
        shell.folder() / "outage.yaml",
        "extends: " CHOKEPOINT_SOURCE_DIR
        "/scenarios/rare_earths.yaml\n"
        "name: Kuantan stands still\n"
        "hazards:\n"
        "  scripted:\n"
        "    - {type: outage, facility: rare_earth_kuantan, from: 2027-01, until: 2027-07}\n");
    const std::string rest = " --portfolio " + fund + " --trials 100 --quiet --out ";
    ASSERT_EQ(shell.run("chokepoint run outage.yaml" + rest + "with").code, 0);
    ASSERT_EQ(shell.run("chokepoint run " + rare_earths + rest + "without").code, 0);
    const auto more = [&](const char* position) {  // lost with the outage, on the same trials
        return mean_loss(shell, "with", position) - mean_loss(shell, "without", position);
    };
    EXPECT_GT(more("lynas"), 0);
    EXPECT_LT(more("mp_materials"), 0);
    EXPECT_GT(more("magnet_user"), 0);
}

TEST(ValidateCommand, TellsPortfoliosFromScenarios)
{
    const Shell shell;
    EXPECT_EQ(shell.run("chokepoint validate " + fund).code, 0);
    put_file(shell.folder() / "bad.yaml",
             "schema: 1\nportfolio: x\npositions: [{type: cash}]\n");
    const Outcome run = shell.run("chokepoint validate bad.yaml");
    EXPECT_EQ(run.code, 65);
    EXPECT_THAT(run.err, HasSubstr("positions.cash_1: \"value\" is missing"));
}

}  // namespace
}  // namespace chokepoint
