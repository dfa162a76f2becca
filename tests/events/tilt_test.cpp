// Trials from tilted laws: their weights are density ratios, and weighted means are those of
// the scenario's own law.

#include "chokepoint/events/tilt.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/exact_law.hpp"

namespace chokepoint {
namespace {

using testing::Estimated;
using testing::model_with_hazards;
using testing::Sample;

using Factors = std::map<std::string, double>;

Tilt::Component component_of(const TiltKnobs& knobs, double share, const Factors& factors)
{
    Tilt::Component component{share, std::vector<double>(knobs.size(), 1)};
    for (const auto& [name, factor] : factors) {
        bool is_known = false;
        for (std::size_t knob = 0; knob < knobs.size(); ++knob) {
            const std::string& full = knobs.names()[knob];
            const bool in_all_parts = full.size() == name.size() + 2 && full.starts_with(name)
                                      && full[name.size()] == '/';
            if (full == name || in_all_parts) {
                component.factors[knob] = factor;
                is_known = true;
            }
        }
        if (!is_known) {
            throw std::out_of_range(name);
        }
    }
    return component;
}

/// Calls `visit(weight, timeline, draws, parameters)` with each trial.
template <class Visit>
void for_each_tilted_trial(const Model& model, const Tilt& tilt, std::uint64_t trials,
                           Visit visit)
{
    const TiltKnobs knobs(model);
    TiltedDraws draws(knobs, tilt);
    Parameters parameters;
    Timeline timeline;
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        const TrialKey key{.seed = 2010, .trial = trial};
        draws.start(key);
        draw_parameters(model, key, parameters, nullptr, &draws);
        sample_timeline(model, parameters, key, timeline, &draws);
        visit(std::exp(timeline.log_weight), timeline, draws, parameters);
    }
}

/// Holds if two estimates agree within four standard errors, and these are a small share.
void expect_equal(const std::string& what, const Estimated& found, const Estimated& wanted,
                  double largest_share)
{
    const double error = std::hypot(found.error, wanted.error);
    EXPECT_NEAR(found.value, wanted.value, 4 * error) << what;
    EXPECT_LT(4 * error, largest_share * std::abs(wanted.value)) << what;
}

/// Restrictions with all kinds of marks, faster in tense times; they provoke each other.
const std::string restrictions = R"(
  tensions:
    - {name: relation, between: [china, japan], becomes_tense_per_year: 0.5,
       becomes_calm_per_year: 1}
  export_restrictions:
    - name: cuts
      exporter: china
      instrument: quota
      rate_per_year: {uniform: [0.2, 0.6]}
      tension: relation
      tense_factor: 3
      severity: {uniform: [0.2, 0.6]}
      duration_days: {lognormal: {median: 85, sigma: 0.8}}
      notice_days: {exponential: {mean: 20}}
      targets: [japan]
      targeted_probability: 0.3
      structural: {probability: 0.4, severity: {uniform: [0.1, 0.3]},
                   duration_days: {exponential: {mean: 400}}}
  contagion:
    - {name: again, from: cuts, to: cuts, offspring: 0.4, mean_delay_days: 100}
)";

const Factors worse = {{"hazards.export_restrictions.cuts.rate_per_year", 0.7},
                       {"cuts/onsets/1", 1.6},
                       {"cuts/onsets/3", 0.8},
                       {"cuts/severity", 0.8},
                       {"cuts/duration_days", 0.75},
                       {"cuts/duration_days/2", 1.2},
                       {"cuts/notice_days", 1.2},
                       {"cuts/targeted", 1.3},
                       {"cuts/structural", 0.7},
                       {"cuts/structural/severity", 0.9},
                       {"cuts/structural/duration_days", 0.8}};

TEST(Tilt, WithFactorsOfOneWeighsEachTrialExactlyOnce)
{
    const Model model = model_with_hazards(restrictions, 60);
    const TiltKnobs knobs(model);
    const Tilt tilt{{component_of(knobs, 0.3, {}), component_of(knobs, 0.6, {})}};
    for_each_tilted_trial(model, tilt, 200,
                          [&](double, const Timeline& timeline, const TiltedDraws&,
                              const Parameters&) { EXPECT_EQ(timeline.log_weight, 0); });
}

