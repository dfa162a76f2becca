#include "chokepoint/market/invariants.hpp"

#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "market/market_run.hpp"
#include "support/sample_scenarios.hpp"

namespace chokepoint {
namespace {

using testing::MarketRun;
using testing::month;

/// The compact scenario with a reserve, two months on.
class CorruptedMonth : public ::testing::Test {
protected:
    CorruptedMonth() : run_(model())
    {
        run_.next();
        run_.next();
        before_ = run_.state;
        run_.shock = run_.shocks.next(run_.state.running);
        clearing_ = run_.market.clear(run_.timeline, run_.shock, {}, run_.state);
    }

    static Model model()
    {
        ScenarioBuilder builder({"x", "y"}, {"mine", "refine"});
        builder.commodity("ore");
        builder.mine("pit", "x", 1200, {{"ore", 1}});
        builder.facility("plant", "x", "refine", 1200);
        builder.recycling("scrap", "ore", "y", 0);
        builder.demand("ore", "x", 600);
        builder.demand("ore", "y", 600);
        builder.stocks("users", 2, 3);
        ReserveEntry& reserve = builder.scenario.reserves.emplace_back();
        reserve.name = "state";
        reserve.region = "y";
        reserve.commodity = "ore";
        reserve.tonnes = builder.number("tonnes", 50);
        reserve.release_t_per_month = builder.number("release", 10);
        reserve.trigger_price_ratio = builder.number("trigger", 2);
        reserve.stop_price_ratio = builder.number("stop", 1.5);
        return builder.model();
    }

    /// What the check says of the month after a change.
    std::string complaint(const std::function<void(Clearing&)>& corrupt) const
    {
        Clearing corrupted = clearing_;
        corrupt(corrupted);
        try {
            check_month(run_.model, run_.shock, before_, corrupted);
        } catch (const std::logic_error& error) {
            return error.what();
        }
        return "";
    }

    MarketRun run_;
    MarketState before_;
    Clearing clearing_;
};

using ::testing::HasSubstr;

TEST_F(CorruptedMonth, IsFoundByTheMassThatIsMissing)
{
    EXPECT_EQ(complaint([](Clearing&) {}), "");
    EXPECT_EQ(complaint([](Clearing& month) { month.output[0] *= 1 + 1e-12; }), "");
    EXPECT_THAT(complaint([](Clearing& month) { month.output[0] *= 1 + 1e-7; }),
                HasSubstr("mass does not balance: 100.00001 t leave mine, 100 t are taken in "
                          "(ore, month 2)"));
    // The same everywhere along the chain, but not at the users.
    EXPECT_THAT(complaint([](Clearing& month) {
                    for (auto* by_layer : {&month.output, &month.throughput}) {
                        for (double& tonnes : *by_layer) {
                            tonnes *= 1.01;
                        }
                    }
                }),
                HasSubstr("leave refine, 100 t are taken in (ore, month 2)"));
}

TEST_F(CorruptedMonth, IsFoundByItsStocks)
{
    EXPECT_THAT(complaint([](Clearing& month) { month.stock_after[1] += 1e-3; }),
                HasSubstr("(ore in y, month 2)"));
    EXPECT_THAT(complaint([](Clearing& month) { month.stock_after[0] = -1; }),
                HasSubstr("the users' stock is -1 t (ore in x, month 2)"));
    EXPECT_THAT(complaint([](Clearing& month) {
                    month.reserve_release[0] = month.release[1] = 51;
                    month.stock_after[1] += 51;
                }),
                HasSubstr("51 t are released and 0 t bought by state, which holds 50 t (ore, "
                          "month 2)"));
}

TEST_F(CorruptedMonth, IsFoundByServingMoreThanIsWanted)
{
    EXPECT_THAT(complaint([](Clearing& month) { month.rationed[1] = -0.5; }),
                HasSubstr("50 t are served of 49.5 t wanted (ore in y, month 2)"));
    EXPECT_THAT(complaint([](Clearing& month) { month.consumption[1] = -0.5; }),
                HasSubstr("served"));
}

TEST_F(CorruptedMonth, IsFoundByWhatIsNotANumber)
{
    const double not_a_number = std::numeric_limits<double>::quiet_NaN();
    for (auto values :
         {&Clearing::consumption, &Clearing::purchase, &Clearing::rationed,
          &Clearing::stock_after, &Clearing::output, &Clearing::exports, &Clearing::recycled,
          &Clearing::threat, &Clearing::threat_in_force, &Clearing::reserve_release}) {
        EXPECT_NE(complaint([&](Clearing& month) { (month.*values).front() = not_a_number; }),
                  "");
    }
}

TEST_F(CorruptedMonth, IsFoundByExportsAndSharesOutOfRange)
{
    EXPECT_THAT(complaint([](Clearing& month) { month.exports[0] = month.output[0] + 1; }),
                HasSubstr("100 t leave mine, 101 t are exported (ore in x, month 2)"));
    EXPECT_THAT(complaint([](Clearing& month) { month.threat[1] = 1.5; }),
                HasSubstr("under threat is 1.5 (ore in y, month 2)"));
    EXPECT_THAT(complaint([](Clearing& month) { month.threat_in_force[1] = 0.5; }),
                HasSubstr("in force is 0.5, under threat 0 (ore in y, month 2)"));
    EXPECT_THAT(complaint([](Clearing& month) { month.availability[1] = -0.25; }),
                HasSubstr("capacity available is -0.25 (plant, month 2)"));
}

}  // namespace
}  // namespace chokepoint
