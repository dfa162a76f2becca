#include "chokepoint/scenario/portfolio.hpp"

#include "chokepoint/scenario/read_scenario.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

const fs::path root = CHOKEPOINT_SOURCE_DIR;

/// The problems as `file:line:column: key path: problem`, of a portfolio for first_steps.yaml.
std::string portfolio_complaints(const std::string& text)
{
    const Scenario scenario = read_scenario(root / "scenarios/first_steps.yaml");
    const Scenario* const known = &scenario;
    std::string found;
    try {
        read_portfolio_text(text, "t", {&known, 1});
    } catch (const InputError& error) {
        for (const Diagnostic& problem : error.problems()) {
            found += fs::path(problem.place.file.text()).filename().string() + ":"
                     + std::to_string(problem.place.line) + ":"
                     + std::to_string(problem.place.column) + ": "
                     + (problem.key_path.empty() ? "" : problem.key_path + ": ")
                     + problem.problem + "\n";
        }
    }
    return found;
}

TEST(ReadPortfolio, TakesTheShippedOnes)
{
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(root / "scenarios/portfolios")) {
        if (entry.path().extension() == ".yaml") {
            EXPECT_NO_THROW(read_portfolio(entry.path())) << entry.path();
            ++count;
        }
    }
    EXPECT_GE(count, 5U);
}

TEST(ReadPortfolio, NamesEveryProblemAtItsPlace)
{
    EXPECT_EQ(portfolio_complaints(R"(schema: 1
portfolio: bad
price_region: japn
positions:
  - {name: a, type: equity, value: 1, revenue_shares: {lithium: 0.5, cobalt: 0.4}}
  - {name: b, type: equity, value: 1, facilities: {congo_mine: {share: 0.2, unit_cost_usd_per_kg: 1}}}
  - {name: c, type: equity, value: 1, facilities: {congo_mines: {share: 1.2, unit_cost_usd_per_kg: 1}}}
  - {name: d, type: equity, value: 1}
  - {name: e, type: equity, value: 1, betas: {cobalt: {uniform: [0, 1]}}, market_beta: 1}
  - {name: f, type: physical, commodity: cobalt, tonnes: 1, hedge: 1}
  - {name: g, type: physical, commodity: cobalt, tonnes: ten, currency: eur}
  - {name: h, type: bond}
)"),
              R"(t:3:15: price_region: no region is called "japn" (known: congo, china, others)
t:5:55: positions.a.revenue_shares: must make 1 together with other_revenue_share (got 0.9)
t:5:56: positions.a.revenue_shares: no commodity is called "lithium" (known: cobalt)
t:6:52: positions.b.facilities: no facility is called "congo_mine" (did you mean "congo_mines"?)
t:7:73: positions.c.facilities.congo_mines.share: must be above 0 and at most 1 (got 1.2)
t:8:5: positions.d: follows nothing (needs betas, revenue_shares, facilities, market_beta or noise)
t:9:55: positions.e.betas.cobalt: must be a fixed number (got uniform(low 0, high 1))
t:9:88: positions.e.market_beta: means nothing without the portfolio's "market"
t:10:61: positions.f: unknown key "hedge"
t:11:58: positions.g.tonnes: must be a number (got "ten")
t:11:73: positions.g.currency: no currency is called "eur" (known: usd)
t:12:21: positions[7].type: must be equity, physical, futures, offtake, project_loan, guarantee, price_guarantee, consumer or cash (got "bond")
)");
}

TEST(ReadPortfolio, RefusesMoreThanAllOfAFacility)
{
    EXPECT_THAT(
        portfolio_complaints(R"(schema: 1
portfolio: greedy
positions:
  - {name: a, type: equity, value: 1, facilities: {congo_mines: {share: 0.6, unit_cost_usd_per_kg: 1}}}
  - {name: b, type: equity, value: 1, facilities: {congo_mines: {share: 0.6, unit_cost_usd_per_kg: 1}}}
)"),
        ::testing::HasSubstr("t:5:65: positions.b.facilities.congo_mines: more than all of "
                           "\"congo_mines\" is held (the shares of all positions make 1.2)"));
}

