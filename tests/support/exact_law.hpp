#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/timeline.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "support/csv.hpp"

// For tests that hold what hazards bring against exact laws.
namespace chokepoint::testing {

/// Mines `a` and `b` in china sell to japan; `hazards` is the section of that name, its lines
/// indented by two.
inline Model model_with_hazards(const std::string& hazards, int months)
{
    const std::string text = R"(schema: 1
name: laws
start: 2009-01
regions: [china, japan]
stages: [mine]
commodities:
  neodymium:
    price_usd_per_kg: 30
    demand_elasticity: {short_run: 0.2, long_run: 0.2}
  cerium:
    price_usd_per_kg: 5
    demand_elasticity: {short_run: 0.2, long_run: 0.2}
facilities:
  - name: a
    region: china
    stage: mine
    capacity_t_per_year: 1200
    outputs: {neodymium: 0.4, cerium: 0.6}
  - name: b
    region: china
    stage: mine
    capacity_t_per_year: 1200
    outputs: {neodymium: 0.4, cerium: 0.6}
demand:
  neodymium:
    japan: {t_per_year: 960}
  cerium:
    japan: {t_per_year: 1440}
months: )" + std::to_string(months)
                             + "\nhazards:\n" + hazards;
    std::vector<Diagnostic> warnings;
    return build_model(read_scenario_text(text), warnings);
}

/// Calls `visit(timeline)` with what happens in each trial.
template <class Visit>
void for_each_trial(const Model& model, std::uint64_t trials, Visit visit)
{
    Parameters parameters;
    Timeline timeline;
    for (std::uint64_t trial = 0; trial < trials; ++trial) {
        const TrialKey key{.seed = 2010, .trial = trial};
        draw_parameters(model, key, parameters);
        sample_timeline(model, parameters, key, timeline);
        visit(std::as_const(timeline));
    }
}

/// A figure of a sample, with its standard error.
struct Estimated {
    double value = 0;
    double error = 0;
};

/// Independent numbers and their moments. Standard errors come from influence functions: what
/// one number, in units of the standard deviation from the mean, adds to the figure.
class Sample {
public:
    void add(double value) { values_.push_back(value); }
    std::size_t size() const { return values_.size(); }

    Estimated mean() const
    {
        const Centre centre = find_centre();
        return {centre.mean, centre.sd / std::sqrt(count())};
    }
    Estimated variance() const
    {
        const Centre centre = find_centre();
        const double square = centre.sd * centre.sd;
        return {square, square * error_of([](double z) { return z * z - 1; }, centre)};
    }
    Estimated skewness() const
    {
        const Centre centre = find_centre();
        const double g = average([](double z) { return z * z * z; }, centre);
        return {
            g, error_of([g](double z) { return z * z * z - g - 1.5 * g * (z * z - 1) - 3 * z; },
                        centre)};
    }
    Estimated excess_kurtosis() const
    {
        const Centre centre = find_centre();
        const double g = average([](double z) { return z * z * z; }, centre);
        const double k = average([](double z) { return z * z * z * z; }, centre);
        return {k - 3, error_of(
                           [g, k](double z) {
                               return z * z * z * z - k - 2 * k * (z * z - 1) - 4 * g * z;
                           },
                           centre)};
    }
    /// With the sample of the same trials.
    Estimated correlation(const Sample& other) const
    {
        const Centre own = find_centre();
        const Centre others = other.find_centre();
        Sample products;
        Sample influences;
        for (std::size_t i = 0; i < size(); ++i) {
            products.add(own.scaled(values_[i]) * others.scaled(other.values_[i]));
        }
        const double r = products.mean().value;
        for (std::size_t i = 0; i < size(); ++i) {
            const double x = own.scaled(values_[i]);
            const double y = others.scaled(other.values_[i]);
            influences.add(x * y - r / 2 * (x * x + y * y));
        }
        return {r, influences.mean().error};
    }

private:
    struct Centre {
        double mean = 0, sd = 0;
        double scaled(double value) const { return (value - mean) / sd; }
    };

    double count() const { return static_cast<double>(values_.size()); }

    Centre find_centre() const
    {
        double sum = 0;
        for (const double value : values_) {
            sum += value;
        }
        const double mean = sum / count();
        double squares = 0;
        for (const double value : values_) {
            squares += (value - mean) * (value - mean);
        }
        return {mean, std::sqrt(squares / count())};
    }
    template <class Function>
    double average(Function function, const Centre& centre) const
    {
        double sum = 0;
        for (const double value : values_) {
            sum += function(centre.scaled(value));
        }
        return sum / count();
    }
    template <class Influence>
    double error_of(Influence influence, const Centre& centre) const
    {
        const double square =
            average([&](double z) { return influence(z) * influence(z); }, centre);
        return std::sqrt(square / count());
    }

    std::vector<double> values_;
};

/// Holds if the exact value lies within four standard errors of what was found, and these are
/// a small share of it.
inline void expect_exact(const std::string& what, const Estimated& found, double exact,
                         double largest_share)
{
    EXPECT_NEAR(found.value, exact, 4 * found.error) << what;
    EXPECT_LT(4 * found.error, largest_share * std::abs(exact)) << what;
}

/// The exact value from the table of stochastic processes.
///
/// Of the table's rows these have no test among the laws of hazards: `importance_sampling`,
/// since no rate is tilted; `koyck`, since the memory of demand is no hazard (case C9 in
/// tests/market/state_test.cpp is its law); the mean, variance and P(S = 0) of
/// `compound_poisson`, which stand in tests/events/timeline_test.cpp.
/// \throws std::runtime_error if there is no such row.
inline double exact_value(const std::string& process, const std::string& quantity)
{
    static const auto table = read_test_table("stochastic_process_closed_forms.csv");
    for (const CsvRow& row : table) {
        if (row.text("process") == process && row.text("quantity") == quantity) {
            return row.number("closed_form");
        }
    }
    throw std::runtime_error("no closed form of " + process + ", " + quantity);
}

}  // namespace chokepoint::testing
