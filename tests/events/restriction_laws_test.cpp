// Sampled restrictions against exact laws: a Poisson process whose rate changes with a Markov
// chain, processes that excite themselves and each other, and compound sums.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/exact_law.hpp"

namespace chokepoint {
namespace {

using testing::Estimated;
using testing::exact_value;
using testing::expect_exact;
using testing::for_each_trial;
using testing::model_with_hazards;
using testing::Sample;

/// A hazard of bans of so many a year.
std::string bans(const std::string& name, double per_year, const std::string& more = "")
{
    return "    - {name: " + name + ", exporter: china, instrument: ban, rate_per_year: "
           + std::to_string(per_year) + ", duration_days: 30" + more + "}\n";
}

TEST(LawsOfRestrictions, AddUpWithTheSkewnessOfACompoundPoissonLaw)
{
    // Lengths of exp(-0.5 + 0.8 Z) years.
    const Model model = model_with_hazards(R"(
  export_restrictions:
    - name: cuts
      exporter: china
      instrument: ban
      rate_per_year: 0.3
      duration_days: {lognormal: {median: 221.535323460, sigma: 0.8}}
)",
                                           120);
    Sample years;
    for_each_trial(model, 1'000'000, [&](const Timeline& timeline) {
        double sum = 0;
        for (const RestrictionEvent& event : timeline.restrictions) {
            sum += (event.until - event.from) / 12;
        }
        years.add(sum);
    });
    expect_exact("skewness", years.skewness(), exact_value("compound_poisson", "skewness"),
                 0.06);
    expect_exact("mean", years.mean(), exact_value("compound_poisson", "mean"), 0.01);
    expect_exact("variance", years.variance(), exact_value("compound_poisson", "variance"),
                 0.02);
}

TEST(LawsOfRestrictions, UnderATensionAreAMarkovModulatedPoissonProcess)
{
    const Model model = model_with_hazards(
        "  tensions:\n"
        "    - {name: relation, between: [china, japan],\n"
        "       becomes_tense_per_year: 0.5, becomes_calm_per_year: 1.5}\n"
        "  export_restrictions:\n"
            + bans("cuts", 0.1, ", tension: relation, tense_factor: 20"),
        120);
    Sample counts;
    Sample none;
    Sample tense_at_start;
    Sample tense_at_end;
    Sample tense_share;
    for_each_trial(model, 400'000, [&](const Timeline& timeline) {
        counts.add(static_cast<double>(timeline.restrictions.size()));
        none.add(timeline.restrictions.empty() ? 1 : 0);
        double tense = 0;
        bool at_start = false;
        bool at_end = false;
        for (const TenseSpell& spell : timeline.tense_spells) {
            tense += std::min(spell.until, 120.0) - std::max(spell.from, 0.0);
            at_start = at_start || spell.from <= 0;
            at_end = at_end || spell.until >= 120;
        }
        tense_at_start.add(at_start ? 1 : 0);
        tense_at_end.add(at_end ? 1 : 0);
        tense_share.add(tense / 120);
    });
    expect_exact("mean", counts.mean(), exact_value("mmpp2", "mean N"), 0.005);
    expect_exact("variance", counts.variance(), exact_value("mmpp2", "variance N"), 0.015);
    expect_exact("none", none.mean(), exact_value("mmpp2", "P(N=0)"), 0.04);
    const double tense = exact_value("mmpp2", "stationary P(tense)");
    expect_exact("tense at the start", tense_at_start.mean(), tense, 0.015);
    expect_exact("tense at the end", tense_at_end.mean(), tense, 0.015);
    expect_exact("share of time", tense_share.mean(), tense, 0.01);
}

/// 0.2 restrictions a year by themselves; each provokes 0.6 after 1 / 1.5 years on average.
class SelfExcitingRestrictions : public ::testing::Test {
protected:
    static constexpr double excitation = 0.9, decay = 1.5;  ///< per year

    static Model model(int years)
    {
        return model_with_hazards("  export_restrictions:\n" + bans("cuts", 0.2)
                                      + "  contagion:\n"
                                        "    - {name: waves, from: cuts, to: cuts,\n"
                                        "       offspring: 0.6, mean_delay_days: 243.5}\n",
                                  12 * years);
    }
};