/// A folder with a portfolio and its table.
class ReadPortfolioCsv : public ::testing::Test {
protected:
    void SetUp() override
    {
        std::string name = ::testing::TempDir() + "book-XXXXXX";
        folder_ = mkdtemp(name.data());
        std::ofstream(folder_ / "p.yaml") << "schema: 1\nportfolio: table\nprice_region: usa\n"
                                             "positions: p.csv\n";
    }
    void TearDown() override { fs::remove_all(folder_); }

    void put(const std::string& csv) const { std::ofstream(folder_ / "p.csv") << csv; }
    std::string problems() const
    {
        try {
            read_portfolio(folder_ / "p.yaml");
        } catch (const InputError& error) {
            std::string found;
            for (const Diagnostic& problem : error.problems()) {
                found += fs::path(problem.place.file.text()).filename().string() + ":"
                         + std::to_string(problem.place.line) + ":"
                         + std::to_string(problem.place.column) + ": " + problem.problem + "\n";
            }
            return found;
        }
        return "";
    }
    fs::path folder_;
};

TEST_F(ReadPortfolioCsv, ReadsAPositionFromEachRow)
{
    put("name,type,value,betas.cobalt,betas.lithium,commodity,tonnes,source\n"
        "one,equity,1e6,0.5,,,,\"a, b\"\r\n"
        "\n"
        "two,physical,,,,cobalt,12,\n");
    const Portfolio portfolio = read_portfolio(folder_ / "p.yaml");
    ASSERT_EQ(portfolio.positions.size(), 2U);
    EXPECT_EQ(portfolio.positions[0].name, "one");
    ASSERT_EQ(portfolio.positions[0].betas.size(), 1U);
    EXPECT_EQ(portfolio.positions[0].betas[0].beta, 0.5);
    EXPECT_EQ(portfolio.positions[1].tonnes, 12);
    EXPECT_THAT(portfolio.resolved_yaml, ::testing::HasSubstr("betas"));
    const Portfolio again = read_portfolio_text(portfolio.resolved_yaml);
    EXPECT_EQ(again.positions.size(), 2U);
}

TEST_F(ReadPortfolioCsv, SaysLineAndColumnOfProblems)
{
    put("name,type,value,weight,betas.cobalt,betas.cobalt\n"
        "one,equity,much,1,0.5,\n"
        "two,equity,1e6,1\n"
        "three,\"equity,1e6,1,0.5,\n");
    EXPECT_EQ(problems(),
              "p.csv:1:17: no key of a position is called \"weight\"\n"
              "p.csv:1:37: \"betas.cobalt\" is a column twice\n"
              "p.csv:2:12: must be a number (got \"much\")\n"
              "p.csv:3:1: 4 fields on this line (must be 6, as in the first)\n"
              "p.csv:4:1: a quote does not end on this line\n");
}

TEST_F(ReadPortfolioCsv, SaysThatTheTableIsMissing)
{
    EXPECT_THAT(problems(), ::testing::HasSubstr("p.yaml:4:12: "));
    put("name,type\n");
    EXPECT_EQ(problems(), "p.csv:1:1: holds nothing (got an empty list)\n");
    put("\xff\xfe,\x01\n");
    EXPECT_NE(problems(), "");
}

TEST(ReadPortfolio, TurnsOtherMoneyIntoDollars)
{
    const Portfolio portfolio = read_portfolio_text(R"(schema: 1
portfolio: money
currencies: [{name: aud, usd: 0.5}]
currency: aud
max_loss: 10
positions:
  - {type: cash, value: 4}
  - {type: cash, value: 4, currency: usd, max_loss: 2}
)");
    EXPECT_EQ(*portfolio.max_loss_usd, 5);
    EXPECT_EQ(portfolio.positions[0].value_usd, 2);
    EXPECT_EQ(portfolio.positions[0].name, "cash_1");
    EXPECT_EQ(portfolio.positions[1].value_usd, 4);
    EXPECT_EQ(*portfolio.positions[1].max_loss_usd, 2);
}

}  // namespace
}  // namespace chokepoint