TEST(Tilt, WeighsByTheRatioOfDensities)
{
    // ln dQ/dP of what happened, from the events alone: Poisson counts and densities of marks.
    const Model model = model_with_hazards(R"(
  tensions:
    - {name: relation, between: [china, japan], becomes_tense_per_year: 0.5,
       becomes_calm_per_year: 1}
  export_restrictions:
    - {name: cuts, exporter: china, instrument: quota, rate_per_year: {uniform: [0.5, 1.5]},
       tension: relation, tense_factor: 3, severity: {uniform: [0.2, 0.6]},
       duration_days: {exponential: {mean: 100}}}
  contagion:
    - {name: again, from: cuts, to: cuts, offspring: 0.5, mean_delay_days: 100}
)",
                                           120);
    const TiltKnobs knobs(model);
    const Tilt tilt{
        {component_of(knobs, 0.5,
                      {{"hazards.export_restrictions.cuts.rate_per_year", 2},
                       {"cuts/onsets/2", 1.5},
                       {"cuts/severity", 0.6},
                       {"cuts/duration_days/1", 1.25}}),
         component_of(knobs, 0.25, {{"cuts/onsets/1", 0.5}, {"cuts/duration_days", 0.5}})}};
    int events = 0;
    for_each_tilted_trial(
        model, tilt, 300,
        [&](double weight, const Timeline& timeline, const TiltedDraws&,
            const Parameters& parameters) {
            const double rate = parameters[model.restriction_hazards[0].rate_per_year];
            const auto expected = [&](double from, double until) {
                double time = until - from;
                for (const TenseSpell& spell : timeline.tense_spells) {
                    time += 2
                            * std::max(
                                0.0, std::min(spell.until, until) - std::max(spell.from, from));
                }
                return rate * time / 12;
            };
            double first = 1;  // the densities' ratios of the two laws
            double second = 1;
            first *= 2 * (1.5 - rate);  // k v^(k - 1), v = P(X > rate)
            first *= std::exp(-0.5 * expected(30, 60));
            second *= std::exp(0.5 * expected(0, 30));
            for (const RestrictionEvent& event : timeline.restrictions) {
                const double severer = (0.6 - event.severity) / 0.4;
                const double days = (event.until - event.from) * 365.25 / 12;
                first *= 0.6 * std::pow(severer, 0.6 - 1);
                first *= event.announced < 30 ? 1.25 * std::exp(-0.25 * days / 100) : 1;
                second *= 0.5 * std::exp(0.5 * days / 100);
                const bool immigrant = event.provoked_by < 0;
                first *= immigrant && event.announced >= 30 && event.announced < 60 ? 1.5 : 1;
                second *= immigrant && event.announced < 30 ? 0.5 : 1;
                ++events;
            }
            const double by_hand = 1 / (0.25 + 0.5 * first + 0.25 * second);
            EXPECT_NEAR(weight, by_hand, 1e-9 * by_hand);
        });
    EXPECT_GT(events, 1000);
}

TEST(Tilt, LeavesWeightedMeansOfRestrictionsAsTheyWere)
{
    const Model model = model_with_hazards(restrictions, 60);
    const TiltKnobs knobs(model);
    const Tilt tilt{{component_of(knobs, 0.4, worse),
                     component_of(knobs, 0.3, {{"cuts/onsets/2", 2}, {"cuts/structural", 2}})}};
    // What is compared: of all events of a trial, sums.
    const std::vector<std::string> names = {"events", "squared",   "months",     "severity",
                                            "notice", "to all",    "structural", "cut",
                                            "late",   "parameter", "tense"};
    const auto figures = [&](const Timeline& timeline, const Parameters& parameters) {
        std::vector<double> sums(names.size());
        for (const RestrictionEvent& event : timeline.restrictions) {
            sums[0] += 1;
            sums[2] += event.until - event.from;
            sums[3] += event.severity;
            sums[4] += event.from - event.announced;
            sums[5] += event.measure == *model.restriction_hazards[0].untargeted ? 1 : 0;
            sums[6] += event.has_structural_phase() ? 1 : 0;
            sums[7] += event.structural_severity * (event.last_day() - event.until);
            sums[8] += event.announced > 30 ? 1 : 0;
        }
        sums[1] = sums[0] * sums[0];
        sums[9] = parameters[model.restriction_hazards[0].rate_per_year];
        for (const TenseSpell& spell : timeline.tense_spells) {
            sums[10] += std::min(spell.until, 60.0) - spell.from;
        }
        return sums;
    };
    std::vector<Sample> weighted(names.size());
    std::vector<Sample> plain(names.size());
    Sample weights;
    double largest = 0;
    constexpr std::uint64_t trials = 200'000;
    for_each_tilted_trial(model, tilt, trials,
                          [&](double weight, const Timeline& timeline, const TiltedDraws&,
                              const Parameters& parameters) {
                              const std::vector<double> sums = figures(timeline, parameters);
                              for (std::size_t at = 0; at < sums.size(); ++at) {
                                  weighted[at].add(weight * sums[at]);
                              }
                              weights.add(weight);
                              largest = std::max(largest, weight);
                          });
    Parameters parameters;
    Timeline timeline;
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        const TrialKey key{.seed = 2011, .trial = trial};
        draw_parameters(model, key, parameters);
        sample_timeline(model, parameters, key, timeline);
        const std::vector<double> sums = figures(timeline, parameters);
        for (std::size_t at = 0; at < sums.size(); ++at) {
            plain[at].add(sums[at]);
        }
    }
    testing::expect_exact("weight", weights.mean(), 1, 0.02);
    for (std::size_t at = 0; at < names.size(); ++at) {
        expect_equal(names[at], weighted[at].mean(), plain[at].mean(), 0.05);
    }
    EXPECT_LE(largest, 1 / 0.3 * (1 + 1e-12));
    EXPECT_GT(largest, 2);  // the tilt is felt
}

