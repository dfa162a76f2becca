#include "chokepoint/statistics/moments_table.hpp"

#include "support/complaint.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

MomentsTable table_of(std::uint64_t count, std::vector<double> mean, std::vector<double> m2)
{
    MomentsTable table(mean.size());
    table.count = count;
    table.mean = std::move(mean);
    table.m2 = std::move(m2);
    return table;
}

void expect_same(const MomentsTable& table, std::size_t position, const Moments& moments)
{
    EXPECT_EQ(table.at(position).count, moments.count);
    EXPECT_EQ(table.at(position).mean, moments.mean);
    EXPECT_EQ(table.at(position).m2, moments.m2);
}

TEST(MomentsTable, MergesEachPositionLikeItsMoments)
{
    const MomentsTable one = table_of(64, {1.1, 0, 7.3, 1e-3, 2}, {3.7, 0, 0.1, 5e-8, 1});
    const MomentsTable other = table_of(17, {2.3, 0, 6.9, 3e-3, 2}, {0.9, 0, 2.2, 1e-9, 3});
    MomentsTable merged = one;
    merged.merge(other);
    for (std::size_t position = 0; position < 5; ++position) {
        Moments expected = one.at(position);
        expected.merge(other.at(position));
        expect_same(merged, position, expected);
    }
    EXPECT_EQ(merged.count, 81u);
}

TEST(MomentsTable, TakesOverWhatIsMergedIntoAnEmptyOne)
{
    const MomentsTable one = table_of(64, {1.1, 0.1}, {3.7, 0.3});
    MomentsTable merged(2);
    merged.merge(one);
    expect_same(merged, 0, one.at(0));
    merged.merge(MomentsTable(2));
    expect_same(merged, 1, one.at(1));
}

TEST(MomentsTable, RefusesOneOfOtherPositions)
{
    MomentsTable table(2);
    EXPECT_EQ(complaint([&] { table.merge(MomentsTable(3)); }),
              "MomentsTable: the tables have different positions");
}

}  // namespace
}  // namespace chokepoint
