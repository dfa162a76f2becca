#include "chokepoint/app/trial_story.hpp"

#include "support/scenario_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

/// Mines and plants of china serve users at home and in japan, 10 t a month each, until china
/// halves its exports in July and August 2009.
class Cut {
public:
    Cut() : model_(scenario()), runner_(model_, 1), record_(runner_.run(0)) {}

    std::vector<std::string> spells() const
    {
        std::vector<std::string> sentences;
        for (const BindingSpell& spell : binding_spells(model_, record_)) {
            sentences.push_back(spell_sentence(model_, *record_.parameters, spell));
        }
        return sentences;
    }

    std::vector<AccountText> accounts() const
    {
        std::vector<AccountText> texts;
        for (const PriceAccount& account : price_accounts(model_, record_)) {
            texts.push_back(
                account_text(model_, *record_.parameters, *record_.timeline, account));
        }
        return texts;
    }

private:
    static Model scenario()
    {
        ScenarioBuilder builder({"china", "japan"});
        builder.commodity("neodymium", 30);
        builder.mine("bayan_obo", "china", 240, {{"neodymium", 1}});
        builder.facility("baotou", "china", "refine", 480);
        builder.demand("neodymium", "china", 120);
        builder.demand("neodymium", "japan", 120);
        builder.scripted("cut", builder.terms("china", Instrument::quota), {2009, 7, 1},
                         {2009, 9, 1}, 0.5);
        return builder.model();
    }

    Model model_;
    TrialRunner runner_;
    TrialRecord record_;
};

TEST(SpellSentence, TellsMonthsArcGapAndFlow)
{
    // Half of the use costs 2^5 times as much, half as much again (2/3)^5: 32 - 0.132.
    EXPECT_THAT(Cut().spells(),
                ::testing::ElementsAre("2009-07 to 2009-08: refine exports of china (neodymium): "
                                     "price gap up to 956 USD/kg; 5.00 t a month pass, "
                                     "10.0 undisturbed"));
}

TEST(AccountTexts, TellPricePartsTonnesAndCauses)
{
    const auto accounts = Cut().accounts();
    ASSERT_EQ(accounts.size(), 2);
    EXPECT_THAT(
        accounts[0].sentences(),
        ::testing::ElementsAre(
            "japan: 32.0 times the undisturbed price in 2009-07, 960 instead of 30.0 USD/kg",
            "the +930 USD/kg are +956 over refine exports of china (5.00 t a month pass, 10.0 "
            "undisturbed), -26.0 at mine in china (3.95 instead of 30.0)",
            "use in the month 5.00 t less (5.00 instead of 10.0): they buy 5.00 t less",
            "the world makes as much as undisturbed at every stage", "in force: cut"));
    EXPECT_EQ(
        accounts[1].price,
        "china: never dearer, lowest at 0.132 times the undisturbed price in 2009-07, 3.95 "
        "instead of 30.0 USD/kg");
}

TEST(AccountTexts, NameTheBoundOnPricesAndWhatFindsNoSeller)
{
    ScenarioBuilder builder({"china", "japan"}, {"mine"});
    builder.commodity("neodymium", 30);
    builder.mine("bayan_obo", "china", 240);
    builder.mine("others", "japan", 240);
    builder.demand("neodymium", "china", 240);
    builder.demand("neodymium", "japan", 240);
    builder.scripted_outage("strike", "bayan_obo", {2009, 2, 1}, {2009, 3, 1}, 1);
    const Model model = builder.model();
    TrialRunner runner(model, 1);
    const TrialRecord record = runner.run(0);
    const auto accounts = price_accounts(model, record);
    ASSERT_EQ(accounts.size(), 1);
    const AccountText text =
        account_text(model, *record.parameters, *record.timeline, accounts[0]);
    EXPECT_EQ(text.price,
              "everywhere: 32.0 times the undisturbed price in 2009-02, 960 instead "
              "of 30.0 USD/kg");
    EXPECT_EQ(text.way, "no bottleneck on the way: the price at the mines is up as much");
    EXPECT_EQ(text.output, "output, t a month against undisturbed: mine -20.0 (china -20.0)");
    EXPECT_EQ(text.outages,
              "outages take 20.0 t a month of mine capacity (bayan_obo 100 % of it)");

    PriceAccount at_bound = accounts[0];
    at_bound.price.disrupted = 50;
    at_bound.users.rationed = 3;
    const AccountText rationed =
        account_text(model, *record.parameters, *record.timeline, at_bound);
    EXPECT_THAT(rationed.price, ::testing::EndsWith("the bound beyond which the model rations"));
    EXPECT_THAT(rationed.users,
                ::testing::HasSubstr("3.00 t wanted at this price find no seller"));
}

}  // namespace
}  // namespace chokepoint