TEST(Tilt, LeavesWeightedMeansOfCommonCausesAndJumpsAsTheyWere)
{
    const Model model = model_with_hazards(R"(
  common_causes:
    - {name: quakes, facilities: {stage: mine}, rate_per_year: 0.5, strike_probability: 0.3,
       repair_days: {exponential: {mean: 90}}, loss_share: {uniform: [0.2, 0.6]}}
  outages:
    - {name: fires, facilities: {stage: mine}, rate_per_year: 0.5,
       repair_days: {exponential: {mean: 60}}, loss_share: {uniform: [0.2, 0.6]}}
  price_shocks:
    processes:
      - {name: prices, commodity: cerium, volatility_per_year: 0.3,
         jumps: {rate_per_year: 0.8, size: {normal: {mean: 0.1, sd: 0.2}}}}
)",
                                           36);
    const TiltKnobs knobs(model);
    const Tilt tilt{{component_of(knobs, 0.8,
                                  {{"quakes/shocks", 1.6},
                                   {"quakes/strikes", 0.7},
                                   {"quakes/repair_days", 0.8},
                                   {"quakes/loss_share", 0.8},
                                   {"fires/loss_share", 0.9},
                                   {"prices/jumps", 1.5},
                                   {"prices/jumps/size", 1.2}})}};
    Sample strikes;
    Sample both;
    Sample lost;
    Sample fires;
    Sample jumps;
    Sample sizes;
    for_each_tilted_trial(
        model, tilt, 200'000,
        [&](double weight, const Timeline& timeline, const TiltedDraws&, const Parameters&) {
            double struck = 0;
            double pairs = 0;
            double loss = 0;
            double burnt = 0;
            double size = 0;
            const OutageEvent* before = nullptr;
            for (const OutageEvent& outage : timeline.outages) {
                if (outage.source == model.common_causes[0].source) {
                    struck += 1;
                    loss += outage.loss * (outage.until - outage.from);
                    pairs += before != nullptr && before->from == outage.from ? 1 : 0;
                    before = &outage;
                } else if (outage.from > 0) {
                    burnt += outage.loss;
                }
            }
            for (const PriceJump& jump : timeline.price_jumps) {
                size += jump.size;
            }
            strikes.add(weight * struck);
            both.add(weight * pairs);
            lost.add(weight * loss);
            fires.add(weight * burnt);
            jumps.add(weight * static_cast<double>(timeline.price_jumps.size()));
            sizes.add(weight * size);
        });
    constexpr double years = 3;
    const double mean_repair = 90 / (365.25 / 12);
    testing::expect_exact("strikes", strikes.mean(), 2 * 0.5 * 0.3 * years, 0.03);
    testing::expect_exact("both", both.mean(), 0.5 * 0.3 * 0.3 * years, 0.06);
    testing::expect_exact("lost", lost.mean(), 2 * 0.5 * 0.3 * years * 0.4 * mean_repair, 0.03);
    // Failures of two mines from a steady state: rate x availability.
    const double availability = 2 / (2 + 60 / 365.25);
    testing::expect_exact("fires", fires.mean(), 2 * 0.5 * availability * years * 0.4, 0.02);
    testing::expect_exact("jumps", jumps.mean(), 0.8 * years, 0.02);
    testing::expect_exact("sizes", sizes.mean(), 0.8 * years * 0.1, 0.05);
}

