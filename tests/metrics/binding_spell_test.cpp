#include "chokepoint/metrics/binding_spell.hpp"

#include "metrics/hand_made_trial.hpp"

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

constexpr std::size_t arcs = 2;

/// Writes gap and flow of an arc into one month of a run.
void set_arc(Path& path, std::size_t month, std::size_t arc, double gap, double flow)
{
    path.arc_gap[month * arcs + arc] = gap;
    path.arc_flow[month * arcs + arc] = flow;
}

TEST(BindingSpells, AreNoneWhereNothingBinds)
{
    EXPECT_TRUE(binding_spells(HandMadeTrial(6).model, HandMadeTrial(6).record()).empty());
}

TEST(BindingSpells, TellMonthsGapFlowRentAndWorth)
{
    HandMadeTrial trial(6);
    for (const std::size_t month : {2U, 3U}) {
        set_arc(trial.disrupted, month, 0, month == 2 ? 1.5 : 2, 4);
        set_arc(trial.reference, month, 0, 0.5, month == 2 ? 9 : 11);
    }
    const auto spells = binding_spells(trial.model, trial.record());
    ASSERT_EQ(spells.size(), 1);
    const BindingSpell& spell = spells.front();
    EXPECT_EQ(spell.arc, 0);
    EXPECT_EQ(spell.first_month, 2);
    EXPECT_EQ(spell.last_month, 3);
    EXPECT_EQ(spell.months(), 2);
    EXPECT_EQ(spell.largest_gap, 2);
    EXPECT_EQ(spell.undisturbed_gap, 0.5);
    EXPECT_EQ(spell.flow, 4);
    EXPECT_EQ(spell.undisturbed_flow, 10);
    const double usd_per_t = 30'000;
    EXPECT_DOUBLE_EQ(spell.rent, usd_per_t * (1.5 * 4 + 2 * 4));
    EXPECT_DOUBLE_EQ(spell.worth, usd_per_t * (1.0 * 9 + 1.5 * 11));
}

TEST(BindingSpells, EndWhereTheArcBindsNoHarderThanInTheReferenceRun)
{
    HandMadeTrial trial(6);
    for (std::size_t month = 0; month < 6; ++month) {
        set_arc(trial.disrupted, month, 0, 1, 5);
        set_arc(trial.reference, month, 0, month == 2 ? 1 : 0, 5);  // month 2: the same
    }
    set_arc(trial.reference, 5, 0, 3, 5);  // binds, but less hard
    const auto spells = binding_spells(trial.model, trial.record());
    ASSERT_EQ(spells.size(), 2);
    EXPECT_EQ(spells[0].first_month, 0);
    EXPECT_EQ(spells[0].last_month, 1);
    EXPECT_EQ(spells[1].first_month, 3);
    EXPECT_EQ(spells[1].last_month, 4);
}

TEST(BindingSpells, ComeInOrderOfWorthAlsoWhereNothingPassesAnyMore)
{
    HandMadeTrial trial(6);
    set_arc(trial.disrupted, 1, 0, 1, 5);   // 30 USD/kg on 5 t
    set_arc(trial.disrupted, 1, 1, 20, 0);  // 100 USD/kg on 10 t that are shut out
    set_arc(trial.reference, 1, 1, 0, 10);
    const auto spells = binding_spells(trial.model, trial.record());
    ASSERT_EQ(spells.size(), 2);
    EXPECT_EQ(spells[0].arc, 1);
    EXPECT_EQ(spells[0].rent, 0);
    EXPECT_DOUBLE_EQ(spells[0].worth, 5000 * 20 * 10);
    EXPECT_EQ(spells[1].arc, 0);
}

}  // namespace
}  // namespace chokepoint