TEST_F(SelfExcitingRestrictions, AreAsManyAsAHawkesProcessFromAnEmptyStart)
{
    Sample counts;
    Sample unprovoked;
    Sample intensity;
    for_each_trial(model(20), 300'000, [&](const Timeline& timeline) {
        double rate = 0.2;
        double immigrants = 0;
        for (const RestrictionEvent& event : timeline.restrictions) {
            rate += excitation * std::exp(-decay * (20 - event.announced / 12));
            immigrants += event.provoked_by < 0 ? 1 : 0;
        }
        counts.add(static_cast<double>(timeline.restrictions.size()));
        unprovoked.add(immigrants);
        intensity.add(rate);
    });
    expect_exact("number", counts.mean(), exact_value("hawkes_exp", "E N(T)"), 0.006);
    expect_exact("unprovoked", unprovoked.mean(), 0.2 * 20, 0.005);
    expect_exact("rate at the end", intensity.mean(), exact_value("hawkes_exp", "E lambda(T)"),
                 0.01);
}

TEST_F(SelfExcitingRestrictions, ComeInTheLongRunAtAConstantRateWithWidelySpreadCounts)
{
    // Counted in years 20 to 70, when the empty start is forgotten: e^{-0.6 20} is 6e-6.
    Sample counts;
    for_each_trial(model(70), 100'000, [&](const Timeline& timeline) {
        counts.add(static_cast<double>(std::ranges::count_if(
            timeline.restrictions,
            [](const RestrictionEvent& event) { return event.announced >= 240; })));
    });
    const Estimated mean = counts.mean();
    expect_exact("rate", {mean.value / 50, mean.error / 50},
                 exact_value("hawkes_exp", "stationary rate mu/(1-n)"), 0.01);
    // Of T years the variance per year is r / (1 - n)^2 (1 - (1 - (1 - n)^2) / (b (1 - n) T)).
    const double limit = exact_value("hawkes_exp", "limit Var(N_T)/T = mu/(1-n)^3");
    const Estimated variance = counts.variance();
    expect_exact("variance per year", {variance.value / 50, variance.error / 50},
                 limit - 4.375 / 50, 0.03);
}

TEST_F(SelfExcitingRestrictions, ComeInWavesOfBorelSizes)
{
    // Provoked within days, so that next to no wave of the first nine years is cut at the
    // tenth.
    const Model quick = model_with_hazards("  export_restrictions:\n" + bans("cuts", 30)
                                               + "  contagion:\n"
                                                 "    - {name: waves, from: cuts, to: cuts,\n"
                                                 "       offspring: 0.6, mean_delay_days: 1}\n",
                                           120);
    struct Wave {
        double begun = 0, unprovoked_at = 0;
        int size = 0, unprovoked = 0;
    };
    Sample sizes;
    Sample alone;
    Sample of_three;
    std::unordered_map<std::uint64_t, Wave> waves;
    for_each_trial(quick, 2'000, [&](const Timeline& timeline) {
        waves.clear();
        for (const RestrictionEvent& event : timeline.restrictions) {
            Wave& wave = waves[event.wave];
            wave.begun =
                wave.size == 0 ? event.announced : std::min(wave.begun, event.announced);
            ++wave.size;
            if (event.provoked_by < 0) {
                ++wave.unprovoked;
                wave.unprovoked_at = event.announced;
            }
        }
        for (const auto& [key, wave] : waves) {
            ASSERT_EQ(wave.unprovoked, 1);
            ASSERT_EQ(wave.begun, wave.unprovoked_at);  // the unprovoked one comes first
            if (wave.begun < 108) {
                sizes.add(wave.size);
                alone.add(wave.size == 1 ? 1 : 0);
                of_three.add(wave.size == 3 ? 1 : 0);
            }
        }
    });
    expect_exact("mean", sizes.mean(), exact_value("hawkes_cluster", "mean size"), 0.01);
    expect_exact("mean", sizes.mean(), exact_value("hawkes_exp", "mean cluster size 1/(1-n)"),
                 0.01);
    expect_exact("variance", sizes.variance(),
                 exact_value("hawkes_cluster", "variance size n/(1-n)^3"), 0.05);
    expect_exact("alone", alone.mean(), exact_value("hawkes_cluster", "P(K=1)=e^-n"), 0.01);
    expect_exact("of three", of_three.mean(),
                 exact_value("hawkes_cluster", "P(K=3)=e^{-3n}(3n)^2/3!"), 0.03);
}