TEST(Tilt, MovesWhatItIsAskedToMove)
{
    const Model model = model_with_hazards(restrictions, 60);
    const TiltKnobs knobs(model);
    const Tilt tilt{{component_of(knobs, 0.9, worse)}};
    Sample structural;
    Sample early;
    Sample late;
    Sample days;
    Sample days_in_part_2;
    for_each_tilted_trial(
        model, tilt, 50'000,
        [&](double, const Timeline& timeline, const TiltedDraws& draws, const Parameters&) {
            if (draws.factor(Knob::severity, 0) == 1) {
                return;  // drawn from the scenario's own law
            }
            double first = 0;
            double second = 0;
            for (const RestrictionEvent& event : timeline.restrictions) {
                structural.add(event.has_structural_phase() ? 1 : 0);
                const bool in_part_2 = event.announced >= 15 && event.announced < 30;
                (in_part_2 ? days_in_part_2 : days)
                    .add((event.until - event.from) * 365.25 / 12 > 85 ? 1 : 0);
                first += event.provoked_by < 0 && event.announced < 15 ? 1 : 0;
                second += event.provoked_by < 0 && event.announced >= 15 && event.announced < 30
                              ? 1
                              : 0;
            }
            early.add(first);
            late.add(second);
        });
    testing::expect_exact("structural", structural.mean(), std::pow(0.4, 0.7), 0.02);
    testing::expect_exact("above the median", days.mean(), std::pow(0.5, 0.75), 0.02);
    testing::expect_exact("in part 2", days_in_part_2.mean(), std::pow(0.5, 1.2), 0.04);
    const double ratio = early.mean().value / late.mean().value;
    EXPECT_NEAR(ratio, 1.6, 0.05);
}

TEST(Tilt, CountsWhatEachKnobDrew)
{
    const Model model = model_with_hazards(restrictions, 60);
    const TiltKnobs knobs(model);
    std::vector<Sample> surplus(knobs.size());
    std::vector<double> counts(knobs.size());
    for_each_tilted_trial(
        model, Tilt{}, 50'000,
        [&](double weight, const Timeline&, const TiltedDraws& draws, const Parameters&) {
            EXPECT_EQ(weight, 1);
            for (std::size_t at = 0; at < knobs.size(); ++at) {
                const KnobSum& sum = draws.sums()[at];
                surplus[at].add(sum.count - sum.exposure);
                counts[at] += sum.count;
            }
        });
    for (std::size_t at = 0; at < knobs.size(); ++at) {
        const Estimated mean = surplus[at].mean();
        EXPECT_NEAR(mean.value, 0, 4 * mean.error) << knobs.names()[at];
        EXPECT_GT(counts[at], 10'000) << knobs.names()[at];
        EXPECT_LT(4 * mean.error, 0.1 * counts[at] / 50'000) << knobs.names()[at];
    }
}

TEST(Tilt, DoesNotGoBelowItsShareOfPlainTrials)
{
    const Model model = model_with_hazards(restrictions, 60);
    const TiltKnobs knobs(model);
    const Tilt tilt{{component_of(knobs, 0.9, {{"cuts/onsets/1", 30}})}};
    double largest = 0;
    Sample plain;
    for_each_tilted_trial(
        model, tilt, 5'000,
        [&](double weight, const Timeline&, const TiltedDraws& draws, const Parameters&) {
            largest = std::max(largest, weight);
            plain.add(draws.factor(Knob::onsets, 0) == 1 ? 1 : 0);
        });
    EXPECT_LE(largest, 10 * (1 + 1e-12));
    EXPECT_GT(largest, 9);
    testing::expect_exact("plain", plain.mean(), 0.1, 0.2);
}

TEST(Tilt, RefusesWhatIsNoTilt)
{
    const Model model = model_with_hazards(restrictions, 60);
    const TiltKnobs knobs(model);
    const auto is_refused = [&](const Tilt& tilt) {
        try {
            const TiltedDraws draws(knobs, tilt);
        } catch (const std::invalid_argument&) {
            return true;
        }
        return false;
    };
    EXPECT_FALSE(is_refused({{component_of(knobs, 0.9, worse)}}));
    EXPECT_TRUE(is_refused({{component_of(knobs, 0.91, worse)}}));
    EXPECT_TRUE(is_refused({{component_of(knobs, 0, worse)}}));
    EXPECT_TRUE(is_refused({{component_of(knobs, 0.5, {{"cuts/severity", 0}})}}));
    EXPECT_TRUE(is_refused({{component_of(knobs, 0.5, {{"cuts/severity", std::nan("")}})}}));
    EXPECT_TRUE(is_refused({{{.share = 0.5, .factors = {1, 1}}}}));
}

}  // namespace
}  // namespace chokepoint
