#include "chokepoint/metrics/meter.hpp"

#include "metrics/hand_made_trial.hpp"

#include <set>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(AllMeters, GiveEveryColumnANameOfItsOwnAndASentence)
{
    const HandMadeTrial trial(24);  // two years
    std::set<std::tuple<std::string, std::string, std::string, int, int>> names;
    std::size_t count = 0;
    for (const auto& meter : all_meters(trial.model)) {
        for (const Column& column : meter->columns()) {
            names.insert({column.metric, column.commodity, column.region,
                          column.year ? column.year->year : 0,
                          column.year && column.year->basis == Basis::aggregate ? 1 : 0});
            EXPECT_THAT(column.sentence, Not(IsEmpty())) << column.metric;
            EXPECT_THAT(column.unit, Not(IsEmpty())) << column.metric;
            ++count;
        }
    }
    EXPECT_EQ(names.size(), count);
    EXPECT_GT(count, 100);
}

TEST(AllMeters, FillEveryColumnAndEveryMonthOfTheirSeries)
{
    const HandMadeTrial trial(5);
    for (const auto& meter : all_meters(trial.model)) {
        const auto measured = trial.measure(*meter);
        EXPECT_THAT(measured.row, Each(Not(::testing::IsNan())));
        EXPECT_THAT(measured.months, Each(::testing::Ge(0)));
    }
}

TEST(MetricCatalogue, NamesEachMetricOnce)
{
    const std::vector<Column> catalogue = metric_catalogue();
    std::set<std::string> names;
    for (const Column& column : catalogue) {
        EXPECT_TRUE(names.insert(column.metric).second) << column.metric;
    }
    EXPECT_THAT(catalogue, Contains(Field(&Column::metric, "shortfall_share")));
    EXPECT_THAT(catalogue, Contains(Field(&Column::metric, "price_peak")));
    EXPECT_THAT(catalogue, Contains(Field(&Column::metric, "arc_rent")));
}

}  // namespace
}  // namespace chokepoint