/// Two exporters' restrictions that provoke each other: n = `scale` [[0.3, 0.4], [0.5, 0.2]],
/// rows provoked, columns provoking.
Model two_that_provoke_each_other(double scale, int months)
{
    const auto link = [scale](const char* name, const char* from, const char* to,
                              double offspring) {
        return std::string("    - {name: ") + name + ", from: " + from + ", to: " + to
               + ", offspring: " + std::to_string(scale * offspring)
               + ", mean_delay_days: 1}\n";
    };
    return model_with_hazards(
        "  export_restrictions:\n" + bans("first", 0.1) + bans("second", 0.05)
            + "  contagion:\n" + link("n11", "first", "first", 0.3)
            + link("n12", "second", "first", 0.4) + link("n21", "first", "second", 0.5)
            + link("n22", "second", "second", 0.2),
        months);
}

TEST(MutuallyExcitingRestrictions, ComeAtTheRatesOfTheMatrixOfOffspring)
{
    constexpr double years = 40;
    constexpr std::array<std::array<double, 2>, 2> offspring{{{0.3, 0.4}, {0.5, 0.2}}};
    std::array<Sample, 2> rates;
    // What is provoked by so many events of each hazard, less its mean.
    std::array<std::array<Sample, 2>, 2> surplus;
    std::array<double, 2> in_all{};
    for_each_trial(two_that_provoke_each_other(1, 480), 60'000, [&](const Timeline& timeline) {
        std::array<double, 2> counts{};
        std::array<std::array<double, 2>, 2> provoked{};
        for (const RestrictionEvent& event : timeline.restrictions) {
            const auto hazard = static_cast<std::size_t>(event.hazard);
            counts.at(hazard) += 1;
            if (event.provoked_by >= 0) {
                provoked.at(hazard).at(static_cast<std::size_t>(event.provoked_by)) += 1;
            }
        }
        for (const std::size_t to : {0U, 1U}) {
            rates.at(to).add(counts.at(to) / years);
            in_all.at(to) += counts.at(to);
            for (const std::size_t from : {0U, 1U}) {
                surplus.at(to).at(from).add(provoked.at(to).at(from)
                                            - offspring.at(to).at(from) * counts.at(from));
            }
        }
    });
    expect_exact("first", rates[0].mean(), exact_value("hawkes_bivariate", "rate1"), 0.015);
    expect_exact("second", rates[1].mean(), exact_value("hawkes_bivariate", "rate2"), 0.015);
    for (const std::size_t to : {0U, 1U}) {
        for (const std::size_t from : {0U, 1U}) {
            const Estimated found = surplus.at(to).at(from).mean();
            const double parents = in_all.at(from) / 60'000;
            expect_exact(
                "n" + std::to_string(to + 1) + std::to_string(from + 1),
                {offspring.at(to).at(from) + found.value / parents, found.error / parents},
                offspring.at(to).at(from), 0.02);
        }
    }
}

TEST(MutuallyExcitingRestrictions, AreRefusedFromASpectralRadiusOfOneOn)
{
    const double radius = exact_value("hawkes_bivariate", "spectral radius");
    EXPECT_NO_THROW(two_that_provoke_each_other(0.999 / radius, 12));
    try {
        two_that_provoke_each_other(2, 12);
        FAIL() << "it was not refused";
    } catch (const InputError& error) {
        ASSERT_EQ(error.problems().size(), 1U);
        EXPECT_THAT(error.problems()[0].problem,
                    ::testing::HasSubstr("the largest eigenvalue of the offspring is 1.4;"));
        EXPECT_DOUBLE_EQ(2 * radius, 1.4);
    }
}

}  // namespace
}  // namespace chokepoint
